"""A profile is read into types; its digest is of what it says, and its schema is of all that it can say."""

import json
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.profile import starters, types
from simulator.profile.incidents import Disturbance, Incident
from simulator.profile.laws import Constant, LogNormal
from simulator.profile.loader import _parts, digest, load, parse, schema, start_ms
from simulator.profile.types import Profile
from simulator.schema.words import PLATFORMS


def test_shop_loads() -> None:
    """The shop is right, and is visited on all platforms in the shares that it states."""
    shop = parse(starters.read("shop"), "shop.toml")
    assert list(shop.pages) == ["home", "list", "search", "detail", "cart", "checkout", "done"]
    assert {name: shop.platforms[name].share for name in PLATFORMS} == {"web": 0.60, "miniprogram": 0.10, "ios": 0.12, "android": 0.18}
    assert start_ms(shop) == 1_767_571_200_000
    assert shop.start.weekday() == 0


def test_a_file_is_what_its_text_is(tmp_path: Path, small: str) -> None:
    """Reading a file gives the same as parsing its text."""
    path = tmp_path / "small.toml"
    path.write_text(small, "utf-8")
    assert load(path) == parse(small, "anything")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path, small: str) -> None:
    """A file that some editor began with a byte order mark is read like any other."""
    (tmp_path / "small.toml").write_text(small, "utf-8-sig")
    assert load(tmp_path / "small.toml") == parse(small, "anything")


@pytest.mark.parametrize(
    "origin", ["http://localhost:8080", "https://xn--6qq79v.example", "http://127.0.0.1", "http://[::1]:80", "https://my_host.a-b.example"]
)
def test_an_origin(small: str, origin: str) -> None:
    """An origin is a scheme and a host by name or address, perhaps with a port."""
    assert parse(small.replace("https://small.example", origin), "small").app.origin == origin


@pytest.mark.parametrize("endpoint", ["/", "/r/web?key=a-b_c&x=%20", "/~a/b.c"])
def test_an_endpoint(small: str, endpoint: str) -> None:
    """An endpoint is a path, perhaps with a query."""
    assert parse(small.replace('"/rum"', f'"{endpoint}"'), "small").app.endpoint == endpoint


def test_what_is_left_out(small: str) -> None:
    """What a profile leaves out has the stated default, and an SDK's settings are left to the edition."""
    profile = parse(small, "small")
    assert profile.platforms["ios"].session == types.SessionConfig(sample_rate=None, max_duration=None, overtime=None)
    assert profile.platforms["miniprogram"].trips.share == 0
    assert profile.pages["shelf"].acts == []
    assert profile.pages["home"].load == LogNormal(median=900, sigma=0.5, min=10, max=20_000)
    assert profile.apis["search"].request_size == Constant(value=50)


def test_a_start_is_an_instant(small: str) -> None:
    """A start with another zone is the same instant, in ms since the epoch."""
    east = small.replace("2026-01-05T00:00:00Z", "2026-01-05T08:00:00+08:00")
    assert start_ms(parse(east, "east")) == start_ms(parse(small, "small")) == int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 1000


# ------------------------------------------------------------------------------------------------------------------------- digest


def sections(text: str) -> list[str]:
    """Split a profile into its tables; the first is what stands before them."""
    head, *tables = text.split("\n[")
    return [head + "\n", *(f"[{table}\n" for table in tables)]


def test_the_digest_does_not_depend_on_comments(small: str) -> None:
    """Comments and blank lines do not change the digest."""
    assert digest(parse("# a shop\n\n" + small.replace("\n", "  # said\n\n", 1), "other")) == digest(parse(small, "small"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("visits_per_day = 2", "visits_per_day = 2.0"),  # an integer for a float
        ("max_duration = 86400000", "max_duration = 86_400_000"),  # digits in groups
        ('name = "small"', "name = 'small'"),  # other quotes
        ("session = { sample_rate = 0.5,", "session = { sample_rate = 5e-1,"),  # another notation
        ("countries = { CN = 0.75, DE = 0.25 }", "countries.CN = 0.75\ncountries.DE = 0.25"),  # dotted keys for an inline table, in another order
        ('acts = [{ kind = "scroll", target', 'acts = [{ target = "/main", kind = "scroll", weight = 0.6 }, #'),  # the order inside a list's entry
        ("close_share = 0.5", "close_share = 0.5\ncrash_share = 0.0"),  # a default spelled out
    ],
)  # fmt: skip
def test_the_digest_does_not_depend_on_spelling(small: str, old: str, new: str) -> None:
    """Two spellings of one value have one digest."""
    assert old in small
    text = small.replace(old, new, 1)
    if new.endswith("#"):  # the rest of the line is a comment now
        text = text.replace("#", '{ name = "Go", target = "/main/go", weight = 0.4, api = "search" }]\n#', 1)
    assert digest(parse(text, "other")) == digest(parse(small, "small"))


