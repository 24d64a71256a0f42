"""The values of an event are drawn again from (device, ref), and hang together."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.journey.details import paint_times, write
from simulator.journey.exchange import exchange
from simulator.journey.population import Device
from simulator.journey.world import World
from simulator.profile.types import Profile
from simulator.schema import values as slot
from simulator.schema.records import Event
from simulator.schema.values import (
    DURATION,
    EVENT_SLOTS,
    FCP,
    FP,
    LCP,
    SLOTS,
    SUCCESS,
)
from simulator.schema.words import (
    ABSENT,
    ANDROID,
    ANR,
    ANR_ERROR,
    API,
    ERROR,
    EVENT_KINDS,
    FATAL,
    IOS,
    LEAVE,
    MINIPROGRAM,
    PERF,
    PLATFORMS,
    PRESS,
    PV,
    STALL,
    STATIC,
    SWEEP,
    VITAL,
    WEB,
)

NUMBERS = st.integers(0, 399)
REFS = st.integers(1, 1 << 27)
UNTOUCHED = -12_345


@given(NUMBERS, REFS, st.integers(1, 1 << 40))
def test_paint_times(devices: list[Device], number: int, ref: int, load: int) -> None:
    """First paint, first contentful paint, largest contentful paint and the load event come in this order, none before 1 ms."""
    v = [0] * SLOTS
    paint_times(devices[number].key, ref, load, v)
    assert 1 <= v[FP] <= v[FCP] <= v[LCP] <= load


def written(world: World, d: Device, e: Event) -> list[int]:
    """Give the slots after an event is written."""
    v = [ABSENT] * EVENT_SLOTS + [UNTOUCHED] * (SLOTS - EVENT_SLOTS)
    write(world, d, e, v)
    assert v[EVENT_SLOTS:] == [UNTOUCHED] * (SLOTS - EVENT_SLOTS)  # the context's are not its business
    return v


def present(v: list[int]) -> set[str]:
    """Name the slots of the event that have a value and are printed; numbers stand in the strings beside them."""
    printed = {name: at for name, at in vars(slot).items() if name.isupper() and not name.endswith("_NUMBER") and name != "ADDED"}
    return {name for name, at in printed.items() if at < EVENT_SLOTS and v[at] != ABSENT}


ENTRY = {"INITIATOR", "CONNECTION", "ENTRY_START", "DNS_END", "SECURE_START", "CONNECT_END", "RESPONSE_START", "RESPONSE_END"}
"""What the web SDK quotes of a request's entry."""


def of_platform(devices: list[Device], platform: int) -> Device:
    """Find a device."""
    return next(d for d in devices if d.platform == platform)


