"""Calls of the SDK core as data: what a page asked of it, and what came of it. One source, interpreted and compiled.

A page's storage, settings and Math.random belong to its browser, so each call brings how they stand at that moment.
"""

from typing import Any, Final

from simulator.kernel.record import i4, i8, one, record, u1
from simulator.kernel.rnd import rnd
from simulator.schema.records import Stimulus
from simulator.schema.words import NEVER
from simulator.sdk.held import let_go
from simulator.sdk.outbox import settle
from simulator.sdk.probes import feed, time_again, wake
from simulator.sdk.session import current
from simulator.sdk.state import Limits, Outbox, Screen, Store
from simulator.sdk.timers import rewind, stop_rare

FEED, WAKE, READ, DROP, TIME_AGAIN, TIME_NOTHING, FORGET_FRAMES = range(7)
"""Take a stimulus, fire a timer, read the session, let go of what is held at a place; begin page timings anew or end them; end a series of frames."""
DIGEST: Final = 64
"""Number and fate of an event in one integer: a number times this, and the fate."""


@record
class Call:
    """What is asked, of which stimulus or place, and how store, settings and timers stand."""

    op: i4 = 0
    place: i4 = 0
    stimulus: Stimulus = one(Stimulus)
    session: i4 = 0
    made: i4 = 0
    sampled: u1 = 0
    start: i8 = 0
    last: i8 = 0
    events: i4 = 0
    views: i4 = 0
    armings: i4 = 0
    rate: i8 = 0
    probes: i4 = 0
    flush_delay: i8 = 0
    flush_count: i4 = 0


@record
class Outcome:
    """What a call has changed. `fates`: a digest of the events that got one, with their sessions and times."""

    session: i4 = 0
    made: i4 = 0
    sampled: u1 = 0
    start: i8 = 0
    last: i8 = 0
    events: i4 = 0
    next_at: i8 = 0
    armings: i4 = 0
    waiting: i4 = 0
    count: i4 = 0
    done: i4 = 0
    fates: i8 = 0


def do(store: Store, screen: Screen, box: Outbox, limits: Limits, c: Call) -> None:
    """Do one call."""
    s = c.stimulus
    store.open = 1
    store.session = c.session
    store.made = c.made
    store.sampled = c.sampled
    store.start = c.start
    store.last = c.last
    store.events = c.events
    store.views = c.views
    box.armings = c.armings
    limits.rate = store.rate = c.rate
    limits.probes = c.probes
    limits.flush_delay = c.flush_delay
    limits.flush_count = c.flush_count
    if c.op == FEED:
        feed(store, screen, box, limits, s)
    elif c.op == WAKE:
        wake(store, screen, box, limits, s.at)
    elif c.op == READ:
        current(store, limits, s.at)
    elif c.op == DROP:
        let_go(box, c.place)
        rewind(box)
    elif c.op == TIME_AGAIN:
        time_again(store, screen, box, limits, s.at)
    elif c.op == TIME_NOTHING:
        screen.timed = 1
    else:
        stop_rare(box, box.frames.timer)
        box.frames.end = -NEVER
        rewind(box)


def judge(store: Store, box: Outbox, o: Outcome) -> None:
    """Say what has come of a call; the events that got a fate are still there."""
    o.session = store.session
    o.made = store.made
    o.sampled = store.sampled
    o.start = store.start
    o.last = store.last
    o.events = store.events
    o.next_at = box.next_at
    o.armings = box.armings
    o.waiting = box.waiting
    o.count = box.count
    o.done = box.done
    fates = 0
    for i in range(box.done):
        e = box.queue[i]
        fates = rnd(fates, e.number * DIGEST + e.fate)
        fates = rnd(fates, e.stamp)
        fates = rnd(fates, e.session * DIGEST + e.kind)
        fates = rnd(fates, e.shown * DIGEST + e.times)
    o.fates = fates


def replay(store: Any, screen: Any, box: Any, limits: Any, calls: Any, outcomes: Any) -> None:  # noqa: ANN401
    """Do all calls, one after the other, each with its outcome."""
    for i in range(len(calls)):
        do(store, screen, box, limits, calls[i])
        judge(store, box, outcomes[i])
        settle(box)
