"""Whoever makes the blocks, and wherever they are written, the dataset is the same."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from folders import bodies
from waiting import DEADLINE_S, until

from simulator.cli import main
from simulator.dataset.folder import open_folder
from simulator.dataset.manifest import Manifest
from simulator.errors import ProfileError, RumsimError

Make = Callable[..., Any]
Read = Callable[[Path], Manifest]
SMALL: dict[str, Any] = {"hours": 1.0, "compiled": False}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.filterwarnings("default")  # the cluster's own
def test_dask(day: str, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A Dask cluster of two workers makes the same files, and has nothing to warn of."""
    pytest.importorskip("distributed")
    monkeypatch.setattr(logging.getLogger("distributed"), "propagate", True)
    make(day, tmp_path / "dask", engine="dask", workers=2, **SMALL)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING and record.name.startswith("distributed")] == []
    make(day, tmp_path / "local", **SMALL)
    assert bodies(tmp_path / "dask") == bodies(tmp_path / "local")


@pytest.mark.parametrize("moment", ["manifest.json", "block-*.json"])
def test_ctrl_c_on_dask(tmp_path: Path, moment: str) -> None:
    """Ctrl-C in a terminal, while the cluster starts or works, is one line, and no process of it is left."""
    pytest.importorskip("distributed")
    command = [sys.executable, "-m", "simulator", "generate", "shop", "--interpreted", "--devices", "400000", "--hours", "1", "--seed", "1"]
    command += ["--engine", "dask", "--workers", "2", "--out", str(tmp_path / "data")]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: list((tmp_path / "data/unfinished").glob(moment)), moment, process)
        os.killpg(process.pid, signal.SIGINT)
        told, errors = process.communicate(timeout=DEADLINE_S)  # which waits until nobody has the other end of either
    assert (process.returncode, told) == (130, "")
    lines = [line for line in errors.splitlines() if not re.match(r"block \d+/200: ", line)]
    assert re.fullmatch(r"rumsim: stopped; \d+ of 200 blocks are done: the same command with --resume makes the others", "\n".join(lines))


LOST = """
# Of a cluster's own workers the first ones, as many as are asked for, are killed with a block's rows written and its file not yet in place.
import os, sys
from pathlib import Path
from simulator.dataset import block
from simulator.dataset.generate import Request, generate
from simulator.dataset.sink import Events
from simulator.errors import RumsimError
from simulator.profile import starters

out, armed, main, close = sys.argv[1], [Path(f"{sys.argv[1]}.{i}") for i in range(int(sys.argv[2]))], os.getpid(), Events.close

def closed(self):
    close(self)
    for path in armed if os.getpid() != main else ():
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        os.kill(os.getpid(), 9)

if __name__ == "__main__":
    for path in armed:
        path.touch()
    block.DEVICES, Events.close = 20, closed
    try:
        for made in generate(Request(profile=starters.read("incident-day"), name="day", devices=70, hours=0.3, offset_hours=14.0, seed=3,
                                     visits_per_day=4.0, compiled=False, engine="dask", workers=2, out=out)):
            print(made.number)
    except RumsimError as error:
        sys.exit(f"rumsim: {error}")
"""


@pytest.mark.usefixtures("small_blocks")
def test_own_workers_are_lost(day: str, make: Make, tmp_path: Path) -> None:
    """What a worker that is killed was at is made by the other; when both are, it is one line that says what to do, and can be gone on with."""
    pytest.importorskip("distributed")
    make(day, tmp_path / "whole", **SMALL | {"hours": 0.3, "offset_hours": 14.0})
    for lost, said in (
        (1, ""),
        (2, "rumsim: the workers of the cluster have ended before their blocks were done; run the same command with --resume"),
    ):
        out = tmp_path / f"lost{lost}"
        done = subprocess.run([sys.executable, "-c", LOST, str(out), str(lost)], capture_output=True, text=True, check=False, timeout=DEADLINE_S)
        assert list(tmp_path.glob(f"{out.name}.*")) == []  # so many were killed
        assert done.stderr.strip().splitlines()[-1:] == ([said] if said else [])
        assert sorted(done.stdout.split()) == (["0"] if said else ["0", "1", "2", "3"])
        if said:
            make(day, out, resume=True, **SMALL | {"hours": 0.3, "offset_hours": 14.0})
        assert bodies(out) == bodies(tmp_path / "whole")


