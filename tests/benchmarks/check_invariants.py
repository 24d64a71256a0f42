"""What is true of every event, on a million of them: all platforms and editions, with everything on that a profile can have.

    make invariants ARGS="[--devices N] [--workers N]"

Prints how many events there are by edition and type, and how many break each invariant (tests/invariants.py). Exit code 1 where any does, or
where there are fewer than a million.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from invariants import broken, count, everything, invariants, read

from simulator.dataset.generate import Request, generate
from simulator.play.model import read as read_model
from simulator.schema.words import EVENT_TYPES

HOURS, SEED, VISITS = 24, 5, 4.0
LEAST = 1_000_000


def main() -> int:
    """Make the events, look at them, print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--devices", type=int, default=7_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    text = everything()
    model = read_model(text, "everything.toml", SEED, visits_per_day=VISITS)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        request = Request(
            profile=text, name="everything.toml", devices=options.devices, hours=HOURS, seed=SEED, out=Path(folder) / "data",
            workers=options.workers, visits_per_day=VISITS,
        )  # fmt: skip
        number = sum(block.rows for block in generate(request))
        made = time.perf_counter()
        rows = read(sorted((request.out / "events").iterdir()), model, options.devices)
    print(f"{'edition':24}" + "".join(f"{name:>12}" for name in (*EVENT_TYPES, "application")))
    for edition, types in count(rows).items():
        print(f"{edition:24}" + "".join(f"{types.get(name, 0):12,}" for name in (*EVENT_TYPES, "application")))
    failed = 0
    for name, invariant in invariants(model, model.start_ms, model.start_ms + HOURS * 3_600_000).items():
        wrong = broken(rows, invariant)
        failed += wrong > 0
        print(f"{'holds' if wrong == 0 else f'{wrong:,} BREAK IT':14}{name}")
    print(f"{number:,} events in {made - began:.0f} s, looked at in {time.perf_counter() - made:.0f} s; {failed} invariants are broken")
    return int(failed > 0 or number < LEAST)


if __name__ == "__main__":
    sys.exit(main())
