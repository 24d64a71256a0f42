"""The twin compiles a function with all that it calls, and leaves the plain functions as they are."""

import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.errors import RumsimError
from simulator.kernel import tables
from simulator.kernel import twin as room
from simulator.kernel.record import i4, i8, many, record, rows
from simulator.kernel.rnd import rnd
from simulator.kernel.tables import choice_table, pick
from simulator.kernel.twin import cache_folder, twin


@record
class Tally:
    """What the functions below change."""

    total: i8 = 0
    latest: i4 = 0
    seen: list[int] = many(5, of="i8")


def count(t: Tally, weights: Any, key: int, n: int) -> int:
    """Pick n times and count: a tree of three functions and a record that it changes."""
    for i in range(n):
        found = pick(weights, 0, rnd(key, i))
        t.seen[found] += 1
        t.total += found
        t.latest = found
    return t.total


def test_a_tree_of_functions_equals_its_twin() -> None:
    """The compiled tree gives what the plain functions give, and changes its record in the same way."""
    weights = choice_table({0: 0.1, 1: 0.2, 2: 0.3, 4: 0.4})
    plain, body = Tally(), rows(Tally, [Tally()])
    expected = count(plain, weights, -9, 1_000)
    assert twin(count)(body[0], np.array(weights, np.int64), -9, 1_000) == expected
    assert body[0]["seen"].tolist() == plain.seen
    assert (body[0]["total"], body[0]["latest"]) == (plain.total, plain.latest)
    assert plain.seen[3] == 0
    assert min(plain.seen[i] for i in (0, 1, 2, 4)) > 0


def test_the_plain_functions_stay_plain() -> None:
    """Compiling changes neither the function nor what it calls."""
    twin(count)
    for function in (count, pick, tables.choose, tables.rnd, rnd):
        assert isinstance(function, types.FunctionType)
    assert tables.pick is pick


def test_a_function_has_one_twin() -> None:
    """The same function is compiled once."""
    assert twin(count) is twin(count)


def test_without_numba_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where numba is not installed the error is one line that names the extra and the way without it."""
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(RumsimError) as caught:
        room._machine.__wrapped__()
    assert "rumsim[compiled]" in str(caught.value)
    assert "--interpreted" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_compiled_code_lies_in_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder is in the user's cache, and stays the same for the same sources."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_folder()
    assert folder.is_dir()
    assert folder.parent == tmp_path / "rumsim"
    assert cache_folder() == folder


def test_without_a_cache_that_can_be_written_a_temporary_folder_serves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the user's cache cannot be made, compiled code goes to the temporary folder."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    folder = cache_folder()
    assert folder.is_dir()
    assert folder.parent == tmp_path / "temporary" / "rumsim"


def test_an_edit_makes_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder is named after the sources that can change compiled code: an edit in any of these rooms makes another."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    package = tmp_path / "package"
    for name in room.COMPILED_ROOMS:
        (package / name).mkdir(parents=True)
        (package / name / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(room, "__file__", str(package / "kernel" / "twin.py"))
    seen = {cache_folder()}
    for name in room.COMPILED_ROOMS:
        (package / name / "a.py").write_text("x = 2\n")
        seen.add(cache_folder())
    assert len(seen) == 1 + len(room.COMPILED_ROOMS)
