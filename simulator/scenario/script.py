"""Scripted scenarios: what they say, and where a mistake in one is.

The form is that of the recorded runs in tests/conformance: a name, an epoch, answers of the network by path, and steps.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from simulator.errors import DataError
from simulator.scenario.js import normal
from simulator.scenario.steps import FURTHEST, check_random

EARLIEST: Final = 100_000_000_000
"""1973: a session that was never stored is as old as 1970, which must be longer ago than any limit."""


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What the network answers on a path, after `ms`; `fail`: no answer at all."""

    status: int = 200
    statusText: str = ""
    ms: int | float = 20
    body: str = ""
    fail: bool = False


class Script(msgspec.Struct, forbid_unknown_fields=True):
    """A scenario. `random`: what Math.random gives; `noBeacon`: the browser has no sendBeacon."""

    name: str
    steps: list[dict[str, Any]]
    endpoint: str = "http://127.0.0.1/rum/collect"
    epoch: int = 1_900_000_000_000
    random: float = 0.3
    http: dict[str, Answer] = {}
    noBeacon: bool = False

    def __post_init__(self) -> None:
        """Take numbers as JavaScript does; a name is that of a file."""
        self.steps = normal(self.steps)
        check_random("random", self.random)
        if not EARLIEST <= self.epoch <= FURTHEST // 2:
            raise ValueError(f"epoch: found {self.epoch}; expected ms since 1970, from {EARLIEST} to {FURTHEST // 2}")
        if not self.name.isprintable() or not self.name or "/" in self.name or self.name.startswith("."):
            raise ValueError(f"name: found {self.name!r}; expected one that can be a file's")


def load(path: Path) -> Script:
    """Read a scenario; raise DataError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Script)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except (DataError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DataError(f"{path}: not a scenario: {error}") from None
