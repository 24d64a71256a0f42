"""What is measured of our own in this process: rows per second of process CPU, as `rumsim generate --out -` makes them, written to nowhere.

A row is an event that the SDK reports; what it makes besides (sessions that are not sampled) is not counted, its time is.
"""

import io
import os
import re
import time
from typing import Any

from simulator.dataset import block
from simulator.dataset.block import Job
from simulator.dataset.manifest import MODULUS
from simulator.play.cohort import Cohort
from simulator.play.memory import Memory
from simulator.play.seat import NOTHING
from simulator.profile import starters
from simulator.schema.words import SENT

HOURS, SEED = 24, 1
MEMORY = Memory()
SHOP = starters.read("shop")
"""Its platforms have the documented editions."""
WEB = re.sub(
    r"^(\[platforms\.(\w+)\]\nshare = )[\d.]+",
    lambda found: f"{found[1]}0.97\neditions = {{ 'web-0.0.37' = 1.0 }}" if found[2] == "web" else f"{found[1]}0.01",
    SHOP,
    flags=re.MULTILINE,
)
"""The same people, nearly all of them on the web with edition web-0.0.37."""


def nowhere() -> io.BufferedWriter:
    """Give a file that keeps nothing but its size: bytes go to the null device, so that no disk is measured; buffered as any file is."""
    return io.BufferedWriter(_Null())


class _Null(io.RawIOBase):
    """The null device, which can tell how much it was given."""

    def __init__(self) -> None:
        super().__init__()
        self._null = os.open(os.devnull, os.O_WRONLY)
        self._size = 0

    def writable(self) -> bool:
        """Whether one can write: always."""
        return True

    def write(self, data: Any) -> int:
        """Count the bytes of what is written."""
        written = os.write(self._null, data)
        self._size += written
        return written

    def tell(self) -> int:
        """Give how many bytes there are."""
        return self._size

    def close(self) -> None:
        """Close the null device, once."""
        if not self.closed:
            os.close(self._null)
        super().close()


def jobs(
    blocks: int, file_format: str, kind: str = "events", *, profile: str = SHOP, compiled: bool = True, devices: int = block.DEVICES
) -> list[Job]:
    """Give blocks of a day, as `rumsim generate` makes them."""
    model = block.model_of(profile, "shop", SEED, None)
    return [
        Job(
            profile=profile, name="shop", seed=SEED, visits_per_day=None, number=number, first=number * devices, devices=devices,
            begin=0, end=HOURS * 3_600_000, epoch=model.start_ms, compiled=compiled, out="-", file_format=file_format, kind=kind,
        )
        for number in range(blocks)
    ]  # fmt: skip


def made(todo: list[Job], file: Any) -> tuple[int, int, float]:
    """Make blocks; give how many rows they have, their digest, and the CPU seconds that they took."""
    began = time.process_time()
    tallies = list(block.stream(todo, file))
    spent = time.process_time() - began
    return sum(tally.rows for tally in tallies), sum(tally.digest for tally in tallies) % MODULUS, spent


def sink(name: str, blocks: int, file_format: str, kind: str = "events", *, profile: str = SHOP) -> dict[str, float]:
    """Measure a sink: rows and GB per second, and bytes per row. What is built once per process is built before."""
    with nowhere() as warm:
        made(jobs(1, file_format, kind, profile=profile), warm)
    with nowhere() as file:
        rows, _, spent = made(jobs(blocks, file_format, kind, profile=profile), file)
        size = file.tell()
    return {name: rows / spent, f"{name} bytes": size / spent / 1e9, f"{name} size": size / rows}


def kernel(blocks: int) -> dict[str, float]:
    """Measure journey and SDK alone: nothing is printed, no digest is added up."""
    _play(jobs(1, "ndjson"))
    began = time.process_time()
    events = _play(jobs(blocks, "ndjson"))
    return {"kernel": events / (time.process_time() - began)}


def _play(todo: list[Job]) -> int:
    events = 0
    for job in todo:
        model = block.model_of(job.profile, job.name, job.seed, job.visits_per_day)
        cohort = Cohort(model, job.first, job.devices, begin=job.begin, epoch=job.epoch, prints=NOTHING, memory=MEMORY)
        for until in range(job.begin + block.WINDOW, job.end + block.WINDOW, block.WINDOW):
            events += sum(int((chunk.events["fate"] == SENT).sum()) for chunk in cohort.advance(min(until, job.end)))
    return events


def alone(devices: int, *, compiled: bool) -> tuple[int, int, float]:
    """Make one block as NDJSON, compiled or interpreted; give its rows, digest and CPU seconds."""
    with nowhere() as file:
        return made(jobs(1, "ndjson", compiled=compiled, devices=devices), file)


def sample() -> list[bytes]:
    """Give a block's lines."""
    with io.BytesIO() as file:
        made(jobs(1, "ndjson"), file)
        return file.getvalue().splitlines()
