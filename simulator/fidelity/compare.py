"""A simulation against a log of real people, row by row.

The floor of a distance is the 95th percentile of that between halves of the real users, brought to the sizes that are compared: sampling noise
falls with the square root of the number of users. A row holds if its distance is within the tolerance and, where the floor bounds it too, within
SLACK times the floor. Where the floor is more than SLACK times the tolerance, so few users say nothing: a row fails if its distance is beyond both
together, and else is not judged. Rows without a tolerance are reported and hold nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace as with_arrays
from math import ceil
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
import numpy as np
from msgspec.structs import replace

from simulator.fidelity import distances
from simulator.fidelity.events import Events, Floats, matched
from simulator.fidelity.graph import REST
from simulator.fidelity.halves import SPLITS, p95, splits
from simulator.fidelity.naive import alike, naive
from simulator.fidelity.score import families, score
from simulator.fidelity.sessions import HOUR, TIMEOUT, Sessions, cut, of

SLACK: Final = 1.25
DEPTHS: Final = (1, 2, 3)
SILENT: Final = "load times, requests, actions, errors, devices, networks, countries: a log of page views says nothing of them"
AUC: Final = {"all sessions": 0.58, "more than one page view": 0.68}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What was compared. `held`: None where nothing is claimed, or users are too few; `score`: score.py, None without a naive model."""

    metric: str
    family: str
    value: float | None
    reference: float | None
    source: str
    distance: float | None
    tolerance: float | None = None
    held: bool | None = None
    floor: float | None = None
    naive: float | None = None
    score: float | None = None
    needed: int | None = None
    """So many users could be judged, where these are too few."""


class Curve(msgspec.Struct, frozen=True):
    """Simulated and reference quantiles of one quantity, at the same shares, for a plot."""

    name: str
    unit: str
    shares: list[float]
    simulated: list[float]
    reference: list[float]


class Fidelity(msgspec.Struct, frozen=True, kw_only=True):
    """All rows, the score of each family, the lowest, and what could not be scored."""

    profile: str
    reference: str
    users: int
    rows: list[Row]
    families: dict[str, float]
    lowest: float | None
    unscored: list[str]
    curves: list[Curve]
    resolution: int = 1
    """Both logs keep time in steps of so many ms."""

    @property
    def failed(self) -> list[Row]:
        """The rows that were to hold and do not."""
        return [row for row in self.rows if row.held is False]

    @property
    def open(self) -> list[Row]:
        """The rows that were to hold and of which too few users say nothing."""
        return [row for row in self.rows if row.needed is not None]


class _Measure(NamedTuple):
    """A distance between two sets of sessions, and the figure that is shown beside it, if there is one."""

    name: str
    family: str
    figure: Callable[[Sessions], float] | None
    distance: Callable[[Sessions, Sessions], float]
    tolerance: float | None
    floored: bool = True
    """Whether the floor bounds it, too."""
    naive: Callable[[Sessions, int], float] | None = None
    """How far the naive model is from sessions, for a seed; None: that of naive.py is asked."""


def _middle(values: Any, unit: int) -> float:  # noqa: ANN401
    return float(np.median(values)) / unit if len(values) else 0.0


def _apart(figure: Callable[[Sessions], float]) -> Callable[[Sessions, Sessions], float]:
    return lambda a, b: abs(figure(a) - figure(b))


def share_going_on(k: int) -> Callable[[Sessions], float]:
    """Give what measures the share of sessions that go on after k page views."""

    def figure(s: Sessions) -> float:
        reached = int((s.length >= k).sum())
        return float((s.length > k).sum() / reached) if reached else 0.0

    return figure


def _per_user(s: Sessions) -> Any:  # noqa: ANN401
    counts = np.bincount(s.user)
    return counts[counts > 0]


def _off(a: Floats, b: Floats) -> float:
    return float(np.abs(a - b).sum() / 2)


def _days(s: Sessions) -> Floats:
    return distances.week(s, distances.DAY)


def _flat(curve: Callable[[Sessions], Floats]) -> Callable[[Sessions, int], float]:
    """Give what measures how far sessions are from a curve that is the same at all times."""
    return lambda s, _: _off(curve(s), np.full(len(curve(s)), 1 / len(curve(s))))


