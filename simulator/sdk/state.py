"""What the SDK knows. One Store, Screen and Outbox per device; one Limits per edition and platform of a profile."""

from typing import Final

from simulator.kernel.record import i4, i8, many, one, record, u1
from simulator.kernel.rnd import ONE
from simulator.schema.records import Event
from simulator.schema.words import ALL_KINDS, ANR, NEVER, ONGOING, STATE

QUEUE: Final = 104
"""Places in the queue: the largest flush_count that a setting allows (100), and room for what one step adds after a flush."""
HELD: Final = 64
"""Places for what probes hold back; as many as a device's agenda has."""

NO_REMOTE, LAUNCH_FIRST, REMOTE_FIRST = range(3)
"""Modes of the remote configuration (document: Remote Configuration)."""


@record
class Limits:
    """An edition's row with a profile's settings: which rules apply, with what numbers. Sources: profile/editions.py."""

    overtime: i8 = NEVER
    max_duration: i8 = NEVER
    away: i8 = NEVER
    """Longer than this in the background, and the return makes a new session."""
    rate: i8 = ONE
    """The local sample rate: a session is sampled iff its draw < rate."""
    remote: u1 = NO_REMOTE
    """Whether a remote configuration is fetched at launch, and whether the SDK waits for it."""
    remote_waits: u1 = 1
    """The SDK knows how to wait; else the mode does not matter."""
    remote_always: u1 = 0
    """It is fetched at every launch, whatever is stored."""
    remote_loads: u1 = 0
    """Each document that is loaded is a launch to it: what is stored is put in force, and it is fetched."""
    remote_later: u1 = 0
    """What comes is in force from the next launch, or document, on; else at once."""
    remote_cache: i8 = 3_600_000
    """One that was stored is fetched again after this time."""
    remote_timeout: i8 = 3_000
    """The SDK waits this long, then starts with what it has."""
    launch_opens: u1 = 0
    """A launch makes a session even if one is open."""
    close_ends: u1 = 1
    keeps_queue: u1 = 0
    """The queue survives the process and is sent by the next launch."""
    reloads: u1 = 0
    """A navigation loads a new document: the old one is hidden, so its queue is sent."""
    reads_renew: u1 = 0
    """Whoever reads an expired session makes a new one; else only an interaction does."""
    events_touch: u1 = 0
    """Every event is a sign of life; else only interactions are."""
    begins_tag: u1 = 0
    """A request belongs to the session and page view in which it began; else to those in which it ended."""
    drops_stale: u1 = 0
    """What was tagged with another session than that of the moment of sending is dropped."""
    interactions: i4 = 0
    """Bits of the stimulus kinds that keep a session alive or make one, at once."""
    probes: i4 = ALL_KINDS & ~(1 << STATE)
    """Bits of the event kinds that are reported."""
    merges: i4 = 0
    """Bits of the event types of which equal queued events are counted instead of queued."""
    touch_delay: i8 = 0
    """A sign of life is written this long after the last of a series; 0: not at all (interactions write at once)."""
    api_delay: i8 = 0
    static_delay: i8 = 0
    paint_delay: i8 = 0
    """Page timings are read this long after they are known, and then"""
    settle_delay: i8 = 0
    """reported this long after the last of them was read."""
    vitals_delay: i8 = 0
    frame_delay: i8 = 0
    """Long frames are joined, and reported this long after the last; 0: each is reported at once."""
    frame_gap_us: i8 = 0
    frame_least_us: i8 = 0
    anr_least: i8 = NEVER
    """A main thread that is blocked this long does not respond."""
    anr_kind: u1 = ANR
    flush_delay: i8 = 3_000
    flush_count: i4 = 20


