"""The product document, sentence by sentence: each test names the part that it holds the core to.

Rules of the file: a test takes nothing but makers of devices (`anywhere`, `phone`, `browser`, `website`, `miniprogram`) and asserts, so that the
tests of the tests can run it against a core that is wrong.
"""

from typing import Any

import pytest
from devices import CART, DAY, HOME, HOUR, LIST, MINUTE, START, Device, Make, draw_of, opened

from simulator.kernel.rnd import ONE
from simulator.play.model import limits_of
from simulator.profile.editions import EDITIONS
from simulator.profile.types import RemoteConfig, SessionConfig
from simulator.schema.words import ACTION as ACTION_TYPE
from simulator.schema.words import (
    AGAIN,
    ANR,
    API,
    ASSET,
    BACKGROUND,
    BLOCK,
    CLICK,
    CLOSE,
    CRASH,
    DROPPED_NO_SESSION,
    ERROR,
    EXCEPTION,
    FATAL,
    FOREGROUND,
    HIDE,
    LAUNCH,
    LEAVE,
    LONG_TASK,
    LOST,
    NAVIGATE,
    PAINT,
    PERF,
    PRESS,
    PV,
    REPORT,
    REPORTED,
    REQUEST,
    RESOURCE,
    SAMPLED_OUT,
    SCROLL,
    SENT,
    SHOW,
    STALL,
    STATIC,
    SWEEP,
    TAP,
    TERMINATE,
    THROW,
    TYPE_OF,
    VIEW,
    VITAL,
    VITALS,
)
from simulator.sdk.state import LAUNCH_FIRST, QUEUE

AWAY, OVERTIME, MAX_DURATION = 60_000, HOUR, DAY
INTERACTIONS = (CLICK, TAP, SCROLL, NAVIGATE)
PASSIVE = (REQUEST, ASSET, PAINT, VITALS, THROW, BLOCK)
COUNT = {TERMINATE: 50, CLOSE: 20}
DELAY = {TERMINATE: 5_000, CLOSE: 3_000}
"""Of the outbox, by the word for the end: that of an app's process, or of a page."""


def tail(device: Device, n: int) -> list[int]:
    """List the sessions of the last events of a device."""
    return device.sessions()[-n:]


# ------------------------------------------------------------------------------------------------- Mobile: Session Creation


def test_mobile_creation_first_launch(phone: Make) -> None:
    """Mobile, Session Creation: the first launch makes a session, and what follows belongs to it."""
    device = opened(phone)
    device.do(START + 10, TAP)
    assert [(e.kind, e.session, e.fate) for e in device.drain()] == [(PV, 1, SENT), (PRESS, 1, SENT)]


def test_mobile_creation_each_launch(phone: Make) -> None:
    """Mobile, Session Creation: each launch makes a session with an id of its own, however soon it follows."""
    device = phone()
    for at in (START, START + 1, START + 2):
        device.open(at)
        device.do(at, TERMINATE)
    device.do(START + 3, LAUNCH)
    assert device.sessions() == [1, 2, 3]


def test_mobile_creation_return_to_the_foreground(phone: Make) -> None:
    """Mobile, Session Creation: a return to the foreground after a long absence makes a session, each time."""
    device = opened(phone)
    for trip in range(1, 4):
        device.do(START + trip * HOUR, BACKGROUND)
        device.do(START + trip * HOUR + 30 * MINUTE, FOREGROUND)
        device.do(START + trip * HOUR + 30 * MINUTE, TAP)
    assert [e.session for e in device.drain() if e.kind == PRESS] == [2, 3, 4]


def test_mobile_creation_launch_after_an_unseen_end(phone: Make) -> None:
    """Mobile, Session Creation: a launch makes a session though nobody saw the process before it end."""
    device = opened(phone)
    device.open(START + 1_000)
    assert device.sessions() == [1, 2]


def test_mobile_creation_launch_after_an_unseen_end_in_the_background(phone: Make) -> None:
    """Mobile, Session Creation: an app that the system has killed in the background is launched, not returned to, also within 60 seconds."""
    device = opened(phone)
    device.do(START + 1_000, BACKGROUND)
    device.open(START + 2_000)
    assert tail(device, 1) == [2]


def test_mobile_creation_foreground_without_background(phone: Make) -> None:
    """Mobile, Session Creation: a foreground that no background preceded is no return, and makes no session."""
    device = opened(phone)
    device.do(START + 500, FOREGROUND)
    device.do(START + 500, TAP)
    assert device.sessions() == [1, 1]


# --------------------------------------------------------------------------------------------- Mobile: Session Continuation


def test_mobile_continuation_within_60_s(phone: Make) -> None:
    """Mobile, Session Continuation: a return within 60 seconds, 60,000 ms included, keeps the session."""
    for gap in (0, 1, 30_000, AWAY - 1, AWAY):
        device = opened(phone)
        device.do(START + 5_000, BACKGROUND)
        device.do(START + 5_000 + gap, FOREGROUND)
        device.do(START + 5_000 + gap, TAP)
        assert tail(device, 1) == [1], gap


def test_mobile_continuation_each_trip_by_itself(phone: Make) -> None:
    """Mobile, Session Continuation: the 60 seconds count from the latest entry into the background, whatever trips were before."""
    device = opened(phone)
    for trip in range(5):
        device.do(START + (trip + 1) * MINUTE, BACKGROUND)
        device.do(START + (trip + 1) * MINUTE + 45_000, FOREGROUND)
        device.do(START + (trip + 1) * MINUTE + 45_000, TAP)
    assert set(device.sessions()) == {1}


def test_mobile_continuation_from_the_background(phone: Make) -> None:
    """Mobile, Session Continuation: the 60 seconds count from the entry into the background, not from what was done last."""
    device = opened(phone)
    device.do(START + 48_000, TAP)
    device.do(START + 50_000, BACKGROUND)
    device.do(START + 50_000 + AWAY, FOREGROUND)
    device.do(START + 50_000 + AWAY, TAP)
    assert tail(device, 1) == [1]


def test_mobile_continuation_foreground_twice(phone: Make) -> None:
    """Mobile, Session Continuation: an app that says twice that it is back is back once; the 60 seconds were counted the first time."""
    device = opened(phone)
    device.do(START + 1_000, BACKGROUND)
    for at in (30_000, 30_001, 40_000, 200_000):
        device.do(START + at, FOREGROUND)
        device.do(START + at, TAP)
    assert set(device.sessions()) == {1}


