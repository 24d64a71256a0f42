"""The command line: help that helps, and mistakes that are one line."""

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points, version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.collector.store import Store
from simulator.profile import starters

HEAVY = ("numba", "llvmlite", "pyarrow", "duckdb", "locust", "gevent", "scipy", "sklearn", "numpy", "uvicorn")
COMMANDS = ("audit", "check", "collect", "editions", "fidelity", "fields", "fit", "generate", "init", "query", "sdk")
Rumsim = Callable[..., Result]


@pytest.fixture
def rumsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rumsim:
    """Give what runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(word) for word in arguments])


def mistake(result: Result) -> str:
    """Give the one line that a mistake is told in; it stands on stderr, alone, and the exit code is 2."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith("\n")
    (line,) = result.stderr.splitlines()
    prefix, _, message = line.partition(": ")
    assert prefix == "rumsim"
    return message


# --------------------------------------------------------------------------------------------------------------------------------------- help
def test_these_are_the_commands() -> None:
    """The command line has these commands, and the console script `rumsim` is this group."""
    assert tuple(sorted(main.commands)) == COMMANDS
    (script,) = entry_points(group="console_scripts", name="rumsim")
    assert script.value == "simulator.cli:main"


@pytest.mark.parametrize("flag", ["--help", "-h"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_to_copy(rumsim: Rumsim, command: str, flag: str) -> None:
    """Help shows examples of the command, each on a line of its own, that click would accept as they stand."""
    result = rumsim(command, flag)
    assert result.exit_code == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert {"Example:", "Examples:"} & set(lines)
    examples = [line.partition(" > ")[0] for line in lines if line.startswith("rumsim ")]
    assert examples
    for example in examples:
        _, name, *rest = shlex.split(example)
        assert name == command
        main.commands[command].make_context(command, rest)  # raises if it cannot be


def test_the_group_s_help_lists_all(rumsim: Rumsim) -> None:
    """`rumsim --help` has a line for every command, and each of its three first steps stands on a line of its own."""
    result = rumsim("--help")
    assert result.exit_code == 0
    starts = [line.split() for line in result.stdout.splitlines() if line.strip()]
    assert [words[0] for words in starts if words[0] in COMMANDS] == list(COMMANDS)
    assert "\b" not in result.stdout
    assert "\\b" not in result.stdout
    assert "  What arrived:          rumsim audit runs/..." in result.stdout.splitlines()


def test_help_answers_without_heavy_imports() -> None:
    """Help of the group and of every command imports nothing that takes long to import."""
    code = f"""
import contextlib, io, sys
from simulator.cli import main
for words in ([], *([command] for command in {COMMANDS!r})):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        main([*words, "--help"], prog_name="rumsim", standalone_mode=False)
    assert said.getvalue().startswith("Usage: rumsim")
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {name.partition(".")[0] for name in done.stdout.split()}.isdisjoint(HEAVY)


@pytest.mark.parametrize("program", [[str(Path(sys.executable).with_name("rumsim"))], [sys.executable, "-m", "simulator"]], ids=["script", "module"])
def test_script_and_module_are_one(program: list[str]) -> None:
    """`rumsim` and `python -m simulator` tell the installed version under one name."""
    done = subprocess.run([*program, "--version"], check=True, capture_output=True, text=True)
    assert done.stdout == f"rumsim, version {version('rumsim')}\n"


@pytest.mark.parametrize("words", [(), ("nonsense",), ("--nonsense",), ("check",), ("generate", "shop"), ("audit",), ("query", "d"), ("collect",)])
def test_misuse_names_the_help(rumsim: Rumsim, words: tuple[str, ...]) -> None:
    """Without a command, with one that is none or without what it needs, the usage is shown and the exit code is 2."""
    result = rumsim(*words)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")
    assert "--help" in result.stderr


# --------------------------------------------------------------------------------------------------------------------------- init and check
@pytest.mark.parametrize("name", starters.names())
def test_a_profile_is_written_and_found_good(rumsim: Rumsim, tmp_path: Path, name: str) -> None:
    """`rumsim init x.toml && rumsim check x.toml` works; what is written is the starter, to the byte."""
    written = rumsim("init", "x.toml", "--starter", name)
    assert (written.exit_code, written.stdout) == (0, "")
    assert "rumsim check x.toml" in written.stderr
    assert (tmp_path / "x.toml").read_text("utf-8") == starters.read(name)
    checked = rumsim("check", "x.toml")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert f" {name}: " in checked.stdout


@pytest.mark.parametrize("kind", ["a profile", "another file", "a folder"])
def test_init_overwrites_nothing(rumsim: Rumsim, tmp_path: Path, kind: str) -> None:
    """Where anything is already, init refuses and leaves it as it is."""
    if kind == "a folder":
        (tmp_path / "x").mkdir()
    else:
        (tmp_path / "x").write_text(starters.read("shop") if kind == "a profile" else "mine", "utf-8")
    before = None if kind == "a folder" else (tmp_path / "x").read_bytes()
    assert mistake(rumsim("init", "x")).startswith("x: is there already")
    assert before is None or (tmp_path / "x").read_bytes() == before


def test_init_s_other_mistakes(rumsim: Rumsim, tmp_path: Path) -> None:
    """A folder that is not there, or a starter that is none, is one line, and nothing is written."""
    assert mistake(rumsim("init", "no/x.toml")).startswith("no/x.toml: cannot be written")
    assert mistake(rumsim("init", "x.toml", "--starter", "nonsense")).endswith(f"there are: {', '.join(starters.names())}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.toml", None, "no such file"),
        (".", None, "is a folder"),
        ("empty.toml", b"", "empty"),
        ("binary.toml", b"\xff\xfe\x00", "not a text file"),
        ("bad.toml", b"format = ", "bad.toml"),
        ("foreign.toml", b"[package]\nname = 'x'\n", "foreign.toml"),
        ("newer.toml", b"format = 99\nname = 'x'\n", "99"),
    ],
)
def test_check_names_file_and_fault(rumsim: Rumsim, tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """A profile that is none is one line with the file's name and what is wrong, from `check` and from `generate` alike."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    for words in (("check", name), ("generate", name, "--devices", "1", "--hours", "1", "--seed", "1", "--out", "out")):
        message = mistake(rumsim(*words))
        assert message.startswith(name)
        assert said in message
    assert not (tmp_path / "out").exists()


def test_the_schema_is_json(rumsim: Rumsim) -> None:
    """`rumsim check --schema` prints a JSON Schema alone on stdout, and needs no profile."""
    result = rumsim("check", "--schema")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "properties" in json.dumps(json.loads(result.stdout))


# -------------------------------------------------------------------------------------------------------------------------------- generate
TINY = ("generate", "shop", "--devices", "40", "--hours", "2", "--seed", "3", "--offset", "12")


def test_generate_writes_a_dataset(rumsim: Rumsim, tmp_path: Path) -> None:
    """What generate prints is where the manifest is; how far it is goes to stderr."""
    result = rumsim(*TINY, "--out", "data")
    assert result.exit_code == 0, result.stderr
    manifest = json.loads((tmp_path / "data" / "manifest.json").read_text("utf-8"))
    assert result.stdout.startswith(f"{Path('data') / 'manifest.json'}: {manifest['rows']:,} events")
    assert manifest["rows"] == sum(len(path.read_text("utf-8").splitlines()) for path in (tmp_path / "data" / "events").iterdir()) > 0
    assert "block 1/1" in result.stderr


@pytest.mark.parametrize("there", ["a dataset", "a folder in use", "a file"])
def test_generate_overwrites_nothing(rumsim: Rumsim, tmp_path: Path, there: str) -> None:
    """An --out that is there and not an empty folder is one line, and stays as it is."""
    out = tmp_path / "data"
    if there == "a dataset":
        assert rumsim(*TINY, "--out", "data").exit_code == 0
    elif there == "a file":
        out.write_text("mine", "utf-8")
    else:
        out.mkdir()
        (out / "notes").write_text("mine", "utf-8")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert mistake(rumsim(*TINY, "--out", "data")).startswith("--out data: is there and is not an empty folder")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_an_empty_folder_will_do(rumsim: Rumsim, tmp_path: Path) -> None:
    """An --out that is an empty folder is used, and folders above it are made."""
    (tmp_path / "data").mkdir()
    assert rumsim(*TINY, "--out", "data").exit_code == 0
    assert rumsim(*TINY, "--out", "deep/down").exit_code == 0


@pytest.mark.parametrize("start", ["yesterday", "2026-13-01", "", "12:00"])
def test_a_wrong_start_is_one_line(rumsim: Rumsim, tmp_path: Path, start: str) -> None:
    """A --start that is no time is one line that shows how one looks, and no folder is made."""
    message = mistake(rumsim(*TINY, "--out", "data", "--start", start))
    assert message.startswith(f"--start: found {start!r}; expected now, or a time such as ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--devices", "0"),
        ("--devices", "many"),
        ("--devices", "100000001"),
        ("--hours", "0"),
        ("--hours", "nan"),
        ("--hours", "inf"),
        ("--offset", "-1"),
        ("--offset", "nan"),
        ("--offset", "1e12"),
        ("--visits-per-day", "0"),
        ("--visits-per-day", "1e10"),
        ("--visits-per-day", "inf"),
        ("--workers", "0"),
        ("--seed", "-1"),
        ("--format", "xlsx"),
    ],
)
def test_a_number_that_cannot_be_is_refused(option: str, value: str) -> None:
    """A number outside its range, or none, is refused by name before the command does anything."""
    with pytest.raises(click.BadParameter) as caught:
        main.commands["generate"].make_context("generate", [*TINY[1:], "--out", "data", option, value])
    assert option in caught.value.format_message()
    assert caught.value.exit_code == 2


