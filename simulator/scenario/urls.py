"""URLs as browsers read them (WHATWG URL Standard), as far as pages and requests have them.

Rules of the file:
- What is no URL is None, never an exception.
- Not done: international host names beyond IDNA 2003, hosts of schemes that are none of the web's, drive letters of files.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote, unquote_to_bytes

PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
"""URL Standard: the special schemes, with their default ports. (file is not here: no page or request of a script is one.)"""
LAST_PORT: Final = 65_535
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_ENDS: Final = "".join(map(chr, range(0x21)))
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f#/:<>?@\[\\\]^|%]")
_SAFE: Final = "!$%&'()*+,-./:;=@[\\]_|~"
"""Beside letters and digits, what is left as it is in fragments, paths and queries, but for:"""
_FRAGMENT, _PATH, _QUERY = _SAFE + "#?^{}", _SAFE, (_SAFE + "?^`{}").replace("'", "")
_LONE: Final = re.compile("[\ud800-\udfff]")
_DOT: Final = (".", "%2e")
_DOTS: Final = ("..", ".%2e", "%2e.", "%2e%2e")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL. `host` is with its port, empty where there is none; `login` stands before it."""

    scheme: str
    host: str
    path: str
    query: str | None = None
    fragment: str | None = None
    login: str = ""

    @property
    def name(self) -> str:
        """The host without its port."""
        return re.sub(r":\d+$", "", self.host)

    @property
    def origin(self) -> str:
        """Scheme and host."""
        return f"{self.scheme}://{self.host}"

    @property
    def href(self) -> str:
        """The URL as text."""
        login = self.login and self.login + "@"
        front = f"{self.scheme}://{login}{self.host}" if self.host else f"{self.scheme}:"
        return front + self.path + ("" if self.query is None else f"?{self.query}") + ("" if self.fragment is None else f"#{self.fragment}")


def parse(text: str, base: Url | None = None) -> Url | None:
    """Read a URL, one relative to `base` too."""
    text = re.sub(r"[\t\n\r]", "", text.strip(_ENDS))
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else base.scheme if base else ""
    rest = text[found.end() :] if found else text
    if scheme not in PORTS:
        return _opaque(scheme, rest) if found else _beside(base, rest)
    rest, sharp, after = rest.partition("#")
    fragment = _quoted(after, _FRAGMENT) if sharp else None
    rest, mark, asked = rest.partition("?")
    query = _quoted(asked, _QUERY) if mark else None
    rest = rest.replace("\\", "/")
    is_relative = base is not None and base.scheme == scheme and not rest.startswith("//")
    if base is None or not is_relative:
        return _absolute(scheme, rest.lstrip("/"), query, fragment) if found or rest.startswith("//") else None
    if not rest:
        return replace(base, query=query if mark else base.query, fragment=fragment)
    before = [] if rest.startswith("/") else base.path.split("/")[1:-1]
    return replace(base, path=_path([*before, *rest.removeprefix("/").split("/")]), query=query, fragment=fragment)


def _absolute(scheme: str, rest: str, query: str | None, fragment: str | None) -> Url | None:
    place, _, path = rest.partition("/")
    login, _, place = place.rpartition("@")
    name, port = place, ""
    if found := re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d*)", place, re.ASCII):
        name, port = found[1], found[2]
    host = _host(name)
    if host is None or (port and int(port) > LAST_PORT):
        return None
    if port and int(port) != PORTS[scheme]:
        host += f":{int(port)}"
    return Url(scheme, host, _path(path.split("/")), query, fragment, login.replace("@", "%40"))


def _opaque(scheme: str, rest: str) -> Url:
    rest, sharp, fragment = rest.partition("#")
    path, mark, query = rest.partition("?")
    return Url(scheme, "", path, query if mark else None, _quoted(fragment, _FRAGMENT) if sharp else None)


def _beside(base: Url | None, rest: str) -> Url | None:
    return replace(base, fragment=_quoted(rest[1:], _FRAGMENT)) if base and rest.startswith("#") else None


def _path(segments: list[str]) -> str:
    """Write a path, its dots resolved."""
    made: list[str] = []
    for i, segment in enumerate(segments):
        is_last = i == len(segments) - 1
        if segment.lower() in _DOTS:
            del made[-1:]
        elif segment.lower() not in _DOT:
            made.append(_quoted(segment, _PATH))
            continue
        if is_last:
            made.append("")
    return "/" + "/".join(made)


def _host(text: str) -> str | None:
    """Read a host: a name in small ASCII letters, or an address."""
    if text.startswith("["):
        try:
            return f"[{IPv6Address(text[1:-1]).compressed}]" if text.endswith("]") else None
        except AddressValueError:
            return None
    try:
        name = unquote_to_bytes(text).decode()
        name = name.lower() if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return None
    if not name or _FORBIDDEN.search(name):
        return None
    last = name.removesuffix(".").rpartition(".")[2]
    return _address(name.removesuffix(".").split(".")) if re.fullmatch(r"\d+|0x[0-9a-f]*", last, re.ASCII) else name


def _address(parts: list[str]) -> str | None:
    """Read an IPv4 address: each part but the last is a byte, the last fills the rest."""
    try:
        numbers = [int(p[2:] or "0", 16) if p.startswith("0x") else int(p, 8 if len(p) > 1 and p.startswith("0") else 10) for p in parts]
        *front, last = numbers
        if len(parts) > 4 or any(n > 255 for n in front) or last >= 256 ** (5 - len(parts)):  # noqa: PLR2004 - bytes of an address
            return None
        return str(IPv4Address(sum(n << 8 * (3 - i) for i, n in enumerate(front)) + last))
    except ValueError:
        return None


def _quoted(text: str, safe: str) -> str:
    return quote(_LONE.sub("\ufffd", text), safe=safe)
