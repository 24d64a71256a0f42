"""The web vitals as web-vitals 3.5.2 takes them, which the SDK contains (FACTS 5).

| measure | from | known |
|---|---|---|
| LCP | the latest largest-contentful-paint that began before the page was first hidden | at the first click after it, or hidden |
| FID | each first-input before the page was first hidden | at once |
| CLS | the worst window of layout shifts (gaps < 1 s, whole < 5 s), once a first contentful paint was seen | hidden |
| INP | of the ten longest interactions the longest, one more passed over for every 50 | hidden |

A measure that has been given is given again only if it has changed. Times are those of performance.now().
"""

import math
from collections.abc import Callable
from typing import Any

from simulator.scenario.js import cut, number, to_number
from simulator.scenario.values import Entry

WINDOW_GAP, WINDOW = 1000, 5000  # web-vitals 3.5.2, onCLS
LONGEST, PER_PASSED = 10, 50  # web-vitals 3.5.2, onINP
ID_STEP = 7  # web-vitals 3.5.2: interaction ids rise by 7
WATCHED = ("largest-contentful-paint", "first-input", "paint", "event")


class Measure:
    """A measure, given when it is asked for and has changed."""

    def __init__(self, name: str, give: Callable[[str, float | None], None], value: float = -1) -> None:
        """Take no value yet, or `value`."""
        self.name, self.value, self.watching = name, value, True
        self._give, self._given = give, math.nan

    def report(self) -> bool:
        """Give the value, unless it was given before; tell whether it was."""
        if self.value < 0 or self.value == self._given:
            return False
        self._given = self.value
        self._give(self.name, cut(number(self.value)))
        return True


class Shared:
    """What the measures of all inits of a document have in common: when it was first hidden, its interactions, the names of largest paints given."""

    def __init__(self, *, hidden: bool) -> None:
        """Begin in a document that is `hidden`, or not."""
        self.first_hidden = 0 if hidden else math.inf
        self.given: set[tuple[float, float]] = set()
        self.interactions: list[dict[str, Any]] = []
        self.least_id, self.greatest_id = math.inf, 0.0
        self.count = 0.0
        self._hid = False

    def hide(self, now: float) -> None:
        """Take the document being hidden. Subtle: one that began hidden, and is hidden once more, counts as hidden from then on only."""
        if not self._hid:
            self.first_hidden, self._hid = now, True


class Vitals:
    """The measures of one init. `give` gets a name and a value; `later` what follows in a task of its own; `name` is made of time and chance."""

    def __init__(
        self, give: Callable[[str, float | None], None], later: Callable[[Callable[[], None]], None], shared: Shared, name: tuple[float, float]
    ) -> None:
        """Begin in a document that is seen, or not."""
        self._give, self._later, self._shared, self._name = give, later, shared, name
        self.lcp = Measure("largest_contentful_paint", give)
        self.fid = Measure("first_input_delay", give)
        self.inp = Measure("interaction_to_next_paint", give)
        self.cls: Measure | None = None
        self._fcp_watched = True
        self._inputs: list[float] = []
        self._window: list[Entry] = []
        self._window_value = 0.0

    def watched(self) -> tuple[str, ...]:
        """Give the types of entries that are observed now: layout shifts only once something was painted."""
        return (*WATCHED, "layout-shift") if self.cls else WATCHED

    def observe(self, kind: str, entries: list[Entry], kept: list[Entry]) -> None:
        """Take entries of one type; `kept` are all of the document so far."""
        if kind == "largest-contentful-paint":
            self._paint(entries[-1])
        elif kind == "first-input" and self.fid.watching:
            for entry in entries:
                self._input(entry)
        elif kind == "paint" and self._fcp_watched:
            self._first_paint(entries, kept)
        elif kind == "event":
            self._events(entries)
        elif kind == "layout-shift" and self.cls:
            self._shifts(entries)

    def click(self) -> None:
        """Take any click: the largest paint is final in the task after it."""
        self._later(self._stop_paints)

    def hide(self, now: float) -> None:
        """Take the page being hidden at `now`: all measures are final."""
        self._shared.hide(now)
        self._stop_paints()
        self.fid.watching = False
        if found := self._interaction():
            self.inp.value = found["latency"]
        if self.inp.value < 0 and self._shared.count > 0:
            self.inp.value = 0
        self.inp.report()
        if self.cls:
            self.cls.report()

    def _paint(self, entry: Entry) -> None:
        if self.lcp.watching and entry["startTime"] < self._shared.first_hidden:
            self.lcp.value = max(entry["startTime"], 0)

    def _stop_paints(self) -> None:
        if self._name not in self._shared.given:
            self._shared.given.add(self._name)
            self.lcp.watching = False
            self.lcp.report()

    def _input(self, entry: Entry) -> None:
        if entry["startTime"] < self._shared.first_hidden:
            self.fid.value = entry["processingStart"] - entry["startTime"]
            self._inputs.append(entry["startTime"])
            if self.fid.report():
                for start in self._inputs:
                    self._give("first_input_time", cut(start))

    def _first_paint(self, entries: list[Entry], kept: list[Entry]) -> None:
        for entry in entries:
            if entry["name"] == "first-contentful-paint":
                self._fcp_watched = False
                if entry["startTime"] < self._shared.first_hidden and self.cls is None:
                    self.cls = Measure("cumulative_layout_shift", self._give, 0)
                    if shifts := [e for e in kept if e["entryType"] == "layout-shift"]:
                        self._later(lambda: self._shifts(shifts))

    def _shifts(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.get("hadRecentInput"):
                continue
            start, window = entry["startTime"], self._window
            if self._window_value and start - window[-1]["startTime"] < WINDOW_GAP and start - window[0]["startTime"] < WINDOW:
                self._window_value += entry["value"]
                window.append(entry)
            else:
                self._window_value, self._window = entry["value"], [entry]
        if self.cls and self._window_value > self.cls.value:
            self.cls.value = self._window_value

    def _events(self, entries: list[Entry]) -> None:
        shared = self._shared
        for entry in entries:
            if name := to_number(entry.get("interactionId")):
                shared.least_id, shared.greatest_id = min(shared.least_id, name), max(shared.greatest_id, name)
                shared.count = (shared.greatest_id - shared.least_id) / ID_STEP + 1
        for entry in entries:
            if to_number(entry.get("interactionId")):
                self._interact(entry)
        if found := self._interaction():
            self.inp.value = found["latency"]

    def _interact(self, entry: Entry) -> None:
        name, latency, longest = to_number(entry["interactionId"]), entry["duration"], self._shared.interactions
        known = next((i for i in longest if i["id"] == name), None)
        if known:
            known["latency"] = max(known["latency"], latency)
        elif len(longest) < LONGEST or latency > longest[-1]["latency"]:
            longest.append({"id": name, "latency": latency})
        longest.sort(key=lambda i: -i["latency"])
        del longest[LONGEST:]

    def _interaction(self) -> dict[str, Any] | None:
        longest = self._shared.interactions
        return longest[min(len(longest) - 1, math.floor(self._shared.count / PER_PASSED))] if longest else None
