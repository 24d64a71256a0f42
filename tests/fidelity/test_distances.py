"""Each distance against cases that can be worked out by hand."""

import math

import numpy as np
import pytest

from simulator.fidelity.distances import (
    burstiness,
    clustered,
    continuation,
    icc,
    jsd,
    ks,
    lag1,
    logs,
    outside,
    transitions,
    transitions_jsd,
    tv,
    variances,
    w1,
    week,
)
from simulator.fidelity.events import arrange
from simulator.fidelity.sessions import cut


def ints(*values: int) -> np.ndarray:
    """Make an array."""
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((1, 2), (2, 1), 0.0),  # order does not matter
        ((1, 1), (2, 2), 1.0),  # nothing in common
        ((1, 1, 1, 2), (1, 1, 2, 2), 0.25),  # 3/4 against 2/4
        ((1,), (1, 9), 0.5),
        ((), (1,), 1.0),  # nothing is as far as can be
    ],
)
def test_tv(a: tuple[int, ...], b: tuple[int, ...], expected: float) -> None:
    """Half the sum of the differences of the shares."""
    assert tv(ints(*a), ints(*b)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((1, 2, 3), (3, 2, 1), 0.0),
        ((1, 2), (3, 4), 1.0),
        ((1, 2, 3, 4), (3, 4, 5, 6), 0.5),  # at 2: 2/4 against 0
        ((1, 1, 2), (1, 2, 2), 1 / 3),  # ties: at 1, 2/3 against 1/3
        ((), (1,), 1.0),
    ],
)
def test_ks(a: tuple[int, ...], b: tuple[int, ...], expected: float) -> None:
    """The largest distance of the distribution functions."""
    assert ks(ints(*a), ints(*b)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ((0, 1), (1, 0), 0.0),
        ((0, 0), (5, 5), 5.0),  # everything moves by 5
        ((0, 10), (0, 20), 5.0),  # half moves by 10
        ((0,), (0, 1, 2, 3), 1.5),  # the mean distance to 0
        ((), (1,), math.inf),
    ],
)
def test_w1(a: tuple[int, ...], b: tuple[int, ...], expected: float) -> None:
    """How far mass moves, on average."""
    assert w1(ints(*a), ints(*b)) == pytest.approx(expected, abs=1e-12)


def test_jsd() -> None:
    """0 for equals, 1 bit for strangers, and a value from the formula in between."""
    assert jsd(np.array([0.3, 0.7]), np.array([0.3, 0.7])) == pytest.approx(0, abs=1e-12)
    assert jsd(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1)
    # H(.75, .25) - H(.5, .5) / 2 = 0.8112781 - 0.5
    assert jsd(np.array([1.0, 0.0]), np.array([0.5, 0.5])) == pytest.approx(0.31127812)


def test_transitions_are_weighted_by_use() -> None:
    """Two logs that differ in what follows one of two pages, left in a quarter of all moves, differ by a quarter of that row's JSD."""
    a, b = np.array([[0.0, 3.0], [1.0, 0.0]]), np.array([[0.0, 3.0], [0.0, 1.0]])
    assert transitions_jsd(a, b) == pytest.approx(0.25)
    assert transitions_jsd(a, a) == pytest.approx(0)


def test_moves_are_counted() -> None:
    """The last row is how sessions begin, the last column how they end."""
    table = transitions(cut(arrange([0, 0, 1], [0, 1, 0], ["home", "list", "home"])), 2)
    assert table.tolist() == [[0, 1, 1], [0, 0, 1], [2, 0, 0]]


def test_continuation() -> None:
    """Of four sessions of 1, 1, 2 and 3 page views, half go on after the first, half of these after the second, none after the third."""
    steps = continuation(ints(1, 1, 2, 3))
    assert [step[:3] for step in steps] == [(1, 4, 2), (2, 2, 1), (3, 1, 0)]
    assert [step.share for step in steps] == [0.5, 0.5, 0.0]
    assert continuation(ints()) == []


