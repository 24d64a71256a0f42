"""What is kept of each device between two advances, whatever it does: 224 bytes.

When its next visits begin follows from when its latest one ended. Of the sessions, the end of the latest is kept, or, while it is open, that of the
one before. What only matters in a visit, or while something waits to be sent, is in a drawer (drawer.py).
"""

from typing import Final

from simulator.journey.population import Device, copy
from simulator.journey.walk import expect_again
from simulator.journey.world import World
from simulator.kernel.record import i4, i8, one, record, u1, u2, u4
from simulator.play.seat import NOT_YET, Seat
from simulator.schema.streams import SAMPLING
from simulator.schema.words import NEVER, ONGOING
from simulator.sdk.state import Store

NOTHING_KEPT: Final = 0
"""No place of a pool."""
BUSY, ALIVE, LEFT_OPEN, OPEN, SAMPLED, IN_VIEW, WANTS_CONFIG, BLOCKED, TIMED, NOTED = range(10)
"""Bits of `marks`."""


@record
class Rest:
    """A device. Of the fields that are not explained here Visitor, Store and Screen tell."""

    device: Device = one(Device)
    drawer: i4 = NOTHING_KEPT
    marks: u2 = 0
    arrived: i8 = 0
    finished: i8 = 0
    visits: i4 = 0
    begun: i4 = 0
    refs: i4 = 0
    draws: i4 = 0
    opened: i4 = 0
    visited: u2 = 0
    """The visitor's page; `page` is what the SDK calls it."""
    release: u1 = 0
    rate: u4 = 0
    kept_rate: u4 = 0
    """More by 1 than in the store."""
    kept_at: i8 = 0
    session: i4 = 0
    start: i8 = 0
    ended: i8 = 0
    why: u1 = ONGOING
    """When and how the latest session was closed, or, if it is open, the one before it ended."""
    last: i8 = 0
    left: i8 = NEVER
    events: i4 = 0
    views: i4 = 0
    fetches: i4 = 0
    entered: i8 = 0
    view_session: i4 = 0
    shown: i4 = 0
    born_shown: i4 = 0
    page: i4 = 0
    born_page: i4 = 0
    previous: i4 = 0
    loading: i8 = 0


def lay_down(seat: Seat, rest: Rest) -> None:
    """Put down what is kept of a device."""
    who, store, screen = seat.who, seat.store, seat.screen
    rest.marks = (
        who.busy << BUSY | who.alive << ALIVE | (who.closes != NEVER) << LEFT_OPEN | store.open << OPEN | store.sampled << SAMPLED
        | screen.in_view << IN_VIEW | screen.wants_config << WANTS_CONFIG | screen.blocked << BLOCKED | screen.timed << TIMED
        | (seat.noted != NOT_YET) << NOTED
    )  # fmt: skip
    rest.arrived = who.arrived
    rest.finished = who.finished
    rest.visits = who.visits
    rest.begun = who.begun
    rest.refs = who.refs
    rest.draws = who.draws
    rest.opened = who.opened
    rest.visited = who.page
    rest.release = who.release
    rest.rate = store.rate + 1
    rest.kept_rate = store.kept_rate + 1
    rest.kept_at = store.kept_at
    rest.session = store.session
    rest.start = store.start
    rest.ended, rest.why = (store.prior_end, store.prior_why) if store.open else (store.end, store.why)
    rest.last = store.last
    rest.left = store.left
    rest.events = store.events
    rest.views = store.views
    rest.fetches = store.fetches
    rest.entered = screen.entered
    rest.view_session = screen.view_session
    rest.shown = screen.shown
    rest.born_shown = screen.born_shown
    rest.page = screen.page
    rest.born_page = screen.born_page
    rest.previous = screen.previous
    rest.loading = screen.loading


def get_up(rest: Rest, seat: Seat) -> None:
    """Fill in of a seat what is kept of its device."""
    who, store, screen, marks = seat.who, seat.store, seat.screen, rest.marks
    copy(rest.device, seat.device)
    who.busy = marks >> BUSY & 1
    who.alive = marks >> ALIVE & 1
    who.arrived = rest.arrived
    who.finished = rest.finished
    who.visits = rest.visits
    who.begun = rest.begun
    who.refs = rest.refs
    who.draws = rest.draws
    who.opened = rest.opened
    who.page = rest.visited
    who.release = rest.release
    who.hit = who.pushed = 0
    store.key = seat.device.key ^ SAMPLING
    store.rate = rest.rate - 1
    store.kept_rate = rest.kept_rate - 1
    store.kept_at = rest.kept_at
    get_up_session(rest, store)
    store.events = rest.events
    store.views = rest.views
    store.fetches = rest.fetches
    screen.entered = rest.entered
    screen.view_session = rest.view_session
    screen.in_view = marks >> IN_VIEW & 1
    screen.wants_config = marks >> WANTS_CONFIG & 1
    screen.blocked = marks >> BLOCKED & 1
    screen.timed = marks >> TIMED & 1
    screen.shown = rest.shown
    screen.born_shown = rest.born_shown
    screen.page = rest.page
    screen.born_page = rest.born_page
    screen.previous = rest.previous
    screen.loading = rest.loading
    seat.asked = store.fetches
    seat.noted = store.session if marks >> NOTED & 1 else NOT_YET
    seat.labels = seat.labelled_visit = seat.labelled_session = 0


def draw_again(w: World, rest: Rest, seat: Seat) -> None:
    """Draw again what would be in a drawer, if there were one."""
    expect_again(w, seat.device, seat.who, rest.marks >> LEFT_OPEN & 1 == 1)


def get_up_session(rest: Rest, store: Store) -> None:
    """Fill in what a store says of its session."""
    store.session = store.made = rest.session
    store.open = rest.marks >> OPEN & 1
    store.sampled = rest.marks >> SAMPLED & 1
    store.start = rest.start
    store.last = rest.last
    store.left = rest.left
    store.end, store.why = NEVER, ONGOING
    store.prior_end, store.prior_why = 0, ONGOING
    if store.open:
        store.prior_end, store.prior_why = rest.ended, rest.why
    else:
        store.end, store.why = rest.ended, rest.why
