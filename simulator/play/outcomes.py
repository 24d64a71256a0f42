"""What became of requests, as rows of the ledger and keys of the histograms: compiled, as numpy takes as long for few of them as for many.

`done` has a row of int64 for each request: load/request.py has its columns, whose places are given here by their order.
"""

from typing import Any, Final

import numpy as np

from simulator.kernel.twin import twin
from simulator.schema.ledger import OUTCOME_ROW

CAUSE, STATUS, ENDPOINT, DUE, TAKEN, SENT, FIRST, ENDED = range(1, 9)
"""Places of a row, behind the request's number."""
US: Final = 1_000
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
    none, table = np.zeros((0, ENDED + 1), np.int64), np.zeros((1, 1), np.uint8)
    twin(copy_outcomes)(none, 0, table, np.zeros(0, OUTCOME_ROW))
    twin(put_keys)(none, 0, np.zeros((1, 3), np.int64), table, np.zeros(0, np.int64))
