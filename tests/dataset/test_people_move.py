"""Each number of people, journeys, pages, variants and laws, changed alone, moves the figure that it is about, in the direction that it says."""

import inspect
import re
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from moves import (
    DOWN,
    PAGE_VIEWS,
    PV,
    SIGMAS,
    UP,
    Figure,
    Move,
    Rows,
    both,
    fields_of,
    has,
    mean_of,
    moved,
    moved_by_chance,
    number_of,
    of_table,
    swap,
)

from simulator.profile import laws, types
from simulator.profile.variants import Arm, Release, Tenants

SOON = 120_000
FRONT, BACK, GO, WEB = has("page", "/front"), has("page", "/back"), has("name", "Go"), has("app_type", "browser")
MOBILE = lambda row: row.app_type in ("ios", "android")  # noqa: E731
Change = Callable[[str], str]

# --------------------------------------------------------------------------------------------------------------------------- figures


def sessions(rows: Rows) -> float:
    """Count sessions."""
    return float(len({row.session for row in rows}))


def soon(rows: Rows) -> float:
    """Give the share of sessions that begin within two minutes of the end of another."""
    begins: dict[str, int] = {}
    ends: dict[str, int] = {}
    for row in rows:
        begins[row.session] = min(begins.get(row.session, row.timestamp), row.timestamp)
        ends[row.session] = max(ends.get(row.session, 0), row.timestamp + (row.time_spent or 0))
    following = sorted((begins[name], ends[name]) for name in begins)
    return float(np.mean([b[0] - a[1] < SOON for a, b in pairwise(following)])) if len(following) > 1 else np.nan


def pauses(rows: Rows) -> list[tuple[str, float]]:
    """List the sessions and logarithms of times spent on pages, in order."""
    left = sorted((row for row in rows if row.time_spent), key=lambda row: row.timestamp)
    return [(row.session, float(np.log(row.time_spent))) for row in left]


def off_pace(rows: Rows) -> float:
    """Give how far the device's pace is from the usual one."""
    found = [pause for _, pause in pauses(rows)]
    return abs(float(np.mean(found)) - USUAL) if found else np.nan


def unsteady(rows: Rows) -> float:
    """Give the spread of the pace between the device's sessions."""
    by: dict[str, list[float]] = {}
    for session, pause in pauses(rows):
        by.setdefault(session, []).append(pause)
    means = [float(np.mean(found)) for found in by.values()]
    return float(np.std(means)) if len(means) > 1 else np.nan


def alike(rows: Rows) -> float:
    """Give the share of pauses that are as long or short as the one before."""
    same = [(a[1] > np.log(15_000)) == (b[1] > np.log(15_000)) for a, b in pairwise(pauses(rows)) if a[0] == b[0]]
    return float(np.mean(same)) if same else np.nan


def is_of(column: str, value: str) -> Figure:
    """Tell of a device whether its rows have a value."""
    return lambda rows: float(getattr(rows[0], column) == value) if rows else np.nan


USUAL = 8.9
"""Of the logarithm of the time on a page of the base profile."""


def within(head: str, line: str) -> Change:
    """Add a line to a table."""
    return swap(f"[{head}]\n", f"[{head}]\n{line}\n")


def on(platforms: str, line: str) -> Change:
    """Add a line to platforms."""
    return lambda text: re.sub(rf"\[platforms\.({platforms})\]\n", rf"\g<0>{line}\n", text)


def application(more: str) -> Change:
    """Add to the application."""
    return swap('https://a.example" }', f'https://a.example", {more} }}')


def swap_all(old: str, new: str) -> Change:
    """Put one text in the place of another, wherever it stands."""
    return lambda text: text.replace(old, new)


def then(*changes: Change) -> Change:
    """Make changes one after another."""

    def change(text: str) -> str:
        for each in changes:
            text = each(text)
        return text

    return change


def of(prepare: Change, old: str, new: str, figure: Figure, goes: int) -> Move:
    """Change a text wherever it stands in what was prepared, on pages that do nothing by themselves."""
    return Move(prepare if prepare is BARE else then(BARE, prepare), swap_all(old, new), figure, goes)


def top(lines: str) -> Change:
    """Add keys of the top."""
    return swap("\n[population]", lines + "\n[population]")


