"""What the real web SDK does (web-0.0.37; FACTS 1, 2, 3, 5, 6), rule by rule at the core, 1 ms before, at and after; and cores that break a rule.

Rules of the file: a test of a rule takes nothing but `real`, which makes devices, so that it can be run against a core that is wrong. What is
opened at START has its session by its page view, and writes that sign of life 1 s later.
"""

import sys
from functools import partial
from types import FunctionType
from typing import NamedTuple

import pytest
from devices import DAY, EDITIONS_OF, HOME, HOUR, LIST, MINUTE, START, Core, Device, Edits, Make, core_with, draw_of, edit, opened
from recordings import deviations

from simulator.kernel.rnd import ONE
from simulator.profile.editions import EDITIONS
from simulator.schema.words import (
    API,
    ASSET,
    BEGIN,
    CLICK,
    CLOSE,
    DROPPED_STALE,
    ERROR,
    FRAME,
    HIDE,
    LAUNCH,
    LEAVE,
    LOST,
    NAVIGATE,
    NEVER,
    NO_CONFIG,
    PAINT,
    PERF,
    PRESS,
    PV,
    REQUEST,
    SAMPLED_OUT,
    SCROLL,
    SENT,
    SHOW,
    STALL,
    STATIC,
    THROW,
    UNTRUSTED,
    VITAL,
    VITALS,
)
from simulator.sdk.state import LAUNCH_FIRST, REMOTE_FIRST

(EDITION,) = EDITIONS_OF["real"]
PROBES = EDITIONS[EDITION].rules["probes"].value
OVERTIME, MAX_DURATION = 30 * MINUTE, DAY
ROUTE = 1
"""Says of a navigation that its document stays."""


def told(device: Device) -> list[tuple[int, int, int]]:
    """List kind, session and fate of what has left, after all timers."""
    while device.box.next_at < NEVER:
        device.wait(device.box.next_at)
    return [(e.kind, e.session, e.fate) for e in device.left]


# ----------------------------------------------------------------------------------------------------- 1.4, 1.5: expiry, renewal


def test_overtime_is_strict(real: Make) -> None:
    """FACTS 1.4: at exactly last + overtime the session is still valid; 1 ms later a read makes another, which starts then."""
    for more, session in ((-1, 1), (0, 1), (1, 2)):
        device = opened(real)
        device.do(START + 1_000 + OVERTIME + more, BEGIN, ref=1)
        assert (device.store.session, device.store.made) == (session, session), more
        if session == 2:
            assert (device.store.start, device.store.last) == (START + 1_000 + OVERTIME + 1,) * 2


def test_overtime_setting(real: Make) -> None:
    """FACTS 1.4: the same with other limits."""
    for overtime in (10 * MINUTE, HOUR):
        for more in (-1, 0, 1):
            device = opened(real, overtime=overtime)
            device.do(START + 1_000 + overtime + more, BEGIN, ref=1)
            assert device.store.session == 1 + (more > 0), (overtime, more)


def test_no_timer_ends_a_session(real: Make) -> None:
    """FACTS 1.5: nothing happens when a session expires: no timer, no event; the first read after it renews, however late."""
    device = opened(real)
    device.wait(START + 40 * DAY)
    assert (device.store.made, len(device.left), device.box.next_at) == (1, 1, NEVER)
    device.do(START + 40 * DAY, THROW)
    assert told(device) == [(PV, 1, SENT), (ERROR, 2, SENT)]


def test_what_reads_nothing_renews_nothing(real: Make) -> None:
    """FACTS 1.6: scrolling, hiding and showing read no session; neither does an element that is not reported, clicked by a script."""
    device = opened(real)
    for i, (kind, key) in enumerate(((SCROLL, 1), (HIDE, 0), (SHOW, 0), (UNTRUSTED, 0))):
        device.do(START + HOUR + i * 5_000, kind, key)
    device.wait(START + 2 * HOUR)
    assert (device.store.made, device.store.last) == (1, START + 1_000)


def test_no_sign_of_life_is_a_scroll(real: Make) -> None:
    """FACTS 1.6: someone who only scrolls lets the session expire."""
    device = opened(real)
    for at in range(MINUTE, OVERTIME + 2 * MINUTE, MINUTE):
        device.do(START + at, SCROLL, 1)
    device.do(START + OVERTIME + 2 * MINUTE, CLICK)
    assert told(device)[-1] == (PRESS, 2, SENT)


def test_passive_events_renew(real: Make) -> None:
    """FACTS 1.5, 1.6: an event that nobody made renews an expired session and is the first in the new one."""
    for kind, event in ((THROW, ERROR), (ASSET, STATIC), (VITALS, VITAL)):
        device = opened(real)
        device.do(START + HOUR, kind)
        assert told(device) == [(PV, 1, SENT), (event, 2, SENT)], kind
        assert device.store.made == 2


def test_passive_events_keep_alive(real: Make) -> None:
    """FACTS 1.6: events of any kind are signs of life, so late requests and errors keep a session."""
    device = opened(real)
    for i in range(1, 6):
        device.do(START + i * OVERTIME, THROW, aux=i)
    assert {session for _, session, _ in told(device)} == {1}


def test_renewal_makes_no_view(real: Make) -> None:
    """FACTS 1.5: a session that begins in an open page begins without a view, and events go on naming the old one."""
    device = opened(real)
    device.do(START + HOUR, CLICK)
    told(device)
    assert [(e.kind, e.session, e.shown, e.page) for e in device.left] == [(PV, 1, 1, HOME), (PRESS, 2, 1, HOME)]


def test_flush_renews(real: Make) -> None:
    """FACTS 6, 1.5: the flush reads the session: if it has just expired the flush makes another, and drops what it would have sent."""
    for overtime, session, fate in ((2_001, 1, SENT), (2_000, 1, SENT), (1_999, 2, DROPPED_STALE)):
        device = opened(real, overtime=overtime)
        device.wait(START + 3_000)
        assert [(e.at, e.session, e.fate) for e in device.left] == [(START + 3_000, 1, fate)], overtime
        assert (device.store.session, device.store.made) == (session, session)


def test_hidden_flush_renews(real: Make) -> None:
    """FACTS 6: so does the flush of a page that is hidden."""
    for after, session in ((3_000, 1), (3_001, 2)):
        device = opened(real, overtime=2_000, flush_delay=10_000)
        device.do(START + after, HIDE)
        assert device.store.made == session, after
        assert [e.fate for e in device.left] == [SENT if session == 1 else DROPPED_STALE]


# ------------------------------------------------------------------------------------------------------------- 1.6, 1.7: touch


def test_touch_is_written_a_second_later(real: Make) -> None:
    """FACTS 1.6: the sign of life is the time at which the timer fires: that of the activity and 1,000 ms."""
    device = opened(real)
    device.wait(START + 999)
    assert device.store.last == START
    device.wait(START + 1_000)
    assert device.store.last == START + 1_000
    device.do(START + 60_000, CLICK)
    device.wait(START + 60_999)
    assert device.store.last == START + 1_000
    device.wait(START + 61_000)
    assert (device.store.last, device.store.start) == (START + 61_000, START)


