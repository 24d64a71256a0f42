"""Many devices, one after the other: a stream of stimuli through the SDK core, interpreted or compiled, and a digest of all that came of it.

For checks and benchmarks of the core alone: no journey before it, nothing printed after it.
"""

from typing import Any, NamedTuple

from simulator.schema.records import Stimulus
from simulator.schema.words import NEVER
from simulator.sdk.outbox import settle
from simulator.sdk.probes import feed, wake
from simulator.sdk.state import Outbox, Screen, Store
from simulator.sdk.timers import silence


class Stream(NamedTuple):
    """Rows `offset[d]` .. `offset[d + 1]` belong to device d, in the order of time; `edition[d]` is its row of the limits."""

    offset: Any
    edition: Any
    at: Any
    kind: Any
    key: Any
    aux: Any
    ref: Any
    since: Any


class Tally(NamedTuple):
    """What came of a stream: by fate, how many events; sessions; and a digest of every event and session."""

    fates: Any
    totals: Any


SESSIONS, EVENTS, DIGEST = range(3)
"""Places of `Tally.totals`."""


def mix(digest: int, value: int) -> int:
    """Fold a value into a digest of 40 bits; small enough that nothing leaves int64."""
    return ((digest ^ (value & 0xFFFFFFFFFF)) * 0x9E3B1) & 0xFFFFFFFFFF


def blank(store: Store, screen: Screen, box: Outbox, key: int) -> None:
    """Make the records those of a device that has never been seen."""
    store.key = key
    store.rate = store.kept_rate = -1
    store.session = store.made = store.open = store.sampled = store.start = store.last = store.events = store.views = 0
    store.left = NEVER
    screen.entered = 0
    screen.in_view = screen.timed = screen.blocked = screen.shown = screen.page = screen.previous = screen.loading = 0
    screen.view_session = screen.born_shown = screen.born_page = 0
    silence(box)
    box.count = box.done = box.armings = 0


def replay(stream: Stream, limits: Any, stores: Any, screens: Any, boxes: Any, stimuli: Any, tally: Tally, end: int) -> None:  # noqa: ANN401
    """Play all devices to the instant `end`."""
    store, screen, box, s = stores[0], screens[0], boxes[0], stimuli[0]
    digest, events, sessions = 0, 0, 0
    for d in range(len(stream.offset) - 1):
        blank(store, screen, box, d)
        rules = limits[stream.edition[d]]
        i, last = stream.offset[d], stream.offset[d + 1]
        made = 0
        at = stream.at[i] if i < last else end
        while True:
            if box.next_at <= at:
                n = wake(store, screen, box, rules, box.next_at)
            elif i < last:
                fill(s, stream, i)
                n = feed(store, screen, box, rules, s)
                i += 1
                at = stream.at[i] if i < last else end
            else:
                break
            if store.made != made:
                made = store.made
                sessions += 1
                digest = mix(digest, store.start << 1 | store.sampled)
            if n:
                for j in range(n):
                    e = box.queue[j]
                    tally.fates[e.fate] += 1
                    digest = mix(digest, e.stamp << 8 ^ e.kind << 4 ^ e.fate ^ e.session << 40 ^ e.number << 20 ^ e.times << 12)
                events += n
                settle(box)
    tally.totals[SESSIONS] = sessions
    tally.totals[EVENTS] = events
    tally.totals[DIGEST] = digest


def fill(s: Stimulus, stream: Stream, i: int) -> None:
    """Copy a row of the stream."""
    s.at = stream.at[i]
    s.kind = stream.kind[i]
    s.key = stream.key[i]
    s.aux = stream.aux[i]
    s.ref = stream.ref[i]
    s.since = stream.since[i]
