"""Rows of events as the ledger has them (schema/ledger.py), copied by compiled code: column by column it takes as long as printing them."""

from typing import Any

from simulator.play.buffers import EventOut
from simulator.schema.ledger import NO_PAYLOAD


def copy_events(events: list[EventOut], first: int, rows: Any) -> None:  # noqa: ANN401 - an array of EVENT_ROW
    """Copy as many events as there are rows; the first payload of this filling of the buffers has the number `first`."""
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
