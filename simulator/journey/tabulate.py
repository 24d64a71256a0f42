"""Lays a profile's laws and choices out as the integer tables of the world."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from simulator.kernel.tables import HALF, NARROW, choice_table, narrowed, quantile_table
from simulator.profile.laws import Law, Mixture, quantile


@lru_cache(maxsize=1024)
def quantiles(law: Law, factor: float = 1.0) -> tuple[int, ...]:
    """Give a law's table, in other units: a process that builds several worlds needs most of them again."""
    return tuple(quantile_table(lambda u: quantile(law, u) * factor))


@dataclass
class Tables:
    """Collects tables; equal ones are stored once. Each method gives a table's offset."""

    flat: list[int] = field(default_factory=lambda: [0])
    known: dict[Any, int] = field(default_factory=dict)

    def add(self, table: Iterable[int]) -> int:
        """Add a table as it is."""
        values = tuple(table)
        if values not in self.known:
            self.known[values] = len(self.flat)
            self.flat.extend(values)
        return self.known[values]

    def quantiles(self, table: Sequence[int]) -> int:
        """Add a quantile table."""
        narrow = min(table) >= 0 and max(table) <= HALF
        return self.add(narrowed(table)) + NARROW if narrow else self.add(table)

    def law(self, law: Law) -> int:
        """Add a law's quantiles."""
        if law not in self.known:
            self.known[law] = self.quantiles(quantiles(law))
        return self.known[law]

    def pauses(self, law: Law) -> int:
        """Tabulate a law of pauses: its parts and the choice among them (visitor.py)."""
        parts: list[tuple[float, Law]] = [(part.weight, part.law) for part in law.parts] if isinstance(law, Mixture) else [(1.0, law)]
        choice = self.choice({i: weight for i, (weight, _) in enumerate(parts, 1)})
        return self.add([len(parts), choice, *(self.law(part) for _, part in parts)])

    def ids(self, count: int) -> int:
        """Give the law of numbers 1..count, small ones the commonest; 0 where there is only one."""
        return self.quantiles(quantile_table(lambda u: count**u)) if count > 1 else 0

    def choice(self, weights: Mapping[int, float]) -> int:
        """Add a choice among numbers."""
        return self.add(choice_table(weights))

    def list(self, values: list[int], width: int = 1) -> int:
        """Add a list of entries of `width` numbers, which begins with their count."""
        return self.add([len(values) // width, *values])
