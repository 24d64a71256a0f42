"""Distributions as integers: what the tables say is computed exactly, from the integers themselves; nothing is sampled."""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel import tables
from simulator.kernel.rnd import LOW, ONE, rnd
from simulator.kernel.tables import (
    CELLS,
    HALF,
    NARROW,
    REST_BITS,
    UNIT,
    alias_table,
    choice_table,
    choose,
    draw,
    exponential,
    exponential_table,
    narrowed,
    pick,
    quantile_table,
)
from simulator.kernel.twin import twin
from simulator.profile.laws import Constant, Exponential, Law, LogNormal, Uniform, quantile

DRAWS = st.integers(0, LOW)
LAWS = [
    Constant(value=7),
    Uniform(low=10, high=90_000),
    Exponential(mean=4_000),
    Exponential(mean=2, max=8),  # mostly ties and a cut
    LogNormal(median=3_500, sigma=0.9, max=120_000),
    LogNormal(median=400_000, sigma=2.5, min=60_001, max=1e12),  # a heavy tail
]
WEIGHTS = st.lists(st.floats(0, 1), min_size=1, max_size=40).filter(lambda weights: sum(weights) > 1e-6)


def table_of(law: Law) -> list[int]:
    """Tabulate a law."""
    return quantile_table(lambda u: quantile(law, u))


