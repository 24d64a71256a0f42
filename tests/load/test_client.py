"""The client where its HTTP library fails in a way of its own. An interpreter of its own may import Locust."""

import json
import subprocess
import sys

from simulator.schema.words import AMBIGUOUS, FAILED

CODE = """
import json
from locust.env import Environment
from simulator.load.client import Client
from simulator.schema.payload import Payload

environment = Environment()
counted = []
environment.events.request.add_listener(lambda exception, **_: counted.append(type(exception).__name__))
client = Client(environment, "http://127.0.0.1:1")
errors = [OverflowError("no such port"), ValueError("an odd answer")]

def fail(*_, **__):
    raise errors[len(counted)]

client._session.request = fail
for number in range(len(errors)):
    client.send(Payload(number=number, due_ms=0, device=0, session_key=1, via=0, path="/", origin="", content_type="", events=1, body=b"x"))
    client.drain(60)
print(json.dumps([[[one.payload, one.outcome, one.status] for one in client.outcomes], counted]))
"""


def test_no_exception_is_lost() -> None:
    """Whatever the HTTP library raises, the payload has an outcome: failed if nothing can have left, else ambiguous; and Locust counts a failure."""
    done = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) == [[[0, FAILED, 0], [1, AMBIGUOUS, 0]], ["OverflowError", "ValueError"]]
    assert "Traceback" not in done.stderr
