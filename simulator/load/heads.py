"""The heads of requests: those of like devices are one, made when the first of them sends."""

from collections.abc import Callable
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

    def with_one_more(self, key: int, text: bytes) -> "Pool":
        """Give a pool with a head more, the number of which comes next."""
        texts = np.concatenate([self.texts[:-SLACK], np.frombuffer(text + bytes(SLACK), np.uint8)])
        place, number = int(np.searchsorted(self.keys, key)), len(self.keys)
        ends = np.append(self.ends, self.ends[-1] + len(text))
        return Pool(texts, ends, np.insert(self.keys, place, key), np.insert(self.numbers, place, number))


class Heads:
    """Makes heads for a model's devices. Beside what SDKs do, bodies may be told in msgpack, or compressed: then headers say so."""

    def __init__(self, model: Model, place: Place, form: str, encoding: str) -> None:
        """Have made none. `form` and `encoding`: as in the plan."""
        self._model, self._place, self._form, self._encoding = model, place, form, encoding
        self._app_types = [edition.app_type for edition in EDITIONS.values()]
        self._posts = posts(model.profile.app)
        self._limits = np.array([limit for limit, _ in self._posts[::2]], np.int64)
        self._numbers: dict[int, int] = {}
        """By key (play/requests.py)."""
        self.made: list[Head] = []
        """By number."""
        self.pool = Pool()
        path = place.prefix + model.profile.app.endpoint
        self.endpoints = [path]
        self.encode = _encoder(form, encoding)

    def of(self, edition: int, model: int, country: int, length: int) -> Head:
        """Give the head for a payload of `length` bytes of a device; `model` and `country` as in play/buffers.py."""
        return self.made[self._number(head_key(self._limits, edition, length, model, country))]

    def all_of(self, payloads: Rows) -> NDArray[np.int64]:
        """Give the number of each payload's head; rows of play/buffers.py."""
        which = np.empty(len(payloads), np.int64)
        while (found := twin(find_heads)(payloads, self._limits, self.pool.keys, self.pool.numbers, which)) < len(payloads):
            self._number(head_key(self._limits, *(int(payloads[found][name]) for name in ("edition", "length", "model", "country"))))
        return which

    def _number(self, key: int) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.made)
            self.made.append(self._make(key))
            self.pool = self.pool.with_one_more(key, self.made[number].text)
        return number

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
