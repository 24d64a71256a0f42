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
from simulator.load.pace import LEFT_S, NS, Pace
from simulator.load.request import COLUMNS, Done, outcome
from simulator.schema.latency import BOUNDS, CAUSES, FIRST_BYTE, LEFT, MEASURES, NO_SOCKET, OK, OWN, RESPONSE, SERVICE, UNSENT, WAIT
from simulator.schema.ledger import OUTCOME_ROW

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us
TELL_S: Final = 0.5  # assumed: how long Locust, whose own figures are of seconds, waits where it is told in bulk
READ: Final = 96  # assumed: so many are read in one go; about 20 us
ROWS: Final = 1024  # assumed: ... go into the ledger or the histograms; what is called for few costs as much as for many
OUTCOME: Final = np.array([outcome(cause, sent=1) for cause in range(len(CAUSES))], np.uint8)
OUTCOME_UNSENT: Final = np.array([outcome(cause, sent=0) for cause in range(len(CAUSES))], np.uint8)
Table = NDArray[np.int64]
"""A column for each request, with Done's rows."""


SPANS: Final = {
    OWN: ("due", "taken", "ended"),
    WAIT: ("taken", "sent", "sent"),
    SERVICE: ("sent", "ended", "sent"),
    FIRST_BYTE: ("sent", "first", "first"),
    RESPONSE: ("due", "ended", "ended"),
}
"""Of each measure: from when, until when, and what must have happened; else it is not known, or a lower bound by when the request was given up."""
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
        self._untold: list[Table] = []
        self._told_s = time.monotonic()

    def take(self, done: list[int], *, is_last: bool = False) -> Iterator[None]:
        """Record what is done, in steps; `done`: as Outcomes.take gives it. Locust hears of it in bulk now and then, and in the end."""
        for i in range(0, len(done), ROWS * COLUMNS):
            part = done[i : i + ROWS * COLUMNS]
            table = np.empty(len(part), np.int64)
            for k in range(0, len(part), READ * COLUMNS):
                table[k : k + READ * COLUMNS] = part[k : k + READ * COLUMNS]
                yield
            columns = np.ascontiguousarray(table.reshape(-1, COLUMNS).T)
            yield from self._keep(columns)
            self._untold.append(_told(columns))
        if self._statistics == EACH:
            for columns in self._take_untold():
                yield from self._tell_each(columns)
        elif self._statistics == BULK and self._untold and (is_last or time.monotonic() - self._told_s > TELL_S):
            self._told_s = time.monotonic()
            yield from self._tell_in_bulk(np.concatenate(self._take_untold(), axis=1))
        elif not self._statistics:
            self._take_untold()

    def _take_untold(self) -> list[Table]:
        untold, self._untold = self._untold, []
        return untold

    def _keep(self, columns: Table) -> Iterator[None]:
        """Write requests down."""
        one = dict(zip(Done._fields, columns, strict=True))
        rows = self._outcomes(one)
        yield
        self._ledger.outcomes(rows)
        yield
        self.pace.take(due=one["due"], taken=one["taken"], sent=np.where(one["sent"] > 0, one["sent"], one["ended"]))
        self.pace.no_socket += int((one["cause"] == NO_SOCKET).sum())
        if one["cause"].max() >= UNSENT[0]:
            self.pace.unsent += int(np.isin(one["cause"], UNSENT).sum())
            self.pace.left += int(((one["cause"] == LEFT) & (one["ended"] - one["due"] > LEFT_S * NS)).sum())
        yield
        keys = self._measure(one, columns)
        yield
        self._latencies.append(histogram.count(keys))
        yield

    def _outcomes(self, one: dict[str, Any]) -> "np.ndarray[Any, Any]":
        rows = np.zeros(len(one["due"]), OUTCOME_ROW)
        is_sent, is_answered = one["sent"] > 0, one["status"] > 0
        rows["payload"], rows["status"] = one["number"], one["status"]
        rows["outcome"] = np.where(is_sent, OUTCOME[one["cause"]], OUTCOME_UNSENT[one["cause"]])
        rows["sent_ns"] = np.where(is_sent, one["sent"] + self.wall_ns, 0)
        rows["ended_ns"] = np.where(is_answered, one["ended"] + self.wall_ns, 0)
        rows["lag_ns"] = np.where(is_sent, one["sent"] - one["due"], 0)
        return rows

    def _measure(self, one: dict[str, Any], columns: Table) -> Table:
        """Give the times of requests as the histograms' keys, all measures at once: what is called costs more than what it does."""
        second = np.maximum((one["due"] - self.t0_ns) // 1_000_000_000, 0)
        there, until = columns[NEEDS] > 0, columns[UNTIL]
        if one["cause"].any():
            for measure, causes in BOUNDS.items():
                given_up = ~there[measure] & np.isin(one["cause"], causes)
                until[measure, given_up] = one["ended"][given_up]
                there[measure] |= given_up
        times_us = (until - columns[SINCE]) // 1000
        return histogram.keys(second, one["endpoint"], one["cause"], EVERY, times_us, None if there.all() else there)

    def _tell_each(self, done: Table) -> Iterator[None]:
        """Tell Locust, and whoever listens to its requests, of each; the response time is that since the request was due."""
        fire: Any = self._environment.events.request.fire
        for number, one in enumerate(map(Done._make, done.T.tolist())):
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
        one = dict(zip(Done._fields, done, strict=True))
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
        for failed in map(Done._make, done[:, one["cause"] != OK].T.tolist()):
            stats.log_error("POST", self._endpoints[failed.endpoint], _cause(failed))
            yield


def _told(table: Table) -> Table:
    """Leave out what had not left because it fell due just before the end: to Locust it would be a failure, which it is not."""
    cause, due, ended = (table[Done._fields.index(name)] for name in ("cause", "due", "ended"))
    return table if cause.max() < UNSENT[0] else table[:, ~np.isin(cause, UNSENT) | (ended - due > LEFT_S * NS)]


def _cause(one: Done) -> str:
    return f"status {one.status}" if one.status else CAUSES[one.cause]


def _as_locust_rounds(times: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Round to 1 ms below 100 ms, to two digits below 10 s, to 1 s above (locust.stats, StatsEntry._log_response_time)."""
    step = np.select([times < 100, times < 1000, times < 10_000], [1, 10, 100], 1000)  # noqa: PLR2004
    rounded: np.ndarray[Any, Any] = (np.round(times / step) * step).astype(np.int64)
    return rounded
