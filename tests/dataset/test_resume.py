"""A dataset is made whole or can be gone on with, whatever happens, and what goes wrong is one line that says what to do."""

import contextlib
import errno
import itertools
import json
import multiprocessing
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from click.testing import CliRunner
from folders import SMALL, bodies, refused
from waiting import DEADLINE_S, until

from simulator import cli
from simulator.cli import main
from simulator.dataset import block
from simulator.dataset.block import Job
from simulator.dataset.generate import Request, generate
from simulator.dataset.manifest import Block, Manifest
from simulator.errors import DataError

RUN = block.run
TESTS = Path(__file__).parent
Make = Callable[..., Any]
Read = Callable[[Path], Manifest]


# ------------------------------------------------------------------------------------------------------------------------- resuming

KILLED = """
import os, sys
from pathlib import Path
from simulator.dataset import block
from simulator.dataset.generate import Request, generate
from simulator.profile import starters
block.DEVICES = 2
top, text = Path(sys.argv[1]), starters.read("incident-day")

def make(name, **more):
    for _ in generate(Request(profile=text, name="day", devices=3, hours=0.5, offset_hours=9.0, visits_per_day=30.0, seed=1, out=top / name, **more)):
        pass

def killed(step):
    def counted(do):
        def action(*arguments, **more):
            nonlocal step
            if step == 0:
                os.kill(os.getpid(), 9)
            step -= 1
            return do(*arguments, **more)
        return action
    for name in ("replace", "unlink", "open", "mkdir", "rmdir"):
        setattr(Path, name, counted(getattr(Path, name)))
    make(f"{number:03}")

make("whole")
number = 0
while True:
    if (child := os.fork()) == 0:
        try:
            killed(number)
        finally:
            os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
    make(f"{number:03}", resume=True)
    number += 1
"""


def test_killed_at_any_moment(tmp_path: Path) -> None:
    """Killed before any of its steps and resumed, a dataset is the same, byte for byte, and nothing else lies in its folder."""
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=True, env=os.environ | {"PYTHONPATH": str(TESTS.parent.parent)})
    whole = bodies(tmp_path / "whole")
    assert set(whole) == {"manifest.json", "profile.toml", "incidents.ndjson", *(f"events/block-0000{i}.ndjson" for i in range(2))}
    assert whole["incidents.ndjson"]
    others = [path for path in tmp_path.iterdir() if path.name != "whole"]
    assert len(others) > 30
    assert [path.name for path in others if bodies(path) != whole] == []


def test_what_is_done_is_not_made_again(day: str, half: Path, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resuming makes the blocks that are missing and tells of all; the dataset is that of an unbroken run."""
    made = []
    monkeypatch.setattr(block, "run", lambda job: made.append(job.number) or RUN(job))
    assert [b.number for b in make(day, half, resume=True, **SMALL)] == [0, 1, 2, 3]
    assert made == [2, 3]
    make(day, tmp_path / "whole", **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")
    made.clear()
    make(day, half, resume=True, **SMALL)  # it is whole
    assert made == []
    assert bodies(half) == bodies(tmp_path / "whole")
    (half / "events/block-00001.ndjson").unlink()
    make(day, half, resume=True, **SMALL)
    assert made == [1]
    assert bodies(half) == bodies(tmp_path / "whole")
    (half / "incidents.ndjson").unlink()
    make(day, half, resume=True, **SMALL)
    assert made == [1, 1, 2]  # those that have labels
    assert bodies(half) == bodies(tmp_path / "whole")


@pytest.mark.parametrize("whole", [True, False])
def test_a_profile_that_is_lost(day: str, half: Path, make: Make, tmp_path: Path, whole: bool) -> None:
    """The copy of the profile is made again, whether blocks are missing or none is."""
    make(day, tmp_path / "whole", **SMALL)
    if whole:
        make(day, half, resume=True, **SMALL)
    (half / "profile.toml").unlink()
    make(day, half, resume=True, **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")


def test_how_far_it_is(half: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done before counts as done, but neither for the rate nor for the time left."""
    steps = itertools.count(0, 10)
    monkeypatch.setattr(cli, "time", SimpleNamespace(monotonic=lambda: next(steps)))  # 10 s from one block to the next
    day = ["--devices", "70", "--hours", "0.3", "--seed", "3", "--visits-per-day", "4", "--offset", "14", "--interpreted"]
    result = CliRunner().invoke(main, ["generate", "incident-day", *day, "--out", str(half), "--resume"])
    assert result.exit_code == 0, result.stderr
    rows = [block["rows"] for block in json.loads((half / "manifest.json").read_bytes())["blocks"]]
    assert min(rows[1:3]) > 0
    third, fourth = result.stderr.splitlines()
    assert re.fullmatch(rf"block 3/4: {sum(rows[:3]):,} events, .* MB, {rows[2] / 10:,.0f}/s, 10 s left", third)
    assert re.fullmatch(rf"block 4/4: {sum(rows):,} events, .* MB, {(rows[2] + rows[3]) / 20:,.0f}/s, 0 s left", fourth)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"seed": 4}, "with --seed 3, found 4"),
        ({"hours": 0.4}, "with --hours 0.3, found 0.4"),
        ({"devices": 71}, "with --devices 70, found 71"),
        ({"offset_hours": 16.0}, "with --offset 14.0, found 16.0"),
        ({"visits_per_day": 5.0}, "with --visits-per-day 4.0, found 5.0"),
        ({"partition_by": "hour"}, "without --partition-by, found hour"),
        ({"start_ms": 1_800_000_000_000}, "with --start 2026-01-05T14:00:00.000Z, found 2027-01-15T08:00:00.000Z"),
    ],
)
def test_other_arguments(day: str, half: Path, make: Make, other: dict[str, Any], said: str) -> None:
    """A dataset is not gone on with as another."""
    assert f"was begun {said}; give the same" in refused(make, day, half, resume=True, **other)


