"""The stored row as columns: numbers, and strings as places in a dictionary of the column's own, filled by one compiled loop.

A column has the values of the rows that have one, and a bit for each row. Columns of a block (wire/row.py) have a value for each run of rows that
have the block in common. A string is printed when it comes first; then its key (its number in the intern table and the number in it, or the halves of
an id) is known, and the dictionary has it once. Strings that hardly ever come twice (FRESH) are not looked up: each row has its own. Of an event's id
only the numbers are kept of which it is made: the session's, which the rows of a page view share, and its own.
"""

from collections.abc import Iterable, MutableSequence
from typing import Any, Final, NamedTuple

from simulator.kernel.record import i4, record, u1, u2, u4
from simulator.kernel.rnd import bits
from simulator.kernel.twin import inlined
from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.columns import DATASET_COLUMNS
from simulator.schema.values import SESSION, SESSION_LOW
from simulator.schema.words import ABSENT, EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import ALWAYS, BEGINS, BLOCK, NO_NUMBER, NUMBERS, PAGE_BLOCK, TEXT, Sheet, Span
from simulator.wire.render import render_rarely
from simulator.wire.row import CONSTANT, WIDTHS, Part, block_of, parts, show_id

NUMBER, WORD, ID, SAME, FRESH, EVENT, SHARE = range(7)
"""Forms of a cell. WORD: a string of the intern table; SAME: a constant; SHARE: a block begins."""
NO_BLOCK: Final = 255
NONE: Final = -1
"""The code of a run without a value."""
ENTRIES: Final = 1 << 19
CHAINS: Final = 1 << 16
ROWS, USED, PRINTED, RUNS = range(4)
"""Places of `counts`: rows, entries of all dictionaries, bytes of strings, and from RUNS on the runs of each block."""
COUNTS: Final = RUNS + 2
KEY, OTHER, COLUMN, CODE, NEXT = range(5)
"""Places of an entry: the halves of its key, its column, its code, and the one before it in its chain."""
ENTRY: Final = 5


@record
class Cell:
    """Put a slot into a column; a string is printed by `program` when it comes first."""

    column: u2 = 0
    """Of SHARE the block's first"""
    ends: u2 = 0
    """and the one behind its last."""
    form: u1 = NUMBER
    slot: u1 = 0
    """Of SHARE the block."""
    other: u1 = 0
    """The second slot of a string's key; of SHARE, how many cells its block has."""
    needs: u1 = ALWAYS
    positive: u1 = 0
    block: u1 = NO_BLOCK
    program: u4 = 0
    word: i4 = 0
    """Of SAME: a number that no string of the intern table has."""


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
    ids: frozenset[str]
    """Those of ids, of which no two are alike."""
    widest: int
    """How many entries a row makes at most."""
    words: int
    """How many strings are known by a number, constants included."""


class Columns(NamedTuple):
    """What is filled: arrays when compiled, views of them when interpreted. Bit `row & 7` of byte `row >> 3` tells that a row has a value.

    Strings of column c lie one after the other in `strings[c]`, ending at `ends[c, 1:]`; `codes[c]` says which is whose.
    """

    counts: Any
    number_present: Any
    numbers: Any
    numbers_told: Any
    """How many values each column has."""
    code_present: Any
    codes: Any
    codes_told: Any
    starts: Any
    """The row with which each run of a block begins."""
    sessions: Any
    """The halves of the session's id, for each run of a page view."""
    events: Any
    """The event's own id, for each row."""
    strings: Any
    ends: Any
    lengths: Any
    """How many strings each column has."""
    known: Any
    """1 + code of each string that is known by a number, 0 where it has none yet."""
    latest: Any
    """The entry that each column has used last; 0: none."""
    chains: Any
    """Hash table of the entries: the latest of those with a hash, which leads to the one before it; counted from 1, 0: none."""
    entries: Any


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> tuple[list[Cell], list[Span], Names]:
    """Lay out the columns of all editions; strings are printed by programs of the sheet."""
    rows = [list(parts(app, edition, kind)) for edition in editions for kind in range(len(EVENT_KINDS))]
    used = [part for row in rows for part in row]
    numbers = {part.column for part in used if part.form in (fields.INT, fields.POSITIVE, fields.MILLI)}
    fresh = frozenset(part.column for part in used if part.form in (fields.ENTRY, fields.NAVIGATION))
    present = {part.column for part in used}
    strings = tuple(c for c in DATASET_COLUMNS if c in present - numbers)
    widest = max(sum(part.form in WIDTHS or part.slot in NUMBERS for part in row) for row in rows)
    ids = frozenset(part.column for part in used if part.form in WIDTHS)
    names = Names(tuple(c for c in DATASET_COLUMNS if c in numbers), strings, fresh, ids, widest, 0)
    programs: dict[Part, int] = {}
    cells: list[Cell] = []
    spans = []
    for row in rows:
        begins = len(cells)
        for i, part in enumerate(row):
            block = block_of(part.column)
            if block is not None and (i == 0 or block_of(row[i - 1].column) != block):
                cells.append(_share(names, block, sum(block_of(other.column) == block for other in row)))
            cells.append(_cell(sheet, part, names, programs))
        spans.append(Span(begins, len(cells) - begins))
    return cells, spans, names._replace(words=sheet.words + max(programs.values()) + 1)


def block_columns(names: Names, block: int) -> range:
    """Give the columns of strings that stand in a block; they are next to one another."""
    found = [i for i, name in enumerate(names.strings) if block_of(name) == block]
    return range(found[0], found[-1] + 1)


