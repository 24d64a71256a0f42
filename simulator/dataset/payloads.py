"""Payloads as rows: the exact bodies, and when they would be sent. A body is text in JSON and bytes in the other formats."""

from typing import BinaryIO

import msgspec
import xxhash

from simulator.dataset.sink import Structs, Tally
from simulator.kernel.rnd import MASK
from simulator.play.cohort import Chunk, Cohort
from simulator.play.model import Model
from simulator.play.payloads import payloads
from simulator.schema.words import VIAS


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A payload. `session_key`: the first 64 bits of the session's id."""

    due_ms: int
    device: int
    session_key: int
    via: str
    path: str
    content_type: str
    events: int
    body: str | bytes


class Payloads:
    """Writes payloads."""

    def __init__(self, file_format: str, file: BinaryIO, model: Model) -> None:
        """Begin a file."""
        self._model, self._is_text = model, file_format == "ndjson"
        self._written = Structs(file_format, file, "PAYLOADS")

    def add(self, chunk: Chunk) -> Tally:
        """Write a filling's payloads."""
        rows, digest = [], 0
        for p in payloads(self._model, chunk, 0):
            key, via = p.session_key & MASK, VIAS[p.via]
            known = xxhash.xxh3_128(f"{p.due_ms},{p.device},{key},{via},{p.path},{p.content_type},{p.events},".encode())
            known.update(p.body)
            digest += known.intdigest()
            body = p.body.decode() if self._is_text else p.body
            rows.append(
                Row(
                    due_ms=p.due_ms,
                    device=p.device,
                    session_key=key,
                    via=via,
                    path=p.path,
                    content_type=p.content_type,
                    events=p.events,
                    body=body,
                )
            )
        self._written.write(rows)
        return Tally(len(rows), digest)

    def end(self, _: Cohort, __: int) -> Tally:
        """Nothing is left."""
        return Tally(0, 0)

    def close(self) -> None:
        """End the table."""
        self._written.close()
