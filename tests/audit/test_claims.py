"""Each claim fails for its own reason and for no other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import msgspec
import numpy as np
import pytest

from simulator.audit.claims import ALL, Claim, judge, shares
from simulator.audit.ledger import Ledger, Rows
from simulator.audit.reconcile import reconcile
from simulator.audit.statistics import FALSE_ALARMS, interval
from simulator.profile.types import Profile
from simulator.schema.words import ACKNOWLEDGED, AMBIGUOUS, CUT, FAILED, IOS, LONG_TASK, PLATFORMS, REFUSED, SAMPLED_OUT, WEB

SHARES = {f"sampled share, {name}" for name in (*PLATFORMS, ALL)}
ONE = 1 << 31
HOUR = 3_600_000
ORIGIN = 1_767_571_200_000
"""Emitted time of the profile's start."""


class Truth(Protocol):
    """A run that went well: see conftest."""

    ledger: Ledger
    stored: Rows

    def copy(self) -> "Truth":
        """Give one that a test may change."""


def claims(ledger: Ledger, stored: Rows, profile: Profile, *, ended: bool = False) -> dict[str, Claim]:
    """Judge, by name."""
    counts = reconcile(ledger, stored)
    return {claim.name: claim for claim in judge(counts, ledger, profile, shares(counts, profile, ledger, ORIGIN), ended=ended, origin=ORIGIN)}


def failed(ledger: Ledger, stored: Rows, profile: Profile) -> set[str]:
    """Give the names of the claims that fail the run."""
    return {name for name, claim in claims(ledger, stored, profile).items() if claim.failed}


def with_rates(profile: Profile, **rates: float | None) -> Profile:
    """Give the profile with other sampling rates."""
    platforms = dict(profile.platforms)
    for name, rate in rates.items():
        session = msgspec.structs.replace(platforms[name].session, sample_rate=rate)
        platforms[name] = msgspec.structs.replace(platforms[name], session=session)
    return msgspec.structs.replace(profile, platforms=platforms)


def resample(ledger: Ledger, rate: float) -> Ledger:
    """Spread the draws of all sessions evenly, as if the sampler had this rate, with decisions that fit the draws at rate 0.8."""
    sessions = ledger.sessions.copy()
    for platform in range(len(PLATFORMS)):
        mine = np.flatnonzero(sessions["platform"] == platform)
        ranks = (np.arange(mine.size) + 0.5) / mine.size
        sessions["draw"][mine] = (np.where(ranks < rate, ranks / rate * 0.8, 0.8 + (ranks - rate) / (1 - rate) * 0.2) * ONE).astype(np.int64)
    sessions["sampled"] = sessions["draw"] < round(0.8 * ONE)
    return replace(ledger, sessions=sessions)


def test_a_run_that_went_well_fails_no_claim_and_leaves_none_unjudged(truth: Truth, shop: Profile) -> None:
    """All claims hold, each with something to judge it by."""
    assert [claim for claim in claims(truth.ledger, truth.stored, shop).values() if claim.holds is not True] == []


