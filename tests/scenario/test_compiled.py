"""The compiled core does what the interpreted one did, call by call, in every recorded scenario and in random ones."""

import msgspec
import numpy as np
from random_scenarios import drawn
from recordings import SCENARIOS

from simulator.kernel.record import dtype_of, fill, rows
from simulator.kernel.twin import twin
from simulator.play.replay import Outcome, replay
from simulator.scenario.run import Tabs
from simulator.scenario.script import Script, load
from simulator.sdk.state import HELD, QUEUE, Limits, Outbox, Screen, Store

RECORDED = [load(path) for path in sorted(SCENARIOS.glob("*.json"))]
SEED, COUNT = 11, 90


def logs(script: Script) -> list:
    """Play a scenario; give the calls and outcomes of each document, with the limits with which it began."""
    tabs = Tabs(script)
    tabs.browser.logs = True
    for step in script.steps:
        tabs.do(step)
    return [(page.limits, page.log) for document in tabs.documents for page in document.collectors if page in document.pipes]


def one(cls: type, value: object | None = None) -> np.ndarray:
    """Make the compiled body of a record, filled like `value`."""
    body = np.zeros(1, dtype_of(cls))
    fill(body[0], value or cls())
    return body


def compiled(limits: Limits, calls: list) -> np.ndarray:
    """Give the outcomes that the compiled core has for calls."""
    outcomes = np.zeros(len(calls), dtype_of(Outcome))
    bodies = [one(Store), one(Screen), one(Outbox), one(Limits, limits)]
    twin(replay)(*(body[0] for body in bodies), rows(type(calls[0]), calls), outcomes)
    return outcomes


def is_whole(limits: Limits, log: list) -> bool:
    """Tell whether the compiled core can do it: it counts whole ms in 64 bits, and its places have an end."""
    times = [limits.overtime, limits.max_duration, *(call.flush_delay for call, _ in log)]
    return all(isinstance(time, int) for time in times) and all(outcome.count < QUEUE and outcome.waiting < HELD for _, outcome in log)


def compare(scripts: list[Script]) -> tuple[int, int, int]:
    """Compare the outcomes of each document; count documents, calls and events that got a fate."""
    documents = total = done = 0
    for script in scripts:
        for limits, log in logs(script):
            if log and is_whole(limits, log):
                calls, outcomes = [call for call, _ in log], [outcome for _, outcome in log]
                assert (compiled(limits, calls) == rows(Outcome, outcomes)).all(), script.name
                documents, total, done = documents + 1, total + len(calls), done + sum(o.done for o in outcomes)
    return documents, total, done


def test_recorded() -> None:
    """Sessions, times, timers and fates are equal after each call of each document, and there are fates to compare."""
    documents, total, done = compare(RECORDED)
    assert documents >= 59
    assert total > 800
    assert done > 200


def test_random() -> None:
    """They are equal whatever the page does."""
    documents, total, done = compare([msgspec.convert(drawn(SEED, i), Script) for i in range(COUNT)])
    assert documents >= COUNT / 3
    assert total > 1_500
    assert done > 400


def test_a_deviation_is_seen() -> None:
    """A call that the compiled core is given otherwise ends otherwise."""
    limits, log = logs(next(script for script in RECORDED if script.name == "basic"))[0]
    calls, outcomes = [call for call, _ in log], [outcome for _, outcome in log]
    next(call for call in calls if call.stimulus.key).stimulus.since -= 1
    assert (compiled(limits, calls) != rows(Outcome, outcomes)).any()
