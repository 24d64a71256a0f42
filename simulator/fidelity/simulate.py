"""A profile's users as a log of page views: what an analyst would have of them.

Played as everything is, but for two things that would stand between people and log: sessions are sampled as in the
reference (all of them, where nothing else is known), and all clocks are right.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from msgspec import Struct, field, json, structs

from simulator.errors import ProfileError
from simulator.fidelity.events import FORMS, NO_BROWSER, Events, Seen, arrange
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
PAINTED: Final = b'"largest_contentful_paint":'
BROWSER: Final = "browser"
DESKTOPS: Final = ("Windows", "macOS", "Linux", "ChromeOS")
"""Systems; devices with another one are phones, or tablets if the model is an iPad."""
USERS: Final = 5_000
DAYS: Final = 16
MOST: Final = 2_000_000
"""Devices; a profile whose users come so rarely that more are needed is refused."""


class _Row(Struct):
    """What is read of a stored row."""

    timestamp: int
    page: str = field(name="view.name", default="")
    app: str = field(name="app.type", default="")
    system: str = field(name="os.name", default="")
    model: str = field(name="device.model", default="")
    lcp: int = field(name="largest_contentful_paint", default=0)

    @property
    def form(self) -> int:
        """The device's, of FORMS."""
        if self.app != BROWSER:
            return NO_BROWSER
        return FORMS.index("desktop" if self.system in DESKTOPS else "tablet" if self.model.startswith("iPad") else "mobile")


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


def simulate(profile: Profile, span: Span, seed: int, *, compiled: bool = True, sampled: float = 1.0) -> Events:
    """Give the log alone of what `watch` sees."""
    return watch(profile, span, seed, compiled=compiled, sampled=sampled)[0]


def watch(profile: Profile, span: Span, seed: int, *, compiled: bool = True, sampled: float = 1.0) -> tuple[Events, Seen]:
    """Play devices until as many users were seen in the span as a reference has; raise ProfileError if too few come.

    `sampled`: the share of sessions that the reference has. The log keeps the hour of the week: it begins in the same as the span.
    """
    model = make(_plain(profile, sampled), seed)
    begin = ((span.begin // HOUR - MONDAY) % HOURS) * HOUR + span.begin % HOUR + PAST
    end = begin + span.end - span.begin
    user: list[int] = []
    time: list[int] = []
    page: list[str] = []
    form: dict[int, int] = {}
    painted: list[tuple[int, int]] = []
    block = min(BLOCK, max(span.users, 100))
    for first in range(0, MOST, block):
        cohort = Cohort(model, first, block, begin=begin - PAST, epoch=span.begin - begin, prints=ROWS, compiled=compiled)
        for chunk in cohort.advance(end):
            some = chunk.events[(chunk.events["type"] == VIEW) & (chunk.events["length"] > 0)]
            for device, at, length in zip(some["device"].tolist(), some["begins"].tolist(), some["length"].tolist(), strict=True):
                text = bytes(chunk.text[at : at + length])
                shown = SHOWN in text
                if not shown and PAINTED not in text:
                    continue
                row = json.decode(text, type=_Row)
                if not span.begin <= row.timestamp <= span.end:
                    continue
                if row.lcp:
                    painted.append((device, row.lcp))
                if shown:
                    user.append(device)
                    time.append(row.timestamp)
                    page.append(row.page)
                    form[device] = row.form
        if len(form) >= span.users:
            break
        if first >= 4 * block and not form:
            break
    if len(form) < span.users:
        raise ProfileError(f"population.visits_per_day: found {len(form):,} users with a page view in the log's span; expected {span.users:,}")
    devices = np.array(sorted(form)[: span.users])  # `arrange` numbers users in this order
    kept = np.isin(np.array(user), devices)
    log = arrange(np.array(user)[kept], np.array(time)[kept], np.array(page)[kept])
    paints = np.array(painted, np.int64).reshape(-1, 2)
    paints = paints[np.isin(paints[:, 0], devices)]
    return log, Seen(np.array([form[device] for device in devices.tolist()]), paints[:, 1], np.searchsorted(devices, paints[:, 0]))


def _plain(profile: Profile, sampled: float) -> Profile:
    platforms = {
        name: structs.replace(platform, session=structs.replace(platform.session, sample_rate=sampled))
        for name, platform in profile.platforms.items()
    }
    population = structs.replace(profile.population, clocks=structs.replace(profile.population.clocks, wrong_share=0.0))
    return structs.replace(profile, platforms=platforms, population=population, incidents={})
