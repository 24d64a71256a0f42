"""A cohort's next moments as bytes to send, its ledger written before them, and the records of what became of them: all that is not due.

In the process that computes (computing.py), which hands payloads over in shared memory.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.audit.ledger import Writer
from simulator.kernel.mapped import let_go
from simulator.kernel.twin import code_folder
from simulator.load import histogram
from simulator.load.computing import apart
from simulator.load.heads import Encode, Heads
from simulator.load.options import BULK, FASTHTTP, Plan
from simulator.load.pace import Pace
from simulator.load.record import Recorder, Shown
from simulator.load.request import Head, Outcomes, Taken, whole
from simulator.load.shared import Pieces
from simulator.load.target import place
from simulator.play.cohort import Chunk, Cohort, Rows, warm_up
from simulator.play.model import read
from simulator.play.seat import PAYLOADS
from simulator.schema.ledger import OUTCOME_ROW
from simulator.schema.words import CUT

COLUMNS = 6
"""Of a window's payloads: number, device, when it is due (ns since the beginning), number of its head, and where it begins and ends in the memory."""


def compile_apart() -> None:
    """Have compiled what is not, by a copy of this process: nothing of it is needed, or loaded, here. Copies made from now on find it."""
    code_folder()  # found here, so that it is theirs, too
    apart(warm_up)


class Window(NamedTuple):
    """Payloads of a window, in the order in which they are due.

    `payloads` rows of COLUMNS whole numbers are where the first of `pieces` begins in the shared memory; what goes on the wire is in the others.
    """

    payloads: int
    pieces: list[int]
    heads: list[Head]
    """Those that are new."""


class Windows:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing."""

    def __init__(self, pieces: Pieces, done: Outcomes, plan: Plan, index: int, cohorts: int) -> None:
        """Seat the devices, open ledger and histograms. `done`: of the transport's memory, where what is kept lies."""
        self._pieces, self._done, self._plan = pieces, done, plan
        first, last = plan.devices * index // cohorts, plan.devices * (index + 1) // cohorts
        model = read(plan.profile, "the profile", plan.seed, visits_per_day=plan.visits_per_day)
        warm_up(model)  # only here: the process that sends needs none of it
        let_go()
        self.cohort = Cohort(model, first, last - first, begin=plan.begin, epoch=plan.epoch, prints=PAYLOADS, digests=True)
        self._heads = Heads(model, place(plan.host), plan.form, plan.encoding)
        self._heads_told = 0
        self._ledger = Writer(Path(plan.folder) / "ledger", index)
        latencies = histogram.Writer(Path(plan.folder) / "histograms", index, self._heads.endpoints)
        counts = plan.statistics == BULK and plan.transport != FASTHTTP  # that client tells Locust itself
        self._recorder = Recorder(self._ledger, latencies, len(self._heads.endpoints), counts=counts)
        self._payloads = 0

    def endpoints(self) -> list[str]:
        """Give the paths, by number."""
        return self._heads.endpoints

    def visits(self) -> int:
        """Count the visits begun so far, those before the beginning included."""
        return self.cohort.visits()

    def next(self, until_ms: int, returned: Sequence[int]) -> Window:
        """Play up to `until_ms` since the beginning; all of it is in the ledger when it is given. `returned`: pieces of earlier windows."""
        self._pieces.take_back(returned)
        pieces, parts = [], []
        for chunk in self.cohort.advance(self._plan.begin + until_ms):
            sessions, payloads, events = chunk.entries(self._payloads)
            self._ledger.sessions(sessions)
            self._ledger.payloads(payloads)
            self._ledger.events(events)
            if len(payloads):
                begin, part = self._pack(chunk)
                pieces.append(begin)
                parts.append(part)
            self._payloads += len(payloads)
        new, self._heads_told = self._heads.made[self._heads_told :], len(self._heads.made)
        if not parts:
            return Window(0, [], new)
        rows = np.concatenate(parts)
        begin, out = self._pieces.new(rows.nbytes)
        np.take(rows, np.argsort(rows[:, 2], kind="stable"), axis=0, out=out.view(np.int64).reshape(rows.shape))
        return Window(len(rows), [begin, *pieces], new)

    def begin(self, t0_ns: int, wall_ns: int) -> None:
        """Let the beginning be at t0 of time.monotonic_ns(), from which the wall clock differs by `wall_ns`."""
        self._recorder.t0_ns, self._recorder.wall_ns = t0_ns, wall_ns

    def keep(self, begin: int, requests: int, *, is_last: bool) -> list[Shown]:
        """Write down what is done, of which the fields of Taken are given; give what Locust is to be told in bulk."""
        return self._recorder.keep(self._done.table(Taken(begin, requests)), is_last=is_last)

    def cut(self, numbers: Sequence[int]) -> None:
        """Say of payloads that were not due yet that the run ended first."""
        rows = np.zeros(len(numbers), OUTCOME_ROW)
        rows["payload"], rows["outcome"] = numbers, CUT
        self._ledger.outcomes(rows)

    def pace(self) -> Pace:
        """Tell what became of the schedule."""
        return self._recorder.pace

    def _pack(self, chunk: Chunk) -> tuple[int, Rows]:
        """Put a chunk's payloads into a piece; give where it begins, and their columns."""
        rows = chunk.payloads
        head, columns = self._heads.all_of(rows), np.empty((len(rows), COLUMNS), np.int64)
        if self._heads.encode is None:
            begin, out = self._pieces.new(chunk.bytes_of(self._heads.pool.ends, head))
            places = chunk.requests(self._heads.pool.texts, self._heads.pool.ends, head, out)
        else:
            requests = self._encoded(chunk, head, self._heads.encode)
            begin, out = self._pieces.new(sum(map(len, requests)))
            out[:] = np.frombuffer(b"".join(requests), np.uint8)
            places = np.cumsum([0, *map(len, requests)])
        due = np.rint((rows["due"] - (self._plan.begin + self._plan.epoch)) * (1e6 / self._plan.speed))
        values = np.arange(self._payloads, self._payloads + len(rows)), rows["device"], due, head, begin + places[:-1], begin + places[1:]
        for i, column in enumerate(values):
            columns[:, i] = column
        return begin, columns

    def _encoded(self, chunk: Chunk, head: Rows, encode: Encode) -> list[bytes]:
        """Give a chunk's requests, their bodies encoded."""
        text, rows, made = chunk.text, chunk.payloads, self._heads.made
        columns = head, rows["begins"], rows["begins"] + rows["length"]
        return [whole(made[one], encode(text[begins:ends])) for one, begins, ends in zip(*(column.tolist() for column in columns), strict=True)]
