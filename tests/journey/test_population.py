"""Who the devices are follows from the seed and their number alone."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from scipy.stats import chi2_contingency, chisquare

from simulator.errors import ProfileError
from simulator.journey.build import build
from simulator.journey.population import NAMES_PER_LOCALE, Device, invent_names, settle
from simulator.journey.world import World
from simulator.profile.laws import Constant, Uniform
from simulator.profile.types import Profile
from simulator.schema.words import PLATFORMS

ALARM = 1e-5
"""False alarm of each statistical check."""


def device(world: World, number: int) -> Device:
    """Settle a device."""
    d = Device()
    settle(world, d, number)
    return d


@given(st.lists(st.integers(0, 1 << 31), min_size=1, max_size=20), st.randoms())
@settings(deadline=None)
def test_a_device_does_not_depend_on_others(world: World, numbers: list[int], chance: "object") -> None:
    """A device is the same whichever others were settled before it, in whatever order, in the same record or a fresh one."""
    expected = {number: device(world, number) for number in numbers}
    shuffled = list(numbers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    again = Device()
    for number in shuffled:
        settle(world, again, number)
        assert again == expected[number]


def test_the_same_seed_is_the_same_population(shop: Profile, world: World) -> None:
    """A world built again from the same seed has the same devices, one of another seed has others."""
    again, _ = build(shop, world.seed)
    other, _ = build(shop, world.seed + 1)
    first = [device(world, n) for n in range(50)]
    assert [device(again, n) for n in range(50)] == first
    assert all(device(other, n).key != d.key for n, d in enumerate(first))


def test_keys_are_distinct(world: World) -> None:
    """No two devices share the root of their draws."""
    assert len({device(world, n).key for n in range(5_000)}) == 5_000


def test_a_device_fits_its_platform(shop: Profile, world: World, devices: list[Device], texts: list[str]) -> None:
    """Model, system and network are of the device's own platform, the country is one of the profile's, and only some have a name."""
    for d in devices:
        platform = shop.platforms[PLATFORMS[d.platform]]
        model = world.models[d.model]
        assert (texts[model.name], texts[model.os_name], texts[model.os_version]) in {
            (name, system.name, system.version) for system in platform.os for name, weight in system.models.items() if weight
        }
        assert texts[world.networks[d.network].model] in {shop.networks[name].model for name in platform.networks}
        assert texts[d.country] in shop.population.countries
    named = [d for d in devices if d.name]
    assert 0 < len(named) < len(devices)
    assert all(texts[d.name] for d in named)
    assert {d.platform for d in devices} == set(range(len(PLATFORMS)))


def test_speed_and_patience_change_nothing_else(shop: Profile, world: World, devices: list[Device]) -> None:
    """Left out, all devices are of speed 1 and usual patience; a law of them gives each its own for good and leaves the rest of it as it was."""
    law = Uniform(low=0.5, high=2)
    web = shop.platforms["web"]
    slow = structs.replace(web, speed=law, os=[structs.replace(web.os[0], speed=Constant(value=3)), *web.os[1:]])
    people = structs.replace(shop.reactions, patience=law)
    other, strings = build(structs.replace(shop, platforms=shop.platforms | {"web": slow}, reactions=people), world.seed)
    speeds, patience = [], []
    for d in devices:
        assert (d.speed, d.patience) == (1_000, 1_000)
        e = device(other, d.number)
        name = strings.texts[other.models[e.model].os_name]
        assert e.speed == (1_000 if e.platform != PLATFORMS.index("web") else 3_000 if name == web.os[0].name else e.speed)
        speeds += [e.speed] if e.platform == PLATFORMS.index("web") and name != web.os[0].name else []
        patience.append(e.patience)
        e.speed = e.patience = 1_000
        assert e == d
    for found in (speeds, patience):
        assert 500 <= min(found) < max(found) <= 2_000
        assert len(set(found)) > len(found) // 2


# ------------------------------------------------------------------------------------------------------------------------ statistics


@pytest.fixture(scope="module")
def crowd(world: World) -> np.ndarray:
    """Give the platform, country and name of 20,000 devices."""
    out = np.zeros((20_000, 3), int)
    d = Device()
    for number in range(len(out)):
        settle(world, d, number)
        out[number] = d.platform, d.country, d.name != 0
    return out


def platforms_are(crowd: np.ndarray, shares: list[float]) -> bool:
    """Test the mix of platforms: 20,000 devices catch one share that is off by 2 points."""
    return bool(chisquare(np.bincount(crowd[:, 0], minlength=len(shares)), np.array(shares) * len(crowd)).pvalue > ALARM)


def traits_are_independent(crowd: np.ndarray, a: int, b: int) -> bool:
    """Test two traits: 20,000 devices catch one that decides 7 % of the other."""
    table = np.zeros((crowd[:, a].max() + 1, crowd[:, b].max() + 1))
    np.add.at(table, (crowd[:, a], crowd[:, b]), 1)
    return bool(chi2_contingency(table[table.any(1)][:, table.any(0)]).pvalue > ALARM)


def test_the_mix_of_platforms(shop: Profile, crowd: np.ndarray) -> None:
    """Platforms have the profile's shares; the twin, shares that are off by 2 points, is told apart."""
    shares = [shop.platforms[name].share for name in PLATFORMS]
    assert platforms_are(crowd, shares)
    assert not platforms_are(crowd, [shares[0] - 0.02, shares[1] + 0.02, *shares[2:]])


@pytest.mark.parametrize(("a", "b"), [(0, 1), (0, 2), (1, 2)])
def test_traits_are_independent(crowd: np.ndarray, a: int, b: int) -> None:
    """Platform, country and whether a user is named say nothing of each other; the twin, in which every fourteenth does, is told apart."""
    assert traits_are_independent(crowd, a, b)
    twin = crowd.copy()
    twin[::14, b] = np.sort(twin[::14, b])[np.argsort(np.argsort(twin[::14, a], kind="stable"))]
    assert not traits_are_independent(twin, a, b)


# ----------------------------------------------------------------------------------------------------------------------------- names


def test_names_follow_from_the_seed() -> None:
    """The same seed gives the same names, so many of each locale, in its own script."""
    names = invent_names(["en_US", "ar_AA", "zh_CN"], 3)
    assert names == invent_names(["en_US", "ar_AA", "zh_CN"], 3)
    assert names != invent_names(["en_US", "ar_AA", "zh_CN"], 4)
    assert len(names) == 3 * NAMES_PER_LOCALE
    assert all(name.isascii() for name in names[:NAMES_PER_LOCALE])
    assert any("\u0600" <= letter <= "\u06ff" for letter in names[NAMES_PER_LOCALE])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names[-1])


@pytest.mark.parametrize("locale", ["xx_XX", "", "English", "en-US"])
def test_an_unknown_locale(locale: str) -> None:
    """A locale that Faker does not know is the profile's mistake, in one line."""
    with pytest.raises(ProfileError) as caught:
        invent_names(["en_US", locale], 1)
    assert str(caught.value).count("\n") == 0
    assert f"`population.locales`: found {locale!r}; expected a locale" in str(caught.value)


def test_nobody_named_needs_no_names(shop: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody is named no names are invented, and no device has one."""
    monkeypatch.setitem(sys.modules, "faker", None)
    population = type(shop.population)(
        visits_per_day=1.0, countries={"CN": 1.0}, named_share=0.0, locales=[], hours=shop.population.hours, days=shop.population.days
    )
    world, _ = build(type(shop)(**{n: getattr(shop, n) for n in shop.__struct_fields__} | {"population": population}), 1)
    assert all(device(world, n).name == 0 for n in range(200))
