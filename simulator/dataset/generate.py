"""The blocks of a dataset: which there are, which are done, and what is to be made. The same rows whatever makes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from simulator import __version__
from simulator.dataset import block, cluster, local, manifest, resume, sink
from simulator.dataset.folder import Folder, open_folder
from simulator.dataset.manifest import Block, Manifest
from simulator.dataset.sink import Tally
from simulator.errors import ProfileError
from simulator.profile.loader import LATEST_MS, SPAN, digest, start_ms
from simulator.profile.start import iso
from simulator.profile.types import Profile

HOUR = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user asks for: `profile` is the text, `name` what messages call it.

    `start_ms`: emitted time of the beginning; None is the profile's own. `resume`: make what is missing; `force`: replace what is there.
    """

    profile: str
    name: str
    devices: int
    hours: float
    seed: int
    out: Path | str
    """A folder, or the URL of one in an object store."""
    kind: str = "events"
    file_format: str = "ndjson"
    workers: int = 1
    offset_hours: float = 0.0
    start_ms: int | None = None
    visits_per_day: float | None = None
    compiled: bool = True
    resume: bool = False
    force: bool = False
    blocks: tuple[int, int] | None = None
    """The first of the blocks to make and the one behind the last; the rest, and the manifest, others make."""
    engine: str = "local"
    scheduler: str | None = None
    partition_by: str | None = None


def count_blocks(request: Request) -> int:
    """Count the blocks of the whole dataset."""
    return -(-request.devices // block.DEVICES)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset that is begun: `done` are the blocks that need not be made, of those that are asked for."""

    request: Request
    folder: Folder
    profile: Profile
    done: list[Block]

    def make(self) -> Iterator[Block]:
        """Make the other blocks and yield each as it is done; the manifest is put into place after the last."""
        request, profile = self.request, self.profile
        first, last = _range(request)
        blocks = list(self.done)
        there = {made.number for made in blocks}
        jobs = [job for job in _jobs(request, profile) if first <= job.number < last and job.number not in there]
        for made in cluster.run(jobs, request.workers, request.scheduler) if request.engine == "dask" else local.run(jobs, request.workers):
            blocks.append(made)
            yield made
        if request.blocks is None:
            resume.finish(self.folder, _begun(request, profile), blocks, incidents=bool(profile.incidents))


def begin(request: Request) -> Dataset:
    """Look at what is there and make the folder ready. Raise ProfileError or DataError where that cannot be."""
    sink.check(request.file_format)
    # a mistake in the profile shows here, before anything is made
    profile = block.model_of(request.profile, request.name, request.seed, request.visits_per_day).profile
    _check_span(request, profile)
    if request.kind == "sessions" and request.partition_by:
        raise ProfileError("--partition-by: found --as sessions, which are known at the end; expected events or payloads")
    if request.scheduler and request.engine != "dask":
        raise ProfileError(f"--scheduler {request.scheduler}: found --engine {request.engine}; expected --engine dask")
    first, last = _range(request)
    if not first < last <= count_blocks(request):
        raise ProfileError(f"--blocks {first}:{last}: expected some of the blocks 0:{count_blocks(request)}")
    if request.engine == "dask":
        cluster.check(request.scheduler)
    folder, begun = open_folder(str(request.out)), _begun(request, profile)
    done = resume.prepare(folder, begun, request.profile, resume=request.resume, share=request.blocks is not None, force=request.force)
    return Dataset(request, folder, profile, [made for number, made in done.items() if first <= number < last])


def generate(request: Request) -> Iterator[Block]:
    """Make a dataset and yield each block, first those that were done before."""
    dataset = begin(request)
    yield from dataset.done
    yield from dataset.make()


def stream(request: Request, file: BinaryIO) -> Iterator[Tally]:
    """Write the rows of a dataset to a file, without a folder and a manifest; yield what each block has."""
    sink.check(request.file_format)
    profile = block.model_of(request.profile, request.name, request.seed, request.visits_per_day).profile
    _check_span(request, profile)
    yield from block.stream(_jobs(request, profile), file)


def _range(request: Request) -> tuple[int, int]:
    """Give the first of the blocks that are asked for, and the one behind the last."""
    return request.blocks or (0, count_blocks(request))


def _times(request: Request, profile: Profile) -> tuple[int, int]:
    """Give the beginning: since the profile's start, and as an emitted time (ms)."""
    begin = round(request.offset_hours * HOUR)
    return begin, start_ms(profile) + begin if request.start_ms is None else request.start_ms


def _check_span(request: Request, profile: Profile) -> None:
    if round(request.hours * HOUR) < 1:
        raise ProfileError(f"--hours {request.hours:g}: is less than a millisecond; expected a longer time")
    if _times(request, profile)[1] + round(request.hours * HOUR) > LATEST_MS:
        raise ProfileError(f"--hours {request.hours:g}: its end is too late; expected times from {SPAN}: a smaller --hours, or another --start")


def _jobs(request: Request, profile: Profile) -> Iterator[block.Job]:
    begin, start = _times(request, profile)
    for number, first in enumerate(range(0, request.devices, block.DEVICES)):
        yield block.Job(
            profile=request.profile,
            name=request.name,
            seed=request.seed,
            visits_per_day=request.visits_per_day,
            number=number,
            first=first,
            devices=min(block.DEVICES, request.devices - first),
            begin=begin,
            end=begin + round(request.hours * HOUR),
            epoch=start - begin,
            compiled=request.compiled,
            out=str(request.out),
            kind=request.kind,
            file_format=request.file_format,
            partition_by=request.partition_by or "",
        )


def _begun(request: Request, profile: Profile) -> Manifest:
    return Manifest(
        rumsim=__version__,
        seed=request.seed,
        profile=profile.name,
        profile_digest=digest(profile),
        versions=manifest.versions(),
        start=iso(_times(request, profile)[1]),
        offset_hours=request.offset_hours,
        hours=request.hours,
        devices=request.devices,
        devices_per_block=block.DEVICES,
        visits_per_day=request.visits_per_day or profile.population.visits_per_day,
        kind=request.kind,
        file_format=request.file_format,
        partition_by=request.partition_by or "",
    )
