"""The records of a device in play, and what they are played with."""

from typing import Any, Final, NamedTuple

from simulator.journey.agenda import Agenda
from simulator.journey.population import Device
from simulator.journey.visitor import Visitor
from simulator.kernel.record import i4, i8, many, one, record, u1
from simulator.play.pool import Pool
from simulator.schema.records import Stimulus
from simulator.schema.values import SLOTS
from simulator.schema.words import NEVER
from simulator.sdk.state import Outbox, Screen, Store

NOT_YET: Final = -1
ROWS, PAYLOADS, COLUMNS, PACKED, NOTHING, POSTED = range(6)
"""What an advance prints: stored rows as JSON, payloads, rows as columns, or as msgpack; or nothing, to see what journey and SDK alone cost; or
payloads as rows of JSON, their bodies as they stand inside strings."""


@record
class Seat:
    """A device that is played. Between two advances it is a Rest (rest.py), and a Drawer while something is under way (drawer.py)."""

    device: Device = one(Device)
    who: Visitor = one(Visitor)
    store: Store = one(Store)
    screen: Screen = one(Screen)
    asked: i4 = 0
    """Ordinal of the latest fetch of a remote configuration that is on its way, or was."""
    noted: i4 = NOT_YET
    """Ordinal of the latest session that has been written down; NOT_YET before the device is played past the run's beginning."""
    labels: i8 = 0
    """Bits of the incidents that have been written down"""
    labelled_visit: i4 = 0
    """for this visit"""
    labelled_session: i4 = 0
    """and this session."""


@record
class Desk:
    """Where devices are played, one after the other."""

    seat: Seat = one(Seat)
    agenda: Agenda = one(Agenda)
    box: Outbox = one(Outbox)
    stimulus: Stimulus = one(Stimulus)
    answer_at: i8 = NEVER
    """When the answer to a fetch of a remote configuration comes."""


@record
class Frame:
    """How to play. Times in ms since the profile's start; `epoch` turns them into emitted times."""

    begin: i8 = 0
    """What is flushed before this is not emitted."""
    epoch: i8 = 0
    event_bytes: i8 = 0
    prints: u1 = ROWS
    digests: u1 = 0
    """Of the events in payloads, for a ledger."""
    by: Any = many(2 * SLOTS, of="i8")
    """Factors of the lower half of a row's hash, then of the upper,"""
    low_epoch: i8 = 0
    high_epoch: i8 = 0
    """and what `epoch` adds to either sum."""


class Table(NamedTuple):
    """All that an advance works on: arrays of records when compiled, lists of them when interpreted."""

    rests: Any
    """By device,"""
    next_at: Any
    """and when something happens next: apart, since each advance looks at all of them."""
    desks: Any
    """One."""
    drawers: Pool
    late: Pool
    planned: Pool
    held: Pool
    queued: Pool
    """Of drawers, and of what lies in them."""
    worlds: Any
    limits: Any
    frames: Any
    formats: Any
    posted: Any
    """Those of payloads inside strings"""
    posts: Any
    """and what stands around them (wire/posts.py)."""
    grid: Any
    """How rows become columns (wire/columns.py); its formats pack rows, too."""
    values: Any
