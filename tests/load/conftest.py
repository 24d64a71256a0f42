"""Real runs of Locust, each a process of its own on loopback: `import locust` changes a whole interpreter, so no test imports it here.

A run is played once and looked at by many tests. Those that the chosen tests ask for are begun together, a few side by side: most of their time is
waiting.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from servers import CERTIFICATE, NO_CONTENT, says, serving
from waiting import DEADLINE_S, until

from simulator.audit.ledger import Ledger, read
from simulator.collector.read_back import rows
from simulator.schema.ledger import OUTCOME_ROW
from simulator.schema.words import FAILED

CHECKOUT = Path(__file__).parents[2]
LOCUSTFILE = ("-f", str(CHECKOUT / "locustfile.py"))
SIDE_BY_SIDE = 3
HOGS = 60  # so the generator has a sixtieth of a core, by groups of processes or by priority
BUSY = ("--rum-offset", "12")  # hours after the profile's start: an evening in China
CALM = ("--rum-lag-limit", "900")  # ms: a machine that tests share is late at times; what is later than 1 s is always judged
USERS = ("--rum-devices", "8000", *BUSY, *CALM)
SMALL = ("--rum-devices", "4000", "--rum-rate", "20", "--rum-speed", "10", *BUSY, *CALM)
TABLES = ("--csv", "table", "--html", "page.html")
ENOUGH = 40  # payloads, some 200 events
WRONG_FIELDS = [("rum_rate", "-1"), ("rum_rate", "abc"), ("rum_rate", ""), ("rum_profile", "nope"), ("rum_seed", "-4"), ("rum_run_dir", "/tmp/x")]


def environment() -> dict[str, str]:
    """Give the environment without what would be options of Locust or of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "RUM_"))}


def listens(url: str) -> bool:
    """Tell whether anything listens at a URL."""
    place = urllib.parse.urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


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

    def start(self, folder: Path, *arguments: str, file_blocks: int = 0, **variables: str) -> "subprocess.Popen[bytes]":
        """Start Locust in a folder, where what it prints is kept as `out` and `err`. `file_blocks`: no file of it can grow larger."""
        limit = ["sh", "-c", f'ulimit -f {file_blocks}; exec "$@"', "sh"] if file_blocks else []
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
        return self.start(folder, "--headless", "--only-summary", "--rum-run-dir", "run", *arguments, **more)

    def end(self, process: "subprocess.Popen[bytes]", folder: Path) -> Ended:
        """Wait for the end."""
        code = process.wait(DEADLINE_S)
        return Ended(folder / "run", code, (folder / "out").read_text("utf-8"), (folder / "err").read_text("utf-8"))

    def play_all(self, runs: Mapping[str, Sequence[str]]) -> dict[str, Ended]:
        """Play runs side by side."""
        folders = {name: self.folder(name.replace(" ", "-")) for name in runs}
        started = {name: self.headless(folders[name], *arguments) for name, arguments in runs.items()}
        return {name: self.end(process, folders[name]) for name, process in started.items()}

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
    with contextlib.suppress(FileNotFoundError):  # it is about to end
        said = json.loads(place.read_text("utf-8"))
        if listens(said["url"]):
            os.kill(said["pid"], signal.SIGTERM)
            until(lambda: not listens(said["url"]), "the collector's end")


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


# ------------------------------------------------------------------------------------------------------------------- the runs, each played once
def _plain(locust: Locust) -> Ended:
    return locust.play("plain", "-t", "8s", *USERS, *TABLES, RUM_RATE="10", RUM_SEED="7")


def _forked(locust: Locust) -> Ended:
    start = ("--rum-start", "2026-01-05T21:30:00+08:00")
    run = (*USERS, "--rum-rate", "10", "--rum-seed", "7", *start, *TABLES, *two_processes())
    return locust.play_until_stored("forked", *run, stop=lambda process: process.terminate(), enough=100)


def _faulty(locust: Locust) -> Ended:
    faults = [word for kind in ("drop", "duplicate", "swap_field") for word in ("--rum-fault", f"{kind}=0.05")]
    return locust.play_until_stored("faulty", *SMALL, *faults, stop=interrupt, enough=150)


def _fast(locust: Locust) -> Ended:
    crowd = ("--rum-devices", "10000", "--rum-rate", "30", "--rum-speed", "60", "-u", "100", *BUSY, *CALM)
    return locust.play_until_stored("fast", *crowd, stop=interrupt, enough=1000)


