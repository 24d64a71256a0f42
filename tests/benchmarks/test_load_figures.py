"""What the benchmarks of load take for granted: the true p99 of a stall, what is memory that grows, that each row is measured."""

import bench_load
import numpy as np
import pytest
import soak
import stall
from gates import Row, judge, summary


@pytest.mark.parametrize(("pause_s", "seconds"), [(1.0, 10), (1.25, 5)])
def test_the_true_p99(pause_s: float, seconds: int) -> None:
    """It is what one finds by letting every request that falls due in a pause wait for the pause's end, and no other wait at all."""
    due = np.arange(seconds * stall.RATE_PER_S) / stall.RATE_PER_S
    response = np.where((due >= 2) & (due < 2 + pause_s), 2 + pause_s - due, 0)
    assert stall.p99_ms(pause_s, len(due)) == pytest.approx(np.percentile(response, 99, method="lower") * 1000, abs=2)


@pytest.mark.parametrize(
    ("memory_mb", "grows"),
    [
        ([400.0], False),
        ([100.0, 300.0, 301.0, 299.0, 305.0, 303.0], False),  # the first fifth is for warming up
        ([300.0, 300.0, 310.0, 330.0, 345.0, 360.0], False),  # 10 % and 30 MB
        ([300.0, 300.0, 310.0, 330.0, 345.0, 361.0], True),
        ([300.0, 361.0], True),
    ],
)
def test_memory_that_grows(memory_mb: list[float], grows: bool) -> None:
    """Only what comes after the warming up counts, and a little of it is allowed."""
    assert bool(soak.growth("nginx", memory_mb)) == grows


def test_every_row_is_measured() -> None:
    """Each figure that a row needs is given by what measures."""
    given = {name for names in bench_load.measures(bench_load.QUICK) for name in names}
    assert {name for row in bench_load.ROWS for name in row.needs} <= given


def test_what_a_machine_cannot_measure() -> None:
    """It is skipped, which neither holds nor misses a gate, and is said in the last line."""
    rows = [Row("ours", "payloads/s", 10), Row("wrk", "payloads/s", 0.25, ratio=("ours", "wrk"))]
    judged = [judge(row, [{"ours": 20.0}], {}, {"wrk": "wrk is not there"}, 0.0) for row in rows]
    assert [found.verdict for found in judged] == ["holds", "skipped: wrk is not there"]
    assert not judged[1].missed
    assert summary(judged) == "1 of 1 gates hold, 0 of them at their goal; skipped: wrk"
