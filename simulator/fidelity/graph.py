"""The ways between pages: where visits begin, where each page leads, and where the page before it matters.

A page's ways depend on the page before if telling them apart is worth more log-likelihood than its numbers cost (Schwarz 1978); one step of memory is
what a profile has (`next_after`).
"""

from typing import Final, NamedTuple

import numpy as np

from simulator.fidelity.events import Events, Flags, Floats, Ints
from simulator.fidelity.sessions import Sessions

PAGES: Final = 40
"""A profile has so many pages; the rest are one."""
REST: Final = "other"
MOVES: Final = 200
"""From one page to another and on: of fewer, memory is not looked for."""


class Graph(NamedTuple):
    """`pages`: the commonest, and perhaps the rest; `place`: which of them each page of the log is.

    `entry` and `next` name pages by their number there; the last column of `next` ends the visit. `after` has, by page and page before it, the shares
    of the pages that follow, where they are not those of `next`.
    """

    pages: list[str]
    place: Ints
    entry: Floats
    next: Floats
    after: dict[tuple[int, int], Floats]
    moves: Floats
    """How often each page was followed by each, whatever the page before."""


def starts(s: Sessions) -> Ints:
    """Give the place in the log of each session's first page view."""
    return np.concatenate([[0], np.cumsum(s.length)[:-1]])


def fit(events: Events, s: Sessions) -> Graph:
    """Count what sessions show. Where the log says which visits began anew, they alone say where visits begin."""
    if events.page is None:
        return Graph(["page"], np.zeros(1, np.int64), np.ones(1), np.array([[0.5, 0.5]]), {}, np.zeros((1, 1)))
    order = np.argsort(-np.bincount(events.page, minlength=len(events.pages)), kind="stable")
    kept = order[:PAGES]
    names = [events.pages[i] for i in kept]
    place = np.full(len(events.pages), len(kept))
    place[kept] = np.arange(len(kept))
    if len(order) > len(kept):
        names.append(REST)
    n = len(names)
    page = place[events.page]
    first = starts(s)
    begins = page[first[events.fresh[first]]] if events.fresh is not None and events.fresh[first].any() else page[first]
    entry = np.bincount(begins, minlength=n) / len(begins)
    goes_on = np.ones(len(page), np.bool_)
    goes_on[first[1:] - 1] = goes_on[-1] = False
    came = np.ones(len(page), np.bool_)
    came[first] = False
    here = np.flatnonzero(goes_on)
    leaves = np.bincount(page[~goes_on], minlength=n) + 1.0  # from every page a visit can end
    before, after = _memory(page, here, came, n)
    table = before.sum(0)
    shares = np.concatenate([table, leaves[:, None]], axis=1)
    for b, a in after:
        shares[a, :-1] -= before[b, a]
    told = shares[:, :-1].sum(1) > 0
    shares[~told, :-1] = table[~told]
    return Graph(names, place, entry, shares / shares.sum(1, keepdims=True), {(a, b): before[b, a] / before[b, a].sum() for b, a in after}, table)


def _memory(page: Ints, here: Ints, came: Flags, n: int) -> tuple[Floats, list[tuple[int, int]]]:
    """Count moves by page before (the last: none), page and page after; give those pairs of the former two that matter.

    Pairs are taken out one by one, the most telling first: what remains is the page's own.
    """
    counts = np.zeros((n + 1, n, n))
    np.add.at(counts, (np.where(came[here], page[here - 1], n), page[here], page[here + 1]), 1)
    found = []
    for a in range(n):
        rest = set(range(n + 1))
        while True:
            own = counts[sorted(rest), a].sum(0)
            best, pair = 0.0, -1
            for b in sorted(rest - {n}):
                some = counts[b, a]
                if some.sum() < MOVES or (own - some).sum() < MOVES:
                    continue
                cost = np.count_nonzero(some) / 2 * np.log(own.sum())
                worth = _likelihood(some) + _likelihood(own - some) - _likelihood(own) - cost
                if worth > best:
                    best, pair = worth, b
            if pair < 0:
                break
            rest.discard(pair)
            found.append((pair, a))
    return counts, found


def _likelihood(counts: Floats) -> float:
    some = counts[counts > 0]
    return float(some @ np.log(some / some.sum()))
