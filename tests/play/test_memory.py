"""Memory that serves one cohort after the other."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.play.cohort import Cohort
from simulator.play.memory import Memory
from simulator.play.model import Model
from simulator.play.seat import PAYLOADS

HOUR = 3_600_000
Play = Callable[..., Any]


@pytest.mark.parametrize("compiled", [True, False])
def test_what_another_cohort_left_behind_does_not_show(play: Play, model: Model, played: Any, compiled: bool) -> None:
    """A cohort that takes over the memory of one which was given up in the middle plays as in memory of its own."""
    memory = Memory()
    other = Cohort(model, 900, 48, begin=HOUR, epoch=7, prints=PAYLOADS, compiled=compiled, memory=memory)
    for chunk in other.advance(9 * HOUR):
        assert len(chunk.payloads)
        break
    assert play(model, compiled=compiled, memory=memory).same_as(played)


def test_what_is_kept_is_given_again_if_it_is_like_it() -> None:
    """Kept is what was made last under a name; something unlike it is made anew, and kept in its place."""
    memory, made = Memory(), iter(range(9))
    found = [memory.get(name, like, lambda: next(made)) for name, like in (("a", 1), ("a", 1), ("b", 1), ("a", 2), ("a", 1), ("b", 1))]
    assert found == [0, 0, 1, 2, 3, 1]
