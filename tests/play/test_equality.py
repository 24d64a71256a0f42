"""One result, however it is computed: interpreted or compiled, in any windows, in any cohorts, with buffers of any size."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ProfileError
from simulator.journey.walk import Visitor
from simulator.kernel.record import dtype_of
from simulator.play import cohort as room
from simulator.play.cohort import Cohort
from simulator.play.model import Model, make
from simulator.play.seat import PAYLOADS, ROWS
from simulator.profile.editions import EDITIONS
from simulator.profile.incidents import Incident
from simulator.profile.loader import digest, parse
from simulator.schema.records import Event, Stimulus
from simulator.schema.words import FATES, PLATFORMS
from simulator.sdk.state import Screen

HOUR = 3_600_000
SPAN = 20 * HOUR
Play = Callable[..., Any]


def joined(parts: list[Any]) -> Any:
    """Put what several cohorts did into one."""
    out = type(parts[0])()
    for part in parts:
        out.sessions += part.sessions
        out.events += part.events
        out.payloads += part.payloads
        out.labels += part.labels
        assert not out.texts.keys() & part.texts.keys()
        out.texts |= part.texts
    return out


def test_there_is_something_to_compare(played: Any) -> None:
    """What the tests of this file compare has events of every fate that ends an event, sessions, and payloads of several events."""
    assert len(played.sessions) > 150
    assert {FATES[row[4]] for row in played.events} >= {"sent", "sampled_out"}
    assert len(played.payloads) > 500
    assert max(events for _, _, _, events, _ in played.payloads) > 10


def test_everything_is_on_in_what_is_compared(model: Model, played: Any) -> None:
    """What is compared has labels of incidents of every kind, devices with wrong clocks, numbers in strings, and events of every edition."""
    assert {type(list(model.profile.incidents.values())[row[0] - 1]) for row in played.labels} == set(get_args(Incident))
    assert {row[1] for row in played.labels} == set(range(len(EDITIONS)))
    assert any(stamp > model.start_ms + SPAN or stamp < model.start_ms - HOUR for _, _, _, _, _, stamp in played.events)
    assert any(re.search(rb"/api/reviews/\d+", text) for text in played.texts.values())


@pytest.mark.parametrize("prints", [ROWS, PAYLOADS], ids=["rows", "payloads"])
def test_interpreted_is_compiled(model: Model, play: Play, played: Any, rows: Any, prints: int) -> None:
    """The same source gives the same sessions, events and bytes interpreted as compiled."""
    expected = played if prints == PAYLOADS else rows
    assert play(model, prints=prints, compiled=False).same_as(expected)


@given(st.lists(st.integers(0, SPAN), max_size=12))
@settings(deadline=None, max_examples=8)
def test_any_windows(model: Model, play: Play, played: Any, cuts: list[int]) -> None:
    """Cutting time anywhere changes nothing."""
    assert play(model, cuts=cuts).same_as(played)


def test_windows_of_a_minute(model: Model, play: Play, played: Any) -> None:
    """Cutting time into minutes changes nothing, neither does a window in which nothing happens."""
    assert play(model, cuts=range(0, SPAN, 60_000)).same_as(played)
    assert play(model, cuts=[0, 0, 1, 1]).same_as(played)


def test_windows_at_events(model: Model, play: Play, played: Any) -> None:
    """A window may end at, just before or just after the instant at which something is sent."""
    dues = sorted({due - model.start_ms for _, _, due, _, _ in played.payloads})[::40]
    assert play(model, cuts=[t + d for t in dues for d in (-1, 0, 1)]).same_as(played)


@given(st.lists(st.integers(1, 47), max_size=6, unique=True))
@settings(deadline=None, max_examples=6)
def test_any_cohorts(model: Model, play: Play, played: Any, cuts: list[int]) -> None:
    """Dealing devices out to any cohorts changes nothing."""
    edges = [0, *sorted(cuts), 48]
    parts = [play(model, first=a, count=b - a) for a, b in pairwise(edges)]
    assert joined(parts).same_as(played)


def test_windows_and_cohorts_interpreted(model: Model, play: Play, rows: Any) -> None:
    """Cuts of both sorts change nothing in the interpreted body, either."""
    parts = [play(model, first=first, count=16, cuts=[3 * HOUR, 11 * HOUR + 17], prints=ROWS, compiled=False) for first in (0, 16, 32)]
    assert joined(parts).same_as(rows)


@pytest.mark.parametrize("prints", [ROWS, PAYLOADS], ids=["rows", "payloads"])
@pytest.mark.parametrize(
    ("text_bytes", "row_capacity", "compiled"),
    [
        (0, 1 << 15, True),  # room for the text of one step
        (50_000, 1 << 15, True),
        (4 << 20, 120, True),  # room for the rows of one step
        (0, 120, True),
        (0, 120, False),
    ],
)
def test_small_buffers(
    model: Model, play: Play, played: Any, rows: Any, monkeypatch: pytest.MonkeyPatch,
    prints: int, text_bytes: int, row_capacity: int, compiled: bool,
) -> None:  # fmt: skip
    """Buffers that are full again and again change nothing but the number of fillings."""
    monkeypatch.setattr(room, "TEXT_BYTES", text_bytes)
    monkeypatch.setattr(room, "ROW_CAPACITY", row_capacity)
    expected = played if prints == PAYLOADS else rows
    found = play(model, prints=prints, compiled=compiled)
    assert found.same_as(expected)
    assert found.chunks > 10 * expected.chunks


def test_payloads_and_rows_are_of_the_same_events(played: Any, rows: Any) -> None:
    """Both ways to print give the same sessions, the same events with the same fates, and only payloads have payloads."""
    assert rows.sessions == played.sessions
    assert rows.events == played.events
    assert rows.texts.keys() == played.texts.keys()
    assert rows.labels == played.labels
    assert rows.payloads == []


def test_another_seed_is_another_run(model: Model, play: Play, played: Any) -> None:
    """Another seed gives other ids throughout."""
    other = play(make(model.profile, model.seed + 1, visits_per_day=model.visits_per_day))
    assert not {row[0] for row in other.sessions} & {row[0] for row in played.sessions}
    assert not other.texts.keys() & played.texts.keys()


def test_the_same_model_twice(model: Model, play: Play, played: Any) -> None:
    """A model is not changed by play: a second cohort does the same, and so does a model made anew."""
    assert play(model).same_as(played)
    assert play(make(parse_again(model), model.seed, visits_per_day=model.visits_per_day)).same_as(played)


def parse_again(model: Model) -> Any:
    """Give an equal profile that shares no object."""
    return type(model.profile)(**{name: getattr(model.profile, name) for name in model.profile.__struct_fields__})


@pytest.mark.parametrize("compiled", [True, False])
def test_pools_that_grow(model: Model, play: Play, monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    """However many devices are in a visit at once each has its places: pools that begin with those of one device and grow change nothing."""
    busy = make(model.profile, 9, visits_per_day=300.0)
    alone = joined([play(busy, first=n, count=1, end=HOUR) for n in range(24)])
    body, grown = room._Compiled if compiled else room._Interpreted, []
    more = body.more
    monkeypatch.setattr(room, "RESERVED", 0)
    monkeypatch.setattr(body, "more", staticmethod(lambda pool, kind: grown.append(kind.__name__) or more(pool, kind)))
    assert play(busy, count=24, end=HOUR, cuts=range(0, HOUR, 60_000), compiled=compiled).same_as(alone)
    assert {"Drawer", "Stimulus", "Event"} <= set(grown)


def test_visits_are_counted(model: Model) -> None:
    """The number of visits begun is the same in both bodies and grows with time."""
    counts = []
    for compiled in (True, False):
        cohort = Cohort(model, 0, 48, begin=0, epoch=0, prints=ROWS, compiled=compiled)
        counts.append([])
        for until in (0, 5 * HOUR, 20 * HOUR):
            for _ in cohort.advance(until):
                pass
            counts[-1].append(cohort.visits())
    assert counts[0] == counts[1]
    assert counts[0] == sorted(set(counts[0]))
    assert counts[0][-1] > 48 * 6 * 20 / 24 / 2


EQUAL = """
format = 1
name = "equal"
start = 2026-01-05T00:00:00Z
app = { id = "a", version = "1", origin = "https://a.example" }
entry = { a = 0.3, b = 0.7 }
population = { visits_per_day = 20, countries = { CN = 0.4, DE = 0.6 }, hours = HOURS }
networks.wifi = { model = "wifi", dns = LAW, rtt = LAW, reuse_share = 0.5, kilobytes_per_s = 100 }
networks.lan = { model = "lan", dns = LAW, rtt = LAW, reuse_share = 0.5, kilobytes_per_s = 100 }
pages.a = { path = "/a", load = LAW, think = LAW, stay = LAW, next = { b = 0.5, exit = 0.5 } }
pages.b = { path = "/b", load = LAW, think = LAW, stay = LAW, block_share = 0.5, next = { a = 0.2, exit = 0.8 } }

