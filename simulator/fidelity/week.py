r"""The weekly curve: how many sessions begin in each hour of the week, relative to the mean; Monday 00:00 first.

Times are those of the clock by which users live (zones.py); `spans` are the log's first and last ms by each such clock, with the share of its users.

Visits that follow another one come when their gap has passed, whatever the clock says; the profile's curve is that of the others. With f the curve of
all, s the share of visits that follow another, and G f the curve that is moved on by the law of gaps, f = own + s G f.

A week has 168 hours, and a log of few weeks tells little of each. Its margins, 24 hours and 7 days, are firm; by how much an hour of the week differs
is believed as far as halves of the users agree on it: with c the correlation of their differences, R = 2 c / (1 + c) is the share of the whole log's
differences that is no noise (Spearman 1910, Brown 1910). A user's sessions are all in one half, so their likeness is no agreement.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from simulator.fidelity.distances import DAY
from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.sessions import HOUR, HOURS, MONDAY

Spans = Sequence[tuple[tuple[int, int], float]]
LEAST: Final = 0.01  # a profile's weights are above 0
FIRM: Final = 0.5  # assumed: an R from which the hours of the week are told apart; of noise alone it has a deviation of 0.15


def margins(begin: Ints, spans: Spans) -> tuple[Floats, Floats]:
    """Give weights of 24 hours and of 7 days, Monday first; days that the log shows more often than others do not count for more."""
    count, shown = _count(begin), _shown(spans)
    hours = _relative(count.sum(0) / shown.sum(0).clip(1))
    known = shown.sum(1) > 0
    expected = (shown * hours).sum(1)
    days = _relative(np.where(known, count.sum(1) / expected.clip(1e-9), 0.0)[known])
    out = np.ones(7)
    out[known] = days
    return hours, out


def table(hours: Floats, days: Floats) -> Floats:
    """Give 168 weights of mean 1 from 24 and 7, or from 168 and none."""
    weights = hours if len(hours) == HOURS else np.outer(days, hours).ravel()
    return np.asarray(weights / weights.mean())


def likelihood(begin: Ints, spans: Spans) -> float:
    """Give the logarithm of how likely hours of the day are as those at which sessions begin."""
    hours, _ = margins(begin, spans)
    return float(np.log(hours / hours.sum())[begin // HOUR % DAY].sum())


def fit(user: Ints, begin: Ints, spans: Spans, share: float, gaps: Floats) -> tuple[Floats, Floats]:
    """Give the weights of visits that follow no other: 24 hours and 7 days, or, where they are firm, 168 hours and no days.

    `share` of all visits follow one, `gaps` ms (values of equal weight) after it.
    """
    r = agreement(user, begin, spans, share, gaps)
    if r < FIRM:
        hours, days = margins(begin, spans)
        table = own(np.outer(days, hours).ravel(), share, gaps).reshape(7, 24)
        return _relative(table.mean(0)), _relative(table.mean(1))
    smooth, more = _beside(begin, spans, share, gaps)
    return _relative((smooth * (1 + r * more)).ravel()), np.zeros(0)


def agreement(user: Ints, begin: Ints, spans: Spans, share: float, gaps: Floats) -> float:
    """Give R; 0 where the log does not show each hour of the week."""
    if not _shown(spans).all():
        return 0.0
    half = user % 2 == 0
    (smooth, one), (_, other) = (_beside(begin[some], spans, share, gaps) for some in (half, ~half))
    c = _correlation(one, other, smooth)
    return 2 * c / (1 + c) if c > 0 else 0.0


def own(curve: Floats, share: float, gaps: Floats) -> Floats:
    """Give the curve of visits that follow no other, of that of all."""
    moved = np.bincount(np.rint(gaps / HOUR).astype(np.int64) % HOURS, minlength=HOURS) / len(gaps)
    late = np.fft.irfft(np.fft.rfft(curve) * np.fft.rfft(moved), HOURS)
    return _relative(np.maximum(curve - share * late, 0.0))


def _beside(begin: Ints, spans: Spans, share: float, gaps: Floats) -> tuple[Floats, Floats]:
    """Give what the margins say of 7 days' 24 hours, and by what share of it each differs."""
    table = own((_count(begin) / _shown(spans)).ravel(), share, gaps).reshape(7, 24)
    smooth = np.outer(table.mean(1), table.mean(0)) / table.mean()
    return smooth, table / smooth - 1


def _count(begin: Ints) -> Ints:
    return np.bincount((begin // HOUR - MONDAY) % HOURS, minlength=HOURS).reshape(7, 24)


def _shown(spans: Spans) -> Floats:
    """Count how often a log has each hour of the week."""
    return np.asarray(sum(share * _count(np.arange(first // HOUR, last // HOUR + 1) * HOUR) for (first, last), share in spans))


def _correlation(x: Floats, y: Floats, weight: Floats) -> float:
    x, y = (z - (weight * z).sum() / weight.sum() for z in (x, y))
    both, alone = (weight * x * y).sum(), (weight * x * x).sum() * (weight * y * y).sum()
    return float(both / np.sqrt(alone)) if alone else 0.0


def _relative(x: Floats) -> Floats:
    return np.maximum(x / x.mean(), LEAST) if x.any() else np.ones(len(x))
