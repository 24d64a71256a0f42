"""Reading back: what is on disk, as numbers, rows and tables."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from xxhash import xxh3_64_intdigest, xxh64_intdigest

from simulator.collector.read_back import flatten, rows, session_key, stored
from simulator.collector.sql import connect
from simulator.collector.store import Store, segments, torn_bytes
from simulator.errors import DataError
from simulator.schema.columns import COLUMNS, INTEGER_COLUMNS, NUMBER_COLUMNS
from simulator.schema.words import EVENT_TYPES

SESSION = "e905d0967e554755a7929f5ce6d82693"
READERS = [stored, connect, lambda path: list(rows(path))]


@pytest.fixture
def received(loopless: Callable[..., Any], captured: bytes) -> Path:
    """Store what the real SDK sent, and a foreign payload."""
    server = loopless()
    assert server.post(captured).status == 204
    foreign = {
        "app": {"id": "a", "name": "n", "channel": None},
        "session": {"id": "not ours"},
        "view": {"id": "v", "name": "outer"},
        "geo": "DE",
        "events": [
            {
                "timestamp": 1,
                "event_id": "x",
                "event_type": "ours",
                "view": {"name": "inner"},
                "Name": "N",
                "status_code": "200",
                "deep": {"a": [1.5, None]},
            },
            {
                "timestamp": 2,
                "event_id": "y",
                "event_type": "resource",
                "status_code": "none",
                "size": 7,
                "duration": 0.25,
                'odd"name': 1,
                "geo": "FR",
            },
        ],
    }
    assert server.post(json.dumps(foreign).encode()).status == 204
    return server.directory


def test_stored_recomputes_digests_from_the_files(received: Path, captured: bytes) -> None:
    """Every stored copy is one row of keys, type, time and the digest of its bytes, and its envelope's, as they were received."""
    table = stored(received)
    events = json.loads(captured)["events"]
    assert len(table) == len(events) + 2
    expected = [json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in events]
    assert all(raw in captured for raw in expected)
    ours = table[: len(events)]
    envelope = xxh64_intdigest(re.sub(rb'"events":\[.*\],', b"", captured))
    assert ours["digest"].tolist() == [xxh64_intdigest(raw, envelope) for raw in expected]
    assert ours["event"].tolist() == [int(event["event_id"][-16:], 16) for event in events]
    assert ours["session"].tolist() == [int(SESSION[:16], 16)] * len(events)
    assert ours["type"].tolist() == [(*EVENT_TYPES, "custom").index(event["event_type"]) for event in events]
    assert table["type"][-2:].tolist() == [len(EVENT_TYPES), EVENT_TYPES.index("resource")]
    assert table["timestamp"][-2:].tolist() == [1, 2]


def test_stored_sees_a_change_on_disk(received: Path) -> None:
    """One changed byte in a file is another digest: nothing is remembered."""
    before = stored(received)
    file = segments(received)[0]
    file.write_bytes(file.read_bytes().replace(b'"initial_load"', b'"initial_loaf"'))
    assert np.sum(stored(received) != before) == 1


@pytest.mark.parametrize(("was", "now"), [(b"/page/home", b"/page/hone"), (b"cdn-0.0.37", b"cdn-0.0.38"), (b'"env":"prod",', b"")])
def test_stored_sees_a_change_of_the_envelope(received: Path, captured: bytes, was: bytes, now: bytes) -> None:
    """One changed byte of an envelope, or one field less, is another digest of each event under it, and of no other."""
    before = stored(received)
    file = segments(received)[0]
    head, _, tail = file.read_bytes().partition(b'"events":[')
    assert was in captured.partition(b'"events":[')[0] or was in captured.rpartition(b"],")[2]
    file.write_bytes(head.replace(was, now) + b'"events":[' + tail)
    count = len(json.loads(captured)["events"])
    assert (stored(received)["digest"] != before["digest"]).tolist() == [True] * count + [False] * 2
    assert (stored(received)["session"] == before["session"]).all()


