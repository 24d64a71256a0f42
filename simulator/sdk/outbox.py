"""The queue of events and its flush.

Every event, a merged one too, restarts the flush timer. A full queue, hiding and closing flush at once; a crash never does. `flush` gives each
queued event its fate: where reading renews the session (FACTS 6) by the session of the moment of sending, else by the session with which the event
was tagged (document: Session Sampling).
"""

from simulator.schema.records import Event
from simulator.schema.words import DROPPED_NO_SESSION, DROPPED_STALE, FATAL, LOST, NEVER, QUEUED, SAMPLED_OUT, SENT, TYPE_OF
from simulator.sdk.session import current
from simulator.sdk.state import Held, Limits, Outbox, Screen, Store
from simulator.sdk.timers import arm


def report(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int, h: Held) -> None:
    """Queue an event; its session and page view are known."""
    store.events += 1
    if limits.events_touch:
        touch(box, limits, at, 1)
    if limits.merges >> TYPE_OF[h.kind] & 1 and merged(box, h):
        box.flush.at = NEVER
    else:
        e = box.queue[box.count]
        e.kind = h.kind
        e.stamp = h.stamp
        e.key = h.key
        e.aux = h.aux
        e.ref = h.ref
        e.number = store.events
        e.session = h.session
        e.sampled = store.sampled
        e.shown = h.shown
        e.page = h.page
        e.previous = h.previous
        e.span = h.span
        e.times = 1
        e.fate = QUEUED
        box.count += 1
    if box.count - box.done >= limits.flush_count and h.kind != FATAL:
        flush(store, screen, box, limits, at)
    else:
        arm(box, box.flush, at + limits.flush_delay)


def merged(box: Outbox, h: Held) -> bool:
    """Count the event into an equal one of its type that is queued, if there is one."""
    queue, aux = box.queue, h.aux
    for i in range(box.done, box.count):
        e = queue[i]
        if e.aux == aux and TYPE_OF[e.kind] == TYPE_OF[h.kind]:
            e.times += 1
            return True
    return False


def touch(box: Outbox, limits: Limits, at: int, trusted: int) -> None:
    """Take a sign of life: what counts is the latest of a series, once the series has paused."""
    if limits.touch_delay:
        box.trusted = trusted
        arm(box, box.touch, at + limits.touch_delay)


def flush(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Give all queued events their fate."""
    box.flush.at = NEVER
    box.stale = 1
    if box.done == box.count:
        return
    box.sent_shown, box.sent_page = screen.shown, screen.page
    queue, renewed = box.queue, limits.reads_renew
    session = current(store, limits, at) if renewed else 0
    for i in range(box.done, box.count):
        e = queue[i]
        sampled = store.sampled if renewed else e.sampled
        if e.session == 0:
            e.fate = DROPPED_NO_SESSION
        elif sampled == 0:
            e.fate = SAMPLED_OUT
        elif limits.drops_stale and e.session != session:
            e.fate = DROPPED_STALE
        else:
            e.fate = SENT
    box.done = box.count


def lose(box: Outbox) -> None:
    """Give up what is queued: its page is gone."""
    for i in range(box.done, box.count):
        box.queue[i].fate = LOST
    box.done = box.count


def settle(box: Outbox) -> None:
    """Forget the events that have a fate, once the caller has taken them."""
    rest = box.count - box.done
    for i in range(rest):
        copy(box.queue[box.done + i], box.queue[i])
    box.count = rest
    box.done = 0


def copy(a: Event, b: Event) -> None:
    """Copy a onto b."""
    b.stamp = a.stamp
    b.key = a.key
    b.aux = a.aux
    b.ref = a.ref
    b.number = a.number
    b.session = a.session
    b.shown = a.shown
    b.page = a.page
    b.previous = a.previous
    b.span = a.span
    b.times = a.times
    b.kind = a.kind
    b.fate = a.fate
    b.sampled = a.sampled
