"""The visit: pages, acts, idling, trips to other apps, crashes, the end. Each step plans a few stimuli and the next turn.

| turn | what happens | the next turn |
|---|---|---|
| ACT | a press or a scroll, perhaps with an API call | ACT while acts are left, then LEAVE |
| LEAVE | a crash, or a trip, or sitting idle, or at once the next page | RESUME after a trip or an idle gap |
| RESUME | one more act | GO |
| GO | the next page, or the end of the visit | ACT of the next page |
| RELAUNCH | the app was killed while away, or has crashed: it starts again on the same page | ACT |
| RELOAD | the same page again | ACT |
| GIVE_UP | the end of the visit, by a person who has waited too long | |
"""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey.agenda import Agenda, clear, keep
from simulator.journey.arrivals import moment, progress
from simulator.journey.incidents import met, next_push, push_at
from simulator.journey.page import GONE, act, furnish
from simulator.journey.population import Device, release_at
from simulator.journey.reactions import FLOW, happens
from simulator.journey.visitor import (
    ACT,
    GIVE_UP,
    GO,
    LEAVE,
    RELAUNCH,
    RELOAD,
    RESUME,
    Visitor,
    break_down,
    chance,
    meet,
    open_again,
    open_page,
    stir,
    think,
    throw,
    turn_at,
)
from simulator.journey.world import CRASH_LOOP, Platform, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw, exponential, pick
from simulator.schema.records import Stimulus
from simulator.schema.streams import ARRIVAL, INCIDENT, LEFT, PACE, RETURN
from simulator.schema.words import CLOSE, CRASH, LAUNCH, NAVIGATE, NEVER, PAINT, TERMINATE, TURN

CLOSE_AFTER: Final = 1_500  # assumed: ms from leaving an app to swiping it away
REACTION: Final = 400  # assumed: ms from coming back to the next step at the earliest
START_AGAIN: Final = 3_000  # assumed: ms from a crash to starting the app again


def expect_first(w: World, d: Device, who: Visitor, since: int) -> None:
    """Draw the first visit after a time, and the first that a push notification brings."""
    who.finished = since
    expect(w, d, who, progress(w.tables, w.arrivals, w.bursts, d.zone, since))
    who.next_push = next_push(w, d, since)


def expect(w: World, d: Device, who: Visitor, from_x: int) -> None:
    """Draw the visit that follows operational time `from_x`."""
    who.visits += 1
    who.arrived = from_x + exponential(w.tables, w.exponential, d.gap, d.key ^ ARRIVAL, who.visits)
    who.next_visit = moment(w.tables, w.arrivals, w.bursts, d.zone, who.arrived)


