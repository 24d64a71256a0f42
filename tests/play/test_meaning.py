"""What play writes down hangs together: sessions and sampling, the beginning, emitted times, payloads."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from simulator.kernel.rnd import threshold
from simulator.play.model import Model, make
from simulator.play.seat import ROWS
from simulator.profile import starters
from simulator.profile.editions import EDITIONS, NAMES
from simulator.profile.loader import parse
from simulator.profile.types import SessionConfig
from simulator.schema.words import DROPPED_NO_SESSION, DROPPED_STALE, EVENT_TYPES, LOST, PLATFORMS, SAMPLED_OUT, SENT

HOUR = 3_600_000
DAY = 24 * HOUR
Play = Callable[..., Any]


def sessions_of(played: Any) -> dict[int, dict[str, int]]:
    """Give session rows by their key."""
    names = ("session", "device", "ordinal", "platform", "sampled", "cut_start", "draw", "start")
    return {row[0]: dict(zip(names, row, strict=True)) for row in played.sessions}


@pytest.fixture(scope="module")
def model() -> Model:
    """Give the shop with right clocks and the documented editions alone, as many devices of each platform, and ten times as many crashes."""
    shop = parse(starters.read("shop"), "shop.toml")
    platforms = {name: structs.replace(row, share=0.25, crash_share=10 * row.crash_share) for name, row in shop.platforms.items()}
    return make(structs.replace(shop, platforms=platforms), 4, visits_per_day=6.0)


@pytest.fixture(scope="module")
def played(model: Model, play: Play) -> Any:
    """Give its payloads."""
    return play(model)


@pytest.fixture(scope="module")
def rows(model: Model, play: Play) -> Any:
    """Give its rows."""
    return play(model, prints=ROWS)


@pytest.fixture(scope="module")
def documents(played: Any) -> list[dict[str, Any]]:
    """Give its payloads as documents."""
    return [json.loads(body) for *_, body in played.payloads]


# ---------------------------------------------------------------------------------------------------------- sessions and sampling


def test_a_session_is_written_down_once(played: Any) -> None:
    """Each session has one row, under its own key and its own ordinal on the device."""
    assert len({row[0] for row in played.sessions}) == len(played.sessions)
    assert len({row[1:3] for row in played.sessions}) == len(played.sessions)
    assert {row[3] for row in played.sessions} == set(range(len(PLATFORMS)))


def test_a_session_is_sampled_by_its_draw(played: Any, model: Model) -> None:
    """A session is sampled exactly if its draw is below the configured rate, and some are not."""
    rates = [threshold(model.profile.platforms[name].session.sample_rate) for name in PLATFORMS]  # type: ignore[arg-type]
    rows = sessions_of(played).values()
    for row in rows:
        assert row["sampled"] == (row["draw"] < rates[row["platform"]])
        assert 0 <= row["draw"] < 1 << 31
    assert {row["sampled"] for row in rows} == {0, 1}


def test_an_events_fate_is_its_sessions(played: Any) -> None:
    """Of a sampled session all events are sent, of an unsampled one none; what belongs to no session is dropped."""
    known = sessions_of(played)
    for _, session, device, _, fate, _ in played.events:
        if session == 0:
            assert fate == DROPPED_NO_SESSION
            continue
        assert known[session]["device"] == device
        assert fate == (SENT if known[session]["sampled"] else SAMPLED_OUT)


def test_an_unsampled_session_makes_no_request(played: Any) -> None:
    """No payload is of an unsampled session, and every sampled session with events has one."""
    known = sessions_of(played)
    assert all(known[session]["sampled"] for _, session, *_ in played.payloads)
    assert {session for _, session, *_ in played.payloads} == {row[1] for row in played.events if row[4] == SENT}


@pytest.mark.parametrize("edition", EDITIONS)
def test_unsampled_sessions_are_no_network_overhead(model: Model, play: Play, edition: str) -> None:
    """Document, Session Sampling: at rate 0 events are discarded without network overhead: no payload, no byte, crashes included."""
    name = EDITIONS[edition].platform
    platform = structs.replace(model.profile.platforms[name], share=1.0, editions={edition: 1.0}, session=SessionConfig(sample_rate=0.0))
    quiet = make(structs.replace(model.profile, platforms={name: platform}), model.seed, visits_per_day=model.visits_per_day)
    found = play(quiet, count=8)
    assert (found.payloads, found.texts) == ([], {})
    assert {row[4] for row in found.events} <= {SAMPLED_OUT, DROPPED_NO_SESSION, DROPPED_STALE, LOST}
    assert len([row for row in found.events if row[4] == SAMPLED_OUT]) > 50


def test_ordinals_count_on(played: Any) -> None:
    """A device's sessions are numbered without a gap, and later ones begin later."""
    by_device: dict[int, list[tuple[int, int]]] = {}
    for row in sessions_of(played).values():
        by_device.setdefault(row["device"], []).append((row["ordinal"], row["start"]))
    for pairs in by_device.values():
        pairs.sort()
        assert [ordinal for ordinal, _ in pairs] == list(range(pairs[0][0], pairs[0][0] + len(pairs)))
        assert [start for _, start in pairs] == sorted(start for _, start in pairs)


