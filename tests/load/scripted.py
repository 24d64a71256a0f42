"""Servers that do what a script says, each connection in a thread of its own: what a generator of load may meet."""

import contextlib
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Certificate and key for localhost, made for these tests and trusted by nobody."""
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
LINGER_NONE = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
DEADLINE_S = 30.0


class Visit:
    """One connection, from the server's side."""

    def __init__(self, server: "Server", connection: socket.socket) -> None:
        self.server, self.socket = server, connection
        self.head = self.body = b""
        self.numbers: list[int] = []
        self._rest = b""

    def request(self) -> int | None:
        """Read one whole request; give its number, if its body begins with one, else -1; None at the end of the connection."""
        while b"\r\n\r\n" not in self._rest:
            if not self._more():
                return None
        self.head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: (\d+)", self.head)
        length = int(found[1]) if found else 0
        while len(self._rest) < length:
            if not self._more():
                return None
        self.body, self._rest = self._rest[:length], self._rest[length:]
        first = self.body.split(b" ", 1)[0]
        number = int(first) if first.isdigit() else -1
        self.numbers.append(number)
        self.server.received.append(number)
        return number

    def _more(self) -> bool:
        data = self.socket.recv(1 << 16)
        self._rest += data
        return bool(data)

    def answer(self, *pieces: bytes, whole: bool = True) -> None:
        """Send an answer to the last request, in so many pieces."""
        if whole:  # noted first: the client may be quicker than this thread
            self.server.answered.append(self.numbers[-1])
        for piece in pieces:
            self.socket.sendall(piece)

    def reset(self) -> None:
        """Close with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        self.socket.close()

    def wait_for_end(self) -> None:
        """Wait until the client closes."""
        with contextlib.suppress(OSError):
            while self.socket.recv(1 << 16):
                pass


Script = Callable[[Visit], None]


class Server:
    """Listens on loopback and does to each connection what the script says."""

    def __init__(self, script: Script, *, secure: bool = False, demands: bool = False, backlog: int = 256) -> None:
        """`secure`: over TLS; `demands`: a certificate of the client's as well."""
        self.received: list[int] = []
        self.answered: list[int] = []
        """Numbers of those that got a whole answer."""
        self.visits: list[Visit] = []
        self.resumed: list[bool] = []
        self.unshaken: list[str] = []
        """Why handshakes failed, as this side sees it."""
        self._script = script
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=backlog)
        self._context = None
        if secure:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATE)
            if demands:
                self._context.load_verify_locations(CERTIFICATE)
                self._context.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def connections(self) -> list[list[int]]:
        """The numbers of the requests of each connection."""
        return [visit.numbers for visit in self.visits]

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self._listening.accept()
                connection.settimeout(DEADLINE_S)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                try:
                    connection = self._context.wrap_socket(connection, server_side=True)
                except OSError as error:
                    self.unshaken.append(getattr(error, "reason", None) or str(error))
                    raise
                self.resumed.append(bool(connection.session_reused))
            visit = Visit(self, connection)
            self.visits.append(visit)
            with connection:
                self._script(visit)


def each(answer: Callable[[Visit], None]) -> Script:
    """Do the same to each request of a connection, until the client closes it or the script has."""

    def script(visit: Visit) -> None:
        while visit.request() is not None:
            answer(visit)

    return script


def says(*pieces: bytes, whole: bool = True) -> Script:
    """Answer each request so."""
    return each(lambda visit: visit.answer(*pieces, whole=whole))


@contextlib.contextmanager
def serving(script: Script, *, secure: bool = False) -> Iterator[Server]:
    """Give a server for a while."""
    server = Server(script, secure=secure)
    try:
        yield server
    finally:
        server.close()
