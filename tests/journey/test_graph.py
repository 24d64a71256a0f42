"""Where people go from page to page follows from the profile's graph and how deep visits go: so do the rates of a funnel.

Statistical checks: fixed seed, a false alarm of 1e-5 each (4.4 standard errors, over devices, which are independent). Each has a twin that must fail.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.journey.build import build
from simulator.journey.world import PAGE, World
from simulator.profile.check import EXIT
from simulator.profile.laws import Constant
from simulator.profile.reactions import Reactions
from simulator.profile.types import Journey, Left, Page, Profile
from simulator.profile.variants import Arm
from simulator.schema.words import NAVIGATE

Walk = Callable[..., Iterator[Any]]
SIGMAS = 4.4
FUNNEL = ("detail", "cart", "checkout", "done")


def plain(shop: Profile, **changes: Any) -> Profile:
    """Give the shop with people who are patient, on a platform on which nothing crashes: nothing but the graph, or depth, ends visits."""
    web = replace(shop.platforms["web"], share=1.0, left=Left())
    return replace(shop, **({"platforms": {"web": web}, "reactions": Reactions(), "bugs": {}, "journey": Journey()} | changes))


def visits_of(w: World, walk: Walk, devices: int, days: float) -> list[list[list[int]]]:
    """Give the pages of each visit of each device; the latest visit may be cut and is left out."""
    out = []
    for number in range(devices):
        found: dict[int, list[int]] = {}
        for s in walk(w, number, days):
            if s.kind == NAVIGATE:
                found.setdefault(s.visit, []).append(s.key & PAGE)
        out.append(list(found.values())[:-1])
    return out


def reached(profile: Profile, page: str) -> float:
    """Compute the share of visits that see a page: of the walk on pairs (page before, page) by depth, which the page absorbs."""
    going_on = profile.journey.continuation
    seen, k = 0.0, 0
    there = {("", name): share for name, share in profile.entry.items()}
    while sum(there.values()) > 1e-9:
        seen += sum(there.pop(state, 0.0) for state in [(before, page) for before in ("", *profile.pages)])
        further: dict[tuple[str, str], float] = {}
        for (before, now), mass in there.items():
            rule = profile.pages[now]
            ways = {name: share for name, share in rule.next_after.get(before, rule.next).items() if name != EXIT}
            for following, share in ways.items():
                step = mass * going_on[min(k, len(going_on) - 1)] * share / sum(ways.values())
                further[now, following] = further.get((now, following), 0.0) + step
        there, k = further, k + 1
    return seen


def share_of(lives: list[list[list[int]]], page: int) -> tuple[float, float]:
    """Give the share of visits that see a page, and its standard error over devices."""
    seen = np.array([sum(page in visit for visit in life) for life in lives], float)
    all_ = np.array([len(life) for life in lives], float)
    share = seen.sum() / all_.sum()
    return share, float(np.sqrt(((seen - share * all_) ** 2).sum()) / all_.sum())


@pytest.fixture(scope="module")
def patient(starter: Profile) -> Profile:
    """Give the shop whose visits only depth and the graph end."""
    return plain(starter, journey=starter.journey)


@pytest.fixture(scope="module")
def lives(patient: Profile, walk: Walk) -> list[list[list[int]]]:
    """Give some 5,000 visits of it."""
    return visits_of(build(patient, 7, visits_per_day=6)[0], walk, 150, 6)


@pytest.mark.parametrize("page", FUNNEL)
def test_the_funnel_follows_from_the_graph(patient: Profile, lives: list[list[list[int]]], page: str) -> None:
    """Each step of the funnel is reached by the share of visits that graph and depth say."""
    share, error = share_of(lives, list(patient.pages).index(page) + 1)
    assert abs(share - reached(patient, page)) < SIGMAS * error
    assert error < 0.01


def test_twin_another_funnel_is_caught(patient: Profile, lives: list[list[list[int]]]) -> None:
    """The check fails for a graph in which half as many go from the cart to the checkout."""
    cart = replace(patient.pages["cart"], next=patient.pages["cart"].next | {"checkout": 0.31, "detail": 0.49})
    other = replace(patient, pages=patient.pages | {"cart": cart})
    share, error = share_of(lives, list(patient.pages).index("checkout") + 1)
    assert abs(share - reached(other, "checkout")) > SIGMAS * error


def test_the_shops_levels(patient: Profile) -> None:
    """The shop's graph has the levels that its opening names: orders, carts that are left, checkouts that are completed."""
    cart, checkout, done = (reached(patient, name) for name in ("cart", "checkout", "done"))
    assert done == pytest.approx(0.03, abs=0.003)
    assert 1 - done / cart == pytest.approx(0.70, abs=0.03)
    assert done / checkout == pytest.approx(0.50, abs=0.04)


