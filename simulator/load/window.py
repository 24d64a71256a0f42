"""A cohort's next moments as requests, its ledger written before them: in slices, beside a thread that computes."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from gevent.threadpool import ThreadPool

from simulator.audit.ledger import Writer
from simulator.load.heads import Heads
from simulator.load.options import Plan
from simulator.load.request import Request, Transport
from simulator.load.spare import Spare
from simulator.load.target import place
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, PAYLOAD_ROW, SESSION_ROW

SLICE: Final = 12  # assumed: so many payloads are made ready in one go; about 50 us
EVENTS: Final = 1024  # assumed: rows of the ledger that are written in one go
NICE: Final = 10  # assumed: of the thread that computes; the weight of a tenth of another thread's (Linux, sched_prio_to_weight)
OFFERS: Final = 64  # assumed: handed over in one go


class Windows:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing, in a thread."""

    def __init__(self, plan: Plan, index: int, cohorts: int, transport: Transport, spare: Spare) -> None:
        """Seat the devices and open the ledger."""
        self._plan, self._transport, self._spare = plan, transport, spare
        first, last = plan.devices * index // cohorts, plan.devices * (index + 1) // cohorts
        self._threads = ThreadPool(1)
        self._threads.apply(_give_way)
        model: Model
        model, self.cohort = self._threads.apply(_seat, (plan, first, last - first))
        self.heads = Heads(model, place(plan.host), plan.form, plan.encoding)
        self.ledger = Writer(Path(plan.folder) / "ledger", index)
        self.played_ms = 0
        """Simulated time since the beginning."""
        self._payloads = 0

    def next(self, step_ms: int) -> list[Request]:
        """Play so much longer; give the requests in the order in which they are due, in ns since the beginning at the plan's speed."""
        self.played_ms += step_ms
        chunks = self.cohort.advance(self._plan.begin + self.played_ms)
        found: list[Request] = []
        # compiled code lets go of the interpreter's lock: the event loop runs meanwhile
        while (chunk := self._threads.apply(next, (chunks, None))) is not None:
            self._spare.do(self._take(chunk, found))
        order = np.argsort(np.array([request.due for request in found], np.int64), kind="stable")
        return [found[i] for i in order.tolist()]

    def offer(self, requests: list[Request], t0_ns: int) -> None:
        """Hand requests over, the beginning being at t0 of time.monotonic_ns()."""
        self._spare.do(self._hand_over(requests, t0_ns))

    def close(self) -> None:
        """Close the ledger, and end the thread."""
        self.ledger.close()
        self._threads.kill()

    def _hand_over(self, requests: list[Request], t0_ns: int) -> Iterator[None]:
        for i in range(0, len(requests), OFFERS):
            some = requests[i : i + OFFERS]
            for request in some:
                request.due += t0_ns
            self._transport.offer(some)
            yield

    def _take(self, chunk: Chunk, found: list[Request]) -> Iterator[None]:
        """Put a chunk's rows into the ledger, and its payloads into `found`."""
        first = self._payloads
        self._payloads += len(chunk.payloads)
        self.ledger.sessions(_rows(chunk.sessions, SESSION_ROW))
        rows = _rows(chunk.payloads, PAYLOAD_ROW)
        rows["payload"] = np.arange(len(rows)) + first
        rows["size_bytes"] = chunk.payloads["length"]
        self.ledger.payloads(rows)
        yield
        yield from self._requests(chunk, first, found)
        for i in range(0, len(chunk.events), EVENTS):
            yield
            events = _rows(chunk.events[i : i + EVENTS], EVENT_ROW)
            events["payload"][events["payload"] != NO_PAYLOAD] += first
            self.ledger.events(events)

    def _requests(self, chunk: Chunk, first: int, found: list[Request]) -> Iterator[None]:
        text, heads, encode, pack = chunk.text, self.heads, self.heads.encode, self._transport.pack
        origin, per_ms = self._plan.begin + self._plan.epoch, 1e6 / self._plan.speed
        names = ["device", "edition", "model", "country", "due", "begins", "length"]
        for number, row in enumerate(zip(*(chunk.payloads[name].tolist() for name in names), strict=True), first):
            device, edition, model, country, due, begins, length = row
            head, body = heads.of(edition, model, country, length), text[begins : begins + length]
            found.append(Request(number, device, round((due - origin) * per_ms), head, pack(head, encode(body) if encode else body)))
            if number % SLICE == 0:
                yield


def _give_way() -> None:
    """Let other threads run first: what is computed here is for later, what they send is due. Where the system knows no such thing, nothing."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _seat(plan: Plan, first: int, count: int) -> tuple[Model, Cohort]:
    model = read(plan.profile, "the profile", plan.seed, visits_per_day=plan.visits_per_day)
    return model, Cohort(model, first, count, begin=plan.begin, epoch=plan.epoch, prints=PAYLOADS, digests=True)


def _rows(source: Rows, dtype: np.dtype[np.void]) -> Rows:
    """Copy the columns that both have."""
    rows = np.zeros(len(source), dtype)
    for name in dtype.names or ():
        if name in (source.dtype.names or ()):
            rows[name] = source[name].view(dtype[name]) if source.dtype[name].itemsize == dtype[name].itemsize else source[name]
    return rows
