"""Remote configuration, sentence by sentence of the product document (Remote Configuration; FAQ, sampling rate), and in random lives.

Rules of the file: devices get their limits from a profile's settings; the caller of the core is the test: it answers a fetch, or lets it fail.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import msgspec
import pytest
from devices import CART, HOME, HOUR, LIST, START, Core, Device, Make, draw_of
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from simulator.kernel.rnd import ONE, threshold
from simulator.play.model import limits_of
from simulator.profile import loader, starters
from simulator.profile.check import mistakes
from simulator.profile.editions import EDITIONS, takes_remote
from simulator.profile.types import RemoteConfig, SessionConfig
from simulator.schema.words import (
    BACKGROUND,
    CLICK,
    CLOSE,
    CONFIG,
    CRASH,
    FOREGROUND,
    HIDE,
    LAUNCH,
    LEAVE,
    NAVIGATE,
    NEVER,
    NO_CONFIG,
    PAINT,
    PRESS,
    PV,
    REQUEST,
    SAMPLED_OUT,
    SCROLL,
    SENT,
    SHOW,
    TAP,
    TERMINATE,
    THROW,
)
from simulator.sdk.state import LAUNCH_FIRST, NO_REMOTE, REMOTE_FIRST

TIMEOUT = 3_000
"""Of the documented editions (assumed: the document names none)."""
DOCUMENTED = tuple(name for name in EDITIONS if name.endswith("-documented"))


def told(make: Make, *, rate: float = 1.0, enable: bool = True, **remote: Any) -> Device:
    """Make a device with the settings of a profile; mobile has no `enable`."""
    device = make()
    on = None if device.mobile else enable
    device.limits = limits_of(device.edition, SessionConfig(sample_rate=rate), RemoteConfig(enable=on, **remote))
    return device


def opened(make: Make, **settings: Any) -> Device:
    """Make such a device, whose app or page opens at START on the home page."""
    device = told(make, **settings)
    device.open(START)
    return device


def fates(device: Device, kind: int) -> list[tuple[int, int]]:
    """List session and fate of the events of a kind."""
    return [(e.session, e.fate) for e in device.drain() if e.kind == kind]


# ------------------------------------------------------------------------------------------------------------------ enable


def test_enable_default_is_false(browser: Make) -> None:
    """Remote Configuration, enable: the default is false: nothing is fetched, and what comes all the same is not taken."""
    device = browser()
    device.limits = limits_of(device.edition, SessionConfig(), RemoteConfig())
    device.open(START)
    assert (device.limits.remote, device.screen.wants_config) == (NO_REMOTE, 0)
    device.configure(START + 10, 0)
    device.do(START + 20, CLOSE)
    device.open(START + 30)
    assert [fate for _, fate in fates(device, PV)] == [SENT, SENT]


def test_enable_false(browser: Make) -> None:
    """Remote Configuration, enable: false is the default, said aloud; in either mode."""
    for mode in ("launch-first", "remote-first"):
        device = opened(browser, enable=False, mode=mode)
        assert (device.screen.wants_config, device.screen.blocked) == (0, 0)
        assert fates(device, PV) == [(1, SENT)]


def test_enable_true(browser: Make) -> None:
    """Remote Configuration, enable: true fetches the configuration during initialization."""
    device = told(browser)
    assert device.screen.wants_config == 0
    device.do(START, LAUNCH)
    assert (device.limits.remote, device.screen.wants_config) == (LAUNCH_FIRST, 1)


def test_mobile_always_fetches(phone: Make) -> None:
    """Remote Configuration: `enable` is a field for Web and Mini Program applications; the mobile SDKs fetch at every launch, whatever is stored."""
    device = opened(phone)
    for at in range(START, START + 5_000, 1_000):
        assert device.screen.wants_config == 1
        device.configure(at + 10, ONE)
        assert device.screen.wants_config == 0
        device.do(at + 500, TERMINATE)
        device.open(at + 1_000)


def test_refused_below_0_0_37() -> None:
    """Remote Configuration: the SDK version must be 0.0.37 or later."""
    for version, taken in (("0.0.36", False), ("0.0.37", True), ("0.0.38", True), ("0.1.0", True), ("1.0.0", True), ("0.0.9", False), ("", True)):
        assert takes_remote(version) == taken, version
        assert takes_remote(f"cdn-{version}") == taken, version


def test_refused_in_a_profile() -> None:
    """Remote Configuration: a profile that enables it for a version below 0.0.37 is refused; so is one that disables it on mobile."""
    shop = loader.parse(starters.read("shop"), "shop")
    cases = (
        ("web", "0.0.36", True, 1),
        ("web", "0.0.36", None, 0),
        ("web", "0.0.36", False, 0),
        ("web", "0.0.37", True, 0),
        ("ios", "", None, 0),
        ("ios", "", True, 0),
        ("ios", "", False, 1),
    )
    for name, version, enable, lines in cases:
        platform = msgspec.structs.replace(shop.platforms[name], sdk_version=version, remote=RemoteConfig(enable=enable))
        found = [line for line in mistakes(msgspec.structs.replace(shop, platforms={**shop.platforms, name: platform})) if "remote" in line]
        assert len(found) == lines, (name, version, enable, found)


# -------------------------------------------------------------------------------------------------------- mode: launch-first


def test_mode_default_is_launch_first() -> None:
    """Remote Configuration, mode: the default is launch-first."""
    for name in DOCUMENTED:
        on = None if name.startswith(("ios", "android")) else True
        assert limits_of(EDITIONS[name], SessionConfig(), RemoteConfig(enable=on)).remote == LAUNCH_FIRST, name
        assert limits_of(EDITIONS[name], SessionConfig(), RemoteConfig(enable=on, mode="remote-first")).remote == REMOTE_FIRST, name


def test_launch_first_starts_at_once(anywhere: Make) -> None:
    """Remote Configuration, launch-first: the SDK starts with the local configuration while the fetch is under way, however long that takes."""
    for local, fate in ((1.0, SENT), (0.0, SAMPLED_OUT)):
        device = opened(anywhere, rate=local)
        assert (device.screen.wants_config, device.screen.blocked) == (1, 0)
        device.do(START + 60_000, TAP)
        assert fates(device, PV) == fates(device, PRESS) == [(1, fate)]
        assert [e.stamp for e in device.left] == [START, START + 60_000]


def test_launch_first_takes_the_answer_later(anywhere: Make) -> None:
    """Remote Configuration, launch-first: the answer updates the settings when it comes; the session that has begun keeps its decision."""
    device = opened(anywhere, rate=1.0)
    device.configure(START + 700, 0)
    device.do(START + 800, TAP)
    device.do(START + 900, device.end)
    device.open(START + 1_000)
    assert fates(device, PRESS) == [(1, SENT)]
    assert fates(device, PV) == [(1, SENT), (2, SAMPLED_OUT)]


# -------------------------------------------------------------------------------------------------------- mode: remote-first


def test_remote_first_blocks(anywhere: Make) -> None:
    """Remote Configuration, remote-first: until the answer comes there is no session and no event, whatever happens."""
    device = opened(anywhere, mode="remote-first")
    assert (device.screen.wants_config, device.screen.blocked) == (1, 1)
    for i, kind in enumerate((CLICK, TAP, SCROLL, REQUEST, THROW, PAINT, HIDE, SHOW, NAVIGATE)):
        device.do(START + 100 + i, kind, HOME)
    assert (device.store.made, device.store.events, device.left, device.box.count) == (0, 0, [], 0)


def test_remote_first_starts_with_the_answer(anywhere: Make) -> None:
    """Remote Configuration, remote-first: with the answer the SDK starts, by the rate that came; the page shown meanwhile gets its page view."""
    for rate, fate in ((0, SAMPLED_OUT), (ONE, SENT)):
        device = opened(anywhere, rate=0.5, mode="remote-first")
        device.configure(START + 400, rate)
        device.do(START + 500, TAP)
        assert device.screen.blocked == 0
        events = [(e.kind, e.session, e.fate, e.stamp, e.page, e.shown, e.key) for e in device.drain()]
        assert events == [(PV, 1, fate, START + 400, HOME, 1, HOME), (PRESS, 1, fate, START + 500, HOME, 1, 1)]
        assert device.store.start == START + 400


def test_remote_first_of_the_page_that_is_shown_by_then(anywhere: Make) -> None:
    """Remote Configuration, remote-first: of several pages shown meanwhile, the last is the first page view; a start without a page has none."""
    device = opened(anywhere, mode="remote-first")
    device.do(START + 100, NAVIGATE, LIST)
    device.configure(START + 400, ONE)
    device.do(START + 1_000, NAVIGATE, CART)
    events = [(e.kind, e.page, e.previous, e.shown) for e in device.drain()]
    assert events == [(PV, LIST, 0, 1), (LEAVE, LIST, 0, 1), (PV, CART, LIST, 2)]
    device = told(anywhere, mode="remote-first")
    device.do(START, LAUNCH)
    device.configure(START + 400, ONE)
    assert (device.store.made, device.store.events) == (1, 0)


def test_remote_first_time_on_page(anywhere: Make) -> None:
    """Remote Configuration, remote-first: the first page's time is that since the start, its load time not one of an earlier process."""
    device = opened(anywhere, mode="remote-first")
    device.configure(START + 400, ONE)
    device.do(START + 900, PAINT, since=START + 400)
    device.do(START + 1_000, device.end)
    device.open(START + 2 * HOUR)
    device.wait(START + 2 * HOUR + TIMEOUT)
    device.do(START + 2 * HOUR + 10_000, NAVIGATE, LIST)
    last = [e for e in device.drain() if e.kind == LEAVE][-1]
    assert (last.page, last.stamp, last.span, last.aux) == (HOME, START + 2 * HOUR + TIMEOUT, 10_000 - TIMEOUT, 0)