def test_touch_waits_for_a_pause(real: Make) -> None:
    """FACTS 1.6: each activity restarts the second: a stream with gaps below it writes nothing until it pauses; a gap of 1,000 ms is a pause."""
    for gap, last in ((999, START), (1_000, START + 20_000), (1_001, START + 19 * 1_001 + 1_000)):
        device = opened(real)
        for i in range(1, 21):
            device.do(START + i * gap, THROW, aux=i)
        assert device.store.last == last, gap
        device.wait(START + 20 * gap + 1_000)
        assert device.store.last == START + 20 * gap + 1_000


def test_touch_of_a_click(real: Make) -> None:
    """FACTS 1.6: a person's click anywhere is a sign of life, though nothing is reported."""
    device = opened(real)
    device.do(START + 60_000, CLICK, 0)
    device.wait(START + 70_000)
    assert (device.store.last, device.store.events) == (START + 61_000, 1)


def test_touch_of_a_script_s_click(real: Make) -> None:
    """FACTS 1.6: a script's click is none, and takes back one that waits; on an element that is reported the event is one."""
    for clicks, last in (
        (((0, UNTRUSTED, 0),), START + 1_000),
        (((0, CLICK, 0), (500, UNTRUSTED, 0)), START + 1_000),
        (((0, CLICK, 0), (1_000, UNTRUSTED, 0)), START + 61_000),
        (((0, UNTRUSTED, 0), (500, CLICK, 0)), START + 61_500),
        (((0, UNTRUSTED, 1),), START + 61_000),
    ):
        device = opened(real)
        for after, kind, key in clicks:
            device.do(START + 60_000 + after, kind, key)
        device.wait(START + 70_000)
        assert device.store.last == last, clicks


def test_touch_renews(real: Make) -> None:
    """FACTS 1.7: a touch that finds the session expired makes another; no event is needed."""
    for more, session in ((-1, 1), (0, 1), (1, 2)):
        device = opened(real)
        device.do(START + OVERTIME + more, CLICK, 0)  # written 1 s later, at last + overtime and a ms around
        device.wait(START + HOUR)
        assert (device.store.made, device.store.events) == (session, 1)
        assert device.store.last == START + OVERTIME + 1_000 + more
        assert device.store.start == (START if session == 1 else device.store.last)


# ------------------------------------------------------------------------------------------------- 1.8: the second after overtime


def test_lost_in_the_second_after_overtime(real: Make) -> None:
    """FACTS 1.8: up to overtime after the last activity an event is kept; in the second after it, lost; later, in a new session."""
    for gap, session, fate in (
        (OVERTIME - 1, 1, SENT),
        (OVERTIME, 1, SENT),
        (OVERTIME + 1, 1, DROPPED_STALE),
        (OVERTIME + 999, 1, DROPPED_STALE),
        (OVERTIME + 1_000, 1, DROPPED_STALE),
        (OVERTIME + 1_001, 2, SENT),
    ):
        device = opened(real)
        device.do(START + gap, CLICK)
        assert told(device)[-1] == (PRESS, session, fate), gap
        assert device.store.made == (1 if gap <= OVERTIME else 2)


def test_saved_by_a_flush_in_that_second(real: Make) -> None:
    """FACTS 1.8: if the queue is flushed within that second, the event still goes in the old session."""
    for hides in (600, 1_000, 1_499):
        device = opened(real)
        device.do(START + OVERTIME + 500, CLICK)
        device.do(START + OVERTIME + hides, HIDE)
        assert device.left[-1][1:4] == (PRESS, SENT if hides <= 1_000 else DROPPED_STALE, 1), hides


def test_saved_by_a_full_queue_in_that_second(real: Make) -> None:
    """FACTS 1.8: so it does if as many as are flushed at once come in that second."""
    device = opened(real)
    for i in range(20):
        device.do(START + OVERTIME + 100 + i, THROW, aux=i)
    assert [(e.session, e.fate) for e in device.left] == [(1, SENT)] * 21


# ---------------------------------------------------------------------------------------------------- 1.9: maxDuration; 1.10: close


def test_max_duration_is_absolute(real: Make) -> None:
    """FACTS 1.9: however busy, a session is valid at exactly start + maxDuration, and not 1 ms longer."""
    for max_duration in (4 * HOUR, DAY):
        for more, session in ((-1, 1), (0, 1), (1, 2)):
            device = opened(real, max_duration=max_duration)
            for at in range(START, START + max_duration, 20 * MINUTE):
                device.do(at, THROW)
            device.do(START + max_duration + more, BEGIN, ref=1)
            assert device.store.session == session, (max_duration, more)


def test_max_duration_drops_the_queue(real: Make) -> None:
    """FACTS 1.9: what is queued when the session becomes too old is dropped at its flush."""
    for before, fate in ((3_000, SENT), (2_999, DROPPED_STALE)):
        device = opened(real)
        for at in range(START, START + MAX_DURATION - 10 * MINUTE, 20 * MINUTE):
            device.do(at, THROW)
        device.do(START + MAX_DURATION - before, CLICK)
        assert told(device)[-1] == (PRESS, 1, fate), before


def test_max_duration_drops_what_drips(real: Make) -> None:
    """FACTS 1.9, 6: a queue that drips past the limit is dropped whole, with what was queued long before it."""
    device = opened(real, max_duration=20_000)
    for i, at in enumerate((10_000, 12_500, 15_000, 17_500, 20_000), 1):
        device.do(START + at, THROW, aux=i)
    assert told(device) == [(PV, 1, SENT)] + [(ERROR, 1, DROPPED_STALE)] * 5
    assert device.store.start == START + 21_000  # the touch after the last of them


def test_close_ends_nothing(real: Make) -> None:
    """FACTS 1.10: closing the page ends no session: the next page goes on with it while it is valid; what was queued has been sent."""
    for gap, session in ((100, 1), (OVERTIME, 1), (OVERTIME + 1, 2)):
        device = opened(real)
        device.wait(START + 1_000)
        device.do(START + 1_000, CLOSE)
        assert [(e.at, e.fate) for e in device.left] == [(START + 1_000, SENT)]
        device.open(START + 1_000 + gap, LIST)
        assert device.store.session == session, gap


def test_close_within_the_second_writes_no_touch(real: Make) -> None:
    """FACTS 1.6, 1.10: a page that closes before the second is over has not written its last sign of life."""
    for close, last in ((999, START), (1_000, START + 1_000)):
        device = opened(real)
        device.do(START + close, CLOSE)
        device.wait(START + 10_000)
        assert device.store.last == last


def test_launch_is_no_sign_of_life(real: Make) -> None:
    """FACTS 1.6: that a page is opened writes nothing: what counts is its page view, a second later."""
    device = opened(real)
    device.do(START + 5_000, CLOSE)
    device.do(START + 20_000, LAUNCH)
    device.wait(START + 25_000)
    assert (device.store.made, device.store.last) == (1, START + 1_000)
    device.do(START + 25_000, NAVIGATE, LIST)
    device.wait(START + 26_000)
    assert device.store.last == START + 26_000


def test_launch_reads_nothing(real: Make) -> None:
    """FACTS 1.5: nor does it make a session, on a first visit or after the last one has expired; the first read does."""
    device = real()
    device.do(START, LAUNCH)
    assert device.store.made == 0
    device.do(START + 100, NAVIGATE, HOME)
    assert (device.store.made, device.store.start) == (1, START + 100)
    device.do(START + 5_000, CLOSE)
    device.do(START + HOUR, LAUNCH)
    device.do(START + HOUR + 100, NAVIGATE, LIST)
    assert (device.store.made, device.store.start) == (2, START + HOUR + 100)


