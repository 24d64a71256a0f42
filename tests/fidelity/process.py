"""A process whose parameters are known, drawn with numpy: what a fit has to find again. It is the journey's behaviour, written a second time."""

from dataclasses import dataclass, field

import numpy as np

from simulator.fidelity.events import Events, arrange

HOUR = 3_600_000
DAY = 24 * HOUR
MONDAY = 4 * DAY  # 1970-01-05


@dataclass(frozen=True)
class Process:
    """What is drawn. Pauses in ms; `rate` is visits per day of a user's own, `sigma` that of its logarithm among users."""

    continuation: tuple[float, ...] = (0.4, 0.6, 0.67, 0.74, 0.8)
    weights: tuple[float, ...] = (0.34, 0.415, 0.245)
    medians: tuple[float, ...] = (6_400, 42_400, 338_900)
    sigmas: tuple[float, ...] = (0.7, 0.65, 0.7)
    user: float = 0.5
    visit: float = 0.3
    keep: float = 0.3
    share: float = 0.3
    gap: tuple[float, float] = (6 * HOUR, 0.8)
    """Median and sigma of a lognormal, from the timeout on."""
    rate: float = 0.15
    sigma: float = 1.0
    hours: tuple[float, ...] = field(default=(1.0,) * 24)
    load: float = 300.0
    pages: dict[str, dict[str, float]] = field(default_factory=dict)


def draw(p: Process, users: int, days: int, seed: int) -> Events:
    """Draw the page views of users in `days` days from a Monday on, after as long a past."""
    rng = np.random.default_rng(seed)
    who: list[int] = []
    when: list[float] = []
    where: list[str] = []
    end = 2 * days * DAY
    curve = np.array(p.hours) / np.mean(p.hours)
    parts = np.arange(len(p.weights))
    for user in range(users):
        pace = np.exp(p.user * rng.normal())
        rate = p.rate / DAY * np.exp(p.sigma * rng.normal() - p.sigma**2 / 2)
        own, t, back = 0.0, 0.0, np.inf
        own = _next(rng, rate, curve, 0.0)
        while True:
            t = min(own, back)
            if t >= end:
                break
            visit = pace * np.exp(p.visit * rng.normal())
            k, part, page = 1, -1, ""
            while True:
                if p.pages:
                    page = str(rng.choice(list(p.pages[page]), p=list(p.pages[page].values())))
                if t >= end / 2:
                    who.append(user)
                    when.append(t)
                    where.append(page)
                if part < 0 or rng.random() >= p.keep:
                    part = int(rng.choice(parts, p=p.weights))
                pause = p.load + visit * p.medians[part] * np.exp(p.sigmas[part] * rng.normal())
                t += pause
                if rng.random() >= p.continuation[min(k, len(p.continuation)) - 1]:
                    break
                k += 1
            while own <= t:
                own = _next(rng, rate, curve, own)
            back = t + max(0.5 * HOUR, p.gap[0] * np.exp(p.gap[1] * rng.normal())) if rng.random() < p.share else np.inf
    times = (np.array(when) - end / 2).astype(np.int64) + MONDAY
    return arrange(np.array(who), times, np.array(where) if p.pages else None)


def _next(rng: np.random.Generator, rate: float, curve: np.ndarray, t: float) -> float:
    """Thin a process of the curve's highest rate."""
    top = curve.max()
    while True:
        t += rng.exponential(1 / (rate * top))
        if rng.random() < curve[int(t // HOUR) % 24] / top:
            return t
