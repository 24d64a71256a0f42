"""Locust as a process of its own, what a run of it leaves behind, and its web UI.

`import locust` changes a whole interpreter, so no test imports it: this starts it.
"""

import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from waiting import DEADLINE_S, until

from simulator.audit.ledger import Ledger, read
from simulator.collector.read_back import rows
from simulator.schema.ledger import OUTCOME_ROW

CHECKOUT = Path(__file__).parents[2]
LOCUSTFILE = ("-f", str(CHECKOUT / "locustfile.py"))
HEADLESS = ("--headless", "--only-summary", "--rum-run-dir", "run")
FORKS = Path(__file__).with_name("forks.py")
BUSY = ("--rum-offset", "12")  # hours after the profile's start: an evening in China
CALM = ("--rum-lag-limit", "900")  # ms: a machine that tests share is late at times; what is later than 1 s is always judged
USERS = ("--rum-devices", "8000", *BUSY, *CALM)
SMALL = ("--rum-devices", "4000", "--rum-rate", "20", "--rum-speed", "10", *BUSY, *CALM)
ENOUGH = 40  # payloads, some 200 events


def environment() -> dict[str, str]:
    """Give the environment without what would be options of Locust or of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "RUM_"))}


def collects(place: Path) -> bool:
    """Tell whether the collector that a collector.json tells of is still there."""
    try:
        return "collect" in psutil.Process(json.loads(place.read_text("utf-8"))["pid"]).cmdline()
    except psutil.NoSuchProcess:
        return False


def free_port() -> int:
    """Give a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def two_processes(count: int = 2) -> tuple[str, ...]:
    """Give the options of a run by two workers, or another number, on a port of their own."""
    port = str(free_port())
    return ("--processes", str(count), "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port)


def lines(path: Path) -> list[Any]:
    """Read a file of JSON lines without its first, which is a header."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()[1:]]


def stored_payloads(received: Path) -> int:
    """Count the payloads that a collector has stored so far."""
    return sum(max(0, path.read_bytes().count(b"\n") - 1) for path in received.glob("segment-*.ndjson"))


@dataclass(frozen=True)
class Ended:
    """A run that has ended, and what it left behind."""

    folder: Path
    code: int
    out: str
    err: str

    @classmethod
    def of(cls, folder: Path, code: int) -> "Ended":
        """Give the run that was started in a folder."""
        return cls(folder / "run", code, (folder / "out").read_text("utf-8"), (folder / "err").read_text("utf-8"))

    @property
    def run(self) -> dict[str, Any]:
        """Its run.json."""
        return dict(json.loads((self.folder / "run.json").read_text("utf-8")))

    @property
    def runs(self) -> list[dict[str, Any]]:
        """The run.json of each run of a web UI, the first first."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.parent.glob("runs/*/run.json"))]

    @property
    def audit(self) -> dict[str, Any]:
        """Its audit.json."""
        return dict(json.loads((self.folder / "audit.json").read_text("utf-8")))

    @property
    def ledger(self) -> Ledger:
        """Its ledger."""
        return read(self.folder / "ledger")

    @property
    def stored(self) -> dict[str, dict[str, Any]]:
        """What its collector has, by event id."""
        return {row["event_id"]: row for row in rows(self.folder / "received")}

    @property
    def said(self) -> list[str]:
        """What we, not Locust, told the user."""
        return [line for line in self.err.splitlines() if line.startswith("rumsim: ")]

    def counts(self, *names: str) -> tuple[int, ...]:
        """Give counts of the audit."""
        return tuple(self.audit["counts"][name] for name in names)

    @property
    def wrong(self) -> tuple[int, ...]:
        """Give what must be zero."""
        return self.counts("lost", "duplicated", "altered", "unexpected")


class Locust:
    """Starts Locust, each in an empty folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: dict[Path, subprocess.Popen[bytes]] = {}

    def folder(self, name: str) -> Path:
        """Make a folder."""
        (folder := self._folder / name).mkdir()
        return folder

    def folder_of(self, process: "subprocess.Popen[bytes]") -> Path:
        """Give the folder in which a process was started."""
        return next(folder for folder, started in self._started.items() if started is process)

    def start(self, folder: Path, *arguments: str, file_blocks: int = 0, files: int = 0, **variables: str) -> "subprocess.Popen[bytes]":
        """Start Locust in a folder, where what it prints is kept as `out` and `err`.

        `file_blocks`: no file of it can grow larger; `files`: so many can be open at a time.
        """
        limits = [f"ulimit -{letter} {value}; " for letter, value in (("f", file_blocks), ("n", files)) if value]
        limit = ["sh", "-c", "".join(limits) + 'exec "$@"', "sh"] if limits else []
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = self._started[folder] = subprocess.Popen(
                [*limit, sys.executable, "-m", "locust", *LOCUSTFILE, *arguments],
                cwd=folder,
                env=environment() | variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,  # a Ctrl-C of a terminal reaches the whole group
            )
        return process

    def headless(self, folder: Path, *arguments: str, **more: Any) -> "subprocess.Popen[bytes]":
        """Start a run whose own folder is `folder`/run."""
        return self.start(folder, *HEADLESS, *arguments, **more)

    def end(self, process: "subprocess.Popen[bytes]", folder: Path) -> Ended:
        """Wait for the end."""
        return Ended.of(folder, process.wait(DEADLINE_S))

    def play_all(self, runs: Mapping[str, Sequence[str]]) -> dict[str, Ended]:
        """Play runs side by side."""
        folders = {name: self.folder(name.replace(" ", "-")) for name in runs}
        started = {name: self.headless(folders[name], *arguments) for name, arguments in runs.items()}
        return {name: self.end(process, folders[name]) for name, process in started.items()}

    def play_forked(self, runs: Mapping[str, Sequence[str]]) -> dict[str, Ended]:
        """Play runs that end soon, side by side, forked from one interpreter (forks.py)."""
        folders = {name: self.folder(name.replace(" ", "-")) for name in runs}
        words = {str(folders[name]): [*LOCUSTFILE, *HEADLESS, *arguments] for name, arguments in runs.items()}
        done = subprocess.run(
            [sys.executable, FORKS], input=json.dumps(words), check=True, env=environment(), stdout=subprocess.PIPE, text=True, timeout=DEADLINE_S
        )
        codes = json.loads(done.stdout)
        return {name: Ended.of(folder, codes[str(folder)]) for name, folder in folders.items()}

    def play(self, name: str, *arguments: str, **more: Any) -> Ended:
        """Play a run from its beginning to its end."""
        folder = self.folder(name)
        return self.end(self.headless(folder, *arguments, **more), folder)

    def play_until_stored(self, name: str, *arguments: str, stop: Callable[["subprocess.Popen[bytes]"], object], enough: int = ENOUGH) -> Ended:
        """Play a run that has no end, and stop it once its collector has stored so many payloads."""
        folder = self.folder(name)
        process = self.headless(folder, *arguments)
        until(lambda: stored_payloads(folder / "run" / "received") >= enough, "payloads", process)
        stop(process)
        return self.end(process, folder)

    @staticmethod
    def rumsim(*arguments: str) -> tuple[int, str, str]:
        """Run a command of ours; give exit code, stdout and stderr."""
        done = subprocess.run([sys.executable, "-m", "simulator", *arguments], check=False, capture_output=True, text=True, timeout=DEADLINE_S)
        return done.returncode, done.stdout, done.stderr

    def close(self) -> None:
        """End what a failed test has left behind."""
        for folder, process in self._started.items():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            for place in folder.rglob("collector.json"):
                stop_collector(place)


def interrupt(process: "subprocess.Popen[bytes]") -> None:
    """Interrupt a process, as Ctrl-C does."""
    process.send_signal(signal.SIGINT)


def interrupt_twice(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Press Ctrl-C, and again as soon as that has been noticed."""
    interrupt(process)
    until(lambda: "rumsim: the run ends" in (folder / "err").read_text("utf-8"), "the first Ctrl-C", process)
    interrupt(process)


def pass_by(seconds: float) -> None:
    """Let time pass."""
    began = time.monotonic()
    until(lambda: time.monotonic() - began > seconds, "time")


def outcomes_bytes(run: Path) -> list[int]:
    """Give the size of each cohort's outcomes so far."""
    return [path.stat().st_size for path in sorted(run.glob("ledger/outcomes-*.bin"))]


def wait_for_growth(run: Path, cohorts: Sequence[int], rows: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until each of these cohorts has so many more outcomes."""
    before = outcomes_bytes(run)
    until(lambda: all(outcomes_bytes(run)[n] - before[n] >= rows * OUTCOME_ROW.itemsize for n in cohorts), "more outcomes", process)


def stop_collector(place: Path) -> None:
    """Stop the collector that a collector.json tells of, if it is still there."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it is about to end
        if collects(place):
            os.kill(json.loads(place.read_text("utf-8"))["pid"], signal.SIGTERM)
            until(lambda: not collects(place), "the collector's end")


def generate(command: str, out: Path) -> dict[str, dict[str, Any]]:
    """Run a printed `rumsim generate` command, but for its --out, and give its events by id."""
    program, *words = shlex.split(command)
    assert (Path(program).name, words[0], words[-2]) == ("rumsim", "generate", "--out")
    subprocess.run([sys.executable, "-m", "simulator", *words[:-1], str(out)], check=True, capture_output=True, timeout=DEADLINE_S)
    made = [json.loads(line) for path in sorted((out / "events").iterdir()) for line in path.read_text("utf-8").splitlines()]
    return {row["event_id"]: row for row in made}


def without_arrivals(made: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Leave out arrived_at, which datasets alone have: a collector has its own received_at."""
    return {event_id: {name: value for name, value in row.items() if name != "arrived_at"} for event_id, row in made.items()}


class Ui:
    """Locust's web UI, spoken to as its page does."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.port, self.process = port, process

    @classmethod
    def open(cls, locust: Locust, folder: Path, *arguments: str) -> "Ui":
        """Start Locust with its web UI."""
        port = free_port()
        ui = cls(port, locust.start(folder, "--web-host", "127.0.0.1", "--web-port", str(port), *SMALL, *arguments))
        until(ui.answers, "the web UI", ui.process)
        return ui

    def ask(self, method: str, path: str, **form: object) -> tuple[int, str]:
        """Make a request; give status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        try:
            connection.request(method, path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        """Tell whether it is up."""
        try:
            return self.ask("GET", "/")[0] == 200
        except ConnectionRefusedError:
            return False

    def swarm(self, **form: object) -> None:
        """Press Start: the page sends all its fields."""
        status, body = self.ask("POST", "/swarm", **{"user_count": 1, "spawn_rate": 1, "host": "", "run_time": "", "profile": "", **form})
        assert status == 200, body
        assert json.loads(body)["success"] is True

    def stop(self) -> None:
        """Press Stop."""
        status, body = self.ask("POST", "/stop")
        assert (status, json.loads(body)["success"]) == (200, True)

    def wait_for_payloads(self, folder: Path, runs: int) -> None:
        """Wait until the latest of so many runs has stored something."""
        until(
            lambda: len(stored := [*map(stored_payloads, folder.glob("runs/*/received"))]) == runs and min(stored) >= ENOUGH, "payloads", self.process
        )

    def fields(self) -> dict[str, dict[str, Any]]:
        """Give the fields of our options that the page shows."""
        page = self.ask("GET", "/")[1].partition("window.templateArgs = ")[2]
        return dict(json.JSONDecoder().raw_decode(page)[0]["extra_options"])
