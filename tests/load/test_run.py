"""A run from its first to its last breath: what arrived, what the folder says, and that it can be had again."""

import csv
import re
from collections.abc import Callable
from datetime import datetime
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from simulator.profile import starters
from simulator.profile.loader import digest, parse
from simulator.schema.ledger import NO_PAYLOAD
from simulator.schema.words import ACKNOWLEDGED, CUT, EVENT_TYPES

if TYPE_CHECKING:
    from locusts import Ended

Events = dict[str, dict[str, Any]]
Generate = Callable[[str, Path], Events]


def key_of(event_id: str) -> int:
    """Give the ledger's key of an event."""
    return int(event_id[-16:], 16)


def outcome_rows(ended: "Ended", *, sent: bool) -> Any:
    """Give the ledger's payloads and their outcomes side by side: those that were sent, or those that were cut."""
    ledger = ended.ledger
    outcomes = ledger.outcomes[(ledger.outcomes["outcome"] != CUT) == sent]
    payloads = ledger.payloads[np.argsort(ledger.payloads["payload"])]
    return payloads[np.searchsorted(payloads["payload"], outcomes["payload"])], outcomes


@pytest.fixture(params=["plain", "forked", "spread", "fast", "interrupted_group", "reference"])
def good(request: pytest.FixtureRequest) -> "Ended":
    """Give each run in which nothing went wrong."""
    ended: Ended = request.getfixturevalue(request.param)
    return ended


# ------------------------------------------------------------------------------------------------------------------------------- what arrived
def test_all_claims_hold(good: "Ended") -> None:
    """One process or two, at any speed, ended by -t or by a signal: nothing is lost, duplicated, altered or unexpected, and the exit code is 0."""
    assert (good.code, good.wrong) == (0, (0, 0, 0, 0)), good.out + good.err
    assert [claim["name"] for claim in good.audit["claims"] if claim["verdict"] == "FAILED"] == []
    assert good.counts("stored") == good.counts("sent") > (0,)


def test_no_traceback_is_printed(good: "Ended") -> None:
    """A run that goes well prints no traceback."""
    assert "Traceback" not in good.out + good.err


def test_the_verdict_is_the_last_that_is_printed(good: "Ended") -> None:
    """The results stand alone on stdout, below Locust's tables if both go to one terminal, and end with the command that reproduces the run."""
    assert good.out.startswith("ALL CLAIMS HOLD\n")
    assert good.out.rpartition("reproduce:")[2].replace("\\\n", "").split() == good.run["reproduce"].split()


def test_what_is_stored_can_be_generated(plain: "Ended", generated: Events) -> None:
    """Every event that the collector stored is among those that the printed command writes, equal in every field."""
    stored = plain.stored
    assert stored.keys() <= generated.keys()
    assert all(generated[event_id] == row for event_id, row in stored.items())


def test_fields_come_in_the_same_order(plain: "Ended", generated: Events) -> None:
    """A stored row and a generated one have their fields in the same order, so that files of either kind can be read alike."""
    assert all(list(generated[event_id]) == list(row) for event_id, row in plain.stored.items())


def test_two_processes_send_the_same_events(plain: "Ended", forked: "Ended", generated: Events) -> None:
    """With one seed and population, runs by one process and by two send events of the same generated set, and share most of them."""
    one, two = plain.stored.keys(), forked.stored.keys()
    assert two <= generated.keys()
    assert len(one & two) > 0.5 * min(len(one), len(two))


def test_one_seed_is_one_set_of_events(plain: "Ended", forked: "Ended", spread: "Ended", dataset: Events) -> None:
    """Up to its end one, two or four workers and the printed command send the same events, no more and no less."""
    start_ms = datetime.fromisoformat(plain.run["start"]).timestamp() * 1000
    for ended in (plain, forked, spread):
        until_ms = 1000 * (ended.run["played_s"] - 0.5)
        made = {key_of(event_id) for event_id, row in dataset.items() if 0 <= row["arrived_at"] - start_ms < until_ms}
        assert len(made) > 200
        ledger = ended.ledger
        first = datetime.fromisoformat(ended.run["start"]).timestamp() * 1000
        early = ledger.payloads["payload"][(ledger.payloads["due"] >= first) & (ledger.payloads["due"] < first + until_ms)]
        acknowledged = ledger.outcomes["payload"][ledger.outcomes["outcome"] == ACKNOWLEDGED]
        sent = ledger.events["event"][np.isin(ledger.events["payload"], np.intersect1d(early, acknowledged))]
        assert {int(key) for key in sent} == made