def test_users_are_clusters() -> None:
    """Where users differ, the 99 % interval of their sessions holds the true share in 99 of 100 logs, that of independent sessions in fewer than 95.

    300 logs of 150 users with 1 to 9 sessions; a user goes on with a share that is .4 on average, deviation .2. At a true coverage of .99 there are
    fewer than 289 hits with probability 1e-4, at one of .93 there are 289 or more with 1e-2.
    """
    rng = np.random.default_rng(4)
    hits, naive_hits = 0, 0
    for _ in range(300):
        user = np.repeat(np.arange(150), rng.integers(1, 10, 150))
        length = 1 + (rng.random(len(user)) < rng.beta(2, 3, 150)[user])
        events = np.repeat(np.arange(len(user)), length)
        [step] = clustered(cut(arrange(user[events], events * 10_000_000 + (np.diff(events, prepend=-1) == 0) * 1_000)))[:1]
        for some in (step, step._replace(effect=1.0)):
            low, high = some.bounds()
            held = low <= 0.4 <= high
            hits, naive_hits = hits + (held and some is step), naive_hits + (held and some is not step)
    assert hits >= 289
    assert naive_hits < 285
    assert outside(cut(arrange([0, 0], [0, 1])), [step]) == 1


def test_bounds_are_exact() -> None:
    """0 of n: from 0 to 1 - (alpha / 2)^(1/n), and the mirror image (Clopper and Pearson)."""
    none, all_ = continuation(ints(*[1] * 200))[0], continuation(ints(*[2] * 200))[0]
    assert none.bounds() == pytest.approx((0, 1 - 0.005 ** (1 / 200)))
    assert all_.bounds() == pytest.approx((0.005 ** (1 / 200), 1))


def test_lag1() -> None:
    """Gaps that double at every step correlate perfectly; those that alternate do so negatively; pairs across sessions are none."""
    second = 1_000
    grows = cut(arrange([0] * 4, np.cumsum([0, 1, 3, 7]) * second))  # logs of 2, 4, 8
    assert lag1(grows) == pytest.approx(1)
    swings = cut(arrange([0] * 5, np.cumsum([0, 1, 3, 1, 3]) * second))
    assert lag1(swings) == pytest.approx(-1)
    apart = cut(arrange([0, 0, 1, 1], np.array([0, 1, 0, 9]) * second))
    assert lag1(apart) == 0


def test_variances_against_a_worked_table() -> None:
    """Groups (1, 3) and (5, 7): mean squares 16 between and 2 within, of two each, so s_b = 7 and s_w = 2."""
    between, within = variances(np.array([1.0, 3.0, 5.0, 7.0]), ints(0, 0, 1, 1))
    assert (between, within) == pytest.approx((7, 2))
    # groups (0) and (1, 2): means square 1.5 and 0.5, mean size (3 - 5/3) / 1 = 4/3
    assert variances(np.array([0.0, 1.0, 2.0]), ints(4, 9, 9)) == pytest.approx((0.75 * (1.5 - 0.5), 0.5))
    assert variances(np.array([1.0, 2.0]), ints(0, 0)) == pytest.approx((0, 0.25))  # one group


def test_icc() -> None:
    """Users who differ in nothing but their pace have an ICC of 1; users who do not differ one of 0."""
    second = 1_000
    users = np.repeat([0, 1], 3)
    assert icc(cut(arrange(users, np.array([0, 1, 2, 0, 9, 18]) * second))) == pytest.approx(1)
    assert icc(cut(arrange(users, np.array([0, 1, 10, 0, 1, 10]) * second))) == 0


def test_burstiness() -> None:
    """Equal gaps have B = -1; gaps 1 and 3 have mean 2 and deviation 1, so B = -1/3; gaps between sessions count."""
    assert burstiness(cut(arrange([0] * 3, [0, 1_000, 2_000]))) == -1
    assert burstiness(cut(arrange([0] * 3, [0, 1_000, 4_000]))) == pytest.approx(-1 / 3)
    hour = 3_600_000
    assert burstiness(cut(arrange([0] * 3, [0, hour, 4 * hour]))) == pytest.approx(-1 / 3)


def test_gaps_of_zero_have_a_logarithm() -> None:
    """Logarithms are those of seconds plus one."""
    assert logs(ints(0, 1_000)).tolist() == [0, math.log(2)]


def test_the_week() -> None:
    """Beginnings are counted by hour of the week, as shares."""
    shares = week(cut(arrange([0, 1, 2, 3], np.array([96, 96, 97, 96 + 168]) * 3_600_000)))
    assert (shares[0], shares[1], shares.sum()) == (0.75, 0.25, 1)
