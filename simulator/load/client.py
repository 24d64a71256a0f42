"""Sends payloads over HTTP and says what became of each. Locust's statistics are fed by its own client."""

import socket
import time
from dataclasses import dataclass
from typing import Any

from gevent.greenlet import Greenlet
from gevent.pool import Pool
from locust import User
from locust.contrib.fasthttp import FastHttpSession

from simulator.schema.payload import Payload
from simulator.schema.words import ACKNOWLEDGED, AMBIGUOUS, FAILED, REFUSED

CONNECTIONS = 128  # assumed: as many payloads as one cohort has under way at once
CONNECT_TIMEOUT_S = 10.0  # assumed
ANSWER_TIMEOUT_S = 30.0  # assumed
MULTIPLE_CHOICES = 300  # RFC 9110: statuses below, from 200, are success
NOT_SENT = (ConnectionRefusedError, ConnectionAbortedError, socket.gaierror)


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

    def __init__(self, user: User, host: str) -> None:
        """Open no connection yet."""
        self._session = FastHttpSession(
            base_url=host,
            request_event=user.environment.events.request,
            user=user,
            network_timeout=ANSWER_TIMEOUT_S,
            connection_timeout=CONNECT_TIMEOUT_S,
            max_retries=0,
            max_redirects=0,
            concurrency=CONNECTIONS,
        )
        self._pool = Pool(CONNECTIONS)
        self._under_way: dict[int, int] = {}
        self.outcomes: list[Outcome] = []

    def send(self, payload: Payload) -> None:
        """Begin to send; wait only if too many are under way."""
        self._pool.add(greenlet := Greenlet(self._send, payload))
        greenlet.start()

    def is_full(self) -> bool:
        """Tell whether the next payload has to wait for an answer to an earlier one."""
        return bool(self._pool.full())

    def drain(self, timeout_s: float) -> None:
        """Wait for what is under way; what has no answer by then is ambiguous."""
        self._pool.join(timeout=timeout_s)
        self._pool.kill(block=True, timeout=1)
        for number, sent in self._under_way.items():
            self.outcomes.append(Outcome(number, AMBIGUOUS, 0, sent, 0))
        self._under_way.clear()

    def _send(self, payload: Payload) -> None:
        sent = self._under_way[payload.number] = time.time_ns()
        session: Any = self._session  # its types know no bytes
        response = session.request(
            "POST", payload.path, data=payload.body, headers={"Content-Type": payload.content_type, "Origin": payload.origin}, name=payload.path
        )
        ended = time.time_ns()
        del self._under_way[payload.number]
        status = response.status_code
        if status:
            outcome = ACKNOWLEDGED if status < MULTIPLE_CHOICES else REFUSED
        elif isinstance(response.error, NOT_SENT):
            outcome = FAILED
        else:
            outcome = AMBIGUOUS
        self.outcomes.append(Outcome(payload.number, outcome, status, sent, ended if status else 0))
