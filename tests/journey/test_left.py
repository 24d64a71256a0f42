"""What is left open when a visit ends stays open: people find it again, or it ends by itself."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.journey.build import build
from simulator.journey.world import World
from simulator.profile.laws import Constant, Uniform
from simulator.profile.reactions import Reactions
from simulator.profile.types import Idle, Left, Page, Profile, Trips
from simulator.schema.words import BACKGROUND, CLOSE, FOREGROUND, HIDE, LAUNCH, NAVIGATE, SHOW, TERMINATE, TURN

Walk = Callable[..., Iterator[Any]]
HOUR = 3_600_000
PAGES = {"p": Page(path="/p", load=Constant(1), think=Constant(1_000), stay=Constant(1_000), next={"exit": 1.0})}


def site(shop: Profile, platform: str, left: Left, **changes: Any) -> World:
    """Build a site of one page that is never closed by its readers."""
    row = replace(shop.platforms[platform], share=1.0, close_share=0.0, trips=Trips(), idle=Idle(), crash_share=0.0, left=left, **changes)
    profile = replace(shop, platforms={platform: row}, pages=PAGES, entry={"p": 1.0}, bugs={}, reactions=Reactions())
    return build(profile, 6, visits_per_day=4)[0]


def kinds(w: World, walk: Walk, devices: int = 60, days: float = 6) -> list[list[tuple[int, int]]]:
    """Give what happens on each device but for turns, paints and the like: (time, kind)."""
    said = (LAUNCH, HIDE, SHOW, BACKGROUND, FOREGROUND, CLOSE, TERMINATE, NAVIGATE)
    return [[(s.at, s.kind) for s in walk(w, number, days) if s.kind in said] for number in range(devices)]


@pytest.mark.parametrize(("platform", "away", "end"), [("web", HIDE, CLOSE), ("android", BACKGROUND, TERMINATE)])
def test_what_is_left_ends_by_itself(shop: Profile, walk: Walk, platform: str, away: int, end: int) -> None:
    """A page or app to which nobody comes back ends exactly when its law says; one to which somebody does, does not."""
    lives = kinds(site(shop, platform, Left(kept=Constant(4 * HOUR))), walk)
    ended = kept = 0
    for life in lives:
        for (at, kind), (later, following) in pairwise(life):
            if kind == away:
                ended += following == end
                kept += following != end
                assert (later - at == 4 * HOUR) if following == end else (later - at <= 4 * HOUR)
            if kind == end:
                assert following == LAUNCH
    assert ended > 200
    assert kept > 200


def test_without_a_law_it_stays_open(shop: Profile, walk: Walk) -> None:
    """The twin: a page that is kept for ever is launched once."""
    for life in kinds(site(shop, "web", Left()), walk):
        assert [kind for _, kind in life].count(LAUNCH) == 1
        assert CLOSE not in [kind for _, kind in life]


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_people_go_on_with_what_they_left(shop: Profile, walk: Walk, share: float) -> None:
    """Of visits that find the page open the stated share opens no other; 0.05 more or less would show."""
    resumed = []
    for life in kinds(site(shop, "web", Left(resume_share=share)), walk, 120, 6):
        resumed += [following != NAVIGATE for (_, kind), (_, following) in pairwise(life) if kind == SHOW]
    assert len(resumed) > 2_000
    assert abs(np.mean(resumed) - share) < 0.05


def test_who_goes_on_ends_the_visit_too(shop: Profile, walk: Walk) -> None:
    """A visit that goes on from an open page has a turn on it, ends, and leaves it open again."""
    w = site(shop, "web", Left(resume_share=1.0))
    life = [(s.kind, s.visit) for s in walk(w, 3, 8) if s.kind in (SHOW, HIDE, TURN)]
    resumed = [[kind for kind, of in life if of == visit] for visit in range(2, 12)]
    assert all(visit == [SHOW, TURN, HIDE] for visit in resumed)


def test_when_it_ends_is_a_draw_of_its_own(shop: Profile, walk: Walk) -> None:
    """Visits come at the same times whatever becomes of what they leave open."""

    def visits(left: Left) -> list[int]:
        return [at for life in kinds(site(shop, "ios", left), walk, 10) for at, kind in life if kind in (LAUNCH, FOREGROUND)]

    assert visits(Left()) == visits(Left(kept=Uniform(low=HOUR, high=9 * HOUR)))
