"""What a transport sends, and what became of it."""

import errno
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.load.shared import shared
from simulator.play.requests import BLANK
from simulator.schema.latency import CAUSES, OK, STATUS, UNSENT
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


COLUMNS: Final = len(Done._fields)
ROW: Final = struct.Struct(f"{COLUMNS}q")
PACK, ROW_BYTES = ROW.pack_into, ROW.size
HALF: Final = 1 << 29
"""Bytes, of 7 million requests. Assumed: more than end while a disk keeps the records of others waiting."""
Table = NDArray[np.int64]
"""A row for each request, with Done's columns."""


class Taken(NamedTuple):
    """What has been taken of the outcomes: where it begins in their memory, and of how many requests it is."""

    begin: int
    requests: int


class Outcomes:
    """What has become of requests, as plain numbers, in memory that is shared with processes made from now on: they need not be told but where.

    `add` writes; what is read is what was taken, until more is taken twice: there are two halves, which take turns.
    """

    __slots__ = ("_begin", "_end", "_memory")

    def __init__(self) -> None:
        """Have none."""
        self._memory = shared(2 * HALF)
        self._begin = self._end = 0

    def add(self, done: tuple[int, ...]) -> None:
        """Add the values of a Done, in their order."""
        PACK(self._memory, self._end, *done)
        self._end += ROW_BYTES

    def __len__(self) -> int:
        """Count the requests."""
        return (self._end - self._begin) // ROW_BYTES

    def __iter__(self) -> Iterator[Done]:
        """Give each, in the order in which they ended."""
        return map(Done._make, self.table(Taken(self._begin, len(self))).tolist())

    def take(self) -> Taken:
        """Take all away."""
        taken = Taken(self._begin, len(self))
        self._begin = self._end = 0 if self._begin else HALF
        return taken

    def table(self, taken: Taken) -> Table:
        """Give what was taken."""
        return np.frombuffer(self._memory, np.int64, taken.requests * COLUMNS, taken.begin).reshape(-1, COLUMNS)


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


def cause_of(cause: int, status: int) -> str:
    """Give what Locust's users are told of a request that failed."""
    return f"status {status}" if status else CAUSES[cause]
