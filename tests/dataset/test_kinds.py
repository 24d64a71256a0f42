"""Payloads are what would be sent, and sessions are the truth about each: both agree with the events, in every format."""

import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from invariants import everything

from simulator.cli import main
from simulator.dataset.manifest import Manifest
from simulator.profile import starters
from simulator.schema.words import END_REASONS, VIAS

Make = Callable[..., Any]
Read = Callable[[Path], Manifest]
HOUR = 3_600_000
BEGIN = 1_767_571_200_000 + 15 * HOUR
HOURS = 7.5
DEVICES = 200
COUNTS = ("view", "action", "resource", "exception", "longTask", "application")


def rows(folder: Path) -> list[dict[str, Any]]:
    """Give the rows of a dataset of payloads or sessions, in order."""
    found: list[dict[str, Any]] = []
    for path in sorted(folder.glob("[eps]*s/**/block-*")):
        if path.suffix == ".ndjson":
            found += [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
        elif path.suffix == ".msgpack":
            found += list(msgpack.Unpacker(io.BytesIO(path.read_bytes())))
        else:
            table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_stream(path.read_bytes()).read_all()
            found += table.to_pylist()
    return [row | ({"body": row["body"].encode()} if isinstance(row.get("body"), str) else {}) for row in found]


@pytest.fixture(scope="module")
def made_of(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[dict[str, Any]]]:
    """Give the rows of a dataset of each kind, of one profile with everything in it."""
    top = tmp_path_factory.mktemp("kinds")

    def made(kind: str) -> list[dict[str, Any]]:
        if not (top / kind).exists():
            make(everything(), top / kind, kind=kind, devices=DEVICES, hours=HOURS)
        return rows(top / kind)

    return made


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", ["payloads", "sessions"])
def test_a_row_is_the_same_in_every_format(kind: str, make: Make, manifest: Read, tmp_path: Path) -> None:
    """Whatever the format, the number of workers, and compiled or not: the same rows and the same digest."""
    for file_format, more in (("ndjson", {}), ("msgpack", {}), ("parquet", {"compiled": False}), ("arrow", {"workers": 2})):
        make(everything(), tmp_path / file_format, kind=kind, file_format=file_format, hours=5.0, **more)
        assert rows(tmp_path / file_format) == rows(tmp_path / "ndjson")
        assert manifest(tmp_path / file_format).digest == manifest(tmp_path / "ndjson").digest
    assert (manifest(tmp_path / "ndjson").kind, manifest(tmp_path / "ndjson").rows) == (kind, len(rows(tmp_path / "ndjson")))
    assert len(rows(tmp_path / "ndjson")) > 50


@pytest.mark.usefixtures("small_blocks")
def test_the_digest_of_payloads_follows_their_values(make: Make, manifest: Read, tmp_path: Path) -> None:
    """Another start shifts the times in bodies, but the digest stays; another seed or fewer hours change it."""
    for name, more in (
        ("one", {}),
        ("later", {"start_ms": 1_800_000_000_000}),
        ("seed", {"seed": 8}),
        ("hours", {"hours": 4.0}),
    ):
        make(everything(), tmp_path / name, **{"kind": "payloads", "hours": 5.0} | more)
    digests = [manifest(tmp_path / name).digest for name in ("one", "seed", "hours")]
    assert manifest(tmp_path / "later").digest == digests[0]
    assert rows(tmp_path / "later") != rows(tmp_path / "one")
    assert len({*digests}) == len(digests)


def test_payloads_have_the_events(made_of: Callable[[str], list[dict[str, Any]]]) -> None:
    """The bodies are JSON; together they carry each event of the dataset of events once, under its session, and are due in the span."""
    carried, arrived = [], {row["event_id"]: row["arrived_at"] for row in made_of("events")}
    for row in made_of("payloads"):
        assert list(row) == ["due_ms", "device", "session_key", "via", "path", "content_type", "events", "body"]
        body = json.loads(row["body"])
        assert row["events"] == len(body["events"]) > 0
        assert f"{row['session_key']:016x}" == body["session"]["id"].replace("-", "")[:16]
        assert BEGIN <= row["due_ms"] < BEGIN + HOURS * HOUR
        assert (row["via"] in VIAS, row["path"], row["device"] < DEVICES) == (True, "/rum/collect", True)
        assert row["content_type"] == {"beacon": "text/plain;charset=UTF-8", "xhr": "text/plain", "post": "application/json"}[row["via"]]
        assert {arrived[event["event_id"]] for event in body["events"]} == {row["due_ms"]}
        carried += [event["event_id"] for event in body["events"]]
    assert sorted(carried) == sorted(row["event_id"] for row in made_of("events"))


def test_payloads_go_to_the_endpoint(make: Make, tmp_path: Path) -> None:
    """Each payload has the path that the profile's `app.endpoint` says."""
    make(everything().replace("/rum/collect", "/r/web"), tmp_path / "data", kind="payloads", devices=20, hours=4.0)
    assert {row["path"] for row in rows(tmp_path / "data")} == {"/r/web"}


def test_sessions_agree_with_events(made_of: Callable[[str], list[dict[str, Any]]]) -> None:
    """Each event is of a session in the truth, which counts it by its type; what was not sampled has counts, too, but no events."""
    events: dict[str, Counter[str]] = {}
    for row in made_of("events"):
        events.setdefault(row["session.id"], Counter())[row["event_type"]] += 1
    sessions = {row["session.id"]: row for row in made_of("sessions")}
    assert len(sessions) == len(made_of("sessions"))
    assert events.keys() <= {name for name, row in sessions.items() if row["sampled"]}
    for name, row in sessions.items():
        if row["sampled"]:
            assert {kind: row[kind] for kind in COUNTS} == {kind: events.get(name, Counter())[kind] for kind in COUNTS}
    assert any(row["view"] for row in sessions.values() if not row["sampled"])
    users = {row["session.id"]: (row["user.id"], row.get("device.id")) for row in made_of("events")}
    assert all((sessions[name]["user.id"], device and sessions[name]["device.id"]) == (user, device) for name, (user, device) in users.items())


def test_sessions_end(made_of: Callable[[str], list[dict[str, Any]]]) -> None:
    """A session has an end and a reason unless it goes on at the end of the span; those of a device follow each other."""
    found = made_of("sessions")
    latest: dict[str, dict[str, Any]] = {}
    for row in found:
        assert (row["end"] is None) == (row["end_reason"] == "") == row["cut_end"]
        assert (row["start"] < BEGIN) == row["cut_start"]
        assert row["start"] <= (row["end"] if row["end"] is not None else BEGIN + HOURS * HOUR)
        before = latest.get(row["device.id"])
        if before:
            assert row["ordinal"] == before["ordinal"] + 1
            assert before["end"] <= row["start"]
        latest[row["device.id"]] = row
    reasons = Counter(row["end_reason"] for row in found)
    assert {"", "closed", "overtime", "background"} <= set(reasons) <= set(END_REASONS)
    assert any(row["cut_start"] for row in found)


def test_events_lie_in_their_session(make: Make, tmp_path: Path) -> None:
    """With true clocks no event of a documented edition begins after its session's end, whatever ended it."""
    shop = starters.read("shop")
    for kind in ("events", "sessions"):
        make(shop, tmp_path / kind, kind=kind, devices=300, hours=24.0, offset_hours=0.0)
    ends = {row["session.id"]: row["end"] for row in rows(tmp_path / "sessions") if row["end"] is not None}
    late = [row for row in rows(tmp_path / "events") if row["timestamp"] > ends.get(row["session.id"], 1 << 60)]
    assert late == []


def test_incidents_met(tmp_path: Path) -> None:
    """A session's row names the incidents that labels say it has met."""
    options = ["--devices", "300", "--hours", "14", "--seed", "7", "--visits-per-day", "4", "--offset", "8", "--as", "sessions"]
    assert CliRunner().invoke(main, ["generate", "incident-day", *options, "--out", str(tmp_path / "data")]).exit_code == 0
    met = {(row["session.id"], name) for row in rows(tmp_path / "data") for name in row["incidents"]}
    labels = [json.loads(line) for line in (tmp_path / "data/incidents.ndjson").read_bytes().splitlines()]
    assert met == {(label["session.id"], label["incident"]) for label in labels if "session.id" in label}
    assert len({name for _, name in met}) > 5


def test_events_arrive_late_and_out_of_order(make: Make, tmp_path: Path) -> None:
    """Events arrive after they happened: within seconds where the queue is flushed, at the next launch after a crash; a wrong clock shows."""
    text = starters.read("incident-day")
    assert "clocks" not in text
    make(text, tmp_path / "data", devices=300, hours=24.0, offset_hours=0.0)
    found = rows(tmp_path / "data")
    delays = [row["arrived_at"] - row["timestamp"] for row in found]
    assert min(delays) >= 0
    assert sorted(delays)[len(delays) // 2] <= 20_000
    crashes = [row["arrived_at"] - row["timestamp"] for row in found if row["event_type"] == "exception" and row["type"] == "crash"]
    assert crashes
    assert max(crashes) > 60_000
    by_arrival = sorted(found, key=lambda row: row["arrived_at"])
    assert [row["timestamp"] for row in by_arrival] != sorted(row["timestamp"] for row in found)
