"""What a fit says of a log that it would swallow: pages that are not pages, programs among the people, hours of several countries.

The profile is written all the same; each doubt is one line that says what to do.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from simulator.fidelity.events import Events
from simulator.fidelity.fit import Fit
from simulator.fidelity.graph import PAGES, REST
from simulator.fidelity.sessions import HOUR
from simulator.profile.start import iso

OWN_HOURS: Final = 0.05  # assumed: excess of the likeness of a user's hours; that of the shop's seven countries is 0.09, of one of them up to 0.02
ENOUGH_PAIRS: Final = 1_000
MANY_VIEWS: Final = 500  # assumed: page views that no person sees without a pause of the timeout's length


def doubts(events: Events, found: Fit) -> Iterator[str]:
    """Yield a line for each thing in a log that makes the fit doubtful."""
    yield from _pages(events)
    yield from _programs(found)
    yield from _hours(found)


def _pages(events: Events) -> Iterator[str]:
    """Find addresses with numbers or queries in the place of names of pages: each visit would be to pages of its own."""
    if events.page is None or len(events.pages) <= PAGES:
        return
    count = np.sort(np.bincount(events.page, minlength=len(events.pages)))[::-1]
    such = next((page for page in events.pages if "?" in page or any(part.isdecimal() for part in page.split("/"))), events.pages[-1])
    rest = count[PAGES:].sum() / count.sum()
    yield (
        f"found {len(events.pages):,} pages, such as {such!r}; the {PAGES} commonest are kept and the others, {rest:.0%} of all page views, "
        f"become the page {REST!r}: take ids and queries out of the log's pages"
    )


def _programs(found: Fit) -> Iterator[str]:
    """Find sessions that are too long for people: they carry the continuation curve's end."""
    s = found.sessions
    long = s.length > MANY_VIEWS
    if long.any():
        first = int(s.length.argmax())
        yield (
            f"found {int(long.sum()):,} sessions of more than {MANY_VIEWS} page views, the longest, from {iso(int(s.begin[first]))} on, of "
            f"{int(s.length[first]):,}: programs rather than people; take their users out of the log"
        )


def _hours(found: Fit) -> Iterator[str]:
    """Find users who keep hours of their own, in a log that does not say where they are: their returns look like visits that follow another.

    The mean cosine between the hours of two of a user's visits is that of two of all visits, if all live by one clock.
    """
    if found.zones.countries:
        return
    s = found.sessions
    day = s.begin // (24 * HOUR)
    one = np.append(True, (np.diff(s.user) != 0) | (np.diff(day) != 0))  # a day's visits follow one another: they are one
    user, turn = s.user[one], np.exp(2j * np.pi * (s.begin[one] % (24 * HOUR)) / (24 * HOUR))
    count = np.bincount(user)
    pairs = float((count * (count - 1.0)).sum())
    if pairs < ENOUGH_PAIRS:
        return
    total = np.bincount(user, turn.real) ** 2 + np.bincount(user, turn.imag) ** 2
    excess = float((total - count).sum()) / pairs - float(abs(turn.mean()) ** 2)
    if excess > OWN_HOURS:
        yield (
            "found users who keep hours of their own, and no countries: the week is that of all in UTC, and what their hours have in common counts "
            "among returns; name the column of countries (--columns country=...) if people live in several"
        )
