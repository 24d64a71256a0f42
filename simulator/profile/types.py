"""The profile as it stands in a TOML file, typed.

Durations are ms, sizes bytes, `share` and weights 0..1. A dictionary's key is the name by which other parts refer to its entry. Rules that
tie fields together (weights that sum to 1, names that exist) are in check.py.
"""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from simulator.profile.incidents import Hour, Incident
from simulator.profile.laws import MOST, Constant, Law, Positive, Value
from simulator.profile.parts import Claim, Ids, Ms, Name, Origin, Part, Path, Share, Status, Target, Text, Weights
from simulator.profile.reactions import Reactions
from simulator.profile.variants import Arm, Release, Tenants


class App(Part, kw_only=True):
    """The application under observation, as the SDK is told of it at init."""

    id: Name
    """The service's id on the wire (`app.id`)."""
    version: Name
    releases: list[Release] = msgspec.field(default_factory=list)
    """The versions after it, by rising hour."""
    tenants: Tenants = Tenants()
    arms: Annotated[dict[Name, Arm], Meta(max_length=8)] = msgspec.field(default_factory=dict)
    """Of an A/B experiment, by name."""
    env: Name = "prod"
    origin: Origin
    """Scheme and host of its pages and APIs, without a slash at the end."""
    endpoint: Target = "/rum/collect"
    """Path on the collector to which the SDK posts."""


class SessionConfig(Part, kw_only=True):
    """`sessionConfig` of the product document; None takes the edition's default."""

    sample_rate: Share | None = None
    max_duration: Ms | None = None
    overtime: Ms | None = None


class Rate(Part, kw_only=True):
    """What the console says from an hour since the profile's start on."""

    from_hour: Hour
    sample_rate: Share


class RemoteConfig(Part, kw_only=True):
    """`remoteConfig` of the product document, and what a fetch meets: the console's rates, and the network."""

    enable: bool | None = None
    """None: as the platform has it; mobile always fetches."""
    mode: Literal["launch-first", "remote-first"] = "launch-first"
    cache_timeout: Ms = 3_600_000
    rates: list[Rate] = msgspec.field(default_factory=list)
    """By rising hour. Before the first, and without any, the console says what the local configuration says."""
    latency: Law = Constant(value=200)  # assumed: an object of a few hundred bytes from a CDN
    """Of a fetch."""
    fail_share: Share = 0.0
    """Of fetches that fail."""


class Os(Part, kw_only=True):
    """An operating system and the devices that run it."""

    name: Name
    version: Name
    share: Share
    models: Weights
    """Weights of device models."""
    speed: Law | None = None
    """Of these devices, in the place of the platform's."""


class Trips(Part, kw_only=True):
    """Leaving the app or tab for a while in the middle of a visit."""

    share: Share = 0.0
    """Of page views that end with a trip."""
    long_share: Share = 0.0
    """Of trips that are long."""
    short: Law = Constant(value=10_000)
    """Of the others, the glances: at most 60 s, which keep the session."""
    long: Law = Constant(value=600_000)
    killed_share: Share = 0.0
    """Of long trips during which the system ends the process (mobile)."""


class Idle(Part, kw_only=True):
    """Sitting still on a page, the app in front."""

    share: Share = 0.0
    """Of page views."""
    gap: Law = Constant(value=4_000_000)


class Left(Part, kw_only=True):
    """What becomes of a page or app that a visit leaves open, in the background."""

    resume_share: Share = 0.0
    """Of visits that find it still open: they go on from the page as it was left, instead of beginning at an entry."""
    kept: Law | None = None
    """Until the tab is closed, or the system ends the process, if nobody has come back; None: never."""


