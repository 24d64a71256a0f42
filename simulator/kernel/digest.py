"""Hashes. Of a row: its numbers times random factors, summed up, then mixed; of bytes: XXH64.

Multilinear hashing (Lemire, Kaser: Strongly universal string hashing is fast, 2014). XXH64 (Collet: xxHash fast digest algorithm, 2012).
"""

from collections.abc import Sequence
from operator import mul

from xxhash import xxh64_intdigest

from simulator.kernel.rnd import MASK, bits


def factors(n: int, stream: int) -> list[int]:
    """Give n odd factors of 64 bits."""
    return [bits(stream, i) | 1 for i in range(n)]


def xxh64(data: bytes | bytearray, start: int, n: int, seed: int) -> int:
    """Give the XXH64 of n bytes from `start` on as a signed integer, as is the seed."""
    found: int = xxh64_intdigest(memoryview(data)[start : start + n], seed & MASK)
    return found - (1 << 64) if found >> 63 else found


def dot(values: Sequence[int], by: Sequence[int]) -> int:
    """Sum up values times factors, modulo 2**64 where compiled: what mixes it must take 64 bits of it."""
    return sum(map(mul, values, by))
