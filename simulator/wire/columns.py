"""The stored row as columns: numbers, and strings as places in a dictionary of the column's own, filled by one compiled loop.

A string is printed when it comes first; then its key (its number in the intern table and the number in it, or the halves of an id) is known, and the
dictionary has it once. Strings that hardly ever come twice (FRESH) are not looked up: each row has its own.
"""

from collections.abc import Iterable, MutableSequence
from typing import Any, Final, NamedTuple

from simulator.kernel.record import i4, record, u1
from simulator.kernel.rnd import bits
from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.columns import DATASET_COLUMNS
from simulator.schema.words import ABSENT, EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import ALWAYS, NO_NUMBER, NUMBERS, TEXT, Sheet, Span
from simulator.wire.render import render
from simulator.wire.row import CONSTANT, WIDTHS, Part, parts, show_id

NUMBER, WORD, ID, SAME, FRESH = range(5)
"""Forms of a cell. WORD: a string of the intern table; SAME: a constant."""
ENTRIES: Final = 1 << 20
PLACES: Final = ENTRIES << 1
ROWS, USED, PRINTED = range(3)
"""Places of `counts`: rows, entries of all dictionaries, bytes of strings."""


@record
class Cell:
    """Put a slot into a column; a string is printed by `program` when it comes first."""

    column: i4 = 0
    form: u1 = NUMBER
    slot: i4 = 0
    other: i4 = 0
    """The second slot of a string's key."""
    needs: u1 = ALWAYS
    positive: u1 = 0
    program: i4 = 0


class Grid(NamedTuple):
    """How rows become columns: `cells` of the programs, one per edition and kind of event."""

    cells: Any
    programs: Any
    formats: Any
    """Prints strings as they are."""


class Names(NamedTuple):
    """The columns by their number: of numbers, and of strings."""

    numbers: tuple[str, ...]
    strings: tuple[str, ...]
    fresh: frozenset[str]
    widest: int
    """How many strings a row has at most."""


class Columns(NamedTuple):
    """What is filled: arrays when compiled, views of them when interpreted. A value stands where `present` says so.

    Strings of column c lie one after the other in `strings[c]`, ending at `ends[c, 1:]`; `codes[c]` says which is whose.
    """

    counts: Any
    number_present: Any
    numbers: Any
    code_present: Any
    codes: Any
    strings: Any
    ends: Any
    lengths: Any
    """How many strings each column has."""
    latest: Any
    """The entry that each column has used last."""
    places: Any
    """Hash table of the entries: 1 + entry, 0 where there is none."""
    owners: Any
    """Entries: column, the two halves of the key, code."""
    keys: Any
    others: Any
    entry_codes: Any


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> tuple[list[Cell], list[Span], Names]:
    """Lay out the columns of all editions; strings are printed by programs of the sheet."""
    rows = [list(parts(app, edition, kind)) for edition in editions for kind in range(len(EVENT_KINDS))]
    used = [part for row in rows for part in row]
    numbers = {part.column for part in used if part.form in (fields.INT, fields.POSITIVE, fields.MILLI)}
    fresh = frozenset(part.column for part in used if part.form in (fields.EVENT_ID, fields.ENTRY, fields.NAVIGATION))
    present = {part.column for part in used}
    strings = tuple(c for c in DATASET_COLUMNS if c in present - numbers)
    widest = max(sum(part.column in strings for part in row) for row in rows)
    names = Names(tuple(c for c in DATASET_COLUMNS if c in numbers), strings, fresh, widest)
    programs: dict[Part, int] = {}
    cells: list[Cell] = []
    spans = []
    for row in rows:
        spans.append(Span(len(cells), len(row)))
        cells.extend(_cell(sheet, part, names, programs) for part in row)
    return cells, spans, names


