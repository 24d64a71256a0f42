"""Which incident meets a request, a page view or a launch, and when a push notification brings a visit.

Draws come from a stream of their own: without incidents the day is the same in all else.
"""

from simulator.journey.population import Device
from simulator.journey.world import INCIDENTS, NETWORK_LOSS, PUSH, SLOW_SERVER, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw, lists
from simulator.schema.streams import INCIDENT
from simulator.schema.words import NEVER


def met(w: World, d: Device, at: int, kind: int, what: int, ref: int) -> int:
    """Give the first incident of a kind that meets `what`; 0: none. SLOW_SERVER stands for all kinds that meet requests."""
    if d.concerned == 0:
        return 0
    last = NETWORK_LOSS if kind == SLOW_SERVER else kind
    for i in range(1, w.incident_count + 1):
        n = w.incidents[i]
        if d.concerned >> i & 1 == 0 or not (kind <= n.kind <= last and n.begins <= at < n.ends):
            continue
        chosen = n.of_devices or (rnd(d.key ^ INCIDENT, ref * INCIDENTS + i) & LOW) < n.share
        if chosen and (n.what == 0 or lists(w.tables, n.what, what)):
            return i
    return 0


def pushed(w: World, d: Device, i: int) -> int:
    """Give the time at which push notification i brings a visit of the device."""
    n = w.incidents[i]
    return min(n.begins + draw(w.tables, n.delay, rnd(d.key ^ INCIDENT, INCIDENTS + i) & LOW), n.ends - 1)


def next_push(w: World, d: Device, after: int) -> int:
    """Give the first time after `after` at which a push notification brings a visit; NEVER: none does."""
    at = NEVER
    if d.concerned == 0:
        return at
    for i in range(1, w.incident_count + 1):
        if d.concerned >> i & 1 and w.incidents[i].kind == PUSH and pushed(w, d, i) > after:
            at = min(at, pushed(w, d, i))
    return at


def push_at(w: World, d: Device, at: int) -> int:
    """Give the push notification that brings a visit at `at`."""
    for i in range(1, w.incident_count + 1):
        if d.concerned >> i & 1 and w.incidents[i].kind == PUSH and pushed(w, d, i) == at:
            return i
    return 0
