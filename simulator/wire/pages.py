"""Columns as Parquet encodes them: whole pages' values, one after the other into a buffer, by compiled loops.

Source: Apache Parquet's Encodings.md. `put_*` write at `o` and return where the next byte goes, as in kernel/text.py.
"""

from collections.abc import MutableSequence, Sequence
from typing import Any, Final

from simulator.kernel.digest import xxh64
from simulator.kernel.text import DASH, ZERO, put, put_hex, put_word
from simulator.kernel.twin import inlined

DELTAS: Final = 128
"""Values of a block of differences,"""
QUARTER: Final = 32
"""and of each of its four parts, which have widths of their own."""
MARGIN: Final = 8 * QUARTER + 64
"""Bytes that are written beside those of the values: heads, and what fills up the last part."""
SESSION_BEGINS, SESSION_ENDS, EVENT_ENDS = 3, 36, 52
"""Characters of an event's id before the session's, before its own, and all of them."""


@inlined
def put_rest(out: MutableSequence[int], o: int, ends: int, word: int) -> int:
    """Write the bytes up to `ends`, the lowest first: the end of what was packed into words."""
    while o < ends:
        out[o] = word & 255
        word >>= 8
        o += 1
    return o


@inlined
def put_varint(out: MutableSequence[int], o: int, value: int) -> int:
    """Write a number >= 0, seven bits a byte."""
    while value > 127:  # noqa: PLR2004
        out[o] = value & 127 | 128
        value >>= 7
        o += 1
    out[o] = value
    return o + 1


@inlined
def put_zigzag(out: MutableSequence[int], o: int, value: int) -> int:
    """Write a number, its sign in the lowest bit."""
    return put_varint(out, o, value << 1 if value >= 0 else (-value << 1) - 1)


@inlined
def width_of(most: int) -> int:
    """Count the bits of a number >= 0."""
    width = 0
    while most >> width:
        width += 1
    return width