def test_events_are_of_their_session(documents: list[dict[str, Any]], played: Any) -> None:
    """A payload holds events of one session, its own, and rows of events say the same as the payload's text."""
    types = {row[0]: (row[1], row[3], row[5]) for row in played.events}
    for (device, session, due, _, _), document in zip(played.payloads, documents, strict=True):
        assert int(document["session"]["id"][:16], 16) == session % (1 << 64)
        assert device >= 0
        for event in document["events"]:
            key = int(event["event_id"][-16:], 16)
            owner, kind, stamp = types[key - (1 << 64) if key >> 63 else key]
            assert event["event_id"].startswith(f"00-{document['session']['id']}-")
            assert (owner, EVENT_TYPES[kind], stamp) == (session, event["event_type"], event["timestamp"])
            assert event["timestamp"] <= due


def test_a_session_begins_before_what_happens_in_it(played: Any) -> None:
    """A session's page views, actions and errors are not before its start."""
    known = sessions_of(played)
    kinds = Counter()
    for _, session, _, kind, _, stamp in played.events:
        if session and EVENT_TYPES[kind] in ("action", "exception"):
            kinds[EVENT_TYPES[kind]] += 1
            assert stamp >= known[session]["start"]
    assert kinds["action"] > 100


# ------------------------------------------------------------------------------------------------------------------ emitted times


def without_times(text: bytes) -> bytes:
    """Blank out time stamps."""
    return re.sub(rb'"timestamp":-?\d+', b'"timestamp":', text)


@pytest.mark.parametrize("shift", [1, 37 * DAY + 1, -20 * 365 * DAY])
def test_a_shift_of_emitted_times_changes_only_times(model: Model, play: Play, played: Any, rows: Any, shift: int) -> None:
    """Emitting at another time shifts every emitted time by one constant and changes nothing else."""
    moved = play(model, epoch=model.start_ms + shift)
    assert [(*row[:-1], row[-1] - shift) for row in moved.sessions] == played.sessions
    assert [(*row[:-1], row[-1] - shift) for row in moved.events] == played.events
    assert [(d, s, due - shift, n) for d, s, due, n, _ in moved.payloads] == [(d, s, due, n) for d, s, due, n, _ in played.payloads]
    assert [without_times(body) for *_, body in moved.payloads] == [without_times(body) for *_, body in played.payloads]
    moved_rows = play(model, epoch=model.start_ms + shift, prints=ROWS)
    for key, text in moved_rows.texts.items():
        row, before = json.loads(text), json.loads(rows.texts[key])
        for name in ("timestamp", "arrived_at"):
            assert row.pop(name) - shift == before.pop(name)
        assert row == before


# -------------------------------------------------------------------------------------------------------------------- the beginning


