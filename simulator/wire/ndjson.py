"""The stored row as a line of JSON: the envelope flattened beside the event's fields, in the order of schema/columns.py."""

import json
from collections.abc import Callable, Iterable, Mapping

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot
from simulator.schema.columns import ALIASES, COLUMNS, ENVELOPE
from simulator.schema.words import EVENT_KINDS
from simulator.wire.fields import BARE, on_wire, order
from simulator.wire.layout import ALWAYS, HEX, TEXT, UID, UUID, Sheet
from simulator.wire.members import member

HEADS = len(EVENT_KINDS)
DEVICE = 2 * HEADS
PROGRAMS = DEVICE + 1
"""Programs per edition: for each kind of event what stands before the device's columns, for each what stands after them, and those columns."""
DEVICE_COLUMNS = frozenset(column for column in ENVELOPE if not column.startswith(("session.", "view.")))
"""The same in all rows of a batch, and next to one another."""


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions."""
    first = min(COLUMNS.index(column) for column in DEVICE_COLUMNS)
    last = first + len(DEVICE_COLUMNS)
    for edition in editions:
        for columns in (COLUMNS[:first], COLUMNS[last:]):
            for kind in range(len(EVENT_KINDS)):
                _print(sheet, app, edition, columns, kind)
                if columns[-1] == COLUMNS[-1]:
                    sheet.flush()
                    sheet.say("}\n")
                sheet.end()
        _print(sheet, app, edition, COLUMNS[first:last])
        sheet.end()


def _print(sheet: Sheet, app: App, edition: Edition, columns: Iterable[str], kind: int = 0) -> None:
    envelope, constants = _envelope(sheet, edition), _constants(app, edition)
    names = {ALIASES.get(on_wire(name), on_wire(name)): name for name in order(edition.wire, kind) if name != "view"}
    for column in columns:
        if column in envelope:
            envelope[column](f',"{column}":')
        elif column in constants:
            sheet.say(f',"{column}":' + json.dumps(constants[column], ensure_ascii=False))
        elif column in names:
            sheet.say("{" if column == COLUMNS[0] else "")
            member(sheet, names[column], kind, comma=column != COLUMNS[0], shown=column)


def _constants(app: App, edition: Edition) -> Mapping[str, str]:
    return {"app.id": app.id, "app.env": app.env, "app.version": app.version, "app.type": edition.app_type, "_v": edition.sdk_version}


def _envelope(sheet: Sheet, edition: Edition) -> Mapping[str, Callable[[str], None]]:
    """Say for each column of the envelope how it is printed after its name."""

    def quoted(form: int, number: int, prefix: str = "") -> Callable[[str], None]:
        def add(head: str) -> None:
            sheet.say(head + '"' + prefix)
            sheet.show(form, number)
            sheet.say('"')

        return add

    def text(number: int, needs: int = ALWAYS) -> Callable[[str], None]:
        def add(head: str) -> None:
            sheet.flush()
            sheet.say(head)
            sheet.show(TEXT, number, needs=needs)

        return add

    def session(head: str) -> None:
        sheet.say(head + '"')
        sheet.show_session(edition.session_form)
        sheet.say('"')

    columns = {
        "session.id": session,
        "view.id": quoted(HEX, slot.VIEW),
        "view.name": text(slot.VIEW_NAME),
        "user.id": quoted(UID, slot.USER, "uid_"),
        "user.name": text(slot.USER_NAME, slot.USER_NAME),
        "device.id": quoted(UUID, slot.DEVICE),
        "device.model": text(slot.MODEL),
        "os.name": text(slot.OS_NAME),
        "os.version": text(slot.OS_VERSION),
        "geo.country": text(slot.COUNTRY),
        "net.model": text(slot.NETWORK),
    }
    if edition.wire in BARE:
        return {name: how for name, how in columns.items() if name.partition(".")[0] not in ("device", "os", "geo")}
    return columns
