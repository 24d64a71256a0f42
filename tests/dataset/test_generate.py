"""A dataset is the same whatever makes it, its manifest says what it holds, and what goes wrong is one line."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.dataset.manifest import FORMAT, File, Manifest
from simulator.errors import ProfileError
from simulator.profile import starters
from simulator.profile.loader import digest, parse
from simulator.schema.columns import DATASET_COLUMNS

Make = Callable[..., Any]
Read = Callable[[Path], Manifest]


def events(folder: Path) -> list[bytes]:
    """List the rows of a dataset."""
    return [line for path in sorted((folder / "events").iterdir()) for line in path.read_bytes().splitlines(keepends=True)]


def bodies(folder: Path) -> dict[str, bytes]:
    """Give the files of events by name."""
    return {path.name: path.read_bytes() for path in (folder / "events").iterdir()}


# --------------------------------------------------------------------------------------------------------------------- same bytes


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "how",
    [
        {"workers": 2},  # two processes
        {"compiled": False},  # the same source without numba
    ],
    ids=["two workers", "interpreted"],
)
def test_the_same_bytes_whatever_makes_it(shop: str, made: Path, make: Make, manifest: Read, tmp_path: Path, how: dict[str, Any]) -> None:
    """One worker or two, compiled or interpreted: the same files, the same digest, the same manifest."""
    make(shop, tmp_path / "data", **how)
    assert bodies(tmp_path / "data") == bodies(made)
    assert manifest(tmp_path / "data") == manifest(made)


def test_the_digest_does_not_depend_on_blocks(shop: str, made: Path, make: Make, manifest: Read, tmp_path: Path) -> None:
    """Cut into blocks of another size the dataset has the same rows and the same digest."""
    make(shop, tmp_path / "data")
    one, four = manifest(tmp_path / "data"), manifest(made)
    assert (len(one.blocks), len(four.blocks)) == (1, 4)
    assert sorted(events(tmp_path / "data")) == sorted(events(made))
    assert one.digest == four.digest


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("other", [{"seed": 4}, {"hours": 9.0}, {"offset_hours": 16.0}, {"visits_per_day": 5.0}, {"devices": 80}])
def test_anything_else_is_another_dataset(shop: str, made: Path, make: Make, manifest: Read, tmp_path: Path, other: dict[str, Any]) -> None:
    """Another seed, span, rate or population gives another digest."""
    make(shop, tmp_path / "data", **other)
    assert manifest(tmp_path / "data").digest != manifest(made).digest


@pytest.mark.usefixtures("small_blocks")
def test_the_digest_does_not_depend_on_the_start(shop: str, made: Path, make: Make, manifest: Read, tmp_path: Path) -> None:
    """Shifted by another start the rows have other time stamps, but the digest stays."""
    make(shop, tmp_path / "data", start_ms=1_800_000_000_000)
    assert bodies(tmp_path / "data") != bodies(made)
    assert manifest(tmp_path / "data").digest == manifest(made).digest


@pytest.mark.usefixtures("small_blocks")
def test_more_devices_begin_with_the_same(shop: str, made: Path, make: Make, tmp_path: Path) -> None:
    """A larger population has the smaller one's devices with the same rows."""
    make(shop, tmp_path / "data", devices=80)
    more, fewer = bodies(tmp_path / "data"), bodies(made)
    assert [more[f"block-0000{i}.ndjson"] for i in range(3)] == [fewer[f"block-0000{i}.ndjson"] for i in range(3)]


# ------------------------------------------------------------------------------------------------------------------- what it holds


def test_the_manifest_adds_up(shop: str, made: Path, manifest: Read) -> None:
    """Rows, sizes and digests of the manifest are those of the files, block by block and in total."""
    found = manifest(made)
    assert found.format == FORMAT
    assert (found.seed, found.profile, found.devices, found.hours, found.offset_hours) == (3, "shop", 70, 7.5, 15.0)
    assert found.profile_digest == digest(parse(shop, "shop"))
    assert found.start == "2026-01-05T15:00:00.000Z"
    assert (made / "profile.toml").read_text("utf-8") == shop
    assert sorted(bodies(made)) == [f"block-0000{i}.ndjson" for i in range(4)]
    assert [(b.number, b.first_device, b.devices) for b in found.blocks] == [(0, 0, 20), (1, 20, 20), (2, 40, 20), (3, 60, 10)]
    total = 0
    for b in found.blocks:
        body = (made / f"events/block-{b.number:05}.ndjson").read_bytes()
        rows = body.splitlines(keepends=True)
        assert b.files == [File(f"events/block-{b.number:05}.ndjson", len(rows), len(body))]
        assert (b.rows, b.size_bytes) == (len(rows), len(body))
        total += int(b.digest, 16)
    assert found.rows == len(events(made)) > 1_000
    assert found.digest == f"{total % (1 << 128):032x}"
    assert {"numpy", "numba", "faker"} == set(found.versions)
    assert next(iter(json.loads((made / "manifest.json").read_bytes()))) == "format"


