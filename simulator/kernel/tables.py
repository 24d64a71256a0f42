"""Distributions as integer tables: no float takes part in a decision, so every machine and every mode draws the same.

Tables lie one after the other in one flat list of int64; a table is known by its offset.
- quantile table: CELLS + 1 values; a 31-bit draw picks a cell by its upper bits and interpolates by the lower ones. Where all values have 31 bits,
  two lie in one number, the first below, and NARROW is added to the offset: half as many bytes stay in the processor's cache more often.
- alias table (Walker 1977): n, then n pairs of (31-bit threshold, other index); a choice table goes on with the n keys to choose from.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from simulator.kernel.rnd import LOW, ONE, rnd
from simulator.kernel.twin import compiled_as

CELL_BITS: Final = 10
CELLS: Final = 1 << CELL_BITS
REST_BITS: Final = 31 - CELL_BITS
REST: Final = (1 << REST_BITS) - 1
NARROW: Final = 1 << 30
HALF: Final = (1 << 31) - 1
UNIT: Final = 1 << 20
"""Fixed point one of the exponential table."""


def quantile_table(quantile: Callable[[float], float]) -> list[int]:
    """Tabulate an inverse distribution function at CELLS + 1 midpoints."""
    return [round(quantile((i + 0.5) / (CELLS + 1))) for i in range(CELLS + 1)]


def narrowed(table: Sequence[int]) -> list[int]:
    """Put a table's values, all of 31 bits, two in a number."""
    even = [*table, *[0] * (len(table) % 2)]
    return [low | high << 32 for low, high in zip(even[::2], even[1::2], strict=True)]


def alias_table(weights: Sequence[float]) -> list[int]:
    """Tabulate a choice among len(weights) indices; weights need not sum to 1."""
    n, total = len(weights), sum(weights)
    scaled = [w * n / total for w in weights]
    small = [i for i, w in enumerate(scaled) if w < 1]
    large = [i for i, w in enumerate(scaled) if w >= 1]
    keep, other = [ONE] * n, list(range(n))
    while small and large:
        i, j = small.pop(), large[-1]
        keep[i], other[i] = round(scaled[i] * ONE), j
        scaled[j] -= 1 - scaled[i]
        if scaled[j] < 1:
            small.append(large.pop())
    return [n, *(x for pair in zip(keep, other, strict=True) for x in pair)]


def choice_table(weights: Mapping[int, float]) -> list[int]:
    """Tabulate a choice among the keys of `weights`: an alias table followed by the keys."""
    return [*alias_table(list(weights.values())), *weights]


def _draw(tables: Sequence[int], at: int, r: int) -> int:
    i = r >> REST_BITS
    if at >= NARROW:  # without asking whether i is odd, which nobody can foresee
        at -= NARROW
        low = tables[at + (i >> 1)] >> 32 * (i & 1) & HALF
        i += 1
        high = tables[at + (i >> 1)] >> 32 * (i & 1) & HALF
    else:
        low, high = tables[at + i], tables[at + i + 1]
    return low + (((high - low) * (r & REST)) >> REST_BITS)


@compiled_as(_draw)
def draw(tables: Sequence[int], at: int, r: int) -> int:
    """Give the value of the quantile table at `at` for a 31-bit draw."""
    i = r >> REST_BITS
    if at < NARROW:
        low, high = tables[at + i], tables[at + i + 1]
    elif i & 1:
        at += (i >> 1) - NARROW
        low, high = tables[at] >> 32, tables[at + 1] & HALF
    else:
        two = tables[at + (i >> 1) - NARROW]
        low, high = two & HALF, two >> 32
    return low + (((high - low) * (r & REST)) >> REST_BITS)


def choose(tables: Sequence[int], at: int, r: int) -> int:
    """Give the index that the alias table at `at` picks for a 62-bit draw."""
    i = ((r & LOW) * tables[at]) >> 31
    pair = at + 1 + 2 * i
    return i if (r >> 31) < tables[pair] else tables[pair + 1]


def pick(tables: Sequence[int], at: int, r: int) -> int:
    """Give the key that the choice table at `at` picks for a 62-bit draw."""
    return tables[at + 1 + 2 * tables[at] + choose(tables, at, r)]


def lists(tables: Sequence[int], at: int, number: int) -> bool:
    """Tell whether the list at `at`, which begins with its length, has a number in it."""
    for i in range(tables[at]):  # noqa: SIM110  compiled code has no generators
        if tables[at + 1 + i] == number:
            return True
    return False


def exponential_table() -> list[int]:
    """Tabulate -ln(1 - u) * UNIT at the edges of all cells but the last, whose draws go on from its lower edge (see `exponential`)."""
    return [round(-math.log(1 - i / CELLS) * UNIT) for i in range(CELLS)]


def exponential(tables: Sequence[int], at: int, mean: int, key: int, counter: int) -> int:
    """Draw from the exponential law with the given mean.

    Subtle: a draw in the last cell is the lower edge of that cell plus a fresh draw: memorylessness gives the tail without a cut. Fresh draws
    come from a stream of their own (`key ^ counter`), so that the caller's counter advances by one whatever happens.
    """
    last = CELLS - 1
    r = rnd(key, counter) & LOW
    value = 0
    extra = 0
    while r >> REST_BITS == last:
        value += tables[at + last]
        extra += 1
        r = rnd(key ^ (counter << 20) ^ 0x2545F491, extra) & LOW
    i = at + (r >> REST_BITS)
    low = tables[i]
    value += low + (((tables[i + 1] - low) * (r & REST)) >> REST_BITS)
    if mean >> 36:  # beyond it the product would leave int64; 16 bits of so large a mean do not matter
        return (value * (mean >> 16)) >> 4
    return (value * mean) >> 20
