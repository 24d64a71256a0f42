"""When a device's next visit begins: a Poisson process whose rate follows a weekly curve.

Operational time runs at the speed of the curve: `x(t)` is the integral of the hour's weight, and visits are exponential gaps apart in x (time change
of a Poisson process; Cinlar 1975, section 4.7). Weights have the mean WEIGHT_ONE, so a mean gap of g ms is g * WEIGHT_ONE in x.
"""

from collections.abc import Sequence
from typing import Final

HOUR: Final = 3_600_000
HOURS: Final = 168
WEEK: Final = HOURS * HOUR
WEIGHT_ONE: Final = 256


def curve_table(days: Sequence[float], hours: Sequence[float]) -> list[int]:
    """Tabulate a week: for each hour the integral up to its beginning, then the week's, then each hour's weight (at least 1)."""
    shape = [day * hour for day in days for hour in hours]
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


def relative_rate(days: Sequence[float], hours: Sequence[float], hour_of_week: int) -> float:
    """Give the curve's rate in an hour of the week, the week's mean being 1."""
    table = curve_table(days, hours)
    return table[HOURS + 1 + hour_of_week % HOURS] * HOURS * HOUR / table[HOURS]