@pytest.mark.usefixtures("small_blocks")
def test_blocks_by_several(day: str, make: Make, tmp_path: Path) -> None:
    """Blocks that were made by several commands into one folder are put together by `--resume`."""
    make(day, tmp_path / "parts", blocks=(1, 3), **SMALL)
    make(day, tmp_path / "parts", blocks=(0, 1), **SMALL)
    assert not (tmp_path / "parts/manifest.json").exists()
    make(day, tmp_path / "parts", resume=True, **SMALL)
    make(day, tmp_path / "whole", **SMALL)
    assert bodies(tmp_path / "parts") == bodies(tmp_path / "whole")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("blocks", [(0, 5), (3, 3), (2, 1), (4, 5)])
def test_blocks_that_are_not(day: str, make: Make, tmp_path: Path, blocks: tuple[int, int]) -> None:
    """Blocks beyond the last are refused in one line before anything is made."""
    with pytest.raises(ProfileError, match="expected some of the blocks 0:4"):
        make(day, tmp_path / "data", blocks=blocks, **SMALL)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("value", ["1", "a:b", ":", "-1:2"])
def test_blocks_that_are_no_range(tmp_path: Path, value: str) -> None:
    """What is no range is the user's mistake."""
    options = ["--devices", "2", "--hours", "1", "--seed", "1", "--out", str(tmp_path / "data"), f"--blocks={value}"]
    result = CliRunner().invoke(main, ["generate", "shop", *options])
    assert result.exit_code == 2
    assert "expected two numbers" in result.stderr


def test_which_blocks_were_made(tmp_path: Path) -> None:
    """A part is told as it was asked for."""
    options = ["--devices", "2", "--hours", "1", "--seed", "1", "--out", str(tmp_path / "data"), "--blocks", "0:1", "--interpreted"]
    result = CliRunner().invoke(main, ["generate", "shop", *options])
    assert result.stdout.startswith(f"{tmp_path / 'data'}: blocks 0:1: ")


@pytest.mark.parametrize(("by", "folders"), [("day", 2), ("hour", 4)])
def test_partitions(day: str, make: Make, manifest: Read, tmp_path: Path, by: str, folders: int) -> None:
    """A file holds what arrives in its hour or day, under any start; together they are the rows of a dataset in one piece."""
    options: dict[str, Any] = {"devices": 20, "hours": 3.0, "start_ms": 1_767_571_200_000 - 5_400_000}
    make(day, tmp_path / "whole", **options)
    make(day, tmp_path / "parts", partition_by=by, **options)
    assert manifest(tmp_path / "parts").digest == manifest(tmp_path / "whole").digest
    names = [file.name for file in manifest(tmp_path / "parts").blocks[0].files]
    assert len(names) == folders
    together = []
    for name in names:
        for line in (tmp_path / "parts" / name).read_bytes().splitlines():
            row = json.loads(line)
            day_, hour = divmod(row["arrived_at"] - 1_767_571_200_000, 86_400_000)
            folder = f"events/date=2026-01-0{5 + day_}/" + (f"hour={hour // 3_600_000:02}/" if by == "hour" else "")
            assert name == f"{folder}block-00000.ndjson"
            together.append(line)
    assert sorted(together) == sorted((tmp_path / "whole/events/block-00000.ndjson").read_bytes().splitlines())


def test_labels_of_partitions(day: str, make: Make, tmp_path: Path) -> None:
    """Labels stand in the same order, however the rows are parted."""
    options: dict[str, Any] = {"devices": 300, "hours": 8.0, "offset_hours": 8.0, "compiled": False}
    for by in (None, "hour", "day"):
        make(day, tmp_path / str(by), partition_by=by, **options)
    labels = [(tmp_path / by / "incidents.ndjson").read_bytes() for by in ("None", "hour", "day")]
    assert labels[0].count(b"\n") > 5
    assert labels[1:] == labels[:1] * 2


