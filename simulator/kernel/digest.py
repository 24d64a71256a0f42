"""A row's hash: its numbers times random factors, summed up, then mixed.

Multilinear hashing (Lemire, Kaser: Strongly universal string hashing is fast, 2014).
"""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulator.kernel.rnd import bits


def factors(n: int, stream: int) -> Any:  # noqa: ANN401
    """Give an array of n odd factors of 64 bits."""
    return np.array([bits(stream, i) | 1 for i in range(n)], np.int64)


def dots(values: Sequence[int], low: Any, high: Any) -> tuple[int, int]:  # noqa: ANN401
    """Sum up values times either factors, modulo 2**64: what mixes the sums must take 64 bits of them."""
    packed = np.frombuffer(struct.pack(f"{len(values)}q", *values), np.int64)
    return int(packed.dot(low)), int(packed.dot(high))
