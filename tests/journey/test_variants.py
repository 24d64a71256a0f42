"""Which variant of the application a device has: its tenant, its arm of an experiment, and the release of the moment.

Statistical checks: fixed seed, a false alarm of 1e-5 each; beside each what it would catch, or a twin that must fail.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import chisquare, kstest

from simulator.journey.build import build
from simulator.journey.population import Device, release_at, settle
from simulator.journey.world import World
from simulator.profile.incidents import CrashLoop
from simulator.profile.laws import Constant, Uniform
from simulator.profile.reactions import Reactions
from simulator.profile.types import Profile
from simulator.profile.variants import Arm, Release, Tenants
from simulator.schema.words import CRASH, LAUNCH, PAINT

Walk = Callable[..., Iterator[Any]]
ALARM = 1e-5
HOUR = 3_600_000
DEVICES = 4_000


def settled(w: World, count: int = DEVICES) -> list[Device]:
    """Give the first devices."""
    out = [Device() for _ in range(count)]
    for number, d in enumerate(out):
        settle(w, d, number)
    return out


def with_app(shop: Profile, **changes: Any) -> World:
    """Build the shop with another application."""
    return build(replace(shop, app=replace(shop.app, **changes)), 11)[0]


def test_tenants_follow_zipfs_law(shop: Profile) -> None:
    """The k-th tenant's share is as k^-exponent; 4,000 devices tell an exponent of 1.2 from one of 1.05."""
    found = np.bincount([d.tenant for d in settled(with_app(shop, tenants=Tenants(count=20, exponent=1.2)))], minlength=21)[1:]

    def follow(exponent: float) -> bool:
        weights = np.arange(1, 21) ** -exponent
        return bool(chisquare(found, weights / weights.sum() * found.sum()).pvalue > ALARM)

    assert follow(1.2)
    assert not follow(1.05)
    assert not follow(1.35)


def test_arms_have_their_shares_and_are_no_matter_of_tenant(shop: Profile) -> None:
    """Arms are drawn by their shares, in each half of the tenants alike; 4,000 devices catch a share that is off by 0.06."""
    arms = {"a": Arm(share=0.2), "b": Arm(share=0.3), "c": Arm(share=0.5)}
    devices = settled(with_app(shop, tenants=Tenants(count=2, exponent=0), arms=arms))
    for tenant in (1, 2):
        found = np.bincount([d.arm for d in devices if d.tenant == tenant], minlength=3)
        assert chisquare(found, np.array([0.2, 0.3, 0.5]) * found.sum()).pvalue > ALARM
        assert chisquare(found, np.array([0.26, 0.3, 0.44]) * found.sum()).pvalue < ALARM


def test_variants_change_nobody(shop: Profile) -> None:
    """Who the devices are does not depend on tenants, releases and arms."""
    app = replace(shop.app, tenants=Tenants(count=9), releases=[Release(version="7", from_hour=1)], arms={"a": Arm(share=1.0)})
    for one, two in zip(settled(build(shop, 11)[0], 200), settled(build(replace(shop, app=app), 11)[0], 200), strict=True):
        two.tenant = one.tenant
        assert (one.key, one.platform, one.edition, one.network, one.model, one.gap, one.pace) == (
            two.key, two.platform, two.edition, two.network, two.model, two.gap, two.pace,
        )  # fmt: skip


def test_an_arms_pages_load_faster(shop: Profile, walk: Walk) -> None:
    """The load time of a page is the arm's factor of what it would be."""
    pages = {name: replace(page, load=Constant(8_000), assets=[]) for name, page in shop.pages.items()}
    arms = {"plain": Arm(share=0.5), "quick": Arm(share=0.5, load_factor=0.25)}
    w = build(replace(shop, pages=pages, reactions=Reactions(), app=replace(shop.app, arms=arms)), 2)[0]
    for d in settled(w, 60):
        loads = {s.at - s.since for s in walk(w, d.number, 2) if s.kind == PAINT}
        assert loads <= {2_000 if d.arm else 8_000}


@pytest.fixture(scope="module")
def rolled_out(shop: Profile) -> World:
    """Give a shop whose second version reaches four fifths of devices within ten hours, and whose third comes to iOS alone, at once."""
    releases = [
        Release(version="2", from_hour=10, share=0.8, delay=Uniform(low=0, high=10 * HOUR)),
        Release(version="3", from_hour=30, platforms=["ios"]),
    ]
    return with_app(shop, releases=releases)


def test_a_release_rolls_out_by_its_curve(rolled_out: World) -> None:
    """Nobody has it before its hour; then the share that has it follows the law of the delay, up to the release's share."""
    devices = settled(rolled_out)
    assert {release_at(rolled_out, d, 10 * HOUR - 1) for d in devices} == {0}
    for hours in (2, 5, 9):
        share = np.mean([release_at(rolled_out, d, (10 + hours) * HOUR) for d in devices])
        assert abs(share - 0.08 * hours) < 4.4 * np.sqrt(0.25 / DEVICES)  # 0.035
    ever = [d for d in devices if release_at(rolled_out, d, 29 * HOUR)]
    assert abs(len(ever) / DEVICES - 0.8) < 4.4 * np.sqrt(0.16 / DEVICES)
    assert [d.number for d in ever] == [d.number for d in devices if release_at(rolled_out, d, 21 * HOUR)]  # who has it keeps it


def test_the_moments_of_a_roll_out(rolled_out: World) -> None:
    """The instants at which devices get a release have its law; one that is early by a twentieth of its span would be caught."""
    got = []
    for d in settled(rolled_out, 600):
        hours = [h for h in range(10 * 60, 20 * 60 + 1) if release_at(rolled_out, d, h * 60_000)]
        got += [(hours[0] - 600) / 600] if hours else []
    assert kstest(got, "uniform").pvalue > ALARM
    assert kstest(np.array(got) * 0.75, "uniform").pvalue < ALARM


def test_a_later_release_is_for_its_platforms(rolled_out: World) -> None:
    """Where the latest release comes devices have it; elsewhere they keep what they had."""
    devices = settled(rolled_out, 500)
    for d in devices:
        after = release_at(rolled_out, d, 31 * HOUR)
        assert after == 2 if d.platform == 2 else after == release_at(rolled_out, d, 29 * HOUR)


def test_only_the_named_release_crashes(shop: Profile, walk: Walk) -> None:
    """A crash loop of a release meets launches of devices that have it by then, and no others."""
    loop = CrashLoop(from_hour=0, to_hour=48, bug="decoder", delay=Constant(50), releases=["2"], tries=0)
    platforms = {"ios": replace(shop.platforms["ios"], share=1.0, crash_share=0.0)}
    app = replace(shop.app, releases=[Release(version="2", from_hour=24, share=0.5)])
    pages = {name: replace(page, stay=Constant(60_000)) for name, page in shop.pages.items()}
    w = build(replace(shop, app=app, platforms=platforms, pages=pages, incidents={"loop": loop}), 4, visits_per_day=8)[0]
    crashed = {0: 0, 1: 0}
    for number in range(60):
        d = settled(w, number + 1)[-1]
        for s in walk(w, number, 2):
            if s.kind == LAUNCH:
                had = release_at(w, d, s.at)
            elif s.kind == CRASH:
                crashed[had] += 1
                assert s.at >= 24 * HOUR
    assert crashed[0] == 0
    assert crashed[1] > 50
