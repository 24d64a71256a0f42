"""What a fit says of a log that it would swallow: pages that are not pages, programs among the people.

The profile is written all the same; each doubt is one line that says what to do.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from simulator.fidelity.events import Events
from simulator.fidelity.fit import PAGES, REST, Fit
from simulator.profile.start import iso

MANY_VIEWS: Final = 500  # assumed: page views that no person sees without a pause of the timeout's length


def doubts(events: Events, found: Fit) -> Iterator[str]:
    """Yield a line for each thing in a log that makes the fit doubtful."""
    yield from _pages(events)
    yield from _programs(found)


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
