"""What became of requests, kept: in the ledger, the histograms, the pace, and counts for Locust."""

import time
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.audit.ledger import Writer
from simulator.kernel.twin import twin
from simulator.load import histogram
from simulator.load.pace import LEFT_S, NS, Pace
from simulator.load.request import Done, Table, cause_of, outcome
from simulator.play.outcomes import MS, SHOWN_BITS, STATUS_BITS, copy_outcomes, put_keys, put_shown
from simulator.schema.latency import BOUNDS, CAUSES, FIRST_BYTE, MEASURES, OWN, RESPONSE, SERVICE, WAIT
from simulator.schema.ledger import OUTCOME_ROW

TELL_S: Final = 0.5  # assumed: how long Locust, whose own figures are of seconds, waits where it is told in bulk
LEFT_NS: Final = round(LEFT_S * NS)
LONGEST: Final = np.iinfo(np.int64).max
WORDS: Final = np.array([[outcome(cause, sent) for cause in range(len(CAUSES))] for sent in (0, 1)], np.uint8)
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
    """Keeps what a transport has done."""

    def __init__(self, ledger: Writer, latencies: histogram.Writer, endpoints: int, *, counts: bool) -> None:
        """Know of nothing. `endpoints`: how many there are; `counts`: whether Locust is told in bulk."""
        self._ledger, self._latencies, self._endpoints, self._counts = ledger, latencies, endpoints, counts
        self.pace = Pace()
        self.t0_ns = 0
        """Of time.monotonic_ns(): the run's beginning."""
        self.wall_ns = time.time_ns() - time.monotonic_ns()
        """What the wall clock is ahead of it: one number for a whole run, so that what the ledger says fits together to the ns."""
        self._untold: list[Table] = []
        self._told_s = time.monotonic()

    def keep(self, done: Table, *, is_last: bool = False) -> list[Shown]:
        """Write down what is done; give what Locust is to be told in bulk, which it is now and then, and in the end."""
        if len(done):
            rows = np.empty(len(done), OUTCOME_ROW)
            twin(copy_outcomes)(done, self.wall_ns, WORDS, rows)
            self._ledger.outcomes(rows)
            keys = np.empty(len(done) * len(MEASURES), np.int64)
            keys = keys[: twin(put_keys)(done, self.t0_ns, WHEN, IS_BOUND, keys)]
            keys.sort()
            self._latencies.append(histogram.count(keys))
            self.pace.take(done)
            if self._counts:
                self._untold.append(done.copy())
        if not self._untold or not (is_last or time.monotonic() - self._told_s > TELL_S):
            return []
        self._told_s = time.monotonic()
        untold, self._untold = np.concatenate(self._untold), []
        return _count(untold, self._endpoints)


def _count(done: Table, endpoints: int) -> list[Shown]:
    """Count for Locust, of each endpoint."""
    keys, failed = np.empty((2, len(done)), np.int64)
    times = np.full((endpoints, 3), [0, LONGEST, 0])
    n, failures = twin(put_shown)(done, LEFT_NS, keys, failed, times)
    shown, causes = _count_by_endpoint(keys[:n]), _count_by_endpoint(failed[:failures])
    found = []
    for endpoint, counts in shown.items():
        total, least, most = (times[endpoint] / MS).tolist()
        told = {cause_of(key >> STATUS_BITS, key & (1 << STATUS_BITS) - 1): count for key, count in causes.get(endpoint, {}).items()}
        found.append(Shown(endpoint, sum(counts.values()), total, least, most, counts, told))
    return found


def _count_by_endpoint(keys: NDArray[np.int64]) -> dict[int, dict[int, int]]:
    """Give how often each key is there, without the endpoint's part, by endpoint."""
    found: dict[int, dict[int, int]] = {}
    for key, count in zip(*(column.tolist() for column in np.unique(keys, return_counts=True)), strict=True):
        found.setdefault(key >> SHOWN_BITS, {})[key & (1 << SHOWN_BITS) - 1] = count
    return found
