"""One connection of HTTP/1.1, driven by the event loop's callbacks: it never waits, so no greenlet has to wait for it."""

import contextlib
import errno
import socket
import ssl
import time
from typing import Any, Final, Protocol

from gevent import monkey

from simulator.load.answer import Answer, Answers, Garbage, Partial
from simulator.load.request import Request
from simulator.load.tls import Tls
from simulator.schema.latency import CUT_SHORT, GARBAGE, NO_SOCKET, RESET, TLS, UNREACHABLE

READ, WRITE = 1, 2  # of the loop's io watchers
RECEIVE_BYTES: Final = 1 << 13  # more than collectors answer; the memory for more would be asked for with each
STALE_NS: Final = 500_000_000  # assumed: after so long in silence, the server may have closed the connection without our having noticed yet
RawSocket: Any = monkey.get_original("socket", "socket")  # gevent's own would switch greenlets

now = time.monotonic_ns


class Owner(Protocol):
    """Who is told of what becomes of a connection."""

    loop: Any
    answers: Answers

    def answered(self, connection: "Connection", request: Request, answer: Answer) -> None:
        """Take note that the request has its answer, and the connection is idle since then."""

    def failed(self, connection: "Connection", request: Request, cause: int) -> None:
        """Take note that it will have none, and that the connection is closed."""

    def closed(self, connection: "Connection") -> None:
        """Take note that the other side has closed a connection on which nothing was under way."""

    def opened(self, connection: "Connection") -> None:
        """Take note that the connection is there; with TLS, that its handshake is done."""