@pytest.mark.parametrize("edition", DOCUMENTED)
def test_remote_first_falls_back_after_the_timeout(core: Core, edition: str) -> None:
    """Remote Configuration, remote-first: after the timeout, at its millisecond, it falls back to the local configuration."""
    assert EDITIONS[edition].rules["remote_timeout"].value == TIMEOUT
    for local, fate in ((1.0, SENT), (0.0, SAMPLED_OUT)):
        device = opened(partial(Device, core, edition), rate=local, mode="remote-first")
        device.do(START + TIMEOUT - 1, TAP)
        assert (device.store.made, device.store.events) == (0, 0)
        device.do(START + TIMEOUT, TAP)
        assert [(e.kind, e.session, e.fate, e.stamp) for e in device.drain()] == [(k, 1, fate, START + TIMEOUT) for k in (PV, PRESS)]


@pytest.mark.parametrize("edition", DOCUMENTED)
def test_remote_first_timeout_is_a_number(core: Core, edition: str) -> None:
    """Remote Configuration, remote-first: the timeout is a number of the edition."""
    for timeout in (1, 250, 9_000):
        for more in (-1, 0):
            device = opened(partial(Device, core, edition), mode="remote-first")
            device.limits.remote_timeout = timeout
            device.open(START + HOUR)
            device.wait(START + HOUR + timeout + more)
            assert device.screen.blocked == (more < 0), (timeout, more)


