"""A profile's behaviour, fitted to a log of page views: depth, pauses, persistence, returns, activity, the week, and the ways between pages.

What is fitted are the journey's own parameters, not the log's histograms: what a log shows is cut by a timeout and by the log's own beginning and
end, and pauses inside a visit that are longer than the timeout look like returns. Each part says how it allows for that.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.errors import DataError
from simulator.fidelity import depth, graph, intervals, left, returning, stays, week
from simulator.fidelity.distances import continuation
from simulator.fidelity.events import Events, Floats
from simulator.fidelity.graph import Graph
from simulator.fidelity.intervals import Clock
from simulator.fidelity.left import Left
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.pace import Pace
from simulator.fidelity.returning import Returning
from simulator.fidelity.sessions import HOUR, HOURS, TIMEOUT, Sessions, cut
from simulator.fidelity.stays import LOAD, SHORTEST
from simulator.fidelity.zones import Hours, hours_of

ENOUGH_SESSIONS: Final = 200
ENOUGH_GAPS: Final = 100
LOADS: Final = 20
"""Steps of the law of a page's load."""
ROUNDS: Final = 2
"""Returns and the week are fitted in turns, where countries say by whose hours people live; elsewhere returns know of no hours."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted; `stays` and `loads` by page of `graph`.

    `hours` and `days`: 24 and 7 weights, or 168 and none, of `zones`. `loads`: quantiles (ms) at equal steps. `left`: what visits leave
    open. None: the log does not say. `sampled`: the share of visits that the log has.
    """

    sessions: Sessions
    continuation: list[float]
    stay: Mixture
    stays: list[Mixture]
    loads: list[list[float] | None]
    pace: Pace
    returning: Returning
    left: Left | None
    zones: Hours
    hours: Floats
    days: Floats
    graph: Graph
    views: int
    span: tuple[int, int]
    resolution: int
    timeout: int
    sampled: float


def fit(events: Events, timeout: int = TIMEOUT, source: str = "the log", sampled: float = 1.0) -> Fit:
    """Fit to a log, which messages call `source` and which has a share `sampled` of all sessions; raise DataError if it says too little."""
    anew = left.opened(events)
    s = cut(events, timeout, anew)
    if len(s.length) < ENOUGH_SESSIONS or len(s.gap) < ENOUGH_GAPS:
        raise DataError(
            f"{source}: found {len(s.length)} sessions with {len(s.gap)} gaps inside them; expected at least {ENOUGH_SESSIONS} and {ENOUGH_GAPS}"
        )
    if events.span <= timeout:
        raise DataError(f"{source}: found {events.span / 60_000:g} min from the first page view to the last; expected more than {timeout / 60_000:g}")
    ways = graph.fit(events, s)
    pauses = stays.pauses(events, s, graph.starts(s), ways.place)
    if pauses.some.sum() < ENOUGH_GAPS:
        raise DataError(f"{source}: found {pauses.some.sum()} gaps of {(LOAD + SHORTEST) / 1_000:g} s or more; expected at least {ENOUGH_GAPS}")
    stay = stays.fit(s, pauses, len(ways.pages), timeout - LOAD)
    span = (int(events.time.min()), int(events.time.max()))
    goes_on = depth.visits(depth.curve(continuation(s.length)), stay.law, stay.pace, timeout - LOAD)
    open_ = None if anew is None else left.fit(events, s, anew, ways, goes_on[0])
    zones = hours_of(events, s.user, s.begin, span)
    beyond = _beyond(stay.whole, stay.pace.depth, s, timeout)
    seen = sampled if open_ is None else sampled / (1 + open_.unseen)
    begin, spans = s.begin + zones.zone[s.user], zones.spans(span)
    hours, days = week.margins(begin, spans)
    for _ in range(ROUNDS if zones.countries else 1):
        clock = Clock(week.table(hours, days) if zones.countries else np.ones(HOURS), zones.zone)
        found = intervals.between(s, span, timeout, clock, beyond, open_)
        back = returning.fit(found, seen, 0.0 if open_ is None else timeout / HOUR)
        hours, days = week.fit(s.user, begin, spans, 1 - 1 / back.chain, back.gaps)
    return Fit(
        sessions=s,
        continuation=goes_on,
        stay=stay.law,
        stays=stay.pages,
        loads=[_loads(events, ways, i) for i in range(len(ways.pages))],
        pace=stay.pace,
        returning=back,
        left=open_,
        zones=zones,
        hours=hours,
        days=days,
        graph=ways,
        views=len(events.time),
        span=span,
        resolution=events.resolution,
        timeout=timeout,
        sampled=sampled,
    )


def _beyond(whole: Mixture, power: float, s: Sessions, timeout: int) -> Floats:
    """Give how many pauses inside visits were too long for the timeout and look like returns, by bin of their length."""
    ends = intervals.bins(timeout)
    found = np.zeros(len(ends) - 1)
    for k, count in enumerate(np.bincount(s.place)):
        if count:
            below = [whole.below(hour * HOUR * k**power) for hour in ends]
            found += count * np.diff(below) / below[0]
    return found


def _loads(events: Events, ways: Graph, page: int) -> list[float] | None:
    if events.load is None:
        return None
    told = events.load[(events.load >= 0) & (True if events.page is None else ways.place[events.page] == page)]
    return [float(value) for value in np.quantile(told, np.linspace(0, 1, LOADS + 1))] if len(told) >= ENOUGH_GAPS else None