class Connection:
    """Opened for a device, and carrying one request at a time."""

    __slots__ = (
        "_known", "_owner", "_partial", "_reads", "_receive", "_rest", "_send", "_socket", "_writes",
        "address", "device", "idle_since", "request", "tls", "until",
    )  # fmt: skip

    def __init__(self, owner: Owner, device: int, family: int, address: Any, tls: Tls | None, request: Request) -> None:  # noqa: ANN401
        """Begin to connect; the request goes out as soon as it can. Raise OSError where the system gives no socket."""
        self.device, self.request, self.idle_since, self.until = device, request, 0, 0
        self._owner, self.address, self.tls = owner, address, tls
        self._known = owner.answers.known
        self._partial: Partial | None = None
        self._rest: bytes | memoryview = b""
        self._reads: Any = None
        self._socket = RawSocket(family, socket.SOCK_STREAM)
        self._send, self._receive = self._socket.send, self._socket.recv
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._writes: Any = owner.loop.io(self._socket.fileno(), WRITE)
        error = self._socket.connect_ex(address)
        if error in (0, errno.EINPROGRESS):
            self._writes.start(self._connected)
        else:
            # of IPv6, the system may have no address of its own for this one; of IPv4, no port is left to connect from
            is_out_of_ports = error == errno.EADDRNOTAVAIL and family == socket.AF_INET
            owner.loop.run_callback(self._give_up, NO_SOCKET if is_out_of_ports else UNREACHABLE)  # never while the owner is at it

    def send(self, request: Request) -> bool:
        """Send a request on an idle connection; False if the connection turns out to be closed: it is gone, the request untouched."""
        if now() - self.idle_since > STALE_NS and self._is_gone():
            return False
        self.request, self.idle_since = request, 0
        if self._transmit():
            return True
        self.close()
        return False

    def give_up(self, cause: int) -> None:
        """Close the connection with its request unanswered."""
        self._give_up(cause)

    def close(self) -> None:
        """Close it; harmless when repeated."""
        for watcher in (self._reads, self._writes):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._reads = self._writes = None
        self._socket.close()

    @property
    def is_open(self) -> bool:
        """Tell whether it has not been closed."""
        return self._writes is not None

    def has_news(self) -> bool:
        """Tell whether the system knows more than has been looked at: a connection that is made, bytes that have come, or the end."""
        try:
            if self._reads is None:
                self._socket.getpeername()
            else:
                self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return self._reads is not None  # else it is not connected
        return True

    # ------------------------------------------------------------------------------------------------------------------------ callbacks
    def _connected(self) -> None:
        self._writes.stop()
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._give_up(UNREACHABLE)
            return
        self._reads = self._owner.loop.io(self._socket.fileno(), READ)
        self._reads.start(self._readable)
        if self.tls is None:
            self._begin()
        else:
            self._shake(b"")

    def _shake(self, received: bytes) -> None:
        """Go on with the handshake of TLS."""
        tls = self.tls
        assert tls is not None  # noqa: S101 - for the type checker
        try:
            is_done = tls.shake(received)
        except ssl.SSLError:
            with contextlib.suppress(OSError):
                self._send(tls.outgoing())  # the alert: it tells the server why
            self._give_up(TLS)
            return
        self._push(tls.outgoing())
        if is_done:
            self._begin()

    def _begin(self) -> None:
        """Send the request for which the connection was opened."""
        self._owner.opened(self)
        if not self._transmit():
            self._give_up(self._refused())

    def _transmit(self) -> bool:
        """Hand the request over to the socket, or as much of it as it takes; False if it takes nothing any more."""
        request, data = self.request, self.request.data
        request.sent = now()
        try:
            if self.tls is not None:
                data = self.tls.encrypt(data)
            count = 0 if self._rest else self._send(data)
        except BlockingIOError:
            count = 0
        except OSError:
            request.sent = 0
            return False
        if count < len(data):
            self._push(memoryview(bytes(data[count:])))  # a copy: what it is cut from is larger
        request.data = b""  # never sent again
        return True

    def _push(self, data: bytes | memoryview) -> None:
        """Send bytes once the socket takes them, after those that wait."""
        self._rest = memoryview(b"".join((self._rest, data))) if self._rest else data
        if self._rest:
            self._writes.start(self._writable)

    def _writable(self) -> None:
        try:
            self._rest = self._rest[self._send(self._rest) :]
        except BlockingIOError:
            return
        except OSError:  # it may have been answered before all of it was read
            self._writes.stop()
            self._readable()
            return
        if not self._rest:
            self._writes.stop()

    def _readable(self) -> None:
        try:
            data = self._receive(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._end(self._broken())
            return
        answer = self._known.get(data)
        if answer is not None and self.tls is None and self._partial is None and not self.idle_since:  # as nearly all do
            self.request.first = at = now()
            self._complete(answer, at)
            return
        if not data:
            self._ended()
            return
        tls = self.tls
        if tls is not None:
            if not tls.is_done:
                self._shake(data)
                return
            try:
                data = tls.decrypt(data)
            except ssl.SSLError:
                self._end(self._refused())
                return
            if not data:
                if tls.is_closed:
                    self._ended()
                return
        self._read(data)

    def _read(self, data: bytes) -> None:
        """Take more of an answer."""
        request = self.request
        if self.idle_since:  # nothing was asked
            self._end(GARBAGE)
            return
        if not request.first:
            request.first = now()
        try:
            answer = self._owner.answers.read(data, self._partial)
        except Garbage:
            self._give_up(GARBAGE)
            return
        if isinstance(answer, Partial):
            self._partial = answer
        else:
            self._complete(answer, now())

    def _complete(self, answer: Answer, at: int) -> None:
        self._partial = None
        if self._rest or not answer.keeps:  # answered before it was read: nothing more can be sent in between
            self._rest = b""
            self.close()
        self.idle_since = at
        self._owner.answered(self, self.request, answer)

    def _ended(self) -> None:
        """Take note that the other side has closed."""
        answer = self._partial.end() if self._partial is not None else None
        if answer is None:
            self._end(self._broken())
        else:
            self._complete(answer, now())

    def _broken(self) -> int:
        """Name the end of a connection that came before that of the answer."""
        if self.tls is not None and not self.tls.is_done:
            return TLS
        return CUT_SHORT if self.request.first else RESET

    def _refused(self) -> int:
        """Name the end that the other side has given a reason for, in TLS: of the handshake, as long as it has not accepted our part of it."""
        return TLS if self.tls is not None and not self.tls.is_accepted else self._broken()

    def _end(self, cause: int) -> None:
        if self.idle_since:
            self.close()
            self._owner.closed(self)
        else:
            self._give_up(cause)

    def _give_up(self, cause: int) -> None:
        if self.is_open:
            self.close()
            self._owner.failed(self, self.request, cause)

    def _is_gone(self) -> bool:
        """Look whether the other side has closed an idle connection, and close it then."""
        try:
            gone = not self._socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            gone = True
        if gone:
            self.close()
        return gone