def test_remote_first_answer_after_the_timeout(anywhere: Make) -> None:
    """Remote Configuration: an answer that comes after the timeout is for sessions to come, and is stored."""
    device = opened(anywhere, rate=1.0, mode="remote-first")
    device.configure(START + TIMEOUT + 1, 0)
    device.do(START + 4_000, device.end)
    device.open(START + 5_000)
    device.wait(START + 5_000 + TIMEOUT)
    assert fates(device, PV) == [(1, SENT), (2, SAMPLED_OUT)]


def test_remote_first_answer_at_the_timeout(anywhere: Make) -> None:
    """Remote Configuration: the timeout precedes an answer of the same instant."""
    device = opened(anywhere, rate=1.0, mode="remote-first")
    device.configure(START + TIMEOUT, 0)
    assert fates(device, PV) == [(1, SENT)]


def test_remote_first_answer_stops_the_timeout(anywhere: Make) -> None:
    """Remote Configuration: once it has started, the SDK does not start again."""
    device = opened(anywhere, mode="remote-first")
    device.configure(START + 10, ONE)
    device.wait(START + 10 * TIMEOUT)
    assert fates(device, PV) == [(1, SENT)]


def test_remote_first_with_a_failed_fetch(anywhere: Make) -> None:
    """Remote Configuration: a fetch that fails ends the waiting; the SDK starts with what it has."""
    for local, fate in ((1.0, SENT), (0.0, SAMPLED_OUT)):
        device = opened(anywhere, rate=local, mode="remote-first")
        device.do(START + 200, NO_CONFIG)
        assert (device.screen.blocked, device.screen.wants_config, device.store.kept_rate) == (0, 0, -1)
        assert [(e.kind, e.fate, e.stamp) for e in device.drain()] == [(PV, fate, START + 200)]


