"""Machine code that is kept is called without numba, and by no arguments but those it was made for."""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from simulator.kernel import machine
from simulator.kernel.twin import twin

pytest.importorskip("numba")
ROWS = np.arange(12).reshape(3, 4)


class Pair(NamedTuple):
    """A tuple in a tuple."""

    table: Any
    inner: tuple[Any, None, int]


def weighted(table: Any, by: Any, n: int, doubled: bool) -> int:
    """Add up an array of two dimensions, with a weight for each place."""
    total = 0
    for i in range(len(table)):
        for j in range(table.shape[1]):
            total += table[i, j] * by[j]
    return total * (n + doubled)


def of_pair(pair: Pair) -> tuple[int, int]:
    """Give the last number of the array, less a number, and how many there are."""
    return pair.table[len(pair.table) - 1] - pair.inner[2], len(pair.inner[0])


def is_more(a: int, b: int) -> bool:
    """Compare."""
    return a > b


def clear(some: Any) -> None:
    """Set all to 0."""
    for i in range(len(some)):
        some[i] = 0


def twelve(n: int) -> tuple[int, int, int, int, int, int, int, int, int, int, int, int]:
    """Give twelve numbers in a row."""
    return n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9, n + 10, n + 11


def halved(n: int) -> float:
    """Give what is no whole number."""
    return n / 2


@pytest.mark.parametrize("table", [ROWS, ROWS[:1], ROWS[:0], ROWS[::2], ROWS[:, 1:3], ROWS.T, np.asfortranarray(ROWS)], ids=str)
@pytest.mark.parametrize("doubled", [False, True])
def test_arrays_of_any_layout(table: np.ndarray[Any, Any], doubled: bool) -> None:
    """Code finds the elements of each array where they are."""
    by = np.arange(1, 9)[: 2 * table.shape[1] : 2]
    assert twin(weighted)(table, by, -3, doubled) == weighted(table, by, -3, doubled)


def test_results() -> None:
    """A tuple, a comparison and nothing come back as such; negative numbers, too."""
    some = np.arange(7)
    assert twin(of_pair)(Pair(some, (some[:3], None, 100))) == (-94, 3)
    assert [bool(twin(is_more)(a, 2)) for a in (1, 2, np.int64(3))] == [False, False, True]
    assert twin(clear)(some) is None
    assert not some.any()


def test_other_results_are_refused() -> None:
    """What has no form for Python is not taken for a number."""
    with pytest.raises(AssertionError, match="gives float64"):
        twin(halved)(3)


def test_numbers_of_more_than_64_bits_are_refused() -> None:
    """They are an error, and no code is made for them that would take others for what they are not."""
    with pytest.raises(OverflowError, match=str(2**63)):
        twin(is_more)(2**63, 1)
    assert [twin(is_more)(*pair) for pair in ((-1, 1), (1, -(2**63)), (2**63 - 1, -5))] == [0, 1, 1]


def test_results_of_any_length() -> None:
    """A tuple may be long."""
    assert twin(twelve)(5) == tuple(range(5, 17))


MANY = """
import gc, sys, threading
from simulator.kernel import twin as room
from test_machine import is_more, twelve
room.Twin(is_more)(2, 1)
gc.collect()  # code that is let go of takes with it what it had for itself
made, start = [room.Twin(f) for f in (is_more, twelve)], threading.Barrier(6)

def run():
    start.wait()
    found.extend([made[0](2, 1), made[1](5)[11]] * 3)

found = []
threads = [threading.Thread(target=run) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(found) == [1] * 18 + [16] * 18)
"""


def test_threads_may_meet_new_kinds_at_once() -> None:
    """Code is put in its place once, by one of them; code that is let go of harms no other."""
    for _ in range(3):
        ran = subprocess.run([sys.executable, "-c", MANY], check=True, capture_output=True, text=True, cwd=Path(__file__).parent)
        assert ran.stdout == "True\n"


@pytest.mark.parametrize("value", ["text", 1.5, [1], np.int32(3)], ids=lambda value: type(value).__name__)
def test_other_arguments_are_refused(value: Any) -> None:
    """What has no form for compiled code is an error that names it."""
    with pytest.raises(TypeError, match=type(value).__name__):
        twin(is_more)(value, 2)


def test_arguments_of_another_kind_are_not_mistaken() -> None:
    """Arrays of other numbers, layouts and rights have code of their own; what differs by its size alone has not."""

    def kinds(*values: Any) -> tuple[Any, ...]:
        found: list[Any] = []
        machine.take(values, found, [])
        return tuple(found)

    some, frozen = np.zeros(4, np.int64), np.zeros(4, np.int64)
    frozen.flags.writeable = False
    arrays = [some, some[::2], frozen, some.astype(np.int32), some.reshape(2, 2), ROWS[:, 1:3], ROWS.T]
    different = [*arrays, None, 1, True, (1, 1), (1, (1,)), ((1,), 1)]
    assert len({kinds(value) for value in different}) == len(different)
    assert kinds(ROWS) == kinds(ROWS[:1]) == kinds(ROWS[:0])
    assert kinds(some) == kinds(some[:1]) == kinds(some[:0])


def test_a_file_that_is_damaged_is_no_code(tmp_path: Path) -> None:
    """What is not there as it was written is not taken for code, wherever it differs."""
    code, path = machine.Code("f", 1, -1, b"machine"), tmp_path / "f.code"
    machine.keep(code, path)
    assert machine.kept(path) == code
    assert [path.name for path in tmp_path.iterdir()] == ["f.code"]
    data = path.read_bytes()
    for damaged in (b"", data[:-1], data + b"x", *(data[:i] + bytes([data[i] ^ 4]) + data[i + 1 :] for i in range(len(data)))):
        path.write_bytes(damaged)
        assert machine.kept(path) is None
    assert machine.kept(tmp_path / "g.code") is None
    assert machine.kept(tmp_path) is None


def test_what_cannot_be_kept_is_not(tmp_path: Path) -> None:
    """A folder that is gone, and a place that is taken, are no errors, and nothing is left of the attempt."""
    code = machine.Code("f", 1, -1, b"machine")
    machine.keep(code, tmp_path / "gone/f.code")
    (tmp_path / "f.code").mkdir()
    machine.keep(code, tmp_path / "f.code")
    assert [path.name for path in tmp_path.iterdir()] == ["f.code"]


def test_what_was_compiled_before_needs_no_numba() -> None:
    """A process that only calls what another has compiled imports neither numba nor scipy."""
    code = "from simulator.play.cohort import warm_up; warm_up(); import sys; print({'numba', 'scipy', 'llvmlite'} & set(sys.modules))"
    ran = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout for _ in range(2)]
    assert ran[1] == "{'llvmlite'}\n"
