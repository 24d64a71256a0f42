"""A field of an event, as a member of a JSON object: its name, then operations for its form."""

import json
from typing import Final

from simulator.schema import values as slot
from simulator.schema.words import EVENT_TYPES, TYPE_OF
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import CONSTANT, HEX, INT, MILLI, SHORT_HEX, TEXT, Sheet

_FORMS: Final = {fields.INT: INT, fields.POSITIVE: INT, fields.TEXT: TEXT, fields.MILLI: MILLI}


def member(sheet: Sheet, name: str, kind: int, *, comma: bool = True) -> None:
    """Print a field of an event under its name."""
    number, form = fields.FIELDS[name]
    head = ("," if comma else "") + json.dumps(fields.on_wire(name)) + ":"
    if form == fields.KIND:
        sheet.say(head + json.dumps((*EVENT_TYPES, "application")[TYPE_OF[kind]]))  # FACTS 9
    elif form == fields.NOTHING:
        sheet.say(head + "{}")
    elif form == fields.EMPTY_LIST:
        sheet.say(head + '"[]"')
    elif form == fields.HEX:
        sheet.say(head + '"')
        sheet.show(HEX, number)
        sheet.say('"')
    elif form == fields.ENTRY:
        sheet.flush()
        sheet.say(head + '"')
        resource(sheet)
        sheet.say('"')
    elif form == fields.NAVIGATION:
        sheet.flush()
        sheet.say(head + '"')
        navigation(sheet)
        sheet.say('"')
    elif form == fields.EVENT_ID:
        sheet.say(head + '"00-')
        sheet.show(HEX, slot.SESSION)
        sheet.say("-")
        sheet.show(SHORT_HEX, slot.EVENT_ID)
        sheet.say('"')
    elif form == fields.OWN_VIEW:
        sheet.flush()
        sheet.say(head + '{"id":"')
        sheet.show(HEX, slot.OWN_VIEW, needs=number)
        sheet.say('","name":')
        sheet.show(TEXT, slot.OWN_VIEW_NAME, needs=number)
        sheet.say("}")
        sheet.show(CONSTANT, 0, needs=number)
    else:
        sheet.flush()
        sheet.say(head)
        sheet.show(_FORMS[form], number, needs=number, positive=form == fields.POSITIVE)
