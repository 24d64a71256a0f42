r"""When users come back: soon after a visit, or whenever their own rate brings them.

A user with the rate l of visits of their own is still away after x with probability

    S(x) = exp(-l x) (1 - s F(x))

where s is the share of visits that another follows, and F the law of that gap; s is one of two: that of regulars, or that of the others. Rates are
lognormal among users. Maximum likelihood by EM (Dempster, Laird and Rubin 1977): a return in a bin of x is one that follows with probability
s f / (s f + l (1 - s F)); one that was still to come when something else happened is spread over the later bins; a user's rate and class have a
posterior given their returns, the time that they were away, and the time of their first visit, which in the long run has the density S(x) / mean
(Cox, Renewal theory, 1962); users who were not seen at all in the log's span are expected from the rates.
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats, Ints

HOUR: Final = 3_600_000
RATIO: Final = 1.15
"""Of neighbouring bins' ends."""
LONGEST: Final = 8 * 24.0  # hours; assumed: who comes back later does so at the own rate
ROUNDS: Final = 80
ENOUGH: Final = 1e-4
RATES: Final = 21
"""Of a grid, from TABLED sigmas below the median to TABLED above."""
TABLED: Final = 3.3  # tables of laws in play have 1,025 quantiles: the outermost are so many sigmas away
WIDEST: Final = 2.5  # assumed: sigma of the rates' logarithm is not above it
GAPS: Final = 2_000
MOST: Final = 0.95
"""A profile's shares are not above it."""


class Returning(NamedTuple):
    """The first way: shares and quantiles (ms, at equal steps from 0 to 1); the second: visits per day of one device, and sigma of its logarithm.

    `regulars` is the share of people whose visits are followed by another with `regular_share`; `seen` that of the population that the span shows.
    """

    share: float
    regulars: float
    regular_share: float
    quantiles: list[float]
    per_day: float
    sigma: float
    seen: float

    @property
    def chain(self) -> float:
        """How many visits come of one that comes on its own, over all people."""
        return (1 - self.regulars) / (1 - self.share) + self.regulars / (1 - self.regular_share)

    @property
    def gaps(self) -> Floats:
        """Values of the gap's law (ms), of equal weight."""
        return np.interp((np.arange(GAPS) + 0.5) / GAPS, np.linspace(0, 1, len(self.quantiles)), self.quantiles)


