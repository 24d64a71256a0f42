"""Reads a profile. Any mistake is one ProfileError that says in one line where, what was found, and what is expected."""

import hashlib
import re
import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from simulator.errors import ProfileError
from simulator.profile.check import FORMAT, mistakes
from simulator.profile.describe import described, meanings
from simulator.profile.tables import inlined, resolved
from simulator.profile.types import Profile

EARLIEST_MS, LATEST_MS = 0, 7_258_118_400_000
"""Emitted times lie within 1970 and 2200: never negative, and far from where nanoseconds in 64 bits, which readers of datasets use, end (2262)."""
SPAN = "1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z"

_SHOWN = 60
_WEEK_MS, _MONDAY_MS = 7 * 86_400_000, 4 * 86_400_000  # 1970 began on a Thursday
_LONG = re.compile(r"\d[\d_]{4000,}")  # Python reads decimal integers of up to 4,300 digits
_A_TIME = "a date and time with zone, such as 2026-01-05T00:00:00Z"
_PLAIN = {
    "int": "an integer",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "object": "a table",
    "array": "a list",
    "datetime": _A_TIME,
}
"""What msgspec's types are to people who write TOML."""


def load(path: Path) -> Profile:
    """Read and check the profile at `path`; raise ProfileError."""
    return parse(read(path), str(path))


def read(path: Path) -> str:
    """Give the text of a profile's file, with the tables of the files that it names; raise ProfileError if one cannot be read."""
    try:
        if path.is_dir():
            raise ProfileError(f"{path}: is a folder; expected a profile's TOML file, such as {path / 'shop.toml'}")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise ProfileError(f"{path}: no such file; `rumsim init {path.name or 'shop.toml'}` writes a starter profile") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not a text file: byte {error.start} is not UTF-8; expected TOML") from None
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ProfileError(f"{path}: no name of a file: {error}") from None
    return inlined(text, path)


