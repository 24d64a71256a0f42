"""Whether a machine can tell simulated sessions from real ones: a classifier two-sample test (Lopez-Paz and Oquab, ICLR 2017).

Gradient boosting on features of single sessions learns from half of the users of either side and is asked about the other half. Its AUC is the
probability that it finds a simulated session more simulated than a real one: .5 is guessing. Both sides must keep time in the same steps.
"""

from typing import Any, Final, NamedTuple

import numpy as np

from simulator.errors import ProfileError
from simulator.fidelity.distances import logs
from simulator.fidelity.events import Flags, Floats, Ints
from simulator.fidelity.halves import split
from simulator.fidelity.sessions import Sessions

FEATURES: Final = (
    "page views",
    "log duration",
    "mean log gap",
    "deviation of log gaps",
    "shortest log gap",
    "median log gap",
    "longest log gap",
    "first log gap",
    "last log gap",
)
MOST: Final = 40_000
"""Sessions of one side; more do not change the answer's second digit."""


OWN: Final = 1 << 40
"""Added to seeds: these halves are others than those that anybody else draws."""


class Auc(NamedTuple):
    """Held-out areas under the ROC curve: of all sessions, and of those with more than one page view."""

    all: float
    multiple: float


def features(s: Sessions) -> Floats:
    """Give a row of FEATURES per session; -1 where a session has no gap."""
    n = len(s.length)
    out = np.full((n, len(FEATURES)), -1.0)
    out[:, 0] = s.length
    out[:, 1] = np.log1p((s.end - s.begin) / 1_000)
    x = logs(s.gap)
    count = np.bincount(s.gap_session, minlength=n)
    has = count > 0
    divisor = count.clip(1)
    mean = np.bincount(s.gap_session, x, minlength=n) / divisor
    square = np.bincount(s.gap_session, (x - mean[s.gap_session]) ** 2, minlength=n) / divisor
    order = np.lexsort((x, s.gap_session))
    begins = np.concatenate([[0], np.cumsum(count)])
    ranked = x[order]
    a, b = begins[:-1][has], begins[1:][has]
    out[has, 2] = mean[has]
    out[has, 3] = np.sqrt(square[has])
    out[has, 4] = ranked[a]
    out[has, 5] = (ranked[(a + b - 1) // 2] + ranked[(a + b) // 2]) / 2
    out[has, 6] = ranked[b - 1]
    out[has, 7] = x[a]
    out[has, 8] = x[b - 1]
    return out


def auc(real: Sessions, simulated: Sessions, seed: int = 1) -> Auc:
    """Try to tell them apart; raise ProfileError where scikit-learn is missing."""
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - heavy, and an extra
        from sklearn.metrics import roc_auc_score  # noqa: PLC0415
        from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn
    except ImportError:
        raise ProfileError(
            'the classifier needs scikit-learn; install it with pip install "rumsim[fit]", or leave it out with --no-classifier'
        ) from None

    def held_out(chosen: tuple[Flags, Flags]) -> float:
        x = np.concatenate([side[flags][:MOST] for side, flags in zip(sides, chosen, strict=True)])
        y = np.concatenate([np.full(min(int(flags.sum()), MOST), float(i)) for i, flags in enumerate(chosen)])
        learns = np.concatenate([half[flags][:MOST] for half, flags in zip(halves, chosen, strict=True)])
        if not (y[learns].any() and y[~learns].any() and (1 - y[learns]).any() and (1 - y[~learns]).any()):
            return 1.0
        model: Any = HistGradientBoostingClassifier(max_iter=100, random_state=seed)
        model.fit(x[learns], y[learns])
        return float(roc_auc_score(y[~learns], model.predict_proba(x[~learns])[:, 1]))

    sides = features(real), features(simulated)
    halves = tuple(_half(s.user, s.users, seed + OWN + i) for i, s in enumerate((real, simulated)))
    everything = (np.ones(len(real.length), np.bool_), np.ones(len(simulated.length), np.bool_))
    with threadpool_limits(1):  # threads that wait for a busy core cost ten times what they give
        return Auc(held_out(everything), held_out((real.length > 1, simulated.length > 1)))


def _half(user: Ints, users: int, seed: int) -> Flags:
    return np.asarray(split(users, seed)[user])
