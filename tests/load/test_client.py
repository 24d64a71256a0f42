"""The plain reference among the transports: what is its own doing, and where its HTTP library fails in a way of its own.

An interpreter of its own may import Locust.
"""

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from scripted import CERTIFICATE, NO_CONTENT, Visit, each, says, serving

from simulator.schema.latency import NO_SOCKET, OK, RESET, TIMEOUT, TLS, UNREACHABLE

CODE = """
import errno, json, ssl, time
import gevent
from geventhttpclient.useragent import RetriesExceeded
from locust.env import Environment
from simulator.load.client import Client
from simulator.load.options import Plan
from simulator.load.request import Head, Request, whole

environment = Environment()
counted = []
environment.events.request.add_listener(lambda exception, **_: counted.append(type(exception).__name__))
plan = Plan(profile="", seed=1, devices=1, rate_per_s=1, visits_per_day=1, speed=1, begin=0, epoch=0, host="http://127.0.0.1:1", folder="")
client = Client(environment, plan)
errors = [OverflowError("no such port"), ValueError("an odd answer"), ssl.SSLError("no handshake"), OSError(errno.EMFILE, "Too many open files")]
errors.append(RetriesExceeded("http://127.0.0.1:1", 0, original=TimeoutError("timed out")))

def fail(*_, **__):
    raise errors[len(counted)]

client._session.request = fail
head = Head(0, "/", {}, b"")
client.offer([Request(number, number, time.monotonic_ns(), head, whole(head, b"x")) for number in range(len(errors))])
while len(client.done) < len(errors):
    gevent.sleep(0.01)
client.stop()
client.drain(60)
print(json.dumps([[[one.number, one.cause, one.status, one.sent > 0] for one in client.done], counted]))
"""


def test_no_exception_is_lost() -> None:
    """Whatever the HTTP library raises, the payload has an end: unreachable and unsent if nothing can have left, else a reset; Locust counts it."""
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, timeout=120)
    causes = [[0, UNREACHABLE, 0, False], [1, RESET, 0, True], [2, TLS, 0, True], [3, NO_SOCKET, 0, False], [4, TIMEOUT, 0, True]]
    assert json.loads(done.stdout) == [causes, ["OverflowError", "ValueError", "SSLError", "OSError", "RetriesExceeded"]]
    assert "Traceback" not in done.stderr


PLAY = """
import json, sys, time
import gevent
from locust.env import Environment
from simulator.load.client import Client
from simulator.load.options import Plan
from simulator.load.request import Head, Request, whole

host, connections, count, every_ms, answer_s, trusts, until_s = json.loads(sys.argv[1])
plan = Plan(
    profile="", seed=1, devices=1, rate_per_s=1, visits_per_day=1, speed=1, begin=0, epoch=0, host=host, folder="", connections=connections,
    answer_s=answer_s, tls_ca=trusts,
)
client = Client(Environment(), plan)
head = Head(0, "/", {}, b"")
t0 = time.monotonic_ns() + 100_000_000
client.offer([Request(n, n, t0 + round(n * every_ms * 1e6), head, whole(head, b"%d " % n)) for n in range(count)])
gevent.sleep(until_s)
left = [request.number for request in client.stop()]
client.drain(10)
print(json.dumps([[one._asdict() for one in client.done], left, client.counts()]))
"""


def play(
    host: str, *, connections: int, count: int, every_ms: float, answer_s: float = 10.0, trusts: str = "", until_s: float
) -> tuple[list[dict[str, int]], list[int], dict[str, int]]:
    """Offer so many requests; give what became of them, the numbers of those that were left in the end, and what was opened."""
    about = json.dumps([host, connections, count, every_ms, answer_s, trusts, until_s])
    done = subprocess.run([sys.executable, "-c", PLAY, about], check=True, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr
    found: Any = json.loads(done.stdout)
    return found[0], found[1], found[2]


def answer_late(visit: Visit) -> None:
    """Take a tenth of a second."""
    threading.Event().wait(0.1)
    visit.answer(NO_CONTENT)


@pytest.mark.alone
def test_who_waits_for_a_connection_is_not_late() -> None:
    """Each request is taken up when it is due, though those before it wait: only a wait that the server causes grows, in the order of the queue."""
    with serving(each(answer_late)) as server:
        done, left, counts = play(f"http://127.0.0.1:{server.port}", connections=2, count=20, every_ms=10, until_s=2.5)
    done.sort(key=lambda one: one["sent"])
    assert ([one["number"] for one in done], left) == (list(range(20)), [])
    own, waits = ([(one[to] - one[since]) / 1e6 for one in done] for since, to in (("due", "taken"), ("taken", "sent")))
    assert sorted(own)[-3] < 50  # a machine that others use may hold up one or two
    assert waits[-1] > 500  # 20 requests of 100 ms, two at a time, within 200 ms
    assert (counts["connections"], len(server.connections)) == (2, 2)


def test_what_waits_at_the_end_is_given_back() -> None:
    """At the stop what waits for a connection is given back with what is not due yet, in that order; what is under way gets its answer."""
    with serving(each(answer_late)) as server:
        done, left, _ = play(f"http://127.0.0.1:{server.port}", connections=1, count=400, every_ms=10, until_s=1.0)
    assert 0 < len(done) < 15
    assert [one["number"] for one in done] + left == list(range(400))
    assert {one["cause"] for one in done} == {OK}
    assert server.received == [one["number"] for one in done]


@pytest.mark.parametrize("secure", [False, True])
def test_connections_and_handshakes_are_counted(secure: bool) -> None:
    """As the server counts them."""
    with serving(says(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"), secure=secure) as server:
        host = f"http{'s' * secure}://localhost:{server.port}"
        done, _, counts = play(host, connections=3, count=6, every_ms=20, trusts=str(CERTIFICATE) if secure else "", until_s=1.5)
    assert [one["cause"] for one in done] == [OK] * 6
    assert counts == {"connections": 6, "handshakes": 6 * secure, "resumed": 0}
    assert len(server.connections) == 6


def test_patience_that_ends_is_a_timeout() -> None:
    """An answer that does not come in time is counted under its own name, not as a reset."""
    with serving(lambda visit: visit.wait_for_end()) as server:
        done, _, _ = play(f"http://127.0.0.1:{server.port}", connections=3, count=3, every_ms=1, answer_s=0.3, until_s=1.0)
    assert [one["cause"] for one in done] == [TIMEOUT] * 3
