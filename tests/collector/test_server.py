"""The collector as its own process on loopback: what it answers, and what survives."""

import gzip
import http.client
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from simulator.collector.read_back import rows, stored

POST = "/rum/collect?k=1"


def ids(directory: Path) -> Counter[str]:
    """Count the stored copies of each event."""
    return Counter(row["event_id"] for row in rows(directory))


def confessed(directory: Path) -> list[dict[str, Any]]:
    """Read the log of faults."""
    return [json.loads(line) for line in (directory / "faults.ndjson").read_text().splitlines()[1:]]


def test_a_payload_is_answered_204_and_stored(server: Any, captured: bytes) -> None:
    """The real SDK's beacon is acknowledged without a body, on any path, and is on disk when the answer arrives."""
    reply = server.ask("POST", POST, captured, {"Content-Type": "text/plain;charset=UTF-8", "Origin": "http://shop.example"})
    assert (reply.status, reply.body) == (204, b"")
    assert set(ids(server.directory)) >= {event["event_id"] for event in json.loads(captured)["events"]}
    assert server.ask("POST", "/config/x", captured).status == server.ask("POST", "/", captured).status == 204


def test_a_wrong_payload_is_answered_400_with_the_reason(server: Any, new_event: Any, new_payload: Any) -> None:
    """A refusal is JSON that names place, found and expected; nothing of the payload is stored."""
    good, bad = new_event(0xBAD0), new_event(0xBAD1, timestamp="now")
    reply = server.ask("POST", POST, new_payload([good, bad]))
    assert (reply.status, reply.headers["content-type"]) == (400, "application/json")
    expected = "an integer: ms since the Unix epoch"
    assert reply.json == {"error": "wrong events[1].timestamp", "where": "events[1].timestamp", "found": '"now"', "expected": expected}
    assert good["event_id"] not in ids(server.directory)


