"""Hashes. Of a row: its numbers times random factors, summed up, then mixed; of bytes: XXH64.

Multilinear hashing (Lemire, Kaser: Strongly universal string hashing is fast, 2014). XXH64 (Collet: xxHash fast digest algorithm, 2012).
"""

import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from xxhash import xxh64_intdigest

from simulator.kernel.rnd import MASK, bits


@cache
def factors(n: int) -> Any:  # noqa: ANN401
    """Give two arrays of n odd factors of 64 bits, which nobody changes."""
    return np.array([[bits(stream, i) | 1 for i in range(n)] for stream in (1, 2)], np.int64)


def xxh64(data: bytes | bytearray, start: int, n: int, seed: int) -> int:
    """Give the XXH64 of n bytes from `start` on as a signed integer, as is the seed."""
    found: int = xxh64_intdigest(memoryview(data)[start : start + n], seed & MASK)
    return found - (1 << 64) if found >> 63 else found


def dots(values: Sequence[int], by: Any, begins: int, ends: int) -> tuple[int, int]:  # noqa: ANN401
    """Sum up some of the values times either factors, modulo 2**64: what mixes the sums must take 64 bits of them.

    Compiled code has the factors in one array, and knows the places when it is compiled.
    """
    some = np.frombuffer(_packed(ends - begins)(*values[begins:ends]), np.int64)
    low, high = by[:, begins:ends].dot(some).tolist()
    return low, high


@cache
def _packed(n: int) -> Callable[..., bytes]:
    return struct.Struct(f"{n}q").pack
