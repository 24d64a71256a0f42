"""What is true of every generated event, as queries that find the rows of which it is not, and a profile with everything in it to try them on.

Of each invariant there is a change of one row that breaks it: the test of the test.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from simulator.journey.population import Device, settle
from simulator.play.ids import user_id
from simulator.play.model import Model
from simulator.profile import starters
from simulator.profile.editions import EDITIONS, NAMES
from simulator.profile.strings import NUMBER
from simulator.schema.columns import COLUMNS, INTEGER_COLUMNS, NUMBER_COLUMNS

HEADERS_BYTES = 300  # W3C Resource Timing, 4.4
EDITION_WEIGHTS = {
    "web": '{ "web-documented" = 0.5, "web-0.0.37" = 0.5 }',
    "miniprogram": '{ "miniprogram-documented" = 1.0 }',
    "ios": '{ "ios-documented" = 0.5, "ios-2.3" = 0.5 }',
    "android": '{ "android-documented" = 0.5, "android-2.3" = 0.5 }',
}
EVENTS = """
[incidents.slow-search]
kind = "slow-server"
from_hour = 6
to_hour = 8
apis = ["search", "suggest"]
factor = 20

[incidents.far-away]
kind = "slow-network"
from_hour = 8
to_hour = 10
networks = ["4g"]
factor = 12

[incidents.failing-cart]
kind = "failing-api"
from_hour = 10
to_hour = 12
apis = ["cart"]
status = 502

[incidents.silent-orders]
kind = "failing-api"
from_hour = 10
to_hour = 12
apis = ["products"]
status = 0
share = 0.5

[incidents.no-files]
kind = "cdn-outage"
from_hour = 12
to_hour = 13
assets = ["hero", "font", "photo"]

[incidents.offline]
kind = "network-loss"
from_hour = 13
to_hour = 14
countries = ["US", "DE"]

[incidents.blank-list]
kind = "blank-screen"
from_hour = 14
to_hour = 16
pages = ["list"]
bug = "price"

[incidents.frozen-detail]
kind = "anr-wave"
from_hour = 15
to_hour = 17
pages = ["detail"]
share = 0.5

[incidents.bad-release]
kind = "crash-loop"
from_hour = 17
to_hour = 19
share = 0.5
bug = "decoder"

