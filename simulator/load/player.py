"""One cohort against the wall clock.

The cohort is played in short windows, one ahead of the time; a window's rows are in the ledger before its first payload is sent.

    due on the wall clock = t0 + (due - begin) / speed        t0: when the run began; due, begin: emitted times
"""

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import xxhash
from gevent import get_hub
from gevent.event import Event
from locust.env import Environment

from simulator.audit.ledger import Writer
from simulator.load.client import Client
from simulator.load.options import Plan
from simulator.load.pace import Pace, Report
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.payloads import payloads
from simulator.play.seat import PAYLOADS
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, OUTCOME_ROW, PAYLOAD_ROW, SESSION_ROW
from simulator.schema.payload import Payload
from simulator.schema.words import CUT

WINDOW_S: Final = 0.25  # assumed: short enough to play within a moment, long enough that windows do not matter
DRAIN_S: Final = 15.0  # assumed: longer than the answers of a collector that is in its senses

EVENTS_OPEN, EVENTS_CLOSE = b'"events":[', b"],"
"""What stands in a payload before and after its events (wire/arms.py)."""


class Player:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing."""

    def __init__(self, plan: Plan, index: int, cohorts: int, environment: Environment) -> None:
        """Seat the devices, open the ledger, and play the first window: nothing of it is due before the run begins."""
        self._plan = plan
        first, last = plan.devices * index // cohorts, plan.devices * (index + 1) // cohorts
        # in a thread: compiled code lets the event loop go on meanwhile
        self._model: Model
        self._cohort: Cohort
        self._model, self._cohort = get_hub().threadpool.apply(_seat, (plan, first, last - first))
        self._ledger = Writer(Path(plan.folder) / "ledger", index)
        self._client = Client(environment, plan.host)
        self._stopping = Event()
        self._due_ns: dict[int, int] = {}
        self._unsent: deque[Payload] = deque()
        self._pace = Pace()
        self._payloads = 0
        self._past_visits = self._cohort.visits()
        self._window(0)

    def play(self, t0_ns: int) -> Report:
        """Play and send until `stop` is called; return when all that was sent has its outcome in the ledger."""
        try:
            for number in range(1, 1 << 40):
                until = len(self._unsent)
                self._window(number)
                if not self._send(until, t0_ns):
                    break
                self._record()
            until_ns = time.time_ns()
            self._leave_behind(t0_ns, until_ns)
        finally:
            self._client.drain(DRAIN_S)
            try:
                self._record()
                self._cut()
            finally:
                self._ledger.close()
        return Report(visits=self._cohort.visits() - self._past_visits, until_ns=until_ns, pace=self._pace)

    def stop(self) -> None:
        """Send nothing more."""
        self._stopping.set()

    def _window(self, number: int) -> None:
        """Play a window and queue its payloads in the order in which they are due."""
        step = max(1, round(WINDOW_S * 1000 * self._plan.speed))
        window: list[Payload] = []
        for chunk in self._cohort.advance(self._plan.begin + (number + 1) * step):
            self._write_down(chunk)
            window.extend(payloads(self._model, chunk, self._payloads))
            self._payloads += len(chunk.payloads)
        window.sort(key=lambda payload: payload.due_ms)
        self._unsent.extend(window)

    def _write_down(self, chunk: Chunk) -> None:
        """Put a chunk's rows into the ledger."""
        self._ledger.sessions(_rows(chunk.sessions, SESSION_ROW))
        payloads = _rows(chunk.payloads, PAYLOAD_ROW)
        payloads["payload"] = np.arange(len(payloads)) + self._payloads
        payloads["size_bytes"] = chunk.payloads["length"]
        self._ledger.payloads(payloads)
        events = _rows(chunk.events, EVENT_ROW)
        sent = chunk.events["payload"] != NO_PAYLOAD
        events["payload"][sent] = chunk.events["payload"][sent] + self._payloads
        events["digest"][sent] = list(_digests(chunk))
        self._ledger.events(events)

    def _send(self, count: int, t0_ns: int) -> bool:
        """Send the next payloads, each when it is due; tell whether to go on."""
        for _ in range(count):
            payload = self._unsent[0]
            due_ns = self._due(payload, t0_ns)
            if self._stopping.wait(max(0.0, (due_ns - time.time_ns()) / 1e9)):
                return False
            self._pace.waits(self._client.wait(self._stopping))
            if self._stopping.is_set():
                return False
            self._due_ns[payload.number] = due_ns
            self._client.send(self._unsent.popleft())
            self._pace.left((time.time_ns() - due_ns) / 1e9)
        return not self._stopping.is_set()

    def _due(self, payload: Payload, t0_ns: int) -> int:
        """Give the moment on the wall clock."""
        return t0_ns + round((payload.due_ms - self._plan.begin - self._plan.epoch) * 1e6 / self._plan.speed)

    def _leave_behind(self, t0_ns: int, now_ns: int) -> None:
        """Count what has fallen due and has not left."""
        for payload in self._unsent:
            lag_ns = now_ns - self._due(payload, t0_ns)
            if lag_ns > 0:
                self._pace.left(lag_ns / 1e9)
                self._pace.unsent += 1

    def _cut(self) -> None:
        """Say of what was not sent that the run ended first."""
        rows = np.zeros(len(self._unsent), OUTCOME_ROW)
        rows["payload"] = [p.number for p in self._unsent]
        rows["outcome"] = CUT
        self._ledger.outcomes(rows)

    def _record(self) -> None:
        """Put the outcomes since the last call into the ledger."""
        done, self._client.outcomes = self._client.outcomes, []
        rows = np.zeros(len(done), OUTCOME_ROW)
        for name in ("payload", "outcome", "status", "sent_ns", "ended_ns"):
            rows[name] = [getattr(outcome, name) for outcome in done]
        rows["lag_ns"] = [outcome.sent_ns - self._due_ns.pop(outcome.payload) for outcome in done]
        self._ledger.outcomes(rows)


def _digests(chunk: Chunk) -> Iterator[int]:
    """Give the digest (schema/ledger.py) of each event that is sent; those of a payload follow each other, as payloads do."""
    sent = chunk.events[chunk.events["payload"] != NO_PAYLOAD]
    spans = zip(sent["begins"].tolist(), (sent["begins"] + sent["length"]).tolist(), strict=True)
    for begins, length, count in chunk.payloads[["begins", "length", "events"]].tolist():
        own = [next(spans) for _ in range(count)]
        before = chunk.text[begins : own[0][0] - len(EVENTS_OPEN)]
        after = chunk.text[own[-1][1] + len(EVENTS_CLOSE) : begins + length]
        envelope = xxhash.xxh3_64_intdigest(bytes(before) + bytes(after))
        for a, b in own:
            yield xxhash.xxh3_64_intdigest(chunk.text[a:b], envelope)


def _seat(plan: Plan, first: int, count: int) -> tuple[Model, Cohort]:
    model = read(plan.profile, "the profile", plan.seed, visits_per_day=plan.visits_per_day)
    return model, Cohort(model, first, count, begin=plan.begin, epoch=plan.epoch, prints=PAYLOADS)


def _rows(source: Rows, dtype: np.dtype[np.void]) -> Rows:
    """Copy the columns that both have."""
    rows = np.zeros(len(source), dtype)
    for name in dtype.names or ():
        if name in (source.dtype.names or ()):
            rows[name] = source[name].view(dtype[name]) if source.dtype[name].itemsize == dtype[name].itemsize else source[name]
    return rows