def test_mobile_continuation_in_the_foreground(phone: Make) -> None:
    """Mobile, Session Continuation: in the foreground neither silence nor age ends a session; overtime and maxDuration are the web's."""
    device = opened(phone)
    device.do(START + 2 * DAY, THROW)
    device.do(START + 9 * DAY, TAP)
    assert device.sessions() == [1, 1, 1]


# ----------------------------------------------------------------------------------------------- Mobile: Session Expiration


def test_mobile_expiration_after_60_s(phone: Make) -> None:
    """Mobile, Session Expiration: a return after more than 60 seconds, 60,001 ms included, makes a session."""
    for gap in (AWAY + 1, AWAY + 2, HOUR):
        device = opened(phone)
        device.do(START + 5_000, BACKGROUND)
        device.do(START + 5_000 + gap, FOREGROUND)
        device.do(START + 5_000 + gap, TAP)
        assert tail(device, 1) == [2], gap


def test_mobile_expiration_after_a_kept_trip(phone: Make) -> None:
    """Mobile, Session Expiration: a short trip does not lengthen the next one."""
    device = opened(phone)
    device.do(START + 1_000, BACKGROUND)
    device.do(START + 1_000 + AWAY, FOREGROUND)
    device.do(START + 1_000 + AWAY, BACKGROUND)
    device.do(START + 1_000 + 2 * AWAY + 1, FOREGROUND)
    device.do(START + 1_000 + 2 * AWAY + 1, TAP)
    assert tail(device, 1) == [2]


def test_mobile_expiration_in_the_background(phone: Make) -> None:
    """Mobile, Session Expiration: after more than 60 seconds in the background the session has ended; what happens then is not of it."""
    device = opened(phone)
    device.do(START + 5_000, BACKGROUND)
    device.do(START + 5_000 + AWAY, REQUEST)
    device.do(START + 5_000 + AWAY + 1, REQUEST)
    assert [(e.session, e.fate) for e in device.drain()][-2:] == [(1, SENT), (0, DROPPED_NO_SESSION)]


# ---------------------------------------------------------------------------------------------- Mobile: Session Termination


def test_mobile_termination_in_the_foreground(phone: Make) -> None:
    """Mobile, Session Termination: the end of the app ends the session, however soon it is launched again."""
    device = opened(phone)
    device.do(START + 100, TERMINATE)
    device.open(START + 101)
    assert device.sessions() == [1, 2]


def test_mobile_termination_in_the_background(phone: Make) -> None:
    """Mobile, Session Termination: an app that ends in the background begins a session at its next launch, within 60 seconds too."""
    device = opened(phone)
    device.do(START + 100, BACKGROUND)
    device.do(START + 200, TERMINATE)
    device.open(START + 300)
    assert tail(device, 1) == [2]


def test_mobile_termination_nothing_is_of_an_ended_session(phone: Make) -> None:
    """Mobile, Session Termination: nothing can join a session after its end."""
    device = opened(phone)
    device.do(START + 100, TERMINATE)
    device.do(START + 101, REQUEST)
    device.do(START + 102, LAUNCH)
    assert [(e.session, e.fate) for e in device.drain()] == [(1, SENT), (0, DROPPED_NO_SESSION)]


# ---------------------------------------------------------------------------------------------------- Web: Session Creation


def test_web_creation_first_visit(browser: Make) -> None:
    """Web, Session Creation: a first visit makes a session, and what follows belongs to it."""
    device = opened(browser)
    device.do(START + 10, CLICK)
    device.do(START + 20, THROW)
    assert [(e.kind, e.session, e.fate) for e in device.drain()] == [(PV, 1, SENT), (PRESS, 1, SENT), (ERROR, 1, SENT)]


# ------------------------------------------------------------------------------------------------ Web: Session Continuation


@pytest.mark.parametrize("kind", INTERACTIONS)
def test_web_continuation_each_interaction(browser: Make, kind: int) -> None:
    """Web, Session Continuation: clicks, scrolls and navigation, each of them, keep the session active."""
    device = opened(browser)
    for i in range(1, 10):
        device.do(START + i * OVERTIME, kind, LIST)
    assert len(device.drain()) >= 10
    assert set(device.sessions()) == {1}


def test_web_continuation_by_interaction(browser: Make) -> None:
    """Web, Session Continuation: the silence counts from the latest interaction, not from the beginning."""
    device = opened(browser)
    for i, kind in enumerate((CLICK, SCROLL, TAP, NAVIGATE, SCROLL, CLICK), 1):
        device.do(START + i * OVERTIME, kind, LIST)
    assert set(device.sessions()) == {1}


def test_web_continuation_hidden(browser: Make) -> None:
    """Web, Session Continuation: a page that is hidden and shown again goes on with its session."""
    device = opened(browser)
    device.do(START + 100, HIDE)
    device.do(START + OVERTIME, SHOW)
    device.do(START + OVERTIME, CLICK)
    assert device.sessions() == [1, 1]


# -------------------------------------------------------------------------------------------------- Web: Session Expiration


def test_web_expiration_at_overtime(browser: Make) -> None:
    """Web, Session Expiration: silence of exactly `overtime` keeps the session, 1 ms more ends it; the default is 1 hour."""
    for gap, session in ((OVERTIME - 1, 1), (OVERTIME, 1), (OVERTIME + 1, 2), (OVERTIME + 2, 2)):
        device = opened(browser)
        device.do(START + gap, CLICK)
        assert tail(device, 1) == [session], gap


def test_web_expiration_overtime_setting(browser: Make) -> None:
    """Manual Configuration, overtime: another timeout than the default holds at its own millisecond."""
    for overtime in (1, 2_000, 2 * HOUR):
        for more in (-1, 0, 1):
            device = opened(browser, overtime=overtime)
            device.do(START + overtime + more, SCROLL)
            assert tail(device, 1) == [1 + (more > 0)], (overtime, more)


def test_web_expiration_next_interaction_begins(browser: Make) -> None:
    """Web, Session Expiration: the next interaction of any kind makes the session, and is the first thing in it."""
    for kind, event in ((CLICK, PRESS), (TAP, PRESS), (SCROLL, SWEEP), (NAVIGATE, PV)):
        device = opened(browser)
        device.do(START + OVERTIME + 1, kind, LIST)
        assert [e.kind for e in device.drain() if e.session == 2] == [event], kind


