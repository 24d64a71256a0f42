"""What a pool is given comes back, however lending and giving back follow each other, in both bodies."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel.record import dtype_of
from simulator.kernel.twin import twin
from simulator.play.pool import FIRST, LENT, Pool, fetch, give_back, has_room, lend, store
from simulator.schema.records import Stimulus

PLACES = 40
MOST = 9


def stimuli(first: int, count: int) -> list[Stimulus]:
    """Give stimuli of which no two are alike."""
    return [Stimulus(*(10 * (first + i) + j for j in range(6))) for i in range(count)]


@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, MOST)), max_size=60))
@settings(max_examples=100, deadline=None)
def test_what_is_stored_comes_back(steps: list[tuple[bool, int]]) -> None:
    """Each store that fits is fetched whole, in any order; as many places are taken as are lent, none of them beyond the most that ever were."""
    size = PLACES + FIRST + 1
    pool = Pool([Stimulus() for _ in range(size)], [0] * size)
    lent: list[tuple[int, list[Stimulus]]] = []
    taken = most = made = 0
    for is_store, number in steps:
        if is_store and has_room(pool.links, number):
            some = stimuli(made, number)
            lent.append((store(pool, some, number), some))
            made, taken = made + number, taken + number
            most = max(most, taken)
        elif lent:
            first, some = lent.pop(number % len(lent))
            back = stimuli(0, MOST)
            fetch(pool, first, len(some), back)
            assert [asdict(one) for one in back[: len(some)]] == [asdict(one) for one in some]
            taken -= len(some)
        assert pool.links[LENT] == taken
        assert not any(pool.links[FIRST + most :])
    assert not has_room(pool.links, PLACES - taken + 1)
    assert has_room(pool.links, PLACES - taken)


def test_single_places() -> None:
    """No place is lent twice, and the one that came back last is lent first."""
    pool = Pool([], [0] * 20)
    places = [lend(pool) for _ in range(5)]
    assert sorted(set(places)) == [FIRST + i for i in range(5)]
    give_back(pool, places[1])
    give_back(pool, places[3])
    assert [lend(pool), lend(pool), lend(pool)] == [places[3], places[1], FIRST + 5]


@pytest.mark.parametrize("count", [0, 1, MOST])
def test_compiled(count: int) -> None:
    """Compiled code copies the same to the same places."""
    size = PLACES + FIRST + 1
    pool = Pool(np.zeros(size, dtype_of(Stimulus)), np.zeros(size, np.int32))
    some, back = np.zeros(MOST, dtype_of(Stimulus)), np.zeros(MOST, dtype_of(Stimulus))
    some["at"], some["ref"] = range(10, 10 + MOST), range(70, 70 + MOST)
    assert twin(store)(pool, some, 2) == FIRST
    first = twin(store)(pool, some, count)
    assert (first, pool.links[LENT]) == (FIRST + 2, count + 2)
    twin(fetch)(pool, first, count, back)
    assert (back[:count] == some[:count]).all()
    assert pool.links[LENT] == 2
