"""Makes blocks on a Dask cluster: the same jobs, written by its workers to a folder that all of them see, or to an object store.

Workers of our own are processes as the local pool's are: copies of this one, once it has made a block. Dask's would begin anew, two CPU seconds each.
"""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from queue import SimpleQueue as Results
from typing import TYPE_CHECKING, Final

from msgspec import structs

from simulator.dataset import block, local
from simulator.dataset.block import Job
from simulator.dataset.folder import absolute
from simulator.dataset.manifest import Block
from simulator.errors import ProfileError, RumsimError

if TYPE_CHECKING:
    from distributed import Future

RETRIES = 2
"""Of a task whose worker was lost; assumed."""
AT_ONCE: Final = 8
"""Blocks of a task, which costs a scheduler and a worker some 5 ms, an eighth of a block's time; assumed."""
TASKS: Final = 4
"""That each worker still has before it when a task is cut, so that the last are small and all workers end together; assumed."""
QUIET: Final = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""Settings of a cluster of our own, which nobody watches: no samples of what workers are at, and loops that are looked at every second rather than
every 20 ms. Each takes the interpreter from the thread that makes blocks."""
PATIENCE_S: Final = 10.0
"""With a scheduler that does not answer, and with workers that do not end; assumed."""


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

    What a worker that is lost was at is done by others. Raise RumsimError if none is left.
    """
    from distributed import Client  # noqa: PLC0415

    if scheduler is None:
        for first in jobs[:1]:
            yield block.run(first)  # compiles, so that the workers find it done
        jobs = jobs[1:]
    if not jobs:
        return
    jobs = [structs.replace(job, out=absolute(job.out)) for job in jobs]  # workers have working folders of their own
    results: Results[Future | None] = Results()
    with ExitStack() as stack:  # the client goes before the cluster, which would warn of each result that is still wanted
        if scheduler is None:
            resource_tracker.ensure_running()  # which lets it through, if it begins later
            stack.enter_context(_ctrl_c(signal.SIG_BLOCK))  # what is half begun cannot be ended; the workers leave it to this process for ever
        try:
            client = stack.enter_context(Client(scheduler or stack.enter_context(_own(workers, results))))
        except OSError as error:
            raise _unreached(scheduler, error) from None
        tasks = client.map(_run_each, _tasks(jobs, sum(client.nthreads().values()) if scheduler else workers), pure=False, retries=RETRIES)
        for task in tasks:
            task.add_done_callback(results.put)
        for _ in tasks:
            with _ctrl_c(signal.SIG_UNBLOCK):
                done = results.get()
            if done is None:
                raise RumsimError("the workers of the cluster have ended before their blocks were done; run the same command with --resume")
            lost = done.exception()
            if lost is not None and not isinstance(lost, RumsimError):
                raise RumsimError(f"a worker of the cluster: {lost!r}; run the same command with --resume")
            yield from done.result()


@contextmanager
def _ctrl_c(how: int) -> Iterator[None]:
    """Hold Ctrl-C back meanwhile, or let it through; what is held back comes when it is let through again."""
    before = signal.pthread_sigmask(how, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _own(workers: int, results: "Results[Future | None]") -> Iterator[str]:
    """Give the address of a scheduler in this process, with workers of its own. When all of them have ended, `results` has a None.

    Subtle: processes are copied before the scheduler has begun its threads, so they wait to be told its address.
    """
    import dask  # noqa: PLC0415
    from distributed import LocalCluster  # noqa: PLC0415

    context = local.processes()
    addresses: SimpleQueue[str] = context.SimpleQueue()
    started = [context.Process(target=_work, args=(addresses,), daemon=True) for _ in range(workers)]
    for worker in started:
        worker.start()
    try:
        with dask.config.set(QUIET), LocalCluster(n_workers=0, dashboard_address=":0") as cluster:
            threading.Thread(target=_wait, args=(started, results), daemon=True).start()
            for _ in started:
                addresses.put(cluster.scheduler_address)
            yield cluster.scheduler_address
    except BaseException:
        for worker in started:  # what they have begun, --resume makes again
            worker.terminate()
        raise
    finally:
        for worker in started:
            worker.join(PATIENCE_S)
            worker.kill()  # harmless if it has ended


def _wait(workers: Sequence[BaseProcess], results: "Results[Future | None]") -> None:
    for worker in workers:
        connection.wait([worker.sentinel])
    results.put(None)


def _work(addresses: "SimpleQueue[str]") -> None:
    """Be a worker of the scheduler whose address comes, until it closes."""
    import dask  # noqa: PLC0415
    from distributed import Worker  # noqa: PLC0415

    local.begin()
    logging.getLogger("distributed").setLevel(logging.ERROR)  # it warns of whatever is stopped

    async def serve(address: str) -> None:
        with dask.config.set(QUIET):
            async with Worker(address, nthreads=1, memory_limit=None, dashboard=False) as worker:
                await worker.finished()

    asyncio.run(serve(addresses.get()))


def _tasks(jobs: Sequence[Job], workers: int) -> list[Sequence[Job]]:
    """Share jobs out."""
    tasks, begin = [], 0
    while begin < len(jobs):
        end = begin + max(1, min(AT_ONCE, (len(jobs) - begin) // (TASKS * max(1, workers))))
        tasks.append(jobs[begin:end])
        begin = end
    return tasks


def _run_each(jobs: Sequence[Job]) -> list[Block]:
    return [block.run(job) for job in jobs]
