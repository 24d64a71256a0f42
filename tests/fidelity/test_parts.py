"""The parts of a fit that a log of more than users and times needs: ways between pages with memory, what was left open, clocks, trips, sampling."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from process import DAY, HOUR, MONDAY, Process, draw

from simulator.fidelity import datasets, graph, intervals, left, pace, returning, stays, week, zones
from simulator.fidelity.events import UNTOLD, Events, Floats, Ints, arrange
from simulator.fidelity.fit import fit
from simulator.fidelity.mixture import Mixture
from simulator.fidelity.sessions import HOURS, TIMEOUT, Sessions, cut

STARTER = Path(__file__).parents[2] / "profiles"


def walk(ways: dict[tuple[str, str], Floats], names: str, users: int, length: int, seed: int) -> Events:
    """Draw visits of one length: `ways` has the shares of the pages after a page and the one before it, "" for none."""
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        before, page = "", names[0]
        for k in range(length):
            rows.append((user, 10_000 * k, page))
            before, page = page, names[int(rng.choice(len(names), p=ways.get((before, page), ways[("", page)])))]
    user, time, where = zip(*rows, strict=True)
    return arrange(user, time, where)


FLAT = np.full(3, 1 / 3)
BACK = np.array([0.8, 0.1, 0.1])


def test_one_step_of_memory_is_found_and_no_more() -> None:
    """A page on which it matters where people came from has ways of its own for them; no other page has, and the twin without memory has none."""
    plain = {("", "a"): FLAT, ("", "b"): FLAT, ("", "c"): FLAT}
    log = walk({**plain, ("a", "b"): BACK}, "abc", 600, 12, 1)
    ways = graph.fit(log, cut(log))
    assert list(ways.after) == [(ways.pages.index("b"), ways.pages.index("a"))]
    (shares,) = ways.after.values()
    assert shares[ways.pages.index("a")] == pytest.approx(0.8, abs=0.06)  # of 700 moves, four deviations
    row = ways.next[ways.pages.index("b"), :-1]
    assert row / row.sum() == pytest.approx(FLAT, abs=0.06)
    log = walk(plain, "abc", 600, 12, 1)
    assert graph.fit(log, cut(log)).after == {}


def visits(users: int, each: int, open_: float, resume: float, pauses: int, seed: int) -> Events:
    """Draw visits a day apart, of which some find what was left open and some of these go on from there; and pauses of an hour inside visits.

    Visits begin on page a; from a people go to b, and from b to b.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        t = 0
        for visit in range(each):
            t += DAY
            found, goes_on = visit > 0 and rng.random() < open_, rng.random() < resume
            if found and goes_on:
                if rng.random() < 0.5:
                    rows.append((user, t, "b", False))
                continue
            rows.append((user, t, "a", not found))
            for later in (20_000, 40_000):
                if rng.random() < 0.5:
                    break
                rows.append((user, t + later, "b", False))
        if user < pauses:
            rows.append((user, t + HOUR, "b", False))
    user, time, page, fresh = zip(*rows, strict=True)
    return arrange(user, time, page, fresh=fresh)


def test_what_is_left_open_is_told_from_long_pauses() -> None:
    """Of 24,000 visits: shares of those that find what was left open, and go on from there, within four deviations; of pauses of an hour, all."""
    log = visits(4_000, 6, 0.4, 0.3, 0, 1)
    anew = left.opened(log)
    assert anew is not None
    s = cut(log, TIMEOUT, anew)
    found = left.fit(log, s, anew, graph.fit(log, s), 0.5)
    assert found.open == pytest.approx(0.4, abs=0.02)
    assert found.resume == pytest.approx(0.3, abs=0.03)
    assert found.unseen == pytest.approx(0.4 * 0.3 * 0.5 / (1 - 0.4 * 0.3 * 0.5), abs=0.02)
    log = visits(4_000, 6, 0.4, 0.3, 1_000, 1)
    anew = left.opened(log)
    assert anew is not None
    s = cut(log, TIMEOUT, anew)
    assert left.fit(log, s, anew, graph.fit(log, s), 0.5).pauses[1] > 0.9  # there is nothing else at that distance
    assert found.pauses.max() == 0