def test_remote_first_closed_while_blocked(anywhere: Make) -> None:
    """Remote Configuration: closing while it waits leaves nothing: no session, no event, no timer; the next launch waits anew."""
    for end in (TERMINATE, CRASH) if opened(anywhere).mobile else (CLOSE,):
        device = opened(anywhere, mode="remote-first")
        device.do(START + 100, end)
        device.wait(START + 10 * TIMEOUT)
        assert (device.store.made, device.store.events, device.left, device.box.next_at) == (0, 0, [], NEVER)
        device.open(START + HOUR)
        device.wait(START + HOUR + TIMEOUT - 1)
        assert device.screen.blocked == 1
        device.wait(START + HOUR + TIMEOUT)
        assert [(e.kind, e.stamp) for e in device.drain()] == [(PV, START + HOUR + TIMEOUT)]


def test_remote_first_closing_ends_a_session_of_before(browser: Make) -> None:
    """Web, Session Termination: a page that closes while it waits ends the session that an unseen end had left open."""
    device = opened(browser, mode="remote-first", cache_timeout=0)
    device.configure(START + 100, ONE)
    device.open(START + 1_000)
    device.do(START + 1_100, CLOSE)
    device.open(START + 2_000)
    device.configure(START + 2_100, ONE)
    assert [session for session, _ in fates(device, PV)][-1] == 2


def test_remote_first_sends_what_the_process_before_left(phone: Make) -> None:
    """Exception Types: a crash is reported when the app next launches, also while that launch waits for its configuration."""
    device = opened(phone)
    device.do(START + 10, CRASH)
    device.limits.remote = REMOTE_FIRST
    device.open(START + HOUR)
    assert {e.at for e in device.left} == {START + HOUR}
    assert len(device.left) == 2


def test_remote_first_left_while_blocked(phone: Make) -> None:
    """Mobile, Session Expiration: an app that went to the background while it waited is away since then."""
    for away, session in ((60_000, 1), (60_001, 2)):
        device = opened(phone, mode="remote-first")
        device.do(START + 1_000, BACKGROUND)
        device.do(START + 1_000 + away, FOREGROUND)
        device.do(START + 1_000 + away, TAP)
        assert fates(device, PRESS) == [(session, SENT)], away


def test_remote_first_back_while_blocked(phone: Make) -> None:
    """Mobile, Session Continuation: an app that was away and came back while it waited is in the foreground."""
    device = opened(phone, mode="remote-first")
    device.do(START + 1_000, BACKGROUND)
    device.do(START + 2_000, FOREGROUND)
    device.do(START + HOUR, TAP)
    assert fates(device, PRESS) == [(1, SENT)]


@pytest.mark.parametrize("edition", ["ios-2.3", "android-2.3"])
def test_remote_first_no_state_before_the_start(core: Core, edition: str) -> None:
    """Remote Configuration, remote-first: the launch itself is no event before the SDK has started, and of no session of before."""
    device = opened(partial(Device, core, edition), mode="remote-first")
    assert (device.store.made, device.store.events) == (0, 0)
    device.configure(START + 100, ONE)
    device.open(START + 1_000)  # its end was not seen
    device.configure(START + 1_100, ONE)
    assert [e.session for e in device.drain()] == sorted(e.session for e in device.left)
    assert 0 not in device.sessions()


# ----------------------------------------------------------------------------------------------------------- stored; cacheTimeout


def test_stored_for_the_next_start(anywhere: Make) -> None:
    """Remote Configuration: what was retrieved is stored and used by the next initialization, before any fetch answers."""
    for local, remote, fate in ((1.0, 0, SAMPLED_OUT), (0.0, ONE, SENT)):
        device = opened(anywhere, rate=local)
        device.configure(START + 100, remote)
        device.do(START + 200, device.end)
        device.open(START + 3 * HOUR)
        assert device.screen.wants_config == 1
        assert fates(device, PV)[1:] == [(2, fate)]


