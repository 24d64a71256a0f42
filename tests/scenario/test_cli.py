"""`rumsim sdk run`: run files, and mistakes in one line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from recordings import SCENARIOS

from simulator.cli import main

OPEN = '{"op": "open"}, '
FETCH = '{{"op": "fetch", "url": "/x", "init": {}}}'
EMIT = '{{"op": "emit", "entries": [{}]}}'
INIT = '{{"op": "init", "config": {{{}}}}}'
BAD_FILTER = '"pid": "a@b", "endpoint": "http://127.0.0.1/rum", "remoteConfig": {"url": "http://127.0.0.1/cfg"}'

NULL_LATER = BAD_FILTER.replace("cfg", "null")


def script(*steps: str) -> str:
    """Write a scenario; the network answers a remote configuration with a broken pattern, or with none where an object should be."""
    http = json.dumps({"/cfg": {"body": '{"filters": {"exception": "/(/"}}'}, "/null": {"body": '{"sessionConfig": null}'}})
    return f'{{"name": "x", "http": {http}, "steps": [{OPEN}{", ".join(steps)}]}}'


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
        ('{"name": "a\\u0000", "steps": []}', "expected one that can be a file's"),
        ('{"name": "x", "random": 1.5, "steps": []}', "random: found 1.5; expected a number from 0 to below 1"),
        (script('{"op": "fetch", "url": "/x"}').replace(OPEN, ""), "step 0: no page is open"),
        (script("{}"), "expected an object with op"),
        (script('{"op": "dance"}'), "step 1: found operation 'dance'"),
        (script('{"op": "fetch"}'), "step 1: operation 'fetch': found url = None; expected a string"),
        (script(FETCH.format('{"method": 5}')), "operation 'fetch': init: found method = 5; expected a string"),
        (script('{"op": "fetch", "url": "/x", "init": 5}'), "operation 'fetch': found init = 5; expected an object"),
        (script('{"op": "xhr", "url": "/x", "method": 5}'), "operation 'xhr': found method = 5; expected a string"),
        (script('{"op": "xhr", "url": "http://[bad"}'), "found url = 'http://[bad'; expected a URL"),
        (script('{"op": "open", "url": 5}'), "operation 'open': found url = 5; expected a string"),
        (script('{"op": "open", "url": "./x"}'), "found url = './x'; expected that of a page"),
        (script('{"op": "pushState", "url": "http://other/x"}'), "expected one of the page's origin"),
        (script('{"op": "advance", "ms": "5"}'), "operation 'advance': found ms = '5'; expected a number"),
        (script('{"op": "advance", "ms": 1e308}'), "operation 'advance': found ms = 1e+308; expected a whole number, at most"),
        (
            script(EMIT.format('{"entryType": "long-animation-frame", "startTime": 1, "duration": 1e308}')),
            "found duration = 1e+308; expected at most",
        ),
        (script('{"op": "tab", "n": "5"}'), "operation 'tab': found n = '5'; expected a whole number"),
        (script('{"op": "set_storage", "key": "k"}'), "operation 'set_storage': found value = None; expected a string"),
        (script('{"op": "random", "value": 1}'), "operation 'random': value: found 1; expected a number from 0 to below 1"),
        (script('{"op": "click", "selector": "#none"}'), "found selector = '#none'; expected that of an element of the document"),
        (script('{"op": "click", "selector": "#lnk"}'), "a link; expected an element that does not lead elsewhere"),
        (script('{"op": "init", "config": 5}'), "expected an object"),
        (script(EMIT.format('{"entryType": "paint"}')), "an entry paint without name, startTime"),
        (script(EMIT.format("5")), "expected an entry with an entryType"),
        (script(EMIT.format('{"entryType": ["a"]}')), "expected an entry with an entryType"),
        (script(EMIT.format('{"entryType": "largest-contentful-paint", "startTime": "5"}')), "found startTime = '5'; expected a number"),
        (script(EMIT.format('{"entryType": "event", "duration": 5, "interactionId": "x"}')), "found interactionId = 'x'; expected a number"),
        (script(EMIT.format('{"entryType": "long-animation-frame", "startTime": 1, "duration": 5, "scripts": null}')), "expected a list of objects"),
        (script(INIT.format('"x": 1')), "config.endpoint: found None; expected a URL"),
        (script(INIT.format('"endpoint": "e", "sessionConfig": null')), "init throws"),
        (script(INIT.format(BAD_FILTER), INIT.format('"endpoint": "e"')), "step 2: found another init where one asks for a remote configuration"),
        (script(INIT.format('"endpoint": "e", "pid": "p", "remoteConfig": true')), "expected APP@TOKEN"),
        (script(INIT.format(BAD_FILTER), '{"op": "advance", "ms": 100}'), "step 2: found the regular expression '('; expected one that can be read"),
        (script('{"op": "advance", "ms": 0.5}'), "operation 'advance': found ms = 0.5; expected a whole number"),
        (script('{"op": "error", "message": "m", "name": "DOMException"}'), "operation 'error': found name = 'DOMException'; expected one of Error,"),
        (script('{"op": "error", "message": "m", "line": -1}'), "operation 'error': found line = -1; expected a whole number from 0 on"),
        (script('{"op": "custom", "payload": {"type": "t", "name": "n", "session_id": "z"}}'), "operation 'custom': found session_id in the payload"),
        (script(INIT.format(NULL_LATER), '{"op": "advance", "ms": 100}'), "step 2: with the remote configuration: config.sessionConfig: found null"),
        ('{"name": "x", "epoch": 9000000000000000000, "steps": []}', "epoch: found 9000000000000000000; expected ms since 1970"),
        (script('{"op": "custom", "payload": {"a": ' + "[" * 700 + "]" * 700 + "}}"), "found values within more than 100 others"),
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


def test_a_scenario_is_not_overwritten(tmp_path: Path) -> None:
    """A run file that would take the place of a scenario is not written: nothing is played."""
    path = tmp_path / "x.json"
    path.write_text('{"name": "x", "steps": []}', encoding="utf-8")
    result = CliRunner().invoke(main, ["sdk", "run", str(path), "--out", str(tmp_path)])
    assert (result.exit_code, result.output.count("\n")) == (2, 1)
    assert "expected another --out" in result.output
    assert path.read_text(encoding="utf-8") == '{"name": "x", "steps": []}'


def test_names_are_not_shared(tmp_path: Path) -> None:
    """Two scenarios with one name would have one run file: nothing is played."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.json").write_text('{"name": "x", "steps": []}', encoding="utf-8")
    result = CliRunner().invoke(main, ["sdk", "run", str(tmp_path / "a.json"), str(tmp_path / "b.json"), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "b.json: found name 'x', as in " in result.output
    assert not (tmp_path / "out").exists()


def test_help() -> None:
    """The help has an example on lines of its own."""
    assert "\n    rumsim sdk run " in CliRunner().invoke(main, ["sdk", "run", "--help"]).output
