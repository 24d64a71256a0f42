"""Each number of requests, clocks, reactions and incidents, changed alone, moves the figure that it is about, in the direction that it says."""

import re
from collections.abc import Callable
from itertools import chain
from typing import get_args

import numpy as np
import pytest
from moves import (
    DOWN,
    HOUR,
    PAGE_VIEWS,
    PV,
    SEED,
    SIGMAS,
    START,
    UP,
    Figure,
    Is,
    Move,
    Rows,
    both,
    different,
    fields_of,
    has,
    mean_of,
    moved,
    moved_by_chance,
    number_of,
    of_table,
    play,
    profile,
    swap,
    up_to_five,
)

from simulator.profile import requests, types
from simulator.profile.incidents import Disturbance, Incident
from simulator.profile.reactions import Reactions

RAGE = 'reactions.rage = { share = 0.3, after = 300, gap = { law = "constant", value = 200 }, presses = 4 }\n'
PAGE = "reactions.page = { after = 700, half = 300 }\n"
API = "reactions.api = { after = 500, half = 300 }\n"
INTERACTION = "reactions.interaction = { after = 400, half = 200 }\n"
ONE = '{ law = "constant", value = 1 }'
FLOW = "reactions.flow = { share = 0.3, pages = 3 }\n"
LINGER = "reactions.linger = 0.5\n"
IN_TIME = "from_hour = 1, to_hour = 3"
OF_REQUESTS, OF_VISITS = (
    "".join(f'incidents.{kind} = {{ kind = "{kind}", {IN_TIME}, {more} }}\n' for kind, more in kinds.items())
    for kinds in (
        {
            "slow-server": "share = 0.5, factor = 40",
            "slow-network": "share = 0.6, factor = 30",
            "failing-api": "share = 0.9, status = 502",
            "cdn-outage": "share = 0.8, status = 504",
        },
        {
            "network-loss": 'share = 0.5, delay = { law = "constant", value = 8000 }',
            "blank-screen": 'share = 0.4, bug = "other", delay = { law = "constant", value = 2000 }, again_share = 0.2',
            "anr-wave": 'share = 0.9, delay = { law = "constant", value = 6000 }',
            "crash-loop": 'share = 0.5, bug = "fatal", delay = { law = "constant", value = 2000 }, tries = 2',
            "push": 'share = 0.9, page = "pushed", delay = { law = "uniform", low = 0, high = 7000000 }',
        },
    )
)
"""Two profiles, so that incidents do not take each other's requests and visits."""


def error_of_clock(rows: Rows) -> float:
    """Give by how much the device's clock is wrong, from half a day on."""
    away = rows[0].timestamp - START if rows else 0
    return float(away) if abs(away) > 12 * HOUR else 0.0


def after_launch(rows: Rows) -> float:
    """Give the mean time from the first page of a session to its crash."""
    first = {row.session: row.timestamp for row in sorted(rows, key=lambda row: -row.timestamp) if row.type == "pv"}
    times = [row.timestamp - first[row.session] for row in rows if row.type == "crash" and row.session in first]
    return sum(times) / len(times) if times else np.nan


WIFI, REQUEST, GET, GO = has("network", "wifi"), has("event_type", "resource"), has("url", "/api/get"), has("name", "Go")
ICON, FONT, FRONT, STALL = (
    has("url", "/icon.png"),
    has("url", "/font.woff2"),
    has("page", "/front"),
    has("event_type", "longTask"),
)
NEW: Is = lambda row: row.dns_duration  # noqa: E731
HIDDEN: Is = lambda row: row.event_type == "resource" and row.dns_duration is None  # noqa: E731
PLAIN = has("name", "PlainError")
MEETS: dict[str, Is] = {
    "slow-server": lambda row: row.first_byte_duration and row.first_byte_duration - row.connect_duration > 3_700,
    "slow-network": lambda row: row.connect_duration and row.connect_duration > 500,
    "failing-api": has("status_code", 502),
    "cdn-outage": has("status_code", 504),
    "network-loss": lambda row: row.success == 0 and row.status_code is None,
    "blank-screen": has("name", "OtherError"),
    "anr-wave": lambda row: row.event_type == "longTask" and row.duration >= 5_000,
    "crash-loop": has("type", "crash"),
    "push": both(PV, has("page", "/pushed")),
}
"""What a kind of incident does to a row; nothing else does it in these profiles."""
PROFILES = {kind: OF_REQUESTS if f'"{kind}"' in OF_REQUESTS else OF_VISITS for kind in MEETS}

