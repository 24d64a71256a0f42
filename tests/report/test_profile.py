"""The table of a profile's fields is what the source says of them, and docs/profile.md is exactly it."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.profile.describe import described, meanings
from simulator.profile.loader import schema
from simulator.profile.types import Profile
from simulator.report.profile import tables

DOCUMENT = Path(__file__).parents[2] / "docs" / "profile.md"


def test_the_document_is_the_command_s_output() -> None:
    """docs/profile.md is to the byte what `rumsim check --fields` prints; if this fails: `rumsim check --fields > docs/profile.md`."""
    result = CliRunner().invoke(main, ["check", "--fields"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == tables() == DOCUMENT.read_text("utf-8"), "docs/profile.md is out of date: rumsim check --fields > docs/profile.md"


@pytest.mark.parametrize("part", described(Profile), ids=lambda part: part.__name__)
def test_every_field_has_a_meaning(part: type[msgspec.Struct]) -> None:
    """Each field of each part has a meaning; the schema says it, and the table has a row with it."""
    properties, document = json.loads(schema())["$defs"][part.__name__]["properties"], tables()
    for name, meaning in meanings(part).items():
        assert meaning, name
        assert properties[name]["description"] == meaning
        assert any(line.startswith(f"| `{name}` | ") and line.endswith(f" | {meaning} |") for line in document.splitlines())
