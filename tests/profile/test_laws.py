"""Laws are distributions as data: what they say of a share of draws is what their mathematics says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.profile.laws import LARGEST, Constant, Exponential, Law, LogNormal, Uniform, quantile

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
