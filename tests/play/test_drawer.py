"""What is put away of a device comes back, whatever was on the desk in between."""

import re
from copy import deepcopy
from dataclasses import asdict, fields
from typing import Any

import pytest
from invariants import everything

from simulator.journey.agenda import plan
from simulator.play import advance as loop
from simulator.play.cohort import POOLS, Cohort
from simulator.play.drawer import needs_drawer, put_away, take_up
from simulator.play.model import Model, make
from simulator.play.pool import LENT
from simulator.play.seat import NOTHING, Desk, Table
from simulator.profile.loader import parse
from simulator.schema.words import NEVER, TURN
from simulator.sdk.held import hold
from simulator.sdk.state import Limits
from simulator.sdk.timers import arm, rewind

HOUR = 3_600_000
PLACE = 3
JUNK = 77
NEVER_READ = {
    "store": {"draw"},
    "screen": set[str](),
    "who": set[str](),
    "": set[str](),
}
"""Of each part of a seat (its own numbers last) the fields that nobody reads again: the draw of a session that has been opened."""
NEVER_READ_AT_REST = {
    "store": {"draw", "prior_start", "prior_sampled"},
    "screen": set[str](),
    "who": {"entered", "load", "paint", "before", "acts_left", "measured", "pace", "part", "pages", "tries", "looping"},
    "": {"labels", "labelled_visit", "labelled_session"},
}
"""The same of a device of which nothing waits: a visit that begins sets the visitor's, only what is queued needs the others."""


def told(desk: Desk, unread: dict[str, set[str]]) -> dict[str, Any]:
    """Give all of a desk that play may read again."""
    seat, box = asdict(desk.seat), desk.box
    if not desk.seat.store.open and unread is NEVER_READ_AT_REST:
        unread = unread | {"store": unread["store"] | {"prior_end", "prior_why"}}
    for part in ("store", "screen", "who"):
        seat[part] = {name: value for name, value in seat[part].items() if name not in unread[part]}
    seat = {name: value for name, value in seat.items() if name not in unread[""]}
    seat |= {"agenda": (desk.agenda.next_at, [asdict(one) for one in desk.agenda.planned[: desk.agenda.count]]), "answer": desk.answer_at}
    seat |= {"held": [asdict(one) for one in box.held[: box.waiting]], "queue": [asdict(one) for one in box.queue[: box.count]]}
    timers = (box.flush, box.touch, box.settle, box.vitals, box.start, box.frames.timer)
    armed = [(timer.at, timer.armed if timer.at != NEVER else 0) for timer in timers]
    return seat | {"box": (box.next_at, box.next_timer if box.next_at != NEVER else 0, box.stale, box.done, armed)}


def of_late(desk: Desk) -> list[dict[str, Any]]:
    """Give what is not told of the rest of the outbox."""
    box = desk.box
    return [asdict(one) for one in (box.timings, box.metrics, box.frames)]


def scribble(body: Any) -> None:
    """Let each number of a record be another."""
    for f in fields(body):
        value = getattr(body, f.name)
        if isinstance(value, int):
            setattr(body, f.name, JUNK)
        else:
            for part in value if isinstance(value, list) else [value]:
                scribble(part)


def numbered(body: Any, first: int, but: str) -> None:
    """Let each number of a record that is no flag be another."""
    for i, f in enumerate(fields(body)):
        if f.name not in but.split() and isinstance(getattr(body, f.name), int):
            setattr(body, f.name, first + i)


@pytest.fixture
def table(model: Model) -> Table:
    """Give the table of devices that have not been played."""
    return Cohort(model, 40, 8, begin=0, epoch=0, prints=NOTHING, compiled=False)._table