[incidents.sale]
kind = "push"
from_hour = 19
to_hour = 20
page = "detail"
"""


VARIANTS = """
tenants = { count = 3 }
releases = [
  { version = "6.5.0", from_hour = 5, share = 0.8, delay = { law = "uniform", low = 0, high = 20000000 } },
  { version = "6.6.0", from_hour = 14, platforms = ["web", "ios"] },
]
arms.plain = { share = 0.5 }
arms.short = { share = 0.5, load_factor = 0.8, next.cart = { checkout = 0.6, exit = 0.4 } }
"""


def everything() -> str:
    """Give the shop with all editions and variants, more errors and crashes, wrong clocks, numbers in a stack, and incidents of every kind."""
    text = starters.read("shop")
    for platform, weights in EDITION_WEIGHTS.items():
        text = text.replace(f"[platforms.{platform}]\n", f"[platforms.{platform}]\neditions = {weights}\n")
    text = re.sub(r"(?m)^share = 0\.(60|10|12|18)$", "share = 0.25", text)
    text = re.sub(r"(?m)^crash_share = .*", "crash_share = 0.03", text)
    for old, new in (
        ("[population]", VARIANTS + "\n[population]"),
        ("[pages.home]", "[pages.home]\nnext_after = { detail = { list = 0.3, search = 0.2, detail = 0.4, exit = 0.1 } }"),
        ("resume_share = 0.25 }", 'resume_share = 0.3, kept = { law = "lognormal", median = 7000000, sigma = 1 } }'),
        ("[journey]", "bursts = [{ from_hour = 3, to_hour = 5, factor = 3 }]\n\n[journey]"),
        ("[journey]", 'clocks = { wrong_share = 0.2, error = { law = "uniform", low = 1000, high = 9000000 } }\n\n[journey]'),
        ('stack = ""\nids', 'stack = "at take (item {id})\\n    at cart (https://shop.example.com/static/shop.js:77:5)"\nids'),
        ("pages = { cart = 0.02 }", "pages = { cart = 0.3 }"),
        ('path = "/api/product/{id}"\nids = 20000', 'path = "/api/product/{id}"\nids = 50'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    return text + EVENTS


# --------------------------------------------------------------------------------------------------------------------------- the rows


def read(files: list[Path], model: Model, devices: int) -> duckdb.DuckDBPyConnection:
    """Give a database with the rows of a dataset (`r`), each with what is true of its device: edition, platform, clock (ms ahead)."""
    found = duckdb.connect()
    found.execute("SET threads = 2")
    types = {name: "BIGINT" if name in INTEGER_COLUMNS else "DOUBLE" if name in NUMBER_COLUMNS else "VARCHAR" for name in COLUMNS}
    types |= {"binary_images": "JSON", "snapshots": "JSON"}
    found.execute("CREATE TABLE devices (user_id VARCHAR, edition VARCHAR, clock BIGINT)")
    d = Device()
    truth = []
    for number in range(devices):
        settle(model.world, d, number)
        truth.append((user_id(d.key), NAMES[d.edition], d.clock))
    found.execute(f"INSERT INTO devices VALUES {', '.join(map(str, truth))}")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    names = "[" + ", ".join(f"'{file}'" for file in files) + "]"
    found.execute(
        f"CREATE TABLE r AS SELECT e.*, d.edition, d.clock, split_part(d.edition, '-', 1) AS platform "
        f"FROM read_json({names}, format = 'newline_delimited', columns = {{{columns}}}) e LEFT JOIN devices d ON e.\"user.id\" = d.user_id"
    )
    return found


def pages(model: Model) -> str:
    """Give an expression of all names that pages have, as SQL text."""
    paths = [re.escape(page.path).replace(re.escape(NUMBER), "(:id|[0-9]+)") for page in model.profile.pages.values()]
    return "^(" + "|".join(paths) + ")$"


@dataclass(frozen=True)
class Invariant:
    """`wrong`: a query of the rows that break it; `change`: what breaks it, of one row that `where` finds."""

    wrong: str
    change: str
    where: str = "true"


_HEX = "[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_PHASES = ("dns_duration", "connect_duration", "ssl_duration", "first_byte_duration", "download_duration")
_SUM = "coalesce(dns_duration, 0) + coalesce(connect_duration, 0) + coalesce(first_byte_duration, 0) + coalesce(download_duration, 0)"
_REAL = "edition = 'web-0.0.37'"
_REQUEST = "event_type = 'resource'"
_TCP = f"(connect_duration - CASE WHEN {_REAL} THEN ssl_duration ELSE 0 END)"
_NEXT_PAGE = """
    SELECT *, lead(shown IGNORE NULLS) OVER later AS follows, lead(session IGNORE NULLS) OVER later AS following_session,
        lead(opener IGNORE NULLS) OVER later AS following_referrer
    FROM (
        SELECT *, CASE WHEN type = 'pv' THEN timestamp END AS shown, CASE WHEN type = 'pv' THEN "session.id" END AS session,
            CASE WHEN type = 'pv' THEN referrer END AS opener
        FROM r WHERE type IN ('pv', 'leave')
    ) WINDOW later AS (PARTITION BY "user.id" ORDER BY timestamp, type DESC)
