"""What is about to happen on a device: a few stimuli, the earliest first; of two at one instant the one that was planned first.

Subtle: `ref` grows with every stimulus of a device, so (at, ref) is a total order whatever the places in the list.
"""

from typing import Final

from simulator.kernel.record import i4, i8, many, record
from simulator.schema.records import Stimulus
from simulator.schema.words import NEVER

PLACES: Final = 64


@record
class Agenda:
    """`planned[:count]` in no order; `next_at` is the earliest."""

    next_at: i8 = NEVER
    count: i4 = 0
    planned: list[Stimulus] = many(PLACES, of=Stimulus)


def clear(a: Agenda) -> None:
    """Forget all."""
    a.count = 0
    a.next_at = NEVER


def has_room(a: Agenda) -> bool:
    """Tell whether something that need not happen may still be planned; a few places stay for what must."""
    return a.count < PLACES - 8


def plan(a: Agenda, at: int, kind: int, key: int, aux: int, ref: int, since: int) -> None:
    """Add a stimulus."""
    s = a.planned[a.count]
    s.at = at
    s.kind = kind
    s.key = key
    s.aux = aux
    s.ref = ref
    s.since = since
    a.count += 1
    a.next_at = min(a.next_at, at)


def take(a: Agenda, out: Stimulus) -> None:
    """Remove the first stimulus and copy it to `out`."""
    first, q = 0, a.planned[0]
    at, rest = q.at, NEVER
    for i in range(1, a.count):
        p = a.planned[i]
        if p.at < at or (p.at == at and p.ref < q.ref):
            first, q, rest = i, p, at
            at = p.at
        elif p.at < rest:
            rest = p.at
    copy(q, out)
    a.count -= 1
    if first != a.count:
        copy(a.planned[a.count], q)
    a.next_at = rest


def keep(a: Agenda, kinds: int) -> None:
    """Forget all but some kinds, given as bits."""
    kept = 0
    for i in range(a.count):
        if kinds >> a.planned[i].kind & 1:
            if kept != i:
                copy(a.planned[i], a.planned[kept])
            kept += 1
    a.count = kept
    rewind(a)


def rewind(a: Agenda) -> None:
    """Find the earliest time again."""
    a.next_at = NEVER
    for i in range(a.count):
        a.next_at = min(a.next_at, a.planned[i].at)


def copy(a: Stimulus, b: Stimulus) -> None:
    """Copy a onto b."""
    b.at = a.at
    b.kind = a.kind
    b.key = a.key
    b.aux = a.aux
    b.ref = a.ref
    b.since = a.since
