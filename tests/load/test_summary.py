"""A run's load in a few figures. None of this imports Locust."""

import numpy as np
import pytest

from simulator.load.histogram import Latencies, count
from simulator.load.pace import Pace, Report
from simulator.load.summary import lines_of, summarise
from simulator.schema.latency import FIRST_BYTE, LATENCY_ROW, MEASURES, OK, OWN, RESPONSE, SERVICE, STATUS, TIMEOUT, WAIT


def latencies(*parts: tuple[int, int, float], measures: tuple[int, ...] = (OWN, WAIT, SERVICE, FIRST_BYTE, RESPONSE)) -> Latencies:
    """Count requests: so many, of a cause, that took so many ms by each measure."""
    rows = [np.zeros(0, LATENCY_ROW)]
    for n, cause, ms in parts:
        zeros = np.zeros(n, np.int64)
        rows += [count(zeros, zeros, zeros + cause, measure, zeros + round(ms * 1000)) for measure in measures]
    return Latencies(np.concatenate(rows))


def report(cpu_s: float, **counts: int) -> Report:
    """Give a cohort's report."""
    return Report(visits=1, until_ns=0, pace=Pace(), cpu_s=cpu_s, counts=counts)


REPORTS = {0: report(2.0, connections=30, handshakes=20, resumed=5), 1: report(5.0, connections=10, handshakes=4, resumed=0)}


def test_figures_are_sums_and_rates() -> None:
    """Payloads, connections and handshakes of all cohorts are added up, and told per second; the busiest thread tells the CPU's share."""
    load = summarise(latencies((90, OK, 10), (6, STATUS, 20), (4, TIMEOUT, 1000)), Pace(due=101), REPORTS, 10)
    assert {name: load[name] for name in ("payloads", "offered", "per_s", "connections", "handshakes", "resumed", "cpu_share")} == {
        "payloads": 100,
        "offered": 101,
        "per_s": 10.0,
        "connections": 40,
        "handshakes": 24,
        "resumed": 5,
        "cpu_share": 0.5,
    }
    assert (load["connections_per_s"], load["handshakes_per_s"]) == (4.0, 2.4)
    assert load["causes"] == {"ok": 90, "status": 6, "timeout": 4}
    assert load["censored"] == 4


def test_quantiles_are_of_each_measure() -> None:
    """Each measure has its quantiles in ms; those that are lower bounds are named."""
    load = summarise(latencies((96, OK, 10), (4, TIMEOUT, 1000)), Pace(due=100), REPORTS, 10)
    for measure in MEASURES:
        assert load[f"{measure}_ms"]["p50"] == pytest.approx(10, rel=1 / 64)
        assert list(load[f"{measure}_ms"]) == ["p50", "p90", "p99", "p99.9", "max"]
    assert load["bounds"] == [f"{measure}_{name}" for measure in ("service", "response") for name in ("p99", "p99.9", "max")]


def test_the_screen_marks_bounds() -> None:
    """A lower bound has ">=" before it, on the screen as in the figures."""
    first, second, third = lines_of(summarise(latencies((96, OK, 10), (4, TIMEOUT, 1000)), Pace(due=100), REPORTS, 10))
    assert first.split()[:3] == ["response", "p50", "10"]
    assert "p99 >=1e+03 ms" in first
    assert "own lag 1e+03 ms" in second
    assert third == "load       100 payloads, 10/s; 40 connections (4/s), 24 TLS handshakes (2.4/s, 5 resumed), timeout 4"


def test_what_was_not_measured_is_a_dash() -> None:
    """A run in which no request got as far as the wire has no service time, and says so."""
    lines = lines_of(summarise(latencies((10, STATUS, 5), measures=(OWN, RESPONSE)), Pace(due=10), {0: report(0)}, 10))
    assert "service -" in lines[1]
    assert "TLS" not in lines[2]


def test_nothing_played_is_no_line() -> None:
    """Without a payload there is nothing to show, and no division by zero."""
    load = summarise(latencies(), Pace(), {}, 0.0)
    assert (load["payloads"], load["cpu_share"], load["causes"], load["bounds"]) == (0, 0, {}, [])
    assert lines_of(load) == []
    assert lines_of({}) == []
