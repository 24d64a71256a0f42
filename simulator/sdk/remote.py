"""The remote configuration (document: Remote Configuration): which sample rate is in force, and whether the SDK waits for it.

At a launch what was stored is used before any fetch answers. A rate that comes holds for sessions created after it came, and is stored for the
next launch. Remote-first waits: until the answer, or the timeout, nothing is collected but which page is shown.
"""

from simulator.sdk.state import NO_REMOTE, REMOTE_FIRST, Limits, Outbox, Screen, Store
from simulator.sdk.timers import arm_rare


def begin(store: Store, screen: Screen, box: Outbox, limits: Limits, at: int) -> None:
    """Put the rate in force at a launch, and ask for a remote configuration where one is due."""
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
        if limits.remote == REMOTE_FIRST:
            screen.blocked = 1
            arm_rare(box, box.start, at + limits.remote_timeout)


def take(store: Store, screen: Screen, limits: Limits, at: int, rate: int) -> None:
    """Take a remote sample rate: in force at once, for the sessions to come, and stored."""
    if limits.remote != NO_REMOTE:
        screen.wants_config = 0
        store.rate = rate
        store.kept_rate = rate
        store.kept_at = at
