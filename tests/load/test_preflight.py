"""What is looked at before a load begins. None of this imports Locust."""

import json
import resource
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from scripted import CERTIFICATE, NO_CONTENT, Script, Server, Visit, says
from waiting import until

from simulator.errors import CollectorError, DataError, ProfileError
from simulator.load import preflight, reach
from simulator.load.options import Plan
from simulator.load.preflight import allow_files, check_room, fit, most_connections, ports, probe, warnings
from simulator.load.target import place
from simulator.play.model import Model, read
from simulator.profile import starters

EPOCH = 1_767_571_200_000
PLAN = Plan(
    profile=starters.read("shop"),
    seed=3,
    devices=5000,
    rate_per_s=20.0,
    visits_per_day=4.0,
    speed=1.0,
    begin=12 * 3_600_000,
    epoch=EPOCH,
    host="",
    folder=".",
    answer_s=1.0,
)


def plan(**changes: Any) -> Plan:
    """Give a plan with changes."""
    return msgspec.structs.replace(PLAN, **changes)


@pytest.fixture(scope="module")
def model() -> Model:
    """Give what the plan plays."""
    return read(PLAN.profile, "shop", PLAN.seed, visits_per_day=PLAN.visits_per_day)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Close the servers of a test."""
    made: list[Server] = []
    yield made
    for server in made:
        server.close()


def unused() -> int:
    """Give a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def status(line: bytes) -> Script:
    """Answer with a status and nothing else."""
    return says(b"HTTP/1.1 " + line + b"\r\nContent-Length: 0\r\n\r\n")


def test_one_payload_is_sent(model: Model, servers: list[Server]) -> None:
    """A collector that takes one whole payload is fit; the keys that come back are those of its events, so that nobody calls them unexpected."""
    servers.append(Server(says(NO_CONTENT)))
    keys = probe(model, plan(host=f"http://127.0.0.1:{servers[0].port}/x"))
    (visit,) = servers[0].visits
    assert visit.numbers == [-1]
    assert keys == [int(event["event_id"][-16:], 16) for event in json.loads(visit.body)["events"]] != []
    assert visit.head.startswith(b"POST /x/rum/collect HTTP/1.1\r\n")


def test_its_device_is_not_of_the_population(model: Model, servers: list[Server]) -> None:
    """The payload is of a device beyond the plan's, so the load sends none of its events; with one device more it is another."""
    servers.append(Server(says(NO_CONTENT)))
    host = f"http://127.0.0.1:{servers[0].port}"
    keys = {tuple(probe(model, plan(host=host, devices=devices))) for devices in (5000, 6000)}
    assert len(keys) == 2


def halve(visit: Visit) -> None:
    """Give half an answer and close."""
    if visit.request() is not None:
        visit.answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


def refuse_tls(visit: Visit) -> None:
    """Answer a handshake as a server of HTTP does that looks at each line."""
    visit.socket.recv(1 << 16)
    visit.socket.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def greet(visit: Visit) -> None:
    """Speak first, and neither HTTP nor TLS."""
    visit.socket.sendall(b"SSH-2.0-OpenSSH\r\n")
    visit.wait_for_end()


def speak_both(visit: Visit) -> None:
    """Answer HTTP in HTTP, to say that TLS is spoken here, as nginx does."""
    if visit.socket.recv(1, socket.MSG_PEEK) != b"\x16":  # a record of a handshake
        visit.request()
        visit.socket.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        return
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(CERTIFICATE)
    with settings.wrap_socket(visit.socket, server_side=True) as tls:
        tls.recv(1)


def speak_late(visit: Visit) -> None:
    """Speak TLS, but not soon; answer HTTP as `speak_both` does."""
    if visit.socket.recv(1, socket.MSG_PEEK) == b"\x16":
        threading.Event().wait(3 * SOON_S)
    speak_both(visit)


SOON_S = 0.2
secure = says(NO_CONTENT)
SERVERS: dict[str, Script] = {
    "secure": secure,
    "refuses": refuse_tls,
    "plain": says(NO_CONTENT),  # waits for the end of what it takes for a request
    "other": greet,
    "silent": lambda visit: visit.wait_for_end(),
    "resets": lambda visit: visit.socket.recv(1) and visit.reset(),
    "both": speak_both,
}


HEARS: dict[str, tuple[Script, str]] = {
    # what the collector does: what the user reads
    "not found": (status(b"404 Not Found"), "answered 404 Not Found to a payload on /rum/collect; expected 200 to 299"),
    "elsewhere": (status(b"301 Moved"), "answered 301 Moved to a payload"),
    "busy": (status(b"503 Service Unavailable"), "answered 503 Service Unavailable to a payload"),
    "silent": (lambda visit: visit.wait_for_end(), "no answer to a payload within 1 s (--rum-timeout); is the collector up?"),
    "no HTTP": (says(b"SSH-2.0-OpenSSH\r\n\r\n"), "what it answers is not HTTP (BadStatusLine); expected a collector"),
    "half": (halve, "what it answers is not HTTP (IncompleteRead)"),
    "resets": (lambda visit: visit.socket.recv(1) and visit.reset(), "breaks off before it answers (Connection reset by peer); expected a collector"),
    "bad request": (status(b"400 Bad Request"), "answered 400 Bad Request to a payload"),
}


