"""The remote configuration of apps: one JSON file per app in the collector's folder, with the time of its last change."""

from email.utils import formatdate
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec
from msgspec import Raw, Struct

from simulator.collector.exchange import JSON, Answer, refuse
from simulator.collector.payload import Flaw
from simulator.collector.store import FORMAT
from simulator.schema import document

LONGEST: Final = 200  # of a quoted app id, in bytes; a file name holds 255


class Stored(Struct, frozen=True):
    """What a file holds. `changed_at`: ms since the Unix epoch."""

    format: int
    changed_at: int
    config: Raw


def put(directory: Path, app: str, body: bytes, changed_at: int) -> Answer:
    """Change an app's configuration to a JSON object."""
    file = _file(directory, app)
    if file is None:
        return refuse(400, Flaw("wrong app id", "path", app, f"/config/<app> with an id of 1 to {LONGEST} characters"))
    try:
        found = "" if isinstance(msgspec.json.decode(body), dict) else body[:80].decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = str(error)
    if found:
        return refuse(400, Flaw("wrong configuration", "body", found, "a JSON object"))
    document.write(file, Stored(FORMAT, changed_at, Raw(body)))
    return Answer(204)


def get(directory: Path, app: str) -> Answer:
    """Answer with an app's configuration."""
    file = _file(directory, app)
    if file is None or not file.exists():
        return refuse(404, Flaw("no configuration", "path", app, "an app that PUT /config/<app> has configured"))
    try:
        stored = msgspec.json.decode(file.read_bytes(), type=Stored)
    except msgspec.DecodeError as error:
        return refuse(500, Flaw("damaged configuration", file.name, str(error), "what PUT stored"))
    if stored.format > FORMAT:
        return refuse(500, Flaw("a newer rumsim wrote the configuration", file.name, f"format {stored.format}", f"format {FORMAT}"))
    changed = formatdate(stored.changed_at / 1000, usegmt=True).encode()
    return Answer(200, bytes(stored.config), (JSON, (b"last-modified", changed), (b"cache-control", b"no-store")))


def _file(directory: Path, app: str) -> Path | None:
    quoted = quote(app, safe="")
    return directory / f"config-{quoted}.json" if 0 < len(quoted) <= LONGEST else None
