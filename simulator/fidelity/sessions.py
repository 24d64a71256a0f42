"""Sessions as analysts cut them out of a log of page views, and what can be counted on them.

A session ends where the user's next page view is more than `timeout` away; at exactly `timeout` it goes on. This is the analyst's session, made for
comparing logs; it is neither a visit nor the SDK's session.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.fidelity.events import Events, Flags, Ints

TIMEOUT: Final = 1_800_000  # ms; 30 min, the web's habit (CALIBRATION 2.2)
HOUR: Final = 3_600_000
HOURS: Final = 168
MONDAY: Final = 4 * 24  # hours from Thursday, 1970-01-01 00:00, to the first Monday


@dataclass(frozen=True, slots=True, eq=False)
class Sessions:
    """Sessions in the order of users and of time, and the gaps between page views. Times and gaps in ms.

    `user`, `begin`, `end`, `length` (page views) are by session; `gap`, `gap_user`, `gap_session`, `place` by gap inside a session, `place` k being
    the gap after the k-th page view; `revisit`, `revisit_user` by pair of a user's sessions: from the last page view to the first of the next.
    """

    user: Ints
    begin: Ints
    end: Ints
    length: Ints
    gap: Ints
    gap_user: Ints
    gap_session: Ints
    place: Ints
    revisit: Ints
    revisit_user: Ints
    users: int
    moves: Ints
    """Rows of (from, to) pages; -1: the session begins or ends. Without pages none."""
    mover: Ints
    """The user of each row of `moves`."""

    @property
    def duration(self) -> Ints:
        """From the first to the last page view of sessions with more than one."""
        return (self.end - self.begin)[self.length > 1]

    @property
    def hour_of_week(self) -> Ints:
        """Of each session's beginning, UTC, 0 is Monday 00:00."""
        return (self.begin // HOUR - MONDAY) % HOURS


def cut(events: Events, timeout: int = TIMEOUT, anew: Flags | None = None) -> Sessions:
    """Cut a log into sessions; page views for which `anew` is true begin one, however soon they come."""
    n = len(events.time)
    step = np.diff(events.time)
    same = np.diff(events.user) == 0
    inside = same & (step <= timeout)
    if anew is not None:
        inside &= ~anew[1:]
    first = np.flatnonzero(np.concatenate([[True], ~inside]))[: n or 0]
    last = np.append(first[1:], n) - 1
    session = np.repeat(np.arange(len(first)), last - first + 1)
    place = np.arange(n) - first[session] + 1
    again = same & ~inside
    moves, mover = _moves(events, first, last, inside)
    return Sessions(
        user=events.user[first],
        begin=events.time[first],
        end=events.time[last],
        length=last - first + 1,
        gap=step[inside],
        gap_user=events.user[1:][inside],
        gap_session=session[1:][inside],
        place=place[:-1][inside],
        revisit=step[again],
        revisit_user=events.user[1:][again],
        users=events.users,
        moves=moves,
        mover=mover,
    )


def of(s: Sessions, keep: Flags) -> Sessions:
    """Give the sessions of the users for whom `keep` is true; users keep their numbers."""
    mine, gaps, again, moved = keep[s.user], keep[s.gap_user], keep[s.revisit_user], keep[s.mover]
    number = np.cumsum(mine) - 1
    return Sessions(
        user=s.user[mine],
        begin=s.begin[mine],
        end=s.end[mine],
        length=s.length[mine],
        gap=s.gap[gaps],
        gap_user=s.gap_user[gaps],
        gap_session=number[s.gap_session[gaps]],
        place=s.place[gaps],
        revisit=s.revisit[again],
        revisit_user=s.revisit_user[again],
        users=s.users,
        moves=s.moves[moved],
        mover=s.mover[moved],
    )


def of_gaps(s: Sessions, keep: Flags) -> Sessions:
    """Give the same sessions with those gaps alone for which `keep` is true."""
    return replace(s, gap=s.gap[keep], gap_user=s.gap_user[keep], gap_session=s.gap_session[keep], place=s.place[keep])


def _moves(events: Events, first: Ints, last: Ints, inside: Flags) -> tuple[Ints, Ints]:
    if events.page is None:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.int64)
    page = events.page
    edge = np.full(len(first), -1)
    rows = [np.column_stack([edge, page[first]]), np.column_stack([page[:-1][inside], page[1:][inside]]), np.column_stack([page[last], edge])]
    movers = [events.user[first], events.user[1:][inside], events.user[last]]
    return np.concatenate(rows), np.concatenate(movers)
