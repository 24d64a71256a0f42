"""Who plays which cohort, when all begin, and when all have stopped: a few messages between the master and the users.

    user -> master   rum_claim {token}              a user has started
    master -> user   rum_seat {token, plan, ...}    plays cohort i of n, or nothing
    user -> master   rum_ready {token}              its devices' past has been lived
    master -> all    rum_go {t0_ns}                 every cohort is ready: begin at t0
    master -> all    rum_stop {}                    send nothing more
    user -> master   rum_done {token, ...}          all that was sent has an outcome

Without workers the same messages go to the one process's own listeners.
"""

import logging
import time
from typing import Any, Final

import gevent
import msgspec
from gevent.event import AsyncResult
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from simulator.load.options import Plan
from simulator.load.player import Player

HEAD_START_NS: Final = 500_000_000  # assumed: more than a message takes
STOP_S: Final = 25.0
log = logging.getLogger("rumsim")


class Roster:
    """The master's side."""

    def __init__(self, environment: Environment, plan: Plan, cohorts: int) -> None:
        """Begin with nobody."""
        self.environment, self.plan, self.cohorts = environment, plan, cohorts
        self._claimed: list[str] = []
        self._ready: set[str] = set()
        self._done: set[str] = set()
        self.t0_ns = 0
        self.visits = 0
        self.late_s = 0.0
        self.stopped_ns = 0
        self._until = 0.0

    def claim(self, node: str, token: str) -> None:
        """Give the next cohort to a user; those who come too late for one play nothing."""
        index = len(self._claimed)
        self._claimed.append(token)
        seat = {"token": token, "index": index, "cohorts": self.cohorts, "plan": msgspec.to_builtins(self.plan)}
        self._send("rum_seat", seat if index < self.cohorts else {"token": token, "index": -1}, node)

    def ready(self, token: str) -> None:
        """Note a cohort that is ready; begin with the last, unless the run has been stopped meanwhile."""
        self._ready.add(token)
        if len(self._ready) == self.cohorts and not self.stopped_ns:
            self.t0_ns = time.time_ns() + HEAD_START_NS
            self._send("rum_go", {"t0_ns": self.t0_ns})

    def done(self, token: str, visits: int, late_s: float) -> None:
        """Note a cohort that has stopped, how many visits it began, and how far it was behind."""
        self._done.add(token)
        self.visits += visits
        self.late_s = max(self.late_s, late_s)

    def stop(self) -> bool:
        """Stop all cohorts and wait for them; tell whether all have said so."""
        if not self.stopped_ns:
            self.stopped_ns = time.time_ns()
            self._until = time.monotonic() + STOP_S
            self._send("rum_stop", {})
        while self._ready - self._done and time.monotonic() < self._until:
            gevent.sleep(0.05)
        for token in self._ready - self._done:
            log.warning("cohort %d did not say that it has stopped; its ledger may lack outcomes", self._claimed.index(token))
        return self._ready <= self._done

    def _send(self, kind: str, data: dict[str, Any], node: str | None = None) -> None:
        runner: Any = self.environment.runner
        runner.send_message(kind, data, node if isinstance(runner, MasterRunner) else None)


class Members:
    """The users' side, one per process that runs users."""

    def __init__(self, runner: Any) -> None:  # noqa: ANN401
        """Listen to the master."""
        self._runner = runner
        self._count = 0
        self._seats: dict[str, AsyncResult[dict[str, Any]]] = {}
        self._players: dict[str, Player] = {}
        self.go: AsyncResult[int] = AsyncResult()
        runner.register_message("rum_seat", self._seated)
        runner.register_message("rum_go", self._begun)
        runner.register_message("rum_stop", self._stop, concurrent=isinstance(runner, WorkerRunner))

    def claim(self) -> dict[str, Any]:
        """Ask for a cohort and wait for the answer."""
        self._count += 1
        token = f"{self._runner.client_id}/{self._count}"
        answer: AsyncResult[dict[str, Any]] = AsyncResult()
        self._seats[token] = answer
        self._runner.send_message("rum_claim", {"token": token})
        seat: dict[str, Any] = answer.get()
        return seat

    def ready(self, token: str, player: Player) -> int:
        """Say that a cohort is ready; wait for the beginning and give its time."""
        self._players[token] = player
        self._runner.send_message("rum_ready", {"token": token})
        t0_ns: int = self.go.get()
        return t0_ns

    def stop(self, token: str) -> None:
        """Stop one cohort, if it plays here, and say so."""
        if player := self._players.get(token):
            player.stop()
            if self._players.pop(token, None):  # whoever else stops it waits as well, and the first says so
                self._runner.send_message("rum_done", {"token": token, "visits": player.visits, "late_s": player.late_s})

    def _seated(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if answer := self._seats.pop(msg.data["token"], None):
            answer.set(msg.data)

    def _begun(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        self.go.set(msg.data["t0_ns"])

    def _stop(self, **_: Any) -> None:  # noqa: ANN401
        self.stop_all()

    def stop_all(self) -> None:
        """Stop all cohorts of this process."""
        for greenlet in [gevent.spawn(self.stop, token) for token in list(self._players)]:
            greenlet.join()
        self.go = AsyncResult()