BARE = then(
    swap('assets = ["icon", "font"]', ""), swap_all('apis = ["list"]', ""), swap("block_share = 0.3", ""), swap("pages = { front = 0.5 }", "")
)
REVISIT = within("population", 'revisit = { share = 0.1, gap = { law = "constant", value = 30000 }, regulars = 0.1, regular_share = 0.2 }')
BURST = within("population", "bursts = [{ from_hour = 1, to_hour = 3, factor = 5 }]")
LOCAL = then(within("population", 'hours_in = "local"'), swap("hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1,", "hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 9,"))
LONG = top("journey.continuation = [0.85]\njourney.pace = { user = 0, visit = 0, depth = 0, keep = 0 }\n")
PAUSE = 'stay = { law = "uniform", low = 500, high = 3000 }'
TWO_PAUSES = """stay = { law = "mixture", parts = [
  { weight = 0.5, law = { law = "constant", value = 500 } }, { weight = 0.5, law = { law = "constant", value = 60000 } },
] }"""
TABLE = '\n[tables."stays.csv"]\nvalues = [500, 3000]\n'
MIXED = then(LONG, swap_all(PAUSE, TWO_PAUSES))
TRIPS = on(
    r"\w+",
    "trips = { share = 0.2, long_share = 0.2, killed_share = 0.1, "
    'short = { law = "constant", value = 20000 }, long = { law = "constant", value = 100000 } }',
)
IDLE = on(r"\w+", 'idle = { share = 0.1, gap = { law = "constant", value = 60000 } }')
CRASHES = then(on("ios|android", "crash_share = 0.02"), swap('stack = "at fatal"', 'stack = "at fatal"\npages = { front = 1.0 }'))
LEFT = on(r"\w+", 'close_share = 0\nleft = { resume_share = 0.1, kept = { law = "constant", value = 60000 } }')
OPEN = then(LEFT, swap_all("value = 60000", "value = 9000000"), swap("entry = { front", "entry = { pushed"))
RELEASES = application('releases = [{ version = "2", from_hour = 1, share = 0.9, delay = { law = "constant", value = 0 }, platforms = [] }]')
ARMS = application("arms = { a = { share = 0.2, load_factor = 1, next = { front = { back = 0.9, exit = 0.1 } } }, b = { share = 0.8 } }")
AFTER = within("pages.front", "next_after = { back = { front = 0.9, exit = 0.1 } }")
SECOND = number_of(has("app_version", "2"))
IN_A: Figure = is_of("arm", "a")
BACK_VIEWS = number_of(both(PV, BACK))
SYSTEMS = swap_all(
    'os = [{ name = "o", version = "1", share = 1, models = { m = 1.0 } }]',
    'os = [{ name = "o", version = "1", share = 0.8, models = { m = 0.8, n = 0.2 } }, '
    '{ name = "p", version = "2", share = 0.2, models = { k = 1 } }]',
)
EDITIONS = on("web", 'editions = { "web-documented" = 0.9, "web-0.0.37" = 0.1 }')
LITERAL = number_of(both(WEB, both(PV, lambda row: re.search(r"/\d+$", row.page))))
"""Page views whose page is called by its path, numbers included: what edition web-0.0.37 does."""
SPENT = mean_of("time_spent")


def of_law(text: str, old: str, new: str, goes: int) -> Move:
    """Change a law of the time that people stay on each page."""
    return of(swap_all(PAUSE, f"stay = {{ {text} }}"), old, new, SPENT, goes)


SPEED = 'speed = { law = "constant", value = 1 }'
LOGNORMAL = 'law = "lognormal", median = 5000, sigma = 0.5, min = 100, max = 90000'
MIXTURE = """law = "mixture", parts = [
  { weight = 0.8, law = { law = "constant", value = 500 } }, { weight = 0.2, law = { law = "constant", value = 60000 } },
]"""
TABLES = '\n[tables."short.csv"]\nvalues = [500, 3000]\n[tables."long.csv"]\nvalues = [500, 90000]\n'