class Platform(Part, kw_only=True):
    """A platform on which the application is visited."""

    share: Share
    editions: dict[str, Share] = msgspec.field(default_factory=dict)
    """Weights of the SDK's editions (`rumsim editions`); none: the documented one."""
    session: SessionConfig = SessionConfig()
    remote: RemoteConfig = RemoteConfig()
    sdk_version: str = ""
    """On the wire; empty: the edition's."""
    os: Annotated[list[Os], Meta(min_length=1)]
    networks: Weights
    """Weights of networks."""
    speed: Law = Constant(value=1)
    """Of a device, for good: the factor of its load, script and blocking times; 1 is the device that pages' `load` is of, 2 takes twice as long."""
    trips: Trips = Trips()
    idle: Idle = Idle()
    close_share: Share = 1.0
    """Of visits that end by closing the page or process; the others leave it in the background."""
    left: Left = Left()
    crash_share: Share = 0.0
    """Of page views that end in a crash of the process (mobile)."""


class Clocks(Part, kw_only=True):
    """Device clocks that are wrong, each by a constant: all that the SDK stamps is shifted by it."""

    wrong_share: Share = 0.0
    """Of devices."""
    error: Law = Constant(value=3_600_000)
    ahead_share: Share = 0.5
    """Of wrong clocks that are ahead; the others are behind."""


class Revisit(Part, kw_only=True):
    """Coming back soon: visits that follow another, beside those that come on their own."""

    share: Annotated[float, Meta(ge=0, le=0.95)] = 0.0
    """Of visits that are followed by another"""
    gap: Law = Constant(value=3_600_000)
    """so long after their end."""
    regulars: Share = 0.0
    """Of people who come back more often:"""
    regular_share: Annotated[float, Meta(ge=0, le=0.95)] = 0.0
    """of their visits, those that are followed by another."""


class Burst(Part, kw_only=True):
    """A time in which visits that come on their own begin more often than the weekly curve says, or less often."""

    from_hour: Hour
    to_hour: Hour
    factor: Annotated[float, Meta(ge=0.01, le=1_000)]
    """Of their rate."""


class Population(Part, kw_only=True):
    """Who visits, and when."""

    visits_per_day: Annotated[float, Meta(ge=0.001, le=10_000)]
    """Of one device, mean over the week and over devices."""
    activity: Law = Constant(value=1)
    """Of a device: how often it visits, relative to others (in any unit)."""
    revisit: Revisit = Revisit()
    countries: Weights
    named_share: Share = 0.0
    """Of users who are logged in, so that the SDK knows a name."""
    locales: list[str] = msgspec.field(default_factory=lambda: ["en_US"])
    """Faker locales from which names are drawn."""
    hours: Annotated[list[Positive], Meta(min_length=24, max_length=168)]
    """24 weights of the hours of a day; or 168 of those of a week, from Monday 00:00 on."""
    days: Annotated[list[Positive], Meta(min_length=7, max_length=7)] = msgspec.field(default_factory=lambda: [1.0] * 7)
    """7 weights of the days of a week, Monday first; none beside 168 hours."""
    hours_in: Literal["utc", "local"] = "utc"
    """Whose hours and days these are: UTC's, or those of the device's country (profile/zones.py)."""
    zones: dict[str, Annotated[float, Meta(ge=-12, le=14)]] = msgspec.field(default_factory=dict)
    """Hours by which countries are ahead of UTC, where they are not those of the table."""
    bursts: Annotated[list[Burst], Meta(max_length=100)] = msgspec.field(default_factory=list)
    """One after the other."""
    clocks: Clocks = Clocks()


class Network(Part, kw_only=True):
    """What a network adds to a request: the TCP handshake takes one round trip, the first byte another beside the server's time."""

    model: Name
    """`net.model` on the wire."""
    dns: Law
    rtt: Law
    """Of one round trip; drawn for each request."""
    tls_round_trips: Annotated[int, Meta(ge=1, le=4)] = 1
    """Of a TLS handshake: 1 with TLS 1.3 (RFC 8446), 2 with 1.2."""
    reuse_share: Share
    """Of requests on an open connection: their DNS, TCP and TLS phases are 0."""
    kilobytes_per_s: Positive


class Slow(Part, kw_only=True):
    """A share of requests for which the server takes longer."""

    share: Share = 0.0
    factor: Annotated[float, Meta(ge=1, le=10_000)] = 1.0
    """Of the server's time."""


class Fail(Part, kw_only=True):
    """A share of requests that fail."""

    share: Share = 0.0
    status: Status = 500
    """Answered instead; 0 is a network error."""


