"""Devices and their advance, for Python: makes the table, enlarges its pools, and hands out what each filling of the buffers holds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from simulator.journey.agenda import PLACES
from simulator.journey.exchange import ROOM
from simulator.journey.population import Device
from simulator.journey.world import World
from simulator.kernel.digest import dots, factors
from simulator.kernel.record import dtype_of, fill, rows
from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.play import advance as loop
from simulator.play import outcomes
from simulator.play.buffers import (
    BYTES,
    COUNTS,
    EVENTS,
    LABELS,
    PAYLOAD_COUNT,
    PRINTED,
    ROW_CAPACITY,
    SESSIONS,
    SUMS,
    Buffers,
    EventOut,
    LabelOut,
    PayloadOut,
    SessionOut,
)
from simulator.play.columns import Filled, arrays, views
from simulator.play.drawer import Drawer, Late
from simulator.play.entries import copy_all
from simulator.play.memory import Memory
from simulator.play.model import Model, event_bytes, make
from simulator.play.pool import FIRST, Pool, has_room
from simulator.play.requests import BLANK, bytes_of, find_heads, put_requests
from simulator.play.rest import Rest, get_up_session
from simulator.play.seat import COLUMNS, NOTHING, PAYLOADS, ROWS, Desk, Frame, Table
from simulator.profile import starters
from simulator.profile.loader import parse
from simulator.schema.ledger import EVENT_ROW, PAYLOAD_ROW, SESSION_ROW
from simulator.schema.records import Event, Stimulus
from simulator.schema.values import ARRIVED, SLOTS, STAMP
from simulator.schema.words import ONGOING
from simulator.sdk.session import ended, ended_at, lives
from simulator.sdk.state import HELD, QUEUE, Held, Limits, Store
from simulator.wire.columns import Cell, Grid, Names, Plan
from simulator.wire.layout import MEMO, Formats, Op, Span, Text
from simulator.wire.posts import Posts

TEXT_BYTES: Final = 4 << 20
MADE_ROWS: Final = 1 << 10
"""Rows of the buffers where each is an object and they are not kept: making as many as compiled code has takes 0.1 s."""
POOLS: Final = {"drawers": (Drawer, 1), "late": (Late, 1), "planned": (Stimulus, PLACES), "held": (Held, HELD), "queued": (Event, QUEUE)}
"""Of which records each pool is, and how many of them a device can have."""
RESERVED: Final = 2  # assumed: places for each device for which addresses are set aside, not memory; what needs more moves
Rows = np.ndarray[Any, Any]
NO_NAMES: Final = Names((), (), frozenset(), frozenset(), widest=0, words=0)
"""Of the columns of a cohort that prints none."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One filling: rows of play/buffers.py and the text. Valid until the next is asked for."""

    _buffers: Buffers
    columns: Filled
    """Of this filling and those before, until they are cleared."""

    @property
    def sessions(self) -> Rows:
        """Sessions that began, or were first met."""
        return self._rows(SessionOut, self._buffers.sessions, SESSIONS)

    @property
    def events(self) -> Rows:
        """Events that have got their fate."""
        return self._rows(EventOut, self._buffers.events, EVENTS)

    def entries(self, first: int) -> tuple[Rows, Rows, Rows]:
        """Give sessions, payloads and events as rows of the ledger; the chunk's first payload has the number `first`. Compiled chunks only."""
        counts = self._buffers.counts
        found = np.empty(counts[SESSIONS], SESSION_ROW), np.empty(counts[PAYLOAD_COUNT], PAYLOAD_ROW), np.empty(counts[EVENTS], EVENT_ROW)
        twin(copy_all)(self._buffers, first, *found)
        return found

    def bytes_of(self, ends: Rows, which: Rows) -> int:
        """Give for how many bytes `requests` needs room."""
        return bytes_of(ends, which, self.payloads)

    def requests(self, pool: Rows, ends: Rows, which: Rows, out: Rows) -> Rows:
        """Write payloads as requests, one behind the other; give where each begins and the last ends. The arguments are as in play/requests.py.

        Compiled chunks only.
        """
        places = np.zeros(len(which) + 1, np.int64)
        twin(put_requests)(pool, ends, which, self.payloads, self._buffers.text, out, places)
        return places

    @property
    def payloads(self) -> Rows:
        """Payloads, if those are printed."""
        return self._rows(PayloadOut, self._buffers.payloads, PAYLOAD_COUNT)

    @property
    def labels(self) -> Rows:
        """Incidents that have met visits."""
        return self._rows(LabelOut, self._buffers.labels, LABELS)

    def _rows(self, kind: type, values: Any, place: int) -> Rows:  # noqa: ANN401
        found = values[: self._buffers.counts[place]]
        return rows(kind, found) if isinstance(found, list) else found

    @property
    def text(self) -> memoryview:
        """What was printed."""
        return memoryview(self._buffers.text)[: self._buffers.counts[BYTES]]

    @property
    def printed(self) -> int:
        """How many rows were printed."""
        return int(self._buffers.counts[PRINTED])

    @property
    def digest(self) -> int:
        """The sum of their hashes, or of those of payloads."""
        return sum(int(self._buffers.counts[SUMS + i]) << 32 * i for i in range(4))

    @property
    def compiled(self) -> bool:
        """Whether compiled code has filled the buffers."""
        return not isinstance(self._buffers.events, list)