@pytest.mark.parametrize("name", HEARS)
def test_a_collector_that_is_not_fit_is_one_line(model: Model, servers: list[Server], name: str) -> None:
    """Host, what was found, what was expected: one line, exit code 1."""
    script, said = HEARS[name]
    servers.append(Server(script))
    host = f"http://127.0.0.1:{servers[0].port}"
    with pytest.raises(CollectorError) as caught:
        probe(model, plan(host=host))
    assert str(caught.value).startswith(f"--host {host}: {said}")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("http://127.0.0.1:{unused}", "cannot be reached (Connection refused); expected a collector that listens there"),
        ("http://nowhere.invalid:80", "cannot be reached ("),
        ("https://127.0.0.1:{secure}", "no TLS with it (CERTIFICATE_VERIFY_FAILED); expected a certificate to trust: see --rum-tls-ca"),
        (
            "https://127.0.0.1:{refuses}",
            "no TLS handshake: plain HTTP is spoken on port {refuses}; expected TLS: give --host http://127.0.0.1:{refuses},",
        ),
        ("https://127.0.0.1:{plain}", "no TLS handshake: plain HTTP is spoken on port {plain}; expected TLS: give --host http://127.0.0.1:{plain},"),
        ("https://127.0.0.1:{other}", "no TLS handshake (WRONG_VERSION_NUMBER); expected a server of TLS on port {other}"),
        ("https://127.0.0.1:{resets}", "no TLS handshake ("),
        (
            "https://127.0.0.1:{silent}",
            "no TLS handshake within 2 s, and no plain HTTP either; expected a server of TLS on port {silent}: is it up?",
        ),
        (
            "http://127.0.0.1:{secure}",
            "TLS is spoken on port {secure}; expected plain HTTP, as the URL says: give --host https://127.0.0.1:{secure},",
        ),
        ("http://127.0.0.1:{both}", "TLS is spoken on port {both}; expected plain HTTP, as the URL says: give --host https://127.0.0.1:{both},"),
    ],
)
def test_a_host_that_cannot_be_spoken_to_is_one_line(
    model: Model, servers: list[Server], monkeypatch: pytest.MonkeyPatch, host: str, said: str
) -> None:
    """So is each way in which no word is exchanged; it is told at once, however long answers are waited for."""
    monkeypatch.setattr(reach, "CONNECT_S", 2.0)
    servers += [Server(script, secure=script is secure) for script in SERVERS.values()]
    ports = dict(zip(SERVERS, (server.port for server in servers), strict=True)) | {"unused": unused()}
    host = host.format(**ports)
    began = time.monotonic()
    with pytest.raises(CollectorError) as caught:
        probe(model, plan(host=host, answer_s=60.0))
    assert time.monotonic() - began < 10
    assert str(caught.value).startswith(f"--host {host}: {said.format(**ports)}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("waits", [True, False])
def test_a_collector_that_demands_a_certificate_is_one_line(
    model: Model, servers: list[Server], monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """The load sends none; in TLS 1.3 the refusal comes when the payload is on its way, or has still to go and finds the connection closed."""
    servers.append(Server(says(NO_CONTENT), secure=True, demands=True))

    def reach_late(*about: Any) -> Any:
        made = reach.reach(*about)
        until(lambda: servers[0].unshaken or not waits, "the refusal")
        return made

    monkeypatch.setattr(preflight, "reach", reach_late)
    host = f"https://127.0.0.1:{servers[0].port}"
    with pytest.raises(CollectorError) as caught:
        probe(model, plan(host=host, tls_ca="any"))
    assert str(caught.value).startswith(
        f"--host {host}: breaks off before it answers (TLSV13_ALERT_CERTIFICATE_REQUIRED); expected a collector that "
    )


@pytest.mark.parametrize("trusts", [str(CERTIFICATE), "any"])
def test_a_trusted_certificate_is_fit(model: Model, servers: list[Server], trusts: str) -> None:
    """With the authority named, or any trusted, a server of TLS is spoken to."""
    servers.append(Server(says(NO_CONTENT), secure=True))
    assert probe(model, plan(host=f"https://127.0.0.1:{servers[0].port}", tls_ca=trusts))


def test_a_wrong_authority_is_the_user_s_mistake(model: Model) -> None:
    """A file of authorities that is not there is told as such, with exit code 2."""
    with pytest.raises(ProfileError) as caught:
        probe(model, plan(host="https://127.0.0.1:1", tls_ca="missing.pem"))
    assert str(caught.value).startswith("--rum-tls-ca missing.pem: ")


# -------------------------------------------------------------------------------------------------------------------------------- the machine
@pytest.mark.parametrize(
    ("most", "range_", "free_mib", "changes", "collects", "said"),
    [
        (100_000, 28_000, 1 << 20, {}, True, []),
        (100_000, 28_000, 1 << 20, {"rate_per_s": 1e5, "connections": 500}, False, []),  # shared: as many as told
        (1_000, 28_000, 1 << 20, {}, False, ["devices would keep some 5,000 connections; 1,000 file descriptors (ulimit -Hn) are there"]),
        (3_000, 3_000, 1 << 20, {}, False, ["devices would keep some 5,000 connections; 3,000 ports to one address"]),
        (100_000, 28_000, 100, {}, True, ["the disk of . has 100 MiB free; this run may write 549 MiB"]),
        (100_000, 28_000, 100, {}, False, []),  # the ledger alone takes less
        (100_000, 28_000, 10, {}, False, ["the disk of . has 10 MiB free; this run may write 54 MiB"]),
    ],
)
def test_a_machine_that_is_too_small_is_said(
    monkeypatch: pytest.MonkeyPatch, most: int, range_: int, free_mib: int, changes: dict[str, Any], collects: bool, said: list[str]
) -> None:
    """Connections, ports and room on the disk that will not do are told, a line each; where all is there, nothing is."""
    monkeypatch.setattr(preflight, "most_connections", lambda: most)
    monkeypatch.setattr(preflight, "ports", lambda: range_)
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: SimpleNamespace(free=free_mib << 20))
    found = warnings(plan(**changes), 600, collects=collects)
    assert len(found) == len(said)
    assert all(line.startswith(expected) for line, expected in zip(found, said, strict=True))


@pytest.mark.parametrize(("free_mib", "run_time_s", "fits"), [(275, 600, True), (274, 600, False), (0, 0, True), (2, 5, False), (3, 5, True)])
def test_a_disk_that_will_be_full_is_an_error(monkeypatch: pytest.MonkeyPatch, free_mib: int, run_time_s: float, fits: bool) -> None:
    """Where half of what the run is likely to write finds no room, it does not begin; how much a run without an end writes nobody knows."""
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda _: SimpleNamespace(free=free_mib << 20))
    if fits:
        check_room(PLAN, run_time_s, collects=True)
        return
    with pytest.raises(DataError) as caught:
        check_room(PLAN, run_time_s, collects=True)
    assert caught.value.exit_code == 2
    assert str(caught.value).startswith(f"the disk of . has {free_mib} MiB free; found a run that writes some ")
    assert "--rum-unchecked" in str(caught.value)


