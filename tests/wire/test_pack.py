"""Numbers of msgpack are those of a library, in the shortest form."""

from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.wire.pack import pack_int

EDGES = sorted({sign * (1 << n) + d for n in range(63) for d in (-1, 0, 1) for sign in (1, -1)} | {-(1 << 63), (1 << 63) - 1})


def pack_one(out: Any, o: int, value: int) -> int:
    """Pack a number once."""
    return pack_int(out, o, value)


@pytest.mark.parametrize("compiled", [True, False])
def test_numbers_of_every_length(compiled: bool) -> None:
    """Around each power of two, of both signs, where a number gets another byte, and at both ends of 64 bits."""
    out = np.zeros(10 + SLACK, np.uint8)
    for value in EDGES:
        size = twin(pack_one)(out, 0, value) if compiled else pack_one(memoryview(out), 0, value)  # type: ignore[arg-type]
        assert out[:size].tobytes() == msgspec.msgpack.encode(value)