MOVES: dict[str, Move] = {
    "population.visits_per_day": of_table("population", "visits_per_day = 24", "visits_per_day = 48", PAGE_VIEWS, UP),
    "population.activity": of(
        within("population", 'activity = { law = "constant", value = 1 }'),
        '{ law = "constant", value = 1 }',
        '{ law = "quantiles", values = [0, 0, 1, 1] }',
        lambda rows: float(not rows),
        UP,
    ),
    "population.revisit.share": of(REVISIT, "share = 0.1, gap", "share = 0.7, gap", soon, UP),
    "population.revisit.gap": of(REVISIT, "value = 30000", "value = 3000000", soon, DOWN),
    "population.revisit.regulars": of(REVISIT, "regulars = 0.1, regular_share = 0.2", "regulars = 0.9, regular_share = 0.2", soon, UP),
    "population.revisit.regular_share": of(
        then(REVISIT, swap("regulars = 0.1", "regulars = 0.9")), "regular_share = 0.2", "regular_share = 0.8", soon, UP
    ),
    "population.countries": of_table("population", "CN = 0.8, DE = 0.2", "CN = 0.2, DE = 0.8", is_of("country", "DE"), UP),
    "population.named_share": of(
        within("population", "named_share = 0.1"), "named_share = 0.1", "named_share = 0.9", lambda rows: any(row.user_name for row in rows), UP
    ),
    "population.locales": of(
        within("population", 'named_share = 1.0\nlocales = ["en_US"]'),
        '["en_US"]',
        '["zh_CN"]',
        lambda rows: float(any(not row.user_name.isascii() for row in rows)),
        UP,
    ),
    "population.hours": of_table("population", "hours = [1,", "hours = [24,", mean_of("timestamp"), DOWN),
    "population.hours, of a week": of(
        swap("hours = [1,", f"hours = [{'1, ' * 144}1,"), "hours = [1, 1, 1,", "hours = [24, 1, 1,", mean_of("timestamp"), DOWN
    ),
    "population.days": of(within("population", "days = [1, 1, 1, 1, 1, 1, 1]"), "days = [1,", "days = [5,", PAGE_VIEWS, UP),
    "population.hours_in": of(LOCAL, '"local"', '"utc"', PAGE_VIEWS, DOWN),
    "population.zones": of(
        then(LOCAL, within("population", "zones = { CN = 7 }")), "zones = { CN = 7 }", "zones = { CN = 1 }", PAGE_VIEWS, DOWN
    ),
    "population.bursts.from_hour": of(BURST, "from_hour = 1", "from_hour = 2.7", PAGE_VIEWS, DOWN),
    "population.bursts.to_hour": of(BURST, "to_hour = 3", "to_hour = 1.3", PAGE_VIEWS, DOWN),
    "population.bursts.factor": of(BURST, "factor = 5", "factor = 10", PAGE_VIEWS, UP),
    "journey.continuation": of(LONG, "[0.85]", "[0.5]", PAGE_VIEWS, DOWN),
    "journey.pace.user": of(LONG, "user = 0,", "user = 1.2,", off_pace, UP),
    "journey.pace.visit": of(LONG, "visit = 0,", "visit = 1.2,", unsteady, UP),
    "journey.pace.depth": of(LONG, "depth = 0,", "depth = 0.8,", mean_of("time_spent"), DOWN),
    "journey.pace.keep": of(MIXED, "keep = 0", "keep = 0.9", alike, UP),
    "entry": of(BARE, "entry = { front = 1.0 }", "entry = { front = 0.2, back = 0.8 }", BACK_VIEWS, UP),
    "tables": of(
        then(swap_all(PAUSE, 'stay = { law = "quantiles", file = "stays.csv" }'), lambda text: text + TABLE),
        "values = [500, 3000]", "values = [500, 90000]", mean_of("time_spent"), UP,
    ),
    "pages.front.path": of_table("pages.front", "/front/", "/face/", number_of(FRONT), DOWN),
    "pages.front.think": of_table(
        "pages.front", 'think = { law = "uniform", low = 500, high = 3000', 'think = { law = "uniform", low = 9500, high = 13000',
        mean_of("time_spent", FRONT), UP,
    ),
    "pages.front.stay": of_table(
        "pages.front", 'stay = { law = "uniform", low = 500, high = 3000', 'stay = { law = "uniform", low = 9500, high = 13000',
        mean_of("time_spent", FRONT), UP,
    ),
    "pages.front.acts_per_view": of_table("pages.front", "value = 2 }", "value = 5 }", number_of(GO), UP),
    "pages.front.assets": of_table("pages.front", '["icon", "font"]', '["icon"]', number_of(has("url", "/font.woff2")), DOWN),
    "pages.front.apis": of_table("pages.front", 'apis = ["list"]', "apis = []", number_of(has("url", "/api/list")), DOWN),
    "pages.front.next": of_table("pages.front", "front = 0.4, back = 0.4", "front = 0.1, back = 0.7", BACK_VIEWS, UP),
    "pages.front.next_after": of(AFTER, "back = { front = 0.9, exit = 0.1 }", "back = { front = 0.1, exit = 0.9 }", PAGE_VIEWS, DOWN),
    "platforms.web.share": Move(
        "", then(swap("share = 0.3\nnetworks", "share = 0.6\nnetworks"), swap("share = 0.4\nnetworks", "share = 0.1\nnetworks")),
        is_of("app_type", "browser"), UP,
    ),
    "platforms.web.networks": of_table(
        "platforms.web", "wifi = 0.8, cell = 0.2", "wifi = 0.2, cell = 0.8", number_of(both(WEB, has("network", "5g"))), UP
    ),
    "platforms.web.speed": of(on("web", SPEED), "value = 1 }", "value = 3 }", mean_of("load_event", WEB), UP),
    "platforms.web.os.speed": of(
        then(SYSTEMS, swap_all("share = 0.8, models", 'share = 0.8, speed = { law = "constant", value = 1 }, models')),
        "value = 1 }, models", "value = 3 }, models", mean_of("load_event", has("system", "o")), UP,
    ),
    "platforms.web.trips.share": of(TRIPS, "trips = { share = 0.2", "trips = { share = 0.9", mean_of("time_spent", WEB), UP),
    "platforms.web.trips.long_share": of(TRIPS, "long_share = 0.2", "long_share = 0.9", mean_of("time_spent", WEB), UP),
    "platforms.web.trips.short": of(TRIPS, "value = 20000", "value = 60000", mean_of("time_spent", WEB), UP),
    "platforms.web.trips.long": of(TRIPS, "value = 100000", "value = 900000", mean_of("time_spent", WEB), UP),
    "platforms.ios.trips.killed_share": of(
        then(TRIPS, lambda text: text.replace("trips = { share = 0.2, long_share = 0.2", "trips = { share = 0.9, long_share = 0.9")),
        "killed_share = 0.1", "killed_share = 0.9", number_of(both(PV, MOBILE)), UP,
    ),
    "platforms.web.idle.share": of(IDLE, "idle = { share = 0.1", "idle = { share = 0.9", mean_of("time_spent", WEB), UP),
    "platforms.web.idle.gap": of(IDLE, "value = 60000", "value = 900000", mean_of("time_spent", WEB), UP),
    "platforms.web.close_share": of(on(r"\w+", "close_share = 0.9"), "close_share = 0.9", "close_share = 0.1", sessions, DOWN),
    "platforms.ios.crash_share": of(CRASHES, "crash_share = 0.02", "crash_share = 0.5", number_of(has("type", "crash")), UP),
    "platforms.web.left.resume_share": of(OPEN, "resume_share = 0.1", "resume_share = 0.9", PAGE_VIEWS, DOWN),
    "platforms.web.left.kept": of(LEFT, "value = 60000", "value = 9000000", sessions, DOWN),
    "platforms.web.editions": of(
        EDITIONS, '"web-documented" = 0.9, "web-0.0.37" = 0.1', '"web-documented" = 0.1, "web-0.0.37" = 0.9', LITERAL, UP
    ),
    "platforms.web.sdk_version": of(on("web", 'sdk_version = "0.0.38"'), "0.0.38", "0.0.39", number_of(has("sdk", "0.0.39")), UP),
    "platforms.web.session.sample_rate": of(
        on(r"\w+", "session = { sample_rate = 0.9 }"), "sample_rate = 0.9", "sample_rate = 0.3", PAGE_VIEWS, DOWN
    ),
    "platforms.web.session.overtime": of(
        then(IDLE, on("web", "session = { overtime = 9000000 }")), "overtime = 9000000", "overtime = 2000", sessions, UP
    ),
    "platforms.web.session.max_duration": of(
        then(IDLE, on("web", "session = { max_duration = 9000000 }")), "max_duration = 9000000", "max_duration = 60000", sessions, UP
    ),
    "platforms.web.os.name": of(SYSTEMS, 'name = "o"', 'name = "q"', number_of(has("system", "q")), UP),
    "platforms.web.os.version": of(SYSTEMS, 'version = "1"', 'version = "3"', number_of(has("system_version", "3")), UP),
    "platforms.web.os.share": of(then(SYSTEMS, swap_all("share = 0.8, models", "share = 0.80, models")),
        'share = 0.80, models = { m = 0.8, n = 0.2 } }, { name = "p", version = "2", share = 0.2',
        'share = 0.20, models = { m = 0.8, n = 0.2 } }, { name = "p", version = "2", share = 0.8', is_of("system", "p"), UP),
    "platforms.web.os.models": of(SYSTEMS, "m = 0.8, n = 0.2", "m = 0.2, n = 0.8", is_of("model", "n"), UP),
    "app.id": of(BARE, 'id = "a"', 'id = "b"', is_of("app_id", "b"), UP),
    "app.env": of(application('env = "prod"'), "prod", "pre", is_of("app_env", "pre"), UP),
    "app.origin": of(BARE, "https://a.example", "https://b.example", number_of(has("url", "https://b.example/front")), UP),
    "app.version": of(BARE, 'version = "1", origin', 'version = "9", origin', number_of(has("app_version", "1")), DOWN),
    "app.tenants.count": of(application("tenants = { count = 2 }"), "count = 2", "count = 50", is_of("app_id", "a-1"), DOWN),
    "app.tenants.exponent": of(
        application("tenants = { count = 20, exponent = 0.5 }"), "exponent = 0.5", "exponent = 3", is_of("app_id", "a-1"), UP
    ),
    "app.releases.version": of(RELEASES, 'version = "2"', 'version = "3"', SECOND, DOWN),
    "app.releases.from_hour": of(RELEASES, "from_hour = 1", "from_hour = 3", SECOND, DOWN),
    "app.releases.share": of(RELEASES, "share = 0.9", "share = 0.1", SECOND, DOWN),
    "app.releases.delay": of(RELEASES, "value = 0 }, platforms", "value = 7200000 }, platforms", SECOND, DOWN),
    "app.releases.platforms": of(RELEASES, "platforms = []", 'platforms = ["ios"]', SECOND, DOWN),
    "app.arms.share": of(ARMS, "share = 0.2, load_factor = 1, next = { front = { back = 0.9, exit = 0.1 } } }, b = { share = 0.8",
                         "share = 0.8, load_factor = 1, next = { front = { back = 0.9, exit = 0.1 } } }, b = { share = 0.2", IN_A, UP),
    "app.arms.load_factor": of(ARMS, "load_factor = 1", "load_factor = 3", mean_of("load_event", has("arm", "a")), UP),
    "app.arms.next": of(ARMS, "back = 0.9, exit = 0.1", "back = 0.1, exit = 0.9", number_of(both(PV, has("arm", "a"))), DOWN),
    "laws.constant.value": of_law('law = "constant", value = 5000', "value = 5000", "value = 20000", UP),
    "laws.uniform.low": of_law('law = "uniform", low = 501, high = 9001', "low = 501", "low = 8000", UP),
    "laws.uniform.high": of_law('law = "uniform", low = 501, high = 9001', "high = 9001", "high = 1000", DOWN),
    "laws.exponential.mean": of_law('law = "exponential", mean = 5000, max = 90000', "mean = 5000", "mean = 20000", UP),
    "laws.exponential.max": of_law('law = "exponential", mean = 5000, max = 90000', "max = 90000", "max = 2000", DOWN),
    "laws.lognormal.median": of_law(LOGNORMAL, "median = 5000", "median = 20000", UP),
    "laws.lognormal.sigma": of_law(LOGNORMAL, "sigma = 0.5", "sigma = 1.5", UP),
    "laws.lognormal.min": of_law(LOGNORMAL, "min = 100", "min = 9000", UP),
    "laws.lognormal.max": of_law(LOGNORMAL, "max = 90000", "max = 3000", DOWN),
    "laws.mixture.parts.weight": of_law(MIXTURE, 'weight = 0.8, law = { law = "constant", value = 500 } }, { weight = 0.2',
                                        'weight = 0.2, law = { law = "constant", value = 500 } }, { weight = 0.8', UP),
    "laws.mixture.parts.law": of_law(MIXTURE, "value = 60000", "value = 900", DOWN),
    "laws.quantiles.values": of_law('law = "quantiles", values = [500, 3000, 4000]', "3000, 4000", "30000, 40000", UP),
    "laws.quantiles.file": of(
        then(swap_all(PAUSE, 'stay = { law = "quantiles", file = "short.csv" }'), lambda text: text + TABLES),
        'file = "short.csv"', 'file = "long.csv"', SPENT, UP,
    ),
}  # fmt: skip
"""Of a name with an entry's name in it (pages.front), the field is that of every such entry; a comma and more tell a field's forms apart."""
ELSEWHERE = {
    "app.endpoint": "dataset/test_kinds.py",
    "platforms.*.remote.*": "play/test_fetch.py",
    "population.clocks.*": "dataset/test_fields_move.py",
    "pages.*.ids": "dataset/test_fields_move.py",
    "pages.*.load": "dataset/test_fields_move.py",
    "pages.*.block_share": "dataset/test_fields_move.py",
    "pages.*.block": "dataset/test_fields_move.py",
    "pages.*.acts.*": "dataset/test_fields_move.py",
}
"""Fields that tests of another file, counted from tests/, change and look at."""


