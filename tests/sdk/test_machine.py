"""Random lives against an oracle that keeps their whole history and reads the document's sentences in it again after each step.

Rules of the file: the oracle never looks at the core's records and carries nothing from step to step but the history; limits are drawn; half of
what happens does so 1 ms before, at or 1 ms after an instant at which something ends.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from devices import Core, Device, draw_of
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from simulator.kernel.rnd import ONE
from simulator.profile.editions import EDITIONS
from simulator.schema.words import (
    ANR,
    API,
    ASSET,
    BACKGROUND,
    BLOCK,
    CLICK,
    CLOSE,
    CONFIG,
    CRASH,
    DROPPED_NO_SESSION,
    ERROR,
    FATAL,
    FOREGROUND,
    HIDE,
    LAUNCH,
    LEAVE,
    LOST,
    NAVIGATE,
    NEVER,
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
    SWEEP,
    TAP,
    TERMINATE,
    THROW,
    VITAL,
    VITALS,
)
from simulator.sdk.state import LAUNCH_FIRST, NO_REMOTE

LIVES = settings(max_examples=100, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
KEY = 5
START = 1_000_000_000
BECOMES = {
    REQUEST: API,
    ASSET: STATIC,
    PAINT: PERF,
    VITALS: VITAL,
    THROW: ERROR,
    BLOCK: STALL,
    CLICK: PRESS,
    TAP: PRESS,
    SCROLL: SWEEP,
    NAVIGATE: PV,
    CRASH: FATAL,
}
PASSIVE = (REQUEST, ASSET, PAINT, VITALS, THROW, BLOCK)
LASTING = (REQUEST, ASSET, PAINT, BLOCK)
"""Reported with the instant at which they began."""
ANR_LEAST = 5_000
ENDS = (CLOSE, TERMINATE, CRASH)
LEAVES = (NAVIGATE, BACKGROUND, CLOSE)


class Happening(NamedTuple):
    """One thing of a history."""

    at: int
    kind: int
    key: int
    since: int


class Terms(NamedTuple):
    """What the document and the edition say in numbers."""

    mobile: bool
    new_documents: bool
    """A navigation loads a new document."""
    away: int
    overtime: int
    max_duration: int
    delay: int
    count: int
    rate: int
    remote: int
    """A remote configuration is taken."""


class Expected(NamedTuple):
    """An event that must be reported. In the order of the core's numbers."""

    place: int
    """Place in the history of what it reports."""
    at: int
    kind: int
    session: int
    stamp: int
    page: int
    previous: int
    shown: int
    span: int
    aux: int
    key: int


History = Sequence[Happening]


# ---------------------------------------------------------------------------------------------- the document, read in a history


def latest(history: History, before: int, *kinds: int) -> int:
    """Give the place of the latest happening of some kinds before a place, or -1."""
    return next((i for i in range(before - 1, -1, -1) if history[i].kind in kinds), -1)


def interacts(terms: Terms, kind: int) -> bool:
    """Web, Session Creation and Continuation: a visit, clicks, scrolls, navigation."""
    return not terms.mobile and kind in (LAUNCH, CLICK, TAP, SCROLL, NAVIGATE)


def births(history: History, terms: Terms) -> list[int]:
    """List the places at which a session is created.

    Mobile: a launch; a foreground more than 60 seconds after the background it ends. Web: the first visit; an interaction after a session's end.
    """
    if terms.mobile:
        launched = [i for i, h in enumerate(history) if h.kind == LAUNCH]
        before = {i: history[latest(history, i, LAUNCH, BACKGROUND, FOREGROUND)] for i, h in enumerate(history) if h.kind == FOREGROUND}
        back = [i for i, gone in before.items() if gone.kind == BACKGROUND and history[i].at - gone.at > terms.away]
        return sorted(launched + back)
    found: list[int] = []
    for i, h in enumerate(history):
        if interacts(terms, h.kind) and (not found or is_over(history, terms, found[-1], i)):
            found.append(i)
    return found


def is_over(history: History, terms: Terms, birth: int, place: int) -> bool:
    """Tell whether the session born at a place has ended before another.

    By an end of page or process; on mobile by more than 60 seconds in the background; on the web by silence or age.
    """
    if any(h.kind in ENDS for h in history[birth:place]):
        return True
    now = history[place].at
    if terms.mobile:
        seen = latest(history, place, LAUNCH, BACKGROUND, FOREGROUND)
        return history[seen].kind == BACKGROUND and now - history[seen].at > terms.away
    active = max(h.at for h in history[birth:place] if interacts(terms, h.kind))
    return now - active > terms.overtime or now - history[birth].at > terms.max_duration


