"""Payloads as they would be sent: how, where, and the bytes."""

from collections.abc import Iterator

from simulator.play.cohort import Chunk
from simulator.play.model import Model
from simulator.profile.editions import EDITIONS
from simulator.schema.payload import Payload
from simulator.schema.words import BEACON, VIAS, XHR
from simulator.wire.posts import Post


def posts(model: Model) -> list[tuple[int, Post]]:
    """Give how each edition sends a payload, then how one that is too long for that, from so many bytes on (0: never)."""
    found = []
    for edition in EDITIONS.values():
        limit, path = edition.body_limit_bytes, model.profile.app.endpoint
        found.append((limit, Post(VIAS[edition.via], path, edition.content_type)))
        found.append((limit, Post(VIAS[XHR], path, "text/plain" if edition.via == BEACON else edition.content_type)))
    return found


def payloads(model: Model, chunk: Chunk, first: int) -> Iterator[Payload]:
    """Give a filling's payloads, numbered from `first`."""
    ways, origin = posts(model), model.profile.app.origin
    names = ["device", "edition", "session", "due", "events", "begins", "length"]
    for number, p in enumerate(zip(*(chunk.payloads[name].tolist() for name in names), strict=True), first):
        device, edition, session, due, events, begins, length = p
        limit = ways[2 * edition][0]
        _, post = ways[2 * edition + (0 < limit <= length)]
        yield Payload(
            number=number,
            due_ms=due,
            device=device,
            session_key=session,
            via=VIAS.index(post.via),
            path=post.path,
            origin=origin,
            content_type=post.content_type,
            events=events,
            body=bytes(chunk.text[begins : begins + length]),
        )
