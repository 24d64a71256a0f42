"""One cohort against the wall clock.

The cohort is played in short windows, one ahead of the time; a window's rows are in the ledger before its first payload is sent.

    due on the wall clock = t0 + (due - begin) / speed        t0: when the run began; due, begin: emitted times
"""

import time
from pathlib import Path
from typing import Final

import gevent
import numpy as np
from gevent import get_hub
from gevent.event import Event
from locust.env import Environment

from simulator.errors import RumsimError
from simulator.kernel.mapped import let_go
from simulator.load import histogram
from simulator.load.client import Client
from simulator.load.computing import Computing
from simulator.load.options import FASTHTTP, Plan
from simulator.load.pace import Report
from simulator.load.preflight import allow_files, most_connections
from simulator.load.pump import Pump
from simulator.load.record import Recorder
from simulator.load.request import Request, Transport
from simulator.load.spare import Spare
from simulator.load.target import context, place
from simulator.load.threads import be_prompt, keep_files, keep_memory, keep_objects
from simulator.load.window import Windows
from simulator.schema.latency import LEFT, WAITING
from simulator.schema.ledger import OUTCOME_ROW
from simulator.schema.words import CUT

WINDOW_S: Final = 0.25  # assumed: short enough to play within a moment, long enough that windows do not matter
RECORD_S: Final = 0.05  # assumed: how long an outcome may wait for the ledger
DRAIN_S: Final = 15.0  # assumed: longer than the answers of a collector that is in its senses


class Player:
    """Devices `index` of `cohorts` equal parts of the plan's. Building it lives their past: seconds of computing."""

    def __init__(self, plan: Plan, index: int, cohorts: int, environment: Environment) -> None:
        """Seat the devices, open the ledger, and play the first window: nothing of it is due before the run begins."""
        self._plan = plan
        keep_memory()
        let_go()
        self._transport = _transport(plan, cohorts, environment)
        self._spare = Spare(get_hub().loop)
        self._computing = Computing()
        self._windows = Windows(plan, index, cohorts, self._spare, self._computing)
        endpoints = self._windows.heads.endpoints
        self._latencies = histogram.Writer(Path(plan.folder) / "histograms", index, endpoints)
        statistics = "" if plan.transport == FASTHTTP else plan.statistics  # that client tells Locust itself
        self._recorder = Recorder(environment, self._windows.ledger, self._latencies, endpoints, statistics)
        self._stopping, self._drained = Event(), Event()
        self._unsent: list[Request] = []
        self._stopped_ns = 0
        self._past_visits = self._windows.cohort.visits()
        self._step_ms = max(1, round(WINDOW_S * 1000 * plan.speed))
        self._ahead = self._windows.next(self._step_ms)
        keep_objects()
        be_prompt()

    def play(self, t0_ns: int) -> Report:
        """Play and send from t0 (ns since the epoch) until `stop` is called; return when all that was sent has its outcome in the ledger."""
        origin_ns = self._recorder.t0_ns = t0_ns - time.time_ns() + time.monotonic_ns()
        self._recorder.wall_ns = t0_ns - origin_ns
        self._windows.begin(origin_ns, self._ahead)
        cpu_s, computing_s = time.thread_time(), self._computing.cpu_s
        records = gevent.spawn(self._keep_records)
        records.link_exception(lambda _: self._stopping.set())
        try:
            while not self._stopping.is_set():
                self._transport.offer(self._ahead)
                self._ahead = []  # each goes when it is done; all at once would take milliseconds
                self._ahead = self._windows.next(self._step_ms)
                begins_s = (self._windows.played_ms - self._step_ms) / self._plan.speed / 1000
                self._stopping.wait(max(0.0, begins_s - WINDOW_S / 2 - (time.monotonic_ns() - origin_ns) / 1e9))
        finally:
            self.stop()
            until_ns = time.time_ns()
            self._leave_behind()
            self._transport.drain(DRAIN_S)
            self._drained.set()
            try:
                if (error := records.get()) is not None:
                    raise error
                self._cut()
            finally:
                self._close()
        return Report(
            visits=self._windows.cohort.visits() - self._past_visits,
            until_ns=until_ns,
            pace=self._recorder.pace,
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
        self._computing.close()  # first: it may be writing
        self._windows.close()
        self._latencies.close()
        self._spare.close()

    def _keep_records(self) -> RumsimError | None:
        """Record what is done, until all is, or the disk refuses: gevent would print what a greenlet raises, so the error is given."""
        is_last = False
        while not is_last:
            is_last = self._drained.wait(RECORD_S)
            try:
                self._spare.do(self._recorder.take(self._transport.done.take()))
                self._computing.do(self._recorder.keep, is_last=is_last)
            except RumsimError as error:
                self._stopping.set()
                return error
            for _ in self._recorder.tell():
                self._spare.do(())  # until the loop has nothing else to do
        return None

    def _leave_behind(self) -> None:
        """Give up what has fallen due and has not left, at the age that it has; what is due later was never offered."""
        add = self._transport.done.add
        unsent, self._unsent, self._ahead = [*self._unsent, *self._ahead], [], []
        for request in unsent:
            if request.due <= self._stopped_ns:
                cause, taken = WAITING if request.taken else LEFT, request.taken or self._stopped_ns
                add((request.number, cause, 0, request.head.endpoint, request.due, taken, 0, 0, max(taken, self._stopped_ns)))
            else:
                self._unsent.append(request)

    def _cut(self) -> None:
        """Say of what was not due yet that the run ended first."""
        numbers = [request.number for request in self._unsent]
        rows = np.zeros(len(numbers), OUTCOME_ROW)
        rows["payload"], rows["outcome"] = numbers, CUT
        self._windows.ledger.outcomes(rows)


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
