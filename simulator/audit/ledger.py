"""The ledger on disk: append-only files, one set per cohort, written by the run and read by the audit.

Rules of the file: a file opens with one JSON line that says what its rows are, and goes on with packed rows of schema/ledger.py. Rows are
handed to the operating system before the writing call returns, so they outlive the process. A killed process leaves at most a torn last row
in each file: readers drop it and count it. Anything else that does not fit is refused.
"""

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.errors import DataError, cannot_write
from simulator.schema.ledger import LEDGER_FORMAT, NO_PAYLOAD, ROWS
from simulator.schema.words import EVENT_TYPES, FATES, OUTCOMES, PLATFORMS

Rows = NDArray[np.void]

_FILE: Final = re.compile(r"(sessions|events|payloads|outcomes)-(\d{5,})\.bin")
_HEAD_LIMIT_BYTES: Final = 4096  # of the first line; ours are below 400
_WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "sessions": {"platform": PLATFORMS},
    "events": {"type": EVENT_TYPES, "fate": FATES},
    "outcomes": {"outcome": OUTCOMES},
}
"""Columns that hold words: a number that is no word is damage."""


class _Head(msgspec.Struct):
    """The first line of a file."""

    format: int
    rows: str
    row_bytes: int
    fields: list[tuple[str, str]]


class _Format(msgspec.Struct):
    """As much of the first line as every version has."""

    format: int


def _head(rows: str) -> _Head:
    dtype = ROWS[rows]
    fields = [(str(name), dtype[name].str) for name in dtype.names or ()]
    return _Head(format=LEDGER_FORMAT, rows=rows, row_bytes=dtype.itemsize, fields=fields)


def _first_line(rows: str) -> bytes:
    return msgspec.json.encode(_head(rows)) + b"\n"


class Writer:
    """Append rows of one cohort to its four files in `folder`, which is made if it is not there.

    A cohort's files must not exist yet: payload numbers of two runs would mix. Raises DataError if they do, or if the disk refuses.
    """

    def __init__(self, folder: Path, cohort: int) -> None:
        """Create the four files."""
        self._files: dict[str, tuple[int, Path]] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from error
        try:
            for rows in ROWS:
                path = folder / f"{rows}-{cohort:05d}.bin"
                self._files[rows] = (_create(path), path)
                self._write(rows, _first_line(rows))
        except BaseException:
            self.close()
            raise

    def sessions(self, rows: Rows) -> None:
        """Append rows of SESSION_ROW."""
        self._append("sessions", rows)

    def events(self, rows: Rows) -> None:
        """Append rows of EVENT_ROW: one per event, once its fate is known (or QUEUED, when the run ends)."""
        self._append("events", rows)

    def payloads(self, rows: Rows) -> None:
        """Append rows of PAYLOAD_ROW, before the first byte of any of them is sent."""
        self._append("payloads", rows)

    def outcomes(self, rows: Rows) -> None:
        """Append rows of OUTCOME_ROW: one per attempt to send a payload."""
        self._append("outcomes", rows)

    def close(self) -> None:
        """Close the files; harmless when repeated."""
        while self._files:
            _, (file, _) = self._files.popitem()
            os.close(file)

    def __enter__(self) -> Self:
        """Close on leaving the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _append(self, rows: str, array: Rows) -> None:
        if array.dtype != ROWS[rows]:
            raise TypeError(f"ledger {rows}: rows of {array.dtype}, expected {ROWS[rows]}")
        if array.size:
            # a copy of them would take as long as writing them, and hold the interpreter's lock meanwhile
            self._write(rows, np.ascontiguousarray(array).view(np.uint8).data)

    def _write(self, rows: str, data: bytes | memoryview) -> None:
        file, path = self._files[rows]
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(file, rest) :]
        except OSError as error:
            raise cannot_write(path, error) from error


def _create(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
    except FileExistsError as error:
        raise DataError(f"{path}: the ledger of an earlier run is there, expected none: give each run its own folder") from error


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of all cohorts.

    As the schema's rows, but `payload` is 64 bits wide, cohort << 32 | number, so that numbers of different cohorts do not collide; in events,
    NO_PAYLOAD stays what it is.
    """

    sessions: Rows
    events: Rows
    payloads: Rows
    outcomes: Rows
    cohorts: int
    torn: int
    """Files whose last row (or first line) is incomplete, because their process was killed."""


