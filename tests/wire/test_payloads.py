"""What devices send is ARMS RUM JSON: for web with the keys, nesting, order and types of the real SDK, for the others with those of their edition."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from invariants import everything

from simulator.collector.read_back import flatten
from simulator.play.cohort import Cohort
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS
from simulator.profile.editions import NAMES
from simulator.schema.words import ANDROID, EVENT_KINDS, IOS, PLATFORMS, WEB
from simulator.wire.fields import on_wire, order

WIRES = ("web", "miniprogram", "mobile", "mobile")
"""Of the documented editions, by platform."""

UUID4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
HEX32 = r"[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}"  # a UUID version 4 without dashes
CAPTURED = {
    "pv": ["view/pv"],
    "perf": ["view/perf"],
    "webvitals": ["view/webvitals"],
    "press": ["action/click"],
    "api": ["resource/fetch"],
    "static": ["resource/css", "resource/js", "resource/image", "resource/font"],
    "error": ["exception/error", "exception/custom"],
    "stall": ["longTask/fps"],
}
"""Kinds of our events, and what they are called in the captures."""
DOCUMENTED = {"time_spent", "loading_time", "x", "y", "request_size", "stack"}
"""What the product document has and the real SDK lacks."""
UNSEEN = {"ssl_duration"}
"""Sent by the real SDK, but none of the captures was made over TLS."""
JSON_TYPES = {bool: "boolean", int: "number", float: "number", str: "string", dict: "object", list: "array"}
BOTH = pytest.mark.parametrize("which", ["sent", "odd_sent"])


def flat(document: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """Flatten an event as the collector does."""
    return flatten({key: value for key, value in document.items() if key != "events"}, event)


def events(which: Any, *platforms: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each event with its payload, of some platforms or of all."""
    for platform, document, _ in which.payloads:
        if not platforms or platform in platforms:
            for event in document["events"]:
                yield document, event


def contradictions(ours: Sequence[str], captured: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """List the pairs of keys that all captures which have both hold the other way round."""
    wrong = []
    for i, a in enumerate(ours):
        for b in ours[i + 1 :]:
            both = [keys for keys in captured if a in keys and b in keys]
            if both and all(keys.index(b) < keys.index(a) for keys in both):
                wrong.append((a, b))
    return wrong


def test_contradictions_are_found() -> None:
    """The comparison of orders knows a contradiction, and lets pass what only some captures do."""
    assert contradictions("abc", ["ab", "xc"]) == []
    assert contradictions("abc", ["bac"]) == [("a", "b")]
    assert contradictions("abc", ["bac", "ab"]) == []


# ---------------------------------------------------------------------------------------------------------------------------- keys


def test_all_kinds_of_events_were_sent(sent: Any) -> None:
    """The devices of these tests sent all five event types on every platform, and every kind of view."""
    for platform in range(len(PLATFORMS)):
        assert {event["event_type"] for _, event in events(sent, platform)} == {"view", "action", "resource", "exception", "longTask"}
        views = {event["type"] for _, event in events(sent, platform) if event["event_type"] == "view"}
        assert views == {"pv", "perf", "webvitals", "leave"}


@BOTH
def test_the_envelope(which: str, request: pytest.FixtureRequest, captured: dict[str, Any]) -> None:
    """The envelope's keys and those of its parts come in the order of the real SDK, on every platform."""
    for _, document, _ in request.getfixturevalue(which).payloads:
        properties = ["properties"] if which == "sent" else []  # the shop with arms
        assert list(document) == ["app", "user", "session", "net", "view", "events", "device", "os", "geo", *properties, "_v"]
        assert not contradictions(list(document), captured["envelope"])
        for part, orders in captured["inner"].items():
            assert list(document[part]) in orders or not contradictions(list(document[part]), orders)
            assert set(document[part]) <= {key for keys in orders for key in keys}


def kinds_of_web(document: dict[str, Any]) -> str:
    """Name an event as the captures do."""
    return f"{document['event_type']}/{document['type']}"


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in CAPTURED.items() for name in names])
def test_web_events_have_the_real_order(sent: Any, captured: dict[str, Any], kind: str, name: str) -> None:
    """On the web the keys that both we and the real SDK send stand in the order of the captures."""
    ours = {tuple(event) for _, event in events(sent, WEB) if kinds_of_web(event) == name}
    assert ours
    for keys in ours:
        assert contradictions(keys, captured["events"][name]) == []


