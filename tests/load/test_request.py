"""What the ledger calls what became of a request. None of this imports Locust."""

import pytest

from simulator.load.request import outcome
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
