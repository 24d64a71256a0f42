"""A row is the same in every format, whatever its strings hold, and so is the digest."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from folders import bodies
from invariants import everything

from simulator.cli import main
from simulator.dataset import generate as generating
from simulator.dataset.generate import Request, stream
from simulator.dataset.manifest import Manifest
from simulator.play import columns
from simulator.profile import starters
from simulator.profile.editions import EDITIONS
from simulator.report.query import query
from simulator.schema.columns import DATASET_COLUMNS

Make = Callable[..., Any]
Read = Callable[[Path], Manifest]
SMALL = 300
"""Bytes of a column that compressing would not make smaller, pages' heads included."""
FORMATS = ("ndjson", "msgpack", "parquet", "arrow")
ODD = {
    '"shop@5f1d7c"': "say \"hi\"\\ and/or 'bye'",
    'version = "6.4.0"': "tab\tnew\nline\r\x00\x01\x1b\x7f\b\f",
    'path = "/list"': '/"quoted"\\',
    'path = "/detail/{id}"': "/🛒👩‍👩‍👧🇨🇳{id}\"'",
    'path = "/api/products"': "/مرحبا \u202eשלום\u202c abc",
    'path = "/static/shop.js"': "/\x1b\t.js",
    'name = "Filter"': "\x01\x02",
    'name = "Photo"': "صورة",
    'name = "TypeError"': "🛒" * 12,
    'model = "wifi"': "\u2028\u2029\ufeff𝔘",
    'name = "Windows"': 'W"\\',
}


def odd(text: str) -> str:
    """Put strings that are hard to print in the place of what people have named."""
    for old, new in ODD.items():
        assert old in text
        head, equals, _ = old.partition(" = ")
        text = text.replace(old, head + equals + quoted(new) if equals else quoted(new))
    return text


