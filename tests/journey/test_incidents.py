"""Incidents meet what is in their scope, from their beginning up to their end, and as much of it as their share says."""

import math
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from simulator.journey.build import build
from simulator.journey.exchange import exchange
from simulator.journey.incidents import met, next_push, push_at, pushed
from simulator.journey.population import Device, settle
from simulator.journey.world import ANR_WAVE, BLANK, CRASH_LOOP, SLOW_SERVER, World
from simulator.profile import incidents
from simulator.profile.incidents import Incident
from simulator.profile.laws import Constant, Uniform
from simulator.profile.types import Profile
from simulator.schema.values import (
    ADDED,
    CONNECT,
    DNS,
    DOWNLOAD,
    DURATION,
    FIRST_BYTE,
    MESSAGE,
    SIZE,
    SLOTS,
    SSL,
    STATUS,
    SUCCESS,
    TRANSFER_SIZE,
)
from simulator.schema.words import ABSENT, ANDROID, IOS, MINIPROGRAM, NEVER, WEB

HOUR = 3_600_000
BEGINS, ENDS = 2 * HOUR, 3 * HOUR
ALARM_SIGMAS = 5.0
"""False alarm of a statistical check: 6e-7."""
ALL: dict[str, Incident] = {
    "slow-server": incidents.SlowServer(from_hour=2, to_hour=3, factor=7),
    "slow-network": incidents.SlowNetwork(from_hour=2, to_hour=3, factor=5),
    "failing-api": incidents.FailingApi(from_hour=2, to_hour=3, status=502),
    "silent-api": incidents.FailingApi(from_hour=2, to_hour=3, status=0),
    "cdn-outage": incidents.CdnOutage(from_hour=2, to_hour=3),
    "network-loss": incidents.NetworkLoss(from_hour=2, to_hour=3, delay=Constant(value=8_000)),
    "blank-screen": incidents.BlankScreen(from_hour=2, to_hour=3, bug="price"),
    "anr-wave": incidents.AnrWave(from_hour=2, to_hour=3),
    "crash-loop": incidents.CrashLoop(from_hour=2, to_hour=3, bug="database"),
    "push": incidents.Push(from_hour=2, to_hour=3, page="detail", delay=Uniform(low=0, high=2 * HOUR)),
}
WHAT = {"blank-screen": BLANK, "anr-wave": ANR_WAVE, "crash-loop": CRASH_LOOP}
"""What play asks for of the kinds that do not meet requests."""


def world_of(shop: Profile, *found: Incident) -> World:
    """Give the shop's world with incidents."""
    return build(replace(shop, incidents={str(i): incident for i, incident in enumerate(found)}), 7)[0]


def device(w: World, number: int) -> Device:
    """Settle a device."""
    d = Device()
    settle(w, d, number)
    return d


def target_of(shop: Profile, name: str) -> int:
    """Give something that an incident of this kind meets: a file for an outage, else the first API or page."""
    return 1 + (len(shop.apis) if name == "cdn-outage" else 0) if name != "crash-loop" else 0


def able(w: World, name: str) -> Device:
    """Give a device in the scope of the only incident."""
    return next(d for d in (device(w, n) for n in range(400)) if d.concerned)


def test_all_kinds_are_here() -> None:
    """The table has every kind."""
    assert {type(incident) for incident in ALL.values()} == set(get_args(Incident))


@pytest.mark.parametrize("name", [name for name in ALL if name != "push"])
def test_from_the_beginning_up_to_the_end(shop: Profile, name: str) -> None:
    """What happens at the beginning is met, what happens a ms earlier is not; a ms before the end is met, the end is not."""
    w = world_of(shop, ALL[name])
    d, kind, what = able(w, name), WHAT.get(name, SLOW_SERVER), target_of(shop, name)
    times = {BEGINS - 1: 0, BEGINS: 1, BEGINS + 1: 1, ENDS - 1: 1, ENDS: 0, ENDS + 1: 0}
    assert {at: met(w, d, at, kind, what, 1) for at in times} == times


