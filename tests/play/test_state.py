"""What a device costs while a cohort of many is played."""

import pytest

from simulator.journey.arrivals import relative_rate
from simulator.play.cohort import Cohort
from simulator.play.model import Model, make
from simulator.play.seat import ROWS
from simulator.profile import starters
from simulator.profile.loader import parse

HOUR = 3_600_000
DEVICES = 20_000
"""Enough that the share of devices which are at it hardly varies: of 100,000 it is the same."""
LIMIT_BYTES = 2_048


LOAD_PER_S = 20 / 100_000
"""Visits per device that load begins by default, in its first hour."""
FIRST = 12
"""The hour of the day (UTC) in which the shop is busiest: evening in China."""


def shop(visits_per_day: float | None = None) -> Model:
    """Give the shop, with as many visits as it has or with others."""
    return make(parse(starters.read("shop"), "shop.toml"), 3, visits_per_day=visits_per_day)


def state_bytes(cohort: Cohort) -> int:
    """Give the size of what is kept for all devices: their seats and drawers, and the desks made, whether lent or not."""
    table = cohort._table
    return int(table.seats.nbytes + table.next_at.nbytes + cohort._desks * table.desks.itemsize + table.drawers.nbytes)


@pytest.mark.parametrize("per_s", [None, LOAD_PER_S], ids=["a day as it is", "load"])
def test_state_of_a_device(per_s: float | None) -> None:
    """In the busiest hour a device's state is at most 2 KB on average: a seat each, and a desk for those who are at it at once."""
    population = shop().profile.population
    visits = per_s and per_s * 86_400 / relative_rate(population, FIRST)
    cohort = Cohort(shop(visits), 0, DEVICES, begin=FIRST * HOUR, epoch=0, prints=ROWS)
    for _ in cohort.advance((FIRST + 1) * HOUR):
        pass
    assert state_bytes(cohort) / DEVICES <= LIMIT_BYTES
    assert cohort._desks > 16  # the pool has grown: there was something to be at


def test_desks_are_what_it_costs() -> None:
    """The twin: if every device kept a desk the limit would be missed."""
    cohort = Cohort(shop(), 0, 100, begin=0, epoch=0, prints=ROWS)
    table = cohort._table
    assert table.seats.itemsize + table.desks.itemsize > LIMIT_BYTES > 4 * table.seats.itemsize
