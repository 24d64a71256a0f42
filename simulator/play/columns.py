"""The columns that an advance fills (wire/columns.py), for Python: made, read, and emptied."""

import mmap
from typing import Any, Final

import numpy as np

from simulator.play.buffers import ROW_CAPACITY
from simulator.wire.columns import CHAINS, COUNTS, ENTRIES, ENTRY, ROWS, RUNS, USED, Columns, Names
from simulator.wire.layout import PAGE_BLOCK
from simulator.wire.row import block_of

GROUP: Final = 1 << 16
"""Rows that are worth a group of their own; assumed: more compress no better, and memory grows with them."""
STRING_BYTES: Final = 12 << 20
"""Of a column; assumed: a group hardly ever has as many."""
APART: Final = 192
"""Bytes by which columns are longer than they need, so that rows' values do not all fall to the same few places of the processor's cache."""
Array = np.ndarray[Any, Any]


def arrays(names: Names | None, text_bytes: int) -> Columns:
    """Make columns for a group and one more filling of the buffers, whose text is `text_bytes` long; None: for nothing.

    Memory that is never written is never taken: most of it is for the worst case.
    """
    rows = GROUP + ROW_CAPACITY if names else 8
    numbers, strings, words = (len(names.numbers), len(names.strings), names.words) if names else (1, 1, 1)
    bits, longs, halves = rows // 8 + APART, rows + APART // 8, rows + APART // 4
    entries, chains, size_bytes = (ENTRIES, CHAINS, STRING_BYTES + text_bytes) if names else (1, 1, 1)
    return Columns(
        counts=np.zeros(COUNTS, np.int64),
        number_present=np.zeros((numbers, bits), np.uint8),
        numbers=np.zeros((numbers, longs), np.int64),
        numbers_told=np.zeros(numbers, np.int64),
        code_present=np.zeros((strings, bits), np.uint8),
        codes=_sparse((strings, halves), np.int32),
        codes_told=np.zeros(strings, np.int64),
        starts=np.zeros((COUNTS - RUNS, rows), np.int32),
        sessions=np.zeros((rows, 2), np.int64),
        events=np.zeros(rows, np.int64),
        strings=_sparse((strings, size_bytes), np.uint8),
        ends=_sparse((strings, rows + 1), np.int32),
        lengths=np.zeros(strings, np.int64),
        known=np.zeros((strings, words), np.int32),
        latest=np.zeros(strings, np.int64),
        chains=np.zeros(chains, np.int32),
        entries=np.zeros((entries, ENTRY), np.int64),
    )


def _sparse(shape: tuple[int, int], kind: type[np.generic]) -> Array:
    """Make an array of which little is written, at the beginning of each row: in small pages, where numpy would ask for pages of 2 MB."""
    memory = mmap.mmap(-1, shape[0] * shape[1] * np.dtype(kind).itemsize, access=mmap.ACCESS_COPY)
    if hasattr(mmap, "MADV_NOHUGEPAGE"):  # Linux
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, kind).reshape(shape)


def views(body: Columns) -> Columns:
    """Give the same memory for interpreted code: views give and take Python's integers."""
    return Columns(*(memoryview(part) for part in body))._replace(strings=[memoryview(row) for row in body.strings])


class Filled:
    """The columns' rows so far."""

    def __init__(self, body: Columns, names: Names, *, compiled: bool) -> None:
        """Read `body`, into which compiled or interpreted code writes, from its beginning on."""
        self._body, self.names, self.compiled = body, names, compiled
        self.clear()

    def __len__(self) -> int:
        """Count the rows."""
        return int(self._body.counts[ROWS])

    def full(self) -> bool:
        """Tell whether there is a group, or one more filling might not fit."""
        body = self._body
        most = ROW_CAPACITY * self.names.widest
        used = body.ends[np.arange(len(body.lengths)), body.lengths]
        return bool(len(self) >= GROUP or body.counts[USED] + most >= ENTRIES or used.max() > STRING_BYTES)

    def number(self, column: int) -> tuple[Array, Array]:
        """Give which rows have a value in a column of numbers, as bits, and the values."""
        body = self._body
        return body.number_present[column, : -(-len(self) // 8)], body.numbers[column, : body.numbers_told[column]]

    def codes(self, column: int) -> tuple[Array, Array]:
        """Give which rows have a value in a column of strings, as bits, and which string each is."""
        body = self._body
        return body.code_present[column, : -(-len(self) // 8)], body.codes[column, : body.codes_told[column]]

    def runs(self, column: int) -> tuple[Array, Array]:
        """Give the rows with which the runs of a block's column begin, and which string each has, wire/columns.NONE if none."""
        block = block_of(self.names.strings[column])
        n = 0 if block is None else self._body.counts[RUNS + block]
        return self._body.starts[block or 0, :n], self._body.codes[column, :n]

    def event_ids(self) -> tuple[Array, Array, Array]:
        """Give the rows with which the runs of page views begin, the halves of their sessions' ids, and each row's own id."""
        body, runs = self._body, self._body.counts[RUNS + PAGE_BLOCK]
        return body.starts[PAGE_BLOCK, :runs], body.sessions[:runs], body.events[: len(self)]

    def strings(self, column: int) -> tuple[Array, Array]:
        """Give where the strings of a column end (after a 0), and their bytes."""
        ends = self._body.ends[column, : self._body.lengths[column] + 1]
        return ends, self._body.strings[column, : ends[-1]]

    def clear(self) -> None:
        """Begin anew."""
        used, body = -(-len(self) // 8), self._body
        body.number_present[:, :used] = 0
        body.code_present[:, :used] = 0
        body.counts[:] = body.numbers_told[:] = body.codes_told[:] = body.lengths[:] = body.latest[:] = body.chains[:] = 0
        body.known[:] = 0