def test_stored_for_the_fallback(anywhere: Make) -> None:
    """Remote Configuration, remote-first: what it falls back to is the stored configuration where there is one."""
    device = opened(anywhere, rate=1.0, mode="remote-first")
    device.configure(START + 100, 0)
    device.do(START + 200, device.end)
    device.open(START + 3 * HOUR)
    assert device.screen.blocked == 1
    device.wait(START + 3 * HOUR + TIMEOUT)
    assert fates(device, PV) == [(1, SAMPLED_OUT), (2, SAMPLED_OUT)]


def test_stored_the_latest(anywhere: Make) -> None:
    """Remote Configuration: of several that were retrieved, the latest is stored."""
    device = opened(anywhere, rate=1.0)
    for i, rate in enumerate((0, ONE, 0)):
        device.configure(START + 100 + i, rate)
    device.do(START + 200, device.end)
    device.open(START + 300)
    assert fates(device, PV) == [(1, SENT), (2, SAMPLED_OUT)]


def test_cache_timeout(browser: Make) -> None:
    """Remote Configuration, cacheTimeout: a stored configuration is valid for 1 hour by default; at exactly that it is fetched again."""
    for setting, cache in ((None, HOUR), (1, 1), (90_000, 90_000), (5 * HOUR, 5 * HOUR)):
        for more, fetched in ((-1, 0), (0, 1), (1, 1)):
            device = opened(browser, **({} if setting is None else {"cache_timeout": setting}))
            device.do(START + 100, CLOSE)
            came = START + 1_000
            device.open(came)
            device.configure(came, 0.5)
            device.do(came, CLOSE)
            device.open(came + cache + more)
            assert device.screen.wants_config == fetched, (setting, more)


def test_cache_timeout_from_the_answer(browser: Make) -> None:
    """Remote Configuration, cacheTimeout: the period counts from the answer, and anew from each answer; a launch in between changes nothing."""
    device = opened(browser, cache_timeout=10_000)
    device.configure(START + 4_000, ONE)
    for at, fetched in ((9_000, 0), (13_999, 0), (14_000, 1)):
        device.do(START + at, CLOSE)
        device.open(START + at)
        assert device.screen.wants_config == fetched
    device.configure(START + 15_000, ONE)
    device.do(START + 24_999, CLOSE)
    device.open(START + 24_999)
    assert device.screen.wants_config == 0


def test_cache_timeout_after_each_answer(browser: Make) -> None:
    """Remote Configuration, cacheTimeout: a configuration that was fetched again is valid for the whole period again."""
    device = opened(browser, cache_timeout=1_000)
    for at in range(START, START + 50_000, 10_000):
        device.configure(at + 500, ONE)
        device.do(at + 501, CLOSE)
        device.open(at + 1_499)
        assert device.screen.wants_config == 0
        device.do(at + 1_499, CLOSE)
        device.open(at + 10_000)
        assert device.screen.wants_config == 1


def test_cache_timeout_of_remote_first(browser: Make) -> None:
    """Remote Configuration, cacheTimeout: with a valid configuration nothing is fetched, so nothing is waited for."""
    device = opened(browser, rate=1.0, mode="remote-first")
    device.configure(START + 100, 0)
    device.do(START + 200, CLOSE)
    device.open(START + 300)
    assert (device.screen.wants_config, device.screen.blocked) == (0, 0)
    assert fates(device, PV)[1:] == [(2, SAMPLED_OUT)]


# ------------------------------------------------------------------------------------------- How do I adjust the sampling rate?


def test_rate_holds_for_sessions_to_come(anywhere: Make) -> None:
    """FAQ, sampling rate: changes take effect immediately, without a new release: for every session created after they came, in this process too."""
    device = opened(anywhere, rate=1.0)
    device.configure(START + 100, 0)
    later = START + 100
    for rate, fate in ((ONE, SAMPLED_OUT), (0, SENT), (ONE, SAMPLED_OUT)):
        if device.mobile:
            device.do(later + 1_000, BACKGROUND)
            device.do(later + 100_000, FOREGROUND)
        later += 2 * HOUR
        device.do(later, TAP)
        device.configure(later + 1, rate)
        device.do(later + 2, TAP)
        assert [e.fate for e in device.drain() if e.kind == PRESS][-2:] == [fate, fate]
        later = device.now