"""
"""Page views with the page view that follows; each is shown before it is left."""
_OPENED = "type = 'leave' AND platform IN ('web', 'miniprogram') AND following_session = \"session.id\" AND following_referrer != ''"
_BLOCKED = "(event_type = 'longTask' OR type = 'anr')"
_NUMBERS = sorted(NUMBER_COLUMNS)


def invariants(model: Model, begin: int, end: int) -> dict[str, Invariant]:
    """List them for a run of a profile: `begin`, `end` are emitted times."""
    origin = model.profile.app.origin
    hidden = [f"'{a.origin}{a.path}'" for a in model.profile.assets.values() if a.origin not in (None, origin) and not a.timing]
    opaque = f"(platform = 'web' AND url IN ({', '.join(hidden)}))"
    numbered = {**model.profile.apis, **model.profile.pages}
    limits = {origin + part.path.replace(NUMBER, ""): part.ids for part in numbered.values() if NUMBER in part.path}
    too_high = " OR ".join(
        f"(starts_with(url, '{head}') AND try_cast(replace(url, '{head}', '') AS BIGINT) NOT BETWEEN 1 AND {ids})" for head, ids in limits.items()
    )
    no_number = " OR ".join(f"(starts_with(url, '{head}') AND try_cast(replace(url, '{head}', '') AS BIGINT) IS NULL)" for head in limits)
    return {
        "every row is of a device of the population": Invariant("SELECT * FROM r WHERE edition IS NULL", "edition = NULL"),
        "an event's id is its own": Invariant(
            "SELECT event_id FROM r GROUP BY event_id HAVING count(*) > 1", "event_id = (SELECT max(event_id) FROM r)", "event_id < '00-4'"
        ),
        "every row has session, page view, page, user and, but for web-0.0.37, device": Invariant(
            f'SELECT * FROM r WHERE "session.id" IS NULL OR "view.id" IS NULL OR "view.name" IS NULL OR "user.id" IS NULL '
            f'OR ("device.id" IS NULL) != ({_REAL})',
            '"view.id" = NULL',
        ),
        "ids have their forms": Invariant(
            f"SELECT * FROM r WHERE regexp_full_match(\"session.id\", '{_UUID}-01') != (edition IN ('ios-2.3', 'android-2.3')) "
            f"OR regexp_full_match(\"session.id\", '{_HEX}') = (edition IN ('ios-2.3', 'android-2.3')) "
            f"OR NOT regexp_full_match(\"view.id\", '{_HEX}') OR NOT regexp_full_match(\"user.id\", 'uid_[0-9a-z]{{16}}') "
            f"OR NOT regexp_full_match(\"device.id\", '{_UUID}') OR NOT regexp_full_match(event_id, '00-{_HEX}-[0-9a-f]{{16}}') "
            f"OR NOT starts_with(event_id, '00-' || replace(left(\"session.id\", 36), '-', '') || '-')",
            "event_id = upper(event_id)",
        ),
        "a page is one of the profile's": Invariant(
            f"SELECT * FROM r WHERE NOT regexp_full_match(\"view.name\", '{pages(model)}') AND (\"view.name\" != '' OR state != 'cold_launch')",
            "\"view.name\" = '/'",
        ),
        "only web-0.0.37 names a page by its numbers": Invariant(
            f"SELECT * FROM r WHERE (contains(\"view.name\", ':id') AND {_REAL}) OR (regexp_matches(\"view.name\", '/[0-9]+$') AND NOT {_REAL})",
            "\"view.name\" = '/detail/7'",
            f"NOT {_REAL}",
        ),
        "a page view is of one page, session and device": Invariant(
            'SELECT "view.id" FROM r GROUP BY "view.id" HAVING count(DISTINCT "view.name") > 1 OR count(DISTINCT "user.id") > 1',
            "\"view.name\" = '/done'",
            "event_type = 'resource' AND \"view.name\" != '/done'",
        ),
        "a page view is shown once": Invariant(
            'SELECT "view.id" FROM r WHERE type = \'pv\' GROUP BY "view.id" HAVING count(*) > 1', "type = 'pv'", "type = 'perf'"
        ),
        "a session is of one device": Invariant(
            'SELECT "session.id" FROM r GROUP BY "session.id" HAVING count(DISTINCT "user.id") > 1',
            '"session.id" = (SELECT max("session.id") FROM r)',
            'length("session.id") = 32',
        ),
        "time stamps are within the run, by the device's clock": Invariant(
            f"SELECT * FROM r WHERE timestamp - clock NOT BETWEEN {begin - model.lead} AND {end - 1}", f"timestamp = {end} + clock"
        ),
        "nothing is negative": Invariant(
            "SELECT * FROM r WHERE " + " OR ".join(f'"{name}" < 0' for name in _NUMBERS), "duration = -1", "duration IS NOT NULL"
        ),
        "an event happened at least once": Invariant("SELECT * FROM r WHERE times < 1", "times = 0"),
        # requests
        "a request's phases add up to its duration": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND status_code IS NOT NULL AND duration != {_SUM} + CASE WHEN {_REAL} THEN 0 ELSE ssl_duration END",
            "dns_duration = coalesce(dns_duration, 0) + 1",
            f"{_REQUEST} AND status_code IS NOT NULL",
        ),
        "a connection has DNS, TCP and TLS, or none of them": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND ((coalesce(dns_duration, 0) > 0) != (coalesce(connect_duration, 0) > 0) "
            "OR (coalesce(dns_duration, 0) > 0) != (coalesce(ssl_duration, 0) > 0))",
            "ssl_duration = 0",
            f"{_REQUEST} AND ssl_duration > 0",
        ),
        "on a new connection TLS takes whole round trips, each as long as TCP": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND connect_duration > 0 AND ssl_duration % {_TCP} != 0",
            "ssl_duration = ssl_duration + 0.5",
            f"{_REQUEST} AND ssl_duration > 0",
        ),
        "on a new connection the first byte takes a round trip and the server's time": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND connect_duration > 0 AND first_byte_duration <= {_TCP}",
            "first_byte_duration = 1",
            f"{_REQUEST} AND connect_duration > 1 AND ssl_duration < connect_duration - 1",
        ),
        "web-0.0.37 leaves out what is 0, the others do not": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND CASE WHEN {_REAL} THEN {' OR '.join(f'coalesce({name}, 1) = 0' for name in _PHASES)} "
            f"ELSE NOT {opaque} AND (dns_duration IS NULL OR connect_duration IS NULL OR ssl_duration IS NULL) END",
            "dns_duration = 0",
            f"{_REQUEST} AND {_REAL}",
        ),
        "web-0.0.37's connection has TLS in it": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND {_REAL} AND ssl_duration >= connect_duration",
            "connect_duration = ssl_duration",
            f"{_REQUEST} AND {_REAL} AND ssl_duration > 0",
        ),
        "a request takes time": Invariant(f"SELECT * FROM r WHERE {_REQUEST} AND (duration IS NULL OR duration < 1)", "duration = 0", _REQUEST),
        "success is a status of 200 to 399": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND NOT {opaque} AND (success = 1) != coalesce(status_code BETWEEN 200 AND 399, false)",
            "status_code = 404",
            f"{_REQUEST} AND success = 1 AND NOT {opaque}",
        ),
        "a request that failed has no response's size": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND success = 0 AND (size IS NOT NULL OR transfer_size IS NOT NULL OR download_duration IS NOT NULL)",
            "size = 10",
            f"{_REQUEST} AND success = 0",
        ),
        "a request without an answer has no first byte": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND status_code IS NULL AND (first_byte_duration IS NOT NULL OR download_duration IS NOT NULL)",
            "first_byte_duration = 1",
            f"{_REQUEST} AND status_code IS NULL",
        ),
        "a request that went well has a size": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND success = 1 AND NOT {opaque} AND size IS NULL", "size = NULL", f"{_REQUEST} AND success = 1"
        ),
        "headers are transferred, too": Invariant(
            f"SELECT * FROM r WHERE {_REQUEST} AND transfer_size != size + {HEADERS_BYTES} "
            f"OR ({_REQUEST} AND platform = 'web' AND (size IS NULL) != (transfer_size IS NULL))",
            "transfer_size = size",
            f"{_REQUEST} AND platform = 'web' AND size IS NOT NULL",
        ),
        "nothing but its duration is known of a file of another origin": Invariant(
            f"SELECT * FROM r WHERE {opaque} AND ({_REAL} "
            f"OR {' OR '.join(f'{name} IS NOT NULL' for name in (*_PHASES, 'size', 'transfer_size', 'status_code'))})",
            "size = 1",
            opaque,
        ),
        # pages
        "paints come in their order": Invariant(
            "SELECT * FROM r WHERE type = 'perf' AND NOT (first_paint >= 1 AND first_paint <= first_contentful_paint "
            "AND first_contentful_paint <= load_event)",
            "first_paint = load_event + 1",
            "type = 'perf'",
        ),
        "a document is there before it is complete": Invariant(
            "SELECT * FROM r WHERE type = 'perf' AND NOT coalesce(dom_interactive <= dom_content_loaded AND dom_content_loaded <= dom_complete "
            "AND dom_complete <= load_event, platform != 'web')",
            "dom_interactive = load_event + 1",
            "type = 'perf' AND platform = 'web'",
        ),
        "the largest paint comes after the first and before the load": Invariant(
            "SELECT * FROM r p JOIN r v USING (\"view.id\") WHERE p.type = 'perf' AND v.type = 'webvitals' "
            "AND v.largest_contentful_paint NOT BETWEEN p.first_contentful_paint AND p.load_event",
            "largest_contentful_paint = 1e9",
            "type = 'webvitals' AND \"view.id\" IN (SELECT \"view.id\" FROM r WHERE type = 'perf')",
        ),
        "a page is loaded while it is shown, or has no load time": Invariant(
            "SELECT * FROM r WHERE type = 'leave' AND loading_time NOT BETWEEN 1 AND time_spent", "loading_time = 0", "type = 'leave'"
        ),
        "nothing is painted on a page that was left": Invariant(
            "SELECT * FROM r p JOIN r l USING (\"view.id\") WHERE p.type = 'perf' AND l.type = 'leave' AND p.load_event > l.time_spent",
            "time_spent = 0",
            "type = 'leave' AND \"view.id\" IN (SELECT \"view.id\" FROM r WHERE type = 'perf')",
        ),
        "time on page begins when the page is shown": Invariant(
            "SELECT * FROM r l JOIN r p USING (\"view.id\") WHERE l.type = 'leave' AND p.type = 'pv' AND l.timestamp != p.timestamp",
            "timestamp = timestamp - 1",
            "type = 'leave'",
        ),
        "time on page ends with the next page at the latest": Invariant(
            f"SELECT * FROM ({_NEXT_PAGE}) WHERE type = 'leave' AND follows < timestamp + time_spent",
            "time_spent = 1000000000000",
            f"type = 'leave' AND \"view.id\" IN (SELECT \"view.id\" FROM ({_NEXT_PAGE}) WHERE type = 'leave' AND follows IS NOT NULL)",
        ),
        "time on page ends with the page that is opened from it": Invariant(
            f"SELECT * FROM ({_NEXT_PAGE}) WHERE {_OPENED} AND follows != timestamp + time_spent",
            "time_spent = time_spent - 1",
            f'type = \'leave\' AND "view.id" IN (SELECT "view.id" FROM ({_NEXT_PAGE}) WHERE {_OPENED})',
        ),
        "time on page ends with the next page, or with the state that says the app goes away": Invariant(
            """SELECT * FROM r l WHERE type = 'leave' AND edition IN ('ios-2.3', 'android-2.3') AND NOT EXISTS (
                SELECT 1 FROM r n WHERE n."user.id" = l."user.id" AND n.timestamp = l.timestamp + l.time_spent
                AND (n.type = 'pv' OR n.state = 'background')
            )""",
            "time_spent = time_spent + 1",
            "type = 'leave' AND edition = 'ios-2.3'",
        ),
        "the main thread is not blocked before its page is shown": Invariant(
            "SELECT * FROM r b JOIN r p USING (\"view.id\") WHERE p.type = 'pv' AND (b.event_type = 'longTask' OR b.type = 'anr') "
            "AND b.timestamp < p.timestamp",
            "timestamp = timestamp - 1000000000",
            "event_type = 'longTask' AND \"view.id\" IN (SELECT \"view.id\" FROM r WHERE type = 'pv')",
        ),
        "an app that blocks names its own code, not a script": Invariant(
            f"SELECT * FROM r WHERE {_BLOCKED} AND contains(stack, '.js:') != (platform IN ('web', 'miniprogram'))",
            "stack = 'at render (https://shop.example.com/home.js:100:17)'",
            f"{_BLOCKED} AND platform = 'ios'",
        ),
        "a page blocks in one place on each platform": Invariant(
            f'SELECT platform, "view.name" FROM r WHERE {_BLOCKED} GROUP BY ALL HAVING count(DISTINCT stack) > 1',
            "stack = stack || ' '",
            f'{_BLOCKED} AND (platform, "view.name") IN (SELECT (platform, "view.name") FROM r WHERE {_BLOCKED} GROUP BY ALL HAVING count(*) > 1)',
        ),
        "nothing is done while the main thread is blocked": Invariant(
            "SELECT * FROM r b JOIN r a USING (\"view.id\") WHERE (b.event_type = 'longTask' OR b.type = 'anr') AND a.event_type = 'action' "
            "AND a.timestamp > b.timestamp AND a.timestamp < b.timestamp + b.duration",
            "duration = 1000000000000",
            "event_type = 'longTask' AND \"view.id\" IN (SELECT \"view.id\" FROM r WHERE event_type = 'action')",
        ),
        "nothing is done on a page that was left": Invariant(
            "SELECT * FROM r l JOIN r a USING (\"view.id\") WHERE l.type = 'leave' AND a.event_type = 'action' "
            "AND a.timestamp > l.timestamp + l.time_spent",
            "time_spent = 0",
            "type = 'leave' AND \"view.id\" IN (SELECT \"view.id\" FROM r WHERE event_type = 'action')",
        ),
        # strings with numbers
        "a number in an address is one of its numbers": Invariant(
            f"SELECT * FROM r WHERE {too_high}", f"url = '{next(iter(limits))}0'", "event_type = 'resource'"
        ),
        "where a number belongs there is one": Invariant(
            f"SELECT * FROM r WHERE {no_number} OR contains(concat(url, name, message, stack, timing_data, referrer), '{NUMBER}')",
            f"name = '{NUMBER}'",
        ),
        "an error's name goes with one stack, but for its number": Invariant(
            "SELECT name FROM r WHERE event_type = 'exception' AND type IN ('error', 'crash', 'custom') AND stack IS NOT NULL GROUP BY name "
            "HAVING count(DISTINCT regexp_replace(stack, 'item [0-9]+', 'item')) > 1",
            "stack = stack || ' '",
            "event_type = 'exception' AND type IN ('error', 'custom')",
        ),
        "message and stack have the same number": Invariant(
            "SELECT * FROM r WHERE contains(stack, '(item ') AND regexp_extract(message, '[0-9]+') != regexp_extract(stack, '[0-9]+')",
            "message = 'item 0 left'",
            "contains(stack, '(item ')",
        ),
        "an address in the entry is that of the event": Invariant(
            f"SELECT * FROM r WHERE {_REAL} AND {_REQUEST} AND NOT contains(timing_data, '\"name\":\"' || url || '\"')",
            "url = url || '0'",
            f"{_REAL} AND {_REQUEST}",
        ),
    }


def broken(rows: duckdb.DuckDBPyConnection, invariant: Invariant) -> int:
    """Count the rows of which it is not true."""
    return int(_one(rows, f"SELECT count(*) FROM ({invariant.wrong})"))


def breaks(rows: duckdb.DuckDBPyConnection, invariant: Invariant) -> bool:
    """Tell whether a change of one row is found; the change is taken back."""
    rows.execute("BEGIN")
    rows.execute(f"UPDATE r SET {invariant.change} WHERE rowid = (SELECT min(rowid) FROM r WHERE {invariant.where})")
    found = broken(rows, invariant)
    rows.execute("ROLLBACK")
    return found > 0


def count(rows: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Count the rows by edition and event type."""
    out: dict[str, dict[str, int]] = {name: {} for name in EDITIONS}
    for edition, event_type, number in rows.execute("SELECT edition, event_type, count(*) FROM r GROUP BY ALL ORDER BY ALL").fetchall():
        out[edition][event_type] = number
    return out


def _one(rows: duckdb.DuckDBPyConnection, query: str) -> Any:
    (found,) = rows.execute(query).fetchall()[0]
    return found
