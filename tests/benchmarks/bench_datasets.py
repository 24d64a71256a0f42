"""How fast datasets are made: ours and what others do, interleaved in rounds of one run; medians, ratios, gates.

Rates are rows per second of process CPU on one core. Those that say wall want the machine for themselves. The table ends with a summary;
build/bench-datasets.json has the same, with machine, versions and each round. Exit code 1 where a gate is missed or could not be measured.

examples:
  make bench-datasets
  make bench-datasets ARGS="--quick --only ndjson tpchgen"
  python tests/benchmarks/bench_datasets.py --rounds 1 --only memory start
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import commands
import ours
import peers
import rounds
from gates import Row
from rounds import Measure

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


FULL = Scale(10, 100_000, 900_000, (2_000, 20_000, 60_000), 2_000)
QUICK = Scale(2, 10_000, 16_000, (2_000, 8_000), 200)
STARTED = 3_200
"""Devices whose day has 100,000 events."""

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


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write it down, and tell whether all gates hold."""
    scaled, libraries = lambda *, quick: measures(QUICK if quick else FULL), (LIBRARIES, peers.FOLDER)
    return rounds.main(__doc__ or "", OUT, ROWS, scaled, libraries, arguments, tolerance=0.2)


if __name__ == "__main__":
    sys.exit(main())
