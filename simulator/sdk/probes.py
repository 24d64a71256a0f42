"""What a stimulus becomes.

`feed` takes one stimulus, `wake` fires the timer that is due; both change the records they are given and return how many queued events now have a
fate (`box.queue[:n]`).

At one instant timers precede stimuli: call `wake` while `box.next_at <= at` before feeding a stimulus of `at`.
"""

from simulator.schema.records import Stimulus
from simulator.schema.words import (
    AGAIN,
    API,
    ASSET,
    BACKGROUND,
    BEGIN,
    BLOCK,
    CLICK,
    CLOSE,
    CLOSED,
    CONFIG,
    CRASH,
    CRASHED,
    ERROR,
    FATAL,
    FOREGROUND,
    FRAME,
    HIDE,
    LAUNCH,
    LEAVE,
    NAVIGATE,
    NEVER,
    NO_CONFIG,
    NOTE,
    OWN,
    PAINT,
    PERF,
    PRESS,
    PV,
    REPORT,
    REPORTED,
    REQUEST,
    ROUTE,
    SCROLL,
    STALL,
    STATE,
    STATIC,
    SWEEP,
    TAP,
    TERMINATE,
    THROW,
    UNTRUSTED,
    VITAL,
)
from simulator.schema.words import VITALS as MEASURED
from simulator.sdk.held import begin_request, describe, draft_stall, end_request, hold, join_frame, let_go, tag
from simulator.sdk.outbox import flush, lose, report, touch
from simulator.sdk.remote import begin, take
from simulator.sdk.session import close, current, interact, lives, open_session, write_touch
from simulator.sdk.state import Held, Limits, Outbox, Screen, Store
from simulator.sdk.timers import FLUSH, FRAMES, SETTLE, START, TOUCH, VITALS, arm_rare, rewind, silence, stop_rare


