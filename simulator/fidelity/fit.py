"""A profile's behaviour, fitted to a log of page views: depth, pauses, persistence, returns, activity, the week, and the ways between pages.

What is fitted are the journey's own parameters, not the log's histograms: what a log shows is cut by a timeout and by the log's own beginning and
end, and pauses inside a visit that are longer than the timeout look like returns. Each part says how it allows for that.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.errors import DataError
from simulator.fidelity import depth, mixture, pace, returning, week
from simulator.fidelity.distances import continuation, transitions
from simulator.fidelity.events import Events, Floats
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.pace import Pace
from simulator.fidelity.returning import HOUR, Returning
from simulator.fidelity.sessions import TIMEOUT, Sessions, cut

LOAD: Final = 300  # assumed: ms from a navigation to the page's load; part of every gap
SHORTEST: Final = 200.0
"""Pauses (ms) below it are left out of the fit: reloads and double clicks, about 1 % of the readers' gaps."""
ENOUGH_SESSIONS: Final = 200
ENOUGH_GAPS: Final = 100
PAGES: Final = 40
"""A profile has so many pages; the rest are one."""
REST: Final = "other"


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted. `entry` and `next` name pages by their number in `pages`; the last column of `next` ends the visit.

    `hours` and `days`: 24 and 7 weights, or 168 and none.
    """

    sessions: Sessions
    continuation: list[float]
    stay: Mixture
    pace: Pace
    returning: Returning
    hours: Floats
    days: Floats
    pages: list[str]
    entry: Floats
    next: Floats
    views: int
    span: tuple[int, int]
    resolution: int
    timeout: int


def fit(events: Events, timeout: int = TIMEOUT, source: str = "the log") -> Fit:
    """Fit to a log, which messages call `source`; raise DataError if there is too little to fit to."""
    s = cut(events, timeout)
    if len(s.length) < ENOUGH_SESSIONS or len(s.gap) < ENOUGH_GAPS:
        raise DataError(
            f"{source}: found {len(s.length)} sessions with {len(s.gap)} gaps inside them; expected at least {ENOUGH_SESSIONS} and {ENOUGH_GAPS}"
        )
    if events.span <= timeout:
        raise DataError(f"{source}: found {events.span / 60_000:g} min from the first page view to the last; expected more than {timeout / 60_000:g}")
    pause = mixture.spread(s.gap, events.resolution) - LOAD
    some = pause >= SHORTEST
    if some.sum() < ENOUGH_GAPS:
        raise DataError(f"{source}: found {some.sum()} gaps of {(LOAD + SHORTEST) / 1_000:g} s or more; expected at least {ENOUGH_GAPS}")
    x = np.log(np.maximum(pause, SHORTEST))
    power = pace.depth(s, x)
    x += power * np.log(s.place)  # what pauses would be on the first page
    whole = mixture.fit(x[some], timeout - LOAD, max(mixture.NARROWEST, pace.narrowest(s, x)))
    paces = pace.fit(s, x, whole, power)
    stay = pace.without(whole, paces)
    span = (int(events.time.min()), int(events.time.max()))
    beyond = _beyond(whole, power, s, timeout)
    back = returning.fit(s.user, s.begin, s.end, span, timeout, beyond)
    hours, days = week.fit(s.user, s.begin, span, 1 - 1 / back.chain, back.gaps)
    pages, entry, following = _graph(events, s)
    return Fit(
        sessions=s,
        continuation=depth.visits(depth.curve(continuation(s.length)), stay, paces, timeout - LOAD),
        stay=stay,
        pace=paces,
        returning=back,
        hours=hours,
        days=days,
        pages=pages,
        entry=entry,
        next=following,
        views=len(events.time),
        span=span,
        resolution=events.resolution,
        timeout=timeout,
    )


def _beyond(whole: Mixture, power: float, s: Sessions, timeout: int) -> Floats:
    """Give how many pauses inside visits were too long for the timeout and look like returns, by bin of their length."""
    found = np.zeros(len(returning.bins(timeout)) - 1)
    for k, count in enumerate(np.bincount(s.place)):
        if count:
            below = [whole.below(hour * HOUR * k**power) for hour in returning.bins(timeout)]
            found += count * np.diff(below) / below[0]
    return found


def _graph(events: Events, s: Sessions) -> tuple[list[str], Floats, Floats]:
    """Give the commonest pages, where visits begin, and where each page leads, the last column being the end."""
    if events.page is None:
        return ["page"], np.ones(1), np.array([[0.5, 0.5]])
    table = transitions(s, len(events.pages))
    order = np.argsort(-table[:-1].sum(1), kind="stable")
    kept = order[:PAGES]
    names = [events.pages[i] for i in kept]
    place = np.full(len(events.pages) + 1, len(kept))
    place[kept] = np.arange(len(kept))
    if len(order) > len(kept):
        names.append(REST)
    place[-1] = len(names)
    folded = np.zeros((len(names) + 1, len(names) + 1))
    np.add.at(folded, (place[:, None], place[None, :]), table)
    folded[:-1, -1] += 1  # from every page a visit can end
    return names, folded[-1, :-1] / folded[-1, :-1].sum(), folded[:-1] / folded[:-1].sum(1, keepdims=True)