@pytest.mark.parametrize("name", sorted({name for names in CAPTURED.values() for name in names}))
def test_web_events_have_no_keys_of_their_own(sent: Any, captured: dict[str, Any], name: str) -> None:
    """On the web a key that the real SDK does not send for such an event is one that the product document has."""
    alike = [other for other in captured["events"] if other.startswith("resource/")] if name.startswith("resource/") else [name]
    real = {key for other in alike for keys in captured["events"][other] for key in keys} | {"view"}
    for _, event in events(sent, WEB):
        if kinds_of_web(event) == name:
            assert set(event) - real - UNSEEN <= DOCUMENTED


@pytest.mark.parametrize("name", sorted({name for names in CAPTURED.values() for name in names}))
def test_web_values_have_the_real_types(sent: Any, captured: dict[str, Any], name: str) -> None:
    """On the web a value has the JSON type that the real SDK gives it."""
    for _, event in events(sent, WEB):
        if kinds_of_web(event) == name:
            for key, value in event.items():
                assert JSON_TYPES[type(value)] in captured["types"][name].get(key, JSON_TYPES[type(value)]).split("/")


def test_a_failed_fetch_is_reported_as_the_real_sdk_does(sent: Any) -> None:
    """On the web a call that found no network has success 0, no status code, no sizes, and the browser's words."""
    failed = [event for _, event in events(sent, WEB) if event["type"] == "fetch" and event.get("message") == "TypeError: Failed to fetch"]
    assert failed
    for event in failed:
        assert event["success"] == 0
        assert not {"status_code", "size", "transfer_size", "download_duration", "first_byte_duration"} & event.keys()


@pytest.mark.parametrize("platform", range(len(PLATFORMS)), ids=PLATFORMS)
def test_events_have_the_order_of_their_platform(sent: Any, platform: int) -> None:
    """Each event's keys are those of one kind of its platform, in their order, some left out."""
    orders = [[on_wire(name) for name in order(WIRES[platform], kind)] for kind in range(len(EVENT_KINDS))]
    for _, event in events(sent, platform):
        assert any([key for key in keys if key in event] == list(event) for keys in orders)


def test_names_of_the_platforms(sent: Any) -> None:
    """App types, versions and the names of coordinates are those of the edition; only the web measures a document."""
    for platform, document, _ in sent.payloads:
        assert document["app"]["type"] == ("browser", "miniapp", "ios", "android")[platform]
        assert document["_v"] == ("0.0.37", "0.0.37", "2.3", "2.3")[platform]
        for event in document["events"]:
            mobile = platform in (IOS, ANDROID)
            if event["event_type"] == "action":
                assert ("position.start_x" in event, "x" in event) == (mobile, not mobile)
                assert event["type"] in ({"click", "scroll"} if platform == WEB else {"tap", "scroll"})
            assert not any(key.startswith("dom_") for key in event) or platform == WEB
            assert event["type"] != "crash" or (mobile and event["subtype"])
    assert any(event["type"] == "crash" for _, event in events(sent, IOS, ANDROID))


# ----------------------------------------------------------------------------------------------------------------------------- ids


@BOTH
def test_ids_have_their_forms(which: str, request: pytest.FixtureRequest) -> None:
    """Session and view ids are UUIDs version 4 without dashes, device ids with them, user ids 16 of 36 characters, event ids name their session."""
    for document, event in events(request.getfixturevalue(which)):
        assert re.fullmatch(HEX32, document["session"]["id"])
        assert re.fullmatch(HEX32, document["view"]["id"])
        assert re.fullmatch(UUID4, document["device"]["id"])
        assert re.fullmatch(r"uid_[0-9a-z]{16}", document["user"]["id"])
        assert re.fullmatch(rf"00-{document['session']['id']}-[0-9a-f]{{16}}", event["event_id"])
        if "view" in event:
            assert re.fullmatch(HEX32, event["view"]["id"])
            assert event["view"]["id"] != document["view"]["id"]