def test_web_expiration_passive_events_do_not_prolong(browser: Make) -> None:
    """Web, Session Expiration: requests, errors, paints and blocks are no interaction: the silence goes on through them."""
    for kind in PASSIVE:
        device = opened(browser)
        for at in range(START + 10 * MINUTE, START + OVERTIME, 10 * MINUTE):
            device.do(at, kind)
        device.do(START + OVERTIME + 1, CLICK)
        assert tail(device, 1) == [2], kind


def test_web_expiration_passive_events_are_dropped(browser: Make) -> None:
    """Web, Session Expiration: between the end of a session and the next interaction, what happens belongs to none and is not sent."""
    device = opened(browser)
    device.do(START + OVERTIME, REQUEST)
    for i, kind in enumerate(PASSIVE, 1):
        device.do(START + OVERTIME + i, kind)
    device.do(START + OVERTIME + 100, CLICK)
    device.do(START + OVERTIME + 101, REQUEST)
    expected = [(1, SENT), (1, SENT), *[(0, DROPPED_NO_SESSION)] * len(PASSIVE), (2, SENT), (2, SENT)]
    assert [(e.session, e.fate) for e in device.drain()] == expected


def test_web_expiration_at_max_duration(browser: Make) -> None:
    """Manual Configuration, maxDuration: however busy, a session lasts exactly 24 hours by default, and not 1 ms more."""
    for age, session in ((MAX_DURATION - 1, 1), (MAX_DURATION, 1), (MAX_DURATION + 1, 2)):
        device = opened(browser)
        for at in range(START, START + MAX_DURATION, 30 * MINUTE):
            device.do(at, CLICK)
        device.do(START + age, CLICK)
        assert tail(device, 1) == [session], age


def test_web_expiration_max_duration_setting(browser: Make) -> None:
    """Manual Configuration, maxDuration: a set limit counts from the session's creation, for each session anew."""
    device = opened(browser, max_duration=10_000)
    for at in (9_999, 10_000, 10_001, 20_001, 20_002, 30_002, 30_003):
        device.do(START + at, CLICK)
    assert device.sessions() == [1, 1, 1, 2, 2, 3, 3, 4]


def test_web_expiration_max_duration_ends_for_passive_events(browser: Make) -> None:
    """Manual Configuration, maxDuration: after it, passive events belong to no session, as after overtime."""
    device = opened(browser, max_duration=10_000)
    device.do(START + 10_000, REQUEST)
    device.do(START + 10_001, REQUEST)
    device.do(START + 10_002, CLICK)
    assert device.sessions() == [1, 1, 0, 2]


def test_web_expiration_of_the_second_session(browser: Make) -> None:
    """Web, Session Expiration: a session that followed another is given the full timeout, from its own first interaction."""
    device = opened(browser)
    second = START + OVERTIME + 1
    device.do(second, CLICK)
    device.do(second + OVERTIME, CLICK)
    device.do(second + 2 * OVERTIME + 1, CLICK)
    assert device.sessions() == [1, 2, 2, 3]


# ------------------------------------------------------------------------------------------------- Web: Session Termination


def test_web_termination_close(browser: Make) -> None:
    """Web, Session Termination: closing the page ends the session; the next visit makes another, 1 ms later too."""
    device = opened(browser)
    device.do(START + 100, CLOSE)
    device.open(START + 101)
    assert [e.session for e in device.drain() if e.kind == PV] == [1, 2]


def test_web_termination_nothing_is_of_a_closed_session(browser: Make) -> None:
    """Web, Session Termination: nothing can join a session after its page has closed."""
    device = opened(browser)
    device.do(START + 100, CLOSE)
    device.do(START + 101, REQUEST)
    assert [(e.session, e.fate) for e in device.drain()][-1] == (0, DROPPED_NO_SESSION)


def test_web_termination_browser(browser: Make) -> None:
    """Web, Session Termination: closing the browser ends the session like closing the page, in sight or hidden: the next visit makes another."""
    for hidden in (False, True):
        device = opened(browser)
        device.wait(START + 10_000)
        if hidden:
            device.do(START + 10_000, HIDE)
        device.do(START + 20_000, TERMINATE)  # its process ends, with all pages
        device.open(START + 20_001, LIST)
        device.do(START + 20_002, CLICK)
        assert [(e.kind, e.session, e.fate) for e in device.drain()][-2:] == [(PV, 2, SENT), (PRESS, 2, SENT)]


def test_web_termination_nothing_is_of_a_closed_browser(browser: Make) -> None:
    """Web, Session Termination: nothing can join a session after its browser has closed."""
    device = opened(browser)
    device.do(START + 20_000, TERMINATE)
    device.do(START + 20_001, REQUEST)
    assert device.drain()[-1][1:4] == (API, DROPPED_NO_SESSION, 0)


def test_web_termination_navigation_is_no_close(browser: Make) -> None:
    """Web, Session Termination: leaving a page for the next one of the same origin closes nothing."""
    device = opened(browser)
    for i, page in enumerate((LIST, CART, LIST, HOME), 1):
        device.do(START + i * MINUTE, NAVIGATE, page)
    assert set(device.sessions()) == {1}


def test_miniprogram_termination_hide_and_close(miniprogram: Make) -> None:
    """Mini program, Session Termination: hiding ends nothing, closing does, also while hidden."""
    device = opened(miniprogram)
    for at in (1_000, 3_000, 5_000):
        device.do(START + at, HIDE)
        device.do(START + at + 1_000, SHOW)
        device.do(START + at + 1_000, TAP)
    device.do(START + 7_000, HIDE)
    device.do(START + 8_000, CLOSE)
    device.open(START + 9_000, LIST)
    assert [e.session for e in device.drain() if e.kind != LEAVE] == [1, 1, 1, 1, 2]


# ------------------------------------------------------------------------ FAQ: does User Session Trace need to be enabled?


def untouched(make: Make) -> Device:
    """Make a device whose profile sets nothing."""
    device: Device = make()
    device.limits = limits_of(device.edition, SessionConfig(), RemoteConfig())
    return device


