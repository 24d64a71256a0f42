"""Rows of payloads are what msgspec makes of the same values, as JSON and as msgpack, compiled and interpreted."""

from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.kernel.record import rows
from simulator.kernel.rnd import MASK
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.buffers import PayloadOut
from simulator.wire.layout import Span
from simulator.wire.posts import JSON, MEMBERS, PACKED, Post, lay_out, put_posts

POSTS = [Post("beacon", "/a", "text/plain"), Post("xhr", '/"b"' + "c" * 40, "x")]
BODIES = [b"{}", '{"a":"\\"é"}'.encode() + b"x" * 240, b"y" * 254 + b'"', b"z" * 70_000]
TEXT = b"".join(BODIES)
PAYLOADS = [
    PayloadOut(device=7 * i, session=session, due=1_767_571_200_000 + i, events=i * 200, begins=TEXT.index(body), length=len(body))
    for i, (session, body) in enumerate(zip((5, -1, -(1 << 63), (1 << 63) - 1), BODIES, strict=True))
]
VARIANTS = [0, 1, 1, 0]


def expected(form: int) -> tuple[bytes, list[bytes]]:
    """Give the rows, and what the hash of each is of."""
    out, hashed = b"", []
    for p, variant, body in zip(PAYLOADS, VARIANTS, BODIES, strict=True):
        values = (p.due, p.device, p.session & MASK, *POSTS[variant], p.events)
        row = dict(zip(MEMBERS, (*values, body.decode() if form == JSON else body), strict=True))
        out += msgspec.json.encode(row) + b"\n" if form == JSON else msgspec.msgpack.encode(row)
        hashed.append(f"{','.join(map(str, values))},".encode() + body)
    return out, hashed


@pytest.mark.parametrize("form", [JSON, PACKED])
@pytest.mark.parametrize("compiled", [True, False])
def test_rows_and_what_is_hashed(form: int, compiled: bool) -> None:
    """Keys of 64 bits, bodies of each length that msgpack tells apart, strings that are escaped."""
    spans, pool = lay_out(form, POSTS)
    out, hashed, ends = np.zeros(200_000, np.uint8), np.zeros(200_000, np.uint8), np.zeros(len(BODIES), np.int64)
    seen: list[Any] = [memoryview(out), memoryview(hashed), memoryview(ends)]  # type: ignore[arg-type]
    if compiled:
        packed = np.frombuffer(pool + bytes(SLACK), np.uint8), np.frombuffer(TEXT + bytes(SLACK), np.uint8), form, out, hashed, ends
        size = twin(put_posts)(rows(PayloadOut, PAYLOADS), len(BODIES), np.array(VARIANTS), rows(Span, spans), *packed)
    else:
        size = put_posts(PAYLOADS, len(BODIES), VARIANTS, spans, pool, TEXT, form, *seen)
    wanted, parts = expected(form)
    assert out[:size].tobytes() == wanted
    begins = [0, *ends.tolist()]
    assert [hashed[a:b].tobytes() for a, b in pairwise(begins)] == parts
