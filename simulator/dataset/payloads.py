"""Payloads as rows: the exact bodies, and when they would be sent. A body is text in JSON and bytes in the other formats."""

from typing import Any, BinaryIO

import numpy as np

from simulator.dataset.sink import COLUMNAR, Tally
from simulator.kernel.record import rows
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.buffers import PayloadOut
from simulator.play.cohort import Chunk, Cohort
from simulator.play.model import Model
from simulator.play.payloads import posts
from simulator.wire.layout import Span
from simulator.wire.posts import Posts, longest_row, pack_posts, packed


class Payloads:
    """Writes payloads."""

    def __init__(self, file_format: str, file: BinaryIO, model: Model) -> None:
        """Begin a file."""
        self._file, self._posts = file, posts(model.profile.app)
        self._packed = packed(post for _, post in self._posts) if file_format == "msgpack" else None
        self._out = np.empty(0, np.uint8)
        self._table: Any = None
        if file_format in COLUMNAR:
            from simulator.dataset import table  # noqa: PLC0415

            self._table = table.writer(file_format, file, table.PAYLOADS)

    def add(self, chunk: Chunk) -> Tally:
        """Write a filling's payloads; as JSON they are rows already."""
        if self._table is not None:
            from simulator.dataset.table import batch_of_payloads  # noqa: PLC0415

            self._table.write(batch_of_payloads(chunk, self._variants(chunk), [post for _, post in self._posts]))
        else:
            self._file.write(self._pack(chunk, self._packed) if self._packed else chunk.text)
        return Tally(len(chunk.payloads), chunk.digest)

    def end(self, _: Cohort, __: int) -> Tally:
        """Nothing is left."""
        return Tally(0, 0)

    def close(self) -> None:
        """End the table."""
        if self._table is not None:
            self._table.close()

    def _pack(self, chunk: Chunk, constants: Posts) -> memoryview:
        variants, n = self._variants(chunk), len(chunk.payloads)
        room = len(chunk.text) + longest_row(constants) * n + SLACK
        if room > len(self._out):
            self._out = np.empty(room, np.uint8)
        view = memoryview(self._out)  # type: ignore[arg-type]
        if chunk.compiled:
            compiled = constants._replace(
                limits=np.zeros(1, np.int64), spans=rows(Span, constants.spans), pool=np.frombuffer(constants.pool, np.uint8)
            )
            text = np.frombuffer(chunk.text, np.uint8)
            return view[: twin(pack_posts)(compiled, chunk.payloads, n, variants, text, self._out)]
        names = chunk.payloads.dtype.names or ()
        payloads = [PayloadOut(**dict(zip(names, row, strict=True))) for row in chunk.payloads.tolist()]
        return view[: pack_posts(constants, payloads, n, variants.tolist(), chunk.text, view)]

    def _variants(self, chunk: Chunk) -> Any:  # noqa: ANN401
        """Tell of each payload which of the posts it is."""
        limits = np.array([limit for limit, _ in self._posts[::2]])[chunk.payloads["edition"]]
        return 2 * chunk.payloads["edition"].astype(np.int64) + ((limits > 0) & (chunk.payloads["length"] >= limits))
