"""What was planned and sent against what a collector has, event by event.

An event is known by the 64 bits of its id. How each combination counts:

| the ledger says | the collector has it | has it not |
|---|---|---|
| fate sent, payload acknowledged | stored | lost |
| fate sent, payload refused | stored: refused, yet kept | nothing |
| fate sent, payload ambiguous (no answer) | stored | nothing: nobody promised to keep it |
| fate sent, payload without an outcome (the process was killed) | stored: it may have been sent | nothing |
| fate sent, payload failed or cut: no byte left | unexpected, never_sent | nothing |
| fate sampled_out, dropped or queued | unexpected, leaked | nothing |
| no such event | unexpected, unknown | |

Of the events that the collector has:

- `stored` counts each once, whatever it is; `duplicated` counts copies beyond the first: rows = stored + duplicated.
- `altered` counts events of fate sent with a copy whose digest, session, type or timestamp is not the ledger's; also if another copy is right.
  A stored digest of 0 means that the source keeps columns only: the digest is not compared, and `without_digest` counts such rows.
- An event can be altered, duplicated and unexpected at once: the classes answer different questions.

A payload with several outcomes (retries) has the strongest: acknowledged, then ambiguous, refused, failed, cut. `sent` means that bytes left:
acknowledged, ambiguous or refused.
"""

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.audit.counts import EXAMPLES, OTHER, Counts, Sessions, Tally
from simulator.audit.ledger import Ledger, Rows
from simulator.schema.words import (
    ACKNOWLEDGED,
    AMBIGUOUS,
    CUT,
    EVENT_TYPES,
    FAILED,
    FATES,
    OUTCOMES,
    PLANNED,
    PLATFORMS,
    REFUSED,
    SAMPLED_OUT,
    SENT,
)

_STRENGTH: Final = (PLANNED, CUT, FAILED, REFUSED, AMBIGUOUS, ACKNOWLEDGED)
_RANK: Final = np.argsort(np.array(_STRENGTH))
_BY_RANK: Final = np.array(_STRENGTH)
_LEFT: Final = (ACKNOWLEDGED, AMBIGUOUS, REFUSED)
_SAME: Final = ("digest", "session", "type", "timestamp")

_Ints = NDArray[np.int64]
_Bools = NDArray[np.bool_]
_Keys = NDArray[np.uint64]


