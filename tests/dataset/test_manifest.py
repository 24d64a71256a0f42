"""The digest of a set of rows is a sum: it depends neither on their order nor on how they are cut into blocks."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.dataset.manifest import MODULUS, digest_of, versions

PARTS = st.lists(st.integers(0, MODULUS - 1).map(lambda n: f"{n:032x}"), max_size=20)


@given(PARTS, PARTS, st.randoms())
def test_a_digest_is_a_sum(one: list[str], two: list[str], chance: object) -> None:
    """Blocks in any order, or added up in two steps, give the same 128 bits."""
    shuffled = one + two
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert digest_of(shuffled) == digest_of([digest_of(one), digest_of(two)])
    assert len(digest_of(shuffled)) == 32
    assert int(digest_of(one), 16) == sum(int(n, 16) for n in one) % MODULUS


def test_a_row_twice_is_not_a_row_left_out() -> None:
    """A row that comes twice changes the digest, unlike in an exclusive or."""
    a, b = f"{5:032x}", f"{9:032x}"
    assert len({digest_of([a]), digest_of([a, b]), digest_of([a, b, b]), digest_of([])}) == 4


def test_versions_are_known() -> None:
    """The versions of the libraries on which the bytes depend are written down."""
    assert all(version for version in versions().values())