# --------------------------------------------------------------------------------------------------------------------------- the table


def of_reactions(more: str, old: str, new: str, figure: Figure, goes: int) -> Move:
    """Change a reaction."""
    return Move(more, swap(more, more.replace(old, new)), figure, goes)


def then_swap(*texts: str) -> Callable[[str], str]:
    """Put the second text in the place of the first, the fourth in that of the third, and so on."""

    def change(text: str) -> str:
        for old, new in zip(texts[::2], texts[1::2], strict=True):
            text = swap(old, new)(text)
        return text

    return change


def of_incident(kind: str, old: str, new: str, figure: Figure, goes: int) -> Move:
    """Change what stands in one of the incidents."""
    line = re.search(rf"incidents.{kind} .*", PROFILES[kind])[0]  # type: ignore[index]
    return Move(PROFILES[kind], swap(line, line.replace(old, new)), figure, goes)


MOVES: dict[str, Move] = {
    "networks.wifi.model": of_table("networks.wifi", '"wifi"', '"cable"', number_of(WIFI), DOWN),
    "networks.wifi.dns": of_table("networks.wifi", "low = 10, high = 30", "low = 50, high = 90", mean_of("dns_duration", both(WIFI, NEW)), UP),
    "networks.wifi.rtt": of_table("networks.wifi", "low = 20, high = 40", "low = 60, high = 90", mean_of("connect_duration", both(WIFI, NEW)), UP),
    "networks.wifi.tls_round_trips": of_table(
        "networks.wifi", "tls_round_trips = 1", "tls_round_trips = 2", mean_of("ssl_duration", both(WIFI, NEW)), UP
    ),
    "networks.wifi.reuse_share": of_table("networks.wifi", "reuse_share = 0.5", "reuse_share = 0.9", number_of(both(WIFI, NEW)), DOWN),
    "networks.wifi.kilobytes_per_s": of_table(
        "networks.wifi", "kilobytes_per_s = 1000", "kilobytes_per_s = 100", mean_of("download_duration", WIFI), UP
    ),
    "apis.get.path": of_table("apis.get", "/api/get/", "/api/take/", number_of(GET), DOWN),
    "apis.get.ids": of_table("apis.get", "ids = 10", "ids = 1000000", different("url", GET), UP),
    "apis.get.method": of_table("apis.get", '"GET"', '"POST"', number_of(both(GET, has("method", "GET"))), DOWN),
    "apis.get.status": of_table("apis.get", "status = 200", "status = 202", number_of(both(GET, has("status_code", 200))), DOWN),
    "apis.get.server": of_table("apis.get", "low = 100, high = 900", "low = 900, high = 1900", mean_of("first_byte_duration", GET), UP),
    "apis.get.size": of_table("apis.get", "low = 5000, high = 9000", "low = 500, high = 900", mean_of("size", GET), DOWN),
    "apis.get.request_size": of_table("apis.get", "low = 50, high = 90", "low = 500, high = 900", mean_of("request_size", GET), UP),
    "apis.get.slow.share": of_table("apis.get", "share = 0.3, factor", "share = 0.9, factor", mean_of("first_byte_duration", GET), UP),
    "apis.get.slow.factor": of_table("apis.get", "factor = 4", "factor = 12", mean_of("first_byte_duration", GET), UP),
    "apis.get.fail.share": of_table("apis.get", "share = 0.2, status", "share = 0.7, status", number_of(both(GET, has("success", 0))), UP),
    "apis.get.fail.status": of_table("apis.get", "status = 500 }", "status = 404 }", number_of(both(GET, has("status_code", 404))), UP),
    "assets.icon.path": of_table("assets.icon", "/icon.png", "/sign.png", number_of(ICON), DOWN),
    "assets.icon.origin": of_table("assets.icon", "timing", 'origin = "https://other.example"\ntiming', number_of(both(HIDDEN, ICON)), UP),
    "assets.font.timing": of_table("assets.font", "type", "timing = false\ntype", number_of(both(HIDDEN, FONT)), UP),
    "assets.icon.type": of_table("assets.icon", '"image"', '"media"', number_of(both(ICON, has("type", "image"))), DOWN),
    "assets.icon.server": of_table("assets.icon", "low = 10, high = 40", "low = 100, high = 400", mean_of("first_byte_duration", ICON), UP),
    "assets.icon.size": of_table("assets.icon", "low = 5000, high = 9000", "low = 500, high = 900", mean_of("size", ICON), DOWN),
    "pages.front.ids": of_table("pages.front", "ids = 10", "ids = 1000000", different("url", both(PV, FRONT)), UP),
    "pages.front.load": of_table("pages.front", "low = 500, high = 1000", "low = 1500, high = 2000", mean_of("load_event", FRONT), UP),
    "pages.front.block_share": of_table("pages.front", "block_share = 0.3", "block_share = 0.9", number_of(STALL), UP),
    "pages.front.block": of_table("pages.front", "low = 300, high = 900", "low = 1300, high = 1900", mean_of("duration", STALL), UP),
    "pages.front.assets": of_table("pages.front", '["icon", "font"]', '["icon"]', number_of(FONT), DOWN),
    "pages.front.apis": of_table("pages.front", '["list"]', '["list", "get"]', number_of(GET), UP),
    "acts.go.kind": of_table("pages.front", '{ name = "Go"', '{ kind = "scroll", name = "Go"', number_of(has("type", "scroll")), UP),
    "acts.go.name": of_table("pages.front", '"Go"', '"Halt"', number_of(GO), DOWN),
    "acts.go.target": of_table("pages.front", '"/go"', '"/halt"', number_of(has("target_name", "/go")), DOWN),
    "acts.go.weight": Move(
        swap('api = "get" }]', 'api = "get", weight = 0.8 }, { name = "Rest", target = "/rest", weight = 0.2 }]'),
        then_swap("weight = 0.8", "weight = 0.3", 'target = "/rest", weight = 0.2', 'target = "/rest", weight = 0.7'),
        number_of(has("name", "Rest")),
        UP,
    ),
    "acts.go.api": of_table("pages.front", 'api = "get"', 'api = "list"', number_of(GET), DOWN),
    "bugs.plain.kind": of_table("bugs.plain", '"error"', '"custom"', number_of(both(PLAIN, has("type", "error"))), DOWN),
    "bugs.plain.platforms": of_table("bugs.plain", "name", 'platforms = ["web"]\nname', number_of(PLAIN), DOWN),
    "bugs.plain.ids": of_table("bugs.plain", "ids = 2", "ids = 1000000", different("message", PLAIN), UP),
    "bugs.plain.pages": of_table("bugs.plain", "front = 0.5", "front = 1.0", number_of(PLAIN), UP),
    "population.clocks.wrong_share": of_table("population", "wrong_share = 0.3", "wrong_share = 0.9", lambda rows: error_of_clock(rows) != 0, UP),
    "population.clocks.error": of_table("population", "value = 400000000", "value = 2000000000", lambda rows: abs(error_of_clock(rows)), UP),
    "population.clocks.ahead_share": of_table("population", "ahead_share = 0.5", "ahead_share = 1.0", lambda rows: error_of_clock(rows) < 0, DOWN),
    "reactions.patience": of_reactions(f"reactions.patience = {ONE}\n{PAGE}", "value = 1 }", "value = 9 }", PAGE_VIEWS, UP),
    "reactions.rage.share": of_reactions(RAGE, "share = 0.3, after", "share = 1.0, after", number_of(GO), UP),
    "reactions.rage.after": of_reactions(RAGE, "after = 300", "after = 1500", number_of(GO), DOWN),
    "reactions.rage.gap": of_reactions(RAGE, "value = 200", "value = 2000", number_of(GO), DOWN),
    "reactions.rage.presses": of_reactions(RAGE, "presses = 4", "presses = 1", number_of(GO), DOWN),
    "reactions.page.after": of_reactions(PAGE, "after = 700", "after = 3000", PAGE_VIEWS, UP),
    "reactions.page.half": of_reactions(PAGE, "after = 700, half = 300", "after = 700, half = 30000", PAGE_VIEWS, UP),
    "reactions.api.after": of_reactions(API, "after = 500", "after = 5000", PAGE_VIEWS, UP),
    "reactions.api.half": of_reactions(API, "after = 500, half = 300", "after = 500, half = 30000", PAGE_VIEWS, UP),
    "reactions.interaction.after": of_reactions(INTERACTION, "after = 400", "after = 1000", PAGE_VIEWS, UP),
    "reactions.interaction.half": of_reactions(INTERACTION, "half = 200", "half = 20000", PAGE_VIEWS, UP),
    "reactions.flow.share": of_reactions(FLOW, "share = 0.3, pages", "share = 1.0, pages", PAGE_VIEWS, DOWN),
    "reactions.flow.pages": of_reactions(FLOW, "pages = 3", "pages = 300", PAGE_VIEWS, UP),
    "reactions.linger": of_reactions(LINGER, "linger = 0.5", "linger = 9.0", mean_of("time_spent", FRONT), UP),
}
SCOPE: dict[str, Callable[[str], str]] = {
    "from_hour": lambda text: text.replace("from_hour = 1", "from_hour = 2.7"),
    "to_hour": lambda text: text.replace("to_hour = 3", "to_hour = 1.3"),
    "platforms": lambda text: re.sub(
        r'(kind = "([a-z-]+)", )', lambda m: f'{m[1]}platforms = ["{"web" if m[2] == "blank-screen" else "ios"}"], ', text
    ),
    "countries": lambda text: text.replace(IN_TIME, IN_TIME + ', countries = ["DE"]'),
    "networks": lambda text: text.replace(IN_TIME, IN_TIME + ', networks = ["cell"]'),
    "share": lambda text: re.sub(r"(to_hour = 3, share) = 0\.\d", r"\1 = 0.05", text),
}
"""What makes incidents meet less; it is changed in all of them at once, as it is the same in all."""
MOVES |= {f"{kind}.{field}": Move(PROFILES[kind], change, up_to_five(met), DOWN) for field, change in SCOPE.items() for kind, met in MEETS.items()}
MOVES["push.from_hour"] = Move(OF_VISITS, SCOPE["from_hour"], mean_of("timestamp", MEETS["push"]), UP)
MOVES["push.to_hour"] = Move(OF_VISITS, SCOPE["to_hour"], mean_of("timestamp", MEETS["push"]), DOWN)
MOVES |= {
    f"{kind}.{field}": of_incident(kind, old, new, figure, goes)
    for kind, field, old, new, figure, goes in (
        ("slow-server", "apis", "factor", 'apis = ["get"], factor', number_of(MEETS["slow-server"]), DOWN),
        ("slow-server", "factor", "factor = 40", "factor = 60", mean_of("first_byte_duration", MEETS["slow-server"]), UP),
        ("slow-network", "apis", "factor", 'apis = ["get"], factor', number_of(MEETS["slow-network"]), DOWN),
        ("slow-network", "factor", "factor = 30", "factor = 300", mean_of("ssl_duration", MEETS["slow-network"]), UP),
        ("failing-api", "apis", "status", 'apis = ["get"], status', number_of(MEETS["failing-api"]), DOWN),
        ("failing-api", "status", "status = 502", "status = 404", number_of(MEETS["failing-api"]), DOWN),
        ("cdn-outage", "assets", "status", 'assets = ["icon"], status', number_of(MEETS["cdn-outage"]), DOWN),
        ("cdn-outage", "status", "status = 504", "status = 404", number_of(MEETS["cdn-outage"]), DOWN),
        ("network-loss", "delay", "value = 8000", "value = 20000", mean_of("duration", MEETS["network-loss"]), UP),
        ("blank-screen", "pages", "bug", 'pages = ["back"], bug', number_of(both(MEETS["blank-screen"], FRONT)), DOWN),
        ("blank-screen", "bug", '"other"', '"plain"', number_of(MEETS["blank-screen"]), DOWN),
        ("blank-screen", "delay", "value = 2000", "value = 90000", mean_of("time_spent"), UP),
        ("blank-screen", "again_share", "again_share = 0.2", "again_share = 0.9", number_of(MEETS["blank-screen"]), UP),
        ("anr-wave", "pages", "delay", 'pages = ["back"], delay', number_of(both(MEETS["anr-wave"], FRONT)), DOWN),
        ("anr-wave", "delay", "value = 6000", "value = 20000", mean_of("duration", MEETS["anr-wave"]), UP),
        ("crash-loop", "bug", '"fatal"', '"deadly"', number_of(has("name", "SIGSEGV")), DOWN),
        ("crash-loop", "delay", "value = 2000", "value = 4000", after_launch, UP),
        ("crash-loop", "tries", "tries = 2", "tries = 8", number_of(MEETS["crash-loop"]), UP),
        ("push", "page", '"pushed"', '"back"', number_of(MEETS["push"]), DOWN),
        ("push", "delay", "high = 7000000", "high = 70000", mean_of("timestamp", MEETS["push"]), DOWN),
    )
}
MOVES["crash-loop.releases"] = Move(
    lambda text: swap('https://a.example" }', 'https://a.example", releases = [{ version = "2", from_hour = 2 }] }')(
        swap("\n[population]", OF_VISITS + "\n[population]")(text)
    ),
    swap('"crash-loop", ', '"crash-loop", releases = ["2"], '),
    number_of(MEETS["crash-loop"]),
    DOWN,
)


