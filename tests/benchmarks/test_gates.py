"""A gate that is missed is seen: in the table, in what is written down, and in the exit code."""

import json
from pathlib import Path
from typing import Any

import bench_datasets
import pytest
from gates import Row, WrongError, judge

RATE = Row("rate", "events/s", 100.0, 200.0)
COST = Row("cost", "MB", 100.0, 50.0, at_most=True)
AGAINST = Row("peer", "rows/s", 3.0, 4.0, ratio=("rate", "peer"))
WITHIN = Row("cost", "ns", 1.15, ratio=("cost", "alone"), at_most=True)


@pytest.mark.parametrize(
    ("row", "figures", "verdict"),
    [
        (RATE, {"rate": 200.0}, "goal"),
        (RATE, {"rate": 100.0}, "holds"),
        (RATE, {"rate": 80.0}, "holds within 20%"),  # a figure depends on the machine
        (RATE, {"rate": 79.9}, "MISSED"),
        (COST, {"cost": 50.0}, "goal"),
        (COST, {"cost": 100.0}, "holds"),
        (COST, {"cost": 120.0}, "holds within 20%"),
        (COST, {"cost": 120.1}, "MISSED"),
        (AGAINST, {"rate": 400.0, "peer": 100.0}, "goal"),
        (AGAINST, {"rate": 300.0, "peer": 100.0}, "holds"),
        (AGAINST, {"rate": 299.9, "peer": 100.0}, "MISSED"),  # a ratio does not
        (WITHIN, {"cost": 115.0, "alone": 100.0}, "holds"),
        (WITHIN, {"cost": 115.1, "alone": 100.0}, "MISSED"),
        (Row("rate", "events/s"), {"rate": 1.0}, ""),  # nothing must hold
    ],
)
def test_verdicts(row: Row, figures: dict[str, float], verdict: str) -> None:
    """Each bar is held on its own side, ratios exactly, figures with the tolerance, goals exactly."""
    assert judge(row, [figures], {}, {}, 0.2).verdict == verdict
    exact = verdict.replace("holds within 20%", "MISSED")
    assert judge(row, [figures], {}, {}, 0.0).verdict == exact


def test_medians() -> None:
    """A figure is the median of the rounds, a ratio that of the rounds' ratios."""
    rounds = [{"rate": 300.0, "peer": 100.0}, {"rate": 100.0, "peer": 50.0}, {"rate": 1_000.0, "peer": 200.0}]
    found = judge(AGAINST, rounds, {}, {}, 0.2)
    assert (found.figure, found.ratio) == (100.0, 3.0)


def test_a_figure_that_is_missing() -> None:
    """What could not be measured is missed, and so is what is compared with it."""
    found = judge(AGAINST, [{"peer": 100.0}], {"rate": "it is not installed"}, {}, 0.2)
    assert found.missed
    assert found.verdict == "MISSED: it is not installed"


def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **figures: float) -> Path:
    """Let the program measure nothing; give the file that it writes."""

    def measure(name: str) -> dict[str, float]:
        if name not in figures:
            raise WrongError(f"there is no {name}")
        return {name: figures[name]}

    monkeypatch.setattr(bench_datasets, "ROWS", (RATE, AGAINST))
    monkeypatch.setattr(bench_datasets, "measures", lambda _: {(name,): lambda name=name: measure(name) for name in ("rate", "peer", "other")})
    monkeypatch.setattr(bench_datasets, "OUT", tmp_path / "build" / "bench.json")
    return tmp_path / "build" / "bench.json"


@pytest.mark.parametrize(
    ("figures", "code", "last"),
    [
        ({"rate": 150.0, "peer": 30.0}, 0, "2 of 2 gates hold, 1 of them at their goal"),
        ({"rate": 85.0, "peer": 20.0}, 0, "2 of 2 gates hold, 1 of them at their goal"),
        ({"rate": 79.0, "peer": 20.0}, 1, "1 of 2 gates hold, 0 of them at their goal; MISSED: rate"),
        ({"rate": 150.0, "peer": 75.0}, 1, "1 of 2 gates hold, 0 of them at their goal; MISSED: peer"),
        ({"rate": 150.0}, 1, "1 of 2 gates hold, 0 of them at their goal; MISSED: peer"),
    ],
)
def test_the_exit_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any, figures: dict[str, float], code: int, last: str) -> None:
    """It is 1 if a gate is missed or could not be measured; table and file say the same, the last line sums up."""
    out = fake(monkeypatch, tmp_path, **figures)
    assert bench_datasets.main(["--rounds", "2"]) == code
    assert capsys.readouterr().out.splitlines()[-1] == last
    written = json.loads(out.read_bytes())
    assert written["summary"] == last
    assert [len(row["rounds"]) for row in written["rows"]] == [2, 2]
    assert any(row["verdict"].startswith("MISSED") for row in written["rows"]) == bool(code)
    assert {"processor", "cores"} <= set(written["machine"])
    assert {"python", "numba"} <= set(written["versions"])


def test_rows_by_word(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    """`--only` measures what the chosen rows need and no more; a word that no row has is the user's mistake."""
    out = fake(monkeypatch, tmp_path, rate=150.0, peer=30.0)
    assert bench_datasets.main(["--rounds", "1", "--only", "PEER"]) == 0
    assert [row["name"] for row in json.loads(out.read_bytes())["rows"]] == ["peer"]
    with pytest.raises(SystemExit) as caught:
        bench_datasets.main(["--only", "rate", "nothing"])
    assert caught.value.code == 2
    assert "found nothing; expected a part of one of: rate; peer" in capsys.readouterr().err


def test_every_row_is_measured() -> None:
    """Each figure that a row needs is measured by somebody, at one scale at least, and each gate has its unit."""
    given = {name for scale in (bench_datasets.FULL, bench_datasets.QUICK) for names in bench_datasets.measures(scale) for name in names}
    assert {name for row in bench_datasets.ROWS for name in row.needs} <= given