def test_a_start_shifts_time_stamps_and_nothing_else(plain: "Ended", forked: "Ended", generated: Events) -> None:
    """Row by row, what two workers sent with a start of their own is what one process generates for another start, but for one constant in time."""
    shift = round((datetime.fromisoformat(forked.run["start"]) - datetime.fromisoformat(plain.run["start"])).total_seconds() * 1000)
    for event_id, row in forked.stored.items():
        assert row == generated[event_id] | {"timestamp": generated[event_id]["timestamp"] + shift}


def test_speed_changes_no_event(fast: "Ended", run_command: Generate, tmp_path: Path) -> None:
    """At speed 60 the stored rows are still those that the printed command writes, and an hour of theirs passes in a minute."""
    generated = run_command(fast.run["reproduce"], tmp_path / "events")
    stored = fast.stored
    assert {event_id: generated.get(event_id) for event_id in stored} == stored
    times = [row["timestamp"] for row in stored.values()]
    assert max(times) - min(times) > 30 * 1000 * fast.run["played_s"]


def test_every_platform_and_type_is_there(plain: "Ended") -> None:
    """Even a short run has sessions of every platform of the profile, and events of the types that are not rare."""
    audit = plain.audit
    assert all(row["stored"] > 0 for row in audit["sessions"].values())
    assert all(audit["types"][name]["stored"] > 0 for name in EVENT_TYPES if name not in ("exception", "longTask"))


def test_unsampled_sessions_make_no_request(good: "Ended") -> None:
    """An unsampled session has no payload, planned or sent, and nothing of it is stored; sampled ones are there, too."""
    ledger = good.ledger
    unsampled = ledger.sessions["session"][ledger.sessions["sampled"] == 0]
    assert 0 < unsampled.size < ledger.sessions.size
    assert not np.isin(ledger.payloads["session"], unsampled).any()
    stored = [int(row["session.id"].replace("-", "")[:16], 16) for row in good.stored.values()]
    assert not np.isin(np.array(stored, np.uint64), unsampled).any()


# --------------------------------------------------------------------------------------------------------------------------------- the ledger
def test_what_was_stored_was_planned(good: "Ended") -> None:
    """The ledger has every stored event, in a payload that the collector acknowledged."""
    ledger = good.ledger
    acknowledged = ledger.outcomes["payload"][ledger.outcomes["outcome"] == ACKNOWLEDGED]
    planned = ledger.events[np.isin(ledger.events["payload"], acknowledged)]
    assert {int(key) for key in planned["event"]} == {key_of(event_id) for event_id in good.stored}


def test_every_payload_has_one_outcome(good: "Ended") -> None:
    """Each planned payload is acknowledged or was cut by the end of the run, once."""
    outcomes = good.ledger.outcomes
    assert sorted(outcomes["payload"]) == sorted(good.ledger.payloads["payload"])
    assert set(outcomes["outcome"]) <= {ACKNOWLEDGED, CUT}
    assert set(outcomes["status"][outcomes["outcome"] == ACKNOWLEDGED]) == {204}
    assert not outcomes["sent_ns"][outcomes["outcome"] == CUT].any()


def test_payloads_leave_when_they_are_due(good: "Ended") -> None:
    """No payload is sent before it is due on the wall clock, and one origin of time serves all cohorts and processes."""
    payloads, outcomes = outcome_rows(good, sent=True)
    run = good.run
    first = round(datetime.fromisoformat(run["start"]).timestamp() * 1000)
    origin_ns = outcomes["sent_ns"] - outcomes["lag_ns"] - np.round((payloads["due"] - first) * 1e6 / run["speed"]).astype(np.int64)
    assert np.ptp(origin_ns) <= 1  # rounding
    assert outcomes["lag_ns"].min() > -2_000_000  # timers count whole milliseconds
    assert (outcomes["ended_ns"] >= outcomes["sent_ns"]).all()