@BOTH
def test_ids_name_one_thing(which: str, request: pytest.FixtureRequest) -> None:
    """An event id is sent once; a session, a user and a view belong to one device, and a view has one name."""
    which_sent = request.getfixturevalue(which)
    seen: set[str] = set()
    owners: dict[str, str] = {}
    names: dict[str, str] = {}
    for document, event in events(which_sent):
        assert event["event_id"] not in seen
        seen.add(event["event_id"])
        view = event.get("view", document["view"])
        for thing in (document["session"]["id"], document["user"]["id"], view["id"]):
            assert owners.setdefault(thing, document["device"]["id"]) == document["device"]["id"]
        assert names.setdefault(view["id"], view["name"]) == view["name"]
    assert len({id_[-16:] for id_ in seen}) == len(seen)  # keys alone tell events apart


@BOTH
def test_every_event_says_where_it_happened(which: str, request: pytest.FixtureRequest) -> None:
    """Every event carries page id and page name, its own or the envelope's, and a page of the profile it is."""
    model: Model = request.getfixturevalue("shop" if which == "sent" else "odd_shop")
    pages = {page.path.replace("{id}", ":id") for page in model.profile.pages.values()}
    for document, event in events(request.getfixturevalue(which)):
        assert event.get("view", document["view"])["name"] in pages


def test_a_document_reports_its_own_view(sent: Any) -> None:
    """On the web a navigation loads a new document, and what the old one sends when it is left names the old page, in the envelope alone."""
    for document, event in events(sent, WEB):
        assert "view" not in event, (document["view"], event)


def test_events_are_not_before_their_page(sent: Any) -> None:
    """What people do on a page, what goes wrong on it and what it measures is not before the page was shown; only requests can be older."""
    shown: dict[str, int] = {}
    rows = [flat(document, event) for document, event in events(sent) if event["event_type"] in ("view", "action", "exception")]
    for row in rows:
        if row["type"] == "pv":
            shown[row["view.id"]] = row["timestamp"]
    known = [row for row in rows if row["view.id"] in shown]
    assert len(known) > 0.9 * len(rows)
    assert all(row["timestamp"] >= shown[row["view.id"]] for row in known)


# -------------------------------------------------------------------------------------------------------------------------- strings


def strings(part: Any) -> Iterator[str]:
    """Yield all strings of a document."""
    if isinstance(part, dict):
        for value in part.values():
            yield from strings(value)
    elif isinstance(part, list):
        for value in part:
            yield from strings(value)
    elif isinstance(part, str):
        yield part


def test_awkward_strings_survive(odd_sent: Any, odd_shop: Model, awkward: tuple[str, ...]) -> None:
    """Quotes, control characters, emoji and right-to-left text arrive as they were, wherever they stand."""
    quotes, control, emoji, rtl, rare = awkward
    found = {text for _, document, _ in odd_sent.payloads for text in strings(document)}
    assert set(awkward) <= found
    origin = odd_shop.profile.app.origin
    assert {"/" + quotes, f"/{emoji}:id{quotes}", origin + "/" + rtl, origin + "/" + control} <= found
    assert any(re.fullmatch(re.escape(f"{origin}/{emoji}") + r"\d+" + re.escape(quotes), text) for text in found)
    assert any(re.fullmatch(r"\d+" + re.escape(control), text) for text in found)
    assert f"click on button: {(quotes + emoji)[:20]}..." in found
    for _, document, _ in odd_sent.payloads:
        assert document["app"]["id"] == quotes
        assert document["app"]["version"] == control
    assert {document["geo"]["country"] for _, document, _ in odd_sent.payloads} >= {rtl}
    assert {document["os"]["name"] for _, document, _ in odd_sent.payloads} >= {rare}


def test_bodies_are_plain_utf8(odd_sent: Any) -> None:
    """A body is UTF-8 without line breaks or blanks between its parts, as JSON.stringify writes it."""
    for _, document, body in odd_sent.payloads:
        text = body.decode("utf-8")
        assert not re.search(r"[\x00-\x1f]", text)
        assert text == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


