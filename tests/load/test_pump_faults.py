"""What the transport makes of all that can go wrong with a server, on real sockets. All is played once, side by side, in a process of its own."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from drive import Play, Played, drive
from scripted import CERTIFICATE, NO_CONTENT, Script, Server, Visit, each, says, serving
from waiting import until

pytestmark = pytest.mark.alone
REQUESTS = [(20.0 * n, n % 3, 0) for n in range(6)]  # of three devices
LARGE = [(20.0 * n, n, 4_000_000) for n in range(3)]  # more than the kernel's buffers hold
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n"
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
CONNECT_S = 2.0
TWO = {"host": "http://two.invalid:{port}", "addresses": {"two.invalid": ["127.0.0.2", "127.0.0.1"]}}
"""A host of whose addresses the first has nobody who listens."""


def once(visit: Visit, *pieces: bytes) -> None:
    """Answer one request and close."""
    if visit.request() is not None:
        visit.answer(*pieces)


def reset(visit: Visit) -> None:
    """Read a request and reset."""
    visit.request()
    visit.reset()


def halve(visit: Visit, *, is_reset: bool) -> None:
    """Give half an answer, wait until it is read, and close."""
    visit.request()
    visit.answer(HALF, whole=False)
    threading.Event().wait(0.05)
    if is_reset:
        visit.reset()


def fall_silent(visit: Visit, *, half: bool) -> None:
    """Never answer, or not all."""
    visit.request()
    visit.answer(HALF if half else b"", whole=False)
    visit.wait_for_end()


def answer_early(visit: Visit, *, closes: bool) -> None:
    """Answer having read the beginning of a request's body."""
    data = b""
    while b"\r\n\r\n" not in data or b" " not in data.partition(b"\r\n\r\n")[2]:
        data += visit.socket.recv(1 << 10)
    visit.numbers.append(int(data.partition(b"\r\n\r\n")[2].split(b" ", 1)[0]))
    visit.answer(TOO_LARGE)
    if not closes:
        visit.wait_for_end()


def reset_when_idle(visit: Visit) -> None:
    """Answer a request, and reset a moment later."""
    once(visit, NO_CONTENT)
    threading.Event().wait(0.05)
    visit.reset()


def be_impatient(visit: Visit) -> None:
    """Close what has been idle for 0.2 s."""
    visit.socket.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        while visit.request() is not None:
            visit.answer(NO_CONTENT)


def speak_http(visit: Visit) -> None:
    """Answer whatever comes as a server of HTTP does that is spoken to in TLS."""
    visit.socket.recv(1 << 16)
    visit.socket.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")


class Case(NamedTuple):
    """`causes`, `outcomes`: expected, by number of requests; None: looked at by a test of its own. `play`: beside REQUESTS and the host."""

    script: Script | None
    causes: dict[str, int] | None
    outcomes: dict[str, int] | None
    play: dict[str, Any] | None = None
    secure: bool = False
    demands: bool = False


