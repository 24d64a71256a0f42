"""Faults on demand: what each does to what is stored, and that the log says exactly that."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from xxhash import xxh64_intdigest

from simulator.collector.faults import KINDS, Fault, Faults, parse, swap
from simulator.collector.read_back import rows, stored
from simulator.errors import ProfileError

SESSIONS = [f"{number:016x}{number:016x}" for number in range(1, 51)]
EACH = 20


@pytest.fixture
def sent(new_event: Callable[..., Any], new_payload: Callable[..., bytes]) -> list[bytes]:
    """Build 50 payloads of 20 events, each of another session."""
    return [new_payload([new_event(place * EACH + n, session) for n in range(EACH)], session) for place, session in enumerate(SESSIONS)]


def ids(directory: Path) -> Counter[str]:
    """Count the stored copies of each event."""
    return Counter(row["event_id"] for row in rows(directory))


def ids_of(body: bytes) -> list[str]:
    """List the ids of a body."""
    return [event["event_id"] for event in json.loads(body)["events"]]


def confessed(server: Any, kind: str) -> Counter[str]:
    """Count the events that the log names for a kind."""
    return Counter(line["event_id"] for line in server.faults_done() if line["kind"] == kind)


def test_drop_loses_exactly_the_confessed_events(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """Events of the share are acknowledged and not stored, the log names each, and sent again each is a duplicate, not a second loss."""
    server = loopless("drop=0.05")
    for body in sent * 2:
        assert server.post(body).status == 204
    lost = set().union(*map(ids_of, sent)) - set(ids(server.directory))
    assert Counter(lost) == confessed(server, "drop")
    assert 25 <= len(lost) <= 80  # 1000 events, share 0.05: outside with a chance below 1e-4
    assert server.app.stats()["duplicates"] == 1000


def test_duplicate_stores_exactly_the_confessed_events_twice(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """Events of the share are stored twice with the same bytes."""
    server = loopless("duplicate=0.05")
    for body in sent:
        assert server.post(body).status == 204
    twice = {event: 1 for event, copies in ids(server.directory).items() if copies == 2}
    assert Counter(twice) == confessed(server, "duplicate") != Counter()
    table = stored(server.directory)
    assert len(table) == 1000 + len(twice)
    assert len(np.unique(table)) == 1000


def test_forget_lets_exactly_the_confessed_events_in_again(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """Of events that are sent again, the share is stored again; all others stay duplicates."""
    server = loopless("forget=0.05")
    for body in sent * 2:
        assert server.post(body).status == 204
    twice = {event: 1 for event, copies in ids(server.directory).items() if copies == 2}
    assert Counter(twice) == confessed(server, "forget") != Counter()


@pytest.mark.parametrize("field", ["", ":type"])
def test_swap_field_alters_exactly_the_confessed_events(loopless: Callable[..., Any], sent: list[bytes], field: str) -> None:
    """Events of the share have another value in one field, all their other bytes are as they were sent."""
    server = loopless(f"swap_field=0.05{field}")
    for body in sent:
        assert server.post(body).status == 204
    digests = {}
    for body in map(json.loads, sent):
        events = body.pop("events")
        envelope = xxh64_intdigest(msgspec.json.encode(body))
        digests |= {event["event_id"]: xxh64_intdigest(msgspec.json.encode(event), envelope) for event in events}
    kept = set(stored(server.directory)["digest"].tolist())
    altered = {event: 1 for event, digest in digests.items() if digest not in kept}
    assert Counter(altered) == confessed(server, "swap_field") != Counter()
    assert set(ids(server.directory)) == set(digests)


def test_mix_sessions_stores_exactly_the_confessed_events_under_another_session(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """Events of the share are stored under the envelope of another session's payload; the first session has none to be mixed with."""
    server = loopless("mix_sessions=0.05")
    for body in sent:
        assert server.post(body).status == 204
    mixed = Counter(row["event_id"] for row in rows(server.directory) if row["session.id"] not in row["event_id"])
    assert mixed == confessed(server, "mix_sessions") != Counter()
    table = stored(server.directory)
    assert len(table) == 1000
    assert np.sum(table["session"] != (table["event"] // EACH + 1)) == mixed.total()


def test_half_batch_loses_exactly_the_confessed_second_halves(
    loopless: Callable[..., Any], sent: list[bytes], new_event: Any, new_payload: Any
) -> None:
    """Of struck payloads only the first half is stored; the one event of a payload is its first half."""
    server = loopless("half_batch=0.2")
    for body in sent:
        assert server.post(body).status == 204
    lost = Counter(set().union(*map(ids_of, sent)) - set(ids(server.directory)))
    assert lost == confessed(server, "half_batch") != Counter()
    assert lost.total() % (EACH // 2) == 0
    alone = loopless("half_batch=1", directory=server.directory / "alone")
    assert alone.post(new_payload([new_event(1)])).status == 204
    assert alone.post(new_payload([new_event(n) for n in (2, 3, 4)])).status == 204
    assert [line["event_id"][-1] for line in alone.faults_done()] == ["4"]


def test_status_refuses_and_stores_nothing(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """Requests of the share are answered with the code; sent again, each is drawn anew, so patience gets everything in."""
    server = loopless("status=0.5:503")
    waiting, refused = list(sent), 0
    while waiting:
        again = [body for body in waiting if server.post(body).status == 503]
        assert not set(ids(server.directory)) & {event for body in again for event in ids_of(body)}
        refused += len(again)
        waiting = again
        assert refused < 1000
    assert refused == len(server.faults_done()) == server.app.stats()["refused"]["503"]
    assert ids(server.directory) == Counter(set().union(*map(ids_of, sent)))


def test_retry_after_names_the_seconds(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """A struck request is answered 429 with Retry-After."""
    server = loopless("retry_after=1:7")
    reply = server.post(sent[0])
    assert (reply.status, reply.headers["retry-after"]) == (429, "7")
    assert [(line["kind"], line["seconds"]) for line in server.faults_done()] == [("retry_after", 7)]


def test_a_delay_and_shares_of_none(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """A delayed request is stored and answered as any other; a share of 0 never strikes."""
    server = loopless("drop=0", "status=0:500", "delay=1:1")
    assert server.post(sent[0]).status == 204
    assert [(line["kind"], line["ms"]) for line in server.faults_done()] == [("delay", 1)]


def test_a_frozen_collector_answers_at_the_end_of_the_window(loopless: Callable[..., Any], sent: list[bytes]) -> None:
    """A request that arrives while it is frozen is stored and answered when the window ends, not before; later ones are not held."""
    began = time.monotonic()
    server = loopless("freeze=1@0..0.5")
    assert server.post(sent[0]).status == 204
    assert time.monotonic() - began >= 0.5
    assert server.post(sent[1]).status == 204
    assert [line["kind"] for line in server.faults_done()] == ["freeze"]
    assert len(stored(server.directory)) == 2 * EACH


def test_faults_do_not_depend_on_the_order_of_arrival(loopless: Callable[..., Any], sent: list[bytes], tmp_path: Path) -> None:
    """The same events are struck in any order, and others with another seed."""
    results = []
    for name, bodies, seed in (("a", sent, 1), ("b", sent[::-1], 1), ("c", sent, 2)):
        server = loopless("drop=0.05", "duplicate=0.05", directory=tmp_path / name, seed=seed)
        for body in bodies:
            server.post(body)
        results.append(ids(server.directory))
    assert results[0] == results[1] != results[2]


def test_a_window_bounds_a_fault(tmp_path: Path) -> None:
    """A fault strikes from FROM on and not at TO; two windows of one kind are drawn on their own."""
    faults = Faults([parse("drop=1@1..2.5", 1), parse("drop=1@10..11", 1)], tmp_path)
    assert [bool(faults.strikes("drop", 1, at)) for at in (0.999, 1, 2.499, 2.5, 10, 11)] == [False, True, True, False, True, False]
    assert not faults.strikes("duplicate", 1, 1)
    faults.close()


@pytest.mark.parametrize(
    ("before", "field", "after"),
    [
        ('{"a":1,"b":[1.50]}', "a", '{"a":0,"b":[1.50]}'),
        ('{"b":1.50,"a":-3}', "a", '{"b":1.50,"a":-2}'),
        ('{"a":0.5}', "a", '{"a":-0.5}'),
        ('{"a":"x"}', "a", '{"a":"x?"}'),
        ('{"a":true}', "a", '{"a":false}'),
        ('{"a":null}', "a", '{"a":0}'),
        ('{"a":[1]}', "a", '{"a":null}'),
        ('{"a":1}', "z", None),
    ],
)
def test_swap(before: str, field: str, after: str | None) -> None:
    """A value is replaced by another one of its type, and an event without the field is left alone."""
    swapped = swap(msgspec.Raw(before.encode()), field)
    assert (None if swapped is None else bytes(swapped).decode()) == after


@pytest.mark.parametrize(
    ("text", "kind", "argument", "window"),
    [
        ("drop=0.001", "drop", "", (0, float("inf"))),
        ("delay=0.5:250@10..20", "delay", "250", (10, 20)),
        ("status=1:429@0.5..1.5", "status", "429", (0.5, 1.5)),
        ("swap_field=.1:url", "swap_field", "url", (0, float("inf"))),
        ("freeze=1@5..6", "freeze", "", (5, 6)),
    ],
)
def test_parse(text: str, kind: str, argument: str, window: tuple[float, float]) -> None:
    """A fault is a kind, a share, an argument and a window."""
    fault = parse(text, 1)
    assert isinstance(fault, Fault)
    assert (fault.kind, fault.argument, (fault.since, fault.until)) == (kind, argument, window)


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("lose=1", "the kind 'lose'", ", ".join(KINDS)),
        ("", "the kind ''", "KIND=VALUE"),
        ("drop", "the share ''", "drop=SHARE[@FROM..TO] with a share of 0 to 1"),
        ("drop=", "the share ''", "drop=SHARE"),
        ("drop=2", "the share '2'", "a share of 0 to 1"),
        ("drop=nan", "the share 'nan'", "a share of 0 to 1"),
        ("drop=-0.1", "the share '-0.1'", "a share of 0 to 1"),
        ("drop=0.1:3", "'3' after the share", "drop=SHARE[@FROM..TO]"),
        ("delay=250", "the share '250'", "delay=SHARE:MS"),
        ("delay=1", "nothing after the share", "delay=SHARE:MS[@FROM..TO] with an integer of 0 to 3600000"),
        ("status=1:ok", "'ok' after the share", "an integer of 400 to 599"),
        ("status=1:200", "'200' after the share", "an integer of 400 to 599"),
        ("swap_field=1:event_id", "'event_id' after the share", "a field other than event_id"),
        ("freeze=1", "no time", "freeze=SHARE@FROM..TO with seconds"),
        ("drop=1@5", "the time '5'", "FROM before TO"),
        ("drop=1@5..5", "the time '5..5'", "FROM before TO"),
        ("drop=1@6..5", "the time '6..5'", "FROM before TO"),
        ("drop=1@a..b", "the time 'a..b'", "FROM before TO"),
        ("drop=1@0..inf", "the time '0..inf'", "FROM before TO"),
    ],
)
def test_a_wrong_fault_is_explained(text: str, found: str, expected: str) -> None:
    """A mistake in --fault names what was found and what is expected."""
    with pytest.raises(ProfileError, match=re.escape(f"--fault {text}: found {found}, expected ") + ".*" + re.escape(expected)):
        parse(text, 1)
