"""Plays one block of devices into a file. A block depends on nothing but its job, so any process can make it, in any order."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from simulator.dataset.labels import lines
from simulator.dataset.manifest import MODULUS, Block
from simulator.errors import DataError
from simulator.play.cohort import Cohort, Rows
from simulator.play.model import Model, read
from simulator.play.seat import ROWS

DEVICES: Final = 2_000
"""Of a block; assumed: small enough to bound memory and to share the work, large enough that a block's start does not matter."""
WORD: Final = np.uint64(32)
LOW_WORD: Final = np.uint64(0xFFFFFFFF)
WINDOW: Final = 6 * 3_600_000
"""A block is played this far at a time (ms)."""


class Job(msgspec.Struct, frozen=True):
    """All that a block follows from. Times in ms: `begin`, `end` since the profile's start; `epoch` turns them into emitted times."""

    profile: str
    seed: int
    visits_per_day: float | None
    first: int
    devices: int
    begin: int
    end: int
    epoch: int
    path: str
    compiled: bool
    name: str = "the profile"
    """What messages call it."""
    truth: str = ""
    """Where the labels of incidents go; empty: nowhere."""


@lru_cache(maxsize=1)
def model_of(profile: str, name: str, seed: int, visits_per_day: float | None) -> Model:
    """Build what all blocks of a dataset share, once per process."""
    return read(profile, name, seed, visits_per_day=visits_per_day)


def digest_of(rows: Rows) -> int:
    """Add up the hashes of rows. Halves of words are added, so that no sum leaves 64 bits."""
    total = 0
    for half, shift in (("low", 0), ("high", 64)):
        words = rows[half].astype(np.uint64)
        total += (int((words & LOW_WORD).sum()) + (int((words >> WORD).sum()) << 32)) << shift
    return total


def unwritten(path: Path, out: Path, error: OSError) -> DataError:
    """Say that a file of the dataset `out` cannot be written. What is there of it stays: it may be of use, and nothing of the user's is removed."""
    return DataError(f"{path}: cannot be written: {error.strerror}; the dataset is not whole: remove {out}, or name another --out")


def run(job: Job) -> Block:
    """Make the block's file and rename it into place. Raise DataError if it cannot be written."""
    model = model_of(job.profile, job.name, job.seed, job.visits_per_day)
    cohort = Cohort(model, job.first, job.devices, begin=job.begin, epoch=job.epoch, prints=ROWS, compiled=job.compiled)
    path = Path(job.path)
    part = path.with_name(path.name + ".part")
    rows = size_bytes = digest = 0
    try:
        with part.open("wb") as file, (Path(job.truth) if job.truth else Path(os.devnull)).open("wb") as truth:
            for until in range(job.begin + WINDOW, job.end + WINDOW, WINDOW):
                for chunk in cohort.advance(min(until, job.end)):
                    printed = chunk.events[chunk.events["length"] > 0]
                    digest += digest_of(printed)
                    file.write(chunk.text)
                    truth.writelines(lines(model, chunk.labels))
                    rows += len(printed)
                    size_bytes += len(chunk.text)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unwritten(path, path.parent.parent, error) from None
    return Block(path.name, job.first, job.devices, rows, size_bytes, f"{digest % MODULUS:032x}")
