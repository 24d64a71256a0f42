"""A dataset as DuckDB views: `events`, a row per event with the columns of schema.columns.DATASET_COLUMNS, and `incidents` if its profile has some.

Rules of the file: DuckDB reads the files itself, anew for each query and only the columns that it needs, so a dataset may be larger than memory.
"""

from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.dataset import manifest
from simulator.dataset.labels import COLUMNS as LABELS
from simulator.dataset.manifest import Manifest
from simulator.errors import DataError, ProfileError
from simulator.schema.columns import DATASET_COLUMNS, sql_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
READERS = ("ndjson", "parquet")
"""Formats that DuckDB reads."""


def is_dataset(folder: Path) -> bool:
    """Tell whether a folder is that of a dataset, finished or not."""
    return (folder / manifest.NAME).exists() or (folder / "events").is_dir() or (folder / "unfinished").is_dir()


def connect(folder: Path) -> "DuckDBPyConnection":
    """Open an in-memory database that reads the dataset; raise DataError if it is not finished, or from a newer version."""
    import duckdb  # noqa: PLC0415

    found = _manifest(folder / manifest.NAME)
    if found.kind != "events":
        raise ProfileError(f"{folder}: holds {found.kind}; expected a dataset of events")
    if found.file_format not in READERS:
        raise ProfileError(f"{folder}: its events are {found.file_format}; expected a dataset of {' or '.join(READERS)}")
    files = [folder / file.name for block in found.blocks for file in block.files]
    for path in files:
        if not path.is_file():
            raise DataError(f"{path}: no such file, but {manifest.NAME} names it; `rumsim generate` with --resume makes it again")
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    _view(connection, "events", files, {name: sql_type(name) for name in DATASET_COLUMNS}, found.file_format)
    if (folder / "incidents.ndjson").is_file():
        _view(connection, "incidents", [folder / "incidents.ndjson"], LABELS, "ndjson")
    return connection


def _manifest(path: Path) -> Manifest:
    try:
        return manifest.decode(path.read_bytes(), Manifest, str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; expected that of a finished dataset") from None


def _view(connection: "DuckDBPyConnection", name: str, files: list[Path], types: dict[str, str], file_format: str) -> None:
    paths = ", ".join("'" + escape(str(path)).replace("'", "''") + "'" for path in files)
    if file_format == "parquet":
        given = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM read_parquet([{paths}])").fetchall()}  # noqa: S608
        columns = ", ".join(_cast(c, type_, given=c in given) for c, type_ in types.items())
        connection.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM read_parquet([{paths}])")  # noqa: S608
        return
    columns = ", ".join(f"'{column}': '{type_}'" for column, type_ in types.items())
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_ndjson([{paths}], columns = {{{columns}}})")  # noqa: S608


def _cast(column: str, type_: str, *, given: bool) -> str:
    value = f'"{column}"' if given else "NULL"
    return f'CAST({value} AS {type_}) AS "{column}"'
