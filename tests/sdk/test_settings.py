"""The settings of a session (document: Manual Configuration): their defaults, what they do, and what a wrong value gets in each edition.

Rules of the file: limits are those that a profile or a scripted page gets; storage, which a browser has and the core has not, is tested with scripts.
"""

import json
from typing import Any

import msgspec
import pytest
from devices import DAY, HOUR, MINUTE

from simulator.kernel.rnd import ONE
from simulator.play.model import limits_of
from simulator.profile.editions import EDITIONS, setting
from simulator.profile.types import RemoteConfig, SessionConfig
from simulator.scenario import settings
from simulator.scenario.browser import SESSION_KEY, USER_KEY
from simulator.scenario.run import play
from simulator.scenario.script import Script
from simulator.schema.words import NEVER
from simulator.sdk.state import Limits

DOCUMENTED_WEB = ("web-documented", "miniprogram-documented")
REAL = "web-0.0.37"


def limits(edition: str, **session: Any) -> Limits:
    """Give the limits of an edition with a profile's settings."""
    return limits_of(EDITIONS[edition], SessionConfig(**session), RemoteConfig())


def config(text: str) -> SessionConfig:
    """Read settings as a profile has them."""
    return msgspec.json.decode(text, type=SessionConfig)


# -------------------------------------------------------------------------------------------------------------- sampleRate


@pytest.mark.parametrize("edition", EDITIONS)
def test_sample_rate_default(edition: str) -> None:
    """Manual Configuration, sampleRate: the default is 1, in every edition."""
    assert limits(edition).rate == limits(edition, sample_rate=1.0).rate == ONE


