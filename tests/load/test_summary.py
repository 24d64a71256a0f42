"""A run's load in a few figures. None of this imports Locust."""

import numpy as np
import pytest
from rows import counted

from simulator.load.histogram import Latencies
from simulator.load.pace import Pace, Report
from simulator.load.summary import lines_of, summarise
from simulator.schema.latency import FIRST_BYTE, LATENCY_ROW, LEFT, MEASURES, OK, OWN, RESPONSE, SERVICE, STATUS, TIMEOUT, WAIT, WAITING


def latencies(*parts: tuple[int, int, float], measures: tuple[int, ...] = (OWN, WAIT, SERVICE, FIRST_BYTE, RESPONSE)) -> Latencies:
    """Count requests: so many, of a cause, that took so many ms by each measure."""
    rows = [np.zeros(0, LATENCY_ROW)]
    for n, cause, ms in parts:
        zeros = np.zeros(n, np.int64)
        rows += [counted(zeros, zeros, zeros + cause, measure, zeros + round(ms * 1000)) for measure in measures]
    return Latencies(np.concatenate(rows))


def report(cpu_s: float, computing_s: float = 0.0, **counts: int) -> Report:
    """Give a cohort's report."""
    return Report(visits=1, until_ns=0, pace=Pace(), cpu_s=cpu_s, computing_s=computing_s, counts=counts)


REPORTS = {0: report(2.0, 7.0, connections=30, handshakes=20, resumed=5), 1: report(5.0, 1.0, connections=10, handshakes=4, resumed=0)}


def test_figures_are_sums_and_rates() -> None:
    """Payloads, connections and handshakes of all cohorts are added up, and told per second; the busiest thread tells the CPU's share."""
    load = summarise(latencies((90, OK, 10), (6, STATUS, 20), (4, TIMEOUT, 1000), (3, WAITING, 5), (2, LEFT, 1)), REPORTS, 10)
    names = ("payloads", "offered", "per_s", "connections", "handshakes", "resumed", "cpu_share", "computing_share")
    assert {name: load[name] for name in names} == {
        "payloads": 100,
        "offered": 105,
        "per_s": 10.0,
        "connections": 40,
        "handshakes": 24,
        "resumed": 5,
        "cpu_share": 0.5,
        "computing_share": 0.7,
    }
    assert (load["connections_per_s"], load["handshakes_per_s"]) == (4.0, 2.4)
    assert load["causes"] == {"ok": 90, "status": 6, "timeout": 4, "waiting": 3, "left": 2}
    assert load["censored"] == 9


def test_quantiles_are_of_each_measure() -> None:
    """Each measure has its quantiles in ms; those that are lower bounds are named."""
    load = summarise(latencies((96, OK, 10), (4, TIMEOUT, 1000)), REPORTS, 10)
    for measure in MEASURES:
        assert load[f"{measure}_ms"]["p50"] == pytest.approx(10, rel=1 / 64)
        assert list(load[f"{measure}_ms"]) == ["p50", "p90", "p99", "p99.9", "max"]
    assert load["bounds"] == [f"{measure}_{name}" for measure in ("service", "first_byte", "response") for name in ("p99", "p99.9", "max")]


def test_the_screen_marks_bounds() -> None:
    """A lower bound has ">=" before it, on the screen as in the figures."""
    first, second, third, fourth = lines_of(summarise(latencies((96, OK, 10), (4, TIMEOUT, 1000)), REPORTS, 10))
    assert first.split()[:3] == ["response", "p50", "10"]
    assert "p99 >=1 s" in first
    assert "own lag 1 s (1 s in the worst second)" in second
    assert third == "load       100 payloads, 10/s; 40 connections (4/s), 24 TLS handshakes (2.4/s, 5 resumed)"
    assert fourth == "not ok     timeout 4"


def test_what_was_not_sent_is_on_the_screen() -> None:
    """Payloads that still waited when the run ended are told beside those that were sent, also where none was, and bound the response."""
    lines = lines_of(summarise(latencies((16, OK, 500), (793, WAITING, 5000), measures=(RESPONSE,)), REPORTS, 10))
    assert lines[0].startswith("response   p50 >=5.01 s")
    assert lines[2].startswith("load       16 of 809 payloads, 1.6/s; ")
    assert lines[3] == "not ok     waiting 793"
    assert lines_of(summarise(latencies((7, WAITING, 5000), measures=(RESPONSE,)), REPORTS, 10))[3] == "not ok     waiting 7"


def test_the_worst_second_is_told() -> None:
    """The own lag has the second in which its p99 was the highest, which the whole run's does not show."""
    second, zeros = np.repeat(np.arange(200), 10), np.zeros(2000, np.int64)
    rows = counted(second, zeros, zeros, OWN, np.where(second == 150, 800_000, 100))
    load = summarise(Latencies(rows), REPORTS, 200)
    assert load["own_lag_ms"]["p99"] == 0.1
    assert load["own_lag_worst_second"] == {"second": 150, "p99": pytest.approx(800, rel=1 / 128)}


def test_what_was_not_measured_is_a_dash() -> None:
    """A run in which no request got as far as the wire has no service time, and says so."""
    lines = lines_of(summarise(latencies((10, STATUS, 5), measures=(OWN, RESPONSE)), {0: report(0)}, 10))
    assert lines[0].startswith("response   p50 -")
    assert "service -" in lines[1]
    assert "TLS" not in lines[2]


def test_nothing_played_is_no_line() -> None:
    """Without a payload there is nothing to show, and no division by zero."""
    load = summarise(latencies(), {}, 0.0)
    assert load["own_lag_worst_second"] == {}
    assert (load["payloads"], load["cpu_share"], load["causes"], load["bounds"]) == (0, 0, {}, [])
    assert lines_of(load) == []
    assert lines_of({}) == []


def test_the_screen_is_narrow() -> None:
    """With every figure as long as it gets, no line is wider than the 100 columns of the audit's screen."""
    rows = latencies(*((1, WAITING, 12_345_678.0),) * 3, (2, TIMEOUT, 99_999_999.0), measures=(OWN, WAIT, SERVICE, RESPONSE))
    lines = lines_of(summarise(rows, {0: report(0.0, connections=10**6)}, 86_400))
    assert ">=1.23e+04 s" in lines[0]
    assert max(map(len, lines)) <= 100
