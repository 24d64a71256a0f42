"""A simulation against published figures, row by row: what its page views hold of them is measured, the rest has a row with the reason.

Figures of `web-content` are of sessions of page views, which every profile has. Those of web-desktop, -mobile and -tablet are of page views in
browsers on devices of that form; shares of page views are compared with shares of page views alone, never with those of origins. A row is judged if
it is claimed and has a tolerance; all others are reported. What chance does to a row is seen from halves of the simulated users: as far as two halves
are apart in 19 of 20 cases, all users are from what they are drawn from at half of that.
"""

from collections.abc import Callable, Iterator, Mapping
from math import ceil
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from simulator.fidelity import distances, week
from simulator.fidelity.compare import Curve, Fidelity, Row, judged, result, share_going_on
from simulator.fidelity.events import FORMS, Events, Flags, Floats, Ints, Seen
from simulator.fidelity.halves import p95, splits
from simulator.fidelity.references import Reference, published
from simulator.fidelity.sessions import HOUR, TIMEOUT, Sessions, cut, of

FIRM: Final = 0.5  # assumed: of the tolerance; where chance does more, a distance beyond the tolerance alone fails nothing
ENOUGH: Final = 100
"""Values; of fewer, no distribution is compared."""
DAY: Final = 24 * HOUR
BIN: Final = HOUR // 6
COUNTED: Final = 22_224
"""Sessions of which the published index of dispersion is; what exceeds 1 grows with their number (CALIBRATION 2.1)."""
GOOD_LCP, POOR_LCP = 2_500, 4_000  # ms; web.dev/lcp


class _Figure(NamedTuple):
    """Values of a published distribution: a row's family, and what is compared."""

    family: str
    values: Any
    what: str = ""


def with_published(simulated: Events, profile: str, claims: frozenset[str], seen: Seen | None = None, *, timeout: int = TIMEOUT) -> Fidelity:
    """Compare with the published figures; what cannot be measured on page views has a row of its figure alone, and `unscored` says why."""
    s = cut(simulated, timeout)
    rows: list[Row] = []
    curves: list[Curve] = []
    unscored = []
    for reference in published():
        found = list(_rows(s, seen, reference))
        rows += _judged(found, s, seen, reference) if reference.name in claims else found or [_unmeasured(reference)]
        if not found:
            unscored.append(f"{reference.name}: {_why(reference)}")
        elif reference.kind == "quantiles":
            curves.append(_curve(reference, _sample(s, seen, reference).values))
    return result(profile, "published figures", s.users, rows, ["rows above: a figure has no halves and no naive model", *unscored], curves)


