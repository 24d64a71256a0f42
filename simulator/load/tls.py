"""TLS of one connection, apart from its socket: bytes in, bytes out."""

import ssl
from typing import Final

CHUNK: Final = 1 << 16


class Tls:
    """The client's side."""

    __slots__ = ("_incoming", "_object", "_outgoing", "is_accepted", "is_closed", "is_done")

    def __init__(self, context: ssl.SSLContext, host: str, session: ssl.SSLSession | None) -> None:
        """Begin; `session`: of an earlier connection, to be resumed."""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host, session=session)
        self.is_done = self.is_accepted = self.is_closed = False

    def shake(self, received: bytes) -> bool:
        """Go on with the handshake; tell whether it is done. Raise ssl.SSLError where it fails."""
        self._incoming.write(received)
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.is_done = True
        self.is_accepted = self._object.version() != "TLSv1.3"  # there ours is the last word, and only what comes next tells (RFC 8446, 4.4.4)
        return True

    def outgoing(self) -> bytes:
        """Give what has to be sent."""
        return self._outgoing.read()

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """Give the bytes to send, those of the handshake that still wait included."""
        self._object.write(data)
        return self._outgoing.read()

    def decrypt(self, received: bytes) -> bytes:
        """Give what was meant; raise ssl.SSLError for what nobody can read."""
        self._incoming.write(received)
        parts = []
        try:
            while part := self._object.read(CHUNK):
                parts.append(part)
            self.is_closed = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.is_closed = True
        self.is_accepted = True
        return b"".join(parts)

    @property
    def session(self) -> ssl.SSLSession | None:
        """Give what a later connection may resume."""
        return self._object.session

    @property
    def is_resumed(self) -> bool:
        """Tell whether an earlier session was resumed."""
        return bool(self._object.session_reused)
