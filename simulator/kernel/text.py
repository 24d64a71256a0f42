"""Bytes written one after the other into a buffer: `put_*` write at `o` and return where the next byte goes.

The same source serves a bytearray (interpreted) and a uint8 array (compiled); those that can write whole words have a compiled body of their own
(bodies.py).
"""

from collections.abc import MutableSequence
from typing import Any, Final

from simulator.kernel.twin import inlined

ZERO, MINUS, POINT, DASH, BACKSLASH = b"0-.-\\"
LETTERS: Final = ord("a") - ord("0") - 10
"""From the place after 9 to a."""
SLACK: Final = 32
"""Compiled bodies write and read up to so many bytes too far: buffers and pools have them to spare."""


def put(out: Any, o: int, pool: Any, start: int, n: int) -> int:  # noqa: ANN401
    """Copy n bytes of the pool."""
    out[o : o + n] = pool[start : start + n]
    return o + n


def put_bytes(out: Any, o: int, value: int, n: int) -> int:  # noqa: ANN401
    """Write the low n bytes of a number, the highest first."""
    out[o : o + n] = (value & (1 << 8 * n) - 1).to_bytes(n, "big")
    return o + n


def put_word(out: Any, o: int, value: int) -> int:  # noqa: ANN401
    """Write the low 32 bits of a number, the lowest byte first; what stands in the four bytes behind them is lost."""
    out[o : o + 4] = (value & 0xFFFFFFFF).to_bytes(4, "little")
    return o + 4


def put_int(out: Any, o: int, value: int) -> int:  # noqa: ANN401
    """Write a decimal integer."""
    digits = b"%d" % value
    out[o : o + len(digits)] = digits
    return o + len(digits)


@inlined
def put_fixed(out: MutableSequence[int], o: int, value: int, digits: int) -> int:
    """Write value / 10**digits in the shortest form (no trailing zeros), as JSON encoders print it. `value` >= 0."""
    scale = 1
    for _ in range(digits):
        scale *= 10
    o = put_int(out, o, value // scale)
    rest = value % scale
    if rest == 0:
        return o
    out[o] = POINT
    o += 1
    while rest:
        scale //= 10
        out[o] = ZERO + rest // scale
        rest %= scale
        o += 1
    return o


def put_hex(out: Any, o: int, value: int, digits: int) -> int:  # noqa: ANN401
    """Write the low 4 * digits bits of a signed integer in lower-case hex."""
    out[o : o + digits] = b"%0*x" % (digits, value & (1 << 4 * digits) - 1)
    return o + digits


@inlined
def put_base36(out: MutableSequence[int], o: int, value: int, digits: int) -> int:
    """Write the last digits of a number >= 0 in base 36."""
    i = o + digits
    while i > o:
        i -= 1
        out[i] = ZERO + value % 36 + (LETTERS if value % 36 > 9 else 0)  # noqa: PLR2004
        value //= 36
    return o + digits


@inlined
def put_uuid(out: MutableSequence[int], o: int, high: int, low: int) -> int:
    """Write a UUID with dashes."""
    o = put_hex(out, o, high >> 32, 8)
    out[o] = DASH
    o = put_hex(out, o + 1, high >> 16, 4)
    out[o] = DASH
    o = put_hex(out, o + 1, high, 4)
    out[o] = DASH
    o = put_hex(out, o + 1, low >> 48, 4)
    out[o] = DASH
    return put_hex(out, o + 1, low, 12)