def test_faq_enabled_by_default(anywhere: Make) -> None:
    """FAQ, enabled: without any setting a session is made by the initialization, is sampled, and its first page view is sent."""
    device = untouched(anywhere)
    device.do(START, LAUNCH)
    assert (device.store.made, device.store.sampled, device.screen.blocked) == (1, 1, 0)
    device.do(START, NAVIGATE, HOME)
    assert [(e.kind, e.session, e.fate) for e in device.drain()] == [(PV, 1, SENT)]


def test_faq_all_events_are_collected(anywhere: Make) -> None:
    """FAQ, enabled; Prerequisites, note: page loads, actions, requests, errors and performance issues are collected, none has to be switched on."""
    device = untouched(anywhere)
    device.open(START)
    for i, kind in enumerate((PAINT, VITALS, TAP, CLICK, SCROLL, REQUEST, ASSET, THROW, REPORT, BLOCK), 1):
        device.do(START + 10 * i, kind)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.drain()
    kinds = [PV, PERF, VITAL, PRESS, PRESS, SWEEP, API, STATIC, ERROR, REPORTED, STALL, LEAVE, PV]
    assert [(e.kind, e.session, e.fate) for e in device.drain()] == [(kind, 1, SENT) for kind in kinds]


# -------------------------------------------------------------------------------------------------------- Session Sampling


def many_sessions(make: Make, n: int, **settings: Any) -> Device:
    """Play n sessions of a few events, with short trips or hides in each."""
    device = make(**settings)
    away, back, end = device.away, device.back, device.end
    for at in range(START, START + n * HOUR, HOUR):
        device.do(at, LAUNCH)
        for i, kind in enumerate((NAVIGATE, TAP, away, back, THROW, NAVIGATE, TAP, away, back, TAP, away, end)):
            device.do(at + i * 1_000, kind, HOME)
    device.do(START + n * HOUR, LAUNCH)
    return device


def test_sampling_default_is_all(anywhere: Make) -> None:
    """Session Sampling: the default rate is 100 %: all sessions are collected."""
    device = many_sessions(anywhere, 40)
    assert {e.fate for e in device.drain()} == {SENT}
    assert set(device.sessions()) == set(range(1, 41))


def test_sampling_none(anywhere: Make) -> None:
    """Session Sampling: at rate 0 no session is collected, and no event of any kind is sent."""
    device = many_sessions(anywhere, 40, rate=0)
    assert {e.fate for e in device.drain()} == {SAMPLED_OUT}


def test_sampling_once_per_session(anywhere: Make) -> None:
    """Session Sampling: it is decided once, for the session: all of its events are sent, or none; and sessions differ."""
    fates: dict[int, set[int]] = {}
    for e in many_sessions(anywhere, 60, rate=0.5).drain():
        fates.setdefault(e.session, set()).add(e.fate)
    assert len(fates) == 60
    assert all(len(found) == 1 for found in fates.values())
    assert set.union(*fates.values()) == {SENT, SAMPLED_OUT}


def test_sampling_share(anywhere: Make) -> None:
    """Manual Configuration, sampleRate: of many sessions the given share is collected.

    4,000 sessions at 0.3 make 1,200 with a standard deviation of 29; 116 away from it is 4 deviations (two-sided chance 6e-5; the key is fixed).
    """
    device = anywhere(rate=0.3, key=2)
    for at in range(START, START + 4_000_000, 1_000):
        device.open(at)
        device.do(at, device.end)
    device.do(START + 4_000_000, LAUNCH)
    sent = sum(e.kind == PV and e.fate == SENT for e in device.drain())
    assert abs(sent - 1_200) < 116


def test_sampling_of_the_draw(anywhere: Make) -> None:
    """Manual Configuration, sampleRate: a session is collected if its draw lies below the rate, not at it; so 0 takes none and 1 takes all."""
    for ordinal in (1, 2, 3):
        draw = draw_of(7, ordinal)
        for rate, fate in ((draw, SAMPLED_OUT), (draw + 1, SENT), (0, SAMPLED_OUT), (ONE, SENT)):
            device = many_sessions(anywhere, 3, key=7, rate=rate)
            assert {e.fate for e in device.drain() if e.session == ordinal} == {fate}


def test_sampling_of_a_queue_with_two_sessions(browser: Make) -> None:
    """Session Sampling: events of a sampled and of an unsampled session in one queue meet the fate of their own session."""
    first, second = draw_of(1, 1), draw_of(1, 2)
    assert first != second
    device = opened(browser, overtime=1_000, rate=max(first, second))  # takes the one with the smaller draw only
    device.do(START + 500, CLICK)
    device.do(START + 1_600, CLICK)
    fates = [SENT, SAMPLED_OUT] if first < second else [SAMPLED_OUT, SENT]
    assert [(e.session, e.fate) for e in device.drain()] == [(1, fates[0]), (1, fates[0]), (2, fates[1])]


def test_sampling_of_a_queue_over_a_return(phone: Make) -> None:
    """Session Sampling: what ended in the background and what follows the return may wait together, and still belong to two decisions."""
    first, second = draw_of(1, 1), draw_of(1, 2)
    device = opened(phone, rate=max(first, second))  # takes the one with the smaller draw only
    device.do(START + 1_000, BACKGROUND)
    device.do(START + 1_000 + AWAY, REQUEST)
    device.do(START + 1_000 + AWAY + 1, FOREGROUND)
    device.do(START + 1_000 + AWAY + 2, TAP)
    fates = [SENT, SAMPLED_OUT] if first < second else [SAMPLED_OUT, SENT]
    assert [(e.kind, e.session, e.fate) for e in device.drain()][-2:] == [(API, 1, fates[0]), (PRESS, 2, fates[1])]


def test_sampling_changed_rate_within_a_session(anywhere: Make) -> None:
    """FAQ, sampling rate: a session that goes on after a short absence goes on with its decision, whatever the rate is by then."""
    for before, after, fate in ((ONE, 0, SENT), (0, ONE, SAMPLED_OUT)):
        device = opened(anywhere, rate=before, remote=LAUNCH_FIRST)
        device.configure(START + 500, after)
        device.do(START + 1_000, TAP)
        device.do(START + 2_000, device.away)
        device.do(START + 3_000, device.back)
        device.do(START + 4_000, NAVIGATE, LIST)
        device.do(START + 5_000, TAP)
        assert {(e.session, e.fate) for e in device.drain()} == {(1, fate)}


