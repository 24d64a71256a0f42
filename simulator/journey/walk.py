"""The visit: pages, acts, idling, trips to other apps, crashes, the end. Each step plans a few stimuli and the next turn.

| turn | what happens | the next turn |
|---|---|---|
| ACT | a press or a scroll, perhaps with an API call | ACT while acts are left, then LEAVE |
| LEAVE | a crash, or a trip, or sitting idle, or at once the next page | RESUME after a trip or an idle gap |
| RESUME | one more act | GO |
| GO | the next page, or the end of the visit | ACT of the next page |
| RELAUNCH | the app was killed while away: it starts again on the same page | ACT |
"""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey.agenda import Agenda, clear, has_room, keep_only, plan
from simulator.journey.arrivals import when
from simulator.journey.details import exchange
from simulator.journey.population import Device
from simulator.journey.world import Platform, World
from simulator.kernel.record import i4, i8, record, u1, u2
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw, exponential, pick
from simulator.schema.records import Stimulus
from simulator.schema.streams import ARRIVAL, WALK
from simulator.schema.words import (
    ASSET,
    BEGIN,
    BLOCK,
    CLOSE,
    CRASH,
    LAUNCH,
    NAVIGATE,
    NEVER,
    PAINT,
    REPORT,
    REQUEST,
    SCROLL,
    TERMINATE,
    THROW,
    TURN,
    VITALS,
)

ACT, LEAVE, RESUME, GO, RELAUNCH = range(5)
STAGGER: Final = 15  # assumed: ms between the starts of a page's requests
CLOSE_AFTER: Final = 1_500  # assumed: ms from leaving an app to swiping it away
REACTION: Final = 400  # assumed: ms from coming back to the next step at the earliest


@record
class Visitor:
    """Where a device's person is. Times in ms since the profile's start."""

    next_visit: i8 = NEVER
    arrived: i8 = 0
    """Operational time of `next_visit` (arrivals.py)."""
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
    acts_left: u1 = 0
    measured: u1 = 0
    busy: u1 = 0
    """In a visit."""
    alive: u1 = 0
    """The tab or process exists."""


def expect(w: World, d: Device, who: Visitor, from_x: int) -> None:
    """Draw the visit that follows operational time `from_x`."""
    who.visits += 1
    who.arrived = from_x + exponential(w.tables, w.exponential, w.gap, d.key ^ ARRIVAL, who.visits)
    who.next_visit = when(w.tables, w.arrivals, who.arrived)


