"""Laws: distributions as data.

A law is named in TOML by `law`; all its values are in the unit of the field that holds it (ms or bytes). `quantiles` is its inverse
distribution function; kernel/tables turns it into integers.
"""

import math
from statistics import NormalDist
from typing import Annotated

import msgspec
from msgspec import Meta

_NORMAL = NormalDist()
LARGEST = 2e9
"""No value of a law is above it: 23 days in ms; it fits into 31 bits."""
Value = Annotated[float, Meta(ge=0, le=LARGEST)]
Positive = Annotated[float, Meta(gt=0, le=LARGEST)]


class Constant(msgspec.Struct, tag_field="law", tag="constant", frozen=True, forbid_unknown_fields=True):
    """Always `value`."""

    value: Value


class Uniform(msgspec.Struct, tag_field="law", tag="uniform", frozen=True, forbid_unknown_fields=True):
    """Any value between `low` and `high`, equally likely."""

    low: Value
    high: Value


class Exponential(msgspec.Struct, tag_field="law", tag="exponential", frozen=True, forbid_unknown_fields=True):
    """Memoryless, with the given mean, cut at `max`."""

    mean: Positive
    max: Positive = LARGEST


class LogNormal(msgspec.Struct, tag_field="law", tag="lognormal", frozen=True, forbid_unknown_fields=True):
    """exp(normal): `median`, `sigma` of the logarithm, cut at `max`, shifted by `min`."""

    median: Positive
    sigma: Annotated[float, Meta(ge=0, le=10)]
    min: Value = 0.0
    max: Positive = LARGEST


Law = Constant | Uniform | Exponential | LogNormal


def quantile(law: Law, u: float) -> float:
    """Give the value that a share `u` (0 < u < 1) of draws does not exceed."""
    match law:
        case Constant(value):
            return value
        case Uniform(low, high):
            return low + (high - low) * u
        case Exponential(mean, top):
            return min(-mean * math.log1p(-u), top)
        case LogNormal(median, sigma, low, top):
            return min(low + median * math.exp(min(sigma * _NORMAL.inv_cdf(u), 700)), top)
