"""When the transport gives up, by a clock that the tests set. None of this imports Locust."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from simulator.load import pump
from simulator.load.pump import Pump
from simulator.load.target import Place
from simulator.schema.latency import CAUSES, CONNECT_TIMEOUT, TIMEOUT

MS = 1_000_000
PATIENCE_MS = 1000


class _Waiting:
    """A connection whose request waits until so many ms; `news_ms`: from when until when the system has something for it that is not read."""

    def __init__(self, until_ms: int, news_ms: tuple[int, int], *, sent: bool) -> None:
        self.until, self._news_ms = until_ms * MS, news_ms
        self.request = self
        self.sent = int(sent)
        self.given_up: list[tuple[int, str]] = []

    def has_news(self) -> bool:
        """Tell whether there is something to read."""
        return self._news_ms[0] <= pump.now() // MS < self._news_ms[1]

    def give_up(self, cause: int) -> None:
        """Note when, and why."""
        self.given_up.append((pump.now() // MS, CAUSES[cause]))


Sweep = Callable[[_Waiting, list[int]], None]


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sweep]:
    """Give what sweeps at these ms, until the connection is given up."""
    clock = [0]
    monkeypatch.setattr(pump, "now", lambda: clock[0])
    made = Pump(Place(secure=False, host="127.0.0.1", port=1, prefix=""), None, most=1, shared=False, answer_s=PATIENCE_MS / 1000)

    def play(one: Any, at_ms: list[int]) -> None:
        made._busy.add(one)
        for at in at_ms:
            clock[0] = at * MS
            made._sweep()
            if one.given_up:
                break
        made._busy.clear()

    yield play
    made.drain(0)


REGULAR = list(range(100, 6000, 100))
HELD = [*range(100, 1000, 100), *range(2500, 6000, 100)]  # from 900 to 2500 ms nothing runs
NEVER, EVER = (0, 0), (0, 1 << 40)


@pytest.mark.parametrize(
    ("at_ms", "until_ms", "news_ms", "given_up_ms"),
    [
        (REGULAR, 1050, NEVER, 1200),  # the second sweep that finds it overdue
        (REGULAR, 1100, NEVER, 1200),
        (REGULAR, 1050, EVER, 1200),  # a server that never comes to an end: all that has come is read between sweeps
        (HELD, 1050, NEVER, 2600),  # no sooner: between the two sweeps sockets are read
        (HELD, 850, NEVER, 2500),  # it was overdue before
        (HELD, 1050, (0, 3050), 3100),  # so much has come that reading takes longer
        (HELD, 1050, EVER, 3600),  # but not for longer than patience lasts
    ],
)
@pytest.mark.parametrize(("sent", "cause"), [(True, TIMEOUT), (False, CONNECT_TIMEOUT)])
def test_nothing_is_given_up_before_it_was_looked_at(
    sweep: Sweep, at_ms: list[int], until_ms: int, news_ms: tuple[int, int], given_up_ms: int, sent: bool, cause: int
) -> None:
    """What is overdue is given up at the second sweep that finds it so; after a late sweep not while the system has news of it, within limits."""
    one = _Waiting(until_ms, news_ms, sent=sent)
    sweep(one, at_ms)
    assert one.given_up == [(given_up_ms, CAUSES[cause])]
