"""Where requests go: the host's addresses, its TLS, and the words of a URL that stand in a request."""

import ssl
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import gevent
from gevent.event import Event

from simulator.errors import ProfileError

RESOLVED_S: Final = 60.0  # assumed: as long as many clients keep an address
AGAIN_S: Final = 1.0  # assumed: a name that was not found is looked up again after this
PORTS: Final = {"http": 80, "https": 443}  # RFC 9110, 4.2


@dataclass(frozen=True, slots=True)
class Place:
    """A URL's parts. `prefix`: its path, without a slash at the end."""

    secure: bool
    host: str
    port: int
    prefix: str

    @property
    def authority(self) -> str:
        """Give what the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def place(url: str) -> Place:
    """Take a URL apart that options.py has found sound."""
    found = urlsplit(url)
    return Place(found.scheme == "https", found.hostname or "", found.port or PORTS[found.scheme], found.path.rstrip("/"))


def context(trusts: str) -> ssl.SSLContext:
    """Give what TLS connections share. `trusts`: a file of certificate authorities, "" for the system's, "any" to check nothing."""
    try:
        made = ssl.create_default_context(cafile=trusts if trusts not in ("", "any") else None)
    except OSError as error:
        raise ProfileError(f"--rum-tls-ca {trusts}: no certificates can be read ({error.strerror or error}); expected a PEM file, or any") from None
    made.set_alpn_protocols(["http/1.1"])
    if trusts == "any":
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


class Resolver:
    """A host's addresses, looked up when they are first needed and again when they are old, beside whatever else goes on."""

    def __init__(self, host: str, port: int) -> None:
        """Know nothing yet."""
        self._host, self._port = host, port
        self._found: list[tuple[int, Any]] = []
        self._until = 0.0
        self._asks = False
        self._turn = 0
        self.is_known = Event()
        """Set once there is an answer, be it that there is no such host."""

    def address(self) -> tuple[int, Any] | None:
        """Give family and address for a new connection, each in its turn; None if there is none, or none yet."""
        if time.monotonic() >= self._until and not self._asks:
            self._asks = True
            gevent.spawn(self._ask)
        if not self._found:
            return None
        self._turn += 1
        return self._found[self._turn % len(self._found)]

    def avoid(self, address: Any) -> bool:  # noqa: ANN401
        """Leave out an address that takes no connections, until the next look-up; tell whether another is left. The last one stays."""
        others = [one for one in self._found if one[1] != address]
        self._found = others or self._found
        return bool(others)

    def _ask(self) -> None:
        try:
            answers = gevent.get_hub().resolver.getaddrinfo(self._host, self._port, type=1)
            self._found = [(family, address) for family, _, _, _, address in answers]
            self._until = time.monotonic() + RESOLVED_S
        except OSError:
            self._found, self._until = [], time.monotonic() + AGAIN_S
        finally:
            self._asks = False
            self.is_known.set()
