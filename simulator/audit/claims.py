"""What a run promises, each promise judged by the ledger, the profile and what the collector has.

Rules of the file: a claim holds, or it does not, or there was nothing to judge it by. The last is said, and never counts as holding. It fails the
run only where the claim is one of the four of zero loss (`needed`): a run of which nothing was acknowledged, or nothing is stored, has proved
nothing. A run without, say, crashes leaves `every event type arrived` to the types that it planned.

Answers are the collector's affair: refused (429, 500) and ambiguous (no answer) payloads are shown beside the claims, and fail none. A payload
that fell due and was not sent fails `every due payload was sent`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.audit.counts import Counts, Sessions, Tally
from simulator.audit.ledger import Ledger
from simulator.audit.rates import Steps, fitting, single, steps
from simulator.audit.statistics import FALSE_ALARMS, POWER, interval, reach
from simulator.profile.remote import local_rate
from simulator.profile.types import Profile
from simulator.schema.words import PLATFORMS

ALL: Final = "all"
"""The share of all platforms together."""

_UNEXPECTED: Final = ("unknown", "leaked", "never_sent")


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise and what became of it. `holds`: None if there was nothing to judge it by; `needed`: then it fails the run too."""

    name: str
    holds: bool | None
    found: str
    expected: str
    note: str = ""
    needed: bool = False

    @property
    def failed(self) -> bool:
        """Whether it fails the run."""
        return not self.holds and (self.needed or self.holds is False)


@dataclass(frozen=True, slots=True)
class Share:
    """How many of a platform's sessions are sampled, against the configured rate.

    `rate`: None where more than one may have been in force. `low`, `high`: exact interval of the rate behind it. `below`, `above`: the smallest
    deviations that this many sessions would catch.
    """

    platform: str
    created: int
    sampled: int
    rate: float | None
    low: float
    high: float
    below: float | None
    above: float | None

    @property
    def holds(self) -> bool | None:
        """Whether the interval has the rate; None without sessions, or without one rate."""
        return self.low <= self.rate <= self.high if self.created and self.rate is not None else None


def shares(counts: Counts, profile: Profile, ledger: Ledger, origin: int | None = None) -> list[Share]:
    """Measure the sampled share of each platform of the profile, and of all together, in sessions that began within the span.

    With different rates the sum over platforms is no binomial; tested as one of the mean rate it is judged too mildly, never too hard
    (Hoeffding, Ann. Math. Statist. 27, 1956, theorem 4). A platform whose rate changes has none to be judged by, nor has then the sum.
    `origin`: emitted time of the profile's start; None: unknown.
    """
    one = single(steps(profile, origin), ledger.sessions)
    rates = {name: local_rate(platform) if one[name] else None for name, platform in profile.platforms.items()}
    found = {name: counts.session_platforms[name] for name in PLATFORMS if name in rates}
    created = sum(sessions.created for sessions in found.values())
    judged = {name: rate for name, rate in rates.items() if rate is not None}
    whole = all(name in judged for name, sessions in found.items() if sessions.created)
    mean = sum(judged[name] * sessions.created for name, sessions in found.items() if name in judged) / created if created and whole else None
    statements = sum(sessions.created > 0 for name, sessions in found.items() if name in judged) + 1
    alpha = FALSE_ALARMS / statements
    return [
        *(_share(name, sessions, rates[name], alpha) for name, sessions in found.items()),
        _share(ALL, Sessions(created, sum(sessions.sampled for sessions in found.values()), 0, 0), mean, alpha),
    ]


def judge(counts: Counts, ledger: Ledger, profile: Profile, measured: Sequence[Share], *, ended: bool, origin: int | None = None) -> list[Claim]:
    """Judge every claim; `measured` are the `shares`, `ended` says that the run came to its end, `origin` is that of the `shares`."""
    acknowledged = counts.outcomes["acknowledged"], "acknowledged events"
    stored = counts.stored, "stored events"
    sessions = counts.sessions.stored + counts.stored_sessions_unknown, "stored sessions"
    kinds = {"unknown": counts.unknown, "leaked": counts.leaked, "never sent": counts.never_sent}
    columns_only = f"digest not compared in {counts.without_digest:,} rows: the source keeps columns only" if counts.without_digest else ""
    return [
        _zero("nothing lost", counts.lost, acknowledged, _seen(counts, "lost"), needed=True),
        _zero("nothing duplicated", counts.duplicated, stored, _seen(counts, "duplicated"), needed=True),
        _zero("nothing altered", counts.altered, stored, _join(_parts(counts.altered_fields), _seen(counts, "altered"), columns_only), needed=True),
        _zero("nothing unexpected", counts.unexpected, stored, _join(_parts(kinds), _seen(counts, *_UNEXPECTED)), needed=True),
        _due(counts),
        _arrived("every platform arrived", counts.platforms, "platforms"),
        _arrived("every event type arrived", counts.types, "types"),
        _zero("every stored session is known", counts.stored_sessions_unknown, sessions, _seen(counts, "stored_sessions_unknown")),
        _silence(counts, ledger),
        _zero("sampled sessions are whole", counts.sampled_withheld, (counts.events, "events withheld"), _seen(counts, "sampled_withheld")),
        _decisions(ledger, steps(profile, origin)),
        *(_sampling(share) for share in measured),
        _whole(counts, ledger, ended=ended),
    ]


