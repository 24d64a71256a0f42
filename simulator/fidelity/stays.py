"""How long people stay on pages: the law of pauses, of each page its own where pages differ.

A pause is from a page's load to the next page view, as it would be on a visit's first page: what is left of persistence is the pace's (pace.py).
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity import mixture, pace
from simulator.fidelity.distances import variances
from simulator.fidelity.events import Events, Flags, Floats, Ints
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.pace import Pace
from simulator.fidelity.sessions import Sessions

LOAD: Final = 300  # assumed, where the log does not say: ms from a navigation to the page's load; part of every gap
SHORTEST: Final = 200.0
"""Pauses (ms) below it are left out of the fit: reloads and double clicks, about 1 % of the readers' gaps."""
APART: Final = 0.01  # assumed: share of the variance of pauses' logarithms that lies between pages; of less, all have one law
OWN: Final = 1_000
"""Pauses from which a page has a law of its own; those of fewer are moved by their mean alone."""
SOME: Final = 100
"""Pauses from which a page's mean counts."""


class Stays(NamedTuple):
    """`whole`: the law of all pauses, at any pace; `law`: at pace 1; `pages`: the same for each page."""

    whole: Mixture
    law: Mixture
    pages: list[Mixture]
    pace: Pace


class Pauses(NamedTuple):
    """By gap of the sessions: the logarithm of the pause (ms), whether it is long enough to count, and the page, from 0."""

    x: Floats
    some: Flags
    page: Ints


def pauses(events: Events, s: Sessions, first: Ints, place: Ints) -> Pauses:
    """Take out of gaps what pages take to load; `first` is each session's first page view, `place` the number of each page of the log."""
    view = first[s.gap_session] + s.place - 1
    load = np.full(len(view), float(LOAD))
    if events.load is not None:
        told = events.load[view]
        load = np.where(told >= 0, told, float(np.median(told[told >= 0])) if (told >= 0).any() else LOAD)
    pause = mixture.spread(s.gap, events.resolution) - load
    page = np.zeros(len(view), np.int64) if events.page is None else place[events.page[view]]
    return Pauses(np.log(np.maximum(pause, SHORTEST)), pause >= SHORTEST, page)


def fit(s: Sessions, found: Pauses, pages: int, longest: float) -> Stays:
    """Fit laws and paces; no pause longer than `longest` ms could be seen."""
    page = found.page
    power = pace.depth(s, found.x, page)
    x = found.x + power * np.log(s.place)  # what pauses would be on the first page
    offset = _offsets(x, page, pages)
    alike = x - offset[page]
    narrowest = max(mixture.NARROWEST, pace.narrowest(s, alike))
    whole = mixture.fit(alike[found.some], longest, narrowest)
    shown = pace.shown(s, alike, whole)
    if shown < 1:
        narrowest = max(mixture.NARROWEST, pace.narrowest(s, alike, shown))
        whole = mixture.fit(alike[found.some], longest, narrowest)
    paces = pace.fit(s, alike, whole, power, shown)
    laws = []
    for i in range(pages):
        mine = found.some & (page == i)
        own = offset.any() and mine.sum() >= OWN
        law = mixture.fit(x[mine], longest, narrowest) if own else whole._replace(means=whole.means + offset[i])
        laws.append(pace.without(law, paces))
    return Stays(whole, pace.without(whole, paces), laws, paces)


def _offsets(x: Floats, page: Ints, pages: int) -> Floats:
    """Give by how much pages' mean logarithms are off that of all; zeros where pages are alike."""
    count = np.bincount(page, minlength=pages)
    common = count[page] >= SOME
    between, within = variances(x[common], page[common])
    if between <= APART * (between + within):
        return np.zeros(pages)
    middle = np.bincount(page, x, minlength=pages) / count.clip(1)
    return np.where(count >= SOME, middle - x[common].mean(), 0.0)
