"""A cohort's next moments as requests, its ledger written before them: in slices, beside a thread that computes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from simulator.audit.ledger import Writer
from simulator.load.computing import Computing
from simulator.load.heads import Encode, Heads
from simulator.load.options import Plan
from simulator.load.request import Head, Request, whole
from simulator.load.spare import Spare
from simulator.load.target import place
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS

ENCODED: Final = 2  # assumed: so many payloads are compressed, or told in msgpack, in one go; about 50 us
REQUESTS: Final = 16  # assumed: ... become requests; about 15 us


class Packed(NamedTuple):
    """Payloads of a window: their devices and when they are due (ns since the beginning), by chunk, and what goes on the wire."""

    devices: list[Rows]
    dues: list[Rows]
    heads: list[Head]
    data: list[bytes | memoryview]


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
        first, found, requests = self._payloads, Packed([], [], [], []), list[Request]()
        while (chunk := self._computing.do(self._advance, chunks, found)) is not None:
            if self.heads.encode is not None:
                self._spare.do(self._encoded(chunk, found, self.heads.encode))
        if found.data:
            order, devices, dues = self._computing.do(_order, found)
            self._spare.do(self._requests(found, order, devices, dues, first, requests))
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
        rows, heads = chunk.payloads, self.heads
        which = heads.all_of(rows)
        origin, per_ms = self._plan.begin + self._plan.epoch, 1e6 / self._plan.speed
        found.devices.append(rows["device"].copy())
        found.dues.append(np.rint((rows["due"] - origin) * per_ms).astype(np.int64))
        found.heads.extend([heads.made[number] for number in which.tolist()])
        if heads.encode is None:
            found.data.extend(chunk.requests(heads.pool, heads.ends, which))
        return chunk

    def _encoded(self, chunk: Chunk, found: Packed, encode: Encode) -> Iterator[None]:
        """Pack the payloads of a chunk encoded."""
        text, rows, first = chunk.text, chunk.payloads, len(found.data)
        begins, ends = rows["begins"].tolist(), (rows["begins"] + rows["length"]).tolist()
        for i in range(0, len(rows), ENCODED):
            yield
            some = zip(found.heads[first + i : first + i + ENCODED], begins[i : i + ENCODED], ends[i : i + ENCODED], strict=True)
            found.data.extend([whole(head, encode(text[begin:end])) for head, begin, end in some])

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
