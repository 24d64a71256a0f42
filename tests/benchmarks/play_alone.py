"""One cohort as processes of its own, as load plays it: windows, ledger, digests, pump, histograms; without Locust's users, runners and web UI.

    python tests/benchmarks/play_alone.py '{"host": "http://127.0.0.1:8080", "rate": 5000, "payloads": 100000, "profiled": true}'

Prints that it has begun, and in the end a line of JSON: the CPU microseconds (user and system) of both processes, the one that sends and the
one that computes, for each payload, and what load measures itself. A profiled run writes to standard error where the time of the first went.
"""

import cProfile
import json
import pstats
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import gevent
import msgspec
from locust.env import Environment

from simulator.audit.ledger import read
from simulator.load import histogram
from simulator.load.options import Plan
from simulator.load.player import Player
from simulator.load.pump import Pump
from simulator.load.summary import summarise
from simulator.load.window import Window, compile_apart
from simulator.profile.start import profile_text

TWENTY = Path(__file__).parent / "twenty.toml"
DOCUMENTED = "web-documented"
HEAD_START_NS = 100_000_000
LOOK_S = 0.002
HOUR_MS = 3_600_000


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to play. `rate`: visits per second."""

    host: str
    rate: float
    seconds: float = 0.0
    """How long; 0: flat out, until `payloads` were sent."""
    payloads: int = 0
    edition: str = DOCUMENTED
    """Of the profile twenty; empty: the profile shop, in its evening."""
    devices: int = 100_000
    speed: float = 100.0
    connections: int = 64
    statistics: str = "bulk"
    encoding: str = "identity"
    profiled: bool = False


def text_of(edition: str) -> str:
    """Give the profile with an edition; pages of web-0.0.37 have a file more, as it does not report that they are left."""
    if not edition:
        return profile_text("shop")
    text = TWENTY.read_text("utf-8")
    return text if edition == DOCUMENTED else text.replace(DOCUMENTED, edition).replace('"m"]', '"m", "n"]')


def plan_of(task: Task, folder: Path) -> Plan:
    """Give the plan that the options of load would make."""
    return Plan(
        profile=text_of(task.edition),
        seed=1,
        devices=task.devices,
        rate_per_s=task.rate,
        visits_per_day=task.rate / task.speed / task.devices * 86_400,
        speed=task.speed,
        begin=0 if task.edition else 20 * HOUR_MS,
        epoch=1_800_000_000_000,
        host=task.host,
        folder=str(folder),
        connections=task.connections,
        statistics=task.statistics,
        encoding=task.encoding,
    )


def play(task: Task, folder: Path) -> dict[str, object]:
    """Play a task; give its figures."""
    player = Player(plan_of(task, folder), 0, 1, Environment())
    profile = cProfile.Profile(time.thread_time)
    begin = Begin(player, profile if task.profiled else None)
    if task.seconds:
        begin.count(0)
        gevent.spawn_later(task.seconds, player.stop)
    else:
        _flat_out(player, task.payloads, begin)
    print("begun", flush=True)
    began = time.monotonic()
    report = player.play(time.time_ns() + HEAD_START_NS)
    profile.disable()
    wall, after = time.monotonic() - began, Used.so_far(player)
    if task.profiled:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(40)
    load = summarise(histogram.read(folder / "histograms"), {0: report}, wall)
    rows = read(folder / "ledger").payloads
    count = load["payloads"] - begin.payloads
    return load | {
        "cpu_us": (sum(after) - sum(begin.used)) * 1e6 / count,
        "system_us": (after.system_s - begin.used.system_s) * 1e6 / count,
        "computing_us": (after.computing_s - begin.used.computing_s) * 1e6 / count,
        "unsent": report.pace.unsent,
        "visits": report.visits,
        "events": float(rows["events"].mean()),
        "body_bytes": float(rows["size_bytes"].mean()),
    }


class Used(NamedTuple):
    """CPU seconds: of the process that sends, by itself and by the system for it, and of the one that computes, by both."""

    user_s: float
    system_s: float
    computing_s: float

    @classmethod
    def so_far(cls, player: Player) -> "Used":
        """Give what has been used."""
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return cls(usage.ru_utime, usage.ru_stime, player._computing.cpu_s)


class Begin:
    """From when on CPU time is counted: what had been used, and sent, by then."""

    def __init__(self, player: Player, profile: cProfile.Profile | None) -> None:
        """Count nothing yet."""
        self._player, self._profile = player, profile
        self.used = Used.so_far(player)
        self.payloads = -1

    def count(self, payloads: int) -> None:
        """Begin, once."""
        if self.payloads < 0:
            self.payloads, self.used = payloads, Used.so_far(self._player)
            if self._profile:
                self._profile.enable()


def _flat_out(player: Player, payloads: int, begin: Begin) -> None:
    """Have each window made when the one before it has been sent, and the end come with the last of so many payloads.

    Without this a client that is slower than its schedule would make payloads that it never sends, and pay for them. The first window, which is
    made before the player plays, is not counted: so all that is counted was both made and sent.
    """
    pump, play, first = player._transport, player._next, player._ahead
    assert isinstance(pump, Pump)
    assert first is not None
    made = first.payloads

    def when_sent() -> Window:
        nonlocal made
        while pump._due or pump._waiting:
            gevent.sleep(LOOK_S)
        begin.count(made)
        if made >= payloads:
            player.stop()
            return Window(0, [], [])
        window = play()
        made += window.payloads
        return window

    player._next = when_sent  # type: ignore[method-assign]


if __name__ == "__main__":
    compile_apart()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(play(msgspec.json.decode(sys.argv[1], type=Task), Path(name))))
