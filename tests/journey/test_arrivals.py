"""Visits come as a Poisson process whose rate follows a weekly curve.

Statistical checks: fixed seed, a false alarm of 1e-5 each, n and the smallest deviation that is caught beside each, and a twin that is broken by
about that deviation and must fail.
"""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import chisquare, kstest

from simulator.journey.arrivals import HOUR, HOURS, WEEK, WEIGHT_ONE, curve_table, moment, operational, progress, relative_rate, when
from simulator.journey.build import build
from simulator.journey.population import Device, settle
from simulator.journey.walk import Visitor, expect, expect_first
from simulator.journey.world import World
from simulator.profile.types import Burst, Profile

ALARM = 1e-5
WEIGHTS = st.floats(0.001, 10)
CURVES = st.tuples(st.lists(WEIGHTS, min_size=7, max_size=7), st.lists(WEIGHTS, min_size=24, max_size=24))
TIMES = st.integers(-60 * WEEK, 6_000 * WEEK)


@given(CURVES, TIMES)
def test_operational_time_is_inverted(curve: tuple[list[float], list[float]], t: int) -> None:
    """`when` gives back the time at which `operational` was computed, before the profile's start as well."""
    table = curve_table(*curve)
    assert when(table, 0, operational(table, 0, t)) == t


@given(CURVES, st.integers(-(1 << 50), 1 << 55))
def test_when_is_the_last_moment_before(curve: tuple[list[float], list[float]], x: int) -> None:
    """The time at which x is reached is the last at which operational time is not beyond x."""
    table = curve_table(*curve)
    t = when(table, 0, x)
    assert operational(table, 0, t) <= x < operational(table, 0, t + 1)


@given(CURVES, TIMES, st.integers(1, 10 * WEEK))
def test_operational_time_runs_on(curve: tuple[list[float], list[float]], t: int, later: int) -> None:
    """Operational time grows by at least 1 in each ms: no hour is without visits."""
    table = curve_table(*curve)
    assert operational(table, 0, t + later) - operational(table, 0, t) >= later