class Cohort:
    """Devices `first` .. `first + count - 1`, played from `begin` on (ms since the profile's start); the past before it is lived, not emitted.

    `epoch` turns ms since the profile's start into emitted times. `prints`: one of seat.ROWS, PAYLOADS, POSTED, COLUMNS, PACKED, NOTHING. Columns
    stay in `columns` until the caller clears them, which it must when they are full. `digests`: those of events in payloads are taken, too. `memory`:
    that of a cohort which is done with, and with all that it has handed out.
    """

    def __init__(
        self,
        model: Model,
        first: int,
        count: int,
        *,
        begin: int,
        epoch: int,
        prints: int,
        digests: bool = False,
        compiled: bool = True,
        memory: Memory | None = None,
    ) -> None:
        """Seat the devices and live their past up to `begin`."""
        self.first, self.count = first, count
        self.begin_ms = epoch + begin
        """As an emitted time."""
        self._limits, self._epoch = model.limits, epoch
        self._compiled = compiled
        by = factors(SLOTS)
        since = dots([epoch if slot in (STAMP, ARRIVED) else 0 for slot in range(SLOTS)], by, 0, SLOTS)
        longest = event_bytes(model, prints)
        frame = Frame(begin, epoch, longest, prints, digests, by.ravel() if compiled else by, *since)
        text_bytes = TEXT_BYTES + (QUEUE + loop.ENVELOPES) * longest
        if ROW_CAPACITY <= QUEUE:
            raise AssertionError(f"buffers of {ROW_CAPACITY} rows cannot hold what one step gives: {QUEUE}")
        bodies = _Compiled if compiled else _Interpreted
        capacity = ROW_CAPACITY if compiled or memory is not None else min(ROW_CAPACITY, MADE_ROWS)
        memory = memory or Memory()
        names = model.names if prints == COLUMNS else None
        body = memory.get("columns", (names, text_bytes), lambda: arrays(names, text_bytes))
        self.columns = Filled(body, names or NO_NAMES, compiled=compiled)
        self._bodies = bodies
        self._table = bodies.table(model, count, frame, memory)
        buffers = memory.get("buffers", (compiled, text_bytes), lambda: bodies.buffers(text_bytes, capacity))
        self._buffers = buffers._replace(columns=body if compiled else views(body))
        self._begin_filling()
        self._advance: Callable[..., int] = twin(loop.advance) if compiled else loop.advance
        populate = twin(loop.populate) if compiled else loop.populate
        populate(self._table, first, begin - model.lead)
        for _ in self.advance(begin):
            raise AssertionError("something was emitted before the beginning")

    def advance(self, until: int) -> Iterator[Chunk]:
        """Play up to `until` (excluded) and yield what comes of it, device after device."""
        counts = self._buffers.counts
        seat = 0
        while True:
            seat = self._advance(self._table, self._buffers, seat, until)
            done = seat >= self.count
            if counts[EVENTS] or counts[SESSIONS] or counts[LABELS]:
                yield Chunk(self._buffers, self.columns)
                self._begin_filling()
            if done:
                return
            self._make_room()

    def _make_room(self) -> None:
        """Let pools in which a device more might not find room be twice as large."""
        for name, (kind, most) in POOLS.items():
            pool = getattr(self._table, name)
            if not has_room(pool.links, most):
                self._table = self._table._replace(**{name: self._bodies.more(pool, kind)})

    def _begin_filling(self) -> None:
        self._buffers.counts[:] = [0] * COUNTS
        self._buffers.memo[:] = [-1] * MEMO

    def visits(self) -> int:
        """Count the visits begun so far, those before the beginning included."""
        rests = self._table.rests
        return int(rests["begun"].sum()) if self._compiled else sum(rest.begun for rest in rests)

    def ends(self, until: int) -> Iterator[tuple[int, int, int, int]]:
        """Give device, session, end (an emitted time) and reason of each device's latest session, as it is at `until`."""
        for rest in self._table.rests:
            store, at = Store(), _plain(rest) if self._compiled else rest
            get_up_session(at, store)
            limits = self._limits[at.device.edition]
            if store.session:
                why = ONGOING if lives(store, limits, until) else ended(store, limits, until)
                yield at.device.number, store.session, self._epoch + ended_at(store, limits, until), why


