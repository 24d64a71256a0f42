"""A small run that went well, made without any of the simulator's own generators."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from simulator.audit.ledger import Ledger, Rows, Writer, read
from simulator.profile import starters
from simulator.profile.loader import parse
from simulator.profile.types import Profile
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, OUTCOME_ROW, PAYLOAD_ROW, SESSION_ROW, STORED_ROW
from simulator.schema.words import ACKNOWLEDGED, EVENT_TYPES, PLATFORMS, SAMPLED_OUT, SENT

COHORTS = 2
SESSIONS = 200  # of a cohort
PER_PAYLOAD = len(EVENT_TYPES)
PER_SESSION = 2 * PER_PAYLOAD
RATE = 0.8  # the shop's, on every platform


@dataclass(frozen=True)
class Truth:
    """What was planned, and what a collector without fault has of it."""

    ledger: Ledger
    stored: Rows

    def copy(self) -> "Truth":
        """Give one that a test may change."""
        ledger = self.ledger
        arrays = {name: getattr(ledger, name).copy() for name in ("sessions", "events", "payloads", "outcomes")}
        return Truth(replace(ledger, **arrays), self.stored.copy())


def write_cohort(folder: Path, cohort: int) -> None:
    """Write a cohort: sessions of all platforms in turn, each of two payloads with one event of each type; unsampled ones stay silent."""
    chance = np.random.default_rng(cohort)
    sessions = np.zeros(SESSIONS, SESSION_ROW)
    sessions["session"] = chance.integers(1, 1 << 63, SESSIONS) * 2
    sessions["device"] = np.arange(SESSIONS) + cohort * SESSIONS
    sessions["ordinal"] = 1
    sessions["platform"] = np.arange(SESSIONS) % len(PLATFORMS)
    sessions["draw"] = chance.integers(0, 1 << 31, SESSIONS)
    sessions["sampled"] = sessions["draw"] < round(RATE * (1 << 31))
    events = np.zeros(SESSIONS * PER_SESSION, EVENT_ROW)
    events["event"] = chance.integers(1, 1 << 63, events.size) * 2
    events["session"] = np.repeat(sessions["session"], PER_SESSION)
    events["device"] = np.repeat(sessions["device"], PER_SESSION)
    events["type"] = np.arange(events.size) % PER_PAYLOAD
    events["timestamp"] = 1_767_571_200_000 + np.arange(events.size)
    is_sent = np.repeat(sessions["sampled"], PER_SESSION) == 1
    events["fate"] = np.where(is_sent, SENT, SAMPLED_OUT)
    events["payload"] = NO_PAYLOAD
    events["payload"][is_sent] = np.arange(np.count_nonzero(is_sent)) // PER_PAYLOAD
    events["digest"][is_sent] = chance.integers(1, 1 << 63, np.count_nonzero(is_sent))
    first = events[is_sent][::PER_PAYLOAD]
    payloads = np.zeros(first.size, PAYLOAD_ROW)
    for name in ("payload", "device", "session"):
        payloads[name] = first[name]
    payloads["due"] = first["timestamp"] + 3_000
    payloads["events"] = PER_PAYLOAD
    outcomes = np.zeros(first.size, OUTCOME_ROW)
    outcomes["payload"] = first["payload"]
    outcomes["outcome"] = ACKNOWLEDGED
    outcomes["status"] = 204
    with Writer(folder, cohort) as writer:
        writer.sessions(sessions)
        writer.events(events)
        writer.payloads(payloads)
        writer.outcomes(outcomes)


def keep(events: Rows) -> Rows:
    """Give what a collector without fault has of these events, in another order than they were sent."""
    stored = np.zeros(events.size, STORED_ROW)
    for name in STORED_ROW.names or ():
        stored[name] = events[name]
    return np.random.default_rng(7).permutation(stored)


@pytest.fixture(scope="session")
def _truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    folder = tmp_path_factory.mktemp("ledger")
    for cohort in range(COHORTS):
        write_cohort(folder, cohort)
    ledger = read(folder)
    return Truth(ledger, keep(ledger.events[ledger.events["fate"] == SENT]))


@pytest.fixture
def truth(_truth: Truth) -> Truth:
    """Give a run that went well, which the test may change."""
    return _truth.copy()


@pytest.fixture(scope="session")
def shop() -> Profile:
    """Give the shop, whose sampling rate is 0.8 on every platform."""
    return parse(starters.read("shop"), "shop")


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Give the folder of a run that went well, as load leaves it."""
    for cohort in range(COHORTS):
        write_cohort(tmp_path / "ledger", cohort)
    (tmp_path / "profile.toml").write_text(starters.read("shop"), "utf-8")
    (tmp_path / "run.json").write_text('{"format": 1, "seed": 7, "speed": 1.0, "start": "now", "profile_digest": "d1", "later": [1]}', "utf-8")
    return tmp_path
