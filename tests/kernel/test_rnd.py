"""Chance is SplitMix64 at a position, and both its bodies are the same function.

The generator below is written from the paper (Steele, Lea, Flood 2014, figure 16): it carries a state and wraps as C does.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.kernel.rnd import LOW, ONE, bits, rnd, threshold
from simulator.kernel.twin import twin

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
EDGES = (-(1 << 63), -(1 << 62), -1, 0, 1, (1 << 31) - 1, 1 << 31, 1 << 62, (1 << 63) - 1)


def splitmix64(seed: int) -> Iterator[int]:
    """Yield the outputs of the generator with a state."""
    state = np.uint64(seed)
    with np.errstate(over="ignore"):
        while True:
            state += np.uint64(11400714819323198485)
            z = state
            z = (z ^ (z >> np.uint64(30))) * np.uint64(13787848793156543929)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(10723151780598845931)
            yield int(z ^ (z >> np.uint64(31)))


def draw_all(keys: Any, counters: Any, out: Any) -> None:
    """Draw with both functions at each position."""
    for i in range(len(keys)):
        out[i, 0] = bits(keys[i], counters[i])
        out[i, 1] = rnd(keys[i], counters[i])


@pytest.fixture(scope="session")
def compiled() -> Callable[..., None]:
    """Give the compiled body."""
    return twin(draw_all)


def both(compiled: Callable[..., None], keys: list[int], counters: list[int]) -> tuple[list[list[int]], list[list[int]]]:
    """Draw with the interpreted and with the compiled body."""
    found = np.zeros((len(keys), 2), np.int64)
    compiled(np.array(keys, np.int64), np.array(counters, np.int64), found)
    return [[bits(k, c), rnd(k, c)] for k, c in zip(keys, counters, strict=True)], found.tolist()


@pytest.mark.parametrize(
    ("seed", "outputs"),
    [
        # the published vectors of the reference implementation
        (1234567, [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]),
        # the first outputs of seed 0
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC]),
    ],
)
def test_known_vectors(seed: int, outputs: list[int]) -> None:
    """Position n of stream `seed` is the n-th output of SplitMix64 with that seed."""
    assert [bits(seed, n) % (1 << 64) for n in range(1, 1 + len(outputs))] == outputs
    assert list(islice(splitmix64(seed), len(outputs))) == outputs


@given(INT64, st.integers(1, 50))
@settings(deadline=None)
def test_an_independent_computation_agrees(seed: int, n: int) -> None:
    """Any key and position give what a generator with a state gives after that many steps."""
    expected = list(islice(splitmix64(seed % (1 << 64)), n))[-1]
    assert bits(seed, n) % (1 << 64) == expected
    assert rnd(seed, n) == expected >> 2


@given(INT64, INT64)
def test_ranges(key: int, counter: int) -> None:
    """`bits` is a signed 64-bit integer, `rnd` its upper 62 bits, in two lanes of 31."""
    r = rnd(key, counter)
    assert -(1 << 63) <= bits(key, counter) < 1 << 63
    assert r == (bits(key, counter) % (1 << 64)) >> 2
    assert 0 <= r & LOW < ONE
    assert 0 <= r >> 31 < ONE


@given(st.lists(st.tuples(INT64, INT64), min_size=1, max_size=50))
@example([(a, b) for a in EDGES for b in EDGES])
@settings(deadline=None)
def test_compiled_is_interpreted(compiled: Callable[..., None], positions: list[tuple[int, int]]) -> None:
    """Both bodies draw the same bits for every key and counter of 64 bits, negative and huge ones included."""
    keys, counters = zip(*positions, strict=True)
    interpreted, found = both(compiled, list(keys), list(counters))
    assert found == interpreted


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.0, 0),  # nothing happens
        (1.0, ONE),  # everything happens: no 31-bit draw reaches it
        (0.5, ONE // 2),
        (2.0**-31, 1),
    ],
)
def test_threshold(share: float, expected: int) -> None:
    """A share becomes the number of 31-bit draws, of 2**31, that fall below it."""
    assert threshold(share) == expected


@given(st.floats(0, 1))
def test_threshold_is_close(share: float) -> None:
    """The share that a threshold stands for is off by half a draw at most."""
    assert abs(threshold(share) - share * ONE) <= 0.5
