"""Real runs of Locust, each a process of its own on loopback: `import locust` changes a whole interpreter, so no test imports it here.

A run is played once and looked at by many tests. Those that the chosen tests ask for are begun together, a few side by side: most of their time is
waiting, and so is that of tests that start processes of their own. So the tests marked `alone`, which measure milliseconds, come first; then the runs
are begun, and beside them go all tests that need none of them; last come those that look at a run.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from locusts import (
    BUSY,
    CALM,
    SMALL,
    USERS,
    Ended,
    Locust,
    Ui,
    collects,
    free_port,
    generate,
    interrupt,
    interrupt_twice,
    lines,
    pass_by,
    two_processes,
    wait_for_growth,
    without_arrivals,
)
from scripted import CERTIFICATE, NO_CONTENT, Visit, each, says, serving
from waiting import DEADLINE_S, until

from simulator.audit.ledger import read
from simulator.schema.words import FAILED

SIDE_BY_SIDE = 3
HOGS = 60  # so the generator has a sixtieth of a core, by groups of processes or by priority
TABLES = ("--csv", "table", "--html", "page.html")
WRONG_FIELDS = [("rum_rate", "-1"), ("rum_rate", "abc"), ("rum_rate", ""), ("rum_profile", "nope"), ("rum_seed", "-4"), ("rum_run_dir", "/tmp/x")]


def answer_late(visit: Visit) -> None:
    """Answer after two seconds."""
    threading.Event().wait(2)
    visit.answer(NO_CONTENT)


# ------------------------------------------------------------------------------------------------------------------- the runs, each played once
def _plain(locust: Locust) -> Ended:
    """Give a run of one process against its own collector."""
    return locust.play("plain", "-t", "8s", *USERS, *TABLES, RUM_RATE="10", RUM_SEED="7")


def _forked(locust: Locust) -> Ended:
    """Give a run of the same users by two processes, with a start of its own, ended by SIGTERM."""
    start = ("--rum-start", "2026-01-05T21:30:00+08:00")
    run = (*USERS, "--rum-rate", "10", "--rum-seed", "7", *start, *TABLES, *two_processes())
    return locust.play_until_stored("forked", *run, stop=lambda process: process.terminate(), enough=100)


def _faulty(locust: Locust) -> Ended:
    """Give a run whose collector loses, doubles and alters events."""
    faults = [word for kind in ("drop", "duplicate", "swap_field") for word in ("--rum-fault", f"{kind}=0.05")]
    return locust.play_until_stored("faulty", *SMALL, *faults, stop=interrupt, enough=150)


def _fast(locust: Locust) -> Ended:
    """Give a run at speed 60 with more Locust users than are of use, ended by SIGINT."""
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
    """Give a run against a host that refuses connections."""
    rules = [word for rule in ("response_p99<250ms", "sent_share>=95%") for word in ("--rum-threshold", rule)]
    return locust.play("refused", "-t", "5s", *SMALL, "--rum-unchecked", "--host", f"http://127.0.0.1:{free_port()}", *rules)


def _interrupted_group(locust: Locust) -> Ended:
    """Give a run of two processes that was ended by Ctrl-C in a terminal: a SIGINT to all of them."""
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


def _crowded(locust: Locust) -> Ended:
    """Send all on one connection to a collector that takes half a second for each answer: nearly all payloads still wait for it at the end."""
    rules = [word for rule in ("response_p99<100s", "censored_share<0.1%", "error_share==0") for word in ("--rum-threshold", rule)]
    return locust.play("crowded", "-t", "6s", *SMALL, *TABLES, "--rum-connections", "1", "--rum-fault", "delay=1:500", *rules)


def _holding(locust: Locust, hold_s: float) -> Callable[["subprocess.Popen[bytes]"], None]:
    """Give what holds a generator in the middle of a run for so long, and ends the run when it has caught up."""

    def hold(process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGSTOP)
        pass_by(hold_s)
        process.send_signal(signal.SIGCONT)
        wait_for_growth(locust.folder_of(process) / "run", [0], 100, process)
        interrupt(process)

    return hold


def _paused(locust: Locust) -> Ended:
    """Hold the generator for half a second in the middle of a run, less than makes a run invalid by itself."""
    return locust.play_until_stored(
        "paused", *SMALL, "--rum-threshold", "response_p100<300ms", "--rum-threshold", "lost==0", stop=_holding(locust, 0.5)
    )


def _slow_reference(locust: Locust) -> Ended:
    """Do the same by the plain reference among the transports."""
    crowd = (*SMALL, "--rum-connections", "8", "--rum-fault", "delay=1:500", "--rum-transport", "fasthttp")
    return locust.play_until_stored("slow-reference", *crowd, stop=interrupt, enough=60)


def _behind(locust: Locust) -> Ended:
    """Hold the generator for some seconds in the middle of a run, then end it."""
    return locust.play_until_stored("behind", *SMALL, stop=_holding(locust, 3))


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
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system gives no process a core of its own")

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
    rules = [word for rule in ("lost==0", "service_p50<1us", "error_share<0.1%") for word in ("--rum-threshold", rule)]
    return locust.play("packed", "-t", "4s", *SMALL, *forms, *rules)


def _reference(locust: Locust) -> Ended:
    """Send by the plain reference among the transports; both thresholds hold."""
    rules = [word for rule in ("lost==0", "sent_share>=95%") for word in ("--rum-threshold", rule)]
    return locust.play("reference", "-t", "4s", *SMALL, "--rum-transport", "fasthttp", *rules)


def _secure(locust: Locust) -> Ended:
    """Send to a server of TLS, whose certificate is trusted because it is named."""
    with serving(says(NO_CONTENT), secure=True) as server:
        return locust.play("secure", "-t", "4s", *SMALL, "--host", f"https://localhost:{server.port}", "--rum-tls-ca", str(CERTIFICATE))


def _exhausted(locust: Locust) -> Ended:
    """Have more connections than files, as the checks would tell, to a server that takes its time; the run has a long time to go."""
    with serving(each(answer_late)) as server:
        many = ("--rum-connections", "500", "--rum-unchecked", "--rum-threshold", "error_share<0.1%")
        return locust.play("exhausted", "-t", "60s", *SMALL, *many, "--host", f"http://127.0.0.1:{server.port}", files=90)


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
    "crowded": _crowded,
    "paused": _paused,
    "slow_reference": _slow_reference,
    "behind": _behind,
    "deserted": _deserted,
    "full": _full,
    "spread": _spread,
    "starved": _starved,
    "packed": _packed,
    "reference": _reference,
    "secure": _secure,
    "exhausted": _exhausted,
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


def _asked_for(item: pytest.Item) -> set[str]:
    """Give the runs that a test asks for, by a fixture or a parameter."""
    return RUNS.keys() & {*getattr(item, "fixturenames", ()), *(value for value in _parameters(item) if isinstance(value, str))}


def _turn(item: pytest.Item) -> int:
    return 0 if item.get_closest_marker("alone") else 2 if _asked_for(item) else 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that want the machine for themselves first and those that wait for a run last."""
    items.sort(key=_turn)