def test_unseen_end_loses_the_queue(real: Make) -> None:
    """FACTS 6: no persistence: what a page had queued that ended without being hidden is lost."""
    device = opened(real)
    device.open(START + 1_000, LIST)
    assert told(device) == [(PV, 1, LOST), (PV, 1, SENT)]


def test_no_leave(real: Make) -> None:
    """FACTS 5: there is no event of leaving a page, and none of scrolling."""
    device = opened(real)
    device.do(START + 5_000, SCROLL, 1)
    device.do(START + 10_000, NAVIGATE, LIST)
    device.do(START + 20_000, CLOSE)
    assert [kind for kind, _, _ in told(device)] == [PV, PV]
    assert PROBES >> LEAVE & 1 == 0


# ------------------------------------------------------------------------------------------------------------------- 2: sampling


def test_sampling_is_drawn_for_each_session(real: Make) -> None:
    """FACTS 2: the draw belongs to the creation of a session, a renewal too."""
    first, second = draw_of(1, 1), draw_of(1, 2)
    assert first != second
    device = opened(real, rate=max(first, second))
    device.do(START + HOUR, CLICK)
    fates = [fate for _, _, fate in told(device)]
    assert fates == ([SENT, SAMPLED_OUT] if first < second else [SAMPLED_OUT, SENT])


def test_sampling_is_read_at_the_flush(real: Make) -> None:
    """FACTS 2, 6: first the session is read, then all is dropped if it is unsampled, then what is of another session."""
    first, second = draw_of(1, 1), draw_of(1, 2)
    for rate in (max(first, second), ONE, 0):
        device = opened(real, overtime=1_999, rate=rate)
        device.wait(START + 3_000)  # the flush renews
        assert device.left[0].fate == (DROPPED_STALE if second < rate else SAMPLED_OUT)


def test_sampling_of_a_crossing(real: Make) -> None:
    """FACTS 2: the flag is that of the flush: a session that was unsampled passes nothing on to a sampled one, and the other way round."""
    first, second = draw_of(1, 1), draw_of(1, 2)
    device = opened(real, rate=max(first, second))
    device.wait(START + 10_000)
    device.do(START + OVERTIME + 500, CLICK)  # tagged with the first session; renewed by the touch, before the flush
    assert told(device)[-1] == (PRESS, 1, SAMPLED_OUT if second > first else DROPPED_STALE)


def test_sampling_stays_with_the_session(real: Make) -> None:
    """FACTS 2: another rate changes the current session in neither direction, over a reload too."""
    for before, after, fate in ((ONE, 0, SENT), (0, ONE, SAMPLED_OUT)):
        device = opened(real, rate=before)
        device.limits.rate = after
        device.do(START + 10_000, CLICK)
        device.do(START + 20_000, CLOSE)
        device.open(START + 30_000, LIST)
        assert told(device) == [(PV, 1, fate), (PRESS, 1, fate), (PV, 1, fate)]


def test_unsampled_sessions_live_as_others_do(real: Make) -> None:
    """FACTS 2: in an unsampled session everything runs but the request: touch, renewal, queue."""
    sampled, unsampled = opened(real, rate=ONE), opened(real, rate=0)
    for device in (sampled, unsampled):
        for at in (500, OVERTIME + 1_200, OVERTIME + 30_000, 3 * OVERTIME):
            device.do(START + at, CLICK, aux=at)
        told(device)
    for name in ("made", "session", "start", "last", "events"):
        assert getattr(sampled.store, name) == getattr(unsampled.store, name)
    assert {e.fate for e in unsampled.left} == {SAMPLED_OUT}


# -------------------------------------------------------------------------------------------------------- 3: remote configuration


def test_remote_has_no_mode(real: Make) -> None:
    """FACTS 3: there is no `mode`: with remote-first, too, the page view is made before the answer comes."""
    for mode in (LAUNCH_FIRST, REMOTE_FIRST):
        device = opened(real, remote=mode)
        assert (device.screen.wants_config, device.screen.blocked, device.store.made, device.store.events) == (1, 0, 1, 1)
        device.configure(START + 10_000, 0)
        assert [(e.kind, e.fate, e.stamp) for e in device.left] == [(PV, SENT, START)]


def test_remote_waits_for_nobody(real: Make) -> None:
    """FACTS 3: a rate that came in a document opened with remote-first is that of the next, whose page view waits for no answer either."""
    device = opened(real, remote=REMOTE_FIRST)
    device.configure(START + 400, 0)
    device.do(START + HOUR, NAVIGATE, LIST)
    assert told(device) == [(PV, 1, SENT), (PV, 2, SAMPLED_OUT)]
    assert [e.stamp for e in device.left] == [START, START + HOUR]


def test_remote_is_off(real: Make) -> None:
    """FACTS 3: without `remoteConfig` nothing is fetched, and what is stored is not used."""
    device = opened(real)
    device.store.kept_rate = 0
    for at in (1, 2):
        device.do(START + at * HOUR, NAVIGATE, LIST)
        assert (device.screen.wants_config, device.store.fetches, device.store.rate) == (0, 0, ONE)
    assert {fate for _, _, fate in told(device)} == {SENT}


def test_remote_is_fetched_by_each_document(real: Make) -> None:
    """FACTS 3: once per init: each document fetches once, a route none; an answer of a second ago saves no fetch, as the cache does not count."""
    device = opened(real, remote=LAUNCH_FIRST, remote_cache=HOUR)
    assert device.store.fetches == 1
    for n in range(2, 5):
        at = START + n * 1_000
        device.configure(at, ONE)
        assert device.screen.wants_config == 0
        device.do(at + 1, NAVIGATE, LIST, aux=ROUTE)
        assert (device.screen.wants_config, device.store.fetches) == (0, n - 1)
        device.do(at + 2, NAVIGATE, HOME)
        assert (device.screen.wants_config, device.store.fetches) == (1, n)


def test_remote_is_fetched_by_each_launch(real: Make) -> None:
    """FACTS 3: so does a page that is opened anew; its first view is of the document that has fetched."""
    device = opened(real, remote=LAUNCH_FIRST, remote_cache=HOUR)
    for n in range(2, 5):
        device.configure(device.now + 10, ONE)
        device.do(device.now + 10, CLOSE)
        device.open(device.now + 10, LIST)
        assert (device.screen.wants_config, device.store.fetches) == (1, n)


def test_remote_rate_waits_for_the_next_document(real: Make) -> None:
    """FACTS 3: a rate that came is not in force in its document, for new sessions neither; it is in the next one."""
    for before, after, fates in ((ONE, 0, [SENT, SENT, SAMPLED_OUT]), (0, ONE, [SAMPLED_OUT, SAMPLED_OUT, SENT])):
        device = opened(real, rate=before, remote=LAUNCH_FIRST)
        device.configure(START + 500, after)
        device.do(START + HOUR, CLICK)
        device.do(START + 2 * HOUR, NAVIGATE, LIST)
        assert [(session, fate) for _, session, fate in told(device)] == list(zip((1, 2, 3), fates, strict=True))


