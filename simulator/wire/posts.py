"""Payloads as rows of JSON or msgpack, with their bodies, written by one compiled loop; beside them what each row's hash is of.

A row's strings follow from its edition and from whether it is sent by XHR: constants, laid out once (`lay_out`).
"""

import json
from collections.abc import Iterable, MutableSequence, Sequence
from typing import Any, Final, NamedTuple

from simulator.kernel.text import put, put_bytes, put_int, put_quoted
from simulator.kernel.twin import inlined
from simulator.wire.layout import Span, plain
from simulator.wire.pack import FIRST_UINT
from simulator.wire.pack import pack_int as put_packed

JSON, PACKED = range(2)
"""Formats."""
MEMBERS: Final = ("due_ms", "device", "session_key", "via", "path", "content_type", "events", "body")
DUE, DEVICE, KEY, BODY, END = range(5)
"""Constants before the numbers and the body, and behind it. Two for each variant follow: its strings with what stands before `events`, and what the
hash has of them."""
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


class Constants(NamedTuple):
    """Bytes, and the spans of the constants in them."""

    spans: list[Span]
    pool: bytes


def lay_out(form: int, posts: Iterable[Post]) -> Constants:
    """Lay out the constants of a format, with two of each variant."""
    words = [_word(form, name) for name in MEMBERS]
    between, colon, ends = (b",", b":", b'"}\n') if form == JSON else (b"", b"", b"")
    due, device, key, *names, events, body = words
    begins = b"{" if form == JSON else bytes([0x80 | len(MEMBERS)])
    parts = [begins + due + colon, between + device + colon, between + key + colon, between + body + colon + (b'"' if form == JSON else b""), ends]
    for post in posts:
        strings = b"".join(between + name + colon + _word(form, value) for name, value in zip(names, post, strict=True))
        parts += [strings + between + events + colon, plain(f",{','.join(post)},")]
    spans, pool = [], b""
    for part in parts:
        spans.append(Span(len(pool), len(part)))
        pool += part
    return Constants(spans, pool)


def _word(form: int, text: str) -> bytes:
    raw = plain(text)
    if form == JSON:
        return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")
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


def put_posts(payloads: Any, n: int, variants: Sequence[int], spans: Any, pool: Any, text: Any, form: int, rows: Any, hashed: Any, ends: Any) -> int:  # noqa: ANN401
    """Write n payloads, and one after the other what their hashes are of, each up to `ends`; give how many bytes the rows have."""
    o = h = 0
    for i in range(n):
        p, variant = payloads[i], VARIANTS + 2 * variants[i]
        h = put_int(hashed, h, p.due)
        hashed[h] = 44  # a comma
        h = put_int(hashed, h + 1, p.device)
        hashed[h] = 44
        h = put_unsigned(hashed, h + 1, p.session)
        h = put(hashed, h, pool, spans[variant + 1].start, spans[variant + 1].length)
        h = put_int(hashed, h, p.events)
        hashed[h] = 44
        h = put(hashed, h + 1, text, p.begins, p.length)
        ends[i] = h
        o = put(rows, o, pool, spans[DUE].start, spans[DUE].length)
        o = put_int(rows, o, p.due) if form == JSON else put_packed(rows, o, p.due)
        o = put(rows, o, pool, spans[DEVICE].start, spans[DEVICE].length)
        o = put_int(rows, o, p.device) if form == JSON else put_packed(rows, o, p.device)
        o = put(rows, o, pool, spans[KEY].start, spans[KEY].length)
        if form == JSON:
            o = put_unsigned(rows, o, p.session)
        elif p.session >= 0:
            o = put_packed(rows, o, p.session)
        else:
            rows[o] = UINT_64
            o = put_bytes(rows, o + 1, p.session, 8)
        o = put(rows, o, pool, spans[variant].start, spans[variant].length)
        o = put_int(rows, o, p.events) if form == JSON else put_packed(rows, o, p.events)
        o = put(rows, o, pool, spans[BODY].start, spans[BODY].length)
        if form == JSON:
            o = put_quoted(rows, o, text, p.begins, p.length)
        else:
            size = 0 if p.length < 256 else 1 if p.length < 65_536 else 2  # noqa: PLR2004
            rows[o] = BIN_8 + size
            o = put_bytes(rows, o + 1, p.length, 1 << size)
            o = put(rows, o, text, p.begins, p.length)
        o = put(rows, o, pool, spans[END].start, spans[END].length)
    return o