# ----------------------------------------------------------------------------------------------------------------------------- rows


@BOTH
@pytest.mark.parametrize("platform", range(len(PLATFORMS)), ids=PLATFORMS)
def test_a_row_is_the_flattened_event(which: str, platform: int, request: pytest.FixtureRequest) -> None:
    """A dataset's row of an event is its payload's event, flattened, and when it is sent: the same columns in the same order with the same values."""
    which_sent = request.getfixturevalue(which)
    rows = {row["event_id"]: row for row in map(json.loads, which_sent.rows)}
    compared = 0
    for document, event in events(which_sent, platform):
        row, expected = rows[event["event_id"]], flat(document, event)
        assert list(row)[1] == "arrived_at"
        del row["arrived_at"]  # no payload says when it is sent
        assert row == expected
        assert list(row) == list(expected)
        compared += 1
    assert compared > 300


@BOTH
def test_rows_and_payloads_are_of_the_same_events(which: str, request: pytest.FixtureRequest) -> None:
    """Rows and payloads hold the same events, each once."""
    which_sent = request.getfixturevalue(which)
    ids = [json.loads(row)["event_id"] for row in which_sent.rows]
    assert sorted(ids) == sorted(event["event_id"] for _, event in events(which_sent))


# -------------------------------------------------------------------------------------------------------------------------- numbers


@pytest.fixture(scope="module")
def numbered() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Give the events of web devices of both editions, each with its edition and its payload, where errors with numbers are common."""
    model = read(everything().replace("pages = { cart = 0.3 }", "pages = { cart = 0.5, detail = 0.5 }"), "numbered.toml", 6, visits_per_day=8.0)
    out = []
    cohort = Cohort(model, 0, 900, begin=0, epoch=model.start_ms, prints=PAYLOADS)
    for chunk in cohort.advance(6 * 3_600_000):
        for p in chunk.payloads:
            document = json.loads(bytes(chunk.text[p["begins"] : p["begins"] + p["length"]]))
            out.extend((NAMES[p["edition"]], document, event) for event in document["events"])
    return [row for row in out if row[0].startswith("web")]


def test_a_request_has_its_number_in_url_name_and_entry(numbered: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    """web-0.0.37 has one number in a request's url, name and quoted entry; the documented edition the same in url and name."""
    seen: dict[str, set[str]] = {"web-0.0.37": set(), "web-documented": set()}
    for edition, _, event in numbered:
        found = re.fullmatch(r"https://shop\.example\.com(/api/(?:product|reviews)/(\d+))", event.get("url", ""))
        if event["event_type"] != "resource" or not found:
            continue
        seen[edition].add(found[2])
        assert event["name"] == found[1]
        if edition == "web-0.0.37":
            assert json.loads(event["timing_data"])["name"] == event["url"]
    assert min(map(len, seen.values())) > 20


def test_a_message_has_its_number(numbered: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    """A message and the stack beside it have the same number, in both editions of the web."""
    seen: dict[str, set[str]] = {"web-0.0.37": set(), "web-documented": set()}
    for edition, _, event in numbered:
        if event.get("name") == "OutOfStock":
            number = re.fullmatch(r"item (\d+) left the stock while it was in the cart", event["message"])
            assert number
            assert event["stack"].startswith(f"at take (item {number[1]})\n")
            seen[edition].add(number[1])
    assert min(map(len, seen.values())) > 5


def test_a_page_with_a_number_is_named_by_edition(numbered: list[tuple[str, dict[str, Any], dict[str, Any]]]) -> None:
    """web-0.0.37 calls a page by its path as it is, which is that of its address; the documented edition puts :id in the place of the number."""
    pages = 0
    for edition, document, event in numbered:
        view = event.get("view", document["view"])
        assert not re.search(r"\d" if edition == "web-documented" else ":id", view["name"])
        if event["event_type"] == "view" and "/detail/" in event["url"]:
            path = event["url"].removeprefix("https://shop.example.com")
            named = path if edition == "web-0.0.37" else "/detail/:id"
            assert view["name"] == named
            assert event.get("name", named) == named
            pages += 1
    assert pages > 50
