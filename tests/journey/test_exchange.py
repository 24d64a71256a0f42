"""A request's phases hang together, and are drawn again from (device, ref)."""

from copy import copy
from dataclasses import replace as replaced

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.journey.build import build
from simulator.journey.details import write
from simulator.journey.exchange import HEADERS_BYTES, REMEMBERED, ROOM, _exchange, _kept, exchange
from simulator.journey.population import Device, settle
from simulator.journey.world import World
from simulator.profile.laws import Constant
from simulator.profile.requests import Slow
from simulator.profile.types import Profile
from simulator.schema import values as slot
from simulator.schema.records import Event
from simulator.schema.values import DURATION, SLOTS
from simulator.schema.words import ABSENT, STATIC, WEB

NUMBERS = st.integers(0, 399)
REFS = st.integers(1, 1 << 27)
UNTOUCHED = -12_345


def request(world: World, d: Device, target: int, ref: int) -> dict[str, int]:
    """Give the values of a request that are present."""
    v = [UNTOUCHED] * SLOTS
    v[DURATION] = exchange(world, d, target, ref, 0, v)
    names = {name: getattr(slot, name) for name in (
        "DNS", "CONNECT", "SSL", "FIRST_BYTE", "DOWNLOAD", "DURATION", "SUCCESS", "STATUS", "SIZE", "TRANSFER_SIZE", "REQUEST_SIZE",
    )}  # fmt: skip
    assert all(v[number] != UNTOUCHED for number in names.values())
    return {name: v[number] for name, number in names.items() if v[number] != ABSENT}


@given(NUMBERS, st.integers(1, 16), REFS)
@settings(deadline=None)
def test_what_python_has_kept_is_what_is_drawn(world: World, devices: list[Device], number: int, target: int, ref: int) -> None:
    """The first time, when it is given again, and in another world in between: all slots that drawing writes, and no others."""
    other, d = copy(world), devices[number]
    other.targets = [replaced(t, server=t.bytes) for t in world.targets]
    wanted = {}
    for w in (world, other):
        v = [UNTOUCHED] * SLOTS
        wanted[id(w)] = _exchange(w, d, target, ref, 0, v), v
    for w in (world, world, other, world, other, other):
        v = [UNTOUCHED] * SLOTS
        assert (exchange(w, d, target, ref, 0, v), v) == wanted[id(w)]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 3 * REMEMBERED)), max_size=60))
@settings(deadline=None)
def test_what_is_remembered_behind_the_slots_is_what_is_drawn(world: World, devices: list[Device], requests: list[tuple[int, int]]) -> None:
    """Whatever came in between; requests that fall to the same place, and the same number of another device, are told apart."""
    remembers = [UNTOUCHED] * SLOTS + [0] * ROOM
    for number, ref in requests + requests[::-1]:
        target, drawn = 1 + ref % 16, [UNTOUCHED] * SLOTS
        wanted = _exchange(world, devices[number], target, ref, 0, drawn)
        remembers[:SLOTS] = [UNTOUCHED] * SLOTS
        assert _kept(world, devices[number], target, ref, 0, remembers) == wanted
        assert remembers[:SLOTS] == drawn


