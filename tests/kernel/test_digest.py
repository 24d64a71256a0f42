"""A row's hash: both bodies agree, and any change of a row changes it."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.digest import dots, factors
from simulator.kernel.rnd import bits
from simulator.kernel.twin import twin

N, FIRST = 20, 9
ROWS = st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=N, max_size=N)
BY = factors(N)


def mixed(values: Any, by: Any) -> tuple[int, int]:
    """Hash with both sets of factors."""
    sums = dots(values, by, 0, N)
    return bits(sums[0], 0), bits(sums[1], 0)


@given(ROWS)
@settings(deadline=None)
def test_compiled_is_interpreted(row: list[int]) -> None:
    """Compiled code wraps where Python does not, and gives the same."""
    assert twin(mixed)(np.array(row, np.int64), BY.ravel()) == mixed(row, BY)


def in_parts(values: Any, by: Any) -> tuple[int, int]:
    """Hash what is summed up in two parts."""
    some, others = dots(values, by, 0, FIRST), dots(values, by, FIRST, N)
    return bits(some[0] + others[0], 0), bits(some[1] + others[1], 0)


@given(ROWS)
@settings(deadline=None)
def test_parts_add_up(row: list[int]) -> None:
    """Slots that rows have in common may be summed up apart."""
    assert in_parts(row, BY) == mixed(row, BY)
    assert twin(in_parts)(np.array(row, np.int64), BY.ravel()) == mixed(row, BY)


@given(ROWS, st.integers(0, N - 1), st.integers(1, (1 << 63) - 1))
def test_another_value_is_another_hash(row: list[int], i: int, by: int) -> None:
    """Factors are odd, so a change of one value changes both halves."""
    other = [*row]
    other[i] = (other[i] + by + (1 << 63)) % (1 << 64) - (1 << 63)
    before, after = mixed(row, BY), mixed(other, BY)
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_places_count() -> None:
    """Values that change places, and changes that would cancel each other out in a sum, are seen."""
    row = list(range(1, N + 1))
    swapped, shifted = [*row], [*row]
    swapped[0], swapped[1] = row[1], row[0]
    shifted[3], shifted[4], shifted[5] = row[3] + 1, row[4] - 2, row[5] + 1
    assert len({mixed(r, BY) for r in (row, swapped, shifted)}) == 3


def test_factors() -> None:
    """They are odd, of 64 bits, and those of two streams have nothing in common."""
    assert all(f & 1 for f in BY.ravel())
    assert len({*BY.ravel()}) == 2 * N
