"""The fetch of a remote configuration: how long it takes, whether it fails, and what it brings.

Draws come from a stream of their own: whatever a fetch does, the day is the same in all but sampling and when the SDK starts.
"""

from simulator.journey.population import Device
from simulator.journey.world import World
from simulator.kernel.rnd import LOW, rnd
from simulator.kernel.tables import draw
from simulator.schema.streams import FETCH


def lasts(w: World, d: Device, fetch: int) -> int:
    """Give how long a device's fetch takes, by its ordinal (ms)."""
    return draw(w.tables, w.platforms[d.platform].fetch, rnd(d.key ^ FETCH, fetch) & LOW)


def fails(w: World, d: Device, fetch: int) -> bool:
    """Tell whether a fetch fails."""
    return (rnd(d.key ^ FETCH, fetch) >> 31) < w.platforms[d.platform].fetch_fails


def rate_at(w: World, d: Device, at: int, local: int) -> int:
    """Give the rate that the console says at an instant; `local` before the first of the profile's."""
    rates = w.platforms[d.platform].rates
    rate = local
    for i in range(w.tables[rates]):
        if w.tables[rates + 1 + 2 * i] <= at:
            rate = w.tables[rates + 2 + 2 * i]
    return rate
