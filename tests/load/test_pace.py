"""Lag and whose doing it is; the reasons for which a run is invalid, and what is worth a note. None of this imports Locust."""

import numpy as np
import pytest

from simulator.load.pace import NS, Pace, Report, faults, notes
from simulator.load.request import COLUMNS, Done

END_NS = 1_800_000_000_000_000_000


def pace(*payloads: tuple[float, float]) -> Pace:
    """Give the pace of payloads that were taken up so late, and then waited so long for a connection, in s."""
    own, wait = (np.round(np.array(column, float).reshape(-1) * NS).astype(np.int64) for column in zip(*payloads, strict=True))
    due = np.arange(len(own)) * 1000
    made = Pace()
    done = np.zeros((len(own), COLUMNS), np.int64)
    for name, column in (("due", due), ("taken", due + own), ("sent", due + own + wait)):
        done[:, Done._fields.index(name)] = column
    made.take(done)
    return made


def report(of: Pace | None = None, *, visits: int = 100, before_end_s: float = 0) -> Report:
    """Give the report of a cohort that stopped so long before the run did."""
    until_ns = END_NS - round(before_end_s * 1e9)
    return Report(visits=visits, until_ns=until_ns, pace=of or pace(*[(0, 0)] * 100), cpu_s=1.0, computing_s=1.0, counts={})


@pytest.mark.parametrize(
    ("payloads", "late", "late_s", "held", "held_s"),
    [
        ([(0, 0), (0.5, 0)], 0, 0.5, 0, 0),  # half a second is no lateness
        ([(0, 0), (2, 0), (1.5, 0)], 2, 2, 0, 0),  # late without having waited: the generator
        ([(0, 3), (0, 5), (0, 2.5)], 0, 0, 3, 5),  # on time, but for want of a connection
        ([(2, 3), (0, 0)], 1, 2, 1, 3),  # both
        ([(1, 0.1), (0, 0)], 0, 1, 0, 0.1),  # as long as may be
        ([(1.001, 0.101), (0, 0)], 1, 1.001, 1, 0.101),  # and longer
    ],
)
def test_lag_is_the_generator_s_own_or_held(payloads: list[tuple[float, float]], late: int, late_s: float, held: int, held_s: float) -> None:
    """What passes before the generator takes a payload up is its own doing; what passes from then on is the wait for a connection."""
    found = pace(*payloads)
    assert (found.due, found.late, found.held) == (len(payloads), late, held)
    assert (found.late_s, found.held_s) == pytest.approx((late_s, held_s), abs=1e-9)


def test_payloads_come_in_parts() -> None:
    """Taken in parts, of which some are empty, payloads count as in one."""
    some, none = pace((2, 0), (0, 1), (0.5, 3)), np.zeros((0, COLUMNS), np.int64)
    parts = pace((2, 0))
    parts.take(none)
    parts.add(pace((0, 1), (0.5, 3)))
    assert parts == some


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
    """However long payloads wait for connections, the run is valid; a note says how many waited, how long, and what had not left at the end."""
    slow = pace(*[(0.0, float(n)) for n in range(1, 26)])
    slow.unsent = 5
    assert faults(1, {0: report(slow)}, [], END_NS) == []
    (note,) = notes({0: report(slow)}, expected_visits=1000, rate_per_s=1, complete=True)  # late visits have the same cause
    assert note.startswith("25 of 25 payloads waited for a connection")
    assert "at worst 25.0 s; 5 had not left at the end" in note


@pytest.mark.parametrize(
    ("said", "invalid"),
    [
        ({"own_p99_ms": 100.0, "lag_limit_ms": 100.0}, ""),
        ({"own_p99_ms": 101.0, "lag_limit_ms": 100.0}, "its own lag has a p99 of 101 ms, expected at most 100"),
        ({"own_p99_ms": 5000.0}, ""),  # nobody set a limit
        ({"cpu_share": 0.9}, ""),
        ({"cpu_share": 0.95}, "the process that sends took 95% of a core, expected 90% at most"),
        ({"computing_share": 0.9}, ""),
        ({"computing_share": 0.97}, "the process that computes ahead took 97% of a core, expected 90% at most"),
    ],
)
def test_limits_of_the_generator(said: dict[str, float], invalid: str) -> None:
    """An own lag beyond the limit, and either thread busy nearly all the time, make the run invalid, each with its figure and what to do."""
    found = faults(1, {0: report()}, [], END_NS, **said)
    assert len(found) == bool(invalid)
    assert all(invalid in line and "lower --rum-rate" in line for line in found)


@pytest.mark.parametrize(("left", "invalid"), [(0, False), (5, False), (6, True)])
def test_what_the_generator_left_unsent_makes_the_run_invalid(left: int, invalid: bool) -> None:
    """More than 1 payload in 200 that fell due and was not even taken up is not the load that was asked for."""
    some = pace(*[(0.0, 0.0)] * 1000)
    some.unsent = some.left = left
    found = faults(1, {0: report(some)}, [], END_NS)
    assert bool(found) == invalid
    assert all(f"left {left} of 1,000 payloads unsent, expected at most 0.5%" in line for line in found)


def test_a_socket_that_the_system_does_not_give_makes_the_run_invalid() -> None:
    """What was never sent because files or ports ran out is the generator's own doing, be it one payload, and is added up over cohorts."""
    some = [pace(*[(0.0, 0.0)] * 600) for _ in range(2)]
    some[0].no_socket = some[1].no_socket = 1
    (found,) = faults(2, {0: report(some[0]), 1: report(some[1])}, [], END_NS)
    assert found.startswith("the generator's own system gave no socket for 2 of 1,200 payloads: its files (ulimit -n) or ports ran out; raise ")


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
