"""One run, on the master: its folder, its collector, and at its end the audit. The folder's layout is in docs/."""

import os
import platform
import shlex
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import gevent
import msgspec

from simulator import __version__
from simulator.errors import CollectorError, LagError, ProfileError, RumsimError, cannot_write
from simulator.load import histogram
from simulator.load.options import HOUR_MS, Plan, check, expected_visits, make_plan
from simulator.load.pace import CPU_SHARE, faults, notes, total
from simulator.load.preflight import check_room, fit, probe, warnings
from simulator.load.roster import Roster
from simulator.load.summary import lines_of, summarise
from simulator.load.thresholds import Figures, broken, decided_late, left_out, read_counts
from simulator.load.thresholds import parse as parse_threshold
from simulator.play.model import read
from simulator.profile.editions import weights
from simulator.profile.loader import digest, parse
from simulator.profile.start import iso
from simulator.schema import document

FORMAT: Final = 1
READY_S: Final = 30.0  # assumed: a collector that has not answered by then never will
COMMAND: Final = (sys.executable, "-m", "simulator")
NOTHING_PLAYED: Final = 1


class Run:
    """A run from its folder to its verdict."""

    def __init__(self, options: Namespace, host: str | None, run_time_s: float = 0.0) -> None:
        """Check the options and make the folder; raise a RumsimError if either is wrong. `run_time_s`: 0 if nobody said how long."""
        check(options, host)
        self._thresholds = [parse_threshold(rule) for rule in options.rum_threshold]
        self._run_time_s = run_time_s
        self.folder = _folder(options.rum_run_dir)
        self._options, self._host = options, host
        self._collector: subprocess.Popen[bytes] | None = None
        self._collected_s = 0.0
        """The collector's CPU time until the load, then that of the load."""
        self._document: dict[str, Any] = {}

    def start(self, cohorts: int, here: int) -> Plan:
        """Start a collector, unless there is a host; write down what will be played and give it. `here`: of the cohorts, those of one process."""
        options = self._options
        if not options.rum_unchecked:
            fit(options.rum_connections, cohorts, here, collects=not self._host)
        try:
            url = self._host or self._start_collector(options.rum_fault, options.rum_seed)
            self.plan = make_plan(options, host=url, folder=self.folder, now_ms=time.time_ns() // 1_000_000)
            (self.folder / "profile.toml").write_text(self.plan.profile, "utf-8")
            self._document = self._describe(options)
            self._save()
            self._check()
            self._collected_s = self._collector_cpu_s()
        except OSError as error:
            self._stop_collector()
            raise cannot_write(error.filename or self.folder, error) from error
        except RumsimError:
            self._stop_collector()
            raise
        return self.plan

    def _check(self) -> None:
        """Look at the machine and at the collector; keep in mind what the payload that was sent for that has left there.

        The embedded collector is sent none: it has said that it listens, by the same program, on a port of its own, and what it does wrong is what
        `--rum-fault` asked for, to be done to the load and not used up before it.
        """
        for line in warnings(self.plan, self._run_time_s, collects=self._collector is not None):
            sys.stderr.write(f"rumsim: {line}\n")
        if not self._options.rum_unchecked:
            check_room(self.plan, self._run_time_s, collects=self._collector is not None)
        if self._collector is None and not self._options.rum_unchecked:
            model = read(self.plan.profile, self._options.rum_profile, self.plan.seed, visits_per_day=self.plan.visits_per_day)
            self._document["probe"] = probe(model, self.plan)
            self._save()

    def finish(self, roster: Roster | None, *, failed: int = 0, cut_short: bool = False) -> tuple[int | None, str]:
        """Stop the collector, complete run.json, audit; give the exit code, if it is ours to give, and the results as text.

        `failed`: the exit code of a fault that ended the run and has been told; `cut_short`: it ended, and nobody wanted it to. Raise DataError if
        run.json cannot be written.
        """
        self._collected_s = self._collector_cpu_s() - self._collected_s
        died = self._stop_collector()
        if roster is None or not roster.t0_ns or not self._document:
            return failed or NOTHING_PLAYED, f"run {self.folder}\nnothing was played: the run was stopped before its cohorts were ready\n"
        if failed:
            return failed, f"run {self.folder}\nno audit: the run could not go on\n"
        played_s = max(0.0, (roster.stopped_ns - roster.t0_ns) / 1e9)
        reports = roster.reports
        latencies = histogram.read(self.folder / "histograms")
        load = summarise(latencies, reports, played_s) | {"collector_share": round(max(0.0, self._collected_s) / max(played_s, 1e-9), 3)}
        invalid = faults(
            roster.cohorts,
            reports,
            roster.lost(),
            roster.stopped_ns,
            own_p99_ms=load["own_lag_ms"].get("p99", 0.0),
            lag_limit_ms=self._options.rum_lag_limit,
            cpu_share=load["cpu_share"],
            computing_share=load["computing_share"],
        )
        if cut_short:
            wanted = f" of {self._run_time_s:g}" if self._run_time_s else ""
            invalid.insert(0, f"the run was cut short after {played_s:.1f}{wanted} s, though nobody had ended it: see what Locust says of it")
        invalid = invalid or decided_late(self._thresholds, latencies, self._options.rum_lag_limit)
        said: list[str] = []
        if not invalid:  # else whatever was slow, the collector is not to blame
            expected = expected_visits(self.plan, played_s)
            said = notes(reports, expected_visits=expected, rate_per_s=self.plan.rate_per_s, complete=not died)
            said += left_out(self._thresholds, latencies)
            if load["collector_share"] > CPU_SHARE:
                said.append(f"the embedded collector took {load['collector_share']:.0%} of a core: what is slow is that limit of its own")
        self._document |= {
            "played_s": round(played_s, 3),
            "visits": sum(report.visits for report in reports.values()),
            "pace": {name: round(value, 3) for name, value in msgspec.to_builtins(total(reports)).items()},
            "load": load,
            "invalid": invalid,
            "notes": [*died, *said],
            "reproduce": self._reproduce((played_s * self.plan.speed + 60) / 3600),  # a minute more than was played
        }
        self._save()
        counts = None
        if self._document["received"] is None:
            code = LagError.exit_code if invalid else None
            lines = [*(f"INVALID RUN: {why}" for why in invalid), *(f"note: {note}" for note in said), *lines_of(load)]
            text = "".join(f"{line}\n" for line in lines) + (
                f"run {self.folder}\nno audit: what {self.plan.host} stored is not known here; "
                f"with the folder of an embedded collector: rumsim audit {self.folder} --received DIR\n"
                f"reproduce: {self._document['reproduce']}\n"
            )
        else:
            code, text, counts = self._audit()
        if invalid and self._thresholds:
            text += f"thresholds not judged: {', '.join(rule.text for rule in self._thresholds)}\n"
        failed_rules = [] if invalid else broken(self._thresholds, Figures(latencies, counts, played_s))
        self._document |= {"thresholds": [rule.text for rule in self._thresholds], "broken": None if invalid else failed_rules}
        text = "".join(f"THRESHOLD FAILED: {line}\n" for line in failed_rules) + text
        if failed_rules:
            code = max(code or 0, CollectorError.exit_code)
        if code is not None:
            self._document["exit_code"] = code
        self._save()
        return code, text

    def _audit(self) -> tuple[int | None, str, Mapping[str, int] | None]:
        """Give the audit's exit code, its screen, and its counts if it came that far."""
        audit = subprocess.run([*COMMAND, "audit", str(self.folder)], check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603
        found = self.folder / "audit.json"
        document = msgspec.json.decode(found.read_bytes()) if found.exists() else None
        if document:
            self._document["verdicts"] = {claim["name"]: claim["verdict"] for claim in document["claims"]}
        return audit.returncode, audit.stdout, read_counts(document)

    def _start_collector(self, faults: list[str], seed: int) -> str:
        received = self.folder / "received"
        received.mkdir()
        command = [*COMMAND, "collect", "--port", "0", "--dir", str(received), "--seed", str(seed)]
        for fault in faults:
            command += ["--fault", fault]
        said = self.folder / "collector.log"
        with said.open("wb") as file:
            # its own process group: Ctrl-C must reach us first, so that all that is under way gets its answer
            # and a pipe: should we be killed, it closes, and the collector ends
            self._collector = subprocess.Popen(  # noqa: S603
                [*command, "--until-closed"], stdin=subprocess.PIPE, stdout=file, stderr=file, start_new_session=True
            )
        collector, until = self._collector, time.monotonic() + READY_S
        while time.monotonic() < until:
            if self._collector is not collector:
                raise CollectorError("the run was stopped while the collector started")
            if collector.poll() is not None:
                last = (said.read_text("utf-8", "replace").strip().splitlines() or [""])[-1]
                if last.startswith("rumsim: "):
                    raise ProfileError(last.removeprefix("rumsim: ").replace("--fault", "--rum-fault", 1))
                raise CollectorError(f"the collector ended at once (exit code {collector.returncode}): {last or 'it said nothing'}; see {said}")
            if (told := received / "collector.json").exists():
                url: str = msgspec.json.decode(told.read_bytes())["url"]
                return url
            gevent.sleep(0.02)
        self._stop_collector()
        raise CollectorError(f"the collector did not listen within {READY_S:g} s; see {said}")

    def _collector_cpu_s(self) -> float:
        """Give the CPU time of the collector, and of nothing where there is none, or none that can be asked (elsewhere than on Linux)."""
        try:
            fields = Path(f"/proc/{self._collector.pid}/stat").read_text("ascii").rpartition(")")[2].split() if self._collector else []
            return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")  # utime, stime: proc_pid_stat(5)
        except OSError:
            return 0.0

    def _stop_collector(self) -> list[str]:
        """Stop the collector; say so if it had ended by itself."""
        collector, self._collector = self._collector, None
        if collector is None:
            return []
        if (code := collector.poll()) is not None:
            return [f"the collector ended during the run (exit code {code}); see {self.folder / 'collector.log'}"]
        collector.terminate()
        try:
            collector.wait(timeout=READY_S)
        except subprocess.TimeoutExpired:
            collector.kill()
        return []

    def _describe(self, options: Namespace) -> dict[str, Any]:
        profile = parse(self.plan.profile, options.rum_profile)
        return {
            "format": FORMAT,
            "rumsim": __version__,
            "argv": sys.argv,
            "profile": profile.name,
            "profile_digest": digest(profile),
            "seed": self.plan.seed,
            "start": iso(self.plan.epoch + self.plan.begin),
            "offset_hours": self.plan.begin / HOUR_MS,
            "speed": self.plan.speed,
            "devices": self.plan.devices,
            "rate_per_s": self.plan.rate_per_s,
            "visits_per_day": self.plan.visits_per_day,
            "editions": {name: dict(weights(name, p.editions)) for name, p in profile.platforms.items()},
            "host": self.plan.host,
            "received": "received" if self._collector else None,
            "machine": {"system": platform.system(), "python": platform.python_version(), "cores": os.cpu_count()},
        }

    def _reproduce(self, hours: float) -> str:
        plan = self.plan
        words = [
            *(_command(), "generate", str(self.folder / "profile.toml")),
            *("--devices", str(plan.devices), "--hours", f"{hours:.4f}", "--seed", str(plan.seed)),
            *("--visits-per-day", repr(plan.visits_per_day), "--start", iso(plan.epoch + plan.begin)),
        ]
        if plan.begin:
            words += ["--offset", repr(plan.begin / HOUR_MS)]
        return shlex.join([*words, "--out", str(self.folder / "events")])

    def _save(self) -> None:
        try:
            document.write(self.folder / "run.json", self._document, indent=1)
        except OSError as error:
            raise cannot_write(self.folder / "run.json", error) from error


def _command() -> str:
    """Give how `rumsim` is called from here."""
    found = Path(sys.executable).with_name("rumsim")
    if not found.exists():
        return "rumsim"
    return str(found.relative_to(Path.cwd())) if found.is_relative_to(Path.cwd()) else str(found)


def _folder(name: str) -> Path:
    """Make the run's folder: the one named, or a new one in runs/."""
    folder = Path(name) if name else Path("runs") / time.strftime("%Y-%m-%dT%H-%M-%S")
    number = 1
    while not name and folder.exists():
        number += 1
        folder = folder.with_name(f"{time.strftime('%Y-%m-%dT%H-%M-%S')}-{number}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ProfileError(f"--rum-run-dir {folder}: is there and is not an empty folder; give each run its own")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProfileError(f"--rum-run-dir {folder}: cannot be made: {error.strerror}") from None
    return folder.absolute()
