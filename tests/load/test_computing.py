"""The process beside the event loop. None of this imports Locust."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from waiting import until

from simulator.errors import DataError
from simulator.load.computing import Computing, apart


class OddError(Exception):
    """Takes two values, and shows one."""

    def __init__(self, one: int, two: int) -> None:
        """Show the sum."""
        super().__init__(one + two)


class Counter:
    """What the process has."""

    def __init__(self, start: int) -> None:
        """Begin with a number."""
        if start < 0:
            raise DataError("found a number below 0")
        self.count = start

    def add(self, number: int, *, times: int = 1) -> int:
        """Add a number."""
        self.count += number * times
        return self.count

    def echo(self, value: object) -> object:
        """Give what was given."""
        return value

    def wait_for(self, path: Path) -> str:
        """Wait until there is a file."""
        while not path.exists():
            time.sleep(0.005)
        return path.name

    def fail(self, *, quietly: bool) -> None:
        """Fail, by the user's fault or by ours."""
        raise DataError("the disk is full") if quietly else ValueError("no")

    def fail_oddly(self) -> None:
        """Fail with what cannot be made of words again."""
        raise OddError(1, 2)

    def give_a_function(self) -> object:
        """Give what cannot be put into words."""
        return lambda: None

    def compute(self, seconds: float) -> None:
        """Take CPU time."""
        ends = time.process_time() + seconds
        while time.process_time() < ends:
            pass

    def files(self) -> int:
        """Count the open files."""
        return len(os.listdir("/dev/fd"))  # noqa: PTH208

    def pid(self) -> int:
        """Tell the process."""
        return os.getpid()


@pytest.fixture
def computing() -> Iterator[Computing[Counter]]:
    """Give one."""
    made = Computing(Counter, 5)
    yield made
    made.close()


def is_there(pid: int) -> bool:
    """Tell whether there is such a process, and not only what is left of one after which nobody has looked."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" if sys.platform == "linux" else True
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_it_is_done_in_another_process(computing: Computing[Counter]) -> None:
    """What is asked for comes back, from a process that is not the caller's, and what that has lasts."""
    assert computing.do(Counter.pid) == computing.pid != os.getpid()
    assert computing.do(Counter.add, 2) == 7
    assert computing.do(Counter.add, 10, times=2) == 27


def test_large_values_come_whole(computing: Computing[Counter]) -> None:
    """What does not fit into a pipe at once is sent, and answered, in parts."""
    value = [os.urandom(3_000_000), *range(10_000)]
    assert computing.do(Counter.echo, value) == value


def test_errors_are_raised_where_it_was_asked_for(computing: Computing[Counter], capfd: pytest.CaptureFixture[str]) -> None:
    """An error is the caller's, printed by nobody, and the process goes on; one that is nobody's fault says where it was."""
    with pytest.raises(DataError, match="the disk is full") as quiet:
        computing.do(Counter.fail, quietly=True)
    assert not hasattr(quiet.value, "__notes__")
    with pytest.raises(ValueError, match="no") as loud:
        computing.do(Counter.fail, quietly=False)
    assert "in fail" in loud.value.__notes__[0]
    assert computing.do(Counter.add, 1) == 6
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_sent_is_an_error(computing: Computing[Counter]) -> None:
    """An error that is lost on the way, or a value, is told in words; nobody waits for ever, and the process goes on."""
    with pytest.raises(RuntimeError, match="OddError: 3"):
        computing.do(Counter.fail_oddly)
    with pytest.raises(Exception, match="pickle"):
        computing.do(Counter.give_a_function)
    assert computing.do(Counter.add, 1) == 6