def test_a_log_that_does_not_say_has_nothing_left_open() -> None:
    """Without that mark a fit is as it was, and the profile has no such field."""
    assert left.opened(arrange([0, 0], [0, 1])) is None
    assert fit(draw(Process(), 900, 16, 1)).left is None


def test_a_clock_runs_by_the_hours_of_the_user() -> None:
    """It gets as far in a week as the week is long, twice as fast where the weight is 2, by the user's zone."""
    curve = np.tile(np.repeat([2.0, 0.0], 12), 7)
    clock = intervals.Clock(curve, np.array([0, 12 * HOUR]))
    here, there = np.array([0]), np.array([1])
    noon, midnight = np.array([MONDAY + 12 * HOUR]), np.array([MONDAY])
    assert clock.progress(here, noon) - clock.progress(here, midnight) == pytest.approx([24])
    assert clock.progress(there, noon) - clock.progress(there, midnight) == pytest.approx([0])
    assert clock.progress(there, noon + 7 * DAY) - clock.progress(there, noon) == pytest.approx([HOURS])
    assert (clock.weight(here, noon), clock.weight(there, noon)) == (0.0, 2.0)


def comes(curve: Floats, share: float, users: int, seed: int) -> tuple[Ints, Ints]:
    """Draw beginnings of visits of one moment, four weeks from a Monday on: own ones by the curve, 1.5 a day, and after an hour those that follow."""
    rng = np.random.default_rng(seed)
    user, time = [], []
    for number in range(users):
        own = np.flatnonzero(rng.random(28 * 24 * 60) < 1.5 / 1_440 * np.tile(np.repeat(curve, 60), 4)) * 60_000.0
        for at in own:
            t = at
            while True:
                user.append(number)
                time.append(t)
                if rng.random() >= share:
                    break
                t += HOUR * rng.uniform(0.8, 1.2)
    keep = np.array(time) < 28 * DAY
    return np.array(user)[keep], np.array(time, np.int64)[keep] + MONDAY


def follows(curve: Floats, share: float, seed: int) -> float:
    """Fit returns to such visits, by the curve, and give the share that follows another."""
    user, time = comes(curve, share, 400, seed)
    log = arrange(user, time)
    s = cut(log)
    clock = intervals.Clock(curve, np.zeros(400, np.int64))
    none = np.zeros(len(intervals.bins(TIMEOUT)) - 1)
    found = returning.fit(intervals.between(s, (MONDAY, MONDAY + 28 * DAY), TIMEOUT, clock, none))
    return (1 - found.regulars) * found.share + found.regulars * found.regular_share


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_visits_of_an_evening_are_no_returns(share: float) -> None:
    """Where all come within four hours of the evening, the share that follows another is found all the same, within 0.03."""
    evening = np.tile(np.repeat([0.0, 6.0], [20, 4]), 7)
    assert follows(np.maximum(evening, 0.01), share, 3) == pytest.approx(share, abs=0.03)