_SAMPLES: Final[dict[str, tuple[str, Callable[[Sessions], Any]]]] = {
    "within_session_gap": ("pace", lambda s: s.gap / 1_000),
    "multi_event_duration": ("pace", lambda s: s.duration / 1_000),
    "revisit_gap": ("return", lambda s: s.revisit / 1_000),
    "events_per_session": ("depth", lambda s: s.length),
}
_POINTS: Final[dict[str, tuple[str, Callable[[Sessions], float]]]] = {
    "lag1_corr_log_gap": ("memory", distances.lag1),
    "user_icc_log_gap": ("memory", distances.icc),
    "burstiness_B": ("memory", distances.burstiness),
    "dispersion_of_starts": ("arrivals", lambda s: dispersion(s.begin)),
    "sessions_per_active_user_day": ("return", lambda s: len(s.begin) / len(np.unique(s.user * 100_000 + s.begin // DAY))),
}
_PROFILES: Final[dict[str, Callable[[Sessions], Floats]]] = {
    "start_by_hour": lambda s: week.margins(s.begin, [((int(s.begin.min()), int(s.end.max())), 1.0)])[0],
    "start_by_weekday": lambda s: week.margins(s.begin, [((int(s.begin.min()), int(s.end.max())), 1.0)])[1],
}


_REASONS: Final = {
    "lcp": f"fewer than {ENOUGH} page views on devices of this form",
    "landing_page_share": "nobody with a browser",
    "page_weight": "is of all files of a page; a profile lists those that matter to it",
    "requests_per_home_page": "is of all files of a page; a profile lists those that matter to it",
    "item_view_gap": "is between views of items; pages of profiles do not say what they show",
    "rage_click_sessions": "is of presses; a log of page views has none",
    "slow_load_gt3s_sessions": "is of load times per session; a log of page views has none",
    "bounce_by_load": "is of load times per session; a log of page views has none",
    "pages_by_load": "is of load times per session; a log of page views has none",
    "bounce_probability_vs_1s": "is of load times per session; a log of page views has none",
    "funnel": "is of steps of a purchase; pages of profiles do not say what they are for",
    "app_session_mean": "is of the time that an app is in front; a log of page views has none",
    "device_session": "is of the time that a device is used, in all apps",
    "crash_free_sessions": "is of crashes; a log of page views has none",
    "play_thresholds_dau": "is of crashes and of apps that do not respond; a log of page views has none",
}
"""Why the simulation says nothing of a figure, by its metric."""


def _why(r: Reference) -> str:
    """Say why a figure is not measured."""
    return "from a laboratory, on emulated devices: reported only" if r.platform.endswith("lab") else _REASONS.get(r.metric, "too few values")


def _unmeasured(r: Reference) -> Row:
    """Give the row of a figure that is only reported: its middle, or else its first number."""
    key = "p50" if isinstance(r.values, dict) and "p50" in r.values else next(iter(r.values), "") if isinstance(r.values, dict) else ""
    value = r.values[key] if key else r.values
    value = value[0] if isinstance(value, list) else value
    shown = ", ".join(filter(None, (key, r.unit)))
    metric = f"{r.name} ({shown})" if shown else r.name
    return Row(metric=metric, family="not measured", value=None, reference=float(value), source=_source(r), distance=None)


def dispersion(begin: Ints) -> float:
    """Give the variance of the sessions that begin in ten minutes, in units of their mean given the hour of the day, as if there were COUNTED."""
    bins = begin // BIN
    count = np.bincount(bins - bins.min())[1:-1]  # the first and last are not whole
    if not count.any():
        return 1.0
    hour = (np.arange(len(count)) + int(bins.min()) + 1) // 6 % 24
    mean = np.bincount(hour, count) / np.bincount(hour).clip(1)
    some = mean[hour] > 0
    index = float(((count - mean[hour]) ** 2 / np.where(some, mean[hour], 1.0))[some].sum() / max(int(some.sum()) - 24, 1))
    return 1 + (index - 1) * COUNTED / int(count.sum())


def _sample(s: Sessions, seen: Seen | None, r: Reference) -> _Figure:
    """Give the simulated values of a published distribution; none if page views do not hold them."""
    if r.platform == "web-content" and r.metric in _SAMPLES:
        family, values = _SAMPLES[r.metric]
        return _Figure(family, values(s))
    if r.metric == "lcp" and seen is not None:
        return _Figure("load", seen.lcp[seen.form[seen.user] == FORMS.index(r.platform.removeprefix("web-"))], " of page views in ms")
    return _Figure("", np.zeros(0))


def _judged(rows: list[Row], s: Sessions, seen: Seen | None, r: Reference) -> Iterator[Row]:
    """Judge the rows of a claimed figure. One that no simulated user has fails, one that too few have is not judged."""
    if not rows:
        count = len(_sample(s, seen, r).values)
        row = Row(metric=f"{r.name}, {count} values", family="not measured", value=None, reference=None, source=_source(r), distance=None)
        yield replace(row, needed=ceil(s.users * ENOUGH / count)) if count else replace(row, held=False)
        return
    near: list[list[float]] = []
    for half in splits(s.users, 1):
        mine, other = _part(s, seen, half), _part(s, seen, ~half)
        near.append([row.distance or 0.0 for row in _rows(*mine, replace(r, values=_figures(*other, r)), least=1)])
    for row, *found in zip(rows, *(some for some in near if len(some) == len(rows)), strict=True):
        if row.tolerance is None or row.distance is None:
            yield row
        else:
            yield judged(row, row.distance, row.tolerance, p95(found) / 2, s.users, FIRM)


def _part(s: Sessions, seen: Seen | None, keep: Flags) -> tuple[Sessions, Seen | None]:
    mine = None if seen is None else keep[seen.user]
    return of(s, keep), seen if seen is None else Seen(seen.form, seen.lcp[mine], seen.user[mine])


def _figures(s: Sessions, seen: Seen | None, r: Reference) -> Any:  # noqa: ANN401
    """Give what is published, of these users."""
    if r.metric in _POINTS:
        return _POINTS[r.metric][1](s)
    if r.metric == "continue_probability_by_depth":
        return {k: share_going_on(int(k))(s) for k in r.values}
    x = _sample(s, seen, r).values
    shares = {"single": x == 1, "good": x <= GOOD_LCP, "poor": x > POOR_LCP}
    return {f"p{100 * p:g}": float(np.quantile(x, p)) for p in _table(r.values)} | {name: float(some.mean()) for name, some in shares.items()}


def _source(r: Reference) -> str:
    return f"{r.source} [{r.grade}]"


def _rows(s: Sessions, seen: Seen | None, r: Reference, least: int = ENOUGH) -> Iterator[Row]:
    bars = r.tolerance or {}

    def row(family: str, what: str, value: float | None, reference: float | None, distance: float, kind: str = "") -> Row:
        return Row(
            metric=f"{r.name}{what}",
            family=family,
            value=value,
            reference=reference,
            source=_source(r),
            distance=distance,
            tolerance=bars.get(kind),
        )

    if r.metric in _POINTS:
        family, figure = _POINTS[r.metric]
        yield row(family, "", figure(s), r.values, abs(figure(s) - r.values), "abs")
    elif r.metric == "continue_probability_by_depth":
        for k, share in r.values.items():
            found = share_going_on(int(k))(s)
            yield row("depth", f", k = {k}", found, share, abs(found - share), "abs")
    elif r.metric in _PROFILES:
        mine, theirs = _PROFILES[r.metric](s), np.array(list(r.values.values()))
        yield row("arrivals", ", TV", None, None, float(np.abs(mine / mine.sum() - theirs / theirs.sum()).sum() / 2))
    elif r.metric == "landing_page_share" and seen is not None:
        for form, share in r.values.items():
            mine = seen.form[s.user] == FORMS.index(form)
            if mine.sum() >= ENOUGH:
                found = float(mine.sum() / s.length[mine].sum())
                yield row("depth", f", {form}, of page views", found, share, abs(found - share))
    elif r.kind == "quantiles":
        sample = _sample(s, seen, r)
        if len(sample.values) >= least:
            for what, value, reference, distance, kind in _distribution(sample.values, r.values, bars):
                yield row(sample.family, sample.what + what, value, reference, distance, kind)


def _distribution(x: Any, values: Mapping[str, float], bars: Mapping[str, float]) -> Iterator[tuple[str, float, float, float, str]]:  # noqa: ANN401
    """Compare values with published quantiles and shares, by the distances that the reference has tolerances for."""
    table = _table(values)
    middle, theirs = float(np.quantile(x, 0.5)), table[0.5]
    logs = [abs(np.log1p(np.quantile(x, p)) - np.log1p(value)) for p, value in table.items()]
    off = float(max(max((x < value).mean() - p, p - (x <= value).mean(), 0.0) for p, value in table.items()))
    if "ks" in bars:
        yield " (median), distribution at the published quantiles", middle, theirs, off, "ks"
    if "w1_log" in bars or not bars:
        yield " (median), mean of |log ratio| at the published quantiles", middle, theirs, float(np.mean(logs)), "w1_log"
    if "tv" in bars:
        single = float((x == 1).mean())
        yield " (share of 1), distribution at the published quantiles", single, values["single"], max(off, abs(single - values["single"])), "tv"
    if "max_abs_log_ratio_p10_p95" in bars:
        yield " (median), largest |log ratio| at the published quantiles", middle, theirs, float(max(logs)), "max_abs_log_ratio_p10_p95"
    if "threshold_share_pp" in bars:
        for name, chosen in (("good", x <= GOOD_LCP), ("poor", x > POOR_LCP)):
            found = 100 * float(chosen.mean())
            yield f", share that is {name}, %", found, 100 * values[name], abs(found - 100 * values[name]), "threshold_share_pp"


def _table(values: Mapping[str, float]) -> dict[float, float]:
    return {float(name[1:]) / 100: value for name, value in values.items() if name[0] == "p" and name[1:].isdigit()}


def _curve(r: Reference, x: Any) -> Curve:  # noqa: ANN401
    table = _table(r.values)
    return Curve(r.name, r.unit or "page views", list(table), np.quantile(x, list(table)).tolist(), list(table.values()))