class _Index(NamedTuple):
    """Rows by key: the distinct keys in order, the first row of each, and all rows in the order of their keys."""

    keys: _Keys
    first: _Ints
    order: _Ints
    starts: _Ints
    """Where each key's rows begin in `order`."""

    def find(self, keys: _Keys) -> _Ints:
        """Give the first row of each of `keys`, -1 where there is none."""
        if not self.keys.size:
            return np.full(keys.size, -1, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        return np.where(self.keys[at] == keys, self.first[at], -1)


class _Planned(NamedTuple):
    """The ledger's distinct events, in its own order."""

    ids: _Index
    rows: Rows
    type: _Ints
    fate: _Ints
    payload: _Ints
    """Row of the payload, -1 without."""
    outcome: _Ints
    """Of the payload; PLANNED without."""
    session: _Ints
    """Row of the session, -1 without."""
    platform: _Ints


class _Truth(NamedTuple):
    """The ledger without repeated ids."""

    sessions: _Index
    is_cut: _Bools
    sampled: _Ints
    platform: _Ints
    payload_events: _Ints
    payload_outcome: _Ints
    retried: int
    stray_outcomes: int
    events: _Planned
    repeated: _Keys
    """One key per row that was left out."""


class _Stored(NamedTuple):
    """What the collector has, by distinct event in the order of their keys."""

    keys: _Keys
    extra: _Ints
    """Copies beyond the first."""
    event: _Ints
    """Row of the ledger's event, -1 if unknown."""
    type: _Ints
    platform: _Ints
    altered: dict[str, _Bools]
    unknown: _Bools
    leaked: _Bools
    never_sent: _Bools
    unsampled: _Bools
    seen: _Bools
    """Of the ledger's sessions."""
    unknown_sessions: _Keys


def reconcile(ledger: Ledger, stored: Rows) -> Counts:
    """Join the ledger with the rows of STORED_ROW that a collector has, one per copy of an event."""
    truth = _truth(ledger)
    has = _stored(truth, stored)
    events = truth.events
    is_sent = events.fate == SENT
    left = is_sent & np.isin(events.outcome, _LEFT)
    acknowledged = is_sent & (events.outcome == ACKNOWLEDGED)
    arrived = np.zeros(events.fate.size, np.bool_)
    arrived[has.event[has.event >= 0]] = True
    lost = acknowledged & ~arrived
    altered = np.logical_or.reduce(list(has.altered.values()))
    unexpected = has.unknown | has.leaked | has.never_sent
    sampled = _take(truth.sampled, events.session, -1)
    unsampled_sent = is_sent & (sampled == 0)
    withheld = (events.fate == SAMPLED_OUT) & (sampled == 1)
    homeless = (is_sent & (events.payload < 0)) | ((is_sent | (events.fate == SAMPLED_OUT)) & (events.session < 0))
    miscounted = np.bincount(events.payload[is_sent & (events.payload >= 0)], minlength=truth.payload_events.size) != truth.payload_events
    platforms = _sessions(truth, has.seen)
    planned_marks = {"planned": is_sent, "sent": left, "acknowledged": acknowledged, "lost": lost}
    stored_marks = {"stored": np.ones(has.keys.size, np.bool_), "altered": altered, "unexpected": unexpected}
    ids = events.rows["event"]
    return Counts(
        events=ids.size,
        fates=_by_word(events.fate, FATES),
        planned=_n(is_sent),
        outcomes=_by_word(events.outcome[is_sent], OUTCOMES),
        sent=_n(left),
        stored_rows=stored.size,
        stored=has.keys.size,
        stored_outcomes=_by_word(events.outcome[is_sent & arrived], OUTCOMES),
        lost=_n(lost),
        duplicated=int(has.extra.sum()),
        altered=_n(altered),
        altered_fields={name: _n(which) for name, which in has.altered.items()},
        unexpected=_n(unexpected),
        unknown=_n(has.unknown),
        leaked=_n(has.leaked),
        never_sent=_n(has.never_sent),
        without_digest=_n(stored["digest"] == 0),
        payloads=_by_word(truth.payload_outcome, OUTCOMES),
        retried=truth.retried,
        repeated=truth.repeated.size,
        strays=_n(homeless) + truth.stray_outcomes,
        miscounted=_n(miscounted),
        unsampled_sent=_n(unsampled_sent),
        unsampled_stored=_n(has.unsampled),
        sampled_withheld=_n(withheld),
        stored_sessions_unknown=has.unknown_sessions.size,
        sessions=_total(platforms),
        session_platforms=platforms,
        types=_tallies((*EVENT_TYPES, OTHER), (events.type, planned_marks), (has.type, stored_marks), has.extra),
        platforms=_tallies((*PLATFORMS, OTHER), (events.platform, planned_marks), (has.platform, stored_marks), has.extra),
        examples=_examples(
            {
                "lost": ids[lost],
                "duplicated": has.keys[has.extra > 0],
                "altered": has.keys[altered],
                "unknown": has.keys[has.unknown],
                "leaked": has.keys[has.leaked],
                "never_sent": has.keys[has.never_sent],
                "repeated": truth.repeated,
                "unsampled": np.union1d(ids[unsampled_sent], has.keys[has.unsampled]),
                "sampled_withheld": ids[withheld],
                "stored_sessions_unknown": has.unknown_sessions,
            }
        ),
    )


def _index(column: _Keys) -> _Index:
    keys = np.ascontiguousarray(column)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if keys.size else np.empty(0, np.int64)
    return _Index(keys=keys[starts], first=order[starts], order=order, starts=starts)


def _distinct(rows: Rows, key: str) -> tuple[Rows, _Index, _Keys]:
    """Keep the first row of each key; give the rows, their index, and the keys of those left out."""
    index = _index(rows[key])
    if index.keys.size == rows.size:
        return rows, index, index.keys[:0]
    is_first = np.zeros(rows.size, np.bool_)
    is_first[index.first] = True
    return rows[is_first], _index(rows[key][is_first]), rows[key][~is_first]


def _truth(ledger: Ledger) -> _Truth:
    session_rows, sessions, repeated_sessions = _distinct(ledger.sessions, "session")
    payload_rows, payloads, repeated_payloads = _distinct(ledger.payloads, "payload")
    rows, ids, repeated_events = _distinct(ledger.events, "event")
    platform = session_rows["platform"].astype(np.int64)
    tried = payloads.find(ledger.outcomes["payload"])
    has_row = tried >= 0
    best = np.zeros(payload_rows.size, np.int64)
    np.maximum.at(best, tried[has_row], _RANK[ledger.outcomes["outcome"][has_row]])
    outcome = _BY_RANK[best]
    payload = payloads.find(rows["payload"])
    session = sessions.find(rows["session"])
    return _Truth(
        sessions=sessions,
        is_cut=session_rows["cut_start"] != 0,
        sampled=session_rows["sampled"].astype(np.int64),
        platform=platform,
        payload_events=payload_rows["events"].astype(np.int64),
        payload_outcome=outcome,
        retried=int(np.maximum(np.bincount(tried[has_row]) - 1, 0).sum()),
        stray_outcomes=_n(~has_row),
        events=_Planned(
            ids=ids,
            rows=rows,
            type=rows["type"].astype(np.int64),
            fate=rows["fate"].astype(np.int64),
            payload=payload,
            outcome=_take(outcome, payload, PLANNED),
            session=session,
            platform=_take(platform, session, len(PLATFORMS)),
        ),
        repeated=np.concatenate([repeated_events, repeated_sessions, repeated_payloads]),
    )


def _stored(truth: _Truth, stored: Rows) -> _Stored:
    events = truth.events
    index = _index(stored["event"])
    copies = np.diff(np.append(index.starts, stored.size))
    event = events.ids.find(index.keys)
    known = event >= 0
    is_sent = _take(events.fate, event, -1) == SENT
    outcome = _take(events.outcome, event, PLANNED)
    # Subtle: from here on rows are in the order of their event's key, so that `_any` can bring them back to events.
    rows = stored[index.order]
    compared = np.repeat(is_sent, copies)
    planned = np.repeat(event, copies)
    differs = {name: compared & (rows[name] != _take(events.rows[name], planned, 0)) for name in _SAME}
    session = _take(events.session, planned, -1)
    elsewhere = np.flatnonzero(~compared | differs["session"])
    session[elsewhere] = truth.sessions.find(rows["session"][elsewhere])
    differs["digest"] &= rows["digest"] != 0
    unsampled = _any(_take(truth.sampled, session, -1) == 0, index)
    unsampled |= _take(truth.sampled, _take(events.session, event, -1), -1) == 0
    other_type = np.minimum(rows["type"][index.starts], len(EVENT_TYPES))
    other_platform = _take(truth.platform, session[index.starts], len(PLATFORMS))
    return _Stored(
        keys=index.keys,
        extra=copies - 1,
        event=event,
        type=np.where(known, _take(events.type, event, 0), other_type),
        platform=np.where(known, _take(events.platform, event, 0), other_platform),
        altered={name: _any(which, index) for name, which in differs.items()},
        unknown=~known,
        leaked=known & ~is_sent,
        never_sent=is_sent & ((outcome == FAILED) | (outcome == CUT)),
        unsampled=unsampled,
        seen=np.bincount(session[session >= 0], minlength=truth.platform.size) > 0,
        unknown_sessions=np.unique(rows["session"][session < 0]),
    )


def _take(column: NDArray[Any], at: _Ints, missing: int) -> NDArray[Any]:
    """Take `column` at positions, `missing` where the position is -1."""
    return np.where(at < 0, missing, column[at]) if column.size else np.full(at.size, missing, column.dtype)


def _any(rows: _Bools, index: _Index) -> _Bools:
    """Tell for each key whether any of its rows (in the order of keys) is marked."""
    return np.logical_or.reduceat(rows, index.starts) if rows.size else rows


def _tallies(
    names: tuple[str, ...], planned: tuple[_Ints, dict[str, _Bools]], stored: tuple[_Ints, dict[str, _Bools]], extra: _Ints
) -> dict[str, Tally]:
    """Tally by groups of the ledger's events and of the stored ones; the last group only if it has anything."""
    columns = {
        column: np.bincount(groups[mark], minlength=len(names)).tolist() for groups, marks in (planned, stored) for column, mark in marks.items()
    }
    columns["duplicated"] = np.bincount(np.repeat(stored[0], extra), minlength=len(names)).tolist()
    tallies = {name: Tally(**{column: n[row] for column, n in columns.items()}) for row, name in enumerate(names)}
    if not any(msgspec.structs.astuple(tallies[OTHER])):
        del tallies[OTHER]
    return tallies


def _sessions(truth: _Truth, is_seen: _Bools) -> dict[str, Sessions]:
    created = ~truth.is_cut
    columns = [
        np.bincount(truth.platform[which], minlength=len(PLATFORMS)).tolist()
        for which in (created, created & (truth.sampled != 0), truth.is_cut, is_seen)
    ]
    return {name: Sessions(*counts) for name, *counts in zip(PLATFORMS, *columns, strict=True)}


def _total(platforms: dict[str, Sessions]) -> Sessions:
    return Sessions(*(sum(column) for column in zip(*map(msgspec.structs.astuple, platforms.values()), strict=True)))


def _by_word(column: _Ints, words: tuple[str, ...]) -> dict[str, int]:
    return {word: int(n) for word, n in zip(words, np.bincount(column, minlength=len(words)), strict=True)}


def _examples(classes: dict[str, _Keys]) -> dict[str, list[str]]:
    return {name: [f"{key:016x}" for key in keys[:EXAMPLES]] for name, keys in classes.items() if keys.size}


def _n(which: _Bools) -> int:
    return int(np.count_nonzero(which))
