"""Locust's web UI, which starts and stops runs."""

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Ended


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


@pytest.mark.parametrize("name", ["restarted", "mistaken"])
def test_a_signal_ends_it(name: str, request: pytest.FixtureRequest) -> None:
    """Ctrl-C amid a run as well as SIGTERM after one end the UI with exit code 0 if all runs went well, without a traceback."""
    ended: Ended = request.getfixturevalue(name)
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.out + ended.err


def test_a_wrong_value_does_no_harm(mistaken: "Ended") -> None:
    """A wrong value in the form is one line; the workers stay, and the next Start plays a run whose claims hold."""
    assert len([line for line in mistaken.said if line.startswith("rumsim: --rum-rate: found -1; expected ")]) == 1
    (run,) = mistaken.runs
    assert run["exit_code"] == 0
    assert mistaken.out.startswith("ALL CLAIMS HOLD\n")
    assert "Traceback" not in mistaken.out + mistaken.err


def test_a_mistake_leaves_no_folder(mistaken: "Ended") -> None:
    """A run that could not begin leaves no folder in runs/."""
    assert len(list((mistaken.folder.parent / "runs").iterdir())) == 1