def test_rows_are_stored_rows(made: Path) -> None:
    """Every line is a JSON object with columns of the stored row in their order, of an event in the span, each event once."""
    rows = [json.loads(line) for line in events(made)]
    begin = 1_767_571_200_000 + 15 * 3_600_000
    for row in rows:
        assert list(row) == [column for column in DATASET_COLUMNS if column in row]
        assert {"session.id", "view.id", "view.name", "user.id", "device.id"} <= row.keys()
        assert row["view.name"]
        assert row["timestamp"] < begin + 7.5 * 3_600_000
    assert len({row["event_id"] for row in rows}) == len(rows)
    assert {row["event_type"] for row in rows} >= {"view", "action", "resource", "longTask"}
    assert {row["app.type"] for row in rows} == {"browser", "miniapp", "ios", "android"}


def test_nothing_else_lies_in_the_folder(made: Path) -> None:
    """A finished dataset has no parts left over."""
    assert sorted(path.name for path in made.iterdir()) == ["events", "manifest.json", "profile.toml"]
    assert not [path for path in made.rglob("*") if path.name.endswith(".part")]


@pytest.mark.usefixtures("small_blocks")
def test_blocks_are_told_as_they_are_done(shop: str, make: Make, manifest: Read, tmp_path: Path) -> None:
    """Blocks are handed out one by one, and are those of the manifest."""
    told = make(shop, tmp_path / "data", hours=1.0)
    assert told == manifest(tmp_path / "data").blocks


@pytest.mark.parametrize("hours", [0.001, 6.0, 12.0])
def test_spans_of_any_length(shop: str, make: Make, manifest: Read, tmp_path: Path, hours: float) -> None:
    """A span shorter than a window, or of whole windows, is played to its end and not beyond."""
    make(shop, tmp_path / "a", hours=hours, devices=20)
    make(shop, tmp_path / "b", hours=hours + 0.5, devices=20)
    a, b = events(tmp_path / "a"), events(tmp_path / "b")
    assert set(a) <= set(b)
    assert manifest(tmp_path / "a").rows == len(a)
    assert len(a) <= len(b)


# ------------------------------------------------------------------------------------------------------------------ what goes wrong


def test_a_folder_that_is_not_empty(shop: str, make: Make, tmp_path: Path) -> None:
    """A folder with something in it is refused in one line and left as it is; an empty one is taken."""
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ProfileError) as caught:
        make(shop, tmp_path)
    assert str(caught.value) == f"--out {tmp_path}: is there and is not an empty folder; name a new one, or remove it first"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    make(shop, tmp_path / "empty", devices=1, hours=0.1)


def test_a_finished_dataset_is_not_overwritten(shop: str, make: Make, made: Path) -> None:
    """A dataset is not written into another."""
    before = bodies(made)
    with pytest.raises(ProfileError, match="not an empty folder"):
        make(shop, made)
    assert bodies(made) == before


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be(shop: str, make: Make, tmp_path: Path, name: str) -> None:
    """A path that is a file, or leads through one, is refused in one line."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ProfileError) as caught:
        make(shop, tmp_path / name)
    assert str(caught.value).startswith(f"--out {tmp_path / name}: ")
    assert "\n" not in str(caught.value)


def test_a_wrong_profile_leaves_nothing_behind(shop: str, make: Make, tmp_path: Path) -> None:
    """A profile's mistake is found before anything is written, whether it shows when it is read or when its world is built."""
    for wrong in (shop.replace("home = 0.62", "hoem = 0.62"), shop.replace('"en_US"', '"xx_XX"')):
        with pytest.raises(ProfileError):
            make(wrong, tmp_path / "data")
        assert not (tmp_path / "data").exists()


# ---------------------------------------------------------------------------------------------------------------- rumsim generate


def run(*arguments: object) -> Result:
    """Run `rumsim generate`."""
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def test_the_command(tmp_path: Path, manifest: Read) -> None:
    """The command makes a dataset of a starter by name or of a file, says on stdout where it is, and how it went on stderr."""
    result = run("shop", "--devices", 30, "--hours", 5, "--seed", 1, "--out", tmp_path / "a", "--interpreted")
    assert result.exit_code == 0, result.output
    found = manifest(tmp_path / "a")
    assert result.stdout.startswith(f"{tmp_path / 'a' / 'manifest.json'}: {found.rows:,} events, ")
    assert result.stdout.count("\n") == 1
    assert "block 1/1" in result.stderr
    (tmp_path / "shop.toml").write_bytes((tmp_path / "a" / "profile.toml").read_bytes())
    again = run(tmp_path / "shop.toml", "--devices", 30, "--hours", 5, "--seed", 1, "--out", tmp_path / "b", "--interpreted")
    assert again.exit_code == 0
    assert bodies(tmp_path / "a") == bodies(tmp_path / "b")


