"""What a fit says of a log that it would swallow: pages that are not pages, programs among the people, pauses of pages.

The profile is written all the same; each doubt is one line that says what to do.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from simulator.fidelity.distances import logs, variances
from simulator.fidelity.events import Events
from simulator.fidelity.fit import ENOUGH_GAPS, PAGES, REST, Fit
from simulator.profile.start import iso

APART: Final = 0.1  # assumed: share of the variance of pauses' logarithms that lies between pages; less is hardly seen in a session
MANY_VIEWS: Final = 500  # assumed: page views that no person sees without a pause of the timeout's length


def doubts(events: Events, found: Fit) -> Iterator[str]:
    """Yield a line for each thing in a log that makes the fit doubtful."""
    yield from _pages(events)
    yield from _programs(found)
    yield from _pauses(events, found)


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


def _pauses(events: Events, found: Fit) -> Iterator[str]:
    """Find pages on which people stay longer than on others: a fit has one law of pauses for all."""
    if events.page is None:
        return
    step = np.diff(events.time)
    inside = (np.diff(events.user) == 0) & (step <= found.timeout)
    page, gap = events.page[:-1][inside], step[inside]
    common = np.flatnonzero(np.bincount(page, minlength=len(events.pages)) >= ENOUGH_GAPS)
    some = np.isin(page, common)
    between, within = variances(logs(gap[some]), page[some])
    if between <= APART * (between + within):
        return
    middle = {int(i): float(np.median(gap[page == i])) / 1_000 for i in common}
    low, high = min(middle, key=middle.__getitem__), max(middle, key=middle.__getitem__)
    yield (
        f"found pauses of {middle[low]:.3g} s on {events.pages[low]!r} and {middle[high]:.3g} s on {events.pages[high]!r} (medians); "
        "the profile has one law of pauses for all pages: write a `stay` of their own into it where that matters"
    )
