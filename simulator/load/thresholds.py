"""Rules on a run's figures: `response_p99<250ms`, `lost==0`, `error_share<0.1%`."""

import operator
import re
from collections.abc import Callable, Mapping
from math import inf
from typing import Any, Final, NamedTuple

from simulator.errors import ProfileError
from simulator.load.histogram import Latencies
from simulator.schema.latency import CENSORED, MEASURES, OK, RESPONSE

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
UNITS: Final = {"": 1.0, "us": 0.001, "ms": 1.0, "s": 1000.0, "%": 0.01}
"""Into ms, or a share."""
TIMES: Final = ("us", "ms", "s")
RULE: Final = re.compile(r"\s*([a-z_]+?)(?:_p(\d+(?:\.\d+)?))?\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?)\s*(us|ms|s|%|)\s*")
COUNTED: Final = ("lost", "duplicated", "altered", "unexpected")
"""By the audit; what is not audited is not known, and fails."""
SHARES: Final = ("error_share", "censored_share", "sent_share")
RATES: Final = ("payloads_per_s",)
FORMS: Final = (
    f"{', '.join(f'{name}_pNN' for name in MEASURES)} with us, ms or s; {', '.join(SHARES)} with %; {', '.join((*RATES, *COUNTED))} without a unit"
)


class Threshold(NamedTuple):
    """`text`: as it was typed; `quantile`: 0..1 of a time, else None; `limit`: ms, a share, or a number."""

    text: str
    name: str
    quantile: float | None
    compares: str
    limit: float


class Figures(NamedTuple):
    """What rules are about. `counts`: of the audit, None without one; `offered`: payloads that fell due, `played_s` seconds long."""

    latencies: Latencies
    counts: Mapping[str, int] | None
    offered: int
    played_s: float


def parse(text: str) -> Threshold:
    """Read a rule; raise ProfileError for one that is none."""
    found = RULE.fullmatch(text)
    if found:
        name, quantile, compares, number, unit = found.groups()
        is_time = name in MEASURES and quantile is not None and float(quantile) <= 100 and unit in TIMES  # noqa: PLR2004
        is_share = name in SHARES and quantile is None and unit in ("", "%")
        is_number = name in (*RATES, *COUNTED) and quantile is None and not unit
        if is_time or is_share or is_number:
            return Threshold(text, name, float(quantile) / 100 if quantile else None, compares, float(number) * UNITS[unit])
    raise ProfileError(f'--rum-threshold {text}: is no rule; expected one such as "response_p99<250ms" or "lost==0": {FORMS}')


def broken(rules: list[Threshold], figures: Figures) -> list[str]:
    """Say, a line each, which rules do not hold, and what was found."""
    lines = []
    for rule in rules:
        value, shown = _figure(rule, figures)
        if value is None or not COMPARISONS[rule.compares](value, rule.limit):
            lines.append(f"{rule.text}: found {shown}")
    return lines


def _figure(rule: Threshold, figures: Figures) -> tuple[float | None, str]:
    latencies = figures.latencies
    if rule.quantile is not None:
        found = latencies.quantile(MEASURES.index(rule.name), rule.quantile)
        if found is None:
            return None, "no payload that was measured"
        if found.is_bound:  # nobody knows how much more, so no upper limit is proved
            return found.ms if rule.compares in (">", ">=") else inf, f"{found.ms:.3f} ms or more"
        return found.ms, f"{found.ms:.3f} ms"
    if rule.name in COUNTED:
        return (None, "no audit") if figures.counts is None else (figures.counts[rule.name], f"{figures.counts[rule.name]:,}")
    ended = latencies.total(RESPONSE)
    if rule.name in RATES:
        rate = ended / figures.played_s if figures.played_s else 0.0
        return rate, f"{rate:,.1f}"
    if not figures.offered or not ended:
        return None, "no payload that was sent"
    if rule.name == "sent_share":
        share = ended / figures.offered
    elif rule.name == "error_share":
        share = (ended - latencies.total(RESPONSE, OK)) / ended
    else:
        share = sum(latencies.total(RESPONSE, cause) for cause in CENSORED) / ended
    return share, f"{share:.4%}"


def read_counts(document: Mapping[str, Any] | None) -> Mapping[str, int] | None:
    """Take the counts that rules name out of an audit's document."""
    return None if document is None else {name: int(document["counts"][name]) for name in COUNTED}
