"""People differ: how often they come, whether they come back, how far they go and how quickly.

Statistical checks: fixed seed, a false alarm of 1e-5 each (4.4 standard errors, over devices, which are independent); beside each what it would
catch. Where it is not plain, a twin without the property must fail.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.journey.build import build
from simulator.journey.world import World
from simulator.kernel.tables import draw
from simulator.profile.laws import Component, Constant, LogNormal, Mixture, Quantiles
from simulator.profile.reactions import Reactions
from simulator.profile.types import Journey, Pace, Page, Profile, Revisit
from simulator.schema.words import NAVIGATE

Walk = Callable[..., Iterator[Any]]
SIGMAS = 4.4
DAYS, DEVICES = 20, 150
MIXTURE = Mixture(parts=(Component(0.5, Constant(2_000)), Component(0.5, Constant(100_000))))
PLAIN = Page(path="/p", load=Constant(1), think=Constant(1), stay=Constant(10_000), next={"p": 0.5, "exit": 0.5})


def site(shop: Profile, *, page: Page = PLAIN, journey: Journey | None = None, **population: Any) -> World:
    """Build a site of one page, without trips, idling and crashes, visited twice a day."""
    platforms = {"web": replace(shop.platforms["web"], share=1.0, trips=type(shop.platforms["web"].trips)(), idle=type(shop.platforms["web"].idle)())}
    own = replace(shop.population, visits_per_day=2, hours=[1.0] * 24, days=[1.0] * 7, **population)
    profile = replace(
        shop, population=own, platforms=platforms, entry={"p": 1.0}, pages={"p": page}, bugs={}, journey=journey or Journey(), reactions=Reactions()
    )
    return build(profile, 5)[0]


def visits(w: World, walk: Walk) -> list[list[list[int]]]:
    """Give for each device the times of page views, visit by visit; the latest visit may be cut and is left out."""
    out = []
    for number in range(DEVICES):
        found: dict[int, list[int]] = {}
        for s in walk(w, number, DAYS):
            if s.kind == NAVIGATE:
                found.setdefault(s.visit, []).append(s.at)
        out.append(list(found.values())[:-1])
    return out


def is_about(values: list[float], expected: float) -> bool:
    """Tell whether a mean over devices is the expected one."""
    return abs(float(np.mean(values)) - expected) <= SIGMAS * float(np.std(values, ddof=1)) / len(values) ** 0.5


def shares_of_going_on(lives: list[list[list[int]]], views: int) -> list[float]:
    """Give for each device the share of its visits with so many views that went on."""
    reached = [[len(visit) > views for visit in life if len(visit) >= views] for life in lives]
    return [float(np.mean(went)) for went in reached if went]


def test_going_on_by_depth(shop: Profile, walk: Walk) -> None:
    """The share of visits that go on after k views is the k-th of the list, and the last from there on; an error of 0.06 would show."""
    lives = visits(site(shop, journey=Journey(continuation=[0.3, 0.6, 0.8])), walk)
    for views, expected in ((1, 0.3), (2, 0.6), (3, 0.8), (4, 0.8)):
        assert is_about(shares_of_going_on(lives, views), expected)
    assert not is_about(shares_of_going_on(visits(site(shop), walk), 1), 0.3)  # by the page's own exit: 0.5


def test_visits_per_day_count_those_that_follow(shop: Profile, walk: Walk) -> None:
    """Visits that follow others are part of the rate that the profile asks for; 5 % more or fewer would show."""
    back = Revisit(share=0.3, gap=Constant(1_000_000), regulars=0.25, regular_share=0.7)
    w = site(shop, revisit=back)
    counts = [float(sum(1 for s in walk(w, n, DAYS) if s.kind == NAVIGATE)) / 2 for n in range(600)]  # 2 views per visit on average
    assert is_about(counts, 2 * DAYS)
    assert not is_about([1.2 * count for count in counts], 2 * DAYS)


def test_coming_back(shop: Profile, walk: Walk) -> None:
    """Of the visits, the stated share is followed by another exactly as long after its end as the law says."""
    lives = visits(site(shop, page=replace(PLAIN, next={"exit": 1.0}), revisit=Revisit(share=0.4, gap=Constant(1_000_000))), walk)
    followed = [float(np.mean([b[0] - a[0] == 1_010_001 for a, b in pairwise(life)])) for life in lives if len(life) > 1]
    assert abs(float(np.mean(followed)) - 0.4) < 0.03  # a few are overtaken by a visit of their own; 2,700 visits have a standard error below 0.01


def test_activity(shop: Profile, walk: Walk) -> None:
    """Devices differ in their rate of visits, but not in its mean: half never or hardly come, half come twice as often."""
    w = site(shop, activity=Quantiles(values=(0.0, 0.0, 1.0, 1.0)))
    counts = [float(len(life)) for life in visits(w, walk)]
    assert 0.25 < float(np.mean([count < 3 for count in counts])) < 0.45  # a third, and those between
    assert is_about([count + 1 for count in counts], 2 * DAYS) or abs(float(np.mean(counts)) - 2 * DAYS) < 6


def test_paces_persist(shop: Profile, walk: Walk) -> None:
    """Pauses of one person are alike, those of one visit more so, and without a pace all are equal."""
    long = Journey(continuation=[0.9])

    def spread(pace: Pace) -> tuple[float, float, float]:
        """Standard deviations of log pauses: between people, between visits of one, within a visit."""
        lives = visits(site(shop, journey=replace(long, pace=pace)), walk)
        pauses = [[np.log(np.diff(visit)) for visit in life if len(visit) > 1] for life in lives]
        people = [float(np.mean([p.mean() for p in life])) for life in pauses if len(life) > 5]
        inside = [float(np.std([p.mean() for p in life], ddof=1)) for life in pauses if len(life) > 5]
        return float(np.std(people)), float(np.mean(inside)), max(float(p.std()) for life in pauses for p in life)

    assert spread(Pace()) == pytest.approx((0, 0, 0), abs=1e-9)
    between, within, inside = spread(Pace(user=0.6))
    assert (between, within, inside) == pytest.approx((0.6, 0, 0), abs=0.13)  # 150 people: standard error 0.035
    between, within, inside = spread(Pace(visit=0.5))
    assert within == pytest.approx(0.5, abs=0.05)
    assert inside < 0.01
    assert between < 0.2


def test_people_get_quicker(shop: Profile, walk: Walk) -> None:
    """The pause on the k-th page view is k^-depth of that on the first, to the millisecond and the rounding of the factor."""
    lives = visits(site(shop, journey=Journey(continuation=[0.9], pace=Pace(depth=0.5))), walk)
    longest = max((visit for life in lives for visit in life), key=len)
    pauses = np.diff(longest)[:20]
    assert len(pauses) > 10
    assert pauses.tolist() == pytest.approx([10_000 * (k + 1) ** -0.5 + 1 for k in range(len(pauses))], rel=3e-3)


@pytest.mark.parametrize("keep", [0.0, 0.6])
def test_a_mixture_is_kept_to(shop: Profile, walk: Walk, keep: float) -> None:
    """Of pauses, `keep` come from the part of the pause before, the others from any: 0.5 + keep / 2 stay here. 0.05 would show."""
    lives = visits(site(shop, page=replace(PLAIN, stay=MIXTURE), journey=Journey(continuation=[0.9], pace=Pace(keep=keep))), walk)
    stays, shorts = [], []
    for life in lives:
        parts = [np.diff(visit) < 50_000 for visit in life]
        pairs = [bool(a == b) for visit in parts for a, b in pairwise(visit)]
        if pairs:
            stays.append(float(np.mean(pairs)))
            shorts.append(float(np.mean(np.concatenate(parts))))
    assert is_about(stays, 0.5 + keep / 2)
    assert is_about(shorts, 0.5)  # however it is kept to


def test_a_pause_has_its_law(shop: Profile) -> None:
    """A mixture's table is the choice among its parts and their tables; any other law is a mixture of one."""
    w = site(shop, page=replace(PLAIN, stay=MIXTURE, think=LogNormal(median=900, sigma=0.5)))
    stay, think = w.pages[1].stay, w.pages[1].think
    assert (w.tables[stay], w.tables[think]) == (2, 1)
    assert [draw(w.tables, w.tables[stay + 2 + i], 1 << 30) for i in range(2)] == [2_000, 100_000]
    assert draw(w.tables, w.tables[think + 2], 1 << 30) == pytest.approx(900, abs=2)