def lose(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Lose one."""
    return ledger, stored[1:]


def duplicate(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep one twice."""
    return ledger, np.concatenate([stored, stored[:1]])


def alter(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Give one another time."""
    stored["timestamp"][0] += 1
    return ledger, stored


def invent(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep one that was never planned, though its session was."""
    extra = stored[:1].copy()
    extra["event"] = 1
    return ledger, np.concatenate([stored, extra])


def move_away(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep one under a session that nobody planned."""
    stored["session"][0] = 1
    return ledger, stored


def leak(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep one of an unsampled session."""
    extra = stored[:1].copy()
    held = ledger.events[ledger.events["fate"] == SAMPLED_OUT][0]
    for name in ("event", "session", "type", "timestamp"):
        extra[name] = held[name]
    return ledger, np.concatenate([stored, extra])


def outcome(value: int) -> Callable[[Ledger, Rows], tuple[Ledger, Rows]]:
    """Give a bend after which one payload has another outcome and is not stored."""

    def bend(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
        ledger.outcomes["outcome"][0] = value
        mine = ledger.events["event"][ledger.events["payload"] == ledger.outcomes["payload"][0]]
        return ledger, stored[~np.isin(stored["event"], mine)]

    return bend


def kill(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Die before one payload's outcome is known."""
    return replace(ledger, outcomes=ledger.outcomes[1:]), stored


def refuse_a_platform(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Refuse whatever iOS sends."""
    sessions = ledger.sessions["session"][ledger.sessions["platform"] == IOS]
    payloads = ledger.payloads["payload"][np.isin(ledger.payloads["session"], sessions)]
    ledger.outcomes["outcome"][np.isin(ledger.outcomes["payload"], payloads)] = REFUSED
    return ledger, stored[~np.isin(stored["session"], sessions)]


def lose_a_type(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep no long task."""
    return ledger, stored[stored["type"] != LONG_TASK]


def decide_otherwise(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Sample a session whose draw is the first that is too high."""
    at = np.flatnonzero(ledger.sessions["sampled"] == 1)[0]
    ledger.sessions["draw"][at] = round(0.8 * ONE)
    return ledger, stored


def draw_too_high(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Give an unsampled session a draw of more than 31 bits."""
    at = np.flatnonzero(ledger.sessions["sampled"] == 0)[0]
    ledger.sessions["draw"][at] = ONE
    return ledger, stored


def speak_unheard(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Send two payloads of an unsampled session, to which nobody answers."""
    at = np.flatnonzero(ledger.sessions["sampled"] == 1)[0]
    ledger.sessions["sampled"][at], ledger.sessions["draw"][at] = 0, ONE - 1
    mine = ledger.payloads["payload"][ledger.payloads["session"] == ledger.sessions["session"][at]]
    ledger.outcomes["outcome"][np.isin(ledger.outcomes["payload"], mine)] = AMBIGUOUS
    return ledger, stored[stored["session"] != ledger.sessions["session"][at]]


def leak_elsewhere(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Keep one of an unsampled session under a sampled one."""
    extra = stored[:1].copy()
    extra["event"] = ledger.events["event"][ledger.events["fate"] == SAMPLED_OUT][0]
    return ledger, np.concatenate([stored, extra])


def withhold(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Withhold a payload's events though their session is sampled."""
    mine = ledger.events["payload"] == ledger.payloads["payload"][0]
    ledger.events["fate"][mine] = SAMPLED_OUT
    keys = ledger.events["event"][mine]
    return replace(ledger, payloads=ledger.payloads[1:], outcomes=ledger.outcomes[1:]), stored[~np.isin(stored["event"], keys)]


def repeat_an_id(ledger: Ledger, stored: Rows) -> tuple[Ledger, Rows]:
    """Plan two events with one id."""
    return replace(ledger, events=np.concatenate([ledger.events, ledger.events[:1]])), stored


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (lose, {"nothing lost"}),
        (duplicate, {"nothing duplicated"}),
        (alter, {"nothing altered"}),
        (invent, {"nothing unexpected"}),
        (move_away, {"nothing altered", "every stored session is known"}),
        (leak, {"nothing unexpected", "unsampled sessions are silent"}),
        (leak_elsewhere, {"nothing unexpected", "unsampled sessions are silent"}),
        (speak_unheard, {"unsampled sessions are silent"}),
        (outcome(REFUSED), set()),
        (outcome(AMBIGUOUS), set()),
        (outcome(CUT), set()),
        (outcome(FAILED), {"every due payload was sent"}),
        (kill, {"every due payload was sent"}),
        (refuse_a_platform, {"every platform arrived"}),
        (lose_a_type, {"nothing lost", "every event type arrived"}),
        (decide_otherwise, {"every decision fits its draw"}),
        (draw_too_high, {"every decision fits its draw"}),
        (withhold, {"sampled sessions are whole"}),
        (repeat_an_id, {"the ledger agrees with itself"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_fault_fails_its_own_claims(
    truth: Truth, shop: Profile, bend: Callable[[Ledger, Rows], tuple[Ledger, Rows]], expected: set[str]
) -> None:
    """A fault fails the claims that it breaks and no other."""
    ledger, stored = bend(truth.ledger, truth.stored)
    assert failed(ledger, stored, shop) == expected


def test_a_failed_claim_names_an_example(truth: Truth, shop: Profile) -> None:
    """Whoever has to look for the fault is given an id to look for."""
    gone = f"{truth.stored['event'][0]:016x}"
    claim = claims(truth.ledger, truth.stored[1:], shop)["nothing lost"]
    assert claim.found == "1 of 3,230 acknowledged events"
    assert gone in claim.note


def test_a_right_sampling_rate_holds_and_its_twin_does_not(truth: Truth, shop: Profile) -> None:
    """Draws spread evenly hold at the configured rate; off by the deviation that a platform's 100 sessions would catch, each platform fails."""
    right = resample(truth.ledger, 0.8)
    assert not failed(right, truth.stored, shop) & SHARES
    web = shares(reconcile(right, truth.stored), shop, right)[WEB]
    assert web.created == 100
    assert web.below is not None
    assert web.above is not None
    for wrong in (0.8 - web.below, 0.8 + web.above):
        broken = resample(truth.ledger, wrong)
        assert failed(broken, truth.stored, shop) & SHARES == SHARES
        assert claims(broken, truth.stored, shop)["every decision fits its draw"].holds


def test_the_whole_catches_what_a_platform_cannot(truth: Truth, shop: Profile) -> None:
    """Off by what 400 sessions would catch, the platforms' 100 sessions each still hold, and the sum of all does not."""
    whole = shares(reconcile(truth.ledger, truth.stored), shop, truth.ledger)[-1]
    assert whole.created == 400
    assert whole.below is not None
    assert failed(resample(truth.ledger, 0.8 - whole.below), truth.stored, shop) & SHARES == {f"sampled share, {ALL}"}


def test_the_budget_is_shared_by_the_platforms_and_their_sum(truth: Truth, shop: Profile) -> None:
    """Each of five statements has a fifth of the false-alarm budget; platforms without sessions take none of it."""
    for share in shares(reconcile(truth.ledger, truth.stored), shop, truth.ledger):
        assert (share.low, share.high) == interval(share.sampled, share.created, FALSE_ALARMS / 5)
    only_web = replace(truth.ledger, sessions=truth.ledger.sessions[truth.ledger.sessions["platform"] == WEB])
    web = shares(reconcile(only_web, truth.stored), shop, only_web)[WEB]
    assert (web.low, web.high) == interval(web.sampled, web.created, FALSE_ALARMS / 2)


def test_another_configured_rate_is_a_wrong_share_and_wrong_decisions(truth: Truth, shop: Profile) -> None:
    """Judged by a profile that promises another rate on the web, the web's share and decisions fail, and no other platform's."""
    found = failed(truth.ledger, truth.stored, with_rates(shop, web=0.3))
    assert found == {"sampled share, web", f"sampled share, {ALL}", "every decision fits its draw"}


def test_no_configured_rate_is_all_sessions(truth: Truth, shop: Profile) -> None:
    """Without a rate every session must be sampled: a single one that is not fails."""
    everything = truth.copy().ledger
    everything.sessions["sampled"] = 1
    everything.sessions["draw"] %= round(0.8 * ONE)
    profile = with_rates(shop, **dict.fromkeys(PLATFORMS))
    assert not failed(everything, truth.stored, profile) & SHARES
    everything.sessions["sampled"][0] = 0
    assert failed(everything, truth.stored, profile) >= {"sampled share, web", f"sampled share, {ALL}", "every decision fits its draw"}


def test_sessions_begun_before_the_span_do_not_count_for_the_share(truth: Truth, shop: Profile) -> None:
    """Unsampled sessions that began before the emitted span leave the share as it is; their decisions are checked all the same."""
    before = claims(truth.ledger, truth.stored, shop)["sampled share, web"]
    extra = truth.ledger.sessions[:200].copy()
    extra["session"] += 1
    extra["cut_start"], extra["sampled"], extra["draw"], extra["platform"] = 1, 0, ONE - 1, WEB
    ledger = replace(truth.ledger, sessions=np.concatenate([truth.ledger.sessions, extra]))
    assert claims(ledger, truth.stored, shop)["sampled share, web"] == before
    ledger.sessions["sampled"][-1] = 1
    assert not claims(ledger, truth.stored, shop)["every decision fits its draw"].holds


def test_a_platform_that_the_profile_has_not_has_no_right_decision(truth: Truth, shop: Profile) -> None:
    """Sessions of a platform that is not in the profile are not passed over."""
    platforms = {name: platform for name, platform in shop.platforms.items() if name != "ios"}
    other = msgspec.structs.replace(shop, platforms=platforms)
    assert failed(truth.ledger, truth.stored, other) == {"every decision fits its draw"}
    assert claims(truth.ledger, truth.stored, other)["every decision fits its draw"].found == "100 of 400 sessions"


def test_a_run_that_proved_nothing_does_not_pass(truth: Truth, shop: Profile) -> None:
    """When every payload was cut, the claims of zero loss are not judged, and fail the run."""
    truth.ledger.outcomes["outcome"] = CUT
    found = claims(truth.ledger, truth.stored[:0], shop)
    zero_loss = {"nothing lost", "nothing duplicated", "nothing altered", "nothing unexpected"}
    assert {name for name, claim in found.items() if claim.failed} == zero_loss
    unjudged = {name for name, claim in found.items() if claim.holds is None}
    assert unjudged == zero_loss | {
        "every due payload was sent",
        "every platform arrived",
        "every event type arrived",
        "every stored session is known",
    }


def test_an_empty_collector_has_lost_everything(truth: Truth, shop: Profile) -> None:
    """With everything acknowledged and nothing stored, loss is judged, and what cannot be judged does not pass."""
    found = claims(truth.ledger, truth.stored[:0], shop)
    assert found["nothing lost"].holds is False
    assert found["nothing altered"].holds is None
    assert found["nothing altered"].failed


def test_silence_is_not_judged_where_all_are_sampled(truth: Truth, shop: Profile) -> None:
    """Without an unsampled session there is no silence to judge, and that fails nothing."""
    sessions = truth.ledger.sessions
    sampled = replace(
        truth.ledger,
        sessions=sessions[sessions["sampled"] == 1],
        events=truth.ledger.events[truth.ledger.events["fate"] != SAMPLED_OUT],
    )
    claim = claims(sampled, truth.stored, shop)["unsampled sessions are silent"]
    assert claim.holds is None
    assert not claim.failed


def test_types_that_were_not_planned_are_said_and_fail_nothing(truth: Truth, shop: Profile) -> None:
    """A run without long tasks judges the other four types and says that none was sent."""
    ledger = replace(truth.ledger, events=truth.ledger.events[truth.ledger.events["type"] != LONG_TASK])
    claim = claims(ledger, truth.stored[truth.stored["type"] != LONG_TASK], shop)["every event type arrived"]
    assert claim.holds
    assert claim.found == "4 of 4 types that were sent"
    assert claim.note == "nothing sent: longTask"


def test_a_source_without_bytes_is_said(truth: Truth, shop: Profile) -> None:
    """A source that keeps columns only passes on what can be compared, and the claim says what could not."""
    truth.stored["digest"] = 0
    claim = claims(truth.ledger, truth.stored, shop)["nothing altered"]
    assert claim.holds
    assert "digest not compared in 3,230 rows" in claim.note


def test_a_torn_ledger_is_not_judged_by_its_own_rows(truth: Truth, shop: Profile) -> None:
    """A killed run leaves a ledger that need not agree with itself; that is said, not failed."""
    ledger = replace(truth.ledger, torn=2, payloads=truth.ledger.payloads[1:])
    claim = claims(ledger, truth.stored, shop)["the ledger agrees with itself"]
    assert claim.holds is None
    assert not claim.failed
    assert claim.note == "2 files end in a torn row: their process was killed"


def test_a_torn_ledger_of_a_run_that_ended_is_damaged(truth: Truth, shop: Profile) -> None:
    """A run that came to its end has whole rows: a torn one fails it, with or without a contradiction in what is left."""
    for payloads in (truth.ledger.payloads, truth.ledger.payloads[1:]):
        ledger = replace(truth.ledger, torn=1, payloads=payloads)
        claim = claims(ledger, truth.stored, shop, ended=True)["the ledger agrees with itself"]
        assert claim.failed
        assert claim.note == "1 files end in a torn row: they were cut since, or their process was killed"


def test_refused_yet_stored_is_no_fault_of_the_run(truth: Truth, shop: Profile) -> None:
    """A collector may keep what it refused: sent, maybe stored, and neither lost nor unexpected."""
    assert (truth.ledger.outcomes["outcome"] == ACKNOWLEDGED).all()
    truth.ledger.outcomes["outcome"][:20] = REFUSED
    truth.ledger.outcomes["outcome"][20:40] = AMBIGUOUS
    assert failed(truth.ledger, truth.stored, shop) == set()