# ----------------------------------------------------------------------------------------------------------------------------- tests


@pytest.mark.parametrize("name", MOVES)
def test_a_field_moves_its_figure(name: str) -> None:
    """Changed alone, a field moves its figure in the stated direction, by more than chance does."""
    assert moved(MOVES[name]) > SIGMAS


def test_chance_moves_no_figure() -> None:
    """The twin: the same profiles with another seed move no figure so far."""
    assert moved_by_chance(MOVES) == {}


OTHERS = {
    *(f"pages.*.{field}" for field in ("path", "think", "acts", "acts_per_view", "stay", "next", "next_after")),  # where people go, and when
    *(f"bugs.*.{field}" for field in ("name", "message", "stack")),  # texts, printed as they are
}
"""Fields of pages and bugs that say nothing of requests, numbers, errors or blocked main threads."""


def test_every_field_has_its_figure() -> None:
    """No field of requests, numbers, errors, clocks, reactions and incidents is without a figure that it moves."""
    found = {re.sub(r"^(networks|apis|assets|pages|acts|bugs)\.\w+", r"\1.*", name) for name in MOVES}
    expected = set(
        chain(
            fields_of(requests.Network, "networks.*"),
            fields_of(requests.Api, "apis.*"),
            fields_of(requests.Asset, "assets.*"),
            fields_of(types.Page, "pages.*"),
            fields_of(types.Act, "acts.*"),
            fields_of(types.Bug, "bugs.*"),
            fields_of(types.Clocks, "population.clocks"),
            fields_of(Reactions, "reactions"),
            *(fields_of(kind, str(kind.__struct_config__.tag)) for kind in get_args(Incident)),
        )
    )
    missing = expected - found - OTHERS
    assert not missing, f"no figure shows that these fields do anything: {', '.join(sorted(missing))}"
    assert not OTHERS - expected
    assert not found - expected, f"these are no fields: {', '.join(sorted(found - expected))}"
    assert set(SCOPE) == set(Disturbance.__struct_fields__)


def test_what_is_out_of_scope_is_not_met() -> None:
    """Incidents of one platform, country or network do nothing to others."""
    for field, column, names in (("platforms", "app_type", {"ios", "browser"}), ("countries", "country", {"DE"}), ("networks", "network", {"5g"})):
        for more in (OF_REQUESTS, OF_VISITS):
            rows = [row for device in play(SCOPE[field](profile(more)), SEED) for row in device if getattr(row, column) not in names]
            assert len(rows) > 1_000
            assert not [row for row in rows if any(met(row) for met in MEETS.values())]
