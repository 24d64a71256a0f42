"""A dataset as DuckDB views: `events`, a row per event with the columns of schema.columns, and `incidents` if its profile has some.

Rules of the file: DuckDB reads the files itself, anew for each query and only the columns that it needs, so a dataset may be larger than memory.
"""

from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from simulator.dataset.labels import COLUMNS as LABELS
from simulator.dataset.manifest import FORMAT, Manifest
from simulator.errors import DataError
from simulator.schema.columns import COLUMNS, sql_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MANIFEST: Final = "manifest.json"


def is_dataset(folder: Path) -> bool:
    """Tell whether a folder is that of a dataset, finished or not."""
    return (folder / MANIFEST).exists() or (folder / "events").is_dir()


def connect(folder: Path) -> "DuckDBPyConnection":
    """Open an in-memory database that reads the dataset; raise DataError if it is not finished, or from a newer version."""
    import duckdb  # noqa: PLC0415

    files = [folder / "events" / block.name for block in _manifest(folder / MANIFEST).blocks]
    for path in files:
        if not path.is_file():
            raise DataError(f"{path}: no such file, but {MANIFEST} names it; make the dataset again")
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    _view(connection, "events", files, {name: sql_type(name) for name in COLUMNS})
    if (folder / "incidents.ndjson").is_file():
        _view(connection, "incidents", [folder / "incidents.ndjson"], LABELS)
    return connection


def _manifest(path: Path) -> Manifest:
    try:
        document = path.read_bytes()
        found = msgspec.json.decode(document, type=dict[str, msgspec.Raw]).get("format", b"0")
        if msgspec.json.decode(found, type=int) > FORMAT:
            raise DataError(f"{path}: found format {bytes(found).decode()}; expected at most {FORMAT}: it was made by a newer version of rumsim")
        return msgspec.json.decode(document, type=Manifest)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}; expected that of a finished dataset") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: damaged ({error}); expected a dataset's manifest") from None


def _view(connection: "DuckDBPyConnection", name: str, files: list[Path], types: dict[str, str]) -> None:
    columns = ", ".join(f"'{column}': '{type_}'" for column, type_ in types.items())
    paths = ", ".join("'" + escape(str(path)).replace("'", "''") + "'" for path in files)
    connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_ndjson([{paths}], columns = {{{columns}}})")  # noqa: S608
