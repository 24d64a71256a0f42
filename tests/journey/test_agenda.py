"""What is about to happen comes earliest first, and of two at one instant in the order in which it was planned."""

from dataclasses import fields

from hypothesis import given
from hypothesis import strategies as st

from simulator.journey.agenda import PLACES, Agenda, copy, has_room, keep, plan, take
from simulator.schema.records import Stimulus
from simulator.schema.words import NEVER, REQUEST, TURN

TIMES = st.integers(0, 8)  # few, so that many fall on one instant


def state(a: Agenda) -> list[tuple[int, int, int]]:
    """List what is planned, in order."""
    return sorted((s.at, s.ref, s.kind) for s in a.planned[: a.count])


@given(st.lists(st.one_of(TIMES, st.just("take"), st.sampled_from((TURN, REQUEST)).map(lambda kind: {kind})), max_size=80))
def test_the_order(steps: list[int | str | set[int]]) -> None:
    """Whatever is planned, taken and forgotten in between, the next is always the first of (time, order of planning)."""
    a, out, ref = Agenda(), Stimulus(), 0
    expected: list[tuple[int, int, int]] = []
    for step in steps:
        if step == "take" and expected:
            take(a, out)
            assert (out.at, out.ref, out.kind) == expected.pop(0)
        elif isinstance(step, set):
            keep(a, sum(1 << kind for kind in step))
            expected = [s for s in expected if s[2] in step]
        elif isinstance(step, int) and a.count < PLACES:
            ref += 1
            kind = TURN if ref % 3 == 0 else REQUEST
            plan(a, step, kind, 0, 0, ref, step)
            expected = sorted([*expected, (step, ref, kind)])
        assert state(a) == expected
        assert a.next_at == (expected[0][0] if expected else NEVER)


def test_a_copy_has_every_field() -> None:
    """Copying a stimulus copies every field that it has."""
    names = [f.name for f in fields(Stimulus)]
    source, target = Stimulus(*range(10, 10 + len(names))), Stimulus()
    copy(source, target)
    assert [getattr(target, name) for name in names] == list(range(10, 10 + len(names)))


def test_a_few_places_stay_for_what_must_happen() -> None:
    """What need not happen finds no room while there are still some places left."""
    a = Agenda()
    while has_room(a):
        plan(a, 1, REQUEST, 0, 0, a.count, 1)
    assert PLACES - a.count == 8
