"""What is kept of a device in a visit, or of which something waits, between two advances: plans, timers, what is held back and queued.

What there can be many of, and what few editions have, lies in pools of its own.
"""

from simulator.journey.agenda import PLACES
from simulator.kernel.record import i4, i8, one, record, u1, u2
from simulator.kernel.twin import inlined
from simulator.play.pool import fetch, give_back, has_room, lend, store
from simulator.play.rest import NOTHING_KEPT, draw_again, get_up, lay_down
from simulator.play.seat import Desk, Table
from simulator.schema.words import NEVER, ONGOING
from simulator.sdk.held import copy as copy_held
from simulator.sdk.state import HELD, QUEUE, Frames, Held, Limits, Outbox, Timer
from simulator.sdk.timers import rewind, silence


@record
class Late:
    """Of an edition that does things late, or that waits for a configuration: timers, and what they are about."""

    touch: Timer = one(Timer)
    settle: Timer = one(Timer)
    vitals: Timer = one(Timer)
    start: Timer = one(Timer)
    frames: Frames = one(Frames)
    timings: Held = one(Held)
    metrics: Held = one(Held)


@record
class Drawer:
    """Of the fields that are not explained here Visitor, Store, Outbox and Seat tell."""

    planned: i4 = 0
    plans: i4 = 0
    held: i4 = 0
    waiting: i4 = 0
    queued: i4 = 0
    count: i4 = 0
    """Of stimuli, of what is held back, and of events: the first place, and how many there are."""
    late: i4 = NOTHING_KEPT
    """The place of its Late."""
    next_visit: i8 = 0
    next_return: i8 = 0
    next_push: i8 = 0
    closes: i8 = 0
    entered: i8 = 0
    load: i8 = 0
    pace: i8 = 0
    hit: i8 = 0
    paint: i4 = 0
    before: u2 = 0
    pages: u2 = 0
    acts_left: u1 = 0
    measured: u1 = 0
    part: u1 = 0
    tries: u1 = 0
    looping: u1 = 0
    pushed: u1 = 0
    labels: i8 = 0
    labelled_visit: i4 = 0
    labelled_session: i4 = 0
    prior_start: i8 = 0
    prior_end: i8 = 0
    prior_sampled: u1 = 0
    prior_why: u1 = ONGOING
    trusted: u1 = 0
    armings: i4 = 0
    answer_at: i8 = NEVER
    flush: Timer = one(Timer)


@inlined
def crowded(table: Table) -> bool:
    """Tell whether a device more might not find room in the pools."""
    one_more = has_room(table.drawers.links, 1) and has_room(table.late.links, 1)
    return not (one_more and has_room(table.planned.links, PLACES) and has_room(table.held.links, HELD) and has_room(table.queued.links, QUEUE))


@inlined
def put_away(table: Table, desk: Desk, i: int) -> None:
    """Put what was played from the desk: to the Rest of device i, and into a drawer where that is needed."""
    rest, box, agenda = table.rests[i], desk.box, desk.agenda
    limits = table.limits[desk.seat.device.edition]
    lay_down(desk.seat, rest)
    rest.drawer = NOTHING_KEPT
    if needs_drawer(desk, limits):
        rest.drawer = lend(table.drawers)
        drawer = table.drawers.rows[rest.drawer]
        drawer.plans, drawer.waiting, drawer.count = agenda.count, box.waiting, box.count
        drawer.planned = store(table.planned, agenda.planned, agenda.count)
        drawer.held = store(table.held, box.held, box.waiting)
        drawer.queued = store(table.queued, box.queue, box.count)
        put_in(desk, drawer)
        drawer.late = NOTHING_KEPT
        if does_late(box, limits):
            drawer.late = lend(table.late)
            copy_late(box, table.late.rows[drawer.late])


@inlined
def take_up(table: Table, desk: Desk, i: int) -> None:
    """Lay out on the desk all that there is of device i."""
    rest, seat, box, agenda = table.rests[i], desk.seat, desk.box, desk.agenda
    get_up(rest, seat)
    desk.answer_at = agenda.next_at = NEVER
    agenda.count = box.count = box.done = box.stale = box.rare = box.armings = 0
    silence(box)
    if rest.drawer == NOTHING_KEPT:
        draw_again(table.worlds[0], rest, seat)
        return
    drawer = table.drawers.rows[rest.drawer]
    agenda.count, box.waiting, box.count = drawer.plans, drawer.waiting, drawer.count
    fetch(table.planned, drawer.planned, agenda.count, agenda.planned)
    fetch(table.held, drawer.held, box.waiting, box.held)
    fetch(table.queued, drawer.queued, box.count, box.queue)
    for j in range(agenda.count):
        agenda.next_at = min(agenda.next_at, agenda.planned[j].at)
    take_out(drawer, desk)
    if drawer.late != NOTHING_KEPT:
        copy_late(table.late.rows[drawer.late], box)
        box.rare = 1
        give_back(table.late, drawer.late)
    rewind(box)
    give_back(table.drawers, rest.drawer)


