"""One screen: the verdict first, everything within its bounds."""

import shlex
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from simulator.audit.claims import Claim, Share
from simulator.audit.counts import OTHER, Counts, Sessions, Tally
from simulator.audit.run import Audit
from simulator.report.screen import LINES, WIDTH, screen
from simulator.schema.words import EVENT_TYPES, FATES, OUTCOMES, PLATFORMS

ALL_HOLD = ("nothing lost", "nothing duplicated", "nothing altered", "nothing unexpected", "every due payload was sent")


def made(size: int = 1_234, *, bad: int = 0) -> Audit:
    """Give an audit whose every number is `size`, with `bad` failed claims."""
    tally = Tally(planned=size, sent=size, acknowledged=size, stored=size, lost=0, duplicated=0, altered=0, unexpected=0)
    sessions = Sessions(created=size, sampled=size, cut_start=0, stored=size)
    zeros = {field.name: 0 for field in msgspec.structs.fields(Counts) if field.type is int}
    counts = Counts(
        **zeros
        | {"events": size, "planned": size, "sent": size, "stored": size, "stored_rows": size}
        | {"fates": dict.fromkeys(FATES, size), "outcomes": dict.fromkeys(OUTCOMES, size), "stored_outcomes": dict.fromkeys(OUTCOMES, size)}
        | {"payloads": dict.fromkeys(OUTCOMES, 0) | {"acknowledged": size}, "altered_fields": {}, "examples": {}, "sessions": sessions}
        | {"session_platforms": dict.fromkeys(PLATFORMS, sessions)}
        | {"types": dict.fromkeys(EVENT_TYPES, tally), "platforms": dict.fromkeys(PLATFORMS, tally)}
    )
    shares = [Share(name, size, size, 0.8, 0.75, 0.85, 0.05, 0.05) for name in (*PLATFORMS, "all")]
    claims = [
        *(Claim(name, holds=True, found=f"0 of {size:,}", expected="0") for name in ALL_HOLD),
        *(Claim(f"bad {number}", holds=False, found=f"{size:,} of {size:,} events", expected="0", note="e.g. " + "f" * 60) for number in range(bad)),
        *(Claim(f"sampled share, {share.platform}", holds=True, found="80 %", expected="80 %") for share in shares),
        Claim("unsampled sessions are silent", holds=None, found="no sessions", expected="0"),
    ]
    return Audit(folder=Path("runs/1"), counts=counts, shares=shares, claims=claims, cohorts=4, torn=0, faults={})


def test_the_verdict_is_the_first_line() -> None:
    """All claims hold, or how many failed and which."""
    assert screen(made(), {}).splitlines()[0] == "ALL CLAIMS HOLD"
    assert screen(made(bad=1), {}).splitlines()[0] == "1 CLAIM FAILED: bad 0"
    assert screen(made(bad=2), {}).splitlines()[0] == "2 CLAIMS FAILED: bad 0, bad 1"


@pytest.mark.parametrize("bad", [0, 1])
def test_an_invalid_run_is_called_so_first(bad: int) -> None:
    """Whatever the claims, the reasons come first, each on a line of its own, and nothing reads like success; then the verdict, then the notes."""
    audit = replace(made(bad=bad), invalid=["the generator was slow", "a worker died"])
    lines = screen(audit, {"notes": ["the collector was slow"]}).splitlines()
    assert lines[:2] == ["INVALID RUN: the generator was slow", "INVALID RUN: a worker died"]
    assert lines[2] == ("1 CLAIM FAILED: bad 0" if bad else "all claims hold for what was sent")
    assert lines[3] == "note: the collector was slow"
    assert "ALL CLAIMS HOLD" not in "\n".join(lines)


def test_notes_stand_below_the_verdict() -> None:
    """A long note goes on in the next line, indented; where there is none, nothing stands in its place."""
    lines = screen(made(), {"notes": ["word " * 30]}).splitlines()
    assert lines[0] == "ALL CLAIMS HOLD"
    assert lines[1].startswith("note: word word")
    assert lines[2].startswith("    word")
    assert not any(line.startswith("note:") for line in screen(made(), {"notes": []}).splitlines())


@pytest.mark.parametrize("size", [0, 7, 1_234_567, 987_654_321])
@pytest.mark.parametrize("bad", [0, 1, 12, 60])
def test_it_fits_one_screen(size: int, bad: int) -> None:
    """Whatever the numbers and however much failed, it has at most 40 lines of 100 columns, and every failed claim comes before those that hold."""
    audit = replace(made(size, bad=bad), faults={"drop": size, "duplicate": size, "swap_field": size, "mix_sessions": size}, torn=3)
    audit = replace(audit, invalid=["the generator was behind its own schedule: " + "and why " * 12] if bad else [])
    run = {
        "seed": 7,
        "start": "2026-01-05T00:00:00Z",
        "speed": 1.0,
        "reproduce": "rumsim generate " + "--option value " * 12,
        "notes": ["a note " * 18],
    }
    lines = screen(audit, run).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= WIDTH
    marks = [line.split()[0] for line in lines if line.startswith(("ok ", "FAILED ", "not judged "))]
    assert marks == sorted(marks, key=lambda mark: mark != "FAILED")
    assert ("FAILED" in marks) == (bad > 0)


