"""What became of requests: into the ledger, the histograms, the pace, and Locust's statistics. In slices, as nothing of it is due."""

import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from locust.env import Environment
from locust.stats import StatsEntry
from numpy.typing import NDArray

from simulator.audit.ledger import Writer
from simulator.load import histogram
from simulator.load.options import BULK, EACH
from simulator.load.pace import Pace
from simulator.load.request import COLUMNS, Done, outcome
from simulator.schema.latency import CAUSES, FIRST_BYTE, MEASURES, NO_SOCKET, OK, OWN, RESPONSE, SERVICE, WAIT
from simulator.schema.ledger import OUTCOME_ROW

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us
TOLD: Final = 8  # assumed: times ROWS, ... where it is told in bulk
ROWS: Final = 192  # assumed: ... go into the ledger or the histograms
OUTCOME: Final = np.array([outcome(cause, sent=1) for cause in range(len(CAUSES))], np.uint8)
UNSENT: Final = np.array([outcome(cause, sent=0) for cause in range(len(CAUSES))], np.uint8)
Table = NDArray[np.int64]
"""A row for each request, with Done's columns."""


SPANS: Final = {
    OWN: ("due", "taken", "ended"),
    WAIT: ("taken", "sent", "sent"),
    SERVICE: ("sent", "ended", "sent"),
    FIRST_BYTE: ("sent", "first", "first"),
    RESPONSE: ("due", "ended", "ended"),
}
"""Of each measure: from when, until when, and what must have happened."""
EVERY: Final = np.arange(len(MEASURES))[:, None]
SINCE, UNTIL, NEEDS = np.array([[Done._fields.index(name) for name in SPANS[measure]] for measure in range(len(MEASURES))]).T


class LoadError(Exception):
    """What Locust counts as a failure; its text is the cause."""


class Recorder:
    """Takes what a transport has done."""

    def __init__(self, environment: Environment, ledger: Writer, latencies: histogram.Writer, endpoints: list[str], statistics: str) -> None:
        """Know of nothing; `statistics`: EACH or BULK, how Locust is told; else not at all."""
        self._environment, self._ledger, self._latencies, self._endpoints, self._statistics = environment, ledger, latencies, endpoints, statistics
        self.pace = Pace()
        self.t0_ns = 0
        """Of time.monotonic_ns(): the run's beginning."""
        self.wall_ns = time.time_ns() - time.monotonic_ns()
        """What the wall clock is ahead of it: one number for a whole run, so that what the ledger says fits together to the ns."""

    def take(self, done: list[int]) -> Iterator[None]:
        """Record what is done, in steps; `done`: as Outcomes.take gives it."""
        tables: list[Table] = []
        for i in range(0, len(done), ROWS * COLUMNS):
            tables.append(np.array(done[i : i + ROWS * COLUMNS], np.int64).reshape(-1, COLUMNS))
            yield
            yield from self._keep(np.ascontiguousarray(tables[-1].T))
        if self._statistics == EACH:
            for table in tables:
                yield from self._tell_each(table)
        elif self._statistics == BULK:
            for i in range(0, len(tables), TOLD):
                yield from self._tell_in_bulk(np.concatenate(tables[i : i + TOLD]))

    def _keep(self, columns: Table) -> Iterator[None]:
        """Write requests down."""
        one = dict(zip(Done._fields, columns, strict=True))
        self._ledger.outcomes(self._outcomes(one))
        yield
        self.pace.take(due=one["due"], taken=one["taken"], sent=np.where(one["sent"] > 0, one["sent"], one["ended"]))
        self.pace.no_socket += int((one["cause"] == NO_SOCKET).sum())
        yield
        self._measure(one, columns)
        yield

    def _outcomes(self, one: dict[str, Any]) -> "np.ndarray[Any, Any]":
        rows = np.zeros(len(one["due"]), OUTCOME_ROW)
        is_sent, is_answered = one["sent"] > 0, one["status"] > 0
        rows["payload"], rows["status"] = one["number"], one["status"]
        rows["outcome"] = np.where(is_sent, OUTCOME[one["cause"]], UNSENT[one["cause"]])
        rows["sent_ns"] = np.where(is_sent, one["sent"] + self.wall_ns, 0)
        rows["ended_ns"] = np.where(is_answered, one["ended"] + self.wall_ns, 0)
        rows["lag_ns"] = np.where(is_sent, one["sent"] - one["due"], 0)
        return rows

    def _measure(self, one: dict[str, Any], columns: Table) -> None:
        """Put the times of requests into the histograms, all measures at once: what is called costs more than what it does."""
        second = np.maximum((one["due"] - self.t0_ns) // 1_000_000_000, 0)
        there = columns[NEEDS] > 0
        times_us = (columns[UNTIL] - columns[SINCE]) // 1000
        rows = histogram.count(second, one["endpoint"], one["cause"], EVERY, times_us, None if there.all() else there)
        self._latencies.append(rows)

    def _tell_each(self, done: Table) -> Iterator[None]:
        """Tell Locust, and whoever listens to its requests, of each; the response time is that since the request was due."""
        fire: Any = self._environment.events.request.fire
        for number, one in enumerate(map(Done._make, done.tolist())):
            fire(
                request_type="POST",
                name=self._endpoints[one.endpoint],
                response_time=(one.ended - one.due) / 1e6,
                response_length=0,
                context={},
                exception=None if one.cause == OK else LoadError(_cause(one)),
            )
            if number % SLICE == 0:
                yield

    def _tell_in_bulk(self, done: Table) -> Iterator[None]:
        """Add to Locust's table at once; listeners to requests hear nothing."""
        stats: Any = self._environment.stats
        one = dict(zip(Done._fields, np.ascontiguousarray(done.T), strict=True))
        for endpoint, name in enumerate(self._endpoints):
            chosen = one["endpoint"] == endpoint
            if not chosen.any():
                continue
            times = (one["ended"] - one["due"])[chosen] / 1e6
            entry: Any = StatsEntry(stats, name, "POST")
            second = int(time.time())
            entry.last_request_timestamp = time.time()
            entry.num_requests = len(times)
            entry.total_response_time, entry.min_response_time, entry.max_response_time = float(times.sum()), float(times.min()), float(times.max())
            entry.num_reqs_per_sec = {second: entry.num_requests}
            entry.response_times = dict(zip(*(found.tolist() for found in np.unique(_as_locust_rounds(times), return_counts=True)), strict=True))
            stats.entries[name, "POST"].extend(entry)
            stats.total.extend(entry)
            yield
        for failed in map(Done._make, done[one["cause"] != OK].tolist()):
            stats.log_error("POST", self._endpoints[failed.endpoint], _cause(failed))
            yield


def _cause(one: Done) -> str:
    return f"status {one.status}" if one.status else CAUSES[one.cause]


def _as_locust_rounds(times: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Round to 1 ms below 100 ms, to two digits below 10 s, to 1 s above (locust.stats, StatsEntry._log_response_time)."""
    step = np.select([times < 100, times < 1000, times < 10_000], [1, 10, 100], 1000)  # noqa: PLR2004
    rounded: np.ndarray[Any, Any] = (np.round(times / step) * step).astype(np.int64)
    return rounded
