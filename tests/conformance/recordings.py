"""The recorded scenarios, and what the real SDK did in each."""

import json
from pathlib import Path

from compare import Run, differences

from simulator.scenario.run import play
from simulator.scenario.script import load

FOLDER = Path(__file__).parent / "recorded"
SCENARIOS, RUNS = FOLDER / "scenarios", FOLDER / "runs"


def recorded(name: str) -> Run:
    """Give the real SDK's run."""
    run: Run = json.loads((RUNS / f"{name}.json").read_text(encoding="utf-8"))
    return run


def deviations(name: str) -> list[str]:
    """Say how the core's run of a recorded scenario differs from the real SDK's."""
    return differences(recorded(name), play(load(SCENARIOS / f"{name}.json")))
