"""Processes and those that they have started: what memory they have. Linux alone tells it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def family(pid: int) -> Iterator[int]:
    """Give a process and those that it has started."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def resident_mb(pid: int) -> float:
    """Give the memory of a process, and what those that it has started have for themselves; 0 of what has ended."""
    first, *others = family(pid)
    return (_kb(first, "Rss") + sum(_kb(other, "Private_Clean", "Private_Dirty") for other in others)) * 1024 / 1e6


def _kb(pid: int, *names: str) -> int:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        return sum(int(line.split()[1]) for line in lines if line.split(":")[0] in names)
    return 0
