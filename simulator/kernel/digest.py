"""A row's hash: its numbers times random factors, summed up, then mixed.

Multilinear hashing (Lemire, Kaser: Strongly universal string hashing is fast, 2014).
"""

from collections.abc import Sequence
from operator import mul

from simulator.kernel.rnd import bits


def factors(n: int, stream: int) -> list[int]:
    """Give n odd factors of 64 bits."""
    return [bits(stream, i) | 1 for i in range(n)]


def dot(values: Sequence[int], by: Sequence[int]) -> int:
    """Sum up values times factors, modulo 2**64 where compiled: what mixes it must take 64 bits of it."""
    return sum(map(mul, values, by))
