"""Mistakes on Locust's command line."""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Ended

MISTAKES = {
    "no profile": (("--rum-profile", "missing.toml"), "missing.toml: no such file"),
    "a folder in use": (("--rum-run-dir", "."), "--rum-run-dir .: is there and is not an empty folder"),  # `out` and `err` are in it
    "a fault of another's collector": (
        ("--host", "http://127.0.0.1:9", "--rum-fault", "drop=0.1"),
        "--rum-fault: is for the collector that is started",
    ),
    "no such port": (("--host", "http://127.0.0.1:99999"), "--host http://127.0.0.1:99999: is no place to post to"),
    "no such fault": (("--rum-fault", "nonsense=1"), "--rum-fault nonsense=1: found the kind 'nonsense'"),
}


@pytest.fixture(scope="module")
def mistakes(locust: Any) -> "dict[str, Ended]":
    """Give runs that could not begin."""
    ended: dict[str, Ended] = locust.play_all({name: ("-t", "20s", *arguments) for name, (arguments, _) in MISTAKES.items()})
    return ended


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(mistakes: "dict[str, Ended]", name: str) -> None:
    """Locust ends at once with exit code 2 and one line of ours that says what is wrong; no traceback, no results."""
    ended = mistakes[name]
    assert ended.code == 2, ended.err
    assert len(ended.said) == 1, ended.err
    assert ended.said[0].startswith(f"rumsim: {MISTAKES[name][1]}")
    assert "Traceback" not in ended.out + ended.err
    assert ended.out == ""
