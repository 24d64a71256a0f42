"""What a device costs while a cohort of many is played."""

import numpy as np
import pytest

from simulator.journey.arrivals import relative_rate
from simulator.play.cohort import POOLS, Cohort
from simulator.play.model import Model, make
from simulator.play.pool import LENT, Pool
from simulator.play.seat import ROWS
from simulator.profile import starters
from simulator.profile.loader import parse

HOUR = 3_600_000
DEVICES = 20_000
"""Enough that the share of devices which are at it hardly varies: of 100,000 it is the same."""
LIMIT_BYTES = 280
"""Of which 232 whatever the device does."""


LOAD_PER_S = 20 / 100_000
"""Visits per device that load begins by default, in its first hour."""
FIRST = 12
"""The hour of the day (UTC) in which the shop is busiest: evening in China."""


def shop(visits_per_day: float | None = None) -> Model:
    """Give the shop, with as many visits as it has or with others."""
    return make(parse(starters.read("shop"), "shop.toml"), 3, visits_per_day=visits_per_day)


def state_bytes(cohort: Cohort) -> int:
    """Give the size of what is kept for all devices: a Rest each, and the places of the pools that have been lent at once."""
    table = cohort._table
    return int(table.rests.nbytes + table.next_at.nbytes + sum(written(getattr(table, name)) for name in POOLS))


def written(pool: Pool) -> int:
    """Give the size of what has been written of a pool: its rows up to the last that was."""
    used = np.flatnonzero(pool.rows.view(np.uint8).reshape(len(pool.rows), -1).any(axis=1))
    return int((pool.rows.itemsize + pool.links.itemsize) * (used[-1] + 1 if len(used) else 0))


@pytest.mark.parametrize("per_s", [None, LOAD_PER_S], ids=["a day as it is", "load"])
def test_state_of_a_device(per_s: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the busiest hour a device's state has at most 280 bytes on average, in windows as load has them."""
    monkeypatch.setattr(np, "empty", np.zeros)  # so that what was written shows
    population = shop().profile.population
    visits = per_s and per_s * 86_400 / relative_rate(population, FIRST)
    cohort = Cohort(shop(visits), 0, DEVICES, begin=FIRST * HOUR, epoch=0, prints=ROWS)
    for until in range(FIRST * HOUR, (FIRST + 1) * HOUR, 60_000):
        for _ in cohort.advance(until):
            pass
    assert state_bytes(cohort) / DEVICES <= LIMIT_BYTES
    assert cohort._table.drawers.links[LENT] > 50  # there was something to be at


def test_a_drawer_is_what_a_visit_costs() -> None:
    """The twin: if every device kept a drawer the limit would be missed; and if it kept a desk, by far."""
    table = Cohort(shop(), 0, 100, begin=0, epoch=0, prints=ROWS)._table
    assert table.rests.itemsize + table.next_at.itemsize < LIMIT_BYTES < table.rests.itemsize + table.drawers.rows.itemsize
    assert table.desks.nbytes > 40 * LIMIT_BYTES