def test_sampling_changed_rate(anywhere: Make) -> None:
    """FAQ, sampling rate: a changed rate holds for the sessions created after it arrived; the running one keeps its decision."""
    device = opened(anywhere, remote=LAUNCH_FIRST)
    for at, rate, fate in ((100, 0, SENT), (10_000, ONE, SAMPLED_OUT), (20_000, 0, SENT)):
        device.configure(START + at, rate)
        for later in (1_000, 8_000):
            device.do(START + at + later, TAP)
        device.do(START + at + 9_000, device.end)
        device.open(START + at + 9_500)
        pressed = [e.fate for e in device.left if e.kind == PRESS]
        assert pressed[-2:] == [fate, fate]


def test_sampling_changed_rate_of_a_return(phone: Make) -> None:
    """FAQ, sampling rate: without a new launch, the session of a late return is decided by the rate that has come meanwhile."""
    device = opened(phone, remote=LAUNCH_FIRST)
    device.configure(START + 500, 0)
    device.do(START + 1_000, BACKGROUND)
    device.do(START + 1_000 + AWAY + 1, FOREGROUND)
    device.do(START + 1_000 + AWAY + 2, TAP)
    assert device.drain()[-1][1:4] == (PRESS, SAMPLED_OUT, 2)


def test_sampling_changed_rate_of_the_next_interaction(browser: Make) -> None:
    """FAQ, sampling rate: without a new page, the session of the next interaction is decided by the rate that has come meanwhile."""
    device = opened(browser, remote=LAUNCH_FIRST)
    device.configure(START + OVERTIME, 0)
    device.do(START + OVERTIME + 1, CLICK)
    assert device.drain()[-1][1:4] == (PRESS, SAMPLED_OUT, 2)


def test_sampling_changed_rate_is_stored(anywhere: Make) -> None:
    """Remote Configuration: a rate that came is used by each later launch."""
    device = opened(anywhere, remote=LAUNCH_FIRST)
    device.configure(START + 500, 0)
    for at in (1_000, 2_000, 3_000):
        device.do(START + at, device.end)
        device.do(START + at + 10, LAUNCH)
        device.do(START + at + 20, NAVIGATE, HOME)
    assert [e.fate for e in device.drain() if e.kind == PV] == [SENT] + [SAMPLED_OUT] * 3


# ------------------------------------------------------------------------------------------------------- Event Correlation


def test_correlation_all_types(anywhere: Make) -> None:
    """Event Correlation: page loads, actions, requests, errors and performance issues all carry session, view and page."""
    device = opened(anywhere)
    for i, kind in enumerate((PAINT, VITALS, TAP, SCROLL, REQUEST, ASSET, THROW, BLOCK), 1):
        device.do(START + 10 * i, kind)
    events = device.drain()
    assert [e.kind for e in events] == [PV, PERF, VITAL, PRESS, SWEEP, API, STATIC, ERROR, STALL]
    assert {TYPE_OF[e.kind] for e in events} == {VIEW, ACTION_TYPE, RESOURCE, EXCEPTION, LONG_TASK}
    assert {(e.session, e.shown, e.page, e.times, e.fate) for e in events} == {(1, 1, HOME, 1, SENT)}
    assert [e.number for e in events] == list(range(1, 10))


def test_correlation_page_context(anywhere: Make) -> None:
    """Event Correlation: an event records the page that is shown when it happens, and the page before that one."""
    device = opened(anywhere)
    device.do(START + 1_000, TAP)
    device.do(START + 2_000, NAVIGATE, LIST)
    device.do(START + 2_500, REQUEST, since=START + 1_500)
    device.do(START + 3_000, NAVIGATE, HOME)
    device.do(START + 4_000, THROW)
    assert [(e.kind, e.page, e.previous, e.shown) for e in device.drain()] == [
        (PV, HOME, 0, 1),
        (PRESS, HOME, 0, 1),
        (LEAVE, HOME, 0, 1),
        (PV, LIST, HOME, 2),
        (API, LIST, HOME, 2),
        (LEAVE, LIST, HOME, 2),
        (PV, HOME, LIST, 3),
        (ERROR, HOME, LIST, 3),
    ]


def test_correlation_the_same_page_again(anywhere: Make) -> None:
    """Event Correlation: a page that is loaded again is another page view, and the page before it is the one that it was."""
    device = opened(anywhere)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 2_000, NAVIGATE, LIST, aux=AGAIN)
    device.do(START + 3_000, NAVIGATE, LIST)
    assert [(e.page, e.previous, e.shown) for e in device.drain() if e.kind == PV] == [
        (HOME, 0, 1),
        (LIST, HOME, 2),
        (LIST, HOME, 3),
        (LIST, LIST, 4),
    ]


def test_correlation_after_a_return(anywhere: Make) -> None:
    """Event Correlation: back from another app, a person is still on the page that was left."""
    device = opened(anywhere)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 2_000, device.away)
    device.do(START + 9_000, device.back)
    device.do(START + 10_000, TAP)
    assert device.drain()[-1][1:9] == (PRESS, SENT, 1, device.left[-1].number, START + 10_000, LIST, HOME, 2)


def test_correlation_first_page_of_a_process(anywhere: Make) -> None:
    """Event Correlation, Previous Page: the first page of a process or visit has no page before it."""
    device = opened(anywhere)
    device.do(START + 100, NAVIGATE, LIST)
    device.do(START + 200, device.end)
    device.open(START + 300, CART)
    assert device.drain()[-1][:1] + device.left[-1][6:9] == (START + 300 + DELAY[device.end], CART, 0, 3)


def test_correlation_no_page_yet(anywhere: Make) -> None:
    """Event Correlation: before its first page a process is not on the page that the one before it showed."""
    device = opened(anywhere)
    device.do(START + 200, device.end)
    device.do(START + 300, LAUNCH)
    device.do(START + 310, THROW)
    assert (device.drain()[-1].kind, device.left[-1].page) == (ERROR, 0)


def test_correlation_before_the_first_page(anywhere: Make) -> None:
    """Event Correlation: an event before the first page of a process is of no page, and of no view of an earlier process."""
    device = opened(anywhere)
    device.do(START + 100, device.end)
    device.do(START + 200, LAUNCH)
    device.do(START + 300, THROW)
    assert [(e.page, e.previous, e.shown) for e in device.drain()][-1] == (0, 0, 0)


