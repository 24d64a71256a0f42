"""Datasets of ours as logs: which files hold their rows, which rows are page views, and which columns say who, when and where.

Rules of the file: a folder is read whole, whatever its parts and partitions are; DuckDB reads NDJSON and Parquet, Arrow and msgpack are read
in pieces, so that only page views and what was measured of their load are kept.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.errors import DataError, ProfileError
from simulator.profile.loader import load as read_profile
from simulator.schema.columns import DATASET_COLUMNS, sql_type

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

COLUMNS: Final = {"user": "user.id", "time": "timestamp", "page": "view.name"}
MORE: Final = {"country": "geo.country"}
"""Where a dataset has them."""
KIND: Final = {"event_type": ("view",), "type": ("pv", "perf")}
"""What a row has that is a page view, or says how long one loaded."""
VIEW: Final = "view.id"
REFERRER: Final = "referrer"
LOADED: Final = "load_event"
PROFILE: Final = "profile.toml"
"""In a dataset's folder: what it was made with."""
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


def sampled(path: Path) -> float:
    """Give the share of sessions that a dataset has, by the profile in its folder; 1 where there is none, or where a console has set the rates."""
    try:
        profile = read_profile(path / PROFILE)
    except (ProfileError, OSError):
        return 1.0
    platforms = profile.platforms.values()
    if any(platform.remote.rates for platform in platforms):
        return 1.0
    rates = [(platform.share, 1.0 if platform.session.sample_rate is None else platform.session.sample_rate) for platform in platforms]
    return sum(share * rate for share, rate in rates) / sum(share for share, _ in rates) or 1.0


def view(base: "DuckDBPyConnection", where: Path, paths: list[Path], columns: Mapping[str, str]) -> dict[str, str]:
    """Make the table `log` of the page views of a dataset's files, and give the columns of what a log may say: `columns` and else a dataset's.

    Beside those it has `load`, how long the page loaded, and `fresh`, whether no page of the site was before it.
    """
    used = {**COLUMNS, **MORE, **columns}
    for ours, theirs in used.items():
        if theirs not in DATASET_COLUMNS or ours == "load":
            raise DataError(f"{where}: found a dataset without the column {theirs!r}; expected one of docs/fields.md for {ours}, or no --columns")
    wanted = list(dict.fromkeys([*used.values(), *KIND, VIEW, REFERRER, LOADED]))
    suffix = paths[0].suffix
    if suffix == ".ndjson":
        types = ", ".join(f"'{name}': '{sql_type(name)}'" for name in wanted)
        source = f"read_ndjson({_listed(paths)}, columns = {{{types}}})"
    elif suffix == ".parquet":
        source = f"read_parquet({_listed(paths)}, hive_partitioning = false)"
        there = {str(row[0]) for row in base.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608
        missing = [name for name in (*MORE.values(), VIEW, REFERRER, LOADED) if name not in there]
        source = f"(SELECT *{''.join(f', NULL AS {quoted(name)}' for name in missing)} FROM {source})"  # noqa: S608
    else:
        base.register("rows", _table(paths, wanted, _arrow if suffix == ".arrows" else _msgpack))
        source = "rows"
    kinds = " AND ".join(f"{name} IN ({', '.join(repr(value) for value in values)})" for name, values in KIND.items())
    names = ", ".join(dict.fromkeys(quoted(name) for name in used.values()))
    chosen = ", ".join(quoted(name) for name in wanted)
    base.execute(f"CREATE TEMP TABLE found AS SELECT row_number() OVER () AS n, {chosen} FROM {source} WHERE {kinds}")  # noqa: S608
    base.execute(
        f"CREATE TEMP TABLE log AS SELECT {names}, load, {REFERRER} IS NULL OR {REFERRER} = '' AS fresh FROM found "  # noqa: S608
        f"LEFT JOIN (SELECT {quoted(VIEW)}, max({LOADED}) AS load FROM found WHERE type = 'perf' GROUP BY ALL) USING ({quoted(VIEW)}) "
        "WHERE type = 'pv' ORDER BY n"
    )
    return {**used, "load": "load", "fresh": "fresh"}


def quoted(name: str) -> str:
    """Write a column's name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _listed(paths: list[Path]) -> str:
    return "[" + ", ".join("'" + escape(str(path)).replace("'", "''") + "'" for path in paths) + "]"


def _table(paths: list[Path], names: list[str], read: Callable[[Path, list[str]], Iterator["pa.Table"]]) -> "pa.Table":
    """Give the page views of all files as one table of text and numbers."""
    import pyarrow as pa  # noqa: PLC0415 - heavy

    types = {"BIGINT": pa.int64(), "DOUBLE": pa.float64()}
    schema = pa.schema([(name, types.get(sql_type(name), pa.string())) for name in names])
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
            for name, values in KIND.items():
                kept = pc.and_(kept, pc.is_in(batch.column(name).cast(pa.string()), pa.array(values)))
            yield pa.table(
                {name: batch.column(name).cast(pa.string()) if sql_type(name) == "VARCHAR" else batch.column(name) for name in names}
            ).filter(kept)


def _msgpack(path: Path, names: list[str]) -> Iterator["pa.Table"]:
    import msgpack  # noqa: PLC0415
    import pyarrow as pa  # noqa: PLC0415

    with path.open("rb") as file:
        rows = (row for row in map(_row, msgpack.Unpacker(file)) if all(row.get(name) in values for name, values in KIND.items()))
        while batch := [row for _, row in zip(range(BATCH), rows, strict=False)]:
            yield pa.table({name: pa.array([row.get(name) for row in batch]) for name in names})


def _row(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise TypeError(f"found {type(found).__name__}, not a row")
    return found
