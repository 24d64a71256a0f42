"""What became of requests: into the ledger, the histograms, the pace, and Locust's statistics. In slices, as nothing of it is due."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from locust.env import Environment
from locust.stats import StatsEntry
from numpy.typing import NDArray

from simulator.audit.ledger import Writer
from simulator.kernel.twin import twin
from simulator.load import histogram
from simulator.load.options import BULK, EACH
from simulator.load.pace import LEFT_S, NS, Pace
from simulator.load.request import COLUMNS, Done, outcome
from simulator.play.outcomes import copy_outcomes, put_keys
from simulator.schema.latency import BOUNDS, CAUSES, FIRST_BYTE, LEFT, MEASURES, NO_SOCKET, OK, OWN, RESPONSE, SERVICE, UNSENT, WAIT
from simulator.schema.ledger import OUTCOME_ROW

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us
TELL_S: Final = 0.5  # assumed: how long Locust, whose own figures are of seconds, waits where it is told in bulk
READ: Final = 96  # assumed: so many are read in one go; about 20 us
ROWS: Final = 512  # assumed: ... go into the ledger or the histograms; what is called for few costs nearly as much as for many
WORDS: Final = np.array([[outcome(cause, sent) for cause in range(len(CAUSES))] for sent in (0, 1)], np.uint8)
Table = NDArray[np.int64]
"""A row for each request, with Done's columns."""


SPANS: Final = {
    OWN: ("due", "taken", "ended"),
    WAIT: ("taken", "sent", "sent"),
    SERVICE: ("sent", "ended", "sent"),
    FIRST_BYTE: ("sent", "first", "first"),
    RESPONSE: ("due", "ended", "ended"),
}
"""Of each measure: from when, until when, and what must have happened; else it is not known, or a lower bound by when the request was given up."""
WHEN: Final = np.array([[Done._fields.index(name) for name in SPANS[measure]] for measure in range(len(MEASURES))])
IS_BOUND: Final = np.array([[cause in BOUNDS[measure] for cause in range(len(CAUSES))] for measure in range(len(MEASURES))], np.uint8)


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
            rows = table.reshape(-1, COLUMNS)
            yield from self._keep(rows)
            if self._statistics:
                self._untold.append(_to_tell(rows))
        if self._statistics == BULK and self._untold and (is_last or time.monotonic() - self._told_s > TELL_S):
            self._told_s = time.monotonic()
            yield from self._tell_in_bulk(np.concatenate(self._take_untold()))

    def tell_each(self) -> Iterator[None]:
        """Tell Locust of each that `take` has recorded, if it is told so, in steps. Listeners may wait: not to be called by the event loop."""
        if self._statistics == EACH:
            for rows in self._take_untold():
                yield from self._tell_each(rows)

    def _take_untold(self) -> list[Table]:
        untold, self._untold = self._untold, []
        return untold

    def _keep(self, done: Table) -> Iterator[None]:
        """Write requests down."""
        rows = np.empty(len(done), OUTCOME_ROW)
        twin(copy_outcomes)(done, self.wall_ns, WORDS, rows)
        yield
        self._ledger.outcomes(rows)
        yield
        one = dict(zip(Done._fields, done.T, strict=True))
        self.pace.take(due=one["due"], taken=one["taken"], sent=np.where(one["sent"] > 0, one["sent"], one["ended"]))
        if one["cause"].max() >= NO_SOCKET:  # the others stand behind it
            self.pace.no_socket += int((one["cause"] == NO_SOCKET).sum())
            self.pace.unsent += int(np.isin(one["cause"], UNSENT).sum())
            self.pace.left += int(((one["cause"] == LEFT) & (one["ended"] - one["due"] > LEFT_S * NS)).sum())
        yield
        keys = np.empty(len(done) * len(MEASURES), np.int64)
        keys = keys[: twin(put_keys)(done, self.t0_ns, WHEN, IS_BOUND, keys)]
        keys.sort()
        yield
        self._latencies.append(histogram.count(keys))
        yield

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
        one = dict(zip(Done._fields, done.T, strict=True))
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
            shown: Counter[int] = Counter()
            for i in range(0, len(times), ROWS):
                yield
                shown.update(
                    dict(zip(*(found.tolist() for found in np.unique(_as_locust_rounds(times[i : i + ROWS]), return_counts=True)), strict=True))
                )
            entry.response_times = shown
            yield
            stats.entries[name, "POST"].extend(entry)
            stats.total.extend(entry)
            yield
        for failed in map(Done._make, done[one["cause"] != OK].tolist()):
            stats.log_error("POST", self._endpoints[failed.endpoint], _cause(failed))
            yield


def _to_tell(table: Table) -> Table:
    """Leave out what had not left because it fell due just before the end: to Locust it would be a failure, which it is not."""
    cause, due, ended = (table[:, Done._fields.index(name)] for name in ("cause", "due", "ended"))
    return table if cause.max() < UNSENT[0] else table[~np.isin(cause, UNSENT) | (ended - due > LEFT_S * NS)]


def _cause(one: Done) -> str:
    return f"status {one.status}" if one.status else CAUSES[one.cause]


def _as_locust_rounds(times: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Round to 1 ms below 100 ms, to two digits below 10 s, to 1 s above (locust.stats, bucket_response_time, unless it is replaced)."""
    step = np.select([times < 100, times < 1000, times < 10_000], [1, 10, 100], 1000)  # noqa: PLR2004
    rounded: np.ndarray[Any, Any] = (np.round(times / step) * step).astype(np.int64)
    return rounded