def quoted(text: str) -> str:
    """Write a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


PROFILES = {name: starters.read(name) for name in starters.names()} | {"everything": everything(), "odd": odd(starters.read("shop"))}


def rows(folder: Path) -> list[dict[str, Any]]:
    """Give the rows of a dataset of any format, in order, as an analyst's library reads them."""
    found: list[dict[str, Any]] = []
    for path in sorted((folder / "events").iterdir()):
        if path.suffix == ".ndjson":
            found += [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
        elif path.suffix == ".msgpack":
            found += list(msgpack.Unpacker(io.BytesIO(path.read_bytes())))
        else:
            table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_stream(path.read_bytes()).read_all()
            table.validate(full=True)
            found += [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]
    return [row | ({"binary_images": {}} if row.get("binary_images") == "{}" else {}) for row in found]


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", PROFILES)
def test_a_row_is_the_same_in_every_format(name: str, make: Make, manifest: Read, tmp_path: Path) -> None:
    """Every line of JSON parses and is the row of msgpack, Parquet and Arrow, column by column in one order, with the same digest."""
    for file_format in FORMATS:
        make(PROFILES[name], tmp_path / file_format, devices=30, hours=8.0, visits_per_day=12.0, file_format=file_format)
    expected = rows(tmp_path / "ndjson")
    assert len(expected) > 300
    for file_format in FORMATS:
        assert rows(tmp_path / file_format) == expected
        assert [list(row) for row in rows(tmp_path / file_format)] == [list(row) for row in expected]
    found = {file_format: manifest(tmp_path / file_format) for file_format in FORMATS}
    assert {(m.digest, m.rows) for m in found.values()} == {(found["ndjson"].digest, len(expected))}
    assert {file_format: m.file_format for file_format, m in found.items()} == {file_format: file_format for file_format in FORMATS}


def test_all_editions_are_compared(make: Make, tmp_path: Path) -> None:
    """The profile with everything has events of every edition's version and session form, so its comparison is one of all."""
    make(PROFILES["everything"], tmp_path / "data", devices=60, hours=12.0)
    assert len({(row["_v"], row["app.type"], len(row["session.id"])) for row in rows(tmp_path / "data")}) == len(EDITIONS)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("how", [{"workers": 2}, {"compiled": False}], ids=["two workers", "interpreted"])
def test_the_same_bytes_in_every_format(make: Make, tmp_path: Path, file_format: str, how: dict[str, Any]) -> None:
    """One worker or two, compiled or interpreted: the same bytes, whatever was made in the process before."""
    options: dict[str, Any] = {"devices": 50, "hours": 2.0, "file_format": file_format}
    make(everything(), tmp_path / "one", **options)
    make(everything(), tmp_path / "other", **options | how)
    assert [(p.name, p.read_bytes()) for p in sorted((tmp_path / "one/events").iterdir())] == [
        (p.name, p.read_bytes()) for p in sorted((tmp_path / "other/events").iterdir())
    ]


@pytest.mark.parametrize("file_format", ["parquet", "arrow"])
@pytest.mark.parametrize("kind", ["events", "payloads"])
def test_the_same_groups(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, file_format: str) -> None:
    """Compiled or interpreted, groups of rows end at the same row, so that files of several have the same bytes, too."""
    monkeypatch.setattr(columns, "GROUP", 1_000)
    for compiled in (True, False):
        make(everything(), tmp_path / str(compiled), kind=kind, file_format=file_format, compiled=compiled)
    assert bodies(tmp_path / "True") == bodies(tmp_path / "False")


def test_groups_of_rows(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are written in groups; each has dictionaries of its own, without a value twice, and no statistics."""
    make(everything(), tmp_path / "ndjson")
    monkeypatch.setattr(columns, "GROUP", 1_000)
    make(everything(), tmp_path / "parquet", file_format="parquet")
    make(everything(), tmp_path / "arrow", file_format="arrow")
    assert rows(tmp_path / "parquet") == rows(tmp_path / "arrow") == rows(tmp_path / "ndjson")
    file = pq.ParquetFile(tmp_path / "parquet/events/block-00000.parquet")
    assert file.num_row_groups > 1
    assert [name for name in DATASET_COLUMNS if name in file.schema_arrow.names] == file.schema_arrow.names
    column = {file.schema_arrow.names[i]: file.metadata.row_group(0).column(i) for i in range(file.metadata.num_columns)}
    assert all(part.compression == "ZSTD" or part.total_uncompressed_size < SMALL for part in column.values())
    assert all(part.statistics is None for part in column.values())
    assert "DELTA_BINARY_PACKED" in column["timestamp"].encodings
    assert "RLE_DICTIONARY" in column["url"].encodings
    assert "RLE_DICTIONARY" not in column["event_id"].encodings
    with pa.ipc.open_stream((tmp_path / "arrow/events/block-00000.arrows").read_bytes()) as batches:
        for batch in batches:
            words = [array.dictionary.to_pylist() for array in batch.columns if pa.types.is_dictionary(array.type)]
            assert all(len(set(values)) == len(values) for values in words)


def test_one_string_of_two_keys(make: Make, tmp_path: Path) -> None:
    """A string that two keys stand for is in a dictionary once."""
    text = starters.read("shop").replace('path = "/list"', 'path = "/detail/1"')
    for file_format in ("ndjson", "parquet"):
        make(text, tmp_path / file_format, file_format=file_format, devices=200)
    found = rows(tmp_path / "parquet")
    assert found == rows(tmp_path / "ndjson")
    assert len({row["view.name"] for row in found if row.get("url", "").endswith("/detail/1")}) > 1
    urls = pq.read_table(tmp_path / "parquet/events/block-00000.parquet").column("url").chunk(0).dictionary.to_pylist()
    assert sum(url.endswith("/detail/1") for url in urls) == 1


def test_queries(make: Make, tmp_path: Path) -> None:
    """A dataset of Parquet is queried as one of JSON lines; what DuckDB cannot read is refused in one line."""
    sql = "select event_type, count(*), sum(duration), min(url), max(cumulative_layout_shift) from events group by all order by all"
    for file_format in FORMATS[:3]:
        make(everything(), tmp_path / file_format, hours=1.0, file_format=file_format)
    assert query(tmp_path / "parquet", sql) == query(tmp_path / "ndjson", sql)
    described = "select column_name, column_type from (describe events)"
    assert query(tmp_path / "parquet", described) == query(tmp_path / "ndjson", described)
    result = CliRunner().invoke(main, ["query", str(tmp_path / "msgpack"), sql])
    assert result.exit_code == 2
    assert result.stderr == f"rumsim: {tmp_path / 'msgpack'}: its events are msgpack; expected a dataset of ndjson or parquet\n"


# --------------------------------------------------------------------------------------------------------------------------- stdout


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("file_format", ["ndjson", "msgpack", "arrow"])
def test_stdout(make: Make, tmp_path: Path, file_format: str, shop: str) -> None:
    """A stream has the rows of all blocks, in order, and can be read as one."""
    options: dict[str, Any] = {"devices": 50, "hours": 2.0, "seed": 5}
    make(shop, tmp_path / "data", **options)
    (tmp_path / "stream/events").mkdir(parents=True)
    with (tmp_path / f"stream/events/all.{'arrows' if file_format == 'arrow' else file_format}").open("wb") as file:
        request = Request(profile=shop, name="shop", out=Path("-"), file_format=file_format, visits_per_day=4.0, offset_hours=15.0, **options)
        assert sum(tally.rows for tally in stream(request, file)) > 100
    assert rows(tmp_path / "stream") == rows(tmp_path / "data")


STREAMING = ["-m", "simulator", "generate", "shop", "--devices", "200", "--hours", "2", "--seed", "1", "--interpreted", "--out", "-"]
ROOT = Path(generating.__file__).parents[2]


def test_a_pipe_that_closes() -> None:
    """Reading the first line of a stream and closing it ends the command without a word of complaint."""
    with subprocess.Popen([sys.executable, *STREAMING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        assert process.stderr
        assert json.loads(process.stdout.readline())["event_id"]
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
        assert process.wait() == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_behind_stdout_is_one_line() -> None:
    """It ends with exit code 2, and without a traceback, also of what the interpreter writes at its end."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run([sys.executable, *STREAMING], stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == "rumsim: stdout: cannot be written: No space left on device"
    assert "Traceback" not in ended.stderr


def test_a_closed_stdout_is_one_line() -> None:
    """A shell's `>&-` leaves the command without one."""
    closes = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, *STREAMING]
    ended = subprocess.run(closes, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert (ended.returncode, ended.stderr) == (2, "rumsim: stdout: is closed; expected a file or a pipe, or a folder as --out\n")


@pytest.mark.parametrize("more", ["--format parquet", "--workers 2", "--resume", "--force"])
def test_what_a_stream_cannot_be(more: str) -> None:
    """Parquet, several workers and resuming are refused for stdout."""
    result = CliRunner().invoke(
        main, ["generate", "shop", "--devices", "2", "--hours", "1", "--seed", "1", "--out", "-", "--interpreted", *more.split()]
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert more in result.stderr


@pytest.mark.parametrize("option", [("--blocks", "0:1"), ("--partition-by", "hour"), ("--engine", "dask"), ("--scheduler", "tcp://127.0.0.1:1")])
def test_what_is_for_folders_is_not_for_stdout(option: tuple[str, str]) -> None:
    """It is refused, not left out of account."""
    ended = CliRunner().invoke(main, ["generate", "shop", "--devices", "20", "--hours", "0.3", "--seed", "1", "--out", "-", *option])
    assert ended.exit_code == 2
    assert f"found {option[0]}, which is for folders" in ended.output


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A format that needs pyarrow says so, before anything is made."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    options = ["--devices", "2", "--hours", "1", "--seed", "1", "--format", "parquet", "--out", str(tmp_path / "data")]
    result = CliRunner().invoke(main, ["generate", "shop", *options])
    assert result.stderr == "rumsim: --format parquet: needs pyarrow: install rumsim[columns], or take ndjson or msgpack\n"
    assert not (tmp_path / "data").exists()