def sessions(history: History, terms: Terms) -> list[int]:
    """Give the ordinal of the session in which each thing happens; 0: in none."""
    born = births(history, terms)
    out = []
    for i in range(len(history)):
        so_far = [b for b in born if b <= i]
        out.append(len(so_far) if so_far and (so_far[-1] == i or not is_over(history, terms, so_far[-1], i)) else 0)
    return out


def reports(history: History, terms: Terms) -> Iterator[Expected]:
    """Yield all events that the history makes, each with the session and page of its moment."""
    session = sessions(history, terms)
    for i, h in enumerate(history):
        start = max(latest(history, i + 1, LAUNCH), 0)
        pages = [j for j in range(start, i + 1) if history[j].kind == NAVIGATE]
        shown = sum(x.kind == NAVIGATE for x in history[: i + 1]) if pages else 0
        before = pages[:-1] if h.kind == NAVIGATE else pages
        if h.kind in LEAVES and before:
            entered = before[-1]
            is_left = latest(history, i, BACKGROUND, *ENDS) > entered
            if not is_left and session[i] and session[entered] == session[i]:
                painted = latest(history, i, PAINT)
                load = history[painted].at - history[painted].since if painted > entered else 0
                since = history[entered].at
                number = sum(x.kind == NAVIGATE for x in history[: entered + 1])
                page, previous = history[entered].key, page_of(history, before[:-1])
                yield Expected(i, h.at, LEAVE, session[i], since, page, previous, number, h.at - since, load, h.key)
        if h.kind in BECOMES:
            page, previous = page_of(history, pages), page_of(history, pages[:-1])
            kind, lasted = BECOMES[h.kind], h.at - h.since
            if kind == STALL:
                kind, lasted = ANR if terms.mobile and lasted >= ANR_LEAST else STALL, lasted * 1000
            yield Expected(i, h.at, kind, session[i], h.since, page, previous, shown, lasted, 0, h.key)


def page_of(history: History, navigations: list[int]) -> int:
    """Give the page that the last of some navigations shows, or 0."""
    return history[navigations[-1]].key if navigations else 0


def departures(history: History, events: list[Expected], terms: Terms, now: int) -> list[tuple[int, bool]]:
    """Give the instants at which events leave the outbox, up to now, and whether they are lost.

    When as many as the count are queued, unless the last is a crash; when none was queued for the delay (this precedes what happens at that
    instant); at once out of sight; on mobile, at the next launch after an end; on a website, when a new document takes the place of the old one.
    What a page had queued that ended without a word is lost; that is found when the next one begins.
    """
    left: list[tuple[int, bool]] = []
    queue: list[int] = []
    timer = NEVER

    def leave(at: int, *, lost: bool = False) -> None:
        left.extend([(at, lost)] * len(queue))
        queue.clear()

    made: list[list[Expected]] = [[] for _ in history]
    for e in events:
        made[e.place].append(e)
    for h, its in zip(history, made, strict=True):
        if timer <= h.at:
            leave(timer)
            timer = NEVER
        steps: list[Expected | None] = [*its]
        if h.kind in (HIDE, BACKGROUND, CLOSE):
            steps.append(None)
        elif h.kind == LAUNCH or (h.kind == NAVIGATE and terms.new_documents):
            steps.insert(sum(e.kind == LEAVE for e in its), None)
        for e in steps:
            if e is not None:
                queue.append(e.at)
                timer = h.at + terms.delay
            if e is None or (len(queue) >= terms.count and e.kind != FATAL):
                leave(h.at, lost=h.kind == LAUNCH and not terms.mobile)
                timer = NEVER
        if h.kind in ENDS:
            timer = NEVER
    if timer <= now:
        leave(timer)
    return left


def fates(history: History, terms: Terms) -> list[int]:
    """Give the fate of each session's events: all are reported or none, by the rate when it was created; what is of no session cannot be."""
    out = [DROPPED_NO_SESSION]
    for birth in births(history, terms):
        changed = latest(history, birth, CONFIG)
        rate = history[changed].since if changed >= 0 and terms.remote else terms.rate
        out.append(SENT if draw_of(KEY, len(out)) < rate else SAMPLED_OUT)
    return out


# ------------------------------------------------------------------------------------------------------------------- the lives

