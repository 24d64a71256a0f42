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
    to_hour: Hour
    platforms: list[str] = msgspec.field(default_factory=list)
    countries: list[str] = msgspec.field(default_factory=list)
    networks: list[str] = msgspec.field(default_factory=list)
    share: Share = 1.0
    """Of the requests or page views in its scope; for network-loss, crash-loop and push: of the devices."""


class SlowServer(Disturbance, frozen=True, kw_only=True, tag="slow-server"):
    """APIs whose server takes longer: it shows in the time to first byte."""

    apis: list[str] = msgspec.field(default_factory=list)
    factor: Factor
    """Of the server's time."""


class SlowNetwork(Disturbance, frozen=True, kw_only=True, tag="slow-network"):
    """APIs to which connections are made anew and slowly: it shows in the times of DNS, TCP and TLS, and by a round trip in the first byte."""

    apis: list[str] = msgspec.field(default_factory=list)
    factor: Factor
    """Of the times of DNS and of round trips."""


class FailingApi(Disturbance, frozen=True, kw_only=True, tag="failing-api"):
    """APIs that answer with an error; status 0 is no answer."""

    apis: list[str] = msgspec.field(default_factory=list)
    status: Status = 500


class CdnOutage(Disturbance, frozen=True, kw_only=True, tag="cdn-outage"):
    """Static files that cannot be had."""

    assets: list[str] = msgspec.field(default_factory=list)
    status: Status = 503


class NetworkLoss(Disturbance, frozen=True, kw_only=True, tag="network-loss"):
    """Devices without a network: each of their requests is given up after `delay`. What the SDK sends arrives nevertheless."""

    delay: Law = Constant(value=10_000)


class BlankScreen(Disturbance, frozen=True, kw_only=True, tag="blank-screen"):
    """Pages of the web that stay blank after a script error: no paint, no API. People look at them for `delay`, then leave or try again."""

    pages: list[str] = msgspec.field(default_factory=list)
    bug: Name
    """Of kind error or rejection."""
    delay: Law = Constant(value=5_000)
    again_share: Share = 0.3
    """Of people who load the page again."""


class AnrWave(Disturbance, frozen=True, kw_only=True, tag="anr-wave"):
    """Pages of an app that do not respond for `delay`."""

    pages: list[str] = msgspec.field(default_factory=list)
    delay: Law = Constant(value=6_000)


class CrashLoop(Disturbance, frozen=True, kw_only=True, tag="crash-loop"):
    """A release that crashes `delay` after each launch; people start it again up to `tries` times."""

    releases: list[str] = msgspec.field(default_factory=list)
    """Versions that crash."""
    bug: Name
    """Of kind exception or signal."""
    delay: Law = Constant(value=2_000)
    tries: Annotated[int, Meta(ge=0, le=50)] = 3


class Push(Disturbance, frozen=True, kw_only=True, tag="push"):
    """A push notification: devices of which each begins a visit `delay` after its beginning, at `page`."""

    page: Name
    delay: Law = Constant(value=60_000)


Incident = SlowServer | SlowNetwork | FailingApi | CdnOutage | NetworkLoss | BlankScreen | AnrWave | CrashLoop | Push
