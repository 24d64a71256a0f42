"""A drawer holds all that a pausing device needs."""

from dataclasses import asdict

import pytest

from simulator.journey.agenda import plan
from simulator.play.drawer import PLACES, Drawer, fits, put_away, take_out
from simulator.play.seat import Desk
from simulator.schema.words import NEVER, TURN
from simulator.sdk.timers import arm, rewind


def paused(plans: int = PLACES) -> Desk:
    """Give the desk of a device whose person pauses: plans, page timings that wait for a paint, a frame that the next may join."""
    desk = Desk()
    for i in range(plans):
        plan(desk.agenda, 900 - i, TURN, 10 + i, 20 + i, 30 + i, 40 + i)
    desk.box.timings.session, desk.box.timings.shown, desk.box.timings.stamp = 3, 4, 5
    desk.box.frames.start, desk.box.frames.end, desk.box.frames.count, desk.box.frames.first = 6, 7, 8, 9
    return desk


@pytest.mark.parametrize("plans", range(PLACES + 1))
def test_what_is_put_away_comes_back(plans: int) -> None:
    """Plans, timings and frames are the same on another desk; whatever lay there before."""
    desk, drawer, other = paused(plans), Drawer(), paused()
    other.box.timings.session = 77
    assert fits(desk)
    put_away(desk, drawer)
    other.agenda.count, other.agenda.next_at = 0, NEVER
    take_out(drawer, other)
    assert asdict(other.box.timings) == asdict(desk.box.timings)
    assert asdict(other.box.frames) == asdict(desk.box.frames)
    assert [asdict(one) for one in other.agenda.planned[:plans]] == [asdict(one) for one in desk.agenda.planned[:plans]]
    assert (other.agenda.count, other.agenda.next_at) == (plans, 901 - plans if plans else NEVER)


def test_what_is_under_way_needs_a_desk() -> None:
    """More plans, a queued event, a held one, a timer, an answer to come: each keeps the desk."""
    assert fits(paused())
    assert not fits(paused(PLACES + 1))
    for change in ("count", "waiting"):
        desk = paused()
        setattr(desk.box, change, 1)
        assert not fits(desk)
    desk = paused()
    arm(desk.box, desk.box.touch, 950)
    rewind(desk.box)
    assert not fits(desk)
    desk = paused()
    desk.answer_at = 950
    assert not fits(desk)