WHEN = st.one_of(
    st.tuples(st.integers(0, 2), st.sampled_from((-1, 0, 1))),
    st.tuples(st.none(), st.sampled_from((0, 1, 20, 400, 3_000, 50_000))),
)
"""Near one of the deadlines that are alive, by its place among them, or a while later."""
When = tuple[int | None, int]
DRAWS = [draw_of(KEY, ordinal) for ordinal in (1, 2, 3)]
RATES = st.sampled_from((ONE, ONE, 0, *DRAWS, *(draw + 1 for draw in DRAWS)))
PAGES = st.sampled_from((11, 25, 7, 60))


class Life(RuleBasedStateMachine):
    """One device, its history, and how to go on with it."""

    editions: tuple[str, ...] = ()

    def __init__(self, new: Callable[..., Device]) -> None:
        super().__init__()
        self.new = new
        self.history: list[Happening] = []
        self.now = START
        self.read = -1

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Draw an edition, limits and a rate, and open the app or page."""
        name = data.draw(st.sampled_from(self.editions))
        rules = {rule: row.value for rule, row in EDITIONS[name].rules.items()}
        drawn = {"flush_delay": st.integers(1, 6_000), "flush_count": st.integers(1, 20)}
        mobile = name in ("ios-documented", "android-documented")
        if mobile:
            drawn["away"] = st.integers(0, 80_000)
        else:
            drawn["overtime"] = st.integers(1, 60_000)
            drawn["max_duration"] = st.integers(1, 60_000)
        limits = {rule: data.draw(st.just(rules[rule]) | law, label=rule) for rule, law in drawn.items()}
        rate = data.draw(RATES, label="rate")
        remote = data.draw(st.sampled_from((LAUNCH_FIRST, NO_REMOTE)), label="remote")
        self.device = self.new(name, key=KEY, rate=rate, remote=remote, **limits)
        rules |= limits
        self.terms = Terms(
            mobile=mobile,
            new_documents=name == "web-documented",
            away=rules["away"],
            overtime=rules["overtime"],
            max_duration=rules["max_duration"],
            delay=rules["flush_delay"],
            count=rules["flush_count"],
            rate=rate,
            remote=remote,
        )
        self.launch((None, 0), 11, 0, 0)

    def happen(self, when: When, kind: int, key: int = 0, lasted: int = 0) -> None:
        """Let something happen, and read the history again."""
        at = self.moment(when)
        self.now = at
        self.history.append(Happening(at, kind, key, at - lasted))
        self.device.do(at, kind, key, since=at - lasted)
        self.compare()

    def compare(self) -> None:
        """Compare all that has left so far with what the document says."""
        events = self.events()
        left = departures(self.history, events, self.terms, self.now)
        fate = fates(self.history, self.terms)
        expected = [
            (at, e.kind, LOST if lost else fate[e.session], e.session, number, e.stamp, e.page, e.previous, e.shown, e.span, e.key, e.aux)
            for number, ((at, lost), e) in enumerate(zip(left, events, strict=False), 1)
        ]
        assert [e[:12] for e in self.device.left] == expected

    def events(self) -> list[Expected]:
        """Read the events out of the history; once as long as it is the same."""
        if self.read != len(self.history):
            self.read, self.found = len(self.history), list(reports(self.history, self.terms))
        return self.found

    def moment(self, when: When) -> int:
        """Give the instant at or near a deadline that is alive, if it lies ahead; else a moment later."""
        which, more = when
        alive = [at for at in self.deadlines() if self.now <= at + 1 and at < NEVER]
        at = self.now if which is None or not alive else alive[which % len(alive)]
        return max(self.now, at + more)

    def deadlines(self) -> list[int]:
        """Give the instants at which something ends, as the history has them."""
        history, terms = self.history, self.terms
        out = []
        if self.waiting(self.now):
            out.append(max(h.at for h in history if h.kind in BECOMES or h.kind in LEAVES) + terms.delay)
        if terms.mobile:
            if self.alive() and not self.in_sight():
                out.append(history[latest(history, len(history), BACKGROUND)].at + terms.away)
        else:
            born = births(history, terms)
            if born:
                out.append(max(h.at for h in history if interacts(terms, h.kind)) + terms.overtime)
                out.append(history[born[-1]].at + terms.max_duration)
        return out

    def waiting(self, at: int) -> int:
        """Count the events that are queued at an instant."""
        events = self.events()
        return len(events) - len(departures(self.history, events, self.terms, at))

    def alive(self) -> bool:
        """Tell whether the page or process exists."""
        return self.latest_of(LAUNCH, *ENDS) == LAUNCH

    def latest_of(self, *kinds: int) -> int:
        """Give the latest of some kinds, or -1."""
        place = latest(self.history, len(self.history), *kinds)
        return self.history[place].kind if place >= 0 else -1

    def in_sight(self) -> bool:
        """Tell whether a living app is in the foreground, or a page is shown; hidden pages of the web can be navigated and clicked by scripts."""
        return self.alive() and self.latest_of(LAUNCH, BACKGROUND, FOREGROUND) != BACKGROUND

    def shows(self) -> bool:
        """Tell whether a page has been shown since the page or process began."""
        return self.alive() and self.latest_of(LAUNCH, NAVIGATE) == NAVIGATE

    @rule(when=WHEN, page=PAGES, killed=st.integers(0, 5), late=st.integers(0, 3))
    def launch(self, when: When, page: int, killed: int, late: int) -> None:
        """Begin a process or a visit, mostly on a page; now and then without a word of the end of the one before."""
        if killed == 0 or not self.alive():
            self.happen(when, LAUNCH)
            if late != 1:
                self.happen((None, 0), NAVIGATE, page)

    @precondition(in_sight)
    @rule(when=WHEN, page=PAGES)
    def navigate(self, when: When, page: int) -> None:
        """Show another page."""
        self.happen(when, NAVIGATE, page)

    @precondition(in_sight)
    @rule(when=WHEN, kind=st.sampled_from((CLICK, TAP, SCROLL)), key=PAGES)
    def act(self, when: When, kind: int, key: int) -> None:
        """Press or scroll."""
        self.happen(when, kind, key)

    @precondition(alive)
    @rule(when=WHEN, kind=st.sampled_from(PASSIVE), key=PAGES, lasted=st.sampled_from((0, 1, 700, 4_999, 5_000)))
    def passive(self, when: When, kind: int, key: int, lasted: int) -> None:
        """Let something happen that nobody did."""
        self.happen(when, kind, key, lasted if kind in LASTING else 0)

    @precondition(shows)
    @rule(when=WHEN)
    def paint(self, when: When) -> None:
        """Let the page be loaded, at last."""
        entered = self.history[latest(self.history, len(self.history), NAVIGATE)].at
        self.happen(when, PAINT, 0, self.moment(when) - entered)

    @rule(when=WHEN)
    def wait(self, when: When) -> None:
        """Let time pass."""
        self.now = self.moment(when)
        self.device.wait(self.now)
        self.compare()

    @precondition(alive)
    @rule(when=WHEN, rate=RATES)
    def configure(self, when: When, rate: int) -> None:
        """Let another sampling rate come."""
        at = self.now = self.moment(when)
        self.history.append(Happening(at, CONFIG, 0, rate))
        self.device.do(at, CONFIG, since=rate)
        self.compare()


class WebLife(Life):
    """A page of a website or a mini program."""

    editions = ("web-documented", "miniprogram-documented")

    @precondition(Life.alive)
    @rule(when=WHEN, kind=st.sampled_from((HIDE, SHOW)))
    def hide_or_show(self, when: When, kind: int) -> None:
        """Go to another tab or come back: no end, and no interaction."""
        self.happen(when, kind)

    @precondition(Life.alive)
    @rule(when=WHEN)
    def close(self, when: When) -> None:
        """Close the last page."""
        self.happen(when, CLOSE)


class MobileLife(Life):
    """An app."""

    editions = ("ios-documented", "android-documented")

    @precondition(Life.in_sight)
    @rule(when=WHEN)
    def background(self, when: When) -> None:
        """Go to another app."""
        self.happen(when, BACKGROUND)

    @precondition(Life.in_sight)
    @rule(when=WHEN, until=WHEN)
    def trip(self, when: When, until: When) -> None:
        """Go to another app and come back."""
        self.happen(when, BACKGROUND)
        self.happen(until, FOREGROUND)

    @precondition(Life.alive)
    @rule(when=WHEN)
    def foreground(self, when: When) -> None:
        """Come back; that an app says so which was not away means nothing."""
        self.happen(when, FOREGROUND)

    @precondition(Life.alive)
    @rule(when=WHEN, kind=st.sampled_from((TERMINATE, CRASH)))
    def end(self, when: When, kind: int) -> None:
        """End the process."""
        self.happen(when, kind)


def live(new: Callable[..., Device], life: type[Life]) -> None:
    """Play many lives."""
    run_state_machine_as_test(lambda: life(new), settings=LIVES)


def test_web_lives(core: Core) -> None:
    """On the web and in mini programs, all that leaves is what the document makes of the history."""
    live(partial(Device, core), WebLife)


def test_mobile_lives(core: Core) -> None:
    """On iOS and Android, all that leaves is what the document makes of the history."""
    live(partial(Device, core), MobileLife)
