"""The blocks of a dataset, in this process or in several. The same bytes whatever the number of workers."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import as_completed as finished
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from simulator import __version__
from simulator.dataset import block, labels, manifest
from simulator.dataset.manifest import Block, Manifest
from simulator.errors import DataError, ProfileError
from simulator.profile.loader import LATEST_MS, SPAN, digest, start_ms
from simulator.profile.start import iso
from simulator.profile.types import Profile

HOUR = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user asks for: `profile` is the text, `name` what messages call it.

    `start_ms`: emitted time of the beginning; None is the profile's own.
    """

    profile: str
    name: str
    devices: int
    hours: float
    seed: int
    out: Path
    file_format: str = "ndjson"
    workers: int = 1
    offset_hours: float = 0.0
    start_ms: int | None = None
    visits_per_day: float | None = None
    compiled: bool = True


def prepare(out: Path) -> Path:
    """Make the dataset's folder and that of its events; raise ProfileError if something else is there."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ProfileError(f"--out {out}: is there and is not an empty folder; name a new one, or remove it first")
        (out / "events").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProfileError(f"--out {out}: cannot be made: {error.strerror}; name a folder that you may write to") from None
    return out / "events"


def generate(request: Request) -> Iterator[Block]:
    """Make a dataset and yield each block as it is done; the manifest is written after the last."""
    # a mistake in the profile shows here, before anything is made
    profile = block.model_of(request.profile, request.name, request.seed, request.visits_per_day).profile
    _check_end(request, profile)
    events = prepare(request.out)
    copy = request.out / "profile.toml"
    try:
        copy.write_text(request.profile, "utf-8")
    except OSError as error:
        raise block.unwritten(copy, request.out, error) from None
    jobs = list(_jobs(request, profile, events))
    blocks = []
    try:
        for done in _run(jobs, request.workers):
            blocks.append(done)
            yield done
    except BrokenProcessPool:
        for part in events.glob("*.part"):
            part.unlink()
        why = "a worker process ended before its block was done (killed, or out of memory)"
        raise DataError(f"{events}: {why}; the dataset is not whole: remove {request.out}, or name another --out; try fewer --workers") from None
    if profile.incidents:
        labels.join([Path(job.truth) for job in jobs], request.out / "incidents.ndjson")
    blocks.sort(key=lambda b: b.first_device)
    try:
        manifest.write(request.out, _manifest(request, profile, jobs[0], blocks))
    except OSError as error:
        raise block.unwritten(request.out / "manifest.json", request.out, error) from None


def _times(request: Request, profile: Profile) -> tuple[int, int]:
    """Give the beginning: since the profile's start, and as an emitted time (ms)."""
    begin = round(request.offset_hours * HOUR)
    return begin, start_ms(profile) + begin if request.start_ms is None else request.start_ms


def _check_end(request: Request, profile: Profile) -> None:
    if _times(request, profile)[1] + round(request.hours * HOUR) > LATEST_MS:
        raise ProfileError(f"--hours {request.hours:g}: its end is too late; expected times from {SPAN}: a smaller --hours, or another --start")


def _jobs(request: Request, profile: Profile, events: Path) -> Iterator[block.Job]:
    begin, start = _times(request, profile)
    for number, first in enumerate(range(0, request.devices, block.DEVICES)):
        yield block.Job(
            profile=request.profile,
            seed=request.seed,
            visits_per_day=request.visits_per_day,
            first=first,
            devices=min(block.DEVICES, request.devices - first),
            begin=begin,
            end=begin + round(request.hours * HOUR),
            epoch=start - begin,
            path=str(events / f"block-{number:05}.{request.file_format}"),
            compiled=request.compiled,
            name=request.name,
            truth=str(request.out / f"incidents-{number:05}.part") if profile.incidents else "",
        )


def _run(jobs: list[block.Job], workers: int) -> Iterator[Block]:
    if workers == 1:
        yield from map(block.run, jobs)
        return
    first, *rest = jobs
    yield block.run(first)  # compiles, so that the workers find it done
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _end_with_parent) as pool:
        try:
            for future in finished([pool.submit(block.run, job) for job in rest]):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """End this worker when its parent ends, however that does: else it would wait for work that nobody gives."""

    def wait() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _manifest(request: Request, profile: Profile, job: block.Job, blocks: list[Block]) -> Manifest:
    return Manifest(
        rumsim=__version__,
        seed=request.seed,
        profile=profile.name,
        profile_digest=digest(profile),
        versions=manifest.versions(),
        start=iso(job.epoch + job.begin),
        offset_hours=request.offset_hours,
        hours=request.hours,
        devices=request.devices,
        visits_per_day=request.visits_per_day or profile.population.visits_per_day,
        file_format=request.file_format,
        rows=sum(b.rows for b in blocks),
        digest=manifest.digest_of([b.digest for b in blocks]),
        blocks=blocks,
    )
