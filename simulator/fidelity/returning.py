r"""When users come back: soon after a visit, or whenever their own rate brings them.

A user with the rate l of visits of their own, whose clock X runs by the weekly curve c (intervals.py), is still away after x with probability

    S(x) = exp(-l X) (1 - s F(x))

where s is the share of visits that another follows, and F the law of that gap; s is one of two: that of regulars, or that of the others. Rates are
lognormal among users. Maximum likelihood by EM (Dempster, Laird and Rubin 1977): what ends an interval in a bin of x is a visit that follows, one of
the user's own, or no visit at all but a long pause, whose hazard h is known, in the proportions

    s f  :  l c (1 - s F)  :  h (1 - s F);

of pauses that are not counted but expected from the law of pauses, which says little so far beyond what it was fitted to, only that part of what
follows is taken out in each round;

a return that was still to come when something else happened is spread over the later bins; a user's rate and class have a posterior given their
returns, the time that they were away, and the time of their first visit, which in the long run has the density S(x) / mean (Cox, Renewal theory,
1962); users who were not seen at all in the log's span are expected from the rates.

A log that has a share q of visits at random has q times their number, and of them q s / (1 - (1 - q) s) that another follows; those within one
timeout are missing together with the visit before them.
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats
from simulator.fidelity.intervals import LEVELS, LONGEST, Intervals
from simulator.fidelity.sessions import HOUR

ROUNDS: Final = 80
ENOUGH: Final = 1e-3
"""Rounds end when the log-likelihood of a thousand users changes by less."""
ENDS: Final = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, LONGEST)
"""Hours at which the law of gaps may end; a longer one begins from a shorter, and not the other way round: a long law can do without own visits."""
NEW: Final = 0.05
"""Share with which new bins of a law begin."""
LEAST: Final = np.array([0.02, 0.2])
"""Shares with which they begin: where nothing comes back sooner there is none to begin with."""
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
        return _chain(self.regulars, self.share, self.regular_share)

    @property
    def gaps(self) -> Floats:
        """Values of the gap's law (ms), of equal weight."""
        return np.interp((np.arange(GAPS) + 0.5) / GAPS, np.linspace(0, 1, len(self.quantiles)), self.quantiles)


def _chain(regulars: float, share: float, regular_share: float) -> float:
    return (1 - regulars) / (1 - share) + regulars / (1 - regular_share)


class _Guess(NamedTuple):
    """What EM improves: the law of gaps by bin, the shares of others and regulars, mean and sigma of the logarithm of rates."""

    p: Floats
    shares: Floats
    regulars: float
    mean: float
    sigma: float
    likelihood: float = -np.inf
    seen: float = 1.0


def fit(found: Intervals, sampled: float = 1.0, soonest: float = 0.0, steps: int = 100) -> Returning:
    """Fit to the intervals of a log that has a share `sampled` of all visits; those within `soonest` hours of another are sampled with it.

    The law of gaps ends where more of it is not worth its bins (Akaike 1974): bins of noise alone would each have some share. Where users' hours are
    not known it has all bins, since it has to hold what hours do.
    """
    edges = found.edges
    best = _Guess(np.zeros(len(edges) - 1), np.array([0.15, 0.5]), 0.2, float(np.log(0.3 / found.window)), 1.0)
    worth, guess = -np.inf, best
    for end in ENDS if found.timed else (LONGEST,):
        bins = max(int(np.searchsorted(edges, end * 1.001)) - 1, 1)
        guess = _improve(found, guess, bins)
        if guess.likelihood - bins > worth:
            best, worth = guess, guess.likelihood - bins
    p, shares, regulars, mean, sigma, _, seen = best
    spread, prior = _rates()
    followed = float(np.array([1 - regulars, regulars]) @ shares)
    shown = np.where(edges[1:] <= soonest, 1.0, sampled / (1 - (1 - sampled) * min(followed / sampled, MOST))) * found.told
    p, more = p / shown / (p / shown).sum(), float((p / shown).sum())
    low, high = np.minimum(shares * more, MOST)
    merged = followed * float((p * more * (1 - found.told)) @ (edges[1:] <= soonest))  # of visits, those that are taken for a part of the one before
    whole = np.concatenate([[0.0], np.cumsum(p)])
    last = int(np.flatnonzero(p)[-1]) + 2
    at = np.interp(np.linspace(0, 1, steps + 1), whole[:last] / whole[-1], edges[:last])
    visits = 24 * float(prior @ np.exp(mean + sigma * spread)) * _chain(regulars, *shares) / sampled / (1 - merged)
    per_day = visits / _chain(regulars, float(low), float(high))
    return Returning(float(low), regulars, float(high), [float(hours * HOUR) for hours in at], per_day, sigma, seen)


def _rates() -> tuple[Floats, Floats]:
    spread = np.linspace(-TABLED, TABLED, RATES)
    prior = np.exp(-(spread**2) / 2)
    return spread, prior / prior.sum()


