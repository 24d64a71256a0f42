"""Rows of the ledger, made of what an advance has filled."""

import numpy as np
import pytest

from simulator.kernel.record import dtype_of, rows
from simulator.kernel.twin import twin
from simulator.play.buffers import EventOut
from simulator.play.cohort import Cohort
from simulator.play.entries import copy_events
from simulator.play.model import make
from simulator.play.seat import PAYLOADS
from simulator.profile import starters
from simulator.profile.loader import parse
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, PAYLOAD_ROW, SESSION_ROW

HOUR = 3_600_000
FIRST = 1_000


def test_entries_are_the_events() -> None:
    """Each event is copied whole; payloads are counted on from those before, and an event without one stays without."""
    cohort = Cohort(make(parse(starters.read("shop"), "shop.toml"), 3), 0, 100, begin=12 * HOUR, epoch=0, prints=PAYLOADS, digests=True)
    chunk = next(cohort.advance(18 * HOUR))
    events, (sessions, payloads, found) = chunk.events, chunk.entries(FIRST)
    assert (sessions.dtype, payloads.dtype) == (SESSION_ROW, PAYLOAD_ROW)
    for rows_of, there in ((sessions, chunk.sessions), (payloads, chunk.payloads)):
        assert 0 < len(rows_of) == len(there)
        for name in {*(rows_of.dtype.names or ())} & {*(there.dtype.names or ())}:
            assert np.array_equal(rows_of[name], there[name].view(rows_of.dtype[name])), name
    assert payloads["payload"].tolist() == [FIRST + i for i in range(len(payloads))]
    assert np.array_equal(payloads["size_bytes"], chunk.payloads["length"])
    none = events["payload"] == NO_PAYLOAD
    assert found.dtype == EVENT_ROW
    assert 0 < none.sum() < len(events)
    for name in EVENT_ROW.names or ():
        if name != "payload":
            assert np.array_equal(found[name], events[name].view(EVENT_ROW[name])), name
    assert np.array_equal(found["payload"], np.where(none, NO_PAYLOAD, events["payload"] + FIRST))


@pytest.mark.parametrize("value", [-1, 0, (1 << 63) - 1])
def test_wide_numbers_keep_their_bits(value: int) -> None:
    """Ids and digests have 64 bits, whatever sign they have here."""
    event = EventOut(event=value, session=value, digest=value, payload=3)
    found = np.empty(1, EVENT_ROW)
    twin(copy_events)(rows(EventOut, [event]), FIRST, found)
    assert dtype_of(EventOut)["event"] == np.int64
    assert [int(found[0][name]) for name in ("event", "session", "digest", "payload")] == [value & (1 << 64) - 1] * 3 + [FIRST + 3]
