"""Requests that wait for the host's address, or for a connection. None of this imports Locust."""

import socket
from collections.abc import Iterator
from typing import Any

import gevent
import numpy as np
import pytest

from simulator.load import pump
from simulator.load.pump import BURST, Pump
from simulator.load.request import Head, Request
from simulator.load.target import Place
from simulator.schema.latency import DNS

HEAD = Head(0, "/", {}, b"")
ADDRESS = (socket.AF_INET, ("127.0.0.1", 1))


class _Look:
    """A look-up of an address that ends when it is told to, and its `is_known`."""

    def __init__(self) -> None:
        self.found: tuple[int, Any] | None = None
        self.has_ended = False
        self.is_known = self

    def address(self) -> tuple[int, Any] | None:
        return self.found

    def is_set(self) -> bool:
        return self.has_ended

    def end(self, found: tuple[int, Any] | None) -> None:
        self.found, self.has_ended = found, True


class _Opened:
    """A connection that never comes to be."""

    def __init__(self, *about: Any) -> None:
        self.request = about[-1]
        self.until = 0


@pytest.fixture
def look() -> _Look:
    """Give a look-up."""
    return _Look()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, look: _Look) -> Iterator[Pump]:
    """Give a pump of one connection, with that look-up."""
    monkeypatch.setattr(pump, "Connection", _Opened)
    one = Pump(Place(secure=False, host="127.0.0.1", port=1, prefix=""), None, most=1, shared=True, answer_s=1.0)
    monkeypatch.setattr(one, "_resolver", look)
    yield one
    one._busy.clear()
    one.stop()
    one.drain(0)


def requests(first: int, count: int) -> list[Request]:
    """Give requests that are due, cut from one buffer."""
    shared = np.zeros(count, np.uint8).data
    return [Request(first + n, n, 1, HEAD, shared[n : n + 1]) for n in range(count)]


def take_up(made: Pump, some: list[Request]) -> None:
    """Have the pump take requests up, as its timer would."""
    made.offer(some)
    while made._due:
        made._fire()


def test_who_waits_for_the_address_goes_first(made: Pump, look: _Look) -> None:
    """Once the address is known who falls due goes behind those that wait for it."""
    take_up(made, requests(0, 3))
    look.end(ADDRESS)
    take_up(made, requests(3, 2))
    assert [one.request.number for one in made._busy] == [0]
    assert [one.number for one in made.stop()] == [1, 2, 3, 4]


@pytest.mark.parametrize("count", [1, BURST, 10 * BURST])
def test_a_host_without_an_address_is_told_of_all(made: Pump, look: _Look, count: int) -> None:
    """When the look-up has failed all that wait have failed, in their order, but no more than a burst in a turn of the loop."""
    take_up(made, requests(0, count))
    look.end(None)
    made._sweep()
    assert len(made.done) == min(count, BURST)
    for _ in range(count):
        gevent.sleep(0)
    assert [(one.number, one.cause) for one in made.done] == [(number, DNS) for number in range(count)]


def test_who_waits_has_its_data_for_itself(made: Pump, look: _Look) -> None:
    """What waits for a connection, or for one to be made, keeps nothing of what others are cut from."""
    look.end(ADDRESS)
    some = requests(0, 2)
    take_up(made, some)
    assert [type(one.data) for one in some] == [bytes, bytes]
    assert len(made._busy) == 1
