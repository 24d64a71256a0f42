"""What the wire's tests share: what devices sent, as payloads and as rows; the keys of the real SDK; and a profile full of awkward strings."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.play.cohort import Cohort
from simulator.play.model import Model, make
from simulator.play.seat import PAYLOADS, ROWS
from simulator.profile import starters
from simulator.profile.editions import EDITIONS, NAMES
from simulator.profile.loader import parse
from simulator.profile.types import Profile
from simulator.profile.variants import Arm, Release, Tenants
from simulator.schema.words import PLATFORMS

HOUR = 3_600_000
DEVICES = 60
HOURS = 24
AWKWARD = (
    "say \"hi\"\\ and/or 'bye'",  # quotes and slashes
    "tab\tnew\nline\r\x00\x01\x1b\x7f\b\f",  # control characters
    "🛒👩‍👩‍👧🇨🇳",  # emoji of one and of several characters
    "مرحبا \u202eשלום\u202c abc",  # right to left, and marks that turn it
    "\u2028\u2029\ufeff\ufffe𝔘",  # line ends of JavaScript, a byte order mark, no character, a character beyond 16 bits
)


@dataclass(frozen=True)
class Sent:
    """What a cohort sent: platform and document of each payload, or the bytes of each row."""

    payloads: list[tuple[int, dict[str, Any], bytes]]
    rows: list[bytes]


def send(model: Model) -> Sent:
    """Play devices twice: once into payloads, once into rows."""
    out = Sent([], [])
    for prints in (PAYLOADS, ROWS):
        cohort = Cohort(model, 0, DEVICES, begin=0, epoch=model.start_ms, prints=prints, compiled=False)
        for chunk in cohort.advance(HOURS * HOUR):
            if prints == ROWS:
                out.rows.extend(bytes(chunk.text).splitlines(keepends=True))
                continue
            for p in chunk.payloads:
                body = bytes(chunk.text[p["begins"] : p["begins"] + p["length"]])
                platform = PLATFORMS.index(EDITIONS[NAMES[p["edition"]]].platform)
                out.payloads.append((platform, json.loads(body), body))
    return out


def with_more_of_what_is_rare(profile: Profile) -> Profile:
    """Give a shop with platforms of equal shares, ten times as many errors and crashes, and calls that often fail."""
    bugs = {name: replace(bug, pages={page: min(1.0, 10 * share) for page, share in bug.pages.items()}) for name, bug in profile.bugs.items()}
    bugs |= {name: profile.bugs[name] for name in ("decoder", "database")}
    platforms = {name: replace(row, share=0.25, crash_share=10 * row.crash_share) for name, row in profile.platforms.items()}
    apis = {name: replace(api, fail=replace(api.fail, share=0.2)) for name, api in profile.apis.items()}
    return replace(profile, bugs=bugs, platforms=platforms, apis=apis)


def with_variants(profile: Profile) -> Profile:
    """Give a shop of several tenants, releases and arms."""
    releases = [Release(version="6.5.0", from_hour=6, share=0.7), Release(version='6.6 "beta"', from_hour=12, share=0.5)]
    app = replace(profile.app, tenants=Tenants(count=4), releases=releases, arms={"as it was": Arm(share=0.5), "short": Arm(share=0.5)})
    return replace(profile, app=app)


def toml(text: str) -> str:
    """Write a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F").replace("\ufffe", "\\uFFFE")


@pytest.fixture(scope="session")
def shop() -> Model:
    """Give the shop, ready to be played, with devices that visit often, as many of each platform, and more of what is rare."""
    return make(with_more_of_what_is_rare(with_variants(parse(starters.read("shop"), "shop.toml"))), 11, visits_per_day=7.0)


@pytest.fixture(scope="session")
def sent(shop: Model) -> Sent:
    """Give what the shop's devices sent."""
    return send(shop)


@pytest.fixture(scope="session")
def awkward() -> tuple[str, ...]:
    """Give strings that are hard to print."""
    return AWKWARD


@pytest.fixture(scope="session")
def odd_shop() -> Model:
    """Give the shop with awkward strings in the place of what people named in it."""
    text = starters.read("shop")
    quotes, control, emoji, rtl, rare = AWKWARD
    for old, new in (
        ('"shop@5f1d7c"', quotes),
        ('version = "6.4.0"', control),
        ('path = "/list"', "/" + quotes),
        ('path = "/detail/{id}"', "/" + emoji + "{id}" + quotes),
        ('path = "/api/products"', "/" + rtl),
        ('path = "/static/shop.js"', "/" + control),
        ('name = "Filter"', control),
        ('name = "Photo"', rtl),
        ('name = "Banner"', quotes + emoji),  # longer than what a click shows
        ('name = "TypeError"', emoji),
        ('name = "OutOfStock"', rare),
        ('message = "item {id} left the stock while it was in the cart"', "{id}" + control),
        ("message = \"Cannot read properties of undefined (reading 'price')\"", rare),
        ('model = "wifi"', rtl),
        ('name = "Windows"', rare),
        ('version = "11"', quotes),
        ('"Desktop" = 1.0', emoji),
        ("CN = 0.55", rtl),
        ('hours_in = "local"', "utc"),  # a country of that name has no zone
    ):
        assert old in text
        head, equals, _ = old.partition(" = ")
        after = (
            f"{toml(new)} = {old.rpartition(' = ')[2]}" if old.startswith(('"Desk', "CN")) else f"{head}{equals}{toml(new)}" if equals else toml(new)
        )
        text = text.replace(old, after)
    return make(with_more_of_what_is_rare(parse(text, "odd.toml")), 12, visits_per_day=7.0)


@pytest.fixture(scope="session")
def odd_sent(odd_shop: Model) -> Sent:
    """Give what the devices of the odd shop sent."""
    return send(odd_shop)


@pytest.fixture(scope="session")
def captured() -> dict[str, Any]:
    """Give the keys of the real SDK (data/README.md)."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "captured.json").read_text("utf-8"))
    return found
