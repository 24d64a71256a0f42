"""What tests of several rooms share: the incident day as a dataset in a database, and the same day without its incidents."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from duckdb import DuckDBPyConnection

from simulator.dataset import sql
from simulator.dataset.generate import Request, generate
from simulator.profile import starters

DEVICES, HOURS, SEED = 4_000, 24.0, 1


@dataclass(frozen=True)
class Day:
    """A dataset of one day: its request, and its tables in memory."""

    request: Request
    database: DuckDBPyConnection


def without_incidents(text: str) -> str:
    """Take the tables of incidents out of a profile."""
    text = re.sub(r"^\[incidents\..*?(?=^(?:\[(?!incidents\.)|# ---))", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "incidents" not in tomllib.loads(text)
    return text


def make_day(text: str, out: Path) -> Iterator[Day]:
    """Make the dataset and read it once into memory."""
    request = Request(profile=text, name="incident-day", devices=DEVICES, hours=HOURS, seed=SEED, out=out)
    assert list(generate(request))
    with sql.connect(out) as database:
        database.execute("CREATE TABLE held AS FROM events; DROP VIEW events; ALTER TABLE held RENAME TO events")
        yield Day(request, database)


@pytest.fixture(scope="session")
def incident_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Give the day with an incident of each kind."""
    yield from make_day(starters.read("incident-day"), tmp_path_factory.mktemp("days") / "incidents")


@pytest.fixture(scope="session")
def quiet_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Give the same day without incidents."""
    yield from make_day(without_incidents(starters.read("incident-day")), tmp_path_factory.mktemp("days") / "quiet")