@pytest.mark.parametrize("name", ["rumsim", "numpy", "a library of old"])
def test_other_versions(day: str, half: Path, make: Make, name: str) -> None:
    """A dataset is not gone on with by other versions of what makes it; they are no arguments."""
    document = json.loads((half / "unfinished/manifest.json").read_bytes())
    (document if name in document else document["versions"])[name] = "0.0.7"
    (half / "unfinished/manifest.json").write_text(json.dumps(document))
    message = refused(make, day, half, resume=True)
    assert message.startswith(f"--resume: {half} was begun with {name} 0.0.7, found ")
    assert message.endswith("; install the same versions, or name another --out")


def test_another_profile(day: str, half: Path, make: Make) -> None:
    """A profile that has changed is another one."""
    assert "was begun with PROFILE " in refused(make, day.replace("visits_per_day = ", "visits_per_day = 1"), half, resume=True)


def test_nothing_to_resume(day: str, make: Make, tmp_path: Path) -> None:
    """A folder without a dataset cannot be gone on with; one that is not there, or empty, can be begun."""
    (tmp_path / "mine.txt").write_text("precious")
    assert "mine.txt: is no file of a dataset" in refused(make, day, tmp_path, resume=True)
    (tmp_path / "mine.txt").rename(tmp_path / "profile.toml")
    assert "profile.toml: is no file of a dataset" in refused(make, day, tmp_path, resume=True)
    make(day, tmp_path / "new", resume=True, **SMALL)


def test_an_unfinished_dataset_is_not_overwritten(day: str, half: Path, make: Make, tmp_path: Path) -> None:
    """Without `--resume` or `--force` an unfinished dataset is left as it is; with `--force` it is made anew."""
    assert "has an unfinished dataset; --resume goes on with it, --force makes it anew" in refused(make, day, half)
    make(day, half, force=True, **SMALL | {"seed": 9})
    make(day, tmp_path / "whole", **SMALL | {"seed": 9})
    assert bodies(half) == bodies(tmp_path / "whole")


