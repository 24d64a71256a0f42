"""The values of one event. A stimulus carries none: they are drawn from (device, ref) whenever they are needed, so queues stay small.

Each event has eight draws of its own, `rnd(key, ref * 8 + i)`. Functions write the slots of schema/values.py; those of the context are play's.
"""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey.population import Device
from simulator.journey.world import Network, Target, World
from simulator.kernel.rnd import LOW, ONE, rnd
from simulator.kernel.tables import draw
from simulator.schema.records import Event
from simulator.schema.streams import DETAIL
from simulator.schema.values import (
    CLS,
    CONNECT,
    CONNECT_END,
    CONNECTION,
    DNS,
    DNS_END,
    DOM_COMPLETE,
    DOM_INTERACTIVE,
    DOM_LOADED,
    DOWNLOAD,
    DURATION,
    ENTRY_START,
    FCP,
    FID,
    FIRST_BYTE,
    FP,
    FPS,
    INITIATOR,
    INP,
    INPUT_TIME,
    KIND,
    LCP,
    LOAD_EVENT,
    LOADING,
    LOADING_TYPE,
    MESSAGE,
    METHOD,
    NAME,
    REFERRER,
    REQUEST_SIZE,
    RESPONSE_END,
    RESPONSE_START,
    SECURE_START,
    SIZE,
    SNAPSHOTS,
    SOURCE,
    SPENT,
    SSL,
    STACK,
    STATUS,
    SUBTYPE,
    SUCCESS,
    TARGET,
    TRANSFER_SIZE,
    URL,
    X,
    Y,
)
from simulator.schema.values import STATE as STATE_SLOT
from simulator.schema.words import (
    ABSENT,
    ANR,
    ANR_ERROR,
    API,
    BACKGROUND,
    CLICK,
    ERROR,
    FATAL,
    FOREGROUND,
    LEAVE,
    PERF,
    PRESS,
    PV,
    REPORTED,
    STALL,
    STATE,
    STATIC,
    SWEEP,
    VITAL,
)

HEADERS_BYTES: Final = 300  # what transferSize adds to the encoded body: PerformanceResourceTiming (W3C Resource Timing), 4.4
SCREEN_WIDTH: Final = 390  # assumed: CSS pixels of a common phone
SCREEN_HEIGHT: Final = 844  # assumed: as above
JANK_SHARE: Final = int(0.6 * ONE)  # assumed: of the shorter mobile stalls, those that are dropped frames rather than a long task


def exchange(w: World, d: Device, target: int, ref: int, v: MutableSequence[int]) -> int:
    """Write the phases of a request and give its whole duration, which is their sum."""
    key = d.key ^ DETAIL
    c = ref * 8
    t = w.targets[target]
    n = w.networks[d.network]
    r = rnd(key, c)
    failed = (r & LOW) < t.fail
    v[DNS] = v[CONNECT] = v[SSL] = ABSENT
    total = 0
    if (rnd(key, c + 1) & LOW) >= n.reuse:
        total = open_connection(w, n, rnd(key, c + 1) >> 31, rnd(key, c + 2), v)
    server = draw(w.tables, t.server, rnd(key, c + 3) & LOW)
    if (r >> 31) < t.slow:
        server = server * t.slow_percent // 100
    v[FIRST_BYTE] = max(server, 1)
    total += v[FIRST_BYTE]
    v[SUCCESS] = 1
    v[STATUS] = t.status
    v[SIZE] = v[TRANSFER_SIZE] = v[DOWNLOAD] = v[REQUEST_SIZE] = ABSENT
    sent = draw(w.tables, t.sent_bytes, rnd(key, c + 4) & LOW)
    if sent:
        v[REQUEST_SIZE] = sent
    if failed:
        fail(t, v)
        v[DURATION] = total
        return total
    received(w, n, t, rnd(key, c + 5) & LOW, v)
    total += v[DOWNLOAD]
    v[DURATION] = total
    return total


def open_connection(w: World, n: Network, r1: int, r2: int, v: MutableSequence[int]) -> int:
    """Write the phases of a new connection and give their sum."""
    v[DNS] = max(1, draw(w.tables, n.dns, r1))
    v[CONNECT] = max(1, draw(w.tables, n.connect, r2 & LOW))
    v[SSL] = max(1, draw(w.tables, n.ssl, r2 >> 31))
    return v[DNS] + v[CONNECT] + v[SSL]


