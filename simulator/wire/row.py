"""The stored row, whatever prints it: which columns an event has, in the order of schema/columns.py, and what stands in them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema import values as slot
from simulator.schema.columns import ALIASES, ARRIVED, DATASET_COLUMNS, ENVELOPE
from simulator.schema.words import EVENT_TYPES, TYPE_OF
from simulator.wire import fields
from simulator.wire.application import application
from simulator.wire.layout import DEVICE_BLOCK, HEX, PAGE_BLOCK, SESSION_BLOCK, SHORT_HEX, UID, UUID, Sheet

CONSTANT, DEVICE, USER, SESSION, FLAGGED = "constant", "device", "user", "session", "flagged"
"""Forms of the envelope; the others are those of fields.py."""
WIDTHS: Final = {fields.HEX: 32, SESSION: 32, DEVICE: 36, FLAGGED: 39, USER: 20, fields.EVENT_ID: 52}
"""Characters of the ids."""


class Part(NamedTuple):
    """A column of a row. `text`: of a constant; `optional`: left out where the slot is absent."""

    column: str
    form: str
    slot: int = 0
    text: str = ""
    optional: bool = False


def parts(app: App, edition: Edition, kind: int) -> Iterator[Part]:
    """List the columns of an event of an edition."""
    names = {ALIASES.get(fields.on_wire(name), fields.on_wire(name)): name for name in fields.order(edition.wire, kind) if name != "view"}
    envelope = _envelope(app, edition)
    for column in DATASET_COLUMNS:
        if column == ARRIVED:
            yield Part(column, fields.INT, slot.ARRIVED)
        elif column in names:
            number, form = fields.FIELDS[names[column]]
            if form == fields.KIND:
                yield Part(column, CONSTANT, text=(*EVENT_TYPES, "application")[TYPE_OF[kind]])  # FACTS 9
            elif form == fields.EMPTY_LIST:
                yield Part(column, CONSTANT, text="[]")
            else:
                yield Part(column, form, number, optional=form in (fields.INT, fields.POSITIVE, fields.TEXT, fields.MILLI))
        elif column in envelope:
            yield envelope[column]


def block_of(column: str) -> int | None:
    """Give the block of rows that have a column in common: those of a page view or those of a device."""
    if column not in ENVELOPE:
        return None
    return PAGE_BLOCK if column.startswith(("session.", "view.")) else DEVICE_BLOCK


def blocks(sheet: Sheet, row: Iterable[Part]) -> Iterator[Part]:
    """Give the parts of a row, to be printed; what stands in a block is enclosed in its operations."""
    block = None
    for part in row:
        if block_of(part.column) != block:
            if block is not None:
                sheet.shared(block)
            block = block_of(part.column)
            if block is not None:
                sheet.share(block)
        yield part
    if block is not None:
        sheet.shared(block)


def show_id(sheet: Sheet, part: Part) -> None:
    """Print an id."""
    if part.form == fields.EVENT_ID:
        sheet.share(SESSION_BLOCK)
        sheet.say("00-")
        sheet.show(HEX, slot.SESSION)
        sheet.say("-")
        sheet.shared(SESSION_BLOCK)
        sheet.show(SHORT_HEX, slot.EVENT_ID)
    elif part.form == USER:
        sheet.say("uid_")
        sheet.show(UID, part.slot)
    elif part.form == DEVICE:
        sheet.show(UUID, part.slot)
    elif part.form in (SESSION, FLAGGED):
        sheet.show_session(part.form)
    else:
        sheet.show(HEX, part.slot)


def _envelope(app: App, edition: Edition) -> Mapping[str, Part]:
    found = [
        Part("session.id", FLAGGED if edition.session_form == FLAGGED else SESSION, slot.SESSION),
        Part("view.id", fields.HEX, slot.VIEW),
        Part("view.name", fields.TEXT, slot.VIEW_NAME),
        Part("user.id", USER, slot.USER),
        Part("user.name", fields.TEXT, slot.USER_NAME, optional=True),
        Part("device.id", DEVICE, slot.DEVICE),
        Part("device.model", fields.TEXT, slot.MODEL),
        Part("os.name", fields.TEXT, slot.OS_NAME),
        Part("os.version", fields.TEXT, slot.OS_VERSION),
        Part("geo.country", fields.TEXT, slot.COUNTRY),
        Part("net.model", fields.TEXT, slot.NETWORK),
        Part("_v", CONSTANT, text=edition.sdk_version),
    ]
    for name, value in application(app, edition).items():
        found.append(Part(f"app.{name}", fields.TEXT, value) if isinstance(value, int) else Part(f"app.{name}", CONSTANT, text=value))
    if app.arms:
        found.append(Part("properties.arm", fields.TEXT, slot.ARM))
    bare = ("device", "os", "geo") if edition.wire in fields.BARE else ()
    return {part.column: part for part in found if part.column.partition(".")[0] not in bare}
