"""What each field of a profile means, as it stands below the field in the source: for the schema, and for docs/profile.md."""

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import Any, get_args

import msgspec

from simulator.profile.parts import Part


@cache
def meanings(part: type[msgspec.Struct]) -> dict[str, str]:
    """Give the meaning of each field of a part; a field that is a part itself and says nothing has that part's."""
    found: dict[str, str] = {}
    for kind in reversed(part.__mro__):
        if kind is not msgspec.Struct and issubclass(kind, msgspec.Struct):
            found |= _below(kind)
    inherited = {field.name: _own(field.type) for field in msgspec.structs.fields(part)}
    return {name: found.get(name) or inherited[name] for name in inherited}


def described(part: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """List a part and all that it may have in it, each once, in the order of their fields."""
    found = {part: None}
    for field in msgspec.structs.fields(part):
        for inner in structs_in(field.type):
            if inner not in found:
                found |= dict.fromkeys(described(inner))
    return list(found)


def structs_in(kind: Any) -> list[type[msgspec.Struct]]:  # noqa: ANN401 - any type that a field can have
    """List the parts that a field's type names."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return [kind]
    return [part for inner in get_args(kind) for part in structs_in(inner)]


def _own(kind: Any) -> str:  # noqa: ANN401 - any type that a field can have
    """Give what a type says of itself."""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if isinstance(kind, type) and issubclass(kind, Part):
        return (kind.__doc__ or "").partition("\n")[0]
    return next((text for inner in get_args(kind) if (text := _own(inner))), "")


def _below(kind: type) -> dict[str, str]:
    """Read the texts below a class's own fields."""
    body = _classes(kind.__module__)[kind.__name__].body
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(text.value)).split())
    return found


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
