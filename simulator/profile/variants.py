"""In what devices that run one application differ from each other: whose it is, which release of it they have, and which arm of an experiment."""

from typing import Annotated

import msgspec
from msgspec import Meta

from simulator.profile.incidents import Hour
from simulator.profile.laws import Constant, Law
from simulator.profile.parts import Name, Part, Share, Weights


class Tenants(Part, kw_only=True):
    """Customers with an application of their own: `app.id` is the id, a dash and the tenant's number; each device is of one tenant."""

    count: Annotated[int, Meta(ge=1, le=1_000)] = 1
    """With 1, `app.id` is the id as it is."""
    exponent: Annotated[float, Meta(ge=0, le=5)] = 1.0
    """Of Zipf's law: the k-th tenant has a share of devices that is proportional to k^-exponent; with 0 all are alike."""


class Release(Part, kw_only=True):
    """A version that comes after the application's first. Devices have it when an app starts or, where pages are loaded anew, when a visit begins."""

    version: Name
    """`app.version` from then on."""
    from_hour: Hour
    """When it comes out, since the profile's start."""
    share: Share = 1.0
    """Of devices that ever get it."""
    delay: Law = Constant(value=0)
    """From `from_hour` on until a device can have it: the curve of the roll-out."""
    platforms: list[str] = msgspec.field(default_factory=list)
    """Empty: all."""


class Arm(Part, kw_only=True):
    """One arm of an experiment: each device is in one and stays in it. On the wire as `properties.arm`."""

    share: Share
    """Of devices; they sum to 1."""
    load_factor: Annotated[float, Meta(ge=0.01, le=100)] = 1.0
    """Of the load times of pages."""
    next: dict[str, Weights] = msgspec.field(default_factory=dict)
    """By page: its `next` for this arm, whatever page came before."""