def test_remote_rate_waits_for_the_next_new_session(real: Make) -> None:
    """FACTS 3: in the next document the session goes on with its decision, and the first new one is made by the rate that had come."""
    device = opened(real, remote=LAUNCH_FIRST)
    device.configure(START + 500, 0)
    device.do(START + 10_000, NAVIGATE, LIST)
    device.do(START + 20_000, CLICK)
    device.do(START + HOUR, CLICK)
    assert told(device) == [(PV, 1, SENT), (PV, 1, SENT), (PRESS, 1, SENT), (PRESS, 2, SAMPLED_OUT)]


def test_remote_rate_is_not_that_of_a_route(real: Make) -> None:
    """FACTS 3: a route change loads nothing: the rate that came waits on."""
    device = opened(real, remote=LAUNCH_FIRST)
    device.configure(START + 500, 0)
    device.do(START + HOUR, NAVIGATE, LIST, aux=ROUTE)
    assert told(device) == [(PV, 1, SENT), (PV, 2, SENT)]


def test_remote_rate_is_stored(real: Make) -> None:
    """FACTS 3: the next init uses what is stored before any fetch answers, however old; the cache never expires."""
    for later in (HOUR, DAY, 40 * DAY):
        device = opened(real, remote=LAUNCH_FIRST, remote_cache=1_000)
        device.configure(START + 500, 0)
        device.do(START + 600, CLOSE)
        device.open(START + 5_000 + later, LIST)
        assert told(device)[-1] == (PV, 2, SAMPLED_OUT), later


def test_remote_failure_changes_nothing(real: Make) -> None:
    """FACTS 3: a fetch that fails leaves the rate and what is stored, and is not made again before the next init."""
    device = opened(real, remote=LAUNCH_FIRST)
    device.configure(START + 500, 0)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 1_500, NO_CONFIG)
    assert (device.screen.wants_config, device.store.rate, device.store.kept_rate, device.store.kept_at) == (0, 0, 0, START + 500)
    device.do(START + 2_000, NAVIGATE, LIST)
    assert (device.screen.wants_config, device.store.fetches, device.store.rate) == (1, 3, 0)


def test_remote_rate_of_the_document_that_is_left(real: Make) -> None:
    """FACTS 3, 6: a document that is left reads the session when it sends, by its own rate; with nothing to send, the next one reads it first."""
    for flush_delay, fate in ((60_000, SENT), (1_000, SAMPLED_OUT)):
        device = opened(real, remote=LAUNCH_FIRST, overtime=2_000, flush_delay=flush_delay)
        device.configure(START + 100, 0)
        device.do(START + 3_001, NAVIGATE, LIST)  # 1 ms after overtime
        device.do(START + 3_002, HIDE)
        assert (device.left[-1].session, device.left[-1].fate) == (2, fate), flush_delay


# ------------------------------------------------------------------------------------------------------------ 6: flush and merging


def test_flush_timer_restarts(real: Make) -> None:
    """FACTS 6: each event restarts the 3,000 ms: drips are held until there is silence."""
    device = opened(real)
    for i in range(1, 11):
        device.do(START + i * 2_999, THROW, aux=i)
    device.wait(START + 10 * 2_999 + 2_999)
    assert device.left == []
    device.wait(START + 10 * 2_999 + 3_000)
    assert [e.at for e in device.left] == [START + 10 * 2_999 + 3_000] * 11


def test_flush_timer_restarts_for_merged_events(real: Make) -> None:
    """FACTS 6: an event that is counted into another restarts the timer as well."""
    device = opened(real)
    for i in range(1, 11):
        device.do(START + i * 2_999, CLICK, aux=7)
    device.wait(START + 10 * 2_999 + 2_999)
    assert device.left == []
    device.wait(START + 10 * 2_999 + 3_000)
    assert [(e.kind, e.times, e.stamp) for e in device.left] == [(PV, 1, START), (PRESS, 10, START + 2_999)]


def test_flush_timer_restarts_late_for_merged_events(real: Make) -> None:
    """FACTS 6: to the ms: an equal event 1 ms before the flush puts it off; one at the flush comes after it."""
    for after, leaves in ((2_999, [5_999]), (3_000, [3_000, 6_000])):
        device = opened(real)
        device.do(START, THROW, aux=7)
        device.do(START + after, THROW, aux=7)
        told(device)
        assert sorted({e.at - START for e in device.left}) == leaves


def test_flush_at_twenty(real: Make) -> None:
    """FACTS 6: the 20th event flushes at once, and the count begins anew."""
    device = opened(real)
    for i in range(2, 46):
        device.do(START + i, THROW, aux=i)
    assert [e.at for e in device.left] == [START + 20] * 20 + [START + 40] * 20
    told(device)
    assert [e.at for e in device.left][40:] == [START + 45 + 3_000] * 5


def test_flush_counts_merged_events_once(real: Make) -> None:
    """FACTS 6: the count is that of the queue: what was merged does not fill it."""
    device = opened(real)
    for i in range(2, 20):
        device.do(START + i, THROW, aux=i)
    for i in range(100):
        device.do(START + 100 + i, THROW, aux=5)
    assert device.left == []
    device.do(START + 300, THROW, aux=1_000)
    assert [e.times for e in device.left] == [1] * 4 + [101] + [1] * 15


def test_flush_when_hidden(real: Make) -> None:
    """FACTS 6: hiding flushes at once; showing, and hiding with nothing queued, send nothing."""
    device = opened(real)
    device.do(START + 10, HIDE)
    assert [(e.at, e.fate) for e in device.left] == [(START + 10, SENT)]
    for i, kind in enumerate((SHOW, HIDE, SHOW)):
        device.do(START + 20 + i, kind)
    device.wait(START + HOUR)
    assert len(device.left) == 1


def test_merging(real: Make) -> None:
    """FACTS 6: equal exceptions and equal actions are counted; the first keeps its time; other types are not, nor types with each other."""
    device = opened(real)
    for i, (kind, aux) in enumerate(((CLICK, 7), (THROW, 7), (CLICK, 7), (THROW, 8), (THROW, 7), (CLICK, 8), (CLICK, 7)), 1):
        device.do(START + i, kind, aux=aux)
    told(device)
    assert [(e.kind, e.aux, e.times, e.stamp) for e in device.left] == [
        (PV, 0, 1, START),
        (PRESS, 7, 3, START + 1),
        (ERROR, 7, 2, START + 2),
        (ERROR, 8, 1, START + 4),
        (PRESS, 8, 1, START + 6),
    ]


def test_merging_of_types_apart(real: Make) -> None:
    """FACTS 6: an action and an exception are never equal, whichever comes first."""
    for first, second in ((CLICK, THROW), (THROW, CLICK)):
        device = opened(real)
        device.do(START + 1, first, aux=7)
        device.do(START + 2, second, aux=7)
        told(device)
        assert [e.times for e in device.left] == [1, 1, 1]


def test_merging_ends_with_the_flush(real: Make) -> None:
    """FACTS 6: nothing is counted into an event that has been sent."""
    device = opened(real)
    device.do(START + 10, THROW, aux=7)
    device.do(START + 20, HIDE)
    device.do(START + 30, THROW, aux=7)
    told(device)
    assert [(e.kind, e.times) for e in device.left] == [(PV, 1), (ERROR, 1), (ERROR, 1)]


def test_merging_across_views(real: Make) -> None:
    """FACTS 6: an exception is equal by message and stack alone: one of the next view is counted into that of the view before, which it names."""
    device = opened(real)
    device.do(START + 10, THROW, aux=7)
    device.do(START + 20, NAVIGATE, LIST, aux=ROUTE)
    device.do(START + 30, THROW, aux=7)
    told(device)
    assert [(e.kind, e.shown, e.times) for e in device.left] == [(PV, 1, 1), (ERROR, 1, 2), (PV, 2, 1)]