def _cell(sheet: Sheet, part: Part, names: Names, programs: dict[Part, int]) -> Cell:
    needs, positive = part.slot if part.optional else ALWAYS, int(part.form == fields.POSITIVE)
    if part.column in names.numbers:
        return Cell(names.numbers.index(part.column), NUMBER, part.slot, 0, needs, positive)
    printed = part._replace(column="", optional=False)
    if printed not in programs:
        programs[printed] = _program(sheet, part)
    form = FRESH if part.column in names.fresh else WORD if part.form == fields.TEXT else ID if part.form in WIDTHS else SAME
    other = NUMBERS.get(part.slot, 0) if form == WORD else part.slot + 1
    return Cell(names.strings.index(part.column), form, part.slot, other, needs, positive, programs[printed])


def _program(sheet: Sheet, part: Part) -> int:
    if part.form == CONSTANT:
        sheet.say(part.text)
    elif part.form == fields.NOTHING:
        sheet.say("{}")
    elif part.form == fields.TEXT:
        sheet.show(TEXT, part.slot)
    elif part.form in WIDTHS:
        show_id(sheet, part)
    else:
        (resource if part.form == fields.ENTRY else navigation)(sheet)
    return sheet.end()


def tell(grid: Grid, program: int, v: MutableSequence[int], memo: MutableSequence[int], c: Columns) -> int:
    """Add a row; give how many bytes of strings were printed for it."""
    printed = c.counts[PRINTED]
    row = c.counts[ROWS]
    c.counts[ROWS] += 1
    span = grid.programs[program]
    for i in range(span.start, span.start + span.length):
        cell = grid.cells[i]
        if cell.needs != ALWAYS and (v[cell.needs] == ABSENT or (cell.positive and v[cell.needs] <= 0)):
            continue
        column = cell.column
        if cell.form == NUMBER:
            c.numbers[column, row] = v[cell.slot]
            c.number_present[column, row] = 1
            continue
        c.code_present[column, row] = 1
        if cell.form == FRESH:
            c.codes[column, row] = add(grid, cell, v, memo, c)
        elif cell.form == WORD:
            word = v[cell.slot]
            number = NO_NUMBER if grid.formats.texts[word].rest == NO_NUMBER else v[cell.other]
            c.codes[column, row] = find(grid, cell, v, memo, c, word, number)
        elif cell.form == ID:
            c.codes[column, row] = find(grid, cell, v, memo, c, v[cell.slot], v[cell.other])
        else:
            c.codes[column, row] = find(grid, cell, v, memo, c, -1 - cell.program, 0)
    return c.counts[PRINTED] - printed  # type: ignore[no-any-return]


def find(grid: Grid, cell: Cell, v: MutableSequence[int], memo: MutableSequence[int], c: Columns, key: int, other: int) -> int:
    """Give the code of a string, adding it to the column's dictionary if it is new."""
    column = cell.column
    entry = c.latest[column]
    if entry >= 0 and c.keys[entry] == key and c.others[entry] == other:
        return c.entry_codes[entry]  # type: ignore[no-any-return]
    place = bits(key ^ (column << 56), other) & (PLACES - 1)
    while c.places[place]:
        entry = c.places[place] - 1
        if c.keys[entry] == key and c.others[entry] == other and c.owners[entry] == column:
            c.latest[column] = entry
            return c.entry_codes[entry]  # type: ignore[no-any-return]
        place = (place + 1) & (PLACES - 1)
    entry = c.counts[USED]
    c.counts[USED] = entry + 1
    c.places[place] = entry + 1
    c.owners[entry], c.keys[entry], c.others[entry] = column, key, other
    c.latest[column] = entry
    code = add(grid, cell, v, memo, c)
    c.entry_codes[entry] = code
    return code


def add(grid: Grid, cell: Cell, v: MutableSequence[int], memo: MutableSequence[int], c: Columns) -> int:
    """Print a string behind the others of its column; give its code."""
    column = cell.column
    code: int = c.lengths[column]
    begins = c.ends[column, code]
    ends = render(grid.formats, cell.program, v, memo, c.strings[column], begins)
    c.ends[column, code + 1] = ends
    c.counts[PRINTED] += ends - begins
    c.lengths[column] = code + 1
    return code
