"""A collector that stands still for a moment: what the pump and Locust's own user say of it, and what is true.

At a constant rate, with a pause in which nothing is answered, the requests that fall due in it wait for its end, the earliest the longest:

    p99 = F - 0.01 N / R        F: the pause in s;  N: requests;  R: requests per s

as the hundredth part of all that waits longest is that which falls due in the first 0.01 N / R of the pause.
"""

import os
import signal
import time
from collections.abc import Mapping

from children import started
from gates import WrongError
from servers import Server, nginx

RATE_PER_S = 1_000
PAUSE_S = 1.0
BEFORE_S = 2.0
USERS = 16
CONNECTIONS = (16, 64, 2_000)


def p99_ms(pause_s: float, requests: int) -> float:
    """Give the true p99 of the response."""
    return (pause_s - 0.01 * requests / RATE_PER_S) * 1000


def pump(connections: int, seconds: int) -> Mapping[str, float]:
    """Send through the pump; give what its p99 is and how far off. Raise WrongError if anything was not sent or not answered."""
    with nginx() as server, started("frozen.py", server.url, seconds, connections, RATE_PER_S) as child:
        child.has_begun()
        pause_s = freeze(server)
        found = child.figures()
    if found["unsent"] or found["answered"] != found["offered"]:
        raise WrongError(f"{found['offered']:,} requests were offered, {found['unsent']:,} not sent, {found['answered']:,} answered")
    name, true = f"stall {connections:,} connections", p99_ms(pause_s, found["offered"])
    return {f"{name}: p99": found["response_p99_ms"], f"{name}: error": abs(found["response_p99_ms"] - true), f"{name}: true p99": true}


def locust(seconds: int) -> Mapping[str, float]:
    """Send through FastHttpUsers at a constant throughput; give what p99 Locust reports, and what is true."""
    with nginx() as server, started("peer_users.py", "constant", server.url, seconds, USERS, RATE_PER_S) as child:
        child.has_begun()
        pause_s = freeze(server)
        found = child.figures()
    return {
        "stall FastHttpUser: p99": found["p99_ms"],
        "stall FastHttpUser: true p99": p99_ms(pause_s, seconds * RATE_PER_S),
        "stall FastHttpUser: sent": found["requests"] / (seconds * RATE_PER_S),
    }


def freeze(server: Server) -> float:
    """Stop the server's processes for a moment, a while from now; give how long they stood still."""
    time.sleep(BEFORE_S)
    began = time.monotonic()
    for pid in server.workers:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(PAUSE_S)
    for pid in server.workers:
        os.kill(pid, signal.SIGCONT)
    return time.monotonic() - began
