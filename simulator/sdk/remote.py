"""The remote configuration (document: Remote Configuration): which sample rate is in force, and whether the SDK waits for it.

At a launch what was stored is used before any fetch answers. A rate that comes holds for sessions created after it came, and is stored for the
next launch. Remote-first waits: until the answer, or the timeout, nothing is collected but which page is shown.

The real web SDK (FACTS 3) does not wait and never takes what is stored for valid: each document fetches, and what comes holds for sessions created
after the next one has been loaded.
"""

from simulator.sdk.state import NO_REMOTE, REMOTE_FIRST, Limits, Outbox, Screen, Store
from simulator.sdk.timers import arm_rare


def begin(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Put the rate in force at a launch, or where a document is loaded, and ask for a remote configuration where one is due."""
    store.rate = limits.rate
    screen.wants_config = 0
    screen.blocked = 0
    if limits.remote == NO_REMOTE:
        return
    if store.kept_rate >= 0:
        store.rate = store.kept_rate
    if limits.remote_always or store.kept_rate < 0 or at - store.kept_at >= limits.remote_cache:
        screen.wants_config = 1
        store.fetches += 1
        if limits.remote == REMOTE_FIRST and limits.remote_waits:
            screen.blocked = 1
            arm_rare(box, box.start, at + limits.remote_timeout)


def take(store: Store, screen: Screen, limits: Limits, at: int, rate: int) -> None:
    """Take a remote sample rate: in force for the sessions to come, at once or from the next launch, and stored."""
    if limits.remote != NO_REMOTE:
        screen.wants_config = 0
        if limits.remote_later == 0:
            store.rate = rate
        store.kept_rate = rate
        store.kept_at = at
