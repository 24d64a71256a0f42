"""Runs that end before their time."""

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from waiting import until

if TYPE_CHECKING:
    from locusts import Ended

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
    assert "(-t)" not in ended.out + ended.err
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
    """When the collector dies during the run, the line below the verdict says so and names no other cause; what it had acknowledged is not lost."""
    assert bereft.code == 1
    assert bereft.out.splitlines()[1].startswith("note: the collector ended during the run (exit code -9)")
    assert len(bereft.run["notes"]) == 1
    assert bereft.wrong == (0, 0, 0, 0)
    payloads = bereft.audit["counts"]["payloads"]
    assert payloads["acknowledged"] > 0
    assert payloads["failed"] > 0
    assert "Traceback" not in bereft.out + bereft.err


def test_ctrl_c_before_the_run_is_quiet(locust: Any, workers: tuple[str, ...]) -> None:
    """Ctrl-C while Locust waits for its workers ends all of them, without a traceback and with an exit code that is no success."""
    folder = locust.folder("too-early")
    process = locust.headless(folder, *workers)
    until(lambda: "Starting Locust" in (folder / "err").read_text("utf-8"), "Locust", process)
    os.killpg(process.pid, signal.SIGINT)
    ended = locust.end(process, folder)
    assert ended.code in {1, 130}
    assert "Traceback" not in ended.out + ended.err
    assert not ended.folder.exists()


def test_a_second_ctrl_c_drains_too(slow: "Ended") -> None:
    """Impatience costs nothing: after a second Ctrl-C what is under way still gets its answer, and the audit is done."""
    assert slow.code == 0, slow.err
    assert "Traceback" not in slow.out + slow.err
    assert slow.counts("sent") == slow.counts("stored") > (0,)
    assert left_behind(slow.folder) == []


def test_workers_that_leave_are_named(deserted: "Ended") -> None:
    """A worker that dies and one that is stopped before the run ends make it invalid: said first, each with its cohort and cause."""
    assert deserted.code == 3, deserted.out
    assert len([reason for reason in deserted.run["invalid"] if "cohort" in reason]) == 2
    died, ended = deserted.out.splitlines()[:2]
    assert died.startswith("INVALID RUN: the worker of cohort ")
    assert died.endswith(" of 3 died or hangs; what it had under way has no outcome")
    assert ended.startswith("INVALID RUN: the worker of cohort ")
    assert ended.endswith(" s before the run did")
    assert deserted.run["notes"] == []
    assert "did not say that" not in deserted.err
    assert deserted.wrong == (0, 0, 0, 0)


def test_a_run_that_is_cut_short_is_invalid(exhausted: "Ended") -> None:
    """Where Locust ends a run by itself, as it does when one of its own greenlets can open no file, the run does not count, and says so first."""
    assert exhausted.code == 3, exhausted.out
    assert exhausted.run["played_s"] < 30
    assert exhausted.out.startswith(f"INVALID RUN: the run was cut short after {exhausted.run['played_s']:.1f} of 60 s, though nobody had ended it")


def test_files_that_run_out_are_the_generator_s_fault(exhausted: "Ended") -> None:
    """Payloads for which there was no file are counted under a name of their own, make the run invalid, and no threshold blames the collector."""
    causes, pace = exhausted.run["load"]["causes"], exhausted.run["pace"]
    assert causes.keys() == {"ok", "no_socket"}
    assert causes["no_socket"] == pace["no_socket"] > 0
    (said,) = (line for line in exhausted.run["invalid"] if "socket" in line)
    assert said.startswith(f"the generator's own system gave no socket for {pace['no_socket']:,} of {pace['due']:,} payloads: ")
    assert exhausted.run["broken"] is None


def test_a_full_disk_is_one_line(full: "Ended") -> None:
    """Where nothing more can be written the run ends by itself with exit code 2 and one line that says so and what to do."""
    assert full.code == 2, full.err
    assert "Traceback" not in full.out + full.err
    (line,) = [line for line in full.said if "cannot be written" in line]
    assert line.endswith("(File too large): free space on the disk and run again")
    assert "CLAIM" not in full.out
    assert left_behind(full.folder) == []


def test_a_killed_run_can_be_audited(killed: "Ended", locust: Any) -> None:
    """After kill -9 `rumsim audit` gives the verdict: nothing that was acknowledged is lost, but not all that was due has an outcome."""
    assert killed.code == -signal.SIGKILL
    assert "exit_code" not in killed.run
    code, out, err = locust.rumsim("audit", str(killed.folder))
    assert (code, err) == (1, "")
    assert killed.wrong == (0, 0, 0, 0)
    assert out.startswith("1 CLAIM FAILED: every due payload was sent\n")
