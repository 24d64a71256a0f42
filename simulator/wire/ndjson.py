"""The stored row as a line of JSON."""

import json
from collections.abc import Iterable
from typing import Final

from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.columns import DATASET_COLUMNS as COLUMNS
from simulator.schema.columns import ENVELOPE
from simulator.schema.words import EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import INT, MILLI, TEXT, Sheet
from simulator.wire.row import CONSTANT, WIDTHS, Part, parts, show_id

HEADS: Final = len(EVENT_KINDS)
DEVICE: Final = 2 * HEADS
PROGRAMS: Final = DEVICE + 1
"""Programs per edition: for each kind of event what stands before the device's columns, for each what stands after them, and those columns."""
DEVICE_COLUMNS: Final = [column for column in ENVELOPE if not column.startswith(("session.", "view."))]
"""The same in all rows of a batch, and next to one another."""
_FIRST, _LAST = COLUMNS.index(DEVICE_COLUMNS[0]), COLUMNS.index(DEVICE_COLUMNS[-1])
_FORMS: Final = {fields.INT: INT, fields.POSITIVE: INT, fields.TEXT: TEXT, fields.MILLI: MILLI}


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions."""
    for edition in editions:
        rows = [list(parts(app, edition, kind)) for kind in range(len(EVENT_KINDS))]
        for row in rows:
            _print(sheet, row, COLUMNS[:_FIRST])
        for row in rows:
            _print(sheet, row, COLUMNS[_LAST + 1 :], "}\n")
        _print(sheet, rows[0], DEVICE_COLUMNS)


def _print(sheet: Sheet, row: Iterable[Part], columns: Iterable[str], end: str = "") -> None:
    """Print those parts of a row that stand in some of the columns."""
    for part in row:
        if part.column in columns:
            _member(sheet, part, ("{" if part.column == COLUMNS[0] else ",") + json.dumps(part.column) + ":")
    sheet.say(end)
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
