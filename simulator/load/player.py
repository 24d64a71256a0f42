"""One cohort against the wall clock.

The cohort is played in short windows, one ahead of the time; a window's rows are in the ledger before its first payload is sent.

    due on the wall clock = t0 + (due - begin) / speed        t0: when the run began; due, begin: emitted times
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import gevent
import numpy as np
from gevent import get_hub
from gevent.event import Event
from locust.env import Environment

from simulator.errors import RumsimError
from simulator.kernel.mapped import let_go
from simulator.load.client import Client
from simulator.load.computing import Computing
from simulator.load.options import FASTHTTP, Plan
from simulator.load.pace import Report
from simulator.load.preflight import allow_files, most_connections
from simulator.load.pump import Pump
from simulator.load.request import Head, Request, Transport
from simulator.load.shared import Bytes, Pieces
from simulator.load.spare import Spare
from simulator.load.statistics import Statistics
from simulator.load.target import context, place
from simulator.load.threads import be_prompt, keep_files, keep_memory, keep_objects
from simulator.load.window import COLUMNS, Window, Windows
from simulator.schema.latency import LEFT, WAITING

WINDOW_S: Final = 0.25  # assumed: short enough to play within a moment, long enough that windows do not matter
REQUESTS: Final = 16  # assumed: so many are made in one go; about 15 us
RECORD_S: Final = 0.25  # assumed: how long an outcome may wait for the ledger
DRAIN_S: Final = 15.0  # assumed: longer than the answers of a collector that is in its senses


class Player:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing."""

    def __init__(self, plan: Plan, index: int, cohorts: int, environment: Environment) -> None:
        """Seat the devices, open the ledger, and play the first window: nothing of it is due before the run begins."""
        self._plan = plan
        keep_memory()
        let_go()
        self._heads: list[Head] = []
        self._stopping, self._drained = Event(), Event()
        self._unsent: list[Request] = []
        self._stopped_ns = self._t0_ns = self._played_ms = 0
        """Of time.monotonic_ns(): the end and the beginning; and how far the devices have been played since then, in simulated time."""
        self._step_ms = max(1, round(WINDOW_S * 1000 * plan.speed))
        statistics = "" if plan.transport == FASTHTTP else plan.statistics  # that client tells Locust itself
        with ExitStack() as undoing:  # what is built, if more cannot be, or is not wanted any more
            self._pieces = Pieces()
            self._transport = _transport(plan, cohorts, environment)
            undoing.callback(self._transport.drain, 0.0)
            undoing.callback(self._transport.stop)
            self._spare = Spare(get_hub().loop)
            undoing.callback(self._spare.close)
            self._computing = Computing(Windows, self._pieces, self._transport.done, plan, index, cohorts)
            undoing.callback(self._computing.close)
            self._statistics = Statistics(environment, self._computing.do(Windows.endpoints), statistics)
            self._past_visits = self._computing.do(Windows.visits)
            self._ahead: Window | None = self._next()
            undoing.pop_all()
        keep_objects()
        be_prompt()

    def play(self, t0_ns: int) -> Report:
        """Play and send from t0 (ns since the epoch) until `stop` is called; return when all that was sent has its outcome in the ledger."""
        self._t0_ns = t0_ns - time.time_ns() + time.monotonic_ns()
        self._computing.do(Windows.begin, self._t0_ns, t0_ns - self._t0_ns)
        cpu_s, computing_s = time.thread_time(), self._computing.cpu_s
        records = gevent.spawn(self._keep_records)
        records.link_exception(lambda _: self._stopping.set())
        try:
            while not self._stopping.is_set():
                self._offer()
                self._ahead = self._next()
                begins_s = (self._played_ms - self._step_ms) / self._plan.speed / 1000
                self._stopping.wait(max(0.0, begins_s - WINDOW_S / 2 - (time.monotonic_ns() - self._t0_ns) / 1e9))
        finally:
            self.stop()
            until_ns = time.time_ns()
            self._leave_behind()
            self._transport.drain(DRAIN_S)
            self._drained.set()
            try:
                if (error := records.get()) is not None:
                    raise error
                self._computing.do(Windows.cut, [request.number for request in self._unsent])  # not due yet: the run ended first
                visits, pace = self._computing.do(Windows.visits), self._computing.do(Windows.pace)
            finally:
                self._close()
        return Report(
            visits=visits - self._past_visits,
            until_ns=until_ns,
            pace=pace,
            cpu_s=time.thread_time() - cpu_s,
            computing_s=self._computing.cpu_s - computing_s,
            counts=self._transport.counts(),
        )

    def stop(self) -> None:
        """Take nothing up any more but what is due by now."""
        self._stopped_ns = self._stopped_ns or time.monotonic_ns()  # first: what falls due while the transport catches up was never offered
        self._stopping.set()
        self._unsent += self._transport.stop()

    def close(self) -> None:
        """Let go of all without having played."""
        self._transport.stop()
        self._transport.drain(0.0)
        self._close()

    def _close(self) -> None:
        self._computing.close()
        self._spare.close()

    def _next(self) -> Window:
        """Have a window played."""
        self._played_ms += self._step_ms
        return self._computing.do(Windows.next, self._played_ms, self._pieces.returned())

    def _offer(self) -> None:
        """Have what is ahead sent when it is due."""
        window, self._ahead = self._ahead, None
        if window is not None:
            self._heads += window.heads
            if window.payloads:
                self._spare.do(self._requests(self._pieces.borrow(window.pieces), window))

    def _requests(self, memory: Bytes, window: Window) -> Iterator[None]:
        """Make requests and offer them, in steps. Their payloads go when they are sent; all at once would take milliseconds."""
        heads, t0_ns, data = self._heads, self._t0_ns, memory.data
        rows = np.frombuffer(memory, np.int64, window.payloads * COLUMNS, window.pieces[0]).reshape(-1, COLUMNS)
        for i in range(0, window.payloads, REQUESTS):
            yield
            self._transport.offer(
                [
                    Request(number, device, t0_ns + due, heads[head], data[begin:end])
                    for number, device, due, head, begin, end in rows[i : i + REQUESTS].tolist()
                ]
            )

    def _keep_records(self) -> RumsimError | None:
        """Record what is done, until all is, or the disk refuses: gevent would print what a greenlet raises, so the error is given."""
        is_last, done = False, self._transport.done
        while not is_last:
            gevent.sleep(RECORD_S)  # which costs half of what waiting for an event does
            is_last, taken = self._drained.is_set(), done.take()
            try:
                shown = self._computing.do(Windows.keep, *taken, is_last=is_last)
            except RumsimError as error:
                self._stopping.set()
                return error
            for _ in self._statistics.tell(done.table(taken), shown):
                self._spare.do(())  # until the loop has nothing else to do
        return None

    def _leave_behind(self) -> None:
        """Give up what has fallen due and has not left, at the age that it has; what is due later was never offered."""
        self._offer()
        self._unsent += self._transport.stop()
        add = self._transport.done.add
        unsent, self._unsent = self._unsent, []
        for request in unsent:
            if request.due <= self._stopped_ns:
                cause, taken = WAITING if request.taken else LEFT, request.taken or self._stopped_ns
                add((request.number, cause, 0, request.head.endpoint, request.due, taken, 0, 0, max(taken, self._stopped_ns)))
            else:
                self._unsent.append(request)


def _transport(plan: Plan, cohorts: int, environment: Environment) -> Transport:
    allow_files()
    if plan.transport == FASTHTTP:
        return Client(environment, plan)
    to, most = place(plan.host), plan.connections or max(1, most_connections() // cohorts)
    keep_files(most * cohorts)
    return Pump(
        to,
        context(plan.tls_ca) if to.secure else None,
        most=most,
        shared=plan.connections > 0,
        answer_s=plan.answer_s,
        resumes=plan.tls_resumes,
    )