def page(name: str, **changes: Any) -> Page:
    """Give a page on which nothing happens."""
    return Page(path=f"/{name}", load=Constant(1), think=Constant(1), stay=Constant(1000), **changes)


def test_the_page_before_decides(shop: Profile, walk: Walk) -> None:
    """From a page people go where `next_after` of the page before it says, and where `next` says if it says nothing."""
    pages = {
        "a": page("a", next={"c": 0.5, "b": 0.5}),
        "b": page("b", next={"c": 1.0}),
        "c": page("c", next={"d": 1.0}, next_after={"b": {"a": 0.5, "exit": 0.5}}),
        "d": page("d", next={"exit": 1.0}),
    }
    w = build(plain(shop, pages=pages, entry={"a": 1.0}), 3, visits_per_day=20)[0]
    seen = {tuple(visit) for life in visits_of(w, walk, 40, 3) for visit in life}
    assert (1, 3, 4) in seen  # from a to c: to d
    assert (1, 2, 3) in seen
    assert (1, 2, 3, 1, 3, 4) in seen
    assert not any(way == (2, 3, 4) for visit in seen for way in zip(visit, visit[1:], visit[2:], strict=False))


def test_a_visit_begins_without_a_page_before(shop: Profile, walk: Walk) -> None:
    """The page on which the last visit ended is not the page before the first of the next."""
    pages = {"a": page("a", next={"b": 1.0}, next_after={"b": {"exit": 1.0}}), "b": page("b", next={"exit": 0.5, "a": 0.5})}
    w = build(plain(shop, pages=pages, entry={"a": 1.0}), 3, visits_per_day=20)[0]
    seen = {tuple(visit) for life in visits_of(w, walk, 20, 3) for visit in life}
    assert seen == {(1, 2), (1, 2, 1)}


def test_depth_decides_whether_and_the_graph_where(shop: Profile, walk: Walk) -> None:
    """With a continuation curve a visit ends by it alone, and `next_after` still says where it goes on."""
    pages = {"a": page("a", next={"b": 0.5, "exit": 0.5}), "b": page("b", next={"a": 1.0}, next_after={"a": {"b": 0.2, "exit": 0.8}})}
    w = build(plain(shop, pages=pages, entry={"a": 1.0}, journey=Journey(continuation=[1.0, 1.0, 0.0])), 3, visits_per_day=20)[0]
    assert {tuple(visit) for life in visits_of(w, walk, 20, 3) for visit in life} == {(1, 2, 2)}


def test_an_arm_goes_its_own_way(shop: Profile, walk: Walk) -> None:
    """A device goes by its arm's pages in all of its visits, whatever came before, and arms have their shares."""
    pages = {
        "a": page("a", next={"b": 1.0}),
        "b": page("b", next={"exit": 1.0}, next_after={"a": {"c": 1.0}}),
        "c": page("c", next={"exit": 1.0}),
    }
    arms = {"old": Arm(share=0.75), "new": Arm(share=0.25, next={"b": {"a": 0.1, "exit": 0.9}})}
    profile = plain(shop, pages=pages, entry={"a": 1.0}, app=replace(shop.app, arms=arms))
    ways = [{visit[1:3] == [2, 3] for visit in life} for life in visits_of(build(profile, 3, visits_per_day=20)[0], walk, 400, 0.4) if life]
    assert all(len(way) == 1 for way in ways)
    olds = sum(True in way for way in ways)
    assert abs(olds / len(ways) - 0.75) < SIGMAS * np.sqrt(0.75 * 0.25 / len(ways))