def feed(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> int:
    """Take one stimulus; `wake` has run up to `s.at`."""
    at, kind = s.at, s.kind
    if screen.blocked and kind != LAUNCH:
        wait(store, screen, box, limits, s)
        rewind(box)
        return box.done
    if limits.interactions >> kind & 1:
        interact(store, limits, at)
    if kind == REQUEST:
        if limits.begins_tag:
            end_request(box, s, at + limits.api_delay)
        else:
            happen(store, screen, box, limits, API, s)
    elif kind == BEGIN:
        if limits.begins_tag and limits.probes >> API & 1:
            begin_request(store, screen, box, limits, s)
    elif kind == ASSET:
        if limits.static_delay == 0:
            happen(store, screen, box, limits, STATIC, s)
        elif limits.probes >> STATIC & 1:
            hold(box, STATIC, s, at + limits.static_delay)
    elif kind in (CLICK, TAP, UNTRUSTED):
        touch(box, limits, at, 0 if kind == UNTRUSTED else 1)
        if s.key:
            happen(store, screen, box, limits, PRESS, s)
    elif kind == SCROLL:
        happen(store, screen, box, limits, SWEEP, s)
    elif kind == NAVIGATE:
        show(store, screen, box, limits, s)
    elif kind == PAINT:
        screen.loading = at - s.since
        if limits.paint_delay == 0:
            happen(store, screen, box, limits, PERF, s)
        elif limits.probes >> PERF & 1 and screen.timed == 0:
            hold(box, PERF, s, at + limits.paint_delay)
    elif kind == MEASURED:
        if limits.vitals_delay == 0:
            happen(store, screen, box, limits, VITAL, s)
        else:
            stop_rare(box, box.vitals)
            if limits.probes >> VITAL & 1:
                describe(box.metrics, VITAL, s)
                arm_rare(box, box.vitals, at + limits.vitals_delay)
    elif kind == THROW:
        happen(store, screen, box, limits, ERROR, s)
    elif kind == REPORT:
        happen(store, screen, box, limits, REPORTED, s)
    elif kind == NOTE:
        happen(store, screen, box, limits, OWN, s)
    elif kind == BLOCK:
        block(store, screen, box, limits, s)
    elif kind == FRAME:
        join_frame(screen, box, limits, s.since, s.since + s.aux, s)
    elif kind == LAUNCH:
        launch(store, screen, box, limits, at)
        if screen.blocked == 0:
            change_state(store, screen, box, limits, s)
    elif kind == FOREGROUND:
        if not lives(store, limits, at):
            open_session(store, limits, at)
        store.left = NEVER
        change_state(store, screen, box, limits, s)
    elif kind == BACKGROUND:
        change_state(store, screen, box, limits, s)
        hide(store, screen, box, limits, s)
        store.left = at
    elif kind == HIDE:
        flush(store, screen, box, limits, at)
    elif kind == CRASH:
        happen(store, screen, box, limits, FATAL, s)
        end(store, screen, box, limits, s)
    elif kind == CLOSE:
        hide(store, screen, box, limits, s)
        end(store, screen, box, limits, s)
    elif kind == TERMINATE:
        end(store, screen, box, limits, s)
    elif kind == CONFIG:
        take(store, screen, limits, at, s.since)
    elif kind == NO_CONFIG:
        screen.wants_config = 0
    if box.stale:
        rewind(box)
    return box.done


def wake(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> int:
    """Fire the one timer that is due at `box.next_at`; `at` is later only where the page was suspended."""
    timer = box.next_timer
    if timer == FLUSH:
        flush(store, screen, box, limits, at)
    elif timer == START:
        start(store, screen, box, limits, at)
    elif timer == TOUCH:
        box.touch.at = NEVER
        if box.trusted:
            write_touch(store, limits, at)
    elif timer == SETTLE:
        time_page(store, screen, box, limits, at)
    elif timer == VITALS:
        stop_rare(box, box.vitals)
        tag(store, screen, limits, at, box.metrics)
        box.metrics.shown = screen.born_shown
        box.metrics.page = screen.born_page
        box.metrics.stamp = at
        report(store, screen, box, limits, at, box.metrics)
    elif timer == FRAMES:
        draft_stall(box)
        tag(store, screen, limits, at, box.draft)
        report(store, screen, box, limits, at, box.draft)
    else:
        read_entry(store, screen, box, limits, at, box.held[timer])
        let_go(box, timer)
    rewind(box)
    return box.done


def happen(store: Store, screen: Screen, box: Outbox, limits: Limits, kind: int, s: Stimulus) -> None:
    """Report an event of this moment, if its probe is on."""
    if limits.probes >> kind & 1:
        describe(box.draft, kind, s)
        tag(store, screen, limits, s.at, box.draft)
        report(store, screen, box, limits, s.at, box.draft)


def change_state(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Report that the app was launched, came back or went away: `key` is the stimulus."""
    if limits.probes >> STATE & 1:
        describe(box.draft, STATE, s)
        tag(store, screen, limits, s.at, box.draft)
        box.draft.key = s.kind
        report(store, screen, box, limits, s.at, box.draft)


def read_entry(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int, h: Held) -> None:
    """Take what was held back: a request is reported, a static file is tagged and stamped only now, page timings wait to settle."""
    if h.kind == API:
        current(store, limits, at)  # building the event reads the session, to which it need not belong
        report(store, screen, box, limits, at, h)
    elif h.kind == STATIC:
        tag(store, screen, limits, at, h)
        h.stamp = at
        report(store, screen, box, limits, at, h)
    elif screen.timed == 0:
        box.timings.key = h.key
        box.timings.aux = h.aux
        box.timings.ref = h.ref
        box.timings.span = h.span
        arm_rare(box, box.settle, at + limits.settle_delay)


def time_page(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Report the document's timings, as of the moment at which it was loaded."""
    stop_rare(box, box.settle)
    if screen.timed:
        return
    current(store, limits, at)
    box.timings.kind = PERF
    screen.timed = 1
    report(store, screen, box, limits, at, box.timings)


def time_again(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Let the timings that come belong to the session, page view and time of this moment."""
    screen.timed = 0
    tag(store, screen, limits, at, box.timings)
    box.timings.stamp = at


def block(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Take a blocked main thread: as one long frame, or reported at once. Its duration is in us either way."""
    if limits.probes >> STALL & 1 == 0:
        return
    if limits.frame_delay:
        join_frame(screen, box, limits, s.since * 1000, s.at * 1000, s)
        return
    describe(box.draft, limits.anr_kind if s.at - s.since >= limits.anr_least else STALL, s)
    tag(store, screen, limits, s.at, box.draft)
    box.draft.span *= 1000
    report(store, screen, box, limits, s.at, box.draft)


def launch(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Begin: send what the last process left behind, crash included (document: Exception Types), and make a session where the rules say so."""
    if limits.keeps_queue:
        flush(store, screen, box, limits, at)
    else:
        lose(box)
    silence(box)
    store.left = NEVER
    screen.in_view = 0
    screen.page = screen.previous = screen.shown = 0
    begin(store, screen, box, limits, at)
    if screen.blocked == 0:
        open_first(store, limits, at)


def open_first(store: Store, limits: Limits, at: int) -> None:
    """Make the session of a launch, where the rules say so."""
    if limits.launch_opens:
        open_session(store, limits, at)
    elif limits.reads_renew == 0:
        interact(store, limits, at)


def wait(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Take a stimulus while the SDK waits for its configuration: it starts with the answer; else only the page that is shown is noted."""
    if s.kind == NAVIGATE:
        screen.page = s.key
        screen.loading = 0
        screen.entered = s.at
    elif s.kind == BACKGROUND:
        store.left = s.at
    elif s.kind == FOREGROUND:
        store.left = NEVER
    elif s.kind in (CONFIG, NO_CONFIG):
        if s.kind == CONFIG:
            take(store, screen, limits, s.at, s.since)
        screen.wants_config = 0
        start(store, screen, box, limits, s.at)
    elif s.kind in (CLOSE, CRASH, TERMINATE):
        screen.blocked = 0
        end(store, screen, box, limits, s)


def start(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Begin to collect, after having waited: with the page that is shown by now."""
    screen.blocked = 0
    stop_rare(box, box.start)
    open_first(store, limits, at)
    if screen.page:
        store.views += 1
        screen.shown = screen.born_shown = store.views
        screen.born_page = screen.page
        screen.in_view = 1
        screen.entered = at
        box.draft.kind = PV
        box.draft.key = screen.page
        box.draft.aux = box.draft.ref = 0
        box.draft.stamp = at
        box.draft.span = 0
        tag(store, screen, limits, at, box.draft)
        report(store, screen, box, limits, at, box.draft)
        screen.view_session = store.session
        time_again(store, screen, box, limits, at)


def show(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Leave the page, if one is open, and enter the next: a new page view with a new id. The same page again keeps the one before it."""
    leave(store, screen, box, limits, s)
    if limits.reloads and s.aux & ROUTE == 0:
        flush(store, screen, box, limits, s.at)
        silence(box)
        if limits.remote_loads and screen.shown:  # the first document is the launch's
            begin(store, screen, box, limits, s.at)
    store.views += 1
    screen.shown = store.views
    if s.aux & AGAIN == 0:
        screen.previous = screen.page
    screen.page = s.key
    screen.loading = 0
    screen.entered = s.at
    screen.in_view = 1
    happen(store, screen, box, limits, PV, s)
    screen.view_session = store.session
    if s.aux & ROUTE == 0:
        time_again(store, screen, box, limits, s.at)
        screen.born_shown = screen.shown
        screen.born_page = screen.page


def leave(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Report the time spent on the open page, unless the session in which it was entered is over."""
    if screen.in_view and limits.probes >> LEAVE & 1 and screen.view_session == store.session and lives(store, limits, s.at):
        describe(box.draft, LEAVE, s)
        tag(store, screen, limits, s.at, box.draft)
        box.draft.aux = screen.loading
        box.draft.stamp = screen.entered
        box.draft.span = s.at - screen.entered
        report(store, screen, box, limits, s.at, box.draft)
    screen.in_view = 0


def hide(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """Go out of sight: the page is left and the queue sent."""
    leave(store, screen, box, limits, s)
    flush(store, screen, box, limits, s.at)


def end(store: Store, screen: Screen, box: Outbox, limits: Limits, s: Stimulus) -> None:
    """End the page or process, and with it the session where the rules say so (document: Session Termination).

    A queue that survives waits for the next launch, its timer stopped; any other is lost, but closing has flushed it.
    """
    silence(box)
    screen.in_view = screen.wants_config = 0
    if limits.close_ends:
        close(store, s.at, CRASHED if s.kind == CRASH else CLOSED)
    if limits.keeps_queue == 0:
        lose(box)
