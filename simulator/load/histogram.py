"""Log-linear histograms of times (schema/latency.py): buckets, their rows on disk, and quantiles."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.errors import DataError, cannot_write
from simulator.schema.latency import CENSORED, LATENCY_FORMAT, LATENCY_ROW, RESPONSE, SERVICE

Rows = NDArray[np.void]
Whole = NDArray[np.int64]

LINEAR: Final = 128
HALF: Final = LINEAR // 2
LINEAR_BITS: Final = 7
HIGHEST_US: Final = 1 << 40
"""12 days."""
BUCKETS: Final = HALF * (40 - LINEAR_BITS) + LINEAR
FRACTION_BITS: Final = 52 - (LINEAR_BITS - 1)
"""Of a double's (IEEE 754), those that make no difference"""
FIRST: Final = (int(np.float64(HALF).view(np.int64)) >> FRACTION_BITS) - HALF
"""and what the others of HALF are ahead of its bucket."""


def buckets(times_us: Whole) -> Whole:
    """Give the bucket of each time (int64, any shape); below 0 counts as 0, above HIGHEST_US as that.

    From HALF us on, a number's exponent and the first bits of its fraction, as a double has them, count the buckets.
    """
    times = np.minimum(np.maximum(times_us, 0), HIGHEST_US - 1)
    found: Whole = np.where(times < HALF, times, (times.astype(np.float64).view(np.int64) >> FRACTION_BITS) - FIRST)
    return found


def middles_us() -> NDArray[np.float64]:
    """Give the middle of each bucket, float64 of shape (BUCKETS,)."""
    bucket = np.arange(BUCKETS)
    shift = np.maximum(bucket // HALF - 1, 0)
    middles: NDArray[np.float64] = ((bucket - HALF * shift) << shift) + ((1 << shift) - 1) / 2
    return middles


def count(second: Whole, endpoint: Whole, cause: Whole, measure: Whole | int, times_us: Whole, there: NDArray[np.bool_] | None = None) -> Rows:
    """Count the times of each second, endpoint, cause, measure and bucket; give a row for each combination that is there.

    `times_us`: a column, or several, to whose shape the others fit; `there`: which of them count, None: all.
    """
    every = (((second << 8 | endpoint) << 8 | cause) << 8 | measure) << 16 | buckets(times_us)
    every = every.ravel() if there is None else every[there]
    every.sort()
    last = np.flatnonzero(np.append(every[1:] != every[:-1], [True] * (len(every) > 0)))  # np.unique, which does the same, takes three times as long
    keys, counts = every[last], last + 1
    counts[1:] -= counts[:-1].copy()
    rows: Rows = np.zeros(len(keys), LATENCY_ROW)
    rows["second"], rows["endpoint"], rows["cause"] = keys >> 40, keys >> 32 & 0xFF, keys >> 24 & 0xFF
    rows["measure"], rows["bucket"], rows["count"] = keys >> 16 & 0xFF, keys & 0xFFFF, counts
    return rows


class Quantile(NamedTuple):
    """A time in ms. `is_bound`: it is at least this, as requests that were given up lie around it."""

    ms: float
    is_bound: bool


class Latencies:
    """Rows of one or many cohorts."""

    def __init__(self, rows: Rows) -> None:
        """Take rows of LATENCY_ROW."""
        self.rows = rows

    def of(self, measure: int, cause: int | None = None) -> Rows:
        """Give the rows of a measure, of one cause or of all."""
        chosen = self.rows["measure"] == measure
        rows: Rows = self.rows[chosen if cause is None else chosen & (self.rows["cause"] == cause)]
        return rows

    def total(self, measure: int, cause: int | None = None) -> int:
        """Count the requests that have a measure."""
        return int(self.of(measure, cause)["count"].sum())

    def quantile(self, measure: int, q: float) -> Quantile | None:
        """Give the q-quantile (0..1) over all causes; None if nothing was measured. What was given up counts with the time at which it was."""
        rows = self.of(measure)
        whole = np.bincount(rows["bucket"], rows["count"], BUCKETS)
        total = int(whole.sum())
        if not total:
            return None
        given_up = rows[np.isin(rows["cause"], CENSORED)] if measure in (SERVICE, RESPONSE) else rows[:0]  # the others were over by then
        at = int(np.searchsorted(np.cumsum(whole), max(q * total, 0.5)))
        is_bound = bool(len(given_up) and given_up["bucket"].min() <= at)
        return Quantile(float(middles_us()[at]) / 1000, is_bound)


class Writer:
    """Appends rows of one cohort to its file in `folder`, which is made if it is not there; raises DataError where the disk refuses."""

    def __init__(self, folder: Path, cohort: int, endpoints: Sequence[str]) -> None:
        """Create the file; `endpoints` names what rows count from 0."""
        self._path = folder / f"cohort-{cohort:05d}.bin"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        except OSError as error:
            raise cannot_write(self._path, error) from error
        head = {"format": LATENCY_FORMAT, "rows": "latency", "row_bytes": LATENCY_ROW.itemsize, "endpoints": list(endpoints)}
        self._write(msgspec.json.encode(head) + b"\n")

    def append(self, rows: Rows) -> None:
        """Append rows of LATENCY_ROW."""
        self._write(rows.tobytes())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            raise cannot_write(self._path, error) from error


def read(folder: Path) -> Latencies:
    """Read the files of all cohorts, none if there are none; a torn last row is dropped. Raise DataError for a file that is not ours."""
    parts = [np.zeros(0, LATENCY_ROW)]
    for path in sorted(folder.glob("cohort-*.bin")):
        head, _, body = path.read_bytes().partition(b"\n")
        try:
            said = msgspec.json.decode(head, type=dict[str, object])
        except msgspec.DecodeError:
            said = {}
        if said.get("rows") != "latency" or said.get("format") != LATENCY_FORMAT:
            raise DataError(f'{path}: found {head[:60]!r}; expected histograms ({{"format":{LATENCY_FORMAT},"rows":"latency",...}}) of this rumsim')
        parts.append(np.frombuffer(body[: len(body) // LATENCY_ROW.itemsize * LATENCY_ROW.itemsize], LATENCY_ROW))
    return Latencies(np.concatenate(parts))