def _hosted(locust: Locust) -> Ended:
    """Post to a collector that the test started, which is left running."""
    folder = locust.folder("hosted")
    collect = [sys.executable, "-m", "simulator", "collect", "--port", "0", "--dir", "received"]
    with (folder / "collector.log").open("wb") as log:
        collector = subprocess.Popen(collect, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    place = folder / "received" / "collector.json"
    until(place.exists, "the collector", collector)
    try:
        url = json.loads(place.read_text("utf-8"))["url"]
        ended = locust.end(locust.headless(folder, "-t", "6s", *SMALL, "--host", f"{url}/"), folder)
        assert collector.poll() is None
    finally:
        collector.terminate()
        collector.wait(DEADLINE_S)
    return ended


def _refused(locust: Locust) -> Ended:
    return locust.play("refused", "-t", "5s", *SMALL, "--rum-unchecked", "--host", f"http://127.0.0.1:{free_port()}")


def _interrupted_group(locust: Locust) -> Ended:
    return locust.play_until_stored("interrupted-group", *SMALL, *two_processes(), stop=lambda process: os.killpg(process.pid, signal.SIGINT))


def _killed(locust: Locust) -> Ended:
    """Kill a run the hard way; its collector ends by itself."""
    ended = locust.play_until_stored("killed", *SMALL, stop=lambda process: process.kill())
    until(lambda: not (ended.folder / "received" / "collector.json").exists(), "the collector's end")
    return ended


def _bereft(locust: Locust) -> Ended:
    """Kill the collector in the middle of a run, then end the run once it has noticed."""

    def kill(process: "subprocess.Popen[bytes]") -> None:
        place = locust.folder_of(process) / "run" / "received" / "collector.json"
        os.kill(json.loads(place.read_text("utf-8"))["pid"], signal.SIGKILL)
        ledger = place.parents[1] / "ledger"
        until(lambda: FAILED in read(ledger).outcomes["outcome"], "a failure", process)
        interrupt(process)

    return locust.play_until_stored("bereft", *SMALL, stop=kill)


def _restarted(locust: Locust) -> Ended:
    """Press Start, Stop and Start in the web UI, the second time with another rate in the form; then press Ctrl-C, amid the second run.

    Amid the first, four users become one, then three.
    """
    folder = locust.folder("restarted")
    ui = Ui.open(locust, folder)
    shown = {name: field["default_value"] for name, field in ui.fields().items() if name.startswith("rum_")}
    (folder / "shown.json").write_text(json.dumps(shown), "utf-8")
    for number, rate in enumerate((20, 40), start=1):
        ui.swarm(**shown | {"rum_rate": rate, "user_count": 4})
        ui.wait_for_payloads(folder, runs=number)
        if number == 1:
            (run,) = (folder / "runs").iterdir()
            for users in (1, 3):
                ui.swarm(user_count=users)
                wait_for_growth(run, range(4), 3, ui.process)
            ui.stop()
    interrupt(ui.process)
    return locust.end(ui.process, folder)


def _mistaken(locust: Locust) -> Ended:
    """Give the web UI with two workers wrong values, then right ones; press Start, and Stop while the collector starts; end it with SIGTERM."""
    folder = locust.folder("mistaken")
    ui = Ui.open(locust, folder, *two_processes())
    until(lambda: "2 workers connected" in (folder / "err").read_text(), "two workers", ui.process)
    answers = [(name, value, *ui.ask("POST", "/swarm", user_count=1, spawn_rate=1, **{name: value})) for name, value in WRONG_FIELDS]
    (folder / "answers.json").write_text(json.dumps(answers), "utf-8")
    ui.swarm(rum_rate="20")
    ui.wait_for_payloads(folder, runs=1)
    ui.stop()
    ui.swarm()
    until(lambda: len([*folder.glob("runs/*/received")]) == 2, "the second run", ui.process)
    ui.stop()
    until(lambda: "nothing was played" in (folder / "out").read_text("utf-8"), "the second run's end", ui.process)
    ui.process.terminate()
    return locust.end(ui.process, folder)


def _slow(locust: Locust) -> Ended:
    """Send more to a collector that takes half a second for each answer than eight connections carry; press Ctrl-C twice."""
    crowd = (*SMALL, "--rum-connections", "8", "--rum-fault", "delay=1:500")
    return locust.play_until_stored("slow", *crowd, stop=lambda process: interrupt_twice(process, locust.folder_of(process)), enough=60)


def _behind(locust: Locust) -> Ended:
    """Hold the generator for some seconds in the middle of a run, then end it."""

    def hold(process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGSTOP)
        pass_by(3)
        process.send_signal(signal.SIGCONT)
        wait_for_growth(locust.folder_of(process) / "run", [0], 100, process)
        interrupt(process)

    return locust.play_until_stored("behind", *SMALL, stop=hold)


def _deserted(locust: Locust) -> Ended:
    """Of three workers kill one and stop another; end the run once the third has gone on alone."""

    def desert(process: "subprocess.Popen[bytes]") -> None:
        workers = [child for child in psutil.Process(process.pid).children() if "locust" in child.cmdline()]
        workers[0].kill()
        workers[1].terminate()
        run = locust.folder_of(process) / "run"
        until(lambda: "quit. " in (run.parent / "err").read_text("utf-8"), "the second worker's end", process)
        pass_by(3)
        interrupt(process)

    return locust.play_until_stored("deserted", *SMALL, *two_processes(3), stop=desert)


def _spread(locust: Locust) -> Ended:
    """Play the users of the plain run by four workers."""
    return locust.play_until_stored("spread", *USERS, "--rum-rate", "10", "--rum-seed", "7", *two_processes(4), stop=interrupt, enough=100)


def _starved(locust: Locust) -> Ended:
    """Give the generator's core to others for some seconds: busy loops, to which it gives way."""

    def starve(process: "subprocess.Popen[bytes]") -> None:
        core = {min(os.sched_getaffinity(0))}
        for thread in Path(f"/proc/{process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), core)
            os.setpriority(os.PRIO_PROCESS, int(thread.name), 19)
        hogs = [subprocess.Popen(["sh", "-c", "while :; do :; done"], start_new_session=True) for _ in range(HOGS)]
        try:
            for hog in hogs:
                os.sched_setaffinity(hog.pid, core)
            pass_by(4)
        finally:
            for hog in hogs:
                hog.kill()
                hog.wait()
        interrupt(process)

    return locust.play_until_stored("starved", *SMALL, "--rum-threshold", "response_p99<1us", "--rum-lag-limit", "50", stop=starve)


def _packed(locust: Locust) -> Ended:
    """Send bodies in another form than SDKs do, told to Locust in bulk; one threshold holds, one does not."""
    forms = ("--rum-form", "msgpack", "--rum-encoding", "gzip", "--rum-statistics", "bulk")
    rules = [word for rule in ("lost==0", "response_p50<1us", "error_share<0.1%") for word in ("--rum-threshold", rule)]
    return locust.play("packed", "-t", "4s", *SMALL, *forms, *rules)


def _reference(locust: Locust) -> Ended:
    """Send by the plain reference among the transports; both thresholds hold."""
    rules = [word for rule in ("lost==0", "sent_share>=95%") for word in ("--rum-threshold", rule)]
    return locust.play("reference", "-t", "4s", *SMALL, "--rum-transport", "fasthttp", *rules)


def _secure(locust: Locust) -> Ended:
    """Send to a server of TLS, whose certificate is trusted because it is named."""
    with serving(says(NO_CONTENT), secure=True) as server:
        return locust.play("secure", "-t", "4s", *SMALL, "--host", f"https://localhost:{server.port}", "--rum-tls-ca", str(CERTIFICATE))


def _full(locust: Locust) -> Ended:
    """Run where no file can grow beyond some kilobytes, as on a disk that is full."""
    return locust.play("full", *SMALL, *two_processes(), file_blocks=80)


RUNS: Mapping[str, Callable[[Locust], Ended]] = {
    "plain": _plain,
    "forked": _forked,
    "faulty": _faulty,
    "fast": _fast,
    "hosted": _hosted,
    "refused": _refused,
    "interrupted_group": _interrupted_group,
    "killed": _killed,
    "bereft": _bereft,
    "restarted": _restarted,
    "mistaken": _mistaken,
    "slow": _slow,
    "behind": _behind,
    "deserted": _deserted,
    "full": _full,
    "spread": _spread,
    "starved": _starved,
    "packed": _packed,
    "reference": _reference,
    "secure": _secure,
}


@pytest.fixture(scope="session")
def locust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locust]:
    """Give what starts Locust."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # as in the background of a shell; our children would inherit it
        signal.signal(signal.SIGINT, signal.default_int_handler)
    starter = Locust(tmp_path_factory.mktemp("locust"))
    yield starter
    starter.close()


def _parameters(item: pytest.Item) -> list[object]:
    return list(item.callspec.params.values()) if hasattr(item, "callspec") else []


@pytest.fixture(scope="session")
def _runs(request: pytest.FixtureRequest, locust: Locust) -> Iterator[Callable[[str], Ended]]:
    """Begin the runs that the chosen tests ask for, by a fixture or a parameter; give what waits for one."""
    names: set[object] = set()
    for item in request.session.items:
        names.update(getattr(item, "fixturenames", ()))
        names.update(value for value in _parameters(item) if isinstance(value, str))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        begun = {name: pool.submit(play, locust) for name, play in RUNS.items() if name in names}
        yield lambda name: begun[name].result()


@pytest.fixture(scope="session")
def plain(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run of one process against its own collector."""
    return _runs("plain")


@pytest.fixture(scope="session")
def forked(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run of the same users by two processes, with a start of its own, ended by SIGTERM."""
    return _runs("forked")


@pytest.fixture(scope="session")
def faulty(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose collector loses, doubles and alters events."""
    return _runs("faulty")


@pytest.fixture(scope="session")
def fast(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run at speed 60 with more Locust users than are of use, ended by SIGINT."""
    return _runs("fast")


@pytest.fixture(scope="session")
def hosted(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run against a collector that was there before."""
    return _runs("hosted")


@pytest.fixture(scope="session")
def refused(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run against a host that refuses connections."""
    return _runs("refused")


@pytest.fixture(scope="session")
def interrupted_group(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run of two processes that was ended by Ctrl-C in a terminal: a SIGINT to all of them."""
    return _runs("interrupted_group")


@pytest.fixture(scope="session")
def killed(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run that was killed."""
    return _runs("killed")


@pytest.fixture(scope="session")
def bereft(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose collector was killed."""
    return _runs("bereft")


@pytest.fixture(scope="session")
def restarted(_runs: Callable[[str], Ended]) -> Ended:
    """Give two runs from one web UI."""
    return _runs("restarted")


@pytest.fixture(scope="session")
def mistaken(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run from a web UI that was given a wrong value before."""
    return _runs("mistaken")


@pytest.fixture(scope="session")
def slow(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose collector was slower than the load, ended by two Ctrl-C in a row."""
    return _runs("slow")


@pytest.fixture(scope="session")
def behind(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose generator could not keep up."""
    return _runs("behind")


@pytest.fixture(scope="session")
def deserted(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run of three workers that two left before its end."""
    return _runs("deserted")


@pytest.fixture(scope="session")
def full(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose disk was full."""
    return _runs("full")


@pytest.fixture(scope="session")
def spread(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run of the plain run's users by four processes."""
    return _runs("spread")


@pytest.fixture(scope="session")
def starved(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run whose generator had hardly any CPU."""
    return _runs("starved")


@pytest.fixture(scope="session")
def packed(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run with bodies in msgpack, compressed."""
    return _runs("packed")


@pytest.fixture(scope="session")
def reference(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run by Locust's own client."""
    return _runs("reference")


@pytest.fixture(scope="session")
def secure(_runs: Callable[[str], Ended]) -> Ended:
    """Give a run over TLS."""
    return _runs("secure")


@pytest.fixture(scope="session")
def dataset(plain: Ended, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Give the rows, by event id, that the command printed by the plain run writes."""
    return generate(plain.run["reproduce"], tmp_path_factory.mktemp("generated") / "plain")


@pytest.fixture(scope="session")
def generated(dataset: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give them as a collector stores them."""
    return without_arrivals(dataset)


@pytest.fixture(scope="session")
def run_command(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Path], dict[str, dict[str, Any]]]:
    """Give what runs a printed command and reads its events as a collector stores them."""
    return lambda command, out: without_arrivals(generate(command, out))


@pytest.fixture
def workers() -> tuple[str, ...]:
    """Give the options of a run by two workers."""
    return two_processes()


@pytest.fixture
def is_listening() -> Callable[[str], bool]:
    """Give what tells whether anything listens at a URL."""
    return listens


@pytest.fixture
def confessed() -> Callable[[Path], Sequence[dict[str, Any]]]:
    """Give what reads the faults that a collector says it did."""
    return lambda received: lines(received / "faults.ndjson")
