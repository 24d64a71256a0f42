"""Datasets of ours as logs: which files hold their rows, which rows are page views, and which columns say who, when and where.

Rules of the file: a folder is read whole, whatever its parts and partitions are; DuckDB reads NDJSON and Parquet, Arrow and msgpack are read
in pieces, so that only page views are kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.errors import DataError, ProfileError
from simulator.schema.columns import DATASET_COLUMNS, sql_type

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

COLUMNS: Final = {"user": "user.id", "time": "timestamp", "page": "view.name"}
KIND: Final = {"event_type": "view", "type": "pv"}
"""What a row has that is a page view."""
SUFFIXES: Final = (".ndjson", ".parquet", ".arrows", ".msgpack")
BATCH: Final = 65_536
"""Rows of msgpack that are looked through at once."""


def is_rows(columns: Iterable[str]) -> bool:
    """Tell whether these are the columns of a dataset's rows."""
    return {*COLUMNS.values(), *KIND} <= set(columns)


def files(folder: Path) -> list[Path]:
    """List the files of a dataset of events, or of a part of one; raise ProfileError if it is another kind, DataError if there are none."""
    for kind in ("payloads", "sessions"):
        if (folder / kind).is_dir():
            raise ProfileError(f"{folder}: holds {kind}; expected a dataset of events, as `rumsim generate` makes it without --as")
    root = folder / "events" if (folder / "events").is_dir() else folder
    found = sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not found:
        raise DataError(f"{folder}: found no rows in this folder; expected a log of page views, or a dataset's folder with `events`")
    if len({path.suffix for path in found}) > 1:
        raise DataError(f"{folder}: found files of several formats, such as {found[0].name} and {found[-1].name}; expected one dataset")
    return found


def view(base: "DuckDBPyConnection", where: Path, paths: list[Path], columns: Mapping[str, str]) -> dict[str, str]:
    """Make the table `log` of the page views of a dataset's files, and give the columns of user, time and page: `columns` and else a dataset's."""
    used = {**COLUMNS, **columns}
    for ours, theirs in used.items():
        if theirs not in DATASET_COLUMNS:
            raise DataError(f"{where}: found a dataset without the column {theirs!r}; expected one of docs/fields.md for {ours}, or no --columns")
    wanted = list(dict.fromkeys([*used.values(), *KIND]))
    suffix = paths[0].suffix
    if suffix == ".ndjson":
        types = ", ".join(f"'{name}': '{sql_type(name)}'" for name in wanted)
        source = f"read_ndjson({_listed(paths)}, columns = {{{types}}})"
    elif suffix == ".parquet":
        source = f"read_parquet({_listed(paths)}, hive_partitioning = false)"
    else:
        base.register("rows", _table(paths, wanted, _arrow if suffix == ".arrows" else _msgpack))
        source = "rows"
    shown = " AND ".join(f"{name} = '{value}'" for name, value in KIND.items())
    chosen = ", ".join(f'"{name}"' for name in wanted)
    base.execute(f"CREATE TEMP TABLE log AS SELECT {chosen} FROM {source} WHERE {shown}")  # noqa: S608
    return used


def _listed(paths: list[Path]) -> str:
    return "[" + ", ".join("'" + escape(str(path)).replace("'", "''") + "'" for path in paths) + "]"


def _table(paths: list[Path], names: list[str], read: Callable[[Path, list[str]], Iterator["pa.Table"]]) -> "pa.Table":
    """Give the page views of all files as one table of text and numbers."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    schema = pa.schema([(name, pa.int64() if sql_type(name) == "BIGINT" else pa.string()) for name in names])
    found = [table for path in paths for table in _read(path, names, read)]
    return pa.concat_tables([table.cast(schema) for table in found]) if found else schema.empty_table()


def _read(path: Path, names: list[str], read: Callable[[Path, list[str]], Iterator["pa.Table"]]) -> Iterator["pa.Table"]:
    import pyarrow as pa  # noqa: PLC0415 - heavy

    try:
        yield from read(path, names)
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError) as error:
        raise DataError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from None


def _arrow(path: Path, names: list[str]) -> Iterator["pa.Table"]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    with pa.ipc.open_stream(path) as batches:
        for batch in batches:
            kept: Any = True
            for name, value in KIND.items():
                kept = pc.and_(kept, pc.equal(batch.column(name).cast(pa.string()), value))
            yield pa.table(
                {name: batch.column(name).cast(pa.string()) if sql_type(name) != "BIGINT" else batch.column(name) for name in names}
            ).filter(kept)


def _msgpack(path: Path, names: list[str]) -> Iterator["pa.Table"]:
    import msgpack  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    with path.open("rb") as file:
        rows = (row for row in map(_row, msgpack.Unpacker(file)) if all(row.get(name) == value for name, value in KIND.items()))
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            yield pa.table({name: pa.array([row.get(name) for row in batch]) for name in names})


def _row(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise TypeError(f"found {type(found).__name__}, not a row")
    return found
