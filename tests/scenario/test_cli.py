"""`rumsim sdk run`: run files, and mistakes in one line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from recordings import SCENARIOS

from simulator.cli import main


def test_run_files(tmp_path: Path) -> None:
    """Each scenario gets a run file with its name, in the recorded form; playing it again gives the same bytes."""
    names = ("basic", "cookie")
    arguments = ["sdk", "run", *(str(SCENARIOS / f"{name}.json") for name in names), "--out"]
    for folder in ("a", "b"):
        assert CliRunner().invoke(main, [*arguments, str(tmp_path / folder)]).exit_code == 0
    for name in names:
        run = json.loads((tmp_path / "a" / f"{name}.json").read_text(encoding="utf-8"))
        assert run["name"] == name
        assert set(run) == {"name", "reports", "storage"}
        assert set(run["reports"][0]) == {"t", "via", "url", "body"}
        assert (tmp_path / "a" / f"{name}.json").read_bytes() == (tmp_path / "b" / f"{name}.json").read_bytes()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read"),
        ("{", "not a scenario"),
        ('{"name": "../x", "steps": []}', "expected one that can be a file's"),
        ('{"name": "x", "steps": [{"op": "init"}]}', "step 0: no page is open"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "dance"}]}', "step 1: found operation 'dance'"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "fetch"}]}', "operation 'fetch': found url = None; expected one of type str"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "init", "config": 5}]}', "expected one of type dict"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "emit", "entries": [{"entryType": "paint"}]}]}', "an entry paint without name, startTime"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "emit", "entries": [5]}]}', "expected an entry with an entryType"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "init", "config": {}}]}', "config.endpoint: found None; expected a URL"),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "init", "config": {"endpoint": "e", "sessionConfig": null}}]}', "init throws"),
        (
            '{"name": "x", "steps": [{"op": "open"}, {"op": "init", "config": {"endpoint": "e", "pid": "p", "remoteConfig": true}}]}',
            "expected APP@TOKEN",
        ),
        ('{"name": "x", "steps": [{"op": "open"}, {"op": "advance", "ms": "1"}]}', "step 1"),
        ('{"name": "x", "steps": [{}]}', "expected an object with op"),
    ],
)
def test_mistakes(tmp_path: Path, text: str | None, message: str) -> None:
    """A mistake is one line that says where it is, and exit code 2."""
    path = tmp_path / "s.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["sdk", "run", str(path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1


def test_help() -> None:
    """The help has an example on lines of its own."""
    assert "\n    rumsim sdk run " in CliRunner().invoke(main, ["sdk", "run", "--help"]).output
