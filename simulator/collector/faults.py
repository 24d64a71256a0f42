"""Faults on demand: what the collector does wrong on purpose, and its confession.

`--fault KIND=SHARE[:ARGUMENT][@FROM..TO]`: SHARE 0..1 of events or requests, FROM and TO in seconds since the start (TO excluded). KINDS below is the
list. Rules of the file: whether a fault strikes is drawn from the seed and the event's key or the request's bytes, never from the order of arrival
(a struck request that is sent again is drawn anew); every fault done is a line of faults.ndjson before the answer leaves. An event that was lost
counts as known: sent again, it is a duplicate, so it is lost exactly once.
"""

import math
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw
from xxhash import xxh3_64_intdigest

from simulator.collector.payload import Batch
from simulator.collector.store import Lines, Row
from simulator.errors import ProfileError
from simulator.kernel.rnd import LOW, rnd, threshold

KINDS: Final = {
    # of events
    "drop": "SHARE",  # acknowledged, not stored
    "duplicate": "SHARE",  # stored twice
    "forget": "SHARE",  # sent again, stored again
    "swap_field": "SHARE[:FIELD]",  # one field has another value (default: timestamp)
    "mix_sessions": "SHARE",  # stored under the envelope of another session's payload
    # of requests
    "half_batch": "SHARE",  # only the first half of the events is stored
    "delay": "SHARE:MS",  # stored and answered later
    "status": "SHARE:CODE",  # answered with the code, nothing stored
    "retry_after": "SHARE:SECONDS",  # answered 429 with Retry-After, nothing stored
    "reset": "SHARE",  # the connection is reset, nothing stored
    "truncate": "SHARE",  # stored, the answer breaks off
    "freeze": "SHARE@FROM..TO",  # not handled before TO
}
NUMBERS: Final = {"delay": (0, 3_600_000), "status": (400, 599), "retry_after": (0, 86_400)}
"""Range of the argument of the kinds that need a number."""


class Fault(NamedTuple):
    """One `--fault`. `below`: a 31-bit draw under it strikes; `key`: of its draws; `since`, `until`: seconds since the start."""

    kind: str
    below: int
    argument: str
    since: float
    until: float
    key: int

    @property
    def number(self) -> int:
        """The argument of delay, status and retry_after."""
        return int(self.argument)


def parse(text: str, seed: int) -> Fault:
    """Read one `--fault`; a ProfileError names what was found and what is expected."""
    kind, _, value = text.partition("=")
    if kind not in KINDS:
        raise _mistake(text, f"the kind {kind!r}", "KIND=VALUE with a kind of " + ", ".join(KINDS))
    form = f"{kind}={KINDS[kind]}" + ("" if "@" in KINDS[kind] else "[@FROM..TO]")
    value, at, window = value.partition("@")
    share_text, colon, argument = value.partition(":")
    share = _number(share_text)
    if not 0 <= share <= 1:
        raise _mistake(text, f"the share {share_text!r}", f"{form} with a share of 0 to 1")
    since_text, _, until_text = window.partition("..")
    since, until = (_number(since_text), _number(until_text)) if at else (0.0, math.inf)
    if not 0 <= since < until or (at and math.isinf(until)) or (kind == "freeze" and not at):
        raise _mistake(text, f"the time {window!r}" if at else "no time", f"{form} with seconds since the start, FROM before TO")
    low, high = NUMBERS.get(kind, (0, 0))
    if kind in NUMBERS and not (argument.isdecimal() and low <= int(argument) <= high):
        raise _mistake(text, f"{argument!r} after the share" if colon else "nothing after the share", f"{form} with an integer of {low} to {high}")
    if kind not in NUMBERS and colon and (kind != "swap_field" or argument in ("", "event_id")):
        raise _mistake(text, f"{argument!r} after the share", form + (" with a field other than event_id" if kind == "swap_field" else ""))
    return Fault(kind, threshold(share), argument, since, until, xxh3_64_intdigest(f"{kind}@{window}".encode(), seed=seed & 0xFFFFFFFFFFFFFFFF))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _mistake(text: str, found: str, expected: str) -> ProfileError:
    return ProfileError(f"--fault {text}: found {found}, expected {expected}")