@record
class Store:
    """What survives: the session (storage of the origin, memory and disk of an app). Tabs of one origin share it."""

    key: i8 = 0
    """Of the device's sampling draws."""
    rate: i8 = -1
    """The sample rate in force; below 0: the SDK has not been launched yet."""
    kept_rate: i8 = -1
    """That of the stored remote configuration; below 0: none is stored."""
    kept_at: i8 = -NEVER
    """When it came."""
    session: i4 = 0
    """Ordinal of the current session; 0: none yet."""
    made: i4 = 0
    """Sessions made so far: the ordinal of the latest."""
    open: u1 = 0
    sampled: u1 = 0
    draw: i4 = 0
    """Of the latest session: truth knows what would have been sent at another rate."""
    start: i8 = 0
    prior_start: i8 = 0
    prior_sampled: u1 = 0
    """Of the session before: its events may still be queued."""
    end: i8 = NEVER
    """When it was closed; NEVER: it was not"""
    why: u1 = ONGOING
    """and how (words.END_REASONS)."""
    prior_end: i8 = NEVER
    prior_why: u1 = ONGOING
    """The same of the session before, however it ended. Nothing but truth reads these."""
    last: i8 = 0
    """Latest interaction, or sign of life, as written."""
    left: i8 = NEVER
    """Went to the background at; NEVER: is in the foreground."""
    events: i4 = 0
    """Ordinal of the latest event."""
    views: i4 = 0
    """Ordinal of the latest page view."""
    fetches: i4 = 0
    """Ordinal of the latest fetch of a remote configuration."""


@record
class Screen:
    """What a page load or an app process knows of what is shown."""

    entered: i8 = 0
    """The current page view began at."""
    in_view: u1 = 0
    wants_config: u1 = 0
    """A remote configuration is to be fetched: the caller does, and answers with CONFIG or NO_CONFIG."""
    blocked: u1 = 0
    """The SDK waits for it."""
    timed: u1 = 0
    """The document's timings have been reported."""
    view_session: i4 = 0
    """Session in which the current page view began."""
    shown: i4 = 0
    """Ordinal of the current page view."""
    born_shown: i4 = 0
    """The page view in which the document was loaded: that of its vitals."""
    page: i4 = 0
    born_page: i4 = 0
    previous: i4 = 0
    """The page before this one."""
    loading: i8 = 0
    """How long the current page took to load, once it is known."""


@record
class Timer:
    """When it fires; of several at one instant the one that was armed first."""

    at: i8 = NEVER
    armed: i4 = 0


@record
class Held:
    """Something that a probe holds back: a request under way (`at` is NEVER), or an event to come."""

    at: i8 = NEVER
    armed: i4 = 0
    kind: u1 = 0
    key: i4 = 0
    aux: i8 = 0
    ref: i4 = 0
    stamp: i8 = 0
    span: i8 = 0
    session: i4 = 0
    shown: i4 = 0
    page: i4 = 0
    previous: i4 = 0


@record
class Frames:
    """A series of long frames with hardly a gap between them. Times in us."""

    timer: Timer = one(Timer)
    start: i8 = 0
    end: i8 = -NEVER
    count: i4 = 0
    first: i4 = 0
    last: i4 = 0
    """Refs of the first and the latest frame."""
    shown: i4 = 0


@record
class Outbox:
    """What has not been sent: what probes hold back, and the queue.

    `queue[:done]` has a fate and waits to be taken; the rest, up to `count`, is queued.
    """

    next_at: i8 = NEVER
    """When the earliest timer fires."""
    next_timer: i4 = 0
    """Which it is (timers.py)."""
    stale: u1 = 0
    """The earliest timer may be another by now."""
    armings: i4 = 0
    """Timers armed so far: the order of those that fire at one instant."""
    flush: Timer = one(Timer)
    touch: Timer = one(Timer)
    settle: Timer = one(Timer)
    vitals: Timer = one(Timer)
    rare: u1 = 0
    """The earliest of start, settle, vitals and frames may be another by now; as it was, it is:"""
    rare_at: i8 = NEVER
    rare_armed: i4 = 0
    rare_timer: i4 = 0
    start: Timer = one(Timer)
    """The end of waiting for a remote configuration."""
    trusted: u1 = 0
    """The latest sign of life counts."""
    draft: Held = one(Held)
    """The event that is being made."""
    metrics: Held = one(Held)
    """The vitals to come."""
    timings: Held = one(Held)
    """The page timings to come."""
    frames: Frames = one(Frames)
    waiting: i4 = 0
    held: list[Held] = many(HELD, of=Held)
    sent_shown: i4 = 0
    sent_page: i4 = 0
    """What was shown at the latest flush: the payload's view."""
    count: i4 = 0
    done: i4 = 0
    queue: list[Event] = many(QUEUE, of=Event)
