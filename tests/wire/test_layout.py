"""A format is a list of operations; what needs an absent slot is left out, and what is left is JSON."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.play import seat
from simulator.play.model import NUMBER_BYTES, Model, event_bytes
from simulator.profile import editions
from simulator.profile.strings import NUMBER
from simulator.schema import values as slot
from simulator.schema.columns import DATASET_COLUMNS, ENVELOPE
from simulator.schema.values import SLOTS
from simulator.schema.words import ABSENT, EVENT_KINDS, EVENT_TYPES, TYPE_OF
from simulator.wire import arms, ndjson
from simulator.wire.fields import BARE, EMPTY_LIST, FIELDS, KIND, NOTHING, on_wire, order
from simulator.wire.fields import HEX as HEX_FIELD
from simulator.wire.layout import ANY, BLOCK, DEVICE_BLOCK, HEX, INT, MEMO, MILLI, PAGE_BLOCK, SESSION_BLOCK, TEXT, UID, UUID, Sheet, encoded, escaped
from simulator.wire.pack import pack
from simulator.wire.render import _render, render

ALWAYS_THERE = {slot.STAMP, slot.EVENT_ID, slot.TIMES, slot.URL, slot.INITIATOR, slot.LOAD_EVENT, slot.ENTRY_START}
ROWS = len(editions.NAMES) * arms.PROGRAMS
"""The first program of stored rows."""
EVENTS = [(edition, kind) for edition in range(len(editions.NAMES)) for kind in range(len(EVENT_KINDS))]
NAMES = [f"{editions.NAMES[edition]}-{EVENT_KINDS[kind]}" for edition, kind in EVENTS]
WIRES = [editions.EDITIONS[name].wire for name in editions.NAMES]


def printed(formats: Any, program: int, v: list[int]) -> bytes:
    """Render a program into a buffer of its own."""
    out = bytearray(200_000)
    return bytes(out[: render(formats, program, v, [-1] * MEMO, out, 0)])


def printed_row(formats: Any, edition: int, kind: int, v: list[int]) -> bytes:
    """Render a stored row."""
    return printed(formats, ROWS + edition * ndjson.PROGRAMS + kind, v)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_strings_are_encoded_as_browsers_do(text: str) -> None:
    """A string keeps its characters: only quotes, backslashes and control characters are escaped, and it reads back as it was."""
    raw = encoded(text)
    assert json.loads(raw) == text
    plain = "".join(c for c in text if c not in '"\\' and c >= " ")
    assert json.loads(raw.decode("utf-8")) == text
    assert encoded(plain).decode("utf-8") == f'"{plain}"'


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ('"', b'"\\""'),
        ("\\", b'"\\\\"'),
        ("\b\f\n\r\t", b'"\\b\\f\\n\\r\\t"'),  # the short forms, as JSON.stringify writes them
        ("\x00\x1b", b'"\\u0000\\u001b"'),  # lower-case hex
        ("\x7f/", b'"\x7f/"'),  # neither DEL nor a slash is escaped
        ("é🛒\u2028", '"é🛒\u2028"'.encode()),  # nor is anything else
        ("", b'""'),
    ],
)
def test_known_encodings(text: str, raw: bytes) -> None:
    """Strings are encoded byte for byte as JSON.stringify encodes them."""
    assert encoded(text) == raw


# Each form with its value in the slot and what is printed.
@pytest.mark.parametrize(
    ("form", "high", "low", "text"),
    [
        (INT, -42, 0, "-42"),
        (INT, 1_767_571_200_000, 0, "1767571200000"),
        (MILLI, 34, 0, "0.034"),
        (MILLI, 1_200, 0, "1.2"),
        (TEXT, 2, 0, '"two"'),
        (HEX, 0x0123456789AB4DEF, -(1 << 63) + 0xF, "0123456789ab4def800000000000000f"),
        (UUID, 0x0123456789AB4DEF, -(1 << 63) + 0xF, "01234567-89ab-4def-8000-00000000000f"),
        (UID, 35, 36, "0000000z00000010"),
    ],
)
def test_forms(form: int, high: int, low: int, text: str) -> None:
    """A slot is printed in the form of its operation, between what was said before and after it."""
    sheet = Sheet(["", "one", "two"])
    sheet.say("<")
    sheet.show(form, slot.SESSION)
    sheet.say(">")
    program = sheet.end()
    v = [ABSENT] * SLOTS
    v[slot.SESSION], v[slot.SESSION_LOW] = high, low
    assert printed(sheet.formats(), program, v) == f"<{text}>".encode()


@given(st.text('"\\\\abcdé€{}', max_size=90))
@settings(deadline=None)
def test_json_inside_json(value: str) -> None:
    """What is escaped reads back as it was."""
    assert json.loads(b'"' + escaped(encoded(value)) + b'"') == encoded(value).decode()


def test_a_sheet_inside_a_string_prints_what_another_does() -> None:
    """Constants, strings with numbers and strings inside strings read back as the same JSON."""
    texts, v = ["", 'say "{}"\\'.replace("{}", NUMBER)], [1] * SLOTS
    found = []
    for inside in (False, True):
        sheet = Sheet(texts, inside=inside)
        sheet.say('{"a":')
        sheet.show(TEXT, slot.URL)
        sheet.say(',"b":"')
        sheet.say_inside('"c":')
        sheet.show_quoted(slot.URL)
        sheet.say('"}')
        program = sheet.end()
        found.append(printed(sheet.formats(), program, v))
    assert json.loads(found[0]) == {"a": 'say "1"\\', "b": '"c":"say \\"1\\"\\\\"'}
    assert json.loads(b'"' + found[1] + b'"') == found[0].decode()


def test_what_needs_an_absent_slot_is_left_out() -> None:
    """A field without a value is left out with its name; what was said for certain stays."""
    sheet = Sheet([""])
    sheet.say("a")
    sheet.flush()
    sheet.say(",b=")
    sheet.show(INT, slot.X, needs=slot.X)
    sheet.say(",c=")
    sheet.show(INT, slot.Y, needs=slot.Y)
    sheet.say("!")
    program = sheet.end()
    v = [ABSENT] * SLOTS
    assert printed(sheet.formats(), program, v) == b"a!"
    v[slot.Y] = 3
    assert printed(sheet.formats(), program, v) == b"a,c=3!"
    v[slot.X] = 0
    assert printed(sheet.formats(), program, v) == b"a,b=0,c=3!"


def test_nothing_needs_half_of_an_id(shop: Model) -> None:
    """Half an id may be below ABSENT, which would leave out what needs it."""
    halves = {slot.EVENT_ID, slot.SESSION, slot.VIEW, slot.OWN_VIEW, slot.SHOWN, slot.DEVICE}
    ops = [op for formats in (shop.formats, shop.posted, shop.grid.formats) for op in formats.ops if op.least != ANY]
    assert ops
    assert not {op.needs for op in ops} & (halves | {number + 1 for number in halves - {slot.EVENT_ID}})


def test_no_number_is_longer_than_its_place() -> None:
    """What a slot without a string prints fits into the bytes that are set aside for it."""
    for form in (INT, MILLI, HEX, UUID, UID):
        sheet = Sheet([""])
        sheet.show(form, slot.SESSION)
        program = sheet.end()
        for value in ((1 << 62) - 1, 0, (1 << 63) - 1):
            v = [value] * SLOTS
            assert len(printed(sheet.formats(), program, v)) <= NUMBER_BYTES


# ------------------------------------------------------------------------------------------------------------------------- programs


@pytest.mark.parametrize(("edition", "kind"), EVENTS, ids=NAMES)
def test_a_full_event_has_its_fields_in_order(shop: Model, edition: int, kind: int) -> None:
    """An event with a value in every slot is JSON with the fields of its kind and platform, in their order, and with its event type."""
    event = json.loads(printed(shop.formats, edition * arms.PROGRAMS + kind, [1] * SLOTS))
    assert list(event) == [on_wire(name) for name in order(WIRES[edition], kind)]
    assert event["event_type"] == (*EVENT_TYPES, "application")[TYPE_OF[kind]]
    assert event["view"].keys() == {"id", "name"}


@pytest.mark.parametrize(("edition", "kind"), EVENTS, ids=NAMES)
def test_a_full_row_has_its_columns_in_order(shop: Model, edition: int, kind: int) -> None:
    """A row with a value in every slot is one line of JSON with columns of the stored row only, in their order, the envelope's included."""
    raw = printed_row(shop.formats, edition, kind, [1] * SLOTS)
    row = json.loads(raw)
    assert raw.endswith(b"}\n")
    assert raw.count(b"\n") == 1
    assert list(row) == [column for column in DATASET_COLUMNS if column in row]
    bare = ("device", "os", "geo") if WIRES[edition] in BARE else ()
    assert {column for column in ENVELOPE if column.partition(".")[0] not in bare} <= set(row)


