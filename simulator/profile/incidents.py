"""Incidents: labelled disturbances with a beginning and an end, so that a detector can be scored against what really happened.

A kind is named in TOML by `kind`. Scopes (`platforms`, `countries`, `networks`, and what a kind meets) are lists of names; an empty one means all.
`share` and the fields of a kind are its strength.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from simulator.profile.laws import Constant, Law
from simulator.profile.parts import Name, Part, Share, Status

Hour = Annotated[float, Meta(ge=0, le=100_000)]
"""Since the profile's start."""
Factor = Annotated[float, Meta(ge=1, le=10_000)]


class Disturbance(Part, frozen=True, kw_only=True, tag_field="kind"):
    """What all incidents have: when, where, and how many it meets."""

    from_hour: Hour
    """Its beginning, since the profile's start."""
    to_hour: Hour
    """Its end."""
    platforms: list[str] = msgspec.field(default_factory=list)
    """On which it happens; empty: all that can have it."""
    countries: list[str] = msgspec.field(default_factory=list)
    """In which it happens; empty: all."""
    networks: list[str] = msgspec.field(default_factory=list)
    """On which it happens; empty: all."""
    share: Share = 1.0
    """Of the requests or page views in its scope; for network-loss, crash-loop and push: of the devices."""


class SlowServer(Disturbance, frozen=True, kw_only=True, tag="slow-server"):
    """APIs whose server takes longer: it shows in the time to first byte."""

    apis: list[str] = msgspec.field(default_factory=list)
    """That are slow; empty: all."""
    factor: Factor
    """Of the server's time."""


class SlowNetwork(Disturbance, frozen=True, kw_only=True, tag="slow-network"):
    """APIs to which connections are made anew and slowly: it shows in the times of DNS, TCP and TLS, and by a round trip in the first byte."""

    apis: list[str] = msgspec.field(default_factory=list)
    """That are met; empty: all."""
    factor: Factor
    """Of the times of DNS and of round trips."""


class FailingApi(Disturbance, frozen=True, kw_only=True, tag="failing-api"):
    """APIs that answer with an error; status 0 is no answer."""

    apis: list[str] = msgspec.field(default_factory=list)
    """That fail; empty: all."""
    status: Status = 500
    """Answered instead; 0 is a network error."""


class CdnOutage(Disturbance, frozen=True, kw_only=True, tag="cdn-outage"):
    """Static files that cannot be had."""

    assets: list[str] = msgspec.field(default_factory=list)
    """That cannot be loaded; empty: all."""
    status: Status = 503
    """Answered instead; 0 is a network error."""


class NetworkLoss(Disturbance, frozen=True, kw_only=True, tag="network-loss"):
    """Devices without a network: each of their requests is given up after `delay`. What the SDK sends arrives nevertheless."""

    delay: Law = Constant(value=10_000)
    """Until a request is given up."""


class BlankScreen(Disturbance, frozen=True, kw_only=True, tag="blank-screen"):
    """Pages of the web that stay blank after a script error: no paint, no API. People look at them for `delay`, then leave or try again."""

    pages: list[str] = msgspec.field(default_factory=list)
    """That stay blank; empty: all."""
    bug: Name
    """Of kind error or rejection."""
    delay: Law = Constant(value=5_000)
    """For which people look at it."""
    again_share: Share = 0.3
    """Of people who load the page again."""


class AnrWave(Disturbance, frozen=True, kw_only=True, tag="anr-wave"):
    """Pages of an app that do not respond for `delay`."""

    pages: list[str] = msgspec.field(default_factory=list)
    """On which apps do not respond; empty: all."""
    delay: Law = Constant(value=6_000)
    """For how long."""


class CrashLoop(Disturbance, frozen=True, kw_only=True, tag="crash-loop"):
    """A release that crashes `delay` after each launch; people start it again up to `tries` times."""

    releases: list[str] = msgspec.field(default_factory=list)
    """Versions that crash."""
    bug: Name
    """Of kind exception or signal."""
    delay: Law = Constant(value=2_000)
    """From the launch to the crash."""
    tries: Annotated[int, Meta(ge=0, le=50)] = 3
    """So often a person starts the app again."""


class Push(Disturbance, frozen=True, kw_only=True, tag="push"):
    """A push notification: devices of which each begins a visit `delay` after its beginning, at `page`."""

    page: Name
    """Which it opens."""
    delay: Law = Constant(value=60_000)
    """From the incident's beginning to the visit."""


Incident = SlowServer | SlowNetwork | FailingApi | CdnOutage | NetworkLoss | BlankScreen | AnrWave | CrashLoop | Push
