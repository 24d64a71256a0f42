"""What is near: two random halves of the same real users, many times over. By user, not by page view, since heavy users are many page views."""

from collections.abc import Iterator

import numpy as np

from simulator.fidelity.events import Flags
from simulator.fidelity.naive import uniform

SPLITS = 20
"""As the bars of the issue have it."""


def split(users: int, seed: int) -> Flags:
    """Choose half of the users (one fewer if they are odd)."""
    order = np.argsort(uniform(seed, 0, users), kind="stable")
    chosen = np.zeros(users, np.bool_)
    chosen[order[: users // 2]] = True
    return chosen


def splits(users: int, seed: int, count: int = SPLITS) -> Iterator[Flags]:
    """Choose halves, `count` times."""
    for i in range(count):
        yield split(users, seed + i)


def p95(values: list[float]) -> float:
    """Give the value that 95 % do not exceed."""
    return float(np.quantile(values, 0.95))
