"""What load is put on, and what it is compared with: nginx that answers 204 and does nothing, and wrk; installed by apt where that can be."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from gates import AbsentError, WrongError

PACKAGES = {"nginx": "nginx-light", "wrk": "wrk"}
READY_S = 10.0
CONFIG = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_rlimit_nofile 65536;
events {{ worker_connections 65536; multi_accept on; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_buffer_size 128k;
  client_max_body_size 10m;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} backlog=65535; location / {{ return 204; }} }}
}}
"""
"""No body and no log; as many connections as there can be."""
WRK = """
wrk.method = "POST"
wrk.path = "/rum/collect"
wrk.body = string.rep("x", {size})
wrk.headers["Content-Type"] = "text/plain;charset=UTF-8"
"""


@cache
def program(name: str) -> str:
    """Give the path of a program, which apt installs if it can; raise AbsentError if it cannot."""
    found = _find(name)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", PACKAGES[name]]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "--quiet"], install):
            subprocess.run(command, check=False, capture_output=True, env=environment)
        found = _find(name)
    if found is None:
        raise AbsentError(f"{name} is not there and could not be installed; as root: apt-get install {PACKAGES[name]}")
    return found


def _find(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Server(NamedTuple):
    """nginx, while it runs."""

    url: str
    workers: tuple[int, ...]
    """Their process ids."""


@contextmanager
def nginx() -> Iterator[Server]:
    """Run nginx on a port and in a folder of its own; it is stopped in the end, whatever happens. Raise AbsentError if there is none."""
    command = program("nginx")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        folder.chmod(0o755)  # its worker is nobody
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port))
        process = subprocess.Popen(
            [command, "-p", name, "-c", str(folder / "nginx.conf")], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + READY_S
            while not (workers := _children(process.pid)) or not _listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    log = folder / "error.log"
                    raise WrongError(f"nginx did not start: {log.read_text().strip()[-200:] if log.exists() else 'it said nothing'}")
                time.sleep(0.02)
            _keep_to_a_core(workers)
            yield Server(f"http://127.0.0.1:{port}", workers)
        finally:
            for pid in _children(process.pid):
                os.kill(pid, signal.SIGCONT)  # one that is frozen would not stop
            process.terminate()
            process.wait()


def _keep_to_a_core(pids: tuple[int, ...]) -> None:
    """Keep the target to one core, where the system can: it is never where the sender is already, who may run on any."""
    if hasattr(os, "sched_setaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        for pid in pids:
            os.sched_setaffinity(pid, cores[-1:])


def wrk(size_bytes: int, seconds: int) -> float:
    """Give the CPU microseconds that wrk takes for a request with a constant body, on 64 connections."""
    command = program("wrk")
    with nginx() as server, tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(WRK.format(size=size_bytes))
        process = subprocess.Popen([command, "-t1", "-c64", f"-d{seconds}", "-s", str(script), server.url], stdout=subprocess.PIPE, text=True)
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    requests = [line.split()[0] for line in said.splitlines() if " requests in " in line]
    if process.returncode or not requests or "Non-2xx" in said or "Socket errors" in said:
        raise WrongError(f"wrk ended with {process.returncode}: {said.strip()[-200:]!r}")
    return (used.ru_utime + used.ru_stime) * 1e6 / int(requests[0])


def _children(pid: int) -> tuple[int, ...]:
    try:
        return tuple(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:
        return ()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