@pytest.mark.parametrize("name", ALL)
def test_only_devices_in_scope(shop: Profile, name: str) -> None:
    """A device is concerned if its platform can have the kind and platform, country and network are named, or none are."""
    possible = {"blank-screen": {WEB, MINIPROGRAM}, "anr-wave": {IOS, ANDROID}, "crash-loop": {IOS, ANDROID}}.get(
        name, {WEB, MINIPROGRAM, IOS, ANDROID}
    )
    platform = min(possible)
    w = world_of(
        shop, ALL[name], replace(ALL[name], countries=["CN", "US"], networks=["4g"], platforms=[("web", "miniprogram", "ios", "android")[platform]])
    )
    texts = build(shop, 7)[1].texts
    for d in (device(w, number) for number in range(400)):
        assert (d.concerned >> 1 & 1) == (d.platform in possible)
        narrow = d.platform == platform and texts[d.country] in ("CN", "US") and texts[w.networks[d.network].model] == "4g"
        assert (d.concerned >> 2 & 1) == narrow


def test_a_device_out_of_scope_is_never_met(shop: Profile) -> None:
    """Nothing meets a device that no incident concerns."""
    w = world_of(shop, *(replace(incident, countries=["AE"]) for incident in ALL.values()))
    d = next(d for d in (device(w, number) for number in range(400)) if d.concerned == 0)
    assert not any(met(w, d, BEGINS, kind, 1, ref) for kind in (SLOW_SERVER, BLANK, ANR_WAVE, CRASH_LOOP) for ref in range(200))
    assert next_push(w, d, 0) == NEVER


def near(count: int, n: int, share: float) -> bool:
    """Tell whether a count may be of a share: with n = 4,000 one that is off by 4 points is caught."""
    return abs(count - n * share) < ALARM_SIGMAS * math.sqrt(n * share * (1 - share))


@pytest.mark.parametrize("name", ["slow-server", "failing-api", "cdn-outage", "blank-screen", "anr-wave"])
def test_the_share_is_of_what_happens(shop: Profile, name: str) -> None:
    """So many requests or page views are met, on each device alike; the twin, a share that is off by 8 points, is told apart."""
    w = world_of(shop, replace(ALL[name], share=0.3))
    d = able(w, name)
    count = sum(met(w, d, BEGINS, WHAT.get(name, SLOW_SERVER), target_of(shop, name), ref) for ref in range(4_000))
    assert near(count, 4_000, 0.3)
    assert not near(count, 4_000, 0.38)


@pytest.mark.parametrize("name", ["network-loss", "crash-loop", "push"])
def test_the_share_is_of_devices(shop: Profile, name: str) -> None:
    """So many devices in scope are concerned, each throughout; the twin, a share that is off by 8 points, is told apart."""
    everybody, some = world_of(shop, ALL[name]), world_of(shop, replace(ALL[name], share=0.3))
    inside = [n for n in range(12_000) if device(everybody, n).concerned][:4_000]
    concerned = [n for n in inside if device(some, n).concerned]
    assert near(len(concerned), len(inside), 0.3)
    assert not near(len(concerned), len(inside), 0.38)
    if name != "push":
        d = device(some, concerned[0])
        assert all(met(some, d, BEGINS, WHAT.get(name, SLOW_SERVER), target_of(shop, name), ref) for ref in range(100))


def test_a_request_is_met_by_the_first_in_the_profile(shop: Profile) -> None:
    """Of several incidents that could meet a request it is the first, whatever their kinds."""
    w = world_of(shop, ALL["failing-api"], ALL["slow-server"])
    assert met(w, able(w, ""), BEGINS, SLOW_SERVER, 1, 1) == 1


def test_push_times_are_in_the_window(shop: Profile) -> None:
    """A push brings a visit after its delay, at the latest just before its end, and once."""
    w = world_of(shop, ALL["push"])
    times = []
    for d in (device(w, number) for number in range(400)):
        at = pushed(w, d, 1)
        assert BEGINS <= at < ENDS
        assert next_push(w, d, at - 1) == at
        assert next_push(w, d, at) == NEVER
        assert (push_at(w, d, at), push_at(w, d, at - 1), push_at(w, d, at + 1)) == (1, 0, 0)
        times.append(at)
    assert max(times) == ENDS - 1  # a delay longer than the window
    assert len(set(times)) > 150