def needs_drawer(desk: Desk, limits: Limits) -> bool:
    """Tell whether more is to be kept than a Rest holds."""
    box, who = desk.box, desk.seat.who
    if who.busy or who.hit or who.pushed or desk.agenda.count or box.count or box.waiting or box.next_at != NEVER or desk.answer_at != NEVER:
        return True
    return bool(limits.paint_delay and who.alive and desk.seat.screen.timed == 0)  # page timings may still come


def does_late(box: Outbox, limits: Limits) -> bool:
    """Tell whether there may be something to be put into a Late."""
    return bool(limits.touch_delay or limits.paint_delay or limits.vitals_delay or limits.frame_delay or box.start.at != NEVER)


def put_in(desk: Desk, drawer: Drawer) -> None:
    """Put in what there is one of."""
    seat, box = desk.seat, desk.box
    who, kept = seat.who, seat.store
    drawer.next_visit = who.next_visit
    drawer.next_return = who.next_return
    drawer.next_push = who.next_push
    drawer.closes = who.closes
    drawer.entered = who.entered
    drawer.load = who.load
    drawer.pace = who.pace
    drawer.hit = who.hit
    drawer.paint = who.paint
    drawer.before = who.before
    drawer.pages = who.pages
    drawer.acts_left = who.acts_left
    drawer.measured = who.measured
    drawer.part = who.part
    drawer.tries = who.tries
    drawer.looping = who.looping
    drawer.pushed = who.pushed
    drawer.labels = seat.labels
    drawer.labelled_visit = seat.labelled_visit
    drawer.labelled_session = seat.labelled_session
    drawer.prior_start = kept.prior_start
    drawer.prior_end = kept.prior_end
    drawer.prior_sampled = kept.prior_sampled
    drawer.prior_why = kept.prior_why
    drawer.trusted = box.trusted
    drawer.armings = box.armings
    drawer.answer_at = desk.answer_at
    copy_timer(box.flush, drawer.flush)


def take_out(drawer: Drawer, desk: Desk) -> None:
    """Take it out again."""
    seat, box = desk.seat, desk.box
    who, kept = seat.who, seat.store
    who.next_visit = drawer.next_visit
    who.next_return = drawer.next_return
    who.next_push = drawer.next_push
    who.closes = drawer.closes
    who.entered = drawer.entered
    who.load = drawer.load
    who.pace = drawer.pace
    who.hit = drawer.hit
    who.paint = drawer.paint
    who.before = drawer.before
    who.pages = drawer.pages
    who.acts_left = drawer.acts_left
    who.measured = drawer.measured
    who.part = drawer.part
    who.tries = drawer.tries
    who.looping = drawer.looping
    who.pushed = drawer.pushed
    seat.labels = drawer.labels
    seat.labelled_visit = drawer.labelled_visit
    seat.labelled_session = drawer.labelled_session
    kept.prior_start = drawer.prior_start
    kept.prior_end = drawer.prior_end
    kept.prior_sampled = drawer.prior_sampled
    kept.prior_why = drawer.prior_why
    box.trusted = drawer.trusted
    box.armings = drawer.armings
    desk.answer_at = drawer.answer_at
    copy_timer(drawer.flush, box.flush)


def copy_late(a: Outbox | Late, b: Outbox | Late) -> None:
    """Copy what is done late from a onto b, which has it in fields of the same names."""
    copy_timer(a.touch, b.touch)
    copy_timer(a.settle, b.settle)
    copy_timer(a.vitals, b.vitals)
    copy_timer(a.start, b.start)
    copy_frames(a.frames, b.frames)
    copy_held(a.timings, b.timings)
    copy_held(a.metrics, b.metrics)


def copy_timer(a: Timer, b: Timer) -> None:
    """Copy a onto b."""
    b.at = a.at
    b.armed = a.armed


def copy_frames(a: Frames, b: Frames) -> None:
    """Copy a onto b."""
    copy_timer(a.timer, b.timer)
    b.start = a.start
    b.end = a.end
    b.count = a.count
    b.first = a.first
    b.last = a.last
    b.shown = a.shown
