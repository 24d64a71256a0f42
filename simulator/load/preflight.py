"""What is looked at before a load begins: files and ports for connections, room on the disk, and the collector's answer to one payload."""

import http.client
import resource
import shutil
import socket
import ssl
from pathlib import Path
from typing import Final

from simulator.errors import CollectorError, DataError, ProfileError
from simulator.load.heads import Heads
from simulator.load.options import Plan
from simulator.load.pump import KEEP_S
from simulator.load.reach import demand_plain, reach
from simulator.load.target import place
from simulator.play.cohort import Cohort
from simulator.play.model import Model
from simulator.play.seat import PAYLOADS

OTHER_FILES: Final = 256  # assumed: what a process has open beside connections
UNLIMITED: Final = 1 << 20  # files, where the system names no limit: Linux's fs.nr_open
FILES: Final = f"files for them (ulimit -Hn, less {OTHER_FILES} for all else)"
PORT_RANGE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
PORTS: Final = 28_232  # Linux's own default: 32768 to 60999
PROBES: Final = 512  # assumed: devices of whom one sends something within an hour
HOUR_MS: Final = 3_600_000
EVENTS_PER_VISIT: Final = 40  # assumed
EVENT_BYTES: Final = {True: 1_200, False: 120}
"""assumed: what an event takes on the disk with the embedded collector, and with the ledger alone."""
MULTIPLE_CHOICES: Final = 300  # RFC 9110, 15
BAD_REQUEST: Final = 400


