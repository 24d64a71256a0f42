"""Rows of the ledger (schema/ledger.py), copied by compiled code: column by column it takes as long as printing, and holds the interpreter's lock.

The first payload of this filling of the buffers has the number `first`.
"""

from typing import Any

from simulator.play.buffers import Buffers, EventOut, PayloadOut, SessionOut
from simulator.schema.ledger import NO_PAYLOAD


def copy_all(out: Buffers, first: int, sessions: Any, payloads: Any, events: Any) -> None:  # noqa: ANN401 - arrays of the ledger's rows
    """Copy as many sessions, payloads and events as there are rows."""
    copy_sessions(out.sessions, sessions)
    copy_payloads(out.payloads, first, payloads)
    copy_events(out.events, first, events)


def copy_sessions(sessions: list[SessionOut], rows: Any) -> None:  # noqa: ANN401
    """Copy as many sessions as there are rows."""
    for i in range(len(rows)):
        session, row = sessions[i], rows[i]
        row.session = session.session
        row.device = session.device
        row.ordinal = session.ordinal
        row.platform = session.platform
        row.sampled = session.sampled
        row.cut_start = session.cut_start
        row.draw = session.draw
        row.start = session.start


def copy_payloads(payloads: list[PayloadOut], first: int, rows: Any) -> None:  # noqa: ANN401
    """Copy as many payloads as there are rows."""
    for i in range(len(rows)):
        payload, row = payloads[i], rows[i]
        row.payload = first + i
        row.device = payload.device
        row.session = payload.session
        row.due = payload.due
        row.events = payload.events
        row.size_bytes = payload.length


def copy_events(events: list[EventOut], first: int, rows: Any) -> None:  # noqa: ANN401
    """Copy as many events as there are rows."""
    for i in range(len(rows)):
        event, row = events[i], rows[i]
        row.event = event.event
        row.session = event.session
        row.device = event.device
        row.type = event.type
        row.fate = event.fate
        row.timestamp = event.timestamp
        row.digest = event.digest
        row.payload = NO_PAYLOAD
        if event.payload != NO_PAYLOAD:
            row.payload = first + event.payload