def _share(platform: str, sessions: Sessions, rate: float | None, alpha: float) -> Share:
    n, hits = sessions.created, sessions.sampled
    low, high = interval(hits, n, alpha)
    below, above = (None, None) if rate is None else reach(rate, n, alpha)
    return Share(platform=platform, created=n, sampled=hits, rate=rate, low=low, high=high, below=below, above=above)


def _sampling(share: Share) -> Claim:
    name = f"sampled share, {share.platform}"
    if not share.created:
        return Claim(name, None, "no sessions", "" if share.rate is None else f"{share.rate:.2%}")
    found = f"{share.sampled / share.created:.2%} of {share.created:,} sessions"
    if share.rate is None:
        return Claim(name, None, found, "", "its rate changes (platforms.*.remote.rates), so there is none to judge the share by")
    caught = [f"{100 * points:.2f} {side}" for side, points in (("below", share.below), ("above", share.above)) if points is not None]
    power = f"would catch {' or '.join(caught)}, with probability {POWER:.0%}" if caught else "too few sessions to catch any deviation"
    return Claim(
        name,
        share.holds,
        found,
        f"{share.rate:.2%}",
        f"exact interval {share.low:.2%} to {share.high:.2%}; {power}",
    )


def _zero(name: str, found: int, among: tuple[int, str], note: str, *, needed: bool = False) -> Claim:
    """Judge a claim that nothing of a kind was found among so many of another."""
    n, what = among
    if n == 0:
        return Claim(name, None, f"no {what} to judge by", "0", note, needed=needed)
    return Claim(name, found == 0, f"{found:,} of {n:,} {what}", "0", note, needed=needed)


def _due(counts: Counts) -> Claim:
    missing = {"failed": counts.payloads["failed"], "without outcome": counts.payloads["planned"]}
    due = sum(counts.payloads.values()) - counts.payloads["cut"]
    return _zero("every due payload was sent", sum(missing.values()), (due, "due payloads not sent"), _parts(missing))


def _arrived(name: str, tallies: dict[str, Tally], what: str) -> Claim:
    sent = [group for group, tally in tallies.items() if tally.sent]
    missing = [group for group in sent if not tallies[group].stored]
    quiet = [group for group, tally in tallies.items() if not tally.sent and not tally.stored]
    return Claim(
        name,
        not missing if sent else None,
        f"{len(sent) - len(missing)} of {len(sent)} {what} that were sent",
        str(len(sent)),
        _join(f"missing: {', '.join(missing)}" if missing else "", f"nothing sent: {', '.join(quiet)}" if quiet else ""),
    )


def _silence(counts: Counts, ledger: Ledger) -> Claim:
    unsampled = int(np.count_nonzero(ledger.sessions["sampled"] == 0))
    found = counts.unsampled_sent + counts.unsampled_stored
    of = f"{unsampled:,} unsampled sessions: events sent {counts.unsampled_sent:,}, stored {counts.unsampled_stored:,}"
    return Claim("unsampled sessions are silent", found == 0 if unsampled else None, of, "0", _seen(counts, "unsampled"))


def _decisions(ledger: Ledger, rates: Steps) -> Claim:
    """Recompute each session's decision from its draw and the rates that may have been in force."""
    sessions = ledger.sessions
    wrong = ~fitting(rates, sessions)
    note = f"e.g. {sessions['session'][wrong][0]:016x}" if wrong.any() else ""
    return _zero("every decision fits its draw", int(np.count_nonzero(wrong)), (sessions.size, "sessions"), note)


def _whole(counts: Counts, ledger: Ledger, *, ended: bool) -> Claim:
    name = "the ledger agrees with itself"
    contradictions = {"repeated": counts.repeated, "without payload or session": counts.strays, "payloads miscounted": counts.miscounted}
    found = _parts(contradictions) or f"{counts.events:,} events, {sum(counts.payloads.values()):,} payloads"
    if ledger.torn:
        why = "they were cut since, or their process was killed" if ended else "their process was killed"
        return Claim(name, False if ended else None, found, "no contradiction", f"{ledger.torn:,} files end in a torn row: {why}")
    return Claim(name, not any(contradictions.values()), found, "no contradiction", _seen(counts, "repeated"))


def _seen(counts: Counts, *classes: str) -> str:
    """Give an example of these classes."""
    found = next((counts.examples[name] for name in classes if name in counts.examples), None)
    return f"e.g. {found[0]}" if found else ""


def _parts(kinds: dict[str, int]) -> str:
    """Name the kinds of which there are any, with their numbers."""
    return ", ".join(f"{name} {n:,}" for name, n in kinds.items() if n)


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
