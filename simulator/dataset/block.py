"""Plays one block of devices into files. A block depends on nothing but its job, so any process can make it, in any order."""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import BinaryIO, Final

import msgspec

from simulator.dataset import folder as folders
from simulator.dataset import manifest
from simulator.dataset.folder import open_folder, unwritten
from simulator.dataset.labels import lines
from simulator.dataset.manifest import MODULUS, Block, File
from simulator.dataset.payloads import Payloads
from simulator.dataset.resume import labels_name, row_name
from simulator.dataset.sessions import Sessions
from simulator.dataset.sink import EXTENSIONS, PRINTS, Events, Sink, Tally
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.memory import Memory
from simulator.play.model import Model, read
from simulator.play.seat import NOTHING, PAYLOADS, POSTED
from simulator.profile.start import iso

DEVICES: Final = 2_000
"""Of a block; assumed: small enough to bound memory and to share the work, large enough that a block's start does not matter."""
PARTITIONS: Final = {"hour": 3_600_000, "day": 24 * 3_600_000}
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
    kind: str = "events"
    partition_by: str = ""
    """`hour` or `day`: a file for each, of what arrives in it; empty: one for all."""


_OWN: Final = threading.local()
SINKS: Final[dict[str, Callable[[str, BinaryIO, Model], Sink]]] = {"events": Events, "payloads": Payloads, "sessions": Sessions}
"""By kind of row."""


@lru_cache(maxsize=1)
def model_of(profile: str, name: str, seed: int, visits_per_day: float | None) -> Model:
    """Build what all blocks of a dataset share, once per process."""
    return read(profile, name, seed, visits_per_day=visits_per_day)


def _cohort(job: Job, model: Model) -> Cohort:
    prints = {"events": PRINTS[job.file_format], "payloads": POSTED if job.file_format == "ndjson" else PAYLOADS, "sessions": NOTHING}[job.kind]
    return Cohort(model, job.first, job.devices, begin=job.begin, epoch=job.epoch, prints=prints, compiled=job.compiled, memory=_memory())


def _memory() -> Memory:
    """Give this thread's: it makes one block after the other."""
    if not hasattr(_OWN, "memory"):
        _OWN.memory = Memory()
    found: Memory = _OWN.memory
    return found


def _spans(job: Job) -> Iterator[tuple[str, int]]:
    """Give the folder of each file, and where its span ends."""
    step = PARTITIONS.get(job.partition_by)
    if step is None:
        yield "", job.end
        return
    until = job.begin
    while until < job.end:
        begins = iso(job.epoch + until)
        until = min(job.end, until + step - (job.epoch + until) % step)
        yield f"date={begins[:10]}/" + (f"hour={begins[11:13]}/" if job.partition_by == "hour" else ""), until


def _play(cohort: Cohort, begin: int, end: int) -> Iterator[Chunk]:
    for until in range(begin + WINDOW, end + WINDOW, WINDOW):
        yield from cohort.advance(min(until, end))


def run(job: Job) -> Block:
    """Make the block's files, then its row. Raise DataError if they cannot be written."""
    model = model_of(job.profile, job.name, job.seed, job.visits_per_day)
    folder = open_folder(job.out)
    cohort = _cohort(job, model)
    digest, begin = 0, job.begin
    files: list[File] = []
    labels: list[Rows] = []
    for within, end in _spans(job):
        name = f"{job.kind}/{within}block-{job.number:05}.{EXTENSIONS[job.file_format]}"
        try:
            with folder.writing(name) as file:
                sink = SINKS[job.kind](job.file_format, file, model)
                tallies = []
                for chunk in _play(cohort, begin, end):
                    tallies.append(sink.add(chunk))
                    labels.append(chunk.labels.copy())
                tallies.append(sink.end(cohort, end))
                sink.close()
                files.append(File(name, sum(tally.rows for tally in tallies), file.tell()))
        except OSError as error:
            raise unwritten(folder, name, error) from None
        digest += sum(tally.digest for tally in tallies)
        begin = end
    truth = b"".join(lines(model, labels))
    if truth:
        folders.write(folder, labels_name(job.number), truth)
    block = Block(
        number=job.number,
        first_device=job.first,
        devices=job.devices,
        rows=sum(file.rows for file in files),
        size_bytes=sum(file.size_bytes for file in files),
        digest=f"{digest % MODULUS:032x}",
        labels_bytes=len(truth),
        files=files,
    )
    folders.write(folder, row_name(job.number), manifest.encode(block))
    return block


def stream(jobs: Iterable[Job], file: BinaryIO) -> Iterator[Tally]:
    """Write the rows of blocks, one after the other, as one file; yield what each has."""
    sink = None
    for job in jobs:
        model = model_of(job.profile, job.name, job.seed, job.visits_per_day)
        cohort = _cohort(job, model)
        sink = sink or SINKS[job.kind](job.file_format, file, model)
        tallies = [sink.add(chunk) for chunk in _play(cohort, job.begin, job.end)] + [sink.end(cohort, job.end)]
        yield Tally(sum(tally.rows for tally in tallies), sum(tally.digest for tally in tallies))
    if sink:
        sink.close()
        file.flush()