@given(CURVES, st.integers(0, HOURS - 1), st.integers(-5, 5))
def test_an_hour_has_its_weight(curve: tuple[list[float], list[float]], hour: int, week: int) -> None:
    """In every week an hour's share of operational time is its day's weight times its hour's, to the rounding of a weight."""
    days, hours = curve
    table = curve_table(days, hours)
    at = week * WEEK + hour * HOUR
    weight, rest = divmod(operational(table, 0, at + HOUR) - operational(table, 0, at), HOUR)
    assert rest == 0
    exact = days[hour // 24] * hours[hour % 24] * HOURS / (sum(days) * sum(hours)) * WEIGHT_ONE
    assert weight == max(1, round(exact)) or abs(exact % 1 - 0.5) < 1e-6


@given(CURVES)
def test_a_week_may_have_its_168_hours(curve: tuple[list[float], list[float]]) -> None:
    """Weights of all hours of a week are what they are; those that days and hours make are the same curve."""
    days, hours = curve
    whole = [day * hour for day in days for hour in hours]
    assert curve_table([1.0] * 7, whole) == curve_table(days, hours)
    assert curve_table([1.0] * 7, [*whole[1:], whole[0]])[HOURS + 1 :] == [
        *curve_table(days, hours)[HOURS + 2 :],
        curve_table(days, hours)[HOURS + 1],
    ]


BURSTS = [3, 20 * HOUR, 22 * HOUR, 300, 22 * HOUR, 30 * HOUR, 1, 200 * HOUR, 201 * HOUR, 10_000]
"""A list of three: thrice, hardly any, a hundred times the rate."""


@given(CURVES, st.integers(-100 * HOUR, 300 * HOUR), st.integers(-12 * HOUR, 14 * HOUR))
def test_time_in_zones_and_bursts_is_inverted(curve: tuple[list[float], list[float]], t: int, zone: int) -> None:
    """`moment` gives back the time of `progress`, in any zone, in bursts and out of them; where hardly anybody comes to a tenth of a second."""
    table = [*curve_table(*curve), *BURSTS]
    bursts = len(table) - len(BURSTS)
    x = progress(table, 0, bursts, zone, t)
    near = 0 if not 22 * HOUR <= t <= 30 * HOUR else 100
    assert abs(moment(table, 0, bursts, zone, x) - t) <= near
    assert progress(table, 0, bursts, zone, t + 60_000) > x


@given(CURVES, st.integers(0, 250), st.integers(-12, 14))
def test_a_burst_multiplies_the_rate(curve: tuple[list[float], list[float]], hour: int, ahead: int) -> None:
    """In a burst the rate is its factor times that of the hour in the device's zone; elsewhere it is that of the hour, to the rounding."""
    table = [*curve_table(*curve), *BURSTS]
    bursts = len(table) - len(BURSTS)
    percent = 300 if hour in (20, 21) else 1 if 22 <= hour < 30 else 10_000 if hour == 200 else 100
    found = progress(table, 0, bursts, ahead * HOUR, (hour + 1) * HOUR) - progress(table, 0, bursts, ahead * HOUR, hour * HOUR)
    usual = operational(table, 0, (hour + ahead + 1) * HOUR) - operational(table, 0, (hour + ahead) * HOUR)
    assert found == pytest.approx(usual * percent / 100, abs=2)


def test_hours_are_those_of_the_country(shop: Profile) -> None:
    """With local hours each device's visits follow the curve of its own country's clock; UTC's is told apart from it."""
    population = replace(shop.population, hours_in="local", countries={"BR": 0.5, "IN": 0.3, "XX": 0.2}, zones={"XX": -11.75})
    world = build(replace(shop, population=population), 3)[0]
    local, utc = np.zeros(HOURS), np.zeros(HOURS)
    zones = set()
    for number in range(600):
        d, who = Device(), Visitor()
        settle(world, d, number)
        zones.add(d.zone / HOUR)
        expect_first(world, d, who, 0)
        while who.next_visit < 8 * WEEK:
            local[(who.next_visit + d.zone) % WEEK // HOUR] += 1
            utc[who.next_visit % WEEK // HOUR] += 1
            expect(world, d, who, who.arrived)
    assert zones == {-3, 5.5, -11.75}
    weights = np.array([relative_rate(shop.population, h) for h in range(HOURS)])
    assert hours_follow(local, weights)
    assert not hours_follow(utc, weights)


def test_the_rate_of_a_run_knows_zones_and_bursts(shop: Profile) -> None:
    """The rate of an hour is the mean over countries, times that of a burst."""
    hours = [1.0] * 24
    hours[18] = 25.0
    burst = Burst(from_hour=42, to_hour=43, factor=4)
    population = replace(shop.population, days=[1.0] * 7, hours=hours, countries={"CN": 0.5, "GB": 0.5}, hours_in="local", bursts=[burst])
    rates = [relative_rate(population, h) for h in range(48)]
    assert rates[18] / rates[0] == rates[10] / rates[0] == pytest.approx(13, rel=0.01)  # half of the devices have their evening
    assert rates[42] == pytest.approx(4 * rates[18])
    assert rates[34] == pytest.approx(rates[10])


def test_the_shops_week(shop: Profile) -> None:
    """The mean of the curve is 1, and the shop's evening on Saturday is its busiest hour, the small hours of Monday and Tuesday its quietest."""
    rates = [relative_rate(shop.population, h) for h in range(HOURS)]
    assert sum(rates) == pytest.approx(HOURS)
    assert rates.index(max(rates)) == 5 * 24 + 20
    assert {h for h in range(HOURS) if rates[h] == min(rates)} == {day * 24 + hour for day in (0, 1, 2) for hour in (3, 4)}


def test_the_mean_rate(world: World, shop: Profile) -> None:
    """Operational time of a week over the mean gap is the number of visits that the profile asks for, to the rounding of the weights."""
    visits = operational(world.tables, world.arrivals, WEEK) / world.gap
    assert visits == pytest.approx(7 * shop.population.visits_per_day, rel=1e-3)


# -------------------------------------------------------------------------------------------------------------- the Poisson process


def gaps(world: World, devices: int, visits: int) -> np.ndarray:
    """Give the gaps between visits in operational time, in units of their mean: a row per device."""
    out = np.zeros((devices, visits))
    for number in range(devices):
        d, who = Device(), Visitor()
        settle(world, d, number)
        for i in range(visits):
            before = who.arrived
            expect(world, d, who, before)
            out[number, i] = (who.arrived - before) / world.gap
    return out


@pytest.fixture(scope="module")
def found(world: World) -> np.ndarray:
    """Give 20,000 gaps."""
    return gaps(world, 2_000, 10)


def gaps_are_exponential(found: np.ndarray) -> bool:
    """Test gaps against the exponential law: 20,000 of them catch a mean that is off by 8 % (distance 0.03; critical 0.0175)."""
    return bool(kstest(found.ravel(), "expon").pvalue > ALARM)


def gaps_are_independent(found: np.ndarray) -> bool:
    """Test successive gaps of a device: 18,000 pairs catch a correlation of 0.05 (critical 0.033)."""
    uniform = np.exp(-found)
    r = np.corrcoef(uniform[:, :-1].ravel(), uniform[:, 1:].ravel())[0, 1]
    return bool(abs(r) * np.sqrt(uniform[:, 1:].size) < 4.42)  # two-sided 1e-5 of a normal


def test_gaps_are_exponential_and_independent(found: np.ndarray) -> None:
    """In operational time a device's visits are a Poisson process: gaps are exponential, and one says nothing of the next."""
    assert gaps_are_exponential(found)
    assert gaps_are_independent(found)


@pytest.mark.parametrize(
    "broken",
    [
        lambda found: found * 1.08,  # a mean that is 8 % too long
        lambda found: 0.06 + 0.94 * found,  # the right mean, but never less than 6 % of it
        lambda found: np.minimum(found, 3.2),  # the tail cut off where 4 % of it are left
    ],
)
def test_twin_gaps_of_another_law_are_caught(found: np.ndarray, broken: Callable[[np.ndarray], np.ndarray]) -> None:
    """The check fails on gaps that are broken by the deviation that it is to catch."""
    assert not gaps_are_exponential(broken(found))


def test_twin_dependent_gaps_are_caught(found: np.ndarray) -> None:
    """The check fails on gaps of which each repeats a part of the one before."""
    dependent = found.copy()
    dependent[:, 1:] = np.where(np.arange(found.size - len(found)).reshape(found[:, 1:].shape) % 16 == 0, found[:, :-1], found[:, 1:])
    assert not gaps_are_independent(dependent)


def hours_follow(counts: np.ndarray, weights: np.ndarray) -> bool:
    """Test visits per hour of the week: 30,000 of them catch a curve that is late by an hour."""
    return bool(chisquare(counts, weights / weights.sum() * counts.sum()).pvalue > ALARM)


def test_hours_follow_the_curve(world: World, shop: Profile) -> None:
    """Over whole weeks visits fall on the hours in proportion to the curve; the curve of an hour later is told apart from it."""
    counts = np.zeros(HOURS)
    weeks = 8
    for number in range(600):
        d, who = Device(), Visitor()
        settle(world, d, number)
        expect(world, d, who, 0)
        while who.next_visit < weeks * WEEK:
            counts[who.next_visit % WEEK // HOUR] += 1
            expect(world, d, who, who.arrived)
    weights = np.array([relative_rate(shop.population, h) for h in range(HOURS)])
    assert counts.sum() > 25_000
    assert hours_follow(counts, weights)
    assert not hours_follow(counts, np.roll(weights, 1))
