"""The collector as an ASGI application without a framework: POST on any path stores, the rest is for people, SDKs that ask, and starters.

Rules of the file: between the look for duplicates and the end of the append nothing awaits, so both are one step; every fault is recorded before
its answer leaves; a disk that takes no more is a 503 with nothing half stored.
"""

import asyncio
import hmac
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from xxhash import xxh3_64_intdigest

from simulator.collector import config
from simulator.collector.exchange import JSON, Answer, Gone, Receive, Scope, Send, accept, cross_origin, read_body, refuse
from simulator.collector.faults import Faults
from simulator.collector.payload import Flaw, take_apart
from simulator.collector.store import FORMAT, Row, Store, event_keys

BODY_LIMIT: Final = 8 << 20  # assumed: over 100 times what a beacon carries
CONFIG: Final = "/config/"
ALLOWED: Final = {"/healthz": "GET, POST, OPTIONS", "/stats": "GET, POST, OPTIONS", CONFIG: "GET, PUT, POST, OPTIONS"}
STORED: Final = Answer(204)


class Collector:
    """The application and its counters.

    `sever(client, reset)` closes the connection of a client, with or without a reset; `closing()` says whether the server is about to stop.
    """

    def __init__(
        self,
        store: Store,
        faults: Faults | None = None,
        *,
        key: str | None = None,
        body_limit: int = BODY_LIMIT,
        sever: Callable[[Any, bool], None] = lambda client, reset: None,
        closing: Callable[[], bool] = lambda: False,
    ) -> None:
        """Begin to count."""
        self._store, self._faults, self._body_limit, self._sever, self._closing = store, faults, body_limit, sever, closing
        self._key = None if key is None else key.encode()
        self._since, self._start = now_ms(), time.monotonic()
        self._requests = self._payloads = self._events = self._duplicates = self._size_bytes = 0
        self._refused: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._requests += 1
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            try:
                answer = await self._answer(scope, headers, receive)
            except OSError as error:
                flaw = Flaw("cannot store", "disk", error.strerror or str(error), "room in the collector's folder")
                answer = refuse(503, flaw, (b"retry-after", b"1"))
            if answer.status >= 400:  # noqa: PLR2004
                self._refused[answer.status] += 1
            await send(
                {"type": "http.response.start", "status": answer.status, "headers": [*answer.headers, *cross_origin(scope["method"], headers)]}
            )
            await send({"type": "http.response.body", "body": answer.body, "more_body": answer.cut})
            if answer.cut:
                await self._part(scope, receive, reset=False)
        except Gone:
            return

    async def _answer(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> Answer:
        method, path = scope["method"], scope["path"]
        place = CONFIG if path.startswith(CONFIG) else path
        if method == "POST" or (method == "PUT" and place == CONFIG):
            if self._key is not None and not self._carries_key(headers, scope["query_string"], self._key):
                return refuse(401, Flaw("no valid key", "header x-api-key or query key", "none, or another", "the collector's key"))
            body = await read_body(headers, receive, self._body_limit)
            if isinstance(body, Answer):
                return body
            self._size_bytes += len(body)
            if method == "PUT":
                return config.put(self._store.directory, path.removeprefix(CONFIG), body, now_ms())
            return await self._collect(scope, body, receive)
        allowed = ALLOWED.get(place, "POST, OPTIONS")
        if method == "OPTIONS":
            return Answer(204, headers=((b"allow", allowed.encode()),))
        if method not in ("GET", "HEAD"):
            return refuse(405, Flaw("method not allowed", "method", method, allowed), (b"allow", allowed.encode()))
        if place == CONFIG:
            return config.get(self._store.directory, path.removeprefix(CONFIG))
        if place == "/healthz":
            return accept({"format": FORMAT, "status": "ok"})
        if place == "/stats":
            return accept(self.stats())
        return refuse(404, Flaw("nothing here", "path", path, "POST on any path; GET /healthz, /stats, /config/<app>"))

    def _carries_key(self, headers: Mapping[bytes, bytes], query: bytes, key: bytes) -> bool:
        given = [headers.get(b"x-api-key", b""), *(value.encode() for name, value in parse_qsl(query.decode("latin-1")) if name == "key")]
        return sum(hmac.compare_digest(one, key) for one in given) > 0  # all compared: the time tells nothing

    async def _collect(self, scope: Scope, body: bytes, receive: Receive) -> Answer:
        faults, digest, elapsed = self._faults, 0, 0.0
        if faults:
            digest, elapsed = xxh3_64_intdigest(body), time.monotonic() - self._start
            if (answer := await self._misbehave(faults, scope, receive, digest, elapsed)) is not None:
                return answer
        batch = take_apart(body)
        if isinstance(batch, Flaw):
            return refuse(400, batch)
        keys = event_keys([head.event_id for head in batch.heads])
        fresh = self._store.fresh(keys)
        rows = [Row(now_ms(), scope["path"], batch.envelope, batch.events if len(fresh) == len(keys) else [batch.events[place] for place in fresh])]
        if faults:
            rows, done = faults.bend(batch, keys, fresh, rows[0], digest, elapsed)
            self._store.append(rows, keys)
            faults.record(done)
        else:
            self._store.append(rows if fresh else [], keys)
        self._payloads += 1
        self._events += sum(len(row.events) for row in rows)
        self._duplicates += len(keys) - len(fresh)
        if faults and faults.request("truncate", digest, elapsed):
            faults.record([_line("truncate", scope, digest)])
            return Answer(200, b'{"stored":', (JSON, (b"content-length", b"64")), cut=True)
        return STORED

    async def _misbehave(self, faults: Faults, scope: Scope, receive: Receive, digest: int, elapsed: float) -> Answer | None:
        """Do the faults of a whole request; None if it is to be stored now."""
        if fault := faults.request("freeze", digest, elapsed):
            faults.record([_line("freeze", scope, digest)])
            await self._pause(fault.until - elapsed)
        if fault := faults.request("delay", digest, elapsed):
            faults.record([_line("delay", scope, digest, ms=fault.number)])
            await self._pause(fault.number / 1000)
        if fault := faults.request("status", digest, elapsed):
            faults.record([_line("status", scope, digest, status=fault.number)])
            return refuse(fault.number, Flaw("a fault on demand", "--fault status", "a sound request", "another try"))
        if fault := faults.request("retry_after", digest, elapsed):
            faults.record([_line("retry_after", scope, digest, seconds=fault.number)])
            flaw = Flaw("a fault on demand", "--fault retry_after", "a sound request", f"another try in {fault.number} s")
            return refuse(429, flaw, (b"retry-after", str(fault.number).encode()))
        if faults.request("reset", digest, elapsed):
            faults.record([_line("reset", scope, digest)])
            await self._part(scope, receive, reset=True)
            raise Gone
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closing():  # noqa: ASYNC110
            await asyncio.sleep(min(left, 0.1))

    async def _part(self, scope: Scope, receive: Receive, *, reset: bool) -> None:
        self._sever(scope["client"], reset)
        while (await receive())["type"] != "http.disconnect":
            pass

    def stats(self) -> dict[str, object]:
        """Give the counters since the start. `events`: stored copies; `known`: events that would be duplicates now; `torn`: see Store."""
        return {
            "format": FORMAT,
            "since": self._since,
            "requests": self._requests,
            "payloads": self._payloads,
            "events": self._events,
            "duplicates": self._duplicates,
            "refused": {str(status): count for status, count in sorted(self._refused.items())},
            "bytes": self._size_bytes,
            "faults": dict(self._faults.counts) if self._faults else {},
            "known": len(self._store.known),
            "torn": self._store.torn,
        }


def _line(kind: str, scope: Scope, digest: int, **more: int) -> dict[str, object]:
    return {"kind": kind, "payload": f"{digest:016x}", "path": scope["path"], "at": now_ms(), **more}


def now_ms() -> int:
    """Give the wall clock in ms since the Unix epoch."""
    return time.time_ns() // 1_000_000
