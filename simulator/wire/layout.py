"""Turns formats into operations: constant bytes, then a typed slot. All strings are encoded once, before play.

An operation is skipped, with its bytes, when the slot that it needs is absent.
"""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from simulator.kernel.record import i4, i8, record, u1, u2, u4
from simulator.kernel.text import SLACK
from simulator.profile.strings import NUMBER
from simulator.schema import values as slot
from simulator.schema.words import ABSENT

CONSTANT, INT, TEXT, MILLI, HEX, SHORT_HEX, UUID, UID, QUOTED, NUMBER_OR_0, SHARE, SHARED, OPEN, CLOSE, MEMBERS = range(15)
"""QUOTED: a string inside a JSON string; NUMBER_OR_0: 0 where the slot is absent; SHARE and SHARED enclose a block; the last three are msgpack's."""
ANY, THERE, POSITIVE = ABSENT, ABSENT + 1, 1
"""The least value that the slot which an operation needs must have: of ANY, it needs none."""
PAGE_BLOCK, DEVICE_BLOCK, SESSION_BLOCK = range(3)
"""What rows next to one another may have in common, so that it is printed once and then copied. Of the session: what begins the ids of its events."""
BEGINS, LENGTH, LACKS, OF = range(4)
"""Of a block, in a memo: where it was printed last (-1: print it), how long it is, how many of its columns are absent; from OF on, what it is of."""
BLOCK: Final = OF + 3
MEMO: Final = 3 * BLOCK
NO_NUMBER: Final = -1
NUMBERS: Final = {
    slot.URL: slot.URL_NUMBER,
    slot.NAME: slot.URL_NUMBER,
    slot.REFERRER: slot.REFERRER_NUMBER,
    slot.MESSAGE: slot.MESSAGE_NUMBER,
    slot.STACK: slot.MESSAGE_NUMBER,
    slot.VIEW_NAME: slot.VIEW_NUMBER,
    slot.OWN_VIEW_NAME: slot.OWN_VIEW_NUMBER,
    slot.APP: slot.APP_NUMBER,
}
"""Which slot's number stands in which slot's string."""


@record
class Op:
    """Print `pool[start:start + length]`, then the slot in the given form."""

    start: u4 = 0
    length: u2 = 0
    form: u1 = 0
    slot: u1 = 0
    needs: u1 = 0
    least: i8 = ANY
    """Left out if slot `needs` is below it: one question, whatever it needs. Half an id may be below ABSENT, so nothing may need one."""
    number: u1 = 0
    """The slot of the number in the string, any where it has none; of SHARE, how many operations its block has."""


@record
class Text:
    """A string of the intern table: `pool[start:start + length]`, and if it has a number in it what follows the number."""

    start: u4 = 0
    length: u4 = 0
    rest: i4 = NO_NUMBER


@record
class Span:
    """A stretch of operations, or of bytes in the pool."""

    start: i4 = 0
    length: i4 = 0


class Formats(NamedTuple):
    """What the renderer reads: operations, the programs made of them, the encoded strings, and the bytes of them all."""

    ops: Any
    programs: Any
    texts: Any
    quoted: Any
    pool: Any
    lines: Any
    """What Python keeps of them (lines.py), in a list; None where compiled."""


def encoded(text: str) -> bytes:
    """Encode a string as JSON the way browsers do: only quotes, backslashes and control characters are escaped."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "replace")


def plain(text: str) -> bytes:
    """Encode a string as it is."""
    return text.encode("utf-8", "replace")


def escaped(raw: bytes) -> bytes:
    """Give JSON as it stands inside a string of JSON: it has no control characters, so quotes and backslashes alone are escaped."""
    return raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class Sheet:
    """Collects programs. `say` adds constant bytes, `show` a slot, `end` closes the program."""

    def __init__(self, texts: Sequence[str], *, as_json: bool = True, inside: bool = False) -> None:
        """Begin with the strings of the intern table; they are printed as JSON, or as they are. `inside`: all stands inside a string of JSON."""
        self._pool = bytearray()
        self._json, self._whole_inside = as_json, inside
        self._texts = [self._put_text(encoded(text) if as_json else plain(text)) for text in texts]
        self._quoted = [self._put_text(self._inside(encoded(text).decode())) for text in texts]
        self._ops: list[Op] = []
        self._programs: list[Span] = []
        self._first = self._shares = 0
        self._waiting = b""

    @property
    def words(self) -> int:
        """Count the strings of the intern table."""
        return len(self._texts)

    def _inside(self, text: str) -> bytes:
        return encoded(text)[1:-1] if self._json else plain(text)

    def _put(self, raw: bytes) -> Span:
        raw = escaped(raw) if self._whole_inside else raw
        self._pool += raw
        return Span(len(self._pool) - len(raw), len(raw))

    def _put_text(self, raw: bytes) -> Text:
        head, number, rest = raw.partition(NUMBER.encode())
        first, last = self._put(head), self._put(rest)
        return Text(first.start, first.length, last.length if number else NO_NUMBER)

    def say(self, text: str) -> None:
        """Print constant characters, whatever follows."""
        self._waiting += plain(text)

    def say_inside(self, text: str) -> None:
        """Print constant characters inside a string."""
        self._waiting += self._inside(text)

    def say_bytes(self, raw: bytes) -> None:
        """Print constant bytes."""
        self._waiting += raw

    def show(self, form: int, number: int, *, needs: int | None = None, positive: bool = False) -> None:
        """Print a slot after what was said since the last; both are left out if slot `needs` is absent, or `positive` and it is not above 0."""
        least = ANY if needs is None else POSITIVE if positive else THERE
        span = self._put(self._waiting)
        self._waiting = b""
        self._ops.append(Op(span.start, span.length, form, number, needs or 0, least, NUMBERS.get(number, 0)))

    def show_session(self, form: str) -> None:
        """Print a session id: 32 hex digits, or a UUID with the flag of a sampled session (only those are sent)."""
        if form == "flagged":
            self.show(UUID, slot.SESSION)
            self.say("-01")  # FACTS 9
        else:
            self.show(HEX, slot.SESSION)

    def show_quoted(self, number: int) -> None:
        """Print a string inside a JSON string."""
        self.show(QUOTED, number)

    def show_number(self, number: int) -> None:
        """Print a number, 0 where it is absent."""
        self.show(NUMBER_OR_0, number)

    def flush(self) -> None:
        """Print what was said for certain, before something that may be left out."""
        if self._waiting:
            self.show(CONSTANT, 0)

    def share(self, block: int) -> None:
        """Begin a block, behind what was said."""
        self.show(SHARE, block)
        self._shares = len(self._ops)

    def shared(self, block: int) -> None:
        """End the block that was begun last, with what was said."""
        self.show(SHARED, block)
        self._ops[self._shares - 1].number = len(self._ops) - self._shares

    def end(self) -> int:
        """Close the program and give its number."""
        self.flush()
        self._programs.append(Span(self._first, len(self._ops) - self._first))
        self._first = len(self._ops)
        return len(self._programs) - 1

    def formats(self) -> Formats:
        """Give what the interpreted renderer reads."""
        return Formats(self._ops, self._programs, self._texts, self._quoted, bytes(self._pool) + bytes(SLACK), [])