# ---------------------------------------------------------------------------------------------------------------------------------- collect
def test_collect_s_mistakes(rumsim: Rumsim, tmp_path: Path) -> None:
    """A wrong fault, a port that is taken and a folder that is a file are one line each, that names the option."""
    (tmp_path / "file").write_text("mine", "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = mistake(rumsim("collect", "--port", port, "--dir", "d"))
        assert message.startswith(f"--host 127.0.0.1 --port {port}: cannot listen there")
        assert message.endswith("or take --port 0 for a free one")
    assert mistake(rumsim("collect", "--port", 0, "--dir", "d", "--fault", "nonsense=1")).startswith("--fault nonsense=1: found the kind 'nonsense'")
    assert mistake(rumsim("collect", "--port", 0, "--dir", "d", "--fault", "drop=2")).startswith("--fault drop=2: found the share '2'")
    assert mistake(rumsim("collect", "--port", 0, "--dir", "file")).startswith("--dir file: cannot store there")


# ------------------------------------------------------------------------------------------------------------------------------------ query
def test_query_answers_with_a_table(rumsim: Rumsim, tmp_path: Path) -> None:
    """A collector's folder without an event answers, too."""
    Store(tmp_path / "received").close()
    result = rumsim("query", "received", "select count(*) as n from events")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "0" in result.stdout


def test_query_reads_standard_input(rumsim: Rumsim, tmp_path: Path) -> None:
    """SQL may come on standard input, where a shell leaves its quotes alone."""
    Store(tmp_path / "received").close()
    result = CliRunner().invoke(main, ["query", "received", "-"], input="SELECT count(*), 'it''s' FROM events\n")
    assert result.exit_code == 0
    assert "it's" in result.stdout


def test_query_s_mistakes(rumsim: Rumsim, tmp_path: Path) -> None:
    """A folder that is not there or is no collector's, and SQL that is none, are one line each."""
    Store(tmp_path / "received").close()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("mine", "utf-8")
    for name, said in (("missing", "no such folder"), ("file", "is a file"), ("empty", "no segments there")):
        assert mistake(rumsim("query", name, "select 1")).startswith(f"{name}: {said}; expected the folder of a collector")
    assert mistake(rumsim("query", "received", "selec 1")).startswith("the query: ")
    assert mistake(rumsim("query", "received", "select nonsense from events")).startswith("the query: ")


# ------------------------------------------------------------------------------------------------------------------------------------ audit
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read"),
        (b"", "not JSON"),
        (b'{"format": 1', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "no format in it"),
        (b"{}", "no format in it"),
        (b'{"format": "1"}', "no format in it"),
        (b'{"format": 99}', "format 99"),
    ],
)
def test_audit_wants_a_run_s_folder(rumsim: Rumsim, tmp_path: Path, content: bytes | None, said: str) -> None:
    """A folder that is not a run's, or whose run.json is damaged or of a newer format, is one line that names the file."""
    (tmp_path / "run").mkdir()
    if content is not None:
        (tmp_path / "run" / "run.json").write_bytes(content)
    message = mistake(rumsim("audit", "run"))
    assert message.startswith(f"{Path('run') / 'run.json'}: ")
    assert said in message


