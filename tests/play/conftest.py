"""What play's tests share: the shop's model, and a cohort's whole output put into a form that does not depend on how it was cut."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from invariants import everything

from simulator.play.cohort import Cohort
from simulator.play.memory import Memory
from simulator.play.model import Model, make
from simulator.play.seat import PAYLOADS, ROWS
from simulator.profile.loader import parse
from simulator.schema.words import SENT

HOUR = 3_600_000
DEVICES = 48
SPAN = 20 * HOUR
SESSION = ("session", "device", "ordinal", "platform", "sampled", "cut_start", "draw", "start")
LABEL = ("incident", "edition", "device", "visit", "session", "sampled", "at")
EVENT = ("event", "session", "device", "type", "fate", "timestamp")


@dataclass
class Played:
    """What came of a cohort: rows of sessions, events and payloads as tuples, the bytes of each event and payload, and how many fillings it took."""

    sessions: list[tuple[int, ...]] = field(default_factory=list)
    events: list[tuple[int, ...]] = field(default_factory=list)
    labels: list[tuple[int, ...]] = field(default_factory=list)
    texts: dict[int, bytes] = field(default_factory=dict)
    """By the event's key; only of events that were sent."""
    payloads: list[tuple[int, int, int, int, bytes]] = field(default_factory=list)
    """Device, session, due, number of events, body."""
    chunks: int = 0

    def same_as(self, other: "Played") -> bool:
        """Tell whether both are the same, whatever the order in which devices came."""
        return (
            sorted(self.sessions) == sorted(other.sessions)
            and sorted(self.events) == sorted(other.events)
            and sorted(self.labels) == sorted(other.labels)
            and self.texts == other.texts
            and sorted(self.payloads) == sorted(other.payloads)
        )


def take(out: Played, chunk: Any) -> None:
    """Add a filling, and see that its parts fit together."""
    known = {row[0] for row in out.sessions}
    out.chunks += 1
    for row in chunk.sessions:
        out.sessions.append(tuple(int(row[name]) for name in SESSION))
        known.add(int(row["session"]))
    out.labels.extend(tuple(int(row[name]) for name in LABEL) for row in chunk.labels)
    inside: dict[int, list[bytes]] = {}
    for row in chunk.events:
        out.events.append(tuple(int(row[name]) for name in EVENT))
        text = bytes(chunk.text[row["begins"] : row["begins"] + row["length"]])
        assert bool(text) == (row["fate"] == SENT)
        assert row["session"] == 0 or int(row["session"]) in known  # a session's row is never later than its events
        if text:
            assert int(row["event"]) not in out.texts
            out.texts[int(row["event"])] = text
        if row["payload"] != 0xFFFFFFFF:
            inside.setdefault(int(row["payload"]), []).append(text)
            assert chunk.payloads[row["payload"]]["device"] == row["device"]
            assert chunk.payloads[row["payload"]]["session"] == row["session"]
    for number, p in enumerate(chunk.payloads):
        body = bytes(chunk.text[p["begins"] : p["begins"] + p["length"]])
        parts = inside.pop(number)
        assert int(p["events"]) == len(parts) > 0
        assert b'"events":[' + b",".join(parts) + b"]" in body
        out.payloads.append((int(p["device"]), int(p["session"]), int(p["due"]), int(p["events"]), body))
    assert not inside


def play_devices(
    model: Model,
    *,
    first: int = 0,
    count: int = DEVICES,
    begin: int = 0,
    end: int = SPAN,
    cuts: Sequence[int] = (),
    epoch: int | None = None,
    prints: int = PAYLOADS,
    compiled: bool = True,
    memory: Memory | None = None,
) -> Played:
    """Play devices from `begin` to `end`, cut at the given instants."""
    epoch = model.start_ms if epoch is None else epoch
    cohort = Cohort(model, first, count, begin=begin, epoch=epoch, prints=prints, compiled=compiled, memory=memory)
    out = Played()
    for until in (*sorted(cuts), end):
        for chunk in cohort.advance(until):
            take(out, chunk)
    return out


@pytest.fixture(scope="session")
def model() -> Model:
    """Give the shop, ready to be played, with everything on: all editions, wrong clocks, numbers, reactions, incidents of every kind."""
    return make(parse(everything(), "everything.toml"), 4, visits_per_day=6.0)


@pytest.fixture(scope="session")
def play() -> Callable[..., Played]:
    """Give what plays devices."""
    return play_devices


@pytest.fixture(scope="session")
def played(model: Model) -> Played:
    """Give the payloads of the shop's devices, compiled, in one go."""
    return play_devices(model)


@pytest.fixture(scope="session")
def rows(model: Model) -> Played:
    """Give the rows of the shop's devices, compiled, in one go."""
    return play_devices(model, prints=ROWS)