MEASURES: Final = (
    _Measure("session length (mean), TV", "depth", lambda s: float(s.length.mean()), lambda a, b: distances.tv(a.length, b.length), 0.05),
    _Measure("session length (mean), KS", "depth", lambda s: float(s.length.mean()), lambda a, b: distances.ks(a.length, b.length), None),
    *(_Measure(f"share going on after page view {k}", "depth", share_going_on(k), _apart(share_going_on(k)), 0.03, floored=False) for k in DEPTHS),
    _Measure("gap (median s), KS", "pace", lambda s: _middle(s.gap, 1_000), lambda a, b: distances.ks(a.gap, b.gap), 0.08),
    _Measure(
        "gap (median s), W1 of logs",
        "pace",
        lambda s: _middle(s.gap, 1_000),
        lambda a, b: distances.w1(distances.logs(a.gap), distances.logs(b.gap)),
        None,
    ),
    _Measure("duration (median s), KS", "pace", lambda s: _middle(s.duration, 1_000), lambda a, b: distances.ks(a.duration, b.duration), 0.05),
    _Measure("lag-1 correlation of log gaps", "memory", distances.lag1, _apart(distances.lag1), 0.05, floored=False),
    _Measure("user ICC of log gaps", "memory", distances.icc, _apart(distances.icc), 0.05, floored=False),
    _Measure("burstiness", "memory", distances.burstiness, _apart(distances.burstiness), 0.05, floored=False),
    _Measure("revisit gap (median h), KS", "return", lambda s: _middle(s.revisit, HOUR), lambda a, b: distances.ks(a.revisit, b.revisit), 0.05),
    _Measure(
        "sessions per user (mean), TV",
        "return",
        lambda s: float(_per_user(s).mean()),
        lambda a, b: distances.tv(_per_user(a), _per_user(b)),
        0.08,  # assumed: twice what real halves of 2,500 users are apart at most
        floored=False,
        naive=lambda s, seed: distances.tv(_per_user(alike(s, seed)), _per_user(s)),
    ),
    # assumed tolerances: half of what a flat curve is away for the hours of the day; more for 168 hours, of which each has few sessions
    _Measure("hour of session starts, TV", "arrivals", None, lambda a, b: _off(distances.day(a), distances.day(b)), 0.06, naive=_flat(distances.day)),
    _Measure("day of session starts, TV", "arrivals", None, lambda a, b: _off(_days(a), _days(b)), 0.06, naive=_flat(_days)),
    _Measure(
        "hour of the week of session starts, TV", "arrivals", None, lambda a, b: _off(distances.week(a), distances.week(b)), 0.12,
        naive=_flat(distances.week),
    ),
)  # fmt: skip


def judged(row: Row, distance: float, tolerance: float, floor: float, users: int, firm: float = SLACK) -> Row:
    """Give the row with its verdict; `floor`: what the distance is by chance in 19 of 20 cases, with so many users.

    To hold, the floor must be at most SLACK times the tolerance; to fail, at most `firm` times, unless the distance is beyond both together.
    """
    held = distance <= tolerance
    enough = tolerance * (SLACK if held else firm)
    if floor <= enough or distance > tolerance + floor:
        return replace(row, tolerance=tolerance, floor=floor, held=held)
    return replace(row, tolerance=tolerance, floor=floor, needed=ceil(users * (floor / enough) ** 2))


def with_log(simulated: Events, real: Events, source: str, profile: str, *, seed: int = 1, classify: bool = True, timeout: int = TIMEOUT) -> Fidelity:
    """Compare with a log of real people."""
    simulated, real = matched(simulated, real)
    a, b = cut(simulated, timeout), cut(real, timeout)
    far = naive(b, seed, timeout)
    halves = [(of(b, half), of(b, ~half)) for half in splits(b.users, seed, SPLITS)]
    smaller = (a.users + b.users) / (a.users * b.users) / (4 / b.users)
    rows = []
    for m in MEASURES:
        distance = m.distance(a, b)
        floor = p95([m.distance(x, y) for x, y in halves]) * smaller**0.5
        base = m.naive(b, seed) if m.naive else m.distance(far, b)
        bar = None if m.tolerance is None else min(m.tolerance, SLACK * floor) if m.floored else m.tolerance
        value, reference = (m.figure(a), m.figure(b)) if m.figure else (None, None)
        row = Row(
            metric=m.name, family=m.family, value=value, reference=reference, source=source, distance=distance, floor=floor, naive=base,
            score=score(distance, floor, base),
        )  # fmt: skip
        rows.append(row if bar is None else judged(row, distance, bar, floor, min(a.users, b.users)))
    rows += [*_intervals(a, b, source, halves), *_pages(simulated, real, (a, b, far), source, halves, smaller**0.5)]
    if classify:
        rows += _classified(a, b, source, seed)
    unscored = [row.metric for row in rows if row.score is None]
    if real.page is None:
        unscored.append("page transitions: the reference has no pages")
    unscored.append(SILENT)
    return result(profile, source, b.users, rows, unscored, _curves(a, b), simulated.resolution)


