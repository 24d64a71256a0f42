"""The profile as it stands in a TOML file, typed.

Durations are ms, sizes bytes, `share` and weights 0..1. A dictionary's key is the name by which other parts refer to its entry. Rules that
tie fields together (weights that sum to 1, names that exist) are in check.py.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from simulator.profile.laws import Constant, Law, Positive

Share = Annotated[float, Meta(ge=0, le=1)]
Ms = Annotated[int, Meta(ge=0, le=10**13)]
Weights = Annotated[dict[str, Annotated[float, Meta(ge=0)]], Meta(min_length=1)]
"""Of choices, by name; they sum to 1."""
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Status = Annotated[int, Meta(ge=0, le=599)]
Path = Annotated[str, Meta(pattern="^/", max_length=500, description="a path that begins with a slash")]
Text = Annotated[str, Meta(max_length=4000)]
# what HTTP can carry (RFC 9110, 9112); `$` alone would let a line feed follow
ORIGIN = r"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$(?!\n)"
ORIGIN_IS = "http:// or https:// and an ASCII host, such as https://shop.example.com (other letters as punycode, xn--...), perhaps with a port"
TARGET = r"^/[!$-~]*$(?!\n)"
TARGET_IS = "a path that begins with a slash, in ASCII without spaces, quotes and # (those as %XX)"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every part of a profile: immutable, unknown keys refused."""


class App(Part, kw_only=True):
    """The application under observation, as the SDK is told of it at init."""

    id: Name
    """The service's id on the wire (`app.id`)."""
    version: Name
    env: Name = "prod"
    origin: Annotated[str, Meta(pattern=ORIGIN, max_length=200, description=ORIGIN_IS)]
    """Scheme and host of its pages and APIs, without a slash at the end."""
    endpoint: Annotated[str, Meta(pattern=TARGET, max_length=500, description=TARGET_IS)] = "/rum/collect"
    """Path on the collector to which the SDK posts."""


class SessionConfig(Part, kw_only=True):
    """`sessionConfig` of the product document; None takes the edition's default."""

    sample_rate: Share | None = None
    max_duration: Ms | None = None
    overtime: Ms | None = None


class RemoteConfig(Part, kw_only=True):
    """`remoteConfig` of the product document."""

    enable: bool | None = None
    """None: as the platform has it; mobile always fetches."""
    mode: Literal["launch-first", "remote-first"] = "launch-first"
    cache_timeout: Ms = 3_600_000


class Os(Part, kw_only=True):
    """An operating system and the devices that run it."""

    name: Name
    version: Name
    share: Share
    models: Weights
    """Weights of device models."""


class Trips(Part, kw_only=True):
    """Leaving the app or tab for a while in the middle of a visit."""

    share: Share = 0.0
    """Of page views that end with a trip."""
    long_share: Share = 0.0
    """Of trips that are long."""
    short: Law = Constant(value=10_000)
    long: Law = Constant(value=600_000)
    killed_share: Share = 0.0
    """Of long trips during which the system ends the process (mobile)."""


class Idle(Part, kw_only=True):
    """Sitting still on a page, the app in front."""

    share: Share = 0.0
    """Of page views."""
    gap: Law = Constant(value=4_000_000)


class Platform(Part, kw_only=True):
    """A platform on which the application is visited."""

    share: Share
    editions: dict[str, Share] = {}
    """Weights of the SDK's editions (`rumsim editions`); none: the documented one."""
    session: SessionConfig = SessionConfig()
    remote: RemoteConfig = RemoteConfig()
    sdk_version: str = ""
    """On the wire; empty: the edition's."""
    os: Annotated[list[Os], Meta(min_length=1)]
    networks: Weights
    """Weights of networks."""
    trips: Trips = Trips()
    idle: Idle = Idle()
    close_share: Share = 1.0
    """Of visits that end by closing the page or process; the others leave it in the background."""
    crash_share: Share = 0.0
    """Of page views that end in a crash of the process (mobile)."""


