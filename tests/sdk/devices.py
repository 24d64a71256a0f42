"""What the SDK's tests share: a device that is driven as play drives one, recording all that leaves it; and the core with edits in its source."""

import ast
import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from simulator.kernel.rnd import LOW, rnd, threshold
from simulator.profile.editions import EDITIONS
from simulator.schema.records import Stimulus
from simulator.schema.words import BACKGROUND, CLICK, CLOSE, CONFIG, FOREGROUND, HIDE, LAUNCH, NAVIGATE, NEVER, SHOW, TAP, TERMINATE, UNTRUSTED
from simulator.sdk import held, outbox, probes, remote, session, timers
from simulator.sdk.state import Limits, Outbox, Screen, Store

Edits = tuple[tuple[str, str, str], ...]
"""Part of the core, text, other text."""
HOME, LIST, CART = 11, 25, 7
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
START = 10 * DAY + 7
PARTS = {"timers": timers, "session": session, "held": held, "outbox": outbox, "remote": remote, "probes": probes}
"""The core's files, each after those that it imports."""
EDITIONS_OF = {
    "anywhere": ("ios-documented", "android-documented", "web-documented", "miniprogram-documented"),
    "phone": ("ios-documented", "android-documented"),
    "browser": ("web-documented", "miniprogram-documented"),
    "website": ("web-documented",),
    "miniprogram": ("miniprogram-documented",),
    "real": ("web-0.0.37",),
}
"""Fixtures that make devices, and the editions of these."""


class Core(NamedTuple):
    """The functions that play calls."""

    feed: Callable[..., int]
    wake: Callable[..., int]
    settle: Callable[..., None]
    parts: dict[str, dict[str, Any]]
    """All functions, by module and name."""


class Left(NamedTuple):
    """An event that has left the outbox, and when."""

    at: int
    kind: int
    fate: int
    session: int
    number: int
    stamp: int
    page: int
    previous: int
    shown: int
    span: int
    key: int
    aux: int
    times: int
    view: tuple[int, int]
    """Number and page of the page view that the payload names."""


class Device:
    """A device in play. At one instant its timer precedes what happens to it."""

    def __init__(self, core: Core, edition: str, *, key: int = 1, rate: float = 1.0, **limits: int) -> None:
        """Begin with nothing stored. `limits` replace numbers of the edition; a `rate` of type int is a threshold of the draws."""
        rules = {name: rule.value for name, rule in EDITIONS[edition].rules.items()} | limits
        self.core, self.edition = core, EDITIONS[edition]
        self.limits = Limits(**rules, rate=threshold_of(rate))
        self.store, self.screen, self.box = Store(key=key), Screen(), Outbox()
        self.mobile = self.edition.platform in ("ios", "android")
        self.away, self.back, self.end = (BACKGROUND, FOREGROUND, TERMINATE) if self.mobile else (HIDE, SHOW, CLOSE)
        self.now = 0
        self.left: list[Left] = []

    def do(self, at: int, kind: int, key: int | None = None, *, since: int | None = None, aux: int = 0, ref: int = 0) -> None:
        """Let something happen at a time, after the timers that are due. Without a key, a press is one of an element that is reported."""
        self.wait(at)
        key = int(kind in (CLICK, TAP, UNTRUSTED)) if key is None else key
        self.core.feed(self.store, self.screen, self.box, self.limits, Stimulus(at, kind, key, aux, ref, at if since is None else since))
        self._take(at)

    def open(self, at: int, page: int = HOME) -> None:
        """Begin a process or a visit, on a page."""
        self.do(at, LAUNCH)
        self.do(at, NAVIGATE, page)

    def configure(self, at: int, rate: float) -> None:
        """Let a remote configuration with a sample rate come."""
        self.do(at, CONFIG, since=threshold_of(rate))

    def wait(self, until: int) -> None:
        """Let time pass, up to an instant and with the timers of it."""
        assert until >= self.now
        fired = 0
        while self.box.next_at <= until:
            at = self.box.next_at
            fired += 1
            assert fired < 10_000, "the timers fire for nothing, again and again"
            self.now = max(self.now, at)
            self.core.wake(self.store, self.screen, self.box, self.limits, at)
            self._take(self.now)
        self.now = until

    def drain(self) -> list[Left]:
        """Let the timer fire, if it runs, and give all that has left."""
        if self.box.next_at < NEVER:
            self.wait(self.box.next_at)
        return self.left

    def sessions(self) -> list[int]:
        """List the session of each event that has left, the present queue included."""
        return [e.session for e in self.drain()]

    def _take(self, at: int) -> None:
        view = self.box.sent_shown, self.box.sent_page
        for e in self.box.queue[: self.box.done]:
            told = e.kind, e.fate, e.session, e.number, e.stamp, e.page, e.previous, e.shown, e.span, e.key, e.aux, e.times
            self.left.append(Left(at, *told, view))
        self.core.settle(self.box)


Make = Callable[..., Device]
"""Makes a device, given what `Device` takes beside its core and edition."""


def opened(make: Make, **settings: Any) -> Device:
    """Make a device whose app or page opens at START on the home page."""
    device: Device = make(**settings)
    device.open(START)
    return device


def draw_of(key: int, session: int) -> int:
    """Give the draw that decides on a session of a device: it is sampled if the draw lies below the rate."""
    return rnd(key, session) & LOW


def threshold_of(rate: float) -> int:
    """Give the threshold of a rate; what is of type int is one."""
    return rate if isinstance(rate, int) else threshold(rate)


def edit(part: str, old: str, new: str) -> Edits:
    """Write a wrong core of one edit; more of them are added up."""
    return ((part, old, new),)


@cache
def core_with(*edits: tuple[str, str, str]) -> Core:
    """Build the core out of its sources with edits; each text must occur exactly once."""
    made: dict[str, dict[str, Any]] = {}
    for part, module in PARTS.items():
        source = inspect.getsource(module)
        for where, old, new in edits:
            if where == part:
                assert source.count(old) == 1, f"found {source.count(old)} times in {part}: {old}"
                source = source.replace(old, new)
        names: dict[str, Any] = {"__name__": f"edited.{part}"}
        rest = []
        for node in ast.parse(source).body:
            if isinstance(node, ast.ImportFrom) and node.module in made:
                names |= {alias.asname or alias.name: made[node.module][alias.name] for alias in node.names}
            else:
                rest.append(node)
        exec(compile(ast.Module(rest, []), f"<{part}, edited>", "exec"), names)
        made[module.__name__] = names
    return core_of(made)


def core_of(parts: dict[str, dict[str, Any]]) -> Core:
    """Give a core by its parts."""
    return Core(parts[probes.__name__]["feed"], parts[probes.__name__]["wake"], parts[outbox.__name__]["settle"], parts)