def test_correlation_no_page_yet_after_two(anywhere: Make) -> None:
    """Event Correlation: nor is it on the page before that one, or in its view."""
    device = opened(anywhere)
    device.do(START + 100, NAVIGATE, LIST)
    device.do(START + 200, device.end)
    device.do(START + 300, LAUNCH)
    device.do(START + 310, THROW)
    assert [(e.page, e.previous, e.shown) for e in device.drain()][-1] == (0, 0, 0)


def test_correlation_times(anywhere: Make) -> None:
    """Collected Event Types: an event is stamped with the beginning of what it reports, and carries how long that took."""
    device = opened(anywhere)
    for kind in (PAINT, REQUEST, ASSET, BLOCK):
        device.do(START + 900, kind, 5, since=START + 200)
    device.do(START + 1_000, TAP, 6)
    device.do(START + 1_001, THROW, 7)
    assert [(e.kind, e.key, e.stamp, e.span) for e in device.drain()][1:] == [
        (PERF, 5, START + 200, 700),
        (API, 5, START + 200, 700),
        (STATIC, 5, START + 200, 700),
        (STALL, 5, START + 200, 700_000),
        (PRESS, 6, START + 1_000, 0),
        (ERROR, 7, START + 1_001, 0),
    ]


def test_correlation_of_the_payload(anywhere: Make) -> None:
    """Event Correlation: a payload names the page that is shown when it is sent; each event keeps its own."""
    device = opened(anywhere, flush_count=3, reloads=0)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 2_000, TAP)
    assert [(e.kind, e.shown, e.page, e.view) for e in device.drain()] == [
        (PV, 1, HOME, (2, LIST)),
        (LEAVE, 1, HOME, (2, LIST)),
        (PV, 2, LIST, (2, LIST)),
        (PRESS, 2, LIST, (2, LIST)),
    ]


# -------------------------------------------------------------------------------------- Collected Event Types: Page Load (View)


def stays(device: Device) -> list[tuple[int, ...]]:
    """List page, beginning, time on page and load time of each leave."""
    return [(e.page, e.stamp, e.span, e.aux) for e in device.drain() if e.kind == LEAVE]


def test_view_time_on_page(anywhere: Make) -> None:
    """Page Load, Time on Page: the time from entering a page to leaving it for the next, its load time beside it."""
    device = opened(anywhere)
    device.do(START + 800, PAINT, since=START)
    device.do(START + 12_345, NAVIGATE, LIST)
    device.do(START + 12_346, NAVIGATE, CART)
    device.do(START + 13_000, PAINT, since=START + 12_346)
    device.do(START + 20_000, NAVIGATE, HOME)
    assert stays(device) == [(HOME, START, 12_345, 800), (LIST, START + 12_345, 1, 0), (CART, START + 12_346, 7_654, 654)]


def test_view_time_on_page_at_the_end(anywhere: Make) -> None:
    """Page Load, Time on Page: going to the background and closing leave the page as well, once."""
    device = opened(anywhere)
    leaving = BACKGROUND if device.mobile else CLOSE
    device.do(START + 700, PAINT, since=START)
    device.do(START + 4_000, leaving)
    device.do(START + 5_000, device.end)
    device.open(START + 6_000, LIST)
    device.do(START + 9_000, leaving)
    assert stays(device) == [(HOME, START, 4_000, 700), (LIST, START + 6_000, 3_000, 0)]


def test_view_time_on_page_over_a_trip(phone: Make) -> None:
    """Page Load, Time on Page: the page that the background left is not left again by the next page or another trip."""
    for leaving in (NAVIGATE, BACKGROUND):
        device = opened(phone)
        device.do(START + 4_000, BACKGROUND)
        device.do(START + 5_000, FOREGROUND)
        device.do(START + 6_000, leaving, LIST)
        device.do(START + 6_000, TERMINATE)
        device.do(START + 7_000, LAUNCH)
        assert stays(device) == [(HOME, START, 4_000, 0)]


def test_view_left_once(anywhere: Make) -> None:
    """Page Load, Time on Page: a page view has one time on page, whatever trips and hides there were."""
    left = [e.shown for e in many_sessions(anywhere, 5).drain() if e.kind == LEAVE]
    assert len(left) == len(set(left)) == 10


def test_view_time_on_page_while_hidden(browser: Make) -> None:
    """Page Load, Time on Page: a hidden page has not been left."""
    device = opened(browser)
    device.do(START + 4_000, HIDE)
    device.do(START + 6_000, SHOW)
    device.do(START + 9_000, NAVIGATE, LIST)
    assert stays(device) == [(HOME, START, 9_000, 0)]


def test_view_no_time_on_page_of_an_ended_session(browser: Make) -> None:
    """Page Load, Time on Page: when the session in which a page was entered is over, its leave cannot be reported in it, and is not in the next."""
    for end in (NAVIGATE, CLOSE):
        device = opened(browser)
        device.do(START + OVERTIME + 1, end, LIST)
        device.drain()
        assert stays(device) == [], end


# ----------------------------------------------------------------------------------------------------- Exception and Crash


def test_crash_at_the_next_launch(phone: Make) -> None:
    """Exception Types, FAQ crash: a crash is stored and reported at the next launch, with its own session, page and time."""
    device = opened(phone)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 8_000, CRASH, 4)
    later = START + 3 * DAY
    device.wait(later - 1)
    assert FATAL not in [e.kind for e in device.left]
    device.open(later)
    assert device.drain()[-2][:12] == (later, FATAL, SENT, 1, 4, START + 8_000, LIST, HOME, 2, 0, 4, 0)
    assert device.left[-2].view == (2, LIST)
    assert (device.left[-1].kind, device.left[-1].session, device.left[-1].page) == (PV, 2, HOME)


def test_crash_without_a_next_launch(phone: Make) -> None:
    """Exception Types: without a next launch a crash is never reported."""
    device = opened(phone)
    device.do(START + 1_000, CRASH)
    device.wait(START + 1_000 * DAY)
    assert FATAL not in [e.kind for e in device.left]