def test_merging_of_actions_across_views(real: Make) -> None:
    """FACTS 6: an action is equal by its target alone, whatever the view."""
    device = opened(real)
    for at, page in ((10, LIST), (20, HOME), (30, LIST)):
        device.do(START + at, CLICK, aux=7)
        device.do(START + at, NAVIGATE, page, aux=ROUTE)
    told(device)
    assert [(e.shown, e.times, e.stamp) for e in device.left if e.kind == PRESS] == [(1, 3, START + 10)]


def test_merging_of_requests(real: Make) -> None:
    """FACTS 6: resources never merge."""
    device = opened(real)
    for ref in (1, 2):
        device.do(START + 100 * ref, BEGIN, aux=7, ref=ref)
        device.do(START + 100 * ref + 10, REQUEST, aux=7, ref=ref, since=START + 100 * ref)
        device.do(START + 100 * ref + 20, ASSET, aux=7)
    assert sorted(kind for kind, _, _ in told(device)) == [PV, API, API, STATIC, STATIC]
    assert {e.times for e in device.left} == {1}


def test_merging_keeps_the_first_session(real: Make) -> None:
    """FACTS 6, 1.8: what is counted into an event of an old session is dropped with it."""
    device = opened(real)
    device.wait(START + 10_000)
    device.do(START + OVERTIME + 500, CLICK, aux=7)
    device.do(START + OVERTIME + 2_000, CLICK, aux=7)  # after the touch has renewed
    assert told(device)[-1] == (PRESS, 1, DROPPED_STALE)
    assert device.left[-1].times == 2


def test_flush_precedes_what_was_armed_later(real: Make) -> None:
    """Timers of one instant fire in the order in which they were set: vitals, timings and frames of the flush's ms wait for the next one."""
    for kind, since, aux, before in ((VITALS, 0, 0, 200), (PAINT, 0, 0, 400), (FRAME, (START + 2_600) * 1_000, 160_000, 200)):
        device = opened(real, probes=PROBES | 1 << STALL)
        device.do(START + 3_000 - before, kind, since=since, aux=aux)
        told(device)
        assert [e.at - START for e in device.left] == [3_000, 6_000], kind


def test_flush_precedes_vitals_to_the_ms(real: Make) -> None:
    """Vitals that are due 1 ms before the flush go with it, and put it off; at its ms and after it they come too late for it."""
    for more, leaves in ((-1, [5_999, 5_999]), (0, [3_000, 6_000]), (1, [3_000, 6_001])):
        device = opened(real)
        device.do(START + 2_800 + more, VITALS)
        told(device)
        assert [e.at - START for e in device.left] == leaves, more


def test_flush_follows_what_was_armed_before(real: Make) -> None:
    """Timers of one instant fire in the order in which they were set: vitals that waited already precede the flush of their ms, and put it off."""
    device = opened(real, flush_delay=100)
    device.do(START + 200, VITALS)
    device.do(START + 300, THROW)
    told(device)
    assert [(e.kind, e.at - START) for e in device.left] == [(PV, 100), (ERROR, 500), (VITAL, 500)]


def test_flush_follows_timings_armed_before(real: Make) -> None:
    """So do page timings that were settling when the flush was set."""
    device = opened(real, flush_delay=100)
    device.do(START + 200, PAINT, since=START)  # read at 400, reported at 600
    device.do(START + 500, THROW)
    told(device)
    assert [(e.kind, e.at - START) for e in device.left] == [(PV, 100), (ERROR, 700), (PERF, 700)]


# ----------------------------------------------------------------------------------------------------------------- 5: the probes


def test_api_belongs_to_its_begin(real: Make) -> None:
    """The SDK's source: a request is of the session and page view in which it began, stamped with it, and reported 200 ms after its end."""
    device = opened(real)
    device.do(START + 100, BEGIN, ref=5)
    device.do(START + 200, NAVIGATE, LIST, aux=ROUTE)
    device.do(START + 700, REQUEST, ref=5, since=START + 100)
    device.wait(START + 899)
    assert device.store.events == 2
    device.wait(START + 900)
    assert device.store.events == 3
    told(device)
    assert [(e.kind, e.shown, e.page, e.stamp, e.span) for e in device.left][-1] == (API, 1, HOME, START + 100, 600)


def test_api_of_an_old_session(real: Make) -> None:
    """FACTS 1.5, 6: a request that outlasts its session is dropped; that it is reported makes the session after it."""
    for ends, session, fate in ((OVERTIME + 800, 1, SENT), (OVERTIME + 801, 2, DROPPED_STALE)):
        device = opened(real)
        device.do(START, BEGIN, ref=5)
        device.do(START + ends, REQUEST, ref=5, since=START)  # read 200 ms later: at last + overtime, and a ms after
        device.wait(START + ends + 200)
        assert device.store.made == session
        device.do(START + ends + 200, HIDE)
        assert device.left[-1][1:4] == (API, fate, 1)


def test_api_renews(real: Make) -> None:
    """FACTS 1.5: building the event of a request reads the session: if it has expired, another begins at that ms, not at the flush."""
    device = opened(real)
    device.do(START, BEGIN, ref=5)
    device.do(START + HOUR, REQUEST, ref=5, since=START)
    device.wait(START + HOUR + 2_500)
    assert (device.store.made, device.store.start) == (2, START + HOUR + 200)


def test_api_without_a_begin(real: Make) -> None:
    """A request that nobody saw begin, or of a document that is gone, is not reported."""
    device = opened(real)
    device.do(START + 10, REQUEST, ref=9)
    device.do(START + 20, BEGIN, ref=10)
    device.do(START + 30, NAVIGATE, LIST)
    device.do(START + 40, REQUEST, ref=10)
    assert [kind for kind, _, _ in told(device)] == [PV, PV]


def test_api_of_several_at_once(real: Make) -> None:
    """The SDK's source: each request ends for itself: of two under way, the one that ends first is that which began second, on its own view."""
    device = opened(real)
    device.do(START + 100, BEGIN, ref=5)
    device.do(START + 200, NAVIGATE, LIST, aux=ROUTE)
    device.do(START + 300, BEGIN, ref=6)
    device.do(START + 700, REQUEST, 66, ref=6, since=START + 300)
    device.do(START + 800, REQUEST, 55, ref=5, since=START + 100)
    told(device)
    assert [(e.key, e.shown, e.stamp) for e in device.left if e.kind == API] == [(66, 2, START + 300), (55, 1, START + 100)]


def test_api_of_another_begin(real: Make) -> None:
    """A request that nobody saw begin is not reported in the place of one that is under way, which goes on."""
    device = opened(real)
    device.do(START + 100, BEGIN, ref=5)
    device.do(START + 200, REQUEST, 44, ref=4, since=START + 50)
    assert told(device) == [(PV, 1, SENT)]
    device.do(START + 9_000, REQUEST, 55, ref=5, since=START + 100)
    told(device)
    assert [(e.kind, e.key) for e in device.left] == [(PV, HOME), (API, 55)]


