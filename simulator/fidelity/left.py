r"""What visits leave open, and what only looks like a visit: page views that come long after the one before and are not opened anew.

Page views that come after the timeout are of four kinds, where a log tells which were opened anew (a dataset of ours does): a visit opens a page
anew; one opens a page where another was left open; one goes on from that page; and a visit has not ended, with a pause as long as that. Only the
first are told. The second have the pages on which visits begin, with shares e_b; the others those to which pages lead, with n_ab from page a. Of the
page views at some distance that are not opened anew, the share p that goes on from a page is the one under which

    prod ((1 - p) e_b + p n_ab)

is largest (EM). No pause is as long as PATIENT, so of later ones p says how many visits go on for each that begins anew where a page was left
open; earlier, those beyond that number are pauses. Of visits that go on, the share c with another page view is seen, c being that of the second page
view among visits that have a first.
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Events, Flags, Floats
from simulator.fidelity.graph import Graph, starts
from simulator.fidelity.sessions import HOUR, Sessions

PATIENT: Final = 6.0  # assumed: hours; no pause inside a visit is longer
STEPS: Final = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, PATIENT)
"""Hours between which p is one."""
ENOUGH: Final = 50
"""Page views, of which p is estimated."""
ROUNDS: Final = 100


class Left(NamedTuple):
    """`open` is the share of visits that are left open and found again, `resume` that of those that go on from there.

    `unseen`: visits without a page view, for each that has one. `pauses` and `told`: of intervals between the sessions up to each of STEPS, the share
    that is none, and of the others that which begins anew.
    """

    open: float
    resume: float
    unseen: float
    pauses: Floats
    told: float


def opened(events: Events) -> Flags | None:
    """Tell which page views surely begin a visit: those that were opened anew, on another page than the one before them; None: the log does not say.

    A process that the system has ended while its app was away starts again on the page on which it was.
    """
    if events.fresh is None or not events.fresh.any():
        return None
    if events.page is None:
        return events.fresh
    return np.asarray(events.fresh & np.append(True, (np.diff(events.page) != 0) | (np.diff(events.user) != 0)))


def fit(events: Events, s: Sessions, anew: Flags, ways: Graph, goes_on: float) -> Left:
    """Fit to sessions that were cut at the page views for which `anew` is true; `goes_on` is c. Without pages nothing goes on."""
    first = starts(s)
    again = np.flatnonzero(s.user[1:] == s.user[:-1]) + 1
    away = (s.begin[again] - s.end[again - 1]) / HOUR
    view = first[again]
    fresh, sure = (anew if events.fresh is None else events.fresh)[view], anew[view]
    begins, leads = np.ones(len(again)), np.zeros(len(again))
    if events.page is not None:
        page = ways.place[events.page]
        following = ways.moves / ways.moves.sum(1, keepdims=True).clip(1)
        begins, leads = ways.entry[page[view]], following[page[view - 1], page[view]]

    def share(some: Flags) -> float:
        return _share(begins[some & ~fresh], leads[some & ~fresh])

    far = away > PATIENT
    on = share(far)
    ratio = on / max(1 - on, 1e-9)
    pauses = np.zeros(len(STEPS) - 1)
    for i in range(len(pauses)):
        some = (away > STEPS[i]) & (away <= STEPS[i + 1])
        here, count = share(some), int((some & ~fresh).sum())
        if count >= ENOUGH:
            pauses[i] = max(here - (1 - here) * ratio, 0.0) * count / int(some.sum())
    near = (away > STEPS[0]) & (away <= STEPS[3])
    step = np.clip(np.searchsorted(STEPS, away[near]) - 1, 0, len(pauses) - 1)
    visits = float((1 - pauses[step]).sum())
    old = float((far & ~fresh).sum())
    resumed = old * on / max(goes_on, 1e-9)
    alive = old * (1 - on) + resumed
    everyone = float(far.sum()) + resumed - old * on
    return Left(
        open=alive / max(everyone, 1.0),
        resume=resumed / max(alive, 1e-9),
        unseen=(resumed - old * on) / max(float(far.sum()), 1.0),
        pauses=pauses,
        told=float(sure[near].sum()) / max(visits, 1.0) if sure[near].any() else 1.0,
    )


def _share(begins: Floats, leads: Floats) -> float:
    """Give p; 0 where there are too few."""
    if len(begins) < ENOUGH:
        return 0.0
    p = 0.5
    for _ in range(ROUNDS):
        on = p * leads
        p = float((on / np.maximum(on + (1 - p) * begins, 1e-12)).mean())
    return p