def _plain(row: Any) -> Rest:  # noqa: ANN401
    """Make a row an object; of its device it has the number and the edition."""
    device = Device(number=int(row["device"]["number"]), edition=int(row["device"]["edition"]))
    return Rest(device, **{name: int(row[name]) for name in row.dtype.names if name != "device"})


def warm_up(model: Model | None = None) -> None:
    """Compile, or load what was compiled before: once per process, before any event loop runs. It takes some model; what follows is the same."""
    outcomes.warm_up()
    model = model or make(parse(starters.read("shop"), "shop.toml"), 1)
    hour = 3_600_000
    for prints in (ROWS, PAYLOADS):
        for chunk in Cohort(model, 0, 8, begin=0, epoch=0, prints=prints).advance(hour):
            chunk.entries(0)
            if prints == PAYLOADS:
                some, which = np.zeros(1, np.int64), np.zeros(len(chunk.payloads), np.int64)
                twin(find_heads)(chunk.payloads, np.zeros(len(model.limits), np.int64), some, some, which)
                which[:] = 0
                ends = np.full(2, len(BLANK))
                chunk.requests(np.zeros(len(BLANK) + SLACK, np.uint8), ends, which, np.empty(chunk.bytes_of(ends, which), np.uint8))
    _bodies_of.cache_clear()  # the model may not be used again


class _Interpreted:
    """The table as lists of Python records."""

    @staticmethod
    def table(model: Model, count: int, frame: Frame, _: Memory) -> Table:
        formats, posted, grid = model.tables(frame.prints)
        return Table(
            rests=[Rest() for _ in range(count)],
            next_at=[0] * count,
            desks=[Desk()],
            **{name: _Interpreted.pool(kind, most) for name, (kind, most) in POOLS.items()},
            worlds=[model.world],
            limits=model.limits,
            frames=[frame],
            formats=formats,
            posted=posted,
            posts=model.posts,
            grid=grid,
            values=[0] * SLOTS,
        )

    @staticmethod
    def buffers(text_bytes: int, n: int) -> Buffers:
        return Buffers(
            [0] * COUNTS,
            [SessionOut() for _ in range(n)],
            [EventOut() for _ in range(n)],
            [PayloadOut() for _ in range(n)],
            [LabelOut() for _ in range(n)],
            bytearray(text_bytes),
            [-1] * MEMO,
            columns=None,
        )

    @staticmethod
    def pool(kind: type, most: int) -> Pool:
        size = most + FIRST + 1
        return Pool([kind() for _ in range(size)], [0] * size)

    @staticmethod
    def more(pool: Pool, kind: type) -> Pool:
        size = len(pool.rows)
        return Pool([*pool.rows, *(kind() for _ in range(size))], [*pool.links, *[0] * size])


