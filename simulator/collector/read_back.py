"""What a collector has, read from its files alone: for the audit as numbers, for others as rows (and as tables, in sql.py).

Rules of the file: nothing of a server's memory is trusted, digests are computed again from the stored bytes; a torn last line is skipped and
counted; a damaged line or a newer format is a DataError that names the file. What a sound line is stands here once, for the audit and for SQL.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from msgspec import Raw, Struct
from numpy.typing import NDArray
from xxhash import xxh3_64_intdigest, xxh64_intdigest

from simulator.collector.payload import Head, Named
from simulator.collector.store import PAYLOADS, decoded, event_key, hex_key, segments
from simulator.errors import DataError
from simulator.schema.columns import ALIASES, COLUMNS
from simulator.schema.ledger import STORED_ROW
from simulator.schema.words import EVENT_TYPES

TYPE_NUMBERS: Final = {name: number for number, name in enumerate(EVENT_TYPES)}


class _Envelope(Struct, frozen=True, gc=False):
    session: Named


class _Line(Struct, frozen=True, gc=False):
    received_at: int
    path: str
    envelope: Raw
    events: list[Raw]


class _Whole(Struct, frozen=True):
    envelope: dict[str, Any]
    events: list[dict[str, Any]]


class Payload(NamedTuple):
    """A sound line. `session`: the id; `envelope`: its bytes; `events`: theirs, in the order of `heads`."""

    session: str
    envelope: Raw
    heads: list[Head]
    events: list[Raw]


_line: Final = msgspec.json.Decoder(_Line)
_envelope: Final = msgspec.json.Decoder(_Envelope)
_head: Final = msgspec.json.Decoder(Head)
_whole: Final = msgspec.json.Decoder(_Whole)


def session_key(session_id: str) -> int:
    """Give the 64-bit key of a session: the first 16 hex digits of its id, dashes left out, else xxh3_64 of the id."""
    key = hex_key(session_id.replace("-", "")[:16])
    return xxh3_64_intdigest(session_id.encode()) if key is None else key


def files(directory: Path) -> list[Path]:
    """List the segments; raise DataError if there are none: a collector begins one before it listens."""
    found = segments(directory)
    if not found:
        raise DataError(f"{directory}: no segments there; expected the folder of a collector, with files like segment-00000.ndjson")
    return found


def payloads(path: Path) -> Iterator[Payload]:
    """Yield the payloads of a segment; raise DataError at the first line that is damaged in what every payload must have."""
    return decoded(path, PAYLOADS, _payload)


def _payload(text: bytes) -> Payload:
    line = _line.decode(text)
    return Payload(_envelope.decode(line.envelope).session.id, line.envelope, [_head.decode(raw) for raw in line.events], line.events)


def stored(directory: Path) -> NDArray[np.void]:
    """Give one schema.ledger.STORED_ROW for every stored copy of an event, in the order of storing."""
    return np.fromiter(_stored_rows(directory), STORED_ROW)


def _stored_rows(directory: Path) -> Iterator[tuple[int, int, int, int, int]]:
    other = len(EVENT_TYPES)
    for line in (line for path in files(directory) for line in payloads(path)):
        session, envelope = session_key(line.session), xxh64_intdigest(line.envelope)
        for head, raw in zip(line.heads, line.events, strict=True):
            digest = xxh64_intdigest(raw, envelope)
            yield event_key(head.event_id), session, TYPE_NUMBERS.get(head.event_type, other), head.timestamp, digest


def rows(directory: Path) -> Iterator[dict[str, Any]]:
    """Yield every stored copy of an event flattened as schema.columns says; values keep their JSON types."""
    for line in (line for path in files(directory) for line in decoded(path, PAYLOADS, _whole.decode)):
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