def parse(text: str, name: str) -> Profile:
    """Make a profile of TOML; `name` is what messages call the file."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise ProfileError(f"{name}: nested too deeply for a profile") from None
    except ValueError:
        line = text.count("\n", 0, found.start()) + 1 if (found := _LONG.search(text)) else "?"
        raise ProfileError(f"{name}: at line {line}: found a number with thousands of digits; expected fewer") from None
    if not raw:
        raise ProfileError(f"{name}: empty; expected a profile that begins with `format = {FORMAT}` and a name")
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise ProfileError(f"{name}: at `format`: found {_show(raw['format'])}, expected at most {FORMAT}: written for a newer rumsim")
    raw = resolved(raw, name)
    try:
        profile = msgspec.convert(raw, Profile)
    except msgspec.ValidationError as error:
        where, found, why = _locate(raw, Profile, "", str(error))
        raise ProfileError(f"{name}: at `{where or 'the top'}`: found {_show(found)}; {why}") from None
    if profile.start.tzinfo is None:
        raise ProfileError(f"{name}: at `start`: found {profile.start}, a time without zone; expected UTC, such as 2026-01-05T00:00:00Z")
    if not EARLIEST_MS <= start_ms(profile) <= LATEST_MS:
        raise ProfileError(f"{name}: at `start`: found {profile.start}; expected a time from {SPAN}")
    if start_ms(profile) % _WEEK_MS != _MONDAY_MS:
        why = "`days` and `hours` count from there (--start moves the time stamps, --offset begins later in the week)"
        raise ProfileError(f"{name}: at `start`: found {profile.start}; expected a Monday 00:00 UTC, such as 2026-01-05T00:00:00Z: {why}")
    for mistake in mistakes(profile):
        raise ProfileError(f"{name}: {mistake}")
    return profile


def start_ms(profile: Profile) -> int:
    """Give the profile's start in ms since the Unix epoch."""
    return round((profile.start - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)


def digest(profile: Profile) -> str:
    """Give a digest of what the profile says, in its order: tables are played in the order in which they stand."""
    return hashlib.sha256(msgspec.json.encode(profile)).hexdigest()[:32]


def schema() -> bytes:
    """Give the JSON Schema of a profile, for editors."""
    document = msgspec.json.schema(Profile)
    for part in described(Profile):
        for name, meaning in meanings(part).items():
            document["$defs"][part.__name__]["properties"][name]["description"] = meaning
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _show(found: object) -> str:
    if isinstance(found, dict):
        text = "a table with " + ", ".join(found) if found else "an empty table"
    elif isinstance(found, bool):
        text = str(found).lower()
    elif isinstance(found, date | time):
        text = str(found)
    else:
        try:
            text = repr(found)
        except ValueError:  # a hexadecimal number may have more digits than Python writes
            text = "a number with thousands of digits"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _locate(raw: Any, kind: Any, path: str, why: str) -> tuple[str, Any, str]:  # noqa: ANN401
    """Go down to the innermost value that does not convert (msgspec names no keys of tables that users name)."""
    for value, inner, at in _parts(raw, kind, path):
        try:
            msgspec.convert(value, inner)
        except msgspec.ValidationError as error:
            return _locate(value, inner, at, str(error))
    return _explain(path, raw, kind, why.partition(" - at")[0].partition(", got ")[0])


def _explain(path: str, raw: Any, kind: Any, why: str) -> tuple[str, Any, str]:  # noqa: ANN401
    """Put msgspec's words into those of people who write TOML, and say what would be accepted, and where."""
    meant = ""
    while hasattr(kind, "__metadata__"):
        meant = next((m.description for m in kind.__metadata__ if m.description), meant)
        kind = kind.__origin__
    if tagged := _tagged(kind):
        key = tagged[0].__struct_config__.tag_field
        tags = ", ".join(str(k.__struct_config__.tag) for k in tagged)
        if not isinstance(raw, dict):
            return path, raw, f"expected a table with `{key}`, one of {tags}"
        if key not in raw:
            return path, raw, f"the key `{key}` is missing; expected one of {tags}"
        if raw[key] not in tags.split(", "):
            return f"{path}.{key}", raw[key], f"expected one of {tags}"
    named = why.partition("`")[2].rstrip("`")
    if why.startswith("Object contains unknown field"):
        part = _struct(raw, kind)
        keys = [part.__struct_config__.tag_field] * bool(part.__struct_config__.tag) + list(part.__struct_fields__)
        return path, raw, f"`{named}` is an unknown key; expected one of {', '.join(keys)}"
    if why.startswith("Object missing required field"):
        return path, raw, f"the key `{named}` is missing"
    if why.startswith("Invalid enum value"):
        return path, raw, "expected one of " + ", ".join(map(str, get_args(kind)))
    if why.startswith("Invalid RFC3339"):
        return path, raw, f"expected {_A_TIME}"
    if meant and " matching regex " in why:
        return path, raw, f"expected {meant}"
    plain = re.sub("`([^`]+)`", lambda types: " or ".join(_PLAIN.get(t, t) for t in types[1].split(" | ") if t != "null"), why)
    return path, raw, plain[0].lower() + plain[1:]


def _tagged(kind: Any) -> list[Any]:  # noqa: ANN401
    """List the parts among which a word chooses: the laws, the kinds of incidents."""
    return [k for k in get_args(kind) if isinstance(k, type) and issubclass(k, msgspec.Struct) and k.__struct_config__.tag]


def _struct(raw: dict[str, Any], kind: Any) -> Any:  # noqa: ANN401
    """Give the struct that a table is meant to be; None for a law or an incident that is none."""
    options = [kind] if isinstance(kind, type) else [k for k in get_args(kind) if isinstance(k, type)]
    parts = (k for k in options if issubclass(k, msgspec.Struct))
    return next((k for k in parts if k.__struct_config__.tag in (None, raw.get(k.__struct_config__.tag_field or ""))), None)


def _parts(raw: Any, kind: Any, path: str) -> list[tuple[Any, Any, str]]:  # noqa: ANN401
    """List the parts of a value with their types and paths."""
    dot = f"{path}." if path else ""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if isinstance(raw, dict):
        if get_origin(kind) is dict:
            key_kind, value_kind = get_args(kind)
            return [(key, key_kind, path) for key in raw] + [(value, value_kind, f"{dot}{key}") for key, value in raw.items()]
        if struct := _struct(raw, kind):
            hints = get_type_hints(struct, include_extras=True)
            return [(raw[key], hints[key], f"{dot}{key}") for key in raw if key in hints]
    if isinstance(raw, list) and get_origin(kind) in (list, tuple):
        return [(value, get_args(kind)[0], f"{path}[{i}]") for i, value in enumerate(raw)]
    return []