def test_crash_of_an_unsampled_session(phone: Make) -> None:
    """Session Sampling: a crash of an unsampled session is not reported, though the session of the next launch be sampled."""
    device = opened(phone, rate=0)
    device.do(START + 1_000, CRASH)
    device.limits.rate = ONE
    device.open(START + 2_000)
    assert [(e.kind, e.session, e.fate) for e in device.drain()][-2:] == [(FATAL, 1, SAMPLED_OUT), (PV, 2, SENT)]


def test_crash_of_a_sampled_session_before_an_unsampled_one(phone: Make) -> None:
    """Session Sampling: a crash of a sampled session is reported, though the session of the next launch be unsampled."""
    device = opened(phone)
    device.do(START + 1_000, CRASH)
    device.limits.rate = 0
    device.open(START + 2_000)
    assert [(e.kind, e.session, e.fate) for e in device.drain()][-2:] == [(FATAL, 1, SENT), (PV, 2, SAMPLED_OUT)]


def test_crash_after_crash(phone: Make) -> None:
    """Exception Types: an app that crashes at every start reports each crash at the launch after it."""
    device = phone()
    for i in range(4):
        device.open(START + i * 1_000)
        device.do(START + i * 1_000 + 10, CRASH)
    crashes = [(e.at, e.session, e.stamp) for e in device.left if e.kind == FATAL]
    assert crashes == [(START + i * 1_000 + 1_000, i + 1, START + i * 1_000 + 10) for i in range(3)]


def test_crash_ends_the_session(phone: Make) -> None:
    """Session Termination: a crash ends the process and with it the session, in the background too."""
    device = opened(phone)
    device.do(START + 1_000, BACKGROUND)
    device.do(START + 2_000, CRASH)
    device.open(START + 3_000)
    assert [(e.kind, e.session) for e in device.drain()] == [(PV, 1), (LEAVE, 1), (FATAL, 1), (PV, 2)]


def test_crash_that_fills_the_queue(phone: Make) -> None:
    """Exception Types: a crash waits for the next launch, however many events wait with it."""
    device = opened(phone, flush_count=3)
    device.do(START + 5, TAP)
    device.do(START + 10, CRASH)
    device.wait(START + DAY)
    assert device.left == []
    device.do(START + DAY, LAUNCH)
    assert [(e.at, e.kind, e.fate) for e in device.left] == [(START + DAY, kind, SENT) for kind in (PV, PRESS, FATAL)]


def test_crash_of_no_session(phone: Make) -> None:
    """Mobile, Session Expiration: an app that crashes after more than 60 seconds in the background crashes in no session."""
    for more, session, fate in ((0, 1, SENT), (1, 0, DROPPED_NO_SESSION)):
        device = opened(phone)
        device.do(START + 1_000, BACKGROUND)
        device.do(START + 1_000 + AWAY + more, CRASH)
        device.do(START + DAY, LAUNCH)
        assert device.drain()[-1][1:4] == (FATAL, fate, session), more


def test_crash_of_no_page(phone: Make) -> None:
    """Exception Types: an app that crashes again before its first page reports that crash on no page, and the one before on its own."""
    device = opened(phone, flush_count=2)
    device.do(START + 10, CRASH)
    device.do(START + 20, LAUNCH)
    device.do(START + 21, CRASH)
    device.do(START + 30, LAUNCH)
    assert [(e.at, e.page, e.view) for e in device.left if e.kind == FATAL] == [(START + 20, HOME, (1, HOME)), (START + 30, 0, (0, 0))]


def test_error_in_real_time(browser: Make) -> None:
    """Exception Types, Web: an error is reported in its session while the page is open, and ends nothing."""
    device = opened(browser)
    device.do(START + 1_000, THROW)
    device.do(START + 2_000, CLICK)
    assert [(e.kind, e.session, e.fate) for e in device.drain()] == [(PV, 1, SENT), (ERROR, 1, SENT), (PRESS, 1, SENT)]
    assert {e.at for e in device.left} == {START + 2_000 + DELAY[device.end]}


# ---------------------------------------------------------------------------------------- Long Task and ANR (Performance Issue)


def test_anr_on_mobile(phone: Make) -> None:
    """Performance Issue Types: a main thread that is blocked for 5 seconds, 5,000 ms included, does not respond; shorter blocks are frame drops."""
    device = opened(phone)
    for i, lasted in enumerate((1, 4_999, 5_000, 5_001)):
        device.do(START + (i + 1) * 10_000, BLOCK, since=START + (i + 1) * 10_000 - lasted)
    assert [(e.kind, e.span) for e in device.drain()][1:] == [(STALL, 1_000), (STALL, 4_999_000), (ANR, 5_000_000), (ANR, 5_001_000)]
    assert TYPE_OF[ANR] == TYPE_OF[STALL] == LONG_TASK


def test_anr_beside_frame_drops(phone: Make) -> None:
    """Performance Issue Types: each block is judged by its own length, and stamped with its beginning."""
    device = opened(phone)
    for at, lasted in ((10_000, 5_000), (11_000, 900), (17_000, 5_000)):
        device.do(START + at, BLOCK, since=START + at - lasted)
    assert [(e.kind, e.stamp) for e in device.drain()][1:] == [(ANR, START + 5_000), (STALL, START + 10_100), (ANR, START + 12_000)]


def test_long_task_on_the_web(browser: Make) -> None:
    """Performance Issue Types: on the web every long block is a long task; ANRs are mobile."""
    device = opened(browser)
    device.do(START + 20_000, BLOCK, since=START)
    assert [(e.kind, e.span) for e in device.drain()][1:] == [(STALL, 20_000_000)]


# ------------------------------------------------------------------------------------------------------------------ outbox


def test_outbox_flush_at_count(anywhere: Make) -> None:
    """Outbox: events wait until as many as the edition's count are queued, and then leave together."""
    device = opened(anywhere, flush_count=5)
    for i in range(1, 13):
        device.do(START + i, TAP)
    assert [e.at for e in device.left] == [START + 4] * 5 + [START + 9] * 5
    assert len(device.drain()) == 13


def test_outbox_flush_at_the_edition_s_count(anywhere: Make) -> None:
    """Outbox: the counts are 50 on mobile and 20 on the web, and the queue has places for what one step adds to them."""
    device = opened(anywhere)
    count = COUNT[device.end]
    for i in range(2, count):
        device.do(START + i, TAP)
    assert device.left == []
    device.do(START + count, TAP)
    assert [e.at for e in device.left] == [START + count] * count
    assert count + 2 <= QUEUE