class Population(Part, kw_only=True):
    """Who visits, and when."""

    visits_per_day: Annotated[float, Meta(ge=0.001, le=10_000)]
    """Of one device, mean over the week."""
    countries: Weights
    named_share: Share = 0.0
    """Of users who are logged in, so that the SDK knows a name."""
    locales: list[str] = msgspec.field(default_factory=lambda: ["en_US"])
    """Faker locales from which names are drawn."""
    hours: Annotated[list[Positive], Meta(min_length=24, max_length=24)]
    """24 weights of the hours of a day (UTC)."""
    days: Annotated[list[Positive], Meta(min_length=7, max_length=7)] = msgspec.field(default_factory=lambda: [1.0] * 7)
    """7 weights of the days of a week, Monday first."""


class Network(Part, kw_only=True):
    """What a network adds to a request."""

    model: Name
    """`net.model` on the wire."""
    dns: Law
    connect: Law
    ssl: Law
    reuse_share: Share
    """Of requests on an open connection: no DNS, TCP and TLS phases."""
    kilobytes_per_s: Positive


class Fault(Part, kw_only=True):
    """A share of requests that do not go as usual."""

    share: Share = 0.0
    factor: Annotated[float, Meta(ge=1, le=10_000)] = 1.0
    """Of the server's time (slow)."""
    status: Status = 500
    """Answered instead (fail); 0 is a network error."""


class Api(Part, kw_only=True):
    """An endpoint that pages call."""

    path: Path
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    status: Annotated[int, Meta(ge=200, le=399)] = 200
    server: Law
    """Time to first byte on an open connection."""
    size: Law
    request_size: Law = Constant(value=0)
    slow: Fault = Fault()
    fail: Fault = Fault()


class Asset(Part, kw_only=True):
    """A static file that pages load."""

    path: Path
    type: Literal["css", "js", "image", "font", "media"]
    server: Law
    size: Law


class Bug(Part, kw_only=True):
    """An error in the page's code: nobody caught it (error), a promise was rejected, reported by the app (custom), or the end of a process."""

    kind: Literal["error", "rejection", "custom", "exception", "signal"]
    name: Name
    message: Text
    stack: Text
    pages: dict[str, Share] = {}
    """Share of views of a page in which it is thrown; for crashes: weights by page."""


class Act(Part, kw_only=True):
    """Something a person does on a page: a press is a click on the web and a tap on mobile."""

    kind: Literal["press", "scroll"] = "press"
    name: Annotated[str, Meta(max_length=200)] = ""
    target: Name
    """XPath on the web; path in the view hierarchy elsewhere."""
    weight: Share = 1.0
    api: str = ""
    """Called by this act; empty: none."""


class Page(Part, kw_only=True):
    """A page and what happens on it."""

    path: Path
    load: Law
    """From navigation to the load event, on the median device."""
    think: Law
    """Between acts."""
    acts: list[Act] = []
    acts_per_view: Law = Constant(value=0)
    stay: Law
    """From the last act to leaving."""
    assets: list[str] = []
    apis: list[str] = []
    """Called when the page opens."""
    next: Weights
    """Weights of the next page; `exit` ends the visit."""
    block_share: Share = 0.0
    """Of views in which the main thread blocks (long task, ANR, frame drop)."""
    block: Law = Constant(value=200)


class Profile(Part, kw_only=True):
    """What to simulate."""

    format: int
    name: Name
    start: datetime
    """Simulated time zero: a Monday 00:00 UTC, the weekly curve's first hour."""
    app: App
    population: Population
    platforms: dict[str, Platform]
    entry: Weights
    """Weights of the first page of a visit."""
    networks: dict[str, Network]
    pages: dict[str, Page]
    apis: dict[str, Api] = {}
    assets: dict[str, Asset] = {}
    bugs: dict[str, Bug] = {}