def shares(table: Sequence[int]) -> list[Fraction]:
    """Compute the exact probability of each index of an alias table: how many of the draws of both lanes lead to it."""
    n = table[0]
    out = [Fraction(0)] * n
    for i in range(n):
        first, after = -(-i * ONE // n), -(-(i + 1) * ONE // n)  # the draws r of the lower lane with r * n >> 31 == i
        keep, other = table[1 + 2 * i], table[2 + 2 * i]
        out[i] += Fraction((after - first) * keep, ONE * ONE)
        out[other] += Fraction((after - first) * (ONE - keep), ONE * ONE)
    return out


# ---------------------------------------------------------------------------------------------------------------- quantile tables


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_quantile_table_never_falls(law: Law) -> None:
    """A table of CELLS + 1 integers never falls, so a larger draw never gives a smaller value."""
    table = table_of(law)
    assert len(table) == CELLS + 1
    assert all(isinstance(value, int) for value in table)
    assert table == sorted(table)


@pytest.mark.parametrize("law", LAWS, ids=repr)
def test_a_quantile_table_is_accurate(law: Law) -> None:
    """A draw differs from the law's quantile by less than the law changes within 1/1025 of probability, and by rounding."""
    table = table_of(law)
    reach = 1 / (CELLS + 1)
    for r in range(0, ONE, ONE // 5003):
        u = r / ONE
        low = quantile(law, max(u - reach, 1e-9))
        high = quantile(law, min(u + reach, 1 - 1e-12))
        assert math.floor(low) - 1 <= draw(table, 0, r) <= math.ceil(high) + 1


@given(st.sampled_from(LAWS), DRAWS, DRAWS)
def test_a_larger_draw_is_no_smaller_value(law: Law, r1: int, r2: int) -> None:
    """Draws between the cells' edges are in order too, and stay between the table's ends."""
    table = table_of(law)
    low, high = draw(table, 0, min(r1, r2)), draw(table, 0, max(r1, r2))
    assert table[0] <= low <= high <= table[-1]


@given(st.sampled_from(LAWS), st.integers(0, CELLS - 1), st.integers(0, (1 << REST_BITS) - 1))
def test_a_draw_lies_on_the_line_between_two_values(law: Law, cell: int, rest: int) -> None:
    """The upper bits of a draw name a cell, the lower ones how far it is on the straight line to the next value, rounded down."""
    table = table_of(law)
    exact = table[cell] + Fraction((table[cell + 1] - table[cell]) * rest, 1 << REST_BITS)
    assert draw(table, 0, cell << REST_BITS | rest) == math.floor(exact)


@given(st.lists(st.integers(0, HALF), min_size=CELLS + 1, max_size=CELLS + 1), st.integers(0, CELLS - 1), st.integers(0, (1 << REST_BITS) - 1))
@settings(deadline=None, max_examples=40)
def test_a_narrow_table_gives_the_same_draws(table: list[int], cell: int, rest: int) -> None:
    """With two values in a number, by either body, at cells of even and odd number, the last ones too."""
    flat = [9, *narrowed(table), 8]
    assert len(flat) == CELLS // 2 + 3
    for i in {cell, cell ^ 1, 0, 1, CELLS - 2, CELLS - 1}:
        r = i << REST_BITS | rest
        wanted = draw(table, 0, r)
        assert draw(flat, NARROW + 1, r) == wanted
        assert twin(draw_one)(np.array(flat, np.int64), NARROW + 1, r) == twin(draw_one)(np.array(table, np.int64), 0, r) == wanted


def draw_one(table: Any, at: int, r: int) -> int:
    """Draw once."""
    return draw(table, at, r)


def test_a_table_is_known_by_its_offset() -> None:
    """Tables lie one after the other: an offset gives the same draws as the table alone."""
    first, second = table_of(LAWS[1]), table_of(LAWS[2])
    weights = choice_table({11: 0.25, 7: 0.75})
    flat = [0, *first, *second, *weights]
    for r in range(0, ONE, ONE // 97):
        assert draw(flat, 1 + len(first), r) == draw(second, 0, r)
        assert pick(flat, 1 + len(first) + len(second), r << 31 | r) == pick(weights, 0, r << 31 | r)


# ------------------------------------------------------------------------------------------------------------------- alias tables


@given(WEIGHTS)
def test_an_alias_table_has_the_weights(weights: list[float]) -> None:
    """The exact probability of each index is its weight's share, to the resolution of a 31-bit draw per index."""
    found = shares(alias_table(weights))
    assert sum(found) == 1
    for share, weight in zip(found, weights, strict=True):
        assert abs(float(share) - weight / sum(weights)) <= (len(weights) + 2) * 2**-31


@given(WEIGHTS)
def test_what_weighs_nothing_is_never_chosen(weights: list[float]) -> None:
    """An index of weight 0 has probability 0 exactly."""
    found = shares(alias_table(weights))
    assert all(share == 0 for share, weight in zip(found, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    "weights",
    [
        [1.0],  # no choice
        [0.25] * 4,  # equal ones
        [0.0, 1.0],  # one that never happens
        [0.62, 0.08, 0.08, 0.22],
        [3.0, 1.0],  # weights that sum to 4
    ],
)
def test_choose_does_what_the_table_says(weights: list[float]) -> None:
    """On an even grid of both lanes each index is chosen as often as the table's integers say."""
    table, side = alias_table(weights), 256
    step = ONE // side
    grid = [choose(table, 0, high << 31 | low) for low in range(step // 2, ONE, step) for high in range(step // 2, ONE, step)]
    for i, share in enumerate(shares(table)):
        assert abs(grid.count(i) / side**2 - float(share)) <= len(weights) * 2 / side


@given(st.dictionaries(st.integers(0, 1 << 40), st.floats(0.01, 1), min_size=1, max_size=20), st.integers(0, (1 << 62) - 1))
def test_pick_gives_the_key(weights: dict[int, float], r: int) -> None:
    """A choice table gives the key in place of the index that its alias table chooses."""
    table = choice_table(weights)
    assert pick(table, 0, r) == list(weights)[choose(alias_table(list(weights.values())), 0, r)]


# ------------------------------------------------------------------------------------------------------------------ exponential law


def first_cell_draw(r: int, mean: int) -> int:
    """Give what a draw r below the last cell must become."""
    table = exponential_table()
    i, rest = r >> REST_BITS, r & ((1 << REST_BITS) - 1)
    return (table[i] + ((table[i + 1] - table[i]) * rest >> REST_BITS)) * mean >> 20


def test_the_exponential_table_is_exact_at_its_edges() -> None:
    """A share of i/1024 of the draws stays below -ln(1 - i/1024), rounded to 2**-20."""
    table = exponential_table()
    assert len(table) == CELLS
    assert table == sorted(table)
    for i, edge in enumerate(table):
        assert abs(edge / UNIT + math.log1p(-i / CELLS)) <= 0.5 / UNIT + 1e-12


def test_the_exponential_mean() -> None:
    """The exact mean of the tabulated law, tail included, is that of the law to 1e-4."""
    table = exponential_table()
    middle = sum(Fraction(table[i] + table[i + 1], 2) for i in range(CELLS - 1)) / CELLS  # every cell but the last is a straight line
    last = Fraction(1, CELLS)  # and the last is its edge plus a fresh draw: mean = middle + last * (edge + mean)
    mean = (middle + last * table[-1]) / (1 - last)
    assert abs(float(mean) / UNIT - 1) < 1e-4


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(0, 1 << 40), st.integers(1, 1 << 30))
def test_an_exponential_draw_below_the_tail(key: int, counter: int, mean: int) -> None:
    """A draw below the last cell is the table's value, scaled by the mean."""
    r = rnd(key, counter) & LOW
    if r >> REST_BITS < CELLS - 1:
        assert exponential(exponential_table(), 0, mean, key, counter) == first_cell_draw(r, mean)


def test_the_exponential_tail_goes_on() -> None:
    """A draw in the last cell is that cell's edge plus a fresh draw, as often as the fresh draw lands there again: the tail has no end."""
    table, key = exponential_table(), 77
    counters = [c for c in range(20_000) if (rnd(key, c) & LOW) >> REST_BITS == CELLS - 1]
    assert 5 < len(counters) < 50
    values = [exponential(table, 0, UNIT, key, c) for c in counters]
    assert all(value >= table[-1] for value in values)
    assert len(set(values)) == len(values)
    again = [value - table[-1] for value in values]
    assert min(again) < UNIT < max(again)  # the rest is again around the mean: memoryless


@pytest.mark.parametrize("times", [0, 1, 2, 5])
def test_a_tail_of_a_tail(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """However often a draw lands in the last cell, each time adds that cell's edge, and the draw that lands elsewhere is added to them."""
    table, last, final = exponential_table(), (CELLS - 1) << REST_BITS, 123_456_789
    draws = [last + i for i in range(times)] + [final]
    positions: list[tuple[int, int]] = []

    def scripted(key: int, counter: int) -> int:
        positions.append((key, counter))
        return draws[len(positions) - 1]

    monkeypatch.setattr(tables, "rnd", scripted)
    assert exponential(table, 0, UNIT, 7, 9) == times * table[-1] + first_cell_draw(final, UNIT)
    assert positions[0] == (7, 9)
    assert len(set(positions)) == 1 + times  # no draw is used twice


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 45))
def test_a_large_mean_keeps_its_precision(counter: int, mean: int) -> None:
    """Whatever the mean, a draw is the unit draw times the mean to one part in 2**19, and far from the end of int64."""
    table = exponential_table()
    unit = exponential(table, 0, UNIT, 5, counter)
    value = exponential(table, 0, mean, 5, counter)
    exact = Fraction(unit * mean, UNIT)
    assert exact * (1 - Fraction(1, 1 << 19)) - 1 <= value <= exact
    assert unit * (mean >> 16 if mean >> 36 else mean) < 1 << 62


# ----------------------------------------------------------------------------------------------------------------------- both bodies


def draw_all(flat: Any, law: int, weights: int, curve: int, keys: Any, means: Any, out: Any) -> None:
    """Draw from each kind of table at each key."""
    for i in range(len(keys)):
        r = rnd(keys[i], i)
        out[i, 0] = draw(flat, law, r & LOW)
        out[i, 1] = pick(flat, weights, r)
        out[i, 2] = exponential(flat, curve, means[i], keys[i], i)


@pytest.fixture(scope="session")
def compiled() -> Callable[..., None]:
    """Give the compiled body."""
    return twin(draw_all)


@given(
    st.sampled_from(LAWS),
    WEIGHTS,
    st.lists(st.tuples(st.integers(-(1 << 63), (1 << 63) - 1), st.integers(1, 1 << 45)), min_size=1, max_size=60),
)
@settings(deadline=None, max_examples=50)
def test_compiled_is_interpreted(compiled: Callable[..., None], law: Law, weights: list[float], draws: list[tuple[int, int]]) -> None:
    """Both bodies draw the same from every table, for any key and mean."""
    keys, means = (list(part) for part in zip(*draws, strict=True))
    parts = [table_of(law), choice_table({3 * i: w for i, w in enumerate(weights)}), exponential_table()]
    at = [0, len(parts[0]), len(parts[0]) + len(parts[1])]
    flat = [value for part in parts for value in part]
    interpreted, found = np.zeros((len(keys), 3), np.int64), np.zeros((len(keys), 3), np.int64)
    draw_all(flat, *at, keys, means, interpreted)
    compiled(np.array(flat, np.int64), *at, np.array(keys, np.int64), np.array(means, np.int64), found)
    assert found.tolist() == interpreted.tolist()


def test_tails_are_the_same_compiled(compiled: Callable[..., None]) -> None:
    """Both bodies agree where a draw goes on into the tail, too."""
    table = exponential_table()
    flat = [*table_of(LAWS[1]), *choice_table({1: 1.0}), *table]
    at = [0, CELLS + 1, CELLS + 1 + 4]
    keys = list(range(-5_000, 5_000))
    means = [UNIT] * len(keys)
    interpreted, found = np.zeros((len(keys), 3), np.int64), np.zeros((len(keys), 3), np.int64)
    draw_all(flat, *at, keys, means, interpreted)
    compiled(np.array(flat, np.int64), *at, np.array(keys, np.int64), np.array(means, np.int64), found)
    assert (interpreted[:, 2] > table[-1]).sum() > 3
    assert found.tolist() == interpreted.tolist()
