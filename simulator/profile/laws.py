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
MOST = 1_001
"""Values of a table."""
Value = Annotated[float, Meta(ge=0, le=LARGEST)]
Positive = Annotated[float, Meta(gt=0, le=LARGEST)]


class Constant(msgspec.Struct, tag_field="law", tag="constant", frozen=True, forbid_unknown_fields=True):
    """Always `value`."""

    value: Value
    """Of each draw."""


class Uniform(msgspec.Struct, tag_field="law", tag="uniform", frozen=True, forbid_unknown_fields=True):
    """Any value between `low` and `high`, equally likely."""

    low: Value
    """The least value."""
    high: Value
    """The largest."""


class Exponential(msgspec.Struct, tag_field="law", tag="exponential", frozen=True, forbid_unknown_fields=True):
    """Memoryless, with the given mean, cut at `max`."""

    mean: Positive
    """Before it is cut."""
    max: Positive = LARGEST
    """Larger values become it."""


class LogNormal(msgspec.Struct, tag_field="law", tag="lognormal", frozen=True, forbid_unknown_fields=True):
    """exp(normal): `median`, `sigma` of the logarithm, cut at `max`, shifted by `min`."""

    median: Positive
    """Above `min`."""
    sigma: Annotated[float, Meta(ge=0, le=10)]
    """Of the logarithm."""
    min: Value = 0.0
    """Added to each draw."""
    max: Positive = LARGEST
    """Larger values become it."""


Simple = Constant | Uniform | Exponential | LogNormal


class Component(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A law of a mixture; the weights of a mixture sum to 1."""

    weight: Annotated[float, Meta(ge=0, le=1)]
    """They sum to 1."""
    law: Simple
    """Any but a mixture and a table."""


class Mixture(msgspec.Struct, tag_field="law", tag="mixture", frozen=True, forbid_unknown_fields=True):
    """A draw from one of several laws. Thinking people tend to stay with one of them (`journey.pace.keep`)."""

    parts: Annotated[tuple[Component, ...], Meta(min_length=1, max_length=8)]
    """Up to eight."""


class Quantiles(msgspec.Struct, tag_field="law", tag="quantiles", frozen=True, forbid_unknown_fields=True):
    """A table: the values that shares 0, 1/n, 2/n, ... 1 of draws do not exceed, linear between them; or the file that holds it (tables.py)."""

    values: Annotated[tuple[Value, ...], Meta(min_length=2, max_length=MOST)] = ()
    """Rising, at equal steps of the share."""
    file: str = ""
    """Empty in a profile that has been read: its table stands in `values`."""


Law = Constant | Uniform | Exponential | LogNormal | Mixture | Quantiles


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
        case Mixture(parts):
            return _mixed(parts, u)
        case Quantiles(values):
            place = u * (len(values) - 1)
            i = min(int(place), len(values) - 2)
            return values[i] + (values[i + 1] - values[i]) * (place - i)


def _mixed(parts: tuple[Component, ...], u: float) -> float:
    """Invert a mixture by bisection between the components' quantiles."""
    low = min(quantile(part.law, u) for part in parts)
    high = max(quantile(part.law, u) for part in parts)
    for _ in range(60):
        middle = (low + high) / 2
        if math.fsum(part.weight * share(part.law, middle) for part in parts) < u:
            low = middle
        else:
            high = middle
    return high


def share(law: Simple, x: float) -> float:
    """Give the share of draws that do not exceed x."""
    match law:
        case Constant(value):
            return float(x >= value)
        case Uniform(low, high):
            return float(x >= low) if high == low else min(max((x - low) / (high - low), 0.0), 1.0)
        case Exponential(mean, top):
            return 1.0 if x >= top else -math.expm1(-max(x, 0.0) / mean)
        case LogNormal(median, sigma, low, top):
            if x >= top:
                return 1.0
            if x <= low:
                return 0.0
            return _NORMAL.cdf(math.log((x - low) / median) / sigma) if sigma else float(x >= low + median)


def largest(law: Law) -> float:
    """Give a value that no draw exceeds."""
    match law:
        case Constant(value):
            return value
        case Uniform(_, high):
            return high
        case Mixture(parts):
            return max(largest(part.law) for part in parts)
        case Quantiles(values):
            return values[-1]
        case _:
            return law.max


def mean(law: Law) -> float:
    """Give the mean of a law, from its quantiles (to about a thousandth)."""
    n = 4_000
    return math.fsum(quantile(law, (i + 0.5) / n) for i in range(n)) / n
