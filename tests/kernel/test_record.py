"""A record is one declaration with two bodies, and both hold the same values."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.journey.agenda import Agenda
from simulator.journey.population import Device
from simulator.journey.walk import Visitor
from simulator.journey.world import World
from simulator.kernel.record import dtype_of, fill, i2, i4, i8, many, one, record, rows, u1, u2, u4
from simulator.play.buffers import EventOut, PayloadOut, SessionOut
from simulator.play.drawer import Drawer, Late
from simulator.play.rest import Rest
from simulator.play.seat import Desk, Frame, Seat
from simulator.schema.records import Event, Stimulus
from simulator.sdk.state import Limits, Outbox, Screen, Store
from simulator.wire.layout import Op, Span

RECORDS = [
    Stimulus, Event, Device, Visitor, Agenda, Limits, Store, Screen, Outbox, Seat, Desk, Rest, Drawer, Late, Frame, SessionOut, EventOut,
    PayloadOut, Op, Span, World,
]  # fmt: skip


@record
class Point:
    """The innermost of the records below."""

    x: i4 = 3
    y: i8 = -4


@record
class Line:
    """One of each kind of field."""

    tag: u1 = 7
    head: Point = one(Point)
    knots: list[Point] = many(3, of=Point)
    due: list[int] = many(4, of="i8")
    small: i2 = -2
    wide: u4 = 0
    mark: u2 = 0


def plain(body: Any) -> Any:
    """Turn either body into plain values, field by field."""
    if isinstance(body, np.void):
        return {name: plain(body[name]) for name in body.dtype.names or ()}
    if isinstance(body, np.ndarray):
        return [plain(part) for part in body]
    if isinstance(body, np.integer):
        return int(body)
    if isinstance(body, list):
        return [plain(part) for part in body]
    if isinstance(body, int):
        return body
    return {f.name: plain(getattr(body, f.name)) for f in fields(body)}


def leaves(dtype: np.dtype[Any]) -> list[str]:
    """List the names of all fields, those of inner records included."""
    out: list[str] = []
    for name, (kind, _) in (dtype.fields or {}).items():
        base = kind.subdtype[0] if kind.subdtype else kind
        out += [name, *leaves(base)]
    return out


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_both_bodies_begin_equal(kind: type) -> None:
    """Every record of the project has the same values in a fresh object and in its row of an array."""
    assert plain(rows(kind, [kind()])[0]) == plain(kind())


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
def test_no_field_is_an_attribute_of_arrays(kind: type) -> None:
    """No field, inner ones included, is called like an attribute of numpy's arrays: compiled code would read the array's."""
    harmless = {"device"}  # of arrays since numpy 2 only, and unknown to numba
    assert not [name for name in leaves(dtype_of(kind)) if hasattr(np.ndarray, name) and name not in harmless]


def test_an_object_is_made_of_python_ints() -> None:
    """An object has slots and no dictionary, and its lists are its own."""
    a, b = Line(), Line()
    a.due[0] = 1
    a.knots[0].x = 9
    a.head.y = 5
    assert (b.due[0], b.knots[0].x, b.head.y) == (0, 3, -4)
    assert not hasattr(a, "__dict__")
    with pytest.raises(AttributeError):
        a.other = 1  # type: ignore[attr-defined]


def test_the_dtype() -> None:
    """The numpy body has the declared types, the widest alignment first, and else in the declared order: between fields nothing is lost."""
    dtype = dtype_of(Line)
    assert set(dtype.names) == {"tag", "head", "knots", "due", "small", "wide", "mark"}
    alignments = [dtype[name].base.alignment for name in dtype.names]
    assert alignments == sorted(alignments, reverse=True)
    ends = [offset + kind.itemsize for kind, offset in dtype.fields.values()]
    assert [offset for _, offset in dtype.fields.values()][1:] == ends[:-1]
    assert [dtype[name].base.kind + str(dtype[name].base.itemsize) for name in ("tag", "due", "small", "wide", "mark")] == [
        "u1",
        "i8",
        "i2",
        "u4",
        "u2",
    ]
    assert dtype["head"] == dtype_of(Point)
    assert dtype["knots"].shape == (3,)
    assert dtype["due"].shape == (4,)
    assert dtype.isalignedstruct


POINTS = st.builds(Point, st.integers(-(1 << 31), (1 << 31) - 1), st.integers(-(1 << 63), (1 << 63) - 1))
LINES = st.builds(
    Line,
    st.integers(0, 255),
    POINTS,
    st.lists(POINTS, min_size=3, max_size=3),
    st.lists(st.integers(-(1 << 63), (1 << 63) - 1), min_size=4, max_size=4),
    st.integers(-(1 << 15), (1 << 15) - 1),
    st.integers(0, (1 << 32) - 1),
    st.integers(0, (1 << 16) - 1),
)


@given(st.lists(LINES, max_size=4))
@settings(deadline=None)
def test_rows_hold_what_objects_hold(lines: list[Line]) -> None:
    """Objects of any values become rows with the same values, nested and repeated fields included."""
    body = rows(Line, lines)
    assert len(body) == len(lines)
    assert [plain(row) for row in body] == [plain(line) for line in lines]


def test_fill_touches_one_row() -> None:
    """Filling a row leaves its neighbours alone, and the source as well."""
    body = rows(Line, [Line(), Line(), Line()])
    source = Line(tag=200, head=Point(1, 2), due=[1, 2, 3, 4])
    fill(body[1], source)
    source.due[0] = 99
    assert plain(body[0]) == plain(body[2]) == plain(Line())
    assert plain(body[1])["due"] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "line",
    [
        Line(tag=256),  # above the field's range
        Line(wide=-1),  # below it
        Line(head=Point(x=1 << 31)),  # in a record inside
    ],
)
def test_a_value_that_does_not_fit_is_refused(line: Line) -> None:
    """A value beyond its field's range is an error, never another value."""
    with pytest.raises(OverflowError):
        rows(Line, [line])
