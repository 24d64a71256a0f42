"""Blocks are made by a Dask cluster that is there already, by workers of which some are lost."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from folders import bodies
from waiting import until

from simulator.errors import ProfileError

ROOT = Path(__file__).parents[2]
Make = Callable[..., Any]
SMALL: dict[str, Any] = {"hours": 1.0, "compiled": False}
WORKERS = 2
ARMED = "armed"
PRELOAD = f"""
# Whoever finds {ARMED!r} in the working folder takes it away and is killed, with a block's rows written and its file not yet in place.
import os
from pathlib import Path
from simulator.dataset.sink import Events

def closed(self):
    close(self)
    try:
        Path({ARMED!r}).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), 9)

if Events.close.__name__ != "closed":  # it is loaded more than once
    close, Events.close = Events.close, closed
"""
pytestmark = [pytest.mark.usefixtures("small_blocks"), pytest.mark.filterwarnings("default")]  # warnings of the cluster's own


class Cluster:
    """A scheduler and its workers, as processes in a folder of their own."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Start them; they end with the stack."""
        self.folder, self._stack = folder, stack
        (folder / "preload.py").write_text(PRELOAD)
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", "scheduler.json"]
        scheduler = self._start("scheduler", "--port", "0", *common)
        told = until(self._told, "the scheduler", scheduler)
        self.address: str = told["address"]
        workers = ["--no-nanny", "--nthreads", "1", "--preload", "preload.py", "--death-timeout", "30"]  # nobody starts one again
        self.workers = [self._start("worker", *common, *workers) for _ in range(WORKERS)]

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "dask", *words]
        process = self._stack.enter_context(subprocess.Popen(command, cwd=self.folder, env=environment, stderr=subprocess.DEVNULL))
        self._stack.callback(process.kill)
        return process

    def _told(self) -> Any:
        try:
            return json.loads((self.folder / "scheduler.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):  # it is being written
            return None


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Give a running cluster."""
    pytest.importorskip("distributed")
    with ExitStack() as stack:
        yield Cluster(tmp_path_factory.mktemp("cluster"), stack)


def test_a_cluster_that_is_there(cluster: Cluster, day: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of a scheduler elsewhere write into the folder that the command means, the same files as this process."""
    monkeypatch.chdir(tmp_path)
    make(day, Path("dask"), engine="dask", scheduler=cluster.address, **SMALL)
    make(day, Path("local"), **SMALL)
    assert bodies(tmp_path / "dask") == bodies(tmp_path / "local")


def test_a_worker_is_lost(cluster: Cluster, day: str, make: Make, tmp_path: Path) -> None:
    """A worker that is killed in the middle of a block costs nothing but time: others make it, and nothing of it is left."""
    (cluster.folder / ARMED).touch()
    make(day, tmp_path / "dask", engine="dask", scheduler=cluster.address, **SMALL)
    assert [process.poll() for process in cluster.workers].count(-9) == 1
    make(day, tmp_path / "local", **SMALL)
    assert bodies(tmp_path / "dask") == bodies(tmp_path / "local")


@pytest.mark.parametrize("address", ["nonsense", "carrier-pigeon://roof:1", "tcp://127.0.0.1:1"])
def test_no_scheduler(day: str, make: Make, tmp_path: Path, address: str) -> None:
    """What is no address, and an address where nobody answers, is one line, and nothing is begun."""
    pytest.importorskip("distributed")
    with pytest.raises(ProfileError) as caught:
        make(day, tmp_path / "data", engine="dask", scheduler=address, **SMALL)
    assert str(caught.value).startswith(f"--scheduler {address}: cannot be reached: ")
    assert not (tmp_path / "data").exists()


def test_a_scheduler_for_nobody(day: str, make: Make, tmp_path: Path) -> None:
    """A scheduler without Dask as the engine is refused before anything is made."""
    with pytest.raises(ProfileError, match="expected --engine dask"):
        make(day, tmp_path / "data", scheduler="tcp://127.0.0.1:1", **SMALL)
    assert not (tmp_path / "data").exists()
