"""What pages share: the clock, the origin's storage, Math.random, the network, and all that was sent."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

from simulator.kernel.rnd import bits
from simulator.scenario.script import Answer, Script
from simulator.sdk.state import Store

SESSION_KEY, USER_KEY, CONFIG_KEY = "_arms_session", "_arms_uid", "arms_rum2_local_config"  # FACTS 1.2, 3


def hex_id(kind: int, number: int) -> str:
    """Make 32 hex digits that no other (kind, number) has."""
    return f"{bits(kind, 2 * number) & (1 << 64) - 1:016x}{bits(kind, 2 * number + 1) & (1 << 64) - 1:016x}"


def js_round(value: float) -> int:
    """Round half up, as Math.round does."""
    return math.floor(value + 0.5)


@dataclass
class Report:
    """A request of the SDK's. `t`: ms since the epoch."""

    t: int
    via: str
    url: str
    body: str


@dataclass
class Browser:
    """One origin in one browser. `store` is the session as the core knows it, whichever storage holds its string."""

    script: Script
    clock: int = 0
    random: float = 0.0
    store: Store = field(default_factory=Store)
    local: dict[str, str] = field(default_factory=dict)
    in_cookie: bool = False
    user: str | None = None
    reports: list[Report] = field(default_factory=list)
    _ids: dict[int, str] = field(default_factory=dict)
    _written: tuple[int, ...] = ()
    _raw: str | None = None

    def __post_init__(self) -> None:
        """Begin at the script's epoch."""
        self.clock, self.random = self.script.epoch, self.script.random

    def answer(self, path: str) -> Answer:
        """Give what the network answers on a path."""
        return self.script.http.get(path) or Answer(status=200, statusText="OK", ms=20, body="{}")

    def draws(self, rate: float) -> bool:
        """Tell whether a session that is created now is sampled (FACTS 2)."""
        return rate != 0 and self.random * 100 <= 100 * rate

    def session_id(self, ordinal: int) -> str:
        """Give a session's id."""
        return self._ids.setdefault(ordinal, hex_id(1, ordinal))

    def span_id(self) -> str:
        """Draw 16 hex digits from Math.random, which does not change of itself."""
        return f"{math.floor(self.random * 16):x}" * 16

    def user_id(self) -> str:
        """Give the user's id, made when it is first asked for."""
        if self.user is None:
            self.user = "uid_" + "a" * 16
        return self.user

    def put(self, key: str, value: str) -> None:
        """Write to the local storage from outside."""
        if key == SESSION_KEY and not self.in_cookie:
            self._adopt(value)
        elif key == USER_KEY:
            self.user = None if value.startswith("user_") or not value else value
        else:
            self.local[key] = value

    def clear(self) -> None:
        """Clear the local storage from outside."""
        self.local.clear()
        if not self.in_cookie:
            self.user = None
            self._adopt("")
            self._raw = None

    def session_string(self) -> str | None:
        """Give the stored session as the SDK wrote it, or as it was put there since."""
        s = self.store
        now = (s.session, s.sampled, s.start, s.last)
        if now != self._written:
            self._written = now
            self._raw = f"{self.session_id(s.session)}-{s.sampled}-{s.start}-{s.last}" if s.session else None
        return self._raw

    def cookie_string(self) -> str:
        """Give document.cookie."""
        if not self.in_cookie:
            return ""
        found = [f"{SESSION_KEY}={self.session_string()}"] if self.session_string() else []
        return "; ".join(found + ([f"{USER_KEY}={self.user}"] if self.user else []))

    def kept_config(self, pid: str | None) -> Any:  # noqa: ANN401
        """Give the remote configuration that was stored, if it is for this application."""
        try:
            kept = json.loads(self.local.get(CONFIG_KEY, "null"))
            return None if not kept or (pid and kept.get("pid") and kept["pid"] != pid) else kept.get("content")
        except (ValueError, AttributeError):
            return None

    def _adopt(self, text: str) -> None:
        """Take over a session string (FACTS 1.2: missing parts are 0, and anything but 0 is sampled)."""
        parts = (text.split("-") + ["", "", ""])[:4]
        self.store.made += 1
        self.store.session = self.store.made
        self._ids[self.store.session] = parts[0]
        self.store.open = 1
        self.store.sampled = int(parts[1] != "0")
        self.store.start, self.store.last = (_leading_int(part) for part in parts[2:])
        self._written = (self.store.session, self.store.sampled, self.store.start, self.store.last)
        self._raw = text


def _leading_int(text: str) -> int:
    digits = text.strip()
    end = 0
    while end < len(digits) and (digits[end].isdigit() or (end == 0 and digits[end] in "+-")):
        end += 1
    try:
        return int(digits[:end])
    except ValueError:
        return 0
