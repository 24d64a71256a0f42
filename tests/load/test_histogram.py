"""Histograms: buckets, rows, sums, quantiles, files. None of this imports Locust."""

from math import inf
from pathlib import Path

import numpy as np
import pytest
from rows import buckets, counted

from simulator.errors import DataError
from simulator.load.histogram import BUCKETS, Latencies, Quantile, Writer, middles_us, read
from simulator.play.outcomes import HALF, HIGHEST_US
from simulator.schema.latency import (
    BOUNDS,
    CAUSES,
    CENSORED,
    FAILED,
    FIRST_BYTE,
    LATENCY_ROW,
    MEASURES,
    OK,
    OPEN,
    OWN,
    RESET,
    RESPONSE,
    SERVICE,
    STATUS,
    WAIT,
    WAITING,
)  # fmt: skip

LINEAR = 2 * HALF
EDGES = np.unique(np.concatenate([np.arange(300), *[[(1 << n) - 1, 1 << n, (1 << n) + 1] for n in range(1, 40)]])).astype(np.int64)


def rows(times_us: object, *, measure: int = RESPONSE, cause: int = OK, second: int = 0, endpoint: int = 0) -> np.ndarray:
    """Count times of one second, endpoint and cause."""
    times = np.asarray(times_us, np.int64)
    return counted(np.full(len(times), second), np.full(len(times), endpoint), np.full(len(times), cause), measure, times)


# ----------------------------------------------------------------------------------------------------------------------------------- buckets
def test_buckets_leave_no_gap() -> None:
    """From 0 to the highest time, each time's bucket is that of its neighbour or the next: none is left out, none comes twice."""
    times = np.unique(np.concatenate([EDGES, EDGES[EDGES > 0] - 1]))
    found = buckets(times)
    assert found[0] == 0
    assert buckets(np.array([HIGHEST_US - 1]))[0] == BUCKETS - 1
    neighbours = np.diff(times) == 1
    assert set(np.diff(found)[neighbours]) == {0, 1}
    assert (np.diff(found) >= 0).all()


def test_buckets_are_narrow() -> None:
    """A time is at most 1/64 of itself away from the bucket's other times: exact to the us below 128 us."""
    middles = middles_us()
    assert middles.shape == (BUCKETS,)
    assert (np.abs(middles[buckets(EDGES)] - EDGES) <= np.where(EDGES < LINEAR, 0, EDGES / 128)).all()
    assert (buckets(np.arange(LINEAR)) == np.arange(LINEAR)).all()


def test_a_middle_lies_in_its_bucket() -> None:
    """Bucket and middle are inverse to each other."""
    assert (buckets(np.floor(middles_us()).astype(np.int64)) == np.arange(BUCKETS)).all()


@pytest.mark.parametrize(("time_us", "bucket"), [(-5, 0), (HIGHEST_US, BUCKETS - 1), (1 << 62, BUCKETS - 1)])
def test_what_no_bucket_holds_goes_to_the_last(time_us: int, bucket: int) -> None:
    """Nothing is dropped: below 0 counts as 0, beyond the highest as that."""
    assert buckets(np.array([time_us]))[0] == bucket


# -------------------------------------------------------------------------------------------------------------------------------------- rows
def test_a_row_for_each_combination() -> None:
    """Second, endpoint, cause and bucket are kept apart, also at the ends of their ranges, and counted."""
    times_of = [(0, 0, OK, 7), (0, 0, OK, 7), (0, 0, STATUS, 7), (0, 255, OK, 7), (1 << 20, 0, OK, 7), (0, 0, OPEN, HIGHEST_US - 1)]
    second, endpoint, cause, times = np.array(times_of, np.int64).T
    found = counted(second, endpoint, cause, SERVICE, times)
    assert found.dtype == LATENCY_ROW
    seen = {(int(row["second"]), int(row["endpoint"]), int(row["cause"]), int(row["bucket"])): int(row["count"]) for row in found}
    expected = {(*key[:3], int(buckets(np.array([key[3]]))[0])): times_of.count(key) for key in times_of}
    assert seen == expected
    assert set(found["measure"]) == {SERVICE}


def test_the_words_fit_their_columns() -> None:
    """Causes and measures can be told apart in one byte each."""
    assert max(len(CAUSES), len(MEASURES)) <= 256
    assert len(set(CAUSES)) == len(CAUSES)


