"""A benchmark as a program: measures in turn, in interleaved rounds of one run; its options, its table, and the file that keeps all of it."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Protocol

from gates import AbsentError, Row, WrongError, document, judge, lines, summary

FORMAT = 1
Measure = Callable[[], Mapping[str, float]]
Measures = Mapping[tuple[str, ...], Measure]
"""What measures, by the figures that it gives."""


Libraries = tuple[tuple[str, ...], Path]
"""Those of which the version matters, and the folder that has some of them beside what is installed."""


class Scaled(Protocol):
    """Gives what measures."""

    def __call__(self, *, quick: bool) -> Measures:
        """Give it for rough figures, or for good ones."""


def main(
    text: str, out: Path, rows: Sequence[Row], scaled: Scaled, libraries: Libraries, arguments: Sequence[str] | None, *, tolerance: float
) -> int:
    """Measure, print the table, write it down; give the exit code: 1 if a gate is missed. `text`: what the program says of itself.

    `tolerance`: of figures that are no ratios (gates.py).
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="rows that have one of these words in their names")
    parser.add_argument("--quick", action="store_true", help="make a tenth: rough figures")
    options = parser.parse_args(arguments)
    todo = scaled(quick=options.quick)
    wanted = chosen(options.only, rows, todo)
    if options.rounds < 1:
        parser.error(f"--rounds: found {options.rounds}; expected 1 or more")
    for word in options.only:
        if not chosen([word], rows, todo):
            parser.error(f"--only: found {word}; expected a part of one of: {'; '.join(row.name for row in chosen([], rows, todo))}")
    needed = {name for row in wanted for name in row.needs}
    begun = machine()
    figures, wrong, absent = measure(options.rounds, {names: one for names, one in todo.items() if needed & {*names}})
    judged = [judge(row, figures, wrong, absent, tolerance) for row in wanted]
    print(f"{begun['processor']}, {begun['cores']} cores, load {begun['load'][0]:.1f} at the beginning; medians of {options.rounds} rounds")
    print(*lines(judged), sep="\n")
    told = {"format": FORMAT, "machine": begun, "versions": versions(libraries), "quick": options.quick, "rounds": options.rounds}
    told |= {"rows": document(judged, figures), "summary": summary(judged)}
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(told, indent=1) + "\n")
    print(summary(judged))
    return int(any(found.missed for found in judged))


def chosen(words: Sequence[str], rows: Sequence[Row], todo: Measures) -> list[Row]:
    """Give the rows that have one of the words in their names, all without words; those that this scale measures."""
    figures = {name for names in todo for name in names}
    return [row for row in rows if row.name in figures and (not words or any(word.lower() in row.name.lower() for word in words))]


def measure(number: int, todo: Measures) -> tuple[list[dict[str, float]], dict[str, str], dict[str, str]]:
    """Measure all in turn, and that `number` times; give each round's figures, why some are wrong, and why some are absent."""
    found: list[dict[str, float]] = []
    wrong: dict[str, str] = {}
    absent: dict[str, str] = {}
    began = time.perf_counter()
    for i in range(number):
        found.append({})
        for j, (names, one) in enumerate(todo.items()):
            try:
                found[-1] |= one()
            except WrongError as error:
                wrong |= dict.fromkeys(names, str(error))
            except AbsentError as error:
                absent |= dict.fromkeys(names, str(error))
            done, spent = (i * len(todo) + j + 1) / (number * len(todo)), time.perf_counter() - began
            _tell(f"round {i + 1} of {number}, {spent:.0f} s, about {spent / done - spent:.0f} s left: {names[0]}")
    return found, wrong, absent


def _tell(line: str) -> None:
    print(f"\r{line:<100}" if sys.stderr.isatty() else line, end="" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """Tell on what it was measured."""
    model = [line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {"processor": model[0] if model else platform.machine(), "cores": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()}


def versions(libraries: Libraries) -> dict[str, str]:
    """Give the versions of Python and of libraries."""
    names, folder = libraries
    there = {found.name.lower(): found.version for found in distributions(path=[*sys.path, str(folder)])}
    return {"python": platform.python_version()} | {name: there.get(name, "none") for name in names}
