"""Sessions are cut by the timeout, to the millisecond, and what is counted on them is what stands in the log."""

import numpy as np
import pytest

from simulator.fidelity.events import arrange
from simulator.fidelity.sessions import TIMEOUT, cut, of


@pytest.mark.parametrize(("gap_s", "sessions"), [(1_799, 1), (1_800, 1), (1_801, 2)])
def test_the_timeout_is_exact(gap_s: int, sessions: int) -> None:
    """A second before the timeout and at it the session goes on, a second after it a new one begins."""
    s = cut(arrange([0, 0], [0, gap_s * 1_000]))
    assert len(s.length) == sessions
    assert (s.gap.tolist(), s.revisit.tolist()) == (([gap_s * 1_000], []) if sessions == 1 else ([], [gap_s * 1_000]))


def test_what_is_counted() -> None:
    """Lengths, gaps with their place, durations, revisits and moves are those of the log; another user's page view is never a gap."""
    late = TIMEOUT + 5_000
    log = arrange(["a", "a", "a", "a", "b"], [0, 1_000, 3_000, 3_000 + late, 3_500], ["home", "list", "home", "list", "home"])
    s = cut(log)
    assert s.length.tolist() == [3, 1, 1]
    assert s.user.tolist() == [0, 0, 1]
    assert s.gap.tolist() == [1_000, 2_000]
    assert s.place.tolist() == [1, 2]
    assert s.gap_session.tolist() == [0, 0]
    assert s.duration.tolist() == [3_000]
    assert s.revisit.tolist() == [late]
    home, end = 0, -1
    page = 1
    assert sorted(map(tuple, s.moves.tolist())) == sorted(
        [(end, home), (home, page), (page, home), (home, end), (end, page), (page, end), (end, home), (home, end)]
    )


def test_hours_of_the_week_begin_on_monday() -> None:
    """1970-01-05 was a Monday; 1970-01-04 23:59 the last hour of a week."""
    day = 86_400_000
    assert cut(arrange([0, 1], [4 * day, 4 * day - 60_000])).hour_of_week.tolist() == [0, 167]


def test_sessions_of_some_users() -> None:
    """Choosing users after cutting gives what cutting their log alone gives, but for their numbers."""
    user, time = [0, 0, 1, 1, 2, 2], [0, 10, 0, 20, 0, TIMEOUT + 1]
    some = of(cut(arrange(user, time)), np.array([False, True, True]))
    alone = cut(arrange(user[2:], time[2:]))
    for name in ("begin", "end", "length", "gap", "gap_session", "place", "revisit"):
        assert getattr(some, name).tolist() == getattr(alone, name).tolist(), name
    assert some.user.tolist() == [1, 2, 2]
