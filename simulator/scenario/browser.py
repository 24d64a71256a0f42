"""What pages share: the clock, the storage of origins, Math.random, the network, and all that was sent.

Rules of the file:
- The stored strings are the truth. `enter` lets the core's Store know what stands there now, `leave` writes what the core has changed.
- A session is its id: a string that comes back brings its ordinal back.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.kernel.rnd import bits
from simulator.scenario.cookies import Cookies
from simulator.scenario.js import leading_integer, parse_json, round_half_up, text_of, truthy
from simulator.scenario.script import Answer, Script
from simulator.sdk.state import Store

SESSION_KEY, USER_KEY, CONFIG_KEY = "_arms_session", "_arms_uid", "arms_rum2_local_config"  # FACTS 1.2, 3
BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz"
ID_DIGITS = 16  # FACTS 4: of spans and users


def hex_id(kind: int, number: int) -> str:
    """Make 32 hex digits that no other (kind, number) has."""
    return f"{bits(kind, 2 * number) & (1 << 64) - 1:016x}{bits(kind, 2 * number + 1) & (1 << 64) - 1:016x}"


@dataclass
class Report:
    """A request of the SDK's. `t`: ms since the epoch."""

    t: int
    via: str
    url: str
    body: str


@dataclass(frozen=True)
class Slot:
    """Where a page keeps its session: its origin's local storage, or cookies that its host sets for a domain, under names that may have a suffix."""

    origin: str
    host: str | None = None
    domain: str = ""
    suffix: str = ""


class Watch:
    """Whether somebody still listens: an observer that is connected, a page that is open."""

    def __init__(self) -> None:
        """Listen."""
        self.on = True


@dataclass
class Browser:
    """One browser. `store` is the session as the core knows it, whichever slot holds its string."""

    script: Script
    now: float = 0
    random: float = 0.0
    logs: bool = False
    """Pages keep the calls of the core."""
    armings: int = 0
    refs: int = 0
    """Names of stimuli."""
    timers: list[tuple[float, int, Watch, Callable[[], None]]] = field(default_factory=list)
    store: Store = field(default_factory=Store)
    stored: dict[str, dict[str, str]] = field(default_factory=dict)
    """Local storage, by origin; under "" what a script has stored before any page was open."""
    cookies: Cookies = field(default_factory=Cookies)
    reports: list[Report] = field(default_factory=list)
    _ids: dict[int, str] = field(default_factory=dict)
    _ordinals: dict[str, int] = field(default_factory=dict)
    _entered: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Begin at the script's epoch."""
        self.now, self.random = self.script.epoch, self.script.random

    def at(self) -> int:
        """Give the time in ms since the epoch."""
        return round_half_up(self.now)

    def answer(self, path: str) -> Answer:
        """Give what the network answers on a path."""
        return self.script.http.get(path) or Answer(status=200, statusText="OK", ms=20, body="{}")

    # ---- chance and ids

    def draws(self, percent: float) -> bool:
        """Tell whether Math.random is on the lucky side (FACTS 2)."""
        return percent != 0 and self.random * 100 <= percent

    def digits(self, base: int) -> str:
        """Draw digits from Math.random, which does not change of itself."""
        return BASE_36[math.floor(self.random * base)] * ID_DIGITS

    def session_id(self, ordinal: int) -> str:
        """Give a session's id."""
        if ordinal not in self._ids:
            self._ids[ordinal] = hex_id(1, ordinal)
            self._ordinals[self._ids[ordinal]] = ordinal
        return self._ids[ordinal]

    def user_id(self, slot: Slot) -> str:
        """Give the user's id, made when it is first asked for."""
        known = self._get(slot, USER_KEY)
        if known and not known.startswith("user_"):
            return known
        made = "uid_" + self.digits(36)
        self._set(slot, USER_KEY, made)
        return made

    # ---- storage

    def enter(self, slot: Slot) -> None:
        """Let the core know the stored session (FACTS 1.2: missing parts are 0, and anything but 0 is sampled)."""
        parts = [*(self._get(slot, SESSION_KEY) or "").split("-"), "", "", ""][:4]
        store = self.store
        store.session = self._ordinal(parts[0])
        store.open = 1
        store.sampled = int(parts[1] != "0")
        store.start, store.last = leading_integer(parts[2]), leading_integer(parts[3])  # type: ignore[assignment]  # strings can hold anything
        self._entered = (store.session, store.sampled, store.start, store.last)

    def leave(self, slot: Slot, *, written: bool) -> None:
        """Write the session if the core has changed it, or has `written` it as it was."""
        s = self.store
        if written or self._entered != (s.session, s.sampled, s.start, s.last):
            self._set(slot, SESSION_KEY, f"{self.session_id(s.session)}-{s.sampled}-{text_of(s.start)}-{text_of(s.last)}")

    def forgets(self, slot: Slot) -> bool:
        """Tell whether the session that was stored cannot be read: each read makes a new one, and no event is of the session in which it is sent."""
        return self._get(slot, SESSION_KEY) is None

    def local(self, origin: str) -> dict[str, str]:
        """Give an origin's local storage; the first that is asked for has what was stored before."""
        if origin not in self.stored:
            self.stored[origin] = self.stored.pop("", {})
        return self.stored[origin]

    def kept_config(self, origin: str, pid: Any) -> Any:  # noqa: ANN401
        """Give the remote configuration that an origin has stored, if it is for this application."""
        try:
            kept = parse_json(self.local(origin).get(CONFIG_KEY) or "null")
        except ValueError:
            return None
        if not isinstance(kept, dict) or (truthy(pid) and truthy(kept.get("pid")) and kept["pid"] != pid):
            return None
        return kept.get("content")

    def _ordinal(self, text: str) -> int:
        if text not in self._ordinals:
            self.store.made += 1
            self._ids[self.store.made] = text
            self._ordinals[text] = self.store.made
        return self._ordinals[text]

    def _get(self, slot: Slot, key: str) -> str | None:
        if slot.host is None:
            return self.local(slot.origin).get(key + slot.suffix)
        return self.cookies.get(slot.host, key + slot.suffix)

    def _set(self, slot: Slot, key: str, value: str) -> None:
        if slot.host is None:
            self.local(slot.origin)[key + slot.suffix] = value
        else:
            self.cookies.set(slot.host, slot.domain, key + slot.suffix, value)
