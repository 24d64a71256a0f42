"""What is said of columns holds: each has a meaning, and a name is called captured exactly if a capture or a recorded run has it."""

import json
from typing import Any

import pytest
from recordings import RUNS

from simulator.profile.editions import EDITIONS
from simulator.report.fields import names_of, parts_of, sends
from simulator.schema.columns import COLUMNS, ENVELOPE
from simulator.schema.words import EVENT_KINDS, EVENT_TYPES, TYPE_OF
from simulator.wire import meanings
from simulator.wire.meanings import ASSUMED, CAPTURE, EVERY, KINDS, MEANINGS, UNITS, Meaning, meaning

ROWS = [(where, column) for where, columns in MEANINGS.items() for column in columns]
SENT = [(name, kind) for name, edition in EDITIONS.items() for kind in range(len(EVENT_KINDS)) if sends(edition, kind)]
IDS = [f"{name}-{EVENT_KINDS[kind]}" for name, kind in SENT]


def event_type(kind: int) -> str:
    """Name the event type of a kind."""
    return (*EVENT_TYPES, "application")[TYPE_OF[kind]]


def meant(where: str, column: str) -> Meaning | None:
    """Give what is said of a column of an event type, if anything is."""
    return MEANINGS[where].get(column) or MEANINGS[EVERY].get(column)


def source(edition: str, found: Meaning) -> str:
    """Give the source of a column's name in an edition."""
    return found.mobile if EDITIONS[edition].platform in ("ios", "android") else found.web


@pytest.fixture(scope="module")
def seen(captured: dict[str, Any]) -> dict[str, set[str]]:
    """Give the names that the real web SDK has sent, by event type; those of the envelope with a dot."""
    names: dict[str, set[str]] = {name: set() for name in MEANINGS}
    names[meanings.ENVELOPE] |= {f"{part}.{key}" for part, orders in captured["inner"].items() for keys in orders for key in keys}
    names[meanings.ENVELOPE] |= {key for keys in captured["envelope"] for key in keys}
    for name, orders in captured["events"].items():
        names[name.partition("/")[0]] |= {key for keys in orders for key in keys}
    for path in RUNS.glob("*.json"):
        for report in json.loads(path.read_text("utf-8"))["reports"]:
            body = json.loads(report["body"])
            for event in body.pop("events"):
                names.setdefault(event["event_type"], set()).update(event)
            names[meanings.ENVELOPE] |= body.keys() | {f"{part}.{key}" for part, keys in body.items() if isinstance(keys, dict) for key in keys}
    return names


@pytest.mark.parametrize(("name", "kind"), SENT, ids=IDS)
def test_every_column_has_a_meaning(name: str, kind: int) -> None:
    """Of each column that an edition sends it is said what it means, in simulator/wire/meanings.py, and who has seen its name there."""
    where = event_type(kind)
    for column in names_of(EDITIONS[name], kind):
        found = meant(where, column)
        assert found, f"column {column} of {where} events has no meaning: add a row to simulator/wire/meanings.py"
        assert source(name, found), (
            f"column {column} of {where} events: {name} sends it, but its name there has no source in simulator/wire/meanings.py"
        )


def test_the_envelope_has_meanings() -> None:
    """Each column of the envelope has a meaning and a source; so has each kind of event."""
    assert set(MEANINGS[meanings.ENVELOPE]) == set(ENVELOPE)
    assert set(KINDS) == set(EVENT_KINDS)
    for name, edition in EDITIONS.items():
        assert all(source(name, meaning(meanings.ENVELOPE, column)) for column in parts_of(edition))


def test_a_meaning_that_is_missing_is_told() -> None:
    """A column without a meaning is an error that says where to add one."""
    with pytest.raises(KeyError, match=r"column nonsense of view: no meaning; add a row to simulator/wire/meanings\.py"):
        meaning("view", "nonsense")


@pytest.mark.parametrize(("where", "column"), ROWS, ids=[f"{where}-{column}" for where, column in ROWS])
def test_a_meaning_is_whole(where: str, column: str) -> None:
    """A meaning is of a column of the stored row, in a few words, with a unit and sources of the known ones."""
    found = MEANINGS[where][column]
    assert column in COLUMNS
    assert found.text
    assert "|" not in found.text
    assert found.unit in UNITS
    assert found.web in (CAPTURE, ASSUMED, "")
    assert found.mobile.startswith(("FACTS 9", ASSUMED)) or found.mobile == ""
    assert found.web or found.mobile


@pytest.mark.parametrize(("where", "column"), ROWS, ids=[f"{where}-{column}" for where, column in ROWS])
def test_what_is_called_captured_was(seen: dict[str, set[str]], where: str, column: str) -> None:
    """A name of the web is called captured exactly if the real SDK has sent it in events of that type."""
    name = ".".join(ENVELOPE.get(column, (column,))) if where == meanings.ENVELOPE else column
    types = EVENT_TYPES if where == EVERY else [where]
    was = all(name in seen[each] for each in types)
    assert (MEANINGS[where][column].web == CAPTURE) == was, f"{name} of {where}: {'is' if was else 'is not'} in a capture or a recorded run"


@pytest.mark.parametrize("kind", [kind for name, kind in SENT if name == "web-0.0.37"], ids=EVENT_KINDS.__getitem__)
def test_the_real_web_sdk_s_names_are_captured_or_assumed(seen: dict[str, set[str]], kind: int) -> None:
    """Each name that an event of web-0.0.37 can have occurs in a capture or a recorded run, or its source says that it is assumed."""
    where = event_type(kind)
    for column, name in names_of(EDITIONS["web-0.0.37"], kind).items():
        found = meant(where, column)
        assert name in seen[where] or (found and found.web == ASSUMED), f"{name} of {where} events is in no capture, and not called assumed"