def _share(names: Names, block: int, cells: int) -> Cell:
    columns = block_columns(names, block)
    return Cell(columns.start, columns.stop, SHARE, block, cells)


def _cell(sheet: Sheet, part: Part, names: Names, programs: dict[Part, int]) -> Cell:
    needs, positive = part.slot if part.optional else ALWAYS, int(part.form == fields.POSITIVE)
    if part.column in names.numbers:
        return Cell(names.numbers.index(part.column), 0, NUMBER, part.slot, 0, needs, positive)
    if part.form == fields.EVENT_ID:
        return Cell(names.strings.index(part.column), 0, EVENT, part.slot)
    printed = part._replace(column="", optional=False)
    if printed not in programs:
        programs[printed] = _program(sheet, part)
    form = FRESH if part.column in names.fresh else WORD if part.form == fields.TEXT else ID if part.form in WIDTHS else SAME
    other = NUMBERS.get(part.slot, 0) if form == WORD else part.slot + 1
    block = block_of(part.column)
    return Cell(
        column=names.strings.index(part.column),
        form=form,
        slot=part.slot,
        other=other,
        needs=needs,
        positive=positive,
        block=NO_BLOCK if block is None else block,
        program=programs[printed],
        word=sheet.words + programs[printed],
    )


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


@inlined
def tell(grid: Grid, program: int, v: MutableSequence[int], memo: MutableSequence[int], c: Columns) -> int:
    """Add a row; give how many bytes of strings were printed for it. A block that `memo` has goes on."""
    printed = c.counts[PRINTED]
    row = c.counts[ROWS]
    c.counts[ROWS] = row + 1
    span = grid.programs[program]
    i: int = span.start
    ends = span.start + span.length
    while i < ends:
        cell = grid.cells[i]
        i += 1
        column = cell.column
        if cell.form == SHARE:
            if memo[BLOCK * cell.slot + BEGINS] >= 0:
                i += cell.other
            else:
                memo[BLOCK * cell.slot + BEGINS] = 0
                run = c.counts[RUNS + cell.slot]
                c.counts[RUNS + cell.slot] = run + 1
                c.starts[cell.slot, run] = row
                for k in range(column, cell.ends):
                    c.codes[k, run] = NONE
                if cell.slot == PAGE_BLOCK:
                    c.sessions[run, 0], c.sessions[run, 1] = v[SESSION], v[SESSION_LOW]
            continue
        if cell.needs != ALWAYS and (v[cell.needs] == ABSENT or (cell.positive and v[cell.needs] <= 0)):
            continue
        if cell.form == NUMBER:
            n = c.numbers_told[column]
            c.numbers[column, n] = v[cell.slot]
            c.numbers_told[column] = n + 1
            c.number_present[column, row >> 3] |= 1 << (row & 7)
            continue
        if cell.form == EVENT:
            c.events[row] = v[cell.slot]
            continue
        if cell.form == FRESH:
            code = add(grid, cell, v, memo, c)
        elif (cell.form == WORD and grid.formats.texts[v[cell.slot]].rest != NO_NUMBER) or cell.form == ID:
            code = find(grid, cell, v, memo, c, v[cell.slot], v[cell.other])
        else:
            word = v[cell.slot] if cell.form == WORD else cell.word
            code = c.known[column, word] - 1
            if code < 0:
                code = add(grid, cell, v, memo, c)
                c.known[column, word] = code + 1
        if cell.block == NO_BLOCK:
            n = c.codes_told[column]
            c.codes[column, n] = code
            c.codes_told[column] = n + 1
            c.code_present[column, row >> 3] |= 1 << (row & 7)
        else:
            c.codes[column, c.counts[RUNS + cell.block] - 1] = code
    return c.counts[PRINTED] - printed  # type: ignore[no-any-return]


@inlined
def find(grid: Grid, cell: Cell, v: MutableSequence[int], memo: MutableSequence[int], c: Columns, key: int, other: int) -> int:
    """Give the code of a string, adding it to the column's dictionary if it is new."""
    column = cell.column
    at = c.latest[column]
    if at and c.entries[at, KEY] == key and c.entries[at, OTHER] == other:
        return c.entries[at, CODE]  # type: ignore[no-any-return]
    chain = bits(key ^ (column << 56), other) & (CHAINS - 1)
    at = c.chains[chain]
    while at:
        if c.entries[at, KEY] == key and c.entries[at, OTHER] == other and c.entries[at, COLUMN] == column:
            c.latest[column] = at
            return c.entries[at, CODE]  # type: ignore[no-any-return]
        at = c.entries[at, NEXT]
    at = c.counts[USED] + 1
    c.counts[USED] = at
    c.entries[at, COLUMN], c.entries[at, KEY], c.entries[at, OTHER], c.entries[at, NEXT] = column, key, other, c.chains[chain]
    c.chains[chain] = at
    c.latest[column] = at
    code = add(grid, cell, v, memo, c)
    c.entries[at, CODE] = code
    return code


def add(grid: Grid, cell: Cell, v: MutableSequence[int], memo: MutableSequence[int], c: Columns) -> int:
    """Print a string behind the others of its column; give its code."""
    column = cell.column
    code: int = c.lengths[column]
    begins = c.ends[column, code]
    ends = render_rarely(grid.formats, cell.program, v, memo, c.strings[column], begins)
    c.ends[column, code + 1] = ends
    c.counts[PRINTED] += ends - begins
    c.lengths[column] = code + 1
    return code
