"""The stored row as a line of JSON."""

import json
from collections.abc import Iterable
from typing import Final

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.columns import DATASET_COLUMNS
from simulator.schema.words import EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import INT, MILLI, TEXT, Sheet
from simulator.wire.row import CONSTANT, WIDTHS, Part, blocks, parts, show_id

FIRST: Final = DATASET_COLUMNS[0]
PROGRAMS: Final = len(EVENT_KINDS)
"""Per edition: one for each kind of event."""
_FORMS: Final = {fields.INT: INT, fields.POSITIVE: INT, fields.TEXT: TEXT, fields.MILLI: MILLI}


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions."""
    for edition in editions:
        for kind in range(len(EVENT_KINDS)):
            for part in blocks(sheet, parts(app, edition, kind)):
                _member(sheet, part, ("{" if part.column == FIRST else ",") + json.dumps(part.column) + ":")
            sheet.say("}\n")
            sheet.end()


def _member(sheet: Sheet, part: Part, head: str) -> None:
    if part.optional:
        sheet.flush()
        sheet.say(head)
        sheet.show(_FORMS[part.form], part.slot, needs=part.slot, positive=part.form == fields.POSITIVE)
    elif part.form == CONSTANT:
        sheet.say(head + json.dumps(part.text, ensure_ascii=False))
    elif part.form == fields.NOTHING:
        sheet.say(head + "{}")
    elif part.form in _FORMS:
        sheet.say(head)
        sheet.show(_FORMS[part.form], part.slot)
    else:
        sheet.say(head + '"')
        if part.form in WIDTHS:
            show_id(sheet, part)
        else:
            (resource if part.form == fields.ENTRY else navigation)(sheet)
        sheet.say('"')
