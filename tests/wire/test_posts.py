"""Rows of payloads are what msgspec makes of the same values, as JSON and as msgpack, compiled and interpreted."""

from typing import Any

import msgspec
import numpy as np
import pytest

from simulator.kernel.record import rows
from simulator.kernel.rnd import MASK
from simulator.kernel.text import SLACK, put
from simulator.kernel.twin import twin
from simulator.play.buffers import PayloadOut
from simulator.wire.layout import Span, escaped
from simulator.wire.posts import MEMBERS, Post, Posts, longest_row, pack_posts, packed, put_end, put_head, rows_of

POSTS = [Post("beacon", "/a", "text/plain"), Post("xhr", '/"b"' + "c" * 40, "x")]
BODIES = [b"{}", '{"a":"\\"é"}'.encode() + b"x" * 240, b"y" * 254 + b'"', b"z" * 70_000]
TEXT = b"".join(BODIES)
PAYLOADS = [
    PayloadOut(device=7 * i, session=session, due=1_767_571_200_000 + i, events=i * 200, begins=TEXT.index(body), length=len(body))
    for i, (session, body) in enumerate(zip((5, -1, -(1 << 63), (1 << 63) - 1), BODIES, strict=True))
]
ROOM = 300_000


def expected(i: int, variant: Post) -> dict[str, Any]:
    """Give a row."""
    p = PAYLOADS[i]
    return dict(zip(MEMBERS, (p.due, p.device, p.session & MASK, *variant, p.events, BODIES[i]), strict=True))


def compiled_posts(posts: Posts) -> Posts:
    """Give what compiled code reads."""
    return Posts(np.array([*posts.limits, 0], np.int64), rows(Span, posts.spans), np.frombuffer(posts.pool, np.uint8))


@pytest.mark.parametrize("compiled", [True, False])
def test_rows_of_msgpack(compiled: bool) -> None:
    """Keys of 64 bits, and bodies of each length that msgpack tells apart."""
    posts, variants, out = packed(POSTS), [0, 1, 1, 0], np.zeros(ROOM, np.uint8)
    if compiled:
        text = np.frombuffer(TEXT + bytes(SLACK), np.uint8)
        size = twin(pack_posts)(compiled_posts(posts), rows(PayloadOut, PAYLOADS), len(BODIES), np.array(variants), text, out)
    else:
        size = pack_posts(posts, PAYLOADS, len(BODIES), variants, TEXT, memoryview(out))  # type: ignore[arg-type]
    assert out[:size].tobytes() == b"".join(msgspec.msgpack.encode(expected(i, POSTS[variant])) for i, variant in enumerate(variants))


def put_rows(posts: Posts, payloads: Any, n: int, bodies: Any, begins: Any, out: Any) -> int:
    """Write rows of JSON, with bodies that are escaped and end where the next begins."""
    o = 0
    for i in range(n):
        p, starts = payloads[i], o
        o = put_head(posts, 0, p, out, o)
        p.begins = o
        o = put_end(posts, 0, p, out, starts, put(out, o, bodies, begins[i], begins[i + 1] - begins[i]))
    return o


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("limit", [0, 1, *(len(body) + more for body in BODIES for more in (0, 1))])
@pytest.mark.parametrize("two", [POSTS, POSTS[::-1]])
def test_rows_of_json(two: list[Post], limit: int, compiled: bool) -> None:
    """A body that is as long as the limit, before it is escaped, is told of otherwise, whether that takes more bytes or fewer."""
    posts, quoted = rows_of([(limit, post) for post in two]), [escaped(body) for body in BODIES]
    begins = np.cumsum([0, *map(len, quoted)])
    out, bodies = np.zeros(ROOM, np.uint8), b"".join(quoted) + bytes(SLACK)
    if compiled:
        size = twin(put_rows)(compiled_posts(posts), rows(PayloadOut, PAYLOADS), len(BODIES), np.frombuffer(bodies, np.uint8), begins, out)
    else:
        size = put_rows(posts, [*PAYLOADS], len(BODIES), bodies, begins.tolist(), memoryview(out))  # type: ignore[arg-type]
    wanted = [expected(i, two[0 < limit <= len(body)]) | {"body": body.decode()} for i, body in enumerate(BODIES)]
    assert out[:size].tobytes() == b"".join(msgspec.json.encode(row) + b"\n" for row in wanted)
    heads = zip(out[:size].tobytes().splitlines(), quoted, strict=True)
    assert max(len(line) - len(body) for line, body in heads) < longest_row(posts)
