"""The cookies of a browser, as the SDK uses them: each is set for a domain, and seen by all hosts below it (FACTS 1.2)."""

import re
from typing import Final
from urllib.parse import unquote

_ADDRESS: Final = re.compile(r"[\d.]+|\[.*\]", re.ASCII)


def accepts(host: str, domain: str) -> bool:
    """Tell whether a host may set cookies for a domain: its own, or one above it of more than one label."""
    return domain == host or ("." in domain and host.endswith(f".{domain}") and not _ADDRESS.fullmatch(host))


class Cookies:
    """Values by domain and name."""

    def __init__(self) -> None:
        """Begin without any."""
        self._kept: dict[tuple[str, str], str] = {}

    def set(self, host: str, domain: str, name: str, value: str) -> None:
        """Set a cookie as a page of a host; a browser rejects that of a foreign domain without a word."""
        domain = domain.lower().removeprefix(".")
        if accepts(host, domain):
            self._kept[domain, name] = value

    def get(self, host: str, name: str) -> str | None:
        """Give a cookie's value as the SDK reads it: of two with one name, of a host and of a domain above it, neither (FACTS 1.12)."""
        found = [value for known, value in self._seen(host) if known == name]
        return unquote(found[0]) if len(found) == 1 else None

    def string(self, host: str) -> str:
        """Give document.cookie."""
        return "; ".join(f"{name}={value}" for name, value in self._seen(host))

    def _seen(self, host: str) -> list[tuple[str, str]]:
        return [(name, value) for (domain, name), value in self._kept.items() if host == domain or host.endswith(f".{domain}")]
