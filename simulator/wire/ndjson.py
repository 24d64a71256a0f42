"""The stored row as a line of JSON: the envelope flattened beside the event's fields, in the order of schema/columns.py."""

import json
from collections.abc import Callable, Mapping, Sequence

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot
from simulator.schema.columns import ALIASES, COLUMNS
from simulator.schema.words import EVENT_KINDS, PLATFORMS
from simulator.wire.fields import order
from simulator.wire.layout import ALWAYS, HEX, TEXT, UID, UUID, Sheet

PROGRAMS = len(EVENT_KINDS)
"""Programs per platform."""


def lay_out(sheet: Sheet, app: App, editions: Sequence[Edition | None]) -> None:
    """Add the programs of all platforms; those of a platform that is not visited stay empty."""
    envelope = _envelope(sheet)
    for platform in range(len(PLATFORMS)):
        edition = editions[platform]
        constants = _constants(app, edition) if edition else {}
        for kind in range(len(EVENT_KINDS)):
            names = {ALIASES.get(name, name): name for name in order(platform, kind) if name != "view"}
            for i, column in enumerate(COLUMNS):
                if column in names:
                    sheet.say("{" if i == 0 else "")
                    sheet.member(names[column], kind, comma=i > 0, shown=column)
                elif column in envelope:
                    envelope[column](f',"{column}":')
                elif column in constants:
                    sheet.say(f',"{column}":' + json.dumps(constants[column], ensure_ascii=False))
            sheet.flush()
            sheet.say("}\n")
            sheet.end()


def _constants(app: App, edition: Edition) -> Mapping[str, str]:
    return {"app.id": app.id, "app.env": app.env, "app.version": app.version, "app.type": edition.app_type, "_v": edition.sdk_version}


def _envelope(sheet: Sheet) -> Mapping[str, Callable[[str], None]]:
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

    return {
        "session.id": quoted(HEX, slot.SESSION),
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
