"""A thread beside the event loop, for what is not due: compiled code in it leaves the interpreter to the loop."""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from gevent.threadpool import ThreadPool

from simulator.load.threads import give_way

P = ParamSpec("P")
T = TypeVar("T")


class Computing:
    """Does one thing at a time, in the order in which it is asked to; who asks waits, other greenlets go on meanwhile."""

    def __init__(self) -> None:
        """Start the thread."""
        self._threads = ThreadPool(1)
        self._threads.apply(give_way)
        self.cpu_s = 0.0
        """CPU time that it has taken so far."""

    def do(self, f: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `f` in the thread; return what it returns, or raise what it raises."""

        def call() -> tuple[T | None, BaseException | None]:
            began_s = time.thread_time()
            try:
                return f(*args, **kwargs), None
            except BaseException as error:  # noqa: BLE001 - given back, as gevent prints what a thread raises
                return None, error
            finally:
                self.cpu_s += time.thread_time() - began_s

        result, error = self._threads.apply(call)
        if error is not None:
            raise error
        return cast("T", result)

    def close(self) -> None:
        """End the thread."""
        self._threads.kill()
