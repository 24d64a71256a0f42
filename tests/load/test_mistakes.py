"""Mistakes on Locust's command line."""

from typing import TYPE_CHECKING, Any

import pytest
from locusts import free_port

if TYPE_CHECKING:
    from locusts import Ended

REFUSING = ("--host", "http://127.0.0.1:1")  # nothing listens there
MISTAKES = {
    "no profile": (("--rum-profile", "missing.toml"), "missing.toml: no such file"),
    "a folder in use": (("--rum-run-dir", "."), "--rum-run-dir .: is there and is not an empty folder"),  # `out` and `err` are in it
    "a fault of another's collector": (
        ("--host", "http://127.0.0.1:9", "--rum-fault", "drop=0.1"),
        "--rum-fault: is for the collector that is started",
    ),
    "no such port": (("--host", "http://127.0.0.1:99999"), "--host http://127.0.0.1:99999: is no place to post to"),
    "no such fault": (("--rum-fault", "nonsense=1"), "--rum-fault nonsense=1: found the kind 'nonsense'"),
    "no rule": (("--rum-threshold", "lost=0"), "--rum-threshold lost=0: is no rule; expected one such as"),
    "no rule, abbreviated": (("--rum-thr", "lost==0ms"), "--rum-threshold lost==0ms: is no rule; expected one such as"),
    "no authority": (
        ("--host", "https://127.0.0.1:1", "--rum-unchecked", "--rum-tls-ca", "no.pem"),
        "--rum-tls-ca no.pem: no certificates can be read (No such file or directory); expected a PEM file, or any",
    ),
    "no connections": (("--rum-connections", "-1"), "--rum-connections: found -1; expected a number from 0 to 1e+06"),
    "more connections than can be": (
        ("--rum-connections", "900000"),
        "--rum-connections 900,000 of each cohort: a process that plays 1 of them would have 900,000; found ",
    ),
    "the first byte of a client that does not tell it": (
        ("--rum-transport", "fasthttp", "--rum-threshold", "response_p50<9s", "--rum-threshold", "first_byte_p99<1s"),
        "--rum-threshold first_byte_p99<1s: --rum-transport fasthttp does not tell the first byte of an answer; expected ",
    ),
    "two forms": (("--rum-transport", "fasthttp", "--rum-encoding", "gzip"), "--rum-transport fasthttp: sends JSON as it is"),
}
STARTED = ("no rule", "no rule, abbreviated", "refusing")
"""Each begins with nothing loaded: a mistake that is found before anything is compiled, one after, and a host that refuses."""
UNREACHABLE = "--host http://127.0.0.1:1: cannot be reached (Connection refused); expected a collector that listens there"


@pytest.fixture(scope="module")
def mistakes(locust: Any) -> "dict[str, Ended]":
    """Give runs that could not begin: those started as a user does, then the others, forked from an interpreter that has all loaded."""
    runs = {name: ("-t", "20s", *arguments) for name, (arguments, _) in MISTAKES.items()} | {"refusing": ("-t", "20s", *REFUSING)}
    started: dict[str, Ended] = locust.play_all({name: runs[name] for name in STARTED})
    forked: dict[str, Ended] = locust.play_forked({name: arguments for name, arguments in runs.items() if name not in STARTED})
    return started | forked


def test_a_host_that_refuses_ends_the_run_before_the_load(mistakes: "dict[str, Ended]") -> None:
    """A collector that cannot be reached is one line and exit code 1, before any device is seated."""
    ended = mistakes["refusing"]
    assert ended.code == 1, ended.err
    assert ended.said == [f"rumsim: {UNREACHABLE}"]
    assert "Traceback" not in ended.out + ended.err
    assert not (ended.folder / "ledger").exists()


def test_a_wrong_rule_is_said_before_anything_is_compiled(mistakes: "dict[str, Ended]") -> None:
    """A mistyped threshold is found before Locust begins, which it does when all is compiled; by whatever way it comes, before a collector starts."""
    assert "Starting Locust" not in mistakes["no rule"].err
    assert "Starting Locust" in mistakes["no rule, abbreviated"].err
    later = {"a folder in use", "more connections than can be", "no such fault"}
    assert not any(mistakes[name].folder.exists() for name in MISTAKES if name not in later)


def test_a_wrong_rule_is_not_kept_until_somebody_presses_start(locust: Any) -> None:
    """With the web UI, too, Locust ends at once with exit code 2."""
    folder = locust.folder("rule-for-the-ui")
    web = ("--web-host", "127.0.0.1", "--web-port", str(free_port()))
    ended = locust.end(locust.start(folder, *web, "--rum-thr", "lost==0ms"), folder)
    assert ended.code == 2, ended.err
    assert len(ended.said) == 1


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line(mistakes: "dict[str, Ended]", name: str) -> None:
    """Locust ends at once with exit code 2 and one line of ours that says what is wrong; no traceback, no results."""
    ended = mistakes[name]
    assert ended.code == 2, ended.err
    assert len(ended.said) == 1, ended.err
    assert ended.said[0].startswith(f"rumsim: {MISTAKES[name][1]}")
    assert "Traceback" not in ended.out + ended.err
    assert ended.out == ""
