"""The SDK core does what the real SDK did: the recorded runs, without Node."""

import json

import pytest
from compare import differences
from recordings import RUNS, SCENARIOS, deviations, recorded

NAMES = sorted(path.stem for path in SCENARIOS.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_recorded(name: str) -> None:
    """A scripted page gets from the core what it got from the real SDK: reports, times, ways, URLs, fields, storage strings."""
    assert deviations(name) == []


def test_all_are_there() -> None:
    """No recorded run is without its scenario, and none has been lost."""
    assert sorted(path.stem for path in RUNS.glob("*.json")) == NAMES
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
