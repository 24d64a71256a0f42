"""The loop that plays devices up to an instant. Only this file and emit.py know both the core's records and the buffers.

Order at one instant: the outbox's timer, then the answer to a fetch, then a visit that begins, then what was planned, in the order in which it was
planned.
"""

from simulator.journey.agenda import take
from simulator.journey.fetch import fails, lasts, rate_at
from simulator.journey.population import settle
from simulator.journey.visitor import due
from simulator.journey.walk import begin, expect_first, follow
from simulator.journey.world import INCIDENTS, World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.twin import inlined
from simulator.play.buffers import BYTES, EVENTS, LABELS, PAYLOAD_COUNT, SESSIONS, Buffers
from simulator.play.drawer import crowded, put_away, take_up
from simulator.play.emit import emit
from simulator.play.ids import high_half
from simulator.play.rest import NOTHING_KEPT, lay_down
from simulator.play.seat import NOT_YET, Desk, Frame, Seat, Table
from simulator.schema.records import Stimulus
from simulator.schema.streams import SESSION_ID
from simulator.schema.words import CONFIG, NEVER, NO_CONFIG, ONGOING, TURN
from simulator.sdk.outbox import settle as forget
from simulator.sdk.probes import feed, wake
from simulator.sdk.state import QUEUE, Limits

STEP_EVENTS = QUEUE
"""One step gives at most a full queue its fate."""
ENVELOPES = 2
"""What stands before and after a payload's events takes no more than an event each."""


def populate(table: Table, first: int, since: int) -> None:
    """Seat the devices `first`, `first + 1`, ... and let their first visits be expected from `since`.

    The desk's seat is a new one, and is so again for each of them.
    """
    w, seat = table.worlds[0], table.desks[0].seat
    for i in range(len(table.rests)):
        rest = table.rests[i]
        settle(w, rest.device, first + i)
        seat.who.visits = 0
        expect_first(w, rest.device, seat.who, since)
        lay_down(seat, rest)
        rest.drawer = NOTHING_KEPT
        table.next_at[i] = due(seat.who)


def advance(table: Table, out: Buffers, first: int, until: int) -> int:
    """Play the devices from the place `first` on up to `until` (excluded).

    Give the number of devices when done, else the place at which a buffer or pool was full: call again from there.
    """
    desk = table.desks[0]
    for i in range(first, len(table.rests)):
        if table.next_at[i] >= until:
            continue
        if crowded(table):
            return i
        take_up(table, desk, i)
        done = play(table, out, i, desk, until)
        put_away(table, desk, i)
        if not done:
            return i
    return len(table.rests)


@inlined
def play(table: Table, out: Buffers, i: int, desk: Desk, until: int) -> bool:
    """Play the device on the desk, whose place is i; tell whether it got to `until`."""
    seat = desk.seat
    w, frame, limits = table.worlds[0], table.frames[0], table.limits[seat.device.edition]
    box, s, who = desk.box, desk.stimulus, seat.who
    wrote = True
    while True:
        visit = NEVER if who.busy else due(who)
        at = min(box.next_at, desk.answer_at, visit, desk.agenda.next_at)
        table.next_at[i] = at
        if at >= until:
            return True
        if wrote and full(out, frame):
            return False
        wrote = False
        if at >= frame.begin and seat.noted == NOT_YET:
            cross(out, frame, seat, box.count)
            wrote = True
        if box.next_at == at:
            wake(seat.store, seat.screen, box, limits, at)
        elif desk.answer_at == at:
            answer(w, seat, limits, s, at)
            feed(seat.store, seat.screen, box, limits, s)
            desk.answer_at = NEVER
        elif visit == at:
            begin(w, seat.device, who, desk.agenda, at)
        else:
            take(desk.agenda, s)
            follow(w, seat.device, who, desk.agenda, s, table.values)
            if s.kind != TURN:
                feed(seat.store, seat.screen, box, limits, s)
                if seat.screen.wants_config == 0:
                    desk.answer_at = NEVER
                elif seat.asked != seat.store.fetches:
                    seat.asked = seat.store.fetches
                    desk.answer_at = at + lasts(w, seat.device, seat.asked)
                if who.hit:
                    label(out, w, frame, seat, at)
                    wrote = True
        if at >= frame.begin and seat.store.session > seat.noted:
            note(out, frame, seat, seat.store.session, seat.store.start, 0)
            wrote = True
        if box.done:
            if at >= frame.begin:
                emit(table, out, w, frame, seat, desk, at)
                wrote = True
            forget(box)


