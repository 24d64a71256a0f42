"""One HTTP exchange: reading a body within its limit, and the answer. The reason of a refusal is payload.Flaw as JSON."""

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from simulator.collector.payload import Flaw

GUNZIP: Final = 31  # zlib: 15 bits of window, and a gzip header
JSON: Final = (b"content-type", b"application/json")
MSGPACK: Final = b"application/msgpack"

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]


class Answer(NamedTuple):
    """What goes back. `cut`: it breaks off and the connection closes."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    cut: bool = False


class Gone(Exception):  # noqa: N818
    """The connection is gone; there is nobody to answer."""


def accept(document: object) -> Answer:
    """Answer with JSON."""
    return Answer(200, msgspec.json.encode(document), (JSON,))


def refuse(status: int, flaw: Flaw, *headers: Header) -> Answer:
    """Answer with the reason as JSON."""
    return Answer(status, msgspec.json.encode(flaw._asdict()), (JSON, *headers))


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, limit: int) -> bytes | Answer:
    """Read a body, inflated if it is gzip, as JSON if it is msgpack; an Answer if it is larger than the limit or cannot be read."""
    encoding = headers.get(b"content-encoding", b"").strip().lower() or b"identity"
    if encoding not in (b"identity", b"gzip"):
        flaw = Flaw("unknown encoding", "header content-encoding", encoding.decode("latin-1"), "gzip or none")
        return refuse(415, flaw, (b"accept-encoding", b"gzip"))
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and int(declared) > limit:
        return _too_large(declared.decode(), limit)
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            return _too_large(f"{size} or more", limit)
        more = message.get("more_body", False)
    body = b"".join(parts)
    found = inflate(body, limit) if encoding == b"gzip" else body
    is_packed = headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == MSGPACK
    return unpack(found) if is_packed and isinstance(found, bytes) else found


def inflate(body: bytes, limit: int) -> bytes | Answer:
    """Inflate gzip, never to more than the limit."""
    inflated, found = b"", "nothing"
    try:
        while body:
            stream = zlib.decompressobj(GUNZIP)
            inflated += stream.decompress(body, limit + 1 - len(inflated))
            if len(inflated) > limit:
                return _too_large("more, inflated,", limit)
            if not stream.eof:
                found = "a stream that ends too early"
                break
            body = stream.unused_data  # another member
        else:
            return inflated
    except zlib.error as error:
        found = str(error)
    return refuse(400, Flaw("the body is not gzip", "body", found, "gzip, as content-encoding says"))


def unpack(body: bytes) -> bytes | Answer:
    """Turn msgpack into the JSON that says the same."""
    try:
        return msgspec.json.encode(msgspec.msgpack.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError, RecursionError) as error:
        return refuse(400, Flaw("the body is not msgpack", "body", str(error), "one msgpack object, as content-type says"))


def _too_large(found: str, limit: int) -> Answer:
    return refuse(413, Flaw("the body is too large", "body", f"{found} bytes", f"at most {limit} bytes"))


def cross_origin(method: str, headers: Mapping[bytes, bytes]) -> list[Header]:
    """Give the headers with which a browser lets any page post here, beacons with credentials and pages of public networks included."""
    origin = headers.get(b"origin")
    if origin is None:
        return [(b"access-control-allow-origin", b"*")]
    allow: list[Header] = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"retry-after, last-modified"),
        (b"vary", b"origin"),
    ]
    if method == "OPTIONS":
        allow += [
            (b"access-control-allow-methods", b"GET, POST, PUT, OPTIONS"),
            (b"access-control-allow-headers", headers.get(b"access-control-request-headers", b"content-type, content-encoding, x-api-key")),
            (b"access-control-allow-private-network", b"true"),
            (b"access-control-max-age", b"86400"),
        ]
    return allow