def read(folder: Path) -> Ledger:
    """Read and merge the files of all cohorts; raises DataError if there are none, or one is damaged, foreign or of a newer version."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no ledger there, expected a folder of files like events-00000.bin: name the folder of a run")
    found: dict[int, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.bin")):
        name = _FILE.fullmatch(path.name)
        if name is None:
            raise DataError(f"{path}: not a file of this ledger, expected names like events-00000.bin: was it written by a newer rumsim?")
        found.setdefault(int(name[2]), {})[name[1]] = path
    if not found:
        raise DataError(f"{folder}: the ledger is empty, expected files like events-00000.bin: did the run begin?")
    parts: dict[str, list[Rows]] = {rows: [] for rows in ROWS}
    torn = 0
    for cohort, paths in sorted(found.items()):
        read_any = False
        for rows, path in paths.items():
            part, is_torn = _read_file(path, rows)
            torn += is_torn
            read_any |= part.size > 0
            parts[rows].append(_widen(part, cohort))
        missing = ROWS.keys() - paths.keys()
        if missing and read_any:
            raise DataError(
                f"{folder}: cohort {cohort} has no {min(missing)}-{cohort:05d}.bin beside its other files: the ledger is incomplete, run again"
            )
    return Ledger(cohorts=len(found), torn=torn, **{rows: _merge(rows, arrays) for rows, arrays in parts.items()})


def _merge(rows: str, arrays: list[Rows]) -> Rows:
    return np.concatenate([*arrays, _widen(np.empty(0, ROWS[rows]), 0)])


def _widen(part: Rows, cohort: int) -> Rows:
    """Make payload numbers unique over cohorts."""
    names = part.dtype.names or ()
    if "payload" not in names:
        return part
    wide: Rows = np.empty(part.size, np.dtype([(name, "<u8" if name == "payload" else part.dtype[name].str) for name in names]))
    for name in names:
        wide[name] = part[name]
    numbers = wide["payload"]
    wide["payload"] = np.where(numbers == NO_PAYLOAD, numbers, numbers | np.uint64(cohort << 32))
    return wide


def _read_file(path: Path, rows: str) -> tuple[Rows, bool]:
    """Read a file's whole rows, and whether an incomplete one follows them."""
    dtype = ROWS[rows]
    with path.open("rb") as file:
        line = file.readline(_HEAD_LIMIT_BYTES)
    if not line.endswith(b"\n") and _first_line(rows).startswith(line):
        return np.empty(0, dtype), True
    _check_head(path, rows, line)
    size = path.stat().st_size - len(line)
    count, rest = divmod(size, dtype.itemsize)
    part: Rows = np.fromfile(path, dtype, count=count, offset=len(line)) if count else np.empty(0, dtype)
    for column, words in _WORDS.get(rows, {}).items():
        top = int(part[column].max(initial=0))
        if top >= len(words):
            raise DataError(f"{path}: damaged: {column} {top} in a row, expected below {len(words)}: the run must be repeated")
    return part, rest > 0


def _check_head(path: Path, rows: str, line: bytes) -> None:
    found: Any = None
    with contextlib.suppress(msgspec.DecodeError):
        found = msgspec.json.decode(line, type=_Format)
    if found is None or not line.endswith(b"\n"):
        raise DataError(f'{path}: not a ledger: its first line is {line[:40]!r}, expected {{"format":{LEDGER_FORMAT},"rows":"{rows}",...}}')
    if found.format > LEDGER_FORMAT:
        raise DataError(
            f"{path}: ledger of format {found.format}, this rumsim reads format {LEDGER_FORMAT}: use the rumsim that wrote it, or a newer one"
        )
    with contextlib.suppress(msgspec.DecodeError):
        found = msgspec.json.decode(line, type=_Head)
    if found != _head(rows):
        raise DataError(
            f"{path}: ledger rows of another kind: first line {line[:80]!r}, expected {_first_line(rows)[:80]!r}: is the file under its own name?"
        )