def test_rows_add_up() -> None:
    """Histograms of parts, put together, are the histogram of the whole: in total, by cause, and in every quantile."""
    times = np.random.default_rng(1).integers(0, 1 << 22, 3000)
    parts = Latencies(np.concatenate([rows(part, second=n) for n, part in enumerate(np.array_split(times, 7))]))
    whole = Latencies(rows(times))
    assert parts.total(RESPONSE) == whole.total(RESPONSE) == len(times)
    assert [parts.quantile(RESPONSE, q / 100) for q in range(101)] == [whole.quantile(RESPONSE, q / 100) for q in range(101)]


# --------------------------------------------------------------------------------------------------------------------------------- quantiles
@pytest.mark.parametrize("q", [0, 0.01, 0.5, 0.9, 0.99, 0.999, 1])
@pytest.mark.parametrize("law", ["exponential", "lognormal", "uniform", "constant"])
def test_quantiles_are_numpy_s(q: float, law: str) -> None:
    """On drawn times a quantile is that of the times themselves (numpy's inverted CDF), to half of a bucket's width: 1/128."""
    chance = np.random.default_rng(7)
    drawn = {
        "exponential": chance.exponential(20_000, 5001),
        "lognormal": chance.lognormal(9, 2, 5001),
        "uniform": chance.uniform(0, 1000, 5001),
        "constant": np.full(5001, 4321.0),
    }[law].astype(np.int64)
    found = Latencies(rows(drawn)).quantile(RESPONSE, q)
    assert found is not None
    assert not found.is_bound
    exact = np.quantile(drawn, q, method="inverted_cdf") / 1000
    assert abs(found.ms - exact) <= exact / 128


def test_nothing_measured_has_no_quantile() -> None:
    """Where no request has a measure there is no number, not 0."""
    assert Latencies(rows([5], measure=WAIT)).quantile(RESPONSE, 0.5) is None


def near(ms: float, most: float = 0.0) -> Quantile:
    """Expect a quantile, to half of a bucket's width."""
    return Quantile(pytest.approx(ms, rel=1 / 128), pytest.approx(most or ms, rel=1 / 128))


@pytest.mark.parametrize("cause", CENSORED)
def test_what_was_given_up_bounds_what_falls_among_it(cause: int) -> None:
    """Requests that were given up are longer than that, nobody knows how much: quantiles below them are exact, those among them are lower bounds."""
    found = Latencies(np.concatenate([rows([10_000] * 95), rows([1_000_000] * 5, cause=cause)]))
    assert found.quantile(RESPONSE, 0.95) == near(10)
    assert found.quantile(RESPONSE, 0.96) == found.quantile(RESPONSE, 1) == near(1000, inf)


def test_given_up_early_counts_as_long() -> None:
    """A request that had waited for 5 ms when the run ended may have been the longest of all: quantiles lie between the two readings."""
    found = Latencies(np.concatenate([rows([10_000] * 90), rows([5_000] * 10, cause=WAITING)]))
    assert [found.quantile(RESPONSE, q) for q in (0.1, 0.5, 0.9)] == [near(5, 10), near(10), near(10)]
    assert found.quantile(RESPONSE, 0.91) == near(10, inf)
    assert [(q.ms, q.is_bound) for q in (near(5, 10), near(10, inf))] == [(10, False), (10, True)]


@pytest.mark.parametrize("measure", range(len(MEASURES)))
@pytest.mark.parametrize("cause", CENSORED)
def test_a_measure_is_a_bound_where_it_had_not_ended(measure: int, cause: int) -> None:
    """The own lag ends when a payload is taken up, the wait with a connection, all else with the answer: what was over by then is exact."""
    never_over = {OWN: "left", WAIT: "connect_timeout waiting", SERVICE: "timeout open", FIRST_BYTE: "timeout open"}
    is_bound = measure == RESPONSE or CAUSES[cause] in never_over[measure].split()
    assert is_bound == (cause in BOUNDS[measure])
    found = Latencies(np.concatenate([rows([10_000] * 95, measure=measure), rows([20_000] * 5, measure=measure, cause=cause)]))
    assert found.quantile(measure, 0.99) == near(20, inf if is_bound else 20)


@pytest.mark.parametrize("cause", [cause for cause in range(len(CAUSES)) if cause != OK and cause not in CENSORED])
def test_a_failure_is_no_fast_response(cause: int) -> None:
    """What is refused, broken off or answered with an error has no response, however soon it came; where nothing else is, there is no time at all."""
    assert cause in FAILED
    for measure in (SERVICE, FIRST_BYTE, RESPONSE):
        failures = rows([500] * 900, measure=measure, cause=cause)
        assert Latencies(failures).quantile(measure, 0.5) is None
        assert Latencies(failures).total(measure, cause) == 900  # on record all the same
        assert Latencies(np.concatenate([failures, rows([70_000] * 9, measure=measure)])).quantile(measure, 0.5) == near(70)


