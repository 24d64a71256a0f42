r"""Exact statements about shares, and what they cost.

A share of n independent sessions is binomial. Its Clopper-Pearson interval (Clopper and Pearson, Biometrika 26, 1934) at level 1 - alpha holds
every rate p that the count k does not contradict at alpha / 2 on either side:

    P(X <= k; n, p) >= alpha / 2   and   P(X >= k; n, p) >= alpha / 2

so a true rate falls outside with probability alpha at most, at every n and p: no approximation, no minimum n.

One audit raises a false alarm with probability FALSE_ALARMS at most: its m statistical claims get alpha = FALSE_ALARMS / m each (Bonferroni).
"""

from bisect import bisect_left
from typing import Final, NamedTuple

FALSE_ALARMS: Final = 1e-3  # STYLE: one false-alarm budget; here for all statistical claims of one audit
POWER: Final = 0.99  # assumed: what counts as "would catch"


class Reach(NamedTuple):
    """The smallest deviations of the true rate that n sessions catch with probability POWER; None: not even the largest."""

    below: float | None
    above: float | None


def interval(hits: float, n: float, alpha: float) -> tuple[float, float]:
    """Give the exact interval of the rate behind `hits` of `n`, at level 1 - `alpha`. Numbers may be fractions: effective ones."""
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import

    low = float(betaincinv(hits, n - hits + 1, alpha / 2)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, n - hits, 1 - alpha / 2)) if hits < n else 1.0
    return low, high


def reach(rate: float, n: int, alpha: float) -> Reach:
    """Say which deviations from `rate` the interval of `n` sessions catches.

    With the counts k from `first` to `last` accepted, a true rate q is caught with probability P(X < first; n, q) + P(X > last; n, q); either
    term alone is POWER at a quantile of a beta distribution.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to import

    counts = range(n + 1)
    first = bisect_left(counts, 1, key=lambda k: interval(k, n, alpha)[1] >= rate)
    last = bisect_left(counts, 1, key=lambda k: interval(k, n, alpha)[0] > rate) - 1
    below = rate - float(betaincinv(first, n - first + 1, 1 - POWER)) if first > 0 else None
    above = float(betaincinv(last + 1, n - last, POWER)) - rate if last < n else None
    return Reach(below, above)
