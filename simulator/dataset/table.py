"""Rows as Arrow and Parquet, made of columns that compiled code has filled, without a copy where Arrow allows it.

Subtle: a Parquet file has the same bytes each time only if no dictionary has a value twice. Two keys may stand for one string (a URL with a number
in it, and one that is written so), so each dictionary is looked through.
"""

from collections.abc import Callable
from typing import Any, BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.cohort import Chunk
from simulator.play.columns import Array, Filled
from simulator.schema.columns import DATASET_COLUMNS
from simulator.wire import pages
from simulator.wire.columns import NONE, Names
from simulator.wire.posts import Post

THOUSANDTHS: Final = ("cumulative_layout_shift",)
"""Columns of numbers that are kept as integers and told as 1/1000 of them."""
EVENT_ID: Final = "event_id"
LEVEL: Final = 1
"""Of zstd."""
DICTIONARY_BYTES: Final = 8 << 20
"""Above this size a column is written without its dictionary; assumed: more than a group's page ids need."""


_WORDS: Final = pa.dictionary(pa.int32(), pa.string())
PAYLOADS: Final = pa.schema(
    [
        ("due_ms", pa.int64()),
        ("device", pa.uint32()),
        ("session_key", pa.uint64()),
        *((name, _WORDS) for name in ("via", "path", "content_type")),
        ("events", pa.uint16()),
        ("body", pa.binary()),
    ]
)
SESSIONS: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("session.id", "device.id", "user.id")),
        *((name, _WORDS) for name in ("platform", "edition")),
        *((name, pa.int64()) for name in ("ordinal", "start", "end")),
        ("end_reason", _WORDS),
        ("sampled", pa.bool_()),
        ("draw", pa.int64()),
        *((name, pa.int64()) for name in ("view", "action", "resource", "exception", "longTask", "application")),
        ("incidents", pa.list_(pa.string())),
        ("cut_start", pa.bool_()),
        ("cut_end", pa.bool_()),
    ]
)


def batch_of_rows(rows: list[Any], schema: pa.Schema) -> pa.RecordBatch:
    """Give rows that are few: Structs with the schema's fields, in its order."""
    values = [msgspec.structs.astuple(row) for row in rows]
    columns = list(zip(*values, strict=True)) if values else [()] * len(schema)
    return pa.RecordBatch.from_arrays([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def batch_of_payloads(chunk: Chunk, variants: Array, posts: list[Post]) -> pa.RecordBatch:
    """Give a filling's payloads; their bodies are lent, so they are gone when the next filling comes."""
    p, n = chunk.payloads, len(chunk.payloads)
    offsets = np.append(p["begins"], p["begins"][-1:] + p["length"][-1:] if n else 0).astype(np.int32)
    numbers = [np.ascontiguousarray(p[name]) for name in ("due", "device", "session", "events")]
    due, device, key, events = pa.array(numbers[0]), pa.array(numbers[1]), pa.array(numbers[2].view(np.uint64)), pa.array(numbers[3])
    words = [pa.array(column).take(pa.array(variants)).dictionary_encode() for column in zip(*posts, strict=True)]
    body = pa.Array.from_buffers(pa.binary(), n, [None, pa.py_buffer(offsets), pa.py_buffer(chunk.text)])
    return pa.RecordBatch.from_arrays([due, device, key, *words, events, body], schema=PAYLOADS)


def schema_of(names: Names) -> pa.Schema:
    """Give the columns of events."""
    types = {name: pa.float64() if name in THOUSANDTHS else pa.int64() for name in names.numbers}
    types |= {name: pa.string() if name in names.fresh or name == EVENT_ID else _WORDS for name in names.strings}
    return pa.schema([(name, types[name]) for name in DATASET_COLUMNS if name in types])


def batch_of(filled: Filled, schema: pa.Schema) -> pa.RecordBatch:
    """Give the rows so far, in memory of their own."""
    names = filled.names
    arrays = {name: _number(filled, i) for i, name in enumerate(names.numbers)}
    arrays |= {name: _fresh(filled, i) if name in names.fresh else _words(filled, i) for i, name in enumerate(names.strings) if name != EVENT_ID}
    arrays[EVENT_ID] = _event_ids(filled)
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def words(filled: Filled, column: int) -> tuple[pa.Array, Array | None]:
    """Give the strings of a column, each once, and which of them each of its strings is; None: itself."""
    ends, text = filled.strings(column)
    values = pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends.copy()), pa.py_buffer(text.copy()))
    once = values.dictionary_encode()
    return (once.dictionary, once.indices.to_numpy()) if len(once.dictionary) < len(values) else (values, None)


