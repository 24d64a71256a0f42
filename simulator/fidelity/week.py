r"""The weekly curve: how many sessions begin in an hour of the day and on a day of the week, each relative to its mean. UTC.

Visits that follow another one come when their gap has passed, whatever the clock says; the profile's curve is that of the others. With f the curve of
all, s the share of visits that follow another, and G f the curve that is moved on by the law of gaps, f = own + s G f.
"""

import numpy as np

from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.sessions import HOUR, HOURS, MONDAY

LEAST = 0.01  # a profile's weights are above 0


def fit(begin: Ints, span: tuple[int, int]) -> tuple[Floats, Floats]:
    """Give weights of 24 hours and of 7 days, Monday first; days that the log shows more often than others do not count for more."""
    count = np.bincount((begin // HOUR - MONDAY) % HOURS, minlength=HOURS).reshape(7, 24)
    clock = np.arange(span[0] // HOUR, span[1] // HOUR + 1)
    shown = np.bincount((clock - MONDAY) % HOURS, minlength=HOURS).reshape(7, 24)
    hours = _relative(count.sum(0) / shown.sum(0).clip(1))
    known = shown.sum(1) > 0
    expected = (shown * hours).sum(1)
    days = _relative(np.where(known, count.sum(1) / expected.clip(1e-9), 0.0)[known])
    out = np.ones(7)
    out[known] = days
    return hours, out


def own(hours: Floats, days: Floats, share: float, gaps: Floats) -> tuple[Floats, Floats]:
    """Give the curves of visits that follow no other: `share` of all follow one, `gaps` ms (values of equal weight) after it."""
    whole = np.outer(days, hours).ravel()
    moved = np.bincount(np.rint(gaps / HOUR).astype(np.int64) % HOURS, minlength=HOURS) / len(gaps)
    late = np.fft.irfft(np.fft.rfft(whole) * np.fft.rfft(moved), HOURS)
    left = np.maximum(whole - share * late, 0.0).reshape(7, 24)
    return _relative(left.mean(0)), _relative(left.mean(1))


def _relative(x: Floats) -> Floats:
    return np.maximum(x / x.mean(), LEAST) if x.any() else np.ones(len(x))
