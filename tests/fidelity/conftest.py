"""What the tests of fidelity share: the log of real readers, and its sessions."""

from pathlib import Path

import pytest

from simulator.fidelity.events import Events, load
from simulator.fidelity.sessions import Sessions, cut

READERS = Path(__file__).with_name("data") / "readers.csv.gz"


@pytest.fixture(scope="session")
def reader_log() -> Path:
    """Give the file (data/README.md says where it is from)."""
    return READERS


@pytest.fixture(scope="session")
def readers() -> Events:
    """Give the readers' page views."""
    return load(READERS, {"user": "u", "time": "t"})


@pytest.fixture(scope="session")
def read_sessions(readers: Events) -> Sessions:
    """Give the readers' sessions, cut at 30 min."""
    return cut(readers)
