"""The stored row as columns: numbers, and strings as places in a dictionary of the column's own, filled by one compiled loop.

A column has the values of the rows that have one, and a bit for each row. Columns of a block (wire/row.py) have a value for each run of rows that
have the block in common. A string is printed when it comes first; then its key (its number in the intern table and the number in it, or the halves of
an id) is known, and the dictionary has it once. Strings that hardly ever come twice (FRESH) are not looked up: each row has its own. Of an event's id
only the numbers are kept of which it is made: the session's, which the rows of a page view share, and its own.
"""

from collections.abc import Iterable, Iterator, MutableSequence
from typing import Any, Final, NamedTuple

from simulator.kernel.record import i4, i8, record, u1, u2, u4
from simulator.kernel.rnd import bits
from simulator.kernel.twin import inlined
from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.columns import DATASET_COLUMNS
from simulator.schema.values import EVENT_ID, SESSION, SESSION_LOW
from simulator.schema.words import ABSENT, EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import BEGINS, BLOCK, DEVICE_BLOCK, NO_NUMBER, NUMBERS, PAGE_BLOCK, TEXT, Sheet
from simulator.wire.render import render_rarely
from simulator.wire.row import CONSTANT, WIDTHS, Part, block_of, parts, show_id

NUMBER, WORD, ID, SAME, FRESH, LACKING = range(6)
"""Forms of a cell. WORD: a string of the intern table; SAME: a constant; LACKING: a column of a block that the edition has not."""
LACKS: Final = "lacks"
"""The form of a part that a row lacks."""
NONE: Final = -1
"""The code of a run without a value."""
ENTRIES: Final = 1 << 19
CHAINS: Final = 1 << 16
ROWS, USED, PRINTED, RUNS = range(4)
"""Places of `counts`: rows, entries of all dictionaries, bytes of strings, and from RUNS on the runs of each block."""
BLOCKS: Final = 2
COUNTS: Final = RUNS + BLOCKS
KEY, OTHER, COLUMN, CODE, NEXT = range(5)
"""Places of an entry: the halves of its key, its column, its code, and the one before it in its chain."""
ENTRY: Final = 5


@record
class Cell:
    """Put a slot into a column; a string is printed by `program` when it comes first."""

    column: u2 = 0
    form: u1 = NUMBER
    slot: u1 = 0
    other: u1 = 0
    """The second slot of a string's key."""
    program: u4 = 0
    word: i4 = 0
    """Of SAME: a number that no string of the intern table has."""
    least: i8 = ABSENT
    """Of NUMBER: a value below it is none."""


@record
class Plan:
    """Where the cells of a kind of event begin: numbers, then strings, then those of the page view's block and of the device's."""

    numbers: i4 = 0
    strings: i4 = 0
    pages: i4 = 0
    devices: i4 = 0
    ends: i4 = 0


class Grid(NamedTuple):
    """How rows become columns: `cells` of the plans, one per edition and kind of event."""

    cells: Any
    plans: Any
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


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> tuple[list[Cell], list[Plan], Names]:
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
    plans = []
    for row in rows:
        bounds = [len(cells)]
        for some in _groups(names, row):
            cells.extend(_cell(sheet, part, names, programs) for part in some)
            bounds.append(len(cells))
        plans.append(Plan(*bounds))
    return cells, plans, names._replace(words=sheet.words + max(programs.values()) + 1)


def _groups(names: Names, row: list[Part]) -> Iterator[list[Part]]:
    """Give the parts of a row as a plan has them; the event's id, which each row has, is in none of them."""
    yield [part for part in row if part.column in names.numbers]
    yield [part for part in row if part.column in names.strings and block_of(part.column) is None and part.form != fields.EVENT_ID]
    there = {part.column: part for part in row}
    for block in (PAGE_BLOCK, DEVICE_BLOCK):
        yield [there.get(column, Part(column, LACKS)) for column in names.strings if block_of(column) == block]


def _cell(sheet: Sheet, part: Part, names: Names, programs: dict[Part, int]) -> Cell:
    if part.column in names.numbers:
        least = 1 if part.form == fields.POSITIVE else ABSENT + 1 if part.optional else ABSENT
        return Cell(names.numbers.index(part.column), NUMBER, part.slot, least=least)
    column = names.strings.index(part.column)
    if part.form == LACKS:
        return Cell(column, LACKING)
    printed = part._replace(column="", optional=False)
    if printed not in programs:
        programs[printed] = _program(sheet, part)
    form = FRESH if part.column in names.fresh else WORD if part.form == fields.TEXT else ID if part.form in WIDTHS else SAME
    other = NUMBERS.get(part.slot, 0) if form == WORD else part.slot + 1
    return Cell(column, form, part.slot, other, programs[printed], sheet.words + programs[printed])


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
    """Add a row; give how many bytes of strings were printed for it. A block that `memo` has goes on.

    Subtle: a number that is none is written like any other, but not counted, so that nobody has to foresee it.
    """
    printed = c.counts[PRINTED]
    row = c.counts[ROWS]
    c.counts[ROWS] = row + 1
    c.events[row] = v[EVENT_ID]
    plan = grid.plans[program]
    for i in range(plan.numbers, plan.strings):
        cell = grid.cells[i]
        n = c.numbers_told[cell.column]
        there = v[cell.slot] >= cell.least
        c.numbers[cell.column, n] = v[cell.slot]
        c.numbers_told[cell.column] = n + there
        c.number_present[cell.column, row >> 3] |= there << (row & 7)
    for i in range(plan.strings, plan.pages):
        cell = grid.cells[i]
        if cell.form == SAME or v[cell.slot] != ABSENT:
            n = c.codes_told[cell.column]
            c.codes[cell.column, n] = code_of(grid, cell, v, memo, c)
            c.codes_told[cell.column] = n + 1
            c.code_present[cell.column, row >> 3] |= 1 << (row & 7)
    for block in range(BLOCKS):
        if memo[BLOCK * block + BEGINS] < 0:
            memo[BLOCK * block + BEGINS] = 0
            run = c.counts[RUNS + block]
            c.counts[RUNS + block] = run + 1
            c.starts[block, run] = row
            if block == PAGE_BLOCK:
                c.sessions[run, 0], c.sessions[run, 1] = v[SESSION], v[SESSION_LOW]
            for i in range(plan.devices if block else plan.pages, plan.ends if block else plan.devices):
                cell = grid.cells[i]
                lacks = cell.form == LACKING or (cell.form == WORD and v[cell.slot] == ABSENT)
                c.codes[cell.column, run] = NONE if lacks else code_of(grid, cell, v, memo, c)
    return c.counts[PRINTED] - printed  # type: ignore[no-any-return]


@inlined
def code_of(grid: Grid, cell: Cell, v: MutableSequence[int], memo: MutableSequence[int], c: Columns) -> int:
    """Give the code of a string in its column's dictionary."""
    if cell.form in (WORD, SAME):
        word = v[cell.slot] if cell.form == WORD else cell.word
        code = c.known[cell.column, word] - 1
        if code >= 0:
            return code  # type: ignore[no-any-return]
        if cell.form == SAME or grid.formats.texts[word].rest == NO_NUMBER:
            code = add(grid, cell, v, memo, c)
            c.known[cell.column, word] = code + 1
            return code
    if cell.form == FRESH:
        return add(grid, cell, v, memo, c)
    return find(grid, cell, v, memo, c, v[cell.slot], v[cell.other])


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