@pytest.mark.parametrize("name", ["plain", "fast", "reference"])
def test_sends_follow_the_model_s_arrivals(name: str, request: pytest.FixtureRequest) -> None:
    """Actual sends are spread over the run, and over the windows in which it is played, as the model's due times are.

    By Kolmogorov and Smirnov, false alarms 1e-5 each: with the 200 payloads that there are at least, a distance of 0.25 is noticed, so that a
    generator which sends each window's payloads together, or in ticks of more than 0.1 s, fails.
    """
    ended: Ended = request.getfixturevalue(name)
    payloads, outcomes = outcome_rows(ended, sent=True)
    run = ended.run
    due_s = (payloads["due"] / 1000 - datetime.fromisoformat(run["start"]).timestamp()) / run["speed"]
    sent_s = due_s + outcomes["lag_ns"] / 1e9
    assert len(due_s) > 200
    for window_s in (run["played_s"] + 1, 0.25):
        assert ks_2samp(due_s % window_s, sent_s % window_s, method="asymp").pvalue > 1e-5
    for ticks in (np.floor(due_s / 0.25) * 0.25, np.ceil(due_s / 0.125) * 0.125):  # what would be noticed
        assert ks_2samp(due_s % 0.25, ticks % 0.25, method="asymp").pvalue < 1e-5


def test_cut_payloads_were_not_due(good: "Ended") -> None:
    """Only payloads that fell due after the last that was sent are cut: nothing that was due is left out of the account."""
    for cohort in range(good.ledger.cohorts):
        sent, cut = (rows[0]["due"][rows[0]["payload"] >> 32 == cohort] for rows in (outcome_rows(good, sent=True), outcome_rows(good, sent=False)))
        assert cut.size
        assert sent.size == 0 or cut.min() >= sent.max()


def test_a_killed_run_s_ledger_has_all_that_was_stored(killed: "Ended") -> None:
    """A window is on disk before its first payload leaves: after kill -9 the ledger knows every event that the collector has, as sent."""
    ledger = killed.ledger
    planned = ledger.events["event"][ledger.events["payload"] != NO_PAYLOAD]
    stored = {key_of(event_id) for event_id in killed.stored}
    assert stored
    assert stored <= {int(key) for key in planned}


# ---------------------------------------------------------------------------------------------------------------------------------- the folder
def test_the_folder_says_what_the_run_was(plain: "Ended") -> None:
    """The run's folder has its description, profile, ledger, received events and audit; the description answers who, what, when and how often."""
    assert {"run.json", "profile.toml", "ledger", "received", "audit.json"} <= {path.name for path in plain.folder.iterdir()}
    shop = starters.read("shop")
    assert (plain.folder / "profile.toml").read_text("utf-8") == shop
    run = plain.run
    expected = {
        "format": 1,
        "profile": "shop",
        "profile_digest": digest(parse(shop, "shop")),
        "seed": 7,
        "devices": 8_000,
        "rate_per_s": 10.0,
        "speed": 1.0,
        "offset_hours": 12.0,
        "received": "received",
        "exit_code": 0,
    }
    assert {name: run[name] for name in expected} == expected
    assert "--rum-devices" in run["argv"]
    assert set(run["editions"]) == {"web", "miniprogram", "ios", "android"}
    assert {"seed": 7, "speed": 1.0, "start": run["start"], "profile_digest": run["profile_digest"]} == plain.audit["run"]
    assert run["verdicts"] == {claim["name"]: claim["verdict"] for claim in plain.audit["claims"]}


def test_options_come_from_the_environment_too(plain: "Ended") -> None:
    """RUM_RATE and RUM_SEED stand for --rum-rate and --rum-seed, as Locust's own options have their variables."""
    assert (plain.run["rate_per_s"], plain.run["seed"]) == (10.0, 7)
    assert "--rum-rate" not in plain.run["argv"]


@pytest.mark.parametrize("name", ["plain", "forked", "faulty", "fast", "hosted", "interrupted_group", "killed", "restarted", "packed"])
def test_no_collector_is_left_behind(name: str, request: pytest.FixtureRequest, still_collects: Callable[[Path], bool]) -> None:
    """When Locust has ended, so has its collector, which has a collector.json as long as it listens. Its port may be another's by now."""
    ended: Ended = request.getfixturevalue(name)
    folders = [*ended.folder.parent.rglob("received")]
    assert len(folders) >= 1 + (name == "restarted")
    assert not any(still_collects(place) for folder in folders if (place := folder / "collector.json").exists())


# ------------------------------------------------------------------------------------------------------------------------------ time and rate
def test_a_run_lasts_as_long_as_it_was_told(plain: "Ended") -> None:
    """-t counts from when the load begins, however long all before took, and Locust does not say that there is no limit."""
    assert 7.95 <= plain.run["played_s"] <= 8 + 30
    assert "rumsim: the load begins and lasts 8 s" in plain.said
    assert "rumsim: --run-time limit reached, shutting down" in plain.said
    assert "No run time limit" not in plain.err


