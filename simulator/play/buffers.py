"""What an advance fills: rows of sessions, events, payloads and labels, and the text that they point into; or columns."""

from typing import Any, Final, NamedTuple

from simulator.kernel.record import i4, i8, record, u1, u2, u4
from simulator.schema.ledger import NO_PAYLOAD
from simulator.schema.words import ONGOING

EVENTS, PAYLOAD_COUNT, SESSIONS, LABELS, BYTES, PRINTED, SUMS = range(7)
"""Places of `counts`: how much of each buffer is filled, the rows that were printed, and the sums of the quarters of their hashes, lowest first."""
COUNTS: Final = SUMS + 4
ROW_CAPACITY: Final = 1 << 15


@record
class SessionOut:
    """A session, when it begins or is first met. Times are emitted times; `prior_end` and `prior_why` tell how the one before it ended."""

    session: i8 = 0
    device: u4 = 0
    ordinal: u4 = 0
    platform: u1 = 0
    edition: u1 = 0
    sampled: u1 = 0
    cut_start: u1 = 0
    draw: u4 = 0
    start: i8 = 0
    prior_end: i8 = 0
    prior_why: u1 = ONGOING


@record
class EventOut:
    """An event that has got its fate. `begins`, `length`: its bytes in the text; `payload`: index in this filling of the buffers."""

    event: i8 = 0
    session: i8 = 0
    device: u4 = 0
    type: u1 = 0
    fate: u1 = 0
    timestamp: i8 = 0
    payload: u4 = NO_PAYLOAD
    begins: i4 = 0
    length: i4 = 0
    digest: i8 = 0
    """Of the event in its payload (schema/ledger.py), where that is asked for."""


@record
class PayloadOut:
    """A payload. `due` is an emitted time; `model` and `country`: of its device, which its headers tell."""

    device: u4 = 0
    edition: u1 = 0
    model: u2 = 0
    country: i4 = 0
    session: i8 = 0
    due: i8 = 0
    events: u2 = 0
    begins: i4 = 0
    length: i4 = 0


@record
class LabelOut:
    """An incident that has met a visit, once for each of its sessions. `session` is its ordinal, 0: none; `at` an emitted time."""

    incident: u1 = 0
    edition: u1 = 0
    device: u4 = 0
    visit: i4 = 0
    session: i4 = 0
    sampled: u1 = 0
    at: i8 = 0


class Buffers(NamedTuple):
    """Arrays when compiled, lists when interpreted."""

    counts: Any
    sessions: Any
    events: Any
    payloads: Any
    labels: Any
    text: Any
    memo: Any
    """Where in the text the blocks of the row before are (wire/layout.py)."""
    columns: Any
    """They stay from one filling to the next, until they are emptied. What they print counts as text."""
