"""What a population costs, in processes of its own: memory and the CPU seconds until it is ready.

    python tests/benchmarks/many_devices.py rate DEVICES OPEN
    python tests/benchmarks/many_devices.py hold DEVICES RATE

rate: how many visits per second have OPEN devices in an open session at once, in the shop's evening; found with few devices. hold: the devices are
seated as load seats them. Prints a line of JSON. `start_mb`: the largest resident set before there is a cohort, while libraries and compiled code
are loaded; `base_mb`: what is left of it when a cohort is about to be made. The parts of pools are those that are lent in the end.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from locust.env import Environment
from play_alone import HOUR_MS, Task, plan_of

from simulator.kernel.mapped import let_go
from simulator.load import player as player_module
from simulator.load.player import Player
from simulator.load.window import Windows, compile_apart
from simulator.play.cohort import POOLS, Cohort
from simulator.play.model import read
from simulator.play.pool import LENT
from simulator.play.seat import NOTHING
from simulator.profile.start import profile_text
from simulator.schema.words import ONGOING

FEW = 10_000
BEGIN = 20 * HOUR_MS
HOST = "http://127.0.0.1:1"
STEPS = 5


def is_open(cohort: Cohort, at: int) -> int:
    """Count the devices whose session goes on at an instant."""
    return sum(why == ONGOING for *_, why in cohort.ends(at))


def rate_for(devices: int, wanted: float) -> float:
    """Give the visits per second at which so many devices are in an open session, by trying with few devices."""
    share, per_s = wanted / devices, 1e-5
    for _ in range(STEPS):
        model = read(profile_text("shop"), "shop", 1, visits_per_day=per_s * 86_400)
        found = is_open(Cohort(model, 0, FEW, begin=BEGIN, epoch=0, prints=NOTHING), BEGIN) / FEW
        per_s *= share / max(found, 1 / FEW)
    return per_s * devices


def main() -> None:
    """Find a rate, or seat the devices; print."""
    compile_apart()
    kind, devices, number = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    print(json.dumps({"rate": rate_for(devices, number)} if kind == "rate" else hold(devices, number)))


def hold(devices: int, rate: float) -> dict[str, float]:
    """Seat the devices, and tell what it took."""
    player_module.Windows = Held  # type: ignore[misc]
    start_mb = _peak_mb()
    let_go()
    base_mb = _resident_mb()
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        player = Player(plan_of(Task(host=HOST, rate=rate, edition="", devices=devices, speed=1.0), Path(folder)), 0, 1, Environment())
        ready_s = time.process_time() - began + player._computing.cpu_s
        held = player._computing.do(Held.tell, BEGIN + player._played_ms)
        player.close()
    return {"start_mb": start_mb, "base_mb": base_mb, "ready_s": ready_s} | held


class Held(Windows):
    """Tells of its devices, from the process that computes."""

    def tell(self, played: int) -> dict[str, float]:
        """Tell how many are in an open session, and what tables have."""
        table = self.cohort._table
        parts = {"rests_mb": table.rests.nbytes / 1e6, "next_at_mb": table.next_at.nbytes / 1e6}
        parts |= {f"{name}_mb": getattr(table, name).links[LENT] * getattr(table, name).rows.itemsize / 1e6 for name in POOLS}
        return {"open": is_open(self.cohort, played)} | parts


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 1e6


if __name__ == "__main__":
    main()
