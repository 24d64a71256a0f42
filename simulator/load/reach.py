"""The first connection to a host, before the load: where TLS is expected and not spoken, or the other way round, it is said at once.

A server of plain HTTP waits for the rest of what it takes for a request; a server of TLS may answer plain HTTP in HTTP, to say that it is none.
"""

import socket
import ssl
from typing import Final

from simulator.errors import CollectorError
from simulator.load.pump import CONNECT_S
from simulator.load.target import Place, context
from simulator.load.tls import Tls

SOON_S: Final = 1.0  # assumed: who has not said a word of TLS by then may speak plain HTTP, and is asked
RECORDS: Final = (b"\x15", b"\x16")  # alert, handshake: RFC 8446, 5.1
LINE_BYTES: Final = 1000  # assumed: no status line is longer
NO_TLS: Final = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING", None)
"""OpenSSL's reasons where what came is no TLS, or nothing came; None: the connection was reset."""


def reach(host: str, to: Place, trusts: str) -> socket.socket:
    """Connect as the load would, with TLS where `host`, the URL, says so.

    Raise CollectorError where there is no connection or no handshake, ProfileError for authorities that cannot be read.
    """
    settings = context(trusts) if to.secure else None
    try:
        made = socket.create_connection((to.host, to.port), timeout=CONNECT_S)
    except TimeoutError:
        raise CollectorError(f"--host {host}: no connection within {CONNECT_S:g} s; expected a collector that listens there") from None
    except OSError as error:
        raise CollectorError(f"--host {host}: cannot be reached ({error.strerror or error}); expected a collector that listens there") from None
    if settings is None:
        return made
    made.settimeout(SOON_S)
    tls = made
    try:
        tls = settings.wrap_socket(made, server_hostname=to.host, do_handshake_on_connect=False)
        _shake(host, to, tls)
    except BaseException:
        tls.close()
        raise
    return tls


def _shake(host: str, to: Place, tls: ssl.SSLSocket) -> None:
    try:
        try:
            tls.do_handshake()
        except TimeoutError:
            if _speaks_http(to, surely=False):
                raise _mistaken(host, to) from None
            tls.settimeout(CONNECT_S)
            tls.do_handshake()
    except ssl.SSLCertVerificationError as error:
        raise CollectorError(f"--host {host}: no TLS with it ({error.reason}); expected a certificate to trust: see --rum-tls-ca") from None
    except TimeoutError:
        raise CollectorError(
            f"--host {host}: no TLS handshake within {CONNECT_S:g} s, and no plain HTTP either; expected a server of TLS on port {to.port}: is it up?"
        ) from None
    except OSError as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else None
        if reason in NO_TLS and _speaks_http(to, surely=reason == NO_TLS[0]):
            raise _mistaken(host, to) from None
        raise CollectorError(f"--host {host}: no TLS handshake ({reason or error}); expected a server of TLS on port {to.port}") from None


def _mistaken(host: str, to: Place) -> CollectorError:
    return CollectorError(
        f"--host {host}: no TLS handshake: plain HTTP is spoken on port {to.port}; expected TLS: give --host {host.replace('https', 'http', 1)}, "
        "or the port on which it speaks TLS"
    )


def demand_plain(host: str, to: Place) -> None:
    """Raise CollectorError if TLS is spoken where plain HTTP, of which the answer made no sense, was expected."""
    if not to.secure and _speaks_tls(to):
        raise CollectorError(
            f"--host {host}: TLS is spoken on port {to.port}; expected plain HTTP, as the URL says: give --host {host.replace('http', 'https', 1)}, "
            "or the port on which it speaks plain HTTP"
        )


def _speaks_http(to: Place, *, surely: bool) -> bool:
    """Tell whether plain HTTP is answered; unless it is `surely` no server of TLS, not by 400, as one of those does."""
    try:
        with socket.create_connection((to.host, to.port), timeout=SOON_S) as asks:
            asks.sendall(f"HEAD / HTTP/1.1\r\nHost: {to.authority}\r\nConnection: close\r\n\r\n".encode())
            said = asks.makefile("rb").readline(LINE_BYTES).split()
            return bool(said) and said[0].startswith(b"HTTP/") and (surely or said[1:2] != [b"400"])
    except OSError:
        return False


def _speaks_tls(to: Place) -> bool:
    try:
        with socket.create_connection((to.host, to.port), timeout=SOON_S) as asks:
            tls = Tls(context("any"), to.host, None)
            tls.shake(b"")
            asks.sendall(tls.outgoing())
            return asks.recv(1) in RECORDS
    except OSError:
        return False
