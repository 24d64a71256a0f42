"""A fit finds the parameters that a process was drawn with, and becomes a profile that can be played.

Intervals are those of the fit's own spread over seeds at this size, four standard deviations wide, where nothing else is said; the seed is fixed.
"""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from process import DAY, HOUR, Process, draw

from simulator.errors import DataError, ProfileError
from simulator.fidelity import mixture, week
from simulator.fidelity.doubts import doubts
from simulator.fidelity.events import Events, Floats, Ints, arrange, coarsen
from simulator.fidelity.fit import Fit, fit
from simulator.fidelity.sessions import HOURS
from simulator.fidelity.template import path_of, profile
from simulator.profile.loader import parse

DAYS = 16
PROCESS = Process(hours=(0.5,) * 12 + (1.5,) * 12)
PAGED = Process(pages={"": {"/home": 0.7, "/list": 0.3}, "/home": {"/list": 0.8, "/home": 0.2}, "/list": {"/home": 0.5, "/list": 0.5}})


@pytest.fixture(scope="module")
def drawn() -> Events:
    """Give a log of the process in whole seconds."""
    return coarsen(draw(PROCESS, 3_000, DAYS, 5), 1_000)


@pytest.fixture(scope="module")
def fitted(drawn: Events) -> Fit:
    """Fit to it."""
    return fit(drawn)


def test_the_depth_of_visits_is_found(fitted: Fit) -> None:
    """Shares that go on: within four standard errors of a share of so many visits, and 0.01 for what the timeout hides."""
    steps = np.bincount(fitted.sessions.length)
    for k, share in enumerate(PROCESS.continuation[:4], 1):
        at_risk = steps[k:].sum()
        assert abs(fitted.continuation[k - 1] - share) <= 4 * np.sqrt(share * (1 - share) / at_risk) + 0.01, k


def test_the_law_of_pauses_is_found(fitted: Fit) -> None:
    """Its quantiles, persistence included, within a tenth: the parts of a mixture trade places, what they add up to does not."""
    rng = np.random.default_rng(1)
    part = rng.choice(3, p=PROCESS.weights, size=200_000)
    factors = np.hypot(PROCESS.user, PROCESS.visit) * rng.normal(size=part.size)
    truth = np.array(PROCESS.medians)[part] * np.exp(np.array(PROCESS.sigmas)[part] * rng.normal(size=part.size) + factors)
    whole = fitted.stay._replace(sigmas=np.sqrt(fitted.stay.sigmas**2 + fitted.pace.user**2 + fitted.pace.visit**2))
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert abs(whole.below(float(np.quantile(truth, share))) - share) <= 0.03, share


def test_persistence_is_found(fitted: Fit) -> None:
    """The pace of users within 0.12, of visits within 0.2, `keep` within 0.15; people do not get quicker."""
    assert fitted.pace.user == pytest.approx(PROCESS.user, abs=0.12)
    assert fitted.pace.visit == pytest.approx(PROCESS.visit, abs=0.2)
    assert fitted.pace.keep == pytest.approx(PROCESS.keep, abs=0.15)
    assert fitted.pace.depth <= 0.08


def test_returns_and_activity_are_found(fitted: Fit) -> None:
    """The share that comes back soon within 0.08, users' own rate within a quarter, its spread within 0.25, half of the returns within a quarter."""
    back = fitted.returning
    share = (1 - back.regulars) * back.share + back.regulars * back.regular_share
    assert share == pytest.approx(PROCESS.share, abs=0.08)
    assert back.per_day == pytest.approx(PROCESS.rate, rel=0.25)
    assert back.sigma == pytest.approx(PROCESS.sigma, abs=0.25)
    assert back.quantiles[50] == pytest.approx(6 * HOUR, rel=0.25)
    assert back.seen == pytest.approx(fitted.sessions.users / 3_000, abs=0.08)


def test_the_week_is_found(fitted: Fit) -> None:
    """Hours of the day that have three times the visits have them again: returns, which follow no clock, are taken out."""
    ratio = fitted.hours[12:].mean() / fitted.hours[:12].mean()
    assert ratio == pytest.approx(3, abs=0.8)
    assert fitted.days == pytest.approx(np.ones(7), abs=0.15)


def test_days_that_a_log_shows_more_often_do_not_count_for_more() -> None:
    """Eight days from a Monday on with one visit per hour have a flat week."""
    begin = np.arange(0, 8 * DAY, HOUR) + 4 * DAY
    hours, days = week.margins(begin, [((int(begin[0]), int(begin[-1])), 1.0)])
    assert hours == pytest.approx(np.ones(24))
    assert days == pytest.approx(np.ones(7))


def test_returns_are_taken_out_of_the_week() -> None:
    """Where half of all visits follow another by twelve hours, visits of one half of the day make a curve of two thirds and one third."""
    own = np.repeat([2.0, 0.0], 12)
    seen = np.repeat([4 / 3, 2 / 3], 12)  # own + own moved on / 2 + own moved on twice / 4 + ...
    found = week.own(np.tile(seen, 7), 0.5, np.full(10, 12.0 * HOUR))
    assert found == pytest.approx(np.maximum(np.tile(own, 7), week.LEAST))


