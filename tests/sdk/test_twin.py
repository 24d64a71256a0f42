"""One source, two bodies: compiled, the core makes of any stream of stimuli exactly what it makes of it interpreted."""

from typing import Any

import numpy as np
import pytest

from simulator.kernel.record import dtype_of, rows
from simulator.kernel.rnd import ONE
from simulator.kernel.twin import twin
from simulator.profile.editions import EDITIONS
from simulator.schema.records import Event, Stimulus
from simulator.schema.words import CLOSE, CONFIG, CRASH, FRAME, LAUNCH, STIMULI, TERMINATE, TURN
from simulator.sdk.outbox import settle
from simulator.sdk.probes import feed, wake
from simulator.sdk.state import QUEUE, Limits, Outbox, Screen, Store

pytest.importorskip("numba")
STREAM = 2_500
ROOM = 3 * STREAM
"""For the events of a stream: more than it makes."""
KINDS = [kind for kind in range(TURN) for _ in range(1 if kind in (LAUNCH, CLOSE, CRASH, TERMINATE) else 4)]
"""Kinds of stimuli; fewer of those that begin or end a process."""


def drive(stimuli: Any, stores: Any, screens: Any, boxes: Any, limits: Any, out: Any, left: Any) -> int:
    """Feed a stream; write down the events that leave, and when. Give their number."""
    store, screen, box, terms = stores[0], screens[0], boxes[0], limits[0]
    i, n = 0, 0
    while i < len(stimuli):
        s = stimuli[i]
        at = min(box.next_at, s.at)
        if box.next_at == at:
            wake(store, screen, box, terms, at)
        else:
            feed(store, screen, box, terms, s)
            i += 1
        for j in range(box.done):
            e, row = box.queue[j], out[n]
            row.stamp, row.key, row.aux, row.ref, row.number, row.session, row.shown = e.stamp, e.key, e.aux, e.ref, e.number, e.session, e.shown
            row.page, row.previous, row.span, row.times, row.kind, row.fate, row.sampled = (
                e.page, e.previous, e.span, e.times, e.kind, e.fate, e.sampled,
            )  # fmt: skip
            left[n] = at
            n += 1
        settle(box)
    return n


def interpreted(stimuli: list[Stimulus], limits: Limits, key: int) -> tuple[tuple[list[Any], ...], list[Event], list[int]]:
    """Feed a stream to the source as it stands: give its records in the end, the events that left, and when."""
    records = ([Store(key=key)], [Screen()], [Outbox()])
    events, left = [Event() for _ in range(ROOM)], [0] * ROOM
    n = drive(stimuli, *records, [limits], events, left)
    return records, events[:n], left[:n]


def terms(edition: str, chance: np.random.Generator) -> Limits:
    """Take an edition's numbers or draw others."""
    rules = {name: rule.value for name, rule in EDITIONS[edition].rules.items()}
    drawn = {"overtime": 20_000, "max_duration": 200_000, "away": 20_000, "flush_delay": 8_000, "flush_count": QUEUE - 4}
    rules |= {name: int(chance.integers(1, high)) for name, high in drawn.items() if chance.random() < 0.5}
    remote = {"remote": int(chance.integers(0, 3)), "remote_cache": int(chance.integers(1, 100_000))}
    return Limits(**(rules | remote), rate=int(chance.choice([0, ONE // 3, ONE // 2, ONE])))


def stream(limits: Limits, chance: np.random.Generator) -> list[Stimulus]:
    """Draw stimuli of all kinds in any order, sensible or not, many of them 1 ms before, at or 1 ms after a limit has passed since the last."""
    named = (limits.overtime, limits.max_duration, limits.away, limits.flush_delay, limits.touch_delay, limits.remote_timeout)
    ends = [ms for ms in named if ms < 1 << 40]
    at, out = 1_000, []
    for ref in range(STREAM):
        at += int(chance.choice(ends)) + int(chance.integers(-1, 2)) if chance.random() < 0.1 else int(chance.exponential(400))
        lasted = int(chance.integers(0, 3_000)) if chance.random() < 0.3 else 0
        kind = int(chance.choice(KINDS))
        since = int(chance.integers(0, ONE)) if kind == CONFIG else (at - lasted) * 1_000 if kind == FRAME else at - lasted
        aux = lasted * 1_000 if kind == FRAME else int(chance.integers(0, 3))
        out.append(Stimulus(at, kind, int(chance.integers(0, 3)), aux, ref - int(chance.integers(0, 3)), since))
    return out


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("edition", EDITIONS)
def test_compiled_equals_interpreted(edition: str, seed: int) -> None:
    """Every event, its fate, the instant at which it leaves, and all that is remembered in the end are the same, bit for bit."""
    chance = np.random.default_rng(seed)
    limits = terms(edition, chance)
    stimuli = stream(limits, chance)
    plain, events, left = interpreted(stimuli, limits, seed)
    n = len(events)
    machine = (rows(Store, [Store(key=seed)]), rows(Screen, [Screen()]), rows(Outbox, [Outbox()]))
    out, at = np.zeros(ROOM, dtype_of(Event)), np.zeros(ROOM, np.int64)
    assert twin(drive)(rows(Stimulus, stimuli), *machine, rows(Limits, [limits]), out, at) == n
    assert n > STREAM // 3
    assert out[:n].tobytes() == rows(Event, events).tobytes()
    assert at[:n].tolist() == left
    for record, compiled, kept in zip((Store, Screen, Outbox), machine, plain, strict=True):
        assert compiled.tobytes() == rows(record, kept).tobytes()


def test_streams_meet_everything() -> None:
    """The streams that are compared hold every kind of stimulus, and sessions that end and begin."""
    chance = np.random.default_rng(0)
    limits = terms("web-documented", chance)
    stimuli = stream(limits, chance)
    assert {s.kind for s in stimuli} == set(range(len(STIMULI))) - {TURN}
    (stores, _, _), _, _ = interpreted(stimuli, limits, 0)
    assert stores[0].session > 100