def test_ctrl_c(half: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is one line that says how many blocks are done and what makes the others, and exit code 130."""

    def interrupted(job: Job) -> Block:
        if job.number == 3:
            raise KeyboardInterrupt
        return RUN(job)

    monkeypatch.setattr(block, "run", interrupted)
    command = [
        "generate",
        "incident-day",
        "--devices",
        "70",
        "--hours",
        "0.3",
        "--seed",
        "3",
        "--visits-per-day",
        "4",
        "--offset",
        "14",
        "--interpreted",
        "--resume",
        "--out",
    ]
    result = CliRunner().invoke(main, [*command, str(half)])
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "rumsim: stopped; 3 of 4 blocks are done: the same command with --resume makes the others"
    assert result.stdout == ""
    monkeypatch.undo()
    monkeypatch.setattr(block, "DEVICES", 20)
    assert CliRunner().invoke(main, [*command, str(half)]).exit_code == 0
    assert not (half / "unfinished").exists()


# -------------------------------------------------------------------------------------------------------------- what cannot be written


def test_a_full_disk(shop: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that cannot be written is one line that names the file and what to do, and leaves no part behind."""
    opened = Path.open

    class Full:
        """A file on a full disk."""

        def __init__(self, path: Path) -> None:
            self._file = opened(path, "wb")

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", lambda path, mode="r", *rest, **more: Full(path) if "block" in path.name else opened(path, mode, *rest, **more))
    with pytest.raises(DataError) as caught:
        make(shop, tmp_path / "data")
    monkeypatch.undo()
    message = str(caught.value)
    assert message == (
        f"{tmp_path / 'data' / 'events' / 'block-00000.ndjson'}: cannot be written: No space left on device; free space, "
        "then run the same command with --resume"
    )
    assert "\n" not in message
    assert set(bodies(tmp_path / "data")) == {"profile.toml", "unfinished/manifest.json"}
    make(shop, tmp_path / "data", resume=True)


def test_a_disk_that_is_full_from_the_start(shop: str, make: Make, tmp_path: Path) -> None:
    """The copy of the profile that cannot be written is one line, too."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(shop) // 2, limits[1]))
    try:
        with pytest.raises(DataError) as caught:
            make(shop, tmp_path / "data", compiled=False)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert str(caught.value).startswith(f"{tmp_path / 'data' / 'profile.toml'}: cannot be written: File too large; free space, then run ")


def test_a_manifest_that_cannot_be_written(shop: str, tmp_path: Path) -> None:
    """A manifest that cannot be written, when all blocks are, is one line."""
    blocks = generate(Request(profile=shop, name="shop", devices=2, hours=0.1, seed=1, out=tmp_path / "data", compiled=False))
    next(blocks)
    (tmp_path / "data" / "manifest.json").mkdir()
    with pytest.raises(DataError) as caught:
        next(blocks)
    assert str(caught.value).startswith(
        f"{tmp_path / 'data' / 'manifest.json'}: cannot be written: Is a directory; move away what is there, then run "
    )


# ---------------------------------------------------------------------------------------------------- workers; what they run must be importable


def die(job: Job) -> Block:
    """Be killed in the middle of a block, as a worker."""
    if multiprocessing.parent_process():
        Path(job.out, f"events/block-{job.number:05}.ndjson.host-{os.getpid()}.part").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return RUN(job)


def stay(job: Job) -> Block:
    """Never come to an end, as a worker."""
    if multiprocessing.parent_process():
        Path(job.out, f"events/block-{job.number:05}.ndjson.host-{os.getpid()}.part").touch()
        signal.pause()
    return RUN(job)


@pytest.mark.usefixtures("small_blocks")
def test_a_worker_that_is_killed(shop: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed is one line that says what to do, and what it left can be gone on with."""
    monkeypatch.setattr(block, "run", die)
    with pytest.raises(DataError) as caught:
        make(shop, tmp_path / "data", hours=0.1, compiled=False, workers=2)
    what_to_do = "run the same command with --resume, perhaps with fewer --workers"
    assert str(caught.value) == f"{tmp_path / 'data'}: a worker process ended before its block was done (killed, or out of memory); {what_to_do}"
    monkeypatch.undo()
    monkeypatch.setattr(block, "DEVICES", 20)
    make(shop, tmp_path / "data", hours=0.1, compiled=False, resume=True)
    make(shop, tmp_path / "whole", hours=0.1, compiled=False)
    assert bodies(tmp_path / "data") == bodies(tmp_path / "whole")


ENDLESS = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
import test_resume
from simulator.dataset import block
from simulator.dataset.generate import Request, generate
from simulator.profile import starters
block.DEVICES, block.run = 2, test_resume.stay
shop = starters.read("shop")
list(generate(Request(profile=shop, name="shop", devices=6, hours=0.1, seed=1, out=Path(sys.argv[1]), workers=2, compiled=False)))
"""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    """When the command is told to end, or killed, its workers end, and so does all else that it started."""
    command = [sys.executable, "-c", ENDLESS, str(tmp_path / "data"), str(TESTS), str(TESTS.parent)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            until(lambda: len([*tmp_path.rglob("*.part")]) == 2, "two workers", process)
            process.send_signal(how)
            process.communicate(timeout=DEADLINE_S)  # which ends when nobody holds the pipe any more
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == -how


@pytest.mark.parametrize("options", [{"resume": True}, {"force": True}])
def test_a_writer_that_still_runs(day: str, half: Path, make: Make, tmp_path: Path, options: dict[str, bool]) -> None:
    """A block that another process is writing is left to it; when that has ended, or it was one of another machine, it is made again."""
    make(day, tmp_path / "whole", **SMALL)
    part = f"events/block-00002.ndjson.{os.uname().nodename}-"
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as other:
        (half / f"{part}{other.pid}.part").touch()
        assert f"is being written by process {other.pid}; wait until" in refused(make, day, half, **options)
        make(day, half, blocks=(2, 3), **SMALL)  # a share beside it may
        assert (half / f"{part}{other.pid}.part").exists()
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and its number is still taken
        for ended in (f"{part}{os.getpid()}.part", "events/block-00002.ndjson.elsewhere-1.part"):
            (half / ended).touch()
        make(day, half, **SMALL | options)
    assert bodies(half) == bodies(tmp_path / "whole")


@pytest.mark.parametrize("there", ["unfinished/manifest.json.elsewhere-1.part", "profile.toml.elsewhere-1.part"])
def test_shares_that_begin_at_once(day: str, make: Make, small_blocks: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    """A share goes on where another has just begun, whose parts come and go while it looks."""
    part = tmp_path / "data" / there
    part.parent.mkdir(parents=True)
    part.touch()
    walk = os.walk
    monkeypatch.setattr(os, "walk", lambda *a, **b: ((at, folders, [*names, "gone"]) for at, folders, names in walk(*a, **b)))
    make(day, tmp_path / "data", blocks=(0, 1), **SMALL)
    assert part.exists()
    assert (tmp_path / "data/unfinished/block-00000.json").exists()


def test_some_blocks_of_a_whole_dataset_are_not_made_anew_alone(day: str, make: Make, small_blocks: None, tmp_path: Path) -> None:
    """The others would be gone: it is refused, and nothing changes."""
    make(day, tmp_path / "whole", **SMALL)
    said = refused(make, day, tmp_path / "whole", blocks=(1, 2), force=True)
    assert "would leave these blocks alone" in said
