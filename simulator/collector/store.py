"""Append-only segments and the memory of event ids: what is answered 204 is in a file before, and survives kill -9 (not a power cut).

Rules of the file: a line is written with one unbuffered write and never changed; a write that fails leaves nothing behind; a new process opens a new
segment and ignores the torn last line that a killed machine may have left. De-duplication holds 64-bit keys, not ids: 16 hex digits of the id,
or a hash of it (two foreign ids out of a million collide with a chance of 3e-8). Memory: about 100 bytes per stored event.
"""

import errno
import fcntl
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Raw, Struct
from xxhash import xxh3_64_intdigest

from simulator.errors import DataError, ProfileError

FORMAT: Final = 1
PAYLOADS: Final = "payloads"
SEGMENT_BYTES: Final = 64 << 20  # assumed: small enough to copy, large enough that a folder lists on one screen
APPEND: Final = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
T = TypeVar("T")


class Row(Struct, frozen=True):
    """One line of a segment: an accepted payload, without the events that were not stored."""

    received_at: int
    path: str
    envelope: dict[str, Raw]
    events: list[Raw]


class _Ids(Struct, frozen=True, gc=False):
    event_id: str


class _Events(Struct, frozen=True, gc=False):
    events: list[_Ids]


_encode: Final = msgspec.json.Encoder().encode
_ids: Final = msgspec.json.Decoder(_Events)


def hex_key(digits: str) -> int | None:
    """Read exactly 16 hex digits; None for any other text."""
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        return None
    return int.from_bytes(key) if len(digits) == 2 * len(key) == 16 else None  # noqa: PLR2004


def event_key(event_id: str) -> int:
    """Give the 64-bit key of an event: the last 16 hex digits of an id of our form (`...-<16 hex>`), else xxh3_64 of the id."""
    key = hex_key(event_id[-16:]) if event_id[-17:-16] == "-" else None
    return xxh3_64_intdigest(event_id.encode()) if key is None else key


def event_keys(event_ids: Sequence[str]) -> list[int]:
    """Give the keys of many events: event_key of each, in one conversion if all have our form."""
    tails = "".join([event_id[-17:] for event_id in event_ids])
    if len(tails) == 17 * len(event_ids) and tails[::17] == "-" * len(event_ids):
        try:
            return list(struct.unpack(f">{len(event_ids)}Q", bytes.fromhex(tails.replace("-", ""))))
        except (ValueError, struct.error):
            pass
    return [event_key(event_id) for event_id in event_ids]


