"""One document with the SDK in it: its clock and timers in step with the core's, and the values of events as they are made.

Timers of the pages and of their cores are one queue: of two at one instant the one that was armed first fires first, so all number their armings
with one counter.
"""

import heapq
import math
from collections.abc import Callable
from copy import copy
from functools import cmp_to_key
from typing import Any

from simulator.kernel.rnd import ONE
from simulator.play import replay
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.body import body, size_bytes
from simulator.scenario.browser import Browser, Report, Slot, Watch, hex_id
from simulator.scenario.js import number, round_half_up, to_json, to_number
from simulator.scenario.urls import Url
from simulator.scenario.vitals import Shared, Vitals
from simulator.schema.records import Event, Stimulus
from simulator.schema.words import ACTION, API, ERROR, NAVIGATE, NEVER, OWN, PAINT, PERF, REQUEST, SENT, STALL, STATIC, TYPE_OF, VITAL, VITALS
from simulator.sdk.outbox import report, settle
from simulator.sdk.session import current
from simulator.sdk.state import Held, Limits, Outbox, Screen, Timer
from simulator.sdk.timers import TOUCH, rewind

TYPE_NAMES = ("view", "action", "resource", "exception", "longTask", "custom")
START = 100  # performance.now() at the first operation, as the recorder sets it
MOST_SCRIPTS = 5  # FACTS 4, longTask
SPARE = 8
"""Free places that a call finds in the queue and among what is held back. Both grow: a scripted page may hold more than a device in bulk."""


class Document:
    """What `open` loads, at `place`. `collectors` and `pipes` are what its inits have set up, one of each; of a single init both are one page."""

    def __init__(self, browser: Browser, place: Url) -> None:
        """Load it; nothing is collected before `init`."""
        self.place = place
        self.epoch = browser.at()
        browser.now = self.epoch + START
        self.open = Watch()
        self.hidden = False
        self.shared: Shared | None = None
        self.entries: list[v.Entry] = []
        self.views: dict[int, dict[str, str]] = {}
        self.collectors: list[Page] = [Page(browser, self)]
        self.pipes = self.collectors[:]

    def parts(self) -> list["Page"]:
        """Give all that have timers."""
        return self.collectors if self.collectors[0] is self.pipes[0] else self.pipes + self.collectors


