"""Which session a device is in (document: Session Lifecycle; FACTS 1), and whether it is sampled (document: Session Sampling; FACTS 2)."""

from simulator.kernel.rnd import LOW, rnd
from simulator.schema.words import AWAY, NEVER, ONGOING, REPLACED, SILENT, TOO_LONG
from simulator.sdk.state import Limits, Store


def open_session(store: Store, limits: Limits, at: int) -> None:
    """Create a session. Its sampling is drawn here, once, and kept with it."""
    store.prior_start, store.prior_sampled = store.start, store.sampled
    store.prior_why = ended(store, limits, at)
    store.prior_end = ended_at(store, limits, at)
    store.end, store.why = NEVER, ONGOING
    store.made += 1
    store.session = store.made
    store.open = 1
    store.draw = rnd(store.key, store.session) & LOW
    store.sampled = 1 if store.draw < (store.rate if store.rate >= 0 else limits.rate) else 0
    store.start = at
    store.last = at


def lives(store: Store, limits: Limits, at: int) -> bool:
    """Tell whether the session has neither ended nor expired; at exactly `overtime` of silence, `max_duration` or `away` it still lives."""
    return store.open == 1 and at - store.last <= limits.overtime and at - store.start <= limits.max_duration and at - store.left <= limits.away


def ended_at(store: Store, limits: Limits, at: int) -> int:
    """Give when the session that does not live on after `at` ended: when it was closed, else at the first limit that it reached."""
    return min(store.end, store.last + limits.overtime, store.start + limits.max_duration, store.left + limits.away, at)


def ended(store: Store, limits: Limits, at: int) -> int:
    """Give why it ended (words.END_REASONS)."""
    end = ended_at(store, limits, at)
    if end == store.last + limits.overtime:
        return SILENT
    if end == store.start + limits.max_duration:
        return TOO_LONG
    if end == store.left + limits.away:
        return AWAY
    return store.why if end == store.end else REPLACED


def close(store: Store, at: int, why: int) -> None:
    """End the session, if it is open; a limit may have ended it before."""
    if store.open:
        store.end, store.why = at, why
    store.open = 0


def current(store: Store, limits: Limits, at: int) -> int:
    """Give the session that a reader sees at `at`; 0 if it is over and reading does not renew it."""
    if lives(store, limits, at):
        return store.session
    if limits.reads_renew:
        open_session(store, limits, at)
        return store.session
    return 0


def interact(store: Store, limits: Limits, at: int) -> None:
    """Keep the session alive, or make a new one if it is over."""
    if not lives(store, limits, at):
        open_session(store, limits, at)
    store.last = at


def write_touch(store: Store, limits: Limits, at: int) -> None:
    """Write a sign of life; if the session is over, make a new one instead."""
    if lives(store, limits, at):
        store.last = at
    else:
        open_session(store, limits, at)
