"""How fast datasets are made: ours and what others do, interleaved in rounds of one run; medians, ratios, gates.

Rates are rows per second of process CPU on one core. Those that say wall want the machine for themselves. The table ends with a summary;
build/bench-datasets.json has the same, with machine, versions and each round. Exit code 1 where a gate is missed or could not be measured.

examples:
  make bench-datasets
  make bench-datasets ARGS="--quick --only ndjson tpchgen"
  python tests/benchmarks/bench_datasets.py --rounds 1 --only memory start
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import commands
import ours
import peers
from gates import Row, WrongError, document, judge, lines, summary

FORMAT = 1
OUT = Path(__file__).parents[2] / "build" / "bench-datasets.json"
LIBRARIES = ("numpy", "numba", "llvmlite", "pyarrow", "msgspec", "msgpack", "faker", "distributed", "orjson", "mimesis", "tpchgen-cli")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is made in a round."""

    blocks: int
    """Of our rows in this process."""
    dicts: int
    """Events as dicts."""
    devices: int
    """Of the commands with several workers; with fewer it is their start that is measured."""
    memory: tuple[int, ...]
    """Devices."""
    interpreted: int
    """Devices."""


FULL = Scale(10, 100_000, 300_000, (2_000, 20_000, 60_000), 2_000)
QUICK = Scale(2, 10_000, 16_000, (2_000, 8_000), 200)
STARTED = 3_200
"""Devices whose day has 100,000 events."""
Measure = Callable[[], Mapping[str, float]]

ROWS = (
    Row("kernel", "events/s", 6e6, 12e6),
    Row("ndjson", "events/s", 2.5e6, 4e6),
    Row("ndjson bytes", "GB/s", 1.2),
    Row("ndjson size", "B/event"),
    Row("msgpack", "events/s", 3e6, 5e6),
    Row("parquet", "events/s", 2e6, 3e6),
    Row("parquet size", "B/event"),
    Row("payloads documented bytes", "GB/s", 1.2, 2),
    Row("payloads web-0.0.37 bytes", "GB/s", 1.2, 2),
    Row("dicts + json.dumps", "events/s", 25, 40, ratio=("ndjson", "dicts + json.dumps")),
    Row("dicts + orjson", "events/s", ratio=("ndjson", "dicts + orjson")),
    Row("dicts + msgspec", "events/s", ratio=("ndjson", "dicts + msgspec")),
    Row("dicts + msgpack", "events/s", ratio=("msgpack", "dicts + msgpack")),
    Row("dicts size", "B/event"),
    Row("Faker 15 fields", "rows/s", ratio=("ndjson", "Faker 15 fields")),
    Row("Mimesis 15 fields", "rows/s", ratio=("ndjson", "Mimesis 15 fields")),
    Row("tpchgen csv", "rows/s", 3, 4, ratio=("ndjson", "tpchgen csv")),
    Row("tpchgen parquet", "rows/s", 2.5, 3.5, ratio=("parquet", "tpchgen parquet")),
    Row("one worker wall", "events/s"),
    Row("two commands wall", "events/s"),
    Row("two workers wall", "events/s", 0.9, ratio=("two workers wall", "two commands wall")),
    Row("two workers CPU", "ns/event", 1.15, ratio=("two workers CPU", "one worker CPU"), at_most=True),
    Row("Dask two workers wall", "events/s", 0.8, ratio=("Dask two workers wall", "two workers wall")),
    Row("memory two workers", "MB", 400, 250, at_most=True),
    *(Row(f"memory {devices:,} devices", "MB", 400, 250, at_most=True) for devices in sorted({*FULL.memory, *QUICK.memory})),
    Row("cold start 100,000 events", "CPU s", 45, 15, at_most=True),
    Row("warm start 100,000 events", "CPU s", 3, 2, at_most=True),
    Row("interpreted", "events/s", 30e3, 100e3),
)


