"""Bytes written one after the other agree with Python's own formatting, interpreted and compiled."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.kernel.text import SLACK, put, put_base36, put_bytes, put_fixed, put_hex, put_int, put_word
from simulator.kernel.twin import twin

SIZE = 260
INT64 = st.integers(-(1 << 63) + 1, (1 << 63) - 1)
NATURAL = st.integers(0, (1 << 63) - 1)
POOL = bytes(range(256))


def expected_base36(value: int, digits: int) -> str:
    """Write a number in base 36 from its own definition: the sum of its digits times their places."""
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(alphabet[value // 36**place % 36] for place in reversed(range(digits)))


def expected_fixed(value: int, digits: int) -> str:
    """Write a decimal fraction in its shortest form."""
    text = format(Decimal(value).scaleb(-digits), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(print_it: Callable[[Any, int], int], at: int = 3) -> str:
    """Give what was written at `at`, and see that nothing else was touched."""
    out = bytearray(b"~" * SIZE)
    end = print_it(out, at)
    assert out[:at] == b"~" * at
    assert out[end:] == b"~" * (SIZE - end)
    return out[at:end].decode()


@given(INT64)
@example(0)
@example(-1)
@example(10)
@example(999)
@example(1_000)
def test_put_int(value: int) -> None:
    """An integer is written as Python writes it."""
    assert written(lambda out, o: put_int(out, o, value)) == str(value)


@given(NATURAL, st.integers(0, 9))
@example(1, 3)
@example(1000, 3)
@example(120, 3)
@example(0, 3)
def test_put_fixed(value: int, digits: int) -> None:
    """A decimal fraction is written without trailing zeros, and without a point if nothing follows it."""
    assert written(lambda out, o: put_fixed(out, o, value, digits)) == expected_fixed(value, digits)


@given(INT64, st.integers(1, 16))
@example(-1, 16)
def test_put_hex(value: int, digits: int) -> None:
    """The low bits of a signed integer are written as hex digits, leading zeros kept."""
    assert written(lambda out, o: put_hex(out, o, value, digits)) == f"{value % 16**digits:0{digits}x}"


@given(NATURAL, st.integers(1, 12))
@example(35, 1)
@example(36, 2)
def test_put_base36(value: int, digits: int) -> None:
    """The last digits of a number are written in base 36, leading zeros kept."""
    assert written(lambda out, o: put_base36(out, o, value, digits)) == expected_base36(value, digits)


@given(st.integers(0, 255), st.integers(0, 100))
def test_put(start: int, n: int) -> None:
    """A stretch of the pool is copied as it is."""
    n = min(n, 256 - start)
    out = bytearray(SIZE)
    assert put(out, 2, POOL, start, n) == 2 + n
    assert out[2 : 2 + n] == POOL[start : start + n]
    assert len(out) == SIZE


def put_all(out: Any, pool: Any, value: int, natural: int, digits: int, start: int, n: int) -> int:
    """Write a value in every form."""
    o = put_int(out, 0, value)
    o = put_int(out, o, natural >> 6 * digits)
    o = put_fixed(out, o, natural, digits)
    o = put_hex(out, o, value, 16)
    o = put_hex(out, o, value, 1 + digits)
    o = put_base36(out, o, natural, 8)
    return put(out, o, pool, start, n)


@pytest.fixture(scope="session")
def compiled() -> Callable[..., int]:
    """Give the compiled body."""
    return twin(put_all)


@given(INT64, NATURAL, st.integers(0, 9), st.integers(0, 200), st.integers(0, 50))
@settings(deadline=None)
def test_compiled_is_interpreted(compiled: Callable[..., int], value: int, natural: int, digits: int, start: int, n: int) -> None:
    """Both bodies write the same bytes and give the same end; beyond it the compiled one leaves all but SLACK bytes alone."""
    one, two = bytearray(SIZE), np.zeros(SIZE, np.uint8)
    end = put_all(one, POOL, value, natural, digits, start, n)
    assert compiled(two, np.frombuffer(POOL + bytes(SLACK), np.uint8), value, natural, digits, start, n) == end
    assert two[:end].tobytes() == bytes(one[:end])
    assert not two[end + SLACK :].any()


def print_numbers(out: Any, numbers: Any) -> int:
    """Write integers one after the other."""
    o = 0
    for number in numbers:
        o = put_int(out, o, number)
        out[o] = 32
        o += 1
    return o


def test_compiled_integers_of_every_length() -> None:
    """Around each power of ten, where a number gets another digit, and around those of two, compiled code writes what Python does."""
    edges = [base**n + d for base in (2, 10) for n in range(63) for d in (-1, 0, 1) if base**n < 1 << 62]
    numbers = np.array([sign * n for n in edges for sign in (1, -1)], np.int64)
    out = np.zeros(20 * len(numbers) + SLACK, np.uint8)
    end = twin(print_numbers)(out, numbers)
    assert out[:end].tobytes().decode().split() == [str(n) for n in numbers.tolist()]


@given(INT64, st.integers(1, 8))
@settings(deadline=None)
def test_bytes_of_a_number(value: int, n: int) -> None:
    """The highest byte comes first; both bodies write the same."""
    fast, slow = np.zeros(20, np.uint8), bytearray(20)
    assert twin(put_some_bytes)(fast, 3, value, n) == put_bytes(slow, 3, value, n) == 3 + n
    assert fast[: 3 + n].tobytes() == slow[: 3 + n] == bytes(3) + (value & (1 << 8 * n) - 1).to_bytes(n, "big")


def put_some_bytes(out: Any, o: int, value: int, n: int) -> int:
    """Write bytes once."""
    return put_bytes(out, o, value, n)


@settings(deadline=None)
@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_word_is_its_low_bytes(value: int) -> None:
    """The lowest first; compiled code writes four bytes more, which what follows writes over."""
    slow, fast = bytearray(SLACK), np.zeros(SLACK, np.uint8)
    assert twin(put_a_word)(fast, 3, value) == put_word(slow, 3, value) == 7
    assert bytes(slow[3:7]) == fast[3:7].tobytes() == (value & 0xFFFFFFFF).to_bytes(4, "little")


def put_a_word(out: Any, o: int, value: int) -> int:
    """Stand in for a caller."""
    return put_word(out, o, value)
