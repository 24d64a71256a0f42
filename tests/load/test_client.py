"""The plain reference among the transports, where its HTTP library fails in a way of its own. An interpreter of its own may import Locust."""

import json
import subprocess
import sys

from simulator.schema.latency import RESET, TLS, UNREACHABLE

CODE = """
import json, ssl, time
import gevent
from locust.env import Environment
from simulator.load.client import Client
from simulator.load.options import Plan
from simulator.load.request import Head, Request

environment = Environment()
counted = []
environment.events.request.add_listener(lambda exception, **_: counted.append(type(exception).__name__))
plan = Plan(profile="", seed=1, devices=1, rate_per_s=1, visits_per_day=1, speed=1, begin=0, epoch=0, host="http://127.0.0.1:1", folder="")
client = Client(environment, plan)
errors = [OverflowError("no such port"), ValueError("an odd answer"), ssl.SSLError("no handshake")]

def fail(*_, **__):
    raise errors[len(counted)]

client._session.request = fail
head = Head(0, "/", {}, b"")
client.offer([Request(number, number, time.monotonic_ns(), head, client.pack(head, b"x")) for number in range(len(errors))])
while len(client.done) < len(errors):
    gevent.sleep(0.01)
client.stop()
client.drain(60)
print(json.dumps([[[one.number, one.cause, one.status, one.sent > 0] for one in client.done], counted]))
"""


def test_no_exception_is_lost() -> None:
    """Whatever the HTTP library raises, the payload has an end: unreachable and unsent if nothing can have left, else a reset; Locust counts it."""
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, timeout=120)
    causes = [[0, UNREACHABLE, 0, False], [1, RESET, 0, True], [2, TLS, 0, True]]
    assert json.loads(done.stdout) == [causes, ["OverflowError", "ValueError", "SSLError"]]
    assert "Traceback" not in done.stderr
