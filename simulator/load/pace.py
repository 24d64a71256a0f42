"""How far a cohort is behind its schedule, whose doing that is, and what it means for the run. No I/O and no clock.

lag of a payload = when it left - when it was due = own + wait
own: until the generator took it up: the generator is slow
wait: from then on, for a connection: the collector, or a machine that both share, is slow
"""

from collections.abc import Mapping, Sequence
from math import inf, sqrt
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.kernel.twin import twin
from simulator.play.outcomes import TALLIES, tally

NS: Final = 1_000_000_000

LATE_S: Final = 1.0  # assumed: a payload that is later than this by the generator's own doing is not the load that was asked for
SENT_SHARE: Final = 0.995  # assumed: of what was due
CPU_SHARE: Final = 0.9  # assumed: beyond it, queues of the generator's own form
LATE_SHARE: Final = 0.01  # assumed: more such payloads than this make the run invalid
LEFT_S: Final = 0.1  # assumed: what falls due just before the end may stay
HELD_S: Final = 0.1  # assumed: a shorter wait for a connection is not worth a word
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
    """For want of a connection, by more than HELD_S."""
    held_s: float = 0.0
    unsent: int = 0
    """Fell due and had not left when the run ended; counted above as well."""
    left: int = 0
    """Of them, those that were LEFT_S late and that the generator had not even taken up."""
    no_socket: int = 0
    """Were never sent, for the generator's own system gave no socket."""

    def take(self, done: NDArray[np.int64]) -> None:
        """Count requests; a row for each, with the columns of request.py's Done, in ns of one clock."""
        sums = np.zeros(TALLIES, np.int64)
        twin(tally)(done, *(round(limit * NS) for limit in (LATE_S, HELD_S, LEFT_S)), sums)
        late, held, own_ns, wait_ns, no_socket, unsent, left = sums.tolist()
        late_s, held_s = own_ns / NS, wait_ns / NS
        self.add(Pace(due=len(done), late=late, late_s=late_s, held=held, held_s=held_s, unsent=unsent, left=left, no_socket=no_socket))

    def add(self, other: "Pace") -> None:
        """Count another cohort's payloads too."""
        for name in ("due", "late", "held", "unsent", "left", "no_socket"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.late_s, self.held_s = max(self.late_s, other.late_s), max(self.held_s, other.held_s)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a cohort says when it has stopped and all that it sent has its outcome in the ledger."""

    visits: int
    until_ns: int
    """Wall clock: when it stopped sending."""
    pace: Pace
    cpu_s: float
    """Of the process that sends."""
    computing_s: float
    """CPU time, too, of the process that computes ahead."""
    counts: dict[str, int]
    """Connections and handshakes (request.py, Transport.counts)."""


def total(reports: Mapping[int, Report]) -> Pace:
    """Add up all cohorts."""
    pace = Pace()
    for report in reports.values():
        pace.add(report.pace)
    return pace


def faults(
    cohorts: int,
    reports: Mapping[int, Report],
    lost: Sequence[int],
    end_ns: int,
    *,
    own_p99_ms: float = 0.0,
    lag_limit_ms: float = inf,
    cpu_share: float = 0.0,
    computing_share: float = 0.0,
) -> list[str]:
    """Say why the load that was asked for was not put on, a line each; no line: it was. `lost`: cohorts whose worker has gone without a word.

    `own_p99_ms`: of the payloads' own lags, to be at most `lag_limit_ms`; `cpu_share`, `computing_share`: of one core, by the process that sends and
    by the one that computes ahead, of the busiest cohort.
    """
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
    advice = "lower --rum-rate or --rum-speed, or add workers"
    if pace.late > LATE_SHARE * pace.due:
        found.append(
            f"the generator was behind its own schedule: {pace.late / pace.due:.0%} of the payloads were more than {LATE_S:g} s late, "
            f"at worst {pace.late_s:.1f} s; {advice}"
        )
    elif own_p99_ms > lag_limit_ms:
        found.append(
            f"the generator was behind its own schedule: its own lag has a p99 of {own_p99_ms:.0f} ms, expected at most {lag_limit_ms:g}; {advice}"
        )
    if pace.left > (1 - SENT_SHARE) * pace.due:
        found.append(f"the generator left {pace.left:,} of {pace.due:,} payloads unsent, expected at most {1 - SENT_SHARE:.1%}; {advice}")
    if pace.no_socket:
        found.append(
            f"the generator's own system gave no socket for {pace.no_socket:,} of {pace.due:,} payloads: its files (ulimit -n) or ports ran out; "
            "raise the limit, lower --rum-connections, or add machines"
        )
    for share, does in ((cpu_share, "sends"), (computing_share, "computes ahead")):
        if share > CPU_SHARE:
            found.append(
                f"the generator was at its limit: the process that {does} took {share:.0%} of a core, expected {CPU_SHARE:.0%} at most; {advice}"
            )
    return found


def notes(reports: Mapping[int, Report], *, expected_visits: float, rate_per_s: float, complete: bool) -> list[str]:
    """Say what is worth knowing of a run that fails nothing, a line each. `complete`: all went as planned, but for chance and the profile."""
    pace = total(reports)
    found = []
    if pace.held:
        waiting = pace.unsent - pace.left
        unsent = f"; {waiting:,} had not left at the end" if waiting else ""
        found.append(
            f"{pace.held:,} of {pace.due:,} payloads waited for a connection, at worst {pace.held_s:.1f} s{unsent}: "
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