CASES = {
    "answers": Case(says(NO_CONTENT), {"ok": 6}, {"acknowledged": 6}),
    "chunked answers in pieces": Case(says(*(bytes([byte]) for byte in CHUNKED)), {"ok": 6}, {"acknowledged": 6}),
    "announced answers": Case(says(b"HTTP/1.1 100 Continue\r\n\r\n", NO_CONTENT), {"ok": 6}, {"acknowledged": 6}),
    "answers until it closes": Case(lambda visit: once(visit, b"HTTP/1.1 200 OK\r\n\r\n", b"text"), {"ok": 6}, {"acknowledged": 6}),
    "errors": Case(says(b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"), {"status": 6}, {"refused": 6}),
    "elsewhere": Case(says(b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), {"status": 6}, {"refused": 6}),
    "resets": Case(reset, {"reset": 6}, {"ambiguous": 6}),
    "closes without a word": Case(lambda visit: visit.request() and None, {"reset": 6}, {"ambiguous": 6}),
    "half answers": Case(lambda visit: halve(visit, is_reset=False), {"cut_short": 6}, {"ambiguous": 6}),
    "resets after half an answer": Case(lambda visit: halve(visit, is_reset=True), {"cut_short": 6}, {"ambiguous": 6}),
    "garbage": Case(each(lambda visit: visit.answer(b"hello, who is it?\r\n\r\n", whole=False)), {"garbage": 6}, {"ambiguous": 6}),
    "two answers": Case(says(NO_CONTENT * 2, whole=False), {"garbage": 6}, {"ambiguous": 6}),
    "another protocol": Case(says(UPGRADE, whole=False), {"garbage": 6}, {"ambiguous": 6}),
    "silence": Case(lambda visit: fall_silent(visit, half=False), {"timeout": 6}, {"ambiguous": 6}, {"answer_s": 0.3}),
    "silence after half an answer": Case(lambda visit: fall_silent(visit, half=True), {"timeout": 6}, {"ambiguous": 6}, {"answer_s": 0.3}),
    "silence at the end": Case(lambda visit: fall_silent(visit, half=False), {"open": 6}, {"ambiguous": 6}, {"until_s": 2.0, "drain_s": 0.2}),
    "early answers": Case(lambda visit: answer_early(visit, closes=True), {"status": 3}, {"refused": 3}, {"requests": LARGE}),
    "early answers, kept": Case(lambda visit: answer_early(visit, closes=False), {"status": 3}, {"refused": 3}, {"requests": LARGE}),
    "resets when idle": Case(
        reset_when_idle, {"ok": 6}, {"acknowledged": 6}, {"requests": [(400.0 * n + 20 * d, d, 0) for n in range(3) for d in range(2)]}
    ),
    "closes what is idle": Case(be_impatient, None, None, {"requests": [(40.0 * n + n % 7 * 3, n % 5, 0) for n in range(60)]}),
    "refused": Case(None, {"refused": 6}, {"failed": 6}),
    "no such name": Case(None, {"dns": 6}, {"failed": 6}, {"host": "http://nowhere.invalid"}),
    "takes no connections": Case(None, {"connect_timeout": 6}, {"failed": 6}),
    "takes no connections before the end": Case(None, {"waiting": 6}, {"cut": 6}, {"until_s": 0.5, "drain_s": 0.2}),
    "another address": Case(says(NO_CONTENT), {"ok": 6}, {"acknowledged": 6}, TWO),
    "no address": Case(None, {"refused": 6}, {"failed": 6}, TWO),
    "an untrusted certificate": Case(says(NO_CONTENT), {"tls": 6}, {"failed": 6}, secure=True),
    "a trusted certificate": Case(says(NO_CONTENT), {"ok": 6}, {"acknowledged": 6}, {"trusts": str(CERTIFICATE)}, secure=True),
    "another's certificate": Case(
        says(NO_CONTENT),
        {"tls": 6},
        {"failed": 6},
        {"trusts": str(CERTIFICATE), "host": "https://other.invalid:{port}", "addresses": {"other.invalid": ["127.0.0.1"]}},
        secure=True,
    ),
    "a certificate of ours is demanded": Case(
        says(NO_CONTENT), {"tls": 6}, {"ambiguous": 6}, {"trusts": str(CERTIFICATE)}, secure=True, demands=True
    ),
    "resets over TLS": Case(reset, {"reset": 6}, {"ambiguous": 6}, {"trusts": str(CERTIFICATE)}, secure=True),
    "no TLS": Case(speak_http, {"tls": 6}, {"failed": 6}, {"host": "https://127.0.0.1:{port}"}),
    "closes amid the handshake": Case(lambda visit: visit.socket.recv(1) and None, {"tls": 6}, {"failed": 6}, {"host": "https://127.0.0.1:{port}"}),
    "silence amid the handshake": Case(
        lambda visit: visit.wait_for_end(), {"connect_timeout": 6}, {"failed": 6}, {"host": "https://127.0.0.1:{port}"}
    ),
    "TLS alone": Case(says(NO_CONTENT), None, None, {"host": "http://127.0.0.1:{port}"}, secure=True),
}


@contextlib.contextmanager
def full() -> Iterator[int]:
    """Give a port whose queue of connections is full: the kernel answers no more."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, contextlib.ExitStack() as stack:
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def unused() -> int:
    """Give a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Played], dict[str, Server]]]:
    """Play all cases at once."""
    servers = {name: Server(case.script, secure=case.secure, demands=case.demands) for name, case in CASES.items() if case.script}
    plays = {}
    with full() as dead_end:
        for name, case in CASES.items():
            port = servers[name].port if name in servers else dead_end if name.startswith("takes no connections") else unused()
            host = (case.play or {}).get("host", f"http{'s' * case.secure}://127.0.0.1:{{port}}")
            more = {key: value for key, value in (case.play or {}).items() if key != "host"}
            plays[name] = Play(**{"requests": REQUESTS, "connect_s": CONNECT_S, "host": host.format(port=port)} | more)
        yield drive(tmp_path_factory.mktemp("faults"), plays), servers
    for server in servers.values():
        server.close()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.causes])
