"""The SDK core alone, in bulk: events per second of process CPU on one core, by edition and mode; medians of three interleaved rounds.

    python tests/benchmarks/bench_sdk.py [--devices N]

Exit code 1 where a gate is missed. The stream: visits of a few pages with assets, requests, clicks, errors, hiding and closing, some past the
timeout.
"""

import argparse
import statistics
import sys
import time
from typing import Any

import numpy as np

from simulator.kernel.record import rows
from simulator.kernel.rnd import rnd
from simulator.kernel.twin import twin
from simulator.play.model import limits_of
from simulator.play.seat import Desk, Seat
from simulator.play.stream import Stream, replay
from simulator.profile.editions import EDITIONS, NAMES
from simulator.profile.types import RemoteConfig, SessionConfig
from simulator.schema.records import Stimulus
from simulator.schema.words import ASSET, BEGIN, CLICK, CLOSE, HIDE, LAUNCH, NAVIGATE, PAINT, REQUEST, SHOW, THROW, VITALS
from simulator.sdk.state import Limits, Outbox, Screen, Store

NEXT_AT_BYTES = 8
"""Of each device, beside its seat (play/seat.py, Table.next_at)."""
GATES = {"compiled": 10e6, "interpreted": 200e3}
GOAL = 20e6
PAGES = 6


def stream(devices: int, edition: str) -> Stream:
    """Draw a stream: every device has the same kinds of stimuli, at times of its own."""
    row = Limits(**{name: rule.value for name, rule in EDITIONS[edition].rules.items()})
    table: list[tuple[int, int, int, int, int, int]] = []
    offset = [0]
    for d in range(devices):
        at, ref = 1_000, 0
        for p in range(PAGES):
            at += 2_000 + rnd(d, ref) % 20_000 + (4_000_000 if rnd(d, ref + 7) % 50 == 0 else 0)
            steps = [(0, LAUNCH, 0, 0, 0)] if p == 0 else []
            steps += [(0, NAVIGATE, 1 + p, 0, 0)]
            steps += [(40 + 15 * i, ASSET, 1 + i, 0, 30) for i in range(4)]
            for i in range(2):
                steps += [(60 + i, BEGIN, 1 + i, 0, 0)] if row.begins_tag else []
                steps += [(260 + 40 * i, REQUEST, 1 + i, 0, 200 + 39 * i)]
            steps += [(700, PAINT, 1 + p, 0, 700), (1_500, CLICK, 1, 11, 0), (1_501, VITALS, 1, 700, 0), (2_600, CLICK, 2, 12, 0)]
            steps += [(2_700, THROW, 1, 21, 0)] if p % 2 else []
            steps += [(3_000, HIDE, 0, 0, 0), (3_400, SHOW, 0, 0, 0)] if p == PAGES - 2 else []
            steps += [(5_000, CLOSE, 0, 0, 0)] if p == PAGES - 1 else []
            refs: dict[int, int] = {}
            for delay, kind, key, aux, span in sorted(steps, key=lambda step: step[0]):
                ref += 1
                if kind == BEGIN:
                    refs[key] = ref
                own = refs.get(key, ref) if kind == REQUEST else ref
                table.append((at + delay, kind, key, aux, own, at + delay - span))
            at += 5_000
        offset.append(len(table))
    columns = np.array(table, np.int64).T
    return Stream(np.array(offset, np.int64), np.full(devices, NAMES.index(edition), np.int64), *(np.ascontiguousarray(c) for c in columns))


def as_lists(s: Stream, devices: int) -> Stream:
    """Give the first devices of a stream as lists of Python integers."""
    end = int(s.offset[devices])
    return Stream(s.offset[: devices + 1].tolist(), s.edition[:devices].tolist(), *(column[:end].tolist() for column in s[2:]))


def run(s: Stream, limits: list[Limits], *, compiled: bool) -> tuple[float, int, int]:
    """Play a stream; give the CPU seconds, the events and the digest."""
    bodies: Any = (lambda cls: rows(cls, [cls()])) if compiled else (lambda cls: [cls()])
    table = rows(Limits, limits) if compiled else limits
    play = twin(replay) if compiled else replay
    args = (s, table, bodies(Store), bodies(Screen), bodies(Outbox), bodies(Stimulus), int(s.at[-1]) + 100_000_000)
    began = time.process_time()
    events, digest = play(*args)
    return time.process_time() - began, events, digest


def main() -> int:
    """Measure, print the table, and tell whether all gates hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=20_000, help="of the compiled runs; interpreted runs play a hundredth")
    devices = parser.parse_args().devices
    few = max(1, devices // 100)
    limits = [limits_of(edition, SessionConfig(), RemoteConfig()) for edition in EDITIONS.values()]
    names = ("web-documented", "web-0.0.37", "android-documented")
    streams = {name: stream(devices, name) for name in names}
    short = {name: as_lists(streams[name], few) for name in names}
    part = {name: Stream(s.offset[: few + 1], s.edition[:few], *(c[: int(s.offset[few])] for c in s[2:])) for name, s in streams.items()}
    run(part[names[0]], limits, compiled=True)
    speeds: dict[tuple[str, str], list[float]] = {}
    failed = []
    for _ in range(3):
        for name in names:
            cpu, events, _digest = run(streams[name], limits, compiled=True)
            speeds.setdefault((name, "compiled"), []).append(events / cpu)
            cpu, events, digest = run(short[name], limits, compiled=False)
            speeds.setdefault((name, "interpreted"), []).append(events / cpu)
            if run(part[name], limits, compiled=True)[1:] != (events, digest):
                failed.append(f"{name}: compiled and interpreted differ")
    print(f"{'edition':22}{'mode':14}{'events/s of CPU':>18}{'gate':>14}")
    for (name, mode), figures in speeds.items():
        speed = statistics.median(figures)
        print(f"{name:22}{mode:14}{speed:18,.0f}{GATES[mode]:14,.0f}")
        if speed < GATES[mode]:
            failed.append(f"{name} {mode}: {speed:,.0f}/s")
    seat, desk = rows(Seat, [Seat()]).nbytes + NEXT_AT_BYTES, rows(Desk, [Desk()]).nbytes
    print(f"state of a device: {seat} bytes; {desk} bytes more while something is under way")
    print("FAILED: " + "; ".join(failed) if failed else f"all gates hold; the goal is {GOAL:,.0f}/s compiled")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
