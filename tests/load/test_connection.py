"""One connection, its callbacks called in the order in which an event loop may call them. None of this imports Locust."""

import errno
import socket
import ssl
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scripted import LINGER_NONE, NO_CONTENT
from waiting import until

from simulator.load.answer import Answer, Answers
from simulator.load.connection import Connection
from simulator.load.request import Head, Request
from simulator.schema.latency import CAUSES, CUT_SHORT, NO_SOCKET, RESET, TLS, UNREACHABLE

HEAD = Head(0, "/", {}, b"")
SMALL = b"POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"
LARGE = SMALL + bytes(8_000_000)  # more than the kernel's buffers hold


class _Owner:
    """Notes what it is told; its loop has watchers that never fire by themselves."""

    def __init__(self) -> None:
        self.loop, self.answers = self, Answers()
        self.told: list[object] = []

    def io(self, _file: int, _events: int) -> "_Owner":
        return self

    def start(self, _callback: Callable[[], None]) -> None: ...

    def stop(self) -> None: ...

    def close(self) -> None: ...

    def run_callback(self, callback: Callable[[int], None], cause: int) -> None: ...

    def answered(self, _connection: Connection, _request: Request, answer: Answer) -> None:
        self.told.append(answer.status)

    def failed(self, _connection: Connection, _request: Request, cause: int) -> None:
        self.told.append(CAUSES[cause])

    def closed(self, _connection: Connection) -> None:
        self.told.append("closed")

    def opened(self, _connection: Connection) -> None: ...


class Pair:
    """A connection and the other side's socket."""

    def __init__(self, listening: socket.socket, data: bytes | memoryview) -> None:
        self.owner = _Owner()
        self.request = Request(0, 0, 0, HEAD, data)
        self.connection = Connection(self.owner, 0, socket.AF_INET, listening.getsockname(), None, self.request)
        self.server, _ = listening.accept()
        self.connection._connected()

    def say(self, data: bytes, *, resets: bool = False) -> None:
        """Send to the client and perhaps reset, until it can notice."""
        self.server.sendall(data)
        own: Any = self.connection._socket
        until(lambda: not data or own.recv(len(data), socket.MSG_PEEK) == data, "the bytes")
        if resets:
            self.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
            self.server.close()
            until(lambda: own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), "the reset")

    def has_ended(self) -> bool:
        """Tell whether the client can notice that the server has closed."""
        own: Any = self.connection._socket
        try:
            return bool(own.recv(1, socket.MSG_PEEK) == b"")
        except BlockingIOError:
            return False


@pytest.fixture
def pair() -> Iterator[Callable[[bytes | memoryview], Pair]]:
    """Give what opens a connection with a request to be sent on it."""
    made: list[Pair] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def make(data: bytes | memoryview) -> Pair:
            made.append(Pair(listening, data))
            return made[-1]

        yield make
    for one in made:
        one.server.close()
        one.connection.close()


@pytest.mark.parametrize("first", ["_writable", "_readable"])
def test_an_answer_counts_though_the_connection_is_reset_behind_it(pair: Callable[[bytes], Pair], first: str) -> None:
    """Whichever the loop notices first, that nothing can be written any more or that an answer is there: the answer counts."""
    one = pair(LARGE)
    one.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", resets=True)
    getattr(one.connection, first)()
    assert one.owner.told == [413]
    assert not one.connection.is_open


@pytest.mark.parametrize("size", [len(SMALL), len(LARGE)])
def test_what_many_share_is_let_go_once_it_is_on_its_way(pair: Callable[[bytes | memoryview], Pair], size: int) -> None:
    """Of a request that is cut from a larger buffer nothing is kept but what the socket has not taken yet, and that as a copy."""
    shared = np.frombuffer(LARGE, np.uint8).copy()
    one, buffer = pair(shared.data[:size]), weakref.ref(shared)
    assert bool(one.connection._rest) == (size == len(LARGE))
    del shared
    assert buffer() is None


def test_what_the_system_knows_is_news(pair: Callable[[bytes], Pair]) -> None:
    """A connection has news when it is made, once more bytes have come until they are read, and at its end; it reads nothing by itself."""
    one = pair(SMALL)
    assert not one.connection.has_news()
    one.say(NO_CONTENT)
    assert one.connection.has_news()
    one.connection._readable()
    assert not one.connection.has_news()
    assert one.owner.told == [204]
    one.server.recv(len(SMALL))
    one.server.close()
    until(one.connection.has_news, "the end")


def test_a_connection_that_is_made_is_news(pair: Callable[[bytes], Pair]) -> None:
    """So it is before anything is sent, and not while the other side lets it wait."""
    listening = pair(SMALL).server.getsockname()
    made, waits = (Connection(_Owner(), 0, socket.AF_INET, to, None, Request(0, 0, 0, HEAD, SMALL)) for to in (listening, ("192.0.2.1", 9)))
    until(made.has_news, "the connection")
    assert not waits.has_news()  # nobody has that address (RFC 5737)
    made.close()
    waits.close()


