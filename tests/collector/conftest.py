"""What the collector's tests share: payloads, an application without a network, and a server as its own process on loopback."""

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from simulator.collector.app import Collector
from simulator.collector.faults import Faults, parse
from simulator.collector.store import Store

SESSION = "e905d0967e554755a7929f5ce6d82693"
SERVE = """
import json, sys
from pathlib import Path
from simulator.collector.server import serve
options = json.loads(sys.argv[1])
serve(directory=Path(options.pop("directory")), **options)
"""
DEADLINE_S = 20


def event(number: int, session: str = SESSION, **more: object) -> dict[str, object]:
    """Build an event with an id of our form."""
    return {"timestamp": 1_795_475_086_836 + number, "event_id": f"00-{session}-{number:016x}", "event_type": "view", "type": "pv"} | more


def payload(events: Sequence[dict[str, object]], session: str = SESSION) -> bytes:
    """Build a body."""
    document = {
        "app": {"id": "app1@deadbeef"},
        "session": {"id": session},
        "view": {"id": "v1", "name": "/home"},
        "events": events,
        "_v": "cdn-0.0.37",
    }
    return json.dumps(document, separators=(",", ":")).encode()


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Running:
    """A server of its own process."""

    process: subprocess.Popen[bytes]
    directory: Path
    url: str

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rsplit(":", 1)[1])

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Reply:
        """Make one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def stop(self) -> int:
        """Tell it to stop, and give its exit code."""
        self.process.terminate()
        return self.process.wait(DEADLINE_S)


def spawn(directory: Path, **options: object) -> "subprocess.Popen[bytes]":
    """Start a server."""
    arguments = [sys.executable, "-W", "error", "-c", SERVE, json.dumps({"directory": str(directory), **options})]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE)


def listening(process: "subprocess.Popen[bytes]", directory: Path) -> Running:
    """Wait until a server listens."""
    place = directory / "collector.json"

    def said() -> dict[str, Any] | None:
        """Give what this process says of itself; an earlier one may have left its own word."""
        found: dict[str, Any] = json.loads(place.read_text()) if place.exists() else {}
        return found if found.get("pid") == process.pid else None

    try:
        return Running(process, directory, until(said, "the collector", process, deadline_s=DEADLINE_S)["url"])
    except pytest.fail.Exception:
        process.kill()
        pytest.fail(f"the collector did not start: {process.communicate()[1].decode()}")


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    """Start servers that end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start_one(directory: Path, **options: object) -> Running:
        started.append(spawn(directory, **options))
        return listening(started[-1], directory)

    yield start_one
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Share one server among the tests of a module."""
    directory = tmp_path_factory.mktemp("received")
    process = spawn(directory, body_limit=100_000)
    yield listening(process, directory)
    process.kill()
    process.communicate()


class Loopless:
    """The application without a network: each post runs to its end."""

    def __init__(self, directory: Path, *faults: str, seed: int = 1, **options: Any) -> None:
        self.directory = directory
        self.store = Store(directory)
        self.log = Faults([parse(text, seed) for text in faults], directory) if faults else None
        self.app = Collector(self.store, self.log, **options)

    def post(self, body: bytes, path: str = "/rum", **headers: str) -> Reply:
        """Post a body."""
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        names = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": names, "client": None}
        asyncio.run(self.app(scope, receive, send))
        return Reply(sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1]["body"])

    def faults_done(self) -> list[dict[str, Any]]:
        """Read the log of faults."""
        return [json.loads(line) for line in (self.directory / "faults.ndjson").read_text().splitlines()[1:]]

    def close(self) -> None:
        """Give the folder free."""
        self.store.close()
        if self.log:
            self.log.close()


@pytest.fixture
def loopless(tmp_path: Path) -> Iterator[Callable[..., Loopless]]:
    """Make applications that end with the test."""
    made: list[Loopless] = []

    def make(*faults: str, directory: Path = tmp_path / "received", **options: Any) -> Loopless:
        made.append(Loopless(directory, *faults, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def new_event() -> Callable[..., dict[str, object]]:
    """Build events."""
    return event


@pytest.fixture
def new_payload() -> Callable[..., bytes]:
    """Build bodies."""
    return payload


@pytest.fixture
def captured() -> bytes:
    """Read what the real SDK 0.0.37 sent when a page closed."""
    return Path(__file__).with_name("close_page.json").read_bytes()
