"""What the SDK knows. One Store, Screen and Outbox per device; one Limits per platform of a profile."""

from typing import Final

from simulator.kernel.record import i4, i8, many, record, u1, u2
from simulator.kernel.rnd import ONE
from simulator.schema.records import Event
from simulator.schema.words import NEVER

QUEUE: Final = 56
"""Places in the outbox: the largest flush_count of an edition (50), and room for what one step adds after a flush."""


@record
class Limits:
    """An edition's row with a profile's settings: which rules apply, with what numbers. Sources: profile/editions.py."""

    overtime: i8 = NEVER
    max_duration: i8 = NEVER
    away: i8 = NEVER
    """Longer than this in the background, and the return makes a new session."""
    launch_opens: u1 = 0
    """A launch makes a session even if one is open."""
    close_ends: u1 = 1
    keeps_queue: u1 = 0
    """The outbox survives the process and is sent by the next launch."""
    reloads: u1 = 0
    """A navigation loads a new document: the old one is hidden, so its queue is sent."""
    interactions: i4 = 0
    """Bits of the stimulus kinds that keep a session alive or make one."""
    flush_delay: i8 = 3_000
    flush_count: i4 = 20
    rate: i8 = ONE
    """A session is sampled iff its draw < rate."""


@record
class Store:
    """What survives: the session (storage of the origin, memory and disk of an app)."""

    key: i8 = 0
    """Of the device's sampling draws."""
    session: i4 = 0
    """Ordinal of the latest session; 0: none yet."""
    open: u1 = 0
    sampled: u1 = 0
    draw: i8 = 0
    """Of the latest session: truth knows what would have been sent at another rate."""
    start: i8 = 0
    prior_start: i8 = 0
    prior_sampled: u1 = 0
    """Of the session before: its events may still be queued."""
    last: i8 = 0
    """Latest interaction."""
    events: i4 = 0
    """Ordinal of the latest event."""
    views: i4 = 0
    """Ordinal of the latest page view."""


@record
class Screen:
    """What a page load or an app process knows of what is shown."""

    left: i8 = 0
    """Went to the background at."""
    entered: i8 = 0
    """The current page view began at."""
    in_view: u1 = 0
    view_session: i4 = 0
    """Session in which the current page view began."""
    page: u2 = 0
    previous: u2 = 0
    """The page before this one."""
    loading: i4 = 0
    """How long the current page took to load, once it is known."""


@record
class Outbox:
    """The queue. `queue[:done]` has a fate and waits to be taken; the rest, up to `count`, is queued."""

    next_at: i8 = NEVER
    """When the flush timer fires."""
    count: u2 = 0
    done: u2 = 0
    queue: list[Event] = many(QUEUE, of=Event)
