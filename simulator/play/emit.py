"""What is written down of events that have got their fate, and how those that are sent are printed: as rows or columns, or in payloads."""

from simulator.journey.details import page_name, page_number, write
from simulator.journey.world import World
from simulator.kernel.digest import dots, xxh64
from simulator.kernel.rnd import bits, rnd
from simulator.kernel.text import put
from simulator.kernel.twin import compiled_as, inlined
from simulator.play.buffers import BYTES, EVENTS, PAYLOAD_COUNT, PRINTED, SUMS, Buffers, EventOut
from simulator.play.ids import high_half, low_half
from simulator.play.seat import COLUMNS, NOTHING, PACKED, PAYLOADS, POSTED, Desk, Frame, Seat, Table
from simulator.profile.editions import EDITIONS
from simulator.schema.ledger import NO_PAYLOAD
from simulator.schema.records import Event
from simulator.schema.streams import DEVICE_ID, EVENT_KEY, SESSION_ID, USER_ID, VIEW_ID
from simulator.schema.values import (
    APP,
    APP_NUMBER,
    ARM,
    ARRIVED,
    COUNTRY,
    DEVICE,
    DEVICE_LOW,
    EVENT_ID,
    EVENT_SLOTS,
    MODEL,
    NETWORK,
    OS_NAME,
    OS_VERSION,
    OWN_VIEW,
    OWN_VIEW_LOW,
    OWN_VIEW_NAME,
    OWN_VIEW_NUMBER,
    SESSION,
    SESSION_LOW,
    SHOWN,
    SHOWN_LOW,
    SLOTS,
    STAMP,
    TIMES,
    USER,
    USER_LOW,
    USER_NAME,
    VERSION,
    VIEW,
    VIEW_LOW,
    VIEW_NAME,
    VIEW_NUMBER,
)
from simulator.schema.words import ABSENT, EVENT_KINDS, SENT, TYPE_OF
from simulator.sdk.state import Outbox
from simulator.wire.arms import EVENTS_CLOSE, EVENTS_OPEN, HEAD, TAIL
from simulator.wire.arms import PROGRAMS as ARMS_PROGRAMS
from simulator.wire.columns import tell
from simulator.wire.layout import BEGINS, BLOCK, DEVICE_BLOCK, OF, PAGE_BLOCK, SESSION_BLOCK
from simulator.wire.pack import pack
from simulator.wire.posts import put_end, put_head
from simulator.wire.render import render, render_rarely

FIRST_ROW_PROGRAM = len(EDITIONS) * ARMS_PROGRAMS
KINDS = len(EVENT_KINDS)
COMMA = 44
OWN = EVENT_SLOTS + -EVENT_SLOTS % 8
"""Slots that are summed up for each row: its own, and so many that eight are taken at a time."""
NO_VALUES = [ABSENT] * EVENT_SLOTS
HASHED_FIRST, HASHED_EACH = 119, 31
"""What tells the hashes of kinds of events apart, by edition: any numbers, so long as they stay as they are."""


@inlined
def emit(table: Table, out: Buffers, w: World, frame: Frame, seat: Seat, desk: Desk, at: int) -> None:
    """Write down the events that have got their fate, and print those that are sent."""
    v, memo = table.values, out.memo
    if turns(memo, DEVICE_BLOCK, seat.device.number, seat.who.release, 0):
        introduce(w, seat, v)
        turns(memo, PAGE_BLOCK, 0, 0, 0)
    v[ARRIVED] = frame.epoch + at
    if frame.prints in (PAYLOADS, POSTED):
        enclose(table, out, w, frame, seat, desk.box, at)
    else:
        put_rows(table, out, w, frame, seat, desk.box)


@inlined
def put_rows(table: Table, out: Buffers, w: World, frame: Frame, seat: Seat, box: Outbox) -> None:
    """Print those that are sent as rows."""
    v, memo, edition = table.values, out.memo, seat.device.edition
    key, session, name = seat.device.key ^ SESSION_ID, 0, 0
    o = out.counts[BYTES]
    known, context_low, context_high = False, 0, 0
    for j in range(box.done):
        e = box.queue[j]
        if e.session != session:
            session, name = e.session, high_half(key, e.session) if e.session else 0
        row = write_down(out, frame, seat, e, name, o)
        if e.fate != SENT or frame.prints == NOTHING:
            continue
        describe(w, row, seat, e, v)
        if turns(memo, PAGE_BLOCK, e.session, e.shown, e.page):
            bind(seat, e, v)
            show(w, seat, e.shown, e.page, v)
            locate(w, seat, e, v)
            known, memo[BLOCK * SESSION_BLOCK + BEGINS] = False, -1
        program = edition * KINDS + e.kind
        if frame.prints == COLUMNS:
            o += tell(table.grid, program, v, memo, out.columns)
        elif frame.prints == PACKED:
            o = pack(table.grid.formats, program, v, memo, out.text, o)
        else:
            o = render(table.formats, FIRST_ROW_PROGRAM + program, v, memo, out.text, o)
        row.length = o - row.begins
        if not known:
            context_low, context_high = dots(v, frame.by, OWN, SLOTS)
            known = True
        low, high = dots(v, frame.by, 0, OWN)
        low, high = hashed(frame, edition, e.kind, low + context_low, high + context_high)
        add_hash(out.counts, low, high)
        out.counts[PRINTED] += 1
    out.counts[BYTES] = o