def test_rows_have_the_columns_in_their_order(received: Path) -> None:
    """A row has the listed columns in canonical order, then others as they came; an event's own view and fields win; empty ones are left out."""
    real, *_, mine, last = rows(received)
    assert list(real) == [name for name in COLUMNS if name in real]
    assert (real["session.id"], real["app.id"], real["view.name"], real["type"], real["_v"]) == (
        SESSION,
        "app1@deadbeef",
        "/page/home",
        "pv",
        "cdn-0.0.37",
    )
    assert list(mine) == [
        *("timestamp", "event_id", "event_type", "session.id", "view.id", "view.name", "app.id", "status_code", "app.name", "geo", "Name", "deep"),
    ]
    assert (mine["view.id"], mine["view.name"], mine["deep"], mine["geo"]) == ("v", "inner", {"a": [1.5, None]}, "DE")
    assert last["geo"] == "FR"


def test_flatten_leaves_other_shapes_alone() -> None:
    """A view or part of the envelope that is no object stays a value."""
    assert flatten({"view": 3, "session": {"id": "s"}}, {"view": [1]}) == {"session.id": "s", "view": [1]}


@pytest.mark.parametrize(
    ("text", "key"),
    [(SESSION, 0xE905D0967E554755), ("e905d096-7e55-4755-a792-9f5ce6d82693-01", 0xE905D0967E554755), ("short", xxh3_64_intdigest(b"short"))],
)
def test_a_session_s_key(text: str, key: int) -> None:
    """The key is the first 16 hex digits without dashes, else a hash."""
    assert session_key(text) == key


def test_sql_agrees_with_rows(received: Path) -> None:
    """Every value of every row is the same in the table, as its column's type can hold it."""
    with connect(received) as connection:
        answer = connection.execute("SELECT * FROM events")
        names = [column[0] for column in answer.description]
        table = [dict(zip(names, values, strict=True)) for values in answer.fetchall()]
    assert names[: len(COLUMNS)] == list(COLUMNS)
    assert sorted(names[len(COLUMNS) :]) == sorted(["app.name", "app.channel", "geo", "deep", 'odd"name', "received_at"])
    for row, found in zip(rows(received), table, strict=True):
        row.pop("Name", None)  # SQL takes it for `name`
        for name, value in found.items():
            if name == "received_at":
                continue
            expected = row.get(name)
            if name in NUMBER_COLUMNS and isinstance(expected, str):
                expected = int(expected) if expected.isdecimal() else None
            if name not in NUMBER_COLUMNS and expected is not None and not isinstance(expected, str):
                expected = json.dumps(expected, separators=(",", ":"))
            assert value == expected, name


def test_sql_has_proper_types(received: Path) -> None:
    """Columns of numbers are numbers, all others text; payloads has one row each."""
    with connect(received) as connection:
        types = dict(connection.execute("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'events'").fetchall())
        payloads = connection.execute("SELECT path, events FROM payloads ORDER BY received_at").fetchall()
    assert {name for name, type_ in types.items() if type_ == "BIGINT"} == {*INTEGER_COLUMNS, "received_at"}
    assert {name for name, type_ in types.items() if type_ == "DOUBLE"} == NUMBER_COLUMNS - INTEGER_COLUMNS
    assert [path for path, _ in payloads] == ["/rum", "/rum"]
    assert payloads[1][1] == 2


def test_a_folder_without_payloads(tmp_path: Path) -> None:
    """A folder where nothing was stored has no rows and an empty table."""
    Store(tmp_path).close()
    assert len(stored(tmp_path)) == 0
    assert stored(tmp_path).dtype.names == ("event", "session", "type", "timestamp", "digest")
    with connect(tmp_path) as connection:
        assert connection.execute('SELECT count(*), count("session.id") FROM events').fetchall() == [(0, 0)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "nowhere: no such folder"),
        ("file", "file: is a file"),
        ("empty", "empty: no segments there"),
        ("folder", "00000.ndjson: is no file"),
    ],
)
@pytest.mark.parametrize("read", READERS)
def test_what_is_no_collector_s_folder(tmp_path: Path, read: Callable[[Path], object], name: str, said: str) -> None:
    """A folder that is not there, is a file, or has no segments is told by every reader, and so is a segment that is a folder."""
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "folder" / "segment-00000.ndjson").mkdir(parents=True)
    with pytest.raises(DataError, match=said):
        read(tmp_path / name)


