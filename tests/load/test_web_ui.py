"""Locust's web UI, which starts and stops runs."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from locusts import Ended


def test_each_start_is_a_run_of_its_own(restarted: "Ended") -> None:
    """Start, Stop and Start make two runs, each with its own folder and audit, and all claims of both hold, though the second ends with the UI."""
    folders = sorted((restarted.folder.parent / "runs").iterdir())
    assert len(folders) == 2
    for folder in folders:
        audit = json.loads((folder / "audit.json").read_text("utf-8"))
        assert audit["exit_code"] == 0
        assert audit["counts"]["stored"] == audit["counts"]["sent"] > 0
    assert restarted.out.count("ALL CLAIMS HOLD\n") == 2


def test_a_field_of_the_form_counts(restarted: "Ended") -> None:
    """What is typed into the form's field is the option of the run that it starts."""
    assert [run["rate_per_s"] for run in restarted.runs] == [20.0, 40.0]


def test_the_form_has_our_options(restarted: "Ended") -> None:
    """The form shows our options, filled with what the command line says."""
    shown = json.loads((restarted.folder.parent / "shown.json").read_text("utf-8"))
    assert {"rum_profile": "shop", "rum_devices": 4000, "rum_rate": 20.0, "rum_speed": 10.0, "rum_start": "now"}.items() <= shown.items()


@pytest.mark.parametrize(("name", "code"), [("restarted", 0), ("mistaken", 1)])
def test_a_signal_ends_it(name: str, code: int, request: pytest.FixtureRequest) -> None:
    """Ctrl-C amid a run as well as SIGTERM after one end the UI without a traceback: exit code 0 if all runs went well, 1 if one never began."""
    ended: Ended = request.getfixturevalue(name)
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.out + ended.err


def test_a_wrong_value_does_no_harm(mistaken: "Ended") -> None:
    """A wrong value in the form is refused in one sentence, on the page and on stderr; the workers stay, and the next Start plays a good run."""
    for name, value, status, body in json.loads((mistaken.folder.parent / "answers.json").read_text("utf-8")):
        said = json.loads(body)
        assert (status, said["success"]) == (200, False)
        assert (value if name == "rum_profile" else f"--{name.replace('_', '-')}: ") in said["message"]
        assert f"rumsim: {said['message']}" in mistaken.said
    assert mistaken.runs[0]["exit_code"] == 0
    assert mistaken.out.startswith("ALL CLAIMS HOLD\n")
    assert "Traceback" not in mistaken.out + mistaken.err


def test_a_mistake_leaves_no_folder(mistaken: "Ended") -> None:
    """What was refused leaves no folder in runs/: one is of the run that was played, one of that which was stopped before it began."""
    assert len(list((mistaken.folder.parent / "runs").iterdir())) == 2


def test_stop_is_heard_while_the_collector_starts(mistaken: "Ended") -> None:
    """Stop, pressed when Start has not yet come to its load, ends that run: it says that nothing was played, and no cause that is none."""
    assert mistaken.out.count("nothing was played: the run was stopped before its cohorts were ready\n") == 1
    assert "-t" not in mistaken.out.rpartition("nothing was played")[2]


def test_users_that_leave_leave_their_cohorts(restarted: "Ended") -> None:
    """Fewer users, then more, change nothing: the run's four cohorts go on to its end, and its claims hold."""
    run = restarted.runs[0]
    assert (run["exit_code"], run["invalid"], run["notes"]) == (0, [], [])
    first = min((restarted.folder.parent / "runs").iterdir())
    assert json.loads((first / "audit.json").read_text("utf-8"))["ledger"]["cohorts"] == 4
