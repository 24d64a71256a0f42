"""Chance as an argument: SplitMix64 at position `counter` of stream `key`. No state, so any draw can be made at any place and time.

Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014). These functions have two bodies: Python masks to
64 bits where compiled code wraps (bodies.py).
"""

from typing import Final

MASK: Final = 0xFFFFFFFFFFFFFFFF
GOLDEN: Final = 0x9E3779B97F4A7C15
MIX_1: Final = 0xBF58476D1CE4E5B9
MIX_2: Final = 0x94D049BB133111EB
ONE: Final = 1 << 31
"""Probability 1 as an integer: an event of share p happens iff a 31-bit draw < p * ONE."""
LOW: Final = ONE - 1


def bits(key: int, counter: int) -> int:
    """Give 64 random bits as a signed integer."""
    z = (key + counter * GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    z ^= z >> 31
    return z - (1 << 64) if z >> 63 else z


def rnd(key: int, counter: int) -> int:
    """Give 62 random bits: two lanes of 31, `r & LOW` and `r >> 31`."""
    z = (key + counter * GOLDEN) & MASK
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    return (z ^ (z >> 31)) >> 2


def threshold(share: float) -> int:
    """Turn a share 0..1 into an integer to which 31-bit draws are compared with `<`."""
    return round(share * ONE)
