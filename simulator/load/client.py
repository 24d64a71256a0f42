"""The plain reference among the transports (request.py): Locust's FastHttpSession, a greenlet for each request under way.

Its library tells an answer when the head is there, not its first byte; and connects when a request counts as sent: what that takes is service.
"""

import socket
import ssl
import time
from collections import deque
from typing import Any, Final

import gevent
from gevent.event import Event
from gevent.pool import Group
from locust.contrib.fasthttp import FastHttpSession
from locust.env import Environment

from simulator.load.options import Plan
from simulator.load.request import EXHAUSTED, Outcomes, Request
from simulator.load.target import context, place
from simulator.play.requests import BLANK
from simulator.schema.latency import DNS, NO_SOCKET, OK, OPEN, RESET, STATUS, TIMEOUT, TLS, UNREACHABLE

CONNECTIONS: Final = 128  # assumed: as many payloads as one cohort has under way at once
CONNECT_S: Final = 10.0  # assumed
MULTIPLE_CHOICES: Final = 300  # RFC 9110, 15: statuses below are success
CAUSES: Final = (
    (socket.gaierror, DNS),
    (ConnectionRefusedError, UNREACHABLE),
    (OverflowError, UNREACHABLE),  # no such port
    (TimeoutError, TIMEOUT),
    (ssl.SSLError, TLS),
)

now = time.monotonic_ns


class Client:
    """Sends payloads side by side, each in a greenlet, of which there are as many as connections. It tells Locust of each request itself."""

    def __init__(self, environment: Environment, plan: Plan) -> None:
        """Open no connection yet."""
        self._requests: Any = environment.events.request
        self._session: Any = FastHttpSession(
            base_url=plan.host,
            request_event=self._requests,
            user=None,
            network_timeout=plan.answer_s,
            connection_timeout=CONNECT_S,
            max_retries=0,
            max_redirects=0,
            concurrency=plan.connections or CONNECTIONS,
            insecure=plan.tls_ca == "any",
            ssl_context_factory=lambda: context(plan.tls_ca),
        )
        self.done = Outcomes()
        self._prefix = len(place(plan.host).prefix)
        self._opened, self._is_secure = 0, place(plan.host).secure
        pool: Any = self._session.client.clientpool.get_client(plan.host)._connection_pool  # noqa: SLF001 - the hook is public, its owner is not
        pool.after_connect = self._connected
        self._most = plan.connections or CONNECTIONS
        self._greenlets = Group()
        self._due: deque[Request] = deque()
        self._waiting: deque[Request] = deque()
        self._more, self._stopping = Event(), Event()
        self._under_way: set[Request] = set()
        self._sender = gevent.spawn(self._run)

    def offer(self, requests: list[Request]) -> None:
        """Take requests in the order in which they are due."""
        self._due.extend(requests)
        self._more.set()

    def stop(self) -> list[Request]:
        """Take nothing up any more."""
        self._stopping.set()
        self._more.set()
        left = [*self._waiting, *self._due]
        self._waiting.clear()
        self._due.clear()
        return left

    def drain(self, timeout_s: float) -> None:
        """Wait for what is under way."""
        self._sender.join()
        self._greenlets.join(timeout=timeout_s)
        self._greenlets.kill(block=True, timeout=1)
        for request in self._under_way:
            self._finish(request, OPEN, 0)

    def counts(self) -> dict[str, int]:
        """Count connections and handshakes; none is resumed."""
        return {"connections": self._opened, "handshakes": self._opened * self._is_secure, "resumed": 0}

    def _connected(self, _socket: socket.socket) -> None:
        self._opened += 1

    def _run(self) -> None:
        """Take each request up when it is due, whether one of the places is free for it or it has to wait."""
        while not self._stopping.is_set():
            if not self._due:
                self._more.clear()
                self._more.wait()
                continue
            self._stopping.wait(max(0.0, (self._due[0].due - now()) / 1e9))
            if self._stopping.is_set():  # what `wait` says is older
                return
            request = self._due.popleft()
            request.taken = now()
            if len(self._under_way) < self._most:
                self._under_way.add(request)
                self._greenlets.spawn(self._send, request)
            else:
                request.keep()
                self._waiting.append(request)

    def _send(self, request: Request) -> None:
        """Send a request, then what waits, one after the other."""
        while True:
            request.sent = now()
            status, cause = self._post(request)
            self._under_way.discard(request)
            self._finish(request, cause, status)
            if not self._waiting:
                return
            request = self._waiting.popleft()
            self._under_way.add(request)

    def _post(self, request: Request) -> tuple[int, int]:
        """Give the answer's status, 0 without one, and the cause."""
        path = request.head.path[self._prefix :]
        body = bytes(request.data).partition(BLANK)[2]  # its library makes the head
        request.data = b""
        try:
            response = self._session.request("POST", path, data=body, headers=request.head.headers, name=request.head.path)
        except Exception as error:  # noqa: BLE001 - whatever its HTTP library cannot do; Locust counts as failures only what it knows
            ms = (now() - request.sent) / 1e6
            told = {"request_type": "POST", "name": request.head.path, "response_time": ms, "response_length": 0, "context": {}, "exception": error}
            self._requests.fire(**told)
            return 0, _cause(error)
        if response.status_code:
            return response.status_code, OK if response.status_code < MULTIPLE_CHOICES else STATUS
        return 0, _cause(response.error)

    def _finish(self, request: Request, cause: int, status: int) -> None:
        r = request
        sent = 0 if cause in (DNS, UNREACHABLE, NO_SOCKET) else r.sent
        self.done.add((r.number, cause, status, r.head.endpoint, r.due, r.taken, sent, 0, now()))


def _cause(error: BaseException | None) -> int:
    error = getattr(error, "original", None) or error  # its library wraps what it would have tried again
    if isinstance(error, OSError) and error.errno in EXHAUSTED:
        return NO_SOCKET
    return next((cause for kind, cause in CAUSES if isinstance(error, kind)), RESET)