@pytest.mark.parametrize("named", [1, ABSENT])
@pytest.mark.parametrize("kept", [(PAGE_BLOCK, DEVICE_BLOCK), (DEVICE_BLOCK,)])
def test_a_block_that_is_copied_is_as_if_printed(shop: Model, kept: tuple[int, ...], named: int) -> None:
    """A row after another of the same device, perhaps of the same page, has the bytes that it has by itself, as JSON and as msgpack."""
    first, second = [1] * SLOTS, [2] * SLOTS
    second[slot.SESSION :] = first[slot.SESSION :]
    first[slot.USER_NAME] = second[slot.USER_NAME] = named
    if PAGE_BLOCK not in kept:
        second[slot.SESSION] = second[slot.VIEW] = 3
    grid = shop.grid.formats
    for put, formats, program in ((render, shop.formats, ROWS), (pack, grid, 0)):
        out, memo = bytearray(20_000), [-1] * MEMO
        o = put(formats, program, first, memo, out, 0)
        for block in {PAGE_BLOCK, DEVICE_BLOCK} - set(kept):
            memo[block * BLOCK] = -1
        if PAGE_BLOCK not in kept:
            memo[SESSION_BLOCK * BLOCK] = -1
        ends = put(formats, program + 1, second, memo, out, o)
        alone = bytearray(20_000)
        assert out[o:ends] == alone[: put(formats, program + 1, second, [-1] * MEMO, alone, 0)]