def test_who_cannot_be_built_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is that of the building, and no process is left."""
    made: list[int] = []

    def fork() -> int:
        made.append(os.fork())
        return made[-1]

    monkeypatch.setattr("simulator.load.computing._fork", fork)
    with pytest.raises(DataError, match="below 0"):
        Computing(Counter, -1)
    assert not is_there(made[0])


def test_others_go_on_meanwhile_and_in_order(computing: Computing[Counter], tmp_path: Path) -> None:
    """While the process is at it other greenlets run; what they ask for comes after."""
    first = gevent.spawn(computing.do, Counter.wait_for, tmp_path / "go on")
    second = gevent.spawn(computing.do, Counter.add, 1)
    gevent.sleep(0)
    assert not first.ready()
    (tmp_path / "go on").touch()
    second.get(timeout=10)
    assert first.value == "go on"


def test_its_cpu_time_is_counted(computing: Computing[Counter]) -> None:
    """What the process computes counts; what it waits for does not."""
    before = computing.cpu_s
    computing.do(Counter.compute, 0.02)
    assert before + 0.02 <= computing.cpu_s < before + 1


def test_an_end_of_its_own_is_said(computing: Computing[Counter], tmp_path: Path) -> None:
    """Who waits for an answer of a process that is killed hears of it, and so does who asks later."""
    waits = gevent.spawn(computing.do, Counter.wait_for, tmp_path / "never")
    gevent.sleep(0)
    os.kill(computing.pid, signal.SIGKILL)
    for ask in (waits.get, lambda: computing.do(Counter.pid)):
        with pytest.raises(DataError, match="killed, or out of memory"):
            ask()


def test_it_is_closed_at_once(computing: Computing[Counter], tmp_path: Path) -> None:
    """What it is at is given up, and closing it twice is harmless."""
    waits = gevent.spawn(computing.do, Counter.wait_for, tmp_path / "never")
    gevent.sleep(0)
    computing.close()
    computing.close()
    assert isinstance(waits.exception, DataError)
    assert not is_there(computing.pid)


def test_signals_are_for_who_sends(computing: Computing[Counter]) -> None:
    """Ctrl-C reaches all processes of a terminal; the run ends in good order, and this process with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(computing.pid, number)
    assert computing.do(Counter.add, 1) == 6


def test_it_has_no_files_but_its_own(computing: Computing[Counter]) -> None:
    """Nothing that was open where it comes from stays open for it: the three of every process, two pipes, and what looks."""
    assert computing.do(Counter.files) == 6


LEAVE = """
import os, signal
from simulator.load.computing import Computing
print(Computing(list).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_ends_with_who_made_it() -> None:
    """A process that is killed leaves none behind."""
    ended = subprocess.run([sys.executable, "-c", LEAVE], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    until(lambda: not is_there(int(ended.stdout)), "the end of the process")


def test_what_is_done_apart_leaves_nothing() -> None:
    """It is done, but not here; and where it fails, this process ends, too."""
    done: list[int] = []
    apart(lambda: done.append(1))
    assert done == []
    with pytest.raises(SystemExit) as end:
        apart(lambda: sys.exit(7))
    assert end.value.code == 7


def test_what_fails_apart_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    """A fault of ours is told with where it was."""
    with pytest.raises(SystemExit) as end:
        apart(lambda: Counter(0).fail(quietly=False))
    assert end.value.code == 1
    assert "ValueError: no" in capfd.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is said")
def test_what_is_killed_apart_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    """One line, and the exit code that a shell would give."""
    with pytest.raises(SystemExit) as end:
        apart(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert end.value.code == 128 + signal.SIGKILL
    assert "was ended by SIGKILL" in capfd.readouterr().err


STOPPED = """
import os, signal, sys
from simulator.load.computing import Computing
made = Computing(list)
os.kill(made.pid, signal.SIGSTOP)
print(made.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when it is asked, or goes on")
def test_one_that_stands_still_ends_with_who_made_it() -> None:
    """The system ends it, so it need not notice anything."""
    ended = subprocess.run([sys.executable, "-c", STOPPED], capture_output=True, text=True, check=False, timeout=60)
    until(lambda: not is_there(int(ended.stdout)), "the end of the process")
