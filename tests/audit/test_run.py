"""The audit of a run's folder."""

import errno
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator.audit.ledger import Rows, read
from simulator.audit.run import audit
from simulator.errors import DataError, ProfileError
from simulator.schema.ledger import STORED_ROW
from simulator.schema.words import SENT


@pytest.fixture
def stored(run_folder: Path) -> Rows:
    """Give what a collector without fault has of the run."""
    events = read(run_folder / "ledger").events
    events = events[events["fate"] == SENT]
    rows = np.zeros(events.size, STORED_ROW)
    for name in STORED_ROW.names or ():
        rows[name] = events[name]
    return rows


def document(folder: Path) -> dict[str, object]:
    """Read audit.json."""
    found = json.loads((folder / "audit.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_a_run_that_went_well_has_exit_code_0(run_folder: Path, stored: Rows) -> None:
    """All claims hold, and audit.json says so with its format, the run's origin and every count; no draft of it is left."""
    result = audit(run_folder, stored)
    assert result.exit_code == 0
    assert result.failed == []
    found = document(run_folder)
    assert found["format"] == 1
    assert found["exit_code"] == 0
    assert found["run"] == {"seed": 7, "start": "now", "speed": 1.0, "profile_digest": "d1"}
    assert found["counts"]["stored"] == stored.size
    assert {claim["verdict"] for claim in found["claims"]} == {"ok"}
    assert set(found["types"]) == {"view", "action", "resource", "exception", "longTask"}
    assert set(found["sessions"]) == set(found["platforms"]) == {"web", "miniprogram", "ios", "android"}
    assert [path.name for path in run_folder.iterdir() if path.name.startswith("audit")] == ["audit.json"]


def test_a_failed_claim_has_exit_code_1(run_folder: Path, stored: Rows) -> None:
    """One lost event is enough, and it is named."""
    result = audit(run_folder, stored[1:])
    assert result.exit_code == 1
    assert [claim.name for claim in result.failed] == ["nothing lost"]
    found = document(run_folder)
    assert found["exit_code"] == 1
    assert found["examples"] == {"lost": [f"{stored['event'][0]:016x}"]}


@pytest.mark.parametrize(("run", "code"), [({}, 0), ({"played_s": 60.0, "exit_code": 0}, 1)], ids=["killed", "ended"])
def test_a_torn_ledger_passes_only_if_the_run_was_killed(run_folder: Path, stored: Rows, run: dict[str, object], code: int) -> None:
    """A ledger that is torn behind its last whole row is that of a killed run; a run that says how it ended must have a whole one."""
    with (run_folder / "ledger" / "events-00000.bin").open("ab") as file:
        file.write(b"torn")
    (run_folder / "run.json").write_text(json.dumps({"format": 1} | run), "utf-8")
    result = audit(run_folder, stored)
    assert (result.exit_code, result.torn) == (code, 1)
    assert [claim.name for claim in result.failed] == ["the ledger agrees with itself"] * code


@pytest.mark.parametrize("lost", [0, 1])
def test_an_invalid_run_has_exit_code_3(run_folder: Path, stored: Rows, lost: int) -> None:
    """What run.json says against the run weighs more than any claim, and is repeated in audit.json; the claims are judged all the same."""
    path = run_folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"invalid": ["the generator was too slow"]}), "utf-8")
    result = audit(run_folder, stored[lost:])
    assert (result.exit_code, list(result.invalid), len(result.failed)) == (3, ["the generator was too slow"], lost)
    found = document(run_folder)
    assert (found["exit_code"], found["invalid"]) == (3, ["the generator was too slow"])