def test_the_start_is_now(plain: "Ended") -> None:
    """Without --rum-start, time stamps begin when the run does: within seconds of the wall clock."""
    _, outcomes = outcome_rows(plain, sent=True)
    start_ns = datetime.fromisoformat(plain.run["start"]).timestamp() * 1e9
    origin_ns = int((outcomes["sent_ns"] - outcomes["lag_ns"]).min())
    assert 0 <= origin_ns - start_ns < 120e9
    assert min(row["timestamp"] for row in plain.stored.values()) * 1e6 >= start_ns - 4 * 3600 * 1e9


def test_the_start_can_be_told(forked: "Ended") -> None:
    """--rum-start with an offset from UTC shifts all time stamps: the run's own begin at that moment."""
    assert forked.run["start"] == "2026-01-05T13:30:00.000Z"
    start_ms = 1_767_619_800_000
    created = forked.ledger.sessions["start"][forked.ledger.sessions["cut_start"] == 0]
    assert start_ms <= created.min()
    assert created.max() <= start_ms + 1000 * (forked.run["played_s"] + 5)
    assert forked.ledger.payloads["due"].min() >= start_ms


def test_visits_start_at_the_rate_asked_for(fast: "Ended") -> None:
    """As many visits begin as --rum-rate times the seconds played: Poisson, four standard deviations, so twice or half as many would be noticed."""
    run = fast.run
    least, most = (run["rate_per_s"] * (run["played_s"] + ahead_s) for ahead_s in (-0.5, 0.5))  # played in windows ahead; drained after the last
    busy = 0.1  # at most: devices in a visit begin no other
    assert least > 100
    assert (1 - busy) * least - 4 * sqrt(least) <= run["visits"] <= most + 4 * sqrt(most)


def test_another_speed_is_said_to_compress_time_outs(plain: "Ended", fast: "Ended") -> None:
    """A run at a speed other than 1 says in one line that the SDK's own time-outs are compressed; one at speed 1 does not."""
    assert [line for line in plain.said if "speed" in line and "compressed" in line] == []
    assert len([line for line in fast.said if "speed 60" in line and "compressed" in line]) == 1


def test_users_beyond_use_get_one_sentence(fast: "Ended") -> None:
    """-u 100, as for ordinary locustfiles, plays a few cohorts, and one sentence names what sets the load instead."""
    said = [line for line in fast.said if "-u 100" in line]
    assert len(said) == 1
    assert "--rum-devices" in said[0]
    assert "--rum-rate" in said[0]
    assert fast.ledger.cohorts == 4


def test_each_device_is_played_once(forked: "Ended", fast: "Ended") -> None:
    """Cohorts split the devices among them: no session, event or device of a ledger is in two cohorts."""
    for ended in (forked, fast):
        ledger = ended.ledger
        assert ledger.cohorts > 1
        pairs = np.unique(np.stack([ledger.payloads["device"], ledger.payloads["payload"] >> 32]), axis=1)
        assert np.unique(pairs[0]).size == pairs.shape[1]
        assert ended.counts("repeated") == (0,)


@pytest.mark.parametrize("name", ["plain", "forked"])
def test_locust_s_own_files_are_written(name: str, request: pytest.FixtureRequest) -> None:
    """--csv and --html work as ever, by one process or two, and count what the ledger counts."""
    ended: Ended = request.getfixturevalue(name)
    with (ended.folder.parent / "table_stats.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    acknowledged = int((ended.ledger.outcomes["outcome"] == ACKNOWLEDGED).sum())
    assert (int(rows["/rum/collect"]["Request Count"]), int(rows["Aggregated"]["Failure Count"])) == (acknowledged, 0)
    assert "/rum/collect" in (ended.folder.parent / "page.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["plain", "forked", "fast", "packed", "reference"])
def test_locust_s_table_agrees_with_the_ledger(name: str, request: pytest.FixtureRequest) -> None:
    """Locust's own statistics count as many requests as the ledger has payloads sent, none of them failed."""
    ended: Ended = request.getfixturevalue(name)
    counted = re.search(r"Aggregated\s+(\d+)\s+(\d+)\(", ended.err)
    assert counted
    assert [int(n) for n in counted.groups()] == [int((ended.ledger.outcomes["outcome"] == ACKNOWLEDGED).sum()), 0]