DAMAGE = {
    "cut off": lambda line: line[:50] + b"\n",
    "blank": lambda line: b"\n",
    "events that are none": lambda line: re.sub(rb'"events":\[.*\]', b'"events":7', line),
    "an event that is none": lambda line: line.replace(b'"events":[', b'"events":[7,'),
    "a number for an event's id": lambda line: re.sub(rb'"event_id":"[^"]*"', b'"event_id":7', line, count=1),
    "a session without an id": lambda line: line.replace(b'"session":{"id":', b'"session":{"di":'),
    "no envelope": lambda line: line.replace(b'"envelope":', b'"envelop":'),
    "a time in words": lambda line: re.sub(rb'"received_at":\d+', b'"received_at":"now"', line),
}


@pytest.mark.parametrize("what", DAMAGE)
@pytest.mark.parametrize("read", [stored, connect])
def test_audit_and_query_agree_on_damage(received: Path, read: Callable[[Path], object], what: str) -> None:
    """Whatever is wrong with a line, the audit's reader and SQL's name it alike."""
    file = segments(received)[0]
    lines = file.read_bytes().splitlines(keepends=True)
    damaged = DAMAGE[what](lines[1])
    assert damaged != lines[1]
    file.write_bytes(b"".join([lines[0], damaged, *lines[2:]]))
    with pytest.raises(DataError, match=r"segment-00000.ndjson:2: damaged line") as caught:
        read(received)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("torn", [b'{"received_at":5,"pa', b'{"received_at":5,"path":"/","envelope":{"session":{"id":"s"}},"events":[{}]}'])
def test_a_torn_last_line_is_skipped_and_counted(received: Path, torn: bytes) -> None:
    """Half a line at the end, or one of which only the end is missing, is not a row for any reader, and is counted."""
    count = len(stored(received))
    with segments(received)[0].open("ab") as file:
        file.write(torn)
    assert sum(torn_bytes(path) > 0 for path in segments(received)) == 1
    assert len(stored(received)) == len(list(rows(received))) == count
    with connect(received) as connection:
        assert connection.execute("SELECT count(*) FROM events").fetchall() == [(count,)]


def test_damage_and_newer_formats_are_named(received: Path) -> None:
    """A damaged line in the middle and a newer format are errors of the file for every reader."""
    file = segments(received)[0]
    lines = file.read_bytes().splitlines(keepends=True)
    for content in ([lines[0], lines[1][:50] + b"\n", lines[2]], [lines[0].replace(b"1", b"9"), *lines[1:]]):
        file.write_bytes(b"".join(content))
        for read in READERS:
            with pytest.raises(DataError, match=r"segment-00000.ndjson:(2: damaged line| found format 9)"):
                read(received)


def test_a_folder_with_a_name_like_a_pattern(loopless: Callable[..., Any], captured: bytes, tmp_path: Path) -> None:
    """The path of a folder is never a pattern."""
    server = loopless(directory=tmp_path / "run[1] *?")
    assert server.post(captured).status == 204
    with connect(server.directory) as connection:
        assert connection.execute("SELECT sum(events) FROM payloads").fetchall() == [(len(json.loads(captured)["events"]),)]


def test_names_that_sql_takes_for_equal(loopless: Callable[..., Any]) -> None:
    """Of names that differ in case only one is a column, and names that SQL cannot hold do no harm."""
    server = loopless()
    event = {"timestamp": 1, "event_id": "x", "event_type": "t", "": 1, "$a": 2, "/b": 3, "Received_At": 4, "URL": "u", "é'": 5, "App.Id": 6}
    body = {"app": {"id": "a", "ID": "b", "Name": "c", "name": "d"}, "session": {"id": "s"}, "SESSION": {"id": "t"}, "events": [event]}
    assert server.post(json.dumps(body).encode()).status == 204
    with connect(server.directory) as connection:
        assert isinstance(connection, duckdb.DuckDBPyConnection)
        assert connection.execute('SELECT "app.id", "session.id", "é\'" FROM events').fetchall() == [("a", "s", "5")]
