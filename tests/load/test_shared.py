"""Memory that a process and its copy share. None of this imports Locust."""

import os

import pytest

from simulator.errors import DataError, LagError
from simulator.load import shared
from simulator.load.shared import PAGE, Pieces


def test_what_a_copy_writes_is_there() -> None:
    """A copy of the process lends a piece, and says only where it begins."""
    pieces, (place, tell) = Pieces(), os.pipe()
    pid = os.fork()
    if not pid:
        pieces.new(10)
        begin, piece = pieces.new(3)
        piece[:] = (7, 8, 9)
        os.write(tell, str(begin).encode())
        os._exit(0)
    begin = int(os.read(place, 100))
    for file in (place, tell):
        os.close(file)
    os.waitpid(pid, 0)
    assert pieces.borrow([begin])[begin : begin + 3].tolist() == [7, 8, 9]


def test_pieces_go_back_when_nobody_has_any_of_them() -> None:
    """What is cut from the memory keeps all pieces with which it was borrowed; of others' nothing is known."""
    pieces = Pieces()
    begins = [pieces.new(100)[0] for _ in range(3)]
    memory, other = pieces.borrow(begins[:2]), pieces.borrow(begins[2:])
    cut = memory.data[5:10]
    del memory
    assert pieces.returned() == []
    del cut
    assert sorted(pieces.returned()) == begins[:2]
    assert pieces.returned() == []
    del other
    assert pieces.returned() == begins[2:]


def test_pieces_that_are_back_are_lent_again() -> None:
    """To whoever needs about as much; else the memory goes on."""
    pieces = Pieces()
    (first, _), (second, _) = pieces.new(PAGE), pieces.new(3 * PAGE)
    pieces.take_back([second, first])
    assert pieces.new(PAGE - 5)[0] == first
    assert pieces.new(4 * PAGE)[0] == second
    begin, piece = pieces.new(PAGE)
    assert begin == second + 4 * PAGE
    assert len(piece) == PAGE


def test_pieces_lie_apart() -> None:
    """No piece reaches into another."""
    pieces = Pieces()
    lent = [pieces.new(size) for size in (1, PAGE, PAGE + 1, 5 * PAGE, 7)]
    for number, (_, piece) in enumerate(lent):
        piece[:] = number
    assert all((piece == number).all() for number, (_, piece) in enumerate(lent))


def test_who_computes_far_more_than_is_sent_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no room for more payloads is the generator's fault, and says what to do."""
    monkeypatch.setattr(shared, "SIZE", 4 * PAGE)
    pieces = Pieces()
    pieces.new(2 * PAGE)
    with pytest.raises(LagError, match="lower --rum-rate"):
        pieces.new(3 * PAGE)


def test_addresses_that_are_refused_are_one_line() -> None:
    """It says what is refused, and what to change."""
    with pytest.raises(DataError, match=r"GiB of addresses could not be set aside \(.*\).*raise ulimit -v"):
        shared.shared(1 << 60)
