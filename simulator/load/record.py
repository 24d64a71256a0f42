"""What became of requests: into the ledger, the histograms, the pace, and Locust's statistics. In slices, as nothing of it is due."""

import time
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from locust.env import Environment
from locust.stats import StatsEntry

from simulator.audit.ledger import Writer
from simulator.load import histogram
from simulator.load.options import BULK, EACH
from simulator.load.pace import Pace
from simulator.load.request import Done, outcome
from simulator.schema.latency import CAUSES, FIRST_BYTE, OK, OWN, RESPONSE, SERVICE, WAIT
from simulator.schema.ledger import OUTCOME_ROW

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us
ROWS: Final = 64  # assumed: ... become rows
OUTCOME: Final = np.array([outcome(cause, sent=1) for cause in range(len(CAUSES))], np.uint8)
UNSENT: Final = np.array([outcome(cause, sent=0) for cause in range(len(CAUSES))], np.uint8)
COLUMNS: Final = len(Done._fields)


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

    def take(self, done: list[Done]) -> Iterator[None]:
        """Record what is done, in steps."""
        if not done:
            return
        table = np.empty((len(done), COLUMNS), np.int64)
        for i in range(0, len(done), ROWS):
            table[i : i + ROWS] = done[i : i + ROWS]
            yield
        one = dict(zip(Done._fields, table.T, strict=True))
        self._ledger.outcomes(self._outcomes(one))
        yield
        self.pace.take(due=one["due"], taken=one["taken"], sent=np.where(one["sent"] > 0, one["sent"], one["ended"]))
        yield from self._measure(one)
        if self._statistics == EACH:
            yield from self._tell_each(done)
        elif self._statistics == BULK:
            yield from self._tell_in_bulk(done, one)

    def _outcomes(self, one: dict[str, Any]) -> "np.ndarray[Any, Any]":
        rows = np.zeros(len(one["due"]), OUTCOME_ROW)
        is_sent, is_answered = one["sent"] > 0, one["status"] > 0
        rows["payload"], rows["status"] = one["number"], one["status"]
        rows["outcome"] = np.where(is_sent, OUTCOME[one["cause"]], UNSENT[one["cause"]])
        rows["sent_ns"] = np.where(is_sent, one["sent"] + self.wall_ns, 0)
        rows["ended_ns"] = np.where(is_answered, one["ended"] + self.wall_ns, 0)
        rows["lag_ns"] = np.where(is_sent, one["sent"] - one["due"], 0)
        return rows

    def _measure(self, one: dict[str, Any]) -> Iterator[None]:
        second = np.maximum((one["due"] - self.t0_ns) // 1_000_000_000, 0)
        everyone = np.ones(len(second), bool)
        is_sent, has_begun = one["sent"] > 0, one["first"] > 0
        for measure, since, until, measured in (
            (OWN, "due", "taken", everyone),
            (WAIT, "taken", "sent", is_sent),
            (SERVICE, "sent", "ended", is_sent),
            (FIRST_BYTE, "sent", "first", has_begun),
            (RESPONSE, "due", "ended", everyone),
        ):
            times_us = (one[until] - one[since])[measured] // 1000
            self._latencies.append(histogram.count(second[measured], one["endpoint"][measured], one["cause"][measured], measure, times_us))
            yield

    def _tell_each(self, done: list[Done]) -> Iterator[None]:
        """Tell Locust, and whoever listens to its requests, of each; the response time is that since the request was due."""
        fire: Any = self._environment.events.request.fire
        for number, one in enumerate(done):
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

    def _tell_in_bulk(self, done: list[Done], one: dict[str, Any]) -> Iterator[None]:
        """Add to Locust's table at once; listeners to requests hear nothing."""
        stats: Any = self._environment.stats
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
        for failed in done:
            if failed.cause != OK:
                stats.log_error("POST", self._endpoints[failed.endpoint], _cause(failed))
                yield


def _cause(one: Done) -> str:
    return f"status {one.status}" if one.status else CAUSES[one.cause]


def _as_locust_rounds(times: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Round to 1 ms below 100 ms, to two digits below 10 s, to 1 s above (locust.stats, StatsEntry._log_response_time)."""
    step = np.select([times < 100, times < 1000, times < 10_000], [1, 10, 100], 1000)  # noqa: PLR2004
    rounded: np.ndarray[Any, Any] = (np.round(times / step) * step).astype(np.int64)
    return rounded
