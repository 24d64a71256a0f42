"""Random scenarios through the real SDK and through the core: no differences. `make conformance` does more of them, from a fresh seed."""

import pytest
from random_scenarios import drawn, played, run
from real_sdk import RealSdk, missing
from shrink import shrink

SEED, COUNT = 37, 150
needs_node = pytest.mark.skipif(missing() is not None, reason=str(missing()))


@pytest.mark.node
@needs_node
def test_random() -> None:
    """The core does what the real SDK does, whatever the page does."""
    assert run(SEED, range(COUNT)) == 0


@pytest.mark.node
@needs_node
def test_the_real_sdk_is_there() -> None:
    """What is compared with is the real SDK: it sends, and says its version."""
    with RealSdk() as real:
        sent = [real.play(drawn(SEED, i)) for i in range(3)]
    assert any('"_v":"cdn-0.0.37"' in report["body"] for result in sent for report in result["reports"])


def test_a_seed_gives_its_scenarios() -> None:
    """A number names a scenario, whatever was drawn before."""
    first = drawn(5, 3)
    drawn(5, 4)
    assert drawn(5, 3) == first
    assert drawn(6, 3) != first


def test_the_core_plays_them_alike() -> None:
    """A scenario gives the same run each time."""
    scenario = drawn(5, 3)
    assert played(scenario) == played(scenario)


def test_shrinking_keeps_what_matters() -> None:
    """A scenario shrinks to the steps without which it would not differ, with small numbers."""
    steps = [{"op": "advance", "ms": ms} for ms in range(40, 60)]
    small = shrink({"name": "n", "steps": steps}, lambda s: any(step["ms"] >= 30 for step in s["steps"]))
    assert len(small["steps"]) == 1
    assert 30 <= small["steps"][0]["ms"] < 60
