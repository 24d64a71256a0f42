"""Reads a profile. Any mistake is one ProfileError that says in one line where, what was found, and what is expected."""

import hashlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from simulator.errors import ProfileError
from simulator.profile.check import FORMAT, mistakes
from simulator.profile.types import Profile

_SHOWN = 60


def load(path: Path) -> Profile:
    """Read and check the profile at `path`; raise ProfileError."""
    return parse(read(path), str(path))


def read(path: Path) -> str:
    """Give the text of a profile's file; raise ProfileError if it cannot be read."""
    try:
        if path.is_dir():
            raise ProfileError(f"{path}: is a folder; expected a profile's TOML file, such as {path / 'shop.toml'}")
        return path.read_text("utf-8")
    except FileNotFoundError:
        raise ProfileError(f"{path}: no such file; `rumsim init {path.name or 'shop.toml'}` writes a starter profile") from None
    except UnicodeDecodeError as error:
        raise ProfileError(f"{path}: not a text file: byte {error.start} is not UTF-8; expected TOML") from None
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ProfileError(f"{path}: no name of a file: {error}") from None


def parse(text: str, name: str) -> Profile:
    """Make a profile of TOML; `name` is what messages call the file."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise ProfileError(f"{name}: nested too deeply for a profile") from None
    if not raw:
        raise ProfileError(f"{name}: empty; expected a profile that begins with `format = {FORMAT}` and a name")
    if isinstance(raw.get("format"), int) and raw["format"] > FORMAT:
        raise ProfileError(f"{name}: at `format`: found {raw['format']}, expected at most {FORMAT}: written for a newer rumsim")
    try:
        profile = msgspec.convert(raw, Profile)
    except msgspec.ValidationError as error:
        where, found, why = _locate(raw, Profile, "", str(error))
        raise ProfileError(f"{name}: at `{where or 'the top'}`: found {_show(found)}; {why}") from None
    if profile.start.tzinfo is None:
        raise ProfileError(f"{name}: at `start`: found {profile.start}, a time without zone; expected UTC, such as 2026-01-05T00:00:00Z")
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
    document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


def _show(found: object) -> str:
    text = repr(found) if not isinstance(found, dict) else "a table with " + ", ".join(map(str, found)) if found else "an empty table"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _locate(raw: Any, kind: Any, path: str, why: str) -> tuple[str, Any, str]:  # noqa: ANN401
    """Go down to the innermost value that does not convert (msgspec names no keys of tables that users name)."""
    for value, inner, at in _parts(raw, kind, path):
        try:
            msgspec.convert(value, inner)
        except msgspec.ValidationError as error:
            return _locate(value, inner, at, str(error))
    first, _, _ = why.partition(" - at")
    first = first[0].lower() + first[1:]
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if "enum value" in why:
        return path, raw, f"{first}; expected one of {', '.join(map(str, get_args(kind)))}"
    tagged = _tagged(kind)
    if not tagged:
        return path, raw, first + (f"; expected one of {', '.join(_fields(kind))}" if "unknown field" in why else "")
    key = tagged[0].__struct_config__.tag_field
    tags = ", ".join(str(k.__struct_config__.tag) for k in tagged)
    if isinstance(raw, dict) and key in raw and raw[key] not in tags.split(", "):
        return f"{path}.{key}", raw[key], f"expected one of {tags}"
    if "unknown field" in why:
        (kind,) = (k for k in tagged if k.__struct_config__.tag == raw[key])
        return path, raw, f"{first}; expected one of {key}, {', '.join(_fields(kind))}"
    if not isinstance(raw, dict):
        return path, raw, f"expected a table with `{key}`, one of {tags}"
    return path, raw, first + (f"; expected one of {tags}" if key not in raw else "")


def _tagged(kind: Any) -> list[Any]:  # noqa: ANN401
    """List the parts among which a word chooses: the laws, the kinds of incidents."""
    return [k for k in get_args(kind) if isinstance(k, type) and issubclass(k, msgspec.Struct) and k.__struct_config__.tag]


def _fields(kind: Any) -> tuple[str, ...]:  # noqa: ANN401
    """List the keys of a part."""
    return tuple(getattr(kind, "__struct_fields__", ()))


def _parts(raw: Any, kind: Any, path: str) -> list[tuple[Any, Any, str]]:  # noqa: ANN401
    """List the parts of a value with their types and paths."""
    dot = f"{path}." if path else ""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if isinstance(raw, dict):
        if get_origin(kind) is dict:
            return [(value, get_args(kind)[1], f"{dot}{key}") for key, value in raw.items()]
        options = [kind] if isinstance(kind, type) else [k for k in get_args(kind) if isinstance(k, type)]
        tagged = [k for k in options if issubclass(k, msgspec.Struct) and k.__struct_config__.tag in (None, raw.get(k.__struct_config__.tag_field))]
        if tagged:
            hints = get_type_hints(tagged[0], include_extras=True)
            return [(raw[key], hints[key], f"{dot}{key}") for key in raw if key in hints]
    if isinstance(raw, list) and get_origin(kind) is list:
        return [(value, get_args(kind)[0], f"{path}[{i}]") for i, value in enumerate(raw)]
    return []
