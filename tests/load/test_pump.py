"""Which connections requests take, on real sockets. All is played once, side by side, in a process of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drive import Play, Played, drive
from scripted import CERTIFICATE, NO_CONTENT, Server, Visit, says

pytestmark = pytest.mark.alone
CLOSED = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
TOGETHER = [(0.0, n, 0) for n in range(20)]


def close_each(visit: Visit) -> None:
    """Answer one request as the last of its connection."""
    visit.request()
    visit.answer(CLOSED)


ONE_BY_ONE = [(100.0 * n, 7, 0) for n in range(5)]
DEVICES = [(40.0 * n, n % 4, 100 * n) for n in range(40)]
SECURE = {"trusts": str(CERTIFICATE), "secure": True}
PLAYS: dict[str, dict[str, Any]] = {
    "one device": {"requests": ONE_BY_ONE},
    "devices": {"requests": DEVICES},
    "shared": {"requests": DEVICES, "shared": True, "most": 2},
    "a crowd": {"requests": TOGETHER * 3, "shared": True, "most": 4},
    "few places": {"requests": [(30.0 * n, n % 6, 0) for n in range(48)], "most": 3},
    "at once": {"requests": [(0.0, 1, 0), (0.0, 1, 0), (300.0, 1, 0)]},
    "idle for long": {"requests": [(0.0, 1, 0), (1200.0, 1, 0)], "keep_s": 0.3},
    "idle for less": {"requests": [(0.0, 1, 0), (300.0, 1, 0)], "keep_s": 30.0},
    "large": {"requests": [(50.0 * n, n % 2, 3_000_000) for n in range(4)]},
    "stopped": {"requests": [(0.0, 1, 0), (100.0, 1, 0), (60_000.0, 1, 0), (60_001.0, 2, 0)], "until_s": 1.0},
    "resumed": {"requests": ONE_BY_ONE, "script": close_each, **SECURE},
    "in full": {"requests": ONE_BY_ONE, "script": close_each, "resumes": False, **SECURE},
    "kept over TLS": {"requests": DEVICES, **SECURE},
    "large over TLS": {"requests": [(50.0 * n, n % 2, 3_000_000) for n in range(4)], **SECURE},
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Played], dict[str, Server]]]:
    """Play all at once, each with a server of its own."""
    servers, plays = {}, {}
    for name, play in PLAYS.items():
        more = dict(play)
        secure = more.pop("secure", False)
        servers[name] = Server(more.pop("script", says(NO_CONTENT)), secure=secure)
        plays[name] = Play(host=f"http{'s' * secure}://127.0.0.1:{servers[name].port}", **more)
    yield drive(tmp_path_factory.mktemp("pump"), plays), servers
    for server in servers.values():
        server.close()


def device_of(name: str, number: int) -> int:
    """Give the device of a request."""
    device: int = PLAYS[name]["requests"][number][1]
    return device


def needed(name: str, found: Played) -> int:
    """Count the connections that devices need where each keeps one: more than devices where one is taken when the next request is due."""
    count, idle = 0, set()
    events = [(one["taken"], 1, one["number"]) for one in found.done] + [(one["ended"], 0, one["number"]) for one in found.done]
    for _, is_sent, number in sorted(events):
        device = device_of(name, number)
        if not is_sent:
            idle.add(device)
        elif device in idle:
            idle.remove(device)
        else:
            count += 1
    return count


@pytest.mark.parametrize("name", [name for name in PLAYS if name != "stopped"])
def test_all_that_was_offered_arrives(played: Any, name: str) -> None:
    """Each request arrives whole and once, is acknowledged, and is never sent before it is due."""
    found, server = played[0][name], played[1][name]
    count = len(PLAYS[name]["requests"])
    assert sorted(server.received) == list(range(count))
    assert found.outcomes == {"acknowledged": count}
    assert all(one["due"] <= one["taken"] <= one["sent"] <= one["first"] <= one["ended"] for one in found.done)
    assert found.counts["connections"] == len(server.connections)
    assert found.said == ""


@pytest.mark.parametrize("name", ["one device", "kept over TLS", "devices"])
def test_a_device_keeps_its_connection(played: Any, name: str) -> None:
    """Payload after payload of a device goes over one connection, and no other device's ever does."""
    devices = [{device_of(name, number) for number in numbers} for numbers in played[1][name].connections]
    assert all(len(those) == 1 for those in devices)
    assert len(devices) == needed(name, played[0][name])


