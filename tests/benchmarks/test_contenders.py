"""What is measured is what it is called."""

import json

import ours
import peers
import pytest

from simulator.profile.editions import weights
from simulator.profile.loader import parse


def test_editions() -> None:
    """The shop has the documented editions; the other profile has nearly everybody on the web, with the edition that was recorded."""
    shop, web = parse(ours.SHOP, "shop"), parse(ours.WEB, "web")
    for name, platform in shop.platforms.items():
        assert all(edition.endswith("-documented") for edition in weights(name, platform.editions))
    assert web.platforms["web"].share == 0.97
    assert set(weights("web", web.platforms["web"].editions)) == {"web-0.0.37"}


def test_nowhere() -> None:
    """A file that keeps nothing knows its size."""
    with ours.nowhere() as file:
        file.write(b"abc")
        file.writelines([b"d", memoryview(b"ef")])
        assert file.tell() == 6


def test_dicts_are_like_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dicts have the keys of our rows, in their order, each a new one, with values that rows of the same keys have."""
    rows = [{"a": 1, "b": "x"}, {"a": 2, "c": True}, {"a": 3, "b": "y"}]
    monkeypatch.setattr(ours, "sample", lambda: [json.dumps(row).encode() for row in rows])
    peers._plans.cache_clear()
    plans = peers._plans()
    peers._plans.cache_clear()
    found = list(peers._like(plans, 300))
    assert [tuple(row) for row in found[:4]] == [("a", "b"), ("a", "c"), ("a", "b"), ("a", "b")]
    assert {row["a"] for row in found if "b" in row} == {1, 3}
    assert {row["a"] for row in found if "c" in row} == {2}
    assert len({id(row) for row in found}) == 300
