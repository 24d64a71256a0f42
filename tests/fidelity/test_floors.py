"""What is near (halves of the same users), what is far (the naive model), and the score between them."""

import numpy as np
import pytest

from simulator.fidelity.distances import continuation, icc, ks, lag1, logs, tv, w1
from simulator.fidelity.halves import p95, split, splits
from simulator.fidelity.naive import naive, uniform
from simulator.fidelity.score import families, score
from simulator.fidelity.sessions import Sessions, of


def test_halves_are_halves() -> None:
    """Half of the users, another half each time, and the same with the same seed."""
    chosen = list(splits(101, 7, 5))
    assert [int(half.sum()) for half in chosen] == [50] * 5
    assert len({half.tobytes() for half in chosen}) == 5
    assert np.array_equal(split(101, 7), chosen[0])


def test_draws_are_uniform() -> None:
    """No decile of 100,000 draws is off by more than five standard deviations, and streams differ."""
    u = uniform(1, 2, 100_000)
    counts = np.histogram(u, 10, (0, 1))[0]
    assert np.abs(counts - 10_000).max() < 5 * np.sqrt(100_000 * 0.1 * 0.9)
    assert abs(np.corrcoef(u, uniform(1, 3, 100_000))[0, 1]) < 5 / np.sqrt(100_000)


def test_noise_floors_are_of_the_published_order(read_sessions: Sessions) -> None:
    """Between the floors of CALIBRATION section 4 for 5,000 and 2,000 users, widened by a quarter: here halves have 2,493 users."""
    found: dict[str, list[float]] = {"length tv": [], "length ks": [], "gap ks": [], "gap w1": [], "revisit ks": [], "duration ks": []}
    for half in splits(read_sessions.users, 1):
        a, b = of(read_sessions, half), of(read_sessions, ~half)
        pairs = (
            tv(a.length, b.length),
            ks(a.length, b.length),
            ks(a.gap, b.gap),
            w1(logs(a.gap), logs(b.gap)),
            ks(a.revisit, b.revisit),
            ks(a.duration, b.duration),
        )
        for values, value in zip(found.values(), pairs, strict=True):
            values.append(value)
    published = {  # p95 of 5,000 and of 2,000 users
        "length tv": (0.027, 0.046),
        "length ks": (0.018, 0.037),
        "gap ks": (0.066, 0.112),
        "gap w1": (0.217, 0.437),
        "revisit ks": (0.040, 0.070),
        "duration ks": (0.040, 0.054),
    }
    for name, (low, high) in published.items():
        assert low / 1.25 <= p95(found[name]) <= high * 1.25, name


def test_the_naive_model_is_as_far_as_published(read_sessions: Sessions) -> None:
    """Geometric lengths are at TV .270 and KS .245, exponential gaps at KS .299 and W1 .931 (CALIBRATION section 4; all users instead of half)."""
    far = naive(read_sessions, 1)
    assert tv(read_sessions.length, far.length) == pytest.approx(0.270, abs=0.02)
    assert ks(read_sessions.length, far.length) == pytest.approx(0.245, abs=0.02)
    assert ks(read_sessions.gap, far.gap) == pytest.approx(0.299, abs=0.02)
    assert w1(logs(read_sessions.gap), logs(far.gap)) == pytest.approx(0.931, abs=0.05)


def test_the_naive_model_has_the_data_s_means_and_no_memory(read_sessions: Sessions) -> None:
    """Its means are the data's; going on is as likely at every depth; gaps neither correlate nor differ between users."""
    far = naive(read_sessions, 1)
    assert far.length.mean() == pytest.approx(read_sessions.length.mean(), rel=0.05)
    assert far.gap.mean() == pytest.approx(read_sessions.gap.mean(), rel=0.05)
    flat = [step.share for step in continuation(far.length)[:4]]
    assert max(flat) - min(flat) < 0.03
    assert abs(lag1(far)) < 0.05
    assert icc(far) < 0.02
    ends = far.begin.copy()
    np.add.at(ends, far.gap_session, far.gap)
    assert np.array_equal(ends, far.end)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [(0.0, 1.0), (0.1, 1.0), (0.2, 0.75), (0.3, 0.5), (0.5, 0.0), (0.9, 0.0)],  # near 0.1, naive 0.5
)
def test_score(distance: float, expected: float) -> None:
    """1 up to the real halves' distance, 0 from the naive model's on, linear between."""
    assert score(distance, 0.1, 0.5) == pytest.approx(expected)


def test_scores_that_tell_nothing() -> None:
    """Where the naive model is as near as real people, there is no score, and families leave it out."""
    assert score(0.1, 0.2, 0.2) is None
    found = families([("time", 0.25), ("time", 1.0), ("time", None), ("depth", 0.0), ("depth", 1.0), ("none", None)])
    assert found == pytest.approx({"time": 0.5, "depth": 0.0})
