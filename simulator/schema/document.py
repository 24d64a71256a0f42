"""JSON documents on disk: run.json, audit.json, manifest.json, collector.json, configurations."""

import contextlib
import os
from pathlib import Path

import msgspec


def write(path: Path, document: object, *, indent: int | None = None) -> None:
    """Write a document whole: a reader sees the old one or the new one, never a part. Raise OSError, with the old one in place.

    `indent`: spaces per level, for people; None: one line.
    """
    part = path.with_name(path.name + ".part")
    data = msgspec.json.encode(document)
    try:
        with part.open("wb") as file:
            file.write((data if indent is None else msgspec.json.format(data, indent=indent)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