@pytest.mark.parametrize(("number", "advice"), [(errno.ENOSPC, "free space on the disk"), (errno.EACCES, "make the run's folder writable")])
def test_a_file_that_cannot_be_written_is_one_line(run_folder: Path, stored: Rows, monkeypatch: pytest.MonkeyPatch, number: int, advice: str) -> None:
    """The advice fits the cause."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("simulator.schema.document.write", refuse)
    with pytest.raises(DataError, match=re.escape(f"audit.json: cannot be written ({os.strerror(number)}): {advice}")):
        audit(run_folder, stored)


def test_an_empty_collector_is_a_loss_and_no_error(run_folder: Path, stored: Rows) -> None:
    """With nothing stored the audit still says what is missing."""
    result = audit(run_folder, stored[:0])
    assert result.exit_code == 1
    assert result.counts.lost == stored.size


def test_a_second_audit_replaces_the_first(run_folder: Path, stored: Rows) -> None:
    """Audited again after the collector has caught up, the run passes."""
    audit(run_folder, stored[1:])
    audit(run_folder, stored)
    assert document(run_folder)["exit_code"] == 0


def test_the_collectors_confession_is_shown_and_not_used(run_folder: Path, stored: Rows) -> None:
    """Faults are counted by kind, the first line left out, lines that say no kind and torn ones apart; they change no claim."""
    folder = run_folder / "received"
    folder.mkdir()
    lines = [{"format": 1, "rows": "faults"}, *[{"kind": "drop", "event_id": "x"}] * 3, {"format": 1}, {"kind": "delay", "ms": 5}]
    (folder / "faults.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"kind": "dr', "utf-8")
    result = audit(run_folder, stored)
    assert result.faults == {"delay": 1, "drop": 3, "unreadable": 2}
    assert result.exit_code == 0
    assert document(run_folder)["faults_confessed"] == {"delay": 1, "drop": 3, "unreadable": 2}


def test_without_a_confession_there_are_no_faults(run_folder: Path, stored: Rows) -> None:
    """A collector that is not ours writes no faults.ndjson."""
    assert audit(run_folder, stored).faults == {}


def remove(name: str) -> Callable[[Path], None]:
    """Give a bend that removes a file."""
    return lambda folder: (folder / name).unlink()


def write(name: str, text: str) -> Callable[[Path], None]:
    """Give a bend that writes a file."""

    def bend(folder: Path) -> None:
        (folder / name).write_text(text, "utf-8")

    return bend


def no_ledger(folder: Path) -> None:
    """Remove the ledger."""
    for path in (folder / "ledger").iterdir():
        path.unlink()
    (folder / "ledger").rmdir()


def no_rows(folder: Path) -> None:
    """Remove all rows of the ledger."""
    for path in (folder / "ledger").iterdir():
        with path.open("rb") as file:
            line = file.readline()
        path.write_bytes(line)


@pytest.mark.parametrize(
    ("bend", "error", "said"),
    [
        (remove("run.json"), DataError, r"run\.json: cannot be read"),
        (write("run.json", "{"), DataError, r"run\.json: not JSON"),
        (write("run.json", "[]"), DataError, r"run\.json: no format"),
        (write("run.json", '{"format": true}'), DataError, r"run\.json: no format"),
        (write("run.json", '{"format": 2}'), DataError, r"run\.json: run of format 2, this rumsim reads format 1"),
        (remove("profile.toml"), DataError, r"profile\.toml: no profile there"),
        (write("profile.toml", "format = 1"), ProfileError, r"profile\.toml"),
        (no_ledger, DataError, "ledger: no ledger there"),
        (no_rows, DataError, "no session and no event"),
    ],
)
def test_a_folder_that_is_no_run_is_said_in_one_line(
    run_folder: Path, stored: Rows, bend: Callable[[Path], None], error: type[Exception], said: str
) -> None:
    """Whatever is missing, damaged or newer is named in one line, and nothing is written."""
    bend(run_folder)
    with pytest.raises(error, match=said) as caught:
        audit(run_folder, stored)
    assert "\n" not in str(caught.value)
    assert not (run_folder / "audit.json").exists()


def test_stored_rows_of_another_kind_are_a_bug_of_the_caller(run_folder: Path) -> None:
    """A read-back must hand over STORED_ROW."""
    with pytest.raises(TypeError, match="stored rows"):
        audit(run_folder, np.zeros(1, np.dtype([("event", "<u8")])))


def test_a_run_s_beginning_says_which_rates_were_in_force(run_folder: Path, stored: Rows) -> None:
    """By `start` and `offset_hours` of run.json a rate that the console says later than the run is no rate of the run."""
    profile = run_folder / "profile.toml"
    text = profile.read_text("utf-8")
    assert "[platforms.web]\n" in text
    profile.write_text(
        text.replace("[platforms.web]\n", "[platforms.web]\nremote = { enable = true, rates = [{ from_hour = 10, sample_rate = 0 }] }\n")
    )
    for offset, verdict in ((0, "ok"), (9.99, "ok"), (10, "not judged"), (30, "not judged")):
        # the sessions of this ledger begin at 0 ms since 1970
        run = {"format": 1, "seed": 7, "start": "1970-01-01T00:00:00.000Z", "offset_hours": offset}
        (run_folder / "run.json").write_text(json.dumps(run), "utf-8")
        audit(run_folder, stored)
        verdicts = {claim["name"]: claim["verdict"] for claim in document(run_folder)["claims"]}  # type: ignore[attr-defined]
        assert verdicts["sampled share, web"] == verdict, offset
        assert verdicts["sampled share, ios"] == "ok"
