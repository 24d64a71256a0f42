"""Rows of histograms, made as a run makes them, but by plain numpy."""

from typing import Any

import numpy as np

from simulator.load.histogram import count
from simulator.play.outcomes import bucket, key_of

buckets = np.vectorize(bucket, otypes=[np.int64])
"""Give the bucket of each time, in us."""


def counted(second: Any, endpoint: Any, cause: Any, measure: int, times_us: Any) -> np.ndarray[Any, Any]:
    """Count times, columns of equal length, of a measure."""
    found: np.ndarray[Any, Any] = count(np.sort(key_of(second, endpoint, cause, measure, buckets(times_us))))
    return found
