"""Rules on a run's figures: `response_p99<250ms`, `lost==0`, `error_share<0.1%`."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from simulator.errors import ProfileError
from simulator.load.histogram import Latencies
from simulator.schema.latency import CENSORED, FAILED, LEFT, MEASURES, OF_ANSWERS, OK, OWN, RESPONSE, UNCONNECTED, UNSENT

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
LATE_TOO: Final = ("error_share", "censored_share", *(name for name in MEASURES if name != MEASURES[OWN]))
"""What a generator that stands still makes worse, as a collector does."""
BESIDE: Final = (-1, 0, 1)  # assumed: s; more than most answers take
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
    """What rules are about. `latencies`: of all payloads that fell due, in `played_s` seconds; `counts`: of the audit, None without one."""

    latencies: Latencies
    counts: Mapping[str, int] | None
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


def broken(rules: Sequence[Threshold], figures: Figures) -> list[str]:
    """Say, a line each, which rules do not hold, and what was found."""
    judged = [(rule, *_judge(rule, figures)) for rule in rules]
    return [f"{rule.text}: found {shown}" for rule, _, holds, shown in judged if not holds]


def decided_late(rules: Sequence[Threshold], latencies: Latencies, lag_limit_ms: float) -> list[str]:
    """Say, a line each, which rules the generator's own lateness decides: none of them can be judged.

    Such are limits of response that its own lag reaches alone, at the same quantile; and rules that turn out otherwise without the seconds in which
    the own lag was above the limit (or the rule's, if that is less), each with those beside it: answers that came meanwhile were read late, and what
    had been held up came all at once. Lateness makes times longer and failures more, so a rule that wants them small and holds, holds.
    """
    lines = []
    for rule in rules:
        known, holds, shown = _judge(rule, Figures(latencies, None, 0))
        is_turned = {"<": not holds, "<=": not holds, ">": holds, ">=": holds, "==": not holds or rule.limit > 0}[rule.compares]
        if rule.name in LATE_TOO and known and is_turned and (why := _lateness(rule, holds, latencies, lag_limit_ms)):
            lines.append(f"{rule.text} was decided by the generator itself: found {shown}, but {why}")
    return lines


def _lateness(rule: Threshold, holds: bool, latencies: Latencies, lag_limit_ms: float) -> str:
    """Say what the generator's own lag has to do with how a rule turned out; nothing if it has not."""
    if rule.name == MEASURES[RESPONSE] and rule.quantile is not None and rule.compares in ("<", "<="):
        own = latencies.quantile(OWN, rule.quantile)
        if own and not COMPARISONS[rule.compares](own.ms, rule.limit):
            return f"its own lag alone is {own.ms:.3f} ms"
    if left := latencies.total(RESPONSE, LEFT):
        known, held, shown = _judge(rule, Figures(latencies.without_cause(LEFT), None, 0))
        if known and holds != held:
            return f"{shown} without the {left:,} payloads that it had not taken up when the run ended"
    for limit_ms in sorted({lag_limit_ms, lag_limit_ms if rule.quantile is None else min(lag_limit_ms, rule.limit)}):
        late = latencies.seconds_above(OWN, limit_ms)
        known, held, shown = _judge(rule, Figures(latencies.without((late[:, None] + BESIDE).ravel()), None, 0))
        if len(late) and (holds != held if known else limit_ms == lag_limit_ms):
            return f"{shown} without the {len(late):,} s, and those beside them, in which its own lag was above {limit_ms:g} ms"
    return ""


def left_out(rules: Sequence[Threshold], latencies: Latencies) -> list[str]:
    """Say of which payloads rules on times of answers know nothing, because they failed."""
    failed, offered = latencies.total(RESPONSE, *FAILED), latencies.total(RESPONSE)
    some = [rule.text for rule in rules if rule.quantile is not None and MEASURES.index(rule.name) in OF_ANSWERS]
    if not some or not failed:
        return []
    return [
        f"{', '.join(some)}: judged without {failed:,} of {offered:,} payloads, which failed and so have no response time; error_share counts them"
    ]


def _judge(rule: Threshold, figures: Figures) -> tuple[bool, bool, str]:
    """Tell whether there is a figure, whether it is as the rule wants it, and what it is."""
    value, shown = _figure(rule, figures)
    return value is not None, value is not None and COMPARISONS[rule.compares](value, rule.limit), shown


def _figure(rule: Threshold, figures: Figures) -> tuple[float | None, str]:
    latencies = figures.latencies
    if rule.quantile is not None:
        measure = MEASURES.index(rule.name)
        found = latencies.quantile(measure, rule.quantile)
        if found is None:
            return None, "no answer to measure" if measure in OF_ANSWERS else "no payload that was measured"
        ms = found.least_ms if rule.compares in (">", ">=") else found.ms
        shown = f"{ms:.3f} ms" + " or more" * found.is_bound
        return (ms if rule.compares in (">", ">=") else found.most_ms), shown  # nobody knows how much more: no upper limit is proved
    if rule.name in COUNTED:
        return (None, "no audit") if figures.counts is None else (figures.counts[rule.name], f"{figures.counts[rule.name]:,}")
    offered = latencies.total(RESPONSE)
    tried = offered - latencies.total(RESPONSE, *UNSENT)
    sent = tried - latencies.total(RESPONSE, *UNCONNECTED)
    if rule.name in RATES:
        rate = sent / figures.played_s if figures.played_s else 0.0
        return rate, f"{rate:,.1f}"
    of, count = {
        "sent_share": (offered, sent),
        "error_share": (tried, tried - latencies.total(RESPONSE, OK)),
        "censored_share": (offered, latencies.total(RESPONSE, *CENSORED)),
    }[rule.name]
    return (count / of, f"{count / of:.4%}") if of else (None, "no payload that was taken up" if offered else "no payload that fell due")


def read_counts(document: Mapping[str, Any] | None) -> Mapping[str, int] | None:
    """Take the counts that rules name out of an audit's document."""
    return None if document is None else {name: int(document["counts"][name]) for name in COUNTED}