@given(NUMBERS, st.integers(1, 16), REFS)
@settings(deadline=None, max_examples=400, report_multiple_bugs=False)
def test_a_request(world: World, devices: list[Device], shop: Profile, number: int, target: int, ref: int) -> None:
    """A request's phases add up to its duration, a connection is new with all of its phases or none, and what failed has no size."""
    values = request(world, devices[number], target, ref)
    assert request(world, devices[number], target, ref) == values
    assert min(values[name] for name in values if name not in {"SUCCESS", "STATUS", "SIZE", "DNS", "CONNECT", "SSL"}) > 0
    assert len({values[name] > 0 for name in ("DNS", "CONNECT", "SSL")}) == 1
    assert values["SSL"] == values["CONNECT"]  # one round trip each
    phases = sum(values.get(name, 0) for name in ("DNS", "CONNECT", "SSL", "FIRST_BYTE", "DOWNLOAD"))
    row = [*shop.apis.values(), *shop.assets.values()][target - 1]
    if values["SUCCESS"] == 1:
        assert phases == values["DURATION"]
        assert values["STATUS"] == getattr(row, "status", 200)
        assert values["TRANSFER_SIZE"] == values["SIZE"] + HEADERS_BYTES
    else:
        assert not {"SIZE", "TRANSFER_SIZE", "DOWNLOAD"} & values.keys()
        assert values.get("STATUS", 0) == row.fail.status
        assert values["SUCCESS"] == 0
        if row.fail.status:
            assert phases == values["DURATION"]
        else:
            assert "FIRST_BYTE" not in values  # nothing ever came
            assert phases < values["DURATION"]


def test_requests_fail_wait_and_reuse(world: World, devices: list[Device], shop: Profile) -> None:
    """Among many requests some fail, some open a connection, some are slow, and only those with a body have a size of their own."""
    names = list(shop.apis)
    seen = {
        name: [request(world, devices[ref % 400], names.index(name) + 1, ref) for ref in range(1, 3_000)] for name in ("order", "reviews", "suggest")
    }
    assert {values["STATUS"] for values in seen["order"]} == {201, 500}
    assert {values.get("STATUS") for values in seen["reviews"]} == {200, None}
    assert {values["STATUS"] for values in seen["suggest"]} == {200}  # it never fails
    assert all("REQUEST_SIZE" in values for values in seen["order"])
    assert not any("REQUEST_SIZE" in values for values in seen["suggest"])
    assert {values["DNS"] > 0 for values in seen["suggest"]} == {True, False}
    assert max(values.get("FIRST_BYTE", 0) for values in seen["order"]) > 8 * 350


def test_tls_takes_its_round_trips(shop: Profile) -> None:
    """TCP takes one round trip, TLS as many as its version needs, and the first byte one beside the server's time."""
    api = replace(shop.apis["recommend"], server=Constant(value=40), slow=Slow())
    for trips in (1, 2):
        networks = {name: replace(n, tls_round_trips=trips) for name, n in shop.networks.items()}
        w, _ = build(replace(shop, networks=networks, apis={"recommend": api} | {n: a for n, a in shop.apis.items() if n != "recommend"}), 1)
        settle(w, d := Device(), 3)
        values = [request(w, d, 1, ref) for ref in range(1, 200)]
        assert {v["SSL"] == trips * v["CONNECT"] for v in values} == {True}
        assert all(v["FIRST_BYTE"] > 40 for v in values if "FIRST_BYTE" in v)
        assert {v["FIRST_BYTE"] - v["CONNECT"] for v in values if "FIRST_BYTE" in v and v["CONNECT"]} == {40}


def test_a_file_of_another_origin_hides_itself(shop: Profile, world: World, devices: list[Device]) -> None:
    """A browser tells nothing but the duration of a file of another origin without timing; elsewhere and with timing all is known."""
    font = list(shop.assets).index("font") + 1 + len(shop.apis)
    open_world, _ = build(replace(shop, assets=shop.assets | {"font": replace(shop.assets["font"], timing=True)}), world.seed)
    hidden = (slot.DNS, slot.CONNECT, slot.SSL, slot.FIRST_BYTE, slot.DOWNLOAD, slot.SIZE, slot.TRANSFER_SIZE, slot.STATUS)
    for w, told in ((world, False), (open_world, True)):
        for d in devices[:60]:
            v = [UNTOUCHED] * SLOTS
            write(w, d, Event(kind=STATIC, key=font, ref=d.number + 1), v)
            assert {v[number] == ABSENT for number in hidden} == {d.platform == WEB and not told}
            assert v[DURATION] == request(w, d, font, d.number + 1)["DURATION"]
