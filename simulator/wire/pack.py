"""The stored row as msgpack: a map of the same columns in the same order, and the loop that packs it.

Forms differ from text's where msgpack has a length in front: of a string, of a number, of the map itself, which is written once it is known.
"""

from collections.abc import Iterable, MutableSequence
from typing import Any, Final

import numpy as np

from simulator.kernel.text import put, put_base36, put_bytes, put_hex, put_int, put_uuid
from simulator.kernel.twin import inlined
from simulator.profile.editions import Edition
from simulator.profile.types import App
from simulator.schema.words import ABSENT, EVENT_KINDS
from simulator.wire import fields
from simulator.wire.entries import navigation, resource
from simulator.wire.layout import (
    BEGINS,
    BLOCK,
    CLOSE,
    HEX,
    INT,
    LACKS,
    LENGTH,
    MEMBERS,
    MILLI,
    NO_NUMBER,
    NUMBER_OR_0,
    OPEN,
    QUOTED,
    SHARE,
    SHARED,
    SHORT_HEX,
    TEXT,
    UID,
    UUID,
    Formats,
    Sheet,
    Text,
    plain,
)
from simulator.wire.render import put_text
from simulator.wire.row import CONSTANT, WIDTHS, Part, blocks, parts, show_id

U1, U2, U4 = (1 << 8) - 1, (1 << 16) - 1, (1 << 32) - 1
"""The largest numbers of 1, 2 and 4 bytes."""
MAP_16: Final = b"\xde\x00\x00"
STR_8, STR_16, FLOAT_64, FIRST_UINT, FIRST_INT = 0xD9, 0xDA, 0xCB, 0xCC, 0xD0
"""First bytes of values, from the specification of msgpack."""
_FORMS: Final = {fields.INT: INT, fields.POSITIVE: INT, fields.TEXT: TEXT, fields.MILLI: MILLI}


def lay_out(sheet: Sheet, app: App, editions: Iterable[Edition]) -> None:
    """Add the programs of all editions to a sheet that prints strings as they are."""
    for edition in editions:
        for kind in range(len(EVENT_KINDS)):
            _row(sheet, list(parts(app, edition, kind)))


def _row(sheet: Sheet, row: list[Part]) -> None:
    sheet.say_bytes(MAP_16)
    for part in blocks(sheet, row):
        if part.optional:
            sheet.flush()
        sheet.say_bytes(_string(part.column))
        if part.form in _FORMS:
            needs = part.slot if part.optional else None
            sheet.show(_FORMS[part.form], part.slot, needs=needs, positive=part.form == fields.POSITIVE)
        elif part.form == CONSTANT:
            sheet.say_bytes(_string(part.text))
        elif part.form == fields.NOTHING:
            sheet.say_bytes(b"\x80")
        elif part.form in WIDTHS:
            sheet.say_bytes(_head(WIDTHS[part.form]))
            show_id(sheet, part)
        else:
            sheet.show(OPEN, 0)
            (resource if part.form == fields.ENTRY else navigation)(sheet)
            sheet.show(CLOSE, 0)
    sheet.show(MEMBERS, len(row))
    sheet.end()


def _head(length: int) -> bytes:
    return bytes([0xA0 | length]) if length < 32 else bytes([STR_8, length]) if length < 256 else bytes([STR_16, length >> 8, length & 255])  # noqa: PLR2004


def _string(text: str) -> bytes:
    return _head(len(plain(text))) + plain(text)


