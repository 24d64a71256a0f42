"""The published figures of the readers (CALIBRATION 2.1, all 10,000 users) come out of the half of them that is here, within its sampling error."""

import numpy as np
import pytest

from simulator.fidelity.distances import burstiness, continuation, icc, lag1
from simulator.fidelity.events import Events
from simulator.fidelity.sessions import Sessions, cut


def test_sessions(read_sessions: Sessions) -> None:
    """Half of 22,224 sessions, of which 59.1 % are single; quantiles 1/2/5/9/26 and mean 2.86."""
    length = read_sessions.length
    assert len(length) == pytest.approx(22_224 / 2, rel=0.03)
    assert (length == 1).mean() == pytest.approx(0.591, abs=0.015)
    assert np.percentile(length, [50, 75, 90, 95]).tolist() == [1, 2, 5, 9]
    assert np.percentile(length, 99) == pytest.approx(26, abs=2)
    assert length.mean() == pytest.approx(2.86, abs=0.1)


@pytest.mark.parametrize(("k", "share"), [(1, 0.409), (2, 0.605), (3, 0.674), (5, 0.777), (10, 0.860), (20, 0.925)])
def test_continuation(read_sessions: Sessions, k: int, share: float) -> None:
    """The share that goes on after k page views lies inside the exact 99 % interval of these users."""
    step = continuation(read_sessions.length)[k - 1]
    low, high = step.bounds()
    assert step.k == k
    assert low <= share <= high


def test_gaps(read_sessions: Sessions) -> None:
    """Gaps inside sessions: 4/10/34/126/422/793/1502 s, within a tenth or a second."""
    found = np.percentile(read_sessions.gap / 1_000, [10, 25, 50, 75, 90, 95, 99])
    for value, published in zip(found, (4, 10, 34, 126, 422, 793, 1502), strict=True):
        assert value == pytest.approx(published, rel=0.1, abs=1)


def test_durations_and_revisits(read_sessions: Sessions) -> None:
    """Durations 63/257/881/1749/4842 s and revisits .9/2.6/19.1/50/120/168 h, within a tenth."""
    assert np.percentile(read_sessions.duration / 1_000, [25, 50, 75, 90, 99]) == pytest.approx([63, 257, 881, 1_749, 4_842], rel=0.1)
    assert np.percentile(read_sessions.revisit / 3.6e6, [10, 25, 50, 75, 90, 95]) == pytest.approx([0.9, 2.6, 19.1, 50, 120, 168], rel=0.1)


def test_memory(read_sessions: Sessions) -> None:
    """Lag-1 correlation .336, ICC .21 and burstiness .551, within the tolerance of the published ones."""
    assert lag1(read_sessions) == pytest.approx(0.336, abs=0.05)
    assert icc(read_sessions) == pytest.approx(0.213, abs=0.05)
    assert burstiness(read_sessions) == pytest.approx(0.551, abs=0.02)


def test_a_longer_timeout(readers: Events) -> None:
    """At one hour 57.7 % of half of 20,819 sessions are single, and 3.05 page views the mean."""
    s = cut(readers, 3_600_000)
    assert len(s.length) == pytest.approx(20_819 / 2, rel=0.03)
    assert (s.length == 1).mean() == pytest.approx(0.577, abs=0.015)
    assert s.length.mean() == pytest.approx(3.05, abs=0.1)
