r"""How far two sets of sessions are apart, and the single figures in which they may differ.

    TV(p, q)   = 1/2 sum |p_i - q_i|                    total variation of two discrete distributions
    KS(F, G)   = max |F(x) - G(x)|                      Kolmogorov-Smirnov
    W1(F, G)   = integral |F(x) - G(x)| dx              Wasserstein-1; here x = log(1 s + gap)
    JSD(p, q)  = H((p + q) / 2) - (H(p) + H(q)) / 2     Jensen-Shannon divergence, in bits
    ICC        = s_b / (s_b + s_w)                      share of the variance that lies between users (one-way ANOVA; Shrout and Fleiss 1979)
    B          = (s - m) / (s + m)                      burstiness of gaps with mean m, deviation s (Goh and Barabasi 2008)

Logarithms of gaps are those of seconds plus one, so that gaps of 0 s, which logs of whole seconds have, count without standing apart.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from simulator.audit.statistics import interval
from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.sessions import HOURS, Sessions

SECOND: Final = 1_000
AT_RISK: Final = 200
"""A share of fewer is not compared (CALIBRATION section 4, the issue's bar)."""
LEVEL: Final = 0.99
DAY: Final = 24
EXIT: Final = -1
"""In moves: beginning or end."""


class Step(NamedTuple):
    """Of the sessions with at least `k` page views, how many went on."""

    k: int
    at_risk: int
    went_on: int
    effect: float = 1.0
    """The variance of the share, in units of that of as many independent sessions."""

    @property
    def share(self) -> float:
        """The share that went on."""
        return self.went_on / self.at_risk

    def bounds(self) -> tuple[float, float]:
        """Give the interval of the share at LEVEL: exact (Clopper and Pearson 1934), of as many independent sessions as tell as much."""
        return interval(self.went_on / self.effect, self.at_risk / self.effect, 1 - LEVEL)


def logs(gaps: Ints) -> Floats:
    """Give log(1 s + gap) of gaps in ms."""
    return np.log1p(gaps / SECOND)


def tv(a: Ints, b: Ints) -> float:
    """Compare the distributions of two samples of small whole numbers (0 or more)."""
    if not len(a) or not len(b):
        return 1.0
    size = int(max(a.max(), b.max())) + 1
    return float(np.abs(np.bincount(a, minlength=size) / len(a) - np.bincount(b, minlength=size) / len(b)).sum() / 2)


def ks(a: Any, b: Any) -> float:  # noqa: ANN401 - arrays of ints or floats
    """Compare two samples by the largest distance of their distribution functions."""
    if not len(a) or not len(b):
        return 1.0
    a, b = np.sort(a), np.sort(b)
    x = np.concatenate([a, b])
    return float(np.abs(np.searchsorted(a, x, "right") / len(a) - np.searchsorted(b, x, "right") / len(b)).max())


def w1(a: Any, b: Any) -> float:  # noqa: ANN401 - arrays of ints or floats
    """Compare two samples by the area between their distribution functions, in the samples' unit."""
    if not len(a) or not len(b):
        return float("inf")
    a, b = np.sort(a), np.sort(b)
    x = np.sort(np.concatenate([a, b]))
    apart = np.abs(np.searchsorted(a, x[:-1], "right") / len(a) - np.searchsorted(b, x[:-1], "right") / len(b))
    return float((apart * np.diff(x)).sum())


def jsd(p: Floats, q: Floats) -> float:
    """Compare two discrete distributions over the same places, in bits: 0 if they are equal, 1 if they share nothing."""
    return float(_entropy((p + q) / 2) - (_entropy(p) + _entropy(q)) / 2)


def _entropy(p: Floats) -> float:
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def transitions(s: Sessions, pages: int) -> Floats:
    """Count moves from page to page; the last row is the beginning of sessions, the last column their end."""
    table = np.zeros((pages + 1, pages + 1))
    np.add.at(table, (s.moves[:, 0] % (pages + 1), s.moves[:, 1] % (pages + 1)), 1)
    return table


def transitions_jsd(a: Floats, b: Floats) -> float:
    """Compare two tables of moves: the rows' JSD in bits, weighted by how often both leave each page."""
    share_a, share_b = a.sum(1) / a.sum(), b.sum(1) / b.sum()
    weight = (share_a + share_b) / 2
    rows = [jsd(x / x.sum(), y / y.sum()) if x.sum() and y.sum() else 1.0 for x, y in zip(a, b, strict=True)]
    return float((weight * rows).sum())


def transitions_tv(a: Floats, b: Floats) -> float:
    """Compare two tables of moves: the rows' total variation, weighted as in `transitions_jsd`."""
    weight = (a.sum(1) / a.sum() + b.sum(1) / b.sum()) / 2
    rows = [float(np.abs(x / x.sum() - y / y.sum()).sum() / 2) if x.sum() and y.sum() else 1.0 for x, y in zip(a, b, strict=True)]
    return float((weight * rows).sum())


def visits_tv(a: Floats, b: Floats) -> float:
    """Compare how the page views of two tables of moves are shared out among the pages."""
    x, y = a[:-1].sum(1), b[:-1].sum(1)
    return float(np.abs(x / x.sum() - y / y.sum()).sum() / 2)


def continuation(length: Ints) -> list[Step]:
    """Give, for each number of page views k that is reached, how many sessions went on from there."""
    reached = len(length) - np.cumsum(np.bincount(length))[:-1] if len(length) else np.zeros(0, np.int64)
    counts = [*(int(n) for n in reached), 0]  # counts[k]: sessions with more than k page views
    return [Step(k, counts[k - 1], counts[k]) for k in range(1, len(counts))]


def clustered(s: Sessions) -> list[Step]:
    """Give the steps with enough at risk, with the effect of their users: a user's sessions are alike, so they tell less than as many users' would.

    With n_u sessions of user u at risk and r_u = (those that went on) - p n_u, the variance of the share p is m / (m - 1) sum(r_u^2) / n^2 over m
    users (a ratio's, linearised; Cochran 1977, 6.4). In the exact interval n is divided by the effect (Korn and Graubard 1998), at least 1.
    """
    found = []
    for step in continuation(s.length):
        if step.at_risk < AT_RISK:
            break
        at_risk = np.bincount(s.user, s.length >= step.k)
        off = np.bincount(s.user, s.length > step.k) - step.share * at_risk
        users = int((at_risk > 0).sum())
        independent = step.at_risk * step.share * (1 - step.share)
        effect = users / max(users - 1, 1) * float(off @ off) / independent if independent else 1.0
        found.append(step._replace(effect=max(effect, 1.0)))
    return found


def outside(s: Sessions, steps: list[Step]) -> int:
    """Count the steps whose interval does not hold the share of `s` that goes on from there."""
    mine = {step.k: step.share for step in continuation(s.length)}
    return sum(not low <= mine.get(step.k, 0.0) <= high for step, (low, high) in ((step, step.bounds()) for step in steps))


def lag1(s: Sessions) -> float:
    """Correlate the logarithms of a session's neighbouring gaps."""
    x = logs(s.gap)
    pairs = s.gap_session[1:] == s.gap_session[:-1]
    a, b = x[:-1][pairs], x[1:][pairs]
    return float(np.corrcoef(a, b)[0, 1]) if len(a) > 1 and a.std() and b.std() else 0.0


def variances(x: Floats, group: Ints) -> tuple[float, float]:
    """Split the variance of x into that between groups and that within (one-way ANOVA, method of moments; groups may differ in size)."""
    _, group = np.unique(group, return_inverse=True)
    n, groups = len(x), int(group.max()) + 1 if len(x) else 0
    if groups < 2 or n <= groups:  # noqa: PLR2004
        return 0.0, float(x.var()) if n else 0.0
    count = np.bincount(group)
    mean = np.bincount(group, x) / count
    between = float((count * (mean - x.mean()) ** 2).sum() / (groups - 1))
    within = float(((x - mean[group]) ** 2).sum() / (n - groups))
    size = (n - (count**2).sum() / n) / (groups - 1)
    return max((between - within) / float(size), 0.0), within


def icc(s: Sessions) -> float:
    """Give the share of the variance of gaps' logarithms that lies between users."""
    between, within = variances(logs(s.gap), s.gap_user)
    return between / (between + within) if between + within else 0.0


def burstiness(s: Sessions) -> float:
    """Give B of all gaps between a user's page views, inside sessions and between them: -1 regular, 0 exponential, towards 1 bursty."""
    gaps = np.concatenate([s.gap, s.revisit])
    return float((gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean())) if gaps.any() else 0.0


def week(s: Sessions, step: int = 1) -> Floats:
    """Give the share of sessions that begin in each `step` hours of the week: 1 hour, or a day."""
    return np.bincount(s.hour_of_week // step, minlength=HOURS // step) / max(len(s.begin), 1)


def day(s: Sessions) -> Floats:
    """Give the share of sessions that begin in each hour of the day."""
    return np.asarray(week(s).reshape(-1, DAY).sum(0))
