"""Logs of page views as arrays: who, when, and, where the log says so, on which page, in which country, and how long it loaded.

Rules of the file: a log is CSV, Parquet or NDJSON, the former and the latter may be gzipped, or a dataset of ours (datasets.py), of which page views
are kept; times are seconds or milliseconds since 1970 or ISO 8601 (UTC unless they say otherwise), one form per file; a row that is none is a
DataError with its number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.errors import DataError, ProfileError
from simulator.fidelity import datasets
from simulator.profile.start import iso

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FORMS: Final = ("desktop", "mobile", "tablet")
"""Of devices with a browser."""
NO_BROWSER: Final = -1
COLUMNS: Final = ("user", "time", "page", "country", "load")
UNTOLD: Final = -1
RESOLUTIONS: Final = (60_000, 1_000, 100, 10)
"""Steps (ms) in which logs keep time, the coarsest first; else 1."""
FEW: Final = 0.01  # assumed: of a log's rows; so many may be far from the others by mistake
LATEST_S: Final = 1e11  # a number above it is ms: as seconds it would be the year 5138, as ms it is 1973
LATEST_MS: Final = 10**14  # the year 5138
READERS: Final = {
    ".csv": "read_csv(?, all_varchar = true, header = true, null_padding = false)",
    ".ndjson": "read_ndjson(?)",
    ".jsonl": "read_ndjson(?)",
    ".parquet": "read_parquet(?)",
}


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Page views in the order of users and of time. Users and pages are numbers from 0; `time` is ms since 1970, a multiple of `resolution` ms.

    None, or UNTOLD where single values are missing: the log does not say.
    """

    user: Ints
    time: Ints
    page: Ints | None
    pages: tuple[str, ...]
    users: int
    resolution: int
    load: Ints | None = None
    """How long each page loaded (ms)."""
    fresh: Flags | None = None
    """Whether each page was opened anew, from no other page of the site."""
    country: Ints | None = None
    """Of each user, one of `countries`."""
    countries: tuple[str, ...] = ()

    @property
    def span(self) -> int:
        """How long the log lasts, in ms."""
        return int(self.time.max() - self.time.min())


class Seen(NamedTuple):
    """What else was seen of a log's users: the form of each user's device (of FORMS; NO_BROWSER), and LCP (ms) of page views, with their user."""

    form: Ints
    lcp: Ints
    user: Ints


def arrange(
    user: npt.ArrayLike, time: npt.ArrayLike, page: npt.ArrayLike | None = None, *,
    load: npt.ArrayLike | None = None, fresh: npt.ArrayLike | None = None, country: npt.ArrayLike | None = None,
) -> Events:  # fmt: skip
    """Sort page views; `user`, `page` and `country` are names or numbers, the times ms. Rows of one user and one time keep their order.

    A user's country is that of the first row that tells one; an empty one is untold.
    """
    _, who = np.unique(np.asarray(user), return_inverse=True)
    when = np.asarray(time, np.int64)
    order = np.lexsort((when, who))
    users = int(who.max()) + 1 if len(who) else 0
    pages, where = _named(page)
    countries, lands = _named(country)
    homes = None
    if lands is not None:
        told = order[np.array([countries[i] != "" for i in lands[order]], np.bool_)]
        homes = np.full(users, UNTOLD)
        homes[who[told][::-1]] = lands[told][::-1]
    return Events(
        who.astype(np.int64)[order],
        when[order],
        None if where is None else where[order],
        pages,
        users,
        resolution(when),
        load=None if load is None else np.asarray(load, np.int64)[order],
        fresh=None if fresh is None else np.asarray(fresh, np.bool_)[order],
        country=homes,
        countries=countries,
    )


def _named(values: npt.ArrayLike | None) -> tuple[tuple[str, ...], Ints | None]:
    if values is None:
        return (), None
    known, places = np.unique(np.asarray(values), return_inverse=True)
    return tuple(str(name) for name in known), places.astype(np.int64)


def resolution(time: Ints) -> int:
    """Give the coarsest step of which all times (ms) are multiples."""
    return next((step for step in RESOLUTIONS if len(time) and not (time % step).any()), 1)


