"""Timers of the outbox: armed, and which of them fires next.

Whoever changes one says that the box is stale; who changed it last rewinds, so that `box.next_at` and `box.next_timer` hold between two steps.

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
    box.stale = 1


def arm_rare(box: Outbox, timer: Timer, at: int) -> None:
    """Arm one of the timers that seldom run."""
    arm(box, timer, at)
    box.rare = 1


def stop_rare(box: Outbox, timer: Timer) -> None:
    """Stop one of the timers that seldom run."""
    timer.at = NEVER
    box.rare = box.stale = 1


def rewind(box: Outbox) -> None:
    """Find the earliest timer again."""
    if box.rare:
        rewind_rare(box)
    at, armed, name = box.rare_at, box.rare_armed, box.rare_timer
    due = box.flush.at
    if due <= at and (due < at or box.flush.armed < armed):
        at, armed, name = due, box.flush.armed, FLUSH
    due = box.touch.at
    if due <= at and (due < at or box.touch.armed < armed):
        at, armed, name = due, box.touch.armed, TOUCH
    held = box.held
    for i in range(box.waiting):
        due = held[i].at
        if due <= at and (due < at or held[i].armed < armed):
            at, armed, name = due, held[i].armed, i
    box.stale = 0
    box.next_at = at
    box.next_timer = name


def rewind_rare(box: Outbox) -> None:
    """Find the earliest of the timers that seldom run again."""
    at, armed, name = box.start.at, box.start.armed, START
    due = box.settle.at
    if due <= at and (due < at or box.settle.armed < armed):
        at, armed, name = due, box.settle.armed, SETTLE
    due = box.vitals.at
    if due <= at and (due < at or box.vitals.armed < armed):
        at, armed, name = due, box.vitals.armed, VITALS
    due = box.frames.timer.at
    if due <= at and (due < at or box.frames.timer.armed < armed):
        at, armed, name = due, box.frames.timer.armed, FRAMES
    box.rare = 0
    box.rare_at = at
    box.rare_armed = armed
    box.rare_timer = name


def silence(box: Outbox) -> None:
    """Clear all timers and forget what is held: the page or process is gone."""
    box.start.at = box.flush.at = box.touch.at = box.settle.at = box.vitals.at = box.frames.timer.at = NEVER
    box.frames.end = -NEVER
    box.waiting = 0
    box.next_at = box.rare_at = NEVER