def test_partitioned_sessions(day: str, make: Make, tmp_path: Path) -> None:
    """Sessions have no partitions."""
    with pytest.raises(ProfileError, match="--partition-by"):
        make(day, tmp_path / "data", kind="sessions", partition_by="day", **SMALL)


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the URL of a bucket on a server of this machine."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server")
    import boto3

    started = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    started.start()
    host, port = started.get_host_and_port()
    for name, value in {
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
        "DEFAULT_REGION": "us-east-1",
        "ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    boto3.client("s3").create_bucket(Bucket="data")
    yield "s3://data/sets/one"
    started.stop()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.filterwarnings("default")  # the store's own
def test_an_object_store(day: str, make: Make, tmp_path: Path, bucket: str) -> None:
    """Written to S3, gone on with and put together there, a dataset has the same objects as a folder has files."""
    make(day, tmp_path / "local", file_format="parquet", **SMALL)
    make(day, bucket, blocks=(0, 2), file_format="parquet", **SMALL)
    make(day, bucket, resume=True, file_format="parquet", **SMALL)
    store = open_folder(bucket)
    assert {name: store.read(name) for name in store.files()} == bodies(tmp_path / "local")
    with pytest.raises(ProfileError, match="a dataset"):
        make(day, bucket, file_format="parquet", **SMALL)


@pytest.mark.parametrize(
    ("step", "place"), [("find", "--out broken://sets/one"), *((step, "broken://sets/one/") for step in ("open", "write", "commit"))]
)
def test_errors_of_a_store(day: str, make: Make, monkeypatch: pytest.MonkeyPatch, step: str, place: str) -> None:
    """What a store's library raises is one line with what it says, whenever it happens, though it is no OSError."""
    fsspec = pytest.importorskip("fsspec")
    from fsspec.implementations.memory import MemoryFile, MemoryFileSystem

    def refuse(*_: Any, **__: Any) -> None:
        raise CredentialsError("unable to locate\ncredentials")

    class File(MemoryFile):  # type: ignore[misc]
        """A file that cannot be written, or not be put into place."""

    class Broken(MemoryFileSystem):  # type: ignore[misc]
        """A store that refuses one step."""

        protocol = "broken"
        store: ClassVar[dict[str, Any]] = {}
        cachable = False

        def _open(self, path: str, *_: Any, **__: Any) -> Any:
            return File(self, path)

    monkeypatch.setattr(*{"find": (Broken, "find"), "open": (Broken, "_open")}.get(step, (File, step)), refuse)
    fsspec.register_implementation("broken", Broken, clobber=True)
    with pytest.raises(RumsimError) as caught:
        make(day, "broken://sets/one", **SMALL)
    assert str(caught.value).startswith(place)
    assert "CredentialsError: unable to locate\\ncredentials" in str(caught.value)


class CredentialsError(Exception):
    """An error of a store's library."""


def test_a_store_that_is_only_read(day: str, make: Make) -> None:
    """A URL of a kind that cannot be written to is one line that does not tell to go on with it."""
    pytest.importorskip("aiohttp")
    with pytest.raises(
        ProfileError, match=r"^--out http://127\.0\.0\.1:1/x: can only be read; expected a folder, or a URL such as s3://bucket/path$"
    ):
        make(day, "http://127.0.0.1:1/x", **SMALL)


def test_a_store_that_nobody_knows(day: str, make: Make) -> None:
    """A URL of a kind that is not known is one line that does not tell to install what would not help."""
    with pytest.raises(ProfileError, match=r"--out nosuch://place: .*; expected a folder, or a URL such as s3://bucket/path$"):
        make(day, "nosuch://place", **SMALL)


@pytest.mark.parametrize(("out", "said"), [("", "found nothing"), ("file:///data", "found the URL of a folder of this machine; expected its path")])
def test_an_out_that_is_nowhere(day: str, make: Make, out: str, said: str) -> None:
    """An --out that is empty, or the URL of a folder, is one line."""
    with pytest.raises(ProfileError, match=f"^--out.*: {said}"):
        make(day, out, **SMALL)
