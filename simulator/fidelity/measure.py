"""Measures a profile: against a log of real people, against the published figures, or against a log and those figures that are claimed.

Published figures are of sessions that are cut at 30 minutes, and of 16 days: they have a simulation of their own, whatever log stands beside.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from simulator.errors import DataError, ProfileError
from simulator.fidelity.compare import Fidelity, with_log
from simulator.fidelity.events import Events
from simulator.fidelity.published import with_published
from simulator.fidelity.references import checked, claimed
from simulator.fidelity.sessions import TIMEOUT
from simulator.fidelity.simulate import simulate, span_of, watch
from simulator.profile.loader import parse

LEAST: Final = 100
"""Users; of fewer, no log is compared."""


def measure(
    text: str, name: str, real: Events | None, source: str, claims: Iterable[str] = (), *,
    users: int | None = None, seed: int = 1, timeout: int | None = None, sampled: float = 1.0, classify: bool = True,
    compiled: bool = True,
) -> Fidelity:  # fmt: skip
    """Compare the users of the profile `text`, called `name`, with a log from `source`, None: with published figures; `claims` beside the profile's.

    `timeout`: ms after which a session of the log is over; `sampled`: the share of sessions that it has. Raise ProfileError for a wrong
    profile or claim, DataError for a log that says too little.
    """
    if timeout is not None and real is None:
        raise ProfileError(f"--timeout {timeout / 60_000:g}: is for a log (--reference); published figures are of sessions that end at 30 min")
    wanted = checked(claims)
    profile = parse(text, name)
    wanted |= claimed(profile, name)
    found = None
    if real is not None:
        _look(real, source, timeout or TIMEOUT)
        log = simulate(profile, span_of(real, users), seed, compiled=compiled, sampled=sampled)
        found = with_log(log, real, source, name, seed=seed, classify=classify, timeout=timeout or TIMEOUT)
        if not wanted:
            return found
    log, seen = watch(profile, span_of(None, users), seed, compiled=compiled)
    figures = with_published(log, name, wanted, seen)
    if found is None:
        return figures
    return replace(found, rows=[*found.rows, *(row for row in figures.rows if row.held is not None or row.needed is not None)])


def _look(real: Events, source: str, timeout: int) -> None:
    """Raise DataError if a log is too short, or of too few users, to say anything."""
    if real.span <= timeout:
        found = f"{real.span / 60_000:.3g} min from the first page view to the last"
        raise DataError(f"{source}: found {found}; expected more than {timeout / 60_000:g}, after which a session is over")
    if real.users < LEAST:
        raise DataError(f"{source}: found {real.users} users; expected at least {LEAST}")
