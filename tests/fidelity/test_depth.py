"""Shares that go on: smoothed where they are noisy, and turned back from sessions to visits."""

import numpy as np
import pytest

from simulator.fidelity.depth import FIRM, curve, visits
from simulator.fidelity.distances import Step, continuation
from simulator.fidelity.events import Ints
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.pace import Pace

TIMEOUT = 1_800_000
STAY = Mixture(np.array([0.7, 0.3]), np.log([20_000, 900_000]), np.array([0.5, 0.5]))
PACE = Pace(user=0.5, visit=0.4, keep=0.0, depth=0.4)
SHARES = np.array([0.4, 0.6, 0.7, 0.75, 0.8])


def sessions(count: int, seed: int) -> Ints:
    """Draw visits and their pauses, and give the lengths of the sessions that the timeout makes of them."""
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    pace = np.exp(np.hypot(PACE.user, PACE.visit) * rng.normal(size=count))
    length, k = np.ones(count, np.int64), 1
    while len(pace):
        going = rng.random(len(pace)) < SHARES[min(k, len(SHARES)) - 1]
        found.append(length[~going])
        pace, length = pace[going], length[going]
        part = rng.choice(2, p=STAY.weights, size=len(pace))
        pause = pace * k**-PACE.depth * np.exp(STAY.means[part] + STAY.sigmas[part] * rng.normal(size=len(pace)))
        late = pause > TIMEOUT
        found.append(length[late])
        length, k = np.where(late, 1, length + 1), k + 1
    return np.concatenate(found)


def test_sessions_are_turned_back_into_visits() -> None:
    """Of 200,000 visits of which the timeout cuts many, the shares come out within four standard errors; those of sessions are farther off."""
    steps = continuation(sessions(200_000, 1))
    found = visits(curve(steps), STAY, PACE, TIMEOUT)
    for step, share, truth in zip(steps[:5], found, SHARES, strict=False):
        assert abs(share - truth) <= 4 * np.sqrt(truth * (1 - truth) / step.at_risk), step.k
    assert abs(steps[0].share - SHARES[0]) > 10 * np.sqrt(0.24 / steps[0].at_risk)


def test_firm_shares_are_kept_and_thin_ones_drawn_to_the_curve() -> None:
    """Shares of 1,000 sessions stay as they are; of 100 logs with fewer, smoothed ones are nearer to the truth than raw ones by half."""
    rng = np.random.default_rng(2)
    k = np.arange(1, 21)
    truth = 1 / (1 + np.exp(-(-0.4 + 1.2 * np.log(k) - 0.1 * np.log(k) ** 2)))
    raw, smooth = [], []
    for _ in range(100):
        steps = [Step(int(i), n, int(rng.binomial(n, share))) for i, n, share in zip(k, [2_000] * 2 + [150] * 18, truth, strict=True)]
        found = curve(steps)
        assert found[:2] == pytest.approx([step.share for step in steps[:2]], abs=1 / FIRM)
        raw.append([step.share for step in steps[2:]])
        smooth.append(found[2:])
    assert np.mean((np.array(smooth) - truth[2:]) ** 2) <= 0.5 * np.mean((np.array(raw) - truth[2:]) ** 2)


def test_a_curve_of_its_own_shape_stays() -> None:
    """Where shares differ from any parabola by far more than their noise, they are kept nearly as they are."""
    steps = [Step(k, 900, 300 if k % 2 else 700) for k in range(1, 13)]
    assert curve(steps) == pytest.approx([1 / 3, 7 / 9] * 6, abs=0.01)


@pytest.mark.parametrize("lengths", [(1,), (1, 2), (1, 1, 2, 3)])
def test_few_depths(lengths: tuple[int, ...]) -> None:
    """A log with hardly any depth has a curve, too, of shares between 0 and 1."""
    found = curve(continuation(np.repeat(lengths, 50)))
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