class Api(Part, kw_only=True):
    """An endpoint that pages call."""

    path: Path
    ids: Ids = 1
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    status: Annotated[int, Meta(ge=200, le=399)] = 200
    server: Law
    """Of the server alone: the time to first byte without the round trip."""
    size: Law
    request_size: Law = Constant(value=0)
    slow: Slow = Slow()
    fail: Fail = Fail()


class Asset(Part, kw_only=True):
    """A static file that pages load."""

    path: Path
    origin: Origin | None = None
    """Scheme and host of another server; None: the application's."""
    timing: bool = True
    """Its server allows timing (Timing-Allow-Origin); without, nothing of a file of another origin but its duration is known."""
    type: Literal["css", "js", "image", "font", "media"]
    server: Law
    size: Law


class Bug(Part, kw_only=True):
    """An error in the page's code: nobody caught it (error), a promise was rejected, reported by the app (custom), or the end of a process."""

    kind: Literal["error", "rejection", "custom", "exception", "signal"]
    name: Name
    message: Text
    stack: Text
    ids: Ids = 1
    pages: dict[str, Share] = msgspec.field(default_factory=dict)
    """Share of views of a page in which it is thrown; for crashes: weights by page, or none where only incidents have it."""
    platforms: list[str] = msgspec.field(default_factory=list)
    """Where it happens; empty: wherever its kind can."""


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
    ids: Ids = 1
    load: Law
    """From navigation to the load event, on a device of speed 1."""
    think: Law
    """Between acts."""
    acts: list[Act] = msgspec.field(default_factory=list)
    acts_per_view: Law = Constant(value=0)
    stay: Law
    """From the last act to leaving."""
    assets: list[str] = msgspec.field(default_factory=list)
    apis: list[str] = msgspec.field(default_factory=list)
    """Called when the page opens."""
    next: Weights
    """Weights of the next page; `exit` ends the visit."""
    next_after: dict[str, Weights] = msgspec.field(default_factory=dict)
    """The same for people who came from a certain page, by that page."""
    block_share: Share = 0.0
    """Of views in which the main thread blocks (long task, ANR, frame drop)."""
    block: Law = Constant(value=200)


class Pace(Part, kw_only=True):
    """How quickly people go on: factors of all their pauses, lognormal with median 1."""

    user: Annotated[float, Meta(ge=0, le=1.5)] = 0.0
    """Sigma of the logarithm, between people."""
    visit: Annotated[float, Meta(ge=0, le=1.5)] = 0.0
    """Between the visits of one person."""
    depth: Annotated[float, Meta(ge=0, le=1)] = 0.0
    """How much quicker people get from page to page: on the k-th page view of a visit pauses are k^-depth times as long as on the first."""
    keep: Share = 0.0
    """Of pauses that come from the same part of a mixture as the pause before."""


class Journey(Part, kw_only=True):
    """What holds for all visits."""

    continuation: Annotated[list[Share], Meta(max_length=1_000)] = msgspec.field(default_factory=list)
    """Of visits, the share that goes on after the first, second, ... page view; the last (below 1) holds from there on. None: `exit` decides."""
    pace: Pace = Pace()


class Table(Part, kw_only=True):
    """What stands in a file that a law names."""

    values: Annotated[list[Value], Meta(min_length=2, max_length=MOST)]


class Claims(Part, kw_only=True):
    """What the profile says of how real its people are; `rumsim fidelity` measures it."""

    claims: list[Claim] = msgspec.field(default_factory=list)
    """Published figures that its people reach."""


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
    apis: dict[str, Api] = msgspec.field(default_factory=dict)
    assets: dict[str, Asset] = msgspec.field(default_factory=dict)
    bugs: dict[str, Bug] = msgspec.field(default_factory=dict)
    journey: Journey = Journey()
    reactions: Reactions = Reactions()
    incidents: dict[str, Incident] = msgspec.field(default_factory=dict)
    """Labelled disturbances, by label."""
    fidelity: Claims = Claims()
    tables: dict[str, Table] = msgspec.field(default_factory=dict)
    """Of laws that name a file, by its name there. They are put in when the profile's file is read (tables.py)."""
