"""A benchmark's rows: what was measured, what must hold of it, and the verdict.

- A figure is the median of the rounds, a ratio the median of the ratios of each round, so that what slows a whole round down does not matter.
- A row with a ratio is judged by it, exactly; one without by its figure, with the tolerance of the benchmark: a figure depends on the machine.
- What did the wrong thing is missed. What this machine cannot measure, for want of a program, is skipped.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

HEAD = ("", "figure", "unit", "ratio", "gate", "goal", "verdict")
WIDTHS = (34, 14, 12, 9, 15, 15, 0)


class WrongError(Exception):
    """A measurement that cannot be made, or whose subject did the wrong thing: says which."""


class AbsentError(Exception):
    """A measurement for which this machine lacks a program: says which."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, called as its figure is. `gate` must hold, `goal` is hoped for; both are of the ratio if there is one."""

    name: str
    unit: str
    gate: float | None = None
    goal: float | None = None
    ratio: tuple[str, str] | None = None
    """The figures of which the first is divided by the second."""
    at_most: bool = False
    """The gate is what must not be exceeded."""

    @property
    def needs(self) -> set[str]:
        """The figures that it takes."""
        return {self.name, *(self.ratio or ())}


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what was found. Of what could not be measured the figure is None, and the verdict says why."""

    row: Row
    figure: float | None
    ratio: float | None
    verdict: str

    @property
    def missed(self) -> bool:
        """Whether its gate is missed."""
        return self.verdict.startswith("MISSED")

    @property
    def skipped(self) -> bool:
        """Whether it was not measured."""
        return self.verdict.startswith("skipped")


def judge(row: Row, rounds: Sequence[Mapping[str, float]], wrong: Mapping[str, str], absent: Mapping[str, str], tolerance: float) -> Judged:
    """Give the verdict. `rounds`: their figures; `wrong`, `absent`: why one is missing; `tolerance`: of those that are no ratios."""
    for name in sorted(row.needs):
        if name in wrong:
            return Judged(row, None, None, f"MISSED: {wrong[name]}")
    for name in sorted(row.needs):
        if name in absent:
            return Judged(row, None, None, f"skipped: {absent[name]}")
    figure = median(found[row.name] for found in rounds)
    if row.ratio is None:
        return Judged(row, figure, None, _verdict(row, figure, tolerance))
    over, under = row.ratio
    ratio = median(found[over] / found[under] for found in rounds)
    return Judged(row, figure, ratio, _verdict(row, ratio, 0.0))


def _verdict(row: Row, value: float, tolerance: float) -> str:
    def reaches(bar: float | None, slack: float) -> bool:
        if bar is None:
            return False
        return value <= bar * (1 + slack) if row.at_most else value >= bar * (1 - slack)

    if row.gate is None:
        return ""
    if reaches(row.goal, 0.0):
        return "goal"
    if reaches(row.gate, 0.0):
        return "holds"
    return f"holds within {tolerance:.0%}" if tolerance and reaches(row.gate, tolerance) else "MISSED"


def lines(judged: Iterable[Judged]) -> Iterable[str]:
    """Give the table, line by line."""
    yield _line(HEAD)
    for found in judged:
        row, sign = found.row, "x" if found.row.ratio else ""
        bars = (f"{'<=' if row.at_most else '>='} {_number(bar)}{sign}" if bar is not None else "" for bar in (row.gate, row.goal))
        ratio = "" if found.ratio is None else f"{_number(found.ratio)}x"
        yield _line((row.name, "" if found.figure is None else _number(found.figure), row.unit, ratio, *bars, found.verdict))


def summary(judged: Sequence[Judged]) -> str:
    """Give the last line."""
    gated = [found for found in judged if found.row.gate is not None and not found.skipped]
    missed = [found.row.name for found in gated if found.missed]
    goals = sum(found.verdict == "goal" for found in gated)
    begins = f"{len(gated) - len(missed)} of {len(gated)} gates hold, {goals} of them at their goal"
    skipped = [found.row.name for found in judged if found.skipped]
    return begins + "".join(f"; {word}: {', '.join(names)}" for word, names in (("MISSED", missed), ("skipped", skipped)) if names)


def document(judged: Sequence[Judged], rounds: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Give the rows for JSON, each with its figures round by round."""
    return [
        {
            "name": found.row.name,
            "unit": found.row.unit,
            "figure": found.figure,
            "ratio": found.ratio,
            "ratio_of": found.row.ratio,
            "gate": found.row.gate,
            "goal": found.row.goal,
            "at_most": found.row.at_most,
            "verdict": found.verdict,
            "rounds": [figures.get(found.row.name) for figures in rounds],
        }
        for found in judged
    ]


def _number(value: float) -> str:
    """Three digits at least, and all those before the point."""
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"


def _line(cells: Iterable[str]) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return (f"{first[0]:{first[1]}}" + "".join(f"{cell:>{width}}" if width else f"  {cell}" for cell, width in rest)).rstrip()
