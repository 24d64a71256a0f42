"""Runs that end before their time."""

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from waiting import until

if TYPE_CHECKING:
    from conftest import Ended

MANY = ("--rum-devices", "300000", "--rum-rate", "20")  # their past takes many seconds
MOMENTS = {"while the collector starts": ("received", signal.SIGINT), "while the users' past is lived": ("run.json", signal.SIGTERM)}
"""When a run is stopped, by what file one can tell, and by which signal."""


def left_behind(folder: Path) -> list[str]:
    """List the processes that still have to do with a folder."""
    commands = [process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"])]
    return [" ".join(words) for words in commands if any(str(folder) in word for word in words)]


@pytest.fixture(scope="module")
def cut_short(locust: Any) -> "dict[str, Ended]":
    """Give runs that were stopped at each of these moments; they start side by side."""
    waiting = {moment: locust.folder(f"stopped-at-{sign}") for moment, (sign, _) in MOMENTS.items()}
    started = {moment: (locust.headless(folder, *MANY), folder) for moment, folder in waiting.items()}
    while waiting:
        for moment in until(lambda: [m for m, folder in waiting.items() if (folder / "run" / MOMENTS[m][0]).exists()], "a run"):
            del waiting[moment]
            started[moment][0].send_signal(MOMENTS[moment][1])
    return {moment: locust.end(*run) for moment, run in started.items()}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_that_never_began_is_no_success(cut_short: "dict[str, Ended]", moment: str) -> None:
    """A run that is stopped before its first payload has exit code 1, says so in a line, and leaves no traceback and no process."""
    ended = cut_short[moment]
    assert ended.code == 1, ended.err
    assert "Traceback" not in ended.out + ended.err
    assert "CLAIM" not in ended.out
    assert len([line for line in (ended.out + ended.err).splitlines() if "stopped before" in line]) == 1
    assert left_behind(ended.folder) == []


@pytest.mark.parametrize("name", ["fast", "interrupted_group"])
def test_ctrl_c_drains(name: str, request: pytest.FixtureRequest) -> None:
    """SIGINT, to Locust alone or to its workers as well, is an orderly end: what is under way gets its answer, the rest is cut, the audit is done."""
    ended: Ended = request.getfixturevalue(name)
    payloads = ended.audit["counts"]["payloads"]
    assert {outcome for outcome, count in payloads.items() if count} == {"acknowledged", "cut"}
    assert json.loads((ended.folder / "run.json").read_text())["exit_code"] == 0
    assert left_behind(ended.folder) == []


def test_a_collector_that_dies_is_named(bereft: "Ended") -> None:
    """When the collector dies during the run, the results say so first; what it had acknowledged is not lost, and the run fails all the same."""
    assert bereft.code == 1
    assert bereft.out.startswith("the collector ended during the run (exit code -9)")
    assert bereft.wrong == (0, 0, 0, 0)
    payloads = bereft.audit["counts"]["payloads"]
    assert payloads["acknowledged"] > 0
    assert payloads["failed"] > 0
    assert "Traceback" not in bereft.out + bereft.err


def test_a_killed_run_can_be_audited(killed: "Ended", locust: Any) -> None:
    """After kill -9 `rumsim audit` gives the verdict: nothing that was acknowledged is lost, but not all that was due has an outcome."""
    assert killed.code == -signal.SIGKILL
    assert "exit_code" not in killed.run
    code, out, err = locust.rumsim("audit", str(killed.folder))
    assert (code, err) == (1, "")
    assert killed.wrong == (0, 0, 0, 0)
    assert out.startswith("1 CLAIM FAILED: every due payload was sent\n")
