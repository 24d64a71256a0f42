r"""Pauses as a mixture of lognormals, by expectation and maximisation (Dempster, Laird and Rubin 1977).

    log(gap) ~ sum_j w_j N(m_j, s_j^2)

Logs keep time in steps (1 s): equal gaps are spread evenly over the step that they stand for, since the logarithm of 0 s and the lattice of small
gaps would otherwise become components of their own.
"""

import math
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Floats, Ints

ROUNDS: Final = 2_000
ENOUGH: Final = 1e-9
"""Rounds end when a gap's mean log-likelihood changes by less."""
NARROWEST: Final = 0.3  # assumed: no component's sigma is below it
WIDEST: Final = 2.0  # assumed: nor above it
FAR: Final = 8.0
"""Sigmas beyond which nothing is expected."""
MOST_HIDDEN: Final = 0.02  # assumed: visits with longer pauses than that are two visits
STEP: Final = 0.01
"""Logarithms are rounded to it, so that a fit's cost does not depend on the size of the log."""
_NORMAL: Final = NormalDist()


class Mixture(NamedTuple):
    """Weights, means and sigmas of the logarithm of ms, the fastest component first."""

    weights: Floats
    means: Floats
    sigmas: Floats

    @property
    def between(self) -> float:
        """The variance of the components' means."""
        middle = float(self.weights @ self.means)
        return float(self.weights @ (self.means - middle) ** 2)

    @property
    def variance(self) -> float:
        """The variance of a pause's logarithm."""
        return self.between + float(self.weights @ self.sigmas**2)

    def below(self, ms: float) -> float:
        """Give the share of pauses that do not exceed `ms`."""
        return float(sum(w * _NORMAL.cdf((math.log(ms) - m) / s) for w, m, s in zip(self.weights, self.means, self.sigmas, strict=True)))


def spread(gaps: Ints, resolution: int) -> Floats:
    """Spread gaps of one value evenly over the step around it, or over half a step above 0."""
    order = np.argsort(gaps, kind="stable")
    value, begins, count = np.unique(gaps[order], return_index=True, return_counts=True)
    rank = np.arange(len(gaps)) - np.repeat(begins, count)
    part = (rank + 0.5) / np.repeat(count, count)
    low, high = np.maximum(value - resolution / 2, 0.0), value + resolution / 2
    out = np.empty(len(gaps))
    out[order] = np.repeat(low, count) + np.repeat(high - low, count) * part
    return out


def fit(x: Floats, longest: float, narrowest: float = NARROWEST, parts: int = 3) -> Mixture:
    """Fit a mixture to the logarithms of pauses of which none longer than `longest` ms could be seen.

    Components begin at the middles of equal shares of the data; no sigma is below `narrowest`. Those pauses of each that are too long to be seen are
    expected from its law.
    """
    end = math.log(longest)
    whole = x
    x, count = np.unique(np.rint(x / STEP) * STEP, return_counts=True)
    means = np.quantile(whole, (np.arange(parts) + 0.5) / parts)
    sigmas = np.full(parts, max(float(whole.std()) / parts, narrowest))
    weights = np.full(parts, 1.0 / parts)
    before = -math.inf
    for _ in range(ROUNDS):
        log_density = np.log(weights) - np.log(sigmas) - ((x[:, None] - means) / sigmas) ** 2 / 2
        top = log_density.max(1, keepdims=True)
        density = np.exp(log_density - top)
        total = density.sum(1, keepdims=True)
        likelihood = float(count @ (top + np.log(total))[:, 0] / len(whole))
        belongs = density / total * count[:, None]
        hidden, first, second = _beyond(weights, means, sigmas, end)
        hidden *= min(1.0, MOST_HIDDEN / max(hidden.sum(), 1e-12))
        seen = 1 - hidden.sum()
        hidden *= len(whole) / seen
        mass = belongs.sum(0) + hidden + 1e-12
        weights = mass / mass.sum()
        centre = ((belongs * x[:, None]).sum(0) + hidden * first) / mass
        square = ((belongs * x[:, None] ** 2).sum(0) + hidden * second) / mass
        sigmas = np.clip(np.sqrt(np.maximum(square - centre**2, 0.0)), narrowest, WIDEST)
        means = centre
        likelihood -= math.log(seen)
        if abs(likelihood - before) < ENOUGH:
            break
        before = likelihood
    order = np.argsort(means)
    return Mixture(weights[order], means[order], sigmas[order])


def _beyond(weights: Floats, means: Floats, sigmas: Floats, end: float) -> tuple[Floats, Floats, Floats]:
    """Give what of each component lies beyond `end`: its share of all, its mean and its mean square (a normal law's tail)."""
    share, first, second = np.zeros(len(weights)), np.zeros(len(weights)), np.zeros(len(weights))
    for j, (w, m, s) in enumerate(zip(weights, means, sigmas, strict=True)):
        a = (end - m) / s
        if a > FAR:
            continue
        tail = _NORMAL.cdf(-a)
        steep = _NORMAL.pdf(a) / tail
        share[j] = w * tail
        first[j] = m + s * steep
        second[j] = s**2 * (1 + a * steep - steep**2) + first[j] ** 2
    return share, first, second