Bent = tuple[list[Row], list[dict[str, object]]]


class Faults:
    """The faults of a run, and the log of those done. `counts`: done so far, by kind."""

    def __init__(self, faults: Sequence[Fault], directory: Path) -> None:
        """Open the log."""
        self._faults = faults
        self._log = Lines(directory / "faults.ndjson", "faults")
        self._struck: Counter[int] = Counter()
        self._other: tuple[str, dict[str, Raw]] | None = None
        self._last: tuple[str, dict[str, Raw]] | None = None
        self.counts: Counter[str] = Counter()

    def strikes(self, kind: str, counter: int, elapsed: float) -> Fault | None:
        """Say whether a kind of fault strikes what has this key at this time (seconds since the start)."""
        for fault in self._faults:
            if fault.kind == kind and fault.since <= elapsed < fault.until and rnd(fault.key, counter) & LOW < fault.below:
                return fault
        return None

    def request(self, kind: str, digest: int, elapsed: float) -> Fault | None:
        """Say whether a kind strikes a request of these bytes; one that it struck before is drawn anew."""
        mark = xxh3_64_intdigest(kind.encode(), seed=digest)
        fault = self.strikes(kind, digest + self._struck[mark], elapsed)
        if fault is not None:
            self._struck[mark] += 1
        return fault

    def record(self, done: Sequence[dict[str, object]]) -> None:
        """Confess: write one line for each fault done."""
        if done:
            self._log.append(b"".join([msgspec.json.encode(line) + b"\n" for line in done]))
            self.counts.update(str(line["kind"]) for line in done)

    def bend(self, batch: Batch, keys: Sequence[int], fresh: Sequence[int], row: Row, digest: int, elapsed: float) -> Bent:
        """Give the rows to store instead of `row`, and the lines to record once they are stored."""
        if self._last is None or self._last[0] != batch.session:
            self._other, self._last = self._last, (batch.session, batch.envelope)
        done: list[dict[str, object]] = []
        kept: list[Raw] = []
        strays: list[Raw] = []
        half = (len(keys) + 1) // 2 if self.strikes("half_batch", digest, elapsed) else len(keys)
        for place, (key, head, event) in enumerate(zip(keys, batch.heads, batch.events, strict=True)):
            strikes = partial(self.strikes, counter=key, elapsed=elapsed)
            did: list[str] = []
            copies, home, stored = 1, kept, event
            if place not in fresh:
                copies = 1 if strikes("forget") else 0
                did += ["forget"] * copies
            if copies and (place >= half or strikes("drop")):
                copies = 0
                did += ["half_batch" if place >= half else "drop"]
            if copies and (fault := strikes("swap_field")) and (swapped := swap(event, fault.argument or "timestamp")):
                stored = swapped
                did += ["swap_field"]
            if copies and self._other and strikes("mix_sessions"):
                home = strays
                did += ["mix_sessions"]
            if copies and strikes("duplicate"):
                copies = 2
                did += ["duplicate"]
            home += [stored] * copies
            done += [{"kind": kind, "event_id": head.event_id, "at": row.received_at} for kind in did]
        rows = [msgspec.structs.replace(row, events=kept)] if kept else []
        if strays and self._other:
            rows += [msgspec.structs.replace(row, envelope=self._other[1], events=strays)]
        return rows, done

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def swap(event: Raw, field: str) -> Raw | None:
    """Give the event with another value of the same type in one field, all else to the byte; None if it has no such field."""
    fields = msgspec.json.decode(event, type=dict[str, Raw])
    if field not in fields:
        return None
    match msgspec.json.decode(fields[field]):
        case bool(value):
            other: object = not value
        case int(value) | float(value):
            other = value - 1 if value > 0 else value + 1
        case str(value):
            other = value + "?"
        case None:
            other = 0
        case _:
            other = None
    return Raw(msgspec.json.encode({**fields, field: other}))
