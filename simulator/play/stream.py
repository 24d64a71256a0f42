"""Many devices, one after the other: a stream of stimuli through the SDK core, interpreted or compiled, and a digest of all that came of it.

For checks and benchmarks of the core alone: no journey before it, nothing printed after it.
"""

from typing import Any, NamedTuple

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


MIX, MASK = 0x9E3B1, 0xFFFFFFFFFF
"""Of the digest: 40 bits and a factor of 20, so that with values of at most 42 bits nothing leaves int64."""


def blank(store: Store, screen: Screen, box: Outbox, key: int) -> None:
    """Make the records those of a device that has never been seen."""
    store.key = key
    store.rate = store.kept_rate = -1
    store.session = store.made = store.open = store.sampled = store.start = store.last = store.events = store.views = store.fetches = 0
    store.left = NEVER
    screen.entered = 0
    screen.in_view = screen.timed = screen.blocked = screen.shown = screen.page = screen.previous = screen.loading = 0
    screen.view_session = screen.born_shown = screen.born_page = 0
    silence(box)
    box.count = box.done = box.armings = 0


def replay(stream: Stream, limits: Any, stores: Any, screens: Any, boxes: Any, stimuli: Any, end: int) -> tuple[int, int]:  # noqa: ANN401
    """Play all devices to the instant `end`; give the number of events and a digest of events and sessions."""
    store, screen, box, s = stores[0], screens[0], boxes[0], stimuli[0]
    queue = box.queue
    offset, edition, ats, kind, key, aux, ref, since = stream
    digest, events = 0, 0
    for d in range(len(offset) - 1):
        blank(store, screen, box, d)
        rules = limits[edition[d]]
        i, last = offset[d], offset[d + 1]
        at = ats[i] if i < last else end
        while True:
            if box.next_at <= at:
                n = wake(store, screen, box, rules, box.next_at)
            elif i < last:
                s.at = ats[i]
                s.kind = kind[i]
                s.key = key[i]
                s.aux = aux[i]
                s.ref = ref[i]
                s.since = since[i]
                n = feed(store, screen, box, rules, s)
                i += 1
                at = ats[i] if i < last else end
            else:
                break
            if n:
                for j in range(n):
                    e = queue[j]
                    digest = (digest ^ e.stamp ^ e.number << 12 ^ e.session << 8 ^ e.times << 16 ^ e.kind << 4 ^ e.fate) * MIX & MASK
                digest = (digest ^ store.start << 1 ^ store.sampled) * MIX & MASK
                events += n
                settle(box)
        digest = (digest ^ store.made) * MIX & MASK
    return events, digest
