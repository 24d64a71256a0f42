"""Runs against hosts that are not ours: one that works, one that refuses."""

from typing import TYPE_CHECKING, Any

import pytest

from simulator.collector.store import Store
from simulator.schema.words import CUT, FAILED

if TYPE_CHECKING:
    from locusts import Ended


def test_a_collector_that_is_there_is_used(hosted: "Ended") -> None:
    """With --host the payloads go there, no collector is started, and Locust's exit code stands, as there is no audit."""
    assert hosted.code == 0, hosted.err
    assert not (hosted.folder / "received").exists()
    assert hosted.run["received"] is None
    assert not any("embedded collector, started" in line for line in hosted.said)
    assert "no audit" in hosted.out
    assert f"rumsim audit {hosted.folder} --received DIR" in hosted.out


def test_its_folder_can_be_audited(hosted: "Ended", locust: Any) -> None:
    """`rumsim audit RUN --received DIR` joins the ledger with the folder of that collector, and all claims hold."""
    code, out, err = locust.rumsim("audit", str(hosted.folder), "--received", str(hosted.folder.parent / "received"))
    assert (code, err) == (0, "")
    assert out.startswith("ALL CLAIMS HOLD\n")
    assert hosted.counts("stored") == hosted.counts("sent") > (0,)
    assert hosted.wrong == (0, 0, 0, 0)


def test_a_refused_connection_is_a_failure_not_a_loss(refused: "Ended") -> None:
    """Where nothing listens, each payload that was due is on record as failed: nothing was sent, so nothing can be lost."""
    outcomes = refused.ledger.outcomes
    assert set(outcomes["outcome"]) == {FAILED, CUT}
    assert not outcomes["status"].any()


def test_a_refused_connection_fails_the_run(refused: "Ended") -> None:
    """Locust's own rule gives exit code 1; nobody sees a traceback, and the command that reproduces the run is printed all the same."""
    assert refused.code == 1
    assert "Traceback" not in refused.out + refused.err
    assert f"reproduce: {refused.run['reproduce']}\n" in refused.out


def test_an_audit_proves_nothing_by_nothing(refused: "Ended", locust: Any, tmp_path: Any) -> None:
    """Audited against a collector without events, a run of which nothing left fails: no claim of zero loss holds without anything to judge it by."""
    Store(tmp_path).close()
    code, out, _ = locust.rumsim("audit", str(refused.folder), "--received", str(tmp_path))
    assert code == 1
    verdicts = {claim["name"]: claim for claim in refused.audit["claims"]}
    assert verdicts["every due payload was sent"]["holds"] is False
    assert verdicts["nothing lost"]["holds"] is None
    assert refused.wrong == (0, 0, 0, 0)
    assert "no acknowledged events to judge by" in out


def test_a_collector_that_is_down_is_not_fast(refused: "Ended") -> None:
    """Refusals come within a millisecond, but no rule on the response holds for them, nor is there such a figure; that they are left out is said."""
    lines = refused.run["broken"]
    assert lines == ["response_p99<250ms: found no answer to measure", "sent_share>=95%: found 0.0000%"]
    assert all(f"THRESHOLD FAILED: {line}\n" in refused.out for line in lines)
    assert refused.run["load"]["response_ms"] == {}
    (note,) = refused.run["notes"]
    assert note.startswith("response_p99<250ms: judged without ")
    assert f"note: {note}\n" in refused.out
    assert f"\nnot ok     refused {refused.run['load']['causes']['refused']:,}" in refused.out


@pytest.mark.parametrize("name", ["hosted", "refused"])
def test_the_host_is_on_record(name: str, request: pytest.FixtureRequest) -> None:
    """run.json names the host, without a slash at its end."""
    host = request.getfixturevalue(name).run["host"]
    assert host.startswith("http://127.0.0.1:")
    assert not host.endswith("/")
