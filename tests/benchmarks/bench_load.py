"""What load costs its generator, and how true it is, on nginx that answers 204: interleaved rounds of one run; medians, ratios, gates.

Payloads per second are those of a core: 1 / (user and system CPU time of the client process for each payload). They are the SDK's own, no two alike,
of 20 events, and go the whole way: windows, ledger, digests, pump, histograms. Memory is the peak of the whole process; what is there before the
devices (interpreter, libraries, compiled code), and the peak of its start, stand beside it.

nginx and wrk are installed by apt where that can be; what needs them is skipped, and said to be, where it cannot. The table ends with a summary;
build/bench-load.json has the same, with machine, versions and each round. Exit code 1 where a gate is missed.

examples:
  make bench-load
  make bench-load ARGS="--quick --only documented wrk"
  python tests/benchmarks/bench_load.py --rounds 1 --only memory
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import peers
import rounds
import servers
import stall
from children import end_with, run, started
from gates import Row, WrongError
from rounds import Measure

OUT = Path(__file__).parents[2] / "build" / "bench-load.json"
LIBRARIES = ("locust", "gevent", "geventhttpclient", "httptools", "isal", "xxhash", "numpy", "numba", "msgspec", "orjson")
VISITS_PER_S = 10_000
"""Of which each sends 5 payloads: more than the goal, so that no core keeps up. One that does waits between any two, and pays for waking up."""
EVENTS = 20
USERS = 16
POPULATIONS = ((1_000_000, 100_000, 600), (100_000, 10_000, 150))
"""Devices, how many of them are in an open session, and MB."""
ALMOST = 0.95
"""Of them: the rate is found with few devices."""
SENT_OF_DUE = 0.99
"""What falls due in the last moment may stay."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is sent in a round."""

    payloads: int
    seconds: int
    """Of measurements that last a given time."""
    stall: int
    """Seconds of constant rate around a pause of one."""


FULL = Scale(50_000, 5, 10)
QUICK = Scale(15_000, 2, 5)


def _of_population() -> tuple[Row, ...]:
    rows = [Row("start memory", "MB"), Row("base memory", "MB")]
    for devices, _, most in POPULATIONS:
        name = f"{devices:,} devices"
        rows += [Row(f"{name}: open", "sessions"), Row(f"{name}: memory", "MB", most, at_most=True)]
        rows += [Row(f"{name}: ready", "CPU s", 20 if devices == POPULATIONS[0][0] else None, at_most=True)]
    return tuple(rows)


def _of_stall(connections: int) -> tuple[Row, Row]:
    name = f"stall {connections:,} connections"
    return Row(f"{name}: p99", "ms"), Row(f"{name}: error", "ms", 0.05, ratio=(f"{name}: error", f"{name}: true p99"), at_most=True)


ROWS = (
    Row("documented bulk", "payloads/s", 25_000, 40_000),
    Row("documented each", "payloads/s", 25_000, 40_000),
    Row("documented gzip", "payloads/s", 15_000, 20_000),
    Row("web-0.0.37", "payloads/s", 10_000, 15_000),
    Row("devices' own connections", "payloads/s"),
    Row("documented events", "/payload"),
    Row("documented body", "bytes"),
    Row("web-0.0.37 events", "/payload"),
    Row("web-0.0.37 body", "bytes"),
    Row("FastHttpUser + orjson", "payloads/s", 6, ratio=("documented bulk", "FastHttpUser + orjson")),
    Row("wrk constant body", "payloads/s", 0.25, ratio=("documented bulk", "wrk constant body")),
    Row("lag at half: p50", "us", 3, ratio=("lag at half: p50", "bare timer: p50"), at_most=True),
    Row("lag at half: p99", "us", 3, ratio=("lag at half: p99", "bare timer: p99"), at_most=True),
    Row("bare timer: p50", "us"),
    Row("bare timer: p99", "us"),
    Row("bare timer beside: p50", "us"),
    Row("bare timer beside: p99", "us"),
    *(row for connections in stall.CONNECTIONS for row in _of_stall(connections)),
    Row("stall FastHttpUser: p99", "ms", 0.5, ratio=("stall FastHttpUser: p99", "stall FastHttpUser: true p99"), at_most=True),
    Row("stall FastHttpUser: sent", "of 1"),
    *_of_population(),
)
"""Beside load at half, in a run of its own, a bare timer shows how long the system lets a thread wait there; the gate is by the one that has the
machine for itself. Of FastHttpUser at a stall the gate is that it is wrong, as the comparison says: it reports less than half of what is true."""


