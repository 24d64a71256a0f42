"""What is in memory of files: of programs and libraries, most is needed once, when they are loaded. LLVM's are 40 MB by then, and 50 in the end."""

import ctypes
import re
from pathlib import Path
from typing import Final

MAPS: Final = Path("/proc/self/smaps")
MAPPING: Final = re.compile(
    r"^([0-9a-f]+)-([0-9a-f]+) r-.p \S+ \S+ \d+ +/.*\n(?:[A-Z].*\n)*?Anonymous: +0 kB\n(?:[A-Z].*\n)*?Swap: +0 kB$", re.MULTILINE
)
"""A private mapping of a file that cannot be written, and of which nothing differs from the file, be it in memory or swapped out (Linux,
Documentation/filesystems/proc.rst)."""
DONTNEED: Final = 4  # <linux/mman.h>


def let_go() -> None:
    """Let go of what was read of files: what is needed again comes back, from the system's cache. Where it is not Linux, nothing happens.

    Subtle: only of what nobody can have changed here. The rest, such as tables in which a library has been told where it lies, is nowhere else. To be
    called while no other thread loads a library, which is changed after it has been mapped.
    """
    if MAPS.exists():
        libc = ctypes.CDLL(None)
        for begin, end in MAPPING.findall(MAPS.read_text("utf-8", "replace")):
            libc.madvise(ctypes.c_void_p(int(begin, 16)), ctypes.c_size_t(int(end, 16) - int(begin, 16)), DONTNEED)
