"""Sends each request when it is due, on connections that open, stay and close as those of the population's devices do.

Rules of the file: nothing here waits; all of it runs in callbacks of the event loop. A request is never sent twice: what a browser would send again
on another connection, after the server has closed the one in between, is told as it was.
"""

import ssl
import time
from collections import OrderedDict, deque
from typing import Any, Final

import gevent
from gevent import get_hub

from simulator.load.answer import Answer, Answers
from simulator.load.connection import Connection
from simulator.load.request import EXHAUSTED, Outcomes, Request
from simulator.load.target import Place, Resolver
from simulator.load.timer import timer
from simulator.load.tls import Tls
from simulator.schema.latency import CONNECT_TIMEOUT, DNS, NO_SOCKET, OK, OPEN, STATUS, TIMEOUT, UNREACHABLE, WAITING
from simulator.schema.latency import TLS as TLS_FAILED

BURST: Final = 16  # assumed: so many are sent before answers are looked at
CATCH_UP_NS: Final = 10_000_000  # assumed: at the end, for what fell due in the last moment; who is farther behind does not catch up
SWEEP_S: Final = 0.1  # assumed: how precise the ends of patience are, to twice as much
CONNECT_S: Final = 10.0  # assumed
KEEP_S: Final = 300.0
"""How long a device keeps a connection that is idle: Chromium's kUsedIdleSocketTimeout (net/socket/client_socket_pool.h) and OkHttp's
ConnectionPool have 5 minutes; assumed of the others. Most servers close earlier."""
SESSIONS: Final = 100_000  # assumed: of TLS, that are kept to be resumed; some 200 MB
MULTIPLE_CHOICES: Final = 300  # RFC 9110, 15: statuses below are success
NS: Final = 1_000_000_000

now = time.monotonic_ns


