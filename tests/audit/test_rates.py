"""A session's decision is held against the rates that may have been in force when it began."""

from dataclasses import replace
from typing import Protocol

import msgspec
import numpy as np
import pytest

from simulator.audit.claims import ALL, Claim, judge, shares
from simulator.audit.ledger import Ledger, Rows
from simulator.audit.rates import fitting, single, steps
from simulator.audit.reconcile import reconcile
from simulator.audit.statistics import FALSE_ALARMS, interval
from simulator.profile.types import Profile, Rate, RemoteConfig
from simulator.schema.ledger import SESSION_ROW
from simulator.schema.words import ANDROID, IOS, PLATFORMS, WEB

ONE = 1 << 31
HOUR = 3_600_000
ORIGIN = 1_767_571_200_000
"""Emitted time of the profile's start."""


class Truth(Protocol):
    """A run that went well: see conftest."""

    ledger: Ledger
    stored: Rows


def telling(profile: Profile, name: str, *rates: tuple[float, float]) -> Profile:
    """Give the profile with rates, by hour, that the console says for a platform."""
    remote = RemoteConfig(enable=True, rates=[Rate(from_hour=hour, sample_rate=rate) for hour, rate in rates])
    platforms = {**profile.platforms, name: msgspec.structs.replace(profile.platforms[name], remote=remote)}
    return msgspec.structs.replace(profile, platforms=platforms)


def session(at: int, share: float, sampled: int, platform: int = WEB) -> Rows:
    """Give a session that began at an instant, with a draw as a share of all draws."""
    row = np.zeros(1, SESSION_ROW)
    row["start"], row["draw"], row["sampled"], row["platform"] = ORIGIN + at, round(share * ONE), sampled, platform
    return row


@pytest.mark.parametrize(
    ("at", "share", "sampled", "right"),
    [
        # the local rate is 0.8; 0.1 from hour 2 on, 0.9 from hour 4 on
        (0, 0.79, 1, True),
        (0, 0.79, 0, False),
        (0, 0.8, 1, False),
        (0, 0.8, 0, True),
        (2 * HOUR - 1, 0.5, 0, False),  # 0.1 is not in force yet
        (2 * HOUR, 0.5, 0, True),  # it may be, from its millisecond on
        (2 * HOUR, 0.5, 1, True),  # or the device has not asked yet
        (2 * HOUR, 0.09, 0, False),  # below both
        (2 * HOUR, 0.8, 1, False),  # at both, or above
        (4 * HOUR - 1, 0.85, 1, False),
        (4 * HOUR, 0.85, 1, True),
        (4 * HOUR, 0.9, 1, False),
        (9 * HOUR, 0.5, 0, True),  # what was fetched in hour 2 may be stored
    ],
)
def test_a_decision_fits_one_of_the_rates(shop: Profile, at: int, share: float, sampled: int, right: bool) -> None:
    """A session is rightly sampled, or rightly not, if some rate says so that was in force by its start."""
    rates = steps(telling(shop, "web", (2, 0.1), (4, 0.9)), ORIGIN)
    assert fitting(rates, session(at, share, sampled)).tolist() == [right]


def test_other_platforms_keep_their_rate(shop: Profile) -> None:
    """What the console says for one platform holds for no other."""
    rates = steps(telling(shop, "web", (0, 0.1)), ORIGIN)
    assert fitting(rates, session(HOUR, 0.5, 0, ANDROID)).tolist() == [False]
    assert fitting(rates, session(HOUR, 0.5, 1, ANDROID)).tolist() == [True]
    assert fitting(rates, session(HOUR, 0.5, 0)).tolist() == [True]


def test_a_run_that_does_not_say_when_it_began(shop: Profile) -> None:
    """Without the time of the profile's start any of the rates may be in force at any time."""
    rates = steps(telling(shop, "web", (2, 0.1)), None)
    assert fitting(rates, session(0, 0.5, 0)).tolist() == [True]
    assert fitting(rates, session(0, 0.05, 0)).tolist() == [False]