def measures(scale: Scale) -> dict[tuple[str, ...], Measure]:
    """Give what measures, by the figures that it gives."""
    sinks = {
        "ndjson": partial(ours.sink, "ndjson", scale.blocks, "ndjson"),
        "msgpack": partial(ours.sink, "msgpack", scale.blocks, "msgpack"),
        "parquet": partial(ours.sink, "parquet", scale.blocks, "parquet"),
        "payloads documented": partial(ours.sink, "payloads documented", scale.blocks, "ndjson", "payloads"),
        "payloads web-0.0.37": partial(ours.sink, "payloads web-0.0.37", scale.blocks, "ndjson", "payloads", profile=ours.WEB),
    }
    return {
        ("kernel",): partial(ours.kernel, scale.blocks),
        **{(name, f"{name} bytes", f"{name} size"): measure for name, measure in sinks.items()},
        ("dicts + json.dumps", "dicts + orjson", "dicts + msgspec", "dicts + msgpack", "dicts size"): partial(peers.dicts, scale.dicts),
        ("Faker 15 fields",): partial(peers.faker, scale.dicts // 50),
        ("Mimesis 15 fields",): partial(peers.mimesis, scale.dicts // 5),
        ("tpchgen csv", "tpchgen parquet"): peers.tpchgen,
        (
            "one worker wall", "one worker CPU", "two commands wall", "two workers wall", "two workers CPU", "memory two workers",
            "Dask two workers wall",
        ): partial(commands.workers, scale.devices),
        **{(f"memory {devices:,} devices",): partial(commands.memory, devices) for devices in scale.memory},
        ("cold start 100,000 events", "warm start 100,000 events"): partial(commands.start, STARTED),
        ("interpreted",): partial(commands.interpreted, scale.interpreted),
    }  # fmt: skip


def chosen(words: Sequence[str], todo: Mapping[tuple[str, ...], Measure]) -> list[Row]:
    """Give the rows that have one of the words in their names, all without words; those that this scale measures."""
    figures = {name for names in todo for name in names}
    return [row for row in ROWS if row.name in figures and (not words or any(word.lower() in row.name.lower() for word in words))]


def rounds(number: int, todo: Mapping[tuple[str, ...], Measure]) -> tuple[list[dict[str, float]], dict[str, str]]:
    """Measure all in turn, and that `number` times; give each round's figures, and why some are missing."""
    found: list[dict[str, float]] = []
    wrong: dict[str, str] = {}
    began = time.perf_counter()
    for i in range(number):
        found.append({})
        for j, (names, measure) in enumerate(todo.items()):
            try:
                found[-1] |= measure()
            except WrongError as error:
                wrong |= dict.fromkeys(names, str(error))
            done, spent = (i * len(todo) + j + 1) / (number * len(todo)), time.perf_counter() - began
            _tell(f"round {i + 1} of {number}, {spent:.0f} s, about {spent / done - spent:.0f} s left: {names[0]}")
    return found, wrong


def _tell(line: str) -> None:
    print(f"\r{line:<100}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """Tell on what it was measured."""
    model = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {"processor": model[0] if model else platform.machine(), "cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}


def versions() -> dict[str, str]:
    """Give the versions of Python and of all libraries that matter, those of the peers too."""
    there = {found.name.lower(): found.version for found in distributions(path=[*sys.path, str(peers.FOLDER)])}
    return {"python": platform.python_version()} | {name: there.get(name, "none") for name in LIBRARIES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write it down, and tell whether all gates hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="rows that have one of these words in their names")
    parser.add_argument("--quick", action="store_true", help="make a tenth: rough figures")
    options = parser.parse_args(arguments)
    todo = measures(QUICK if options.quick else FULL)
    rows = chosen(options.only, todo)
    if options.rounds < 1:
        parser.error(f"--rounds: found {options.rounds}; expected 1 or more")
    for word in options.only:
        if not chosen([word], todo):
            parser.error(f"--only: found {word}; expected a part of one of: {'; '.join(row.name for row in chosen([], todo))}")
    needed = {name for row in rows for name in row.needs}
    begun = machine()
    figures, wrong = rounds(options.rounds, {names: measure for names, measure in todo.items() if needed & {*names}})
    judged = [judge(row, figures, wrong) for row in rows]
    print(f"{begun['processor']}, {begun['cores']} cores, load {begun['load'][0]:.1f} at the beginning; medians of {options.rounds} rounds")
    print(*lines(judged), sep="\n")
    told = {"format": FORMAT, "machine": begun, "versions": versions(), "quick": options.quick, "rounds": options.rounds}
    told |= {"rows": document(judged, figures), "summary": summary(judged)}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1) + "\n")
    print(summary(judged))
    return int(any(found.missed for found in judged))


if __name__ == "__main__":
    sys.exit(main())