def answer(w: World, seat: Seat, limits: Limits, s: Stimulus, at: int) -> None:
    """Answer the fetch that is under way with the rate of this moment, or let it fail."""
    s.at = s.since = at
    s.kind = NO_CONFIG
    s.key = s.aux = s.ref = 0
    if not fails(w, seat.device, seat.asked):
        s.kind = CONFIG
        s.since = rate_at(w, seat.device, at, limits.rate)


@inlined
def full(out: Buffers, frame: Frame) -> bool:
    """Tell whether one more step might not fit."""
    return bool(
        out.counts[EVENTS] + STEP_EVENTS > len(out.events)
        or out.counts[PAYLOAD_COUNT] + STEP_EVENTS > len(out.payloads)
        or out.counts[SESSIONS] + 3 > len(out.sessions)
        or out.counts[LABELS] + INCIDENTS > len(out.labels)
        or out.counts[BYTES] + (STEP_EVENTS + ENVELOPES) * frame.event_bytes > len(out.text)
    )


@inlined
def cross(out: Buffers, frame: Frame, seat: Seat, queued: int) -> None:
    """Write down the sessions that reach over the beginning: an open one, and those of events that still wait."""
    store = seat.store
    if store.session and (store.open or queued):
        if queued and store.session > 1:
            note(out, frame, seat, store.session - 1, store.prior_start, 1)
        note(out, frame, seat, store.session, store.start, 1)
    seat.noted = store.session


@inlined
def note(out: Buffers, frame: Frame, seat: Seat, ordinal: int, start: int, cut: int) -> None:
    """Write a session down."""
    row = out.sessions[out.counts[SESSIONS]]
    out.counts[SESSIONS] += 1
    row.session = high_half(seat.device.key ^ SESSION_ID, ordinal)
    row.device = seat.device.number
    row.ordinal = ordinal
    row.platform, row.edition = seat.device.platform, seat.device.edition
    row.draw = rnd(seat.store.key, ordinal) & LOW
    row.sampled = seat.store.sampled if ordinal == seat.store.session else seat.store.prior_sampled
    row.cut_start = cut
    row.start = frame.epoch + start
    row.prior_end = frame.epoch + seat.store.prior_end
    row.prior_why = seat.store.prior_why if ordinal == seat.store.session else ONGOING
    seat.noted = ordinal


@inlined
def label(out: Buffers, w: World, frame: Frame, seat: Seat, at: int) -> None:
    """Write down the incidents that have met the visit just now, once for each of its sessions.

    Subtle: a turn only plans; the press that it plans for the same instant may begin a session, so labels wait until the SDK has heard of it.
    """
    who, store = seat.who, seat.store
    if at >= frame.begin:
        if seat.labelled_visit != who.begun or seat.labelled_session != store.session:
            seat.labelled_visit, seat.labelled_session, seat.labels = who.begun, store.session, 0
        for i in range(1, w.incident_count + 1):
            if who.hit >> i & 1 and seat.labels >> i & 1 == 0:
                row = out.labels[out.counts[LABELS]]
                out.counts[LABELS] += 1
                row.incident, row.edition, row.device = i, seat.device.edition, seat.device.number
                row.visit, row.session, row.sampled, row.at = who.begun, store.session, store.sampled, frame.epoch + at
        seat.labels |= who.hit
    who.hit = 0