# ----------------------------------------------------------------------------------------------------------------------------- tests


@pytest.mark.parametrize("name", MOVES)
def test_a_field_moves_its_figure(name: str) -> None:
    """Changed alone, a field moves its figure in the stated direction, by more than chance does."""
    assert moved(MOVES[name]) > SIGMAS


def test_chance_moves_no_figure() -> None:
    """The twin: the same profiles with another seed move no figure so far."""
    assert moved_by_chance(MOVES) == {}


def fields() -> set[str]:
    """List all fields of people, journeys, pages, platforms, the application and laws."""
    listed = {"population.bursts", "app.releases", "app.arms", "pages.*.acts", "platforms.*.os", "laws.mixture.parts"}
    found = chain(
        ("entry", "tables"),
        fields_of(types.Population, "population"),
        fields_of(types.Burst, "population.bursts"),
        fields_of(types.Journey, "journey"),
        fields_of(types.Page, "pages.*"),
        fields_of(types.Act, "pages.*.acts"),
        fields_of(types.Platform, "platforms.*"),
        fields_of(types.Os, "platforms.*.os"),
        fields_of(types.App, "app"),
        fields_of(Tenants, "app.tenants"),
        fields_of(Release, "app.releases"),
        fields_of(Arm, "app.arms"),
        fields_of(laws.Component, "laws.mixture.parts"),
        *(fields_of(law, f"laws.{law.__struct_config__.tag}") for law in get_args(laws.Law)),
    )
    return set(found) - listed