def test_static_is_handled_a_second_later(real: Make) -> None:
    """FACTS 5: a static file is reported 1,000 ms after its entry, in the session, on the page and at the time of then."""
    device = opened(real)
    device.do(START + 500, ASSET, since=START + 100)
    device.do(START + 600, NAVIGATE, LIST, aux=ROUTE)
    told(device)
    assert [(e.kind, e.shown, e.stamp) for e in device.left][-1] == (STATIC, 2, START + 1_500)


def test_perf_settles(real: Make) -> None:
    """FACTS 5: page timings are reported once per document, 200 ms after they were read, which was 200 ms after they came; stamped with its init."""
    device = opened(real)
    device.do(START + 300, PAINT, since=START)
    device.wait(START + 699)
    assert device.store.events == 1
    device.wait(START + 700)
    assert device.store.events == 2
    device.do(START + 5_000, PAINT, since=START)
    told(device)
    assert [(e.kind, e.stamp) for e in device.left] == [(PV, START), (PERF, START)]


def test_perf_settles_anew(real: Make) -> None:
    """FACTS 5: timings that are read while others wait restart the 200 ms, and are those that are reported."""
    device = opened(real)
    device.do(START + 300, PAINT, since=START)
    device.do(START + 450, PAINT, since=START)
    device.wait(START + 849)  # read at 500 and at 650
    assert device.store.events == 1
    device.wait(START + 850)
    assert device.store.events == 2
    told(device)
    assert [(e.kind, e.span) for e in device.left] == [(PV, 0), (PERF, 450)]


def test_perf_waits_for_a_pause(real: Make) -> None:
    """FACTS 5: a stream of timings with gaps below 200 ms is reported once, after it has paused; a gap of 200 ms is a pause."""
    for gap, spans in ((199, [300 + 9 * 199]), (200, [300])):
        device = opened(real)
        for i in range(10):
            device.do(START + 300 + i * gap, PAINT, since=START)
        told(device)
        assert [e.span for e in device.left if e.kind == PERF] == spans, gap


def test_perf_of_an_old_session(real: Make) -> None:
    """FACTS 1.5, 5: timings belong to the session in which their document was loaded; if it is over when they are reported they are dropped."""
    for comes, session, fate in ((OVERTIME + 600, 1, SENT), (OVERTIME + 601, 2, DROPPED_STALE)):
        device = opened(real)
        device.do(START + comes, PAINT, since=START)
        device.wait(START + comes + 400)  # at last + overtime, and a ms after
        assert device.store.made == session, comes
        device.do(START + comes + 400, HIDE)
        assert device.left[-1][1:4] == (PERF, fate, 1), comes


def test_perf_renews(real: Make) -> None:
    """FACTS 1.5: the event of page timings reads the session: if it has expired, another begins at that ms, not at the flush."""
    device = opened(real)
    device.do(START + HOUR, PAINT, since=START)
    device.wait(START + HOUR + 2_000)
    assert (device.store.made, device.store.start) == (2, START + HOUR + 400)
    assert told(device) == [(PV, 1, SENT), (PERF, 1, DROPPED_STALE)]


def test_vitals_wait(real: Make) -> None:
    """FACTS 5: vitals are reported 200 ms after the last of them, on the view in which their document was loaded."""
    device = opened(real)
    device.do(START + 100, NAVIGATE, LIST, aux=ROUTE)
    for at in (300, 450, 600):
        device.do(START + at, VITALS)
    device.wait(START + 799)
    assert device.store.events == 2
    device.wait(START + 800)
    told(device)
    assert [(e.kind, e.shown, e.stamp) for e in device.left][-1] == (VITAL, 1, START + 800)


