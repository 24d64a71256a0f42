"""A request: its phases, sizes and outcome.

A new connection takes DNS, a round trip for TCP and some for TLS; the first byte takes a round trip and the server's time; the body takes its bytes
over the network's rate. A phase that did not happen is 0; what the SDK cannot know is absent.
"""

from collections.abc import MutableSequence
from operator import itemgetter
from typing import Any, Final

from simulator.journey.population import Device
from simulator.journey.world import FAILING, NETWORK_LOSS, SLOW_NETWORK, SLOW_SERVER, Incident, Network, Target, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw
from simulator.kernel.twin import compiled_as, inlined
from simulator.schema.streams import DETAIL
from simulator.schema.values import (
    ADDED,
    CONNECT,
    CONNECT_END,
    CONNECTION,
    DNS,
    DNS_END,
    DOWNLOAD,
    DURATION,
    ENTRY_START,
    FIRST_BYTE,
    MESSAGE,
    REQUEST_SIZE,
    RESPONSE_END,
    RESPONSE_START,
    SECURE_START,
    SIZE,
    SLOTS,
    SSL,
    STATUS,
    SUCCESS,
    TRANSFER_SIZE,
)
from simulator.schema.words import ABSENT

HEADERS_BYTES: Final = 300  # what transferSize adds to the encoded body: PerformanceResourceTiming (W3C Resource Timing), 4.4
INCIDENT_BITS: Final = 40
"""A request's `aux`: below, its start in ms since the page was opened; above, the incident that met it."""
OFFSET: Final = (1 << INCIDENT_BITS) - 1
KEPT: Final = 1 << 14
_DRAWN: dict[tuple[int, int, int, int], tuple[World, Any]] = {}
"""Requests of which Python knows what was drawn, with the world in which they are made."""
REMEMBERED: Final = 128
"""Requests whose values compiled code remembers, behind the slots; assumed: more than a device makes before they are printed, mostly."""
PHASES: Final = REQUEST_SIZE + 1 - DURATION
BESIDES: Final = 6
"""Places of a request's number, its device's key, and its four other values,"""
WIDTH: Final = BESIDES + PHASES
"""and all that it takes."""
ROOM: Final = REMEMBERED * WIDTH
_PHASES: Final = itemgetter(slice(DURATION, REQUEST_SIZE + 1), SUCCESS, STATUS, MESSAGE, ADDED)
"""All slots that a request writes."""


def _exchange(w: World, d: Device, target: int, ref: int, incident: int, v: MutableSequence[int]) -> int:
    key = d.key ^ DETAIL
    c = ref * 8
    t, n, hit = w.targets[target], w.networks[d.network], w.incidents[incident]
    r, r1, r2 = rnd(key, c), rnd(key, c + 1), rnd(key, c + 2)
    v[SIZE] = v[TRANSFER_SIZE] = v[DOWNLOAD] = v[REQUEST_SIZE] = ABSENT
    sent = draw(w.tables, t.sent_bytes, rnd(key, c + 4) & LOW) if t.sent_bytes else 0
    if sent:
        v[REQUEST_SIZE] = sent
    rtt = max(1, draw(w.tables, n.rtt, r2 & LOW))
    usual = open_connection(w, n, (r1 & LOW) >= n.reuse, 100, r1 >> 31, rtt, v)
    server = draw(w.tables, t.server, rnd(key, c + 3) & LOW)
    usual += rtt + server
    if hit.kind == NETWORK_LOSS:
        return lose(w, hit, usual, rnd(key, c + 5) & LOW, v)
    total = v[DNS] + v[CONNECT] + v[SSL]
    if hit.kind == SLOW_NETWORK:
        rtt = rtt * hit.percent // 100
        total = open_connection(w, n, True, hit.percent, r1 >> 31, rtt, v)
    if (r >> 31) < t.slow:
        server = server * t.slow_percent // 100
    if hit.kind == SLOW_SERVER:
        server = server * hit.percent // 100
    v[FIRST_BYTE] = rtt + server
    total += v[FIRST_BYTE]
    v[ADDED] = total - usual
    if hit.kind == FAILING:
        fail(hit.status, hit.answer, v)
    elif (r & LOW) < t.fail:
        fail(t.fail_status, t.fail_answer, v)
    else:
        v[SUCCESS] = 1
        v[STATUS] = t.status
        v[MESSAGE] = t.answer
        received(w, n, t, rnd(key, c + 5) & LOW, v)
        total += v[DOWNLOAD]
    v[DURATION] = total
    return total