@pytest.mark.parametrize("plans", [0, 1, 5, 64])
def test_what_is_under_way_comes_back(table: Table, plans: int) -> None:
    """Plans, held and queued events, timers, an answer to come, and all numbers of a visit are the same again; places are free again."""
    desk = table.desks[0]
    take_up(table, desk, PLACE)
    lent = [getattr(table, name).links[LENT] for name in POOLS]
    seat, box = desk.seat, desk.box
    numbered(seat.who, 100, "busy alive release part tries looping pushed acts_left measured")
    numbered(seat.store, 200, "key rate kept_rate session made open sampled prior_sampled end why prior_why")
    numbered(seat.screen, 300, "in_view wants_config blocked timed")
    numbered(box.timings, 400, "kind")
    numbered(box.metrics, 500, "kind")
    seat.who.busy = seat.who.alive = seat.store.open = seat.store.prior_sampled = seat.screen.in_view = seat.screen.timed = 1
    seat.who.part, seat.who.tries, seat.who.looping, seat.who.pushed, seat.who.acts_left, seat.who.measured = 2, 3, 4, 5, 6, 1
    seat.store.session = seat.store.made = seat.noted = 9
    seat.store.rate, seat.store.kept_rate, seat.store.prior_why, seat.asked = 1 << 31, 0, 3, seat.store.fetches
    seat.labels, seat.labelled_visit, seat.labelled_session = 2, 5, 9
    for i in range(plans):
        plan(desk.agenda, 900 - i, TURN, 10 + i, 20 + i, 30 + i, 40 + i)
        hold(box, 2, desk.agenda.planned[i], 800 + i)
        numbered(box.queue[i], 1_000 + 20 * i, "times kind fate sampled")
    box.count = plans
    for i, timer in enumerate((box.flush, box.touch, box.settle, box.vitals, box.start, box.frames.timer)):
        arm(box, timer, 700 - i)
    box.frames.start, box.frames.end, box.frames.count, box.frames.first, box.trusted, box.rare = 6, 7, 8, 9, 1, 1
    rewind(box)
    desk.answer_at = 950
    before = told(desk, NEVER_READ), of_late(desk), box.armings, box.trusted
    put_away(table, desk, PLACE)
    scribble(desk)
    take_up(table, desk, PLACE)
    assert (told(desk, NEVER_READ), of_late(desk), box.armings, box.trusted) == before
    assert [getattr(table, name).links[LENT] for name in POOLS] == lent


def test_what_needs_a_drawer() -> None:
    """A visit, a plan, a queued or held event, a timer, an answer to come, page timings to come: each alone needs one."""
    limits = Limits(paint_delay=1)
    assert not needs_drawer(Desk(), limits)
    for part, name, value in (
        ("seat.who", "busy", 1), ("seat.who", "hit", 2), ("seat.who", "pushed", 1), ("agenda", "count", 1), ("box", "count", 1),
        ("box", "waiting", 1), ("box", "next_at", 950), ("", "answer_at", 950), ("seat.who", "alive", 1),
    ):  # fmt: skip
        desk = body = Desk()
        for step in part.split(".") if part else ():
            body = getattr(body, step)
        setattr(body, name, value)
        assert needs_drawer(desk, limits), name
    desk.seat.screen.timed = 1
    assert not needs_drawer(desk, limits)


@pytest.mark.parametrize("remote", ["", "remote = { enable = true, mode = 'remote-first', cache_timeout = 0 }\n"], ids=["local", "remote"])
def test_nothing_is_lost_in_life(remote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices that are put away at any time, the desk scribbled over, come back the same: of all editions, with incidents of all kinds."""
    text = re.sub(r"(?m)^(\[platforms\.\w+\]\n)", rf"\1{remote}", everything())
    busy = make(parse(text, "everything"), 7, visits_per_day=60.0)
    seen = {True: 0, False: 0}

    def checked(table: Table, desk: Desk, i: int) -> None:
        before = deepcopy(desk)
        put_away(table, desk, i)
        kept = needs_drawer(before, table.limits[before.seat.device.edition])
        unread = NEVER_READ if kept else NEVER_READ_AT_REST
        scribble(desk)
        take_up(table, desk, i)
        assert told(desk, unread) == told(before, unread)
        seen[kept] += 1
        put_away(table, desk, i)

    monkeypatch.setattr(loop, "put_away", checked)
    cohort = Cohort(busy, 0, 48, begin=6 * HOUR, epoch=0, prints=NOTHING, compiled=False)
    for until in range(6 * HOUR, 8 * HOUR, 47_000):
        for _ in cohort.advance(until):
            pass
    assert min(seen.values()) > 50
