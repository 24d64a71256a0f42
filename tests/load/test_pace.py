"""Lag and whose doing it is; the reasons for which a run is invalid, and what is worth a note. None of this imports Locust."""

import pytest

from simulator.load.pace import Pace, Report, faults, notes

END_NS = 1_800_000_000_000_000_000


def pace(*payloads: tuple[float, float]) -> Pace:
    """Give the pace of payloads that left so late, each after having waited so long for a place, in s."""
    made = Pace()
    for lag_s, waited_s in payloads:
        made.waits(waited_s)
        made.left(lag_s)
    return made


def report(of: Pace | None = None, *, visits: int = 100, before_end_s: float = 0) -> Report:
    """Give the report of a cohort that stopped so long before the run did."""
    return Report(visits=visits, until_ns=END_NS - round(before_end_s * 1e9), pace=of or pace(*[(0, 0)] * 100))


@pytest.mark.parametrize(
    ("payloads", "late", "late_s", "held", "held_s"),
    [
        ([(0, 0), (0.5, 0)], 0, 0.5, 0, 0),  # half a second is no lateness
        ([(0, 0), (2, 0), (1.5, 0)], 2, 2, 0, 0),  # late without having waited: the generator
        ([(3, 3), (3, 0), (2.5, 0)], 0, 0, 3, 3),  # one waited, those behind it are late for it
        ([(3, 3), (5, 2), (7, 2)], 0, 0, 3, 7),  # waits add up
        ([(3, 3), (0, 0), (2, 0)], 1, 2, 1, 3),  # who has caught up owes nothing to earlier waits
        ([(3, 1), (2, 0)], 1, 2, 2, 1),  # two seconds of its own, then one
        ([(-0.001, 0), (0.002, 0.002)], 0, 0, 0, 0.002),  # timers count whole milliseconds
    ],
)
def test_lag_is_the_generator_s_own_or_held(payloads: list[tuple[float, float]], late: int, late_s: float, held: int, held_s: float) -> None:
    """Lag that waiting for a place explains is no fault of the generator's, for the payload that waited and those that queued behind it."""
    found = pace(*payloads)
    assert (found.due, found.late, found.held) == (len(payloads), late, held)
    assert (found.late_s, found.held_s) == pytest.approx((late_s, held_s), abs=1e-9)


@pytest.mark.parametrize(("late", "invalid"), [(0, False), (10, False), (11, True), (1000, True)])
@pytest.mark.parametrize("last", [True, False])
def test_the_whole_run_counts(late: int, invalid: bool, last: bool) -> None:
    """More than one payload in a hundred makes the run invalid, be it at the end or before; the reason has share, worst lag and advice."""
    on_time, behind = [(0.0, 0.0)] * (1000 - late), [(2.25, 0.0)] * late
    found = faults(1, {0: report(pace(*(on_time + behind if last else behind + on_time)))}, [], END_NS)
    assert bool(found) == invalid
    if invalid:
        assert f"{late / 1000:.0%} of the payloads" in found[0]
        assert "at worst 2.2 s" in found[0]
        assert "lower --rum-rate" in found[0]


def test_a_slow_collector_makes_no_run_invalid() -> None:
    """However long payloads wait for places, the run is valid; a note says how many waited, how long, and what had not left at the end."""
    slow = pace(*[(float(n), 1.0) for n in range(1, 26)])
    slow.unsent = 5
    assert faults(1, {0: report(slow)}, [], END_NS) == []
    (note,) = notes({0: report(slow)}, expected_visits=1000, rate_per_s=1, complete=True)  # late visits have the same cause
    assert note.startswith("25 of 25 payloads waited for the answers to earlier ones")
    assert "at worst 25.0 s; 5 had not left at the end" in note


def test_cohorts_are_added_up() -> None:
    """One late cohort among many that are not is judged by the sum."""
    reports = {n: report(pace(*[(9.0 if n == 3 else 0.0, 0.0)] * 10)) for n in range(4)}
    (found,) = faults(4, reports, [], END_NS)
    assert "25% of the payloads were more than 1 s late, at worst 9.0 s" in found


def test_a_cohort_that_is_missing_makes_the_run_invalid() -> None:
    """Cohorts whose worker died, was stopped or never reported are named, each with its cause; those that stopped with the run are not."""
    reports = {0: report(), 1: report(before_end_s=1.5), 2: report(before_end_s=12.3)}
    died, ended, silent = faults(5, reports, [3], END_NS)
    assert died.startswith("the worker of cohort 3 of 5 died")
    assert ended.startswith("the worker of cohort 2 of 5 ended 12.3 s before")
    assert silent.startswith("cohort 4 of 5 did not stop in time")


@pytest.mark.parametrize(
    ("visits", "expected", "complete", "said"),
    [
        (400, 1000, True, True),
        (400, 1000, False, False),  # a worker or the collector was lost: that is the cause
        (900, 1000, True, False),  # as good as asked for
        (5, 10, True, False),  # chance
    ],
)
def test_too_few_visits_are_said_where_the_population_is_the_cause(visits: int, expected: float, complete: bool, said: bool) -> None:
    """The note that advises more devices comes only if the run was whole, and neither lateness nor chance explains what is missing."""
    found = notes({0: report(visits=visits)}, expected_visits=expected, rate_per_s=20, complete=complete)
    assert bool(found) == said
    assert all("raise --rum-devices" in note for note in found)


def test_lateness_explains_missing_visits() -> None:
    """A generator that is behind has begun too few visits, too."""
    late = pace(*[(5.0, 0.0)] * 10)
    assert notes({0: report(late, visits=1)}, expected_visits=1000, rate_per_s=20, complete=True) == []
