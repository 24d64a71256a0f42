r"""How near a simulation is, as numbers between 0 and 1 (CALIBRATION section 4).

    s = clip(1 - (d - n) / (b - n), 0, 1)

where d is a distance, n the 95th percentile of that distance between two halves of the same real users (of the sizes compared), b that of the
naive model: 1 is as near as real people are to each other, 0 no nearer than a model without memory. A family of measures has
the geometric mean of its scores.
"""

import math
from collections.abc import Iterable


def score(distance: float, near: float, naive: float) -> float | None:
    """Give s; None where the naive model is itself as near as real people are, so that nothing can be told."""
    if not naive > near:
        return None
    return min(max(1 - (distance - near) / (naive - near), 0.0), 1.0)


def families(scores: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Give the geometric mean of each family's scores; one score of 0 makes its family 0."""
    by: dict[str, list[float]] = {}
    for family, s in scores:
        if s is not None:
            by.setdefault(family, []).append(s)
    return {family: math.prod(found) ** (1 / len(found)) for family, found in by.items()}
