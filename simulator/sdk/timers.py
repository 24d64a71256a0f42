"""Timers of the outbox: armed, and which of them fires next. Every change of one ends in `rewind`, so that `box.next_at` holds.

Of several timers at one instant the one that was armed first fires first.
"""

from typing import Final

from simulator.schema.words import NEVER
from simulator.sdk.state import Outbox, Timer

START, FLUSH, TOUCH, SETTLE, VITALS, FRAMES = range(-6, 0)
"""Names of timers; numbers from 0 on are places in `box.held`."""
LAST: Final = 1 << 30


def arm(box: Outbox, timer: Timer, at: int) -> None:
    """Let a timer fire at `at`; arming it again moves it."""
    box.armings += 1
    timer.armed = box.armings
    timer.at = at


def first(box: Outbox) -> int:
    """Name the timer that fires at `box.next_at`."""
    at = box.next_at
    name, armed = FLUSH, LAST
    for i in range(box.waiting):
        if box.held[i].at == at and box.held[i].armed < armed:
            name, armed = i, box.held[i].armed
    if box.flush.at == at and box.flush.armed < armed:
        name, armed = FLUSH, box.flush.armed
    if box.start.at == at and box.start.armed < armed:
        name, armed = START, box.start.armed
    if box.touch.at == at and box.touch.armed < armed:
        name, armed = TOUCH, box.touch.armed
    if box.settle.at == at and box.settle.armed < armed:
        name, armed = SETTLE, box.settle.armed
    if box.vitals.at == at and box.vitals.armed < armed:
        name, armed = VITALS, box.vitals.armed
    if box.frames.timer.at == at and box.frames.timer.armed < armed:
        name = FRAMES
    return name


def rewind(box: Outbox) -> None:
    """Find the earliest timer again."""
    at = min(box.start.at, box.flush.at, box.touch.at, box.settle.at, box.vitals.at, box.frames.timer.at)
    for i in range(box.waiting):
        at = min(at, box.held[i].at)
    box.next_at = at


def silence(box: Outbox) -> None:
    """Clear all timers and forget what is held: the page or process is gone."""
    box.start.at = box.flush.at = box.touch.at = box.settle.at = box.vitals.at = box.frames.timer.at = NEVER
    box.frames.end = -NEVER
    box.waiting = 0
    box.next_at = NEVER
