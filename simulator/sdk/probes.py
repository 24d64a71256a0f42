"""What a stimulus becomes.

`feed` takes one stimulus, `wake` fires the timer that is due; both change the records they are given and return how many queued events now have a
fate (`box.queue[:n]`).

At one instant timers precede stimuli: call `wake` while `box.next_at <= at` before feeding a stimulus of `at`.
"""

from simulator.schema.records import Stimulus
from simulator.schema.words import (
    API,
    ASSET,
    BACKGROUND,
    BLOCK,
    CLICK,
    CLOSE,
    CRASH,
    ERROR,
    FATAL,
    FOREGROUND,
    HIDE,
    LAUNCH,
    LEAVE,
    NAVIGATE,
    NEVER,
    PAINT,
    PERF,
    PRESS,
    PV,
    REQUEST,
    SCROLL,
    STALL,
    STATIC,
    SWEEP,
    TAP,
    TERMINATE,
    THROW,
    VITAL,
    VITALS,
)
from simulator.sdk.outbox import flush, report
from simulator.sdk.session import interact, lives, open_session
from simulator.sdk.state import Limits, Outbox, Screen, Store


def feed(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> int:
    """Take one stimulus; `wake` has run up to `s.at`."""
    at = s.at
    if limits.interactions >> s.kind & 1:
        interact(store, limits, at)
    if s.kind == REQUEST:
        report(store, screen, box, limits, at, API, s.since, s)
    elif s.kind == ASSET:
        report(store, screen, box, limits, at, STATIC, s.since, s)
    elif s.kind in (CLICK, TAP):
        report(store, screen, box, limits, at, PRESS, at, s)
    elif s.kind == SCROLL:
        report(store, screen, box, limits, at, SWEEP, at, s)
    elif s.kind == NAVIGATE:
        show(store, screen, box, limits, s)
    elif s.kind == PAINT:
        screen.loading = s.at - s.since
        report(store, screen, box, limits, at, PERF, s.since, s)
    elif s.kind == VITALS:
        report(store, screen, box, limits, at, VITAL, at, s)
    elif s.kind == THROW:
        report(store, screen, box, limits, at, ERROR, at, s)
    elif s.kind == BLOCK:
        report(store, screen, box, limits, at, STALL, s.since, s)
    elif s.kind == LAUNCH:
        launch(store, screen, box, limits, at)
    elif s.kind == FOREGROUND:
        if at - screen.left > limits.away or store.open == 0:
            open_session(store, limits, at)
    elif s.kind == BACKGROUND:
        screen.left = at
        hide(store, screen, box, limits, s)
    elif s.kind == HIDE:
        flush(box)
    elif s.kind == CRASH:
        report(store, screen, box, limits, at, FATAL, at, s)
        end(store, screen, box, limits)
    elif s.kind == CLOSE:
        hide(store, screen, box, limits, s)
        end(store, screen, box, limits)
    elif s.kind == TERMINATE:
        end(store, screen, box, limits)
    return box.done


def wake(box: Outbox) -> int:
    """Fire the timer that is due at `box.next_at`."""
    flush(box)
    return box.done


def launch(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Begin: send what the last process left behind, crash included (document: Exception Types), and make a session where the rules say so."""
    flush(box)
    screen.in_view = 0
    screen.page = 0
    if limits.launch_opens:
        open_session(store, limits, at)
    else:
        interact(store, limits, at)


def show(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Leave the page, if one is open, and enter the next: a new page view with a new id."""
    leave(store, screen, box, limits, s)
    if limits.reloads:
        flush(box)
    store.views += 1
    screen.previous = screen.page
    screen.page = s.key
    screen.loading = 0
    screen.entered = s.at
    screen.in_view = 1
    screen.view_session = store.session
    report(store, screen, box, limits, s.at, PV, s.at, s)


def leave(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Report the time spent on the open page, unless the session in which it was entered is over."""
    if screen.in_view and screen.view_session == store.session and lives(store, limits, s.at):
        report(store, screen, box, limits, s.at, LEAVE, screen.entered, s)
        box.queue[box.count - 1].span = s.at - screen.entered
        box.queue[box.count - 1].aux = screen.loading
    screen.in_view = 0


def hide(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Go out of sight: the page is left and the queue sent."""
    leave(store, screen, box, limits, s)
    flush(box)


def end(store: Store, screen: Screen, box: Outbox, limits: Limits) -> None:
    """End the page or process, and with it the session (document: Session Termination).

    An outbox that survives waits for the next launch, its timer stopped; any other is lost, but closing has flushed it.
    """
    box.next_at = NEVER
    screen.in_view = 0
    if limits.close_ends:
        store.open = 0
    if not limits.keeps_queue:
        flush(box)
