"""The programs beside this file, each as a process of its own: so that its CPU time and memory are its own, and gevent's patches stay there."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from families import resident_mb
from gates import WrongError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE_S = 600
LOOK_S = 0.005


class Child:
    """A program that runs."""

    def __init__(self, program: str, *arguments: object) -> None:
        """Start it."""
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
        command = [sys.executable, str(HERE / program), *map(str, arguments)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self._name = program

    def has_begun(self) -> float:
        """Wait until it says so; give when that was, in s of time.monotonic(). Raise WrongError if it says something else."""
        assert self._process.stdout
        if (line := self._process.stdout.readline()) != "begun\n":
            self.figures()
            raise WrongError(f"{self._name}: found {line!r}; expected that it begins")
        return time.monotonic()

    def figures(self) -> dict[str, Any]:
        """Wait for its end; give what its last line says. Raise WrongError if it failed."""
        try:
            said, errors = self._process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise WrongError(f"{self._name}: did not end within {PATIENCE_S} s") from None
        finally:
            self._process.kill()
        lines = said.strip().splitlines()
        if self._process.returncode or not lines:
            raise WrongError(f"{self._name}: ended with {self._process.returncode}: {(errors.strip().splitlines() or ['it said nothing'])[-1]}")
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def peak_mb(self) -> float:
        """Wait for its end; give the most memory that it and what it has started have had at once."""
        peak = 0.0
        while self._process.poll() is None:
            peak = max(peak, resident_mb(self._process.pid))
            time.sleep(LOOK_S)
        return peak

    def kill(self) -> None:
        """End it; harmless if it has ended."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def started(program: str, *arguments: object) -> Iterator[Child]:
    """Run a program; it has ended in the end, whatever happens."""
    child = Child(program, *arguments)
    try:
        yield child
    finally:
        child.kill()


def run(program: str, *arguments: object) -> dict[str, Any]:
    """Run a program to its end; give what its last line says."""
    with started(program, *arguments) as child:
        return child.figures()


def end_with(main: Callable[[], int]) -> NoReturn:
    """Run a program and end with its exit code; what it has started is stopped also when it is told to end, or interrupted."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
