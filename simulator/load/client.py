"""Sends payloads over HTTP and says what became of each. Locust's statistics are fed by its own client."""

import socket
import time
from dataclasses import dataclass
from typing import Any

from gevent.event import Event
from gevent.greenlet import Greenlet
from gevent.pool import Pool
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment

from simulator.schema.payload import Payload
from simulator.schema.words import ACKNOWLEDGED, AMBIGUOUS, FAILED, REFUSED

CONNECTIONS = 128  # assumed: as many payloads as one cohort has under way at once
CONNECT_TIMEOUT_S = 10.0  # assumed
ANSWER_TIMEOUT_S = 30.0  # assumed
MULTIPLE_CHOICES = 300  # RFC 9110: statuses below, from 200, are success
NOT_SENT = (ConnectionRefusedError, ConnectionAbortedError, socket.gaierror, OverflowError)  # the last: no such port
LOOK_S = 0.05  # assumed: how often one who waits for a place looks whether the run still goes on


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payload; wall-clock times in ns since the epoch, 0: not sent, or no answer."""

    payload: int
    outcome: int
    status: int
    sent_ns: int
    ended_ns: int


class Client:
    """Sends payloads side by side, each in a greenlet of a pool."""

    def __init__(self, environment: Environment, host: str) -> None:
        """Open no connection yet."""
        self._requests: Any = environment.events.request
        self._session = FastHttpSession(
            base_url=host,
            request_event=self._requests,
            user=None,
            network_timeout=ANSWER_TIMEOUT_S,
            connection_timeout=CONNECT_TIMEOUT_S,
            max_retries=0,
            max_redirects=0,
            concurrency=CONNECTIONS,
        )
        self._pool = Pool(CONNECTIONS)
        self._under_way: dict[int, int] = {}
        self.outcomes: list[Outcome] = []

    def wait(self, stopping: Event) -> float:
        """Wait for a place: for an answer to an earlier payload if too many are under way, but no longer than the run goes on. Give the seconds."""
        if not self._pool.full():
            return 0.0
        began = time.monotonic()
        while self._pool.full() and not stopping.is_set():
            self._pool.wait_available(timeout=LOOK_S)
        return time.monotonic() - began

    def send(self, payload: Payload) -> None:
        """Begin to send; there must be a place."""
        self._pool.add(greenlet := Greenlet(self._send, payload))
        greenlet.start()

    def drain(self, timeout_s: float) -> None:
        """Wait for what is under way; what has no answer by then is ambiguous."""
        self._pool.join(timeout=timeout_s)
        self._pool.kill(block=True, timeout=1)
        for number, sent in self._under_way.items():
            self.outcomes.append(Outcome(number, AMBIGUOUS, 0, sent, 0))
        self._under_way.clear()

    def _send(self, payload: Payload) -> None:
        sent = self._under_way[payload.number] = time.time_ns()
        status, error = self._post(payload)
        ended = time.time_ns()
        del self._under_way[payload.number]
        if status:
            outcome = ACKNOWLEDGED if status < MULTIPLE_CHOICES else REFUSED
        elif isinstance(error, NOT_SENT):
            outcome = FAILED
        else:
            outcome = AMBIGUOUS
        self.outcomes.append(Outcome(payload.number, outcome, status, sent, ended if status else 0))

    def _post(self, payload: Payload) -> tuple[int, BaseException | None]:
        """Give the answer's status, 0 without one, and then what went wrong."""
        session: Any = self._session  # its types know no bytes
        headers = {"Content-Type": payload.content_type, "Origin": payload.origin}
        began = time.monotonic()
        try:
            response = session.request("POST", payload.path, data=payload.body, headers=headers, name=payload.path)
        except Exception as error:  # noqa: BLE001 - whatever its HTTP library cannot do; Locust counts as failures only what it knows
            ms = (time.monotonic() - began) * 1000
            told = {"request_type": "POST", "name": payload.path, "response_time": ms, "response_length": 0, "context": {}, "exception": error}
            self._requests.fire(**told)
            return 0, error
        return response.status_code, response.error if not response.status_code else None