def begin(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Begin a visit: the app or page opens, or comes back if it was left in the background. Visits due while one lasts do not happen."""
    p = w.platforms[d.platform]
    who.busy = 1
    who.begun += 1
    clear(a)
    entry = pick(w.tables, w.entry, chance(d, who))
    stir(who, a, at, p.back if who.alive else LAUNCH)
    fresh = who.alive == 0
    who.alive = 1
    open_page(w, d, who, a, at, entry, fresh)


def follow(w: World, d: Device, who: Visitor, a: Agenda, s: Stimulus, v: MutableSequence[int]) -> None:
    """React to a stimulus that has just happened: turns decide, the end of the process forgets what was under way."""
    if s.kind == TURN:
        turn(w, d, who, a, s, v)
    elif s.kind == NAVIGATE:
        furnish(w, d, who, a, s.at, v)
    elif s.kind in (CLOSE, TERMINATE, CRASH):
        who.alive = 0
        keep_only(a, TURN)


def turn(w: World, d: Device, who: Visitor, a: Agenda, s: Stimulus, v: MutableSequence[int]) -> None:
    """Take the step that is due."""
    page = w.pages[who.page]
    if s.key == ACT:
        act(w, d, who, a, s.at, v)
        who.acts_left -= 1
        later = page.think if who.acts_left else page.stay
        think(w, d, who, a, s.at, later, ACT if who.acts_left else LEAVE)
    elif s.key == LEAVE:
        leave(w, d, who, a, s.at)
    elif s.key == RESUME:
        act(w, d, who, a, s.at, v)
        think(w, d, who, a, s.at, page.think, GO)
    elif s.key == GO:
        go(w, d, who, a, s.at)
    else:
        stir(who, a, s.at, LAUNCH)
        who.alive = 1
        open_page(w, d, who, a, s.at, who.page, True)


def open_page(w: World, d: Device, who: Visitor, a: Agenda, at: int, page: int, fresh: bool) -> None:
    """Navigate; what the page does is planned when the navigation happens."""
    reloads = w.platforms[d.platform].reloads
    who.page = page
    who.refs += 1
    plan(a, at, NAVIGATE, page, 0 if fresh or reloads else 1, who.refs, at)


def furnish(w: World, d: Device, who: Visitor, a: Agenda, at: int, v: MutableSequence[int]) -> None:
    """Plan what the open page does by itself: assets, APIs, paint, errors, a blocked main thread; and the first act."""
    page = w.pages[who.page]
    load = draw(w.tables, page.load, chance(d, who) & LOW)
    who.entered = at
    starts = at
    for i in range(w.tables[page.assets]):
        starts += STAGGER
        ends = request(w, d, who, a, starts, ASSET, w.tables[page.assets + 1 + i], v)
        load = max(load, ends - at)
    for i in range(w.tables[page.apis]):
        starts += STAGGER
        request(w, d, who, a, starts, REQUEST, w.tables[page.apis + 1 + i], v)
    who.load = max(load, 1)
    who.refs += 1
    who.paint = who.refs
    who.measured = 0
    plan(a, at + who.load, PAINT, who.page, 0, who.refs, at)
    for i in range(w.tables[page.bugs]):
        r = chance(d, who)
        bug = w.tables[page.bugs + 1 + 2 * i]
        if (r & LOW) < w.tables[page.bugs + 2 + 2 * i] and has_room(a) and (w.bugs[bug].custom or w.platforms[d.platform].scripts):
            happen(who, a, at + 1 + (who.load * (r >> 31) >> 31), REPORT if w.bugs[bug].custom else THROW, bug, w.bugs[bug].same)
    r = chance(d, who)
    if (r & LOW) < page.block_share and has_room(a):
        span = draw(w.tables, page.block, r >> 31)
        who.refs += 1
        plan(a, at + who.load + span, BLOCK, who.page, 0, who.refs, at + who.load)
    acts = draw(w.tables, page.acts_per_view, chance(d, who) & LOW) if page.acts else 0
    who.acts_left = min(acts, 255)
    think(w, d, who, a, at + who.load, page.think if acts else page.stay, ACT if acts else LEAVE)


def act(w: World, d: Device, who: Visitor, a: Agenda, at: int, v: MutableSequence[int]) -> None:
    """Press or scroll; the first press of a page is measured."""
    page = w.pages[who.page]
    if page.acts == 0 or not has_room(a):
        return
    p = w.platforms[d.platform]
    which = pick(w.tables, page.acts, chance(d, who))
    chosen = w.acts[which]
    happen(who, a, at, SCROLL if chosen.scroll else p.press, which, chosen.target)
    if p.vitals and who.measured == 0 and chosen.scroll == 0:
        who.measured = 1
        who.refs += 1
        plan(a, at + 1, VITALS, who.paint, who.load, who.refs, who.entered)
    if chosen.api:
        request(w, d, who, a, at + STAGGER, REQUEST, chosen.api, v)


def leave(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Decide how the stay on the page ends: crash, trip, idle gap, or simply the next page."""
    p = w.platforms[d.platform]
    page = w.pages[who.page]
    r = chance(d, who)
    if page.crashes and (r & LOW) < p.crash:
        happen(who, a, at, CRASH, pick(w.tables, page.crashes, chance(d, who)), 0)
        finish(w, d, who, at)
    elif (r >> 31) < p.trip:
        travel(w, d, who, a, at, p)
    elif (chance(d, who) & LOW) < p.idle:
        think(w, d, who, a, at, p.idle_gap, RESUME)
    else:
        go(w, d, who, a, at)


def travel(w: World, d: Device, who: Visitor, a: Agenda, at: int, p: Platform) -> None:
    """Leave the app or tab for a while; a long trip may end with a process that the system has killed."""
    r = chance(d, who)
    long_trip = (r & LOW) < p.long_trip
    gap = max(2, draw(w.tables, p.long if long_trip else p.short, chance(d, who) & LOW))
    stir(who, a, at, p.away)
    if long_trip and (r >> 31) < p.killed:
        stir(who, a, at + gap // 2, TERMINATE)
        turn_at(who, a, at + gap, RELAUNCH)
        return
    stir(who, a, at + gap, p.back)
    think(w, d, who, a, at + gap + REACTION, w.pages[who.page].think, GO)


def go(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Open the next page or end the visit."""
    following = pick(w.tables, w.pages[who.page].next, chance(d, who))
    if following:
        if w.platforms[d.platform].reloads:
            clear(a)  # what the old document was loading is lost
        open_page(w, d, who, a, at, following, False)
        return
    p = w.platforms[d.platform]
    finish(w, d, who, at)
    r = chance(d, who)
    if (r & LOW) < p.close:
        if p.ends_away:
            stir(who, a, at, p.away)
        stir(who, a, at + (CLOSE_AFTER if p.ends_away else 0), p.end)
        return
    stir(who, a, at, p.away)
    if (r >> 31) < p.killed:
        stir(who, a, at + max(2, draw(w.tables, p.long, chance(d, who) & LOW)), TERMINATE)


def finish(w: World, d: Device, who: Visitor, at: int) -> None:
    """End the visit and expect the next; those that were due meanwhile are passed over."""
    who.busy = 0
    while who.next_visit <= at:
        expect(w, d, who, who.arrived)


def request(w: World, d: Device, who: Visitor, a: Agenda, at: int, kind: int, target: int, v: MutableSequence[int]) -> int:
    """Make a request at `at` and give its end; it is left out if too many are under way."""
    if not has_room(a):
        return at
    who.refs += 1
    ends = at + exchange(w, d, target, who.refs, v)
    offset = at - who.entered
    if kind == REQUEST and w.begins >> d.edition & 1:
        plan(a, at, BEGIN, target, offset, who.refs, at)
    plan(a, ends, kind, target, offset, who.refs, at)
    return ends


def think(w: World, d: Device, who: Visitor, a: Agenda, at: int, law: int, step: int) -> None:
    """Plan the next turn after a pause drawn from a law, at least 1 ms."""
    turn_at(who, a, at + max(1, draw(w.tables, law, chance(d, who) & LOW)), step)


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
