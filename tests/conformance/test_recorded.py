"""The SDK core does what the real SDK did: the recorded runs, without Node."""

import json
import sys
from pathlib import Path

import pytest

from simulator.scenario.run import play
from simulator.scenario.script import load

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from compare import differences  # noqa: E402

RECORDED = HERE / "recorded"
NAMES = sorted(path.stem for path in (RECORDED / "scenarios").glob("*.json"))


def recorded(name: str) -> dict:
    """Give the real SDK's run."""
    return json.loads((RECORDED / "runs" / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_recorded(name: str) -> None:
    """A scripted page gets from the core what it got from the real SDK: reports, times, ways, URLs, fields, storage strings."""
    found = play(load(RECORDED / "scenarios" / f"{name}.json"))
    assert differences(recorded(name), found) == []


def test_all_are_there() -> None:
    """No recorded run is without its scenario, and none has been lost."""
    assert sorted(path.stem for path in (RECORDED / "runs").glob("*.json")) == NAMES
    assert len(NAMES) >= 59


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"t": 1900000003900', '"t": 1900000003901'),  # a report a ms later
        ('"via": "beacon"', '"via": "xhr"'),  # another way
        ("rum/collect", "rum/other"),  # another URL
        ("click on button: Second", "click on button"),  # a field
        ("-1-1900000000100-", "-0-1900000000100-"),  # a stored flag
    ],
)
def test_a_deviation_is_seen(old: str, new: str) -> None:
    """The comparison sees a deviation of any kind."""
    run = recorded("basic")
    text = json.dumps(run)
    assert old in text
    assert differences(run, json.loads(text.replace(old, new, 1))) != []