def fit(user: Ints, begin: Ints, end: Ints, span: tuple[int, int], timeout: int, ignored: Floats, steps: int = 100) -> Returning:
    """Fit to sessions in the order of user and time; `span` is the log's first and last ms.

    `ignored` gives, by bin (`bins`), how many gaps are none of these: pauses inside a visit that are longer than the timeout.
    """
    edges = bins(timeout)
    width = np.diff(edges)
    n = len(width)
    users = int(user.max()) + 1
    last = np.append(user[1:] != user[:-1], True)
    away = np.where(last, span[1] - end, np.append(begin[1:], span[1]) - end) / HOUR
    first = np.append(True, last[:-1])
    wait = (begin[first] - span[0]) / HOUR
    window = (span[1] - span[0]) / HOUR
    place = np.searchsorted(edges, away, "right") - 1
    came = ~last & (place >= 0) & (place < n)
    cut_off = last & (place < n)
    returns, ended = np.zeros((users, n)), np.zeros((users, n + 1))
    np.add.at(returns, (user[came], place[came]), 1)
    np.add.at(ended, (user[cut_off], place[cut_off] + 1), 1)  # the first column: before the timeout
    late = np.bincount(user[~last & ~came], minlength=users)
    gone = np.bincount(user[last & ~cut_off], minlength=users)
    exposure = np.bincount(user, away, minlength=users) + wait
    real = 1 - np.minimum(ignored / returns.sum(0).clip(1), 1.0)

    p = (returns.sum(0) * real + 1e-3) / (returns.sum() + 1e-3 * n)
    shares, regulars = np.array([0.15, 0.5]), 0.2
    mean, sigma = float(np.log(0.3 / window)), 1.0
    spread = np.linspace(-TABLED, TABLED, RATES)
    prior = np.exp(-(spread**2) / 2)
    prior /= prior.sum()
    before = -np.inf
    for _ in range(ROUNDS):
        z = mean + sigma * spread
        rate = np.exp(z)
        whole = np.concatenate([[0.0], np.cumsum(p)])
        middle, at_wait = (whole[1:] + whole[:-1]) / 2, np.interp(wait, edges, whole)
        weights = np.outer([1 - regulars, regulars], prior)
        log_posterior = np.empty((users, 2, RATES))
        unseen = np.empty((2, RATES))
        follows = np.empty((2, n, RATES))
        for c, s in enumerate(shares):
            unseen[c], long_run = _unseen(edges, whole * s, rate, window)
            soon, own = (s * p / width)[:, None] + np.zeros(RATES), np.outer(1 - s * middle, rate)
            follows[c] = soon / (soon + own)
            still = np.log(1 - s * np.concatenate([[0.0], middle]))
            alone = returns @ np.log(soon + own) + (ended @ still + (late + gone) * np.log(1 - s) + np.log(1 - s * at_wait))[:, None]
            log_posterior[:, c] = np.log(weights[c]) - np.log(long_run) + alone + late[:, None] * z - np.outer(exposure, rate)
        top = log_posterior.max((1, 2), keepdims=True)
        posterior = np.exp(log_posterior - top)
        total = posterior.sum((1, 2), keepdims=True)
        seen = float(1 - (weights * unseen).sum())
        likelihood = float((top + np.log(total)).sum()) - users * np.log(seen)
        posterior /= total
        mass = np.zeros(n)
        for c, s in enumerate(shares):
            own_posterior = posterior[:, c]
            by_bin = returns.T @ own_posterior
            direct = (by_bin * follows[c]).sum(1) * real
            person = own_posterior.sum(1)
            other = np.concatenate([[0.0], (by_bin * (1 - follows[c])).sum(1)]) + person @ ended
            reached = np.concatenate([[0.0], middle])
            pending = other * s * (1 - reached) / (1 - s * reached)
            carried = np.cumsum(pending / (1 - reached).clip(1e-9))[:-1] * p
            intervals = direct.sum() + other.sum() + float(person @ (late + gone))
            shares[c] = min((direct.sum() + pending.sum()) / max(intervals, 1e-9), MOST)
            mass += direct + carried
        p = mass / mass.sum() if mass.sum() else p
        people = posterior.sum(0) + users * weights * unseen / seen
        regulars = float(np.clip(people[1].sum() / people.sum(), 1e-4, 1 - 1e-4))
        weight = people.sum(0)
        centre = float(weight @ z / weight.sum())
        sigma = float(min(np.sqrt(weight @ (z - centre) ** 2 / weight.sum()), WIDEST))
        mean = centre
        if abs(likelihood - before) < ENOUGH * users / 1_000:
            break
        before = likelihood
    whole = np.concatenate([[0.0], np.cumsum(p)])
    at = np.interp(np.linspace(0, whole[-1], steps + 1), whole, edges)
    per_day = 24 * float(prior @ np.exp(mean + sigma * spread))
    return Returning(float(shares[0]), regulars, float(shares[1]), [float(hours * HOUR) for hours in at], per_day, sigma, seen)


def bins(timeout: int) -> Floats:
    """Give the ends of the bins, in hours, from the timeout on."""
    low = timeout / HOUR
    count = int(np.ceil(np.log(LONGEST / low) / np.log(RATIO)))
    return low * (LONGEST / low) ** (np.arange(count + 1) / count)


def _unseen(edges: Floats, followed: Floats, rate: Floats, window: float) -> tuple[Floats, Floats]:
    """Give, by rate, the probability to be away during all of the window, and the mean time between visits; `followed` is s F at the edges."""
    x = np.concatenate([[0.0], np.geomspace(edges[0] / 4, max(window, edges[-1]), 240)])
    x = np.unique(np.append(x, window))
    survive = np.exp(-np.outer(x, rate)) * (1 - np.interp(x, edges, followed))[:, None]
    area = (survive[1:] + survive[:-1]) / 2 * np.diff(x)[:, None]
    tail = survive[-1] / rate
    whole = area.sum(0) + tail
    after = area[x[:-1] >= window].sum(0) + tail
    return after / whole, whole
