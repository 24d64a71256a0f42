"""A profile's behaviour, fitted to a log of page views: depth, pauses, persistence, returns, activity, the week, and the ways between pages.

What is fitted are the journey's own parameters, not the log's histograms: what a log shows is cut by a timeout and by the log's own beginning and
end, and pauses inside a visit that are longer than the timeout look like returns. Each part says how it allows for that.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from simulator.errors import DataError
from simulator.fidelity import mixture, pace, returning, week
from simulator.fidelity.distances import Step, continuation, transitions
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
FIRM: Final = 1_000
"""Shares of as many sessions are taken as they are; of fewer, smoothed."""
THIN: Final = 20
"""Depths that fewer sessions reach are pooled."""
PAGES: Final = 40
"""A profile has so many pages; the rest are one."""
REST: Final = "other"
_NORMAL: Final = np.vectorize(NormalDist().cdf)
DEEPER: Final = 200
"""The curve is followed so far beyond its last number."""
ROUNDS: Final = 30
MOST_GO_ON: Final = 0.99  # assumed: visits end


@dataclass(frozen=True, slots=True)
class Fit:
    """What was fitted. `entry` and `next` name pages by their number in `pages`; the last column of `next` ends the visit."""

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


def fit(events: Events, timeout: int = TIMEOUT) -> Fit:
    """Fit; raise DataError if there is too little to fit to."""
    s = cut(events, timeout)
    if len(s.length) < ENOUGH_SESSIONS or len(s.gap) < ENOUGH_GAPS:
        raise DataError(
            f"the log: found {len(s.length)} sessions with {len(s.gap)} gaps inside them; expected at least {ENOUGH_SESSIONS} and {ENOUGH_GAPS}"
        )
    pause = mixture.spread(s.gap, events.resolution) - LOAD
    some = pause >= SHORTEST
    x = np.log(np.maximum(pause, SHORTEST))
    power = pace.depth(s, x)
    x += power * np.log(s.place)  # what pauses would be on the first page
    whole = mixture.fit(x[some], timeout - LOAD, max(mixture.NARROWEST, pace.narrowest(s, x)))
    paces = pace.fit(s, x, whole, power)
    stay = pace.without(whole, paces)
    span = (int(events.time.min()), int(events.time.max()))
    beyond = _beyond(whole, power, s, timeout)
    hours, days = week.fit(s.begin, span)
    pages, entry, following = _graph(events, s)
    return Fit(
        sessions=s,
        continuation=_visits(_curve(continuation(s.length)), stay, paces, timeout - LOAD),
        stay=stay,
        pace=paces,
        returning=returning.fit(s.user, s.begin, s.end, span, timeout, beyond),
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


def _visits(share: Floats, stay: Mixture, paces: Pace, longest: float) -> list[float]:
    """Turn the shares of sessions that go on into those of visits, of which a pause longer than the timeout makes two sessions.

    With q_k the share of shorter pauses after the k-th page view (at a pace), and C_k the share of visits with at least k page views, sessions with
    at least k are in proportion E[q_1 .. q_(k-1) (C_k + (1 - q_k) (C_(k+1) + C_(k+2) + ...))] over paces: those that begin with a visit, and those
    that begin after a long pause. Solved by iteration.
    """
    z = np.linspace(-4, 4, 41)
    weight = np.exp(-(z**2) / 2)
    sigma = np.hypot(paces.user, paces.visit)
    goal = np.append(share, np.full(DEEPER, share[-1]))
    place = np.arange(1, len(goal) + 1)
    limits = longest * place**paces.depth / np.exp(sigma * z[:, None])
    q = sum(w * _NORMAL((np.log(limits) - m) / s) for w, m, s in zip(stay.weights, stay.means, stay.sigmas, strict=True))
    powers = np.cumprod(np.concatenate([np.ones((len(z), 1)), q[:, :-1]], axis=1), axis=1)
    found = goal.copy()
    for _ in range(ROUNDS):
        reached = np.concatenate([[1.0], np.cumprod(found)[:-1]])
        later = np.cumsum(reached[::-1])[::-1] - reached
        sessions = weight @ (powers * (reached + (1 - q) * later))
        shown = sessions[1:] / sessions[:-1]
        found[:-1] *= goal[:-1] / shown
        found = np.clip(found, 0.0, MOST_GO_ON)
    return [float(value) for value in found[: len(share)]]


def _curve(steps: list[Step]) -> Floats:
    """Smooth the shares that go on: those of few sessions follow a line in the logits over log k, weighted by the sessions at risk."""
    deep = max([step.k for step in steps if step.at_risk >= THIN], default=1)
    k = np.arange(1, deep + 1)
    at_risk = np.array([step.at_risk for step in steps[:deep]], np.float64)
    share = np.array([(step.went_on + 0.5) / (step.at_risk + 1) for step in steps[:deep]])
    few = at_risk < FIRM
    if few.sum() > 2:  # noqa: PLR2004 - a line needs more
        near = np.flatnonzero(few | (k >= k[few][0] - 3))
        line = np.polynomial.Polynomial.fit(np.log(k[near]), np.log(share[near] / (1 - share[near])), 1, w=np.sqrt(at_risk[near]))
        share[few] = 1 / (1 + np.exp(-line(np.log(k[few]))))
    rest = steps[deep:]
    if rest:
        share = np.append(share, sum(step.went_on for step in rest) / sum(step.at_risk for step in rest))
    return np.asarray(share)


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
