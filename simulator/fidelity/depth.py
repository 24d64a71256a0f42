r"""How deep visits go: the share that goes on after each page view, and what a timeout makes of it.

The shares of a log are noisy where few sessions are at risk. In logits they are near a parabola in log k; each is drawn to it by what its own noise
is of all that it may deviate (an empirical Bayes estimate; the variance t^2 about the curve by DerSimonian and Laird, 1986):

    y_k = c(log k) + t^2 / (t^2 + v_k) (logit p_k - c(log k)),     v_k = 1 / (n_k p_k (1 - p_k))

A pause longer than the timeout makes two sessions of a visit. With q_j the share of shorter pauses after the j-th page view and C_m the share of
visits with at least m page views, sessions with at least k are in proportion

    A_k = sum_m M_km C_m,     M_km = (1 - q_(j-1)) q_j q_(j+1) .. q_(m-1),  j = m - k + 1,  and 1 in place of (1 - q_0)

averaged over the paces of people: those that begin with a visit's j-th page view, j = 1 being its first.
"""

from statistics import NormalDist
from typing import Final

import numpy as np

from simulator.fidelity.distances import Step
from simulator.fidelity.events import Floats
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.pace import Pace

FIRM: Final = 1_000
"""Shares of as many sessions are taken as they are; of fewer, smoothed."""
THIN: Final = 20
"""Depths that fewer sessions reach are pooled."""
DEEPER: Final = 200
"""The curve is followed so far beyond its last number."""
ROUNDS: Final = 30
MOST_GO_ON: Final = 0.99  # assumed: visits end
_NORMAL: Final = np.vectorize(NormalDist().cdf)


def curve(steps: list[Step]) -> Floats:
    """Smooth the shares that go on."""
    deep = max([step.k for step in steps if step.at_risk >= THIN], default=1)
    at_risk = np.array([step.at_risk for step in steps[:deep]], np.float64)
    share = np.array([(step.went_on + 0.5) / (step.at_risk + 1) for step in steps[:deep]])
    logit, precision = np.log(share / (1 - share)), at_risk * share * (1 - share)
    place = np.log(np.arange(1, deep + 1))
    degree = min(2, deep - 1)
    parabola = np.polynomial.Polynomial.fit(place, logit, degree, domain=(0, max(place[-1], 1)), w=np.sqrt(precision))(place)
    off = logit - parabola
    beyond_noise = float(precision @ off**2) - (deep - degree - 1)
    spread = max(beyond_noise, 0.0) / float(precision.sum() - precision @ precision / precision.sum()) if deep > degree + 1 else 0.0
    drawn = 1 / (1 + np.exp(-(parabola + spread / (spread + 1 / precision) * off)))
    share = np.where(at_risk < FIRM, drawn, share)
    rest = steps[deep:]
    if rest:
        share = np.append(share, sum(step.went_on for step in rest) / sum(step.at_risk for step in rest))
    return np.asarray(share)


def visits(share: Floats, stay: Mixture, pace: Pace, longest: float) -> list[float]:
    """Turn the shares of sessions that go on into those of visits; pauses longer than `longest` ms end a session. Solved by iteration."""
    goal = np.append(share, np.full(DEEPER, share[-1]))
    made = _sessions(len(goal), stay, pace, longest)
    found = goal.copy()
    for _ in range(ROUNDS):
        sessions = made @ np.concatenate([[1.0], np.cumprod(found)[:-1]])
        # where nobody gets, nobody goes on: 1 in place of the sessions keeps the ratio finite
        found[:-1] = np.clip(found[:-1] * goal[:-1] * sessions[:-1] / np.where(sessions[1:] > 0, sessions[1:], 1.0), 0.0, MOST_GO_ON)
    return [float(value) for value in found[: len(share)]]


def _sessions(deepest: int, stay: Mixture, pace: Pace, longest: float) -> Floats:
    """Give M."""
    k = np.arange(1, deepest + 1)
    z = np.linspace(-4, 4, 41)
    weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    out = np.zeros((deepest, deepest))
    for share, factor in zip(weight, np.exp(np.hypot(pace.user, pace.visit) * z), strict=True):
        limit = np.log(longest * k**pace.depth / factor)
        short = sum(w * _NORMAL((limit - m) / s) for w, m, s in zip(stay.weights, stay.means, stay.sigmas, strict=True))
        begins = np.concatenate([[1.0], 1 - short[:-1]])
        runs = np.concatenate([[0.0], np.cumsum(np.log(np.maximum(short, 1e-300)))[:-1]])  # of the pauses before the m-th page view
        first = k[None, :] - k[:, None]  # j - 1
        out += share * np.where(first >= 0, begins[first] * np.exp(np.minimum(runs[None, :] - runs[first], 0.0)), 0.0)
    return out
