"""Payloads as they would be sent: how, where, and the bytes."""

from collections.abc import Iterator

from simulator.play.cohort import Chunk
from simulator.play.model import Model
from simulator.profile.editions import EDITIONS
from simulator.schema.payload import Payload
from simulator.schema.words import BEACON, XHR


def payloads(model: Model, chunk: Chunk, first: int) -> Iterator[Payload]:
    """Give a filling's payloads, numbered from `first`."""
    app = model.profile.app
    editions = tuple(EDITIONS.values())
    names = ["device", "edition", "session", "due", "events", "begins", "length"]
    for number, p in enumerate(zip(*(chunk.payloads[name].tolist() for name in names), strict=True), first):
        device, number_of_edition, session, due, events, begins, length = p
        edition = editions[number_of_edition]
        xhr = 0 < edition.body_limit_bytes <= length
        yield Payload(
            number=number,
            due_ms=due,
            device=device,
            session_key=session,
            via=XHR if xhr else edition.via,
            path=app.endpoint,
            origin=app.origin,
            content_type="text/plain" if xhr and edition.via == BEACON else edition.content_type,
            events=events,
            body=bytes(chunk.text[begins : begins + length]),
        )
