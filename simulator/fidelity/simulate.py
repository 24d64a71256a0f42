"""A profile's users as a log of page views: what an analyst would have of them.

Played as everything is, but for two things that would stand between people and log: every session is sampled, and all clocks are right.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct, field, json, structs

from simulator.errors import ProfileError
from simulator.fidelity.events import Events, arrange
from simulator.fidelity.sessions import HOUR, HOURS, MONDAY
from simulator.play.cohort import Cohort
from simulator.play.model import make
from simulator.play.seat import ROWS
from simulator.profile.types import Profile
from simulator.schema.words import VIEW

BLOCK: Final = 2_000
"""Devices that are played together, at most."""
PAST: Final = HOURS * HOUR
"""A week (ms) that is lived before: who comes back often comes from before the log's beginning."""
SHOWN: Final = b'"type":"pv"'
USERS: Final = 5_000
DAYS: Final = 16
MOST: Final = 2_000_000
"""Devices; a profile whose users come so rarely that more are needed is refused."""


class _Row(Struct):
    """What is read of a stored row."""

    timestamp: int
    page: str = field(name="view.name", default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a log shows: so many users, from ms since 1970 to ms since 1970."""

    users: int
    begin: int
    end: int


def span_of(real: Events | None, users: int | None) -> Span:
    """Give the span of a reference; without one that of the published figures of sessions: 16 days from a Monday on."""
    if real is None:
        return Span(users=users or USERS, begin=MONDAY * HOUR, end=MONDAY * HOUR + DAYS * 24 * HOUR)
    return Span(users=users or real.users, begin=int(real.time.min()), end=int(real.time.max()))


def simulate(profile: Profile, span: Span, seed: int, *, compiled: bool = True) -> Events:
    """Play devices until as many users were seen in the span as a reference has; raise ProfileError if too few come.

    The log keeps the hour of the week: it begins in the same as the span.
    """
    model = make(_plain(profile), seed)
    begin = ((span.begin // HOUR - MONDAY) % HOURS) * HOUR + span.begin % HOUR + PAST
    end = begin + span.end - span.begin
    user: list[int] = []
    time: list[int] = []
    page: list[str] = []
    seen: set[int] = set()
    block = min(BLOCK, max(span.users, 100))
    for first in range(0, MOST, block):
        cohort = Cohort(model, first, block, begin=begin - PAST, epoch=span.begin - begin, prints=ROWS, compiled=compiled)
        for chunk in cohort.advance(end):
            some = chunk.events[(chunk.events["type"] == VIEW) & (chunk.events["length"] > 0)]
            for device, at, length in zip(some["device"].tolist(), some["begins"].tolist(), some["length"].tolist(), strict=True):
                text = bytes(chunk.text[at : at + length])
                if SHOWN in text:
                    row = json.decode(text, type=_Row)
                    if span.begin <= row.timestamp <= span.end:
                        user.append(device)
                        time.append(row.timestamp)
                        page.append(row.page)
                        seen.add(device)
        if len(seen) >= span.users:
            break
        if first >= 4 * block and not seen:
            break
    if len(seen) < span.users:
        raise ProfileError(f"population.visits_per_day: found {len(seen):,} users with a page view in the log's span; expected {span.users:,}")
    kept = np.isin(np.array(user), np.array(sorted(seen)[: span.users]))
    return arrange(np.array(user)[kept], np.array(time)[kept], np.array(page)[kept])


def _plain(profile: Profile) -> Profile:
    platforms = {
        name: structs.replace(platform, session=structs.replace(platform.session, sample_rate=1.0)) for name, platform in profile.platforms.items()
    }
    population = structs.replace(profile.population, clocks=structs.replace(profile.population.clocks, wrong_share=0.0))
    return structs.replace(profile, platforms=platforms, population=population, incidents={})
