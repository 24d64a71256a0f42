"""What the command lines share: a profile by file or by a starter's name, and a start as a time or `now`."""

from datetime import UTC, datetime
from pathlib import Path

from simulator.errors import ProfileError
from simulator.profile import starters
from simulator.profile.loader import EARLIEST_MS, LATEST_MS, SPAN, read


def profile_text(name: str) -> str:
    """Give the text of a profile's file, or of the starter profile of that name."""
    if not Path(name).exists() and name in starters.names():
        return starters.read(name)
    return read(Path(name))


def parse_start(text: str, option: str, now_ms: int) -> int:
    """Turn `now` or an ISO date and time (UTC unless it says otherwise) into ms since the epoch; `option` is what messages call it."""
    if text == "now":
        return now_ms
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ProfileError(f"{option}: found {text!r}; expected now, or a time such as 2026-01-05T00:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    ms = round(moment.timestamp() * 1000)
    if not EARLIEST_MS <= ms <= LATEST_MS:
        raise ProfileError(f"{option}: found {text!r}; expected a time from {SPAN}")
    return ms


def iso(ms: int) -> str:
    """Write ms since the epoch as ISO 8601, UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
