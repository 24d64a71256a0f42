"""The words that all rooms share, as plain integers: compiled code freezes them, the interpreter reads them fast.

Rules of the file: a word has one meaning (ARCHITECTURE's table in docs/); tuples of names stand beside the numbers so that people never read a
number; nothing here is a wire name.
"""

from typing import Final

NEVER: Final = 1 << 61
"""A time (ms) that does not come; small enough that adding a duration to it cannot overflow int64."""
ABSENT: Final = -(1 << 61)
"""A slot without a value: the field is left out of the row."""

# Stimuli: what happens on a device.
(
    LAUNCH,  # the app's process starts, or the page of an origin opens first
    FOREGROUND,
    BACKGROUND,
    NAVIGATE,  # another page is shown
    TAP,
    CLICK,
    UNTRUSTED,  # a click made by a script
    SCROLL,
    BEGIN,  # an API call has begun
    REQUEST,  # an API call has ended
    ASSET,  # a static file has been loaded
    PAINT,  # the page has been loaded and measured
    VITALS,  # the vitals of the first input are known
    THROW,  # an error nobody caught
    REPORT,  # an error that the application caught and reports
    CRASH,  # the process dies of an error
    BLOCK,  # the main thread was blocked, or frames were dropped
    FRAME,  # a long frame, measured in us
    NOTE,  # an event that the application reports itself
    HIDE,
    SHOW,
    CLOSE,  # the last page of the origin closes
    TERMINATE,  # the process ends
    CONFIG,  # a remote configuration has come: `since` is its sample rate as a 31-bit threshold
    NO_CONFIG,  # it could not be fetched
    TURN,  # for the walk only: time to decide what comes next
) = range(26)
STIMULI: Final = (
    "launch", "foreground", "background", "navigate", "tap", "click", "untrusted", "scroll", "begin", "request", "asset", "paint", "vitals",
    "throw", "report", "crash", "block", "frame", "note", "hide", "show", "close", "terminate", "config",
    "no_config", "turn",
)  # fmt: skip
ROUTE, AGAIN = 1, 2
"""Bits of a navigation's `aux`: a change of route within the document or process; the same page again, which keeps its number and referrer."""

# Event types: the five of the product document (Collected Event Types).
VIEW, ACTION, RESOURCE, EXCEPTION, LONG_TASK = range(5)
EVENT_TYPES: Final = ("view", "action", "resource", "exception", "longTask")

# Event kinds: what a probe reports. Each has one event type and one list of fields.
(
    PV,
    PERF,
    VITAL,
    LEAVE,
    PRESS,
    SWEEP,
    API,
    STATIC,
    ERROR,
    REPORTED,  # an error that the application caught
    FATAL,
    STALL,
    ANR,  # reported as a performance issue
    ANR_ERROR,  # reported as an exception
    STATE,  # the app was launched, came to the foreground, went to the background
    OWN,  # what the application reports itself; it has no fields of ours, so only scripts use it
) = range(16)
EVENT_KINDS: Final = (
    "pv", "perf", "webvitals", "leave", "press", "sweep", "api", "static", "error", "reported", "fatal", "stall", "anr", "anr_error",
    "state",
)  # fmt: skip
ALL_KINDS: Final = (1 << (OWN + 1)) - 1
"""Bits of all event kinds."""
OTHER: Final = len(EVENT_TYPES)
"""The event type of all that is none of the five."""
TYPE_OF: Final = (
    VIEW, VIEW, VIEW, VIEW, ACTION, ACTION, RESOURCE, RESOURCE, EXCEPTION, EXCEPTION, EXCEPTION, LONG_TASK, LONG_TASK,
    EXCEPTION, OTHER, OTHER,
)  # fmt: skip
"""The event type of each event kind."""

# Fates of an event in the outbox.
QUEUED, SENT, SAMPLED_OUT, DROPPED_NO_SESSION, DROPPED_STALE, LOST = range(6)
FATES: Final = ("queued", "sent", "sampled_out", "dropped(no_session)", "dropped(stale)", "lost")
"""dropped(stale): its session was over when the queue was sent; lost: its page closed before."""

# Outcomes of a payload (CONTRACTS, Ledger).
PLANNED, ACKNOWLEDGED, REFUSED, AMBIGUOUS, FAILED, CUT = range(6)
OUTCOMES: Final = ("planned", "acknowledged", "refused", "ambiguous", "failed", "cut")
"""failed: nothing was sent (no connection); ambiguous: sent, no answer; cut: the run ended before it was sent."""

# How an SDK sends a payload.
BEACON, XHR, POST = range(3)
VIAS: Final = ("beacon", "xhr", "post")

# How a session ends.
ONGOING, CLOSED, CRASHED, SILENT, TOO_LONG, AWAY, REPLACED = range(7)
END_REASONS: Final = ("", "closed", "crashed", "overtime", "max_duration", "background", "launch")
"""closed: its last page or its process; background: for longer than the limit; launch: another launch made a session of its own."""

# Platforms, in the order of the tables.
WEB, MINIPROGRAM, IOS, ANDROID = range(4)
PLATFORMS: Final = ("web", "miniprogram", "ios", "android")
