"""The visit: every page, every platform, short and long trips, crashes and ends, in an order that a device can live through."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from simulator.journey.agenda import PLACES, Agenda
from simulator.journey.build import build
from simulator.journey.population import Device, settle
from simulator.journey.walk import ACT, LEAVE, Visitor, expect, furnish
from simulator.journey.world import PAGE, World
from simulator.profile.laws import Constant
from simulator.profile.requests import Api
from simulator.profile.types import Bug, Page, Profile
from simulator.schema.records import Stimulus
from simulator.schema.values import SLOTS
from simulator.schema.words import (
    ANDROID,
    ASSET,
    BACKGROUND,
    CLICK,
    CLOSE,
    CRASH,
    FOREGROUND,
    HIDE,
    IOS,
    LAUNCH,
    MINIPROGRAM,
    NAVIGATE,
    PAINT,
    PLATFORMS,
    REPORT,
    REQUEST,
    SCROLL,
    SHOW,
    STIMULI,
    TAP,
    TERMINATE,
    THROW,
    TURN,
    VITALS,
    WEB,
)

DAYS = 3
BUSY = 12.0  # visits per day
AWAY, BACK, ENDS = (BACKGROUND, HIDE), (FOREGROUND, SHOW), (CLOSE, TERMINATE, CRASH)
Walk = Callable[..., Iterator[Any]]


@pytest.fixture(scope="module")
def busy(shop: Profile) -> World:
    """Give the shop's world with devices that visit often, as many of each platform."""
    platforms = {name: replace(row, share=0.25) for name, row in shop.platforms.items()}
    return build(replace(shop, platforms=platforms), 5, visits_per_day=BUSY)[0]


@pytest.fixture(scope="module")
def lives(busy: World, walk: Walk) -> list[tuple[int, list[Any]]]:
    """Give what happened to 100 devices, each with its platform."""
    out = []
    for number in range(100):
        d = Device()
        settle(busy, d, number)
        out.append((d.platform, list(walk(busy, number, DAYS))))
    return out


def pages_of(shop: Profile) -> list[str]:
    """List pages by their index in the world."""
    return ["", *shop.pages]


def test_a_life_is_in_order(lives: list[tuple[int, list[Any]]]) -> None:
    """Stimuli come in order of (time, order of planning), each ordinal once, none before it began."""
    for _, life in lives:
        order = [(s.at, s.ref) for s in life]
        assert order == sorted(order)
        assert len({s.ref for s in life}) == len(life)
        assert all(s.since <= s.at for s in life)


def test_every_platform_and_page_is_visited(shop: Profile, lives: list[tuple[int, list[Any]]]) -> None:
    """On every platform every page of the shop is visited, and all that can happen there happens."""
    common = {LAUNCH, NAVIGATE, SCROLL, REQUEST, ASSET, PAINT, VITALS, TURN}
    web = common | {THROW, HIDE, SHOW, CLOSE}
    mobile = common | {TAP, FOREGROUND, BACKGROUND, TERMINATE, CRASH}
    expected = {WEB: web | {CLICK}, MINIPROGRAM: web | {TAP}, IOS: mobile, ANDROID: mobile}
    for platform, kinds in expected.items():
        seen = [s for p, life in lives for s in life if p == platform]
        assert {s.key & PAGE for s in seen if s.kind == NAVIGATE} == set(range(1, 1 + len(shop.pages)))
        assert {STIMULI[s.kind] for s in seen} - {"block", "report"} == {STIMULI[kind] for kind in kinds}


def test_only_the_living_act(lives: list[tuple[int, list[Any]]]) -> None:
    """A process is launched when there is none, goes away only when it is there, comes back only from away, and after its end nothing happens."""
    for _, life in lives:
        alive, away = False, False
        for s in life:
            if s.kind == LAUNCH:
                assert not alive
                alive, away = True, False
                continue
            assert alive or s.kind == TURN
            if s.kind in AWAY:
                assert not away
                away = True
            elif s.kind in BACK:
                assert away
                away = False
            elif s.kind in ENDS:
                alive = False
            elif s.kind in (NAVIGATE, CLICK, TAP, SCROLL):
                assert not away


def test_a_mobile_process_ends_in_the_background(lives: list[tuple[int, list[Any]]]) -> None:
    """On mobile a process is terminated only while it is away."""
    for platform, life in lives:
        marks = [s.kind for s in life if s.kind in (*AWAY, *BACK, *ENDS, LAUNCH)]
        for before, kind in pairwise(marks):
            if platform in (IOS, ANDROID) and kind == TERMINATE:
                assert before == BACKGROUND


