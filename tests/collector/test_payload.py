"""Bodies: what is accepted, what is kept, and how a refusal is explained."""

import json
from collections.abc import Callable

import msgspec
import pytest

from simulator.collector.payload import Batch, Flaw, take_apart

GOOD = {"app": {"id": "a"}, "session": {"id": "s"}, "events": [{"timestamp": 1, "event_id": "e", "event_type": "view"}]}


def batch_of(body: bytes) -> Batch:
    """Take a good body apart."""
    batch = take_apart(body)
    assert isinstance(batch, Batch)
    return batch


def test_the_real_sdk_s_payload_is_accepted_to_the_byte(captured: bytes) -> None:
    """Every event of a captured payload keeps its bytes, and the envelope keeps all other fields in their order."""
    batch = batch_of(captured)
    assert batch.session == "e905d0967e554755a7929f5ce6d82693"
    assert list(batch.envelope) == ["app", "user", "session", "net", "view", "_v"]
    assert b'"events":[' + b",".join(map(bytes, batch.events)) + b"]" in captured
    assert [head.event_type for head in batch.heads] == [event["event_type"] for event in json.loads(captured)["events"]]


def test_events_of_types_of_their_own_are_accepted() -> None:
    """An event type that no document knows is accepted, and so are fields that no document knows."""
    body = json.dumps(GOOD | {"mine": [1, {"x": None}], "events": [GOOD["events"][0] | {"event_type": "ours", "deep": {"er": 1}}]})
    assert batch_of(body.encode()).heads[0].event_type == "ours"


def test_a_pretty_printed_body_loses_only_the_space_between_tokens() -> None:
    """Line breaks between tokens go, numbers and escapes stay as they were written."""
    pretty = b'{"timestamp": 1, "event_id": "e",\n "event_type": "v", "n": 1.50, "t": "\\u00e9 \\n"}'
    body = b'{"app": {"id": "a"},\r\n "session": {"id": "s"},\n "events": [' + pretty + b"]}"
    assert bytes(batch_of(body).events[0]) == b'{"timestamp":1,"event_id":"e","event_type":"v","n":1.50,"t":"\\u00e9 \\n"}'


def test_half_a_surrogate_pair_is_stored_as_a_replacement_character() -> None:
    """A text that an SDK cut in the middle of an emoji does not cost the payload; whole pairs and escaped backslashes stay."""
    body = json.dumps(GOOD)[:-3].encode() + b',"name":"\\ud83d","pair":"\\ud83d\\ude00","path":"C:\\\\ud83d"}]}'
    assert bytes(batch_of(body).events[0]).endswith(b'"name":"\\ufffd","pair":"\\ud83d\\ude00","path":"C:\\\\ud83d"}')


def changed(change: Callable[[dict], object]) -> bytes:
    """Build a body with something wrong."""
    document = json.loads(json.dumps(GOOD))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("body", "where", "found", "expected"),
    [
        (b"", "body", "Input data was truncated", "one JSON object"),
        (b"\xff{}", "body", "can't decode byte 0xff", "UTF-8"),
        (json.dumps(GOOD).encode().replace(b'"view"', b'"vi\xffew"'), "body", "can't decode byte 0xff", "UTF-8"),
        (b"[" * 100_000, "body", "", "one JSON object"),
        (b"[1]", "body", "[1]", "a JSON object"),
        (b'"text"', "body", '"text"', "a JSON object"),
        (json.dumps(GOOD).encode() + b"x", "body", "trailing characters", "one JSON object"),
        (changed(lambda d: d.pop("app")), "app", "nothing", "an object with an id"),
        (changed(lambda d: d.update(app="a")), "app", '"a"', "an object with an id"),
        (changed(lambda d: d["app"].update(id="")), "app.id", '""', "a non-empty string"),
        (changed(lambda d: d["session"].update(id=7)), "session.id", "7", "a non-empty string"),
        (changed(lambda d: d["session"].clear()), "session.id", "nothing", "a non-empty string"),
        (changed(lambda d: d.pop("events")), "events", "nothing", "a list of at least one event"),
        (changed(lambda d: d["events"].clear()), "events", "[]", "a list of at least one event"),
        (changed(lambda d: d.update(events={"0": 1})), "events", '{"0":1}', "a list of at least one event"),
        (changed(lambda d: d["events"].append(None)), "events[1]", "null", "an object"),
        (changed(lambda d: d["events"][0].pop("timestamp")), "events[0].timestamp", "nothing", "ms since the Unix epoch"),
        (changed(lambda d: d["events"][0].update(timestamp="1")), "events[0].timestamp", '"1"', "an integer"),
        (changed(lambda d: d["events"][0].update(timestamp=True)), "events[0].timestamp", "true", "an integer"),
        (changed(lambda d: d["events"][0].update(timestamp=1.5)), "events[0].timestamp", "1.5", "an integer"),
        (changed(lambda d: d["events"][0].update(timestamp=1 << 63)), "events[0].timestamp", "9223372036854775808", "an integer"),
        (changed(lambda d: d["events"][0].update(event_id=None)), "events[0].event_id", "null", "a non-empty string"),
        (changed(lambda d: d["events"].append({"timestamp": 1, "event_id": "x"})), "events[1].event_type", "nothing", "a non-empty string"),
    ],
)
def test_a_refusal_says_where_what_was_found_and_what_is_expected(body: bytes, where: str, found: str, expected: str) -> None:
    """Each demand on a payload that is not met is named with its place."""
    flaw = take_apart(body)
    assert isinstance(flaw, Flaw)
    assert flaw.where == where
    assert found in flaw.found
    assert expected in flaw.expected
    assert len(msgspec.json.encode(flaw._asdict())) < 400


def test_what_is_found_is_cut() -> None:
    """A wrong value of a megabyte does not come back whole."""
    flaw = take_apart(changed(lambda d: d.update(app="x" * 1_000_000)))
    assert isinstance(flaw, Flaw)
    assert len(flaw.found) == 80