def coarsen(events: Events, step: int) -> Events:
    """Cut times down to multiples of `step` ms, as a log that keeps no more does."""
    if step <= events.resolution:
        return events
    return replace(events, time=events.time // step * step, resolution=step)


def matched(a: Events, b: Events) -> tuple[Events, Events]:
    """Bring two logs to the coarser resolution of the two: otherwise it is the first thing by which they differ (CALIBRATION section 4)."""
    step = max(a.resolution, b.resolution)
    return coarsen(a, step), coarsen(b, step)


def only(events: Events, keep: Flags) -> Events:
    """Give the events of the users for whom `keep` is true."""
    mine = keep[events.user]
    number = np.cumsum(keep) - 1
    some: dict[str, Any] = {name: None if (value := getattr(events, name)) is None else value[mine] for name in ("page", "load", "fresh")}
    country = None if events.country is None else events.country[keep]
    return replace(events, user=number[events.user[mine]], time=events.time[mine], users=int(keep.sum()), country=country, **some)


def names_of(option: str) -> dict[str, str]:
    """Read what `--columns user=u,time=t` says: which column of the log is which of ours."""
    named = {}
    for part in option.split(",") if option else ():
        ours, _, theirs = part.partition("=")
        if ours not in COLUMNS or not theirs:
            known = ", ".join(f"{name}=NAME" for name in COLUMNS[:-1])
            raise ProfileError(f"--columns: found {part!r}; expected {known} or {COLUMNS[-1]}=NAME, with commas between them")
        if ours in named:
            raise ProfileError(f"--columns: found {ours} twice; expected each of {', '.join(COLUMNS)} at most once")
        named[ours] = theirs
    return named


def load(path: Path, columns: Mapping[str, str] | None = None) -> Events:
    """Read a log, or a dataset's page views. `columns` gives its names for user, time and page where they are others; raise DataError."""
    paths = datasets.files(path) if path.is_dir() else [path]
    reader = READERS.get(next((s for s in reversed(path.suffixes) if s != ".gz"), ""))
    ours = path.is_dir() or (path.suffix in datasets.SUFFIXES and reader is None)
    if not ours and reader is None:
        known = ".csv, .csv.gz, .ndjson, .ndjson.gz, .jsonl or .parquet, or a dataset's folder"
        raise DataError(f"{path}: found a file of type {path.suffix or 'none'}; expected {known}")
    if not path.exists():
        raise DataError(f"{path}: no such file; expected a log of page views with the columns user and time")
    if not sum(each.stat().st_size for each in paths):
        raise DataError(f"{path}: empty; expected page views with the columns user and time")
    try:
        import duckdb  # noqa: PLC0415 - heavy
    except ImportError:
        raise ProfileError('reading logs needs duckdb; install it with pip install "rumsim[collector]"') from None
    named = dict(columns or {})
    with duckdb.connect() as base:
        base.execute("SET enable_progress_bar = false; SET TimeZone = 'UTC'")
        try:
            if not ours:
                described = base.execute(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {reader})", [str(path)]).fetchall()  # noqa: S608
                ours = path.suffix in datasets.SUFFIXES and datasets.is_rows(str(row[0]) for row in described)
            if ours:
                named = datasets.view(base, path, paths, named)
            else:
                base.execute(f"CREATE TEMP TABLE log AS SELECT * FROM {reader}", [str(path)])  # noqa: S608
        except duckdb.Error as error:
            raise DataError(f"{path}: cannot be read: {' '.join(str(error).split())[:200]}") from None
        return _events(base, path, named, "page views among its rows" if ours else "rows")


def oddities(events: Events) -> Iterator[str]:
    """Say what is odd in a log and counts all the same: rows that are there twice, and a few that are far from all others in time."""
    rows = [events.time, events.user] if events.page is None else [events.page, events.time, events.user]
    order = np.lexsort(rows)
    twice = int(np.logical_and.reduce([np.diff(column[order]) == 0 for column in rows]).sum())
    if twice:
        same = "the user and time" if events.page is None else "the user, time and page"
        yield f"{twice:,} of {len(order):,} rows have {same} of another; they count (the log's step is {events.resolution / 1_000:g} s)"
    time = np.sort(events.time)
    gaps = np.diff(time)
    widest = int(gaps.argmax()) if len(gaps) else 0
    few, early = min(widest + 1, len(time) - widest - 1), widest + 1 <= len(time) // 2
    rest = int(time[-1] - time[widest + 1] if early else time[widest] - time[0]) if len(gaps) else 0
    if rest and few <= max(1, FEW * len(time)) and gaps[widest] > rest:
        first, last = (iso(int(time[i])) for i in ((widest + 1, -1) if early else (0, widest)))
        where = iso(int(time[0] if early else time[-1]))
        yield f"{few:,} of {len(time):,} rows, such as one of {where}, are far from the others, of {first} to {last}; the log's span is up to them"


def _events(base: "DuckDBPyConnection", path: Path, columns: dict[str, str], what: str) -> Events:
    found = [str(row[0]) for row in base.execute("SELECT column_name FROM (DESCRIBE log)").fetchall()]
    used = [name for name in COLUMNS if name in {"user", "time", *columns} or (name == "page" and name in found)]
    if not _one(base, "SELECT count(*) FROM log"):
        raise DataError(f"{path}: found no {what}; expected page views with the columns user and time")
    for name in used:
        theirs = columns.get(name, name)
        if theirs not in found:
            raise DataError(f"{path}: found the columns {', '.join(found)}; expected {theirs!r} for {name}: name it with --columns {name}=...")
    text = ", ".join(f"CAST({datasets.quoted(columns.get(name, name))} AS VARCHAR) AS {name}" for name in used)
    text += ", fresh" if "fresh" in columns else ""
    base.execute(f"CREATE TEMP TABLE read AS SELECT row_number() OVER () AS n, {text} FROM log")  # noqa: S608
    numeric = bool(_one(base, "SELECT count(*) FROM read WHERE n = 1 AND try_cast(time AS DOUBLE) IS NOT NULL"))
    value = "try_cast(time AS DOUBLE)" if numeric else "epoch_ms(try_cast(time AS TIMESTAMPTZ))"
    unfit = f"user IS NULL OR user = '' OR {value} IS NULL OR NOT ({value} BETWEEN 0 AND {LATEST_MS})"
    bad = base.execute(f"SELECT n, user, time FROM read WHERE {unfit} ORDER BY n LIMIT 1").fetchone()  # noqa: S608
    if bad is not None:
        number, user, time = bad
        if not user:
            raise DataError(f"{path}: row {number}: found no user; expected a name or number in column {columns.get('user', 'user')!r}")
        told = "nothing" if time is None else repr(time)
        raise DataError(f"{path}: row {number}: found the time {told}; expected seconds or ms since 1970, or ISO 8601, one form in the whole file")
    loads = f"CAST(round(coalesce(try_cast(load AS DOUBLE), {UNTOLD})) AS BIGINT) AS load"
    more = [*(name for name in ("page", "country") if name in used), *([loads] if "load" in used else []), *(["fresh"] if "fresh" in columns else [])]
    data = base.execute(f"SELECT {', '.join(['user', f'{value} AS time', *more])} FROM read ORDER BY n").fetchnumpy()  # noqa: S608
    raw = np.asarray(data["time"], np.float64)
    if numeric and raw.max() > LATEST_S >= raw.min():
        number = int(np.argmax(raw <= LATEST_S)) + 1
        raise DataError(f"{path}: row {number}: found the time {raw[number - 1]:.0f} in a file of ms; expected one form")
    ms = np.rint(raw * 1_000 if numeric and raw.max() <= LATEST_S else raw).astype(np.int64)
    page, country = (_text(data[name]) if name in used else None for name in ("page", "country"))
    return arrange(_text(data["user"]), ms, page, country=country, load=data.get("load"), fresh=data.get("fresh"))


def _text(column: Any) -> Sequence[str]:  # noqa: ANN401 - duckdb gives masked arrays where values are missing
    return np.asarray(np.ma.filled(np.ma.asarray(column), ""), np.str_)  # type: ignore[return-value]


def _one(base: "DuckDBPyConnection", sql: str) -> int:
    row = base.execute(sql).fetchone()
    return int(row[0]) if row else 0
