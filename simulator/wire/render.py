"""The one loop that prints: a program's operations, with one event's values, into a buffer."""

from collections.abc import MutableSequence
from typing import Any

from simulator.kernel.text import put, put_base36, put_fixed, put_hex, put_int, put_uuid
from simulator.kernel.twin import compiled_as, inlined
from simulator.schema.words import ABSENT
from simulator.wire.layout import (
    BEGINS,
    BLOCK,
    HEX,
    INT,
    LENGTH,
    MILLI,
    NO_NUMBER,
    NUMBER_OR_0,
    QUOTED,
    SHARE,
    SHARED,
    SHORT_HEX,
    TEXT,
    UID,
    UUID,
    Formats,
    Text,
)
from simulator.wire.lines import Lines


@inlined
def _render(formats: Formats, program: int, v: MutableSequence[int], memo: MutableSequence[int], out: Any, o: int) -> int:  # noqa: ANN401
    span = formats.programs[program]
    i: int = span.start
    ends = span.start + span.length
    while i < ends:
        op = formats.ops[i]
        i += 1
        if v[op.needs] < op.least:
            continue
        o = put(out, o, formats.pool, op.start, op.length)
        if op.form == INT:
            o = put_int(out, o, v[op.slot])
        elif op.form == TEXT:
            o = put_text(out, o, formats.texts[v[op.slot]], formats.pool, v[op.number])
        elif op.form == NUMBER_OR_0:
            o = put_int(out, o, v[op.slot] if v[op.slot] != ABSENT else 0)
        elif op.form == QUOTED:
            o = put_text(out, o, formats.quoted[v[op.slot]], formats.pool, v[op.number])
        elif op.form == SHARE:
            block = BLOCK * op.slot
            if memo[block + BEGINS] >= 0:
                o = put(out, o, out, memo[block + BEGINS], memo[block + LENGTH])
                i += op.number
            else:
                memo[block + BEGINS] = o
        elif op.form == SHARED:
            memo[BLOCK * op.slot + LENGTH] = o - memo[BLOCK * op.slot + BEGINS]
        elif op.form == HEX:
            o = put_hex(out, o, v[op.slot], 16)
            o = put_hex(out, o, v[op.slot + 1], 16)
        elif op.form == SHORT_HEX:
            o = put_hex(out, o, v[op.slot], 16)
        elif op.form == MILLI:
            o = put_fixed(out, o, v[op.slot], 3)
        elif op.form == UID:
            o = put_base36(out, o, v[op.slot], 8)
            o = put_base36(out, o, v[op.slot + 1], 8)
        elif op.form == UUID:
            o = put_uuid(out, o, v[op.slot], v[op.slot + 1])
    return o


@compiled_as(_render)
def render(formats: Formats, program: int, v: MutableSequence[int], memo: MutableSequence[int], out: Any, o: int) -> int:  # noqa: ANN401
    """Print a program at `out[o:]`; give where the next byte goes. What `memo` has of a block is copied from the row before."""
    if not formats.lines:
        formats.lines.append(Lines(formats))
    lines: Lines = formats.lines[0]
    raw = lines.print(lines.programs.get(program) or lines.program(program), v, memo)
    out[o : o + len(raw)] = raw
    return o + len(raw)


def render_rarely(formats: Formats, program: int, v: MutableSequence[int], memo: MutableSequence[int], out: Any, o: int) -> int:  # noqa: ANN401
    """Print what is not printed for each row: compiled once, and called."""
    return render(formats, program, v, memo, out, o)


@inlined
def put_text(out: MutableSequence[int], o: int, text: Text, pool: Any, number: int) -> int:  # noqa: ANN401
    """Write a string of the intern table, with its number if it has one."""
    o = put(out, o, pool, text.start, text.length)
    if text.rest == NO_NUMBER:
        return o
    return put(out, put_int(out, o, number), pool, text.start + text.length, text.rest)
