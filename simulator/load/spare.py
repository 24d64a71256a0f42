"""Work that the event loop does when it has nothing else to do, in small slices, so that nothing that is due waits long for it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gevent.hub import Waiter


class Spare:
    """Runs iterables, one after the other, a step at a time: the time that a step takes is the delay that it can cause. A step must not block."""

    def __init__(self, loop: Any) -> None:  # noqa: ANN401 - gevent's loops share no type
        """Have nothing to do."""
        self._loop, self._idle = loop, loop.idle()
        self._work: deque[tuple[Iterator[object], Waiter[None]]] = deque()

    def do(self, steps: Iterable[object]) -> None:
        """Take all steps; return when they are done, or raise what one of them raises. Other greenlets go on meanwhile."""
        waiter: Waiter[None] = Waiter()
        if not self._work:
            self._idle.start(self._step)
        self._work.append((iter(steps), waiter))
        waiter.get()

    def _step(self) -> None:
        steps, waiter = self._work[0]
        try:
            next(steps)
        except StopIteration:
            self._finish(waiter.switch, None)
        except BaseException as error:  # noqa: BLE001 - it is raised again, where the work was given
            self._finish(waiter.throw, error)

    def _finish(self, go_on: Callable[..., object], *with_what: object) -> None:
        """Let who gave the work go on: not from here, where the loop's clock stands still, by which timers would be set."""
        self._loop.run_callback(go_on, *with_what)
        self._work.popleft()
        if not self._work:
            self._idle.stop()

    def close(self) -> None:
        """Free the watcher."""
        self._idle.stop()
        self._idle.close()
