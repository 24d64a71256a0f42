"""What became of requests: how it is kept for whoever records it, and what the ledger calls it. None of this imports Locust."""

import os

import pytest

from simulator.load.request import COLUMNS, Done, Outcomes, Taken, outcome
from simulator.schema.latency import (
    CAUSES,
    CONNECT_TIMEOUT,
    CUT_SHORT,
    DNS,
    GARBAGE,
    LEFT,
    NO_SOCKET,
    OK,
    OPEN,
    RESET,
    STATUS,
    TIMEOUT,
    TLS,
    UNREACHABLE,
    WAITING,
)
from simulator.schema.words import ACKNOWLEDGED, AMBIGUOUS, CUT, FAILED, REFUSED

SENT, UNSENT = 1, 0
TABLE = [
    # what became of it, whether a byte had left -> the ledger's word
    (OK, SENT, ACKNOWLEDGED),
    (STATUS, SENT, REFUSED),
    (DNS, UNSENT, FAILED),
    (UNREACHABLE, UNSENT, FAILED),
    (CONNECT_TIMEOUT, UNSENT, FAILED),
    (TLS, UNSENT, FAILED),
    (TLS, SENT, AMBIGUOUS),  # a handshake that the server refused when the request was on its way
    (RESET, UNSENT, FAILED),  # the connection broke before anything was sent on it
    (RESET, SENT, AMBIGUOUS),  # the server may have stored it before
    (CUT_SHORT, SENT, AMBIGUOUS),
    (GARBAGE, SENT, AMBIGUOUS),
    (GARBAGE, UNSENT, FAILED),  # a server that speaks first
    (TIMEOUT, SENT, AMBIGUOUS),
    (OPEN, SENT, AMBIGUOUS),
    (OPEN, UNSENT, FAILED),
    (WAITING, UNSENT, CUT),  # the run ended while it was being connected, or before
    (LEFT, UNSENT, CUT),
    (NO_SOCKET, UNSENT, FAILED),
]


@pytest.mark.parametrize(("cause", "sent", "expected"), TABLE)
def test_only_what_cannot_have_arrived_has_failed(cause: int, sent: int, expected: int) -> None:
    """Failed: no byte has left, so nothing can be stored; ambiguous: it may be, nobody said so."""
    assert outcome(cause, sent) == expected


def test_every_cause_is_in_the_table() -> None:
    """No cause is forgotten here."""
    assert {cause for cause, _, _ in TABLE} == set(range(len(CAUSES)))


def row(number: int) -> Done:
    """Give an outcome by which it can be told."""
    return Done(*range(number, number + COLUMNS))


def test_what_is_taken_is_read_until_more_is_taken_twice() -> None:
    """Outcomes go on being added while those that were taken are read; none is in both."""
    done = Outcomes()
    for number in (1, 2):
        done.add(row(number))
    first = done.take()
    done.add(row(-3))
    assert done.table(first).tolist() == [[*row(1)], [*row(2)]]
    assert len(done) == 1
    assert [*done] == [row(-3)]
    second = done.take()
    assert (len(done), second.requests, done.take().requests) == (0, 1, 0)
    assert done.table(second).tolist() == [[*row(-3)]]


def test_a_copy_of_the_process_reads_them_too() -> None:
    """What was added since the processes parted is there for both; the other has to be told where."""
    done, (place, tell) = Outcomes(), os.pipe()
    pid = os.fork()
    if not pid:
        taken = Taken(*map(int, os.read(place, 100).split()))
        os._exit(int(done.table(taken)[:, 0].sum()))
    for number in range(10):
        done.add(row(number))
    taken = done.take()
    os.write(tell, f"{taken.begin} {taken.requests}".encode())
    for file in (place, tell):
        os.close(file)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == sum(range(10))