def _kept(w: World, d: Device, target: int, ref: int, incident: int, v: MutableSequence[int]) -> int:
    """Look behind the slots for what was drawn for the same request."""
    if len(v) == SLOTS:
        return _exchange(w, d, target, ref, incident, v)
    at = SLOTS + (ref & (REMEMBERED - 1)) * WIDTH
    if v[at] == ref and v[at + 1] == d.key:
        for i in range(PHASES):
            v[DURATION + i] = v[at + BESIDES + i]
        v[SUCCESS], v[STATUS], v[MESSAGE], v[ADDED] = v[at + 2], v[at + 3], v[at + 4], v[at + 5]
        return v[DURATION]
    total = _exchange(w, d, target, ref, incident, v)
    v[at], v[at + 1], v[at + 2], v[at + 3], v[at + 4], v[at + 5] = ref, d.key, v[SUCCESS], v[STATUS], v[MESSAGE], v[ADDED]
    for i in range(PHASES):
        v[at + BESIDES + i] = v[DURATION + i]
    return total


@compiled_as(_kept)
def exchange(w: World, d: Device, target: int, ref: int, incident: int, v: MutableSequence[int]) -> int:
    """Write the phases of a request and give its whole duration, which is their sum; ADDED is by how much its answer is later than usual.

    What the walk has drawn is kept until it is printed: in Python, where there is room for more, drawing takes a fifth of an event's time; compiled a
    sixteenth of a row's.
    """
    what = d.key, ref, target, incident
    found = _DRAWN.pop(what, None)
    if found is None or found[0] is not w:
        total = _exchange(w, d, target, ref, incident, v)
        if len(_DRAWN) == KEPT:
            _DRAWN.clear()
        _DRAWN[what] = w, _PHASES(v)
        return total
    v[DURATION : REQUEST_SIZE + 1], v[SUCCESS], v[STATUS], v[MESSAGE], v[ADDED] = found[1]
    return v[DURATION]


@inlined
def open_connection(w: World, n: Network, new: bool, percent: int, r: int, rtt: int, v: MutableSequence[int]) -> int:
    """Write the phases of a connection, DNS at `percent` of the usual, and give their sum; all are 0 where it is not new."""
    v[DNS] = v[CONNECT] = v[SSL] = 0
    if new:
        v[DNS] = max(1, draw(w.tables, n.dns, r) * percent // 100)
        v[CONNECT] = rtt
        v[SSL] = n.tls_round_trips * v[CONNECT]
    return v[DNS] + v[CONNECT] + v[SSL]


@inlined
def received(w: World, n: Network, t: Target, r: int, v: MutableSequence[int]) -> None:
    """Write what came back of a request that succeeded."""
    v[SIZE] = draw(w.tables, t.bytes, r)
    v[TRANSFER_SIZE] = v[SIZE] + HEADERS_BYTES
    v[DOWNLOAD] = max(1, v[SIZE] * 1000 // n.bytes_per_s)


def fail(status: int, answer: int, v: MutableSequence[int]) -> None:
    """Write that a request failed: by an answer of the server, or without any (status 0)."""
    v[SUCCESS] = 0
    v[STATUS], v[MESSAGE] = status, answer
    if status == 0:
        v[STATUS] = v[FIRST_BYTE] = ABSENT


def lose(w: World, hit: Incident, usual: int, r: int, v: MutableSequence[int]) -> int:
    """Write that there was no network: the request is given up after a while. `usual`: the time in which there would have been an answer."""
    v[DNS] = v[CONNECT] = v[SSL] = 0
    fail(0, 0, v)
    v[DURATION] = max(1, draw(w.tables, hit.delay, r))
    v[ADDED] = max(0, v[DURATION] - usual)
    return v[DURATION]


@inlined
def hide(v: MutableSequence[int]) -> None:
    """Leave out all but the duration: a file of another origin whose server does not allow timing (Resource Timing, W3C)."""
    v[DNS] = v[CONNECT] = v[SSL] = v[FIRST_BYTE] = v[DOWNLOAD] = v[SIZE] = v[TRANSFER_SIZE] = v[STATUS] = ABSENT


@inlined
def number_in(w: World, ids: int, key: int, counter: int) -> int:
    """Give the number that stands in a string; `ids` is a law, 0 where there is only one."""
    return draw(w.tables, ids, rnd(key, counter) & LOW) if ids else 1


@inlined
def write_entry(start: int, v: MutableSequence[int]) -> None:
    """Write the points of the request's resource entry, from its start in ms since the document was loaded (Resource Timing, W3C)."""
    hidden = v[DNS] == ABSENT
    v[ENTRY_START] = start
    v[DNS_END] = start + (0 if hidden else v[DNS])
    v[CONNECTION] = 0 if hidden else v[CONNECT] + v[SSL]
    v[SECURE_START] = v[DNS_END] + v[CONNECT] if v[SSL] > 0 else 0
    v[CONNECT_END] = v[DNS_END] + v[CONNECTION]
    v[RESPONSE_START] = v[CONNECT_END] + max(v[FIRST_BYTE], 0)
    v[RESPONSE_END] = v[RESPONSE_START] + max(v[DOWNLOAD], 0)