class Pump:
    """A transport (request.py). `shared`: devices share their connections, as behind a proxy, instead of each having its own."""

    def __init__(
        self, place: Place, context: ssl.SSLContext | None, *, most: int, shared: bool, answer_s: float, keep_s: float = KEEP_S, resumes: bool = True
    ) -> None:
        """Open nothing yet. `most`: connections at a time; `answer_s`: patience with an answer; `resumes`: sessions of TLS are resumed."""
        self.loop: Any = get_hub().loop
        self.answers = Answers()
        self.done = Outcomes()
        self._place, self._context, self._most, self._shared, self._resumes = place, context, most, shared, resumes
        self._answer_ns, self._keep_ns = round(answer_s * NS), round(keep_s * NS)
        self._resolver = Resolver(place.host, place.port)
        self._due: deque[Request] = deque()
        self._waiting: deque[Request] = deque()
        self._idle: OrderedDict[int, Connection] = OrderedDict()
        """By device; by a number of its own where connections are shared. The longest idle first."""
        self._busy: set[Connection] = set()
        self._sessions: dict[int, ssl.SSLSession] = {}
        self._opened = self._handshakes = self._resumed = 0
        self._is_stopped = False
        self._answered = 0
        """Answers since something was sent."""
        self._swept_ns, self._spares_until = now(), 0
        self._timer = timer(self.loop, self._fire)
        self._sweeps = self.loop.timer(SWEEP_S, SWEEP_S)
        self._sweeps.start(self._sweep)
        self._resolver.address()  # ask early

    def offer(self, requests: list[Request]) -> None:
        """Take requests in the order in which they are due."""
        was_empty = not self._due
        self._due.extend(requests)
        if was_empty and requests and not self._is_stopped:
            self._timer.at(requests[0].due)

    def stop(self) -> list[Request]:
        """Take up what is due by now, if that is soon done, and nothing more; give what has not gone out, in the order in which it was due."""
        at = now()
        while not self._is_stopped and self._due and self._due[0].due <= at and now() - at < CATCH_UP_NS:
            self._fire()
        self._is_stopped = True
        self._timer.at(0)
        left = [*self._waiting, *self._due]
        self._waiting.clear()
        self._due.clear()
        return left

    def drain(self, timeout_s: float) -> None:
        """Wait for what is under way, then close all."""
        until = time.monotonic() + timeout_s
        is_up = False
        while self._busy and not is_up:  # once more after the time: were we held up, answers that came meanwhile are still to be read
            is_up = time.monotonic() >= until
            gevent.sleep(SWEEP_S)
        for connection in [*self._busy]:
            connection.give_up(OPEN if connection.request.sent else WAITING)
        for connection in [*self._idle.values()]:
            connection.close()
        self._idle.clear()
        self._sweeps.stop()
        self._sweeps.close()
        self._timer.close()

    def counts(self) -> dict[str, int]:
        """Count connections and handshakes."""
        return {"connections": self._opened, "handshakes": self._handshakes, "resumed": self._resumed}

    # ------------------------------------------------------------------------------------------------------------------------- callbacks
    def _fire(self) -> None:
        """Send what is due, then let answers be looked at."""
        due, self._answered = self._due, 0
        for _ in range(BURST):
            if not due or due[0].due > (at := now()):
                break
            request = due.popleft()
            request.taken = at
            if self._waiting:
                self._wait(request)
                self._go_on()
            else:
                self._send(request)
        self._timer.at(due[0].due if due else 0)

    def _send(self, request: Request) -> None:
        """Send on a connection of the device's, or on a new one; or let it wait."""
        idle = self._idle
        while idle and (self._shared or request.device in idle):
            connection = idle.popitem()[1] if self._shared else idle.pop(request.device)
            if connection.send(request):
                connection.until = request.sent + self._answer_ns
                self._busy.add(connection)
                return
        if len(self._busy) + len(idle) >= self._most:
            if not idle:
                self._wait(request)
                return
            idle.popitem(last=False)[1].close()
        self._open(request)

    def _open(self, request: Request) -> None:
        address = self._resolver.address()
        if address is None:
            if self._resolver.is_known.is_set():
                self._finish(request, DNS, 0, now())
            else:
                self._wait(request)
            return
        request.keep()
        tls = Tls(self._context, self._place.host, self._sessions.get(self._key(request.device))) if self._context is not None else None
        try:
            connection = Connection(self, request.device, *address, tls, request)
        except OSError as error:  # no file is left, or no such family of addresses here
            self._finish(request, NO_SOCKET if error.errno in EXHAUSTED else UNREACHABLE, 0, now())
            return
        connection.until = now() + round(CONNECT_S * NS)
        self._busy.add(connection)
        self._opened += 1

    def _key(self, device: int) -> int:
        return 0 if self._shared else device

    def opened(self, connection: Connection) -> None:
        """Begin to wait for the answer."""
        if connection.tls is not None:
            self._handshakes += 1
            self._resumed += connection.tls.is_resumed
        connection.until = now() + self._answer_ns

    def answered(self, connection: Connection, request: Request, answer: Answer) -> None:
        """Note the answer. Of many that have come at once BURST are looked at, then what is due meanwhile is sent.

        Not after each: answers would wait behind what the generator, when it was held up itself, has to catch up with.
        """
        self._finish(request, OK if answer.status < MULTIPLE_CHOICES else STATUS, answer.status, connection.idle_since)
        if self._shared and self._waiting and connection.is_open and connection.send(self._waiting[0]):
            connection.until = self._waiting.popleft().sent + self._answer_ns
        else:
            self._keep(connection)
        self._answered += 1
        if self._answered >= BURST and self._due and self._due[0].due <= now():
            self._fire()

    def _keep(self, connection: Connection) -> None:
        """Keep a connection for what comes next."""
        self._busy.discard(connection)
        if connection.tls is not None and self._resumes and (session := connection.tls.session):
            self._sessions[self._key(connection.device)] = session
            if len(self._sessions) > SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        if connection.is_open:
            key = id(connection) if self._shared else connection.device
            if key in self._idle:  # the device had two under way
                connection.close()
            else:
                self._idle[key] = connection
        self._go_on()

    def failed(self, connection: Connection, request: Request, cause: int) -> None:
        """Note what went wrong; where it was the address, try the host's next one, as all clients do."""
        self._busy.discard(connection)
        if cause in (UNREACHABLE, CONNECT_TIMEOUT) and self._resolver.avoid(connection.address):
            self._open(request)
            return
        self._finish(request, cause, 0, now())
        if cause == TLS_FAILED:
            self._sessions.pop(self._key(connection.device), None)
        self._go_on()

    def closed(self, connection: Connection) -> None:
        """Forget an idle connection."""
        self._idle.pop(id(connection) if self._shared else connection.device, None)
        self._go_on()

    def _wait(self, request: Request) -> None:
        request.keep()
        self._waiting.append(request)

    def _go_on(self) -> None:
        """Send what waits for a connection, if there is one; of what fails at once, so that there still is, no more than a burst in one turn."""
        for _ in range(BURST):
            if not self._waiting or len(self._busy) >= self._most or not self._resolver.is_known.is_set():
                return
            self._send(self._waiting.popleft())
        self.loop.run_callback(self._go_on)

    def _finish(self, request: Request, cause: int, status: int, at: int) -> None:
        r = request
        self.done.add((r.number, cause, status, r.head.endpoint, r.due, r.taken, r.sent, r.first, at))

    def _sweep(self) -> None:
        """Give up what has taken too long, and close what has been idle too long.

        Subtle: the loop calls timers before it reads sockets, so an answer that came while the loop was held up is not read yet when patience ends.
        Nothing is given up that was not overdue at the sweep before, too; and after a sweep that was late nothing that the system has news of, for as
        long as patience lasts.
        """
        at, before = now(), self._swept_ns
        self._swept_ns = at
        if at - before > 2 * SWEEP_S * NS:
            self._spares_until = at + self._answer_ns
        for connection in [one for one in self._busy if one.until <= before]:
            if at > self._spares_until or not connection.has_news():
                connection.give_up(TIMEOUT if connection.request.sent else CONNECT_TIMEOUT)
        idle = self._idle
        while idle and (oldest := next(iter(idle.values()))).idle_since < at - self._keep_ns:
            oldest.close()
            idle.popitem(last=False)
        self._go_on()
