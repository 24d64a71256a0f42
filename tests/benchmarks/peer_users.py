"""What somebody would write with Locust alone: FastHttpUsers that send dicts as JSON; as a process of its own.

    python tests/benchmarks/peer_users.py flat http://127.0.0.1:8080 SECONDS USERS
    python tests/benchmarks/peer_users.py constant http://127.0.0.1:8080 SECONDS USERS RATE

flat: each user sends the next payload when the last is answered. Its dicts have the shape of the SDK's payloads of 20 events, with fresh values,
and orjson encodes them. constant: a small body, at a rate by Locust's constant_throughput. Prints a line of JSON: what Locust reports, and the CPU
microseconds of the process for each request.

Rule of the file: where there is a choice, the peer gets what is fastest. Values are only drawn, not worked out.
"""

import importlib
import json
import random
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant_throughput, task
from locust.env import Environment

from simulator.play.cohort import Cohort
from simulator.play.model import read
from simulator.play.seat import PAYLOADS

FOLDER = Path(__file__).parents[2] / "build" / "peers"
PROFILE = Path(__file__).parent / "twenty.toml"
SAMPLE = 500
"""Payloads of ours that the dicts are like."""
HOUR_MS = 3_600_000
HEADERS = {"Content-Type": "text/plain;charset=UTF-8"}
SMALL = b"{}"
SETTLE_S = 0.5


def sample() -> list[dict[str, Any]]:
    """Give payloads of ours, decoded."""
    model = read(PROFILE.read_text("utf-8"), "twenty", 1, visits_per_day=50)
    found: list[dict[str, Any]] = []
    for chunk in Cohort(model, 0, 200, begin=0, epoch=1_800_000_000_000, prints=PAYLOADS).advance(HOUR_MS):
        found += [json.loads(bytes(chunk.text[p["begins"] : p["begins"] + p["length"]])) for p in chunk.payloads]
    return found[:SAMPLE]


def payloads(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Build dicts of the shapes of `found`, each value drawn anew from those that such events have."""
    pools: dict[tuple[str, ...], dict[str, list[Any]]] = {}
    for event in (event for payload in found for event in payload["events"]):
        columns = pools.setdefault(tuple(event), {key: [] for key in event})
        for key, value in event.items():
            columns[key].append(value)
    plans = [[[(key, pool, len(pool)) for key, pool in pools[tuple(event)].items()] for event in payload["events"]] for payload in found]
    draw = random.Random(1).random
    for payload, plan in cycle(zip(found, plans, strict=True)):
        yield {**payload, "events": [{key: pool[int(draw() * size)] for key, pool, size in event} for event in plan]}


def flat(url: str) -> type[FastHttpUser]:
    """Give the user that sends payloads one after the other."""
    sys.path.append(str(FOLDER))  # behind the project's own
    encode = importlib.import_module("orjson").dumps
    stream = payloads(sample())

    class Peer(FastHttpUser):
        host = url

        @task
        def send(self) -> None:
            self.client.post("/rum/collect", data=encode(next(stream)), headers=HEADERS)

    return Peer


def constant(url: str, each_per_s: float) -> type[FastHttpUser]:
    """Give the user that sends at a rate of its own."""

    class Peer(FastHttpUser):
        host = url
        wait_time = constant_throughput(each_per_s)

        @task
        def send(self) -> None:
            self.client.post("/rum/collect", data=SMALL, headers=HEADERS)

    return Peer


def run(user: type[FastHttpUser], users: int, seconds: float) -> dict[str, float]:
    """Run users; give what Locust reports, and what it cost."""
    environment = Environment(user_classes=[user])
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=users)
    gevent.sleep(SETTLE_S)
    total: Any = environment.stats.total
    environment.stats.reset_all()
    print("begun", flush=True)
    cpu = time.process_time()
    gevent.sleep(seconds)
    cpu, requests = time.process_time() - cpu, total.num_requests
    found = {"requests": requests, "failures": total.num_failures, "p99_ms": total.get_response_time_percentile(0.99), "cpu_us": cpu * 1e6 / requests}
    runner.quit()
    return found


def main() -> None:
    """Read the arguments, run, and print."""
    kind, url, seconds, users, *rate = sys.argv[1:]
    user = constant(url, float(rate[0]) / int(users)) if kind == "constant" else flat(url)
    print(json.dumps(run(user, int(users), float(seconds))))


if __name__ == "__main__":
    main()
