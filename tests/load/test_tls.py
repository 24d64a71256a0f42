"""TLS apart from its socket, against a server in the same process. None of this imports Locust."""

import contextlib
import ssl

import pytest
from scripted import CERTIFICATE

from simulator.load.target import context
from simulator.load.tls import Tls


class Peer:
    """A server of TLS, at most of this version; `demands`: a certificate of the client's."""

    def __init__(self, version: ssl.TLSVersion, *, demands: bool = False) -> None:
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(CERTIFICATE)
        settings.maximum_version = version
        if demands:
            settings.load_verify_locations(CERTIFICATE)
            settings.verify_mode = ssl.CERT_REQUIRED
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = settings.wrap_bio(self._in, self._out, server_side=True)

    def hear(self, data: bytes) -> bytes:
        """Go on with the handshake by what the client says; give what is said then."""
        self._in.write(data)
        with contextlib.suppress(ssl.SSLError):  # more is wanted; or it is refused, and the alert says so
            self.tls.do_handshake()
        return self._out.read()

    def says(self, text: bytes) -> bytes:
        """Give a text as it goes over the wire."""
        self.tls.write(text)
        return self._out.read()


def shaken(peer: Peer) -> tuple[Tls, bytes]:
    """Do the client's part of a handshake; give what the server says to the end of it."""
    tls = Tls(context(str(CERTIFICATE)), "localhost", None)
    said = b""
    while not tls.shake(said):
        said = peer.hear(tls.outgoing())
    return tls, peer.hear(tls.outgoing())


@pytest.mark.parametrize(("version", "at_once"), [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, False)])
def test_a_handshake_is_accepted_when_the_server_has_had_the_last_word(version: ssl.TLSVersion, at_once: bool) -> None:
    """In TLS 1.2 that is the end of the handshake; in TLS 1.3 whatever can be read next, be it tickets without a word of an answer."""
    peer = Peer(version)
    tls, more = shaken(peer)
    assert (tls.is_done, tls.is_accepted) == (True, at_once)
    assert tls.decrypt(more or peer.says(b"x")) in (b"", b"x")
    assert tls.is_accepted


def test_a_handshake_that_is_refused_is_not_accepted() -> None:
    """A server that demands a certificate refuses in TLS 1.3 when our part is done."""
    tls, alert = shaken(Peer(ssl.TLSVersion.TLSv1_3, demands=True))
    with pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"):
        tls.decrypt(alert)
    assert (tls.is_done, tls.is_accepted) == (True, False)
