"""The ledger's rows: what was planned, for every session, event and payload, and what became of it.

A ledger is a folder of append-only files, one set per cohort: `sessions-CCCCC.bin`, `events-CCCCC.bin`, `payloads-CCCCC.bin`,
`outcomes-CCCCC.bin`. Each file opens with one JSON line (`{"format": 1, "rows": "events", ...}`) and goes on with packed little-endian rows
of the dtype below. All times are emitted times: int64 ms since the Unix epoch.

A digest is the XXH64 of an event's bytes exactly as in its payload, seeded with the XXH64 of the envelope: the payload's bytes without
`"events":[...],`. So it changes with any byte of either.
"""

from typing import Final

import numpy as np

LEDGER_FORMAT: Final = 1

SESSION_ROW: Final = np.dtype(
    [
        ("session", "<u8"),  # the first 16 hex digits of the session id
        ("device", "<u4"),
        ("ordinal", "<u4"),  # of the device's sessions, from 1
        ("platform", "u1"),  # words.PLATFORMS
        ("sampled", "u1"),
        ("cut_start", "u1"),  # began before the emitted span
        ("draw", "<u4"),  # 31 bits; sampled iff draw < rate * 2**31
        ("start", "<i8"),
    ]
)
EVENT_ROW: Final = np.dtype(
    [
        ("event", "<u8"),  # the last 16 hex digits of event_id
        ("session", "<u8"),
        ("device", "<u4"),
        ("type", "u1"),  # words.EVENT_TYPES
        ("fate", "u1"),  # words.FATES
        ("timestamp", "<i8"),
        ("payload", "<u4"),  # number of the payload in this cohort; NO_PAYLOAD if none
        ("digest", "<u8"),  # of the event in its payload (below); 0 if not sent
    ]
)
PAYLOAD_ROW: Final = np.dtype(
    [
        ("payload", "<u4"),  # number in this cohort, from 0
        ("device", "<u4"),
        ("session", "<u8"),
        ("due", "<i8"),
        ("events", "<u2"),
        ("size_bytes", "<u4"),
    ]
)
OUTCOME_ROW: Final = np.dtype(
    [
        ("payload", "<u4"),
        ("outcome", "u1"),  # words.OUTCOMES
        ("status", "<u2"),  # HTTP status; 0 if there was no answer
        ("sent_ns", "<i8"),  # wall clock, ns since the epoch; 0 if not sent
        ("ended_ns", "<i8"),
        ("lag_ns", "<i8"),  # sent - due on the wall clock
    ]
)
STORED_ROW: Final = np.dtype(
    [
        ("event", "<u8"),  # the last 16 hex digits of event_id
        ("session", "<u8"),  # the first 16 hex digits of the session id in the envelope
        ("type", "u1"),  # words.EVENT_TYPES; len(EVENT_TYPES) for any other
        ("timestamp", "<i8"),
        ("digest", "<u8"),  # of the event as it was received (below); 0: the source does not keep the bytes
    ]
)
"""What a collector has, one row per stored copy of an event: what a read-back hands to the audit."""
NO_PAYLOAD: Final = 0xFFFFFFFF
ROWS: Final = {"sessions": SESSION_ROW, "events": EVENT_ROW, "payloads": PAYLOAD_ROW, "outcomes": OUTCOME_ROW}
