"""Whose hours the week's are: those of each user's country, or UTC's.

A log that tells countries is read in both; the hours are those of countries if visits are likelier under them.
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity import week
from simulator.fidelity.events import UNTOLD, Events, Ints
from simulator.profile.zones import HOUR_MS, ZONES

MOST_UNTOLD: Final = 0.1  # assumed: of users; of more without a country, none is told
FIRM: Final = 10.0
"""Of log-likelihood: so much likelier are visits under the hours of countries, or the hours are UTC's."""


class Hours(NamedTuple):
    """By how much each user's hours are ahead of UTC (ms); the shares of countries (none: not told); whether the week's hours are theirs."""

    zone: Ints
    countries: dict[str, float]
    local: bool

    def spans(self, span: tuple[int, int]) -> list[tuple[tuple[int, int], float]]:
        """Give the log's first and last ms in each zone, with the share of its users."""
        zones, users = np.unique(self.zone, return_counts=True)
        return [((span[0] + int(z), span[1] + int(z)), float(n / users.sum())) for z, n in zip(zones, users, strict=True)]


def hours_of(events: Events, user: Ints, begin: Ints, span: tuple[int, int]) -> Hours:
    """Choose between the hours of countries and those of UTC; `begin` is when each session of `user` began (ms since 1970)."""
    utc = Hours(np.zeros(events.users, np.int64), {}, False)
    if events.country is None or (events.country == UNTOLD).mean() > MOST_UNTOLD:
        return utc
    told = events.country[events.country != UNTOLD]
    count = np.bincount(told, minlength=len(events.countries))
    shares = {name: n / len(told) for name, n in zip(events.countries, count.tolist(), strict=True) if n}
    ahead = np.array([*(round(ZONES.get(name, 0) * HOUR_MS) for name in events.countries), 0], np.int64)
    local = Hours(ahead[events.country], shares, True)  # UNTOLD is the last
    likely, plain = (week.likelihood(begin + hours.zone[user], hours.spans(span)) for hours in (local, utc))
    return (local if likely > plain + FIRM else utc)._replace(countries=shares)
