"""Load for a long time, on the embedded collector and on nginx at once: whether memory stays, and nothing is lost.

Every minute: the resident memory of each generator, the p99 of its own lag in that minute, and how many payloads ended without being acknowledged.
Exit code 1 if a generator's memory has grown by more than 10 % and 30 MB since a fifth of the time had passed (assumed: what is kept of a population
in mid-life does not grow; buffers come and go), if a payload was lost, or if a run is INVALID.

examples:
  make soak MINUTES=30
  python tests/benchmarks/soak.py --minutes 5 --rate 50
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import servers
from children import end_with
from families import resident_mb
from gates import AbsentError

from simulator.load import histogram
from simulator.schema.latency import OK, OWN, RESPONSE

ROOT = Path(__file__).parents[2]
GROWTH, SLACK_MB = 0.10, 30.0
WARM = 0.2
MINUTE_S = 60


class Sample(NamedTuple):
    """A run in a minute."""

    memory_mb: float
    lag_ms: float
    """p99 of the generator's own."""
    payloads: int
    lost: int
    """Without an answer, or with one that refuses."""


class Load:
    """A run of load as a process of its own."""

    def __init__(self, name: str, folder: Path, minutes: int, rate: float, host: str | None) -> None:
        """Start it. `host`: None for the embedded collector."""
        self.name, self._folder = name, folder / name
        self.samples: list[Sample] = []
        command = [sys.executable, "-m", "locust", "-f", "locustfile.py", "--headless", "--only-summary", "-t", f"{minutes}m"]
        command += ["--rum-run-dir", str(self._folder), "--rum-rate", str(rate), "--rum-offset", "20", *(["--host", host] if host else [])]
        self._log = (folder / f"{name}.log").open("wb")
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=self._log, stderr=self._log)

    def sample(self) -> None:
        """Take a sample; the seconds of the last minute are those since the sample before."""
        latencies = histogram.read(self._folder / "histograms")
        rows = latencies.rows
        recent = histogram.Latencies(rows[rows["second"] + MINUTE_S > rows["second"].max(initial=0)])
        lag = recent.quantile(OWN, 0.99)
        payloads = latencies.total(RESPONSE)
        self.samples.append(Sample(resident_mb(self.process.pid), lag.ms if lag else 0.0, payloads, payloads - latencies.total(RESPONSE, OK)))

    def verdict(self) -> list[str]:
        """Wait for its end; say what is wrong with it, a line each."""
        code = self.process.wait()
        self._log.close()
        said = Path(self._log.name).read_text("utf-8", "replace")
        found = [f"{self.name}: {line}" for line in said.splitlines() if line.startswith("INVALID RUN")]
        if code and not found:
            found.append(f"{self.name}: ended with {code}: {(said.strip().splitlines() or ['it said nothing'])[-1]}")
        if self.samples and (lost := self.samples[-1].lost):
            found.append(f"{self.name}: {lost:,} of {self.samples[-1].payloads:,} payloads were not acknowledged")
        if not self.samples or not self.samples[-1].payloads:
            found.append(f"{self.name}: nothing was sent")
        document = json.loads((self._folder / "run.json").read_bytes()) if (self._folder / "run.json").exists() else {}
        found += [f"{self.name}: the audit's claim {name} is {word}" for name, word in document.get("verdicts", {}).items() if word == "FAILED"]
        return found + growth(self.name, [sample.memory_mb for sample in self.samples])


def growth(name: str, memory_mb: Sequence[float]) -> list[str]:
    """Say if memory, sampled at equal distances, has grown; the first part of the time is for warming up."""
    if len(memory_mb) < 2:
        return []
    later = memory_mb[min(round(WARM * len(memory_mb)), len(memory_mb) - 2) :]
    most = later[0] * (1 + GROWTH) + SLACK_MB
    return [f"{name}: memory grew from {later[0]:,.0f} to {later[-1]:,.0f} MB; expected at most {most:,.0f}"] if later[-1] > most else []


def main() -> int:
    """Run, print a line a minute, and tell whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--rate", type=float, default=20.0, help="visits per second of each of the two runs")
    options = parser.parse_args()
    if options.minutes < 2:
        parser.error(f"--minutes: found {options.minutes}; expected 2 or more")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        loads = [Load("collector", folder, options.minutes, options.rate, None)]
        stack.callback(lambda: [load.process.kill() for load in loads])
        try:
            loads.append(Load("nginx", folder, options.minutes, options.rate, stack.enter_context(servers.nginx()).url))
        except AbsentError as error:
            print(f"nginx: skipped: {error}")
        print(f"{'minute':>6}  {'on':10}{'memory MB':>10}{'lag p99 ms':>12}{'payloads':>12}{'lost':>8}", flush=True)
        minute = 0
        while minute < options.minutes:
            time.sleep(MINUTE_S)
            minute += 1
            for load in loads:
                if load.process.poll() is None:
                    load.sample()
                    s = load.samples[-1]
                    print(f"{minute:6}  {load.name:10}{s.memory_mb:10,.0f}{s.lag_ms:12.3f}{s.payloads:12,}{s.lost:8,}", flush=True)
        wrong = [line for load in loads for line in load.verdict()]
    print(*(f"FAILED: {line}" for line in wrong), sep="\n", end="\n" if wrong else "")
    print(f"{len(wrong)} faults in {options.minutes} minutes" if wrong else f"{options.minutes} minutes without a fault")
    return int(bool(wrong))


if __name__ == "__main__":
    end_with(main)