class Page:
    """The SDK in a document, as one init sets it up: collects events, and queues and sends them.

    After a second init those are two: whatever one of the collectors hears of goes through each of the pipes.
    """

    def __init__(self, browser: Browser, document: Document) -> None:
        """Wait for `init`."""
        self.browser, self.document = browser, document
        self.given: settings.Config = {}
        self.config: settings.Config | None = None
        self.slot = Slot(document.place.origin)
        self.limits, self.screen, self.box = Limits(), Screen(), Outbox()
        self.percent = 100.0
        self.cached: dict[str, list[v.Entry]] = {}
        self.request_filters: settings.Config | None = None
        """None: requests are not listened for yet."""
        self.post: Callable[[], None] = lambda: None
        """What else comes of a report that is a request."""
        self.facts: dict[int, dict[str, Any]] = {}
        self.spans: dict[int, str] = {}
        self.frames: dict[int, list[Any]] = {}
        self.perf: dict[str, Any] | None = None
        self.perf_span = ""
        self.perf_depth = 0
        self.measures: dict[str, Any] = {}
        self.vitals: Vitals | None = None
        self.fields: dict[int, dict[str, Any]] = {}
        self.shown_url: str | None = None
        self.catches_errors = self.catches_console = self.routes = self.caches = False
        self.files, self.stalls = Watch(), Watch()
        self.files.on = self.stalls.on = False
        self.log: list[tuple[replay.Call, replay.Outcome]] | None = [] if browser.logs else None
        self._same: dict[str, int] = {}
        self._sames: dict[int, str] = {}
        self._copies: dict[int, dict[str, Any]] = {}
        self._seen = browser.store.events

    @property
    def place(self) -> Url:
        """Where the document is now."""
        return self.document.place

    @property
    def url(self) -> str:
        """The same as text."""
        return self.document.place.href

    # ---- time

    def at(self) -> int:
        """Give the time in ms since the epoch."""
        return self.browser.at()

    def exact(self) -> int:
        """Give the same with the clock's fractions: what only starts timers (a request that ends, and is reported) has them, as setTimeout does."""
        return number(self.browser.now)  # type: ignore[return-value]  # the interpreted core takes fractions of a ms

    def now(self) -> float:
        """Give performance.now()."""
        return number(self.browser.now - self.document.epoch)

    def later(self, ms: float, do: Callable[[], None]) -> None:
        """Let something happen after a delay, unless the page is gone by then."""
        browser = self.browser
        browser.armings += 1
        heapq.heappush(browser.timers, (browser.now + max(0, ms), browser.armings, self.document.open, do))

    def next_timer(self) -> tuple[float, int]:
        """Tell when the core's next timer fires, and when it was armed."""
        box = self.box
        name = box.next_timer
        timers = (box.start, box.flush, box.touch, box.settle, box.vitals, box.frames.timer)
        timer: Timer | Held = box.held[name] if name >= 0 else timers[name]
        return box.next_at, timer.armed

    def fire(self) -> None:
        """Fire the core's next timer; what was held back and is no longer wanted is let go."""
        name = self.box.next_timer
        if name >= 0 and self._is_unwanted(self.box.held[name]):
            self.call(replay.DROP, place=name)
        else:
            at = self.exact() if name >= 0 and self.box.held[name].kind == API else self.at()
            self.call(replay.WAKE, Stimulus(at), written=name == TOUCH and self.box.trusted == 1)

    def _is_unwanted(self, held: Held) -> bool:
        if held.kind == STATIC:
            if unwanted := v.is_own_request(self.facts[held.ref]["url"], settings.part(self.config, "filters").get("resource")):
                self.read_session()
            return unwanted
        return held.kind == API and not settings.has_probe(self.limits, API)

    # ---- the core

    def feed(self, kind: int, *, key: int = 0, same: str = "", since: int | None = None, aux: int = 0, ref: int = 0, **facts: Any) -> int:  # noqa: ANN401
        """Give the core a stimulus of this moment; `facts` are what its event will say."""
        if ref == 0:
            self.browser.refs += 1
            ref = self.browser.refs
            self._sames[ref] = same
            self.spans[ref] = self.browser.digits(16)
        self.facts[ref] = facts
        at = self.exact() if kind == REQUEST else self.at()
        aux = self._place_of(same) if same else aux
        self.call(replay.FEED, Stimulus(at, kind, key, aux, ref, at if since is None else since))
        return ref

    def next_ref(self) -> int:
        """Give the ref that the next stimulus will have."""
        return self.browser.refs + 1

    def held_as(self, ref: int) -> Held:
        """Give what is held back of a stimulus."""
        return next(h for h in self.box.held[: self.box.waiting] if h.ref == ref)

    def read_session(self) -> str:
        """Give the session's id, renewed if it is over."""
        self.call(replay.READ)
        return self.browser.session_id(self.browser.store.session)

    def measure(self, name: str, value: float | None) -> None:
        """Take a web vital; it is reported with others after a pause."""
        if settings.wants(self.config, "webVitals"):
            self.measures[name] = value
        self.feed(VITALS)

    def paint(self) -> None:
        """Take page timings that are complete."""
        self.feed(PAINT)

    def view(self) -> dict[str, str]:
        """Give the current page view."""
        return self.document.views[self.screen.shown]

    def show(self, name: str, referrer: str, loading: str) -> None:
        """Begin a page view. Not the first of its document: whatever it says of its loading, the document is the same."""
        is_first = not self.screen.shown
        ordinal = self.browser.store.views + 1
        self.document.views[ordinal] = {"id": hex_id(2, ordinal), "name": name}
        self.feed(NAVIGATE, aux=int(not is_first), type="pv", name=name, url=self.url, referrer=referrer, loading_type=loading)

    def call(self, op: int, stimulus: Stimulus | None = None, *, place: int = 0, written: bool = False) -> None:
        """Call the core with the storage, Math.random and timers as they stand; store the session, describe the events made, send what is flushed."""
        browser, store, box, limits = self.browser, self.browser.store, self.box, self.limits
        self._make_room()
        browser.enter(self.slot)
        s, r = store, ONE if browser.draws(self.percent) else 0
        c = replay.Call(
            op, place, stimulus or Stimulus(self.at()), s.session, s.made, s.sampled, s.start, s.last, s.events, s.views, browser.armings, r
        )
        c.probes, c.flush_delay, c.flush_count = limits.probes, limits.flush_delay, limits.flush_count
        replay.do(store, self.screen, box, limits, c)
        store.start, store.last = round_half_up(store.start), round_half_up(store.last)
        if self.log is not None:
            self.log.append((c, replay.Outcome()))
            replay.judge(store, box, self.log[-1][1])
        browser.armings = box.armings
        browser.leave(self.slot, written=written)
        self._finish()

    def put(self, e: Event, fields: dict[str, Any], same: str) -> None:
        """Queue an event that a collector has made, with its session and page view; the call is no part of the log."""
        browser, store, box, limits, h = self.browser, self.browser.store, self.box, self.limits, self.box.draft
        self._make_room()
        browser.enter(self.slot)
        store.rate = limits.rate = ONE if browser.draws(self.percent) else 0
        box.armings = browser.armings
        current(store, limits, self.at())
        h.kind, h.stamp, h.key, h.session, h.shown, h.page, h.previous, h.span = (
            e.kind,
            e.stamp,
            e.key,
            e.session,
            e.shown,
            e.page,
            e.previous,
            e.span,
        )
        h.ref, h.aux = self.next_ref(), self._place_of(same) if same else e.aux
        browser.refs = h.ref
        self._copies[h.ref] = fields
        report(store, self.screen, box, limits, self.exact() if e.kind == API else self.at(), h)
        rewind(box)
        store.start, store.last = round_half_up(store.start), round_half_up(store.last)
        browser.armings = box.armings
        browser.leave(self.slot, written=False)
        self._finish()
        self._copies.pop(h.ref, None)

    def take_queue(self, other: "Page") -> None:
        """Take over what another has queued, with the timers that belong to it; the other only collects from now on."""
        mine, its = self.box, other.box
        self.fields, self._same, self._seen = other.fields, dict(other._same), other._seen  # noqa: SLF001 - one of its own kind
        mine.queue, its.queue = its.queue, mine.queue
        mine.count, its.count = its.count, 0
        for a, b in ((its.flush, mine.flush), (its.touch, mine.touch)):
            b.at, b.armed, a.at = a.at, a.armed, NEVER
        mine.trusted = its.trusted
        rewind(mine)
        rewind(its)
        other.log = None
        other.collect_only()

    def collect_only(self) -> None:
        """Leave signs of life to the pipes."""
        self.limits.events_touch = self.limits.touch_delay = 0

    def _place_of(self, same: str) -> int:
        return self._same.setdefault(same, len(self._same) + 1)

    def _make_room(self) -> None:
        box = self.box
        if len(box.queue) - box.count < SPARE:
            box.queue += [Event() for _ in range(len(box.queue))]
        if len(box.held) - box.waiting < SPARE:
            box.held += [Held() for _ in range(len(box.held))]

    def _hand_on(self) -> None:
        """Give each pipe the events that a call has made."""
        made = [(copy(e), self._describe(e)) for e in self.box.queue[: self.box.count]]
        self.box.count = self.box.done = 0
        for e, fields in made:
            for pipe in self.document.pipes:
                pipe.put(e, fields, self._sames.get(e.ref, ""))

    def _finish(self) -> None:
        """Describe the events that a call has made, and send what it has flushed."""
        if self not in self.document.pipes:
            self._hand_on()
            return
        for e in self.box.queue[: self.box.count]:
            if e.number > self._seen:
                self.fields[e.number] = self._describe(e)
        self._seen = self.browser.store.events
        done = self.box.queue[: self.box.done]
        sent = [e for e in done if e.fate == SENT]
        is_request = bool(sent) and not self.browser.forgets(self.slot) and self._send(sent)
        for e in done:
            self.fields.pop(e.number, None)
        settle(self.box)
        if is_request:
            self.post()

    # ---- what events say

    def _describe(self, e: Event) -> dict[str, Any]:
        """Say what the event says of itself, as of the moment at which it is made."""
        if e.ref in self._copies:
            return self._copies[e.ref]
        facts = self.facts.get(e.ref, {})
        span = self.browser.digits(16)
        if e.kind == API:
            facts, span = self._api(facts), self.spans[e.ref]
        elif e.kind == PERF:
            facts, span, self.perf = v.without_bad({"type": "perf", **(self.perf or {})}, v.TIMINGS), self.perf_span, None
        elif e.kind == VITAL:
            measures, self.measures = self.measures, {}
            facts = {"type": "webvitals", "referrer": "", **v.without_bad(measures, ()), "url": self.url}
        elif e.kind == STALL:
            facts = self._stall(e)
        elif e.kind == STATIC:
            facts = facts | {"name": v.path_of(facts["url"], self.place)}
        return {"event_id": f"00-{self.browser.session_id(e.session)}-{span}", **facts}

    def _api(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Match a finished request with its entry, first in, first out."""
        attributes = dict(attributes)
        fallback = attributes.pop("fallback")
        waiting = self.cached.get(attributes["url"], [])
        entry = waiting.pop(0) if waiting else fallback
        data = v.timing_data(entry)
        return {
            "name": v.path_of(attributes["url"], self.place),
            "type": entry.get("initiatorType") or entry["entryType"],
            "success": v.succeeded(attributes.get("status_code")),
            **attributes,
            "timing_data": to_json(entry),
            **({"duration": entry["duration"]} if data is None else data),
        }

    def _stall(self, e: Event) -> dict[str, Any]:
        frames = [self.frames[ref] for ref in sorted(self.frames) if e.key <= ref <= e.ref]
        start, end = frames[0][0], frames[-1][0] + frames[-1][1]
        scripts = [script for frame in frames for script in frame[2]]
        if len(scripts) >= MOST_SCRIPTS:
            scripts = sorted(scripts, key=cmp_to_key(_longer_first))[:MOST_SCRIPTS]
        stamp = round_half_up(self.document.epoch + start) if start else self.at()
        return {
            "timestamp": start if stamp > self.at() else stamp,
            **self.document.views[e.aux],
            "type": "fps",
            "source": "LoAF",
            "duration": number(end - start),
            "fps": round_half_up(1000 / ((end - start) / len(frames))),
            "snapshots": to_json(scripts),
        }

    def _send(self, events: list[Event]) -> bool:
        """Send a report; tell whether it is a request as any other of the page's, which a beacon is not."""
        config = self.config or {}
        browser = self.browser
        session = browser.session_id(browser.store.session)
        text = body(config, browser.user_id(self.slot), session, self.view(), [self._event(e) for e in events])
        small = size_bytes(text) < settings.EDITION.body_limit_bytes and not browser.script.noBeacon
        browser.reports.append(Report(self.at(), "beacon" if small else "xhr", config["endpoint"], text))
        return not small

    def _event(self, e: Event) -> dict[str, Any]:
        fields = self.fields[e.number]
        event: dict[str, Any] = {"timestamp": e.stamp, "event_id": fields["event_id"]}
        if e.shown != self.screen.shown:
            event["view"] = self.document.views[e.shown]
        if e.kind != OWN:
            event["times"] = 1
        event |= {"event_type": TYPE_NAMES[TYPE_OF[e.kind]], **fields}
        if e.kind == ERROR or TYPE_OF[e.kind] == ACTION:
            event["times"] = number(to_number(event["times"]) + e.times - 1) if e.times > 1 else event["times"]
        return event


def _longer_first(a: dict[str, Any], b: dict[str, Any]) -> int:
    """Compare scripts by their durations; those of which one has none are equal."""
    first, second = (to_number(script["duration"]) if "duration" in script else math.nan for script in (a, b))
    return (first < second) - (first > second)
