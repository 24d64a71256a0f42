"""What the system is told of threads, in threads and an interpreter of their own."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from simulator.load.threads import NICE, YOUNG, be_prompt, give_way

KEPT = """
import gc
from simulator.load.threads import keep_memory, keep_objects
keep_memory()
keep_objects()
kept = gc.get_freeze_count()
there = [[] for _ in range(1000)]
keep_objects()
print(kept > 1000, gc.get_freeze_count() > kept, *gc.get_threshold())
"""

ROOM = """
from pathlib import Path
from simulator.load.threads import keep_files

def status():
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(said["FDSize"]), len([*Path("/proc/self/fd").iterdir()])

before = status()
keep_files(3000)
keep_files(10**9)  # more than any system has
after = status()
print(before[0] < 3000 <= after[0], after[1] == before[1])
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is told")


def told(tell: Callable[[], None]) -> tuple[int, int]:
    """Give the policy and the niceness of a thread that has told the system something."""
    found: list[tuple[int, int]] = []

    def run() -> None:
        tell()
        found.append((os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


@linux
def test_who_computes_gives_way() -> None:
    """The thread that computes is a nice one that interrupts nobody; the others stay as they are."""
    before = told(lambda: None)
    assert told(give_way) == (os.SCHED_BATCH, max(NICE, before[1]))
    assert told(lambda: None) == before


@linux
def test_who_sends_stays_an_ordinary_thread() -> None:
    """Its turns become short, its policy and niceness stay, and asking twice is harmless."""
    before = told(lambda: None)
    assert told(lambda: (be_prompt(), be_prompt(), None)[2]) == before


def test_what_is_there_is_kept() -> None:
    """The garbage collector leaves alone what is there, also what has come since, and looks for more only when there is much."""
    ended = subprocess.run([sys.executable, "-c", KEPT], check=True, capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["True", "True", str(YOUNG), "10", "10"]


@linux
def test_there_is_room_for_files() -> None:
    """The system's table of open files is large before they are opened; none stays open for it, and what cannot be had is no error."""
    ended = subprocess.run([sys.executable, "-c", ROOM], check=True, capture_output=True, text=True, timeout=60)
    assert ended.stdout.split() == ["True", "True"]
