"""Laws are distributions as data: what they say of a share of draws is what their mathematics says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.profile.laws import (
    LARGEST,
    Component,
    Constant,
    Exponential,
    Law,
    LogNormal,
    Mixture,
    Quantiles,
    Uniform,
    largest,
    mean,
    quantile,
    share,
)

NUMBERS = st.floats(0.001, LARGEST)
LAWS: st.SearchStrategy[Law] = st.one_of(
    st.builds(Constant, NUMBERS),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: Uniform(min(pair), max(pair))),
    st.builds(Exponential, NUMBERS, NUMBERS),
    st.builds(LogNormal, NUMBERS, st.floats(0, 10), st.just(0.0), NUMBERS),
)
SHARES = st.floats(1e-9, 1 - 1e-9)


@pytest.mark.parametrize(
    ("law", "share", "value"),
    [
        (Constant(value=7), 0.1, 7),
        (Uniform(low=10, high=20), 0.25, 12.5),
        (Exponential(mean=100), 1 - 1 / math.e, 100),  # a share of 1 - 1/e stays below the mean
        (Exponential(mean=100), 0.5, 100 * math.log(2)),
        (Exponential(mean=100, max=50), 0.9, 50),  # cut
        (LogNormal(median=900, sigma=0.5), 0.5, 900),  # half of the draws stay below the median
        (LogNormal(median=900, sigma=0.5), 0.8413447460685429, 900 * math.exp(0.5)),  # one sigma above it
        (LogNormal(median=900, sigma=0.5, min=60), 0.5, 960),  # shifted
        (LogNormal(median=900, sigma=0.5, min=60, max=950), 0.5, 950),  # shifted, then cut
        (LogNormal(median=900, sigma=0), 0.99, 900),  # no spread
        (LogNormal(median=1e12, sigma=10), 1 - 1e-9, LARGEST),  # beyond the largest value
    ],
)
def test_known_quantiles(law: Law, share: float, value: float) -> None:
    """Each law's quantile is that of its formula."""
    assert quantile(law, share) == pytest.approx(value, rel=1e-9)


@given(LAWS, SHARES, SHARES)
def test_quantiles_never_fall(law: Law, a: float, b: float) -> None:
    """A larger share reaches no smaller value, and no value leaves the range in which integers are exact."""
    low, high = quantile(law, min(a, b)), quantile(law, max(a, b))
    assert 0 <= low <= high * (1 + 1e-12)
    assert high <= LARGEST * (1 + 1e-12)


SIMPLE = st.one_of(
    st.builds(Constant, NUMBERS),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: Uniform(min(pair), max(pair) + 1)),
    st.builds(Exponential, st.floats(1, 1e6)),
    st.builds(LogNormal, st.floats(1, 1e6), st.floats(0.1, 2)),
)


@given(st.lists(SIMPLE, min_size=1, max_size=4), st.floats(0.001, 0.999))
def test_a_mixture_is_between_its_parts(laws: list[Constant | Uniform | Exponential | LogNormal], u: float) -> None:
    """A share u of a mixture's draws does not exceed its quantile, up to the jumps of constants."""
    mixture = Mixture(parts=tuple(Component(1 / len(laws), law) for law in laws))
    x = quantile(mixture, u)
    assert sum(share(law, x * (1 + 1e-9) + 1e-6) for law in laws) / len(laws) >= u - 1e-6
    assert sum(share(law, x * (1 - 1e-9) - 1e-6) for law in laws) / len(laws) <= u + 1e-6


@given(SIMPLE, st.floats(0.01, 0.99))
def test_shares_invert_quantiles(law: Constant | Uniform | Exponential | LogNormal, u: float) -> None:
    """The share of draws that do not exceed a quantile is the quantile's own, but for a constant, which is all of it."""
    found = share(law, quantile(law, u))
    assert found == 1 if isinstance(law, Constant) else found == pytest.approx(u, abs=1e-6)


def test_tables_and_means() -> None:
    """A table is linear between its values; means and largest values are those of the law."""
    table = Quantiles(values=(0.0, 10.0, 30.0))
    assert [quantile(table, u) for u in (0.25, 0.5, 0.75, 1.0)] == [5.0, 10.0, 20.0, 30.0]
    assert mean(table) == pytest.approx(12.5)
    assert mean(Exponential(mean=100)) == pytest.approx(100, rel=2e-3)
    mixture = Mixture(parts=(Component(0.25, Constant(8)), Component(0.75, Uniform(low=0, high=4))))
    assert mean(mixture) == pytest.approx(3.5, rel=1e-3)
    assert [largest(law) for law in (table, mixture, Constant(3), Exponential(mean=1, max=9))] == [30, 8, 3, 9]
