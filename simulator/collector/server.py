"""The collector's process: lock, bind, tell where, serve until told to stop."""

import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import uvicorn

from simulator.collector.app import BODY_LIMIT, Collector, now_ms
from simulator.collector.faults import Faults, parse
from simulator.collector.store import FORMAT, SEGMENT_BYTES, Store
from simulator.errors import ProfileError
from simulator.schema import document

PLACE: Final = "collector.json"
KEEP_ALIVE_S: Final = 75  # nginx's keepalive_timeout: longer than an SDK's pause between two payloads
BACKLOG: Final = 2048  # uvicorn's
GRACE_S: Final = 10  # assumed: for requests in flight at the end
LINGER_NONE: Final = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset
ANYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Addresses that one can listen on but not post to."""


def serve(
    *,
    directory: Path,
    host: str = "127.0.0.1",
    port: int = 0,
    key: str | None = None,
    faults: Sequence[str] = (),
    seed: int = 1,
    body_limit: int = BODY_LIMIT,
    segment_bytes: int = SEGMENT_BYTES,
    until_closed: bool = False,
) -> None:
    """Receive and store until SIGTERM or SIGINT, then finish what is in flight and return.

    Once it listens, `collector.json` in the folder has url, pid and started_at (ms): a starter waits for the one with its child's pid.
    Raises ProfileError for a wrong fault, a folder or port that is taken or cannot be used.
    """
    if until_closed:
        threading.Thread(target=_end_with_input, daemon=True).start()
    agreed = [parse(text, seed) for text in faults]
    with _listen(host, port) as listening:
        store = Store(directory, segment_bytes=segment_bytes)
        (directory / PLACE).unlink(missing_ok=True)  # of a process that was killed
        log = Faults(agreed, directory) if agreed else None
        try:
            _serve(directory, host, listening, store, log, key, body_limit)
        finally:
            (directory / PLACE).unlink(missing_ok=True)
            if log:
                log.close()
            store.close()


def _serve(directory: Path, host: str, listening: socket.socket, store: Store, faults: Faults | None, key: str | None, body_limit: int) -> None:
    def sever(client: object, reset: bool) -> None:
        connections: set[Any] = set(server.server_state.connections)
        for transport in [connection.transport for connection in connections if connection.client == client]:
            if reset:
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
                transport.abort()
            else:
                transport.close()

    def stop(*_: object) -> None:
        server.should_exit = True

    app = Collector(store, faults, key=key, body_limit=body_limit, sever=sever, closing=lambda: server.should_exit)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            loop="uvloop",
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            log_level="error",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    # uvicorn raises the signal again when it has shut down: with these it then means nothing, and the process ends with 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    address = f"[{shown}]" if ":" in (shown := ANYWHERE.get(host, host)) else shown
    url = f"http://{address}:{listening.getsockname()[1]}"
    document.write(directory / PLACE, {"format": FORMAT, "url": url, "pid": os.getpid(), "started_at": now_ms()})
    sys.stderr.write(f"rumsim collector on {url}, storing in {directory}\n")
    sys.stderr.flush()
    server.run(sockets=[listening])


def _end_with_input() -> None:
    """Wait until standard input closes, then end as if told to."""
    while os.read(0, 1024):  # no lock of Python's is held at the end of the process
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((address[0], port, *address[2:]))  # getaddrinfo takes a port modulo 65536
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ProfileError(
            f"--host {host} --port {port}: cannot listen there ({reason}); stop what listens there, or take --port 0 for a free one"
        ) from None
    return listening