def _improve(found: Intervals, guess: _Guess, bins: int) -> _Guess:
    """Do rounds of EM until they change nothing; the law of gaps has the first `bins` bins."""
    edges, users, n = found.edges, len(found.wait), len(found.edges) - 1
    width = np.diff(edges)
    hazard = found.pauses / found.at_risk.clip(1) / width
    real = 1 - np.minimum(found.expected / np.bincount(found.cell // LEVELS, minlength=n).clip(1), 1.0)
    told = found.told / found.told[-1]
    first = np.flatnonzero(np.diff(found.user, prepend=-1))
    came = found.user[first]  # those who have returned
    by_cell = np.argsort(found.cell, kind="stable")
    turn = np.flatnonzero(np.diff(found.cell[by_cell], prepend=-1))
    cells = found.cell[by_cell][turn]
    spread, prior = _rates()
    p, shares, regulars, mean, sigma, _, seen = guess
    count = np.maximum(np.bincount(found.cell // LEVELS, minlength=n) * real - found.pauses, 0) + 1.0
    p = p + np.where((p == 0) & (np.arange(n) < bins), count / count[:bins].sum() * (NEW if p.any() else 1.0), 0.0)
    shares, regulars = np.maximum(shares, LEAST), max(regulars, LEAST[0])
    p /= p.sum()
    before = -np.inf
    for _ in range(ROUNDS):
        z = mean + sigma * spread
        rate = np.exp(z)
        whole = np.concatenate([[0.0], np.cumsum(p)])
        middle, at_wait = (whole[1:] + whole[:-1]) / 2, np.interp(found.wait, edges, whole)
        weights = np.outer([1 - regulars, regulars], prior)
        log_posterior = np.empty((users, 2, RATES))
        unseen = np.empty((2, RATES))
        follows = np.empty((2, n * LEVELS, RATES))
        for c, s in enumerate(shares):
            unseen[c], long_run = _unseen(edges, whole * s, rate, found.window)
            left = 1 - s * middle
            soon = (s * p / width)[:, None, None]
            both = soon + (left * told)[:, None, None] * found.levels[:, None] * rate + (left * hazard)[:, None, None]
            follows[c] = (soon / both).reshape(-1, RATES)
            still = np.log(1 - s * np.concatenate([[0.0], middle, [1.0]]))
            alone = np.repeat((still[found.rest] + found.late * np.log(1 - s) + np.log(1 - s * at_wait))[:, None], RATES, axis=1)
            if len(first):
                alone[came] += np.add.reduceat(np.log(both).reshape(-1, RATES)[found.cell], first)
            log_posterior[:, c] = np.log(weights[c]) - np.log(long_run) + alone + found.late[:, None] * z - np.outer(found.exposure, rate)
        top = log_posterior.max((1, 2), keepdims=True)
        posterior = np.exp(log_posterior - top)
        total = posterior.sum((1, 2), keepdims=True)
        seen = float(1 - (weights * unseen).sum())
        likelihood = float((top + np.log(total)).sum()) - users * np.log(seen)
        posterior /= total
        if abs(likelihood - before) < ENOUGH * users / 1_000:
            break
        before = likelihood
        mass = np.zeros(n)
        new = np.empty(2)
        for c, s in enumerate(shares):
            own_posterior = posterior[:, c]
            by_bin = np.zeros((n * LEVELS, RATES))
            if len(cells):
                by_bin[cells] = np.add.reduceat(own_posterior[found.user[by_cell]], turn)
            person = own_posterior.sum(1)
            direct, other = ((by_bin * share).sum(1).reshape(n, LEVELS).sum(1) for share in (follows[c], 1 - follows[c]))
            rest = np.bincount(found.rest, person, minlength=n + 2)
            direct *= real
            other = np.concatenate([[0.0], other]) + rest[:-1]
            reached = np.concatenate([[0.0], middle])
            pending = other * s * (1 - reached) / (1 - s * reached)
            carried = np.cumsum(pending / (1 - reached).clip(1e-9))[:-1] * p
            intervals = direct.sum() + other.sum() + float(person @ found.late) + rest[-1]
            new[c] = min((direct.sum() + pending.sum()) / max(intervals, 1e-9), MOST)
            mass += direct + carried
        shares = new
        p = mass / mass.sum() if mass.sum() else p
        people = posterior.sum(0) + users * weights * unseen / seen
        regulars = float(np.clip(people[1].sum() / people.sum(), 1e-4, 1 - 1e-4))
        weight = people.sum(0)
        mean = float(weight @ z / weight.sum())
        sigma = float(min(np.sqrt(weight @ (z - mean) ** 2 / weight.sum()), WIDEST))
    return _Guess(p, shares, regulars, mean, sigma, likelihood, seen)


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
