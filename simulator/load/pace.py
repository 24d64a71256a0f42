"""How far a cohort is behind its schedule, whose doing that is, and what it means for the run. No I/O and no clock.

    lag of a payload = when it left - when it was due = held + own
    held: what waiting for one of the client's places under way explains, this payload's wait or those before it: the collector is slow
    own: the rest: the generator is slow

A cohort sends one payload after the other. Without its waits it would have been earlier by their sum, but never before a payload was due; so the sum
of the waits is carried along, and is never more than the lag itself: a cohort that has caught up owes nothing to earlier waits.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Final

import msgspec

LATE_S: Final = 1.0  # assumed: a payload that is later than this by the generator's own doing is not the load that was asked for
LATE_SHARE: Final = 0.01  # assumed: more such payloads than this make the run invalid
HELD_S: Final = 0.01  # assumed: a shorter wait for a place is not worth a word
EARLY_S: Final = 2.0  # assumed: cohorts that are stopped together stop within this
ENOUGH: Final = 0.85  # assumed: a smaller share of the visits asked for is worth a word
SIGMAS: Final = 4  # ... if chance does not explain it


class Pace(msgspec.Struct, kw_only=True):
    """What became of the schedule: payloads that fell due, and how many of them were late, for either reason."""

    due: int = 0
    late: int = 0
    """By the generator's own doing, by more than LATE_S."""
    late_s: float = 0.0
    """The worst of the own lags."""
    held: int = 0
    """For want of a place under way, by more than HELD_S."""
    held_s: float = 0.0
    unsent: int = 0
    """Fell due and had not left when the run ended; counted above as well."""
    _waits_s: float = 0.0

    def waits(self, seconds: float) -> None:
        """Note that the next payload has waited for a place."""
        self._waits_s += seconds

    def left(self, lag_s: float) -> None:
        """Count a payload that has left; or, at the end, one that has fallen due and has not."""
        self._waits_s = min(self._waits_s, max(0.0, lag_s))
        own_s = max(0.0, lag_s - self._waits_s)
        self.due += 1
        self.late += own_s > LATE_S
        self.late_s = max(self.late_s, own_s)
        self.held += self._waits_s > HELD_S
        self.held_s = max(self.held_s, self._waits_s)

    def add(self, other: "Pace") -> None:
        """Count another cohort's payloads too."""
        for name in ("due", "late", "held", "unsent"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.late_s, self.held_s = max(self.late_s, other.late_s), max(self.held_s, other.held_s)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort says when it has stopped and all that it sent has its outcome in the ledger."""

    visits: int
    until_ns: int
    """Wall clock: when it stopped sending."""
    pace: Pace


def total(reports: Mapping[int, Report]) -> Pace:
    """Add up all cohorts."""
    pace = Pace()
    for report in reports.values():
        pace.add(report.pace)
    return pace


def faults(cohorts: int, reports: Mapping[int, Report], lost: Sequence[int], end_ns: int) -> list[str]:
    """Say why the load that was asked for was not put on, a line each; no line: it was. `lost`: cohorts whose worker has gone without a word."""
    silent = [index for index in range(cohorts) if index not in reports and index not in lost]
    left = {index: (end_ns - report.until_ns) / 1e9 for index, report in reports.items()}
    early = {index: seconds for index, seconds in sorted(left.items()) if seconds > EARLY_S}
    found = []
    if lost:
        found.append(f"the worker of {_cohorts(lost, cohorts)} died or hangs; what it had under way has no outcome")
    if early:
        found.append(f"the worker of {_cohorts([*early], cohorts)} ended {max(early.values()):.1f} s before the run did")
    if silent:
        found.append(f"{_cohorts(silent, cohorts)} did not stop in time: the generator was too slow; lower --rum-rate or --rum-speed, or add workers")
    pace = total(reports)
    if pace.late > LATE_SHARE * pace.due:
        found.append(
            f"the generator was behind its own schedule: {pace.late / pace.due:.0%} of the payloads were more than {LATE_S:g} s late, "
            f"at worst {pace.late_s:.1f} s; lower --rum-rate or --rum-speed, or add workers"
        )
    return found


def notes(reports: Mapping[int, Report], *, expected_visits: float, rate_per_s: float, complete: bool) -> list[str]:
    """Say what is worth knowing of a run that fails nothing, a line each. `complete`: all went as planned, but for chance and the profile."""
    pace = total(reports)
    found = []
    if pace.held:
        unsent = f"; {pace.unsent:,} had not left at the end" if pace.unsent else ""
        found.append(
            f"{pace.held:,} of {pace.due:,} payloads waited for the answers to earlier ones, at worst {pace.held_s:.1f} s{unsent}: "
            "the collector, or a machine that both share, is slower than the load"
        )
    visits = sum(report.visits for report in reports.values())
    few = visits < ENOUGH * expected_visits and visits < expected_visits - SIGMAS * sqrt(expected_visits)
    if complete and few and not pace.held and not pace.late:
        found.append(
            f"{visits:,} visits began where {expected_visits:,.0f} were asked for ({rate_per_s:g}/s at the beginning): "
            "devices were still in a visit when their next was due; raise --rum-devices"
        )
    return found


def _cohorts(indices: Sequence[int], cohorts: int) -> str:
    return f"{'cohort' if len(indices) == 1 else 'cohorts'} {', '.join(map(str, indices))} of {cohorts}"
