"""What a collector has, as DuckDB tables: `events`, one row per stored copy with the columns of schema.columns, and `payloads`.

Rules of the file: a segment's lines are looked at as the audit does, so that what is damaged for the one is for the other; then DuckDB reads it
itself. Columns that are not listed are VARCHAR and follow; a value that does not fit its column's type is NULL; nested values are JSON text. Of two
names that differ in case only, one becomes a column.
"""

import json
from collections.abc import Iterable
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.collector.read_back import files, payloads
from simulator.schema.columns import ALIASES, COLUMNS, ENVELOPE, sql_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LINE_BYTES: Final = 64 << 20  # more than a line has under the limit of a body, twice stored or not
Parts = dict[str, list[str]]
"""Key -> the keys of the object there; none if it is a value."""
READ: Final = "{received_at: 'BIGINT', path: 'VARCHAR', envelope: 'JSON', events: 'JSON[]'}"


def connect(directory: Path) -> "DuckDBPyConnection":
    """Open an in-memory database with what the folder holds now."""
    import duckdb  # noqa: PLC0415

    sound = {path: sum(1 for _ in payloads(path)) for path in files(directory)}
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute("CREATE TEMP TABLE lines (received_at BIGINT, path VARCHAR, envelope JSON, events JSON[])")
    source = f"read_ndjson(?, columns = {READ}, ignore_errors = true, maximum_object_size = {LINE_BYTES})"
    for path, count in sound.items():  # the header has no time; a torn last line is beyond the count
        connection.execute(f"INSERT INTO lines SELECT * FROM {source} WHERE received_at IS NOT NULL LIMIT ?", [escape(str(path)), count])  # noqa: S608
    connection.execute("CREATE TABLE payloads AS SELECT received_at, path, len(events) AS events, envelope FROM lines")
    connection.execute(_events(connection))
    connection.execute("DROP TABLE lines")
    return connection


def _events(connection: "DuckDBPyConnection") -> str:
    """Write the statement that makes the table of events, with the columns that the lines need."""
    in_event = _distinct(
        ["view", *(name for name in COLUMNS if name not in ENVELOPE), *_keys(connection, "SELECT unnest(events) AS part FROM lines")]
    )
    in_envelope: Parts = {}
    for top, *inner in ENVELOPE.values():
        in_envelope.setdefault(top, []).extend(inner)
    for top in _distinct([*in_envelope, *_keys(connection, "SELECT envelope AS part FROM lines")]):
        inner = _keys(connection, f"SELECT json_extract(envelope, {_literal(top)}) AS part FROM lines")  # noqa: S608
        in_envelope[top] = _distinct([*in_envelope.get(top, []), *inner])
    sources: dict[str, list[str]] = {name: [] for name in COLUMNS}
    for name in in_event[1:]:
        sources.setdefault(ALIASES.get(name, name), []).append(f"event.{_name(name)}")
    for name in in_envelope["view"]:
        sources.setdefault(f"view.{name}", []).append(f"event.view.{_name(name)}")
    for top, inner in in_envelope.items():
        for name in inner:
            sources.setdefault(f"{top}.{name}", []).append(f"envelope.{_name(top)}.{_name(name)}")
        if not inner:
            sources.setdefault(top, []).append(f"envelope.{_name(top)}")
        elif _is_value_somewhere(connection, top):
            sources.setdefault(top, []).append(f"if(json_type(whole, {_literal(top)}) = 'OBJECT', NULL, whole ->> {_literal(top)})")
    columns = [f"coalesce({', '.join(sources[name])}) AS {_name(name)}" for name in _distinct(["received_at", *sources])[1:]]
    envelope_shape = _shape(in_envelope, typed=False)
    event_shape = _shape({name: in_envelope["view"] if name == "view" else [] for name in in_event}, typed=True)
    return f"""
        CREATE TABLE events AS SELECT {", ".join(columns)}, received_at FROM (
            SELECT * REPLACE (json_transform(event, {event_shape}) AS event) FROM (
                SELECT received_at, unnest(events) AS event, envelope AS whole, json_transform(envelope, {envelope_shape}) AS envelope
                FROM lines))"""  # noqa: S608


def _keys(connection: "DuckDBPyConnection", parts: str) -> list[str]:
    """List the keys of JSON objects, except those that neither a path nor a column can name."""
    sql = f"SELECT DISTINCT unnest(json_keys(part)) AS key FROM ({parts}) WHERE json_type(part) = 'OBJECT' ORDER BY key"  # noqa: S608
    return [key for (key,) in connection.execute(sql).fetchall() if key[:1] not in ("", "$", "/")]


def _is_value_somewhere(connection: "DuckDBPyConnection", top: str) -> bool:
    sql = f"SELECT 1 FROM lines WHERE json_type(envelope, {_literal(top)}) NOT IN ('OBJECT', 'NULL') LIMIT 1"  # noqa: S608
    return connection.execute(sql).fetchone() is not None


def _distinct(names: Iterable[str]) -> list[str]:
    """Keep the first of names that SQL takes for equal."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(name.casefold(), name)
    return list(first.values())


def _shape(parts: Parts, *, typed: bool) -> str:
    """Write what json_transform wants: a type for each key, one level of objects inside."""
    shape = {name: dict.fromkeys(inner, "VARCHAR") or (sql_type(ALIASES.get(name, name)) if typed else "VARCHAR") for name, inner in parts.items()}
    return _literal(json.dumps(shape))


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