@inlined
def pack(formats: Formats, program: int, v: MutableSequence[int], memo: MutableSequence[int], out: Any, o: int) -> int:  # noqa: ANN401
    """Pack a row at `out[o:]`; give where the next byte goes. What `memo` has of a block is copied from the row before."""
    begins, opened, absent, lacked = o, 0, 0, 0
    span = formats.programs[program]
    i: int = span.start
    ends = span.start + span.length
    while i < ends:
        op = formats.ops[i]
        i += 1
        if v[op.needs] < op.least:
            absent += 1
            continue
        o = put(out, o, formats.pool, op.start, op.length)
        if op.form == INT:
            o = pack_int(out, o, v[op.slot])
        elif op.form == TEXT:
            o = pack_text(out, o, formats.texts[v[op.slot]], formats.pool, v[op.number])
        elif op.form == HEX:
            o = put_hex(out, put_hex(out, o, v[op.slot], 16), v[op.slot + 1], 16)
        elif op.form == SHORT_HEX:
            o = put_hex(out, o, v[op.slot], 16)
        elif op.form == UID:
            o = put_base36(out, put_base36(out, o, v[op.slot], 8), v[op.slot + 1], 8)
        elif op.form == UUID:
            o = put_uuid(out, o, v[op.slot], v[op.slot + 1])
        elif op.form == MILLI:
            out[o] = FLOAT_64
            o = put_bytes(out, o + 1, int(np.float64(v[op.slot] / 1000).view(np.int64)), 8)
        elif op.form == NUMBER_OR_0:
            o = put_int(out, o, v[op.slot] if v[op.slot] != ABSENT else 0)
        elif op.form == QUOTED:
            o = put_text(out, o, formats.quoted[v[op.slot]], formats.pool, v[op.number])
        elif op.form == SHARE:
            block = BLOCK * op.slot
            lacked = absent
            if memo[block + BEGINS] >= 0:
                o = put(out, o, out, memo[block + BEGINS], memo[block + LENGTH])
                absent += memo[block + LACKS]
                i += op.number
            else:
                memo[block + BEGINS] = o
        elif op.form == SHARED:
            block = BLOCK * op.slot
            memo[block + LENGTH] = o - memo[block + BEGINS]
            memo[block + LACKS] = absent - lacked
        elif op.form == OPEN:
            opened = o
            o += 3
        elif op.form == CLOSE:
            out[opened] = STR_16
            put_length(out, opened + 1, o - opened - 3)
        elif op.form == MEMBERS:
            put_length(out, begins + 1, op.slot - absent)
    return o


@inlined
def put_length(out: MutableSequence[int], o: int, length: int) -> None:
    """Write 16 bits, the highest first, before what stands there already."""
    out[o] = length >> 8
    out[o + 1] = length & 255


@inlined
def pack_int(out: MutableSequence[int], o: int, value: int) -> int:
    """Write a number in the shortest form."""
    if -32 <= value < 128:  # noqa: PLR2004
        out[o] = value & 255
        return o + 1
    first, rest, sign = (FIRST_UINT, value, 0) if value >= 0 else (FIRST_INT, -1 - value, 1)
    size = (rest > U1 >> sign) + (rest > U2 >> sign) + (rest > U4 >> sign)
    out[o] = first + size
    return put_bytes(out, o + 1, value, 1 << size)


@inlined
def pack_text(out: MutableSequence[int], o: int, text: Text, pool: Any, number: int) -> int:  # noqa: ANN401
    """Write a string of the intern table, with its number if it has one."""
    if text.rest == NO_NUMBER:
        return put(out, pack_head(out, o, text.length), pool, text.start, text.length)
    digits = 1
    rest = number
    while rest >= 10:  # noqa: PLR2004
        digits += 1
        rest //= 10
    return put_text(out, pack_head(out, o, text.length + digits + text.rest), text, pool, number)


@inlined
def pack_head(out: MutableSequence[int], o: int, length: int) -> int:
    """Write what stands before a string; none is longer than 16 bits can tell (the loader sees to it)."""
    if length < 32:  # noqa: PLR2004
        out[o] = 0xA0 | length
        return o + 1
    if length < 256:  # noqa: PLR2004
        out[o] = STR_8
        return put_bytes(out, o + 1, length, 1)
    out[o] = STR_16
    return put_bytes(out, o + 1, length, 2)