# ------------------------------------------------------------------------------------------------------------------- what they do


def made(w: World, d: Device, target: int, ref: int, incident: int) -> list[int]:
    """Give the values of a request."""
    v = [0] * SLOTS
    v[DURATION] = exchange(w, d, target, ref, incident, v)
    return v


PHASES = (DNS, CONNECT, SSL, FIRST_BYTE, DOWNLOAD)


@pytest.mark.parametrize("name", ["slow-server", "slow-network", "failing-api", "silent-api", "cdn-outage", "network-loss"])
def test_what_an_incident_does_to_a_request(shop: Profile, name: str) -> None:
    """A slow server lengthens the first byte alone, a slow network DNS and each round trip; ADDED is by how much later than usual the answer is."""
    w = world_of(
        replace(shop, apis={n: replace(a, slow=replace(a.slow, share=0.0), fail=replace(a.fail, share=0.0)) for n, a in shop.apis.items()}), ALL[name]
    )
    d, target = able(w, name), target_of(shop, name)
    changed: dict[int, int] = dict.fromkeys((*PHASES, SIZE, TRANSFER_SIZE, STATUS, SUCCESS, MESSAGE), 0)
    for ref in range(1, 300):
        usual, hit = made(w, d, target, ref, 0), made(w, d, target, ref, 1)
        assert usual[ADDED] == 0
        for slot in changed:
            changed[slot] += usual[slot] != hit[slot]
        until = sum(usual[slot] for slot in PHASES[:4])
        shown = sum(hit[slot] for slot in PHASES if hit[slot] != ABSENT)
        rtt = usual[CONNECT] or hit[CONNECT] // 5
        if name == "slow-server":
            assert hit[ADDED] == hit[DURATION] - usual[DURATION] == hit[FIRST_BYTE] - usual[FIRST_BYTE] > 0
            assert not usual[CONNECT] or hit[FIRST_BYTE] - rtt == 7 * (usual[FIRST_BYTE] - rtt)
        elif name == "slow-network":
            assert hit[ADDED] == hit[DURATION] - usual[DURATION] > 0
            assert not usual[CONNECT] or [hit[slot] for slot in PHASES[:3]] == [5 * usual[slot] for slot in PHASES[:3]]
            assert hit[FIRST_BYTE] - hit[CONNECT] == usual[FIRST_BYTE] - rtt > 0  # the server's part
            assert hit[CONNECT] == 5 * rtt
        elif name == "network-loss":
            assert [hit[slot] for slot in PHASES] == [0, 0, 0, ABSENT, ABSENT]
            assert hit[DURATION] == 8_000
            assert hit[ADDED] == 8_000 - until
        else:
            assert hit[ADDED] == 0
            assert hit[DURATION] == until
        if name in ("slow-server", "slow-network", "failing-api", "cdn-outage"):
            assert shown == hit[DURATION]
        if name in ("failing-api", "cdn-outage"):
            assert (hit[SUCCESS], hit[STATUS]) == (0, 502 if name == "failing-api" else 503)
            assert {hit[slot] for slot in (SIZE, TRANSFER_SIZE, DOWNLOAD)} == {ABSENT}
        elif name in ("silent-api", "network-loss"):
            assert (hit[SUCCESS], hit[STATUS], hit[FIRST_BYTE]) == (0, ABSENT, ABSENT)
    untouched: dict[str, tuple[Any, ...]] = {
        "slow-server": (DNS, CONNECT, SSL, DOWNLOAD, SIZE, STATUS, SUCCESS, MESSAGE),
        "slow-network": (DOWNLOAD, SIZE, STATUS, SUCCESS, MESSAGE),
        "failing-api": (DNS, CONNECT, SSL, FIRST_BYTE),
        "silent-api": (DNS, CONNECT, SSL),
        "cdn-outage": (DNS, CONNECT, SSL, FIRST_BYTE),
        "network-loss": (),
    }
    assert [slot for slot in untouched[name] if changed[slot]] == []
    assert any(changed.values())
