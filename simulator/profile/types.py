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
from simulator.profile.parts import Claim, Ids, Ms, Name, Origin, Part, Path, Share, Target, Text, Weights
from simulator.profile.reactions import Reactions
from simulator.profile.requests import Api, Asset, Network
from simulator.profile.variants import Arm, Release, Tenants


class App(Part, kw_only=True):
    """The application under observation, as the SDK is told of it at init."""

    id: Name
    """The service's id on the wire (`app.id`)."""
    version: Name
    """Its first version (`app.version`)."""
    releases: list[Release] = msgspec.field(default_factory=list)
    """The versions after it, by rising hour."""
    tenants: Tenants = Tenants()
    arms: Annotated[dict[Name, Arm], Meta(max_length=8)] = msgspec.field(default_factory=dict)
    """Of an A/B experiment, by name."""
    env: Name = "prod"
    """Its environment (`app.env`)."""
    origin: Origin
    """Scheme and host of its pages and APIs, without a slash at the end."""
    endpoint: Target = "/rum/collect"
    """Path on the collector to which the SDK posts."""


class SessionConfig(Part, kw_only=True):
    """`sessionConfig` of the product document; None takes the edition's default."""

    sample_rate: Share | None = None
    """Of sessions that are sampled; None: all."""
    max_duration: Ms | None = None
    """After its start a session is over (ms)."""
    overtime: Ms | None = None
    """Without a sign of life a session is over (ms)."""


class Rate(Part, kw_only=True):
    """What the console says from an hour since the profile's start on."""

    from_hour: Hour
    """Since the profile's start; the rate holds until the next."""
    sample_rate: Share
    """Of sessions that are sampled."""


class RemoteConfig(Part, kw_only=True):
    """`remoteConfig` of the product document, and what a fetch meets: the console's rates, and the network."""

    enable: bool | None = None
    """None: as the platform has it; mobile always fetches."""
    mode: Literal["launch-first", "remote-first"] = "launch-first"
    """Whether a launch begins with what is there, or waits for the answer."""
    cache_timeout: Ms = 3_600_000
    """Until a configuration that was fetched is fetched anew (ms)."""
    rates: list[Rate] = msgspec.field(default_factory=list)
    """By rising hour. Before the first, and without any, the console says what the local configuration says."""
    latency: Law = Constant(value=200)  # assumed: an object of a few hundred bytes from a CDN
    """Of a fetch."""
    fail_share: Share = 0.0
    """Of fetches that fail."""


class Os(Part, kw_only=True):
    """An operating system and the devices that run it."""

    name: Name
    """`os.name` on the wire."""
    version: Name
    """`os.version` on the wire."""
    share: Share
    """Of the platform's devices."""
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
    """Of long trips."""
    killed_share: Share = 0.0
    """Of long trips during which the system ends the process (mobile)."""


class Idle(Part, kw_only=True):
    """Sitting still on a page, the app in front."""

    share: Share = 0.0
    """Of page views."""
    gap: Law = Constant(value=4_000_000)
    """For how long."""


class Left(Part, kw_only=True):
    """What becomes of a page or app that a visit leaves open, in the background."""

    resume_share: Share = 0.0
    """Of visits that find it still open: they go on from the page as it was left, instead of beginning at an entry."""
    kept: Law | None = None
    """Until the tab is closed, or the system ends the process, if nobody has come back; None: never."""


class Platform(Part, kw_only=True):
    """A platform on which the application is visited."""

    share: Share
    """Of devices."""
    editions: dict[str, Share] = msgspec.field(default_factory=dict)
    """Weights of the SDK's editions (`rumsim editions`); none: the documented one."""
    session: SessionConfig = SessionConfig()
    remote: RemoteConfig = RemoteConfig()
    sdk_version: str = ""
    """On the wire; empty: the edition's."""
    os: Annotated[list[Os], Meta(min_length=1)]
    """Of its devices; shares sum to 1."""
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
    """By how much a wrong clock is ahead or behind."""
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
    """Its beginning, since the profile's start."""
    to_hour: Hour
    """Its end."""
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
    """Weights of countries (`geo.country`)."""
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


