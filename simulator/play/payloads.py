"""How, where and as what payloads are sent."""

from simulator.profile.editions import EDITIONS
from simulator.profile.types import App
from simulator.schema.words import BEACON, VIAS, XHR
from simulator.wire.posts import Post


def posts(app: App) -> list[tuple[int, Post]]:
    """Give how each edition sends a payload, then how one that is too long for that, from so many bytes on (0: never)."""
    found = []
    for edition in EDITIONS.values():
        limit, path = edition.body_limit_bytes, app.endpoint
        found.append((limit, Post(VIAS[edition.via], path, edition.content_type)))
        found.append((limit, Post(VIAS[XHR], path, "text/plain" if edition.via == BEACON else edition.content_type)))
    return found
