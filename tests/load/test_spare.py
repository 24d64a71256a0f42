"""Work in slices beside the event loop's own. None of this imports Locust."""

import time
from collections.abc import Iterator

import gevent
import pytest

from simulator.load.spare import Spare

pytestmark = pytest.mark.alone


@pytest.fixture
def spare() -> Iterator[Spare]:
    """Give one."""
    made = Spare(gevent.get_hub().loop)
    yield made
    made.close()


def steps(log: list[object], name: str, count: int) -> Iterator[None]:
    """Take so many steps, and log each."""
    for number in range(count):
        log.append((name, number))
        yield


def test_all_steps_are_taken_in_order(spare: Spare) -> None:
    """What is given is done when `do` returns, to its last step."""
    log: list[object] = []
    spare.do(steps(log, "a", 5))
    assert log == [("a", n) for n in range(5)]


def test_one_work_after_the_other(spare: Spare) -> None:
    """Of two greenlets the second's work begins when the first's is done, and each goes on once its own is."""
    log: list[object] = []

    def work(name: str) -> None:
        spare.do(steps(log, name, 3))
        log.append(name)

    gevent.joinall([gevent.spawn(work, "a"), gevent.spawn(work, "b")], raise_error=True)
    assert [one for one in log if isinstance(one, tuple)] == [(name, n) for name in "ab" for n in range(3)]
    assert log.index("a") < log.index("b")


def test_the_loop_goes_on_between_steps(spare: Spare) -> None:
    """Whoever else wants to run does so between two steps, not after the last."""
    log: list[object] = []

    def endless() -> Iterator[None]:
        while "heard" not in log:  # only another greenlet ends it
            yield

    gevent.spawn_later(0.005, log.append, "heard")
    spare.do(endless())
    assert log == ["heard"]


def test_nothing_to_do_is_done(spare: Spare) -> None:
    """Work without a step returns."""
    spare.do([])
    spare.do(range(3))


def test_a_fault_is_raised_where_the_work_was_given(spare: Spare) -> None:
    """What a step raises reaches the greenlet that gave the work; that of others goes on."""
    log: list[object] = []

    def wrong() -> Iterator[None]:
        yield
        raise ValueError("no")

    other = gevent.spawn(spare.do, steps(log, "b", 3))
    with pytest.raises(ValueError, match="no"):
        spare.do(wrong())
    other.get()
    assert log == [("b", n) for n in range(3)]


def test_work_outlives_who_gave_it(spare: Spare) -> None:
    """A greenlet that is killed while its work is done takes nothing of others' with it."""
    log: list[object] = []
    killed = gevent.spawn(spare.do, (gevent.getcurrent() for _ in iter(int, 1) if len(log) < 3))  # endless until the other is done
    gevent.sleep(0)
    killed.kill()
    log += [1, 2, 3]
    assert killed.ready()


def test_timers_set_afterwards_are_not_early(spare: Spare) -> None:
    """What goes on when its work is done can set timers: they count from then, however long the last step took."""

    def long() -> Iterator[None]:
        yield
        time.sleep(0.05)

    spare.do(long())
    began = time.monotonic()
    gevent.spawn_later(0.03, int).join()
    assert time.monotonic() - began >= 0.029