def elsewhere(field: str) -> str | None:
    """Give the file whose tests are about a field; None: this one."""
    return ELSEWHERE.get(field) or ELSEWHERE.get(field.rpartition(".")[0] + ".*")


def test_every_field_has_its_figure() -> None:
    """No field of people, journeys, pages, platforms, the application and laws is without a figure that it moves."""
    found = {re.sub(r"^(pages|platforms)\.\w+", r"\1.*", name.partition(",")[0]) for name in MOVES}
    expected = {field for field in fields() if not elsewhere(field)}
    assert not expected - found, f"no figure shows that these fields do anything: {', '.join(sorted(expected - found))}"
    assert not found - expected, f"these are no fields: {', '.join(sorted(found - expected))}"


def test_what_is_tested_elsewhere_is_changed_there() -> None:
    """Each field that another file's tests are about is named by one of them; each entry of the list is of a field that there is."""
    tests = Path(inspect.getfile(test_every_field_has_its_figure)).parents[1]
    others = {field: file for field in fields() if (file := elsewhere(field))}
    for field, file in others.items():
        name = field.rpartition(".")[2]
        assert re.search(rf"\b{name}\b", (tests / file).read_text("utf-8")), f"{file} does not touch {field}"
    assert {entry for entry in ELSEWHERE if not any(field == entry or field.rpartition(".")[0] + ".*" == entry for field in others)} == set()
