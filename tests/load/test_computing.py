"""The thread beside the event loop. None of this imports Locust."""

import threading
import time
from collections.abc import Iterator

import gevent
import pytest

from simulator.errors import DataError
from simulator.load.computing import Computing


@pytest.fixture
def computing() -> Iterator[Computing]:
    """Give one."""
    made = Computing()
    yield made
    made.close()


def test_it_is_done_in_another_thread(computing: Computing) -> None:
    """What is asked for comes back, from one thread that is not the caller's."""
    threads = {computing.do(threading.get_native_id) for _ in range(3)}
    assert len(threads) == 1
    assert threads != {threading.get_native_id()}
    assert computing.do(divmod, 7, 2) == (3, 1)


def test_errors_are_raised_where_it_was_asked_for(computing: Computing, capfd: pytest.CaptureFixture[str]) -> None:
    """An error is the caller's, printed by nobody, and the thread goes on."""

    def fail() -> None:
        raise DataError("the disk is full")

    with pytest.raises(DataError, match="the disk is full"):
        computing.do(fail)
    assert computing.do(int, "7") == 7
    assert capfd.readouterr() == ("", "")


def test_others_go_on_meanwhile_and_in_order(computing: Computing) -> None:
    """While the thread is at it other greenlets run; what they ask for comes after."""
    said, may_end = list[str](), threading.Event()

    def wait() -> None:
        may_end.wait(10)
        said.append("first")

    first = gevent.spawn(computing.do, wait)
    gevent.sleep(0)
    second = gevent.spawn(computing.do, said.append, "second")
    gevent.sleep(0)
    assert said == []
    may_end.set()
    gevent.joinall([first, second], timeout=10)
    assert said == ["first", "second"]


def test_its_cpu_time_is_counted(computing: Computing) -> None:
    """What the thread computes counts, also where it fails; what it waits for does not."""

    def compute() -> None:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        computing.do(compute)
    computed = computing.cpu_s
    assert computed >= 0.02
    computing.do(threading.Event().wait, 0.05)
    assert computing.cpu_s < computed + 0.04
