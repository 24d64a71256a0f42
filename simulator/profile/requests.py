"""What pages request, and the networks by which they do. Durations are ms, sizes bytes, shares 0..1."""

from typing import Annotated, Literal

from msgspec import Meta

from simulator.profile.laws import Constant, Law, Positive
from simulator.profile.parts import Ids, Name, Origin, Part, Path, Share, Status


class Network(Part, kw_only=True):
    """What a network adds to a request: the TCP handshake takes one round trip, the first byte another beside the server's time."""

    model: Name
    """`net.model` on the wire."""
    dns: Law
    """Of a look-up."""
    rtt: Law
    """Of one round trip; drawn for each request."""
    tls_round_trips: Annotated[int, Meta(ge=1, le=4)] = 1
    """Of a TLS handshake: 1 with TLS 1.3 (RFC 8446), 2 with 1.2."""
    reuse_share: Share
    """Of requests on an open connection: their DNS, TCP and TLS phases are 0."""
    kilobytes_per_s: Positive
    """How fast answers come."""


class Slow(Part, kw_only=True):
    """A share of requests for which the server takes longer."""

    share: Share = 0.0
    """Of requests."""
    factor: Annotated[float, Meta(ge=1, le=10_000)] = 1.0
    """Of the server's time."""


class Fail(Part, kw_only=True):
    """A share of requests that fail."""

    share: Share = 0.0
    """Of requests."""
    status: Status = 500
    """Answered instead; 0 is a network error."""


class Api(Part, kw_only=True):
    """An endpoint that pages call."""

    path: Path
    """Of its URL; {id} stands for a number."""
    ids: Ids = 1
    """So many numbers stand for {id}."""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """Of the request."""
    status: Annotated[int, Meta(ge=200, le=399)] = 200
    """Of an answer that is no failure."""
    server: Law
    """Of the server alone: the time to first byte without the round trip."""
    size: Law
    """Of an answer."""
    request_size: Law = Constant(value=0)
    """Of what is sent."""
    slow: Slow = Slow()
    fail: Fail = Fail()


class Asset(Part, kw_only=True):
    """A static file that pages load."""

    path: Path
    """Of its URL."""
    origin: Origin | None = None
    """Scheme and host of another server; None: the application's."""
    timing: bool = True
    """Its server allows timing (Timing-Allow-Origin); without, nothing of a file of another origin but its duration is known."""
    type: Literal["css", "js", "image", "font", "media"]
    """What it is to a browser."""
    server: Law
    """Of the server alone: the time to first byte without the round trip."""
    size: Law
    """Of the file."""
