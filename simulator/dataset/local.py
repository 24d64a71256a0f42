"""Makes blocks on this machine, in this process or in several."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import as_completed as finished
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import ForkContext, SpawnContext

from simulator.dataset import block
from simulator.dataset.block import Job
from simulator.dataset.manifest import Block
from simulator.errors import DataError


def run(jobs: Sequence[Job], workers: int) -> Iterator[Block]:
    """Yield each block as it is done. Raise DataError if a worker dies."""
    if workers == 1 or len(jobs) < 2:  # noqa: PLR2004
        yield from map(block.run, jobs)
        return
    first, *rest = jobs
    yield block.run(first)  # compiles, so that the workers find it done
    with ProcessPoolExecutor(workers, processes(), begin) as pool:
        try:
            for future in finished([pool.submit(block.run, job) for job in rest]):
                yield future.result()
        except BrokenProcessPool:
            why = "a worker process ended before its block was done (killed, or out of memory)"
            raise DataError(f"{first.out}: {why}; run the same command with --resume, perhaps with fewer --workers") from None
        except BaseException:
            for worker in multiprocessing.active_children():  # what they have begun, --resume makes again
                worker.terminate()
            pool.shutdown(cancel_futures=True)
            raise


def processes() -> ForkContext | SpawnContext:
    """Choose how workers start: as copies of this process, which has loaded the compiled code, or anew, which takes 2 CPU seconds each.

    Subtle: a copy has one thread, whatever locks the others held. Those that libraries start by themselves (OpenBLAS, Arrow) are ready for it, those
    that Python knows may not be; and elsewhere than on Linux the system's own libraries are not.
    """
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


def begin() -> None:
    """Begin a worker: it ends when its parent does, however that comes about, and silently on Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

    def wait() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
