"""Whether profiles that were fitted on half of the readers behave as the other half: over many splits by user, the median of each distance.

    python tests/benchmarks/check_held_out.py [--splits N] [--times N]

For each split a profile is fitted on one half and played; nothing of the other half is seen before it is compared. Prints the distances of each
split, then for each line the median, what it must not exceed, and the same for the two real halves. Exit code 1 where a line is missed.

- Distances are between as many simulated as real users. Those with a floor are also bound by 1.25 times the 95th percentile of the real halves'.
- Intervals of the shares that go on are 99 % intervals of the held-out half, where at least 200 sessions are at risk, with a user's sessions taken as
  one cluster. They allow for the noise of one half, so the curve that is looked for in them is of --times as many users. A fit on the other half has
  that half's noise, as the real half itself has: two normal numbers of one variance are 2.58 of its deviations apart in 7 of 100 cases, so of eleven
  depths real halves miss none or one. The count for independent sessions, whose intervals are narrower, is printed beside it.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np

from simulator.fidelity.classifier import auc
from simulator.fidelity.compare import AUC, MEASURES, SLACK
from simulator.fidelity.distances import clustered, outside
from simulator.fidelity.events import Events, coarsen, load, only
from simulator.fidelity.fit import fit
from simulator.fidelity.halves import SPLITS, p95, splits
from simulator.fidelity.sessions import Sessions, cut
from simulator.fidelity.simulate import simulate, span_of
from simulator.fidelity.template import profile
from simulator.profile.loader import parse

READERS = Path(__file__).parent.parent / "fidelity" / "data" / "readers.csv.gz"
SEED = 1
BOUND = [measure for measure in MEASURES if measure.tolerance is not None]
INSIDE, ALONE, DEPTHS = "depths outside the 99 % interval", "  of independent sessions", "  of depths with 200 at risk"


def main() -> int:
    """Measure, print the splits, then the lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--times", type=int, default=8)
    options = parser.parse_args()
    readers = load(READERS, {"user": "u", "time": "t"})
    simulated: dict[str, list[float]] = {}
    real: dict[str, list[float]] = {}
    began = time.perf_counter()
    for i, half in enumerate(splits(readers.users, SEED, options.splits)):
        mine, other = only(readers, half), only(readers, ~half)
        found = dict(_of_profile(mine, other, SEED + i, options.times))
        for into, figures in ((simulated, found), (real, dict(_of_half(cut(mine), cut(other))))):
            for name, value in figures.items():
                into.setdefault(name, []).append(value)
        if i == 0:
            print("split " + " ".join(f"{name.strip()[:11]:>11}" for name in found))
        print(f"{i + 1:5} " + " ".join(f"{value:11.3f}" for value in found.values()), flush=True)
        spent = time.perf_counter() - began
        left = spent / (i + 1) * (options.splits - i - 1)
        print(f"{i + 1}/{options.splits} splits, {60 * (i + 1) / spent:.1f} per minute, {left:.0f} s left", end="\r", file=sys.stderr, flush=True)
    print(f"\n{'':36}{'median':>8}{'at most':>9}{'':9}{'real halves: median':>21}{'p95':>7}")
    missed = 0
    for name, values in simulated.items():
        bar = _bar(name, real[name])
        middle = median(values)
        missed += bar is not None and middle > bar
        verdict = "" if bar is None else "holds" if middle <= bar else "MISSED"
        print(f"{name:36}{middle:8.3f}{'' if bar is None else f'{bar:.3f}':>9}  {verdict:7}{median(real[name]):21.3f}{p95(real[name]):7.3f}")
    print(f"{options.splits} splits in {time.perf_counter() - began:.0f} s; {missed} lines are missed")
    return int(missed > 0)


def _of_profile(mine: Events, other: Events, seed: int, times: int) -> Iterator[tuple[str, float]]:
    """Fit, play, and compare with the half that the fit has not seen."""
    model = parse(profile(fit(mine), READERS.name, "half"), "half.toml")
    log = coarsen(simulate(model, span_of(other, times * other.users), seed), other.resolution)
    b = cut(other)
    some = cut(only(log, np.arange(log.users) % times == 0))
    yield from _distances(some, b)
    yield from _intervals(cut(log), b)
    for name, value in zip(AUC, auc(b, some, seed), strict=True):
        yield f"classifier AUC, {name}", value


def _of_half(a: Sessions, b: Sessions) -> Iterator[tuple[str, float]]:
    yield from _distances(a, b)
    yield from _intervals(a, b)
    for name, value in zip(AUC, auc(b, a), strict=True):
        yield f"classifier AUC, {name}", value


def _distances(a: Sessions, b: Sessions) -> Iterator[tuple[str, float]]:
    for measure in BOUND:
        yield measure.name, measure.distance(a, b)


def _intervals(a: Sessions, b: Sessions) -> Iterator[tuple[str, float]]:
    steps = clustered(b)
    yield INSIDE, outside(a, steps)
    yield ALONE, outside(a, [step._replace(effect=1.0) for step in steps])
    yield DEPTHS, len(steps)


def _bar(name: str, real: list[float]) -> float | None:
    """Give what the median must not exceed."""
    if name == INSIDE:
        return 0.0
    bars: dict[str, float | None] = {f"classifier AUC, {key}": bar for key, bar in AUC.items()}
    bars |= {m.name: min(m.tolerance, SLACK * p95(real)) if m.floored and m.tolerance else m.tolerance for m in BOUND}
    return bars.get(name)


if __name__ == "__main__":
    sys.exit(main())