@pytest.mark.parametrize("edition", EDITIONS)
def test_sample_rate_setting(edition: str) -> None:
    """Manual Configuration, sampleRate: any of [0, 1], bounds included; 0.5 is a 50 % sample rate."""
    for rate, threshold in ((0.0, 0), (0.25, ONE // 4), (0.5, ONE // 2), (1.0, ONE)):
        assert limits(edition, sample_rate=rate).rate == threshold


@pytest.mark.parametrize("wrong", ["-0.01", "1.01", "2", "50", '"0.5"', "true"])
def test_sample_rate_wrong_in_a_profile(wrong: str) -> None:
    """Manual Configuration, sampleRate: what is no number of [0, 1] is no rate; a profile with it is refused."""
    with pytest.raises(msgspec.ValidationError):
        config(f'{{"sample_rate": {wrong}}}')


@pytest.mark.parametrize(
    ("given", "percent"),
    [
        (0, 0),
        (0.5, 50),
        (1, 100),
        (-0.01, 100),  # below
        (1.01, 100),  # above
        ("0.5", 100),  # no number
        (True, 100),  # the same
        (None, 100),  # the same
        (float("nan"), 100),  # the same
        ([0.5], 100),  # the same
    ],
)
def test_sample_rate_wrong_in_a_page(given: Any, percent: float) -> None:
    """web-0.0.37, sampleRate (FACTS 1.1): a number in [0, 1]; anything else gets 1."""
    assert settings.sample_percent({"sessionConfig": {"sampleRate": given}}) == percent


def test_sample_rate_missing_in_a_page() -> None:
    """web-0.0.37, sampleRate (FACTS 1.1): missing, it is 1."""
    for page in ({}, {"sessionConfig": {}}):
        assert settings.sample_percent(page) == 100


# --------------------------------------------------------------------------------------------------- maxDuration and overtime


@pytest.mark.parametrize("edition", DOCUMENTED_WEB)
def test_durations_default(edition: str) -> None:
    """Manual Configuration: maxDuration is 86,400,000 ms by default, overtime 3,600,000 ms."""
    found = limits(edition)
    assert (found.max_duration, found.overtime) == (86_400_000, 3_600_000)


@pytest.mark.parametrize("edition", DOCUMENTED_WEB)
@pytest.mark.parametrize("given", [1, 59_999, 10 * MINUTE - 1, HOUR + 1, 4 * HOUR - 1, 24 * HOUR + 1, 30 * DAY])
def test_durations_setting(edition: str, given: int) -> None:
    """Manual Configuration: the document names no bounds, so a documented edition takes any duration that is one."""
    assert limits(edition, max_duration=given).max_duration == given
    assert limits(edition, overtime=given).overtime == given
    assert (limits(edition, max_duration=given).overtime, limits(edition, overtime=given).max_duration) == (HOUR, DAY)


@pytest.mark.parametrize("edition", DOCUMENTED_WEB)
def test_durations_wrong(edition: str) -> None:
    """Manual Configuration: what is no duration gets the default."""
    for wrong in (0, -1, None, NEVER + 1):
        assert setting(EDITIONS[edition], "overtime", wrong) == HOUR
        assert setting(EDITIONS[edition], "max_duration", wrong) == DAY


@pytest.mark.parametrize("wrong", ["-1", '"3600000"', "0.5", "true"])
def test_durations_wrong_in_a_profile(wrong: str) -> None:
    """Manual Configuration: number(ms); a profile with anything else is refused."""
    for name in ("overtime", "max_duration"):
        with pytest.raises(msgspec.ValidationError):
            config(f'{{"{name}": {wrong}}}')


@pytest.mark.parametrize("edition", [name for name in EDITIONS if name.startswith(("ios", "android"))])
def test_durations_of_mobile(edition: str) -> None:
    """FAQ, session timeout: fixed at 60 seconds in the background, and not customized; overtime and maxDuration are parameters of the web."""
    found = limits(edition)
    assert (found.overtime, found.max_duration) == (NEVER, NEVER)
    assert found.away in (59_999, 60_000)
    assert not {"away"} & set(SessionConfig.__struct_fields__)


OVERTIMES = [
    (10 * MINUTE - 1, 30 * MINUTE),
    (10 * MINUTE, 10 * MINUTE),
    (10 * MINUTE + 1, 10 * MINUTE + 1),
    (HOUR - 1, HOUR - 1),
    (HOUR, HOUR),
    (HOUR + 1, 30 * MINUTE),
    (2_000, 30 * MINUTE),
    (0, 30 * MINUTE),
    (None, 30 * MINUTE),
]
MAX_DURATIONS = [
    (4 * HOUR - 1, DAY),
    (4 * HOUR, 4 * HOUR),
    (4 * HOUR + 1, 4 * HOUR + 1),
    (DAY - 1, DAY - 1),
    (DAY, DAY),
    (DAY + 1, DAY),
    (2_000, DAY),
    (0, DAY),
    (None, DAY),
]


@pytest.mark.parametrize(("given", "gets"), OVERTIMES)
def test_overtime_of_the_real_edition(given: int | None, gets: int) -> None:
    """web-0.0.37, overtime (FACTS 1.1): 10 to 60 minutes, both included; anything else gets 30 minutes."""
    assert limits(REAL, overtime=given).overtime == gets
    assert settings.limits_of({"sessionConfig": {} if given is None else {"overtime": given}}).overtime == gets


@pytest.mark.parametrize(("given", "gets"), MAX_DURATIONS)
def test_max_duration_of_the_real_edition(given: int | None, gets: int) -> None:
    """web-0.0.37, maxDuration (FACTS 1.1): 4 to 24 hours, both included; anything else gets 24 hours."""
    assert limits(REAL, max_duration=given).max_duration == gets
    assert settings.limits_of({"sessionConfig": {} if given is None else {"maxDuration": given}}).max_duration == gets


@pytest.mark.parametrize("wrong", ["1800000", True, None, [], {}, float("nan")])
def test_durations_wrong_in_a_page(wrong: Any) -> None:
    """web-0.0.37 (FACTS 1.1): a duration that is no number gets the default, also where it reads like one within the bounds."""
    found = settings.limits_of({"sessionConfig": {"overtime": wrong, "maxDuration": wrong}})
    assert (found.overtime, found.max_duration) == (30 * MINUTE, DAY)


# ----------------------------------------------------------------------------------------------------------------- storage

HOME, LIST = "http://shop.example.com/page/home", "http://shop.example.com/page/list?x=1"
SHORT = 10 * MINUTE
Step = dict[str, Any]


def load(url: str = HOME, storage: str | None = "localStorage", **session: Any) -> list[Step]:
    """Load a page with the SDK in it."""
    given = {"overtime": SHORT, **({} if storage is None else {"storage": storage}), **session}
    return [{"op": "open", "url": url}, {"op": "init", "config": {"pid": "a@b", "endpoint": "http://127.0.0.1/rum/collect", "sessionConfig": given}}]


def rest(ms: int) -> Step:
    """Let time pass."""
    return {"op": "advance", "ms": ms}


CLICK: Step = {"op": "click", "selector": "#b1"}
STORE: Step = {"op": "store", "label": ""}


class Played:
    """What a script made: the session of each report, named 1, 2, ... by first appearance, and what stood in the storage."""

    def __init__(self, *steps: Step | list[Step]) -> None:
        flat = [step for part in steps for step in (part if isinstance(part, list) else [part])]
        run = play(Script(name="settings", steps=flat))
        names: dict[str, int] = {}
        bodies = [json.loads(report["body"]) for report in run["reports"]]
        self.sessions = [names.setdefault(body["session"]["id"], len(names) + 1) for body in bodies]
        self.users = {body["user"]["id"] for body in bodies}
        self.times = [report["t"] for report in run["reports"]]
        self.local = [kept["session"] for kept in run["storage"]]
        self.cookies = [kept["cookie"] for kept in run["storage"]]


BOTH = pytest.mark.parametrize("storage", ["localStorage", "cookie"])


def test_storage_default() -> None:
    """Manual Configuration, storage: the default is localStorage; a value that is none of the two gets it too (FACTS 1.1)."""
    for storage in (None, "localStorage", "auto", "sessionStorage", "Cookie", ""):
        played = Played(load(storage=storage), rest(4_000), STORE)
        assert played.local[0].count("-") == 3
        assert played.cookies == [""]


def test_storage_cookie() -> None:
    """Manual Configuration, storage: with `cookie` session and user stand in cookies, in the form of the local storage, and not there."""
    played, other = Played(load(storage="cookie"), rest(4_000), STORE), Played(load(), rest(4_000), STORE)
    assert played.local == [None]
    cookies = dict(pair.split("=", 1) for pair in played.cookies[0].split("; "))
    assert set(cookies) == {SESSION_KEY, USER_KEY}
    assert cookies[SESSION_KEY] == other.local[0]
    assert {cookies[USER_KEY]} == other.users


@BOTH
@pytest.mark.parametrize("url", [HOME, LIST])
def test_storage_survives_a_reload_and_a_new_page(storage: str, url: str) -> None:
    """Manual Configuration, storage: either keeps the session over a reload and over a new page of the same origin."""
    played = Played(load(storage=storage), rest(4_000), load(url, storage=storage), rest(4_000), load(storage=storage), rest(4_000))
    assert played.sessions == [1, 1, 1]
    assert len(played.users) == 1


@BOTH
def test_storage_survives_closing(storage: str) -> None:
    """FACTS 1.10: either keeps the session when the page is closed; the next page goes on with it within the limits, and later begins another.

    A view within the second after overtime is lost (FACTS 1.8).
    """
    # a page reports its view at once, and writes that sign of life 1 s later; the next document begins 100 ms after it was opened
    for gap, sessions in ((SHORT - 1, [1, 1]), (SHORT, [1, 1]), (SHORT + 1, [1]), (SHORT + 1_000, [1]), (SHORT + 1_001, [1, 2])):
        played = Played(load(storage=storage), rest(gap - 100), load(storage=storage), rest(4_000))
        assert played.sessions == sessions, gap


@BOTH
def test_storage_survives_another_tab(storage: str) -> None:
    """FACTS 1.11: either is shared by the tabs of an origin."""
    played = Played(load(storage=storage), rest(4_000), {"op": "tab", "n": 1}, load(LIST, storage=storage), rest(4_000))
    assert played.sessions == [1, 1]


def test_storage_local_does_not_survive_being_cleared() -> None:
    """Manual Configuration, storage: a session of the local storage is gone when that is cleared: the next read makes another, of another user."""
    played = Played(load(), rest(4_000), {"op": "clear_storage"}, CLICK, rest(4_000))
    assert played.sessions == [1, 2]


def test_storage_cookie_survives_the_local_storage_being_cleared() -> None:
    """Manual Configuration, storage: a session in cookies outlives the local storage."""
    played = Played(load(storage="cookie"), rest(4_000), {"op": "clear_storage"}, CLICK, rest(4_000), load(storage="cookie"), rest(4_000))
    assert played.sessions == [1, 1, 1]


def test_storage_change_is_another_session() -> None:
    """Manual Configuration, storage: what the one storage holds is not seen with the other; each still has its own later."""
    played = Played(*(part for storage in ("cookie", "localStorage", "cookie", "localStorage") for part in (load(storage=storage), rest(4_000))))
    assert played.sessions == [1, 2, 1, 2]


def test_storage_cookies_of_another_host() -> None:
    """Manual Configuration, storage: cookies are those of a host: another one has its own session."""
    other = "http://other.example.com/page/home"
    played = Played(*(part for url in (HOME, other, HOME, other) for part in (load(url, "cookie"), rest(4_000))))
    assert played.sessions == [1, 2, 1, 2]


def test_storage_rules_are_the_same() -> None:
    """Manual Configuration, storage: where the session stands changes neither its limits, to the millisecond, nor what is sent when."""
    script = [rest(4_000), CLICK, rest(4_000), rest(SHORT - 3_000 - 1), CLICK, rest(4_000), rest(SHORT), rest(2_000), CLICK, rest(4_000), STORE]
    cookie, local = Played(load(storage="cookie"), *script), Played(load(storage="localStorage"), *script)
    assert (cookie.sessions, cookie.times) == (local.sessions, local.times)
    assert set(local.sessions) == {1, 2}
    assert (local.cookies, cookie.local) == ([""], [None])


@BOTH
def test_storage_keeps_the_decision(storage: str) -> None:
    """FACTS 2: sampling stands beside the session in either storage: another rate at the next page does not change it."""
    for before, after, sent in ((1, 0, 2), (0, 1, 0)):
        played = Played(load(storage=storage, sampleRate=before), rest(4_000), load(storage=storage, sampleRate=after), rest(4_000))
        assert len(played.sessions) == sent