def test_trips_are_short_and_long(lives: list[tuple[int, list[Any]]]) -> None:
    """In the middle of visits people leave for up to 60,000 ms and for longer, on every platform; only mobile systems end the process meanwhile."""
    killed = set()
    for platform in range(len(PLATFORMS)):
        gaps = []
        for _, life in (pair for pair in lives if pair[0] == platform):
            marks = [s for s in life if s.kind in (*AWAY, *BACK, *ENDS, LAUNCH)]
            for a, b in pairwise(marks):
                if a.kind in AWAY and b.kind in BACK and a.visit == b.visit:
                    gaps.append(b.at - a.at)
            for a, b, c in zip(marks, marks[1:], marks[2:], strict=False):
                if a.kind in AWAY and b.kind == TERMINATE and c.kind == LAUNCH and a.visit == c.visit:
                    killed.add(platform)
        assert min(gaps) <= 60_000 < max(gaps)
        assert min(gaps) >= 2
    assert killed == {IOS, ANDROID}


def test_pages_follow_the_profile(shop: Profile, lives: list[tuple[int, list[Any]]]) -> None:
    """A visit begins on a first page of the profile, and each page follows from the one before it by one of its transitions."""
    names = pages_of(shop)
    for _, life in lives:
        visit, page, relaunched = 0, "", False
        for s in life:
            if s.kind == LAUNCH:
                relaunched = s.visit == visit
            if s.kind != NAVIGATE:
                continue
            name = names[s.key & PAGE]
            if s.visit != visit:
                assert shop.entry[name] > 0
            elif relaunched:
                assert name == page  # the system ended the app; it comes back where it was
            else:
                assert shop.pages[page].next[name] > 0
            visit, page, relaunched = s.visit, name, False


def test_acts_and_requests_belong_to_their_page(shop: Profile, busy: World, lives: list[tuple[int, list[Any]]]) -> None:
    """What a person does is an act of the page that is shown, in the word of the platform; errors are thrown where the profile says so."""
    acts = [(name, act) for name, page in shop.pages.items() for act in page.acts]
    bugs = list(shop.bugs.values())
    names = pages_of(shop)
    for platform, life in lives:
        page = ""
        for s in life:
            if s.kind == NAVIGATE:
                page = names[s.key & PAGE]
            elif s.kind in (CLICK, TAP, SCROLL):
                where, act = acts[s.key - 1]
                assert where == page
                assert s.kind == (SCROLL if act.kind == "scroll" else busy.platforms[platform].press)
            elif s.kind in (THROW, REPORT):
                assert bugs[s.key - 1].pages[page] > 0
                assert bugs[s.key - 1].kind == "custom" or platform in (WEB, MINIPROGRAM)
            elif s.kind == CRASH:
                assert bugs[s.key - 1].pages[page] > 0
                assert bugs[s.key - 1].kind in ("exception", "signal")
            elif s.kind == VITALS:
                assert s.aux > 0


def test_the_first_press_is_measured_once(lives: list[tuple[int, list[Any]]]) -> None:
    """On the web the vitals of a page view come once, after its first press, and name its paint."""
    for platform, life in lives:
        if platform != WEB:
            continue
        paint, pressed, measured = 0, 0, 0
        for s in life:
            if s.kind == NAVIGATE:
                paint = pressed = measured = 0
            elif s.kind == PAINT:
                paint = s.ref
            elif s.kind == CLICK:
                pressed += 1
            elif s.kind == VITALS:
                measured += 1
                assert measured == 1 <= pressed
                assert s.key == paint


def test_a_new_document_forgets_what_the_old_one_loaded(lives: list[tuple[int, list[Any]]]) -> None:
    """On the web nothing that began before a navigation ends after it; elsewhere requests survive it."""
    survived = dict.fromkeys(range(len(PLATFORMS)), 0)
    for platform, life in lives:
        shown = 0
        for s in life:
            if s.kind == NAVIGATE:
                shown = s.at
            survived[platform] += s.since < shown and s.kind in (REQUEST, ASSET)
    assert survived[WEB] == 0
    assert all(survived[platform] > 0 for platform in (MINIPROGRAM, IOS, ANDROID))