@pytest.fixture(scope="module", params=[11 * HOUR, 15 * HOUR + 12_345])
def late(request: pytest.FixtureRequest, model: Model, play: Play, played: Any) -> tuple[int, Any, Any]:
    """Give a run that begins later in the same lives, its beginning as an emitted time, and the run from the start."""
    begin = request.param
    same_past = replace(model, lead=model.lead + begin)
    return model.start_ms + begin, play(same_past, begin=begin, end=20 * HOUR), played


def test_what_is_flushed_before_the_beginning_is_not_emitted(late: tuple[int, Any, Any]) -> None:
    """A run that begins later emits exactly the payloads that are due from its beginning on."""
    begin, found, whole = late
    assert sorted(found.payloads) == sorted(p for p in whole.payloads if p[2] >= begin)
    assert 0 < len(found.payloads) < len(whole.payloads)
    assert set(found.events) <= set(whole.events)


def test_sessions_across_the_beginning_are_cut(late: tuple[int, Any, Any]) -> None:
    """Sessions that began earlier are marked as cut, all others are not; what began later is there in full."""
    begin, found, whole = late
    before = sessions_of(whole)
    for key, row in sessions_of(found).items():
        assert row["cut_start"] == (row["start"] < begin)
        assert row | {"cut_start": 0} == before[key] | {"cut_start": 0}
    assert {key for key, row in sessions_of(found).items() if not row["cut_start"]} == {k for k, row in before.items() if row["start"] >= begin}


def test_sessions_of_emitted_events_are_known(late: tuple[int, Any, Any]) -> None:
    """Every emitted event's session has a row, those that began before the beginning included, of which there are some."""
    _, found, _ = late
    known = sessions_of(found)
    owners = {row[1] for row in found.events if row[1]}
    assert owners <= known.keys()
    assert any(known[owner]["cut_start"] for owner in owners)
    assert any(not known[owner]["cut_start"] for owner in owners)


def test_a_run_begins_in_mid_life(model: Model, play: Play) -> None:
    """A run has sessions that are under way when it begins, whatever hour of the week that is."""
    for begin in (0, 12 * HOUR, 6 * DAY):
        found = play(model, count=400, begin=begin, end=begin + 2 * HOUR)
        assert sum(row["cut_start"] for row in sessions_of(found).values()) > 10


def test_the_beginning_is_interpreted_as_it_is_compiled(model: Model, play: Play) -> None:
    """Both bodies agree on what reaches over the beginning."""
    for begin in (3 * HOUR, 30 * HOUR + 7):
        one = play(model, count=30, begin=begin, end=begin + 8 * HOUR)
        assert one.same_as(play(model, count=30, begin=begin, end=begin + 8 * HOUR, compiled=False))


# -------------------------------------------------------------------------------------------------------------------------- payloads


def test_payloads_of_a_device_are_due_in_order(played: Any) -> None:
    """A device's payloads come in the order in which they are due."""
    latest: dict[int, int] = {}
    for device, _, due, _, _ in played.payloads:
        assert due >= latest.get(device, 0)
        latest[device] = due


def test_a_payload_is_due_when_an_edition_flushes(played: Any, documents: list[dict[str, Any]], model: Model) -> None:
    """No payload holds more events than its edition collects and one step adds."""
    for (_, _, _, events, _), document in zip(played.payloads, documents, strict=True):
        edition = {"browser": "web", "miniapp": "miniprogram"}.get(document["app"]["type"], document["app"]["type"]) + "-documented"
        assert events <= model.limits[NAMES.index(edition)].flush_count + 3


def test_a_crash_is_sent_by_the_next_launch(documents: list[dict[str, Any]], played: Any) -> None:
    """A crash goes out when the app is launched again, after what was queued before it, with the session and page in which it happened."""
    found = 0
    for (_, _, due, _, _), document in zip(played.payloads, documents, strict=True):
        for event in document["events"]:
            if event["type"] == "crash":
                found += 1
                assert event == document["events"][-1]
                assert event["timestamp"] < due
                assert event.get("view", document["view"])["name"]
    assert found > 0