NIGHTS = np.concatenate([np.tile(np.repeat([0.5, 1.5], 12), 5), np.tile(np.repeat([1.5, 0.5], 12), 2)])
"""Hours of a week whose weekend has its nights where the other days have their days."""


def starts(curve: Floats, users: int, each: int, seed: int) -> tuple[Ints, Ints, week.Spans]:
    """Draw sessions in four weeks: a user has `each` of them, all in one hour of the week."""
    rng = np.random.default_rng(seed)
    hour = np.repeat(rng.choice(HOURS, users, p=curve / curve.sum()), each)
    begin = 4 * DAY + (hour + HOURS * rng.integers(0, 4, users * each)) * HOUR + rng.integers(0, HOUR, users * each)
    return np.repeat(rng.permutation(users), each), begin, [((4 * DAY, 4 * DAY + 4 * HOURS * HOUR - 1), 1.0)]


NONE = (0.0, np.full(1, HOUR))
"""Visits that follow another: none."""


def test_the_hours_of_a_week_are_told_apart_where_they_differ() -> None:
    """With enough sessions a week that its hours and days do not make is found, as 168 hours."""
    hours, days = week.fit(*starts(NIGHTS, 8_000, 1, 3), *NONE)
    assert (len(hours), len(days)) == (168, 0)
    assert np.abs(hours - NIGHTS).mean() < 0.12  # 48 sessions an hour: noise of 14 %, of which the mean absolute part is 0.115


@pytest.mark.parametrize(("users", "each"), [(8_000, 1), (1_000, 8)], ids=["alone", "creatures of habit"])
def test_the_hours_of_a_week_are_not_told_apart_by_noise(users: int, each: int) -> None:
    """The twin: where hours and days make the week, the differences are noise, also that of users who come at one hour; 24 and 7 are given."""
    logs = [starts(np.tile(np.repeat([0.5, 1.5], 12), 7), users, each, seed) for seed in range(8)]
    assert max(week.agreement(*log, *NONE) for log in logs) < week.FIRM
    assert all(tuple(map(len, week.fit(*log, *NONE))) == (24, 7) for log in logs)


def test_a_log_without_a_weekend_has_margins() -> None:
    """Where a log does not show each hour of the week, 24 and 7 weights are given."""
    begin = np.repeat(np.arange(4 * DAY, 9 * DAY, HOUR), 30)
    assert tuple(map(len, week.fit(np.arange(len(begin)), begin, [((4 * DAY, 9 * DAY - 1), 1.0)], *NONE))) == (24, 7)


def test_a_week_of_168_hours_is_written(fitted: Fit) -> None:
    """A profile has the hours of the week, and no days beside them."""
    text = profile(replace(fitted, hours=NIGHTS, days=np.zeros(0)), "log.csv", "x")
    assert parse(text, "x.toml").population.hours == NIGHTS.tolist()
    assert "(population.hours)" in text


def test_gaps_of_one_value_are_spread() -> None:
    """Four gaps of 0 s fill half a second, two of 5 s the second around 5."""
    spread = mixture.spread(np.array([5_000, 0, 0, 5_000, 0, 0]), 1_000)
    assert sorted(spread) == [62.5, 187.5, 312.5, 437.5, 4_750, 5_250]


def test_pages_are_found(tmp_path: Path) -> None:
    """Where visits begin and where pages lead, within 0.05; the profile names them, and its paths are theirs."""
    found = fit(draw(PAGED, 900, DAYS, 2))
    entry = dict(zip(found.graph.pages, found.graph.entry, strict=True))
    assert entry["/home"] == pytest.approx(0.7, abs=0.05)
    home, listed = found.graph.pages.index("/home"), found.graph.pages.index("/list")
    goes_on = found.graph.next[:, :-1] / found.graph.next[:, :-1].sum(1, keepdims=True)
    assert goes_on[home, listed] == pytest.approx(0.8, abs=0.05)
    assert goes_on[listed, home] == pytest.approx(0.5, abs=0.05)
    pages = tomllib.loads(profile(found, "log.csv", "paged"))["pages"]
    assert {name: page["path"] for name, page in pages.items()} == {"/home": "/home", "/list": "/list"}


def test_a_fit_becomes_a_profile(fitted: Fit) -> None:
    """The file is a whole profile whose head says what it was calibrated on and what is assumed; weights sum to 1."""
    text = profile(fitted, "log.csv", "people")
    head = text.partition("format = 1")[0]
    assert all(line.startswith("#") or not line for line in head.splitlines())
    for said in ("log.csv", f"{fitted.views:,} page views", "Assumed", "1000 ms", "30 min"):
        assert said in head
    found = parse(text, "people.toml")
    assert found.name == "people"
    parts = tomllib.loads(text)["pages"]["page"]["stay"]["parts"]
    assert sum(part["weight"] for part in parts) == pytest.approx(1, abs=1e-9)
    assert max(len(line) for line in head.splitlines()) <= 170


