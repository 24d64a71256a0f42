"""What people do when they wait: leave, press again, take longer to go on. Durations are ms, shares 0..1."""

from typing import Annotated

from msgspec import Meta

from simulator.profile.laws import Constant, Law
from simulator.profile.parts import Ms, Part, Share


class Patience(Part, kw_only=True):
    """How long people wait before they leave: of those who wait `after` ms, half leave within `half` ms more; 0: nobody leaves."""

    after: Ms = 0
    """Nobody leaves before (ms)."""
    half: Ms = 0
    """After so much more, half have left (ms); 0: nobody leaves."""


class Rage(Part, kw_only=True):
    """Pressing again and again while waiting for the answer to a press."""

    share: Share = 0.0
    """Of the waits that last longer than `after`."""
    after: Ms = 1_000
    """So long people wait before they press again (ms)."""
    gap: Law = Constant(value=400)
    """Between the presses, which go on until the answer comes"""
    presses: Annotated[int, Meta(ge=1, le=20)] = 4
    """or so many have been made."""


class Flow(Part, kw_only=True):
    """Leaving because a visit has taken too many pages."""

    share: Share = 0.0
    """Of the page views, from that after `pages` on, that end the visit."""
    pages: Annotated[int, Meta(ge=1, le=1_000)] = 20
    """So many page views are not too many."""


class Reactions(Part, kw_only=True):
    """What people do when they wait."""

    rage: Rage = Rage()
    page: Patience = Patience()
    """For a page and the APIs that it calls."""
    api: Patience = Patience()
    """For the answer to a press."""
    interaction: Patience = Patience()
    """For a page whose main thread is blocked."""
    flow: Flow = Flow()
    linger: Annotated[float, Meta(ge=0, le=100)] = 0.0
    """By how many times the added delay people take longer to go on."""
    patience: Law = Constant(value=1)
    """Of a person, for good: the factor of how long he or she waits, whatever for."""
