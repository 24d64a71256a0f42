"""Parquet's encodings: read back by a reader written after the specification, and the same bytes compiled and interpreted."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.wire import pages

CODES = st.integers(1, 20).flatmap(lambda width: st.tuples(st.just(width), st.lists(st.integers(0, (1 << width) - 1), max_size=300)))
RUNS = st.lists(st.tuples(st.integers(1, 400), st.integers(-1, 300)), max_size=40)
TEXTS = st.lists(st.text("ab{}é", max_size=40), max_size=60)


def both(put: Callable[..., int], *values: Any, room: int) -> bytes:
    """Let both bodies write, from the third byte on; give what both wrote."""
    size = room + pages.MARGIN + SLACK + 3
    fast, slow = np.zeros(size, np.uint8), bytearray(size)
    ends = twin(put)(*values, fast, 3)
    assert put(*(memoryview(value) if isinstance(value, np.ndarray) else value for value in values), slow, 3) == ends
    assert fast[3:ends].tobytes() == slow[3:ends]
    return bytes(slow[3:ends])


class Reader:
    """Reads what is encoded, bit by bit."""

    def __init__(self, raw: bytes) -> None:
        """Begin at the first byte."""
        self.raw, self.o = raw, 0

    def varint(self) -> int:
        """Read a number >= 0."""
        value, shift = 0, 0
        while True:
            byte = self.raw[self.o]
            self.o += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def zigzag(self) -> int:
        """Read a number."""
        value = self.varint()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def packed(self, n: int, width: int) -> list[int]:
        """Read n numbers of some bits."""
        word = int.from_bytes(self.raw[self.o : self.o + n * width // 8], "little")
        self.o += n * width // 8
        return [word >> i * width & (1 << width) - 1 for i in range(n)]

    def numbers(self) -> list[int]:
        """Read packed differences."""
        block, parts, n, last = self.varint(), self.varint(), self.varint(), self.zigzag()
        values = [last]
        while len(values) < n:
            least = self.zigzag()
            widths = self.raw[self.o : self.o + parts]
            self.o += parts
            for width in widths:
                if len(values) < n:
                    for rest in self.packed(block // parts, width):
                        values.append(values[-1] + least + rest)
        return values[:n]


@given(CODES)
@settings(deadline=None)
def test_codes_read_back(drawn: tuple[int, list[int]]) -> None:
    """Codes are one bit-packed run, filled up to a multiple of eight."""
    width, codes = drawn
    reader = Reader(both(pages.put_codes, np.array(codes, np.int32), len(codes), width, room=3 * len(codes)))
    assert reader.varint() == width
    groups = reader.varint()
    assert groups & 1
    assert reader.packed(8 * (groups >> 1), width)[: len(codes)] == codes
    assert reader.o == len(reader.raw)


@given(RUNS, st.integers(9, 20))
@settings(deadline=None)
def test_runs_read_back(drawn: list[tuple[int, int]], width: int) -> None:
    """Neighbours with the same code are one run; rows without a code are left out."""
    starts = np.cumsum([0, *(length for length, _ in drawn)]).astype(np.int32)
    codes = np.array([code for _, code in drawn], np.int32)
    reader = Reader(both(pages.put_runs, starts[:-1], codes, len(codes), int(starts[-1]), width, room=10 * len(codes)))
    found: list[tuple[int, int]] = []
    while reader.o < len(reader.raw):
        length = reader.varint()
        assert not length & 1
        found.append((reader.packed(1, -(-width // 8) * 8)[0], length >> 1))
    assert [code for code, length in found for _ in range(length)] == [code for length, code in drawn if code >= 0 for _ in range(length)]
    assert all(one[0] != other[0] for one, other in pairwise(found))


@given(st.lists(st.integers(-(1 << 60), 1 << 60) | st.integers(0, 50), max_size=400))
@settings(deadline=None)
def test_numbers_read_back(values: list[int]) -> None:
    """Numbers of any size come back from their packed differences, whole blocks and parts of them."""
    reader = Reader(both(pages.put_numbers, np.array(values, np.int64), len(values), room=12 * len(values)))
    assert reader.numbers()[: len(values)] == values
    assert reader.o == len(reader.raw)


@given(TEXTS)
@settings(deadline=None)
def test_strings_read_back(texts: list[str]) -> None:
    """Strings come back whole, and from what each shares with the one before."""
    raw = [text.encode() for text in texts]
    ends, text = np.cumsum([0, *map(len, raw)]).astype(np.int32), np.frombuffer(b"".join(raw) + bytes(SLACK), np.uint8)
    plain = both(pages.put_strings, ends, text, len(raw), room=len(text) + 4 * len(raw))
    assert plain == b"".join(len(one).to_bytes(4, "little") + one for one in raw)
    shared, left = np.zeros(len(raw), np.int64), np.zeros(len(raw), np.int64)
    suffixes = both(pages.put_suffixes, ends, text, len(raw), shared, left, room=len(text))
    last, o = b"", 0
    for one, same, rest in zip(raw, shared.tolist(), left.tolist(), strict=True):
        last = last[:same] + suffixes[o : o + rest]
        assert last == one
        o += rest
    assert o == len(suffixes)


@given(TEXTS)
@settings(deadline=None)
def test_a_string_that_comes_twice_is_found(texts: list[str]) -> None:
    """Whether all strings differ is told alike by both bodies, whatever falls to the same place of the table."""
    raw = [text.encode() for text in texts]
    ends, text = np.cumsum([0, *map(len, raw)]).astype(np.int32), np.frombuffer(b"".join(raw) + bytes(SLACK), np.uint8)
    wanted = len({*raw}) < len(raw)
    assert twin(pages.repeats)(ends, text, len(raw), np.zeros(64, np.int32), 63) == wanted
    assert pages.repeats(memoryview(ends), memoryview(text), len(raw), [0] * 64, 63) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize("whole", [True, False])
def test_event_ids_read_back(whole: bool) -> None:
    """An event's id is its session's and its own; the next one of the session has only its own anew."""
    starts = np.array([0, 3, 4, 6], np.int32)
    sessions = np.array([[1, -2], [1, -2], [1, 5], [7, 5]], np.int64)
    events = np.arange(-4, 4, dtype=np.int64)
    run = np.repeat(np.arange(4), np.diff(starts, append=8))
    mask = (1 << 64) - 1
    ids = [f"00-{int(sessions[r, 0]) & mask:016x}{int(sessions[r, 1]) & mask:016x}-{int(e) & mask:016x}" for r, e in zip(run, events, strict=True)]
    shared = np.full(8, -1 if whole else 0)
    wanted = [0, 36, 36, 36, 3, 36, 3, 36]
    out = np.zeros(1000, np.uint8)
    ends = twin(pages.put_event_ids)(starts, sessions, 4, events, 8, shared, out, 0)
    text = out[:ends].tobytes().decode()
    assert text == ("".join(ids) if whole else "".join(one[same:] for one, same in zip(ids, wanted, strict=True)))
    assert whole or shared.tolist() == wanted