def test_a_body_that_is_too_large_is_answered_413(server: Any) -> None:
    """A body over the limit is refused by its declared length, while it streams in, and when gzip inflates beyond it."""
    assert server.ask("POST", POST, b"x" * 100_001).status == 413
    connection = server.connect()
    connection.request("POST", POST, iter([b"x" * 60_000] * 3), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert connection.getresponse().status == 413
    connection.close()
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 100_000
    reply = server.ask("POST", POST, bomb, {"Content-Encoding": "gzip"})
    assert (reply.status, reply.json["expected"]) == (413, "at most 100000 bytes")


def test_encodings(server: Any, new_event: Any, new_payload: Any) -> None:
    """Gzip is accepted, in several members too; damaged gzip is a 400, any other encoding a 415."""
    body = new_payload([new_event(0xE0C0)])
    packed = gzip.compress(body[:50]) + gzip.compress(body[50:])
    assert server.ask("POST", POST, packed, {"Content-Encoding": "gzip"}).status == 204
    assert new_event(0xE0C0)["event_id"] in ids(server.directory)
    for broken in (packed[:-3], b"not gzip", packed[:60] + b"xxxxx" + packed[60:]):
        assert server.ask("POST", POST, broken, {"Content-Encoding": "gzip"}).status == 400
    reply = server.ask("POST", POST, body, {"Content-Encoding": "br"})
    assert (reply.status, reply.headers["accept-encoding"]) == (415, "gzip")


def test_methods_and_paths(server: Any) -> None:
    """An unknown path is a 404, a method that a path does not have a 405 that names those it has."""
    assert server.ask("GET", "/nowhere").status == server.ask("GET", "/").status == 404
    assert server.ask("HEAD", "/healthz").status == 200
    for method, path, allowed in (
        ("DELETE", "/rum", "POST, OPTIONS"),
        ("PUT", "/stats", "GET, POST, OPTIONS"),
        ("PATCH", "/config/a", "GET, PUT, POST, OPTIONS"),
    ):
        reply = server.ask(method, path)
        assert (reply.status, reply.headers["allow"]) == (405, allowed)


def test_a_request_that_is_not_http_is_answered_400(server: Any, captured: bytes) -> None:
    """Garbage instead of a request or of a chunk is a 400 and the end of the connection."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for garbage in (b"hello\r\n\r\n", head + b"zz\r\n" + captured):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            connection.sendall(garbage)
            assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_leaves_is_forgotten(server: Any, captured: bytes) -> None:
    """Half a body and a closed connection store nothing and harm nobody."""
    before = server.ask("GET", "/stats").json["payloads"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + captured[:100])
    assert server.ask("GET", "/stats").json["payloads"] == before


def test_cross_origin_headers(server: Any, captured: bytes) -> None:
    """Any page may post: the preflight allows what it asked for, and every answer, refusals included, names the origin."""
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type, x-mine"}
    reply = server.ask("OPTIONS", POST, headers=asked | {"Access-Control-Request-Private-Network": "true"})
    assert reply.status == 204
    assert reply.headers["access-control-allow-headers"] == "content-type, x-mine"
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert reply.headers["access-control-allow-private-network"] == "true"
    for reply in (
        server.ask(method, path, body, asked) for method, path, body in (("POST", "/", captured), ("POST", "/", b"x"), ("GET", "/stats", None))
    ):
        assert reply.headers["access-control-allow-origin"] == "https://shop.example"
        assert reply.headers["access-control-allow-credentials"] == "true"
    assert server.ask("GET", "/healthz").headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("app", ["app1@deadbeef", "a%2Fb%20c", "%E5%BA%97", "..%2F..%2Fetc"])
def test_remote_configuration(server: Any, app: str) -> None:
    """PUT keeps an app's configuration with its time, in the collector's folder whatever the app's id; GET gives it back; before, it is a 404."""
    path = f"/config/{app}"
    assert server.ask("GET", path).status == 404
    assert server.ask("PUT", path, b'{"sessionConfig": {"sampleRate": 0.5}}').status == 204
    reply = server.ask("GET", path, headers={"Origin": "http://x"})
    assert (reply.status, reply.body) == (200, b'{"sessionConfig": {"sampleRate": 0.5}}')
    assert reply.headers["last-modified"].endswith("GMT")
    assert server.ask("PUT", path, b'{"sessionConfig":{}}').status == 204
    assert server.ask("GET", path).json == {"sessionConfig": {}}
    (file,) = server.directory.glob(f"config-{app.replace('@', '%40')}.json")
    kept = json.loads(file.read_text())
    assert (list(kept), kept["format"]) == (["format", "changed_at", "config"], 1)
    assert abs(kept["changed_at"] - time.time() * 1000) < 60_000


@pytest.mark.parametrize(
    ("path", "body"), [("/config/a", b"[1]"), ("/config/a", b"{"), ("/config/a", b"\xff"), ("/config/", b"{}"), ("/config/" + "x" * 201, b"{}")]
)
def test_a_wrong_configuration_is_refused(server: Any, path: str, body: bytes) -> None:
    """A configuration is a JSON object of an app that can have a file."""
    assert server.ask("PUT", path, body).status == 400
    assert server.ask("GET", path).status == 404


def test_health_and_stats(start: Callable[..., Any], tmp_path: Path, new_event: Any, new_payload: Any) -> None:
    """Health is one word; stats count requests, payloads, events, duplicates, refusals by status and bytes."""
    server = start(tmp_path)
    assert server.ask("GET", "/healthz").json == {"format": 1, "status": "ok"}
    body = new_payload([new_event(1), new_event(2), new_event(1)])
    for payload in (body, body, b"{}"):
        server.ask("POST", "/", payload)
    server.ask("GET", "/nowhere")
    stats = server.ask("GET", "/stats").json
    assert abs(stats.pop("since") - time.time() * 1000) < 60_000
    assert stats == {
        "format": 1,
        "requests": 6,
        "payloads": 2,
        "events": 2,
        "duplicates": 4,
        "refused": {"400": 1, "404": 1},
        "bytes": 2 * len(body) + 2,
        "faults": {},
        "known": 2,
        "torn": 0,
    }
    assert server.stop() == 0
    assert not (tmp_path / "collector.json").exists()


def test_a_key_that_every_post_must_carry(start: Callable[..., Any], tmp_path: Path, captured: bytes) -> None:
    """With a key, a POST or PUT without it is a 401, a preflight is not asked for it; header and query both carry it."""
    server = start(tmp_path, key="sésame&1")
    for path, headers in (("/", {}), ("/?key=wrong", {}), ("/", {"X-Api-Key": "s"}), ("/?k=s%C3%A9same%261", {})):
        assert server.ask("POST", path, captured, headers).status == 401
    assert server.ask("PUT", "/config/a", b"{}").status == 401
    assert len(stored(tmp_path)) == 0
    assert server.ask("OPTIONS", "/").status == 204
    assert server.ask("GET", "/healthz").status == 200
    assert server.ask("POST", "/?a=b&key=s%C3%A9same%261", captured).status == 204
    assert server.ask("POST", "/", captured, {"X-Api-Key": "sésame&1".encode().decode("latin-1")}).status == 204


def test_what_was_acknowledged_survives_kill_9(start: Callable[..., Any], tmp_path: Path, new_event: Any, new_payload: Any) -> None:
    """Killed under load, the collector has every event that it acknowledged, once; started again, it knows them all."""
    server = start(tmp_path, segment_bytes=20_000)
    enough, acknowledged = threading.Event(), [[] for _ in range(4)]

    def load(worker: int) -> None:
        connection = server.connect()
        for number in range(worker * 100_000, (worker + 1) * 100_000):
            try:
                connection.request("POST", "/", new_payload([new_event(2 * number), new_event(2 * number + 1)]))
                status = connection.getresponse().read() or 204
            except (OSError, http.client.HTTPException):
                break
            assert status == 204
            acknowledged[worker].append(number)
            if len(acknowledged[worker]) == 50:
                enough.set()
        connection.close()

    workers = [threading.Thread(target=load, args=(worker,)) for worker in range(4)]
    for worker in workers:
        worker.start()
    assert enough.wait(20)
    server.process.send_signal(signal.SIGKILL)
    for worker in workers:
        worker.join(20)
    promised = [number for worker in acknowledged for number in worker]
    kept = Counter(row["event_id"] for row in rows(tmp_path))
    assert len(promised) >= 50
    assert set(kept) >= {new_event(2 * number + more)["event_id"] for number in promised for more in (0, 1)}
    assert set(kept.values()) == {1}
    assert len(kept) <= 2 * (len(promised) + 4)  # at most one payload per connection was stored and not acknowledged
    again = start(tmp_path)
    assert again.ask("GET", "/stats").json["known"] == len(kept)
    for number in promised[:20]:
        assert again.ask("POST", "/", new_payload([new_event(2 * number)])).status == 204
    stats = again.ask("GET", "/stats").json
    assert (stats["events"], stats["duplicates"]) == (0, 20)
    assert ids(tmp_path) == kept


def test_a_full_disk_is_answered_503(tmp_path: Path, start: Callable[..., Any], new_event: Any, new_payload: Any) -> None:
    """When the disk takes no more, the payload is refused with the reason and stored neither whole nor in part; smaller ones still go in."""
    server = start(tmp_path)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (3000, 3000))
    large = new_payload([new_event(1, name="x" * 4000)])
    for _ in range(2):
        reply = server.ask("POST", "/", large)
        assert (reply.status, reply.json["error"], reply.headers["retry-after"]) == (503, "cannot store", "1")
    assert server.ask("POST", "/", new_payload([new_event(2)])).status == 204
    assert list(ids(tmp_path)) == [new_event(2)["event_id"]]


