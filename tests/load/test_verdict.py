"""What a run's figures make of its exit code and its first lines. An interpreter of its own, as only such a one may import Locust."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CODE = """
import json, sys, time
from pathlib import Path
from types import SimpleNamespace
import numpy as np
from locust.argument_parser import get_parser

sys.path.append(sys.argv[2])
from rows import counted
from simulator.load import histogram
from simulator.load.pace import Pace, Report
from simulator.load.locust_user import Run
from simulator.schema import latency

SECONDS = 100
found = {}
for name, case in json.load(sys.stdin).items():
    rules = [word for rule in case["rules"] for word in ("--rum-threshold", rule)]
    words = ["-f", "-", "--rum-run-dir", f"{sys.argv[1]}/{name.replace(' ', '-')}", "--rum-devices", "100", "--rum-unchecked", *rules]
    run = Run(get_parser().parse_args(words), "http://127.0.0.1:1")
    run.start(1, 1)
    writer = histogram.Writer(run.folder / "histograms", 0, ["/"])
    for measure, cause, second, ms, n in case["rows"]:
        column = np.zeros(n, np.int64)
        if second is None:
            column = np.arange(n) % SECONDS
        else:
            column += second
        zero = np.zeros(n, np.int64)
        number = latency.CAUSES.index(cause)
        writer.append(counted(column, zero, zero + number, latency.MEASURES.index(measure), zero + round(ms * 1000)))
    writer.close()
    ended_ns = time.time_ns()
    sends, computes = (SECONDS * case.get(name, 0.1) for name in ("sends", "computes"))
    report = Report(visits=2000, until_ns=ended_ns, pace=Pace(due=1000), cpu_s=sends, computing_s=computes, counts={})
    roster = SimpleNamespace(cohorts=1, reports={0: report}, lost=lambda: [], t0_ns=ended_ns - SECONDS * 10**9, stopped_ns=ended_ns)
    run._collected_s = -SECONDS * case.get("collects", 0.0)
    code, text = run.finish(roster)
    found[name] = [code, text, json.loads((run.folder / "run.json").read_text())]
print(json.dumps(found))
"""
FAST = [["own_lag", "ok", None, 0.1, 10_000], ["service", "ok", None, 5, 10_000], ["response", "ok", None, 5, 10_000]]
PAUSE = [["own_lag", "ok", 50, 600, 40], ["service", "ok", 50, 5, 40], ["response", "ok", 50, 605, 40]]
CASES: dict[str, dict[str, Any]] = {
    "well": {"rules": ["response_p99.9<250ms"], "rows": FAST},
    "paused": {"rules": ["response_p99.9<250ms", "error_share<1%"], "rows": FAST + PAUSE},
    "paused but unharmed": {"rules": ["response_p99.9<2s"], "rows": FAST + PAUSE},
    "slow": {"rules": ["response_p99.9<250ms"], "rows": [*FAST, ["response", "ok", None, 605, 40]]},
    "failing": {"rules": ["response_p99.9<250ms"], "rows": [*FAST, ["response", "refused", None, 0.5, 50]]},
    "down": {"rules": ["response_p99.9<250ms"], "rows": [["response", "refused", None, 0.5, 50]]},
    "waiting": {"rules": ["response_p99.9<250ms"], "rows": [*FAST, ["response", "waiting", 99, 0.5, 50]]},
    "computing": {"rules": [], "rows": FAST, "computes": 0.95},
    "sending": {"rules": [], "rows": FAST, "sends": 0.95},
    "collecting": {"rules": [], "rows": FAST, "collects": 0.95},
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Finish a run of each case."""
    folder = tmp_path_factory.mktemp("verdicts")
    command = [sys.executable, "-c", CODE, str(folder), str(Path(__file__).parent)]
    done = subprocess.run(command, input=json.dumps(CASES), check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "code", "first"),
    [
        ("well", None, "response   p50 "),
        ("paused", 3, "INVALID RUN: response_p99.9<250ms was decided by the generator itself: found "),
        ("paused but unharmed", None, "response   p50 "),
        ("slow", 1, "THRESHOLD FAILED: response_p99.9<250ms: found 6"),
        ("failing", None, "note: response_p99.9<250ms: judged without 50 of 10,050 payloads, which failed"),
        ("down", 1, "THRESHOLD FAILED: response_p99.9<250ms: found no answer to measure"),
        ("waiting", 1, "THRESHOLD FAILED: response_p99.9<250ms: found "),
        ("computing", 3, "INVALID RUN: the generator was at its limit: the process that computes ahead took 95% of a core"),
        ("sending", 3, "INVALID RUN: the generator was at its limit: the process that sends took 95% of a core"),
        ("collecting", None, "note: the embedded collector took 95% of a core"),
    ],
)
def test_a_verdict_is_said_first(verdicts: Any, name: str, code: int | None, first: str) -> None:
    """Whose fault it is decides exit code (3 the generator's, 1 the collector's; where we have none to give, Locust's own holds) and first line."""
    found, text, document = verdicts[name]
    assert (found, document.get("exit_code")) == (code, code)
    assert text.startswith(first), text
    assert bool(document["invalid"]) == (code == 3)


def test_an_invalid_run_judges_no_rule(verdicts: Any) -> None:
    """Neither the rule that cannot be judged, nor any other."""
    _, text, document = verdicts["paused"]
    assert document["broken"] is None
    assert "thresholds not judged: response_p99.9<250ms, error_share<1%\n" in text
    assert document["load"]["own_lag_worst_second"] == {"second": 50, "p99": pytest.approx(600, rel=1 / 64)}
