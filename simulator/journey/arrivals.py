"""When a device's next visit begins: a Poisson process whose rate follows a weekly curve.

Operational time runs at the speed of the curve: `x(t)` is the integral of the hour's weight, and visits are exponential gaps apart in x (time change
of a Poisson process; Cinlar 1975, section 4.7). Weights have the mean WEIGHT_ONE, so a mean gap of g ms is g * WEIGHT_ONE in x.
"""

import math
from collections.abc import Sequence
from typing import Final

from simulator.profile.types import Population
from simulator.profile.zones import zones_of

HOUR: Final = 3_600_000
HOURS: Final = 168
WEEK: Final = HOURS * HOUR
WEIGHT_ONE: Final = 256
HUNDRED: Final = 100


def curve_table(days: Sequence[float], hours: Sequence[float]) -> list[int]:
    """Tabulate a week: for each hour the integral up to its beginning, then the week's, then each hour's weight (at least 1).

    `hours`: 168 weights; or 24, which are each day's times that of the day.
    """
    shape = list(hours) if len(hours) == HOURS else [day * hour for day in days for hour in hours]
    mean = sum(shape) / HOURS
    weights = [max(1, round(w / mean * WEIGHT_ONE)) for w in shape]
    total, table = 0, []
    for weight in weights:
        table.append(total)
        total += weight * HOUR
    return [*table, total, *weights]


def operational(tables: Sequence[int], at: int, t: int) -> int:
    """Give x(t) for a time in ms since the profile's start (which may be negative)."""
    week = t // WEEK
    rest = t - week * WEEK
    hour = rest // HOUR
    return week * tables[at + HOURS] + tables[at + hour] + (rest - hour * HOUR) * tables[at + HOURS + 1 + hour]


def when(tables: Sequence[int], at: int, x: int) -> int:
    """Give the time t at which x(t) is reached."""
    week = x // tables[at + HOURS]
    rest = x - week * tables[at + HOURS]
    low, high = 0, HOURS
    while high - low > 1:
        middle = (low + high) // 2
        if tables[at + middle] <= rest:
            low = middle
        else:
            high = middle
    return week * WEEK + low * HOUR + (rest - tables[at + low]) // tables[at + HOURS + 1 + low]


def progress(tables: Sequence[int], at: int, bursts: int, zone: int, t: int) -> int:
    """Give X(t): x(t) by the hours of a zone (ms ahead of UTC), running faster or slower in bursts.

    `bursts`: a list of (begin, end, factor in percent), one after the other.
    """
    x = operational(tables, at, t + zone)
    for i in range(tables[bursts]):
        burst = bursts + 1 + 3 * i
        if t <= tables[burst]:
            break
        span = operational(tables, at, min(t, tables[burst + 1]) + zone) - operational(tables, at, tables[burst] + zone)
        x += span * (tables[burst + 2] - HUNDRED) // HUNDRED
    return x


def moment(tables: Sequence[int], at: int, bursts: int, zone: int, x: int) -> int:
    """Give the time t at which X(t) is reached."""
    more = 0
    for i in range(tables[bursts]):
        burst = bursts + 1 + 3 * i
        first = operational(tables, at, tables[burst] + zone)
        span = operational(tables, at, tables[burst + 1] + zone) - first
        since = x - more - first
        if since < 0:
            break
        gained = span * (tables[burst + 2] - HUNDRED) // HUNDRED
        if since < span + gained:
            return when(tables, at, first + since * HUNDRED // tables[burst + 2]) - zone
        more += gained
    return when(tables, at, x - more) - zone


def burst_list(population: Population) -> list[int]:
    """List the bursts as `progress` reads them, behind their number."""
    bursts = [(round(b.from_hour * HOUR), round(b.to_hour * HOUR), round(b.factor * HUNDRED)) for b in population.bursts]
    return [len(bursts), *(number for burst in bursts for number in burst)]


def mean_progress(population: Population, begin: int, end: int) -> float:
    """Give how far X gets between two times, mean over devices, in ms at the week's mean rate."""
    curve = curve_table(population.days, population.hours)
    tables = [*curve, *burst_list(population)]
    return math.fsum(
        share * (progress(tables, 0, len(curve), zone, end) - progress(tables, 0, len(curve), zone, begin))
        for zone, share in zones_of(population).items()
    ) * (WEEK / curve[HOURS])


def relative_rate(population: Population, hour: int) -> float:
    """Give the rate of visits in an hour since the profile's start, the week's mean being 1."""
    return mean_progress(population, hour * HOUR, (hour + 1) * HOUR) / HOUR
