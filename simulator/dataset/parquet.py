"""Events as a Parquet file, whose pages compiled code encodes straight from the columns that it has filled (wire/pages.py).

A library would first have to be told each row's values and nulls, of which most columns have many; that cost more than all else together. One row
group per group of rows, one page per column, dictionaries for strings that come again, packed differences for numbers, zstd where it makes a page
smaller.
Source: parquet-format's README.md and parquet.thrift; structs are in Thrift's compact protocol.
"""

import base64
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, BinaryIO, Final

import numpy as np
import pyarrow as pa

from simulator.dataset.table import EVENT_ID, THOUSANDTHS, schema_of, words
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.columns import Array, Filled
from simulator.wire import pages
from simulator.wire.columns import Names

MAGIC: Final = b"PAR1"
LEVEL: Final = 1
"""Of zstd."""
WORTH: Final = 200
"""Bytes of a page below which it is not compressed; assumed."""
WIDEST_BYTES: Final = 10
"""No number takes more, its share of what is written once for a block included."""
INT64, DOUBLE, BYTE_ARRAY = 2, 5, 6
PLAIN, RLE, DELTA_BINARY_PACKED, DELTA_BYTE_ARRAY, RLE_DICTIONARY = 0, 3, 5, 7, 8
UNCOMPRESSED, ZSTD = 0, 6
DATA_PAGE, DICTIONARY_PAGE = 0, 2
OPTIONAL, UTF8 = 1, 0
"""Numbers of parquet.thrift."""
Field = tuple[int, bytes]


SMALL: Final = [bytes([value]) for value in range(128)]


def _varint(value: int) -> bytes:
    if value < len(SMALL):
        return SMALL[value]
    out = bytearray(10)
    return bytes(out[: pages.put_varint(out, 0, value)])


@lru_cache(maxsize=1 << 10)
def _int(kind: int, value: int) -> Field:
    return kind, _varint(value << 1)


_i32, _i64 = partial(_int, 5), partial(_int, 6)


def _text(value: bytes) -> Field:
    return 8, _varint(len(value)) + value


def _list(items: list[Field]) -> Field:
    head = bytes([len(items) << 4 | items[0][0]]) if len(items) < 15 else bytes([0xF0 | items[0][0]]) + _varint(len(items))  # noqa: PLR2004
    return 9, head + b"".join(raw for _, raw in items)


def _struct(fields: dict[int, Field], begins: bytes = b"", last: int = 0) -> Field:
    """Put fields together, in the order of their numbers, behind those up to `last`, which `begins` has."""
    parts = [begins]
    for number, (kind, raw) in fields.items():
        parts += SMALL[(number - last) << 4 | kind], raw
        last = number
    parts.append(b"\0")
    return 12, b"".join(parts)


@lru_cache(maxsize=1 << 10)
def _begin_column(kind: int, encoding: int, name: str, codec: int) -> bytes:
    """Give the first fields of ColumnMetaData, which are the same for all groups."""
    encodings = _list([_i32(e) for e in (encoding, RLE, PLAIN)])
    _, raw = _struct({1: _i32(kind), 2: encodings, 3: _list([_text(name.encode())]), 4: _i32(codec)})
    return raw[:-1]


@lru_cache(maxsize=64)
def _data_page(rows: int, encoding: int) -> Field:
    """Give a DataPageHeader."""
    return _struct({1: _i32(rows), 2: _i32(encoding), 3: _i32(RLE), 4: _i32(RLE)})


