"""A process beside the event loop's, for what is not due: a copy of it, with all compiled code that has been loaded there.

A thread would need the interpreter's lock, which the loop gives away with each call of the system: it would wait whenever it wants it back.
"""

import gc
import os
import pickle
import signal
import struct
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Concatenate, Final, Generic, NoReturn, ParamSpec, TypeVar, cast

import gevent
import gevent.os
from gevent.event import AsyncResult
from gevent.lock import Semaphore
from gevent.monkey import get_original

from simulator.errors import DataError, RumsimError
from simulator.load.threads import end_with_parent, give_way

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
_fork, _close = get_original("os", "fork"), get_original("os", "close")
"""gevent's own would begin an event loop in the copy, and leave closing to the loop."""
LENGTH: Final = struct.Struct("<Q")
READ_BYTES: Final = 1 << 16  # a pipe of Linux has no more
LOOK_S: Final = 0.005  # assumed: how often one that is ending is asked whether it has


class Computing(Generic[S]):
    """Has something, and calls its methods, one at a time and in the order in which it is asked to.

    Who asks waits; other greenlets go on meanwhile.
    """

    def __init__(self, build: Callable[P, S], *args: P.args, **kwargs: P.kwargs) -> None:
        """Start the process, and have it build what it has; return when that is done, or raise what it raises."""
        (theirs, self._down), (self._up, to_us) = os.pipe(), os.pipe()
        self.pid = _fork()
        if not self.pid:
            _serve(theirs, to_us, lambda: build(*args, **kwargs))
        _close(theirs)
        _close(to_us)
        for file in (self._up, self._down):
            gevent.os.make_nonblocking(file)
        self.cpu_s = 0.0
        """CPU time that it had taken when it last answered."""
        self._asked: deque[AsyncResult[Any]] = deque()
        self._sending = Semaphore()
        self._reader = gevent.spawn(self._read)
        built: AsyncResult[None] = AsyncResult()
        self._asked.append(built)
        try:
            built.get()
        except BaseException:
            self.close()
            raise

    def do(self, method: Callable[Concatenate[S, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of what the process has; return what it returns, or raise what it raises. Raise DataError if the process has ended."""
        answer: AsyncResult[T] = AsyncResult()
        with self._sending:
            if self._reader.dead:
                raise _ended()
            self._asked.append(answer)
            with suppress(BrokenPipeError):  # who reads notices it, too
                _send(gevent.os.nb_write, self._down, (method.__name__, args, kwargs))  # to look up the method itself would take 50 us
        return cast("T", answer.get())

    def close(self) -> None:
        """End the process; harmless when repeated. What it is at is given up."""
        if self._down < 0:
            return
        _close(self._down)
        self._down = -1
        if self._asked:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._reader.join()
        with suppress(ChildProcessError):  # the loop may have asked for all of our children
            while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
                gevent.sleep(LOOK_S)

    def _read(self) -> None:
        """Hand out answers, until the process ends."""
        data = b""
        try:
            while more := gevent.os.nb_read(self._up, READ_BYTES):
                data += more
                while len(data) >= LENGTH.size and len(data) >= (end := LENGTH.size + LENGTH.unpack_from(data)[0]):
                    is_error, self.cpu_s, words = pickle.loads(data[LENGTH.size : end])  # noqa: S301 - by this program
                    value = pickle.loads(words)  # noqa: S301
                    data = data[end:]
                    answer = self._asked.popleft()
                    if is_error:
                        answer.set_exception(value)
                    else:
                        answer.set(value)
        finally:
            _close(self._up)
            while self._asked:
                self._asked.popleft().set_exception(_ended())


def apart(f: Callable[[], object]) -> None:
    """Call `f` in a copy of this process: what it loads takes no memory here. Exit as the copy does, if it fails."""
    pid = _fork()
    if not pid:
        code = 1
        try:
            end_with_parent()
            f()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - it goes no further in the copy
            traceback.print_exc()
        finally:
            os._exit(code)
    if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        if code < 0:
            sys.stderr.write(
                f"rumsim: the process that compiles was ended by {signal.Signals(-code).name}: if memory ran out, free some; run again\n"
            )
        sys.exit(code if code > 0 else 128 - code)


def _send(write: Callable[[int, memoryview], int], file: int, value: object) -> None:
    words = pickle.dumps(value, protocol=5)
    rest = memoryview(LENGTH.pack(len(words)) + words)
    while rest:
        rest = rest[write(file, rest) :]


def _ended() -> RumsimError:
    return DataError("the process that computes ahead has ended (killed, or out of memory): free some, or give fewer --rum-devices, and run again")


# ----------------------------------------------------------------------------------------------------------------------------- the process itself
def _serve(asked: int, answers: int, build: Callable[[], Any]) -> NoReturn:
    """Build, then do what is asked for, until the loop's process closes its end, or has ended.

    Nothing of gevent's, and nothing that is open, is of use here; nobody may collect what would close a file that has another's number by now.
    """
    code = 1
    try:
        end_with_parent()
        gc.freeze()
        for number in (signal.SIGINT, signal.SIGTERM):  # they are for the loop's, which drains first
            signal.signal(number, signal.SIG_IGN)
        for file in {int(name) for name in os.listdir("/dev/fd")} - {0, 1, 2, asked, answers}:  # noqa: PTH208 - the system's own numbers
            with suppress(OSError):
                _close(file)
        give_way()
        has, is_error = _answer(answers, build, returns=False)
        with os.fdopen(asked, "rb") as commands:
            while not is_error and (head := commands.read(LENGTH.size)):
                name, args, kwargs = pickle.loads(commands.read(*LENGTH.unpack(head)))  # noqa: S301 - by this program
                _answer(answers, partial(getattr(has, name), *args, **kwargs))
        code = 0
    except BrokenPipeError:
        code = 0
    except BaseException:  # noqa: BLE001 - a copy of the loop's process must not go on as that
        traceback.print_exc()
    finally:
        os._exit(code)


def _answer(file: int, call: Callable[[], Any], *, returns: bool = True) -> tuple[Any, bool]:
    """Call, and say what came of it, but for the value if that is to stay here; give the value, and whether it is an error."""
    is_error = False
    try:
        value = call()
        words = pickle.dumps(value if returns else None, protocol=5)
    except Exception as error:  # noqa: BLE001 - it is raised where it was asked for
        is_error, value = True, _portable(error)
        words = pickle.dumps(value, protocol=5)
    _send(os.write, file, (is_error, time.process_time(), words))
    return value, is_error


def _portable(error: Exception) -> Exception:
    """Give an error as it can be sent: with where it was, if it is not the user's; some cannot be put into words, or not be made of them again."""
    if not isinstance(error, RumsimError):
        error.add_note(traceback.format_exc())
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - by this program
    except Exception:  # noqa: BLE001 - whatever they raise
        return RuntimeError(f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
    return error