def test_rate_default_is_all(anywhere: Make) -> None:
    """FAQ, sampling rate: the default is 100 %."""
    device = anywhere()
    on = None if device.mobile else True
    device.limits = limits_of(device.edition, SessionConfig(), RemoteConfig(enable=on))
    assert device.limits.rate == ONE
    device.open(START)
    assert fates(device, PV) == [(1, SENT)]


def test_rate_of_the_draw(anywhere: Make) -> None:
    """FAQ, sampling rate: a remote rate is compared with the session's draw as a local one is: below it the session is collected, at it not."""
    draw = draw_of(1, 1)
    for rate, fate in ((draw, SAMPLED_OUT), (draw + 1, SENT)):
        device = opened(anywhere, mode="remote-first")
        device.configure(START + 10, rate)
        assert fates(device, PV) == [(1, fate)]


def test_failed_fetch_changes_nothing(anywhere: Make) -> None:
    """Remote Configuration: a fetch that fails changes neither the rate in force nor what is stored, and is not made again before the next launch."""
    device = opened(anywhere, rate=1.0)
    device.configure(START + 10, 0)
    device.do(START + 20, device.end)
    device.open(START + HOUR + 10)
    device.do(START + HOUR + 500, NO_CONFIG)
    assert (device.screen.wants_config, device.store.rate, device.store.kept_rate, device.store.kept_at) == (0, 0, 0, START + 10)
    device.wait(START + 2 * HOUR)
    assert device.screen.wants_config == 0
    device.do(START + 2 * HOUR, device.end)
    device.open(START + 2 * HOUR + 11)
    assert device.screen.wants_config == 1
    assert fates(device, PV)[-1][1] == SAMPLED_OUT


# ---------------------------------------------------------------------------------------------------------------- random lives

