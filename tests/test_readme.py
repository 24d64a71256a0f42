"""Every command of the README, as a new user would type it: each must be one that can be, and what does not take long is run."""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from waiting import until

from simulator.cli import main

CHECKOUT = Path(__file__).parents[1]
README = (CHECKOUT / "README.md").read_text("utf-8")
SHELL_WORDS = ("cd", "source", "export")
SERVER, PORT = "collect", "8318"  # a command that does not end, and where it listens
RUN = ("init", "check", "generate", "query", "audit", SERVER)  # of rumsim
SHORT = {"RUM_DEVICES": "4000", "RUM_SPEED": "10", "RUM_OFFSET": "12"}
DEADLINE_S = 180


@dataclass(frozen=True)
class Command:
    """A command as it is typed."""

    text: str

    @property
    def words(self) -> list[str]:
        """Its words, without variables before them and redirections behind."""
        words = shlex.split(self.text, comments=True)
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        return words[: next((at for at, word in enumerate(words) if word in (">", ">>", "|", "&&", "&")), len(words))]

    @property
    def program(self) -> str:
        """Its program, without the folder."""
        return Path(self.words[0]).name

    @property
    def arguments(self) -> list[str]:
        """What follows the program."""
        return self.words[1:]

    @property
    def is_run(self) -> bool:
        """Whether it is run for real: it does not take long, or can be made short."""
        if "--help" in self.arguments:
            return self.program in ("rumsim", "locust")
        if self.program == "locust":
            return {"--headless", "--host", "-t"} <= set(self.arguments)
        return self.program == "rumsim" and self.arguments[0] in RUN


def _blocks() -> list[list[Command]]:
    """Give the commands of each fenced block: all lines of sh blocks, those after a prompt of console blocks."""
    blocks = []
    for kind, body in re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        lines = body.replace("\\\n", " ").splitlines()
        if kind == "console":
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        elif kind not in ("sh", "bash", "shell"):
            continue
        commands = [Command(line.strip()) for line in lines if line.strip() and not line.strip().startswith("#")]
        if commands:
            blocks.append(commands)
    return blocks


BLOCKS = _blocks()
COMMANDS = [command for block in BLOCKS for command in block]


def of(program: str) -> list[Command]:
    """Give the commands of a program."""
    return [command for command in COMMANDS if command.program == program]


def test_the_readme_has_commands() -> None:
    """The README shows the two commands to begin with, the load, and every command of rumsim."""
    assert {"make run", "make test"} <= {command.text for command in of("make")}
    assert of("locust")
    assert {command.arguments[0] for command in of("rumsim")} >= set(main.commands)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.text)
def test_program_and_files_exist(command: Command) -> None:
    """The program is one that is there after `make install`, or that a new user has; files of the checkout that it names exist."""
    if command.words[0].startswith(".venv/bin/"):
        assert Path(sys.executable).with_name(command.program).exists()
    else:
        assert command.program in SHELL_WORDS or shutil.which(command.program), command.program
    for word in command.arguments:
        if word.endswith(".py") or word.startswith("profiles/"):
            assert (CHECKOUT / word).exists(), word


@pytest.mark.parametrize("command", of("rumsim"), ids=lambda command: command.text)
def test_rumsim_would_accept_it(command: Command) -> None:
    """Command, options and values are ones that rumsim has."""
    if command.arguments[0].startswith("-"):
        assert command.arguments[0] in ("--help", "--version")
    else:
        name, *rest = command.arguments
        group = main
        while isinstance(deeper := group.commands[name], click.Group):
            group, (name, *rest) = deeper, rest
        context = group.commands[name].make_context(name, [word for word in rest if word != "--help"], resilient_parsing="--help" in rest)
        assert context.params or not rest


def test_locust_would_accept_it() -> None:
    """Locust's own parser, with our options, takes every command line for Locust."""
    code = """
import json, sys
import simulator.load.locust_user
from locust.argument_parser import get_parser
for words in json.loads(sys.argv[1]):
    get_parser().parse_args(words)
"""
    lines = [[word for word in command.arguments if word != "--help"] for command in of("locust")]
    done = subprocess.run([sys.executable, "-c", code, json.dumps(lines)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", of("make"), ids=lambda command: command.text)
def test_make_would_do_it(command: Command) -> None:
    """The Makefile has the target, and uses the variables that are given."""
    makefile = (CHECKOUT / "Makefile").read_text("utf-8")
    for word in command.arguments:
        name, is_variable, _ = word.partition("=")
        assert re.search(rf"\$\([^)]*\b{name}\b" if is_variable else rf"^{name}:", makefile, re.MULTILINE), word
    done = subprocess.run(["make", "--dry-run", *command.arguments], cwd=CHECKOUT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_make_clean_leaves_what_was_checked_out(tmp_path: Path) -> None:
    """What commands and tests leave behind is removed, also beside the locustfile; sources and runs stay."""
    made = [".venv/x", "build/x", ".pytest_cache/x", "__pycache__/locustfile.pyc", "simulator/a/__pycache__/b.pyc", "tests/__pycache__/c.pyc"]
    kept = ["Makefile", "locustfile.py", "simulator/a/b.py", "tests/c.py", "runs/1/run.json"]
    for name in (*made, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy(CHECKOUT / "Makefile", tmp_path)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == sorted(kept)


def test_links_lead_somewhere() -> None:
    """Files that the README links to, and those of its map, exist."""
    named = re.findall(r"\]\((?!\w+:)([^)#]+)\)", README) + re.findall(r"^\| `([^-`][^`]*)` \|", README.partition("## Map")[2], re.MULTILINE)
    assert named
    assert [name for name in named if not (CHECKOUT / name).exists()] == []


# ------------------------------------------------------------------------------------------------------------------------------- for real
@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Make a folder that looks like a checkout after `make install`."""
    for name in ("profiles", "locustfile.py"):
        (tmp_path / name).symlink_to(CHECKOUT / name)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


def _serve(command: str, folder: Path, environment: dict[str, str], stack: ExitStack) -> None:
    """Start a command that does not end; it ends with the stack."""
    command = command.rstrip("& ")
    process = stack.enter_context(subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], cwd=folder, env=environment, stderr=subprocess.DEVNULL))
    stack.callback(process.terminate)
    until(lambda: [*folder.glob("*/collector.json")], command, process, deadline_s=DEADLINE_S)


@pytest.mark.parametrize("block", [block for block in BLOCKS if any(c.is_run for c in block)], ids=lambda block: block[0].text)
def test_it_runs(block: list[Command], place: Path) -> None:
    """Typed one after the other in a fresh checkout, the commands of a block that do not take long succeed; long runs of load are made short."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "RUM_"))} | SHORT
    with ExitStack() as stack:
        for command in [command for command in block if command.is_run]:
            text = re.sub(r"(?<= -t )\w+", "6s", command.text.replace(PORT, port))
            if command.arguments[0] == SERVER:
                _serve(text, place, environment, stack)
                continue
            done = subprocess.run(
                ["/bin/sh", "-c", text],
                cwd=place,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=DEADLINE_S,
            )
            assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
            assert "Traceback" not in done.stderr
