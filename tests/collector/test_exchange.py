"""Bodies that are not plain JSON, turned into it or refused."""

import gzip
import json

import msgspec
import pytest

from simulator.collector.exchange import Answer, inflate, unpack

GOOD = [
    {},
    {"app": {"id": "a@b"}, "session": {"id": "x"}, "events": [{"timestamp": 1_795_475_086_836, "event_id": "e", "event_type": "view"}]},
    {"text": 'a "quoted" \\ word\n\t\u2028 商店 \U0001f600 \x7f', "": ""},
    {"numbers": [0, -1, 1 << 63, -(1 << 63), 0.1, 1.0, -0.5, 1e-7, 1e21, 123456789.125], "others": [True, False, None, [], {}]},
]
BAD = {
    "nothing": b"",
    "cut off": msgspec.msgpack.encode(GOOD[1])[:-1],
    "more than one": msgspec.msgpack.encode({}) * 2,
    "JSON": b'{"app": {}}',
    "a text that is not UTF-8": b"\x81\xa1a\xa1\xff",
    "a name that is not UTF-8": b"\x81\xa1\xff\x01",
    "a name that is a list": b"\x81\x90\x01",
    "a name that is nil": b"\x81\xc0\x01",
    "a type of its own": b"\x81\xa1a\xd4\x05x",
    "too deep": b"\x91" * 5000,
}


@pytest.mark.parametrize("document", GOOD, ids=range(len(GOOD)))
def test_msgpack_says_the_same(document: object) -> None:
    """What is told in msgpack becomes the very bytes of the JSON from which it was made, so digests are the same."""
    text = msgspec.json.encode(document)
    assert unpack(msgspec.msgpack.encode(msgspec.json.decode(text))) == text


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_msgpack_is_refused(name: str) -> None:
    """Whatever else comes is a 400 that says what was found; nothing is raised, for that would be the collector's own fault."""
    found = unpack(BAD[name])
    assert isinstance(found, Answer)
    assert found.status == 400
    assert json.loads(found.body)["error"] == "the body is not msgpack"


def test_gzip_within_the_limit() -> None:
    """A body that inflates to the limit is taken, one byte more is a 413."""
    assert inflate(gzip.compress(b"x" * 1000), 1000) == b"x" * 1000
    found = inflate(gzip.compress(b"x" * 1001), 1000)
    assert isinstance(found, Answer)
    assert found.status == 413
