"""What rows are written with. Rows of events come from compiled code in the form that the format wants, so a sink only passes them on."""

from typing import Any, BinaryIO, Final, NamedTuple, Protocol

import msgspec

from simulator.errors import ProfileError
from simulator.play.cohort import Chunk, Cohort
from simulator.play.columns import Filled
from simulator.play.model import Model
from simulator.play.seat import COLUMNS, PACKED, ROWS

EXTENSIONS: Final = {"ndjson": "ndjson", "msgpack": "msgpack", "parquet": "parquet", "arrow": "arrows"}
"""By format. Arrow's name for streams is `.arrows`."""
PRINTS: Final = {"ndjson": ROWS, "msgpack": PACKED, "parquet": COLUMNS, "arrow": COLUMNS}
"""What compiled code prints for events, by format."""
COLUMNAR: Final = ("parquet", "arrow")
STREAMS: Final = ("ndjson", "msgpack", "arrow")
"""Formats that can be read while they are written."""


class Tally(NamedTuple):
    """How many rows there were, and the sum of their hashes."""

    rows: int
    digest: int


class Sink(Protocol):
    """Takes the fillings of a cohort's buffers, then perhaps those of the next cohort."""

    def add(self, chunk: Chunk) -> Tally:
        """Write a filling's rows, or keep them until there are enough."""
        ...

    def end(self, cohort: Cohort, until: int) -> Tally:
        """Write what is left of a cohort that has been played up to `until`."""
        ...

    def close(self) -> None:
        """Write what stands behind the last row; the file stays open."""
        ...


class Events:
    """Events: text as it was printed, or tables of columns."""

    def __init__(self, file_format: str, file: BinaryIO, model: Model) -> None:
        """Begin a file."""
        self._file = file
        self._table: Any = None
        if file_format == "parquet":
            from simulator.dataset import parquet  # noqa: PLC0415

            self._table = parquet.Writer(file, model.names)
        elif file_format == "arrow":
            from simulator.dataset import table  # noqa: PLC0415

            self._table = table.Stream(file, model.names)
        self._filled: Filled | None = None

    def add(self, chunk: Chunk) -> Tally:
        """Write a filling's rows, columns when there is a group of them."""
        if self._table is None:
            self._file.write(chunk.text)
        else:
            self._filled = chunk.columns
            if chunk.columns.full():
                self._write(chunk.columns)
        return Tally(chunk.printed, chunk.digest)

    def end(self, _: Cohort, __: int) -> Tally:
        """Write the last group."""
        if self._filled is not None and len(self._filled):
            self._write(self._filled)
        return Tally(0, 0)

    def close(self) -> None:
        """End the table."""
        if self._table is not None:
            self._table.close()

    def _write(self, filled: Filled) -> None:
        self._table.write(filled)
        filled.clear()


class Structs:
    """Writes rows that Python has made, which are few, in any format."""

    def __init__(self, file_format: str, file: BinaryIO, schema: str) -> None:
        """Begin a file. `schema`: the name of its columns in table.py."""
        self._file, self._json = file, file_format == "ndjson"
        self._table: Any = None
        if file_format in COLUMNAR:
            from simulator.dataset import table  # noqa: PLC0415

            self._table = table.writer(file_format, file, getattr(table, schema))

    def write(self, rows: list[Any]) -> None:
        """Write rows: msgspec Structs."""
        if self._table is not None:
            from simulator.dataset.table import batch_of_rows  # noqa: PLC0415

            self._table.write(batch_of_rows(rows, self._table.schema))
        elif self._json:
            self._file.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
        else:
            self._file.writelines(map(msgspec.msgpack.encode, rows))

    def close(self) -> None:
        """End the table."""
        if self._table is not None:
            self._table.close()


def check(file_format: str) -> None:
    """Raise ProfileError if a format needs what is not installed."""
    if file_format in COLUMNAR:
        try:
            import pyarrow as pa  # noqa: F401, PLC0415
        except ImportError:
            raise ProfileError(f"--format {file_format}: needs pyarrow: install rumsim[columns], or take ndjson or msgpack") from None