class Writer:
    """Writes groups of rows; closing it leaves the file open."""

    def __init__(self, file: BinaryIO, names: Names) -> None:
        """Begin a file."""
        self._file, self._names, self._schema = file, names, schema_of(names)
        self._columns: list[str] = self._schema.names
        self._numbers = {name: i for i, name in enumerate(names.numbers)}
        self._strings = {name: i for i, name in enumerate(names.strings)}
        self._groups: list[Field] = []
        self._codec = pa.Codec("zstd", LEVEL)
        self._rows = self._at = 0
        self._page: Any = np.empty(1 << 20, np.uint8)
        self._write(MAGIC)

    def write(self, filled: Filled) -> None:
        """Write the rows so far as a row group."""
        begins = self._at
        columns = [
            self._number(filled, name, self._numbers[name]) if name in self._numbers else self._string(filled, name, self._strings[name])
            for name in self._columns
        ]
        self._groups.append(_struct({1: _list(columns), 2: _i64(self._at - begins), 3: _i64(len(filled))}))
        self._rows += len(filled)

    def close(self) -> None:
        """Write what describes the file."""
        elements = [_struct({4: _text(b"schema"), 5: _i32(len(self._columns))})]
        for name in self._columns:
            kind, about = self._kind(name), {3: _i32(OPTIONAL), 4: _text(name.encode())}
            about |= {6: _i32(UTF8), 10: _struct({1: _struct({})})} if kind == BYTE_ARRAY else {}
            elements.append(_struct({1: _i32(kind)} | about))
        arrow = _struct({1: _text(b"ARROW:schema"), 2: _text(base64.b64encode(self._schema.serialize()))})
        groups = _list(self._groups) if self._groups else (9, b"\x0c")
        _, footer = _struct({1: _i32(2), 2: _list(elements), 3: _i64(self._rows), 4: groups, 5: _list([arrow]), 6: _text(b"rumsim")})
        self._write(footer + len(footer).to_bytes(4, "little") + MAGIC)

    def _kind(self, name: str) -> int:
        return DOUBLE if name in THOUSANDTHS else INT64 if name in self._numbers else BYTE_ARRAY

    def _number(self, filled: Filled, name: str, column: int) -> Field:
        present, values = filled.number(column)
        o = self._levels(filled, present, len(values))
        if name in THOUSANDTHS:
            return self._chunk(name, len(filled), PLAIN, self._page[:o].tobytes() + (values / 1000).tobytes())
        o = self._put(filled, pages.put_numbers, values, len(values), room=WIDEST_BYTES * len(values), o=o)
        return self._chunk(name, len(filled), DELTA_BINARY_PACKED, self._page[:o])

    def _string(self, filled: Filled, name: str, column: int) -> Field:
        if name == EVENT_ID:
            return self._event_ids(filled)
        starts, codes = filled.runs(column)
        present, each = filled.codes(column)
        ends, text = filled.strings(column)
        n = len(ends) - 1
        if name in self._names.fresh:
            return self._fresh(filled, name, present, ends, text)
        if n == 0:
            o = self._levels(filled, present, 0)
            return self._chunk(name, len(filled), PLAIN, self._page[:o])
        once, same = words(filled, column) if self._repeats(filled, name, ends, text) else (None, None)
        if once is not None and same is not None:
            codes, each = np.where(codes < 0, codes, same[codes]), same[each]
            ends, text = np.frombuffer(once.buffers()[1], np.int32)[: len(once) + 1], np.frombuffer(once.buffers()[2], np.uint8)
            n = len(once)
        o = self._put(filled, pages.put_strings, ends, text, n, room=len(text) + 4 * n)
        dictionary = self._page[:o].tobytes()
        width = (n - 1).bit_length()
        if not len(starts):
            o = self._levels(filled, present, len(each))
            o = self._put(filled, pages.put_codes, each, len(each), width, room=WIDEST_BYTES * len(each), o=o)
        else:
            runs, rows, room = len(starts), len(filled), WIDEST_BYTES * len(starts)
            o = self._put(filled, pages.put_runs, starts, (codes >= 0).astype(np.int32), runs, rows, 1, room=room, o=4)
            self._page[:4] = memoryview((o - 4).to_bytes(4, "little"))
            self._page[o] = width
            o = self._put(filled, pages.put_runs, starts, codes, runs, rows, width, room=room, o=o + 1)
        return self._chunk(name, len(filled), RLE_DICTIONARY, self._page[:o], dictionary, n)

    def _repeats(self, filled: Filled, name: str, ends: Array, text: Array) -> bool:
        """Tell whether a string comes twice: two keys may stand for the same one."""
        n = len(ends) - 1
        if n == 1 or name in self._names.ids:
            return False
        size = 2 << n.bit_length()
        if not filled.compiled:
            return bool(pages.repeats(memoryview(ends), memoryview(text), n, [0] * size, size - 1))  # type: ignore[arg-type]
        return bool(twin(pages.repeats)(ends, text, n, np.zeros(size, np.int32), size - 1))

    def _event_ids(self, filled: Filled) -> Field:
        starts, sessions, events = filled.event_ids()
        n = len(filled)
        shared = np.zeros(n, np.int64)
        o = self._put(filled, pages.put_event_ids, starts, sessions, len(starts), events, n, shared, room=pages.EVENT_ENDS * n)
        return self._suffixes(filled, EVENT_ID, o, shared, pages.EVENT_ENDS - shared, None)

    def _fresh(self, filled: Filled, name: str, present: Array, ends: Array, text: Array) -> Field:
        n = len(ends) - 1
        shared, left = np.empty(n, np.int64), np.empty(n, np.int64)
        o = self._put(filled, pages.put_suffixes, ends, text, n, shared, left, room=len(text))
        return self._suffixes(filled, name, o, shared, left, present)

    def _suffixes(self, filled: Filled, name: str, o: int, shared: Array, left: Array, present: Array | None) -> Field:
        """Write strings as what each shares with the one before and what follows, which the page holds up to `o`."""
        suffixes, n = self._page[:o].tobytes(), len(shared)
        o = self._levels(filled, present, n)
        for lengths in (shared, left):
            o = self._put(filled, pages.put_numbers, lengths, n, room=WIDEST_BYTES * n, o=o)
        return self._chunk(name, len(filled), DELTA_BYTE_ARRAY, self._page[:o].tobytes() + suffixes)

    def _levels(self, filled: Filled, present: Array | None, values: int) -> int:
        """Put down which rows have a value: one run where all have one or none has."""
        if present is None or values in (0, len(filled)):
            raw = _varint(len(filled) << 1) + bytes([values > 0])
        else:
            raw = _varint(len(present) << 1 | 1) + present.tobytes()
        raw = len(raw).to_bytes(4, "little") + raw
        self._grow(len(raw))
        self._page[: len(raw)] = memoryview(raw)
        return len(raw)

    def _put(self, filled: Filled, put: Callable[..., int], *values: Any, room: int, o: int = 0) -> int:  # noqa: ANN401
        """Let a function of pages.py write into the page."""
        self._grow(o + room + pages.MARGIN + SLACK)
        if filled.compiled:
            return int(twin(put)(*values, self._page, o))
        seen: list[Any] = [memoryview(value) if isinstance(value, np.ndarray) else value for value in (*values, self._page)]  # type: ignore[arg-type]
        return put(*seen, o)

    def _grow(self, size_bytes: int) -> None:
        if size_bytes > len(self._page):
            self._page = np.concatenate([self._page, np.empty(size_bytes, np.uint8)])

    def _chunk(self, name: str, rows: int, encoding: int, page: Any, dictionary: bytes = b"", words: int = 0) -> Field:  # noqa: ANN401
        """Write the pages of a column; give what the footer says of it."""
        begins, size = self._at, 0
        codec = ZSTD if len(page) + len(dictionary) > WORTH else UNCOMPRESSED
        at = {}
        if dictionary:
            size += self._pages(codec, DICTIONARY_PAGE, dictionary, 7, _struct({1: _i32(words), 2: _i32(PLAIN)}))
            at = {11: _i64(begins)}
        data = self._at
        size += self._pages(codec, DATA_PAGE, page, 5, _data_page(rows, encoding))
        about = {5: _i64(rows), 6: _i64(size), 7: _i64(self._at - begins), 9: _i64(data)} | at
        return _struct({2: _i64(begins), 3: _struct(about, _begin_column(self._kind(name), encoding, name, codec), 4)})

    def _pages(self, codec: int, kind: int, raw: Any, number: int, about: Field) -> int:  # noqa: ANN401
        """Write a page; give its size before it was compressed."""
        packed = self._codec.compress(raw, asbytes=True) if codec == ZSTD else bytes(raw)
        _, head = _struct({1: _i32(kind), 2: _i32(len(raw)), 3: _i32(len(packed)), number: about})
        self._write(head + packed)
        return len(head) + len(raw)

    def _write(self, raw: bytes) -> None:
        self._file.write(raw)
        self._at += len(raw)
