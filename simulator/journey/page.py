"""What a page does once it is open (requests, paint, errors, a blocked main thread), what people do on it, and how long they wait for all of it."""

from collections.abc import MutableSequence
from typing import Final

from simulator.journey import reactions
from simulator.journey.agenda import Agenda, has_room, plan
from simulator.journey.incidents import met
from simulator.journey.population import Device
from simulator.journey.reactions import happens, tolerance
from simulator.journey.visitor import (
    ACT,
    GIVE_UP,
    LEAVE,
    RELOAD,
    Visitor,
    chance,
    happen,
    meet,
    request,
    think,
    throw,
    turn_at,
)
from simulator.journey.world import ANR_WAVE, BLANK, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw, pick
from simulator.schema.streams import INCIDENT, REACTION
from simulator.schema.values import ADDED
from simulator.schema.words import ASSET, BLOCK, PAINT, REPORT, REQUEST, SCROLL, THROW, VITALS

STAGGER: Final = 15  # assumed: ms between the starts of a page's requests
GONE: Final = -1


def furnish(w: World, d: Device, who: Visitor, a: Agenda, at: int, ref: int, v: MutableSequence[int]) -> None:
    """Plan what the open page does by itself, and the first act; `ref` is that of the navigation."""
    page = w.pages[who.page]
    load = draw(w.tables, page.load, chance(d, who) & LOW) * w.tables[w.arm_loads + 1 + d.arm] // 1_000 * d.speed // 1_000
    who.entered = at
    who.pages += 1
    starts, usual = at, load
    for i in range(w.tables[page.assets]):
        starts += STAGGER
        ends = request(w, d, who, a, starts, ASSET, w.tables[page.assets + 1 + i], v)
        load, usual = max(load, ends - at), max(usual, ends - at - v[ADDED])
    who.load = max(load, 1)
    blank = met(w, d, at, BLANK, who.page, ref)
    if blank:
        go_blank(w, d, who, a, at, ref, blank)
        return
    content = who.load
    for i in range(w.tables[page.apis]):
        starts += STAGGER
        ends = request(w, d, who, a, starts, REQUEST, w.tables[page.apis + 1 + i], v)
        content, usual = max(content, ends - at), max(usual, ends - at - v[ADDED])
    who.refs += 1
    who.paint = who.refs
    who.measured = 0
    plan(a, at + who.load, PAINT, who.page, 0, who.refs, at)
    for i in range(w.tables[page.bugs]):
        r = chance(d, who)
        bug = w.tables[page.bugs + 1 + 2 * i]
        able = w.bugs[bug].platforms >> d.platform & 1 and (w.bugs[bug].custom or w.platforms[d.platform].scripts)
        if (r & LOW) < w.tables[page.bugs + 2 + 2 * i] and able and has_room(a):
            throw(w, d, who, a, at + 1 + (who.load * (r >> 31) >> 31), REPORT if w.bugs[bug].custom else THROW, bug)
    span = block(w, d, who, a, at, ref)
    acts = draw(w.tables, page.acts_per_view, chance(d, who) & LOW) if page.acts else 0
    who.acts_left = min(acts, 255)
    patience = tolerance(w, d, w.page_patience, reactions.PAGE, ref)
    if content > patience:
        turn_at(who, a, at + patience, GIVE_UP)
    elif span > tolerance(w, d, w.block_patience, reactions.INTERACTION, ref):
        turn_at(who, a, at + who.load + span, GIVE_UP)
    else:
        later = max((max(content - usual, 0) + span) * w.linger // 100, span)  # nothing can be done while the main thread is blocked
        think(w, d, who, a, at + who.load + later, page.think if acts else page.stay, ACT if acts else LEAVE)


def block(w: World, d: Device, who: Visitor, a: Agenda, at: int, ref: int) -> int:
    """Plan a blocked main thread, if there is one, and give how long it lasts."""
    page = w.pages[who.page]
    r = chance(d, who)
    wave = met(w, d, at, ANR_WAVE, who.page, ref)
    if (wave == 0 and (r & LOW) >= page.block_share) or not has_room(a):
        return 0
    span = draw(w.tables, w.incidents[wave].delay, r >> 31) if wave else draw(w.tables, page.block, r >> 31) * d.speed // 1_000
    meet(who, wave)
    who.refs += 1
    plan(a, at + who.load + span, BLOCK, who.page, 0, who.refs, at + who.load)
    return span


def go_blank(w: World, d: Device, who: Visitor, a: Agenda, at: int, ref: int, blank: int) -> None:
    """Plan a page that stays blank: an error instead of a paint, and people who look at it for a while."""
    n = w.incidents[blank]
    meet(who, blank)
    throw(w, d, who, a, at + who.load // 2 + 1, THROW, n.bug)
    r = rnd(d.key ^ INCIDENT, ~ref)
    waits = who.load + max(1, draw(w.tables, n.delay, r & LOW))
    turn_at(who, a, at + waits, RELOAD if (r >> 31) < n.again else GIVE_UP)


def act(w: World, d: Device, who: Visitor, a: Agenda, at: int, v: MutableSequence[int]) -> int:
    """Press or scroll; the first press of a page is measured. Give by how much later than usual people go on (ms), GONE if they leave."""
    page = w.pages[who.page]
    if page.acts == 0 or not has_room(a):
        return 0
    p = w.platforms[d.platform]
    which = pick(w.tables, page.acts, chance(d, who))
    chosen = w.acts[which]
    happen(who, a, at, SCROLL if chosen.scroll else p.press, which, chosen.target)
    ref = who.refs
    if who.measured == 0 and chosen.scroll == 0:
        who.measured = 1
        who.refs += 1
        plan(a, at + 1, VITALS, who.paint, who.load, who.refs, who.entered)
    if chosen.api == 0:
        return 0
    wait = request(w, d, who, a, at + STAGGER, REQUEST, chosen.api, v) - at
    added = v[ADDED]
    patience = tolerance(w, d, w.api_patience, reactions.API, ref)
    pressed = 0
    if wait > w.rage_after and chosen.scroll == 0 and happens(d, w.rage, reactions.RAGE, ref):
        pressed = press_again(w, d, who, a, at, min(wait, patience), which, ref)
    if wait > patience:
        turn_at(who, a, at + patience, GIVE_UP)
        return GONE
    return max(added * w.linger // 100, pressed)


def press_again(w: World, d: Device, who: Visitor, a: Agenda, at: int, wait: int, which: int, ref: int) -> int:
    """Plan more presses of the same thing while its answer is waited for; give when the last comes (ms after the first), 0 if there is none."""
    gap = max(1, draw(w.tables, w.rage_gap, rnd(d.key ^ REACTION, ref * 8 + reactions.GAP) & LOW))
    after, last = w.rage_after, 0
    for _ in range(w.rage_presses):
        if after >= wait or not has_room(a):
            return last
        happen(who, a, at + after, w.platforms[d.platform].press, which, w.acts[which].target)
        last = after
        after += gap
    return last
