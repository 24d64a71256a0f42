"""Requests of a whole population: heads, and bodies told in other forms. None of this imports Locust."""

import gzip
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from simulator.collector.exchange import inflate, unpack
from simulator.load.heads import Heads
from simulator.load.options import GZIP, IDENTITY, JSON, MSGPACK
from simulator.load.request import Head
from simulator.load.target import place
from simulator.play.cohort import Cohort
from simulator.play.model import Model, read
from simulator.play.seat import PAYLOADS
from simulator.profile import starters
from simulator.profile.editions import EDITIONS
from simulator.schema.words import BEACON

TO = place("https://rum.example:8443/collect/")
BEGIN, HOUR_MS, EPOCH = 12 * 3_600_000, 3_600_000, 1_767_571_200_000


class Sent(NamedTuple):
    """A payload: device, edition, model and country as in play/buffers.py, and its body."""

    device: int
    edition: int
    model: int
    country: int
    body: bytes


@pytest.fixture(scope="module")
def model() -> Model:
    """Give the shop."""
    return read(starters.read("shop"), "shop", 5)


@pytest.fixture(scope="module")
def sent(model: Model) -> list[Sent]:
    """Give what its devices send in an evening's hour."""
    return [*payloads(model)]


def payloads(model: Model) -> Iterator[Sent]:
    """Play it."""
    for chunk in Cohort(model, 0, 1500, begin=BEGIN, epoch=EPOCH, prints=PAYLOADS).advance(BEGIN + HOUR_MS):
        for row in chunk.payloads:
            body = bytes(chunk.text[row["begins"] : row["begins"] + row["length"]])
            yield Sent(int(row["device"]), int(row["edition"]), int(row["model"]), int(row["country"]), body)


def head_of(heads: Heads, one: Sent) -> Head:
    """Give the head of a payload."""
    return heads.of(one.edition, one.model, one.country, len(one.body))


@pytest.fixture(scope="module")
def heads(model: Model) -> Heads:
    """Give what makes heads for JSON as it is."""
    return Heads(model, TO, JSON, IDENTITY)


def test_a_head_is_a_request_s_beginning(heads: Heads, sent: list[Sent]) -> None:
    """Request line, Host, and each header once, up to the number after Content-Length; the path is the host's and the profile's together."""
    for one in sent:
        head = head_of(heads, one)
        first, host, *lines = head.text.decode("ascii").split("\r\n")
        assert (first, host, head.path) == ("POST /collect/rum/collect HTTP/1.1", "Host: rum.example:8443", "/collect/rum/collect")
        assert lines == [*(f"{name}: {value}" for name, value in head.headers.items()), "Content-Length: "]
    assert heads.endpoints == ["/collect/rum/collect"]


def test_a_device_always_says_the_same(heads: Heads, sent: list[Sent]) -> None:
    """All payloads of a device have one head, but for its content type where the body is large; devices differ from each other."""
    said: dict[int, set[tuple[str, str | None, str | None]]] = {}
    for one in sent:
        named = head_of(heads, one).headers
        said.setdefault(one.device, set()).add((named["User-Agent"], named.get("Origin"), named.get("Accept-Language")))
    assert all(len(each) == 1 for each in said.values())
    assert len({agent for each in said.values() for agent, _, _ in each}) > 5
    assert len({language for each in said.values() for _, _, language in each}) > 1


def test_a_head_tells_what_the_body_does(heads: Heads, sent: list[Sent]) -> None:
    """User-Agent and body agree on the system; only pages have an origin, that of the profile."""
    systems = {"iOS": ("iPhone", "CFNetwork"), "Android": ("Android",), "Windows": ("Windows",), "macOS": ("Macintosh",)}
    seen = set()
    for one in sent:
        named, body = head_of(heads, one).headers, json.loads(one.body)
        is_web = body["app"]["type"] == "browser"
        assert ("Origin" in named) == is_web
        name = body.get("os", {}).get("type") or body.get("os", {}).get("name")
        if name in systems:
            seen.add(name)
            assert any(word in named["User-Agent"] for word in systems[name]), (name, named)
    assert len(seen) > 1


def test_like_devices_share_a_head(heads: Heads, sent: list[Sent]) -> None:
    """A head is made once."""
    made = {id(head_of(heads, one)) for one in sent}
    assert len(made) == len({(one.edition, one.model, one.country, head_of(heads, one).headers["Content-Type"]) for one in sent})


def test_heads_of_many_are_those_of_each(model: Model) -> None:
    """A filling's payloads have the heads that each would have alone, and the pool has their texts."""
    together, alone, count = Heads(model, TO, JSON, IDENTITY), Heads(model, TO, JSON, IDENTITY), 0
    for chunk in Cohort(model, 0, 1500, begin=BEGIN, epoch=EPOCH, prints=PAYLOADS).advance(BEGIN + HOUR_MS):
        for number, row in zip(together.all_of(chunk.payloads).tolist(), chunk.payloads, strict=True):
            head = alone.of(*(int(row[name]) for name in ("edition", "model", "country", "length")))
            assert together.made[number] == head
            begin, end = together.pool.ends[number : number + 2]
            assert together.pool.texts[begin:end].tobytes() == head.text
            count += 1
    assert count > len(together.made) > 5


@pytest.mark.parametrize("edition", EDITIONS)
def test_content_types_are_the_edition_s(heads: Heads, model: Model, edition: str) -> None:
    """A beacon's body has its charset; from its limit on it goes by XHR, without (FACTS 6). All others are JSON."""
    number, row = [*EDITIONS].index(edition), EDITIONS[edition]

    def told(length: int) -> str:
        return heads.of(number, 0, 0, length).headers["Content-Type"]

    assert told(100) == row.content_type
    if row.via == BEACON:
        assert (told(row.body_limit_bytes - 1), told(row.body_limit_bytes)) == ("text/plain;charset=UTF-8", "text/plain")
    else:
        assert told(10_000_000) == "application/json"


@pytest.mark.parametrize(("form", "encoding"), [(JSON, IDENTITY), (JSON, GZIP), (MSGPACK, IDENTITY), (MSGPACK, GZIP)])
def test_other_forms_say_the_same(model: Model, sent: list[Sent], form: str, encoding: str) -> None:
    """Whatever form a body is sent in, the collector reads the very bytes that the ledger has digests of; headers tell the form."""
    heads = Heads(model, TO, form, encoding)
    for one in sent:
        named = head_of(heads, one).headers
        data: Any = bytes(heads.encode(memoryview(one.body)) if heads.encode else one.body)
        assert named.get("Content-Encoding") == (None if encoding == IDENTITY else encoding)
        if encoding == GZIP:
            assert len(data) < len(one.body)
            assert gzip.decompress(data) == inflate(data, 1 << 30)
            data = inflate(data, 1 << 30)
        if form == MSGPACK:
            assert named["Content-Type"] == "application/msgpack"
            data = unpack(data)
        assert data == one.body


def test_encoding_is_determined(model: Model, sent: list[Sent]) -> None:
    """The same body compressed twice is the same to the byte."""
    heads = Heads(model, TO, JSON, GZIP)
    assert heads.encode
    assert heads.encode(sent[0].body) == heads.encode(sent[0].body)
