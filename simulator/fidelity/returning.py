r"""When users come back: soon after a visit, or whenever their own rate brings them.

A user with the rate l of visits of their own is still away after x with probability

    S(x) = exp(-l x) (1 - s F(x))

where s is the share of visits that another follows, and F the law of that gap. Its hazard is l + h(x): the sum of the two ways to come back, h being
constant within bins of x. Rates are lognormal among users. Maximum likelihood by EM: each return is, with probability h / (h + l), one of the first
way; a user's rate has a posterior given their returns, the time that they were away, and the time of their first visit, which in the long run has the
density S(x) / mean (Cox, Renewal theory, 1962); users who were not seen at all in the log's span are expected from the rates.
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats, Ints

HOUR: Final = 3_600_000
RATIO: Final = 1.15
"""Of neighbouring bins' ends."""
LONGEST: Final = 3 * 24.0  # hours; assumed: who comes back later does so at the own rate
ROUNDS: Final = 150
ENOUGH: Final = 1e-4
RATES: Final = 33
"""Of a grid, from TABLED sigmas below the median to TABLED above."""
TABLED: Final = 3.3  # tables of laws in play have 1,025 quantiles: the outermost are so many sigmas away
WIDEST: Final = 2.5  # assumed: sigma of the rates' logarithm is not above it


class Returning(NamedTuple):
    """The first way: its share and quantiles (ms, at equal steps from 0 to 1); the second: visits per day of one device, and sigma of its logarithm.

    `seen`: the share of such a population that the log's span shows.
    """

    share: float
    quantiles: list[float]
    per_day: float
    sigma: float
    seen: float


def fit(user: Ints, begin: Ints, end: Ints, span: tuple[int, int], timeout: int, ignored: Floats, steps: int = 100) -> Returning:
    """Fit to sessions in the order of user and time; `span` is the log's first and last ms.

    `ignored` gives, by bin (`bins`), how many gaps are none of these: pauses inside a visit that are longer than the timeout.
    """
    edges = bins(timeout)
    users = int(user.max()) + 1
    last = np.append(user[1:] != user[:-1], True)
    away = np.where(last, span[1] - end, np.append(begin[1:], span[1]) - end) / HOUR
    first = np.append(True, last[:-1])
    wait = (begin[first] - span[0]) / HOUR
    window = (span[1] - span[0]) / HOUR
    inside = np.clip(away[:, None] - edges[:-1], 0, np.diff(edges))
    at_risk = inside.sum(0)
    place = np.searchsorted(edges, away, "right") - 1
    came = ~last & (place >= 0) & (place < len(edges) - 1)
    returns = np.zeros((users, len(edges) - 1))
    np.add.at(returns, (user[came], place[came]), 1)
    late = np.bincount(user[~last & ~came], minlength=users)
    exposure = np.bincount(user, away, minlength=users)

    h = returns.sum(0) / at_risk.clip(1e-9) / 2
    mean, sigma = float(np.log(0.3 * users / window / users + 1e-9)), 1.0
    spread = np.linspace(-TABLED, TABLED, RATES)
    before = -np.inf
    for _ in range(ROUNDS):
        z = mean + sigma * spread
        rate = np.exp(z)
        prior = np.exp(-(spread**2) / 2)
        prior /= prior.sum()
        unseen, long_run = _unseen(edges, h, rate, window)
        ways = np.log(h[:, None] + rate)
        log_posterior = np.log(prior) - np.log(long_run) + returns @ ways + late[:, None] * z - np.outer(exposure + wait, rate)
        top = log_posterior.max(1, keepdims=True)
        posterior = np.exp(log_posterior - top)
        total = posterior.sum(1, keepdims=True)
        seen = float(1 - prior @ unseen)
        h_wait = _cumulative(edges, h, wait)
        likelihood = float((top + np.log(total)).sum() - h_wait.sum() - (at_risk * h).sum()) - users * np.log(seen)
        posterior /= total
        soon = (returns * (posterior @ (h[:, None] / (h[:, None] + rate)).T)).sum(0) if len(h) else h
        weight = posterior.sum(0) + users * prior * unseen / seen
        mean = float(weight @ z / weight.sum())
        sigma = float(min(np.sqrt(weight @ (z - mean) ** 2 / weight.sum()), WIDEST))
        h = np.maximum(soon - ignored, 0) / at_risk.clip(1e-9)
        if abs(likelihood - before) < ENOUGH * users / 1_000:
            break
        before = likelihood
    gone = np.concatenate([[0.0], 1 - np.exp(-np.cumsum(h * np.diff(edges)))])
    share = float(gone[-1])
    at = np.interp(np.linspace(0, share, steps + 1), gone, edges) if share else np.full(steps + 1, edges[0])
    return Returning(share, [float(hours * HOUR) for hours in at], 24 * float(prior @ np.exp(mean + sigma * spread)), sigma, seen)


def bins(timeout: int) -> Floats:
    """Give the ends of the bins, in hours, from the timeout on."""
    low = timeout / HOUR
    count = int(np.ceil(np.log(LONGEST / low) / np.log(RATIO)))
    return low * (LONGEST / low) ** (np.arange(count + 1) / count)


def _cumulative(edges: Floats, h: Floats, x: Floats) -> Floats:
    return np.asarray(np.interp(x, edges, np.concatenate([[0.0], np.cumsum(h * np.diff(edges))])))


def _unseen(edges: Floats, h: Floats, rate: Floats, window: float) -> tuple[Floats, Floats]:
    """Give, by rate, the probability to be away during all of the window, and the mean time between visits."""
    x = np.concatenate([[0.0], np.geomspace(edges[0] / 4, max(window, edges[-1]), 240)])
    x = np.unique(np.append(x, window))
    survive = np.exp(-np.outer(x, rate) - _cumulative(edges, h, x)[:, None])
    area = (survive[1:] + survive[:-1]) / 2 * np.diff(x)[:, None]
    tail = survive[-1] / rate
    whole = area.sum(0) + tail
    after = area[x[:-1] >= window].sum(0) + tail
    return after / whole, whole
