"""A cohort's next moments as requests, its ledger written before them: in slices, beside a thread that computes."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from gevent.threadpool import ThreadPool

from simulator.audit.ledger import Writer
from simulator.errors import DataError
from simulator.load.heads import Heads
from simulator.load.options import Plan
from simulator.load.request import Head, Request, Transport
from simulator.load.spare import Spare
from simulator.load.target import place
from simulator.load.threads import give_way
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS

PART: Final = 144  # assumed: payloads that are looked at in one go
SLICE: Final = 6  # assumed: so many payloads are made ready in one go; about 20 us
ENCODED: Final = 2  # assumed: ... if each is compressed, or told in msgpack: about 50 us
REQUESTS: Final = 16  # assumed: ... become requests


class Packed(NamedTuple):
    """Payloads of a window: their devices and when they are due (ns since the beginning), by chunk, and what goes on the wire."""

    devices: list[Rows]
    dues: list[Rows]
    heads: list[Head]
    data: list[bytes]


class Windows:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing, in a thread."""

    def __init__(self, plan: Plan, index: int, cohorts: int, transport: Transport, spare: Spare) -> None:
        """Seat the devices and open the ledger."""
        self._plan, self._transport, self._spare = plan, transport, spare
        first, last = plan.devices * index // cohorts, plan.devices * (index + 1) // cohorts
        self._threads = ThreadPool(1)
        self._threads.apply(give_way)
        model: Model
        model, self.cohort = self._threads.apply(_seat, (plan, first, last - first))
        self.heads = Heads(model, place(plan.host), plan.form, plan.encoding)
        self.ledger = Writer(Path(plan.folder) / "ledger", index)
        self.played_ms = 0
        """Simulated time since the beginning."""
        self.computing_s = 0.0
        """CPU time of the thread since the beginning."""
        self._payloads = 0
        self._t0_ns = 0

    def next(self, step_ms: int) -> list[Request]:
        """Play so much longer; give the requests in the order in which they are due."""
        self.played_ms += step_ms
        chunks = self.cohort.advance(self._plan.begin + self.played_ms)
        first, found, requests = self._payloads, Packed([], [], [], []), list[Request]()
        # compiled code lets go of the interpreter's lock: the event loop runs meanwhile
        while (chunk := self._threads.apply(self._advance, (chunks,))) is not None:
            if isinstance(chunk, DataError):
                raise chunk
            self._spare.do(self._pack(chunk, found))
        if found.data:
            order, devices, dues = self._threads.apply(_order, (found,))
            self._spare.do(self._requests(found, order, devices, dues, first, requests))
        return requests

    def begin(self, t0_ns: int, requests: list[Request]) -> None:
        """Let the beginning be at t0 of time.monotonic_ns(): requests made until now, and all that are made from then on, are due by that clock."""
        self._t0_ns = t0_ns
        self.computing_s = 0.0
        for request in requests:
            request.due += t0_ns

    def close(self) -> None:
        """Close the ledger, and end the thread."""
        self.ledger.close()
        self._threads.kill()

    def _advance(self, chunks: Iterator[Chunk]) -> Chunk | DataError | None:
        """Compute a chunk and put its rows into the ledger, in the thread; None: there is no more.

        An error of the disk is given back: gevent prints what a thread raises.
        """
        began_s = time.thread_time()
        try:
            return self._compute(chunks)
        finally:
            self.computing_s += time.thread_time() - began_s

    def _compute(self, chunks: Iterator[Chunk]) -> Chunk | DataError | None:
        chunk = next(chunks, None)
        if chunk is None:
            return None
        sessions, payloads, events = chunk.entries(self._payloads)
        try:
            self.ledger.sessions(sessions)
            self.ledger.payloads(payloads)
            self.ledger.events(events)
        except DataError as error:
            return error
        self._payloads += len(payloads)
        return chunk

    def _pack(self, chunk: Chunk, found: Packed) -> Iterator[None]:
        text, encode, pack = chunk.text, self.heads.encode, self._transport.pack
        origin, per_ms = self._plan.begin + self._plan.epoch, 1e6 / self._plan.speed
        step = SLICE if encode is None else ENCODED
        for rows in (chunk.payloads[i : i + PART] for i in range(0, len(chunk.payloads), PART)):
            yield
            heads = self.heads.all_of(rows)
            found.devices.append(rows["device"].copy())
            found.dues.append(np.rint((rows["due"] - origin) * per_ms).astype(np.int64))
            found.heads.extend(heads)
            begins, ends = rows["begins"].tolist(), (rows["begins"] + rows["length"]).tolist()
            for i in range(0, len(heads), step):
                yield
                some = zip(heads[i : i + step], begins[i : i + step], ends[i : i + step], strict=True)
                if encode is None:
                    found.data.extend([pack(head, text[begin:end]) for head, begin, end in some])
                else:
                    found.data.extend([pack(head, encode(text[begin:end])) for head, begin, end in some])

    def _requests(self, found: Packed, order: Rows, devices: Rows, dues: Rows, first: int, requests: list[Request]) -> Iterator[None]:
        """Make the requests of a window, the first of whose payloads has the number `first`."""
        heads, data, t0_ns = found.heads, found.data, self._t0_ns
        for i in range(0, len(order), REQUESTS):
            yield
            some = slice(i, i + REQUESTS)
            requests += [
                Request(first + place, device, t0_ns + due, heads[place], data[place])
                for place, device, due in zip(order[some].tolist(), devices[some].tolist(), dues[some].tolist(), strict=True)
            ]


def _order(found: Packed) -> tuple[Rows, Rows, Rows]:
    """Give the places of payloads in the order in which they are due; their devices, and when that is, in that order."""
    dues = np.concatenate(found.dues)
    order = np.argsort(dues, kind="stable")
    return order, np.concatenate(found.devices)[order], dues[order]


def _seat(plan: Plan, first: int, count: int) -> tuple[Model, Cohort]:
    model = read(plan.profile, "the profile", plan.seed, visits_per_day=plan.visits_per_day)
    return model, Cohort(model, first, count, begin=plan.begin, epoch=plan.epoch, prints=PAYLOADS, digests=True)
