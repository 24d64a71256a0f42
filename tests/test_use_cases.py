"""The worked examples of docs/use-cases.md: each question gives the answer that is printed below it, and finds what truth has labelled.

Run as a program, it asks all of them and writes the answers into the document.
"""

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from days import DEVICES, Day, make_day
from duckdb import DuckDBPyConnection

from simulator.cli import main
from simulator.profile import starters
from simulator.report.query import answer

DOCUMENT = Path(__file__).parents[1] / "docs" / "use-cases.md"
TEXT = DOCUMENT.read_text("utf-8")
QUESTION = re.compile(r"^```sh\n\.venv/bin/rumsim query (\S+) - <<'SQL'\n(.*?)^SQL\n```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [match.groups() for match in QUESTION.finditer(TEXT)]
COMPLAINT, VIEWS, EVENTS, BLANKS, FUNNEL, DROPS, REASONS, SERVER, NETWORK, PAGES, IMPACT = range(11)
"""The questions, in order."""
Cells = list[tuple[str, ...]]


def cells(printed: str) -> Cells:
    """Take a printed table apart: its rows, without the names and types of its columns."""
    rows = [tuple(cell.strip() for cell in line.strip("│").split("│")) for line in printed.splitlines() if line.startswith("│")]
    return rows[2:]


def rows(day: Day, number: int) -> list[dict[str, Any]]:
    """Ask a question; give its answer's rows by the names of the columns."""
    found = day.database.execute(EXAMPLES[number][1])
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_the_dataset_is_that_of_the_command(incident_day: Day) -> None:
    """The command that the document begins with makes the dataset that is asked."""
    (line,) = re.findall(r"^\.venv/bin/rumsim (generate .*)$", TEXT, re.MULTILINE)
    _, *words = shlex.split(line)
    options = main.commands["generate"].make_context("generate", words).params
    request = incident_day.request
    assert starters.read(options["profile"]) == request.profile
    assert (options["devices"], options["hours"], options["seed"]) == (request.devices, request.hours, request.seed) == (DEVICES, 24, 1)
    assert {folder for folder, _, _ in EXAMPLES} == {str(options["out"])}
    assert len(EXAMPLES) == TEXT.count("```text") == IMPACT + 1


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_answer_is_the_printed_one(incident_day: Day, number: int) -> None:
    """The question, as typed, has the answer that is printed below it, cell by cell."""
    _, sql, printed = EXAMPLES[number]
    assert cells(answer(incident_day.database, sql)) == cells(printed) != []


# ------------------------------------------------------------------------------------------------------------------------- what they find


def test_the_complaint_is_found(incident_day: Day) -> None:
    """The user of the complaint, found by user id and by device id, has one blank view; what was before and after it is there."""
    (complaint,) = rows(incident_day, COMPLAINT)
    assert f"= '{complaint['user.id']}'" in EXAMPLES[VIEWS][1]
    assert f"= '{complaint['device.id']}'" in EXAMPLES[EVENTS][1]
    views = rows(incident_day, VIEWS)
    (blank,) = [i for i, view in enumerate(views) if view["error"] and view["loaded_ms"] is None]
    assert (views[blank]["page"], views[blank]["opened"]) == ("/detail/:id", complaint["at"])
    assert views[blank - 1]["loaded_ms"] > 0
    assert (views[blank + 1]["page"], views[blank + 1]["error"]) == ("/detail/:id", "")
    events = rows(incident_day, EVENTS)
    assert events[0]["s"] < 0 < events[-1]["s"]
    assert [event["type"] for event in events if event["s"] == 0] == ["error"]
    blank, again = (event["what"] for event in events if event["type"] == "pv" and event["page"] == "/detail/:id")
    assert blank == again


def test_it_is_not_only_this_user(incident_day: Day) -> None:
    """Blank views are those of the incident's time, all in labelled sessions."""
    for slot in rows(incident_day, BLANKS):
        assert (slot["blank"] > 30) == (slot["since"] in ("15:30", "16:00"))
        assert slot["sessions"] == slot["labelled"]
        assert slot["blank"] == 0 or slot["labelled"] > 30


def test_the_funnel_narrows(incident_day: Day) -> None:
    """Each step has fewer sessions than the one before; those who drop are counted once, at the page they saw last."""
    funnel = [step["sessions"] for step in rows(incident_day, FUNNEL)]
    assert len(funnel) == 5
    assert all(later < earlier for earlier, later in pairwise(funnel))
    drops = {row["page"]: row for row in rows(incident_day, DROPS)}
    assert drops.keys() == {"/home", "/list", "/search", "/detail/:id", "/cart", "/checkout"}
    assert max(drops.values(), key=lambda row: row["blank"])["page"] == "/detail/:id"
    assert max(drops.values(), key=lambda row: row["slow_request"])["page"] == "/search"


def test_why_they_drop(incident_day: Day) -> None:
    """People drop more often where they wait, lag or are lost; behind what is not usual stands the incident that caused it."""
    reasons = {row["why"]: row for row in rows(incident_day, REASONS)}
    usual = reasons.pop("other")
    assert reasons.keys() == {"blank", "slow page", "slow request", "lag", "long flow"}
    for row in reasons.values():
        assert row["percent"] >= usual["percent"] + 5
    behind = {"blank": "detail-blank", "slow page": "mobile-network-down", "slow request": "search-slow", "lag": "ios-hangs"}
    for why, incident in behind.items():
        assert reasons[why]["mostly"] == incident
        assert reasons[why]["labelled_percent"] >= usual["labelled_percent"] + 30


@pytest.mark.parametrize(
    ("number", "what", "slots"), [(SERVER, "/api/search", ("08:30", "09:00", "09:30")), (NETWORK, "BR", ("10:30", "11:00", "11:30"))]
)
def test_network_or_server(incident_day: Day, number: int, what: str, slots: tuple[str, ...]) -> None:
    """The phases tell the slow server from the slow network, each at the time of its incident and at no other."""
    found = rows(incident_day, number)
    assert tuple(row["since"] for row in found) == slots
    assert {row.get("api", row.get("country")) for row in found} == {what}
    assert {row["is_it"] for row in found} == {"server" if number == SERVER else "network"}


def test_the_impact_of_the_slow_api(incident_day: Day) -> None:
    """Slow requests are those of labelled sessions on the page of search; who waits long presses again, and leaves twice as often."""
    pages = rows(incident_day, PAGES)
    assert [row["page"] for row in pages] == ["/search"]
    assert pages[0]["labelled"] > 0.7 * pages[0]["sessions"]
    impact = {row["waited"]: row for row in rows(incident_day, IMPACT)}
    fast, slow = impact["up to 1 s"], impact["longer"]
    assert fast["pressed_again"] == 0
    assert slow["pressed_again"] > 20
    assert slow["left_the_shop"] > 1.5 * fast["left_the_shop"]
    assert slow["labelled"] > 60
    assert fast["labelled"] < 5


def filled(database: DuckDBPyConnection) -> str:
    """Give the document with the answers of today."""
    return QUESTION.sub(lambda m: m[0][: m.start(3) - m.start()] + answer(database, m[2]).strip("\n") + "\n```", TEXT)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for today in make_day(starters.read("incident-day"), Path(folder) / "data"):
            DOCUMENT.write_text(filled(today.database), "utf-8")
