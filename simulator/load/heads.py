"""The heads of requests: those of like devices are one, made when the first of them sends."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from isal import igzip
from numpy.typing import NDArray

from simulator.kernel.text import SLACK
from simulator.kernel.twin import twin
from simulator.load.headers import Who, headers
from simulator.load.options import GZIP, IDENTITY, MSGPACK
from simulator.load.request import Head
from simulator.load.target import Place
from simulator.play.cohort import Rows
from simulator.play.model import Model
from simulator.play.payloads import posts
from simulator.play.requests import BLANK, find_heads, head_key
from simulator.profile.editions import EDITIONS

LEVEL: Final = 1  # of igzip, 0 to 3: what it costs to compress is the generator's, what comes of it differs little

Body = bytes | memoryview
Encode = Callable[[Body], Body]


class Pool(NamedTuple):
    """Heads for compiled code (play/requests.py)."""

    texts: NDArray[np.uint8] = np.array([*BLANK, *bytes(SLACK)], np.uint8)
    """The blank line, and the texts one after the other."""
    ends: NDArray[np.int64] = np.array([len(BLANK)])
    """Of the blank line, and of each text."""
    keys: NDArray[np.int64] = np.array([], np.int64)
    """In order."""
    numbers: NDArray[np.int64] = np.array([], np.int64)
    """Of the heads with these keys."""

    def with_more(self, keys: NDArray[np.int64], texts: Sequence[bytes]) -> "Pool":
        """Give a pool with more heads, the numbers of which come next."""
        joined = np.concatenate([self.texts[:-SLACK], np.frombuffer(b"".join([*texts, bytes(SLACK)]), np.uint8)])
        ends = np.concatenate([self.ends, self.ends[-1] + np.cumsum([len(text) for text in texts])])
        keys = np.concatenate([self.keys, keys])
        numbers = np.concatenate([self.numbers, np.arange(len(self.numbers), len(keys))])
        order = np.argsort(keys)
        return Pool(joined, ends, keys[order], numbers[order])


class Heads:
    """Makes heads for a model's devices. Beside what SDKs do, bodies may be told in msgpack, or compressed: then headers say so."""

    def __init__(self, model: Model, place: Place, form: str, encoding: str) -> None:
        """Have made none. `form` and `encoding`: as in the plan."""
        self._model, self._place, self._form, self._encoding = model, place, form, encoding
        self._app_types = [edition.app_type for edition in EDITIONS.values()]
        self._posts = posts(model.profile.app)
        self._limits = np.array([limit for limit, _ in self._posts[::2]], np.int64)
        self.made: list[Head] = []
        """By number."""
        self.pool = Pool()
        path = place.prefix + model.profile.app.endpoint
        self.endpoints = [path]
        self.encode = _encoder(form, encoding)

    def of(self, edition: int, model: int, country: int, length: int) -> Head:
        """Give the head for a payload of `length` bytes of a device; `model` and `country` as in play/buffers.py."""
        key = head_key(self._limits, edition, length, model, country)
        if key not in self.pool.keys:
            self._add(np.array([key]))
        return self.made[int(self.pool.numbers[np.searchsorted(self.pool.keys, key)])]

    def all_of(self, payloads: Rows) -> NDArray[np.int64]:
        """Give the number of each payload's head; rows of play/buffers.py."""
        which = np.empty(len(payloads), np.int64)
        if twin(find_heads)(payloads, self._limits, self.pool.keys, self.pool.numbers, which):
            self._add(np.unique(~which[which < 0]))
            twin(find_heads)(payloads, self._limits, self.pool.keys, self.pool.numbers, which)
        return which

    def _add(self, keys: NDArray[np.int64]) -> None:
        heads = [self._make(key) for key in keys.tolist()]
        self.made += heads
        self.pool = self.pool.with_more(keys, [head.text for head in heads])

    def _make(self, key: int) -> Head:
        way, model, country = key >> 48, key >> 32 & 0xFFFF, key & 0xFFFFFFFF
        texts, device = self._model.texts, self._model.world.models[model]
        who = Who(self._app_types[way // 2], texts[device.name], texts[device.os_name], texts[device.os_version], texts[country])
        content_type = self._posts[way][1].content_type
        named = headers(who, self._model.profile.app.origin, "application/msgpack" if self._form == MSGPACK else content_type)
        if self._encoding != IDENTITY:
            named["Content-Encoding"] = self._encoding
        path = self.endpoints[0]
        lines = [f"POST {path} HTTP/1.1", f"Host: {self._place.authority}", *(f"{name}: {value}" for name, value in named.items())]
        return Head(0, path, named, ("\r\n".join(lines) + "\r\nContent-Length: ").encode())


def _encoder(form: str, encoding: str) -> Encode | None:
    """Give what turns a body of JSON into what is sent; None if that is the same."""

    def packed(body: Body) -> Body:
        return msgspec.msgpack.encode(msgspec.json.decode(body))

    def compressed(body: Body) -> Body:
        return igzip.compress(body, LEVEL, mtime=0)

    if form == MSGPACK and encoding == GZIP:
        return lambda body: compressed(packed(body))
    return packed if form == MSGPACK else compressed if encoding == GZIP else None
