"""How long people wait, and what they do then."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import kstest

from simulator.journey.agenda import Agenda
from simulator.journey.build import build
from simulator.journey.page import act, furnish
from simulator.journey.population import Device, settle
from simulator.journey.reactions import API, INTERACTION, PAGE, tolerance
from simulator.journey.visitor import ACT, GIVE_UP, LEAVE, RELOAD, Visitor
from simulator.journey.walk import expect
from simulator.journey.world import PAGE as ROW
from simulator.journey.world import PAGE_BITS, World
from simulator.profile.incidents import AnrWave, BlankScreen, CrashLoop, Incident
from simulator.profile.laws import Constant
from simulator.profile.reactions import Patience, Rage, Reactions
from simulator.profile.requests import Api
from simulator.profile.types import Profile
from simulator.schema.records import Stimulus
from simulator.schema.values import SLOTS
from simulator.schema.words import AGAIN, BLOCK, CLICK, CRASH, LAUNCH, NAVIGATE, NEVER, PAINT, PLATFORMS, REQUEST, TAP, THROW, TURN

ALARM = 1e-5
"""False alarm of each statistical check."""
AFTER, HALF, N = 3_000, 5_000, 20_000
OFF = Reactions()
Walk = Callable[..., Iterator[Any]]


def device_of(w: World, number: int) -> Device:
    """Give a device."""
    settle(w, d := Device(), number)
    return d


def settled(w: World, platform: str, number: int = 0) -> Device:
    """Give a device of a platform, counted from 0."""
    d = Device()
    for found in range(2_000):
        settle(w, d, found)
        if PLATFORMS[d.platform] == platform:
            number -= 1
            if number < 0:
                return d
    raise AssertionError(platform)


# ---------------------------------------------------------------------------------------------------------------------------- tolerance


def waits(shop: Profile, half: int) -> np.ndarray:
    """Give how long N people wait."""
    w, _ = build(replace(shop, reactions=Reactions(page=Patience(after=AFTER, half=half))), 3)
    d = settled(w, "web")
    return np.array([tolerance(w, d, w.page_patience, PAGE, ref) for ref in range(N)])


def halves(found: np.ndarray, half: int) -> bool:
    """Test that waits beyond AFTER are exponential with this half life: 20,000 catch one that is off by 10 %."""
    return bool(kstest((found - AFTER) * np.log(2) / half, "expon").pvalue > ALARM)


def test_people_leave_after_a_while_by_half_lives(shop: Profile) -> None:
    """Nobody leaves before `after`, half within `half` more, and so on without memory; the twin, a half life longer by 10 %, is told apart."""
    found = waits(shop, HALF)
    assert found.min() >= AFTER
    assert halves(found, HALF)
    assert not halves(waits(shop, HALF * 11 // 10), HALF)


def test_the_patient_wait_longer_for_everything(shop: Profile) -> None:
    """A person of patience 3 waits three times as long as one of patience 1 would, whatever for."""
    usual = Reactions(page=Patience(after=AFTER, half=HALF), api=Patience(after=10, half=HALF), interaction=Patience(half=HALF))
    worlds = [build(replace(shop, reactions=replace(usual, patience=Constant(value=value))), 3)[0] for value in (1, 3)]
    for pick, purpose in ((lambda w: w.page_patience, PAGE), (lambda w: w.api_patience, API), (lambda w: w.block_patience, INTERACTION)):
        plain, patient = ([tolerance(w, settled(w, "web"), pick(w), purpose, ref) for ref in range(100)] for w in worlds)
        assert patient == [3 * wait for wait in plain]


def test_nobody_leaves_where_it_is_off(shop: Profile) -> None:
    """Without a half life nobody ever leaves, for whatever they wait."""
    w, _ = build(replace(shop, reactions=OFF), 3)
    d = settled(w, "web")
    for p, purpose in ((w.page_patience, PAGE), (w.api_patience, API), (w.block_patience, INTERACTION)):
        assert {tolerance(w, d, p, purpose, ref) for ref in range(100)} == {NEVER}


# ------------------------------------------------------------------------------------------------------------------------------- pages


def slow(shop: Profile, reactions: Reactions, wait: int, *, load: int = 100, **more: Any) -> World:
    """Give a world of one page that is there after `load`, whose API takes so long, and on which people press what calls it."""
    home = shop.pages["home"]
    api = Api(path="/slow", server=Constant(value=wait), size=Constant(value=1))
    press = replace(home.acts[1], weight=1.0, api="slow")
    page = replace(
        home, load=Constant(value=load), assets=[], apis=["slow"], acts=[press], acts_per_view=Constant(value=1), think=Constant(value=9_000),
        block_share=0.0, next={"exit": 1.0},
    )  # fmt: skip
    parts: dict[str, Any] = {"pages": {"home": page}, "bugs": shop.bugs} | more
    bugs = {name: replace(bug, pages={"home": 1.0} if bug.kind in ("exception", "signal") else {}) for name, bug in parts.pop("bugs").items()}
    return build(replace(shop, entry={"home": 1.0}, apis={"slow": api}, reactions=reactions, bugs=bugs, **parts), 3)[0]


def opened(w: World, d: Device, ref: int, at: int = 1_000) -> tuple[Visitor, Agenda]:
    """Open the page."""
    who, a = Visitor(), Agenda()
    expect(w, d, who, 0)
    who.page, who.alive, who.busy, who.refs = 1, 1, 1, ref
    furnish(w, d, who, a, at, ref, [0] * SLOTS)
    return who, a


def planned(a: Agenda, *kinds: int) -> list[Stimulus]:
    """List what is planned of some kinds, in the order of time."""
    return sorted((s for s in a.planned[: a.count] if s.kind in kinds), key=lambda s: (s.at, s.ref))


def test_a_page_beyond_patience_is_given_up(shop: Profile) -> None:
    """Who waits longer for a page and its APIs than patience lasts leaves at that instant; who does not goes on as ever."""
    w = slow(shop, Reactions(page=Patience(after=1_000, half=2_000)), 3_000)
    steps = set()
    for number in range(60):
        d = settled(w, "web", number % 20)
        who, a = opened(w, d, 1 + number)
        (turn,), (call,) = planned(a, TURN), planned(a, REQUEST)
        patience = tolerance(w, d, w.page_patience, PAGE, 1 + number)
        steps.add(turn.key)
        if call.at - 1_000 > patience:
            assert (turn.key, turn.at) == (GIVE_UP, 1_000 + patience)
        else:
            assert turn.key in (ACT, LEAVE)
            assert turn.at >= 1_000 + who.load
    assert steps == {GIVE_UP, ACT}


def test_an_app_that_is_left_paints_nothing(shop: Profile, walk: Walk) -> None:
    """A page that is given up before it is painted is not painted in an app that is out of sight; a hidden tab goes on loading until it closes."""
    w = slow(shop, Reactions(page=Patience(after=1_000, half=100)), 100, load=60_000)
    painted = dict.fromkeys(PLATFORMS, 0)
    for number in range(200):
        painted[PLATFORMS[device_of(w, number).platform]] += sum(s.kind == PAINT for s in walk(w, number, 2.0))
    assert painted["ios"] == painted["android"] == 0
    assert painted["web"] > 10


def test_people_press_again_while_they_wait(shop: Profile) -> None:
    """Presses come while the answer does not, at their gaps, as many as stated at most; what people do next comes after the last."""
    rage = Rage(share=1.0, after=500, gap=Constant(value=300), presses=4)
    for wait, expected in ((100, 0), (600, 1), (1_100, 2), (60_000, 4)):
        w = slow(shop, Reactions(rage=rage), wait)
        for platform in ("web", "ios"):
            d = settled(w, platform)
            who, a = Visitor(page=1, alive=1, busy=1, refs=10, acts_left=1), Agenda()
            later = act(w, d, who, a, 5_000, [0] * SLOTS)
            first, *again = planned(a, CLICK, TAP)
            (call,) = planned(a, REQUEST)
            assert first.at == 5_000
            assert [s.at for s in again] == [5_500 + 300 * i for i in range(len(again))]
            assert len(again) == min(4, max(0, -(-(call.at - 5_500) // 300)))
            assert len(again) >= expected
            assert all(s.at < call.at for s in again)
            assert {s.key for s in again} <= {first.key}
            assert later >= (again[-1].at - 5_000 if again else 0)
    w = slow(shop, Reactions(rage=replace(rage, share=0.0)), 60_000)
    act(w, settled(w, "web"), Visitor(page=1, refs=10), a := Agenda(), 5_000, [0] * SLOTS)
    assert len(planned(a, CLICK)) == 1


def test_people_linger_after_a_delay(shop: Profile) -> None:
    """The next step comes later by so many times the added delay, and no later where none was added."""
    slowed = replace(shop.apis["order"].slow, share=1.0, factor=3.0)
    for linger, share in ((0.0, 1.0), (2.0, 1.0), (2.0, 0.0)):
        w = slow(shop, Reactions(linger=linger), 1_000)
        w.targets[1].slow_percent = round(slowed.factor * 100)
        w.targets[1].slow = (1 << 31) if share else 0
        later = act(w, settled(w, "web"), Visitor(page=1, refs=10), Agenda(), 5_000, [0] * SLOTS)
        assert later == (linger * 2_000 if share else 0)


# --------------------------------------------------------------------------------------------------------------------------- incidents


def always(incident: Incident) -> dict[str, Incident]:
    """Give an incident as a profile has it."""
    return {"it": incident}


def test_a_blank_page_shows_nothing(shop: Profile) -> None:
    """A blank page has an error, neither a paint nor an API; people look at it for a while, then load it again or leave."""
    blank = BlankScreen(from_hour=0, to_hour=9, bug="price", delay=Constant(value=5_000), again_share=0.5)
    w = slow(shop, OFF, 100, incidents=always(blank))
    steps = set()
    for number in range(40):
        d = settled(w, "web", number % 20)
        who, a = opened(w, d, 1 + number)
        (turn,) = planned(a, TURN)
        steps.add(turn.key)
        assert planned(a, PAINT, REQUEST) == []
        assert len(planned(a, THROW)) == 1
        assert 1_000 < planned(a, THROW)[0].at < turn.at == 1_000 + who.load + 5_000
        assert who.hit == 2
    assert steps == {GIVE_UP, RELOAD}
    who, a = opened(w, settled(w, "ios"), 1)
    assert planned(a, PAINT)
    assert who.hit == 0


@pytest.mark.parametrize("again", [True, False])
def test_a_page_that_is_loaded_again_is_the_same(shop: Profile, walk: Walk, again: bool) -> None:
    """A blank page that people load again keeps its number, and is no new page to its referrer; who leaves instead opens another the next time."""
    blank = BlankScreen(from_hour=0, to_hour=90, bug="price", delay=Constant(value=5_000), again_share=float(again))
    w = slow(shop, OFF, 100, incidents=always(blank))
    number = next(n for n in range(60) if PLATFORMS[device_of(w, n).platform] == "web")
    shown = [s for s in walk(w, number, 3.0) if s.kind == NAVIGATE]
    assert len(shown) > 2
    for earlier, later in pairwise(shown):
        same = again and later.visit == earlier.visit
        assert later.key & ROW == 1
        assert (later.key >> PAGE_BITS) - (earlier.key >> PAGE_BITS) == (not same)
        assert later.aux == (AGAIN if same else 0)


def test_an_anr_wave_blocks_pages_of_apps(shop: Profile) -> None:
    """Each page of an app is blocked from its load on, for the stated time; browsers are not concerned."""
    w = slow(shop, OFF, 100, incidents=always(AnrWave(from_hour=0, to_hour=9, delay=Constant(value=6_000))))
    for platform in PLATFORMS:
        who, a = opened(w, settled(w, platform), 5)
        found = [(s.since, s.at) for s in planned(a, BLOCK)]
        assert found == ([(1_000 + who.load, 7_000 + who.load)] if platform in ("ios", "android") else [])


@pytest.mark.parametrize("linger", [0.0, 0.5, 2.0])
def test_nothing_is_done_while_the_app_does_not_respond(shop: Profile, linger: float) -> None:
    """People go on when the main thread is free again, and take so many times the delay if that is longer."""
    reactions = Reactions(linger=linger)
    quiet = slow(shop, reactions, 100)
    w = slow(shop, reactions, 100, incidents=always(AnrWave(from_hour=0, to_hour=9, delay=Constant(value=6_000))))
    for number in range(20):
        (usual,), (turn,) = (planned(opened(world, settled(world, "ios", number), 5)[1], TURN) for world in (quiet, w))
        assert turn.key == usual.key == ACT
        assert turn.at - usual.at == max(6_000, round(linger * 6_000))


@pytest.mark.parametrize("tries", [0, 2])
def test_a_crash_loop_is_tried_so_often(shop: Profile, walk: Walk, tries: int) -> None:
    """Each launch crashes after its delay, and the app is started again so many times at most in one visit; a browser never crashes."""
    loop = CrashLoop(from_hour=0, to_hour=90, bug="database", delay=Constant(value=2_000), tries=tries)
    w = slow(shop, OFF, 100, incidents=always(loop))
    crashes = 0
    for number in range(60):
        settle(w, d := Device(), number)
        launches: dict[int, list[int]] = {}
        for s in walk(w, number, 3.0):
            if s.kind == LAUNCH:
                launches.setdefault(s.visit, []).append(s.at)
            elif s.kind == CRASH:
                assert PLATFORMS[d.platform] in ("ios", "android")
                assert s.at == launches[s.visit][-1] + 2_000
                crashes += 1
        if PLATFORMS[d.platform] in ("ios", "android"):
            assert all(len(times) <= 1 + tries for times in launches.values())
            assert not launches or max(map(len, launches.values())) == 1 + tries
    assert crashes > 20
