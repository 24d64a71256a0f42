"""Log-linear histograms of times (schema/latency.py): buckets, their rows on disk, and quantiles."""

import os
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.errors import DataError, cannot_write
from simulator.kernel.twin import twin
from simulator.play.outcomes import HALF, HIGHEST_US, bucket, count_keys
from simulator.schema.latency import BOUNDS, FAILED, LATENCY_FORMAT, LATENCY_ROW, OF_ANSWERS

Rows = NDArray[np.void]
Whole = NDArray[np.int64]

BUCKETS: Final = bucket(HIGHEST_US - 1) + 1


def middles_us() -> NDArray[np.float64]:
    """Give the middle of each bucket, float64 of shape (BUCKETS,)."""
    every = np.arange(BUCKETS)
    shift = np.maximum(every // HALF - 1, 0)
    middles: NDArray[np.float64] = ((every - HALF * shift) << shift) + ((1 << shift) - 1) / 2
    return middles


def count(keys: Whole) -> Rows:
    """Count keys (play/outcomes.py), which are in order; give a row for each that is there."""
    rows: Rows = np.empty(len(keys), LATENCY_ROW)
    return rows[: twin(count_keys)(keys, rows)]


class Quantile(NamedTuple):
    """Between which times (ms) a quantile lies: they differ where requests were given up, of which a time is only known to be longer.

    `least_ms`: if they had ended when they were given up; `most_ms`: if they never had; inf where the quantile falls among them.
    """

    least_ms: float
    most_ms: float

    @property
    def is_bound(self) -> bool:
        """Tell whether nobody knows how long it is at most."""
        return self.most_ms == inf

    @property
    def ms(self) -> float:
        """Give the longer time, if there is one, else the lower bound."""
        return self.least_ms if self.is_bound else self.most_ms


class Latencies:
    """Rows of one or many cohorts."""

    def __init__(self, rows: Rows) -> None:
        """Take rows of LATENCY_ROW."""
        self.rows = rows

    def of(self, measure: int, *causes: int) -> Rows:
        """Give the rows of a measure, of some causes or of all."""
        chosen = self.rows["measure"] == measure
        rows: Rows = self.rows[chosen & np.isin(self.rows["cause"], causes) if causes else chosen]
        return rows

    def total(self, measure: int, *causes: int) -> int:
        """Count the requests of which a measure is written down, be it a bound or the time until a failure."""
        return int(self.of(measure, *causes)["count"].sum())

    def quantile(self, measure: int, q: float) -> Quantile | None:
        """Give the q-quantile (0..1); None if nothing was measured. Failures have no times OF_ANSWERS: refusing is not fast."""
        rows = self.of(measure)
        if measure in OF_ANSWERS:
            rows = rows[~np.isin(rows["cause"], FAILED)]
        whole = np.cumsum(np.bincount(rows["bucket"], rows["count"], BUCKETS))
        if not whole[-1]:
            return None
        ended = rows[~np.isin(rows["cause"], BOUNDS[measure])]
        rank = max(q * whole[-1], 0.5)
        least, most = (int(np.searchsorted(sums, rank)) for sums in (whole, np.cumsum(np.bincount(ended["bucket"], ended["count"], BUCKETS))))
        middles = middles_us() / 1000
        return Quantile(float(middles[least]), float(middles[most]) if most < BUCKETS else inf)

    def worst_second(self, measure: int, q: float) -> tuple[int, float] | None:
        """Give the second whose q-quantile is the highest of all seconds', and that, in ms; bounds count as they are. None if there is none."""
        rows = self.of(measure)
        if not len(rows):
            return None
        rows = rows[np.lexsort((rows["bucket"], rows["second"]))]
        sums = np.cumsum(rows["count"], dtype=np.int64)
        last = np.flatnonzero(np.append(rows["second"][1:] != rows["second"][:-1], [True]))
        before = np.append([0], sums[last[:-1]])
        found = rows["bucket"][np.searchsorted(sums, before + np.maximum(q * (sums[last] - before), 0.5))]
        worst = int(np.argmax(found))
        return int(rows["second"][last[worst]]), float(middles_us()[found[worst]]) / 1000

    def seconds_above(self, measure: int, limit_ms: float) -> Whole:
        """List the seconds in which any request has more of a measure."""
        rows = self.of(measure)
        seconds: Whole = np.unique(rows["second"][rows["bucket"] > bucket(round(limit_ms * 1000))]).astype(np.int64)
        return seconds

    def without(self, seconds: Whole) -> "Latencies":
        """Leave out what was due in some seconds."""
        return Latencies(self.rows[~np.isin(self.rows["second"], seconds)])

    def without_cause(self, cause: int) -> "Latencies":
        """Leave out what had one end."""
        return Latencies(self.rows[self.rows["cause"] != cause])


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
