"""Histogram rows: how late, how long, second by second; written by a run, summed by whoever reads them.

`histograms/cohort-CCCCC.bin` opens with one JSON line (`{"format": 1, "rows": "latency", ...}`) and goes on with packed rows of LATENCY_ROW. Rows add
up: several rows of one second, endpoint, cause, measure and bucket are one count, and so are the files of several cohorts.

A bucket holds times in whole us: b for b < 128, and above that 64 buckets for each power of two, so a bucket is at most 1/64 of its value wide.
"""

from typing import Final

import numpy as np

LATENCY_FORMAT: Final = 1

LATENCY_ROW: Final = np.dtype(
    [
        ("second", "<u4"),  # of the run, in which the request was due
        ("endpoint", "u1"),  # index in the first line's "endpoints"
        ("cause", "u1"),  # CAUSES
        ("measure", "u1"),  # MEASURES
        ("bucket", "<u2"),
        ("count", "<u4"),
    ]
)

# What became of a request, in more words than an outcome has.
OK, STATUS, DNS, UNREACHABLE, CONNECT_TIMEOUT, TLS, RESET, CUT_SHORT, GARBAGE, TIMEOUT, OPEN, NO_SOCKET, WAITING, LEFT = range(14)
CAUSES: Final = (
    "ok", "status", "dns", "refused", "connect_timeout", "tls", "reset", "cut_short", "garbage", "timeout", "open", "no_socket", "waiting", "left",
)  # fmt: skip
"""status: answered with 300 or more; dns: no address; refused: no connection, whatever the server's reason; connect_timeout: none in time; tls: no
handshake, or one that the server refused behind our part of it; reset: the connection ended before the answer began; cut_short: before it was whole;
garbage: the answer is not HTTP; timeout: none, or not all of it, in time; open: still so when the run ended; no_socket: the generator's own system
gave none, its files or ports having run out: no fault of the server's; waiting: had no connection by the end of the run; left: the generator had not
taken it up by then."""
CENSORED: Final = (CONNECT_TIMEOUT, TIMEOUT, OPEN, WAITING, LEFT)
"""What is known of their response times is a lower bound."""
UNSENT: Final = (WAITING, LEFT)
"""They fell due, but the run ended before they could be sent."""

UNCONNECTED: Final = (DNS, UNREACHABLE, CONNECT_TIMEOUT, NO_SOCKET)
"""No byte of them has left, for there was no connection."""

OWN, WAIT, SERVICE, FIRST_BYTE, RESPONSE = range(5)
MEASURES: Final = ("own_lag", "wait", "service", "first_byte", "response")
"""With D due, T taken up by the generator, S the first byte handed to the socket, F the first byte of the answer, E its last:
own_lag T-D, wait S-T (for a connection: where one is opened, the look-up of the name, connecting and the handshake of TLS are part of it),
service E-S, first_byte F-S, response E-D."""
BOUNDS: Final = {OWN: (LEFT,), WAIT: (CONNECT_TIMEOUT, WAITING), SERVICE: (TIMEOUT, OPEN), FIRST_BYTE: (TIMEOUT, OPEN), RESPONSE: CENSORED}
"""By measure, the causes with which it had not ended: what is known of it is a lower bound."""
OF_ANSWERS: Final = (SERVICE, FIRST_BYTE, RESPONSE)
"""Measures that a request without the answer that was wanted does not have, however soon it failed."""
FAILED: Final = tuple(cause for cause in range(len(CAUSES)) if cause != OK and cause not in CENSORED)
