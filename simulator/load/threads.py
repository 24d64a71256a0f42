"""What the operating system and the interpreter are told, so that what is due does not wait for what is not.

Where they know no such thing they are told nothing. None of it needs a privilege.
"""

import contextlib
import ctypes
import fcntl
import gc
import os
import platform
import resource
import signal
import struct
import sys
import threading
from pathlib import Path
from typing import Any, Final

SLICE_NS: Final = 100_000
"""The least that Linux takes (since 6.12). A thread that asks for short turns gets them soon, in the middle of another's longer one."""
NICE: Final = 10  # assumed: of what computes; the weight of a tenth of another's (Linux, sched_prio_to_weight)
PR_SET_PDEATHSIG: Final = 1  # <linux/prctl.h>
SCHED_SETATTR: Final = {"x86_64": 314, "aarch64": 274}  # <asm/unistd.h>
YOUNG: Final = 100_000  # assumed: objects that make the garbage collector look for cycles; what is sent in a window makes none
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # <malloc.h>
KEPT_BYTES, LARGE_BYTES = 256 << 20, 32 << 20  # assumed: more than the payloads of some windows take; the most that glibc allows


def be_prompt() -> None:
    """Let the calling thread, which sends, run as soon as something is due."""
    number = SCHED_SETATTR.get(platform.machine())
    if sys.platform == "linux" and number is not None:
        # struct sched_attr <linux/sched/types.h>: size, policy, flags, nice, priority; of ordinary threads, the slice is what is called runtime
        nice = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        attributes = struct.pack("IIQiIQQQ", struct.calcsize("IIQiIQQQ"), os.SCHED_OTHER, 0, nice, 0, SLICE_NS, 0, 0)
        _libc().syscall(number, 0, attributes, 0)


def give_way() -> None:
    """Let others run before the calling thread, and interrupt nobody: what it computes is for later. Its turns stay long, so that others end them."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        number = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, number, max(NICE, os.getpriority(os.PRIO_PROCESS, number)))  # less would take a privilege


def end_with_parent() -> None:
    """Have the calling process end at once when the one that made it has, however that came about; elsewhere it notices later."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def keep_memory() -> None:
    """Give no memory back that is needed again at once."""
    if sys.platform == "linux" and hasattr(libc := _libc(), "mallopt"):  # musl has none
        libc.mallopt(TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(MMAP_THRESHOLD, LARGE_BYTES)  # told one, glibc no longer adapts the other: each larger array would be mapped anew


def keep_objects() -> None:
    """Have nobody look through what is there by now (90 ms, in which nothing is sent)."""
    gc.unfreeze()  # what an earlier run has left behind is garbage by now
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def keep_files(count: int) -> None:
    """Have room for so many open files: later, Linux would have who opens one more wait for a larger table (6 ms, in which nothing is sent)."""
    with Path(os.devnull).open("rb") as some, contextlib.suppress(OSError, ValueError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        os.close(fcntl.fcntl(some, fcntl.F_DUPFD_CLOEXEC, count if most == resource.RLIM_INFINITY else min(count, most - 1)))


def _libc() -> Any:  # noqa: ANN401 - ctypes has no type for what a library holds
    return ctypes.CDLL(None)
