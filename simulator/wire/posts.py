"""Payloads as rows of JSON or msgpack, with their bodies.

Rows of JSON are printed straight away, bodies as they stand inside strings (formats of a sheet that is `inside`); rows of msgpack are put together
from payloads by one loop. A row's strings follow from its edition and from whether it is sent by XHR: constants, laid out once.
"""

import json
from collections.abc import Iterable, MutableSequence, Sequence
from typing import Any, Final, NamedTuple

from simulator.kernel.text import BACKSLASH, SLACK, put, put_bytes, put_int
from simulator.kernel.twin import inlined
from simulator.wire.layout import Span, plain
from simulator.wire.pack import FIRST_UINT, pack_int

MEMBERS: Final = ("due_ms", "device", "session_key", "via", "path", "content_type", "events", "body")
DUE, DEVICE, KEY, BODY, END = range(5)
"""Constants before the numbers and the body, and behind it. One for each variant follows: its strings, with what stands before `events`."""
VARIANTS: Final = END + 1
BIN_8: Final = 0xC4
UINT_64: Final = FIRST_UINT + 3
NUMBER_BYTES: Final = 80
"""What the numbers of a row take at most."""


class Post(NamedTuple):
    """How and where a payload is sent."""

    via: str
    path: str
    content_type: str


class Posts(NamedTuple):
    """Bytes, the spans of the constants in them, and for each edition from how many bytes on a body is too long (0: never)."""

    limits: Any
    spans: Any
    pool: Any


def rows_of(posts: Sequence[tuple[int, Post]]) -> Posts:
    """Lay out rows of JSON. `posts`: two variants of each edition, with its limit; the second is of bodies that are too long for the first."""
    words = [json.dumps(name) for name in MEMBERS]
    due, device, key, *names, events, body = words
    parts = [f"{{{due}:", f",{device}:", f",{key}:", f',{body}:"', '"}\n']
    for _, post in posts:
        strings = "".join(f",{name}:{json.dumps(value, ensure_ascii=False)}" for name, value in zip(names, post, strict=True))
        parts.append(f"{strings},{events}:")
    return _laid([limit for limit, _ in posts[::2]], [plain(part) for part in parts])


def packed(posts: Iterable[Post]) -> Posts:
    """Lay out rows of msgpack."""
    due, device, key, *names, events, body = (_word(name) for name in MEMBERS)
    parts = [bytes([0x80 | len(MEMBERS)]) + due, device, key, body, b""]
    parts += [b"".join(name + _word(value) for name, value in zip(names, post, strict=True)) + events for post in posts]
    return _laid([], parts)


def _laid(limits: list[int], parts: list[bytes]) -> Posts:
    spans, pool = [], b""
    for part in parts:
        spans.append(Span(len(pool), len(part)))
        pool += part
    return Posts(limits, spans, pool + bytes(SLACK))


def longest_row(posts: Posts) -> int:
    """Give how many bytes stand around a body at most."""
    lengths: list[int] = [span.length for span in posts.spans]
    return sum(lengths[:VARIANTS]) + max(lengths[VARIANTS:]) + NUMBER_BYTES + SLACK


def _word(text: str) -> bytes:
    raw = plain(text)
    return (bytes([0xA0 | len(raw)]) if len(raw) < 32 else bytes([0xD9, len(raw)]) if len(raw) < 256 else b"\xda" + len(raw).to_bytes(2)) + raw  # noqa: PLR2004


@inlined
def put_unsigned(out: MutableSequence[int], o: int, value: int) -> int:
    """Write 64 bits as a number >= 0."""
    if value >= 0:
        return put_int(out, o, value)
    half = value >> 1 & 0x7FFFFFFFFFFFFFFF
    o = put_int(out, o, half // 5)
    out[o] = 48 + 2 * (half % 5) + (value & 1)
    return o + 1


@inlined
def put_constant(posts: Posts, which: int, out: Any, o: int) -> int:  # noqa: ANN401
    """Write a constant."""
    return put(out, o, posts.pool, posts.spans[which].start, posts.spans[which].length)


def put_head(posts: Posts, variant: int, p: Any, out: Any, o: int) -> int:  # noqa: ANN401
    """Write what stands before a body in a row of JSON; `p`: the payload, whose body need not be there yet."""
    o = put_int(out, put_constant(posts, DUE, out, o), p.due)
    o = put_int(out, put_constant(posts, DEVICE, out, o), p.device)
    o = put_unsigned(out, put_constant(posts, KEY, out, o), p.session)
    o = put_int(out, put_constant(posts, VARIANTS + variant, out, o), p.events)
    return put_constant(posts, BODY, out, o)


def put_end(posts: Posts, edition: int, p: Any, out: Any, begins: int, o: int) -> int:  # noqa: ANN401
    """End a row of JSON that begins at `begins`: its body, from `p.begins` to `o`, is known now and may be too long for its head."""
    limit, length = posts.limits[edition], o - p.begins
    if limit and length >= limit and length - escapes(out, p.begins, o) >= limit:
        head = o + SLACK  # not at its place yet, where it would write too far
        ends = put_head(posts, 2 * edition + 1, p, out, head)
        body = begins + ends - head
        # by bytes, since they overlap: from that end on from which nothing is overwritten that is still to be moved
        for k in range(length):
            i = length - 1 - k if body > p.begins else k
            out[body + i] = out[p.begins + i]
        for i in range(ends - head):
            out[begins + i] = out[head + i]
        o = body + length
    return put_constant(posts, END, out, o)


def escapes(out: Sequence[int], begins: int, ends: int) -> int:
    """Count the backslashes that escaping has put into what stands inside a string."""
    found, i = 0, begins
    while i < ends:
        if out[i] == BACKSLASH:
            found += 1
            i += 1
        i += 1
    return found


def pack_posts(posts: Posts, payloads: Any, n: int, variants: Sequence[int], text: Any, out: Any) -> int:  # noqa: ANN401
    """Write n payloads as rows of msgpack; give how many bytes they have."""
    o = 0
    for i in range(n):
        p = payloads[i]
        o = pack_int(out, put_constant(posts, DUE, out, o), p.due)
        o = pack_int(out, put_constant(posts, DEVICE, out, o), p.device)
        o = put_constant(posts, KEY, out, o)
        if p.session >= 0:
            o = pack_int(out, o, p.session)
        else:
            out[o] = UINT_64
            o = put_bytes(out, o + 1, p.session, 8)
        o = pack_int(out, put_constant(posts, VARIANTS + variants[i], out, o), p.events)
        o = put_constant(posts, BODY, out, o)
        size = 0 if p.length < 256 else 1 if p.length < 65_536 else 2  # noqa: PLR2004
        out[o] = BIN_8 + size
        o = put(out, put_bytes(out, o + 1, p.length, 1 << size), text, p.begins, p.length)
    return o
