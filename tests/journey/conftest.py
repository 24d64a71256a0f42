"""What the journey's tests share: the shop's world, and a walk of one device without any SDK."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from simulator.journey.agenda import Agenda, take
from simulator.journey.build import build
from simulator.journey.population import Device, settle
from simulator.journey.visitor import Visitor, due
from simulator.journey.walk import begin, expect_first, follow
from simulator.journey.world import World
from simulator.profile import starters
from simulator.profile.laws import Constant
from simulator.profile.loader import parse
from simulator.profile.strings import Strings
from simulator.profile.types import Journey, Left, Profile, Revisit
from simulator.schema.records import Stimulus
from simulator.schema.values import SLOTS
from simulator.schema.words import NEVER

SEED = 20_260_105
DAY = 86_400_000


@dataclass(frozen=True)
class Happened:
    """A stimulus as it came: with the ordinal of its visit, and how full the agenda was."""

    at: int
    kind: int
    key: int
    aux: int
    ref: int
    since: int
    visit: int
    planned: int


def walk_device(w: World, number: int, days: float, *, since: int = 0) -> Iterator[Happened]:
    """Live a device from `since` on without an SDK; the walk never hears of one anyway."""
    d, who, a, s, v = Device(), Visitor(), Agenda(), Stimulus(), [0] * SLOTS
    settle(w, d, number)
    expect_first(w, d, who, since)
    until = since + round(days * DAY)
    while True:
        visit = NEVER if who.busy else due(who)
        at = min(visit, a.next_at)
        if at >= until:
            return
        if visit == at:
            begin(w, d, who, a, at)
            continue
        take(a, s)
        follow(w, d, who, a, s, v)
        yield Happened(s.at, s.kind, s.key, s.aux, s.ref, s.since, who.begun, a.count)


@pytest.fixture(scope="session")
def starter() -> Profile:
    """Give the shop as it is."""
    return parse(starters.read("shop"), "shop.toml")


@pytest.fixture(scope="session")
def shop(starter: Profile) -> Profile:
    """Give the shop with people and devices that are all alike; they come on their own, by UTC, and leave nothing open on purpose.

    The rest has tests of its own.
    """
    alike = replace(starter.population, activity=Constant(value=1), revisit=Revisit(), hours_in="utc")
    platforms = {
        name: replace(platform, left=Left(), speed=Constant(value=1), os=[replace(system, speed=None) for system in platform.os])
        for name, platform in starter.platforms.items()
    }
    return replace(starter, population=alike, platforms=platforms, journey=Journey(continuation=starter.journey.continuation))


@pytest.fixture(scope="session")
def _built(shop: Profile) -> tuple[World, Strings]:
    return build(shop, SEED)


@pytest.fixture(scope="session")
def world(_built: tuple[World, Strings]) -> World:
    """Give the shop's world."""
    return _built[0]


@pytest.fixture(scope="session")
def texts(_built: tuple[World, Strings]) -> list[str]:
    """Give the shop's intern table."""
    return _built[1].texts


@pytest.fixture(scope="session")
def walk() -> Callable[..., Iterator[Happened]]:
    """Give what lives a device."""
    return walk_device


@pytest.fixture(scope="session")
def devices(world: World) -> list[Device]:
    """Give the first 400 devices."""
    out = []
    for number in range(400):
        d = Device()
        settle(world, d, number)
        out.append(d)
    return out
