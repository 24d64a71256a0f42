"""What a reconciliation counts. The rules by which each is counted are in reconcile.py."""

from typing import Final

import msgspec

EXAMPLES: Final = 5
"""Ids kept of each class."""
OTHER: Final = "other"
"""The row of the tables for events of no known type, or of no known session's platform."""


class Tally(msgspec.Struct, frozen=True):
    """Events of one type or platform."""

    planned: int
    sent: int
    acknowledged: int
    stored: int
    lost: int
    duplicated: int
    altered: int
    unexpected: int


class Sessions(msgspec.Struct, frozen=True):
    """Sessions of one platform. `created` and `sampled` leave out those that began before the span; `stored` counts them all."""

    created: int
    sampled: int
    cut_start: int
    stored: int


class Counts(msgspec.Struct, frozen=True):
    """What the reconciliation found. Events are counted by distinct id, except `duplicated`, `stored_rows` and `without_digest`."""

    events: int
    """In the ledger, whatever their fate."""
    fates: dict[str, int]
    planned: int
    """Of fate sent: the SDK put them into a payload."""
    outcomes: dict[str, int]
    """Planned events by their payload's outcome; `planned`: without one."""
    sent: int
    stored_rows: int
    stored: int
    stored_outcomes: dict[str, int]
    """Stored events of fate sent, by their payload's outcome."""
    lost: int
    duplicated: int
    altered: int
    altered_fields: dict[str, int]
    unexpected: int
    """= unknown + leaked + never_sent."""
    unknown: int
    leaked: int
    never_sent: int
    without_digest: int
    payloads: dict[str, int]
    """Payloads by outcome; `planned`: without one."""
    retried: int
    """Outcomes beyond a payload's first."""
    repeated: int
    """Ledger rows of an event, session or payload that an earlier row has; the first is taken."""
    strays: int
    """Ledger rows that name a payload or session without a row."""
    miscounted: int
    """Payloads that say another number of events than name them."""
    unsampled_sent: int
    """Events of unsampled sessions with fate sent."""
    unsampled_stored: int
    """Stored events of sessions that the ledger has as unsampled."""
    sampled_withheld: int
    """Events of sampled sessions with fate sampled_out."""
    stored_sessions_unknown: int
    sessions: Sessions
    session_platforms: dict[str, Sessions]
    types: dict[str, Tally]
    platforms: dict[str, Tally]
    examples: dict[str, list[str]]
    """A few event ids (session ids where the class is of sessions) of each class that is not empty: 16 hex digits."""