@pytest.mark.parametrize("name", ["missing", "file"])
def test_audit_wants_a_folder(rumsim: Rumsim, tmp_path: Path, name: str) -> None:
    """A folder that is not there, or is a file, is one line."""
    (tmp_path / "file").write_text("mine", "utf-8")
    assert mistake(rumsim("audit", name)).startswith(name)


def test_audit_wants_a_collector_s_folder_and_a_ledger(rumsim: Rumsim, tmp_path: Path) -> None:
    """A run without received events, without a ledger or with an empty one is one line that names what is missing."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text('{"format": 1}', "utf-8")
    assert mistake(rumsim("audit", "run")).startswith(f"{Path('run') / 'received'}: no such folder")
    assert mistake(rumsim("audit", "run", "--received", "elsewhere")).startswith("elsewhere: no such folder")
    (run / "received").mkdir()
    assert mistake(rumsim("audit", "run")).startswith(f"{Path('run') / 'received'}: no segments there")
    Store(run / "received").close()
    assert mistake(rumsim("audit", "run")).startswith(f"{Path('run') / 'ledger'}: no ledger there")
    (run / "ledger").mkdir()
    assert mistake(rumsim("audit", "run")).startswith(f"{Path('run') / 'ledger'}: ")


# ------------------------------------------------------------------------------------------------------------------------------------- pipes
@pytest.fixture
def closed_pipe() -> Iterator[int]:
    """Give the end of a pipe whose reader has gone, as `| head` does."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_a_reader_that_has_seen_enough(closed_pipe: int) -> None:
    """When the reader of a pipe goes away, as `head` does, the command ends in silence."""
    command = [sys.executable, "-m", "simulator", "check", "--schema"]
    done = subprocess.run(command, check=False, stdout=closed_pipe, stderr=subprocess.PIPE, text=True)
    assert done.stderr == ""