@pytest.mark.parametrize(("family", "cause"), [(socket.AF_INET, NO_SOCKET), (socket.AF_INET6, UNREACHABLE)])
def test_ports_that_ran_out_are_no_fault_of_the_server_s(monkeypatch: pytest.MonkeyPatch, family: int, cause: int) -> None:
    """Without a port to connect from, the system has no socket to give; with IPv6 it may lack an address, which is as if there were no server."""

    class _Out(socket.socket):
        def connect_ex(self, _address: object) -> int:
            return errno.EADDRNOTAVAIL

    told = []
    monkeypatch.setattr("simulator.load.connection.RawSocket", _Out)
    monkeypatch.setattr(_Owner, "run_callback", lambda _self, _give_up, named: told.append(named))
    Connection(_Owner(), 0, family, ("", 1), None, Request(0, 0, 0, HEAD, SMALL)).close()
    assert told == [cause]


class _Refusing:
    """TLS whose handshake is done on our side, and that encrypts nothing any more; `is_accepted`: the other side has said something since."""

    is_done = True

    def __init__(self, *, is_accepted: bool) -> None:
        self.is_accepted = is_accepted

    def encrypt(self, _data: bytes) -> bytes:
        raise ssl.SSLError(1, "shut down")

    def shake(self, _received: bytes) -> bool:
        return True

    def outgoing(self) -> bytes:
        return b""


@pytest.mark.parametrize(("is_accepted", "cause"), [(False, TLS), (True, RESET)])
def test_what_cannot_be_encrypted_is_told(pair: Callable[[bytes], Pair], is_accepted: bool, cause: int) -> None:
    """A connection whose TLS takes nothing any more fails the request for which it was opened, unsent, and raises nothing."""
    one = pair(SMALL)
    one.connection.tls = _Refusing(is_accepted=is_accepted)  # type: ignore[assignment]
    one.connection._shake(b"")
    assert one.owner.told == [CAUSES[cause]]
    assert one.request.sent == 0


def test_an_idle_connection_that_encrypts_nothing_is_as_closed(pair: Callable[[bytes], Pair]) -> None:
    """The request that it should carry is untouched, and can go out on another."""
    one = pair(SMALL)
    one.say(NO_CONTENT)
    one.connection._readable()
    one.connection.tls = _Refusing(is_accepted=True)  # type: ignore[assignment]
    request = Request(1, 0, 0, HEAD, SMALL)
    assert not one.connection.send(request)
    assert (request.sent, one.owner.told, one.connection.is_open) == (0, [204], False)


@pytest.mark.parametrize(("said", "cause"), [(b"", RESET), (b"HTTP/1.1 200", CUT_SHORT)])
def test_a_reset_is_noticed_once(pair: Callable[[bytes], Pair], said: bytes, cause: int) -> None:
    """A connection that breaks while a request is written fails it once, under one name, however many callbacks come."""
    one = pair(LARGE)
    one.say(said, resets=True)
    connection = one.connection
    while connection.is_open:
        connection._writable()
    connection.give_up(RESET)
    assert one.owner.told == [CAUSES[cause]]


def test_what_comes_unasked_ends_an_idle_connection(pair: Callable[[bytes], Pair]) -> None:
    """Bytes on a connection on which nothing is under way close it; they are no answer to what is sent next."""
    one = pair(SMALL)
    one.say(NO_CONTENT)
    one.connection._readable()
    one.say(NO_CONTENT)
    one.connection._readable()
    assert one.owner.told == [204, "closed"]
    assert not one.connection.is_open


def test_an_answer_before_all_was_sent_ends_the_connection(pair: Callable[[bytes], Pair]) -> None:
    """Where the answer comes before the request has gone out whole, nothing else can be sent on that connection."""
    one = pair(LARGE)
    one.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    one.connection._readable()
    assert one.owner.told == [413]
    assert not one.connection.is_open


@pytest.mark.parametrize(("stale_ns", "resets"), [(-1, False), (-1, True), (1 << 62, True)])
def test_a_closed_connection_leaves_the_request_untouched(
    pair: Callable[[bytes], Pair], monkeypatch: pytest.MonkeyPatch, stale_ns: int, resets: bool
) -> None:
    """Where the server has closed an idle connection, or reset it, `send` says so, and the request can go out on another as if nothing had been."""
    monkeypatch.setattr("simulator.load.connection.STALE_NS", stale_ns)
    one = pair(SMALL)
    one.say(NO_CONTENT)
    one.connection._readable()
    if resets:
        one.say(b"", resets=True)
    else:
        one.server.recv(len(SMALL))  # else closing is a reset
        one.server.close()
        until(one.has_ended, "the end")
    request = Request(1, 0, 0, HEAD, SMALL)
    assert not one.connection.send(request)
    assert (request.sent, one.owner.told) == (0, [204])
    assert not one.connection.is_open
