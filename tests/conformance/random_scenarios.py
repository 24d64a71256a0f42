"""Random scenarios through the real SDK and through the core: a difference is shrunk, printed as a scenario file, and exit code 1.

python tests/conformance/random_scenarios.py --count 1000            # a fresh seed, printed
python tests/conformance/random_scenarios.py --seed 7 --only 31      # one of them again
python tests/conformance/random_scenarios.py --save found_x FILE     # keep a scenario, with the real SDK's run, among the recorded
"""

import argparse
import json
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from compare import differences
from draw import Drawer
from real_sdk import RealSdk, missing
from recordings import RUNS, SCENARIOS
from shrink import shrink

from simulator.errors import RumsimError
from simulator.scenario.run import play
from simulator.scenario.script import Script

LIMIT, MARK = 60_000, '"name":"big"'
AHEAD = 3
"""Scenarios that Node has in advance."""


def drawn(seed: int, number: int) -> dict[str, Any]:
    """Draw a scenario; a body of about 60,000 bytes is made to miss the limit by at most a byte."""
    rng = Random(f"{seed}/{number}")
    scenario = Drawer(rng, f"random_{seed}_{number}").draw()
    big = [step for step in scenario["steps"] if step.get("payload", {}).get("type") == "big"]
    if big and rng.random() < 0.7:
        try:
            bodies = [report["body"] for report in played(scenario)["reports"] if MARK in report["body"]]
        except Exception:  # noqa: BLE001 - whatever it is, it will show when the scenario is played
            return scenario
        if bodies:
            text = big[-1]["payload"]["big"]
            more = LIMIT + rng.choice((-1, 0, 1)) - len(bodies[-1].encode())
            big[-1]["payload"]["big"] = text + "x" * more if more > 0 else text[: max(0, len(text) + more // len(text[:1].encode()))]
    return scenario


def played(scenario: dict[str, Any]) -> dict[str, Any]:
    """Play a scenario through the core."""
    return play(msgspec.convert(json.loads(json.dumps(scenario)), Script))


def found(scenario: dict[str, Any], real: dict[str, Any]) -> list[str]:
    """Say how the core's run differs from the real SDK's."""
    if "error" in real or "errors" in real:
        return [f"the real SDK threw: {real.get('error') or real['errors']}"]
    try:
        run = played(scenario)
    except RumsimError as error:
        return [f"not a scenario: {error}"]
    except Exception as error:  # noqa: BLE001 - a failure of the core is a difference like any other
        return [f"the core threw: {error!r}"]
    return differences(real, run)


def kind(lines: list[str]) -> str:
    """Tell what sort of difference it is: shrinking must not turn one that matters into a broken script."""
    return lines[0].split(":")[0] if lines and lines[0].startswith(("the ", "not ")) else "difference" if lines else ""


def shrunk(real: RealSdk, scenario: dict[str, Any]) -> dict[str, Any]:
    """Shrink a scenario that differs."""
    wanted = kind(found(scenario, real.play(scenario)))
    deadline = time.monotonic() + 60
    return shrink(scenario, lambda smaller: time.monotonic() < deadline and kind(found(smaller, real.play(smaller))) == wanted)


def run(seed: int, numbers: range | list[int], *, keep: Path | None = None, most: int = 5) -> int:
    """Compare scenarios; print each difference and give their number."""
    begun = told = time.monotonic()
    bad = done = events = 0
    ops: Counter[str] = Counter()
    with RealSdk() as real, RealSdk() as spare:
        waiting: list[tuple[int, dict[str, Any]]] = []
        rest = list(numbers)
        total = len(rest)
        while waiting or rest:
            while rest and len(waiting) < AHEAD:
                number = rest.pop(0)
                scenario = drawn(seed, number)
                real.give(scenario)
                waiting.append((number, scenario))
            number, scenario = waiting.pop(0)
            result = real.take()
            done += 1
            ops.update(step["op"] for step in scenario["steps"])
            events += sum(report["body"].count('"event_id"') for report in result["reports"])
            if lines := found(scenario, result):
                bad += 1
                small = shrunk(spare, scenario)
                lines = found(small, spare.play(small))
                print(f"\nnumber {number} differs: {len(lines)}\n  " + "\n  ".join(lines[:6]))
                print(json.dumps(small | {"name": f"found_{seed}_{number}"}))
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"found_{seed}_{number}.json").write_text(json.dumps(small | {"name": f"found_{seed}_{number}"}, indent=1) + "\n")
                if bad >= most:
                    print("enough")
                    break
            now = time.monotonic()
            if now - told > 5 or done == total:
                told = now
                print(f"{done}/{total} scenarios, {done / (now - begun):.1f}/s, {events:,} events, {bad} different", file=sys.stderr, flush=True)
    print(f"seed {seed}: {done} scenarios, {sum(ops.values()):,} steps, {events:,} events, {bad} different")
    print("steps: " + ", ".join(f"{op} {n:,}" for op, n in ops.most_common()))
    return bad


def save(name: str, path: Path) -> None:
    """Keep a scenario among the recorded, with the real SDK's run."""
    scenario = json.loads(path.read_text(encoding="utf-8")) | {"name": name}
    with RealSdk() as real:
        result = real.play(scenario)
    for folder, value in ((SCENARIOS, scenario), (RUNS, result)):
        (folder / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> int:
    """Read the options, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, help="default: a fresh one")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--only", type=int, help="one scenario of the seed")
    parser.add_argument("--keep", type=Path, help="folder for the scenarios that differ")
    parser.add_argument("--most", type=int, default=5, help="stop after so many differences")
    parser.add_argument("--save", nargs=2, metavar=("NAME", "FILE"))
    options = parser.parse_args()
    if reason := missing():
        print(f"random scenarios: {reason}", file=sys.stderr)
        return 2
    if options.save:
        save(options.save[0], Path(options.save[1]))
        return 0
    seed = secrets.randbelow(1 << 31) if options.seed is None else options.seed
    print(f"seed {seed}")
    numbers = range(options.count) if options.only is None else [options.only]
    return int(run(seed, numbers, keep=options.keep, most=options.most) > 0)


if __name__ == "__main__":
    sys.exit(main())