class Bug(Part, kw_only=True):
    """An error in the page's code: nobody caught it (error), a promise was rejected, reported by the app (custom), or the end of a process."""

    kind: Literal["error", "rejection", "custom", "exception", "signal"]
    """Error, rejection and custom are reported by the page; exception and signal end a mobile app."""
    name: Name
    """`name` on the wire."""
    message: Text
    """`message` on the wire; {id} stands for a number."""
    stack: Text
    """`stack` on the wire."""
    ids: Ids = 1
    """So many numbers stand for {id}."""
    pages: dict[str, Share] = msgspec.field(default_factory=dict)
    """Share of views of a page in which it is thrown; for crashes: weights by page, or none where only incidents have it."""
    platforms: list[str] = msgspec.field(default_factory=list)
    """Where it happens; empty: wherever its kind can."""


class Act(Part, kw_only=True):
    """Something a person does on a page: a press is a click on the web and a tap on mobile."""

    kind: Literal["press", "scroll"] = "press"
    """What a person does."""
    name: Annotated[str, Meta(max_length=200)] = ""
    """Text of what is pressed."""
    target: Name
    """XPath on the web; path in the view hierarchy elsewhere."""
    weight: Share = 1.0
    """Of the page's acts; they sum to 1."""
    api: str = ""
    """Called by this act; empty: none."""


class Page(Part, kw_only=True):
    """A page and what happens on it."""

    path: Path
    """Of its URL; {id} stands for a number."""
    ids: Ids = 1
    """So many numbers stand for {id}."""
    load: Law
    """From navigation to the load event, on a device of speed 1."""
    think: Law
    """Between acts."""
    acts: list[Act] = msgspec.field(default_factory=list)
    """Among which people choose."""
    acts_per_view: Law = Constant(value=0)
    """How many, in a view of the page."""
    stay: Law
    """From the last act to leaving."""
    assets: list[str] = msgspec.field(default_factory=list)
    """Files that it loads when it opens."""
    apis: list[str] = msgspec.field(default_factory=list)
    """Called when the page opens."""
    next: Weights
    """Weights of the next page; `exit` ends the visit."""
    next_after: dict[str, Weights] = msgspec.field(default_factory=dict)
    """The same for people who came from a certain page, by that page."""
    block_share: Share = 0.0
    """Of views in which the main thread blocks (long task, ANR, frame drop)."""
    block: Law = Constant(value=200)
    """For how long."""


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
    """As in a law of quantiles."""


class Claims(Part, kw_only=True):
    """What the profile says of how real its people are; `rumsim fidelity` measures it."""

    claims: list[Claim] = msgspec.field(default_factory=list)
    """Published figures that its people reach."""


class Profile(Part, kw_only=True):
    """What to simulate."""

    format: int
    """Of this file: 1."""
    name: Name
    """What messages and reports call it."""
    start: datetime
    """Simulated time zero: a Monday 00:00 UTC, the weekly curve's first hour."""
    app: App
    population: Population
    platforms: dict[str, Platform]
    """By name: web, miniprogram, ios, android."""
    entry: Weights
    """Weights of the first page of a visit."""
    networks: dict[str, Network]
    """By name."""
    pages: dict[str, Page]
    """By name."""
    apis: dict[str, Api] = msgspec.field(default_factory=dict)
    """By name."""
    assets: dict[str, Asset] = msgspec.field(default_factory=dict)
    """Files that pages load, by name."""
    bugs: dict[str, Bug] = msgspec.field(default_factory=dict)
    """Errors, by name."""
    journey: Journey = Journey()
    reactions: Reactions = Reactions()
    incidents: dict[str, Incident] = msgspec.field(default_factory=dict)
    """Labelled disturbances, by label."""
    fidelity: Claims = Claims()
    tables: dict[str, Table] = msgspec.field(default_factory=dict)
    """Of laws that name a file, by its name there. They are put in when the profile's file is read (tables.py)."""