def allow_files() -> int:
    """Let this process, and those that it starts from now on, have as many files as the system allows; give how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError):  # macOS has a limit below what it tells
            hard = soft
    return UNLIMITED if hard == resource.RLIM_INFINITY else hard


def most_connections() -> int:
    """Give how many connections this process can have to one address."""
    return max(1, min(allow_files() - OTHER_FILES, ports()))


def fit(connections: int, cohorts: int, here: int, *, collects: bool) -> None:
    """Raise ProfileError if connections that devices share are more than there can be, `here` of the `cohorts` being played by one process.

    `collects`: the collector is one process of this machine, to which all of them lead.
    """
    files = allow_files() - OTHER_FILES  # in any case: a collector that is started has as many as this process
    if not connections:  # as many as there can be
        return
    limits = [(here, "a process that plays {} of them", files, FILES), (here, "a process that plays {} of them", ports(), f"ports ({PORT_RANGE})")]
    if collects:
        limits.append((cohorts, "this machine, which plays {} of them,", ports(), f"ports ({PORT_RANGE})"))
        limits.append((cohorts, "the collector that is started for {} of them", files, FILES))
    for count, who, most, what in limits:
        if connections * count > most:
            raise ProfileError(
                f"--rum-connections {connections:,} of each cohort: {who.format(count)} would have {connections * count:,}; "
                f"found {max(0, most):,} {what}; expected at most {max(0, most) // count:,}: lower it, raise that limit, or have more processes play"
            )


def ports() -> int:
    """Give how many connections one address can have to another."""
    try:
        low, high = map(int, PORT_RANGE.read_text("ascii").split())
    except (OSError, ValueError):
        return PORTS
    return high - low + 1


def warnings(plan: Plan, run_time_s: float, *, collects: bool) -> list[str]:
    """Say, a line each, what this machine is too small for; `collects`: the collector writes on the same disk."""
    found = []
    wanted = round(min(plan.devices, plan.rate_per_s * (KEEP_S + 60)))
    most = most_connections()
    if not plan.connections and wanted > most:
        limit = "file descriptors (ulimit -Hn)" if most < ports() else f"ports to one address ({PORT_RANGE})"
        found.append(f"devices would keep some {wanted:,} connections; {most:,} {limit} are there: those idle longest are closed early")
    free, needed = _room(plan, run_time_s or 600, collects=collects)
    if free < needed:
        found.append(f"the disk of {plan.folder} has {free >> 20:,} MiB free; this run may write {needed >> 20:,} MiB: free some, or make it shorter")
    return found


def check_room(plan: Plan, run_time_s: float, *, collects: bool) -> None:
    """Raise DataError if the disk cannot hold half of what a run of that length is likely to write: it would end before its time."""
    free, needed = _room(plan, run_time_s, collects=collects)
    if free < needed // 2:
        raise DataError(
            f"the disk of {plan.folder} has {free >> 20:,} MiB free; found a run that writes some {needed >> 20:,} MiB: "
            "free some, make it shorter, or give --rum-unchecked"
        )


def _room(plan: Plan, run_time_s: float, *, collects: bool) -> tuple[int, int]:
    """Give the bytes that are free, and those that a run writes."""
    needed = round(plan.rate_per_s * run_time_s * EVENTS_PER_VISIT * EVENT_BYTES[collects])
    return shutil.disk_usage(plan.folder).free, needed


def probe(model: Model, plan: Plan) -> list[int]:
    """Send one payload of a device that is not in the population; give the keys of its events, none if no such device sends any.

    Raise CollectorError if the collector does not take it, with what is to be done.
    """
    chosen = None
    for chunk in Cohort(model, plan.devices, PROBES, begin=plan.begin - HOUR_MS, epoch=plan.epoch, prints=PAYLOADS).advance(plan.begin):
        for number, p in enumerate(chunk.payloads):
            heads = Heads(model, place(plan.host), plan.form, plan.encoding)
            head = heads.of(int(p["edition"]), int(p["model"]), int(p["country"]), int(p["length"]))
            body = bytes(chunk.text[p["begins"] : p["begins"] + p["length"]])
            keys = [int(key) & (1 << 64) - 1 for key in chunk.events["event"][chunk.events["payload"] == number]]
            chosen = head.path, head.headers, bytes(heads.encode(body) if heads.encode else body), keys
            break
        if chosen:
            break
    if chosen is None:
        return []
    path, headers, data, keys = chosen
    _post(plan, path, headers, data)
    return keys


def _reason(used: socket.socket | None, error: OSError) -> str:
    """Say why a connection broke. In TLS 1.3 it may be refused, with an alert, when the payload is on its way: what cannot be sent hides that."""
    try:
        if isinstance(used, ssl.SSLSocket):
            used.recv(1)
    except OSError as told:
        error = told if isinstance(told, ssl.SSLError) else error
    return (isinstance(error, ssl.SSLError) and error.reason) or error.strerror or str(error)


def _post(plan: Plan, path: str, headers: dict[str, str], data: bytes) -> None:
    to = place(plan.host)
    at = f"--host {plan.host}"
    connection = http.client.HTTPConnection(to.host, to.port)
    connection.sock = reach(plan.host, to, plan.tls_ca)
    connection.sock.settimeout(plan.answer_s)
    try:
        connection.request("POST", path, data, headers)
        answer = connection.getresponse()
        answer.read()
    except TimeoutError:
        raise CollectorError(f"{at}: no answer to a payload within {plan.answer_s:g} s (--rum-timeout); is the collector up?") from None
    except OSError as error:
        demand_plain(plan.host, to)
        wanted = "a collector that asks its clients for no certificate" if to.secure else "a collector"
        raise CollectorError(f"{at}: breaks off before it answers ({_reason(connection.sock, error)}); expected {wanted}") from None
    except http.client.HTTPException as error:
        demand_plain(plan.host, to)
        raise CollectorError(f"{at}: what it answers is not HTTP ({type(error).__name__}); expected a collector") from None
    finally:
        connection.close()
    if answer.status >= MULTIPLE_CHOICES:
        if answer.status == BAD_REQUEST:  # as servers of TLS answer plain HTTP
            demand_plain(plan.host, to)
        raise CollectorError(
            f"{at}: answered {answer.status} {answer.reason} to a payload on {path}; expected 200 to 299: is the profile's app.endpoint right?"
        )
