"""What a cohort leaves behind at its end. An interpreter of its own, as only such a one may import Locust."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from scripted import serving

from simulator.audit.ledger import Ledger, read
from simulator.load import histogram
from simulator.load.histogram import Latencies
from simulator.schema.latency import CAUSES, LEFT, OPEN, OWN, RESPONSE, WAIT, WAITING
from simulator.schema.words import AMBIGUOUS, CUT

pytestmark = pytest.mark.alone
SPEED, EPOCH, WINDOW, STOPPED_S = 100.0, 1_800_000_000_000, 5, 1.35
WINDOW_S = 0.25  # as in player.py
CODE = f"""
import json, os, sys, threading, time
from pathlib import Path
import gevent
from locust.env import Environment
import msgspec
from simulator.load import player
from simulator.load.options import Plan
from simulator.profile.start import profile_text

player.DRAIN_S = 0.3
plan = Plan(
    profile=profile_text("shop"), seed=1, devices=2000, rate_per_s=200.0, visits_per_day=86.4, speed={SPEED}, begin=12 * 3_600_000, epoch={EPOCH},
    host=sys.argv[2], folder=sys.argv[1], connections=1, statistics="each",
)
environment, heard = Environment(), []

def listen(**_):
    gevent.sleep(0)  # as one that writes to a socket
    heard.append(1)

environment.events.request.add_listener(listen)

def taken():
    gevent.sleep(0.01)  # files are closed by the loop
    return len(os.listdir("/dev/fd")), threading.active_count(), len(children())

def children():
    return Path(f"/proc/self/task/{{os.getpid()}}/children").read_text().split() if sys.platform == "linux" else []

def build():
    return player.Player(plan, 0, 1, environment)

one = build()
plays, count = one._next, 0

def late():
    global count
    count += 1
    window = plays()
    if count == {WINDOW}:  # comes when all of it is due, and the run has ended
        gevent.sleep((t0_ns - time.time_ns()) / 1e9 + 1.6)
    return window

one._next = late
t0_ns = time.time_ns() + 200_000_000
gevent.spawn_later({STOPPED_S} + 0.2, one.stop)
report = one.play(t0_ns)
counts = []
for folder in "ab":
    plan = msgspec.structs.replace(plan, folder=f"{{sys.argv[1]}}/{{folder}}")
    before = taken()
    build().close()
    counts.append((before, taken()))
plan = msgspec.structs.replace(plan, folder=f"{{sys.argv[1]}}/unfinished")
before, player.Player._next = taken(), None  # so that the first window cannot be played
try:
    build()
except TypeError:
    counts.append((before, taken()))
print(msgspec.json.encode({{"report": report, "heard": len(heard), "taken": counts}}).decode())
"""


class Left(NamedTuple):
    """What a cohort left behind."""

    report: dict[str, Any]
    heard: int
    """How many requests a listener that waits has heard of."""
    taken: list[list[list[int]]]
    """Files, threads and processes before a player is built, and after: twice of one that has not played, and of one that could not be built."""
    ledger: Ledger
    latencies: Latencies
    dues_s: "np.ndarray[Any, Any]"
    """Of all payloads, since the beginning, in the order of their numbers."""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    """Play a cohort for 1.35 s on one connection to a server that never answers; its last window comes too late."""
    folder = tmp_path_factory.mktemp("player")
    with serving(lambda visit: visit.wait_for_end()) as server:
        host = f"http://127.0.0.1:{server.port}"
        done = subprocess.run([sys.executable, "-c", CODE, str(folder), host], check=False, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    ledger = read(Path(folder) / "ledger")
    due = np.sort(ledger.payloads, order="payload")["due"]
    return Left(*json.loads(done.stdout).values(), ledger, histogram.read(folder / "histograms"), (due - EPOCH - 12 * 3_600_000) / SPEED / 1000)


def test_each_payload_that_fell_due_is_measured(left: Left) -> None:
    """One is under way, others wait for its connection, those of the late window were not even taken up; what is due later has no cause."""
    causes = {name: left.latencies.total(RESPONSE, number) for number, name in enumerate(CAUSES) if left.latencies.total(RESPONSE, number)}
    assert causes.keys() == {"open", "waiting", "left"}
    assert causes["open"] == 1
    assert sum(causes.values()) == pytest.approx(int((left.dues_s <= STOPPED_S).sum()), abs=20)
    assert causes["left"] == pytest.approx(int(((left.dues_s >= WINDOW * WINDOW_S) & (left.dues_s <= STOPPED_S)).sum()), abs=20)
    assert causes["left"] > 20


def test_the_ledger_says_that_the_run_ended_first(left: Left) -> None:
    """Each payload has one outcome: what was sent may have arrived, all else was cut."""
    outcomes = np.sort(left.ledger.outcomes, order="payload")
    assert (outcomes["payload"] == np.sort(left.ledger.payloads["payload"])).all()
    assert (outcomes["outcome"] == AMBIGUOUS).sum() == 1
    assert (outcomes["outcome"] == CUT).sum() == len(outcomes) - 1
    assert not outcomes["sent_ns"][outcomes["outcome"] == CUT].any()


def test_its_age_is_a_bound_of_each_time(left: Left) -> None:
    """The response of what waited is at least as long as it had been due, its wait as it had been taken up; so is the lag of what was left."""
    ages_ms = 1000 * (STOPPED_S - left.dues_s[left.dues_s <= STOPPED_S])
    for q in (0.3, 0.6, 0.9):
        found = left.latencies.quantile(RESPONSE, q)
        assert found is not None
        assert found.is_bound
        assert found.least_ms == pytest.approx(float(np.quantile(ages_ms, q)), abs=60)
    assert left.latencies.quantile(WAIT, 0.5).is_bound  # type: ignore[union-attr]
    assert left.latencies.total(WAIT, WAITING) == left.latencies.total(RESPONSE, WAITING)
    assert left.latencies.total(WAIT, LEFT) == 0
    assert left.latencies.quantile(OWN, 1).is_bound  # type: ignore[union-attr]
    assert left.latencies.total(OWN) == left.latencies.total(RESPONSE)
    assert left.latencies.total(WAIT, OPEN) == 1


def test_the_pace_and_the_histograms_count_the_same(left: Left) -> None:
    """All that fell due, and what of it was not sent, is in the report, with what the process that computes took."""
    pace = left.report["pace"]
    assert pace["due"] == left.latencies.total(RESPONSE)
    assert pace["unsent"] == pace["due"] - 1
    assert 0 <= pace["left"] <= left.latencies.total(RESPONSE, LEFT)
    assert 0 < left.report["computing_s"] < 10


def test_listeners_may_wait(left: Left) -> None:
    """Locust's listeners are not called by the event loop, where nothing may wait: they hear of all that is more than just due."""
    assert left.report["pace"]["left"] < left.heard <= left.latencies.total(RESPONSE)


def test_who_has_not_played_leaves_nothing(left: Left) -> None:
    """Files, threads and the process of a cohort that is stopped before the run begins are given back; no process is left of one that has played."""
    assert left.taken[1][1] == left.taken[1][0]
    assert left.taken[0][0][2] == 0


def test_who_could_not_be_built_leaves_nothing(left: Left) -> None:
    """What was built by the time that its first window failed is given back, the process above all."""
    assert left.taken[2][1] == left.taken[2][0]