def test_stopping_finishes_what_is_in_flight(start: Callable[..., Any], tmp_path: Path, captured: bytes) -> None:
    """On SIGTERM a request that is being held is stored and answered, new connections are refused, the exit code is 0; so with SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        server = start(tmp_path / number.name, faults=["delay=1:60000"])
        connection = server.connect()
        connection.request("POST", "/", captured)
        log = tmp_path / number.name / "faults.ndjson"
        until(lambda log=log: log.read_bytes().count(b"\n") == 2, "the request to be held", deadline_s=20)
        server.process.send_signal(number)
        assert connection.getresponse().status == 204
        connection.close()
        assert server.process.wait(20) == 0
        assert len(stored(tmp_path / number.name)) == len(json.loads(captured)["events"])


def test_faults_of_the_connection(start: Callable[..., Any], tmp_path: Path, new_event: Any, new_payload: Any) -> None:
    """A reset stores nothing, a truncated answer is for what was stored; the sender sees neither succeed, the log counts both exactly."""
    server = start(tmp_path, faults=["reset=0.3", "truncate=0.3"])
    answers: Counter[str] = Counter()
    for number in range(60):
        connection = server.connect()
        connection.request("POST", "/", new_payload([new_event(number)]))
        try:
            answer = connection.getresponse()
            answer.read()
            answers[str(answer.status)] += 1
        except ConnectionResetError:
            answers["reset"] += 1
        except http.client.IncompleteRead:
            answers["truncate"] += 1
        connection.close()
    done = Counter(line["kind"] for line in confessed(tmp_path))
    assert done == {"reset": answers["reset"], "truncate": answers["truncate"]}
    assert min(answers.values()) > 3
    assert len(stored(tmp_path)) == answers["204"] + answers["truncate"]
    assert server.stop() == 0
    assert b"Traceback" not in server.process.stderr.read()


def fails(tmp_path: Path, **options: object) -> str:
    """Try to serve in another process, and give the error."""
    code = f"""
from pathlib import Path
from simulator.collector.server import serve
from simulator.errors import ProfileError
try:
    serve(directory=Path({str(tmp_path)!r}), **{options!r})
except ProfileError as error:
    print(error)
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True).stdout


def test_mistakes_of_the_user(server: Any, tmp_path: Path) -> None:
    """A port or folder that is taken, a wrong host and a wrong fault are one line each; the running collector is not disturbed."""
    assert re.fullmatch(
        rf"--host 127\.0\.0\.1 --port {server.port}: cannot listen there \(Address already in use\); .*\n", fails(tmp_path, port=server.port)
    )
    assert "another collector stores there" in fails(server.directory)
    assert "cannot listen there" in fails(tmp_path, host="no.such.host.invalid")
    assert "cannot listen there" in fails(tmp_path, port=70_000)
    assert "--fault lose=1: found" in fails(tmp_path, faults=["lose=1"])
    assert server.ask("GET", "/healthz").status == 200


def test_it_says_where_it_listens_and_stores(start: Callable[..., Any], tmp_path: Path) -> None:
    """Once it listens, collector.json names url and pid, and standard error has the same in words; standard output stays empty."""
    server = start(tmp_path / "new" / "folder")
    said = json.loads((tmp_path / "new" / "folder" / "collector.json").read_text())
    assert (list(said), said["pid"]) == (["format", "url", "pid", "started_at"], server.process.pid)
    line = server.process.stderr.readline().decode()
    assert line == f"rumsim collector on {said['url']}, storing in {tmp_path / 'new' / 'folder'}\n"
    assert server.url.startswith("http://127.0.0.1:")