@pytest.mark.parametrize(("text", "expected"), [("32768\t60999\n", 28_232), ("1024 1024", 1), ("odd", 28_232), (None, 28_232)])
def test_ports_are_the_system_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, expected: int) -> None:
    """The system's range of ports counts; where it tells none, Linux's own default."""
    told = tmp_path / "range"
    if text is not None:
        told.write_text(text, "ascii")
    monkeypatch.setattr(preflight, "PORT_RANGE", told)
    assert ports() == expected


def test_the_limit_of_files_is_raised_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many connections as the hard limit allows, less what a process has open beside them; the soft limit is raised to it."""
    raised = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 5000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    monkeypatch.setattr(preflight, "ports", lambda: 100_000)
    assert most_connections() == 5000 - 256
    assert raised == [(5000, 5000)]


def test_a_limit_that_cannot_be_raised_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system does not keep what it says, the files that there are count."""

    def refuse(*_: object) -> None:
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert allow_files() == 1024


@pytest.mark.parametrize(
    ("connections", "cohorts", "here", "collects", "said"),
    [
        (0, 4, 4, True, None),  # each device has its own
        (250, 4, 4, False, None),
        (251, 4, 4, False, "251 of each cohort: a process that plays 4 of them would have 1,004; found 1,000 files for them (ulimit -Hn, less 256"),
        (251, 4, 2, False, None),  # two processes
        (500, 4, 2, True, "500 of each cohort: the collector that is started for 4 of them would have 2,000; found 1,000 files for them"),
        (500, 4, 2, False, None),
        (901, 1, 1, False, "901 of each cohort: a process that plays 1 of them would have 901; found 900 ports (/proc/"),
    ],
)
def test_more_connections_than_can_be_are_told(
    monkeypatch: pytest.MonkeyPatch, connections: int, cohorts: int, here: int, collects: bool, said: str | None
) -> None:
    """Connections that devices share are held against files and ports before the load: one line with what is there and what would do."""
    monkeypatch.setattr(preflight, "allow_files", lambda: 1256)
    monkeypatch.setattr(preflight, "ports", lambda: 900 if connections == 901 else 28_000)
    if said is None:
        fit(connections, cohorts, here, collects=collects)
        return
    with pytest.raises(ProfileError) as caught:
        fit(connections, cohorts, here, collects=collects)
    assert str(caught.value).startswith(f"--rum-connections {said}")
    assert "; expected at most " in str(caught.value)


def test_a_server_of_tls_may_be_slow(servers: list[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """That it answers plain HTTP meanwhile, by 400, makes it no server of that."""
    monkeypatch.setattr(reach, "SOON_S", SOON_S)
    servers.append(Server(speak_late))
    with reach.reach(f"https://127.0.0.1:{servers[-1].port}", place(f"https://127.0.0.1:{servers[-1].port}"), "any") as tls:
        assert isinstance(tls, ssl.SSLSocket)
        assert tls.version()
