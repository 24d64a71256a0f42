"""What a collector has, read from its files alone: for the audit as numbers, for others as rows (and as tables, in sql.py).

Rules of the file: nothing of a server's memory is trusted, digests are computed again from the stored bytes; a torn last line is skipped and
counted; a damaged line or a newer format is a DataError that names the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import Raw, Struct
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest

from simulator.collector.payload import Head, Named
from simulator.collector.store import PAYLOADS, decoded, event_key, hex_key, segments
from simulator.schema.columns import ALIASES, COLUMNS
from simulator.schema.ledger import STORED_ROW
from simulator.schema.words import EVENT_TYPES

TYPE_NUMBERS: Final = {name: number for number, name in enumerate(EVENT_TYPES)}


class _Envelope(Struct, frozen=True, gc=False):
    session: Named


class _Stored(Struct, frozen=True, gc=False):
    envelope: _Envelope
    events: list[Raw]


class _Whole(Struct, frozen=True):
    envelope: dict[str, Any]
    events: list[dict[str, Any]]


_head: Final = msgspec.json.Decoder(Head)


def session_key(session_id: str) -> int:
    """Give the 64-bit key of a session: the first 16 hex digits of its id, dashes left out, else xxh3_64 of the id."""
    key = hex_key(session_id.replace("-", "")[:16])
    return xxh3_64_intdigest(session_id.encode()) if key is None else key


def stored(directory: Path) -> NDArray[np.void]:
    """Give one schema.ledger.STORED_ROW for every stored copy of an event, in the order of storing."""
    return np.fromiter(_stored_rows(directory), STORED_ROW)


def _stored_rows(directory: Path) -> Iterator[tuple[int, int, int, int, int]]:
    other = len(EVENT_TYPES)
    for line in _decoded(directory, _Stored):
        session = session_key(line.envelope.session.id)
        for raw in line.events:
            head = _head.decode(raw)
            yield event_key(head.event_id), session, TYPE_NUMBERS.get(head.event_type, other), head.timestamp, xxh3_64_intdigest(raw)


def rows(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield every stored copy of an event flattened as schema.columns says; values keep their JSON types."""
    for line in _decoded(directory, _Whole):
        for event in line.events:
            yield flatten(line.envelope, event)


def flatten(envelope: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Put an event and its envelope into one row: the columns in their order, then what is not listed, of the envelope first."""
    view = event.get("view")
    fields = dict(_dotted(envelope))
    if isinstance(view, dict):
        fields |= dict(_dotted({"view": view}))
    fields |= {ALIASES.get(name, name): value for name, value in event.items() if name != "view" or not isinstance(value, dict)}
    listed = {name: fields.pop(name) for name in COLUMNS if name in fields}
    return {name: value for name, value in (listed | fields).items() if value is not None}


def _dotted(envelope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, part in envelope.items():
        if isinstance(part, dict):
            yield from ((f"{name}.{inner}", value) for inner, value in part.items())
        else:
            yield name, part


def _decoded(directory: Path, kind: type[Any]) -> Iterator[Any]:
    decoder = msgspec.json.Decoder(kind)
    for path in segments(directory):
        yield from decoded(path, PAYLOADS, decoder)