def test_outbox_flush_of_one(anywhere: Make) -> None:
    """Outbox: a count of 1 sends each event when it happens."""
    device = opened(anywhere, flush_count=1)
    device.do(START + 10, TAP)
    device.do(START + 20, NAVIGATE, LIST)
    assert [(e.kind, e.at) for e in device.left] == [(PV, START), (PRESS, START + 10), (LEAVE, START + 20), (PV, START + 20)]


def test_outbox_timer_restarted_by_each_event(anywhere: Make) -> None:
    """Outbox: the queue leaves when no event has been queued for the edition's delay, to the millisecond; each event starts it anew."""
    device = opened(anywhere)
    delay = DELAY[device.end]
    at = START
    for _ in range(6):
        at += delay - 1
        device.do(at, THROW)
    device.wait(at + delay - 1)
    assert device.left == []
    device.wait(at + delay)
    assert [e.at for e in device.left] == [at + delay] * 7


def test_outbox_timer_precedes_what_happens(anywhere: Make) -> None:
    """Outbox: an event at the instant of the flush comes after it, and waits for the next."""
    device = opened(anywhere)
    delay = DELAY[device.end]
    device.do(START + delay, TAP)
    assert [(e.kind, e.at) for e in device.left] == [(PV, START + delay)]
    device.drain()
    assert [(e.kind, e.at) for e in device.left] == [(PV, START + delay), (PRESS, START + 2 * delay)]


def test_outbox_timer_stopped_by_a_flush(anywhere: Make) -> None:
    """Outbox: a flush for another reason stops the timer; the next event starts it."""
    device = opened(anywhere)
    delay = device.limits.flush_delay
    device.do(START + 1_000, device.away)
    n = len(device.left)
    assert n > 0
    device.do(START + 2_000, THROW)
    device.wait(START + 2_000 + delay - 1)
    assert len(device.left) == n
    device.wait(START + 2_000 + delay)
    assert device.left[-1][:2] == (START + 2_000 + delay, ERROR)


def test_outbox_flush_when_out_of_sight(anywhere: Make) -> None:
    """Outbox: hiding, closing and going to the background send the queue at once."""
    for out_of_sight in (BACKGROUND,) if opened(anywhere).mobile else (HIDE, CLOSE):
        device = opened(anywhere)
        device.do(START + 1_000, TAP)
        device.do(START + 1_100, out_of_sight)
        assert [(e.kind, e.at) for e in device.left][:2] == [(PV, START + 1_100), (PRESS, START + 1_100)]
        assert device.box.count == 0


def test_outbox_flush_at_a_page_load(website: Make) -> None:
    """Outbox: on a website the next page is a new document, so what the old one has queued is sent, its leave included."""
    device = opened(website)
    device.do(START + 1_000, CLICK)
    device.do(START + 1_500, NAVIGATE, LIST)
    assert [(e.kind, e.at) for e in device.left] == [(PV, START + 1_500), (PRESS, START + 1_500), (LEAVE, START + 1_500)]
    assert [(e.kind, e.page, e.key, e.number) for e in device.drain()][3:] == [(PV, LIST, LIST, 4)]


def test_outbox_no_flush_at_a_page_of_the_same_process(phone: Make, miniprogram: Make) -> None:
    """Outbox: in an app and a mini program another page is a view of the same process, and sends nothing."""
    for make in (phone, miniprogram):
        device = opened(make)
        device.do(START + 1_000, NAVIGATE, LIST)
        assert device.left == []


def test_outbox_survives_the_process(phone: Make) -> None:
    """Outbox: what an app had queued at its end waits, past any timer, for the next launch, and is sent in its own session."""
    device = opened(phone)
    device.do(START + 10, TAP)
    device.do(START + 20, TERMINATE)
    device.wait(START + DAY)
    assert device.left == []
    device.do(START + DAY + 1, LAUNCH)
    assert [(e.at, e.session, e.fate) for e in device.left] == [(START + DAY + 1, 1, SENT)] * 2


def test_outbox_lost_with_its_page(browser: Make) -> None:
    """Outbox: what a page had queued is lost if it ended without a word; that is found when the next one begins."""
    device = opened(browser)
    device.do(START + 10, THROW)
    device.open(START + 1_000)
    assert [(e.at, e.kind, e.fate) for e in device.left] == [(START + 1_000, PV, LOST), (START + 1_000, ERROR, LOST)]


def test_outbox_lost_is_not_sent_again(browser: Make) -> None:
    """Outbox: the page that follows one which ended without a word sends its own events only."""
    device = opened(browser)
    for at in (1_000, 2_000):
        device.open(START + at, LIST)
    assert [(e.number, e.page, e.fate) for e in device.drain()] == [(1, HOME, LOST), (2, LIST, LOST), (3, LIST, SENT)]


def test_outbox_lost_with_its_process(browser: Make) -> None:
    """Outbox: a process that ends takes along what a page of it has queued; only an app keeps its queue."""
    device = opened(browser)
    device.do(START + 10, TERMINATE)
    assert [(e.at, e.kind, e.fate) for e in device.left] == [(START + 10, PV, LOST)]
    device.open(START + DAY)
    assert [(e.number, e.fate) for e in device.drain()] == [(1, LOST), (2, SENT)]


def test_outbox_lost_at_its_end(browser: Make) -> None:
    """Outbox: so does one that dies of an error; nothing of it is left in the queue."""
    device = opened(browser)
    device.do(START + 10, CRASH)
    assert {(e.at, e.fate) for e in device.left} == {(START + 10, LOST)}
    assert device.box.count == 0


# ----------------------------------------------------------------------------------------------------------------- numbers


def test_numbers_of_the_document() -> None:
    """Manual Configuration, Session Continuation: 60 seconds on mobile; overtime 1 hour and maxDuration 24 hours on web and mini program."""
    for name, edition in EDITIONS.items():
        if name in ("ios-documented", "android-documented"):
            assert edition.rules["away"].value == AWAY
        if name in ("web-documented", "miniprogram-documented"):
            assert (edition.rules["overtime"].value, edition.rules["max_duration"].value) == (OVERTIME, MAX_DURATION)