@pytest.mark.parametrize("measure", [OWN, WAIT])
def test_how_late_a_failure_left_counts(measure: int) -> None:
    """Its own lag and its wait are those of any request."""
    assert Latencies(rows([5_000] * 10, measure=measure, cause=RESET)).quantile(measure, 0.9) == near(5)


# ------------------------------------------------------------------------------------------------------------------------------------ seconds
def test_the_worst_second_is_that_of_the_highest_quantile() -> None:
    """Second by second the quantile is that of the second alone; the highest is told, with its second, be it the first, the last or between."""
    chance = np.random.default_rng(5)
    drawn = {second: chance.exponential(1000, 1 + 37 * second).astype(np.int64) for second in range(9)}
    for worst in (0, 4, 8):
        parts = [rows(times * (40 if second == worst else 1), measure=OWN, second=7 * second) for second, times in drawn.items()]
        found = Latencies(np.concatenate(parts[::-1]))
        each = {row: Latencies(part).quantile(OWN, 0.99).ms for row, part in enumerate(parts)}  # type: ignore[union-attr]
        assert found.worst_second(OWN, 0.99) == (7 * worst, each[worst])
        assert each[worst] == max(each.values())
    assert Latencies(rows([5])).worst_second(OWN, 0.99) is None


def test_seconds_above_a_limit_can_be_left_out() -> None:
    """Seconds are listed in which one request or more is above the limit; without them all else is as it was."""
    parts = [rows([100_000] * 50 + [last], measure=OWN, second=n) for n, last in enumerate((99_000, 150_000, 101_000, 3_000_000))]
    found = Latencies(np.concatenate([*parts, rows([1] * 4, second=1), rows([1] * 4, second=2)]))
    late = found.seconds_above(OWN, 120)
    assert late.tolist() == [1, 3]
    rest = found.without(late)
    assert (rest.total(OWN), rest.total(RESPONSE)) == (102, 4)
    assert set(rest.rows["second"]) == {0, 2}
    assert found.seconds_above(OWN, 4000).tolist() == []


# -------------------------------------------------------------------------------------------------------------------------------------- files
def written(folder: Path, *cohorts: np.ndarray) -> Path:
    """Write a file for each cohort, its rows in two parts."""
    for number, some in enumerate(cohorts):
        writer = Writer(folder, number, ["/rum"])
        writer.append(some[:1])
        writer.append(some[1:])
        writer.close()
    return folder


def test_files_of_all_cohorts_are_read(tmp_path: Path) -> None:
    """What cohorts wrote is read as one."""
    parts = [rows([1, 2, 3], second=n) for n in range(3)]
    assert (read(written(tmp_path / "new" / "histograms", *parts)).rows == np.concatenate(parts)).all()


def test_a_torn_row_is_dropped(tmp_path: Path) -> None:
    """A file whose last row was cut off, as after kill -9, gives all rows before it."""
    (path,) = written(tmp_path, rows([1, 200, 3000])).iterdir()
    whole = path.read_bytes()
    for length in range(len(whole) - LATENCY_ROW.itemsize, len(whole)):
        path.write_bytes(whole[:length])
        assert read(tmp_path).total(RESPONSE) == 2


def test_no_file_is_no_row(tmp_path: Path) -> None:
    """A run in which nothing was measured has empty histograms."""
    assert read(tmp_path).total(RESPONSE) == 0


@pytest.mark.parametrize(
    "text",
    [
        b"",  # empty
        b"not json\n" + bytes(13),
        b"[1]\n",
        b'{"format": 1, "rows": "events"}\n' + bytes(13),  # of a ledger
        b'{"format": 2, "rows": "latency"}\n' + bytes(13),  # of a later version
        b'{"rows": "latency"}\n',
        bytes(range(256)),
    ],
)
def test_a_foreign_file_is_one_line(tmp_path: Path, text: bytes) -> None:
    """What is no histogram of this version is named, with what was found and expected; nothing is read from it."""
    (tmp_path / "cohort-00000.bin").write_bytes(text)
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(str(tmp_path / "cohort-00000.bin"))
    assert "\n" not in str(caught.value)
    assert "expected histograms" in str(caught.value)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    """A second writer of one cohort is refused, and what the first has written stays."""
    written(tmp_path, rows([1, 2]))
    with pytest.raises(DataError):
        Writer(tmp_path, 0, ["/rum"])
    assert read(tmp_path).total(RESPONSE) == 2