def received(w: World, n: Network, t: Target, r: int, v: MutableSequence[int]) -> None:
    """Write what came back of a request that succeeded."""
    v[SIZE] = draw(w.tables, t.bytes, r)
    v[TRANSFER_SIZE] = v[SIZE] + HEADERS_BYTES
    v[DOWNLOAD] = max(1, v[SIZE] * 1000 // n.bytes_per_s)


def write_entry(start: int, v: MutableSequence[int]) -> None:
    """Write the points of the request's resource entry, from its start in ms since the document was loaded (Resource Timing, W3C)."""
    v[ENTRY_START] = start
    v[DNS_END] = start + (v[DNS] if v[DNS] != ABSENT else 0)
    v[CONNECTION] = ABSENT
    v[SECURE_START] = 0
    v[CONNECT_END] = v[DNS_END]
    if v[CONNECT] != ABSENT:
        v[CONNECTION] = v[CONNECT] + v[SSL]
        v[SECURE_START] = v[DNS_END] + v[CONNECT]
        v[CONNECT_END] = v[DNS_END] + v[CONNECTION]
    v[RESPONSE_START] = v[CONNECT_END] + (v[FIRST_BYTE] if v[FIRST_BYTE] != ABSENT else 0)
    v[RESPONSE_END] = v[RESPONSE_START] + (v[DOWNLOAD] if v[DOWNLOAD] != ABSENT else 0)


def fail(t: Target, v: MutableSequence[int]) -> None:
    """Write that a request failed: by an answer of the server, or without any (no status)."""
    v[STATUS] = t.fail_status
    v[SUCCESS] = 0
    if t.fail_status == 0:
        v[STATUS] = v[FIRST_BYTE] = ABSENT


def paint_times(key: int, ref: int, load: int, v: MutableSequence[int]) -> None:
    """Write FP <= FCP <= LCP <= load as shares of the load time. Assumed: FP at 30-60 % of it, half of the rest up to FCP, most up to LCP."""
    r = rnd(key, ref * 8)
    v[FP] = max(1, load * 3 // 10 + (load * 3 // 10) * (r & LOW) // ONE)
    v[FCP] = v[FP] + (load - v[FP]) // 4 * (r >> 31) // ONE
    v[LCP] = v[FCP] + (load - v[FCP]) * (rnd(key, ref * 8 + 1) & LOW) // ONE


def present(text: int) -> int:
    """Give the string's id, or ABSENT for the empty string."""
    return text or ABSENT


def write(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write all slots of the event's own."""
    if e.kind in (API, STATIC):
        write_resource(w, d, e, v)
    elif e.kind in (PRESS, SWEEP):
        write_action(w, d, e, v)
    elif e.kind in (ERROR, REPORTED, FATAL):
        write_error(w, d, e, v)
    elif e.kind in (STALL, ANR, ANR_ERROR):
        write_stall(w, d, e, v)
    elif e.kind == STATE:
        words = w.words
        v[STATE_SLOT] = words.foreground if e.key == FOREGROUND else words.background if e.key == BACKGROUND else words.cold_launch
    else:
        write_view(w, d, e, v)


def write_view(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a page view: shown, measured, first input, left."""
    key = d.key ^ DETAIL
    v[URL] = w.pages[e.page].url
    v[REFERRER] = w.pages[e.previous].url
    if e.kind == PV:
        v[KIND] = w.words.pv
        v[NAME] = w.pages[e.page].path
        v[LOADING_TYPE] = w.words.route_change if e.aux else w.words.initial_load
    elif e.kind == PERF:
        v[KIND] = w.words.perf
        paint_times(key, e.ref, e.span, v)
        v[LCP] = ABSENT  # it comes with the vitals
        v[LOAD_EVENT] = e.span
        if w.platforms[d.platform].dom:
            v[DOM_INTERACTIVE] = v[FP]
            v[DOM_LOADED] = v[FCP]
            v[DOM_COMPLETE] = e.span
    elif e.kind == VITAL:
        v[KIND] = w.words.webvitals
        paint_times(key, e.key, e.aux, v)
        v[FP] = v[FCP] = ABSENT
        v[FID] = 1 + draw(w.tables, w.handler, rnd(key, e.ref * 8) & LOW)
        v[INP] = v[FID] + draw(w.tables, w.handler, rnd(key, e.ref * 8) >> 31)
        v[INPUT_TIME] = e.span
        v[CLS] = draw(w.tables, w.layout_shift, rnd(key, e.ref * 8 + 1) & LOW)
    elif e.kind == LEAVE:
        v[KIND] = w.words.leave
        v[SPENT] = e.span
        v[LOADING] = e.aux


def write_action(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a press or a scroll."""
    key = d.key ^ DETAIL
    act = w.acts[e.key]
    words = w.words
    v[KIND] = words.scroll if e.kind == SWEEP else words.click if w.platforms[d.platform].press == CLICK else words.tap
    v[NAME] = present(act.click_name if w.platforms[d.platform].press == CLICK and e.kind == PRESS else act.name)
    v[TARGET] = act.target
    v[SNAPSHOTS] = present(act.snapshots)
    r = rnd(key, e.ref * 8)
    v[X] = (r & LOW) * SCREEN_WIDTH // ONE
    v[Y] = (r >> 31) * SCREEN_HEIGHT // ONE
    v[DURATION] = 1 + draw(w.tables, w.handler, rnd(key, e.ref * 8 + 1) & LOW)


def write_resource(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a request."""
    t = w.targets[e.key]
    exchange(w, d, e.key, e.ref, v)
    v[URL] = t.url
    v[NAME] = t.path
    v[METHOD] = t.method
    v[KIND] = w.platforms[d.platform].api_type if e.kind == API else t.type
    v[INITIATOR] = t.initiator
    if e.kind == API:
        v[MESSAGE] = w.words.failed if v[STATUS] == ABSENT else t.answer if v[SUCCESS] else t.fail_answer
    write_entry(e.aux, v)


def write_error(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write an error or a crash."""
    bug = w.bugs[e.key]
    v[KIND] = w.words.crash if e.kind == FATAL else bug.type
    if e.kind == FATAL:
        platform = w.platforms[d.platform]
        v[SUBTYPE] = platform.signal_subtype if bug.signal else platform.exception_subtype
    v[SOURCE] = present(bug.source)
    v[NAME] = bug.name
    v[MESSAGE] = bug.message
    v[STACK] = present(bug.stack)


def write_stall(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a long task; on mobile an ANR or dropped frames as well."""
    span = e.span // 1000
    v[DURATION] = span
    v[STACK] = w.pages[e.page].stack
    v[SOURCE] = w.platforms[d.platform].stall_source
    v[KIND] = w.words.fps
    if e.kind != STALL:
        v[KIND] = w.words.anr
        v[NAME] = v[MESSAGE] = w.words.no_response
    elif w.platforms[d.platform].dom == 0 and (rnd(d.key ^ DETAIL, e.ref * 8) & LOW) >= JANK_SHARE:
        v[KIND] = w.words.main
    else:
        v[FPS] = max(1, 1000 // max(span, 17))
