"""Runs whose collector misbehaves: the audit finds what it did, to the event."""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulator.schema.words import CUT

if TYPE_CHECKING:
    from locusts import Ended

Confessed = Callable[[Path], Sequence[dict[str, Any]]]


@pytest.mark.parametrize(
    ("count", "kind", "claim"),
    [("lost", "drop", "nothing lost"), ("duplicated", "duplicate", "nothing duplicated"), ("altered", "swap_field", "nothing altered")],
)
def test_a_fault_is_counted_exactly(faulty: "Ended", confessed: Confessed, count: str, kind: str, claim: str) -> None:
    """Of each kind of fault the audit counts as many as the collector confesses, though it does not look there, and the claim fails."""
    done = [line for line in confessed(faulty.folder / "received") if line["kind"] == kind]
    assert len(done) > 0
    assert faulty.counts(count) == (len(done),)
    assert {one["name"]: one["verdict"] for one in faulty.audit["claims"]}[claim] == "FAILED"


def test_faults_fail_the_run(faulty: "Ended") -> None:
    """Exit code 1, also in run.json, and the first line of the results says how many claims failed, and which."""
    assert (faulty.code, faulty.run["exit_code"], faulty.audit["exit_code"]) == (1, 1, 1)
    assert faulty.out.startswith("3 CLAIMS FAILED: nothing lost, nothing duplicated, nothing altered\n")


def test_nothing_else_is_blamed(faulty: "Ended", confessed: Confessed) -> None:
    """Nothing is unexpected, and what the collector confesses is told beside the claims."""
    assert faulty.counts("unexpected", "never_sent", "unknown") == (0, 0, 0)
    assert faulty.audit["faults_confessed"] == dict(sorted(Counter(line["kind"] for line in confessed(faulty.folder / "received")).items()))


def test_the_lost_are_named(faulty: "Ended", confessed: Confessed) -> None:
    """The examples of lost events are among those that the collector says it dropped."""
    dropped = {line["event_id"][-16:] for line in confessed(faulty.folder / "received") if line["kind"] == "drop"}
    assert faulty.audit["examples"]["lost"]
    assert set(faulty.audit["examples"]["lost"]) <= dropped


def test_an_audit_can_be_repeated(faulty: "Ended", locust: Any) -> None:
    """`rumsim audit` on the run's folder finds the same again and prints what the run printed, with its exit code."""
    before = faulty.audit
    code, out, err = locust.rumsim("audit", str(faulty.folder))
    assert (code, out, err) == (1, faulty.out, "")
    assert faulty.audit == before


# ------------------------------------------------------------------------------------------------------------------------ whose slowness it is
@pytest.mark.parametrize("name", ["slow", "slow_reference"])
def test_a_slow_collector_is_no_fault_of_the_generator_s(name: str, request: pytest.FixtureRequest) -> None:
    """A collector that answers more slowly than payloads fall due leaves the run valid, and a note says how many waited for it, and how long.

    So it is by whatever transport.
    """
    slow: Ended = request.getfixturevalue(name)
    pace = slow.run["pace"]
    assert (slow.code, slow.run["invalid"]) == (0, [])
    assert pace["held"] > 0
    assert pace["late"] <= 0.01 * pace["due"]
    verdict, note = slow.out.splitlines()[:2]
    assert verdict == "ALL CLAIMS HOLD"
    assert note.startswith(f"note: {pace['held']:,} of {pace['due']:,} payloads waited for a connection")
    assert len(slow.run["notes"]) == 1


def test_what_still_waits_at_the_end_is_in_every_figure(crowded: "Ended") -> None:
    """Payloads that never got the one connection bound the response; they are censored, not sent, cut in the ledger, failed in Locust's table."""
    load, ledger = crowded.run["load"], crowded.ledger
    waiting = load["causes"]["waiting"]
    assert load["causes"] == {"ok": load["payloads"], "waiting": waiting}
    assert waiting > 5 * load["payloads"] > 0
    assert load["censored"] == waiting == load["offered"] - load["payloads"]
    assert load["offered"] == crowded.run["pace"]["due"]
    assert {"response_p50", "response_p99", "response_max", "wait_p50"} <= {*load["bounds"]}
    assert load["response_ms"]["max"] > 4000
    due_ms = datetime.fromisoformat(crowded.run["start"]).timestamp() * 1000 + 10 * 1000 * crowded.run["played_s"]  # at speed 10
    payloads = ledger.payloads[np.argsort(ledger.payloads["payload"])]["due"]
    outcomes = ledger.outcomes[np.argsort(ledger.outcomes["payload"])]
    assert waiting == pytest.approx(int(((outcomes["outcome"] == CUT) & (payloads < due_ms)).sum()), abs=30)
    assert f" of {load['offered']:,} payloads" in crowded.out
    assert f"\nnot ok     waiting {waiting:,}\n" in crowded.out
    with (crowded.folder.parent / "table_failures.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["Error"] == "LoadError('waiting')"
    assert 0.9 * waiting < int(row["Occurrences"]) <= waiting  # all but those of the last moment


def test_no_threshold_overlooks_what_still_waits(crowded: "Ended") -> None:
    """Rules on the response and on what was given up fail, the one on errors holds, and the run is valid: it is the collector that is slow."""
    assert (crowded.code, crowded.run["invalid"]) == (1, [])
    response, censored = crowded.run["broken"]
    assert response.startswith("response_p99<100s: found ")
    assert response.endswith(" ms or more")
    assert censored.startswith("censored_share<0.1%: found 9")


def test_a_pause_of_the_generator_decides_no_threshold(paused: "Ended") -> None:
    """Where only the generator's standing still for half a second breaks a rule, the run is invalid, said first, and no rule is judged."""
    assert paused.code == 3, paused.out
    assert paused.out.startswith("INVALID RUN: response_p100<300ms was decided by the generator itself: found ")
    assert paused.run["load"]["own_lag_worst_second"]["p99"] > 300
    assert paused.run["broken"] is None
    assert "thresholds not judged: response_p100<300ms, lost==0\n" in paused.out


@pytest.mark.parametrize("name", ["behind", "starved"])
def test_a_generator_that_is_behind_makes_the_run_invalid(name: str, request: pytest.FixtureRequest) -> None:
    """Held up or without CPU, INVALID is said first and the exit code is 3; that what was sent is there is no success."""
    ended: Ended = request.getfixturevalue(name)
    assert ended.code == 3, ended.out
    assert (ended.run["exit_code"], ended.audit["exit_code"]) == (3, 3)
    assert ended.out.startswith("INVALID RUN: the generator was behind its own schedule: ")
    assert "ALL CLAIMS HOLD" not in ended.out
    assert ended.wrong == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ["behind", "starved"])
def test_no_collector_is_blamed_for_the_generator(name: str, request: pytest.FixtureRequest) -> None:
    """An invalid run has no word on how slow the collector is, and judges no threshold."""
    ended: Ended = request.getfixturevalue(name)
    assert ended.run["notes"] == []
    assert "slower than the load" not in ended.out
    assert "THRESHOLD FAILED" not in ended.out
    assert ended.run["broken"] is None


def test_thresholds_of_an_invalid_run_are_named(starved: "Ended") -> None:
    """Who asked for a threshold is told that it was not judged."""
    assert "thresholds not judged: response_p99<1us\n" in starved.out


def test_an_audit_of_an_invalid_run_says_so_too(behind: "Ended", locust: Any) -> None:
    """`rumsim audit` on its folder prints the same and has the same exit code."""
    assert locust.rumsim("audit", str(behind.folder)) == (3, behind.out, "")
