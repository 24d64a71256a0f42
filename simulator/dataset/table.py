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

from simulator.play.columns import Array, Filled
from simulator.schema.columns import DATASET_COLUMNS
from simulator.wire.columns import Names

THOUSANDTHS: Final = ("cumulative_layout_shift",)
"""Columns of numbers that are kept as integers and told as 1/1000 of them."""
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


def schema_of(names: Names) -> pa.Schema:
    """Give the columns of events."""
    types = {name: pa.float64() if name in THOUSANDTHS else pa.int64() for name in names.numbers}
    types |= {name: pa.string() if name in names.fresh else _WORDS for name in names.strings}
    return pa.schema([(name, types[name]) for name in DATASET_COLUMNS if name in types])


def batch_of(filled: Filled, schema: pa.Schema, *, own: bool) -> pa.RecordBatch:
    """Give the rows so far; they are gone when the columns are cleared, unless the batch has memory of its `own`, where nulls are 0."""
    names = filled.names
    take = _own if own else _lent
    arrays = {name: _number(name, *take(*filled.number(i))) for i, name in enumerate(names.numbers)}
    arrays |= {name: (_fresh if name in names.fresh else _words)(*take(*filled.string(i))) for i, name in enumerate(names.strings)}
    return pa.RecordBatch.from_arrays([arrays[name] for name in schema.names], schema=schema)


def _lent(present: Array, values: Array, *strings: Array) -> tuple[Array, ...]:
    return present, values, *strings


def _own(present: Array, values: Array, *strings: Array) -> tuple[Array, ...]:
    return present, np.where(present, values, 0).astype(values.dtype), *(part.copy() for part in strings)


def _bitmap(present: Array) -> pa.Buffer | None:
    return None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))


def _number(name: str, present: Array, values: Array) -> pa.Array:
    kind = pa.float64() if name in THOUSANDTHS else pa.int64()
    given = values / 1000 if name in THOUSANDTHS else values
    return pa.Array.from_buffers(kind, len(values), [_bitmap(present), pa.py_buffer(np.ascontiguousarray(given))])


def _strings(ends: Array, text: Array) -> pa.Array:
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(text))


def _words(present: Array, codes: Array, ends: Array, text: Array) -> pa.Array:
    values = _strings(ends, text)
    once = values.dictionary_encode()
    if len(once.dictionary) < len(values):
        values, codes = once.dictionary, once.indices.to_numpy()[codes]
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [_bitmap(present), pa.py_buffer(np.ascontiguousarray(codes))])
    return pa.DictionaryArray.from_arrays(indices, values, safe=False)


def _fresh(present: Array, _: Array, ends: Array, text: Array) -> pa.Array:
    lengths = np.zeros(len(present) + 1, np.int32)
    lengths[1:][present > 0] = np.diff(ends)
    return pa.StringArray.from_buffers(
        len(present), pa.py_buffer(np.cumsum(lengths, dtype=np.int32)), pa.py_buffer(text), null_bitmap=_bitmap(present)
    )


class Writer(NamedTuple):
    """Writes batches; closing it leaves the file open."""

    schema: pa.Schema
    keeps: bool
    """It looks at a batch again when the next one comes."""
    write: Callable[[pa.RecordBatch], None]
    close: Callable[[], None]


def writer(file_format: str, file: BinaryIO, schema: pa.Schema) -> Writer:
    """Begin a table.

    Parquet: zstd, dictionaries on dictionary columns, numbers as packed differences, no statistics, a row group per batch. Arrow: a stream, where
    each batch brings its own dictionaries, which Arrow's file format does not allow; they are compared with those of the batch before.
    """
    if file_format == "arrow":
        stream = pa.ipc.new_stream(file, schema)
        return Writer(schema, True, stream.write_batch, stream.close)
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
    return Writer(schema, False, lambda batch: parquet.write_batch(batch, row_group_size=max(1, len(batch))), parquet.close)
