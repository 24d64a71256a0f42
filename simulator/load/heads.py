"""The heads of requests: those of like devices are one, made when the first of them sends."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
from isal import igzip
from numpy.typing import NDArray

from simulator.kernel.text import SLACK
from simulator.load.headers import Who, headers
from simulator.load.options import GZIP, IDENTITY, MSGPACK
from simulator.load.request import Head
from simulator.load.target import Place
from simulator.play.cohort import Rows
from simulator.play.model import Model
from simulator.play.payloads import posts
from simulator.play.requests import BLANK
from simulator.profile.editions import EDITIONS

LEVEL: Final = 1  # of igzip, 0 to 3: what it costs to compress is the generator's, what comes of it differs little

Body = bytes | memoryview
Encode = Callable[[Body], Body]


class Heads:
    """Makes heads for a model's devices. Beside what SDKs do, bodies may be told in msgpack, or compressed: then headers say so."""

    def __init__(self, model: Model, place: Place, form: str, encoding: str) -> None:
        """Have made none. `form` and `encoding`: as in the plan."""
        self._model, self._place, self._form, self._encoding = model, place, form, encoding
        self._app_types = [edition.app_type for edition in EDITIONS.values()]
        self._posts = posts(model.profile.app)
        self._limits = np.array([limit for limit, _ in self._posts[::2]], np.int64)
        self._numbers: dict[int, int] = {}
        """By `_key`."""
        self.made: list[Head] = []
        """By number."""
        self.pool, self.ends = np.array([*BLANK, *bytes(SLACK)], np.uint8), np.array([len(BLANK)])
        """The texts of all one after the other, behind the blank line, and where each ends (play/requests.py)."""
        path = place.prefix + model.profile.app.endpoint
        self.endpoints = [path]
        self.encode = _encoder(form, encoding)

    def of(self, edition: int, model: int, country: int, length: int) -> Head:
        """Give the head for a payload of `length` bytes of a device; `model` and `country` as in play/buffers.py."""
        limit, _ = self._posts[2 * edition]
        return self.made[self._number(_key(2 * edition + (0 < limit <= length), model, country))]

    def all_of(self, payloads: Rows) -> NDArray[np.int64]:
        """Give the number of each payload's head; rows of play/buffers.py."""
        edition = payloads["edition"].astype(np.int64)
        limit = self._limits[edition]
        is_long = (limit > 0) & (limit <= payloads["length"])
        keys = _key(2 * edition + is_long, payloads["model"].astype(np.int64), payloads["country"]).tolist()
        known = self._numbers
        return np.array([known[key] if key in known else self._number(key) for key in keys], np.int64)

    def _number(self, key: int) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.made)
            self.made.append(self._make(key))
            text = self.made[number].text
            self.pool = np.concatenate([self.pool[:-SLACK], np.frombuffer(text + bytes(SLACK), np.uint8)])
            self.ends = np.append(self.ends, self.ends[-1] + len(text))
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


def _key(way: Any, model: Any, country: Any) -> Any:  # noqa: ANN401 - numbers, or columns of them
    """Put together what a head follows from; `way`: place in the posts, of which each edition has two; 16 bits, and 32 of the country's id."""
    return way << 48 | model << 32 | country


def _encoder(form: str, encoding: str) -> Encode | None:
    """Give what turns a body of JSON into what is sent; None if that is the same."""

    def packed(body: Body) -> Body:
        return msgspec.msgpack.encode(msgspec.json.decode(body))

    def compressed(body: Body) -> Body:
        return igzip.compress(body, LEVEL, mtime=0)

    if form == MSGPACK and encoding == GZIP:
        return lambda body: compressed(packed(body))
    return packed if form == MSGPACK else compressed if encoding == GZIP else None
