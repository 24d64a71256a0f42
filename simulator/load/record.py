"""What became of requests: into the ledger, the histograms, the pace, and Locust's statistics. In a thread or in slices, as nothing of it is due."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from locust.env import Environment
from locust.stats import StatsEntry, StatsError
from numpy.typing import NDArray

from simulator.audit.ledger import Writer
from simulator.kernel.twin import twin
from simulator.load import histogram
from simulator.load.options import BULK, EACH
from simulator.load.pace import LEFT_S, NS, Pace
from simulator.load.request import COLUMNS, Done, outcome
from simulator.play.outcomes import MS, SHOWN_BITS, STATUS_BITS, copy_outcomes, put_keys, put_shown
from simulator.schema.latency import BOUNDS, CAUSES, FIRST_BYTE, MEASURES, OK, OWN, RESPONSE, SERVICE, UNSENT, WAIT
from simulator.schema.ledger import OUTCOME_ROW

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us
TELL_S: Final = 0.5  # assumed: how long Locust, whose own figures are of seconds, waits where it is told in bulk
PART: Final = 96 * COLUMNS  # assumed: values of so many are read in one go; about 20 us
LEFT_NS: Final = round(LEFT_S * NS)
LONGEST: Final = np.iinfo(np.int64).max
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


class Shown(NamedTuple):
    """What Locust is told at once of an endpoint. Times in ms."""

    endpoint: int
    requests: int
    total: float
    least: float
    most: float
    times: dict[int, int]
    """How often each response time was met, as Locust rounds it."""
    failed: dict[str, int]
    """How many failed, by what Locust is told."""


class Recorder:
    """Takes what a transport has done: `take`, in the event loop; then `keep`, in a thread; then `tell`."""

    def __init__(self, environment: Environment, ledger: Writer, latencies: histogram.Writer, endpoints: list[str], statistics: str) -> None:
        """Know of nothing; `statistics`: EACH or BULK, how Locust is told; else not at all."""
        self._environment, self._ledger, self._latencies, self._endpoints, self._statistics = environment, ledger, latencies, endpoints, statistics
        self.pace = Pace()
        self.t0_ns = 0
        """Of time.monotonic_ns(): the run's beginning."""
        self.wall_ns = time.time_ns() - time.monotonic_ns()
        """What the wall clock is ahead of it: one number for a whole run, so that what the ledger says fits together to the ns."""
        self._taken: Table = np.empty((0, COLUMNS), np.int64)
        self._untold: list[Table] = []
        self._shown: list[Shown] = []
        self._told_s = time.monotonic()

    def take(self, done: list[int]) -> Iterator[None]:
        """Read what is done, in steps, and use it up; `done`: as Outcomes.take gives it."""
        table = np.empty(len(done), np.int64)
        self._taken = table.reshape(-1, COLUMNS)
        for i in range((len(done) - 1) // PART * PART, -1, -PART):  # from the end: what is at the end of a list is let go of at no cost
            table[i : i + PART] = done[i:]
            del done[i:]
            yield

    def keep(self, *, is_last: bool = False) -> None:
        """Write down what was taken; Locust, where it is told in bulk, hears of it now and then, and in the end."""
        done, self._taken = self._taken, self._taken[:0]
        if len(done):
            rows = np.empty(len(done), OUTCOME_ROW)
            twin(copy_outcomes)(done, self.wall_ns, WORDS, rows)
            self._ledger.outcomes(rows)
            keys = np.empty(len(done) * len(MEASURES), np.int64)
            keys = keys[: twin(put_keys)(done, self.t0_ns, WHEN, IS_BOUND, keys)]
            keys.sort()
            self._latencies.append(histogram.count(keys))
            self.pace.take(done)
            if self._statistics:
                self._untold.append(done)
        if self._statistics == BULK and self._untold and (is_last or time.monotonic() - self._told_s > TELL_S):
            self._count()

    def _count(self) -> None:
        """Count for Locust what was kept."""
        self._told_s = time.monotonic()
        done, self._untold = np.concatenate(self._untold), []
        keys, failed = np.empty((2, len(done)), np.int64)
        times = np.full((len(self._endpoints), 3), [0, LONGEST, 0])
        n, failures = twin(put_shown)(done, LEFT_NS, keys, failed, times)
        shown, causes = _count_by_endpoint(keys[:n]), _count_by_endpoint(failed[:failures])
        for endpoint, counts in shown.items():
            total, least, most = (times[endpoint] / MS).tolist()
            told = {_cause(key >> STATUS_BITS, key & (1 << STATUS_BITS) - 1): count for key, count in causes.get(endpoint, {}).items()}
            self._shown.append(Shown(endpoint, sum(counts.values()), total, least, most, counts, told))

    def tell(self) -> Iterator[None]:
        """Tell Locust of what was kept, in steps. Listeners may wait: not to be called by the event loop."""
        if self._statistics == EACH:
            untold, self._untold = self._untold, []
            for done in untold:
                yield from self._tell_each(done)
        yield from self._tell_in_bulk()

    def _tell_each(self, done: Table) -> Iterator[None]:
        """Tell Locust, and whoever listens to its requests, of each; the response time is that since the request was due."""
        fire: Any = self._environment.events.request.fire
        for i in range(0, len(done), SLICE):
            for one in map(Done._make, done[i : i + SLICE].tolist()):
                if one.cause in UNSENT and one.ended - one.due <= LEFT_NS:
                    continue  # to Locust it would be a failure, which it is not
                fire(
                    request_type="POST",
                    name=self._endpoints[one.endpoint],
                    response_time=(one.ended - one.due) / 1e6,
                    response_length=0,
                    context={},
                    exception=None if one.cause == OK else LoadError(_cause(one.cause, one.status)),
                )
            yield

    def _tell_in_bulk(self) -> Iterator[None]:
        """Add to Locust's table at once; listeners to requests hear nothing."""
        stats: Any = self._environment.stats
        shown, self._shown = self._shown, []
        for one in shown:
            name, now = self._endpoints[one.endpoint], time.time()
            entry: Any = StatsEntry(stats, name, "POST")
            entry.last_request_timestamp = now
            entry.num_requests, entry.num_reqs_per_sec = one.requests, {int(now): one.requests}
            entry.total_response_time, entry.min_response_time, entry.max_response_time = one.total, one.least, one.most
            entry.response_times = Counter(one.times)
            for cause, count in one.failed.items():
                error = stats.errors.setdefault(StatsError.create_key("POST", name, cause), StatsError("POST", name, cause))
                error.occurred()
                error.occurrences += count - 1
                entry.num_failures += count
                entry.num_fail_per_sec[int(now)] += count
            yield
            stats.entries[name, "POST"].extend(entry)
            yield
            stats.total.extend(entry)
            yield


def _count_by_endpoint(keys: NDArray[np.int64]) -> dict[int, dict[int, int]]:
    """Give how often each key is there, without the endpoint's part, by endpoint."""
    found: dict[int, dict[int, int]] = {}
    for key, count in zip(*(column.tolist() for column in np.unique(keys, return_counts=True)), strict=True):
        found.setdefault(key >> SHOWN_BITS, {})[key & (1 << SHOWN_BITS) - 1] = count
    return found


def _cause(cause: int, status: int) -> str:
    return f"status {status}" if status else CAUSES[cause]
