"""Plays one block of devices into files. A block depends on nothing but its job, so any process can make it, in any order."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import xxhash

from simulator.dataset import folder as folders
from simulator.dataset import manifest
from simulator.dataset.folder import Local, unwritten
from simulator.dataset.labels import lines
from simulator.dataset.manifest import MODULUS, Block, File
from simulator.dataset.resume import labels_name, row_name
from simulator.play.cohort import Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import ROWS

DEVICES: Final = 2_000
"""Of a block; assumed: small enough to bound memory and to share the work, large enough that a block's start does not matter."""
STAMPED: Final = b'{"timestamp":'
"""What a row begins with."""
WINDOW: Final = 6 * 3_600_000
"""A block is played this far at a time (ms)."""


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """All that a block follows from. Times in ms: `begin`, `end` since the profile's start; `epoch` turns them into emitted times."""

    profile: str
    name: str = "the profile"
    """What messages call it."""
    seed: int
    visits_per_day: float | None
    number: int
    first: int
    devices: int
    begin: int
    end: int
    epoch: int
    compiled: bool
    out: str
    """The dataset's folder."""
    file_format: str


@lru_cache(maxsize=1)
def model_of(profile: str, name: str, seed: int, visits_per_day: float | None) -> Model:
    """Build what all blocks of a dataset share, once per process."""
    return read(profile, name, seed, visits_per_day=visits_per_day)


def digest_of(text: memoryview, rows: Rows, epoch: int) -> int:
    """Add up the hashes of printed rows, each with its time stamp counted from the profile's start, so that a shift changes nothing."""
    total = 0
    for begins, length, stamp in zip(rows["begins"].tolist(), rows["length"].tolist(), rows["timestamp"].tolist(), strict=True):
        rest = begins + len(STAMPED) + len(str(stamp))
        total += xxhash.xxh3_128_intdigest(b"%d%b" % (stamp - epoch, bytes(text[rest : begins + length])))
    return total


def run(job: Job) -> Block:
    """Make the block's files, then its row. Raise DataError if they cannot be written."""
    model = model_of(job.profile, job.name, job.seed, job.visits_per_day)
    cohort = Cohort(model, job.first, job.devices, begin=job.begin, epoch=job.epoch, prints=ROWS, compiled=job.compiled)
    folder = Local(Path(job.out))
    name = f"events/block-{job.number:05}.{job.file_format}"
    rows = size_bytes = digest = 0
    labels: list[bytes] = []
    try:
        with folder.writing(name) as file:
            for until in range(job.begin + WINDOW, job.end + WINDOW, WINDOW):
                for chunk in cohort.advance(min(until, job.end)):
                    printed = chunk.events[chunk.events["length"] > 0]
                    digest += digest_of(chunk.text, printed, job.epoch)
                    file.write(chunk.text)
                    labels.extend(lines(model, chunk.labels))
                    rows += len(printed)
                    size_bytes += len(chunk.text)
    except OSError as error:
        raise unwritten(folder, name, error) from None
    if model.profile.incidents:
        folders.write(folder, labels_name(job.number), b"".join(labels))
    block = Block(
        number=job.number,
        first_device=job.first,
        devices=job.devices,
        rows=rows,
        size_bytes=size_bytes,
        digest=f"{digest % MODULUS:032x}",
        files=[File(name, rows, size_bytes)],
    )
    folders.write(folder, row_name(job.number), manifest.encode(block))
    return block