def begin(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Begin a visit: the app or page opens, or comes back if it was left in the background. Visits due while one lasts do not happen.

    Or nobody has come back, and what was left open ends.
    """
    p = w.platforms[d.platform]
    if at == who.closes:
        who.closes = NEVER
        clear(a)
        stir(who, a, at, p.end)
        return
    who.closes = NEVER
    who.busy = 1
    who.begun += 1
    who.pages = who.tries = who.looping = who.part = who.before = 0
    who.pace = d.pace * draw(w.tables, w.visit_pace, rnd(d.key ^ PACE, who.begun) & LOW) // 1_000
    clear(a)
    entry = pick(w.tables, w.entry, chance(d, who))
    if at == who.next_push and at < min(who.next_visit, who.next_return):
        who.pushed = push_at(w, d, at)
        entry = w.incidents[who.pushed].page
    if who.alive == 0:
        launch(w, d, who, a, at)
        open_page(w, d, who, a, at, entry, True)
        return
    stir(who, a, at, p.back)
    if p.resume and who.pushed == 0 and (rnd(d.key ^ LEFT, who.begun) & LOW) < p.resume:
        who.pages = 1
        think(w, d, who, a, at + REACTION, w.pages[who.page].think, GO)
        return
    if p.reloads:
        who.release = release_at(w, d, at)
    open_page(w, d, who, a, at, entry, False)


def launch(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Start the app, or open the first page; a release that crashes does so soon.

    Subtle: that crash has the launch's ref, so a person who leaves before it comes goes on as if there were none.
    """
    stir(who, a, at, LAUNCH)
    who.alive = 1
    who.release = release_at(w, d, at)
    who.looping = met(w, d, at, CRASH_LOOP, who.release, who.refs)
    if who.looping:
        n = w.incidents[who.looping]
        after = max(1, draw(w.tables, n.delay, rnd(d.key ^ INCIDENT, ~who.refs) & LOW))
        break_down(w, d, a, at + after, CRASH, n.bug, who.refs)


def follow(w: World, d: Device, who: Visitor, a: Agenda, s: Stimulus, v: MutableSequence[int]) -> None:
    """React to a stimulus that has just happened: turns decide, the end of the process forgets what was under way."""
    if s.kind == TURN:
        turn(w, d, who, a, s, v)
    elif s.kind == NAVIGATE:
        meet(who, who.pushed)
        who.pushed = 0
        furnish(w, d, who, a, s.at, s.ref, v)
    elif s.kind in (CLOSE, TERMINATE, CRASH):
        who.alive = 0
        keep(a, 1 << TURN)
        if s.kind == CRASH and who.looping:
            loop = who.looping
            who.looping = 0
            meet(who, loop)
            if who.busy:
                start_again(w, d, who, a, s.at, loop)


def start_again(w: World, d: Device, who: Visitor, a: Agenda, at: int, loop: int) -> None:
    """Start an app again that has crashed, or give up."""
    clear(a)
    if who.tries == w.incidents[loop].tries:
        finish(w, d, who, at)
        return
    who.tries += 1
    turn_at(who, a, at + START_AGAIN, RELAUNCH)


def turn(w: World, d: Device, who: Visitor, a: Agenda, s: Stimulus, v: MutableSequence[int]) -> None:
    """Take the step that is due."""
    page = w.pages[who.page]
    if s.key == ACT:
        later = act(w, d, who, a, s.at, v)
        who.acts_left -= 1
        if later != GONE:
            think(w, d, who, a, s.at + later, page.think if who.acts_left else page.stay, ACT if who.acts_left else LEAVE)
    elif s.key == LEAVE:
        leave(w, d, who, a, s.at)
    elif s.key == RESUME:
        later = act(w, d, who, a, s.at, v)
        if later != GONE:
            think(w, d, who, a, s.at + later, page.think, GO)
    elif s.key == GO:
        go(w, d, who, a, s.at)
    elif s.key == RELOAD:
        if w.platforms[d.platform].reloads:
            clear(a)
        open_again(w, d, who, a, s.at, False)
    elif s.key == GIVE_UP:
        depart(w, d, who, a, s.at)
    else:
        launch(w, d, who, a, s.at)
        open_again(w, d, who, a, s.at, True)


def leave(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """Decide how the stay on the page ends: crash, trip, idle gap, or simply the next page."""
    p = w.platforms[d.platform]
    page = w.pages[who.page]
    r = chance(d, who)
    crashes = page.crashes[d.platform]
    if crashes and (r & LOW) < p.crash:
        who.looping = 0  # this crash comes first
        throw(w, d, who, a, at, CRASH, pick(w.tables, crashes, chance(d, who)))
        finish(w, d, who, at)
    elif (r >> 31) < p.trip:
        travel(w, d, who, a, at, p)
    elif (chance(d, who) & LOW) < p.idle:
        turn_at(who, a, at + max(1, draw(w.tables, p.idle_gap, chance(d, who) & LOW)), RESUME)
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
    following = pick(w.tables, w.tables[w.pages[who.page].next + d.arm * w.arm_pages + who.before], chance(d, who))
    if w.continuation:
        deepest = w.tables[w.continuation]
        if (chance(d, who) & LOW) >= w.tables[w.continuation + min(who.pages, deepest)]:
            following = 0
    if following == 0 or (who.pages > w.flow_pages and happens(d, w.flow, FLOW, who.refs)):
        depart(w, d, who, a, at)
        return
    if w.platforms[d.platform].reloads:
        clear(a)  # what the old document was loading is lost
    who.before = who.page
    open_page(w, d, who, a, at, following, False)


def depart(w: World, d: Device, who: Visitor, a: Agenda, at: int) -> None:
    """End the visit: close the app or page, or leave it in the background."""
    p = w.platforms[d.platform]
    finish(w, d, who, at)
    if p.ends_away:
        keep(a, ~(1 << PAINT))  # an app that is left before its page is painted does not paint it out of sight
    r = chance(d, who)
    if (r & LOW) < p.close:
        if p.ends_away:
            stir(who, a, at, p.away)
        stir(who, a, at + (CLOSE_AFTER if p.ends_away else 0), p.end)
        return
    stir(who, a, at, p.away)
    if (r >> 31) < p.killed:
        stir(who, a, at + max(2, draw(w.tables, p.long, chance(d, who) & LOW)), TERMINATE)
    elif p.kept:
        who.closes = kept_until(w, d, who)


def finish(w: World, d: Device, who: Visitor, at: int) -> None:
    """End the visit and expect the next; those that were due meanwhile are passed over."""
    who.busy = 0
    who.finished = at
    while who.next_visit <= at:
        expect(w, d, who, who.arrived)
    who.next_return = returns_at(w, d, who)
    if who.next_push <= at:
        who.next_push = next_push(w, d, at)


def returns_at(w: World, d: Device, who: Visitor) -> int:
    """Give when the visit that follows the latest one begins; NEVER: none does."""
    r = rnd(d.key ^ RETURN, who.begun)
    return who.finished + max(1, draw(w.tables, w.revisit_gap, r >> 31)) if (r & LOW) < d.returns else NEVER


def kept_until(w: World, d: Device, who: Visitor) -> int:
    """Give when what the latest visit left open ends, if nobody comes back."""
    return who.finished + max(2, draw(w.tables, w.platforms[d.platform].kept, rnd(d.key ^ LEFT, who.begun) >> 31))


def expect_again(w: World, d: Device, who: Visitor, is_left: bool) -> None:
    """Draw again what is to come, of what it follows from; `is_left`: something was left open.

    Subtle: during a visit nobody reads when the next return is, and of pushes only whether one is over.
    """
    who.next_visit = moment(w.tables, w.arrivals, w.bursts, d.zone, who.arrived)
    who.next_return = returns_at(w, d, who) if who.begun else NEVER
    who.next_push = next_push(w, d, who.finished)
    who.closes = kept_until(w, d, who) if is_left else NEVER
