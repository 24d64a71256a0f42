"""The columns that an advance fills (wire/columns.py), for Python: made, read, and emptied."""

from functools import lru_cache
from typing import Any, Final

import numpy as np

from simulator.play.buffers import ROW_CAPACITY
from simulator.wire.columns import ENTRIES, PLACES, ROWS, USED, Columns, Names

GROUP: Final = 1 << 16
"""Rows that are worth a group of their own; assumed: more compress no better, and memory grows with them."""
STRING_BYTES: Final = 12 << 20
"""Of a column; assumed: a group hardly ever has as many."""
Array = np.ndarray[Any, Any]


@lru_cache(maxsize=1)
def arrays(names: Names | None, text_bytes: int) -> Columns:
    """Make columns for a group and one more filling of the buffers, whose text is `text_bytes` long; None: for nothing.

    They serve one cohort after the other. Memory that is never written is never taken: most of it is for the worst case.
    """
    rows = GROUP + ROW_CAPACITY if names else 1
    numbers, strings = (len(names.numbers), len(names.strings)) if names else (1, 1)
    entries, places, size_bytes = (ENTRIES, PLACES, STRING_BYTES + text_bytes) if names else (1, 1, 1)
    return Columns(
        counts=np.zeros(3, np.int64),
        number_present=np.zeros((numbers, rows), np.uint8),
        numbers=np.zeros((numbers, rows), np.int64),
        code_present=np.zeros((strings, rows), np.uint8),
        codes=np.zeros((strings, rows), np.int32),
        strings=np.zeros((strings, size_bytes), np.uint8),
        ends=np.zeros((strings, rows + 1), np.int32),
        lengths=np.zeros(strings, np.int64),
        latest=np.full(strings, -1, np.int64),
        places=np.zeros(places, np.int32),
        owners=np.zeros(entries, np.uint8),
        keys=np.zeros(entries, np.int64),
        others=np.zeros(entries, np.int64),
        entry_codes=np.zeros(entries, np.int32),
    )


def views(body: Columns) -> Columns:
    """Give the same memory for interpreted code: views give and take Python's integers."""
    return Columns(*(memoryview(part) for part in body))._replace(strings=[memoryview(row) for row in body.strings])


class Filled:
    """The columns' rows so far."""

    def __init__(self, body: Columns, names: Names) -> None:
        """Read `body`, into which compiled or interpreted code writes, from its beginning on."""
        self._body, self.names = body, names
        self.clear()

    def __len__(self) -> int:
        """Count the rows."""
        return int(self._body.counts[ROWS])

    def full(self) -> bool:
        """Tell whether there is a group, or one more filling might not fit."""
        body = self._body
        most = ROW_CAPACITY * self.names.widest
        used = body.ends[np.arange(len(body.lengths)), body.lengths]
        return bool(len(self) >= GROUP or body.counts[USED] + most > ENTRIES or used.max() > STRING_BYTES)

    def number(self, column: int) -> tuple[Array, Array]:
        """Give where a column of numbers has values, and the values."""
        n = len(self)
        return self._body.number_present[column, :n], self._body.numbers[column, :n]

    def string(self, column: int) -> tuple[Array, Array, Array, Array]:
        """Give where a column of strings has values, which string each is, where the strings end (after a 0), and their bytes."""
        n, body = len(self), self._body
        ends = body.ends[column, : body.lengths[column] + 1]
        return body.code_present[column, :n], body.codes[column, :n], ends, body.strings[column, : ends[-1]]

    def clear(self) -> None:
        """Begin anew."""
        n, body = len(self), self._body
        body.number_present[:, :n] = 0
        body.code_present[:, :n] = 0
        body.counts[:] = body.lengths[:] = body.places[:] = 0
        body.latest[:] = -1
