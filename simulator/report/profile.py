"""All fields of a profile with their meaning, unit and default, as Markdown (docs/profile.md)."""

from collections.abc import Iterator
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import NODEFAULT

from simulator.profile.describe import meanings, structs_in
from simulator.profile.incidents import Hour
from simulator.profile.laws import Component, Constant, Law
from simulator.profile.parts import Ms, Share
from simulator.profile.types import Profile

_LAW_UNITS: Final = {
    "size": "bytes",
    "request_size": "bytes",
    "speed": "factor",
    "patience": "factor",
    "activity": "any unit",
    "acts_per_view": "acts",
}
"""Of laws that are not of ms."""
_PLAIN: Final = {str: "text", int: "integer", float: "number", bool: "true or false"}
_LAWS: Final = structs_in(Law)


def tables() -> str:
    """Lay out all parts of a profile: a heading and a table each."""
    head = (
        "# Profiles, field by field\n\n"
        "Made by `rumsim check --fields`. NAME is a name that the profile chooses, [] an entry of a list. Durations are ms,\n"
        "sizes bytes; shares and weights lie between 0 and 1. A field without a default is required.\n"
    )
    laws = "".join(_table(f"A law: {law.__struct_config__.tag}", law) for law in _LAWS) + _table("A part of a mixture", Component)
    return head + "".join(_table(at, part) for at, part in _parts("", Profile)) + laws


def _parts(at: str, part: type[msgspec.Struct]) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    yield at or "The top", part
    for field in msgspec.structs.fields(part):
        for inner in structs_in(field.type):
            if inner not in _LAWS:
                tag = inner.__struct_config__.tag
                path = f"{at}.{field.name}".lstrip(".") + {dict: ".NAME", list: "[]", tuple: "[]"}.get(_origin(field.type), "")
                yield from _parts(f"{path}, {tag}" if tag else path, inner)


def _table(at: str, part: type[msgspec.Struct]) -> str:
    doc = " ".join((part.__doc__ or "").split())
    rows = "".join(f"| `{f.name}` | {_kind(f.type, f.name)} | {_default(f)} | {meanings(part)[f.name]} |\n" for f in msgspec.structs.fields(part))
    return f"\n## {at}\n\n{doc}\n\n| field | what | default | meaning |\n|---|---|---|---|\n{rows}"


def _origin(kind: Any) -> Any:  # noqa: ANN401 - any type that a field can have
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    return get_origin(kind)


def _kind(kind: Any, name: str) -> str:  # noqa: ANN401
    """Say of what kind a field is, and in which unit."""
    options = [option for option in get_args(kind) if option is not NoneType]
    if NoneType in get_args(kind) and len(options) == 1:
        return _kind(options[0], name)
    known = next((word for alias, word in ((Share, "share"), (Ms, "ms"), (Hour, "hours")) if kind == alias), "")
    if known:
        return known
    if set(structs_in(kind)) == set(_LAWS):
        return f"law, {_LAW_UNITS.get(name, 'ms')}"
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    inner = "tables" if structs_in(kind) else "numbers" if "float" in str(kind) else "texts"
    match get_origin(kind):
        case origin if origin is Literal:
            return ", ".join(map(str, get_args(kind)))
        case origin if origin in (list, tuple):
            return f"list of {inner}"
        case origin if origin is dict:
            return f"{'weights' if inner == 'numbers' else inner} by name"
    return "table" if structs_in(kind) else _PLAIN.get(kind, "date and time")


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return ""
    value = field.default if field.default is not NODEFAULT else field.default_factory()
    if isinstance(value, Constant):
        return f"constant {value.value:,g}"
    if value is None or value == "" or isinstance(value, msgspec.Struct) or (isinstance(value, list | dict | tuple) and not value):
        return "none" if not isinstance(value, msgspec.Struct) else "below"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else msgspec.json.encode(value).decode()
