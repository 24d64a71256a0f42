"""What became of requests, written down by both bodies."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.twin import twin
from simulator.play.outcomes import HIGHEST_US, TALLIES, bucket, copy_outcomes, count_keys, put_keys, put_shown, shown_ms, tally
from simulator.schema.latency import CAUSES, LATENCY_ROW
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

    keys[0].sort()
    counts = np.zeros(n, LATENCY_ROW), np.zeros(n, LATENCY_ROW)
    assert twin(count_keys)(keys[0][-n:] if n else keys[0], counts[0]) == count_keys(
        np.sort(keys[1])[-n:] if n else keys[1], counts[1].view(np.recarray)
    )
    assert np.array_equal(*counts)


ANY = st.tuples(NUMBER, st.integers(0, len(CAUSES) - 1), STATUS, st.integers(0, 1), TIME, TIME, TIME | st.just(0), TIME, TIME)


@given(st.lists(ANY, max_size=20), TIME)
@settings(deadline=None)
def test_sums_are_the_same_compiled(drawn: list[tuple[int, ...]], limit: int) -> None:
    """What the pace and Locust are told."""
    done = np.array(drawn, np.int64).reshape(-1, 9)
    done[:, 8] = np.maximum(done[:, 8], done[:, 4])  # nothing ends before it is due
    sums = np.zeros((2, TALLIES), np.int64)
    twin(tally)(done, limit, limit // 10, limit // 2, sums[0])
    tally(done, limit, limit // 10, limit // 2, sums[1])
    assert np.array_equal(*sums)
    keys, failed, times = np.zeros((2, len(done)), np.int64), np.zeros((2, len(done)), np.int64), np.full((2, 2, 3), [0, 1 << 60, 0])
    found = twin(put_shown)(done, limit, keys[0], failed[0], times[0])
    assert found == put_shown(done, limit, keys[1], failed[1], times[1])
    assert all(np.array_equal(*each) for each in (keys, failed, times))


@given(st.integers(0, 20_000).map(lambda half: half * 500_000) | st.integers(0, 1 << 45))
def test_times_are_rounded_as_python_rounds_them(time_ns: int) -> None:
    """To 1 ms below 100 ms, to 10 below 1 s, to 100 below 10 s, to 1 s above; halves to even."""
    ms = time_ns / 1e6
    digits = next((digits for limit, digits in ((100, 0), (1000, -1), (10_000, -2)) if ms < limit), -3)
    assert shown_ms(time_ns) == round(ms, digits)


@given(st.integers(0, HIGHEST_US - 1))
def test_a_bucket_is_narrow(time_us: int) -> None:
    """A time that is shorter by more than 1/64 has another bucket."""
    assert bucket(max(0, time_us - 1 - time_us // 64)) < bucket(time_us) or time_us == 0