REQUESTED = {
    "KIND",
    "NAME",
    "URL",
    "METHOD",
    "STATUS",
    "SUCCESS",
    "DURATION",
    "DNS",
    "CONNECT",
    "SSL",
    "FIRST_BYTE",
    "DOWNLOAD",
    "SIZE",
    "TRANSFER_SIZE",
}
# What an event of each kind has on each platform, whatever is drawn.
FIELDS: list[tuple[int, tuple[int, ...], dict[str, int], set[str]]] = [
    (PV, (WEB, MINIPROGRAM, IOS, ANDROID), {"page": 1, "previous": 2}, {"KIND", "NAME", "URL", "REFERRER", "LOADING_TYPE"}),
    (PERF, (WEB,), {"page": 1, "span": 900}, {"KIND", "URL", "REFERRER", "FP", "FCP", "LOAD_EVENT", "DOM_INTERACTIVE", "DOM_LOADED", "DOM_COMPLETE"}),
    (PERF, (MINIPROGRAM, IOS, ANDROID), {"page": 1, "span": 900}, {"KIND", "URL", "REFERRER", "FP", "FCP", "LOAD_EVENT"}),
    (
        VITAL,
        (WEB, MINIPROGRAM, IOS, ANDROID),
        {"page": 1, "key": 4, "aux": 900, "span": 2_000},
        {"KIND", "URL", "REFERRER", "LCP", "FID", "INP", "INPUT_TIME", "CLS"},
    ),
    (LEAVE, (WEB, MINIPROGRAM, IOS, ANDROID), {"page": 1, "span": 30_000, "aux": 900}, {"KIND", "URL", "REFERRER", "SPENT", "LOADING"}),
    (PRESS, (WEB, MINIPROGRAM, IOS, ANDROID), {"key": 2}, {"KIND", "NAME", "TARGET", "SNAPSHOTS", "X", "Y", "DURATION"}),
    (SWEEP, (WEB, MINIPROGRAM, IOS, ANDROID), {"key": 1}, {"KIND", "TARGET", "X", "Y", "DURATION"}),  # the shop's scrolls have no name
    (ERROR, (WEB, MINIPROGRAM), {"key": 1}, {"KIND", "SOURCE", "NAME", "MESSAGE", "STACK"}),
    (ERROR, (IOS, ANDROID), {"key": 3}, {"KIND", "SOURCE", "NAME", "MESSAGE"}),  # the shop's own report has no stack
    (FATAL, (IOS, ANDROID), {"key": 4}, {"KIND", "SUBTYPE", "NAME", "MESSAGE", "STACK"}),
    (STALL, (WEB,), {"page": 1, "span": 300_000}, {"KIND", "SOURCE", "STACK", "DURATION", "FPS"}),
]


@pytest.mark.parametrize(("kind", "platforms", "more", "fields"), FIELDS, ids=[f"{EVENT_KINDS[row[0]]}-{PLATFORMS[row[1][0]]}" for row in FIELDS])
def test_what_an_event_has(
    world: World, devices: list[Device], kind: int, platforms: tuple[int, ...], more: dict[str, int], fields: set[str]
) -> None:
    """An event of each kind has its own fields and no other, and says the same when it is written again."""
    for platform in platforms:
        d = of_platform(devices, platform)
        for ref in range(1, 20):
            e = Event(kind=kind, ref=ref, **more)
            v = written(world, d, e)
            assert present(v) == fields
            assert written(world, d, e) == v


def test_what_a_resource_has(world: World, devices: list[Device], shop: Profile, texts: list[str]) -> None:
    """A request that went well has address, outcome and phases; one that found no network says so in words."""
    code = list(shop.assets).index("code") + 1 + len(shop.apis)
    reviews = list(shop.apis).index("reviews") + 1
    for d in devices[:40]:
        v = written(world, d, Event(kind=STATIC, key=code, ref=d.number + 1))
        assert present(v) == REQUESTED | ENTRY
        assert texts[v[slot.URL]] == shop.app.origin + "/static/shop.js"
        assert texts[v[slot.KIND]] == "js"
    kinds: dict[str, set[str]] = {}
    for ref in range(1, 4_000):
        d = devices[ref % 400]
        v = written(world, d, Event(kind=API, key=reviews, ref=ref))
        said = {(1, True): "OK", (0, False): "TypeError: Failed to fetch"}
        assert texts[v[slot.MESSAGE]] == said[v[SUCCESS], v[slot.STATUS] != ABSENT]
        kinds.setdefault(PLATFORMS[d.platform], set()).add(texts[v[slot.KIND]])
    assert kinds == {"web": {"fetch"}, "miniprogram": {"api"}, "ios": {"api"}, "android": {"api"}}


def test_the_same_request_in_the_walk_and_in_the_event(world: World, devices: list[Device]) -> None:
    """What the walk took for a request's duration is what its event reports."""
    for ref in range(1, 300):
        d, v = devices[ref], [0] * SLOTS
        took = exchange(world, d, 1, ref, 0, v)
        assert written(world, d, Event(kind=API, key=1, ref=ref))[DURATION] == took


