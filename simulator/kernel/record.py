"""A record: one declaration, two bodies.

    @record
    class Line:
        head: i4 = 0
        due: list[int] = many(64, of="i8")

`Line()` is a slotted Python object made of Python ints (np.int64 would overflow and is slower); `dtype_of(Line)` is a numpy dtype that
compiled code reads with the same `s.field`. No field may be called like an attribute of numpy's ndarray (`view`, `size`, ...).
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Annotated, Any, TypeVar, cast, dataclass_transform, get_type_hints

import numpy as np

i8 = Annotated[int, "i8"]
i4 = Annotated[int, "i4"]
u4 = Annotated[int, "u4"]
u2 = Annotated[int, "u2"]
i2 = Annotated[int, "i2"]
u1 = Annotated[int, "u1"]
C = TypeVar("C")


def many(n: int, of: Any) -> Any:  # noqa: ANN401
    """Declare `n` integers of numpy type `of` (a string), or `n` records of class `of`."""
    make = (lambda: [0] * n) if isinstance(of, str) else (lambda: [of() for _ in range(n)])
    return field(default_factory=make, metadata={"n": n, "of": of})


def one(of: type) -> Any:  # noqa: ANN401
    """Declare a record inside a record."""
    return field(default_factory=of, metadata={"of": of})


@dataclass_transform()
def record(cls: type[C]) -> type[C]:
    """Make `cls` a record."""
    return dataclass(slots=True)(cls)


@cache
def dtype_of(cls: type) -> np.dtype[np.void]:
    """Give the numpy body of a record class; what needs the widest alignment stands first, so that little is lost between."""
    hints = get_type_hints(cls, include_extras=True)
    parts: list[Any] = []
    for f in fields(cls):
        of = f.metadata.get("of")
        kind: Any = of if isinstance(of, str) else dtype_of(of) if of else hints[f.name].__metadata__[0]
        shape = f.metadata.get("n")
        parts.append((f.name, kind, (shape,)) if shape else (f.name, kind))
    return np.dtype(sorted(parts, key=lambda part: -np.dtype(part[1]).alignment), align=True)


def fill(body: Any, value: Any) -> None:  # noqa: ANN401
    """Copy the Python body `value` into the numpy body (a row of a structured array)."""
    for name, plain, several in _parts(cast("Hashable", type(value))):
        inner = getattr(value, name)
        if plain:
            body[name] = inner
        elif several:
            parts = body[name]
            for i, part in enumerate(inner):
                fill(parts[i], part)
        else:
            fill(body[name], inner)


@cache
def _parts(cls: Any) -> tuple[tuple[str, bool, bool], ...]:  # noqa: ANN401
    """List the fields of a record: whether each is a number or an array of them, and whether it is a list of records."""
    ofs = [(f, f.metadata.get("of")) for f in fields(cls)]
    return tuple((f.name, of is None or isinstance(of, str), "n" in f.metadata) for f, of in ofs)


def rows(cls: type, values: list[Any]) -> np.ndarray[Any, Any]:
    """Make a structured array out of Python records."""
    parts = _parts(cast("Hashable", cls))
    out = np.zeros(len(values), dtype_of(cls))
    if values and all(plain and not several for _, plain, several in parts):  # as columns, which is a fifth of the work
        for name, _, _ in parts:
            out[name] = [getattr(value, name) for value in values]
        return out
    for i, value in enumerate(values):
        fill(out[i], value)
    return out