def test_each_is_counted_under_its_own_name(played: Any, name: str) -> None:
    """Histograms and ledger have all requests of a case under the cause and the outcome that it is."""
    found = played[0][name]
    assert (found.causes, found.outcomes) == (CASES[name].causes, CASES[name].outcomes)
    assert found.unsent == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.script])
def test_no_false_loss_and_no_false_success(played: Any, name: str) -> None:
    """What the server answered whole is acknowledged or refused, and nothing else is; what it received whole has not failed."""
    found, server = played[0][name], played[1][name]
    answered = {number for number, word in found.outcome_of.items() if word in ("acknowledged", "refused")}
    assert answered == set(server.answered)
    assert {found.outcome_of[number] for number in server.received} <= {"acknowledged", "refused", "ambiguous"}


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_sent_twice(played: Any, name: str) -> None:
    """No server receives a request a second time, whatever became of the first."""
    if name in played[1]:
        received = played[1][name].received
        assert sorted(received) == sorted(set(received))


def test_nothing_crashes(played: Any) -> None:
    """The process goes on and prints no traceback."""
    assert {found.said for found in played[0].values()} == {""}


def test_a_server_that_closes_idle_connections_loses_nothing(played: Any) -> None:
    """While it closes connections that devices still hold, requests find another; one that was on its way just then may be ambiguous, none fails."""
    found, server = played[0]["closes what is idle"], played[1]["closes what is idle"]
    assert len(server.connections) > 5
    assert set(found.outcomes) <= {"acknowledged", "ambiguous"}
    assert set(found.causes) <= {"ok", "reset"}
    assert found.outcomes["acknowledged"] >= 50


def test_http_to_a_server_of_tls_is_told(played: Any) -> None:
    """What a server of TLS makes of plain HTTP, an alert or a closed connection, is no answer."""
    found = played[0]["TLS alone"]
    assert set(found.causes) <= {"garbage", "reset"}
    assert found.outcomes == {"ambiguous": 6}


def test_a_server_is_told_why_a_handshake_fails(played: Any) -> None:
    """Who does not trust a certificate says so in an alert before it closes, as all clients do."""
    server = played[1]["an untrusted certificate"]
    until(lambda: len(server.unshaken) == 6, "the server's side of all handshakes")
    assert set(server.unshaken) == {"TLSV1_ALERT_UNKNOWN_CA"}


@pytest.mark.parametrize(("name", "at_least_ms"), [("silence", 300), ("takes no connections", 1000 * CONNECT_S)])
def test_patience_is_as_long_as_told(played: Any, name: str, at_least_ms: float) -> None:
    """Nothing is given up before its time, and little later."""
    waits = [(one["ended"] - (one["sent"] or one["taken"])) / 1e6 for one in played[0][name].done]
    assert all(at_least_ms <= wait < at_least_ms + 1500 for wait in waits), waits


def test_no_socket_left_is_an_outcome(tmp_path: Path) -> None:
    """Where the system gives no more files, the requests that want one fail, the others go on, and none is without an outcome."""
    requests = [(0.1 * n, n, 0) for n in range(30)]
    with serving(says(NO_CONTENT)) as server:
        found = drive(tmp_path, {"few files": Play(host=f"http://127.0.0.1:{server.port}", requests=requests, files=12)})["few files"]
    assert set(found.outcomes) == {"acknowledged", "failed"}
    assert found.causes == {"ok": found.outcomes["acknowledged"], "no_socket": found.outcomes["failed"]}
    assert found.said == ""


# ------------------------------------------------------------------------------------------------------- the generator is held up meanwhile
def answer_after(seconds: float) -> Script:
    """Take so long for each answer."""

    def answer(visit: Visit) -> None:
        threading.Event().wait(seconds)
        visit.answer(NO_CONTENT)

    return each(answer)


HELD = {
    "while it waits": {"held_ms": (60.0, 1200.0), "answer_s": 0.6},
    "at the end": {"held_ms": (60.0, 600.0), "until_s": 0.0, "drain_s": 0.0},
}


@pytest.mark.parametrize("name", HELD)
def test_an_answer_that_came_while_the_generator_was_held_up_is_one(tmp_path: Path, name: str) -> None:
    """Where the loop stands still for longer than patience lasts, answers that the system has by then are read before anything is given up."""
    requests = [(0.1 * n, n, 0) for n in range(150)]  # of more connections than the loop looks at in one go
    with serving(answer_after(0.2)) as server:
        found = drive(tmp_path, {name: Play(host=f"http://127.0.0.1:{server.port}", requests=requests, **HELD[name])})[name]
    assert found.causes == {"ok": 150}