@inlined
def enclose(table: Table, out: Buffers, w: World, frame: Frame, seat: Seat, box: Outbox, at: int) -> None:
    """Print those that are sent in payloads, each of events of one session."""
    v, memo, edition = table.values, out.memo, seat.device.edition
    formats = table.posted if frame.prints == POSTED else table.formats
    key, session, name = seat.device.key ^ SESSION_ID, 0, 0
    o, j = out.counts[BYTES], 0
    while j < box.done:
        e = box.queue[j]
        if e.session != session:
            session, name = e.session, high_half(key, e.session) if e.session else 0
        if e.fate != SENT:
            write_down(out, frame, seat, e, name, o)
            j += 1
            continue
        starts, first, payload = o, out.counts[EVENTS], out.counts[PAYLOAD_COUNT]
        out.counts[PAYLOAD_COUNT] += 1
        p = out.payloads[payload]
        p.device, p.edition, p.due, p.events = seat.device.number, edition, frame.epoch + at, count_on(box, j)
        p.model, p.country = seat.device.model, seat.device.country
        bind(seat, e, v)
        show(w, seat, box.sent_shown, box.sent_page, v)
        p.session = v[SESSION]
        if frame.prints == POSTED:
            o = put_head(table.posts, 2 * edition, p, out.text, o)
        p.begins = o
        o = render_rarely(formats, edition * ARMS_PROGRAMS + HEAD, v, memo, out.text, o)
        events, low, high = 0, 0, 0
        while events < p.events:
            e = box.queue[j]
            j += 1
            if e.session != session:
                session, name = e.session, high_half(key, e.session) if e.session else 0
            row = write_down(out, frame, seat, e, name, o)
            if e.fate != SENT:
                continue
            if events:
                out.text[o] = COMMA
                o += 1
            events += 1
            describe(w, row, seat, e, v)
            locate(w, seat, e, v)
            own = v[OWN_VIEW_NAME]
            if e.shown == box.sent_shown:
                v[OWN_VIEW] = v[OWN_VIEW_NAME] = ABSENT
            row.begins, row.payload = o, payload
            o = render(formats, edition * ARMS_PROGRAMS + e.kind, v, memo, out.text, o)
            v[OWN_VIEW_NAME] = own  # the digest has it even where it is not printed
            row.length = o - row.begins
            if frame.digests == 0:
                more_low, more_high = dots(v, frame.by, 0, SLOTS)
                more_low, more_high = hashed(frame, edition, e.kind, more_low, more_high)
                low, high = bits(low, more_low), bits(high, more_high)
        o = render_rarely(formats, edition * ARMS_PROGRAMS + TAIL, v, memo, out.text, o)
        p.length = o - p.begins
        add_hash(out.counts, low, high)
        if frame.prints == POSTED:
            o = put_end(table.posts, edition, p, out.text, starts, o)
        elif frame.digests:
            digest(out, first, payload)
    out.counts[BYTES] = o


def count_on(box: Outbox, begins: int) -> int:
    """Count the events of a payload, of which the first is given: those that are sent until one of another session is."""
    events = 0
    for i in range(begins, box.done):
        e = box.queue[i]
        if e.fate == SENT:
            if e.session != box.queue[begins].session:
                break
            events += 1
    return events


@inlined
def write_down(out: Buffers, frame: Frame, seat: Seat, e: Event, session: int, o: int) -> EventOut:
    """Write an event down, whose bytes, if it has any, begin at `o`. `session`: the beginning of its session's id, 0: it has none."""
    row: EventOut = out.events[out.counts[EVENTS]]
    out.counts[EVENTS] += 1
    row.event = bits(seat.device.key ^ EVENT_KEY, e.number)
    row.session = session
    row.device = seat.device.number
    row.type = TYPE_OF[e.kind]
    row.fate = e.fate
    row.timestamp = frame.epoch + seat.device.clock + e.stamp
    row.payload = NO_PAYLOAD
    row.begins = o
    row.length = 0
    return row


@inlined
def turns(memo: list[int], block: int, of: int, second: int, third: int) -> bool:
    """Tell whether a row's block is of something else than that of the row before; then it is to be printed."""
    k = BLOCK * block
    if memo[k + OF] == of and memo[k + OF + 1] == second and memo[k + OF + 2] == third:
        return False
    memo[k + BEGINS], memo[k + OF], memo[k + OF + 1], memo[k + OF + 2] = -1, of, second, third
    return True


