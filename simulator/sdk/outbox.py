"""The queue of events and its flush.

Every event restarts the flush timer; a full queue, leaving the foreground and closing flush at once. `flush` gives each queued event its fate
by the session it was tagged with: of a sampled session all events are sent, of an unsampled one none (document: Session Sampling).
"""

from simulator.schema.records import Stimulus
from simulator.schema.words import DROPPED_NO_SESSION, NEVER, QUEUED, SAMPLED_OUT, SENT
from simulator.sdk.session import lives
from simulator.sdk.state import Limits, Outbox, Screen, Store


def report(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int, kind: int, stamp: int, s: Stimulus) -> None:
    """Queue an event of any kind, tagged with the session and page view of this moment."""
    store.events += 1
    e = box.queue[box.count]
    e.kind = kind
    e.stamp = stamp
    e.key = s.key
    e.aux = s.aux
    e.ref = s.ref
    e.number = store.events
    e.session = store.session if lives(store, limits, at) else 0
    e.sampled = store.sampled
    e.shown = store.views
    e.page = screen.page
    e.previous = screen.previous
    e.span = s.at - s.since
    e.times = 1
    e.fate = QUEUED
    box.count += 1
    box.next_at = at + limits.flush_delay
    if box.count - box.done >= limits.flush_count:
        flush(box)


def flush(box: Outbox) -> None:
    """Give all queued events their fate."""
    box.next_at = NEVER
    for i in range(box.done, box.count):
        e = box.queue[i]
        if e.session == 0:
            e.fate = DROPPED_NO_SESSION
        elif e.sampled == 0:
            e.fate = SAMPLED_OUT
        else:
            e.fate = SENT
    box.done = box.count


def settle(box: Outbox) -> None:
    """Forget the events that have a fate, once the caller has taken them."""
    rest = box.count - box.done
    for i in range(rest):
        a, b = box.queue[i], box.queue[box.done + i]
        a.kind = b.kind
        a.stamp = b.stamp
        a.key = b.key
        a.aux = b.aux
        a.ref = b.ref
        a.number = b.number
        a.session = b.session
        a.sampled = b.sampled
        a.shown = b.shown
        a.page = b.page
        a.previous = b.previous
        a.span = b.span
        a.times = b.times
        a.fate = b.fate
    box.count = rest
    box.done = 0
