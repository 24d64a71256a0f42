"""What the console says reaches devices: a fetch is answered by the rate of its moment, after a while, or fails; and nothing else changes."""

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest

from simulator.journey.fetch import fails, lasts, rate_at
from simulator.kernel.rnd import ONE, threshold
from simulator.play.cohort import Cohort
from simulator.play.drawer import needs_drawer, take_up
from simulator.play.model import Model, make
from simulator.play.seat import ROWS, Desk
from simulator.profile.loader import parse
from simulator.schema.words import PLATFORMS, SAMPLED_OUT, SENT

HOUR = 3_600_000
SPAN = 20 * HOUR
Play = Callable[..., Any]
EDITIONS = {
    "web": '{ "web-documented" = 0.5, "web-0.0.37" = 0.5 }',
    "miniprogram": '{ "miniprogram-documented" = 1.0 }',
    "ios": '{ "ios-documented" = 0.5, "ios-2.3" = 0.5 }',
    "android": '{ "android-documented" = 0.5, "android-2.3" = 0.5 }',
}
TEXT = """
format = 1
name = "fetches"
start = 2026-01-05T00:00:00Z
app = { id = "a", version = "1", origin = "https://a.example" }
entry = { a = 1.0 }
population = { visits_per_day = 12, countries = { CN = 1.0 }, hours = HOURS }
networks.wifi = { model = "wifi", dns = LAW, rtt = LAW, reuse_share = 0.5, kilobytes_per_s = 100 }
pages.a = { path = "/a", load = LAW, think = LAW, stay = STAY, next = { b = 0.5, exit = 0.5 } }
pages.b = { path = "/b", load = LAW, think = LAW, stay = STAY, next = { a = 0.2, exit = 0.8 } }
""".replace("LAW", '{ law = "constant", value = 20 }').replace("HOURS", str([1] * 24))
PLATFORM = """
[platforms.NAME]
share = SHARE
editions = EDITIONS
networks = { wifi = 1.0 }
os = [{ name = "o", version = "1", share = 1, models = { m = 1.0 } }]
"""


def modelled(remote: str, *names: str, more: str = "", editions: str = "", stay: int = 5_000) -> Model:
    """Make the model of visits to two pages, each for `stay` ms, on some platforms whose configuration is fetched."""
    text = TEXT.replace("STAY", f'{{ law = "constant", value = {stay} }}')
    for name in names:
        enable = "" if name in ("ios", "android") else "enable = true, "
        part = PLATFORM.replace("NAME", name).replace("SHARE", str(1 / len(names))).replace("EDITIONS", editions or EDITIONS[name])
        text += f"{part}remote = {{ {enable}{remote} }}\n{more}\n"
    return make(parse(text.replace(",  }", " }"), "fetches"), 5)


def seats(model: Model, end: int = SPAN, step: int = SPAN) -> list[Any]:
    """Play 24 devices, interpreted, in windows of `step` ms, and give what is remembered of them in the end."""
    return [desk.seat for desk in desks(model, end, step)]


def desks(model: Model, end: int = SPAN, step: int = SPAN) -> list[Desk]:
    """Give the same with what is under way."""
    cohort = Cohort(model, 0, 24, begin=0, epoch=0, prints=ROWS, compiled=False)
    for until in range(min(step, end), end + 1, step):
        for _ in cohort.advance(until):
            pass
    table, found = cohort._table, []
    for i in range(cohort.count):  # what the SDK stores is seen nowhere else
        take_up(table, table.desks[0], i)
        found.append(deepcopy(table.desks[0]))
    return found


RATES = "rates = [{ from_hour = 4, sample_rate = 0 }, { from_hour = 9, sample_rate = 1 }, { from_hour = 14, sample_rate = 0.25 }]"
LOST = 'latency = { law = "uniform", low = 0, high = 6000 }, fail_share = 0.3'


