"""What a transport sends, and what became of it."""

import errno
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from simulator.play.requests import BLANK
from simulator.schema.latency import OK, STATUS, UNSENT
from simulator.schema.words import ACKNOWLEDGED, AMBIGUOUS, CUT, FAILED, REFUSED

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""What a system says that has no socket to give (socket(2)): its files, or its memory, have run out."""


class Head(NamedTuple):
    """What the requests of like devices have in common. `endpoint`: index of the path; `headers`: all but Host and Content-Length."""

    endpoint: int
    path: str
    headers: dict[str, str]
    text: bytes
    """The request's head up to the number after Content-Length."""


def whole(head: Head, body: bytes | memoryview) -> bytes:
    """Give a request as it is sent."""
    return b"".join((head.text, b"%d" % len(body), BLANK, body))


class Request:
    """A payload on its way; `data`: the whole request, until it has been handed over. It may be cut from what many share.

    Times in ns of time.monotonic_ns(): due, taken up by the transport, first byte handed to the socket, first byte back.
    """

    __slots__ = ("data", "device", "due", "first", "head", "number", "sent", "taken")

    def __init__(self, number: int, device: int, due: int, head: Head, data: bytes | memoryview) -> None:
        """Be due; 0 stands for what has not happened."""
        self.number, self.device, self.due, self.head, self.data = number, device, due, head, data
        self.taken = self.sent = self.first = 0

    def keep(self) -> None:
        """Have its data for itself, as it may be long until it is sent."""
        self.data = bytes(self.data)


class Done(NamedTuple):
    """What became of a request. Times as in Request; `ended`: the last byte of the answer, or when it was given up. `cause`: latency.CAUSES."""

    number: int
    cause: int
    status: int
    endpoint: int
    due: int
    taken: int
    sent: int
    first: int
    ended: int


class Outcomes:
    """What has become of requests, as plain numbers: an object for each would cost more than all else that is done with it.

    `add` takes the values of a Done, in their order.
    """

    __slots__ = ("_values", "add")

    def __init__(self) -> None:
        """Have none."""
        self._values: list[int] = []
        self.add = self._values.extend

    def __len__(self) -> int:
        """Count the requests."""
        return len(self._values) // COLUMNS

    def __iter__(self) -> Iterator[Done]:
        """Give each, in the order in which they ended."""
        return (Done(*self._values[i : i + COLUMNS]) for i in range(0, len(self._values), COLUMNS))

    def take(self) -> list[int]:
        """Take all away: the values of each, one after the other."""
        taken, self._values = self._values, []
        self.add = self._values.extend
        return taken


COLUMNS = len(Done._fields)


class Transport(Protocol):
    """Sends each request when it is due, whatever became of those before it."""

    done: Outcomes
    """What has ended since the caller last took it away."""

    def offer(self, requests: list[Request]) -> None:
        """Take requests in the order in which they are due, none before those offered earlier."""

    def stop(self) -> list[Request]:
        """Take nothing up any more, or only what has fallen due; give what has not been taken up, or waits for a connection."""

    def drain(self, timeout_s: float) -> None:
        """Wait for the answers to what is under way, then close all; what has none by then is open for ever."""

    def counts(self) -> dict[str, int]:
        """Give how many connections were opened, and how many handshakes of TLS were made, in full and resumed."""


def outcome(cause: int, sent: int) -> int:
    """Give the ledger's word for what became of a request; `sent`: 0 if no byte of it has left, so that nothing of it can have arrived."""
    if cause in (OK, STATUS):
        return ACKNOWLEDGED if cause == OK else REFUSED
    if cause in UNSENT:
        return CUT
    return AMBIGUOUS if sent else FAILED