def test_a_law_may_have_its_table_in_a_file(tmp_path: Path, manifest: Read) -> None:
    """A dataset has the table in its profile, from which it can be made again without the file; another table makes another."""
    text = re.sub(r"(?m)^stay = .*\[\n(.*\n){3}\] }", 'stay = { law = "quantiles", file = "stays.csv" }', starters.read("shop"))
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    made = []
    for name, longest in (("a", 9_000), ("b", 90_000)):
        (tmp_path / "stays.csv").write_text(f"share,value\n0,1000\n0.9,5000\n1,{longest}\n", "utf-8")
        result = run(tmp_path / "mine.toml", "--devices", 30, "--hours", 5, "--seed", 1, "--out", tmp_path / name, "--interpreted")
        assert result.exit_code == 0, result.output
        made.append(manifest(tmp_path / name))
    assert made[0].profile_digest != made[1].profile_digest
    assert made[0].digest != made[1].digest
    (tmp_path / "stays.csv").unlink()
    result = run(tmp_path / "b" / "profile.toml", "--devices", 30, "--hours", 5, "--seed", 1, "--out", tmp_path / "c", "--interpreted")
    assert result.exit_code == 0, result.output
    assert bodies(tmp_path / "c") == bodies(tmp_path / "b")


def test_the_commands_times(tmp_path: Path, manifest: Read) -> None:
    """`--start` sets the emitted time of the beginning and `--offset` the hour of the week; only the former leaves the events alone."""
    for name, *more in (("own",), ("moved", "--start", "2027-03-01T12:00:00Z"), ("later", "--offset", 20)):
        result = run("shop", "--devices", 40, "--hours", 4, "--seed", 1, "--out", tmp_path / name, "--interpreted", *more)
        assert result.exit_code == 0, result.output
    assert [manifest(tmp_path / name).start for name in ("own", "moved", "later")] == [
        "2026-01-05T00:00:00.000Z", "2027-03-01T12:00:00.000Z", "2026-01-05T20:00:00.000Z",
    ]  # fmt: skip
    own, moved, later = ([json.loads(row) for row in events(tmp_path / name)] for name in ("own", "moved", "later"))
    assert [row["event_id"] for row in own] == [row["event_id"] for row in moved]
    assert {b["timestamp"] - a["timestamp"] for a, b in zip(own, moved, strict=True)} == {1_803_902_400_000 - 1_767_571_200_000}
    assert min(row["timestamp"] for row in later) > max(row["timestamp"] for row in own)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--hours", "0"),
        ("--hours", "-1"),
        ("--hours", "inf"),
        ("--hours", "nan"),
        ("--offset", "inf"),
        ("--offset", "nan"),
        ("--offset", "1e9"),  # beyond the calendar
        ("--visits-per-day", "0"),
        ("--visits-per-day", "nan"),
        ("--visits-per-day", "1e-300"),
        ("--devices", "0"),
        ("--devices", "many"),
        ("--workers", "0"),
        ("--seed", "-1"),
        ("--hours", "1e-8"),  # of which nothing is left as ms
        ("--start", "soon"),
        ("--format", "xml"),
    ],
)
def test_a_wrong_option(tmp_path: Path, option: str, value: str) -> None:
    """An option that makes no sense is the user's mistake: exit code 2, the option's name, no traceback, nothing written."""
    options = {"--devices": "1", "--hours": "1", "--seed": "1", "--out": str(tmp_path / "data")} | {option: value}
    result = run("shop", *(word for pair in options.items() for word in pair), "--interpreted")
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert option in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--start", "0001-01-01T00:00:00+10:00"), "--start: found '0001-01-01T00:00:00+10:00'"),
        (("--start", "2199-12-31T23:30:00Z"), "--hours 1: its end is too late"),
        (("--offset", "1e6", "--hours", "1e6"), "--hours 1e+06: its end is too late"),
    ],
)
def test_times_that_no_time_stamp_can_have(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """A beginning before 1970 or an end after 2200 is refused in one line before anything is written."""
    result = run("shop", "--devices", 1, "--hours", 1, "--seed", 1, "--out", tmp_path / "data", "--interpreted", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"rumsim: {said}; expected ")
    assert "from 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_missing_profile(tmp_path: Path) -> None:
    """A profile that is neither a file nor a starter is one line and exit code 2."""
    result = run("shoes", "--devices", 1, "--hours", 1, "--seed", 1, "--out", tmp_path / "data", "--interpreted")
    assert result.exit_code == 2
    assert result.stderr.startswith("rumsim: shoes: no such file")
    assert result.stderr.count("\n") == 1
