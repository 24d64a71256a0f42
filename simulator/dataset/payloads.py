"""Payloads as rows: the exact bodies, and when they would be sent. A body is text in JSON and bytes in the other formats."""

from typing import Any, BinaryIO

import numpy as np
import xxhash

from simulator.dataset.sink import COLUMNAR, Tally
from simulator.kernel.record import rows
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.buffers import PayloadOut
from simulator.play.cohort import Chunk, Cohort
from simulator.play.model import Model
from simulator.play.payloads import posts
from simulator.wire.layout import Span
from simulator.wire.posts import JSON, NUMBER_BYTES, PACKED, lay_out, put_posts


class Payloads:
    """Writes payloads."""

    def __init__(self, file_format: str, file: BinaryIO, model: Model) -> None:
        """Begin a file."""
        self._file, self._form = file, JSON if file_format == "ndjson" else PACKED
        self._posts = posts(model)
        self._out = self._hashed = np.empty(0, np.uint8)
        self._constants = lay_out(self._form, (post for _, post in self._posts))
        self._table: Any = None
        if file_format in COLUMNAR:
            from simulator.dataset import table  # noqa: PLC0415

            self._table = table.writer(file_format, file, table.PAYLOADS)

    def add(self, chunk: Chunk) -> Tally:
        """Write a filling's payloads."""
        variants = self._variants(chunk)
        text, n = np.frombuffer(chunk.text, np.uint8), len(chunk.payloads)
        longest = max(span.length for span in self._constants.spans) + NUMBER_BYTES
        room = 2 * len(text) + 8 * longest * n + SLACK
        if room > len(self._out):
            self._out, self._hashed = np.empty(room, np.uint8), np.empty(room, np.uint8)
        out, hashed, ends = self._out, self._hashed, np.zeros(n, np.int64)
        spans, pool = self._constants
        if chunk.compiled:
            pooled = np.frombuffer(pool + bytes(SLACK), np.uint8)
            size = twin(put_posts)(chunk.payloads, n, variants, rows(Span, spans), pooled, text, self._form, out, hashed, ends)
        else:
            names = chunk.payloads.dtype.names or ()
            payloads = [PayloadOut(**dict(zip(names, row, strict=True))) for row in chunk.payloads.tolist()]
            views: list[Any] = [memoryview(part) for part in (out, hashed, ends)]  # type: ignore[arg-type]
            size = put_posts(payloads, n, variants.tolist(), spans, pool, chunk.text, self._form, *views)
        if self._table is None:
            self._file.write(memoryview(out)[:size])  # type: ignore[arg-type]
        else:
            from simulator.dataset.table import batch_of_payloads  # noqa: PLC0415

            self._table.write(batch_of_payloads(chunk, variants, [post for _, post in self._posts]))
        view, begins, digest = memoryview(hashed), 0, 0  # type: ignore[arg-type]
        for end in ends.tolist():
            digest += xxhash.xxh3_128_intdigest(view[begins:end])
            begins = end
        return Tally(n, digest)

    def end(self, _: Cohort, __: int) -> Tally:
        """Nothing is left."""
        return Tally(0, 0)

    def close(self) -> None:
        """End the table."""
        if self._table is not None:
            self._table.close()

    def _variants(self, chunk: Chunk) -> Any:  # noqa: ANN401
        """Tell of each payload which of the posts it is."""
        limits = np.array([limit for limit, _ in self._posts[::2]])[chunk.payloads["edition"]]
        return 2 * chunk.payloads["edition"].astype(np.int64) + ((limits > 0) & (chunk.payloads["length"] >= limits))
