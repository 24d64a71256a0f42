"""Payloads as requests of HTTP/1.1, one behind the other: compiled, so that nobody waits for the interpreter's lock while they are copied."""

from typing import Any, Final

import numpy as np

from simulator.kernel.text import SLACK, put, put_int

BLANK: Final = b"\r\n\r\n"
"""Ends a head; the pool of heads begins with it."""
LENGTH_DIGITS: Final = 10


def head_key(limits: Any, edition: int, length: int, model: int, country: int) -> int:  # noqa: ANN401
    """Put together what the head of a payload follows from: how it goes (its place in the posts, of which each edition has two), and its device's.

    `limits`: by edition, from how many bytes on a payload goes the other way, 0: never.
    """
    limit = int(limits[edition])
    return (2 * edition + (0 < limit <= length)) << 48 | model << 32 | country


def find_heads(payloads: Any, limits: Any, keys: Any, numbers: Any, which: Any) -> int:  # noqa: ANN401
    """Write the number of each payload's head, or ~key if there is none yet; give for how many there is none.

    `keys`: those of the heads that there are, in order, and their `numbers`.
    """
    missing = 0
    for i in range(len(which)):
        p = payloads[i]
        key = head_key(limits, int(p.edition), int(p.length), int(p.model), int(p.country))
        low, high = 0, len(keys)
        while low < high:
            middle = (low + high) // 2
            if keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        if low == len(keys) or keys[low] != key:
            which[i] = ~key
            missing += 1
        else:
            which[i] = numbers[low]
    return missing


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