def leaves(part: Any, change: Callable[[Any], None]) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """Yield each value of a profile with a function that replaces it."""
    if isinstance(part, dict | list):
        for key, value in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(value, lambda new, part=part, key=key: part.__setitem__(key, new))  # type: ignore[misc]
    else:
        yield part, change


def others(value: Any) -> list[Any]:
    """List values that might stand in the place of this one."""
    if isinstance(value, str):
        return [value + "x", "GET", "js", "custom", "press", "lognormal"]
    if isinstance(value, datetime):
        return [value.replace(hour=1)]
    return [value + 1, value / 2, value * 2]


def test_the_digest_depends_on_every_value(small: str) -> None:
    """Changing any single value changes the digest, and no two changes give the same."""
    raw = tomllib.loads(small)
    seen = {digest(msgspec.convert(raw, Profile))}
    tried = 0
    for value, change in list(leaves(raw, lambda _: None)):
        for other in others(value):
            if other == value:
                continue
            change(other)
            try:
                found = digest(msgspec.convert(raw, Profile))
            except msgspec.ValidationError:
                continue
            seen.add(found)
            tried += 1
            break
        change(value)
    assert tried > 150
    assert len(seen) == tried + 1


def test_the_digest_depends_on_names_and_on_what_is_there(small: str) -> None:
    """Renaming an entry, or leaving one out, changes the digest."""
    texts = [
        small,
        small.replace("cable", "lan"),
        small.replace("CN = 0.75, DE = 0.25", "CN = 1.0").replace("zones = { DE = 2 }\n", ""),
        small.replace('apis = ["search", "item"]\n', ""),
    ]
    assert len({digest(parse(text, "text")) for text in texts}) == len(texts)


# ------------------------------------------------------------------------------------------------------------------------- schema


def references(part: Any) -> Iterator[str]:
    """Yield all that a schema refers to."""
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def parts(kind: type[msgspec.Struct] = types.Part) -> Iterator[type[msgspec.Struct]]:
    """Yield every part that a profile can have."""
    for child in kind.__subclasses__():
        if not child.__subclasses__():
            yield child
        yield from parts(child)


def test_the_schema_has_every_field() -> None:
    """The JSON Schema names its dialect, refers only to what it defines, and has every field of every part."""
    document = json.loads(schema())
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$ref"] == "#/$defs/Profile"
    assert {ref.removeprefix("#/$defs/") for ref in references(document)} <= set(document["$defs"])
    for part in parts():
        defined = document["$defs"][part.__name__]
        assert set(defined["properties"]) - {"kind"} == set(part.__struct_fields__) - {"kind"}
        assert defined["additionalProperties"] is False
    assert set(document["$defs"]["Profile"]["required"]) <= set(Profile.__struct_fields__)


def test_check_prints_the_schema() -> None:
    """`rumsim check --schema` prints the schema and nothing else."""
    result = CliRunner().invoke(main, ["check", "--schema"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(schema())
    assert result.stderr == ""


# ------------------------------------------------------------------------------------------------------------------ the small profile


def told(raw: Any, kind: Any) -> Iterator[tuple[type[msgspec.Struct], str]]:
    """Yield each field that a profile's text has, with its part."""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    for part, inner, key in _parts(raw, kind, ""):
        options = [k for k in get_args(kind) or [kind] if isinstance(raw, dict) and isinstance(k, type) and issubclass(k, types.Part)]
        yield from ((option, key) for option in options if option.__struct_config__.tag in (None, raw.get("kind")))
        yield from told(part, inner)


def test_the_small_profile_has_everything(small: str) -> None:
    """The profile of these tests has every field of every part, every kind of incident, bug and file."""
    found = set(told(tomllib.loads(small), Profile))
    found |= {(part, name) for part, name in product(get_args(Incident), Disturbance.__struct_fields__) if (get_args(Incident)[0], name) in found}
    missing = [f"{part.__name__}.{name}" for part in parts() for name in part.__struct_fields__ if (part, name) not in found]
    assert not missing, f"the small profile says nothing of {', '.join(missing)}"
