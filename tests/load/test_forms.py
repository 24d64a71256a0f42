"""Runs in other forms than SDKs send in, over TLS, by another transport; and what thresholds make of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from locusts import Ended


@pytest.mark.parametrize("name", ["packed", "reference"])
def test_the_audit_holds(name: str, request: pytest.FixtureRequest) -> None:
    """Bodies in msgpack, compressed, and those that Locust's own client sends: each event is stored, once, unaltered."""
    ended: Ended = request.getfixturevalue(name)
    assert ended.wrong == (0, 0, 0, 0)
    assert ended.counts("stored") == ended.counts("sent") > (0,)
    assert {claim["verdict"] for claim in ended.audit["claims"]} <= {"ok", "not judged"}, ended.out


def test_a_threshold_that_fails_fails_the_run(packed: "Ended") -> None:
    """It is named first of all, with what was found, in run.json as well, and the exit code is 1; those that hold are not named."""
    assert packed.code == packed.run["exit_code"] == 1
    first, second = packed.out.splitlines()[:2]
    assert first.startswith("THRESHOLD FAILED: service_p50<1us: found ")
    assert second == "ALL CLAIMS HOLD"
    assert packed.run["thresholds"] == ["lost==0", "service_p50<1us", "error_share<0.1%"]
    assert [line.partition(": found ")[0] for line in packed.run["broken"]] == ["service_p50<1us"]


def test_thresholds_that_hold_fail_nothing(reference: "Ended") -> None:
    """Thresholds that hold change neither exit code nor first line."""
    assert (reference.code, reference.run["broken"]) == (0, [])
    assert reference.out.startswith("ALL CLAIMS HOLD\n")


def test_connections_are_counted_by_whatever_transport(reference: "Ended") -> None:
    """Locust's own client opens some, and the screen says how many."""
    connections = reference.run["load"]["connections"]
    assert 0 < connections <= 128
    assert f"; {connections:,} connections (" in reference.out


def test_a_run_over_tls(secure: "Ended") -> None:
    """With the server's certificate named, a run over TLS sends all; its handshakes are counted beside its connections."""
    load = secure.run["load"]
    assert secure.code == 0, secure.out + secure.err
    assert load["causes"].keys() == {"ok"}
    assert load["handshakes"] == load["connections"] > 0
    assert f"{load['handshakes']:,} TLS handshakes" in secure.out


@pytest.mark.parametrize("name", ["plain", "packed", "secure"])
def test_the_load_is_on_record(name: str, request: pytest.FixtureRequest) -> None:
    """run.json and the screen have the load's figures: payloads, connections, quantiles of each measure, the CPU's share."""
    ended: Ended = request.getfixturevalue(name)
    load = ended.run["load"]
    assert load["payloads"] == load["causes"]["ok"] == int((ended.ledger.outcomes["sent_ns"] > 0).sum())
    assert 0 < load["cpu_share"] < 1
    assert 0 < load["computing_share"] < 1
    assert (load["collector_share"] > 0) == (ended.run["received"] is not None and Path("/proc/self/stat").exists())
    assert 0 <= load["own_lag_worst_second"]["second"] <= ended.run["played_s"]
    assert load["own_lag_worst_second"]["p99"] >= load["own_lag_ms"]["p50"]
    for measure in ("own_lag", "wait", "service", "first_byte", "response"):
        quantiles = [load[f"{measure}_ms"][q] for q in ("p50", "p90", "p99", "p99.9", "max")]
        assert quantiles == sorted(quantiles)
    assert load["service_ms"]["p50"] <= load["response_ms"]["p50"]
    assert "\nresponse   p50 " in f"\n{ended.out}"