def test_a_pages_paints_agree(world: World, devices: list[Device]) -> None:
    """The largest contentful paint that comes with the vitals is not before the first that came with the page's measures."""
    d = of_platform(devices, WEB)
    for ref in range(1, 300):
        perf = written(world, d, Event(kind=PERF, page=1, ref=ref, span=700 + ref))
        vitals = written(world, d, Event(kind=VITAL, page=1, key=ref, aux=700 + ref, ref=ref + 1, span=5_000))
        assert perf[FP] <= perf[FCP] <= vitals[LCP] <= perf[slot.LOAD_EVENT]
        assert perf[slot.DOM_INTERACTIVE] <= perf[slot.DOM_LOADED] <= perf[slot.DOM_COMPLETE] <= perf[slot.LOAD_EVENT]
        assert vitals[slot.FID] <= vitals[slot.INP]


def test_words_of_the_platforms(world: World, devices: list[Device], texts: list[str]) -> None:
    """A press is a click on the web and a tap elsewhere; a crash has its platform's subtype; loading is named by how a page was reached."""

    def said(platform: int, number: int, **event: Any) -> str:
        return texts[written(world, of_platform(devices, platform), Event(ref=1, **event))[number]]

    assert [said(p, slot.KIND, kind=PRESS, key=2) for p in (WEB, MINIPROGRAM, IOS, ANDROID)] == ["click", "tap", "tap", "tap"]
    assert said(WEB, slot.NAME, kind=PRESS, key=2) == "click on button: Banner"
    assert said(IOS, slot.NAME, kind=PRESS, key=2) == "Banner"
    assert [said(p, slot.SUBTYPE, kind=FATAL, key=k) for p in (IOS, ANDROID) for k in (4, 5)] == ["signal", "nsexception", "native", "java"]
    assert [said(WEB, slot.LOADING_TYPE, kind=PV, page=1, aux=aux) for aux in (0, 1)] == ["initial_load", "route_change"]
    assert said(WEB, slot.REFERRER, kind=PV, page=2, previous=1).endswith("/home")
    assert said(WEB, slot.REFERRER, kind=PV, page=2, previous=0) == ""
    assert [said(WEB, slot.SOURCE, kind=ERROR, key=k) for k in (1, 2, 3)] == ["onError", "onUnhandledRejection", "custom"]


def test_a_stall_s_stack_is_of_its_platform(world: World, devices: list[Device], texts: list[str], shop: Profile) -> None:
    """Browsers and mini programs name scripts, apps their own code, in the form of their crashes: one place for each page, the same each time."""
    forms = {
        WEB: r"at \w+ \(https://shop\.example\.com/.*\.js:\d+:\d+\)",
        MINIPROGRAM: r"at \w+ \(https://shop\.example\.com/.*\.js:\d+:\d+\)",
        IOS: r"0 Shop 0x[0-9a-f]{16} \w+ViewController\.\w+\(\) \+ \d+",
        ANDROID: r"at com\.example\.shop\.(\w+)\.\w+\(\1\.kt:\d+\)",
    }
    for platform, form in forms.items():
        d = of_platform(devices, platform)
        places = set()
        for page in range(1, 1 + len(shop.pages)):
            found = {
                texts[written(world, d, Event(kind=kind, page=page, ref=ref, span=600_000))[slot.STACK]] for kind in (STALL, ANR) for ref in (1, 2)
            }
            assert len(found) == 1
            places |= found
        assert len(places) == len(shop.pages)
        assert all(re.fullmatch(form, place) for place in places)


def test_kinds_of_stalls(world: World, devices: list[Device], texts: list[str]) -> None:
    """On the web a blocked main thread is frames; on mobile it is an ANR, or dropped frames, or a long task."""

    def kinds(platform: int, kind: int) -> set[str]:
        d = of_platform(devices, platform)
        return {texts[written(world, d, Event(kind=kind, page=1, ref=ref, span=600_000))[slot.KIND]] for ref in range(1, 60)}

    assert kinds(WEB, STALL) == {"fps"}
    for platform in (IOS, ANDROID):
        assert kinds(platform, ANR) == kinds(platform, ANR_ERROR) == {"anr"}
        assert kinds(platform, STALL) == {"fps", "main"}
