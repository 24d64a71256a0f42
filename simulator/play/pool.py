"""Places that are lent to many, some at a time: copied onto, and back.

Free places are a chain, and so are those that were lent together: `links[i]` is the place behind place i, 0 the one that has the next number, so that
a pool of which nothing has been lent yet is all zeros. What is lent is the beginning of the free chain, and is put in front of it when it comes back:
most of the pool is never written, and so is no memory until it is.
"""

from typing import Any, NamedTuple

from simulator.kernel.twin import compiled_as

LENT, FREE, FIRST = range(3)
"""Of the links: how many places are lent, the first that is free (0: none has been lent yet), and that of the first place."""


class Pool(NamedTuple):
    """Rows, of which the first FIRST are no places, and a link for each."""

    rows: Any
    links: Any


def lend(pool: Pool) -> int:
    """Lend a place."""
    links = pool.links
    i = links[FREE] or FIRST
    links[FREE] = links[i] or i + 1
    links[LENT] += 1
    return int(i)


def give_back(pool: Pool, i: int) -> None:
    """Take a place back."""
    links = pool.links
    links[i], links[FREE] = links[FREE], i
    links[LENT] -= 1


def store(pool: Pool, some: Any, count: int) -> int:  # noqa: ANN401
    """Copy the first `count` of some records to places; give the first of these."""
    links = pool.links
    first = i = links[FREE] or FIRST
    for j in range(count):
        assign(pool.rows, i, some, j)
        i = links[i] or i + 1
    links[FREE] = i
    links[LENT] += count
    return int(first)


def fetch(pool: Pool, first: int, count: int, some: Any) -> None:  # noqa: ANN401
    """Copy them back and free their places."""
    if count == 0:
        return
    links = pool.links
    i = last = first
    for j in range(count):
        assign(some, j, pool.rows, i)
        last, i = i, links[i] or i + 1
    links[last], links[FREE] = links[FREE], first
    links[LENT] -= count


def has_room(links: Any, count: int) -> bool:  # noqa: ANN401
    """Tell whether so many places of a pool are free, by its links."""
    return bool(links[LENT] + count + FIRST < len(links))


def _assign(to: Any, i: int, of: Any, j: int) -> None:  # noqa: ANN401
    to[i] = of[j]


@compiled_as(_assign)
def assign(to: Any, i: int, of: Any, j: int) -> None:  # noqa: ANN401
    """Copy a record of numbers: what has been compiled copies its bytes."""
    a, b = to[i], of[j]
    for name in b.__slots__:
        setattr(a, name, getattr(b, name))
