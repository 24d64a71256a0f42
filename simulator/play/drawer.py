"""What a device keeps while its person pauses: a hundredth of a desk, into which a desk that holds hardly anything is emptied."""

from typing import Final

from simulator.journey.agenda import Agenda
from simulator.journey.agenda import copy as copy_stimulus
from simulator.kernel.record import i4, many, one, record
from simulator.play.seat import Desk
from simulator.schema.records import Stimulus
from simulator.schema.words import NEVER
from simulator.sdk.held import copy as copy_held
from simulator.sdk.state import Frames, Held

PLACES: Final = 2
"""A pause ends with a turn; a trip or a push may come before."""


@record
class Drawer:
    """Of the agenda, what is planned; of the outbox, what outlives its timers."""

    count: i4 = 0
    planned: list[Stimulus] = many(PLACES, of=Stimulus)
    timings: Held = one(Held)
    frames: Frames = one(Frames)


def fits(desk: Desk) -> bool:
    """Tell whether a desk holds no more than a drawer can: nothing queued, no timer, few plans."""
    box = desk.box
    return desk.agenda.count <= PLACES and box.count == 0 and box.waiting == 0 and box.next_at == NEVER and desk.answer_at == NEVER


def put_away(desk: Desk, drawer: Drawer) -> None:
    """Empty a desk that fits into the drawer."""
    drawer.count = desk.agenda.count
    for i in range(drawer.count):
        copy_stimulus(desk.agenda.planned[i], drawer.planned[i])
    copy_held(desk.box.timings, drawer.timings)
    copy_frames(desk.box.frames, drawer.frames)


def take_out(drawer: Drawer, desk: Desk) -> None:
    """Put what is in a drawer back onto an empty desk."""
    agenda: Agenda = desk.agenda
    agenda.count, agenda.next_at = drawer.count, NEVER
    for i in range(drawer.count):
        copy_stimulus(drawer.planned[i], agenda.planned[i])
        agenda.next_at = min(agenda.next_at, agenda.planned[i].at)
    copy_held(drawer.timings, desk.box.timings)
    copy_frames(drawer.frames, desk.box.frames)


def copy_frames(a: Frames, b: Frames) -> None:
    """Copy a, whose timer is not armed, onto b."""
    b.timer.at = NEVER
    b.start = a.start
    b.end = a.end
    b.count = a.count
    b.first = a.first
    b.last = a.last
    b.shown = a.shown