def put_codes(codes: Sequence[int], n: int, width: int, out: MutableSequence[int], o: int) -> int:
    """Write the first n of some codes, all of them in `width` bits, below 32, as one bit-packed run; the width stands before it."""
    out[o] = width
    o = put_varint(out, o + 1, (n + 7) // 8 << 1 | 1)
    ends = o + (n + 7) // 8 * width
    word, used = 0, 0
    for i in range(n):
        word |= codes[i] << used
        used += width
        if used >= 32:  # noqa: PLR2004
            o = put_word(out, o, word)
            word >>= 32
            used -= 32
    return put_rest(out, o, ends, word)


def put_runs(starts: Sequence[int], codes: Sequence[int], n: int, rows: int, width: int, out: MutableSequence[int], o: int) -> int:
    """Write n runs, which begin at the rows `starts`, of codes; those that are negative are left out. The last goes on to row `rows`."""
    value, length = -1, 0
    for i in range(n + 1):
        code = codes[i] if i < n else -1
        if i < n and code < 0:
            continue
        if code != value:
            if length:
                o = put_varint(out, o, length << 1)
                for k in range((width + 7) // 8):
                    out[o] = value >> 8 * k & 255
                    o += 1
            value, length = code, 0
        if i < n:
            length += (starts[i + 1] if i + 1 < n else rows) - starts[i]
    return o


def put_numbers(values: Sequence[int], n: int, out: MutableSequence[int], o: int) -> int:
    """Write n numbers, whose differences stay below 2**62, as packed differences (DELTA_BINARY_PACKED)."""
    o = put_varint(out, o, DELTAS)
    o = put_varint(out, o, DELTAS // QUARTER)
    o = put_varint(out, o, n)
    o = put_zigzag(out, o, values[0] if n else 0)
    begins = 1
    while begins < n:
        ends = min(begins + DELTAS, n)
        least = least_of(values[begins - 1 : ends])
        widths = put_zigzag(out, o, least)
        o = widths + DELTAS // QUARTER
        for part in range(DELTAS // QUARTER):
            first = min(begins + QUARTER * part, ends)
            some = values[first - 1 : min(first + QUARTER, ends)]
            width = width_of(every_bit(some, least))
            out[widths + part] = width
            if width:
                o = put_part(some, least, width, out, o)
        begins = ends
    return o


@inlined
def least_of(values: Sequence[int]) -> int:
    """Give the least difference of each from the one before it."""
    least = values[1] - values[0]
    for i in range(1, len(values)):
        least = min(least, values[i] - values[i - 1])
    return least


@inlined
def every_bit(values: Sequence[int], least: int) -> int:
    """Give the bits that any difference has, above the least."""
    bits = 0
    for i in range(1, len(values)):
        bits |= values[i] - values[i - 1] - least
    return bits


@inlined
def put_part(values: Sequence[int], least: int, width: int, out: MutableSequence[int], o: int) -> int:
    """Write up to a quarter of a block, filled up with zeros: of each difference what is above the least, in `width` bits."""
    ends = o + QUARTER // 8 * width
    word, used = 0, 0
    for i in range(1, len(values)):
        value = values[i] - values[i - 1] - least
        rest = width
        if rest > 31:  # noqa: PLR2004
            word |= (value & 0x7FFFFFFF) << used
            used += 31
            if used >= 32:  # noqa: PLR2004
                o = put_word(out, o, word)
                word >>= 32
                used -= 32
            value >>= 31
            rest -= 31
        word |= value << used
        used += rest
        if used >= 32:  # noqa: PLR2004
            o = put_word(out, o, word)
            word >>= 32
            used -= 32
    return put_rest(out, o, ends, word)


def put_strings(ends: Sequence[int], text: Any, n: int, out: Any, o: int) -> int:  # noqa: ANN401
    """Write n strings, each after its length (PLAIN)."""
    for i in range(n):
        o = put_word(out, o, ends[i + 1] - ends[i])
        o = put(out, o, text, ends[i], ends[i + 1] - ends[i])
    return o


def repeats(ends: Sequence[int], text: Any, n: int, table: Any, mask: int) -> int:  # noqa: ANN401
    """Give 1 if one of n strings comes twice, else 0. `table`: mask + 1 zeros, a power of two and more than n."""
    for i in range(n):
        begins, length = ends[i], ends[i + 1] - ends[i]
        at = xxh64(text, begins, length, 0) & mask
        while table[at]:
            other, same = ends[table[at] - 1], 0
            if ends[table[at]] - other == length:
                while same < length and text[other + same] == text[begins + same]:
                    same += 1
                if same == length:
                    return 1
            at = (at + 1) & mask
        table[at] = i + 1
    return 0


def put_event_ids(starts: Sequence[int], sessions: Any, n: int, events: Sequence[int], rows: int, shared: Any, out: Any, o: int) -> int:  # noqa: ANN401
    """Write the ids of events in n runs: of each what it has not in common with the one before, whose length is `shared`; all if that is -1."""
    for run in range(n):
        for row in range(starts[run], starts[run + 1] if run + 1 < n else rows):
            same = min(shared[row], 0)
            if same == 0 and row:
                known = row > starts[run] or (sessions[run, 0] == sessions[run - 1, 0] and sessions[run, 1] == sessions[run - 1, 1])
                same = SESSION_ENDS if known else SESSION_BEGINS
            if same <= 0:
                out[o] = out[o + 1] = ZERO
                out[o + 2] = DASH
                o += SESSION_BEGINS
            if same < SESSION_ENDS:
                o = put_hex(out, put_hex(out, o, int(sessions[run, 0]), 16), int(sessions[run, 1]), 16)
                out[o] = DASH
                o += 1
            shared[row] = same
            o = put_hex(out, o, int(events[row]), 16)
    return o


def put_suffixes(ends: Sequence[int], text: Any, n: int, shared: Any, left: Any, out: Any, o: int) -> int:  # noqa: ANN401
    """Write of n strings what each has not in common with the beginning of the one before, whose length is `shared`; `left` is how long it is."""
    for i in range(n):
        begins, length, same = ends[i], ends[i + 1] - ends[i], 0
        if i:
            before = ends[i - 1]
            while same < length and before + same < begins and text[before + same] == text[begins + same]:
                same += 1
        shared[i], left[i] = same, length - same
        o = put(out, o, text, begins + same, length - same)
    return o
