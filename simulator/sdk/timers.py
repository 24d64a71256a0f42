"""Timers of the outbox: armed, and which of them fires next. Every change of one ends in `rewind`, so that `box.next_at` and `box.next_timer` hold.

Of several timers at one instant the one that was armed first fires first.
"""

from simulator.schema.words import NEVER
from simulator.sdk.state import Outbox, Timer

START, FLUSH, TOUCH, SETTLE, VITALS, FRAMES = range(-6, 0)
"""Names of timers; numbers from 0 on are places in `box.held`."""


def arm(box: Outbox, timer: Timer, at: int) -> None:
    """Let a timer fire at `at`; arming it again moves it."""
    box.armings += 1
    timer.armed = box.armings
    timer.at = at


def arm_rare(box: Outbox, timer: Timer, at: int) -> None:
    """Arm one of the timers that seldom run, so that `rewind` looks at them."""
    arm(box, timer, at)
    box.rare = 1


def rewind(box: Outbox) -> None:
    """Find the earliest timer again."""
    t = box.flush
    at, armed, name = t.at, t.armed, FLUSH
    t = box.touch
    if t.at < at or (t.at == at and t.armed < armed):
        at, armed, name = t.at, t.armed, TOUCH
    for i in range(box.waiting):
        h = box.held[i]
        if h.at < at or (h.at == at and h.armed < armed):
            at, armed, name = h.at, h.armed, i
    if box.rare:
        box.rare = 0
        for which in (START, SETTLE, VITALS, FRAMES):
            t = box.start if which == START else box.settle if which == SETTLE else box.vitals if which == VITALS else box.frames.timer
            if t.at != NEVER:
                box.rare = 1
                if t.at < at or (t.at == at and t.armed < armed):
                    at, armed, name = t.at, t.armed, which
    box.next_at = at
    box.next_timer = name


def silence(box: Outbox) -> None:
    """Clear all timers and forget what is held: the page or process is gone."""
    box.start.at = box.flush.at = box.touch.at = box.settle.at = box.vitals.at = box.frames.timer.at = NEVER
    box.frames.end = -NEVER
    box.waiting = 0
    box.next_at = NEVER
