"""What tests of several rooms share: datasets that take seconds to make."""

import gc
from collections.abc import Iterator

import pytest
from days import Day, make_day, without_incidents

from simulator.profile import starters


def pytest_collection_finish() -> None:
    """Have the collector of cycles pass over what collection has made, as that stays to the end: it takes a sixth of the time otherwise."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def incident_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Give the day with an incident of each kind."""
    yield from make_day(starters.read("incident-day"), tmp_path_factory.mktemp("days") / "incidents")


@pytest.fixture(scope="session")
def quiet_day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Give the same day without incidents."""
    yield from make_day(without_incidents(starters.read("incident-day")), tmp_path_factory.mktemp("days") / "quiet")