@pytest.mark.parametrize("mode", ["launch-first", "remote-first"])
def test_both_bodies_fetch_alike(play: Play, mode: str) -> None:
    """Interpreted, compiled, and cut into any windows, fetches are answered alike; on all editions."""
    model = modelled(f'mode = "{mode}", cache_timeout = 1800000, {RATES}, {LOST}', *PLATFORMS, more="trips = { share = 0.2 }\nclose_share = 0.5")
    found = play(model, count=32)
    assert found.same_as(play(model, count=32, compiled=False))
    assert found.same_as(play(model, count=32, cuts=range(0, SPAN, 17 * 60_000)))
    assert {row[5] for row in found.sessions} == {0, 1}
    assert {SENT, SAMPLED_OUT} <= {row[4] for row in found.events}


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_fetch_brings_the_rate_of_its_answer(name: str) -> None:
    """What a device has stored is what the console said when the answer came; the local rate before the first hour."""
    model = modelled(f"cache_timeout = 0, {RATES}", name)
    stored = set()
    for end in (3 * HOUR, 8 * HOUR, 13 * HOUR, SPAN):
        for seat in seats(model, end):
            if seat.store.kept_rate >= 0:
                assert seat.store.kept_rate == rate_at(model.world, seat.device, seat.store.kept_at, ONE)
                stored.add(seat.store.kept_rate)
    assert stored == {ONE, 0, threshold(0.25)}


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_fetch_brings_no_rate_of_when_it_was_made(name: str) -> None:
    """A console that says something else every three minutes is heard as of the answer, five minutes after the question."""
    rates = ", ".join(f"{{ from_hour = {i / 20}, sample_rate = {i % 100 / 100} }}" for i in range(400))
    law = 'latency = { law = "constant", value = 300000 }'
    model = modelled(f"{law}, cache_timeout = 0, rates = [{rates}]", name, more="close_share = 0.0")
    found = [seat for seat in seats(model) if seat.store.kept_at >= 0]
    assert len(found) > 10
    for seat in found:
        assert seat.store.kept_rate == rate_at(model.world, seat.device, seat.store.kept_at, ONE)
        assert seat.store.kept_rate != rate_at(model.world, seat.device, seat.store.kept_at - 300_000, ONE)


def test_rates_in_force_to_the_ms() -> None:
    """A rate holds from its hour on, and the local one before the first."""
    model = modelled(RATES, "ios")
    device = seats(model, 1)[0].device
    edges = {
        -HOUR: 7,
        0: 7,
        4 * HOUR - 1: 7,
        4 * HOUR: 0,
        9 * HOUR - 1: 0,
        9 * HOUR: ONE,
        14 * HOUR - 1: ONE,
        14 * HOUR: ONE // 4,
        99 * HOUR: ONE // 4,
    }
    assert {at: rate_at(model.world, device, at, 7) for at in edges} == edges
    assert rate_at(modelled("", "ios").world, device, 99 * HOUR, 7) == 7


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_changed_rate_changes_which_sessions_are_sampled(play: Play, name: str) -> None:
    """Sessions that begin after a device has heard of a rate are sampled by it: of a rate 0 from hour 4 on, at most the first of a device are."""
    model = modelled("cache_timeout = 0, rates = [{ from_hour = 4, sample_rate = 0 }]", name)
    by_device: dict[int, list[tuple[int, int]]] = {}
    for _, device, _, _, sampled, _, _, start in sorted(play(model, count=24, epoch=0).sessions, key=lambda row: row[7]):
        by_device.setdefault(device, []).append((start, sampled))
    assert len(by_device) == 24
    late = 0
    for sessions in by_device.values():
        assert all(sampled for start, sampled in sessions if start < 4 * HOUR)
        after = [sampled for start, sampled in sessions if start >= 4 * HOUR]
        assert not any(after[2:])  # web-0.0.37 goes on with a session of before; its rate is that of the next page load
        late += len(after[2:])
    assert late > 50


def test_nothing_but_the_sampling_changes(play: Play) -> None:
    """Where the SDK does not wait, another rate gives the same sessions and events, but for which of them are sampled; no rate is the local one."""
    plain, same, other = (
        modelled(f"cache_timeout = 0{more}", *PLATFORMS) for more in ("", ", rates = [{ from_hour = 0, sample_rate = 1 }]", f", {RATES}")
    )
    found = play(plain)
    assert found.same_as(play(same))
    changed = play(other)
    assert sorted(row[:4] + row[5:] for row in found.sessions) == sorted(row[:4] + row[5:] for row in changed.sessions)
    assert sorted(row[:4] + row[5:] for row in found.events) == sorted(row[:4] + row[5:] for row in changed.events)
    assert sorted(row[4] for row in found.sessions) != sorted(row[4] for row in changed.sessions)


@pytest.mark.parametrize(("latency", "waits"), [(0, 0), (300, 300), (2_999, 2_999), (3_000, 3_000), (4_000, 3_000)])
@pytest.mark.parametrize("name", PLATFORMS)
def test_remote_first_waits_for_the_answer(play: Play, name: str, latency: int, waits: int) -> None:
    """With remote-first a session begins with the answer, or at the timeout; with launch-first at the launch."""
    law = f'latency = {{ law = "constant", value = {latency} }}, cache_timeout = 0'
    documented = f'{{ "{name}-documented" = 1.0 }}'
    first, second = (modelled(f'mode = "{mode}", {law}', name, editions=documented) for mode in ("launch-first", "remote-first"))
    launches = sorted((row[1], row[7]) for row in play(first, count=12).sessions)
    starts = sorted((row[1], row[7]) for row in play(second, count=12).sessions)
    assert starts == [(device, at + waits) for device, at in launches]
    assert len(starts) > 50