@given(st.sampled_from(EVENTS), st.sets(st.integers(0, SLOTS - 1)))
@settings(deadline=None)
def test_whatever_is_absent_what_is_left_is_json(shop: Model, event: tuple[int, int], absent: set[int]) -> None:
    """Any fields may be without a value: the event and its row are JSON without them, the rest in order."""
    edition, kind = event
    v = [1] * SLOTS
    for number in absent - ALWAYS_THERE:
        if number < slot.EVENT_SLOTS or number in {slot.OWN_VIEW_NAME, slot.USER_NAME}:
            v[number] = ABSENT
    left = [on_wire(n) for n in order(WIRES[edition], kind) if FIELDS[n][1] in (KIND, NOTHING, EMPTY_LIST, HEX_FIELD) or v[FIELDS[n][0]] != ABSENT]
    assert list(json.loads(printed(shop.formats, edition * arms.PROGRAMS + kind, v))) == left
    row = json.loads(printed_row(shop.formats, edition, kind, v))
    assert ("user.name" in row) == (v[slot.USER_NAME] != ABSENT)
    assert list(row) == [column for column in DATASET_COLUMNS if column in row]


@pytest.mark.parametrize("edition", range(len(editions.NAMES)), ids=editions.NAMES)
def test_head_and_tail_enclose_events(shop: Model, edition: int) -> None:
    """What stands before and after the events makes them a JSON object, with or without a user's name."""
    for name in (1, ABSENT):
        v = [1] * SLOTS
        v[slot.USER_NAME] = name
        head = printed(shop.formats, edition * arms.PROGRAMS + arms.HEAD, v)
        tail = printed(shop.formats, edition * arms.PROGRAMS + arms.TAIL, v)
        document = json.loads(head + b"{},{}" + tail)
        extras = [] if WIRES[edition] in BARE else ["device", "os", "geo"]
        assert list(document) == ["app", "user", "session", "net", "view", "events", *extras, "properties", "_v"]
        assert document["events"] == [{}, {}]
        assert ("name" in document["user"]) == (name != ABSENT)


@pytest.mark.parametrize("number", [0, -(1 << 60), 1 << 60])
@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_no_event_is_longer_than_its_place(odd_shop: Model, event: tuple[int, int], number: int) -> None:
    """An event with the longest string in every text and long numbers elsewhere fits into the bytes that play sets aside for it, as a row too."""
    edition, kind = event
    texts = odd_shop.formats.texts
    longest = max(range(len(texts)), key=lambda i: texts[i].length)
    v = [number] * SLOTS
    for name in order(WIRES[edition], kind):
        if FIELDS[name][1] == "text":
            v[FIELDS[name][0]] = longest
    for context in (slot.VIEW_NAME, slot.OWN_VIEW_NAME, slot.USER_NAME, slot.MODEL, slot.OS_NAME, slot.OS_VERSION, slot.COUNTRY, slot.NETWORK):
        v[context] = texts.index(min(texts, key=lambda span: span.length))
    v[slot.CLS] = abs(number)
    v[slot.INITIATOR] = longest
    packed = bytearray(200_000)
    assert len(printed(odd_shop.formats, edition * arms.PROGRAMS + kind, v)) <= event_bytes(odd_shop, seat.PAYLOADS)
    assert len(printed_row(odd_shop.formats, edition, kind, v)) <= event_bytes(odd_shop, seat.ROWS)
    assert pack(odd_shop.grid.formats, edition * len(EVENT_KINDS) + kind, v, [-1] * MEMO, packed, 0) <= event_bytes(odd_shop, seat.PACKED)


@given(st.sampled_from(EVENTS), st.sets(st.integers(0, SLOTS - 1)), st.integers(1, 40), st.integers(1, 2))
@settings(deadline=None)
def test_both_bodies_print_the_same(shop: Model, event: tuple[int, int], absent: set[int], value: int, times: int) -> None:
    """What Python prints by templates is what the compiled loop prints: payloads' events and rows, whatever is absent or was printed before."""
    edition, kind = event
    for program in (edition * arms.PROGRAMS + kind, ROWS + edition * ndjson.PROGRAMS + kind):
        span = shop.formats.programs[program]
        needed = {op.needs for op in shop.formats.ops[span.start : span.start + span.length]}
        v = [ABSENT if number in (absent & needed) - ALWAYS_THERE else value for number in range(SLOTS)]
        v[slot.EVENT_ID] = -value  # ids have all 64 bits
        found = []
        for body in (render, _render):
            out, memo, o = bytearray(20_000), [-1] * MEMO, 0
            for _ in range(times):
                o = body(shop.formats, program, v, memo, out, o)
            found.append(out[:o])
        assert found[0] == found[1]