def test_decisions_that_are_none(shop: Profile) -> None:
    """A draw of more than 31 bits, a flag that is neither 0 nor 1, and a platform that is not in the profile have no right decision."""
    platforms = {name: row for name, row in shop.platforms.items() if name != "ios"}
    rates = steps(msgspec.structs.replace(shop, platforms=platforms), ORIGIN)
    odd = session(0, 0.1, 2)
    assert not fitting(rates, odd).any()
    for sampled in (0, 1):
        assert not fitting(rates, session(0, 1.0, sampled)).any()
        assert not fitting(rates, session(0, 0.5, sampled, IOS)).any()


def test_one_rate_throughout(shop: Profile) -> None:
    """A rate that begins after the last session, or that says what the local configuration says, changes nothing."""
    for rates, one in (
        ((), True),
        (((0, 0.8),), True),
        (((3, 0.1),), True),  # 1 ms after the last session
        (((2, 0.8), (3, 0.1)), True),
        (((2.5, 0.1),), False),
        (((0, 0.1),), False),  # the local rate holds until the first answer
    ):
        found = single(steps(telling(shop, "web", *rates), ORIGIN), session(3 * HOUR - 1, 0.5, 1))
        assert found == {name: one or name != "web" for name in PLATFORMS}, rates


def claims(truth: Truth, profile: Profile) -> dict[str, Claim]:
    """Judge a run whose sessions begin in hour 1, by name."""
    sessions = truth.ledger.sessions.copy()
    sessions["start"] = ORIGIN + HOUR
    ledger = replace(truth.ledger, sessions=sessions)
    counts = reconcile(ledger, truth.stored)
    return {c.name: c for c in judge(counts, ledger, profile, shares(counts, profile, ledger, ORIGIN), ended=True, origin=ORIGIN)}


def test_a_rate_that_changes_is_said_and_fails_nothing(truth: Truth, shop: Profile) -> None:
    """The share of a platform whose rate changes, and that of all, is not judged, and says why; all else is judged as ever."""
    profile = telling(shop, "web", (1, 0.3))
    found = claims(truth, profile)
    assert {name for name, claim in found.items() if claim.holds is not True} == {"sampled share, web", f"sampled share, {ALL}"}
    assert not any(claim.failed for claim in found.values())
    assert "rate changes" in found["sampled share, web"].note
    assert "of 100 sessions" in found["sampled share, web"].found
    assert found["sampled share, ios"].expected == "80.00%"
    assert found["every decision fits its draw"].holds


def test_the_others_share_the_budget(truth: Truth, shop: Profile) -> None:
    """A share that is not judged takes nothing of the false-alarm budget."""
    sessions = truth.ledger.sessions
    measured = shares(reconcile(truth.ledger, truth.stored), telling(shop, "web", (0, 0.3)), truth.ledger)
    assert [share.rate for share in measured] == [None, 0.8, 0.8, 0.8, None]
    for share in measured:
        assert (share.low, share.high) == interval(share.sampled, share.created, FALSE_ALARMS / 4)
    assert measured[-1].created == sessions.size


def test_a_rate_of_later_is_judged_by_the_local_one(truth: Truth, shop: Profile) -> None:
    """In a run that ends before the console's first rate the local one is judged exactly, and its twin fails."""
    later = telling(shop, "web", (1.5, 0.3))
    assert all(claim.holds for claim in claims(truth, later).values())
    for hour, fails in ((1.5, True), (0.5, False)):
        wrong = truth.ledger.sessions.copy()
        at = np.flatnonzero((wrong["sampled"] == 1) & (wrong["platform"] == WEB))[0]
        wrong["draw"][at] = round(0.85 * ONE)
        other = replace(truth.ledger, sessions=wrong)
        bent = type(truth)(other, truth.stored)  # type: ignore[call-arg]
        assert claims(bent, telling(shop, "web", (hour, 0.9)))["every decision fits its draw"].failed == fails
