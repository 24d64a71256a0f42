"""How Python prints a program: one template for all operations that an event has, filled in by the operator %.

It prints what the compiled loop of render.py prints, which is slow in Python: a row takes some thirty operations.
"""

from collections.abc import Callable, MutableSequence, Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from simulator.kernel.rnd import MASK
from simulator.kernel.text import put_base36, put_fixed, put_uuid
from simulator.schema.words import ABSENT
from simulator.wire.layout import (
    ANY,
    BEGINS,
    BLOCK,
    CONSTANT,
    HEX,
    INT,
    LENGTH,
    MILLI,
    NO_NUMBER,
    NUMBER_OR_0,
    POSITIVE,
    QUOTED,
    SHARE,
    SHARED,
    SHORT_HEX,
    TEXT,
    UID,
    UUID,
    Formats,
    Op,
    Text,
)

PLACES: Final = {CONSTANT: b"", SHARED: b"", INT: b"%d", SHORT_HEX: b"%016x", HEX: b"%016x%016x"}
"""What stands for an operation's slots in a template; where it is not here, a string."""


class Variant(NamedTuple):
    """A program without what is absent: its template, and what fills it: slots, and at which places they are no plain numbers."""

    template: bytes
    slots: list[int]
    get: Callable[[Sequence[int]], list[Any]]
    hexes: list[int]
    texts: list[tuple[int, list[tuple[bytes, bool]], int]]
    """Their strings, and the slot of the number in them."""
    blocks: list[tuple[int, int, "Line"]]
    """Where a memo has them, and what prints them."""
    others: list[tuple[int, int, int]]
    """Their form, and the slot behind theirs."""


class Line(NamedTuple):
    """A program, or a block of one: which slots must not be absent for some operation, and which must be above 0."""

    ops: Sequence[Op]
    needs: list[int]
    get: Callable[[Sequence[int]], list[int]]
    """Of them."""
    positives: list[int]
    variants: dict[tuple[bool, ...], Variant]


class Lines:
    """What is kept of formats: programs, and the strings as templates that may have a place for a number."""

    __slots__ = ("_formats", "_quoted", "_texts", "programs")

    def __init__(self, formats: Formats) -> None:
        """Begin without any program: they are looked at when they are printed."""
        self._formats = formats
        self.programs: dict[int, Line] = {}
        self._texts, self._quoted = ([self._string(text) for text in texts] for texts in (formats.texts, formats.quoted))

    def _string(self, text: Text) -> tuple[bytes, bool]:
        raw, middle = self._formats.pool, text.start + text.length
        if text.rest == NO_NUMBER:
            return bytes(raw[text.start : middle]), False
        return _plain(raw[text.start : middle]) + b"%d" + _plain(raw[middle : middle + text.rest]), True

    def program(self, number: int) -> Line:
        """Look at a program."""
        span = self._formats.programs[number]
        self.programs[number] = found = _line(self._formats.ops[span.start : span.start + span.length])
        return found

    def print(self, line: Line, v: Sequence[int], memo: MutableSequence[Any]) -> bytes:
        """Print a program, or a block of it. A block stays in the memo, in the place of its length."""
        key = tuple([value != ABSENT for value in line.get(v)])
        if line.positives:
            key += tuple([v[slot] > 0 for slot in line.positives])
        found = line.variants.get(key)
        if found is None:
            line.variants[key] = found = self._variant(line, key)
        template, _, get, hexes, texts, blocks, others = found
        values = get(v)
        for place in hexes:
            values[place] &= MASK
        for place, strings, number in texts:
            text, numbered = strings[values[place]]
            values[place] = text % v[number] if numbered else text
        for place, block, inner in blocks:
            if memo[block + BEGINS] < 0:
                memo[block + BEGINS] = 0
                memo[block + LENGTH] = self.print(inner, v, memo)
            values[place] = memo[block + LENGTH]
        for place, form, low in others:
            values[place] = _rare(form, values[place], v[low])
        return template % tuple(values)

    def _variant(self, line: Line, key: tuple[bool, ...]) -> Variant:
        there = dict(zip([(slot, False) for slot in line.needs] + [(slot, True) for slot in line.positives], key, strict=True))
        template = bytearray()
        found = Variant(b"", [], list, [], [], [], [])
        i = 0
        while i < len(line.ops):
            op = line.ops[i]
            i += 1
            if op.least != ANY and not there[op.needs, op.least == POSITIVE]:
                continue
            template += _plain(self._formats.pool[op.start : op.start + op.length]) + PLACES.get(op.form, b"%b")
            place = len(found.slots)
            if op.form in {CONSTANT, SHARED}:
                continue
            found.slots.append(op.slot)
            if op.form in {TEXT, QUOTED}:
                found.texts.append((place, self._texts if op.form == TEXT else self._quoted, op.number))
            elif op.form == SHORT_HEX:
                found.hexes.append(place)
            elif op.form == HEX:
                found.hexes.extend((place, place + 1))
                found.slots.append(op.slot + 1)
            elif op.form == SHARE:
                found.blocks.append((place, BLOCK * op.slot, _line(line.ops[i : i + op.number])))
                i += op.number
            elif op.form != INT:
                found.others.append((place, op.form, op.slot + 1))
        return found._replace(template=bytes(template), get=_getter(found.slots))


def _getter(slots: Sequence[int]) -> Callable[[Sequence[int]], list[Any]]:
    if len(slots) < 2:  # noqa: PLR2004  of one, itemgetter does not give a tuple
        return lambda v: [v[slot] for slot in slots]
    several = itemgetter(*slots)
    return lambda v: list(several(v))


def _line(ops: Sequence[Op]) -> Line:
    needs: dict[bool, set[int]] = {False: set(), True: set()}
    i = 0
    while i < len(ops):
        if ops[i].form == SHARE:
            i += ops[i].number
        elif ops[i].least != ANY:
            needs[ops[i].least == POSITIVE].add(ops[i].needs)
        i += 1
    some = sorted(needs[False])
    return Line(ops, some, _getter(some), sorted(needs[True]), {})


def _plain(raw: bytes) -> bytes:
    return bytes(raw).replace(b"%", b"%%")


def _rare(form: int, value: int, other: int) -> bytes:
    """Print what few rows have."""
    if form == NUMBER_OR_0:
        return b"%d" % (0 if value == ABSENT else value)
    out = bytearray(36)
    if form == MILLI:
        return bytes(out[: put_fixed(out, 0, value, 3)])
    if form == UID:
        return bytes(out[: put_base36(out, put_base36(out, 0, value, 8), other, 8)])
    if form == UUID:
        return bytes(out[: put_uuid(out, 0, value, other)])
    raise AssertionError(f"no form of text: {form}")