@pytest.mark.parametrize("mode", ["launch-first", "remote-first"])
@pytest.mark.parametrize("name", PLATFORMS)
def test_a_fetch_that_fails(play: Play, name: str, mode: str) -> None:
    """A fetch that fails stores nothing and leaves the local rate; remote-first starts when it has failed."""
    documented = f'{{ "{name}-documented" = 1.0 }}'
    model = modelled(f'mode = "{mode}", fail_share = 1, rates = [{{ from_hour = 0, sample_rate = 0 }}]', name, editions=documented)
    assert {seat.store.kept_rate for seat in seats(model)} == {-1}
    assert all(seat.store.fetches > 2 for seat in seats(model))
    found = play(model, count=12)
    assert {row[4] for row in found.sessions} == {1}
    plain = play(modelled("", name, editions=documented), count=12)
    late = 200 if mode == "remote-first" else 0
    assert sorted((row[1], row[7]) for row in found.sessions) == sorted((row[1], row[7] + late) for row in plain.sessions)


def test_fetches_are_drawn_one_by_one() -> None:
    """Of many fetches the given share fails, and each takes its own time, whatever device asks.

    2,400 fetches at 0.3 make 720 with a standard deviation of 22.4; 90 away from it is 4 deviations (two-sided chance 6e-5; the seed is fixed).
    """
    model = modelled(f"{RATES}, {LOST}", "ios")
    devices = [seat.device for seat in seats(model, 1)]
    failed = [fails(model.world, d, n) for d in devices for n in range(1, 101)]
    times = [lasts(model.world, d, n) for d in devices for n in range(1, 101)]
    assert abs(sum(failed) - 720) < 90
    assert (min(times) >= 0, max(times) <= 6_000, len(set(times)) > 1_000) == (True, True, True)
    assert abs(sum(times) / len(times) - 3_000) < 4 * 6_000 / 12**0.5 / 2_400**0.5


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_process_that_has_ended_hears_no_answer(name: str) -> None:
    """An answer that would come after the end of the app or the page is heard by nobody, not by the next process either."""
    for latency, heard in ((1_000, True), (3 * HOUR, False)):
        model = modelled(f'latency = {{ law = "constant", value = {latency} }}', name, stay=2_000)
        found = seats(model)
        assert all(seat.store.fetches > 2 for seat in found)
        assert {seat.store.kept_rate >= 0 for seat in found} == {heard}, latency


def test_the_real_web_sdk_asks_in_each_document() -> None:
    """Edition web-0.0.37 fetches with each page load: as many fetches as page views, and what an old document asked for is heard by nobody."""
    real = '{ "web-0.0.37" = 1.0 }'
    for latency, heard in ((4_000, True), (6_000, False)):  # a page is left after 5 s
        model = modelled(f'mode = "remote-first", latency = {{ law = "constant", value = {latency} }}', "web", editions=real)
        found = seats(model)
        assert {seat.store.fetches - seat.store.views for seat in found} == {0}
        assert {seat.store.kept_rate >= 0 for seat in found} == {heard}, latency


def test_the_real_web_sdk_obeys_from_the_next_document_on() -> None:
    """Edition web-0.0.37: what is stored and what is in force differ between an answer and the next page load only."""
    model = modelled(f'{RATES}, latency = {{ law = "constant", value = 1000 }}', "web", editions='{ "web-0.0.37" = 1.0 }')
    apart = 0
    for end in (4 * HOUR + 30 * 60_000, 5 * HOUR):
        for seat in seats(model, end):
            if seat.store.kept_at >= 4 * HOUR:
                assert seat.store.kept_rate == 0
                apart += seat.store.rate != 0
                assert seat.store.rate == (0 if seat.screen.entered > seat.store.kept_at else seat.store.rate)
    assert apart > 0


@pytest.mark.parametrize("name", PLATFORMS)
def test_an_answer_comes_however_long_nothing_else_happens(play: Play, name: str) -> None:
    """A device left in the background hears an answer long after all else is done, at its ms, and has no drawer any more."""
    latency = 10 * 60_000
    documented = f'{{ "{name}-documented" = 1.0 }}'
    law = f'latency = {{ law = "constant", value = {latency} }}, cache_timeout = 0'
    model = modelled(law, name, more="close_share = 0.0", editions=documented)
    launches = {row[1]: row[7] for row in play(model, count=24, epoch=0).sessions if row[2] == 1}  # nobody launches twice
    heard = {desk.seat.device.number: desk for desk in desks(model, step=60_000)}
    assert len(launches) > 10
    assert {n: heard[n].seat.store.kept_at for n in launches} == {n: at + latency for n, at in launches.items()}
    assert any(not needs_drawer(desk, model.limits[desk.seat.device.edition]) for desk in heard.values())


def test_hours_of_the_table_rise() -> None:
    """The rates of these tests are by rising hour, as a profile's must be."""
    hours = [rate.from_hour for rate in modelled(RATES, "ios").profile.platforms["ios"].remote.rates]
    assert all(a < b for a, b in pairwise(hours))