def result(profile: str, reference: str, users: int, rows: list[Row], unscored: list[str], curves: list[Curve], resolution: int = 1) -> Fidelity:
    """Put rows together with the score of each family and the lowest."""
    scores = [row.score for row in rows if row.score is not None]
    found = families((row.family, row.score) for row in rows)
    return Fidelity(
        profile=profile,
        reference=reference,
        users=users,
        rows=rows,
        families=found,
        lowest=min(scores, default=None),
        unscored=unscored,
        curves=curves,
        resolution=resolution,
    )


def _intervals(a: Sessions, b: Sessions, source: str, halves: list[tuple[Sessions, Sessions]]) -> Iterator[Row]:
    """Count the depths at which the simulated share lies outside the interval of the real one, where enough are at risk.

    That is to happen no more often than between halves of the real users. The interval allows for a user's sessions being alike; that of independent
    sessions is shown beside it.
    """
    steps = distances.clustered(b)
    near = p95([distances.outside(x, distances.clustered(y)) for x, y in halves])
    for what, bar, some in (("", int(near), steps), (" of independent sessions", None, [step._replace(effect=1.0) for step in steps])):
        out = distances.outside(a, some)
        yield Row(
            metric=f"depths outside the 99 % interval{what}, of {len(some)}", family="depth", value=out, reference=0, source=source,
            distance=out, tolerance=bar, held=None if bar is None else out <= bar, floor=None if bar is None else near,
        )  # fmt: skip


_GRAPHS: Final = (  # tolerances assumed: a third of what memory is worth (JSD .158), twice and once what halves of 324 sequences are apart
    ("page transitions, JSD in bits", distances.transitions_jsd, 0.05),
    ("page transitions, TV of rows", distances.transitions_tv, 0.1),
    ("shares of page views, TV", distances.visits_tv, 0.05),
)


def _pages(
    simulated: Events, real: Events, sessions: tuple[Sessions, Sessions, Sessions], source: str,
    halves: list[tuple[Sessions, Sessions]], smaller: float,
) -> Iterator[Row]:  # fmt: skip
    """Compare the ways between pages; `sessions`: simulated, real, and the naive model's, whose pages are the real ones.

    Where the profile has the page that a fit makes of rare ones, so are real pages that it does not know.
    """
    if simulated.page is None or real.page is None:
        return
    mine = {_bare(name) for name in simulated.pages}
    names = sorted(mine | {_bare(name) for name in real.pages if REST not in mine})

    def table(events: Events, s: Sessions) -> Floats:
        known = [_bare(name) for name in events.pages]
        place = np.array([names.index(name if name in names else REST) for name in known] + [-1])
        return distances.transitions(with_arrays(s, moves=place[s.moves]), len(names))

    a, b, far = (table(events, s) for events, s in zip((simulated, real, real), sessions, strict=True))
    near = [(table(real, x), table(real, y)) for x, y in halves]
    for metric, apart, tolerance in _GRAPHS:
        distance, floor, base = apart(a, b), p95([apart(x, y) for x, y in near]) * smaller, apart(far, b)
        row = Row(
            metric=metric, family="pages", value=None, reference=None, source=source, distance=distance, floor=floor, naive=base,
            score=score(distance, floor, base),
        )  # fmt: skip
        yield judged(row, distance, min(tolerance, SLACK * floor), floor, min(simulated.users, real.users))


def _bare(page: str) -> str:
    return unquote(page).removeprefix("/")


def _classified(a: Sessions, b: Sessions, source: str, seed: int) -> Iterator[Row]:
    from simulator.fidelity.classifier import auc  # noqa: PLC0415 - an extra

    for (name, bar), found in zip(AUC.items(), auc(b, a, seed), strict=True):
        yield Row(
            metric=f"classifier AUC, {name}",
            family="whole",
            value=found,
            reference=0.5,
            source=source,
            distance=max(found - 0.5, 0.0),
            tolerance=round(bar - 0.5, 2),
            held=found <= bar,
        )


def _curves(a: Sessions, b: Sessions) -> list[Curve]:
    shares = [i / 100 for i in range(1, 100)]
    found = []
    for name, unit, x, y in (
        ("gap", "s", a.gap / 1_000, b.gap / 1_000),
        ("duration", "s", a.duration / 1_000, b.duration / 1_000),
        ("revisit gap", "h", a.revisit / HOUR, b.revisit / HOUR),
        ("session length", "page views", a.length, b.length),
    ):
        if len(x) and len(y):
            found.append(Curve(name, unit, shares, np.quantile(x, shares).tolist(), np.quantile(y, shares).tolist()))
    return found
