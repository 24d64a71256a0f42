"""Each starter profile can be played, and what it says that it is calibrated on holds.

Tolerances are wider than 4.4 standard errors (a false alarm of 1e-5) of what is simulated here.
"""

from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from simulator.journey.agenda import Agenda, take
from simulator.journey.build import build
from simulator.journey.population import Device, settle
from simulator.journey.visitor import Visitor, due
from simulator.journey.walk import begin, expect_first, follow
from simulator.journey.world import PAGE
from simulator.play.cohort import Cohort
from simulator.play.model import read
from simulator.play.seat import ROWS
from simulator.profile import starters
from simulator.profile.loader import parse
from simulator.profile.types import Profile
from simulator.profile.zones import ZONES
from simulator.schema.records import Stimulus
from simulator.schema.values import SLOTS
from simulator.schema.words import BACKGROUND, CRASH, FOREGROUND, LAUNCH, NAVIGATE, NEVER, TERMINATE

HOUR = 3_600_000
Life = list[tuple[int, int, int, int]]
"""Time, kind, key and visit of what happens on a device."""


@pytest.mark.parametrize("name", starters.names())
def test_a_starter_plays(name: str) -> None:
    """A day of a starter gives events of several types, on each of its platforms."""
    model = read(starters.read(name), name, 3, visits_per_day=4.0)
    cohort = Cohort(model, 0, 40, begin=0, epoch=model.start_ms, prints=ROWS)
    sent: Any = np.concatenate([chunk.events[chunk.events["length"] > 0].copy() for chunk in cohort.advance(24 * HOUR)])
    assert len(sent) > 500
    assert len(np.unique(sent["type"])) >= 2


def lives(profile: Profile, devices: int, days: float) -> list[Life]:
    """Live devices without an SDK."""
    w = build(profile, 17)[0]
    out = []
    for number in range(devices):
        d, who, a, s, v = Device(), Visitor(), Agenda(), Stimulus(), [0] * SLOTS
        settle(w, d, number)
        expect_first(w, d, who, 0)
        life: Life = []
        while True:
            visit = NEVER if who.busy else due(who)
            at = min(visit, a.next_at)
            if at >= days * 24 * HOUR:
                break
            if visit == at:
                begin(w, d, who, a, at)
                continue
            take(a, s)
            follow(w, d, who, a, s, v)
            life.append((s.at, s.kind, s.key, who.begun))
        out.append(life)
    return out


def views(profile: Profile, found: list[Life]) -> list[list[tuple[int, str]]]:
    """Give the times and pages of each visit but the latest of each device."""
    names, out = ["", *profile.pages], []
    for life in found:
        by: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for at, kind, key, visit in life:
            if kind == NAVIGATE:
                by[visit].append((at, names[key & PAGE]))
        out += list(by.values())[:-1]
    return out


def test_how_long_the_app_is_in_front() -> None:
    """The app is in front for 71.6 s on average, and in 40 % of cases for less than 15 s."""
    spans = []
    for life in lives(parse(starters.read("app"), "app"), 400, 5):
        since = None
        for at, kind, _, _ in life:
            if kind in (LAUNCH, FOREGROUND):
                since = at
            elif kind in (BACKGROUND, TERMINATE, CRASH) and since is not None:
                spans.append((at - since) / 1_000)
                since = None
    assert len(spans) > 7_000
    assert np.mean(spans) == pytest.approx(71.56, rel=0.08)
    assert np.mean(np.array(spans) < 15) == pytest.approx(0.40, rel=0.08)


def local_day(profile: Profile, devices: int) -> np.ndarray:
    """Give the share of openings of an app in each hour of the day where its devices are, of as many devices in a week."""
    w, strings = build(profile, 17)
    hours = np.zeros(24)
    for number, life in enumerate(lives(profile, devices, 7)):
        d = Device()
        settle(w, d, number)
        for at, kind, _, _ in life:
            if kind == LAUNCH:
                hours[int(at / HOUR + ZONES[strings.texts[d.country]]) % 24] += 1
    return hours / hours.sum()


def test_the_apps_day() -> None:
    """Where people are, openings peak around 18:00 and are a fifth of that at 05:00 (16 % of those that follow the clock); the twin has UTC hours."""
    profile = parse(starters.read("app"), "app")
    hours = local_day(profile, 1_000)
    assert set(hours.argsort()[-3:]) <= {16, 17, 18, 19, 20}
    assert hours[4:6].mean() / hours[17:20].mean() == pytest.approx(0.21, abs=0.04)
    twin = local_day(structs.replace(profile, population=structs.replace(profile.population, hours_in="utc")), 500)
    assert twin[4:6].mean() / twin[17:20].mean() > 0.6


def test_the_mini_program_goes_on_as_item_views_do() -> None:
    """Visits go on, and pauses on a dish are, as those of item views in the reference."""
    profile = parse(starters.read("miniprogram"), "miniprogram")
    found = views(profile, lives(profile, 2_500, 8))
    depths = np.array([len(visit) for visit in found])
    for k, share in ((1, 0.69), (2, 0.74), (3, 0.75)):
        assert np.mean(depths[depths >= k] > k) == pytest.approx(share, abs=0.04)
    gaps = [(b[0] - a[0]) / 1_000 for visit in found for a, b in pairwise(visit) if a[1] == "dish"]
    assert np.percentile(gaps, [25, 50, 75, 90]) == pytest.approx([23.5, 50.4, 111.2, 233.0], rel=0.1)
