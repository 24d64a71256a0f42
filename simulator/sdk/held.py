"""What probes hold back: requests under way, entries that are read later, page timings, vitals and long frames that are joined (FACTS 5)."""

from simulator.schema.records import Stimulus
from simulator.schema.words import API, NEVER, STALL
from simulator.sdk.session import current
from simulator.sdk.state import Held, Limits, Outbox, Screen, Store
from simulator.sdk.timers import arm_rare, stop_rare


def tag(store: Store, screen: Screen, limits: Limits, at: int, h: Held) -> None:
    """Say to which session and page view an event belongs: those of this moment."""
    h.session = current(store, limits, at)
    h.shown = screen.shown
    h.page = screen.page
    h.previous = screen.previous


def describe(h: Held, kind: int, s: Stimulus) -> None:
    """Take over what a stimulus says of itself."""
    h.kind = kind
    h.key = s.key
    h.aux = s.aux
    h.ref = s.ref
    h.stamp = s.since
    h.span = s.at - s.since


def hold(box: Outbox, kind: int, s: Stimulus, at: int) -> bool:
    """Hold an event back until `at`; tell whether there was a place for it."""
    if box.waiting == len(box.held):
        return False
    h = box.held[box.waiting]
    describe(h, kind, s)
    h.at = at
    if at < box.next_at:
        box.stale = 1
    box.armings += 1
    h.armed = box.armings
    box.waiting += 1
    return True


def begin_request(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Note to which session and page view a request belongs; it ends later."""
    if hold(box, API, s, NEVER):
        tag(store, screen, limits, s.at, box.held[box.waiting - 1])


def end_request(box: Outbox, s: Stimulus, at: int) -> None:
    """Let the request that began with this ref be reported at `at`."""
    for i in range(box.waiting):
        h = box.held[i]
        if h.ref == s.ref and h.kind == API and h.at == NEVER:
            describe(h, API, s)
            h.at = at
            if at < box.next_at:
                box.stale = 1
            box.armings += 1
            h.armed = box.armings
            return


def let_go(box: Outbox, i: int) -> None:
    """Free place i."""
    box.waiting -= 1
    if i != box.waiting:
        copy(box.held[box.waiting], box.held[i])


def join_frame(screen: Screen, box: Outbox, limits: Limits, start_us: int, end_us: int, s: Stimulus) -> None:
    """Join a long frame to the series before it, if hardly any time lies between; a series that is long enough is reported after a pause.

    Any frame takes back the report that waits: of a series that it does not join, for good.
    """
    f = box.frames
    stop_rare(box, f.timer)
    if start_us - f.end < limits.frame_gap_us:
        f.count += 1
    else:
        f.count = 1
        f.start = start_us
        f.first = s.ref
        f.shown = screen.shown
    f.end = end_us
    f.last = s.ref
    if f.end - f.start >= limits.frame_least_us:
        arm_rare(box, f.timer, s.at + limits.frame_delay)


def draft_stall(box: Outbox) -> None:
    """Make the series of frames the draft: `key` is its first frame, `ref` its last, `aux` the page view in which it began, `span` in us."""
    f, h = box.frames, box.draft
    stop_rare(box, f.timer)
    h.kind = STALL
    h.key = f.first
    h.aux = f.shown
    h.ref = f.last
    h.stamp = (f.start + 500) // 1000
    h.span = f.end - f.start


def copy(a: Held, b: Held) -> None:
    """Copy a onto b."""
    b.at = a.at
    b.armed = a.armed
    b.kind = a.kind
    b.key = a.key
    b.aux = a.aux
    b.ref = a.ref
    b.stamp = a.stamp
    b.span = a.span
    b.session = a.session
    b.shown = a.shown
    b.page = a.page
    b.previous = a.previous
