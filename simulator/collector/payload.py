"""A received body: taken apart without touching the bytes of its events, or refused with a reason.

Rules of the file: fields that nobody needs are never decoded; whatever JSON a foreign SDK adds is kept. Only two kinds of bodies are not kept to
the byte: pretty-printed ones lose the space between tokens (a stored payload is one line), and an escape of half a surrogate pair, which no
database takes, becomes U+FFFD.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta, Raw, Struct

INT64: Final = 1 << 63
FOUND_LENGTH: Final = 80  # assumed: how much of a wrong value an answer repeats
LONE_SURROGATE: Final = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
"""Any escape; its group is set only for half a surrogate pair. Escapes are read from the left, so an escaped backslash is never taken for one."""

Text = Annotated[str, Meta(min_length=1)]


class Head(Struct, frozen=True, gc=False):
    """What every event must have."""

    timestamp: Annotated[int, Meta(ge=-INT64, le=INT64 - 1)]
    event_id: Text
    event_type: Text


class Named(Struct, frozen=True, gc=False):
    """A part of the envelope that must have an id."""

    id: Text


class Body(Struct, frozen=True, gc=False):
    """What every payload must have."""

    app: Named
    session: Named
    events: Annotated[list[Head], Meta(min_length=1)]


class Batch(NamedTuple):
    """An accepted payload. `envelope`: all top-level fields but events; `events`: their bytes, in the order of `heads`."""

    session: str
    heads: list[Head]
    envelope: dict[str, Raw]
    events: list[Raw]


class Flaw(NamedTuple):
    """Why a request was refused: what the sender reads."""

    error: str
    where: str
    found: str
    expected: str


_body: Final = msgspec.json.Decoder(Body)
_fields: Final = msgspec.json.Decoder(dict[str, Raw])
_raws: Final = msgspec.json.Decoder(list[Raw])


def take_apart(body: bytes) -> Batch | Flaw:
    """Split a body into envelope and events, or say what is wrong with it."""
    try:
        body.decode()
        if b"\n" in body or b"\r" in body:
            body = msgspec.json.format(body, indent=-1)
        return _split(body)
    except msgspec.ValidationError as error:
        return _explain(body, str(error))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        mended = LONE_SURROGATE.sub(lambda escape: b"\\ufffd" if escape[1] else escape[0], body)
        if mended != body:
            return take_apart(mended)
        return _not_json(error)


def _split(body: bytes) -> Batch:
    read = _body.decode(body)
    envelope = _fields.decode(body)
    return Batch(read.session.id, read.events, envelope, _raws.decode(envelope.pop("events")))


def _explain(body: bytes, message: str) -> Flaw:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        return _not_json(error)
    for where, value, fits, expected in _steps(document):
        if not fits:
            found = "nothing" if value is msgspec.UNSET else msgspec.json.encode(value).decode()[:FOUND_LENGTH]
            return Flaw(f"wrong {where}", where, found, expected)
    return Flaw("wrong payload", "body", message, "a payload of the RUM SDK")


def _not_json(error: Exception) -> Flaw:
    return Flaw("the body is not JSON", "body", str(error), "one JSON object in UTF-8")


def _steps(body: Any) -> Iterator[tuple[str, object, bool, str]]:  # noqa: ANN401
    """Yield every demand on a payload as (where, value, whether it fits, what is expected); the reader stops at the first that does not fit."""
    text, unset = "a non-empty string", msgspec.UNSET
    yield "body", body, isinstance(body, dict), "a JSON object with app, session and events"
    for name in ("app", "session"):
        part = body.get(name, unset)
        yield name, part, isinstance(part, dict), "an object with an id"
        value = part.get("id", unset)
        yield f"{name}.id", value, _is_text(value), text
    events = body.get("events", unset)
    yield "events", events, isinstance(events, list) and len(events) > 0, "a list of at least one event"
    for place, event in enumerate(events):
        yield f"events[{place}]", event, isinstance(event, dict), "an object"
        at = event.get("timestamp", unset)
        yield f"events[{place}].timestamp", at, type(at) is int and -INT64 <= at < INT64, "an integer: ms since the Unix epoch"
        for name in ("event_id", "event_type"):
            value = event.get(name, unset)
            yield f"events[{place}].{name}", value, _is_text(value), text


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""
