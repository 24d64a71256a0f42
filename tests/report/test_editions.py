"""The table of editions is what the rows say, and docs/editions.md is exactly it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.profile.editions import EDITIONS
from simulator.report.editions import tables

DOCUMENT = Path(__file__).parents[2] / "docs" / "editions.md"


def test_the_document_is_the_command_s_output() -> None:
    """docs/editions.md is to the byte what `rumsim editions` prints; if this fails: `rumsim editions > docs/editions.md`."""
    result = CliRunner().invoke(main, ["editions"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == tables() == DOCUMENT.read_text("utf-8"), "docs/editions.md is out of date: rumsim editions > docs/editions.md"


def rows_of(name: str) -> tuple[list[list[str]], list[list[str]]]:
    """Give the rows of an edition's tables: what can be set, and the rules."""
    part = tables().split(f"\n## {name}\n")[1].split("\n## ")[0]
    settings, rules = part.split("| rule |")
    return tuple(
        [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")][skip:] for text, skip in ((settings, 1), (rules, 0))
    )  # type: ignore[return-value]


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_is_there(name: str) -> None:
    """Each rule of a row stands in its table, with a value, a meaning and its source."""
    _, rows = rows_of(name)
    assert [row[0] for row in rows] == list(EDITIONS[name].rules)
    assert [row[3] for row in rows] == [rule.source for rule in EDITIONS[name].rules.values()]
    assert all(len(row) == 4 and all(row) for row in rows)


@pytest.mark.parametrize("name", EDITIONS)
def test_every_setting_has_its_default_and_its_source(name: str) -> None:
    """All that can be set stands there with its default, what is accepted, and what a wrong value gets; where a range decides, as the row has it."""
    rows, _ = rows_of(name)
    edition = EDITIONS[name]
    assert [row[0] for row in rows] == list(edition.settings)
    assert all(len(row) == 5 and all(row) and row[4].startswith(("document", "FACTS")) for row in rows)
    named = {"overtime": "sessionConfig.overtime", "max_duration": "sessionConfig.maxDuration", "flush_delay": "reportConfig.flushTime"}
    named["flush_count"] = "reportConfig.maxEventCount"
    shown = {row[0]: row for row in rows}
    for rule, setting in named.items():
        if setting in shown:
            assert shown[setting][1] == f"{edition.rules[rule].value:,}"
        if rule in edition.accepts:
            assert f"{edition.accepts[rule][1]:,}" in shown[setting][2]