def test_visits_do_not_overlap(lives: list[tuple[int, list[Any]]]) -> None:
    """What belongs to a visit happens before the next begins, and visits are numbered as they come."""
    for _, life in lives:
        visits = [s.visit for s in life]
        assert visits == sorted(visits)
        assert set(visits) == set(range(1, 1 + max(visits, default=0)))
    assert sum(max((s.visit for s in life), default=0) for _, life in lives) > 0.7 * DAYS * BUSY * len(lives)


def test_a_life_goes_on_for_weeks(busy: World, walk: Walk) -> None:
    """However long a device lives, its visits keep coming."""
    for number in (3, 4):
        last = 0
        for s in walk(busy, number, 120):
            last = s.at
        assert last > 119 * 86_400_000


# ----------------------------------------------------------------------------------------------------------------------- a page opens


def opened(w: World, number: int, page: int) -> tuple[Visitor, list[Stimulus]]:
    """Give what a page plans by itself when it opens."""
    d, who, a = Device(), Visitor(), Agenda()
    settle(w, d, number)
    expect(w, d, who, 0)
    who.page, who.alive, who.busy = page, 1, 1
    furnish(w, d, who, a, 1_000, 1, [0] * SLOTS)
    return who, a.planned[: a.count]


def test_an_open_page_loads_what_it_needs(shop: Profile, world: World) -> None:
    """It loads its assets and calls its APIs, is painted once all assets are there, and only then is anything done on it."""
    targets = [*shop.apis, *shop.assets]
    for page, (_, row) in enumerate(shop.pages.items(), 1):
        for number in range(40):
            who, planned = opened(world, number, page)
            kinds = {kind: [s for s in planned if s.kind == kind] for kind in (ASSET, REQUEST, PAINT, TURN)}
            assert [targets[s.key - 1] for s in kinds[ASSET]] == row.assets
            assert [targets[s.key - 1] for s in kinds[REQUEST]] == row.apis
            (paint,), (first,) = kinds[PAINT], kinds[TURN]
            assert paint.since == 1_000
            assert paint.at == 1_000 + who.load >= max(s.at for s in kinds[ASSET])
            assert first.at > paint.at
            assert first.key == (ACT if who.acts_left else LEAVE)
            assert (who.acts_left == 0) or row.acts


# ------------------------------------------------------------------------------------------------------------- a full agenda


def quick(page: Page, **more: Any) -> Page:
    """Give a page that is left after a second, a hundred of them before each exit."""
    second = Constant(value=1_000)
    return replace(
        page, load=Constant(value=100), think=second, stay=second, acts_per_view=Constant(value=0), next={"home": 0.99, "exit": 0.01}, **more
    )


def only(shop: Profile, page: Page, platform: str, **more: Any) -> Profile:
    """Give the shop with one page, one platform."""
    row = replace(shop.platforms[platform], share=1.0)
    return replace(shop, pages={"home": page}, entry={"home": 1.0}, platforms={platform: row}, **({"bugs": {}} | more))


def crowded(shop: Profile, case: str, platform: str) -> Profile:
    """Give a profile that plans more than an agenda holds."""
    home = shop.pages["home"]
    if case == "requests":
        slow = Api(path="/slow", server=Constant(value=120_000), size=Constant(value=1))
        return only(shop, quick(home, apis=["slow"] * 24, assets=[]), platform, apis=shop.apis | {"slow": slow})
    if case == "bugs":
        bugs = {f"b{i}": Bug(kind="custom", name="n", message="m", stack="", pages={"home": 1.0}) for i in range(70)}
        return only(shop, quick(home), platform, bugs=bugs)
    return only(shop, quick(home, block_share=1.0, block=Constant(value=600_000)), platform)


@pytest.mark.parametrize("platform", ["web", "miniprogram", "android"])
@pytest.mark.parametrize(
    "case",
    [
        "requests",  # two dozen calls per page that each last two minutes, on pages that are left after a second
        "bugs",  # seventy errors on one page, each in every view
        "blocks",  # a main thread that is blocked for ten minutes in every view, on pages that are left after a second
    ],
)
def test_an_agenda_never_overflows(shop: Profile, walk: Walk, case: str, platform: str) -> None:
    """However much a right profile plans at once, the agenda has a place for what must happen, and visits go on."""
    w, _ = build(crowded(shop, case, platform), 1, visits_per_day=20.0)
    for number in range(2):
        life = list(walk(w, number, 0.7))
        assert max(s.planned for s in life) <= PLACES
        assert max(s.visit for s in life) > 1
