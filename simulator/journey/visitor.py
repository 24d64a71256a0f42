"""Where a person is, and how what they do next is planned: the vocabulary of the walk."""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey.agenda import Agenda, has_room, plan
from simulator.journey.exchange import INCIDENT_BITS, exchange, number_in
from simulator.journey.incidents import met
from simulator.journey.population import Device
from simulator.journey.world import PAGE_BITS, SLOW_SERVER, World
from simulator.kernel.record import i4, i8, record, u1, u2
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw, pick
from simulator.schema.streams import DETAIL, WALK
from simulator.schema.values import ADDED
from simulator.schema.words import AGAIN, ASSET, BEGIN, NAVIGATE, NEVER, REQUEST, ROUTE, TURN

ACT, LEAVE, RESUME, GO, RELAUNCH, RELOAD, GIVE_UP = range(7)
"""Turns (walk.py)."""
NUMBER_BITS: Final = 32
"""An error's `aux`: below, what is the same of equal errors; above, the number in its message."""


@record
class Visitor:
    """Where a device's person is. Times in ms since the profile's start."""

    next_visit: i8 = NEVER
    arrived: i8 = 0
    """Operational time of `next_visit` (arrivals.py)."""
    finished: i8 = 0
    """When the latest visit ended; before the first, when the device began to be played."""
    visits: i4 = 0
    """Ordinal of the visit that `next_visit` begins, those that did not happen included."""
    begun: i4 = 0
    """Visits that did happen."""
    refs: i4 = 0
    draws: i4 = 0
    entered: i8 = 0
    """The current page was opened at."""
    load: i8 = 0
    paint: i4 = 0
    """Ref of the current page's paint."""
    page: u2 = 0
    before: u2 = 0
    """The page of this visit from which the current one was opened; 0: none."""
    release: u1 = 0
    """That the running app, or the pages of the latest visit, are of."""
    acts_left: u1 = 0
    measured: u1 = 0
    busy: u1 = 0
    """In a visit."""
    alive: u1 = 0
    """The tab or process exists."""
    next_return: i8 = NEVER
    """When the visit that follows the latest one begins."""
    next_push: i8 = NEVER
    """When a push notification brings a visit."""
    pace: i8 = 0
    """Factor of this visit's pauses, in 1/1000."""
    part: u1 = 0
    """Of a mixture, from which the latest pause was drawn (from 1)."""
    pages: u2 = 0
    """Page views of this visit."""
    opened: i4 = 0
    """Ordinal of the current page's opening; the same page again keeps it."""
    tries: u1 = 0
    """How often a crashing app was started again in this visit."""
    looping: u1 = 0
    """The incident that will crash the app."""
    pushed: u1 = 0
    """The push notification that has brought the visit, until its page opens."""
    closes: i8 = NEVER
    """When the tab or process that was left open ends, if nobody comes back before."""
    hit: i8 = 0
    """Bits of the incidents that have met the visit since play looked."""


def open_page(w: World, d: Device, who: Visitor, a: Agenda, at: int, page: int, fresh: bool) -> None:
    """Open another page."""
    who.page = page
    who.opened += 1
    navigate(w, d, who, a, at, fresh, 0)


def open_again(w: World, d: Device, who: Visitor, a: Agenda, at: int, fresh: bool) -> None:
    """Open the same page again, with the number that it had."""
    navigate(w, d, who, a, at, fresh, AGAIN)


def navigate(w: World, d: Device, who: Visitor, a: Agenda, at: int, fresh: bool, again: int) -> None:
    """Navigate; what the page does is planned when the navigation happens."""
    who.refs += 1
    route = 0 if fresh or w.platforms[d.platform].reloads else ROUTE
    plan(a, at, NAVIGATE, who.page | who.opened << PAGE_BITS, route | again, who.refs, at)


def request(w: World, d: Device, who: Visitor, a: Agenda, at: int, kind: int, target: int, v: MutableSequence[int]) -> int:
    """Make a request at `at` and give its end; it is left out if too many are under way."""
    v[ADDED] = 0
    if not has_room(a):
        return at
    who.refs += 1
    incident = met(w, d, at, SLOW_SERVER, target, who.refs)
    meet(who, incident)
    ends = at + exchange(w, d, target, who.refs, incident, v)
    if kind == ASSET and w.targets[target].opaque and w.timed >> d.edition & 1:
        return ends
    aux = at - who.entered | incident << INCIDENT_BITS
    if kind == REQUEST and w.begins >> d.edition & 1:
        plan(a, at, BEGIN, target, aux, who.refs, at)
    plan(a, ends, kind, target, aux, who.refs, at)
    return ends


def meet(who: Visitor, incident: int) -> None:
    """Note that an incident has met the visit; 0: none has."""
    if incident:
        who.hit |= 1 << incident


def throw(w: World, d: Device, who: Visitor, a: Agenda, at: int, kind: int, bug: int) -> None:
    """Plan an error or a crash."""
    who.refs += 1
    break_down(w, d, a, at, kind, bug, who.refs)


def break_down(w: World, d: Device, a: Agenda, at: int, kind: int, bug: int, ref: int) -> None:
    """Plan an error or a crash under a given ref."""
    number = number_in(w, w.bugs[bug].ids, d.key ^ DETAIL, ref * 8)
    plan(a, at, kind, bug, w.bugs[bug].same | number << NUMBER_BITS, ref, at)


def due(who: Visitor) -> int:
    """Give the time at which the next visit begins, if the person is free by then, or what was left open ends."""
    return min(who.next_visit, who.next_return, who.next_push, who.closes)


def think(w: World, d: Device, who: Visitor, a: Agenda, at: int, law: int, step: int) -> None:
    """Plan the next turn after a pause, at least 1 ms: drawn from a law, at the person's pace.

    `law`: how many parts its mixture has, the table of the choice among them, and each part's table.
    """
    r = chance(d, who)
    if w.tables[law] == 1:
        part = 1
    elif 0 < who.part <= w.tables[law] and (r >> 31) < w.keep:
        part = who.part
    else:
        part = pick(w.tables, w.tables[law + 1], chance(d, who))
    who.part = part
    pause = draw(w.tables, w.tables[law + 1 + part], r & LOW)
    pace = who.pace * w.tables[w.depth_pace + min(max(who.pages, 1), w.tables[w.depth_pace])] // 1_000
    turn_at(who, a, at + max(1, pause * pace // 1_000), step)


def turn_at(who: Visitor, a: Agenda, at: int, step: int) -> None:
    """Plan the next turn."""
    happen(who, a, at, TURN, step, 0)


def stir(who: Visitor, a: Agenda, at: int, kind: int) -> None:
    """Plan a stimulus that concerns the app as a whole."""
    happen(who, a, at, kind, 0, 0)


def happen(who: Visitor, a: Agenda, at: int, kind: int, key: int, same: int) -> None:
    """Plan a stimulus that begins when it happens; the SDK may count events of one `same` as one."""
    who.refs += 1
    plan(a, at, kind, key, same, who.refs, at)


def chance(d: Device, who: Visitor) -> int:
    """Give the next 62 random bits of the walk."""
    who.draws += 1
    return rnd(d.key ^ WALK, who.draws)