def measures(scale: Scale) -> dict[tuple[str, ...], Measure]:
    """Give what measures, by the figures that it gives."""
    lags = tuple(f"{name}: {quantile}" for name in ("lag at half", "bare timer", "bare timer beside") for quantile in ("p50", "p99"))
    todo: dict[tuple[str, ...], Measure] = {
        ("documented bulk", "documented events", "documented body", *lags): partial(documented, scale),
        ("wrk constant body",): partial(wrk, scale),
        ("FastHttpUser + orjson",): partial(fast_http, scale),
        ("documented each",): partial(flat, "documented each", scale, statistics="each"),
        ("documented gzip",): partial(flat, "documented gzip", scale, encoding="gzip"),
        ("web-0.0.37", "web-0.0.37 events", "web-0.0.37 body"): partial(flat, "web-0.0.37", scale, edition="web-0.0.37"),
        ("devices' own connections",): partial(flat, "devices' own connections", scale, connections=0),
    }
    for connections in stall.CONNECTIONS:
        name = f"stall {connections:,} connections"
        todo[f"{name}: p99", f"{name}: error", f"{name}: true p99"] = partial(stall.pump, connections, scale.stall)
    names = ("p99", "true p99", "sent")
    todo[tuple(f"stall FastHttpUser: {name}" for name in names)] = partial(stall.locust, scale.stall)
    for devices, is_open, _ in POPULATIONS:
        given = (f"{devices:,} devices: {name}" for name in ("open", "memory", "ready"))
        todo["start memory", "base memory", *given] = partial(population, devices, is_open)
    return todo


def flat(name: str, scale: Scale, **task: object) -> dict[str, float]:
    """Send payloads flat out; give how many a core can send, and what they are. Raise WrongError if they are not what they should be."""
    found = _play({"rate": VISITS_PER_S, "payloads": scale.payloads, **task})
    return {name: 1e6 / found["cpu_us"], f"{name} events": found["events"], f"{name} body": found["body_bytes"]}


def documented(scale: Scale) -> dict[str, float]:
    """Send payloads flat out, then half as many per second as a core can send, and see how late they are; and a bare timer at that rate."""
    found = _play({"rate": VISITS_PER_S, "payloads": scale.payloads})
    half = 0.5e6 / found["cpu_us"]
    bare = run("bare_timer.py", half, scale.seconds)
    pace = {"rate": half * found["visits"] / found["payloads"]}
    paced = _play(pace | {"seconds": scale.seconds})
    beside = _beside(pace | {"seconds": 2 * scale.seconds}, half, scale.seconds)
    return {
        "documented bulk": 1e6 / found["cpu_us"],
        "documented events": found["events"],
        "documented body": found["body_bytes"],
        "lag at half: p50": paced["own_lag_ms"]["p50"] * 1000,
        "lag at half: p99": paced["own_lag_ms"]["p99"] * 1000,
        "bare timer: p50": bare["p50_us"],
        "bare timer: p99": bare["p99_us"],
        "bare timer beside: p50": beside["p50_us"],
        "bare timer beside: p99": beside["p99_us"],
    }


def _beside(task: dict[str, object], rate: float, seconds: int) -> dict[str, Any]:
    """Give how late a bare timer is while a task is played."""
    with servers.nginx() as server, started("play_alone.py", json.dumps({"host": server.url} | task)) as child:
        child.has_begun()
        found = run("bare_timer.py", rate, seconds)
        child.figures()
    return found


def _play(task: dict[str, object]) -> dict[str, Any]:
    with servers.nginx() as server:
        found = run("play_alone.py", json.dumps({"host": server.url} | task))
    if found["causes"].get("ok") != found["payloads"]:  # what falls due just before the end may wait for ever
        raise WrongError(f"not all was answered: {found['causes']}")
    if found["payloads"] < SENT_OF_DUE * found["offered"]:
        raise WrongError(f"of {found['offered']:,} payloads that fell due {found['payloads']:,} were sent")
    if found["events"] < EVENTS - 0.1:
        raise WrongError(f"payloads have {found['events']:.2f} events; expected {EVENTS}")
    return found


def wrk(scale: Scale) -> dict[str, float]:
    """Send a constant body of the size of ours with wrk."""
    return {"wrk constant body": 1e6 / servers.wrk(round(_body_bytes()), scale.seconds)}


@cache
def _body_bytes() -> float:
    """Give the mean size of the bodies, by a few of them."""
    found = _play({"rate": VISITS_PER_S, "payloads": QUICK.payloads})
    return float(found["body_bytes"])


def fast_http(scale: Scale) -> dict[str, float]:
    """Send dicts with Locust's FastHttpUser."""
    with servers.nginx() as server:
        found = run("peer_users.py", "flat", server.url, scale.seconds, USERS)
    if found["failures"]:
        raise WrongError(f"{found['failures']:,} requests of FastHttpUser failed")
    return {"FastHttpUser + orjson": 1e6 / found["cpu_us"]}


def population(devices: int, is_open: int) -> Mapping[str, float]:
    """Seat devices, so many of them in an open session."""
    with started("many_devices.py", "hold", devices, _rate(devices, is_open)) as child:
        peak_mb = child.peak_mb()
        found = child.figures()
    if found["open"] < ALMOST * is_open:
        raise WrongError(f"{found['open']:,} devices are in an open session; expected {is_open:,}")
    name = f"{devices:,} devices"
    return {
        "start memory": found["start_mb"],
        "base memory": found["base_mb"],
        f"{name}: open": found["open"],
        f"{name}: memory": peak_mb,
        f"{name}: ready": found["ready_s"],
    }


@cache
def _rate(devices: int, is_open: int) -> float:
    return float(run("many_devices.py", "rate", devices, is_open)["rate"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write it down, and tell whether all gates hold."""
    scaled, libraries = lambda *, quick: measures(QUICK if quick else FULL), (LIBRARIES, peers.FOLDER)
    return rounds.main(__doc__ or "", OUT, ROWS, scaled, libraries, arguments, tolerance=0.0)


if __name__ == "__main__":
    end_with(main)