@pytest.fixture(scope="session")
def _runs(request: pytest.FixtureRequest, locust: Locust) -> Iterator[Callable[[str], Ended]]:
    """Begin the runs that the chosen tests ask for; give what waits for one."""
    names = set().union(*map(_asked_for, request.session.items))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        begun = {name: pool.submit(play, locust) for name, play in RUNS.items() if name in names}
        yield lambda name: begun[name].result()


@pytest.fixture(autouse=True)
def _begun(request: pytest.FixtureRequest) -> None:
    """Have the runs begun when the first test comes that is not to be alone."""
    if request.node.get_closest_marker("alone") is None:
        request.getfixturevalue("_runs")


def _fixture(name: str) -> Any:
    """Make the fixture that gives a run."""

    @pytest.fixture(scope="session", name=name)
    def give(_runs: Callable[[str], Ended]) -> Ended:
        return _runs(name)

    return give


globals().update({f"give_{name}": _fixture(name) for name in RUNS})


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
def still_collects() -> Callable[[Path], bool]:
    """Give what tells whether the collector that a collector.json tells of is still there."""
    return collects


@pytest.fixture
def confessed() -> Callable[[Path], Sequence[dict[str, Any]]]:
    """Give what reads the faults that a collector says it did."""
    return lambda received: lines(received / "faults.ndjson")
