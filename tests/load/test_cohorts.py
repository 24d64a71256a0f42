"""What an interpreter of its own, which may import Locust, finds."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

CODE = """
import contextlib, io, json, sys
from simulator.load.locust_user import Cohort, cohorts
from locust.argument_parser import get_parser

answers = []
for users, workers, devices in json.loads(sys.argv[1]):
    with contextlib.redirect_stderr(io.StringIO()) as said:
        answers.append([cohorts(users, workers, devices), said.getvalue()])
print(json.dumps({"cohorts": answers, "help": get_parser().format_help()}))
"""
CASES = [
    # users, workers, devices -> cohorts
    ((1, 0, 1000), 1),  # one process: no workers
    ((1, 1, 1000), 1),
    ((4, 1, 1000), 4),
    ((5, 1, 1000), 4),
    ((100, 0, 1000), 4),
    ((1000, 2, 1000), 8),
    ((8, 2, 1000), 8),
    ((4, 2, 3), 3),  # a cohort has a device
    ((0, 1, 1000), 1),  # as the web UI allows
]


@pytest.fixture(scope="module")
def found() -> Any:
    """Ask once."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps([arguments for arguments, _ in CASES])], check=True, capture_output=True, text=True, timeout=120
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[str(arguments) for arguments, _ in CASES])
def test_users_become_cohorts(found: Any, number: int) -> None:
    """As many cohorts as users, up to four per worker and one per device; whoever asks for more is told so in one line."""
    (users, _, _), expected = CASES[number]
    given, said = found["cohorts"][number]
    assert given == expected
    if users > expected:
        assert said.count("\n") == 1
        assert f"-u {users}" in said
        assert "--rum-rate" in said
        assert "--rum-devices" in said
    else:
        assert said == ""


def test_help_explains_our_options(found: Any) -> None:
    """`locust --help` lists our options beside Locust's own."""
    names = ["profile", "devices", "rate", "speed", "seed", "start", "offset", "run-dir", "fault", "threshold", "connections", "timeout"]
    for name in [*names, "encoding", "form", "tls-ca", "tls-full", "transport", "statistics", "lag-limit", "unchecked"]:
        assert re.search(rf"--rum-{name}\s", found["help"])
