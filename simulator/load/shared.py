"""Memory that a process and its copy share: what one writes, the other has without a copy. Nobody is told of it: that takes a message."""

import mmap
import sys
import weakref
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import DataError, LagError

SIZE: Final = 1 << 32
"""Addresses that are set aside, not memory: a page takes some when it is first written. Assumed: more than the payloads of some windows take."""
PAGE: Final = 1 << 12
MAP_NORESERVE: Final = 0x4000 if sys.platform == "linux" else 0  # <asm-generic/mman.h>; Python has no name for it before 3.12
Bytes = NDArray[np.uint8]


def shared(size: int = SIZE) -> mmap.mmap:
    """Give memory that processes share that are made from now on. Raise DataError where the system sets no such addresses aside."""
    try:
        return mmap.mmap(-1, size, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | MAP_NORESERVE)
    except OSError as error:
        raise DataError(
            f"{size >> 30} GiB of addresses could not be set aside ({error.strerror}), of which little becomes memory: "
            "raise ulimit -v, or set vm.overcommit_memory to 0"
        ) from error


class Pieces:
    """Pieces of shared memory that one process lends to another. To be made before there are two of them.

    Who lends calls `new` and `take_back`, who borrows `borrow` and `returned`.
    """

    def __init__(self) -> None:
        """Lend nothing yet."""
        self._memory = shared()
        self._end = 0
        self._size_of: dict[int, int] = {}
        """By where a piece begins."""
        self._free: dict[int, list[int]] = {}
        """Where pieces begin that came back, by size."""
        self._lent: dict[int, weakref.ref[Bytes]] = {}
        self._returned: list[int] = []

    def new(self, size: int) -> tuple[int, Bytes]:
        """Give a piece of so many bytes, and where it begins. Raise LagError if there is no room."""
        rounded = max(PAGE, 1 << (size - 1).bit_length())  # so that it serves another, of about that size
        if free := self._free.get(rounded):
            begin = free.pop()
        else:
            begin = self._end
            if begin + rounded > SIZE:
                raise LagError(f"payloads of {SIZE >> 30} GiB were computed and not sent: lower --rum-rate or --rum-speed, or add workers")
            self._end, self._size_of[begin] = begin + rounded, rounded
        return begin, np.frombuffer(self._memory, np.uint8, size, begin)

    def take_back(self, begins: Iterable[int]) -> None:
        """Have pieces, by where they begin, to lend again."""
        for begin in begins:
            self._free.setdefault(self._size_of[begin], []).append(begin)

    def borrow(self, begins: list[int]) -> Bytes:
        """Give the memory, whole. These pieces are given back when it and all that is cut from it is gone."""
        memory = np.frombuffer(self._memory, np.uint8)
        first = begins[0]

        def give_back(_: object) -> None:
            del self._lent[first]
            self._returned += begins

        self._lent[first] = weakref.ref(memory, give_back)
        return memory

    def returned(self) -> list[int]:
        """Tell which pieces were given back since the last call."""
        returned, self._returned = self._returned, []
        return returned
