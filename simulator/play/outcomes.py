"""What became of requests, as rows of the ledger, histograms and sums: compiled, so that the interpreter's lock is not kept for it.

`done` has a row of int64 for each request: load/request.py has its columns, whose places are given here by their order.
"""

from typing import Any, Final

import numpy as np

from simulator.kernel.twin import twin
from simulator.schema.latency import LATENCY_ROW, LEFT, NO_SOCKET, OK, UNSENT
from simulator.schema.ledger import OUTCOME_ROW

CAUSE, STATUS, ENDPOINT, DUE, TAKEN, SENT, FIRST, ENDED = range(1, 9)
"""Places of a row, behind the request's number."""
LATE, HELD, OWN_NS, WAIT_NS, WITHOUT_SOCKET, NOT_SENT, NOT_TAKEN, TALLIES = range(8)
"""Places of what `tally` adds up."""
SHOWN_BITS: Final = 48
STATUS_BITS: Final = 16
US: Final = 1_000
MS: Final = 1_000_000
SECOND: Final = 1_000_000_000
LINEAR_BITS: Final = 7
HALF: Final = 1 << LINEAR_BITS - 1
HIGHEST_US: Final = 1 << 40
"""Of the buckets (schema/latency.py); the last is that of 12 days."""


def copy_outcomes(done: Any, wall_ns: int, words: Any, rows: Any) -> None:  # noqa: ANN401
    """Fill a row of the ledger for each request. `words`: of a cause, for what was not sent, and for what was."""
    for i in range(len(rows)):
        row, sent = rows[i], done[i, SENT]
        row.payload = done[i, 0]
        row.status = done[i, STATUS]
        row.outcome = words[int(sent > 0), done[i, CAUSE]]
        row.sent_ns = sent + wall_ns if sent > 0 else 0
        row.ended_ns = done[i, ENDED] + wall_ns if done[i, STATUS] > 0 else 0
        row.lag_ns = sent - done[i, DUE] if sent > 0 else 0


def put_keys(done: Any, t0_ns: int, spans: Any, bounds: Any, keys: Any) -> int:  # noqa: ANN401
    """Write a key for each time that is known (load/histogram.py), and give how many there are.

    `spans`: for each measure the columns since when, until when, and what must have happened; `bounds`: 1 for a measure and a cause if what had not
    happened by the end is longer than until then.
    """
    n = 0
    for i in range(len(done)):
        second = max((done[i, DUE] - t0_ns) // SECOND, 0)
        for measure in range(len(spans)):
            until = done[i, spans[measure, 1]]
            if done[i, spans[measure, 2]] <= 0:
                if not bounds[measure, done[i, CAUSE]]:
                    continue
                until = done[i, ENDED]
            keys[n] = key_of(second, done[i, ENDPOINT], done[i, CAUSE], measure, bucket((until - done[i, spans[measure, 0]]) // US))
            n += 1
    return n


def count_keys(keys: Any, rows: Any) -> int:  # noqa: ANN401
    """Fill a row of a histogram for each key that is there, and give how many there are; `keys` are in order."""
    n = 0
    for i in range(len(keys)):
        if i == 0 or keys[i] != keys[i - 1]:
            row = rows[n]
            row.second, row.endpoint, row.cause = keys[i] >> 40, keys[i] >> 32 & 0xFF, keys[i] >> 24 & 0xFF
            row.measure, row.bucket, row.count = keys[i] >> 16 & 0xFF, keys[i] & 0xFFFF, 0
            n += 1
        rows[n - 1].count += 1
    return n


def tally(done: Any, late_ns: int, held_ns: int, left_ns: int, sums: Any) -> None:  # noqa: ANN401
    """Add requests up in `sums`, by the places above: the counts, and the longest own lag and wait."""
    for i in range(len(done)):
        cause, taken = done[i, CAUSE], done[i, TAKEN]
        own = taken - done[i, DUE]
        wait = (done[i, SENT] if done[i, SENT] > 0 else done[i, ENDED]) - taken
        sums[LATE] += own > late_ns
        sums[HELD] += wait > held_ns
        sums[OWN_NS] = max(sums[OWN_NS], own)
        sums[WAIT_NS] = max(sums[WAIT_NS], wait)
        sums[WITHOUT_SOCKET] += cause == NO_SOCKET
        sums[NOT_SENT] += cause in UNSENT
        sums[NOT_TAKEN] += cause == LEFT and done[i, ENDED] - done[i, DUE] > left_ns


def put_shown(done: Any, left_ns: int, keys: Any, failed: Any, times: Any) -> tuple[int, int]:  # noqa: ANN401
    """Write a key for each request that Locust is told of, and one for each of them that failed; give how many there are of both.

    A key has the endpoint from bit SHOWN_BITS on, and below it the response time, as Locust rounds it, or the cause, from bit STATUS_BITS on, and the
    status. What had not left, as it fell due less than `left_ns` before the end, is left out: to Locust it would be a failure, which it is not.
    `times`: by endpoint, the sum, the least and the most of the response times (ns).
    """
    n = failures = 0
    for i in range(len(done)):
        time, cause, endpoint = done[i, ENDED] - done[i, DUE], done[i, CAUSE], done[i, ENDPOINT]
        if cause in UNSENT and time <= left_ns:
            continue
        times[endpoint, 0] += time
        times[endpoint, 1] = min(times[endpoint, 1], time)
        times[endpoint, 2] = max(times[endpoint, 2], time)
        keys[n] = endpoint << SHOWN_BITS | shown_ms(time)
        n += 1
        if cause != OK:
            failed[failures] = endpoint << SHOWN_BITS | cause << STATUS_BITS | done[i, STATUS]
            failures += 1
    return n, failures


def shown_ms(time_ns: int) -> int:
    """Round to 1 ms below 100 ms, to two digits below 10 s, to 1 s above, halves to even (locust.stats, bucket_response_time)."""
    step = MS
    while step < 1000 * MS and time_ns >= 100 * step:
        step *= 10
    whole, rest = time_ns // step, time_ns % step
    return (whole + (2 * rest > step or (2 * rest == step and whole & 1 == 1))) * (step // MS)


def key_of(second: Any, endpoint: Any, cause: Any, measure: Any, place: Any) -> Any:  # noqa: ANN401 - numbers, or columns of them
    """Put together what a time is counted under; `place`: its bucket, 16 bits; the others but the second have 8."""
    return (((second << 8 | endpoint) << 8 | cause) << 8 | measure) << 16 | place


def bucket(time_us: int) -> int:
    """Give the bucket of a time; below 0 counts as 0, above HIGHEST_US as that."""
    time = min(max(time_us, 0), HIGHEST_US - 1)
    shift = 0
    while time >> shift + LINEAR_BITS:
        shift += 1
    return HALF * shift + (time >> shift)


def warm_up() -> None:
    """Compile, or load what was compiled before."""
    none, table, numbers = np.zeros((0, ENDED + 1), np.int64), np.zeros((1, 1), np.uint8), np.zeros(TALLIES, np.int64)
    twin(copy_outcomes)(none, 0, table, np.zeros(0, OUTCOME_ROW))
    twin(put_keys)(none, 0, np.zeros((1, 3), np.int64), table, np.zeros(0, np.int64))
    twin(count_keys)(numbers[:0], np.zeros(0, LATENCY_ROW))
    twin(tally)(none, 0, 0, 0, numbers)
    twin(put_shown)(none, 0, numbers, numbers, np.zeros((1, 3), np.int64))
