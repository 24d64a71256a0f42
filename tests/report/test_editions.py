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


@pytest.mark.parametrize("name", EDITIONS)
def test_every_rule_is_there(name: str) -> None:
    """Each rule of a row stands in its table, with a value, a meaning and its source."""
    part = tables().split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == list(EDITIONS[name].rules)
    assert [row[3] for row in rows] == [rule.source for rule in EDITIONS[name].rules.values()]
    assert all(len(row) == 4 and all(row) for row in rows)
