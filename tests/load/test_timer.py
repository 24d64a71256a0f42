"""The timer, on an event loop as it runs. None of this imports Locust; what is waited for comes by itself."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event

from simulator.load import timer as module
from simulator.load.timer import Timer, timer

MS = 1_000_000
DEADLINE_S = 20.0

pytestmark = [pytest.mark.alone, pytest.mark.filterwarnings("default")]


class Fired:
    """A timer and when it fired; `again` may set it anew."""

    def __init__(self, make: Callable[[Any, Callable[[], None]], Timer]) -> None:
        self.times: list[int] = []
        self.again: Callable[[], None] = lambda: None
        self._came = Event()
        self.timer = make(gevent.get_hub().loop, self._fire)

    def _fire(self) -> None:
        self.times.append(time.monotonic_ns())
        self.timer.at(0)
        self.again()
        self._came.set()

    def wait(self, count: int) -> list[int]:
        """Wait until it has fired so often; give when."""
        while len(self.times) < count:
            self._came.clear()
            assert self._came.wait(DEADLINE_S), "it did not fire"
        return self.times


@pytest.fixture(params=["precise", "coarse"])
def fired(request: pytest.FixtureRequest) -> Iterator[Fired]:
    """Give each kind of timer."""
    if request.param == "precise" and sys.platform != "linux":
        pytest.skip("timerfd is Linux's")
    made = Fired(timer if request.param == "precise" else module._Coarse)
    yield made
    made.timer.close()


def test_it_never_fires_early(fired: Fired) -> None:
    """Set to a series of instants, one after the other, it fires once for each, in their order and never before."""
    began = time.monotonic_ns()
    due = [began + n * n * MS // 10 for n in range(1, 20)]
    rest = iter(due[1:])

    def again() -> None:
        if (at := next(rest, 0)) != 0:
            fired.timer.at(at)

    fired.again = again
    fired.timer.at(due[0])
    times = fired.wait(len(due))
    assert len(times) == len(due)
    slack = 0 if type(fired.timer) is not module._Coarse else MS  # libev counts whole ms
    assert all(at >= wanted - slack for at, wanted in zip(times, due, strict=True))


def test_what_has_passed_fires_at_once(fired: Fired) -> None:
    """An instant in the past is no reason to wait, nor to be forgotten."""
    fired.timer.at(1)
    assert len(fired.wait(1)) == 1


@pytest.mark.parametrize("later", [True, False])
def test_the_last_word_counts(fired: Fired, later: bool) -> None:
    """Set twice, it fires once, at what was said last."""
    began = time.monotonic_ns()
    near, far = began + 5 * MS, began + 30 * MS
    fired.timer.at(near if later else far)
    fired.timer.at(far if later else near)
    (at,) = fired.wait(1)
    assert at >= (far if later else near) - MS
    gevent.sleep(0.04)
    assert len(fired.times) == 1


def test_none_is_none(fired: Fired) -> None:
    """Set to 0 it does not fire, whatever was set before."""
    fired.timer.at(time.monotonic_ns() + 5 * MS)
    fired.timer.at(0)
    gevent.sleep(0.02)
    assert fired.times == []


def test_closed_means_never(fired: Fired) -> None:
    """A closed timer is deaf: it neither fires, nor sets another that has got its file's number."""
    made = Fired(timer if type(fired.timer) is not module._Coarse else module._Coarse)
    made.timer.at(time.monotonic_ns() + 5 * MS)
    made.timer.close()
    other = Fired(timer)  # takes the number that has become free
    other.timer.at(time.monotonic_ns() + 10 * MS)
    made.timer.at(0)
    other.wait(1)
    other.timer.close()
    assert made.times == []


@pytest.mark.parametrize("make", [timer, module._Coarse])
def test_what_is_due_stays_due(make: Callable[[Any, Callable[[], None]], Timer]) -> None:
    """Set to what has passed again and again it fires each time; set to what has not, it waits for that."""
    later = time.monotonic_ns() + 30 * MS
    rest, times, came = iter([1, later - 29 * MS, 1, later]), [], Event()

    def fire() -> None:
        times.append(time.monotonic_ns())
        made.at(next(rest, 0))
        came.set() if len(times) == 5 else None

    made = make(gevent.get_hub().loop, fire)
    made.at(1)
    assert came.wait(DEADLINE_S), "it did not fire"
    gevent.sleep(0.02)
    made.close()
    assert times[3] < later - MS <= times[4]
    assert len(times) == 5


@pytest.mark.skipif(sys.platform != "linux", reason="timerfd is Linux's")
def test_what_is_due_comes_before_what_has_come() -> None:
    """Of what the loop finds at once the timer is first, whatever became ready before it or after: those here are files that can be read."""
    loop, seen = gevent.get_hub().loop, list[str]()
    files = [os.pipe() for _ in range(6)]
    watchers = [loop.io(ends, 1) for ends, _ in files]
    due = timer(loop, lambda: (seen.append("due"), due.at(0))[0])

    def become_ready(some: slice) -> None:
        for watcher, (_, begins) in zip(watchers[some], files[some], strict=True):
            watcher.start(lambda: seen.append("read"))
            os.write(begins, b".")

    become_ready(slice(3))
    due.at(1)
    become_ready(slice(3, 6))
    while len(seen) < 7:
        gevent.sleep(0)
    assert seen[0] == "due"
    due.close()
    for watcher, pair in zip(watchers, files, strict=True):
        watcher.close()
        for file in pair:
            os.close(file)
