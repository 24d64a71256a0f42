"""The incident day as a dataset in a database, and the same day without its incidents."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

from simulator.dataset import sql
from simulator.dataset.generate import Request, generate

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
