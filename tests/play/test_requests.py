"""Payloads as requests, by both bodies."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.record import dtype_of
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play.buffers import PayloadOut
from simulator.play.requests import BLANK, bytes_of, find_heads, head_key, put_requests

LIMITS = np.array([0, 20, 65_536])
PAYLOAD = st.tuples(
    st.integers(0, 2), st.sampled_from([1, 19, 20, 21, 65_536]), st.integers(0, 2) | st.integers(0, 65_535), st.integers(0, (1 << 31) - 1)
)
TEXT = st.binary(max_size=70)


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(st.tuples(st.integers(0, 3), TEXT), max_size=12))
@settings(deadline=None)
def test_a_request_is_head_length_and_body(heads: list[bytes], sent: list[tuple[int, bytes]]) -> None:
    """Each request is its head, the number of bytes of its body, a blank line and the body; nothing is between two."""
    expected = [heads[number % len(heads)] + b"%d" % len(body) + b"\r\n\r\n" + body for number, body in sent]
    pool = np.frombuffer(BLANK + b"".join(heads) + bytes(SLACK), np.uint8).copy()
    ends = np.cumsum([len(BLANK), *map(len, heads)])
    which = np.array([number % len(heads) for number, _ in sent], np.int64)
    text = np.frombuffer(b"".join(body for _, body in sent) + bytes(SLACK), np.uint8).copy()
    payloads = np.zeros(len(sent), dtype_of(PayloadOut))
    payloads["length"] = [len(body) for _, body in sent]
    payloads["begins"] = np.cumsum(payloads["length"]) - payloads["length"]
    size = bytes_of(ends, which, payloads)
    for run, head, rows, body, out in (
        (twin(put_requests), pool, payloads, text, np.zeros(size, np.uint8)),
        (put_requests, bytes(pool), payloads.view(np.recarray), bytes(text), bytearray(size)),
    ):
        places = np.zeros(len(sent) + 1, np.int64)
        assert run(head, ends, which, rows, body, out, places) == sum(map(len, expected))
        assert [bytes(out)[begin:end] for begin, end in pairwise(places.tolist())] == expected
        assert size >= places[-1] + SLACK


@given(st.lists(PAYLOAD, max_size=30), st.data())
@settings(deadline=None)
def test_heads_are_found_by_their_keys(drawn: list[tuple[int, int, int, int]], data: st.DataObject) -> None:
    """Each payload gets the number of the head of its own way, model and country, or that it has none."""
    payloads = np.zeros(len(drawn), dtype_of(PayloadOut))
    for name, column in zip(("edition", "length", "model", "country"), zip(*drawn, strict=True), strict=bool(drawn)):
        payloads[name] = column
    owned = [(edition, 0 < LIMITS[edition] <= length, model, country) for edition, length, model, country in drawn]
    every = [head_key(LIMITS, *each) for each in drawn]
    assert [every.index(key) for key in every] == [owned.index(own) for own in owned]
    known = data.draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    keys, numbers = np.sort(np.array(known, np.int64)), np.argsort(np.array(known, np.int64))
    for run, rows in ((twin(find_heads), payloads), (find_heads, payloads.view(np.recarray))):
        which = np.empty(len(drawn), np.int64)
        assert run(rows, LIMITS, keys, numbers, which) == sum(key not in known for key in every)
        assert which.tolist() == [known.index(key) if key in known else ~key for key in every]
