"""Payloads as requests of HTTP/1.1, one behind the other: compiled, so that nobody waits for the interpreter's lock while they are copied."""

from typing import Any, Final

import numpy as np

from simulator.kernel.text import SLACK, put, put_int

BLANK: Final = b"\r\n\r\n"
"""Ends a head; the pool of heads begins with it."""
LENGTH_DIGITS: Final = 10


def put_requests(pool: Any, ends: Any, which: Any, payloads: Any, text: Any, out: Any, places: Any) -> int:  # noqa: ANN401
    """Write a request for each payload, and where it ends, from place 1 on; give how many bytes all have.

    `pool`, `ends`: heads up to the number after Content-Length, the first of which begins at ends[0]; `which`: the number of each payload's head;
    `text`: what the payloads' places are in. `out` has SLACK bytes more than are written (`bytes_of`).
    """
    o = 0
    for i in range(len(which)):
        p, head = payloads[i], which[i]
        o = put(out, o, pool, ends[head], ends[head + 1] - ends[head])
        o = put_int(out, o, p.length)
        o = put(out, o, pool, 0, len(BLANK))
        o = put(out, o, text, p.begins, p.length)
        places[i + 1] = o
    return o


def bytes_of(ends: Any, which: Any, payloads: Any) -> int:  # noqa: ANN401
    """Give for how many bytes `put_requests` needs room."""
    heads = np.diff(ends)[which].sum()
    return int(heads + payloads["length"].sum()) + len(which) * (LENGTH_DIGITS + len(BLANK)) + SLACK
