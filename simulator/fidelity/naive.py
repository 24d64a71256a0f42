"""The naive model: what a distance is if nobody has tried. Session lengths are geometric and gaps exponential, each with the mean of the same data.

It keeps the data's users, sessions and beginnings, so it is as far away as a simulator without memory and without heavy tails is, and no farther.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from simulator.fidelity.events import Floats, Ints
from simulator.fidelity.sessions import TIMEOUT, Sessions
from simulator.kernel.rnd import bits, rnd

BITS = 62


def uniform(seed: int, stream: int, n: int) -> Floats:
    """Give n numbers between 0 and 1, exclusive, that follow from seed and stream."""
    place: Any = np.arange(n, dtype=np.uint64)
    drawn: Any = rnd(bits(seed, stream) & (1 << 63) - 1, place)
    return np.asarray((drawn.astype(np.float64) + 0.5) / 2.0**BITS)


def naive(s: Sessions, seed: int, timeout: int = TIMEOUT) -> Sessions:
    """Draw the naive model of sessions."""
    n = len(s.length)
    length = _geometric(uniform(seed, 1, n), float(s.length.mean()))
    gaps = int((length - 1).sum())
    session = np.repeat(np.arange(n), length - 1)
    gap = _exponential(uniform(seed, 2, gaps), float(s.gap.mean()) if len(s.gap) else 0.0)
    first = np.cumsum(length - 1) - (length - 1)
    away = s.revisit - timeout
    return replace(
        s,
        length=length,
        end=s.begin + np.bincount(session, gap, minlength=n).astype(np.int64),
        gap=gap,
        gap_user=s.user[session],
        gap_session=session,
        place=np.arange(gaps) - first[session] + 1,
        revisit=timeout + _exponential(uniform(seed, 3, len(away)), float(away.mean()) if len(away) else 0.0),
        moves=_memoryless(s, seed),
    )


def alike(s: Sessions, seed: int) -> Sessions:
    """Share a log's sessions out among its users by chance: each has one, and all are as likely as others to have any of the rest."""
    _, user = np.unique(s.user, return_inverse=True)
    users = int(user.max()) + 1 if len(user) else 0
    rest = np.floor(uniform(seed, 5, len(user) - users) * users).astype(np.int64)
    return replace(s, user=np.sort(np.concatenate([np.arange(users), rest])))


def _geometric(u: Floats, mean: float) -> Ints:
    """Give session lengths 1, 2, ... that go on with the same probability 1 - 1 / mean after every page view."""
    on = 1 - 1 / mean
    return 1 + (np.floor(np.log(u) / np.log(on)).astype(np.int64) if on > 0 else np.zeros(len(u), np.int64))


def _exponential(u: Floats, mean: float) -> Ints:
    return np.asarray(-mean * np.log(u)).astype(np.int64)


def _memoryless(s: Sessions, seed: int) -> Ints:
    """Draw where each move leads without regard to where it comes from."""
    if not len(s.moves):
        return s.moves
    order = np.argsort(uniform(seed, 4, len(s.moves)))
    return np.column_stack([s.moves[:, 0], s.moves[order, 1]])
