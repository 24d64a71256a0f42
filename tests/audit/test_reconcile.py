"""Every event is counted in exactly the classes that reconcile.py's table gives it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.audit.counts import OTHER, Counts
from simulator.audit.ledger import Ledger, Rows
from simulator.audit.reconcile import reconcile
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, OUTCOME_ROW, PAYLOAD_ROW, SESSION_ROW, STORED_ROW
from simulator.schema.words import (
    ACKNOWLEDGED,
    AMBIGUOUS,
    CUT,
    DROPPED_NO_SESSION,
    EVENT_TYPES,
    FAILED,
    FATES,
    OUTCOMES,
    PLANNED,
    PLATFORMS,
    QUEUED,
    REFUSED,
    SAMPLED_OUT,
    SENT,
)


class Truth(Protocol):
    """A run that went well: see conftest."""

    ledger: Ledger
    stored: Rows

    def copy(self) -> "Truth":
        """Give one that a test may change."""


def numbers(counts: Counts) -> Counter[str]:
    """Give every number of the counts under its path."""
    flat: Counter[str] = Counter()

    def walk(value: object, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}.{key}" if path else key)
        elif isinstance(value, int):
            flat[path] = value

    walk(msgspec.to_builtins(counts), "")
    return flat


def difference(truth: Truth, ledger: Ledger, stored: Rows) -> dict[str, int]:
    """Give what differs from the run that went well; the tables are left to other tests."""
    before, after = numbers(reconcile(truth.ledger, truth.stored)), numbers(reconcile(ledger, stored))
    tables = ("types.", "platforms.", "session_platforms.")
    changed = {path: after[path] - before[path] for path in before | after if not path.startswith(tables)}
    return {path: n for path, n in changed.items() if n}


def lose(stored: Rows) -> Rows:
    """Lose three."""
    return stored[3:]


def duplicate(stored: Rows) -> Rows:
    """Keep one twice, another three times."""
    return np.concatenate([stored, stored[:1], stored[1:2], stored[1:2]])


def alter(field: str) -> Callable[[Rows], Rows]:
    """Give a bend that changes one field of two events."""

    def bend(stored: Rows) -> Rows:
        stored[field][:2] ^= 1
        return stored

    return bend


def alter_type(stored: Rows) -> Rows:
    """Give one another of the five types, one a type that does not exist."""
    stored["type"][0] = (stored["type"][0] + 1) % len(EVENT_TYPES)
    stored["type"][1] = len(EVENT_TYPES)
    return stored


def alter_everything(stored: Rows) -> Rows:
    """Change three fields of one event."""
    for field in ("digest", "type", "timestamp"):
        stored[field][0] ^= 1
    return stored


def move_session(stored: Rows) -> Rows:
    """Keep one under another session of the run."""
    other = stored["session"] != stored["session"][0]
    stored["session"][0] = stored["session"][other][0]
    return stored


def spoil_a_copy(stored: Rows) -> Rows:
    """Keep one as it was sent, and a second time altered."""
    copy = stored[:1].copy()
    copy["digest"] ^= 1
    return np.concatenate([copy, stored])


def invent(stored: Rows) -> Rows:
    """Keep one that nobody planned, in a session that exists."""
    copy = stored[:1].copy()
    copy["event"] = 1
    return np.concatenate([stored, copy])


def invent_twice(stored: Rows) -> Rows:
    """Keep two copies of one that nobody planned, in a session that nobody planned."""
    copy = stored[:1].copy()
    copy["event"], copy["session"] = 1, 3
    return np.concatenate([stored, copy, copy])


def rename(stored: Rows) -> Rows:
    """Give one another id."""
    stored["event"][0] = 1
    return stored


def keep_columns_only(stored: Rows) -> Rows:
    """Keep no bytes, so no digest of them."""
    stored["digest"] = 0
    return stored


@pytest.mark.parametrize(
    ("bend", "expected"),
    [
        (lambda stored: stored, {}),
        (lose, {"stored_rows": -3, "stored": -3, "stored_outcomes.acknowledged": -3, "lost": 3}),
        (duplicate, {"stored_rows": 3, "duplicated": 3}),
        (alter("digest"), {"altered": 2, "altered_fields.digest": 2}),
        (alter("timestamp"), {"altered": 2, "altered_fields.timestamp": 2}),
        (alter("session"), {"altered": 2, "altered_fields.session": 2, "stored_sessions_unknown": 2}),
        (alter_type, {"altered": 2, "altered_fields.type": 2}),
        (alter_everything, {"altered": 1, "altered_fields.digest": 1, "altered_fields.type": 1, "altered_fields.timestamp": 1}),
        (move_session, {"altered": 1, "altered_fields.session": 1}),
        (spoil_a_copy, {"stored_rows": 1, "duplicated": 1, "altered": 1, "altered_fields.digest": 1}),
        (invent, {"stored_rows": 1, "stored": 1, "unexpected": 1, "unknown": 1}),
        (invent_twice, {"stored_rows": 2, "stored": 1, "duplicated": 1, "unexpected": 1, "unknown": 1, "stored_sessions_unknown": 1}),
        (rename, {"lost": 1, "unexpected": 1, "unknown": 1, "stored_outcomes.acknowledged": -1}),
        (keep_columns_only, {"without_digest": 3_230}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_fault_of_the_collector_is_counted_exactly(truth: Truth, bend: Callable[[Rows], Rows], expected: dict[str, int]) -> None:
    """A fault changes the numbers of its own classes by exactly what was done, and no other number."""
    assert difference(truth, truth.ledger, bend(truth.stored.copy())) == expected


def test_a_stored_event_of_an_unsampled_session_has_leaked(truth: Truth) -> None:
    """An event that sampling held back and that the collector has anyway is unexpected, and said to have leaked."""
    unsampled = truth.ledger.events[truth.ledger.events["fate"] == SAMPLED_OUT][:4]
    stored = np.zeros(4, STORED_ROW)
    for name in STORED_ROW.names or ():
        stored[name] = unsampled[name]
    expected = {"stored_rows": 4, "stored": 4, "unexpected": 4, "leaked": 4, "unsampled_stored": 4, "without_digest": 4, "sessions.stored": 1}
    assert difference(truth, truth.ledger, np.concatenate([truth.stored, stored])) == expected


def test_an_unknown_event_under_an_unsampled_session_breaks_its_silence(truth: Truth) -> None:
    """A stored event counts for the session that the collector has it under, even if the ledger does not know the event."""
    stored = truth.stored[:1].copy()
    stored["event"] = 1
    stored["session"] = truth.ledger.sessions["session"][truth.ledger.sessions["sampled"] == 0][0]
    expected = {"stored_rows": 1, "stored": 1, "unexpected": 1, "unknown": 1, "unsampled_stored": 1, "sessions.stored": 1}
    assert difference(truth, truth.ledger, np.concatenate([truth.stored, stored])) == expected


@pytest.mark.parametrize("fate", [QUEUED, DROPPED_NO_SESSION])
def test_what_was_never_put_into_a_payload_cannot_be_stored(truth: Truth, fate: int) -> None:
    """An event that the ledger has as queued or dropped is unexpected in a collector."""
    ledger = truth.copy().ledger
    at = np.flatnonzero(ledger.events["fate"] == SENT)[0]
    ledger.events["fate"][at] = fate
    changed = difference(truth, ledger, truth.stored)
    assert changed.pop(f"fates.{FATES[fate]}") == 1
    assert changed == {
        "fates.sent": -1,
        "planned": -1,
        "sent": -1,
        "outcomes.acknowledged": -1,
        "stored_outcomes.acknowledged": -1,
        "unexpected": 1,
        "leaked": 1,
        "miscounted": 1,
    }


@pytest.mark.parametrize(
    ("outcome", "if_stored", "if_not"),
    [
        (ACKNOWLEDGED, {}, {"lost": 5}),
        (REFUSED, {}, {}),  # refused, and kept or not: nothing was promised
        (AMBIGUOUS, {}, {}),  # sent, and nobody knows
        (FAILED, {"sent": -5, "unexpected": 5, "never_sent": 5}, {"sent": -5}),
        (CUT, {"sent": -5, "unexpected": 5, "never_sent": 5}, {"sent": -5}),
        (PLANNED, {"sent": -5}, {"sent": -5}),  # an outcome that says that there is none
        (None, {"sent": -5}, {"sent": -5}),  # killed before the outcome was known
    ],
)
def test_what_is_owed_depends_on_the_payloads_outcome(truth: Truth, outcome: int | None, if_stored: dict[str, int], if_not: dict[str, int]) -> None:
    """Only what was acknowledged can be lost, and only what cannot have left is unexpected."""
    ledger = truth.copy().ledger
    payload = ledger.outcomes["payload"][0]
    if outcome is None:
        ledger = replace(ledger, outcomes=ledger.outcomes[1:])
    else:
        ledger.outcomes["outcome"][0] = outcome
    name = OUTCOMES[outcome or PLANNED]
    moved = {}
    if outcome != ACKNOWLEDGED:
        moved = {"outcomes.acknowledged": -5, f"outcomes.{name}": 5, "payloads.acknowledged": -1, f"payloads.{name}": 1}
        stored_moved = {"stored_outcomes.acknowledged": -5, f"stored_outcomes.{name}": 5}
    else:
        stored_moved = {}
    assert difference(truth, ledger, truth.stored) == moved | stored_moved | if_stored
    rest = truth.stored[~np.isin(truth.stored["event"], ledger.events["event"][ledger.events["payload"] == payload])]
    gone = {"stored_rows": -5, "stored": -5, "stored_outcomes.acknowledged": -5}
    assert difference(truth, ledger, rest) == moved | gone | if_not


@pytest.mark.parametrize(
    ("outcomes", "strongest"),
    [
        ((FAILED, ACKNOWLEDGED), ACKNOWLEDGED),  # the retry got through
        ((REFUSED, REFUSED, ACKNOWLEDGED), ACKNOWLEDGED),
        ((AMBIGUOUS, FAILED), AMBIGUOUS),  # the first may be stored
        ((AMBIGUOUS, REFUSED), AMBIGUOUS),
        ((REFUSED, FAILED), REFUSED),  # bytes left
        ((FAILED, CUT), FAILED),
        ((PLANNED, CUT), CUT),
    ],
)
def test_a_retried_payload_has_the_strongest_of_its_outcomes(truth: Truth, outcomes: tuple[int, ...], strongest: int) -> None:
    """Whatever the order of the attempts, the one that promises most decides."""
    for order in (outcomes, outcomes[::-1]):
        extra = np.repeat(truth.ledger.outcomes[:1], len(order))
        extra["outcome"] = order
        ledger = replace(truth.ledger, outcomes=np.concatenate([truth.ledger.outcomes[1:], extra]))
        counts = reconcile(ledger, truth.stored)
        assert counts.retried == len(order) - 1
        assert counts.outcomes[OUTCOMES[strongest]] == (5 if strongest != ACKNOWLEDGED else counts.planned)


def test_payloads_of_cohorts_with_the_same_number_are_kept_apart(truth: Truth) -> None:
    """The last cohort's payload 0 was not sent; the first cohort's payload 0 was."""
    ledger = truth.copy().ledger
    which = ledger.outcomes["payload"] == 1 << 32
    assert np.count_nonzero(which) == 1
    ledger.outcomes["outcome"][which] = FAILED
    counts = reconcile(ledger, truth.stored)
    assert counts.outcomes["failed"] == 5
    mine = ledger.events["event"][ledger.events["payload"] == 1 << 32]
    assert sorted(counts.examples["never_sent"]) == sorted(f"{key:016x}" for key in mine)


def test_a_ledger_that_contradicts_itself_is_noticed(truth: Truth) -> None:
    """Ids given twice, rows that name what is not there, and payloads that miscount their events each have their number."""
    whole = truth.ledger
    again = replace(whole, events=np.concatenate([whole.events, whole.events[:2]]))
    assert difference(truth, again, truth.stored) == {"repeated": 2}
    twice = replace(whole, sessions=np.concatenate([whole.sessions, whole.sessions[:1]]))
    assert difference(truth, twice, truth.stored) == {"repeated": 1}
    other_outcomes = replace(whole, outcomes=np.concatenate([whole.outcomes, whole.outcomes[:1]]))
    other_outcomes.outcomes["payload"][-1] = 99 << 32
    assert difference(truth, other_outcomes, truth.stored) == {"strays": 1}
    homeless = replace(whole, sessions=whole.sessions[whole.sessions["session"] != whole.events["session"][whole.events["fate"] == SENT][0]])
    assert difference(truth, homeless, truth.stored)["strays"] == 10
    miscounted = truth.copy().ledger
    miscounted.payloads["events"][0] += 1
    assert difference(truth, miscounted, truth.stored) == {"miscounted": 1}


def test_sampling_that_splits_a_session_is_noticed(truth: Truth) -> None:
    """An event sent from an unsampled session, and one withheld from a sampled session, are counted in the ledger alone."""
    ledger = truth.copy().ledger
    sent = truth.ledger.events["session"][truth.ledger.events["fate"] == SENT][0]
    ledger.sessions["sampled"][ledger.sessions["session"] == sent] = 0
    counts = reconcile(ledger, truth.stored)
    assert (counts.unsampled_sent, counts.unsampled_stored, counts.sampled_withheld) == (10, 10, 0)
    ledger.sessions["sampled"] = 1
    withheld = np.count_nonzero(ledger.events["fate"] == SAMPLED_OUT)
    assert reconcile(ledger, truth.stored).sampled_withheld == withheld > 0


def test_tables_by_type_and_platform_add_up(truth: Truth) -> None:
    """Each column of both tables sums to the whole, and a lost event stands in the row of its own type and platform."""
    gone = truth.stored[:1]
    counts = reconcile(truth.ledger, np.concatenate([truth.stored[1:], truth.stored[5:6]]))
    for table in (counts.types, counts.platforms):
        for column in ("planned", "sent", "stored", "lost", "duplicated", "altered", "unexpected"):
            assert sum(getattr(tally, column) for tally in table.values()) == getattr(counts, column)
        assert sum(tally.acknowledged for tally in table.values()) == counts.outcomes["acknowledged"]
        assert OTHER not in table
    assert [name for name, tally in counts.types.items() if tally.lost] == [EVENT_TYPES[gone["type"][0]]]
    session = truth.ledger.sessions[truth.ledger.sessions["session"] == gone["session"][0]]
    assert [name for name, tally in counts.platforms.items() if tally.lost] == [PLATFORMS[session["platform"][0]]]


def test_events_of_no_type_and_no_platform_have_a_row_of_their_own(truth: Truth) -> None:
    """An unknown event of a type that does not exist and a session that nobody planned is shown as other."""
    stored = truth.stored[:1].copy()
    stored["event"], stored["session"], stored["type"] = 1, 3, 77
    counts = reconcile(truth.ledger, np.concatenate([truth.stored, stored]))
    assert counts.types[OTHER].unexpected == counts.platforms[OTHER].unexpected == 1
    assert counts.types[OTHER].planned == 0


def test_sessions_are_counted_by_platform(truth: Truth) -> None:
    """Sessions that began before the span are counted apart and not among those created or sampled."""
    ledger = truth.copy().ledger
    ledger.sessions["cut_start"][: 4 * 10] = 1
    counts = reconcile(ledger, truth.stored)
    for number, name in enumerate(PLATFORMS):
        mine = ledger.sessions[ledger.sessions["platform"] == number]
        inside = mine[mine["cut_start"] == 0]
        found = counts.session_platforms[name]
        assert (found.created, found.cut_start) == (inside.size, 10)
        assert found.sampled == np.count_nonzero(inside["sampled"])
        assert found.stored == np.count_nonzero(mine["sampled"])
    assert counts.sessions.created == ledger.sessions.size - 40


def test_a_few_ids_of_each_bad_class_are_kept(truth: Truth) -> None:
    """At most five ids of a class, as 16 hex digits, and no class that is empty."""
    assert reconcile(truth.ledger, truth.stored).examples == {}
    counts = reconcile(truth.ledger, truth.stored[8:])
    assert set(counts.examples) == {"lost"}
    gone = {f"{key:016x}" for key in truth.stored["event"][:8]}
    assert len(counts.examples["lost"]) == 5
    assert set(counts.examples["lost"]) <= gone


def test_nothing_stored_is_everything_lost(truth: Truth) -> None:
    """An empty collector has lost what it acknowledged."""
    counts = reconcile(truth.ledger, truth.stored[:0])
    assert counts.lost == counts.planned == counts.outcomes["acknowledged"] > 0
    assert counts.stored == counts.stored_rows == counts.unexpected == 0


def test_an_empty_ledger_expects_nothing(truth: Truth) -> None:
    """Without a single row in the ledger, everything stored is unknown."""
    whole = truth.ledger
    empty = replace(whole, sessions=whole.sessions[:0], events=whole.events[:0], payloads=whole.payloads[:0], outcomes=whole.outcomes[:0])
    counts = reconcile(empty, truth.stored)
    assert counts.unknown == counts.unexpected == counts.stored == truth.stored.size
    assert counts.types[EVENT_TYPES[0]].unexpected > 0
    assert reconcile(empty, truth.stored[:0]).stored == 0


@dataclass(frozen=True)
class Story:
    """What happened to one event: told first, counted from the telling."""

    fate: int
    outcome: int | None
    copies: tuple[frozenset[str], ...]
    """Of each stored copy: the fields that differ."""


FIELDS = ("digest", "session", "type", "timestamp")
STORIES = st.lists(
    st.builds(
        Story,
        fate=st.sampled_from([SENT, SENT, SENT, SAMPLED_OUT, QUEUED, DROPPED_NO_SESSION]),
        outcome=st.sampled_from([ACKNOWLEDGED, ACKNOWLEDGED, REFUSED, AMBIGUOUS, FAILED, CUT, PLANNED, None]),
        copies=st.lists(st.sets(st.sampled_from(FIELDS), max_size=2).map(frozenset), max_size=3).map(tuple),
    ),
    max_size=40,
)


def tell(stories: list[Story], chance: np.random.Generator) -> tuple[Ledger, Rows]:
    """Write stories down as a ledger and as what the collector has, each event in a payload and a session of its own."""
    n = len(stories)
    sessions = np.zeros(n, SESSION_ROW)
    sessions["session"] = np.arange(n) * 2 + 2
    sessions["platform"] = np.arange(n) % len(PLATFORMS)
    sessions["sampled"] = 1
    events = np.zeros(n, EVENT_ROW)
    events["event"] = chance.permutation(np.arange(n)) + 1_000
    events["session"] = sessions["session"]
    events["type"] = np.arange(n) % len(EVENT_TYPES)
    events["timestamp"] = np.arange(n) * 2
    events["digest"] = np.arange(n) * 2 + 2
    events["fate"] = [story.fate for story in stories]
    is_sent = events["fate"] == SENT
    events["payload"] = np.where(is_sent, np.arange(n), NO_PAYLOAD)
    payloads = np.zeros(n, PAYLOAD_ROW)
    payloads["payload"] = np.arange(n)
    payloads["events"] = 1
    known = [number for number in range(n) if is_sent[number] and stories[number].outcome is not None]
    outcomes = np.zeros(len(known), OUTCOME_ROW)
    outcomes["payload"] = known
    outcomes["outcome"] = [stories[number].outcome for number in known]
    stored = []
    for number, story in enumerate(stories):
        for fields in story.copies:
            row = np.zeros(1, STORED_ROW)
            for name in STORED_ROW.names or ():
                row[name] = events[name][number]
            for name in fields:
                row[name] ^= 1
            stored.append(row)
    rows = np.concatenate([*stored, np.zeros(0, STORED_ROW)])
    order = chance.permutation(n)
    ledger = Ledger(
        sessions=chance.permutation(sessions),
        events=events[order],
        payloads=chance.permutation(payloads[is_sent]),
        outcomes=chance.permutation(outcomes),
        cohorts=1,
        torn=0,
    )
    return ledger, chance.permutation(rows)


@settings(deadline=None, max_examples=150)
@given(stories=STORIES, invented=st.integers(0, 3), seed=st.integers(0, 1 << 32))
def test_random_stories_are_counted_exactly(stories: list[Story], invented: int, seed: int) -> None:
    """Whatever happened to each event, in whatever order rows come, the counts are those of the stories, told one by one."""
    chance = np.random.default_rng(seed)
    ledger, stored = tell(stories, chance)
    strangers = np.zeros(invented, STORED_ROW)
    strangers["event"] = np.arange(invented) + 1
    strangers["session"] = 1
    counts = reconcile(ledger, chance.permutation(np.concatenate([stored, strangers])))
    sent = [story for story in stories if story.fate == SENT]
    kept = [story for story in stories if story.copies]
    assert counts.planned == len(sent)
    assert counts.sent == sum(story.outcome in {ACKNOWLEDGED, AMBIGUOUS, REFUSED} for story in sent)
    assert counts.stored_rows == sum(len(story.copies) for story in stories) + invented
    assert counts.stored == len(kept) + invented
    assert counts.duplicated == sum(len(story.copies) - 1 for story in kept)
    assert counts.lost == sum(story.outcome == ACKNOWLEDGED and not story.copies for story in sent)
    assert counts.altered == sum(any(story.copies) for story in sent)
    assert counts.altered_fields == {name: sum(any(name in copy for copy in story.copies) for story in sent) for name in FIELDS}
    assert counts.leaked == sum(story.fate != SENT for story in kept)
    assert counts.never_sent == sum(story.fate == SENT and story.outcome in {FAILED, CUT} for story in kept)
    assert counts.unknown == invented
    assert counts.unexpected == counts.leaked + counts.never_sent + counts.unknown
    for name, word in enumerate(OUTCOMES):
        assert counts.outcomes[word] == sum((story.outcome or PLANNED) == name for story in sent)
        assert counts.stored_outcomes[word] == sum((story.outcome or PLANNED) == name for story in sent if story.copies)
    assert sum(tally.lost for tally in counts.platforms.values()) == counts.lost
