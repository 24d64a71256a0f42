"""What Locust is told of requests. In steps, as nothing of it is due."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from locust.env import Environment
from locust.stats import StatsEntry, StatsError

from simulator.load.options import EACH
from simulator.load.record import LEFT_NS, Shown
from simulator.load.request import Done, Table, cause_of
from simulator.schema.latency import OK, UNSENT

SLICE: Final = 16  # assumed: so many are told to Locust in one go; about 50 us


class LoadError(Exception):
    """What Locust counts as a failure; its text is the cause."""


class Statistics:
    """Locust's own table, and whoever listens to its requests."""

    def __init__(self, environment: Environment, endpoints: Sequence[str], how: str) -> None:
        """Tell nothing yet. `how`: EACH, else only what comes in bulk is told."""
        self._environment, self._endpoints, self._how = environment, endpoints, how

    def tell(self, done: Table, shown: Sequence[Shown]) -> Iterator[None]:
        """Tell of each, or of many at once, in steps. Listeners may wait: not to be called by the event loop."""
        if self._how == EACH:
            yield from self._tell_each(done)
        yield from self._tell_in_bulk(shown)

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
                    exception=None if one.cause == OK else LoadError(cause_of(one.cause, one.status)),
                )
            yield

    def _tell_in_bulk(self, shown: Sequence[Shown]) -> Iterator[None]:
        """Add to Locust's table at once; listeners to requests hear nothing."""
        stats: Any = self._environment.stats
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
