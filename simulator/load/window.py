"""A cohort's next moments as requests, its ledger written before them: computed and packed in a thread, made requests in slices of the loop's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from simulator.audit.ledger import Writer
from simulator.load.computing import Computing
from simulator.load.heads import Encode, Heads
from simulator.load.options import Plan
from simulator.load.request import Request, whole
from simulator.load.spare import Spare
from simulator.load.target import place
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS

ENCODED: Final = 2  # assumed: so many payloads are compressed, or told in msgpack, in one go; about 50 us
WHOLE: Final = np.iinfo(np.int64).max
"""As an end: all of a buffer."""
REQUESTS: Final = 16  # assumed: ... become requests; about 15 us


class Part(NamedTuple):
    """Some of a window's payloads, by columns: their devices, when they are due (ns since the beginning), and the numbers of their heads.

    What goes on the wire of each is `begins` to `ends` of one of the window's buffers.
    """

    device: Rows
    due: Rows
    head: Rows
    buffer: Rows
    begins: Rows
    ends: Rows


class Packed(NamedTuple):
    """What a window consists of."""

    parts: list[Part]
    buffers: list[bytes | memoryview]


class Windows:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing."""

    def __init__(self, plan: Plan, index: int, cohorts: int, spare: Spare, computing: Computing) -> None:
        """Seat the devices and open the ledger."""
        self._plan, self._spare, self._computing = plan, spare, computing
        first, last = plan.devices * index // cohorts, plan.devices * (index + 1) // cohorts
        model, self.cohort = computing.do(_seat, plan, first, last - first)
        self.heads = Heads(model, place(plan.host), plan.form, plan.encoding)
        self.ledger = Writer(Path(plan.folder) / "ledger", index)
        self.played_ms = 0
        """Simulated time since the beginning."""
        self._payloads = 0
        self._t0_ns = 0

    def next(self, step_ms: int) -> list[Request]:
        """Play so much longer; give the requests in the order in which they are due."""
        self.played_ms += step_ms
        chunks = self.cohort.advance(self._plan.begin + self.played_ms)
        first, found, requests = self._payloads, Packed([], []), list[Request]()
        while (chunk := self._computing.do(self._advance, chunks, found)) is not None:
            if self.heads.encode is not None:
                self._spare.do(self._encoded(chunk, found, self.heads.encode))
        if found.parts:
            columns = self._computing.do(_in_order, found.parts, first)
            self._spare.do(self._requests(columns, found.buffers, requests))
        return requests

    def begin(self, t0_ns: int, requests: list[Request]) -> None:
        """Let the beginning be at t0 of time.monotonic_ns(): requests made until now, and all that are made from then on, are due by that clock."""
        self._t0_ns = t0_ns
        for request in requests:
            request.due += t0_ns

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()

    def _advance(self, chunks: Iterator[Chunk], found: Packed) -> Chunk | None:
        """Compute a chunk, put its rows into the ledger, and add its payloads to those of the window; None: there is no more.

        Payloads that are to be encoded are still to be packed: that keeps the interpreter's lock, so it is done in slices of the loop's.
        """
        chunk = next(chunks, None)
        if chunk is None:
            return None
        sessions, payloads, events = chunk.entries(self._payloads)
        self.ledger.sessions(sessions)
        self.ledger.payloads(payloads)
        self.ledger.events(events)
        self._payloads += len(payloads)
        rows = chunk.payloads
        head, count = self.heads.all_of(rows), len(rows)
        due = np.rint((rows["due"] - (self._plan.begin + self._plan.epoch)) * (1e6 / self._plan.speed)).astype(np.int64)
        if self.heads.encode is None:
            buffer, places = chunk.requests(self.heads.pool.texts, self.heads.pool.ends, head)
            where = np.full(count, len(found.buffers)), places[:-1], places[1:]
            found.buffers.append(buffer)
        else:
            where = np.arange(count) + len(found.buffers), np.zeros(count, np.int64), np.full(count, WHOLE)
        found.parts.append(Part(rows["device"].astype(np.int64), due, head, *where))
        return chunk

    def _encoded(self, chunk: Chunk, found: Packed, encode: Encode) -> Iterator[None]:
        """Pack the payloads of a chunk, encoded, each in a buffer of its own."""
        text, rows, made = chunk.text, chunk.payloads, self.heads.made
        columns = found.parts[-1].head, rows["begins"], rows["begins"] + rows["length"]
        for i in range(0, len(rows), ENCODED):
            yield
            some = zip(*(column[i : i + ENCODED].tolist() for column in columns), strict=True)
            found.buffers.extend([whole(made[head], encode(text[begins:ends])) for head, begins, ends in some])

    def _requests(self, columns: list[Rows], buffers: list[bytes | memoryview], requests: list[Request]) -> Iterator[None]:
        """Make the requests of a window of its payloads' numbers and what Part has of them."""
        made, t0_ns = self.heads.made, self._t0_ns
        for i in range(0, len(columns[0]), REQUESTS):
            yield
            requests += [
                Request(number, device, t0_ns + due, made[head], buffers[buffer][begins:ends])
                for number, device, due, head, buffer, begins, ends in zip(*(column[i : i + REQUESTS].tolist() for column in columns), strict=True)
            ]


def _in_order(parts: list[Part], first: int) -> list[Rows]:
    """Give the payloads' numbers, of which the first is given, and the columns of all parts, in the order in which they are due."""
    all_of_them = Part(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    order = np.argsort(all_of_them.due, kind="stable")
    return [first + order, *(column[order] for column in all_of_them)]


def _seat(plan: Plan, first: int, count: int) -> tuple[Model, Cohort]:
    model = read(plan.profile, "the profile", plan.seed, visits_per_day=plan.visits_per_day)
    return model, Cohort(model, first, count, begin=plan.begin, epoch=plan.epoch, prints=PAYLOADS, digests=True)