def test_numbers_are_readable() -> None:
    """Thousands are separated, and columns end at the same place."""
    lines = screen(made(1_234_567), {}).splitlines()
    table = [line for line in lines if line.startswith(("events ", *EVENT_TYPES, "all events"))]
    assert len(table) == 7
    assert len({len(line) for line in table}) == 1
    assert all("1,234,567" in line for line in table[1:])


def test_claims_are_marked() -> None:
    """Claims that hold, fail or could not be judged are told apart; shares that hold stand in the table of platforms only."""
    lines = screen(made(bad=1), {}).splitlines()
    assert any(line.startswith("ok ") and "nothing lost" in line for line in lines)
    assert any(line.startswith("FAILED ") and "bad 0" in line for line in lines)
    assert any(line.startswith("not judged ") and "silent" in line for line in lines)
    assert not any("sampled share" in line for line in lines)
    assert sum(line.startswith(("web", "miniprogram", "ios", "android", "all  ")) and line.endswith("ok") for line in lines) == 5


def test_a_failed_share_is_marked_in_its_row_and_explained_below() -> None:
    """A platform whose share fails is marked in the table and listed among the failed claims."""
    audit = made()
    claims = [replace(claim, holds=False) if claim.name == "sampled share, ios" else claim for claim in audit.claims]
    lines = screen(replace(audit, claims=claims), {}).splitlines()
    assert next(line for line in lines if line.startswith("ios")).endswith("FAILED")
    assert any(line.startswith("FAILED ") and "sampled share, ios" in line for line in lines)


@pytest.mark.parametrize(
    "command",
    [
        "rumsim generate runs/1/profile.toml --devices 100 --hours 1 --seed 7 --out again --format ndjson",
        "rumsim generate 'a folder with spaces/profile.toml' --devices 100 --hours 1 --seed 7 --out 'other place' " + "--more x " * 20,
        "rumsim generate " + "x" * 150 + " --seed 7",
    ],
)
def test_the_reproduce_command_can_be_copied(command: str) -> None:
    """However long it is, what is shown gives the shell the same words as the command, as a text or as a list of words."""
    for given in (command, shlex.split(command)):
        text = screen(made(), {"reproduce": given})
        shown = text.partition("reproduce:")[2].replace("\\\n", " ")
        assert shlex.split(shown) == shlex.split(command)


def test_without_a_command_none_is_shown() -> None:
    """A run that cannot be reproduced has no empty place for it."""
    assert "reproduce" not in screen(made(), {})


def test_what_was_confessed_is_shown() -> None:
    """Faults that the collector says it did stand beside what the audit found, and say whose word it is."""
    assert "faults done: drop 1,051 (the collector confesses" in screen(replace(made(), faults={"drop": 1_051}), {})
    assert "faults done" not in screen(made(), {})


def test_events_of_no_platform_are_shown() -> None:
    """Stored events of unknown sessions have a row of their own."""
    audit = made()
    stranger = Tally(planned=0, sent=0, acknowledged=0, stored=3, lost=0, duplicated=0, altered=0, unexpected=3)
    counts = msgspec.structs.replace(audit.counts, platforms=audit.counts.platforms | {OTHER: stranger}, stored_sessions_unknown=2)
    lines = screen(replace(audit, counts=counts), {}).splitlines()
    assert next(line for line in lines if line.startswith("other")).split()[:3] == ["other", "3", "2"]


def test_colour_only_where_asked_for() -> None:
    """Without a terminal there is no escape sequence; with one, the text is the same but for them."""
    plain = screen(made(bad=2), {})
    assert "\033" not in plain
    coloured = screen(made(bad=2), {}, colour=True)
    assert coloured.replace("\033[31m", "").replace("\033[0m", "") == plain
    assert "\033[32mALL CLAIMS HOLD\033[0m" in screen(made(), {}, colour=True)


def test_a_rate_that_changes_is_said() -> None:
    """Where a platform's rate changes, the table says so in the place of the rate."""
    audit = made()
    shares = [replace(audit.shares[0], rate=None), *audit.shares[1:]]
    lines = screen(replace(audit, shares=shares), {}).splitlines()
    assert [line.split()[0] for line in lines if "changes" in line] == ["web"]