@pytest.mark.parametrize(("name", "most"), [("shared", 2), ("a crowd", 4)])
def test_shared_connections_are_no_more_than_told(played: Any, name: str, most: int) -> None:
    """With connections that devices share there are never more, each for many devices, and who finds none waits."""
    connections = played[1][name].connections
    assert len(connections) <= most
    assert any(len({device_of(name, number) for number in numbers}) > 1 for numbers in connections)


def test_who_waits_is_sent_in_turn(played: Any) -> None:
    """Of requests that are due at once the first open connections, all others leave in their order as these become free."""
    done = sorted(played[0]["a crowd"].done, key=lambda one: one["sent"])
    assert {one["number"] for one in done[:4]} == set(range(4))
    assert [one["number"] for one in done[4:]] == list(range(4, 60))


def test_the_longest_idle_makes_room(played: Any) -> None:
    """Where a process can have no more connections, one that is idle gives way: devices come back on new ones, and none shares."""
    connections = played[1]["few places"].connections
    assert len(connections) > 6
    assert all(len({device_of("few places", number) for number in numbers}) == 1 for numbers in connections)


def test_two_at_once_take_two_connections(played: Any) -> None:
    """A device whose first request is still under way opens another connection for the second, and keeps one of them."""
    assert sorted(map(len, played[1]["at once"].connections)) == [1, 2]


@pytest.mark.parametrize(("name", "connections"), [("idle for long", 2), ("idle for less", 1)])
def test_an_idle_connection_is_kept_for_a_while(played: Any, name: str, connections: int) -> None:
    """A connection idle for longer than clients keep one is closed; a shorter pause does not end it."""
    assert len(played[1][name].connections) == connections


def test_what_is_not_due_when_it_ends_is_given_back(played: Any) -> None:
    """At the stop what has not left is given back in its order, neither sent nor counted as done."""
    found = played[0]["stopped"]
    assert (found.unsent, found.outcomes, sorted(played[1]["stopped"].received)) == ([2, 3], {"acknowledged": 2}, [0, 1])


@pytest.mark.parametrize(("count", "is_all"), [(40, True), (5000, False)])
def test_what_is_due_when_it_ends_still_goes_out(tmp_path: Path, count: int, is_all: bool) -> None:
    """What fell due in the last moment is sent at the stop, but not more than a moment takes: who is farther behind does not catch up."""
    server = Server(says(NO_CONTENT))
    play = Play(host=f"http://127.0.0.1:{server.port}", requests=[(50.0, n, 0) for n in range(count)], held_ms=(20.0, 80.0), until_s=0.0)
    found = drive(tmp_path, {"held": play})["held"]
    server.close()
    sent = count - len(found.unsent)
    assert (found.causes, found.unsent) == ({"ok": sent}, list(range(sent, count)))
    assert (sent == count) == is_all
    assert sent > 16  # more than go out at a time


@pytest.mark.parametrize(("name", "resumed"), [("resumed", 4), ("in full", 0)])
def test_sessions_of_tls_are_resumed_or_not(played: Any, name: str, resumed: int) -> None:
    """A device's later handshakes resume its session, unless all are to be in full; client and server count the same."""
    counts, server = played[0][name].counts, played[1][name]
    assert (counts["connections"], counts["handshakes"], counts["resumed"]) == (5, 5, resumed)
    assert sum(server.resumed) == resumed
    assert len(server.resumed) == 5


def test_no_handshake_where_the_connection_stays(played: Any) -> None:
    """Kept connections have one handshake each, and no device resumes another's session."""
    found = played[0]["kept over TLS"]
    count = needed("kept over TLS", found)
    assert found.counts["connections"] == found.counts["handshakes"] == count
    assert found.counts["resumed"] <= count - 4