LIVES = settings(max_examples=60, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
KEY = 5
DRAWS = [draw_of(KEY, ordinal) for ordinal in (1, 2, 3)]
RATES = st.sampled_from((ONE, 0, *DRAWS, *(draw + 1 for draw in DRAWS)))
WHEN = st.tuples(st.integers(0, 2), st.sampled_from((-1, 0, 1, 400)))


class Happening(NamedTuple):
    """One thing of a history."""

    at: int
    kind: int
    rate: int = 0


class Fetches(RuleBasedStateMachine):
    """A device that fetches, and an oracle that reads its history: which launches fetch, when each starts, and by which rate sessions are made."""

    def __init__(self, new: Callable[..., Device]) -> None:
        super().__init__()
        self.new = new
        self.history: list[Happening] = []
        self.now = START
        self.seen: dict[int, tuple[int, int, int]] = {}

    @initialize(edition=st.sampled_from(DOCUMENTED), mode=st.sampled_from(("launch-first", "remote-first")), local=RATES, data=st.data())
    def begin(self, edition: str, mode: str, local: int, data: st.DataObject) -> None:
        """Draw an edition and settings."""
        self.mobile = edition.startswith(("ios", "android"))
        self.first = mode == "remote-first"
        self.local = local
        self.cache = data.draw(st.sampled_from((0, 1, 700, 5_000)), label="cache")
        self.timeout = data.draw(st.sampled_from((1, 2_000, 3_000)), label="timeout")
        self.device = self.new(edition, key=KEY)
        self.device.limits = limits_of(EDITIONS[edition], SessionConfig(), RemoteConfig(enable=None if self.mobile else True, mode=mode))
        self.device.limits.rate, self.device.limits.remote_cache, self.device.limits.remote_timeout = local, self.cache, self.timeout
        self.happen((0, 0), LAUNCH)

    # ---- what the document says of the history

    def fetched(self, launch: int) -> bool:
        """Tell whether a launch fetches: mobile always; others if nothing valid is stored."""
        kept = self.kept(launch)
        return self.mobile or kept is None or self.history[launch].at - kept.at >= self.cache

    def kept(self, before: int) -> Happening | None:
        """Give the configuration that came latest before a place."""
        return next((h for h in reversed(self.history[:before]) if h.kind == CONFIG), None)

    def started(self, launch: int, until: int) -> int | None:
        """Give when the process of a launch has started to collect; None: not by `until`."""
        begun = self.history[launch].at
        if not (self.first and self.fetched(launch)):
            return begun
        timeout = begun + self.timeout
        for h in self.history[launch + 1 :]:
            if h.at >= timeout:
                return timeout
            if h.kind in (LAUNCH, CLOSE, TERMINATE):
                return None
            if h.kind in (CONFIG, NO_CONFIG):
                return h.at
        return timeout if timeout <= until else None

    def expected(self) -> list[tuple[int, int, int]]:
        """List start and sampling of each session: one for each launch that starts; by the rate that came latest by then."""
        out = []
        for i, h in enumerate(self.history):
            if h.kind == LAUNCH and (at := self.started(i, self.now)) is not None:
                came = [c for c in self.history if c.kind == CONFIG and (c.at < at or (c.at == at and self.precedes(i, c, at)))]
                rate = came[-1].rate if came else self.local
                out.append((len(out) + 1, at, int(draw_of(KEY, len(out) + 1) < rate)))
        return out

    def precedes(self, launch: int, came: Happening, at: int) -> bool:
        """Tell whether a configuration of the instant of a start came before it: before the launch, or as the answer that starts it."""
        place = self.history.index(came)
        answered = at < self.history[launch].at + self.timeout and self.first and self.fetched(launch)
        return place < launch or (answered and not any(h.kind in (CONFIG, NO_CONFIG) for h in self.history[launch + 1 : place]))

    def wants(self) -> bool:
        """Tell whether the latest launch has a fetch under way."""
        launch = max(i for i, h in enumerate(self.history) if h.kind == LAUNCH)
        return self.fetched(launch) and not any(h.kind in (CONFIG, NO_CONFIG) for h in self.history[launch:])

    # ---- the lives

    def happen(self, when: tuple[int, int], kind: int, rate: int = 0) -> None:
        """Let something happen near a deadline, and compare."""
        launches = [h.at for h in self.history if h.kind == LAUNCH]
        kept = self.kept(len(self.history))
        near = [self.now, (launches[-1] if launches else self.now) + self.timeout, (kept.at if kept else self.now) + self.cache]
        at = self.now = max(self.now, near[when[0]] + when[1])
        self.history.append(Happening(at, kind, rate))
        self.device.do(at, kind, since=rate if kind == CONFIG else None)
        if kind == LAUNCH:
            self.device.do(at, NAVIGATE, HOME)
        self.compare()

    def compare(self) -> None:
        """Compare the sessions made so far."""
        store = self.device.store
        self.seen[store.made] = (store.made, store.start, store.sampled)
        found = [self.seen[n] for n in sorted(self.seen) if n]
        expected = self.expected()
        assert store.made == len(expected)
        assert found == [expected[n - 1] for n in sorted(self.seen) if n]
        if self.alive():
            assert self.device.screen.wants_config == int(self.wants())

    def alive(self) -> bool:
        """Tell whether the page or process exists."""
        return next(h.kind for h in reversed(self.history) if h.kind in (LAUNCH, CLOSE, TERMINATE)) == LAUNCH

    @precondition(alive)
    @rule(when=WHEN)
    def end(self, when: tuple[int, int]) -> None:
        """Close or end."""
        self.happen(when, TERMINATE if self.mobile else CLOSE)

    @precondition(lambda self: not self.alive())
    @rule(when=WHEN)
    def launch(self, when: tuple[int, int]) -> None:
        """Begin again."""
        self.happen(when, LAUNCH)

    @precondition(lambda self: self.alive() and self.wants())
    @rule(when=WHEN, rate=RATES, fails=st.integers(0, 4))
    def answer(self, when: tuple[int, int], rate: int, fails: int) -> None:
        """Answer the fetch, or let it fail."""
        self.happen(when, CONFIG if fails else NO_CONFIG, rate)

    @precondition(alive)
    @rule(when=WHEN, kind=st.sampled_from((SCROLL, THROW, HIDE)))
    def act(self, when: tuple[int, int], kind: int) -> None:
        """Do something that makes no session while one lives."""
        self.happen(when, kind)


def test_fetches(core: Core) -> None:
    """Launches fetch, wait and start, and sessions are sampled, as the document has it for the history."""
    run_state_machine_as_test(lambda: Fetches(partial(Device, core)), settings=LIVES)


def test_a_share_is_a_threshold() -> None:
    """FAQ, sampling rate: rates of 0, a half and 1 are what the draws are compared with."""
    assert (threshold(0.0), threshold(0.5), threshold(1.0)) == (0, ONE // 2, ONE)