@pytest.mark.parametrize(("page", "path"), [("/list/1", "/list/1"), ("Main page?", "/Main%20page%3F"), ("{id}", "/%7Bid%7D"), ("", "/")])
def test_pages_have_paths(page: str, path: str) -> None:
    """A page's path is its name, without what a path or a profile would take for something else."""
    assert path_of(page) == path


def test_a_page_that_would_be_taken_for_another_is_refused(drawn: Events) -> None:
    """`{id}` has a meaning in profiles."""
    page = np.zeros(len(drawn.time), np.int64)
    some = Events(drawn.user, drawn.time, page, ("a{id}",), drawn.users, drawn.resolution)
    with pytest.raises(ProfileError, match=r"found the page 'a\{id\}'"):
        profile(fit(some), "log.csv", "x")


def test_too_little_is_refused() -> None:
    """A handful of page views is one line that says what was found and what is expected."""
    with pytest.raises(DataError, match=r"^log.csv: found 2 sessions with 1 gaps inside them; expected at least 200 and 100"):
        fit(arrange([0, 0, 1], [0, 5_000, 0]), source="log.csv")


def test_gaps_of_nothing_are_refused() -> None:
    """A log whose page views of a visit all have one time has gaps, but none that could be a pause; one that has but one time is too short."""
    n = np.arange(1_000)
    with pytest.raises(DataError, match=r"found 0 gaps of 0\.5 s or more; expected at least 100"):
        fit(arrange(n % 250, 7_001 * (n % 250) * 2))
    with pytest.raises(DataError, match=r"found 0 min from the first page view to the last; expected more than 30"):
        fit(arrange(n % 250, np.zeros(len(n))))


def test_addresses_in_the_place_of_pages_are_said(drawn: Events) -> None:
    """Where each item has an address of its own, one line says how many page views lose their page; 40 pages are none too many."""
    n = np.arange(len(drawn.time))
    names = tuple(sorted(f"/item/{i}?q=1" for i in range(1_000)))
    many = Events(drawn.user, drawn.time, n % 1_000, names, drawn.users, drawn.resolution)
    (line,) = doubts(many, fit(many))
    assert line.startswith("found 1,000 pages, such as '/item/0?q=1'; the 40 commonest are kept and the others, 96% of all page views")
    few = Events(drawn.user, drawn.time, n % 40, names[:40], drawn.users, drawn.resolution)
    assert list(doubts(few, fit(few))) == []


def test_pages_have_pauses_of_their_own(drawn: Events) -> None:
    """Where people stay long on some pages and briefly on others, each has its law; where pages do not matter, all have one."""
    long = np.append(np.diff(drawn.time) > 60_000, False)
    own = fit(replace(drawn, page=long.astype(np.int64), pages=("brief", "long")))
    stays = dict(zip(own.graph.pages, own.stays, strict=True))
    assert stays["brief"].below(60_000) > 0.9
    assert stays["long"].below(40_000) < 0.1
    one, other = fit(replace(drawn, page=np.arange(len(drawn.time)) % 2, pages=("a", "b"))).stays
    assert np.array_equal(one.means, other.means)


def test_users_who_keep_hours_of_their_own_are_said(drawn: Events) -> None:
    """Where half of the people live twelve hours off and the log has no countries, one line says what that does; with countries none does."""
    off = drawn.user % 2 == 0
    apart = arrange(drawn.user, drawn.time + 12 * HOUR * off)
    (line,) = doubts(apart, fit(apart))
    assert line.startswith("found users who keep hours of their own, and no countries")
    told = arrange(drawn.user, drawn.time + 12 * HOUR * off, country=np.where(off, "US", "ID"))
    assert list(doubts(told, fit(told))) == []


def test_programs_among_the_people_are_said(drawn: Events) -> None:
    """A session of 5,000 page views is no person's."""
    bot = arrange(np.r_[drawn.user, np.full(5_000, drawn.users)], np.r_[drawn.time, drawn.time.min() + 1_000 * np.arange(5_000)])
    (line,) = doubts(bot, fit(bot))
    assert line.startswith("found 1 sessions of more than 500 page views, the longest, from ")
    assert "of 5,000: programs rather than people" in line


def test_sessions_of_one_length_become_a_profile() -> None:
    """Where all sessions are five page views long the curve has numbers all the same, and falls after the fifth."""
    n = np.arange(3_000)
    found = fit(arrange(np.zeros(len(n)), 1_000 * (7 * n + 4_000 * (n // 5))))
    assert all(0 <= share <= 1 for share in found.continuation)
    assert found.continuation[3] > 0.9
    assert found.continuation[4] < 0.01
    parse(profile(found, "log.csv", "fives"), "fives.toml")