class Lines:
    """A file of JSON lines that only grows. Opens with `{"format":1,"rows":...}`; a torn last line of an earlier process is cut off."""

    def __init__(self, path: Path, rows: str) -> None:
        """Open or create the file."""
        self.path = path
        self.fd = os.open(path, APPEND, 0o644)
        try:
            self.size = os.fstat(self.fd).st_size - torn_bytes(path)
            os.ftruncate(self.fd, self.size)
            if not self.size:
                self.append(_encode({"format": FORMAT, "rows": rows}) + b"\n")
        except OSError:
            os.close(self.fd)
            raise

    def append(self, data: bytes) -> None:
        """Write whole lines with one write, or raise OSError and leave the file as it was."""
        try:
            if os.write(self.fd, data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # noqa: TRY301
        except OSError:
            os.ftruncate(self.fd, self.size)
            raise
        self.size += len(data)

    def close(self) -> None:
        """Close; the kernel writes what it still holds."""
        os.close(self.fd)


class Store:
    """A folder of segments that one process appends to. `known`: keys of all events stored, also by earlier processes; `torn`: torn last lines."""

    def __init__(self, directory: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Take the folder's lock, read the ids that earlier processes stored, and begin a segment."""
        self.directory, self.segment_bytes = directory, segment_bytes
        self._lock = _lock(directory)
        earlier = segments(directory)
        self.torn = sum(torn_bytes(path) > 0 for path in earlier)
        lines = (row.events for path in earlier for row in decoded(path, PAYLOADS, _ids.decode))
        self.known = {key for events in lines for key in event_keys([event.event_id for event in events])}
        self._number = 1 + max((_number(path) for path in earlier), default=-1)
        self._segment = self._begin()

    def fresh(self, keys: Sequence[int]) -> list[int]:
        """Give the places of the events that are not stored yet, the first of equal ones only."""
        first = dict.fromkeys(keys)
        if len(first) == len(keys) and self.known.isdisjoint(first):
            return list(range(len(keys)))
        return [keys.index(key) for key in first if key not in self.known]

    def append(self, rows: Sequence[Row], keys: Sequence[int]) -> None:
        """Store rows and remember the keys; raise OSError (disk full) with nothing stored and nothing remembered."""
        data = b"".join([_encode(row) + b"\n" for row in rows])
        if data:
            if self._segment.size + len(data) > self.segment_bytes:
                self._rotate()
            self._segment.append(data)
        self.known.update(keys)

    def close(self) -> None:
        """Flush to the disk, close, and give the folder free."""
        os.fsync(self._segment.fd)
        self._segment.close()
        os.close(self._lock)

    def _rotate(self) -> None:
        full, self._segment = self._segment, self._begin()
        full.close()

    def _begin(self) -> Lines:
        begun = Lines(self.directory / f"segment-{self._number:05}.ndjson", PAYLOADS)
        self._number += 1
        return begun


def segments(directory: Path) -> list[Path]:
    """List the segments in the order in which they were written; raise DataError if there is no such folder, or one is no file."""
    if not directory.is_dir():
        raise DataError(f"{directory}: {'is a file' if directory.exists() else 'no such folder'}; expected the folder of a collector")
    found = sorted(directory.glob("segment-*.ndjson"), key=_number)
    for path in found:
        if not path.is_file():
            raise DataError(f"{path}: is no file; expected a segment of the collector: move it out of the folder")
    return found


def decoded(path: Path, rows: str, decode: Callable[[bytes], T]) -> Iterator[T]:
    """Yield the lines of a file after its header, decoded, without a torn last one; a damaged line is a DataError that names it."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected a file of the collector") from None
    with file:
        header = file.readline()
        if not header.endswith(b"\n"):
            return
        _check_header(path, header, rows)
        for number, line in enumerate(file, 2):
            if not line.endswith(b"\n"):
                return
            try:
                yield decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise DataError(f"{path}:{number}: damaged line ({error}); expected one stored {rows.removesuffix('s')} as JSON") from None


def _check_header(path: Path, header: bytes, rows: str) -> None:
    """Refuse a file that is not ours, or written by a newer version."""
    try:
        found = msgspec.json.decode(header)
        number, kind = found["format"], found["rows"]
    except (msgspec.DecodeError, TypeError, KeyError):
        raise DataError(f'{path}: found {header[:60]!r} as its first line, expected {{"format":{FORMAT},"rows":"{rows}"}}') from None
    if kind != rows or not isinstance(number, int) or number > FORMAT:
        newer = "; a newer rumsim wrote it: upgrade to read it" if isinstance(number, int) and number > FORMAT else ""
        raise DataError(f"{path}: found format {number} of {kind}, expected format {FORMAT} of {rows}{newer}")


def torn_bytes(path: Path) -> int:
    """Give the length of a last line without an end (0: none): left by a machine that died in the middle of a write."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        tail = b""
        while len(tail) < size and b"\n" not in tail:
            file.seek(-min(size, 2 * len(tail) + 4096), os.SEEK_END)
            tail = file.read()
        return len(tail) - tail.rfind(b"\n") - 1


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("segment-")
    if not digits.isdecimal():
        raise DataError(f"{path}: found {digits!r} where a segment's number is expected; move the file out of the folder")
    return int(digits)


def _lock(directory: Path) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ProfileError(f"--dir {directory}: cannot store there ({error.strerror}); expected a folder that can be created or written") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise ProfileError(f"--dir {directory}: another collector stores there; stop it, or choose another folder") from None
    return lock