class _Compiled:
    """The table as numpy structured arrays."""

    @staticmethod
    def table(model: Model, count: int, frame: Frame, memory: Memory) -> Table:
        # np.empty: all is written before it is read, and what is not written takes no memory
        rests = memory.get("rests", count, lambda: np.empty(count, dtype_of(Rest)))
        desks = np.empty(1, dtype_of(Desk))
        blank(desks, Desk)
        worlds, limits, formats, posted, posts, grid = _bodies_of(model, frame.prints)
        return Table(
            rests=rests,
            next_at=np.zeros(count, np.int64),
            desks=desks,
            **{name: _Compiled.pool(name, count, memory) for name in POOLS},
            worlds=worlds,
            limits=limits,
            frames=rows(Frame, [frame]),
            formats=formats,
            posted=posted,
            posts=posts,
            grid=grid,
            values=np.zeros(SLOTS + (0 if frame.prints == NOTHING else ROOM), np.int64),
        )

    @staticmethod
    def buffers(text_bytes: int, n: int) -> Buffers:
        return Buffers(
            np.zeros(COUNTS, np.int64),
            np.empty(n, dtype_of(SessionOut)),
            np.empty(n, dtype_of(EventOut)),
            np.empty(n, dtype_of(PayloadOut)),
            np.empty(n, dtype_of(LabelOut)),
            np.empty(text_bytes, np.uint8),
            np.full(MEMO, -1, np.int64),
            columns=None,
        )

    @staticmethod
    def pool(name: str, count: int, memory: Memory) -> Pool:
        kind, most = POOLS[name]
        size = count * min(most, RESERVED) + most + FIRST + 1
        return Pool(memory.get(name, size, lambda: np.empty(size, dtype_of(kind))), np.zeros(size, np.int32))

    @staticmethod
    def more(pool: Pool, kind: type) -> Pool:
        size = len(pool.rows)
        return Pool(np.concatenate([pool.rows, np.empty(size, dtype_of(kind))]), np.concatenate([pool.links, np.zeros(size, np.int32)]))


def blank(some: Rows, kind: type) -> None:
    """Make rows those of new records: copied as bytes, since numpy copies what has fields field by field."""
    some.view(np.uint8).reshape(len(some), -1)[:] = _new(kind).view(np.uint8)


@cache
def _new(kind: type) -> Rows:
    return rows(kind, [kind()])


@lru_cache(maxsize=1)
def _bodies_of(model: Model, prints: int) -> tuple[Rows, Rows, Formats, Formats, Posts, Grid]:
    """Give what all cohorts of a model read and none writes: filling it takes as long as playing a small cohort for an hour."""
    worlds = np.zeros(1, dtype_of(World))
    fill(worlds[0], model.world)
    formats, posted, grid = model.tables(prints)
    grid = Grid(rows(Cell, grid.cells), rows(Plan, grid.plans), _body_of(grid.formats))
    limits, spans, pool = model.posts
    posts = Posts(np.array(limits, np.int64), rows(Span, spans), np.frombuffer(pool, np.uint8))
    return worlds, rows(Limits, model.limits), _body_of(formats), _body_of(posted), posts, grid


def _body_of(f: Formats) -> Formats:
    return Formats(rows(Op, f.ops), rows(Span, f.programs), rows(Text, f.texts), rows(Text, f.quoted), np.frombuffer(f.pool, np.uint8), None)
