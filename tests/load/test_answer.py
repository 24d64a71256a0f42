"""Answers taken apart, whole and in pieces. None of this imports Locust."""

import itertools

import pytest

from simulator.load.answer import KNOWN, Answer, Answers, Garbage, Partial

PLAIN = b"HTTP/1.1 204 No Content\r\nDate: Mon, 05 Jan 2026 00:00:00 GMT\r\n\r\n"
WHOLE = {
    # name: (bytes, status, may the connection be used again)
    "no content": (PLAIN, 204, True),
    "a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, True),
    "a length of 0": (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, True),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n", 200, True),
    "chunks and a trailer": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nDigest: x\r\n\r\n", 200, True),
    "an error": (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nRetry-After: 1\r\n\r\nbusy", 503, True),
    "the last one": (b"HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", 429, False),
    "of HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, False),
    "of HTTP/1.0, kept": (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, True),
    "announced": (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, 204, True),
    "announced twice": (b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + PLAIN, 204, True),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, True),
    "no reason": (b"HTTP/1.1 204 \r\n\r\n", 204, True),
}
UNTIL_CLOSED = {
    "nothing said": (b"HTTP/1.1 200 OK\r\n\r\nsome text", 200),
    "close said": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome text", 200),
    "an error": (b"HTTP/1.0 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>", 502),
    "no body": (b"HTTP/1.1 200 OK\r\n\r\n", 200),
}
GARBAGE = {
    "bytes": bytes(range(64)),
    "TLS's alert": b"\x15\x03\x01\x00\x02\x02\x46",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a page": b"<html>hello</html>",
    "a request": b"GET / HTTP/1.1\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello",
    "a chunk that is none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "two answers": PLAIN * 2,
    "another protocol from here on": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nPRI",
}


def feed(*pieces: bytes) -> Answer | Partial:
    """Read pieces as they come."""
    answers, found = Answers(), None
    for piece in pieces:
        assert not isinstance(found, Answer), "complete before the last piece"
        found = answers.read(piece, found)
    assert found is not None
    return found


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_is_read(name: str) -> None:
    """Status, and whether the server keeps the connection."""
    data, status, keeps = WHOLE[name]
    assert feed(data) == Answer(status, keeps)


@pytest.mark.parametrize("name", WHOLE)
def test_pieces_change_nothing(name: str) -> None:
    """Cut in two at every place, or into single bytes, an answer is the same, and complete with its last byte, not before."""
    data, status, keeps = WHOLE[name]
    for at in range(1, len(data)):
        assert feed(data[:at], data[at:]) == Answer(status, keeps), at
    assert feed(*(data[i : i + 1] for i in range(len(data)))) == Answer(status, keeps)


@pytest.mark.parametrize("name", UNTIL_CLOSED)
def test_the_end_of_the_connection_completes_what_has_no_length(name: str) -> None:
    """An answer that does not say how long it is ends with the connection, however it came."""
    data, status = UNTIL_CLOSED[name]
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        found = feed(*pieces)
        assert isinstance(found, Partial)
        assert found.end() == Answer(status, keeps=False)


@pytest.mark.parametrize("name", WHOLE)
def test_half_an_answer_is_none(name: str) -> None:
    """The end of the connection anywhere within an answer that says how long it is leaves none."""
    data = WHOLE[name][0]
    for at in range(1, len(data)):
        found = feed(data[:at])
        assert isinstance(found, Partial)
        assert found.end() is None, data[:at]


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_told(name: str) -> None:
    """What is not HTTP/1.1, or more than was asked for, is never taken for an answer."""
    with pytest.raises(Garbage):
        feed(GARBAGE[name])


@pytest.mark.parametrize("name", ["a length that is none", "a chunk that is none", "another protocol"])
def test_garbage_in_pieces_is_told(name: str) -> None:
    """Garbage that comes byte by byte is garbage."""
    with pytest.raises(Garbage):
        feed(*(bytes([byte]) for byte in GARBAGE[name]))


def test_what_was_read_before_is_read_alike() -> None:
    """Known answers are remembered, and forgetting them when they are too many changes none."""
    answers = Answers()
    for second in itertools.chain(range(3 * KNOWN), range(3 * KNOWN)):
        data = PLAIN.replace(b"00:00:00", b"%08d" % second)
        assert answers.read(data, None) == answers.read(data, None) == Answer(204, keeps=True)
    assert len(answers.known) <= KNOWN


def test_garbage_is_garbage_each_time() -> None:
    """What was refused once is not known afterwards."""
    answers = Answers()
    for _ in range(2):
        with pytest.raises(Garbage):
            answers.read(GARBAGE["a page"], None)


def test_a_beginning_is_not_taken_for_the_whole() -> None:
    """Bytes that were a whole answer once are not one where they come as the middle of another."""
    answers = Answers()
    inner = WHOLE["no content"][0]
    assert isinstance(answers.read(inner, None), Answer)
    outer = answers.read(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(inner)), None)
    assert isinstance(outer, Partial)
    assert answers.read(inner, outer) is outer
    assert answers.read(inner, outer) == Answer(200, keeps=True)
