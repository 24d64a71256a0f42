"""A timer that fires to the microsecond: Linux's timerfd on the event loop, where there is one; elsewhere the loop's own, which counts in ms."""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

CLOCK_MONOTONIC: Final = 1  # <linux/time.h>; time.monotonic_ns() reads it
TFD_NONBLOCK, TFD_CLOEXEC, TFD_TIMER_ABSTIME = os.O_NONBLOCK, os.O_CLOEXEC, 1  # <sys/timerfd.h>
READ: Final = 1  # of the loop's io watchers
SECOND_NS: Final = 1_000_000_000


class Timer(Protocol):
    """Calls back at an instant; who is called sets it again."""

    def at(self, due_ns: int) -> None:
        """Fire at this instant of time.monotonic_ns(), at once if it has passed; 0: not at all. What was set before is forgotten."""

    def close(self) -> None:
        """Never fire again, whatever `at` says."""


def timer(loop: Any, fire: Callable[[], None]) -> Timer:  # noqa: ANN401 - gevent's loops share no type
    """Give the most precise timer that this system has."""
    return _TimerFd(loop, fire) if sys.platform == "linux" else _Coarse(loop, fire)


class _Spec(ctypes.Structure):
    """`struct itimerspec`: interval, then value, each in s and ns."""

    _fields_ = (("every_s", ctypes.c_long), ("every_ns", ctypes.c_long), ("s", ctypes.c_long), ("ns", ctypes.c_long))


class _TimerFd:
    """Setting the timer again also clears that it has fired, so nothing ever has to be read. What is due already needs no setting: it has fired."""

    def __init__(self, loop: Any, fire: Callable[[], None]) -> None:  # noqa: ANN401
        libc = ctypes.CDLL(None, use_errno=True)
        self._file = libc.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._set, self._spec = libc.timerfd_settime, _Spec()
        self._set.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        self._where = ctypes.addressof(self._spec)
        self._due_ns = 0
        self._watcher = loop.io(self._file, READ, priority=loop.MAXPRI)  # of all that the loop finds at once, what is due comes first
        self._watcher.start(fire)

    def at(self, due_ns: int) -> None:
        if self._file < 0:  # closed: its number may be another's by now
            return
        if due_ns > 0 and self._due_ns > 0 and max(due_ns, self._due_ns) <= time.monotonic_ns():
            return
        self._due_ns = due_ns
        self._spec.s, self._spec.ns = divmod(due_ns, SECOND_NS)
        self._set(self._file, TFD_TIMER_ABSTIME, self._where, None)

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()
        os.close(self._file)
        self._file = -1


class _Coarse:
    def __init__(self, loop: Any, fire: Callable[[], None]) -> None:  # noqa: ANN401
        self._loop, self._fire = loop, fire
        self._watcher = loop.timer(0)
        self._is_closed = False

    def at(self, due_ns: int) -> None:
        self._watcher.stop()
        if due_ns and not self._is_closed:
            self._watcher.close()
            self._loop.update_now()
            self._watcher = self._loop.timer(max(0.0, (due_ns - time.monotonic_ns()) / SECOND_NS))
            self._watcher.start(self._fire)

    def close(self) -> None:
        self._watcher.stop()
        self._watcher.close()
        self._is_closed = True
