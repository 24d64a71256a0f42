"""What was read of files is let go, and nothing else."""

import ctypes
import mmap
import re
import sys
from pathlib import Path

import pytest

from simulator.kernel.mapped import MAPPING, let_go

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is let go")
SIZE = 64 * mmap.PAGESIZE
READ = 1  # PROT_READ <linux/mman.h>


def resident_kb(path: Path) -> int:
    """Give how much of a mapped file is in memory."""
    found = re.search(rf"{path}\n(?:[A-Z].*\n)*?Rss: +(\d+) kB", Path("/proc/self/smaps").read_text())
    assert found
    return int(found[1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Write a file of some pages."""
    path = tmp_path / "some"
    path.write_bytes(b"x" * SIZE)
    return path


def test_what_was_read_is_let_go_and_comes_back(file: Path) -> None:
    """A file that was read takes no memory any more, and is the same when it is read again."""
    with file.open("rb") as some, mmap.mmap(some.fileno(), SIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ) as mapped:
        assert mapped[:] == b"x" * SIZE
        assert resident_kb(file) == SIZE // 1024
        let_go()
        assert resident_kb(file) == 0
        assert mapped[:] == b"x" * SIZE


@pytest.mark.parametrize("closed", [False, True], ids=["which can be written", "which can no longer be written"])
def test_what_was_changed_stays(file: Path, closed: bool) -> None:
    """Changes that are in memory alone are not lost."""
    with file.open("rb") as some, mmap.mmap(some.fileno(), SIZE, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE) as mapped:
        mapped[5] = ord("y")
        begin = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
        if closed:
            assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(begin), ctypes.c_size_t(SIZE), READ) == 0
        let_go()
        assert ctypes.string_at(begin, 7) == b"xxxxxyx"


@pytest.mark.parametrize(("anonymous", "swapped", "goes"), [(0, 0, True), (8, 0, False), (0, 64, False)])
def test_what_differs_is_not_let_go_wherever_it_is(anonymous: int, swapped: int, goes: bool) -> None:
    """What a library's loader has changed and the system has swapped out is nowhere else, either; the mapping behind is another."""
    first = f"7f00-7f10 r--p 0000 08:01 12 /lib/some.so\nRss: 0 kB\nAnonymous: {anonymous} kB\nKSM: 0 kB\nSwap: {swapped} kB\nLocked: 0 kB\n"
    behind = "7f10-7f20 rw-p 0000 08:01 12 /lib/some.so\nRss: 0 kB\nAnonymous: 0 kB\nSwap: 0 kB\n"
    assert MAPPING.findall(first + behind) == ([("7f00", "7f10")] if goes else [])
