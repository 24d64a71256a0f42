"""The stored row as a line of JSON: the envelope flattened beside the event's fields, in the order of schema/columns.py."""

import json
from collections.abc import Callable, Iterable, Mapping

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot
from simulator.schema.columns import ALIASES, COLUMNS
from simulator.schema.words import EVENT_KINDS
from simulator.wire.application import application
from simulator.wire.fields import BARE, on_wire, order
from simulator.wire.layout import ALWAYS, HEX, TEXT, UID, UUID, Sheet
from simulator.wire.members import member

PROGRAMS = len(EVENT_KINDS)
"""Programs per edition."""


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions."""
    for edition in editions:
        envelope = _envelope(sheet, app, edition)
        constants = _constants(app, edition)
        for kind in range(len(EVENT_KINDS)):
            names = {ALIASES.get(on_wire(name), on_wire(name)): name for name in order(edition.wire, kind) if name != "view"}
            for i, column in enumerate(COLUMNS):
                if column in names:
                    sheet.say("{" if i == 0 else "")
                    member(sheet, names[column], kind, comma=i > 0, shown=column)
                elif column in envelope:
                    envelope[column](f',"{column}":')
                elif column in constants:
                    sheet.say(f',"{column}":' + json.dumps(constants[column], ensure_ascii=False))
            sheet.flush()
            sheet.say("}\n")
            sheet.end()


def _constants(app: App, edition: Edition) -> Mapping[str, str]:
    same = {f"app.{name}": value for name, value in application(app, edition).items() if isinstance(value, str)}
    return {**same, "_v": edition.sdk_version}


def _envelope(sheet: Sheet, app: App, edition: Edition) -> Mapping[str, Callable[[str], None]]:
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
    columns |= {f"app.{name}": text(value) for name, value in application(app, edition).items() if isinstance(value, int)}
    if app.arms:
        columns["properties.arm"] = text(slot.ARM)
    if edition.wire in BARE:
        return {name: how for name, how in columns.items() if name.partition(".")[0] not in ("device", "os", "geo")}
    return columns