@inlined
def hashed(frame: Frame, edition: int, kind: int, low: int, high: int) -> tuple[int, int]:
    """Give the halves of a row's hash, from the sums of its slots, whatever the format. Times count from the profile's start: epochs are taken off.

    Subtle: slots are summed up when the row has been printed, so that, written one by one, they can be read many at once without a wait.
    """
    mixed = HASHED_FIRST + edition * HASHED_EACH + kind
    return bits(low - frame.low_epoch, mixed), bits(high - frame.high_epoch, mixed)


@inlined
def add_hash(counts: list[int], low: int, high: int) -> None:
    """Add a hash; quarters are added, so that no sum leaves 64 bits."""
    counts[SUMS] += low & 0xFFFFFFFF
    counts[SUMS + 1] += low >> 32 & 0xFFFFFFFF
    counts[SUMS + 2] += high & 0xFFFFFFFF
    counts[SUMS + 3] += high >> 32 & 0xFFFFFFFF


def digest(out: Buffers, first: int, payload: int) -> None:
    """Take the digests (schema/ledger.py) of the events of the payload that was finished last; its first event is in row `first`."""
    p, text = out.payloads[payload], out.text
    last, ends = first, p.begins + p.length
    for i in range(first, out.counts[EVENTS]):
        if out.events[i].payload == payload:
            last = i
    before = out.events[first].begins - len(EVENTS_OPEN) - p.begins
    after = out.events[last].begins + out.events[last].length + len(EVENTS_CLOSE)
    # the envelope is put together behind the payload, where the next one will stand
    put(text, put(text, ends, text, p.begins, before), text, after, ends - after)
    envelope = xxh64(text, ends, before + ends - after, 0)
    for i in range(first, last + 1):
        row = out.events[i]
        if row.payload == payload:
            row.digest = xxh64(text, row.begins, row.length, envelope)


def introduce(w: World, seat: Seat, v: list[int]) -> None:
    """Fill in the slots of the device."""
    d = seat.device
    model = w.models[d.model]
    v[USER] = rnd(d.key ^ USER_ID, 0)
    v[USER_LOW] = rnd(d.key ^ USER_ID, 1)
    v[USER_NAME] = d.name or ABSENT
    v[DEVICE], v[DEVICE_LOW] = high_half(d.key ^ DEVICE_ID, 0), low_half(d.key ^ DEVICE_ID, 0)
    v[MODEL], v[OS_NAME], v[OS_VERSION] = model.name, model.os_name, model.os_version
    v[COUNTRY] = d.country
    v[NETWORK] = w.networks[d.network].model
    v[APP], v[APP_NUMBER] = w.app, d.tenant
    v[VERSION] = w.tables[w.versions + 1 + seat.who.release]
    v[ARM] = w.tables[w.arm_names + 1 + d.arm] if w.tables[w.arm_names] else ABSENT


def bind(seat: Seat, e: Event, v: list[int]) -> None:
    """Fill in the slots of the event's session."""
    key = seat.device.key ^ SESSION_ID
    v[SESSION], v[SESSION_LOW] = high_half(key, e.session), low_half(key, e.session)


def describe(w: World, row: EventOut, seat: Seat, e: Event, v: list[int]) -> None:
    """Fill in the event's own slots."""
    clear(v)
    write(w, seat.device, e, v)
    v[STAMP] = row.timestamp
    v[TIMES] = e.times
    v[EVENT_ID] = row.event


def _clear(v: list[int]) -> None:
    for i in range(EVENT_SLOTS):
        v[i] = ABSENT


@compiled_as(_clear)
def clear(v: list[int]) -> None:
    """Empty the event's own slots."""
    v[:EVENT_SLOTS] = NO_VALUES


def show(w: World, seat: Seat, shown: int, page: int, v: list[int]) -> None:
    """Fill in the slots of the view in the envelope."""
    key = seat.device.key ^ VIEW_ID
    v[VIEW], v[VIEW_LOW] = high_half(key, shown), low_half(key, shown)
    v[VIEW_NAME], v[VIEW_NUMBER] = page_name(w, seat.device, page), page_number(w, seat.device, page)


def locate(w: World, seat: Seat, e: Event, v: list[int]) -> None:
    """Fill in the slots of the event's own view."""
    key = seat.device.key ^ VIEW_ID
    v[SHOWN], v[SHOWN_LOW] = v[OWN_VIEW], v[OWN_VIEW_LOW] = high_half(key, e.shown), low_half(key, e.shown)
    v[OWN_VIEW_NAME], v[OWN_VIEW_NUMBER] = page_name(w, seat.device, e.page), page_number(w, seat.device, e.page)
