"""The reference of fields is what the code does: made from the wire's orders and the editions' rules, and docs/fields.md is exactly it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.profile.editions import EDITIONS
from simulator.report.fields import names_of, parts_of, sends, tables
from simulator.schema.columns import COLUMNS, ENVELOPE
from simulator.schema.words import ANR, ANR_ERROR, EVENT_KINDS, FATAL, LEAVE, PERF, PRESS, PV, STALL, STATE, SWEEP

DOCUMENT = Path(__file__).parents[2] / "docs" / "fields.md"
DOCUMENTED_MOBILE, REAL_MOBILE = {"ios-documented", "android-documented"}, {"ios-2.3", "android-2.3"}


def lines() -> list[list[str]]:
    """List the rows of all tables, as cells."""
    return [line.strip("| ").split(" | ") for line in tables().splitlines() if line.startswith("| `")]


def test_the_document_is_the_command_s_output() -> None:
    """docs/fields.md is to the byte what `rumsim fields` prints; if this fails: `rumsim fields > docs/fields.md`."""
    result = CliRunner().invoke(main, ["fields"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == tables() == DOCUMENT.read_text("utf-8"), "docs/fields.md is out of date: rumsim fields > docs/fields.md"


def test_every_column_is_there() -> None:
    """Each column of the stored row stands in a table, with a value in every cell."""
    assert {row[0].strip("`") for row in lines()} == set(COLUMNS)
    assert all(len(row) == 6 and all(row) for row in lines())


@pytest.mark.parametrize(
    ("kind", "editions"),
    [
        (PV, set(EDITIONS)),
        (LEAVE, set(EDITIONS) - {"web-0.0.37"}),  # FACTS 5: there is no time-on-page event
        (SWEEP, set(EDITIONS) - {"web-0.0.37"}),  # FACTS 5: no scroll
        (STALL, set(EDITIONS)),  # in web-0.0.37 where it is switched on
        (FATAL, DOCUMENTED_MOBILE | REAL_MOBILE),  # document: crashes are mobile
        (ANR, DOCUMENTED_MOBILE),  # document: a performance issue
        (ANR_ERROR, REAL_MOBILE),  # FACTS 9: an exception
        (STATE, REAL_MOBILE),  # FACTS 9
    ],
    ids=lambda value: EVENT_KINDS[value] if isinstance(value, int) else "",
)
def test_who_sends_a_kind(kind: int, editions: set[str]) -> None:
    """Which editions send a kind of event is what document and FACTS say."""
    assert {name for name, edition in EDITIONS.items() if sends(edition, kind)} == editions


def test_names_differ_by_platform() -> None:
    """A column has the wire name of its edition, and only a document is measured."""
    assert names_of(EDITIONS["ios-documented"], PRESS)["x"] == "position.start_x"
    assert names_of(EDITIONS["web-documented"], PRESS)["x"] == "x"
    assert "x" not in names_of(EDITIONS["web-0.0.37"], PRESS)
    assert "dom_complete" not in names_of(EDITIONS["android-2.3"], PERF)


def test_the_envelope_of_a_bare_edition() -> None:
    """The real web SDK sends neither device nor os nor geo; all others send everything."""
    for name, edition in EDITIONS.items():
        lacking = set(ENVELOPE) - set(parts_of(edition))
        assert lacking == ({"device.id", "device.model", "os.name", "os.version", "geo.country"} if name == "web-0.0.37" else set())


def test_a_cell_says_who() -> None:
    """Of a column that not all send the reader learns who does, and what it is called there."""
    (left,) = (row for row in lines() if row[0] == "`x`")
    assert left[1] == "`x` (web, miniprogram); `position.start_x` (ios, android)"
    assert left[4] == "press (not web-0.0.37); sweep"
    assert left[5] == "web assumed; mobile FACTS 9"
