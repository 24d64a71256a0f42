"""What became of requests, written down by both bodies."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.twin import twin
from simulator.play.outcomes import HIGHEST_US, bucket, copy_outcomes, put_keys
from simulator.schema.ledger import OUTCOME_ROW

TIME = st.integers(1, 1 << 50)
NUMBER, CAUSE, STATUS, ENDPOINT = st.integers(0, 1 << 31), st.integers(0, 3), st.sampled_from([0, 204, 503]), st.integers(0, 255)
ROW = st.tuples(NUMBER, CAUSE, STATUS, ENDPOINT, TIME, TIME, TIME | st.just(0), TIME, TIME)
WORDS = np.array([[4, 5, 6, 7], [0, 1, 2, 3]], np.uint8)
SPANS = np.array([[4, 5, 8], [6, 8, 6], [6, 7, 7]])
BOUNDS = np.array([[0, 0, 0, 0], [0, 1, 0, 0], [0, 1, 1, 0]], np.uint8)


@given(st.lists(ROW, max_size=20), TIME)
@settings(deadline=None)
def test_compiled_is_interpreted(drawn: list[tuple[int, ...]], when: int) -> None:
    """Rows of the ledger and keys of the histograms are the same."""
    done = np.array(drawn, np.int64).reshape(-1, 9)
    fast, slow = np.zeros(len(done), OUTCOME_ROW), np.zeros(len(done), OUTCOME_ROW)
    twin(copy_outcomes)(done, when, WORDS, fast)
    copy_outcomes(done, when, WORDS, slow.view(np.recarray))
    assert np.array_equal(fast, slow)
    keys: list[Any] = [np.zeros(3 * len(done), np.int64), np.zeros(3 * len(done), np.int64)]
    n = twin(put_keys)(done, when, SPANS, BOUNDS, keys[0])
    assert n == put_keys(done, when, SPANS, BOUNDS, keys[1])
    assert n >= len(done)  # each has ended
    assert np.array_equal(*keys)


@given(st.integers(0, HIGHEST_US - 1))
def test_a_bucket_is_narrow(time_us: int) -> None:
    """A time that is shorter by more than 1/64 has another bucket."""
    assert bucket(max(0, time_us - 1 - time_us // 64)) < bucket(time_us) or time_us == 0
