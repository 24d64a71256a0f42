"""The audit's intervals are exact, and what it says it would catch it catches.

All checks are sums of binomial probabilities, computed here from logarithms of factorials: nothing is drawn, so nothing can fail by chance.
"""

import math

import pytest
from scipy.stats import binomtest

from simulator.audit.statistics import FALSE_ALARMS, POWER, interval, reach

ALPHAS = (0.05, FALSE_ALARMS / 5)


def probability(k: int, n: int, p: float) -> float:
    """Give P(X = k) of a binomial X."""
    if p in {0.0, 1.0}:
        return float(k == round(n * p))
    log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * math.log(p) + (n - k) * math.log1p(-p)
    return math.exp(log)


def rejected(n: int, rate: float, alpha: float, truth: float) -> float:
    """Give the probability that n sessions of the true rate contradict the configured one."""
    kept = 0.0
    for k in range(n + 1):
        low, high = interval(k, n, alpha)
        if low <= rate <= high:
            kept += probability(k, n, truth)
    return 1 - kept


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize(("hits", "n"), [(0, 1), (1, 1), (0, 50), (50, 50), (1, 50), (49, 50), (25, 50), (800, 1_000), (3, 100_000)])
def test_the_interval_is_scipys_exact_one(hits: int, n: int, alpha: float) -> None:
    """The interval agrees with scipy's own Clopper-Pearson interval to rounding."""
    expected = binomtest(hits, n).proportion_ci(1 - alpha, method="exact")
    assert interval(hits, n, alpha) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize(("hits", "n"), [(1, 10), (9, 10), (40, 50), (160, 200)])
def test_the_interval_ends_where_the_count_becomes_implausible(hits: int, n: int, alpha: float) -> None:
    """At each end a count this far out has probability alpha / 2, summed term by term."""
    low, high = interval(hits, n, alpha)
    assert sum(probability(k, n, low) for k in range(hits, n + 1)) == pytest.approx(alpha / 2, rel=1e-9)
    assert sum(probability(k, n, high) for k in range(hits + 1)) == pytest.approx(alpha / 2, rel=1e-9)


@pytest.mark.parametrize("n", [1, 7, 60])
@pytest.mark.parametrize("alpha", ALPHAS)
def test_a_right_rate_is_rejected_with_probability_alpha_at_most(n: int, alpha: float) -> None:
    """Over a grid of rates, the probability of all counts whose interval misses the true rate stays within the level."""
    for step in range(41):
        rate = step / 40
        assert rejected(n, rate, alpha, rate) <= alpha + 1e-12


def test_the_budget_is_kept_by_five_statements() -> None:
    """Four platforms and their sum, each at a fifth of the budget, raise a false alarm with probability 1e-3 at most."""
    assert 5 * rejected(120, 0.8, FALSE_ALARMS / 5, 0.8) <= FALSE_ALARMS


@pytest.mark.parametrize(("n", "rate"), [(60, 0.5), (300, 0.8), (300, 0.02), (200, 1.0), (200, 0.0)])
def test_the_stated_deviation_is_caught_and_a_smaller_one_is_not(n: int, rate: float) -> None:
    """A rate off by the stated deviation is rejected with the stated probability; one off by 1 % less is not."""
    alpha = FALSE_ALARMS / 5
    found = reach(rate, n, alpha)
    directions = [(sign, deviation) for sign, deviation in ((-1, found.below), (1, found.above)) if deviation is not None]
    assert directions
    for sign, deviation in directions:
        assert rejected(n, rate, alpha, rate + sign * deviation) >= POWER - 1e-9
        assert rejected(n, rate, alpha, rate + sign * deviation * 0.99) < POWER


@pytest.mark.parametrize(("n", "rate", "below", "above"), [(0, 0.8, False, False), (5, 0.5, False, False), (20, 0.8, True, False)])
def test_too_few_sessions_catch_nothing(n: int, rate: float, below: bool, above: bool) -> None:
    """Where even the most extreme count is plausible, no deviation is said to be caught."""
    found = reach(rate, n, FALSE_ALARMS / 5)
    assert (found.below is not None, found.above is not None) == (below, above)
    for far, caught in ((0.0, below), (1.0, above)):
        assert (rejected(n, rate, FALSE_ALARMS / 5, far) > 0.5) == caught


def test_a_share_of_nothing_says_nothing() -> None:
    """Without sessions every rate is possible."""
    assert interval(0, 0, 0.05) == (0.0, 1.0)
