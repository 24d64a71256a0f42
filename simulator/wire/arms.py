"""ARMS RUM JSON: one object per request, `app user session net view events [device os geo] [properties] _v` (FACTS 4, keys and order as captured)."""

import json
from collections.abc import Iterable

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot
from simulator.schema.words import EVENT_KINDS
from simulator.wire.application import application
from simulator.wire.fields import BARE, order
from simulator.wire.layout import HEX, TEXT, UID, UUID, Sheet
from simulator.wire.members import member

HEAD, TAIL = len(EVENT_KINDS), len(EVENT_KINDS) + 1
PROGRAMS = TAIL + 1
"""Programs per edition: one for each event kind, then what stands before and after the events."""
EVENTS_OPEN, EVENTS_CLOSE = '"events":[', "],"
"""What stands around the events; the rest of a payload is its envelope."""
_BEGIN = '{"app":{'


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions."""
    for edition in editions:
        for kind in range(len(EVENT_KINDS)):
            for i, name in enumerate(order(edition.wire, kind)):
                sheet.say("{" if i == 0 else "")
                member(sheet, name, kind, comma=i > 0)
            sheet.flush()
            sheet.say("}")
            sheet.end()
        _head(sheet, app, edition)
        _tail(sheet, app, edition)


def _head(sheet: Sheet, app: App, edition: Edition) -> None:
    for i, (name, value) in enumerate(application(app, edition).items()):
        sheet.say(f'{"," if i else _BEGIN}"{name}":')
        if isinstance(value, int):
            sheet.show(TEXT, value)
        else:
            sheet.say(json.dumps(value, ensure_ascii=False))
    sheet.say('},"user":{"id":"uid_')
    sheet.show(UID, slot.USER)
    sheet.say('"')
    sheet.flush()
    sheet.say(',"name":')
    sheet.show(TEXT, slot.USER_NAME, needs=slot.USER_NAME)
    sheet.say('},"session":{"id":"')
    sheet.show_session(edition.session_form)
    sheet.say('"},"net":{"model":')
    sheet.show(TEXT, slot.NETWORK)
    sheet.say('},"view":{"id":"')
    sheet.show(HEX, slot.VIEW)
    sheet.say('","name":')
    sheet.show(TEXT, slot.VIEW_NAME)
    sheet.say('},"events":[')
    sheet.end()


def _tail(sheet: Sheet, app: App, edition: Edition) -> None:
    sheet.say("]")
    if edition.wire not in BARE:
        sheet.say(',"device":{"id":"')
        sheet.show(UUID, slot.DEVICE)
        sheet.say('","model":')
        sheet.show(TEXT, slot.MODEL)
        sheet.say('},"os":{"name":')
        sheet.show(TEXT, slot.OS_NAME)
        sheet.say(',"version":')
        sheet.show(TEXT, slot.OS_VERSION)
        sheet.say('},"geo":{"country":')
        sheet.show(TEXT, slot.COUNTRY)
        sheet.say("}")
    if app.arms:
        sheet.say(',"properties":{"arm":')
        sheet.show(TEXT, slot.ARM)
        sheet.say("}")
    sheet.say(',"_v":' + json.dumps(edition.sdk_version) + "}")
    sheet.end()
