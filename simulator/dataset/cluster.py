"""Makes blocks on a Dask cluster: the same jobs, written by its workers to a folder that all of them see, or to an object store."""

import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from typing import Final

from msgspec import structs

from simulator.dataset import block
from simulator.dataset.block import Job
from simulator.dataset.folder import absolute
from simulator.dataset.manifest import Block
from simulator.errors import ProfileError, RumsimError

RETRIES = 2
"""Of a task whose worker was lost; assumed."""
AT_ONCE: Final = 8
"""Blocks of a task, which costs a scheduler and a worker some 5 ms, an eighth of a block's time; assumed."""
TASKS: Final = 4
"""That each worker has at least, so that all of them end together; assumed."""
SPAWNED: Final = {"MALLOC_TRIM_THRESHOLD_": "-1", "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}
"""How workers of our own begin: they keep memory, which the next block needs again. Dask's own setting, to which the environment is preferred, gives
back all above 64 KB, and glibc, told either of the two, no longer adapts the other (mallopt(3)): each larger array would be mapped anew."""
PATIENCE_S: Final = 10.0  # assumed: with a scheduler that does not answer


def check(scheduler: str | None) -> None:
    """Raise ProfileError if Dask is not installed, or nobody answers at an address.

    A client that fails would leave its event loop behind, unfit for the next.
    """
    try:
        from distributed.comm import get_address_host_port, parse_address  # noqa: PLC0415
        from distributed.comm.registry import get_backend  # noqa: PLC0415
    except ImportError:
        raise ProfileError("--engine dask: needs distributed: install rumsim[dask], or leave --engine out") from None
    if scheduler is None:
        return
    try:
        scheme, _ = parse_address(scheduler)
        get_backend(scheme)
        if scheme in ("tcp", "tls"):
            socket.create_connection(get_address_host_port(scheduler), PATIENCE_S).close()
    except (OSError, ValueError) as error:  # ValueError: it is no address
        raise _unreached(scheduler, error) from None


def _unreached(scheduler: str | None, error: Exception) -> ProfileError:
    if scheduler is None:
        return ProfileError(f"--engine dask: no cluster can be started here: {error}; leave --engine out, or name a --scheduler")
    return ProfileError(f"--scheduler {scheduler}: cannot be reached: {error}; expected the address of a Dask scheduler")


def run(jobs: Sequence[Job], workers: int, scheduler: str | None) -> Iterator[Block]:
    """Yield each block as it is done, by the cluster at an address, or by one of this machine's own; `check` comes before.

    What a worker that is lost was at is done by others.
    """
    from distributed import Client, LocalCluster, as_completed  # noqa: PLC0415

    with ExitStack() as stack:  # the client goes before the cluster, which would warn of each result that is still wanted
        try:
            with _environment(SPAWNED), _uninterrupted():
                cluster = scheduler or stack.enter_context(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0"))
                client = stack.enter_context(Client(cluster))
                if scheduler is None:
                    stack.push(_stop)
        except OSError as error:
            raise _unreached(scheduler, error) from None
        jobs = [structs.replace(job, out=absolute(job.out)) for job in jobs]  # workers have working folders of their own
        for future in as_completed(client.map(_run_each, _tasks(jobs, sum(client.nthreads().values())), pure=False, retries=RETRIES)):
            lost = future.exception()
            if lost is not None and not isinstance(lost, RumsimError):
                raise RumsimError(f"a worker of the cluster: {lost!r}; run the same command with --resume")
            yield from future.result()


def _stop(kind: type[BaseException] | None, *_: object) -> None:
    """Stop the workers of a cluster of our own at once where the run ends early: what they have begun, --resume makes again.

    Left to itself, the cluster waits 4 s for each, and warns of all that it had under way.
    """
    if kind is not None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        for worker in multiprocessing.active_children():
            worker.kill()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back meanwhile, since a cluster that is half begun cannot be ended; processes that begin leave it to this one for ever."""
    resource_tracker.ensure_running()  # which would let it through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the processes that are started meanwhile, but for those that the user has set."""
    new = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(new)
    try:
        yield
    finally:
        for name in new:
            del os.environ[name]


def _tasks(jobs: Sequence[Job], workers: int) -> list[Sequence[Job]]:
    """Share jobs out."""
    size = max(1, min(AT_ONCE, len(jobs) // (TASKS * max(1, workers))))
    return [jobs[i : i + size] for i in range(0, len(jobs), size)]


def _run_each(jobs: Sequence[Job]) -> list[Block]:
    return [block.run(job) for job in jobs]
