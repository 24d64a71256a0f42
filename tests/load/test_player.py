"""What a cohort sends by. An interpreter of its own may import Locust."""

import json
import subprocess
import sys

import pytest

CODE = """
import json, resource, sys
from locust.env import Environment
from simulator.load.options import Plan
from simulator.load.player import _transport

hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (64, min(hard, 4096)))
plan = Plan(
    profile="", seed=1, devices=1, rate_per_s=1, visits_per_day=1, speed=1, begin=0, epoch=0, host="http://127.0.0.1:1", folder="",
    connections=int(sys.argv[1]), transport=sys.argv[2],
)
made = _transport(plan, 10_000, Environment())
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
print(json.dumps([soft == hard, made._most]))
made.stop()
made.drain(0)
"""


@pytest.mark.parametrize(("connections", "transport", "most"), [(100, "pump", 100), (100, "fasthttp", 100), (0, "pump", 1)])
def test_a_cohort_has_all_files_that_there_are(connections: int, transport: str, most: int) -> None:
    """Each process raises its own limit of files, whatever sends; and of connections, were there more cohorts than files, one is left to each."""
    done = subprocess.run([sys.executable, "-c", CODE, str(connections), transport], check=True, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) == [True, most]
