"""What the datasets' tests share: the profiles' texts, and what makes a small dataset of several blocks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import SMALL

from simulator.dataset import block
from simulator.dataset.generate import Request, generate
from simulator.dataset.manifest import Block, Manifest
from simulator.profile import starters

DEVICES = 70
PER_BLOCK = 20  # so there are four blocks, the last of them smaller


@pytest.fixture(scope="session")
def shop() -> str:
    """Give the shop's text."""
    return starters.read("shop")


@pytest.fixture(scope="session")
def day() -> str:
    """Give a profile with incidents."""
    return starters.read("incident-day")


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make blocks of a few devices."""
    monkeypatch.setattr(block, "DEVICES", PER_BLOCK)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, shop: str) -> Path:
    """Give a dataset that was made in this process, compiled."""
    out = tmp_path_factory.mktemp("dataset") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "DEVICES", PER_BLOCK)
        make_dataset(shop, out)
    return out


def make_dataset(text: str, out: Path, **more: Any) -> list[Block]:
    """Make a dataset and list its blocks as they were done."""
    options = {"devices": DEVICES, "hours": 7.5, "seed": 3, "visits_per_day": 4.0, "offset_hours": 15.0} | more
    return list(generate(Request(profile=text, name="shop.toml", out=out, **options)))  # type: ignore[arg-type]


@pytest.fixture
def half(day: str, small_blocks: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a dataset of which two blocks of four are done."""
    run = block.run
    with monkeypatch.context() as patch:
        patch.setattr(block, "run", lambda job: run(job) if job.number < 2 else pytest.fail("stopped"))
        with pytest.raises(pytest.fail.Exception):
            make_dataset(day, tmp_path / "half", **SMALL)
    return tmp_path / "half"


@pytest.fixture(scope="session")
def make() -> Callable[..., list[Block]]:
    """Give what makes a dataset."""
    return make_dataset


@pytest.fixture(scope="session")
def manifest() -> Callable[[Path], Manifest]:
    """Give what reads a dataset's manifest."""
    import msgspec

    return lambda folder: msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest, strict=True)
