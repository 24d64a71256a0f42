"""What a server answers, taken apart: httptools does it, once for each different answer that comes whole."""

from typing import Final, NamedTuple

import httptools

KNOWN: Final = 256  # assumed: so many different answers are remembered; a server's differ by the second of their Date
SMALL_BYTES: Final = 4096  # of an answer that is worth remembering


class Answer(NamedTuple):
    """A complete answer. `keeps`: the connection may carry another request."""

    status: int
    keeps: bool


class Garbage(ValueError):  # noqa: N818 - a name for what came, as users read it
    """What came is not HTTP/1.1."""


class Answers:
    """What was read before."""

    def __init__(self) -> None:
        """Know none."""
        self.known: dict[bytes, Answer] = {}
        """Complete answers, by their bytes."""

    def read(self, data: bytes, partial: "Partial | None") -> "Answer | Partial":
        """Read more of an answer; `partial` is what came before, None at its beginning. Raise Garbage if it is none."""
        if partial is None:
            if (known := self.known.get(data)) is not None:
                return known
            partial = Partial()
            answer = partial.feed(data)
            if isinstance(answer, Answer) and len(data) <= SMALL_BYTES:
                if len(self.known) == KNOWN:
                    self.known.clear()
                self.known[data] = answer
            return answer
        return partial.feed(data)


class Partial:
    """An answer that has not come whole."""

    def __init__(self) -> None:
        """Expect its beginning."""
        self._parser = httptools.HttpResponseParser(self)
        self._done: list[Answer] = []
        self._has_headers = self._has_length = False

    def feed(self, data: bytes) -> "Answer | Partial":
        """Take more; give the answer if it is complete, else oneself."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise Garbage(str(error)) from None
        if len(self._done) > 1:
            raise Garbage("more than was asked for")
        return self._done[0] if self._done else self

    def end(self) -> Answer | None:
        """Give the answer that the end of the connection completes: one that tells no length; None if it breaks off."""
        if self._has_headers and not self._has_length:
            return Answer(self._parser.get_status_code(), keeps=False)
        return None

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Note what says how long the body is."""
        self._has_length |= name.lower() in (b"content-length", b"transfer-encoding")

    def on_headers_complete(self) -> None:
        """Note that only a body can follow."""
        self._has_headers = True

    def on_message_complete(self) -> None:
        """Note the answer, unless it is one of those that announce another (status 1xx)."""
        status = self._parser.get_status_code()
        if status >= 200:  # noqa: PLR2004 - RFC 9110, 15.2
            self._done.append(Answer(status, keeps=self._parser.should_keep_alive()))
        self._has_headers = self._has_length = False
