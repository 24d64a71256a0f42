"""The records that rooms hand to each other. Strings are ids of the profile's intern table; times are int ms since the profile's start.

A stimulus carries no values: what a request took or a page measured is a pure function of the device and `ref` (journey/details.py), drawn again
when the event is written. So queues stay small and nothing has to be freed.
"""

from simulator.kernel.record import i4, i8, record, u1, u2


@record
class Stimulus:
    """Something that happens on a device."""

    at: i8 = 0
    kind: i4 = 0
    key: i4 = 0
    """What it happens to: index of the page, act, API, asset or bug."""
    aux: i8 = 0
    """A second number of the kind: of a navigation whether it is a route change (ROUTE) and the same page again (AGAIN), of vitals the load time."""
    ref: i4 = 0
    """Ordinal on the device: the counter of its draws."""
    since: i8 = 0
    """When it began (`at`, unless it lasts: a request that ends at `at`)."""


@record
class Event:
    """What the SDK reports of a stimulus."""

    stamp: i8 = 0
    """Reported time: the start of what happened."""
    key: i4 = 0
    aux: i8 = 0
    ref: i4 = 0
    number: i4 = 0
    """Ordinal of the event on the device: its id."""
    session: i4 = 0
    """Ordinal of the session on the device; 0: none."""
    shown: i4 = 0
    """Ordinal of the page view on the device: the view id."""
    page: i4 = 0
    previous: i4 = 0
    span: i8 = 0
    """Duration that journey does not draw again: of the stimulus, or the time spent on a page (ms)."""
    times: u2 = 1
    kind: u1 = 0
    fate: u1 = 0
    sampled: u1 = 0