def frames(make: Make, *spans: tuple[int, int]) -> list[tuple[int, ...]]:
    """Let frames of some begins and lengths (us) be seen 10 ms after their end; give time, stamp, span, first and last frame of each report."""
    device = opened(make, probes=PROBES | 1 << STALL)
    for ref, (start, length) in enumerate(spans, 1):
        device.do(START + (start + length) // 1_000 + 10, FRAME, since=START * 1_000 + start, aux=length, ref=ref)
    told(device)
    return [(e.stamp - START, e.span, e.key) for e in device.left if e.kind == STALL]


def test_frames_are_off(real: Make) -> None:
    """FACTS 5: long tasks are off by default."""
    assert PROBES >> STALL & 1 == 0


def test_frames_of_150_ms(real: Make) -> None:
    """FACTS 5: a series of 150 ms is reported, to the us; one of 149 ms is not."""
    for length in (149_000, 149_999):
        assert frames(real, (20_000, length)) == []
    for length in (150_000, 150_001, 400_000):
        assert frames(real, (20_000, length)) == [(20, length, 1)]


def test_frames_are_joined(real: Make) -> None:
    """FACTS 5: frames with a gap below 17 ms are one series; at 17 ms they are two."""
    for gap in (-5_000, 0, 16_000, 16_999):
        assert frames(real, (0, 80_000), (80_000 + gap, 80_000)) == ([(0, 160_000 + gap, 1)] if 160_000 + gap >= 150_000 else [])
    for gap in (17_000, 17_001, 60_000):
        assert frames(real, (0, 80_000), (80_000 + gap, 80_000)) == []


def test_frames_of_several_series(real: Make) -> None:
    """FACTS 5: a series is reported 200 ms after its last frame; any frame before that takes the report back, for good if it does not join."""
    assert frames(real, (0, 160_000), (170_000, 60_000), (240_000, 60_000)) == [(0, 300_000, 1)]
    assert frames(real, (0, 160_000), (200_000, 60_000)) == []
    assert frames(real, (0, 160_000), (177_000, 150_000)) == [(177, 150_000, 2)]
    assert frames(real, (0, 160_000), (1_000_000, 160_000)) == [(0, 160_000, 1), (1_000, 160_000, 2)]


def test_frames_of_two_documents(real: Make) -> None:
    """FACTS 5: a frame of the next document does not join those of the one before, however close."""
    for aux, joined in ((0, False), (ROUTE, True)):
        device = opened(real, probes=PROBES | 1 << STALL)
        device.do(START + 110, FRAME, since=START * 1_000, aux=100_000, ref=1)
        device.do(START + 115, NAVIGATE, LIST, aux=aux)
        device.do(START + 220, FRAME, since=(START + 116) * 1_000, aux=100_000, ref=2)
        assert (STALL in [kind for kind, _, _ in told(device)]) == joined


def test_frames_after_a_close(real: Make) -> None:
    """FACTS 5: nor does a frame of a page that is opened right after another was closed."""
    device = opened(real, probes=PROBES | 1 << STALL)
    device.do(START + 110, FRAME, since=START * 1_000, aux=100_000, ref=1)
    device.do(START + 111, CLOSE)
    device.open(START + 112, LIST)
    device.do(START + 220, FRAME, since=(START + 113) * 1_000, aux=100_000, ref=2)
    assert [kind for kind, _, _ in told(device)] == [PV, PV]


def test_frames_take_back(real: Make) -> None:
    """FACTS 5: a short frame after a pause, within the 200 ms, takes the report of the long series before it for good."""
    assert frames(real, (0, 150_000), (300_000, 10_000)) == []
    assert frames(real, (0, 150_000), (340_001, 10_000)) == [(0, 150_000, 1)]


def test_frames_are_reported_200_ms_later(real: Make) -> None:
    """FACTS 5: the pause is 200 ms after the last frame was seen; a frame at its end comes after the report."""
    for gap, events in ((199, 1), (200, 2)):
        device = opened(real, probes=PROBES | 1 << STALL)
        device.do(START + 200, FRAME, since=START * 1_000, aux=160_000, ref=1)
        device.do(START + 200 + gap, FRAME, since=(START + 180) * 1_000, aux=10_000, ref=2)
        assert device.store.events == events


# ---------------------------------------------------------------------------------------------------------------- tests of the tests


class Mutant(NamedTuple):
    """A wrong core, and who catches it: rules of this file (without `test_`), and recorded runs of the real SDK."""

    edits: Edits
    rules: tuple[str, ...]
    runs: tuple[str, ...] = ()


MUTANTS = {
    "overtime ends the session at its ms": Mutant(
        edit("session", "at - store.last <= limits.overtime", "at - store.last < limits.overtime"),
        ("overtime_is_strict", "overtime_setting", "touch_renews", "lost_in_the_second_after_overtime"),
        ("idle_10m_eq", "idle_60m_eq", "idle_default_eq", "gap_overtime_p0"),
    ),
    "overtime is late by one": Mutant(
        edit("session", "at - store.last <= limits.overtime", "at - store.last <= limits.overtime + 1"),
        ("overtime_is_strict", "overtime_setting", "flush_renews", "hidden_flush_renews", "api_of_an_old_session"),
        ("idle_10m_p1", "idle_60m_p1", "idle_default_p1", "gap_overtime_p1001"),
    ),
    "maxDuration ends the session at its ms": Mutant(
        edit("session", "at - store.start <= limits.max_duration", "at - store.start < limits.max_duration"),
        ("max_duration_is_absolute", "max_duration_drops_the_queue"),
        ("maxdur_4h_eq",),
    ),
    "maxDuration is late by one": Mutant(
        edit("session", "at - store.start <= limits.max_duration", "at - store.start <= limits.max_duration + 1"),
        ("max_duration_is_absolute", "max_duration_drops_the_queue"),
        ("maxdur_4h_p1",),
    ),
    "a sign of life starts the age anew": Mutant(
        edit(
            "session",
            "    if lives(store, limits, at):\n        store.last = at\n",
            "    if lives(store, limits, at):\n        store.last = store.start = at\n",
        ),
        ("touch_is_written_a_second_later", "max_duration_is_absolute", "max_duration_drops_the_queue"),
        ("basic", "maxdur_4h_p1"),
    ),
    "the sign of life is the activity's time": Mutant(
        edit(
            "session",
            "    if lives(store, limits, at):\n        store.last = at\n",
            "    if lives(store, limits, at):\n        store.last = at - limits.touch_delay\n",
        ),
        ("touch_is_written_a_second_later", "touch_waits_for_a_pause", "touch_of_a_click", "lost_in_the_second_after_overtime"),
        ("basic", "lastactive_debounce", "clicks_activity"),
    ),
    "the sign of life is written at once": Mutant(
        edit("outbox", "        arm(box, box.touch, at + limits.touch_delay)", "        arm(box, box.touch, at)"),
        ("touch_is_written_a_second_later", "touch_waits_for_a_pause", "close_within_the_second_writes_no_touch"),
        ("basic", "lastactive_debounce"),
    ),
    "a stream of signs of life is not waited for": Mutant(
        edit(
            "outbox",
            "        arm(box, box.touch, at + limits.touch_delay)",
            "        arm(box, box.touch, min(box.touch.at, at + limits.touch_delay))",
        ),
        ("touch_waits_for_a_pause", "touch_of_a_script_s_click"),
        ("lastactive_debounce",),
    ),
    "a script's click is a sign of life": Mutant(
        edit("probes", "0 if kind == UNTRUSTED else 1", "1"),
        ("what_reads_nothing_renews_nothing", "touch_of_a_script_s_click"),
        ("clicks_activity",),
    ),
    "a touch keeps what has expired": Mutant(
        edit("session", "    if lives(store, limits, at):\n        store.last = at\n", "    if store.open:\n        store.last = at\n"),
        ("touch_renews", "lost_in_the_second_after_overtime", "sampling_of_a_crossing"),
        ("gap_overtime_p1", "gap_overtime_p999", "gap_overtime_p1000"),
    ),
    "events are no signs of life": Mutant(
        edit("outbox", "    if limits.events_touch:", "    if limits.events_touch > 1:"),
        ("touch_is_written_a_second_later", "passive_events_keep_alive", "touch_of_a_script_s_click"),
        ("basic", "lastactive_debounce"),
    ),
    "a scroll is a sign of life": Mutant(
        edit("probes", "    elif kind == SCROLL:\n", "    elif kind == SCROLL:\n        touch(box, limits, at, 1)\n"),
        ("what_reads_nothing_renews_nothing", "no_sign_of_life_is_a_scroll"),
    ),
    "the flush does not read the session": Mutant(
        edit("outbox", "session = current(store, limits, at) if", "session = store.session if"),
        ("flush_renews", "hidden_flush_renews", "max_duration_drops_the_queue"),
        ("idle_flush_drop",),
    ),
    "what is of an old session is sent": Mutant(
        edit("outbox", "limits.drops_stale and e.session != session", "limits.drops_stale > 1 and e.session != session"),
        ("flush_renews", "lost_in_the_second_after_overtime", "api_of_an_old_session", "merging_keeps_the_first_session"),
        ("gap_overtime_p1", "maxdur_queue_drop"),
    ),
    "sampling is that of the event": Mutant(
        edit("outbox", "sampled = store.sampled if renewed else e.sampled", "sampled = e.sampled"),
        ("sampling_is_read_at_the_flush", "sampling_of_a_crossing"),
    ),
    "sampling is not drawn again": Mutant(
        edit("session", "    store.sampled = 1 if", "    store.sampled = store.sampled if store.made > 1 else 1 if"),
        ("sampling_is_drawn_for_each_session", "sampling_is_read_at_the_flush"),
        ("sample_redraw_on_renew",),
    ),
    "a merged event does not restart the timer": Mutant(
        edit("outbox", "        box.flush.at = NEVER\n    else:\n        e =", "        return\n    else:\n        e ="),
        ("flush_timer_restarts_for_merged_events", "flush_timer_restarts_late_for_merged_events"),
    ),
    "the timer is not restarted": Mutant(
        edit("outbox", "arm(box, box.flush, at + limits.flush_delay)", "arm(box, box.flush, min(box.flush.at, at + limits.flush_delay))"),
        ("flush_timer_restarts", "max_duration_drops_what_drips"),
        ("debounce_flush", "basic"),
    ),
    "merged events are forgotten": Mutant(
        edit("outbox", "            e.times += 1\n", ""),
        ("merging", "flush_timer_restarts_for_merged_events", "flush_counts_merged_events_once"),
        ("dedup",),
    ),
    "an exception merges into an action": Mutant(
        edit("outbox", "e.aux == aux and TYPE_OF[e.kind] == TYPE_OF[h.kind]", "e.aux == aux and limits_merge(e.kind)")
        + edit("outbox", "def merged(", "def limits_merge(kind: int) -> bool:\n    return TYPE_OF[kind] in (1, 3)\n\n\ndef merged("),
        ("merging", "merging_of_types_apart"),
    ),
    "the 20th event waits": Mutant(
        edit("outbox", "box.count - box.done >= limits.flush_count", "box.count - box.done > limits.flush_count"),
        ("flush_at_twenty", "flush_counts_merged_events_once", "saved_by_a_full_queue_in_that_second"),
        ("batch_45",),
    ),
    "hiding sends nothing": Mutant(
        edit("probes", "    elif kind == HIDE:\n        flush(store, screen, box, limits, at)", "    elif kind == HIDE:\n        pass"),
        ("flush_when_hidden", "hidden_flush_renews", "saved_by_a_flush_in_that_second"),
        ("hidden", "gap_drop_avoided_by_hidden_flush"),
    ),
    "a request belongs to its end": Mutant(
        edit("probes", "        current(store, limits, at)  # building", "        tag(store, screen, limits, at, h)  # building"),
        ("api_belongs_to_its_begin", "api_of_an_old_session"),
    ),
    "a request that is reported reads nothing": Mutant(
        edit("probes", "        current(store, limits, at)  # building the event reads the session, to which it need not belong\n", ""),
        ("api_of_an_old_session", "api_renews"),
    ),
    "closing ends the session": Mutant(
        edit("probes", "    if limits.close_ends:\n", "    if limits.flush_count:\n"),
        ("close_ends_nothing", "sampling_stays_with_the_session"),
    ),
    "a rate that comes is in force at once": Mutant(
        edit("remote", "if limits.remote_later == 0:", "if limits.remote_later < 2:"),
        ("remote_rate_waits_for_the_next_document", "remote_rate_is_not_that_of_a_route", "remote_rate_of_the_document_that_is_left"),
    ),
    "a document that is loaded asks for nothing": Mutant(
        edit("probes", "if limits.remote_loads and screen.shown:", "if limits.remote_loads > 1 and screen.shown:"),
        ("remote_is_fetched_by_each_document", "remote_rate_waits_for_the_next_document", "remote_failure_changes_nothing"),
    ),
    "a launch asks twice": Mutant(
        edit("probes", "if limits.remote_loads and screen.shown:", "if limits.remote_loads:"),
        ("remote_is_fetched_by_each_document", "remote_is_fetched_by_each_launch"),
    ),
    "what is stored saves a fetch": Mutant(
        edit("remote", "if limits.remote_always or store.kept_rate < 0", "if store.kept_rate < 0"),
        ("remote_is_fetched_by_each_document", "remote_is_fetched_by_each_launch", "remote_failure_changes_nothing"),
    ),
    "remote-first waits": Mutant(
        edit("remote", " and limits.remote_waits:", ":"),
        ("remote_has_no_mode", "remote_waits_for_nobody"),
    ),
    "the document that is left has the next one's rate": Mutant(
        edit(
            "probes",
            "    leave(store, screen, box, limits, s)\n    if limits.reloads",
            "    leave(store, screen, box, limits, s)\n    if limits.remote_loads:\n"
            "        begin(store, screen, box, limits, s.at)\n    if limits.reloads",
        ),
        ("remote_rate_of_the_document_that_is_left", "remote_rate_is_not_that_of_a_route"),
    ),
    "a request ends whichever is under way": Mutant(
        edit("held", "if h.ref == s.ref and h.kind == API", "if h.kind == API"),
        ("api_of_several_at_once", "api_of_another_begin"),
    ),
    "equal events of another view are not merged": Mutant(
        edit("outbox", "if e.aux == aux and TYPE_OF", "if e.shown == h.shown and e.aux == aux and TYPE_OF"),
        ("merging_across_views", "merging_of_actions_across_views"),
    ),
    "timings are reported 200 ms after the first of them": Mutant(
        edit(
            "probes", "arm_rare(box, box.settle, at + limits.settle_delay)", "arm_rare(box, box.settle, min(box.settle.at, at + limits.settle_delay))"
        ),
        ("perf_settles_anew", "perf_waits_for_a_pause"),
    ),
    "timings belong to the session that reports them": Mutant(
        edit("probes", "    current(store, limits, at)\n    box.timings", "    box.timings.session = current(store, limits, at)\n    box.timings"),
        ("perf_of_an_old_session", "perf_renews"),
    ),
    "timings that are reported read nothing": Mutant(
        edit("probes", "    current(store, limits, at)\n    box.timings", "    box.timings"),
        ("perf_of_an_old_session", "perf_renews"),
    ),
    "frames of two documents are joined": Mutant(
        edit("timers", "    box.frames.end = -NEVER\n", ""),
        ("frames_of_two_documents", "frames_after_a_close"),
    ),
    "what is due with the flush goes with it": Mutant(
        edit("timers", "    if due <= at and (due < at or box.flush.armed < armed):", "    if due < at:"),
        ("flush_precedes_what_was_armed_later", "flush_precedes_vitals_to_the_ms"),
    ),
    "the flush precedes whatever is due with it": Mutant(
        edit("timers", "    if due <= at and (due < at or box.flush.armed < armed):", "    if due <= at:"),
        ("flush_follows_what_was_armed_before", "flush_follows_timings_armed_before"),
    ),
    "a launch is a sign of life": Mutant(
        edit("probes", "    elif limits.reads_renew == 0:\n", "    else:\n"),
        ("launch_is_no_sign_of_life", "launch_reads_nothing"),
    ),
    "frames with a gap of 17 ms are joined": Mutant(
        edit("held", "start_us - f.end < limits.frame_gap_us", "start_us - f.end <= limits.frame_gap_us"),
        ("frames_are_joined", "frames_of_several_series"),
        ("lt_two_gap17",),
    ),
    "frames of 150 ms are too short": Mutant(
        edit("held", "f.end - f.start >= limits.frame_least_us", "f.end - f.start > limits.frame_least_us"),
        ("frames_of_150_ms", "frames_of_several_series"),
        ("lt_150",),
    ),
    "a frame takes nothing back": Mutant(
        edit("held", "    f = box.frames\n    stop_rare(box, f.timer)\n    if", "    f = box.frames\n    if"),
        ("frames_of_several_series", "frames_take_back"),
    ),
}


def put_in(core: Core, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Let the player of scripts use another core. Give the names of the functions that it takes from it."""
    found = set()
    for name, module in list(sys.modules.items()):
        if name.startswith(("simulator.scenario.", "simulator.play.replay")):
            for held, item in list(vars(module).items()):
                if isinstance(item, FunctionType) and item.__module__ in core.parts:
                    monkeypatch.setattr(module, held, core.parts[item.__module__][item.__name__])
                    found.add(item.__name__)
    return found


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong core breaks each rule that is named for it and differs from each recorded run that is; two at least."""
    mutant = MUTANTS[name]
    wrong = core_with(*mutant.edits)
    assert len({*mutant.rules, *mutant.runs}) >= 2
    for rule in mutant.rules:
        with pytest.raises(AssertionError):
            globals()[f"test_{rule}"](partial(Device, wrong, EDITION))
    put_in(wrong, monkeypatch)
    assert [run for run in mutant.runs if deviations(run) == []] == []


def test_a_core_without_edits_is_not_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Built in the same way, a core with no edit breaks no rule, and equals each recorded run that is named."""
    same = core_with()
    for rule in {rule for mutant in MUTANTS.values() for rule in mutant.rules}:
        globals()[f"test_{rule}"](partial(Device, same, EDITION))
    assert put_in(same, monkeypatch) >= {"feed", "wake", "settle", "current"}
    assert [run for run in {run for mutant in MUTANTS.values() for run in mutant.runs} if deviations(run)] == []
    assert len(MUTANTS) >= 12
