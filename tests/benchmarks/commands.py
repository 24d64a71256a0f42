"""What is measured of whole processes: `rumsim generate` by several workers, its memory, its start, without numba, on Dask. Linux alone tells it.

CPU seconds are those of a command and of all that it started. A peak is the largest resident set that one process of a command has had.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import ours
from families import family
from gates import WrongError

from simulator.dataset import block

ROOT = Path(__file__).parents[2]
LINE = "compiling the simulation"
"""What a first start must say on standard error."""
WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None  # as if it were not installed
sys.path[:0] = sys.argv[2:]
import json, ours
json.dump(ours.alone(int(sys.argv[1]), compiled=False), sys.stdout)
"""


class Ran(NamedTuple):
    """What commands that were started together took until the last had ended."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: str
    """On standard error, by all."""


def run(*commands: list[str], cache: Path | None = None) -> Ran:
    """Run commands, their output to nowhere. `cache`: a folder for compiled code. Raise WrongError if one fails."""
    environment = os.environ | ({"XDG_CACHE_HOME": str(cache)} if cache else {})
    before = _cpu_of_children()
    peaks: dict[int, int] = {}
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        started = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors, env=environment, cwd=ROOT) for command in commands]
        while any(process.poll() is None for process in started):
            for process in started:
                for pid in family(process.pid):
                    peaks[pid] = max(peaks.get(pid, 0), _peak_kb(pid))
            time.sleep(0.01)
        wall_s = time.perf_counter() - began
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    for process in started:
        if process.returncode:
            raise WrongError(f"{' '.join(process.args[:4])} ... ended with {process.returncode}: {said.strip()[-200:]!r}")
    return Ran(wall_s, _cpu_of_children() - before, max(peaks.values()) * 1024 / 1e6, said)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peak_kb(pid: int) -> int:
    """Give the largest resident set of a process so far; 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def generate(out: Path | str, devices: int, *options: str) -> list[str]:
    """Give the command that makes a day of the shop."""
    day = ["--devices", str(devices), "--hours", str(ours.HOURS), "--seed", str(ours.SEED), "--out", str(out)]
    return [sys.executable, "-m", "simulator", "generate", "shop", *day, *options]


def workers(devices: int) -> dict[str, float]:
    """Compare two workers with one, with two commands for half of the blocks each, and with Dask's; all write Parquet."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        one = run(generate(top / "one", devices, "--format", "parquet"))
        blocks = -(-devices // block.DEVICES)
        parts = [f"0:{blocks // 2}", f"{blocks // 2}:{blocks}"]
        two = run(*(generate(top / f"part{i}", devices, "--format", "parquet", "--blocks", part) for i, part in enumerate(parts)))
        pool = run(generate(top / "pool", devices, "--format", "parquet", "--workers", "2"))
        dask = run(generate(top / "dask", devices, "--format", "parquet", "--workers", "2", "--engine", "dask"))
        rows, digest = _told(top / "one")
        for name in ("pool", "dask"):
            if _told(top / name) != (rows, digest):
                raise WrongError(f"{name}: found {_told(top / name)}, expected {(rows, digest)}, which one worker made")
    return {
        "one worker wall": rows / one.wall_s,
        "two commands wall": rows / two.wall_s,
        "two workers wall": rows / pool.wall_s,
        "Dask two workers wall": rows / dask.wall_s,
        "one worker CPU": one.cpu_s / rows * 1e9,
        "two workers CPU": pool.cpu_s / rows * 1e9,
        "memory two workers": pool.peak_mb,
    }


def _told(folder: Path) -> tuple[int, str]:
    """Give rows and digest as a manifest has them."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    return manifest["rows"], manifest["digest"]


def memory(devices: int) -> dict[str, float]:
    """Give the peak of one worker: the largest of what it needs for events as lines and as Parquet, and for payloads."""
    with tempfile.TemporaryDirectory() as folder:
        ran = [run(generate("-", devices)), run(generate("-", devices, "--as", "payloads"))]
        ran.append(run(generate(Path(folder) / "data", devices, "--format", "parquet")))
    return {f"memory {devices:,} devices": max(one.peak_mb for one in ran)}


def start(devices: int) -> dict[str, float]:
    """Start without compiled code, then with it, and make some 100,000 events."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "cache"
        cold = run(generate(Path(folder) / "cold", devices), cache=cache)
        warm = run(generate(Path(folder) / "warm", devices), cache=cache)
    if LINE not in cold.said:
        raise WrongError(f"the first start did not say that it compiles; it said {cold.said!r}")
    if LINE in warm.said:
        raise WrongError("the second start compiled again")
    return {"cold start 100,000 events": cold.cpu_s, "warm start 100,000 events": warm.cpu_s}


def interpreted(devices: int) -> dict[str, float]:
    """Make a block where numba cannot be imported; it must be the one that compiled code makes."""
    command = [sys.executable, "-c", WITHOUT_NUMBA, str(devices), str(Path(__file__).parent), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise WrongError(f"without numba: {done.stderr.strip().splitlines()[-1]}")
    rows, digest, cpu_s = json.loads(done.stdout)
    expected = ours.alone(devices, compiled=True)[:2]
    if (rows, digest) != expected:
        raise WrongError(f"without numba: found {(rows, digest)}, expected {expected}, which compiled code made")
    return {"interpreted": rows / cpu_s}
