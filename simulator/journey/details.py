"""The values of one event. A stimulus carries none: they are drawn from (device, ref) whenever they are needed, so queues stay small.

Each event has eight draws of its own, `rnd(key, ref * 8 + i)`. Functions write the slots of schema/values.py; those of the context are play's.
"""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey.exchange import INCIDENT_BITS, OFFSET, exchange, hide, number_in, write_entry
from simulator.journey.population import Device
from simulator.journey.visitor import NUMBER_BITS
from simulator.journey.world import PAGE, PAGE_BITS, World
from simulator.kernel.rnd import LOW, ONE, rnd
from simulator.kernel.tables import draw
from simulator.kernel.twin import inlined
from simulator.schema.records import Event
from simulator.schema.streams import DETAIL, PAGE_NUMBER
from simulator.schema.values import (
    CLS,
    DOM_COMPLETE,
    DOM_INTERACTIVE,
    DOM_LOADED,
    DURATION,
    FCP,
    FID,
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
    MESSAGE_NUMBER,
    METHOD,
    NAME,
    REFERRER,
    REFERRER_NUMBER,
    SNAPSHOTS,
    SOURCE,
    SPENT,
    STACK,
    STATUS,
    SUBTYPE,
    TARGET,
    URL,
    URL_NUMBER,
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
    ROUTE,
    STALL,
    STATE,
    STATIC,
    SWEEP,
    VITAL,
)

SCREEN_WIDTH: Final = 390  # assumed: CSS pixels of a common phone
SCREEN_HEIGHT: Final = 844  # assumed: as above
JANK_SHARE: Final = int(0.6 * ONE)  # assumed: of the shorter mobile stalls, those that are dropped frames rather than a long task


def paint_times(key: int, ref: int, load: int, v: MutableSequence[int]) -> None:
    """Write FP <= FCP <= LCP <= load as shares of the load time. Assumed: FP at 30-60 % of it, half of the rest up to FCP, most up to LCP."""
    r = rnd(key, ref * 8)
    v[FP] = max(1, load * 3 // 10 + (load * 3 // 10) * (r & LOW) // ONE)
    v[FCP] = v[FP] + (load - v[FP]) // 4 * (r >> 31) // ONE
    v[LCP] = v[FCP] + (load - v[FCP]) * (rnd(key, ref * 8 + 1) & LOW) // ONE


def handling(w: World, d: Device, r: int) -> int:
    """Give how long a device's scripts take over an act (ms), for a 31-bit draw."""
    return draw(w.tables, w.handler, r) * d.speed // 1_000


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


@inlined
def page_name(w: World, d: Device, page: int) -> int:
    """Give what the device's SDK calls a page: its path, numbers included, or the path without them."""
    row = w.pages[page & PAGE]
    return row.path if w.literal >> d.edition & 1 else row.name


@inlined
def page_number(w: World, d: Device, page: int) -> int:
    """Give the number in the path of an opened page."""
    return number_in(w, w.pages[page & PAGE].ids, d.key ^ PAGE_NUMBER, page >> PAGE_BITS)


@inlined
def write_view(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a page view: shown, measured, first input, left."""
    key = d.key ^ DETAIL
    v[URL] = w.pages[e.page & PAGE].url
    v[URL_NUMBER] = page_number(w, d, e.page)
    v[REFERRER] = w.pages[e.previous & PAGE].url
    v[REFERRER_NUMBER] = page_number(w, d, e.previous)
    if e.kind == PV:
        v[KIND] = w.words.pv
        v[NAME] = page_name(w, d, e.page)
        v[LOADING_TYPE] = w.words.route_change if e.aux & ROUTE else w.words.initial_load
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
        v[FID] = 1 + handling(w, d, rnd(key, e.ref * 8) & LOW)
        v[INP] = v[FID] + handling(w, d, rnd(key, e.ref * 8) >> 31)
        v[INPUT_TIME] = e.span
        v[CLS] = draw(w.tables, w.layout_shift, rnd(key, e.ref * 8 + 1) & LOW)
    elif e.kind == LEAVE:
        v[KIND] = w.words.leave
        v[SPENT] = e.span
        v[LOADING] = e.aux or ABSENT  # 0: it was left before it was loaded


@inlined
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
    v[DURATION] = 1 + handling(w, d, rnd(key, e.ref * 8 + 1) & LOW)


@inlined
def write_resource(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a request. Its `aux` is its start in ms since the page was opened, and above OFFSET the incident that met it."""
    t = w.targets[e.key]
    exchange(w, d, e.key, e.ref, e.aux >> INCIDENT_BITS, v)
    v[URL] = t.url
    v[URL_NUMBER] = number_in(w, t.ids, d.key ^ DETAIL, e.ref * 8 + 6)
    v[NAME] = t.path
    v[METHOD] = t.method
    v[KIND] = w.platforms[d.platform].api_type if e.kind == API else t.type
    v[INITIATOR] = t.initiator
    if e.kind == STATIC:
        v[MESSAGE] = ABSENT
    elif v[STATUS] == ABSENT:
        v[MESSAGE] = w.words.failed
    if t.opaque and w.platforms[d.platform].dom:
        hide(v)
    write_entry(e.aux & OFFSET, v)


@inlined
def write_error(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write an error or a crash."""
    bug = w.bugs[e.key]
    v[KIND] = w.words.crash if e.kind == FATAL else bug.type
    if e.kind == FATAL:
        platform = w.platforms[d.platform]
        v[SUBTYPE] = platform.signal_subtype if bug.signal else platform.exception_subtype
    v[SOURCE] = present(bug.source)
    v[NAME] = bug.name
    v[MESSAGE_NUMBER] = e.aux >> NUMBER_BITS
    v[MESSAGE] = bug.message
    v[STACK] = present(bug.stack)


@inlined
def write_stall(w: World, d: Device, e: Event, v: MutableSequence[int]) -> None:
    """Write a long task; on mobile an ANR or dropped frames as well."""
    span = e.span // 1000
    v[DURATION] = span
    v[STACK] = w.pages[e.page & PAGE].stacks[d.platform]
    v[SOURCE] = w.platforms[d.platform].stall_source
    v[KIND] = w.words.fps
    if e.kind != STALL:
        v[KIND] = w.words.anr
        v[NAME] = v[MESSAGE] = w.words.no_response
    elif w.platforms[d.platform].dom == 0 and (rnd(d.key ^ DETAIL, e.ref * 8) & LOW) >= JANK_SHARE:
        v[KIND] = w.words.main
    else:
        v[FPS] = max(1, 1000 // max(span, 17))
