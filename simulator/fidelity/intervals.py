r"""Times between a user's visits, as a fit of returns needs them: by bin of their length, and by the clock that visits of one's own follow.

Visits that people make on their own come by the weekly curve c (mean 1) in each user's hours, so their clock is X(t), the integral of c; those
that follow another come when their gap has passed, whatever the hour. An interval of a bin of lengths that ends at t tells of the former by c(t)
and by the progress of X, of the latter by its length.

Not each interval is one between visits, and not each return is told. Without more, pauses inside visits that outlast the timeout are expected from
the law of pauses; a log that tells which page views were opened anew says it better (left.py).
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.left import STEPS, Left
from simulator.fidelity.sessions import HOUR, HOURS, MONDAY, Sessions

RATIO: Final = 1.15
"""Of neighbouring bins' ends."""
LONGEST: Final = 8 * 24.0  # hours; assumed: who comes back later does so at the own rate
SOONEST: Final = 60_000  # assumed: ms; nobody comes back sooner
LEVELS: Final = 8
"""Into which the curve's weights are put."""


class Intervals(NamedTuple):
    """`user` (rising) and `cell` are by interval that a visit ended within the bins; a cell is a bin and a level of the curve: bin * LEVELS + level.

    By user: `rest`, the bin of the interval that the log's end cut, from 1 on (0: before the first, the number of bins + 1: beyond); `late`, how many
    intervals that a visit ended were longer than the bins; `exposure`, hours of X without a visit; `wait`, hours up to the first. By bin: `pauses`,
    how many intervals are none, by count, and `expected`, by the law of pauses; `told`, the share of its returns that the log shows. `edges` and
    `window`, the log's length, are hours.
    """

    edges: Floats
    user: Ints
    cell: Ints
    levels: Floats
    rest: Ints
    late: Ints
    exposure: Floats
    wait: Floats
    window: float
    pauses: Floats
    expected: Floats
    told: Floats
    at_risk: Ints
    """By bin, how many intervals reach it."""
    timed: bool
    """Whether the curve is known."""


class Clock(NamedTuple):
    """The weekly curve: 168 weights of mean 1, and by how much each user's hours are ahead of UTC (ms)."""

    curve: Floats
    zone: Ints

    def weight(self, user: Ints, time: Ints) -> Floats:
        """Give c at times (ms since 1970)."""
        return np.asarray(self.curve[((time + self.zone[user]) // HOUR - MONDAY) % HOURS])

    def progress(self, user: Ints, time: Ints) -> Floats:
        """Give X at times, in hours."""
        hours = (time + self.zone[user]) / HOUR - MONDAY
        weeks = np.floor(hours / HOURS)
        rest = hours - weeks * HOURS
        hour = np.minimum(rest.astype(np.int64), HOURS - 1)
        before = np.concatenate([[0.0], np.cumsum(self.curve)])
        return np.asarray(weeks * before[-1] + before[hour] + (rest - hour) * self.curve[hour])


def bins(soonest: int) -> Floats:
    """Give the ends of the bins, in hours, from `soonest` ms on."""
    low = soonest / HOUR
    count = int(np.ceil(np.log(LONGEST / low) / np.log(RATIO)))
    return low * (LONGEST / low) ** (np.arange(count + 1) / count)


def between(s: Sessions, span: tuple[int, int], timeout: int, clock: Clock, expected: Floats, left: Left | None = None) -> Intervals:
    """Give the intervals of sessions; `span` is the log's first and last ms.

    `expected` gives, by bin from the timeout on, how many intervals are pauses; where the log says what was left open, `left` does.
    """
    edges = bins(timeout if left is None else SOONEST)
    n = len(edges) - 1
    last = np.append(s.user[1:] != s.user[:-1], True)
    first = np.append(True, last[:-1])
    ends = np.where(last, span[1], np.append(s.begin[1:], span[1]))
    away = (ends - s.end) / HOUR
    place = np.searchsorted(edges, away, "right") - 1
    came = ~last & (place >= 0) & (place < n)
    weight = clock.weight(s.user, ends)
    steps = np.unique(np.quantile(weight[~last], np.arange(1, LEVELS) / LEVELS)) if (~last).any() else np.ones(1)
    level = np.searchsorted(steps, weight)
    middle = np.bincount(level[~last], weight[~last], minlength=LEVELS) / np.bincount(level[~last], minlength=LEVELS).clip(1)
    users = int(s.user.max()) + 1
    told, pauses = np.ones(n), np.zeros(n)
    if left is not None:
        step = np.searchsorted(STEPS, edges[1:]) - 1
        share = np.where((step >= 0) & (step < len(left.pauses)), left.pauses[np.clip(step, 0, len(left.pauses) - 1)], 0.0)
        soon = edges[1:] <= timeout / HOUR
        pauses = np.where(soon, 0.0, share * np.bincount(place[came], minlength=n))
        expected = np.zeros(n)
        told[soon] = left.told
    return Intervals(
        edges=edges,
        user=s.user[came],
        cell=(place * LEVELS + level)[came],
        levels=np.where(middle > 0, middle, 1.0),
        rest=np.clip(place[last] + 1, 0, n + 1),
        late=np.bincount(s.user[~last & (place >= n)], minlength=users),
        exposure=np.bincount(s.user, clock.progress(s.user, ends) - clock.progress(s.user, s.end), minlength=users)
        + clock.progress(s.user[first], s.begin[first])
        - clock.progress(s.user[first], np.full(users, span[0])),
        wait=(s.begin[first] - span[0]) / HOUR,
        window=(span[1] - span[0]) / HOUR,
        pauses=pauses,
        expected=expected,
        told=told,
        timed=bool(np.ptp(clock.curve)),
        at_risk=len(away) - np.searchsorted(np.sort(away), edges[:-1]),
    )