def _number(filled: Filled, column: int) -> pa.Array:
    present, values = filled.number(column)
    shown = _spread(filled, present, values)
    if filled.names.numbers[column] in THOUSANDTHS:
        return pa.Array.from_buffers(pa.float64(), len(filled), [_bitmap(present), pa.py_buffer(shown / 1000)])
    return pa.Array.from_buffers(pa.int64(), len(filled), [_bitmap(present), pa.py_buffer(shown)])


def _words(filled: Filled, column: int) -> pa.Array:
    starts, codes = filled.runs(column)
    if len(starts):
        codes = np.repeat(codes, np.diff(starts, append=len(filled)))
        present = np.packbits(codes != NONE, bitorder="little")
        codes = np.maximum(codes, 0)
    else:
        present, codes = filled.codes(column)
        codes = _spread(filled, present, codes)
    values, same = words(filled, column)
    codes = codes if same is None else same[codes]
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [_bitmap(present), pa.py_buffer(codes)])
    return pa.DictionaryArray.from_arrays(indices, values, safe=False)


def _event_ids(filled: Filled) -> pa.Array:
    starts, sessions, events = filled.event_ids()
    n, width = len(filled), pages.EVENT_ENDS
    text = np.empty(n * width + SLACK, np.uint8)
    values = starts, sessions, len(starts), events, n, np.full(n, -1)
    if filled.compiled:
        twin(pages.put_event_ids)(*values, text, 0)
    else:
        pages.put_event_ids(*values, memoryview(text), 0)  # type: ignore[arg-type]
    return pa.Array.from_buffers(
        pa.string(), n, [None, pa.py_buffer(np.arange(0, n * width + 1, width, dtype=np.int32)), pa.py_buffer(text[: n * width])]
    )


def _fresh(filled: Filled, column: int) -> pa.Array:
    present, _ = filled.codes(column)
    ends, text = filled.strings(column)
    lengths = np.zeros(len(filled) + 1, np.int32)
    lengths[1:] = _spread(filled, present, np.diff(ends))
    buffers = [_bitmap(present), pa.py_buffer(np.cumsum(lengths, dtype=np.int32)), pa.py_buffer(text.copy())]
    return pa.Array.from_buffers(pa.string(), len(filled), buffers)


def _spread(filled: Filled, present: Array, values: Array) -> Array:
    """Give each row its value, 0 where it has none."""
    shown = np.zeros(len(filled), values.dtype)
    shown[np.unpackbits(present, count=len(filled), bitorder="little").view(bool)] = values
    return shown


def _bitmap(present: Array) -> pa.Buffer:
    return pa.py_buffer(present.copy())


class Stream:
    """Writes groups of rows as an Arrow stream, each with dictionaries of its own, which Arrow's file format does not allow."""

    def __init__(self, file: BinaryIO, names: Names) -> None:
        """Begin a stream; closing it leaves the file open."""
        self._schema = schema_of(names)
        self._stream = pa.ipc.new_stream(file, self._schema)
        self.close = self._stream.close

    def write(self, filled: Filled) -> None:
        """Write the rows so far. The stream compares dictionaries with those of the batch before, so they have memory of their own."""
        self._stream.write_batch(batch_of(filled, self._schema))


class Writer(NamedTuple):
    """Writes batches; closing it leaves the file open."""

    schema: pa.Schema
    write: Callable[[pa.RecordBatch], None]
    close: Callable[[], None]


def writer(file_format: str, file: BinaryIO, schema: pa.Schema) -> Writer:
    """Begin a table. Parquet: zstd, dictionaries on dictionary columns, numbers as packed differences, no statistics, a row group per batch."""
    if file_format == "arrow":
        stream = pa.ipc.new_stream(file, schema)
        return Writer(schema, stream.write_batch, stream.close)
    words = [field.name for field in schema if pa.types.is_dictionary(field.type)]
    numbers = [field.name for field in schema if pa.types.is_integer(field.type)]
    parquet = pq.ParquetWriter(
        file,
        schema,
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=words,
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        write_statistics=False,
        dictionary_pagesize_limit=DICTIONARY_BYTES,
    )
    return Writer(schema, lambda batch: parquet.write_batch(batch, row_group_size=max(1, len(batch))), parquet.close)
