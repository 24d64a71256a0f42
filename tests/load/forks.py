"""Locusts that end soon, all from one interpreter, which has loaded what each of them needs, the compiled code above all.

A start from nothing takes two seconds of a core. Each is a process of its own, forked before Locust is started; from there on it does what
`python -m locust` does. stdin: JSON, the words of Locust's command line by folder, where it is started and what it prints is kept as `out` and
`err`. stdout: JSON, the exit codes.
"""

import json
import os
import runpy
import sys
from pathlib import Path

import locust.main  # noqa: F401 - it patches the interpreter, before anything else is made

from simulator.play.cohort import warm_up


def _become_locust(folder: Path, words: list[str]) -> None:
    """Make this process one that was started with these words in that folder, and play Locust; it ends as that ends."""
    os.setsid()
    os.chdir(folder)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.argv = ["locust", *words]
    runpy.run_module("locust", run_name="__main__", alter_sys=True)


def _main() -> None:
    warm_up()
    children = {}
    for folder, words in json.load(sys.stdin).items():
        if not (child := os.fork()):
            _become_locust(Path(folder), words)
            return
        children[folder] = child
    json.dump({folder: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for folder, child in children.items()}, sys.stdout)


if __name__ == "__main__":
    _main()
