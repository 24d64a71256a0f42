"""One document with the SDK in it: its clock and timers in step with the core's, and the values of events as they are made.

Timers of the page and of the core are one queue: of two at one instant the one that was armed first fires first, so both number their armings with the
core's counter.
"""

import heapq
import json
from collections.abc import Callable
from typing import Any

from simulator.kernel.rnd import ONE
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.body import body
from simulator.scenario.browser import Browser, Report, hex_id, js_round
from simulator.schema.records import Event, Stimulus
from simulator.schema.words import API, NAVIGATE, OWN, PERF, SENT, STALL, TYPE_OF, VITAL
from simulator.sdk.outbox import settle
from simulator.sdk.probes import feed, wake
from simulator.sdk.state import Limits, Outbox, Screen

TYPE_NAMES = ("view", "action", "resource", "exception", "longTask", "custom")
BEACON_BYTES = 60_000  # FACTS 6
START = 100  # performance.now() at the first operation, as the recorder sets it
MOST_SCRIPTS = 5  # FACTS 4, longTask


class Page:
    """A document at `url`; nothing is collected before `init`."""

    def __init__(self, browser: Browser, url: str) -> None:
        """Load the document."""
        self.browser, self.url = browser, url
        self.epoch, self.now = browser.clock, START
        self.hidden = False
        self.config: settings.Config | None = None
        self.limits, self.screen, self.box = Limits(), Screen(), Outbox()
        self.rate = 1.0
        self.entries: list[v.Entry] = []
        self.cached: dict[str, list[v.Entry]] = {}
        self.filters: dict[str, Any] = {}
        self.facts: dict[int, dict[str, Any]] = {}
        self.frames: dict[int, list[Any]] = {}
        self.views: dict[int, dict[str, str]] = {}
        self.perf: dict[str, Any] | None = None
        self.measures: dict[str, Any] = {}
        self.fields: dict[int, dict[str, Any]] = {}
        self.shown_url: str | None = None
        self._refs = 0
        self._same: dict[str, int] = {}
        self._seen = browser.store.events
        self._timers: list[tuple[float, int, Callable[[], None]]] = []

    # ---- time

    def at(self) -> int:
        """Give the time in ms since the epoch."""
        return js_round(self.epoch + self.now)

    def later(self, ms: float, do: Callable[[], None]) -> None:
        """Let something happen after a delay."""
        self.box.armings += 1
        heapq.heappush(self._timers, (self.epoch + self.now + max(0, ms), self.box.armings, do))

    def advance(self, ms: float) -> None:
        """Let time pass, and all timers fire that are due, in their order."""
        end = self.epoch + self.now + ms
        while True:
            own = self._timers[0][:2] if self._timers else (end + 1, 0)
            name = self.box.next_timer
            timer = (
                self.box.held[name] if name >= 0 else (self.box.start, self.box.flush, self.box.touch, self.box.settle, self.box.vitals, self.box.frames.timer)[name]
            )
            due, armed = min(own, (self.box.next_at, timer.armed))
            if due > end:
                break
            self.now = max(self.now, due - self.epoch)
            if (due, armed) == own:
                heapq.heappop(self._timers)[2]()
            else:
                self._draw()
                wake(self.browser.store, self.screen, self.box, self.limits, self.at())
                self._after()
        self.now = end - self.epoch

    # ---- the core

    def feed(self, kind: int, *, key: int = 0, same: str = "", since: int | None = None, aux: int = 0, ref: int = 0, **facts: Any) -> int:  # noqa: ANN401
        """Give the core a stimulus of this moment; `facts` are what its event will say."""
        if ref == 0:
            self._refs += 1
            ref = self._refs
        self.facts[ref] = facts
        at = self.at()
        aux = self._same.setdefault(same, len(self._same) + 1) if same else aux
        self._draw()
        feed(self.browser.store, self.screen, self.box, self.limits, Stimulus(at, kind, key, aux, ref, at if since is None else since))
        self._after()
        return ref

    def next_ref(self) -> int:
        """Give the ref that the next stimulus will have."""
        return self._refs + 1

    def view(self) -> dict[str, str]:
        """Give the current page view."""
        return self.views[self.screen.shown]

    def show(self, name: str, referrer: str, loading: str) -> None:
        """Begin a page view."""
        ordinal = self.browser.store.views + 1
        self.views[ordinal] = {"id": hex_id(2, ordinal), "name": name}
        self.feed(NAVIGATE, aux=int(loading == "route_change"), type="pv", name=name, url=self.url, referrer=referrer, loading_type=loading)

    def _draw(self) -> None:
        """Let the session that the next step may create be sampled as Math.random says."""
        self.limits.rate = self.browser.store.rate = ONE if self.browser.draws(self.rate) else 0

    def _after(self) -> None:
        """Fill in the events that a step has made, and send what it has flushed."""
        for i in range(self.box.count):
            e = self.box.queue[i]
            if e.number > self._seen:
                self.fields[e.number] = self._describe(e)
        self._seen = self.browser.store.events
        sent = [e for e in self.box.queue[: self.box.done] if e.fate == SENT]
        if sent:
            self._send(sent)
        settle(self.box)

    def _describe(self, e: Event) -> dict[str, Any]:
        """Say what the event says of itself, as of the moment at which it is made."""
        facts = self.facts.get(e.ref, {})
        if e.kind == API:
            return self._api(facts)
        if e.kind == PERF:
            return v.without_bad({"type": "perf", **(self.perf or {})}, v.TIMINGS)
        if e.kind == VITAL:
            measures, self.measures = self.measures, {}
            return {"type": "webvitals", "referrer": "", **measures, "url": self.url}
        if e.kind == STALL:
            return self._stall(e)
        return facts

    def _api(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Match a finished request with its entry, first in, first out."""
        fallback = attributes.pop("fallback")
        waiting = self.cached.get(attributes["url"], [])
        entry = waiting.pop(0) if waiting else fallback
        data = v.timing_data(entry)
        return {
            "name": v.path_of(attributes["url"], self.url),
            "type": entry.get("initiatorType") or entry["entryType"],
            "success": v.succeeded(attributes.get("status_code")),
            **attributes,
            "timing_data": json.dumps(entry, separators=(",", ":")),
            **({"duration": entry["duration"]} if data is None else data),
        }

    def _stall(self, e: Event) -> dict[str, Any]:
        frames = [self.frames[ref] for ref in sorted(self.frames) if e.key <= ref <= e.ref]
        start, end = frames[0][0], frames[-1][0] + frames[-1][1]
        scripts = [script for frame in frames for script in frame[2]]
        if len(scripts) >= MOST_SCRIPTS:
            scripts = sorted(scripts, key=lambda script: -script["duration"])[:MOST_SCRIPTS]
        stamp = js_round(self.epoch + start)
        return {
            "timestamp": start if stamp > self.at() else stamp,
            **self.views[e.aux],
            "type": "fps",
            "source": "LoAF",
            "duration": v.number(end - start),
            "fps": js_round(1000 / ((end - start) / len(frames))),
            "snapshots": json.dumps(scripts, separators=(",", ":")),
        }

    def _send(self, events: list[Event]) -> None:
        config = self.config or {}
        browser = self.browser
        session = browser.session_id(browser.store.session)
        text = body(config, browser.user_id(), session, self.view(), [self._event(e, session) for e in events])
        small = len(text.encode()) < BEACON_BYTES and not browser.script.noBeacon
        browser.reports.append(Report(self.at(), "beacon" if small else "xhr", config["endpoint"], text))

    def _event(self, e: Event, session: str) -> dict[str, Any]:
        fields = self.fields.pop(e.number)
        head: dict[str, Any] = {"timestamp": e.stamp, "event_id": f"00-{session}-{e.number:016x}"}
        if e.shown != self.screen.shown:
            head["view"] = self.views[e.shown]
        if e.kind != OWN:
            head["times"] = e.times
        return {**head, "event_type": TYPE_NAMES[TYPE_OF[e.kind]], **v.present(fields)}
