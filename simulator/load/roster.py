"""Who plays which cohort, when all begin, and when all have stopped: a few messages between the master and the processes that play.

    member -> master   rum_claim {token}              a Locust user has started
    master -> member   rum_seat {token, plan, ...}    play cohort i of n, or nothing
    member -> master   rum_ready {token}              its devices' past has been lived
    master -> all      rum_go {t0_ns}                 every cohort is ready: begin at t0
    master -> all      rum_stop {}                    take nothing up any more
    member -> master   rum_done {token, report}       all that was sent has an outcome
    member -> master   rum_failed {token, ...}        it cannot go on

Without workers the same messages go to the one process's own listeners. A cohort belongs to its process, not to the user that asked for it: it plays
until the run stops, however many users Locust keeps.
"""

import time
import traceback
from typing import Any, Final

import gevent
import msgspec
from gevent.event import AsyncResult
from gevent.greenlet import Greenlet
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner, WorkerRunner

from simulator.errors import RumsimError
from simulator.load.options import Plan
from simulator.load.pace import Report
from simulator.load.player import DRAIN_S, Player

HEAD_START_NS: Final = 500_000_000  # assumed: more than a message takes
STOP_S: Final = 25.0  # assumed: longer than a cohort drains


class Roster:
    """The master's side."""

    def __init__(self, environment: Environment, plan: Plan, cohorts: int) -> None:
        """Begin with nobody."""
        self.environment, self.plan, self.cohorts = environment, plan, cohorts
        self.reports: dict[int, Report] = {}
        self.t0_ns = 0
        self.stopped_ns = 0
        self._cohort_of: dict[str, int] = {}
        self._ready: set[int] = set()
        self._failed: set[int] = set()
        self._until = 0.0

    def claim(self, node: str, token: str) -> None:
        """Give the next cohort to a user; those who come too late for one play nothing."""
        seat: dict[str, Any] = {"token": token, "index": -1}
        if len(self._cohort_of) < self.cohorts:
            index = self._cohort_of[token] = len(self._cohort_of)
            seat |= {"index": index, "cohorts": self.cohorts, "plan": msgspec.to_builtins(self.plan)}
        self._send("rum_seat", seat, node)

    def ready(self, token: str) -> bool:
        """Note a cohort that is ready; begin with the last, unless the run has been stopped meanwhile. Tell whether the run has begun now."""
        if token not in self._cohort_of or self.t0_ns:  # of an earlier run
            return False
        self._ready.add(self._cohort_of[token])
        if len(self._ready) < self.cohorts or self.stopped_ns:
            return False
        self.t0_ns = time.time_ns() + HEAD_START_NS
        self._send("rum_go", {"t0_ns": self.t0_ns})
        return True

    def done(self, token: str, report: Report) -> None:
        """Note a cohort that has stopped."""
        if token in self._cohort_of:
            self.reports[self._cohort_of[token]] = report

    def failed(self, token: str) -> bool:
        """Note a cohort that cannot go on, and from which no report will come; tell whether it is of this run."""
        self._failed |= {self._cohort_of[token]} if token in self._cohort_of else set()
        return token in self._cohort_of

    def count_ready(self) -> int:
        """Count the cohorts that are ready."""
        return len(self._ready)

    def lost(self) -> list[int]:
        """List the cohorts that have not stopped and whose worker has gone, or has sent no heartbeat for some seconds."""
        runner: Any = self.environment.runner
        if not isinstance(runner, MasterRunner):
            return []
        workers = {token: runner.clients.get(token.partition("/")[0]) for token in self._cohort_of}
        gone = [self._cohort_of[token] for token, worker in workers.items() if worker is None or worker.state == STATE_MISSING]
        return [index for index in gone if index not in self.reports]

    def stop(self) -> None:
        """Stop all cohorts and wait until they have said so, but for those that are lost, and not for ever."""
        if not self.stopped_ns:
            self.stopped_ns = time.time_ns()
            self._until = time.monotonic() + STOP_S
            self._send("rum_stop", {})
        while self.t0_ns and self._ready - self.reports.keys() - self._failed - set(self.lost()) and time.monotonic() < self._until:
            gevent.sleep(0.05)

    def _send(self, kind: str, data: dict[str, Any], node: str | None = None) -> None:
        runner: Any = self.environment.runner
        runner.send_message(kind, data, node if isinstance(runner, MasterRunner) else None)


class Members:
    """The cohorts of a process that plays."""

    def __init__(self, environment: Environment) -> None:
        """Listen to the master."""
        self._environment = environment
        runner: Any = environment.runner
        self._runner = runner
        self._count = 0
        self._seats: dict[str, AsyncResult[dict[str, Any]]] = {}
        self._parts: dict[str, Greenlet[..., None]] = {}
        self._players: dict[str, Player] = {}
        self._go: AsyncResult[int] = AsyncResult()
        runner.register_message("rum_seat", self._seated)
        runner.register_message("rum_go", self._begun)
        runner.register_message("rum_stop", self.stop_all, concurrent=isinstance(runner, WorkerRunner))

    def join(self) -> None:
        """Play a cohort, if one is left, beside whoever asks."""
        self._count += 1
        token = f"{self._runner.client_id}/{self._count}"
        self._parts[token] = part = Greenlet(self._take_part, token)
        part.link(lambda _: self._forget(token))
        part.start()

    def stop_all(self, **_: Any) -> None:  # noqa: ANN401
        """Stop all cohorts of this process; return when they have said so."""
        parts = dict(self._parts)
        for token, part in parts.items():
            if self._go.ready() and token in self._players:
                self._players[token].stop()
            else:
                part.kill(block=False)  # nothing was played
        gevent.joinall(list(parts.values()), timeout=DRAIN_S + 5)
        self._go = AsyncResult()

    def _take_part(self, token: str) -> None:
        """Play a cohort from its past to its report."""
        self._seats[token] = answer = AsyncResult()
        self._runner.send_message("rum_claim", {"token": token})
        seat: dict[str, Any] = answer.get()
        if seat["index"] < 0:
            return
        try:
            player = self._players[token] = Player(msgspec.convert(seat["plan"], Plan), seat["index"], seat["cohorts"], self._environment)
            self._runner.send_message("rum_ready", {"token": token})
            try:
                t0_ns = self._go.get()
            except gevent.GreenletExit:
                player.close()
                raise
            report = player.play(t0_ns)
        except Exception as error:  # noqa: BLE001 - a run whose cohort is missing must not go on
            if not isinstance(error, RumsimError):
                traceback.print_exc()
            self._runner.send_message("rum_failed", {"token": token, "error": str(error), "exit_code": getattr(error, "exit_code", 1)})
        else:
            self._runner.send_message("rum_done", {"token": token, "report": msgspec.to_builtins(report)})

    def _forget(self, token: str) -> None:
        self._parts.pop(token, None)
        self._players.pop(token, None)
        self._seats.pop(token, None)

    def _seated(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if answer := self._seats.pop(msg.data["token"], None):
            answer.set(msg.data)

    def _begun(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        self._go.set(msg.data["t0_ns"])