[platforms.web]
share = 0.5
editions = { "web-documented" = 1.0 }
networks = { wifi = 0.4, lan = 0.6 }
os = [{ name = "o", version = "1", share = 1, models = { m1 = 0.4, m2 = 0.6 } }]

[platforms.miniprogram]
share = 0.5
editions = { "miniprogram-documented" = 1.0 }
networks = { wifi = 0.4, lan = 0.6 }
os = [{ name = "o", version = "1", share = 1, models = { m1 = 0.4, m2 = 0.6 } }]
""".replace("LAW", '{ law = "uniform", low = 1, high = 900 }').replace("HOURS", str([1] * 24))


def swapped(a: str, b: str) -> str:
    """Give the profile above with two stretches of it in the other order."""
    assert a in EQUAL
    assert b in EQUAL
    return EQUAL.replace(a, "%1").replace(b, "%2").replace("%1", b).replace("%2", a)


@pytest.mark.parametrize(
    "text",
    [
        swapped("a = 0.3", "b = 0.7"),  # weights
        swapped("CN = 0.4", "DE = 0.6"),
        swapped("m1 = 0.4", "m2 = 0.6"),
        swapped("wifi = 0.4", "lan = 0.6"),
        swapped(EQUAL[EQUAL.index("pages.a") : EQUAL.index("pages.b")], EQUAL[EQUAL.index("pages.b") : EQUAL.index("\n[platforms.web]")]),  # pages
        swapped(EQUAL[EQUAL.index("[platforms.web]") : EQUAL.index("[platforms.mini")], EQUAL[EQUAL.index("[platforms.mini") :]),  # platforms
    ],
    ids=["entry", "countries", "models", "networks", "pages", "platforms"],
)
def test_profiles_of_another_order_have_another_digest(play: Play, text: str) -> None:
    """A profile whose keys come in another order may be played otherwise, so its digest is another."""
    one, two = parse(EQUAL, "one"), parse(text, "two")
    assert digest(one) != digest(two)
    assert play(make(two, 3), count=8, end=6 * HOUR).texts


def of_one(platform: str, *more: str) -> str:
    """Give the profile above with one platform, and more lines for it."""
    text = EQUAL[: EQUAL.index("[platforms.mini")].replace("share = 0.5\ned", "share = 1.0\ned")
    return text.replace("[platforms.web]", f"[platforms.{platform}]").replace("web-doc", f"{platform}-doc") + "\n".join(more)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_model_without_trips_and_idling(play: Play, platform: str) -> None:
    """A profile in which nobody leaves and nobody idles can be played, on every platform."""
    assert play(make(parse(of_one(platform), platform), 1), count=4, end=6 * HOUR).texts


TRIPS = "trips = { share = 0.1 }\n"
# What a right profile may say at its ends, on iOS or on the web; if it is accepted, both bodies have to agree on it.
ENDS = {
    "weeks on a page": of_one("ios", TRIPS).replace('stay = { law = "uniform", low = 1, high = 900 }', 'stay = { law = "constant", value = 3e9 }'),
    "weeks until a page is loaded": of_one("ios", TRIPS).replace(
        'load = { law = "uniform", low = 1, high = 900 }', 'load = { law = "constant", value = 3e9 }'
    ),
    "a session that lasts for ages": of_one("web", TRIPS, "session.max_duration = 9223372036854775808"),
    "silence for ages": of_one("web", TRIPS, "session.overtime = 9223372036854775808"),
}


@pytest.mark.parametrize("end", ENDS)
def test_both_bodies_agree_at_the_ends(play: Play, end: str) -> None:
    """A time beyond what compiled code can hold is refused as the profile's mistake, or it is the same in both bodies."""
    try:
        model = make(parse(ENDS[end], end), 1)
    except ProfileError:
        return
    span = (90 if "weeks" in end else 2) * 24 * HOUR
    interpreted = play(model, count=3, end=span, compiled=False)
    found = [int(n) for text in interpreted.texts.values() for n in re.findall(rb'(?:time_spent|loading_time|load_event)":(\d+)', text)]
    room_for = [dtype_of(Event)["span"], dtype_of(Event)["aux"], dtype_of(Stimulus)["aux"], dtype_of(Visitor)["load"], dtype_of(Screen)["loading"]]
    assert max(found) <= min(np.iinfo(kind).max for kind in room_for)  # else the compiled body wraps, and may never come back
    assert play(model, count=3, end=span).same_as(interpreted)


def test_what_the_app_is_called_has_room(play: Play) -> None:
    """An application's environment of any length that the profile allows has room in the buffers."""
    try:
        model = make(parse(EQUAL.replace('version = "1", origin', f'version = "1", env = "{"x" * 400_000}", origin'), "long"), 1)
    except ProfileError:
        return
    for prints in (ROWS, PAYLOADS):
        assert play(model, count=2, end=3 * HOUR, prints=prints, compiled=False).texts