def test_a_flat_clock_would_take_them_for_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: read by the clock on the wall, a fifth of these visits and more seem to follow another."""
    evening = np.maximum(np.tile(np.repeat([0.0, 6.0], [20, 4]), 7), 0.01)
    real = intervals.Clock
    monkeypatch.setattr(intervals, "Clock", lambda curve, zone: real(np.ones_like(curve), zone))
    assert follows(evening, 0.0, 3) > 0.2


def test_missing_visits_are_allowed_for() -> None:
    """Of half of the sessions at random, the share that follows another is found again, within 0.04; without being told it is less."""
    curve = np.tile(np.repeat([0.5, 1.5], 12), 7)
    user, time = comes(curve, 0.3, 400, 5)
    some = np.random.default_rng(1).random(len(user)) < 0.5
    log = arrange(user[some], time[some])
    clock = intervals.Clock(curve, np.zeros(log.users, np.int64))
    none = np.zeros(len(intervals.bins(TIMEOUT)) - 1)
    found = intervals.between(cut(log), (MONDAY, MONDAY + 28 * DAY), TIMEOUT, clock, none)

    def share(back: returning.Returning) -> float:
        return (1 - back.regulars) * back.share + back.regulars * back.regular_share

    assert share(returning.fit(found, 0.5)) == pytest.approx(0.3, abs=0.04)
    assert share(returning.fit(found)) < 0.22
    assert returning.fit(found, 0.5).per_day == pytest.approx(1.5, rel=0.08)


def test_hours_are_those_of_countries_where_people_live_by_them() -> None:
    """Of people in two zones with one local curve the hours are local; where all live by one clock, whatever their country, they are UTC's."""
    rng = np.random.default_rng(1)
    user = np.repeat(np.arange(600), 10)
    at = MONDAY + 7 * DAY + rng.integers(0, 7, 6_000) * DAY + (12 + rng.integers(0, 8, 6_000)) * HOUR
    home = np.where(user % 2, "CN", "US")
    ahead = np.where(home == "CN", 8, -5) * HOUR
    span = (MONDAY + 7 * DAY, MONDAY + 14 * DAY)

    def hours(time: Ints) -> zones.Hours:
        log = arrange(user, time, country=home)
        s = cut(log)
        return zones.hours_of(log, s.user, s.begin, span)

    local, utc = hours(at - ahead), hours(at)
    assert (local.local, utc.local) == (True, False)
    assert local.countries == pytest.approx({"CN": 0.5, "US": 0.5})
    curve, _ = week.margins(at, local.spans((span[0], span[1] - 1)))
    assert curve[12:20].sum() / curve.sum() > 0.9
    assert not hours(at - ahead)._replace(local=False).local
    untold = replace(arrange(user, at, country=home), country=np.full(600, UNTOLD))
    assert zones.hours_of(untold, cut(untold).user, cut(untold).begin, span).countries == {}


LAW = Mixture(np.array([0.6, 0.4]), np.log([5_000.0, 40_000.0]), np.array([0.9, 0.9]))


def paced(trips: float, seed: int) -> tuple[Sessions, Floats]:
    """Draw logarithms of pauses, two in each of six visits of 6,000 people whose pace has a sigma of 0.5; a share is a trip of ten minutes more."""
    rng = np.random.default_rng(seed)
    users, each = 6_000, 6
    user = np.repeat(np.arange(users), 2 * each)
    session = np.repeat(np.arange(users * each), 2)
    part = rng.choice(2, len(user), p=LAW.weights)
    away = np.where(rng.random(len(user)) < trips, 600_000 * np.exp(0.9 * rng.normal(size=len(user))), 0)
    x = np.log(np.exp(LAW.means[part] + 0.75 * rng.normal(size=len(user)) + 0.5 * rng.normal(size=users)[user]) + away)
    none = np.zeros(0, np.int64)
    place = np.tile([1, 2], users * each)
    s = Sessions(none, none, none, none, np.exp(x).astype(np.int64), user, session, place, none, none, users, np.zeros((0, 2), np.int64), none)
    return s, x


@pytest.mark.parametrize(("trips", "low", "high"), [(0.0, 0.94, 1.0), (0.1, 0.72, 0.9)])
def test_trips_are_allowed_for_in_the_pace(trips: float, low: float, high: float) -> None:
    """With one pause in ten on a trip covariances are four fifths of what they should be, and the pace is found; without trips they are whole.

    Over two draws; without the allowance the pace would be 0.04 less.
    """
    paces = []
    for seed in (1, 2):
        s, x = paced(trips, seed)
        found = stays.fit(s, stays.Pauses(x, np.ones(len(x), np.bool_), np.zeros(len(x), np.int64)), 1, 1e12)
        assert low <= pace.shown(s, x, found.whole) <= high
        paces.append(found.pace.user)
    assert np.mean(paces) == pytest.approx(0.5, abs=0.03)


def test_a_dataset_says_how_its_sessions_are_sampled(tmp_path: Path) -> None:
    """By the profile in its folder: 80 % of the shop's; a folder without a profile has all."""
    (tmp_path / "profile.toml").write_text((STARTER / "shop.toml").read_text("utf-8"), "utf-8")
    assert datasets.sampled(tmp_path) == pytest.approx(0.8)
    assert datasets.sampled(tmp_path / "elsewhere") == 1.0
