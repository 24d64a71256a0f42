"""Rules on a run's figures. None of this imports Locust."""

import numpy as np
import pytest

from simulator.errors import ProfileError
from simulator.load.histogram import Latencies, count
from simulator.load.thresholds import COUNTED, Figures, Threshold, broken, parse, read_counts
from simulator.schema.latency import LATENCY_ROW, OK, RESET, RESPONSE, STATUS, TIMEOUT

CLEAN = dict.fromkeys(COUNTED, 0)


def figures(*parts: tuple[int, int, float], counts: dict[str, int] | None = None, offered: int | None = None, played_s: float = 10) -> Figures:
    """Give the figures of requests: so many, of a cause, that took so many ms."""
    rows = [np.zeros(0, LATENCY_ROW)]
    rows += [count(np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(n, cause), RESPONSE, np.full(n, round(ms * 1000))) for n, cause, ms in parts]
    return Figures(Latencies(np.concatenate(rows)), counts, sum(n for n, _, _ in parts) if offered is None else offered, played_s)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("response_p99<250ms", ("response", 0.99, "<", 250)),
        ("response_p99.9<=1.5s", ("response", 0.999, "<=", 1500)),
        ("own_lag_p50<900us", ("own_lag", 0.5, "<", 0.9)),
        ("wait_p100<1s", ("wait", 1, "<", 1000)),
        ("first_byte_p90>=0ms", ("first_byte", 0.9, ">=", 0)),
        ("service_p0<1ms", ("service", 0, "<", 1)),
        ("lost==0", ("lost", None, "==", 0)),
        ("duplicated<=3", ("duplicated", None, "<=", 3)),
        ("altered<1", ("altered", None, "<", 1)),
        ("unexpected==0", ("unexpected", None, "==", 0)),
        ("error_share<0.1%", ("error_share", None, "<", 0.001)),
        ("censored_share<0.25", ("censored_share", None, "<", 0.25)),
        ("sent_share>=99.5%", ("sent_share", None, ">=", 0.995)),
        ("payloads_per_s>1000", ("payloads_per_s", None, ">", 1000)),
        ("  response_p99 < 250 ms ", ("response", 0.99, "<", 250)),  # spaces mean nothing
    ],
)
def test_a_rule_is_read(text: str, expected: tuple[str, float | None, str, float]) -> None:
    """Name, quantile, comparison and limit, in ms or a share; the text stays as it was typed."""
    found = parse(text)
    assert found.text == text
    assert (found.name, found.quantile, found.compares, found.limit) == pytest.approx(expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "response_p99",  # no limit
        "response_p99<",
        "response_p99<250",  # no unit
        "response_p99<250%",
        "response_p99<250min",
        "response_p101<1s",  # no such quantile
        "response_p<1s",
        "response<1s",  # which?
        "latency_p99<1s",  # no such measure
        "lost=0",
        "lost==0ms",
        "lost==0%",
        "lost_p99==0",
        "lost!=0",
        "error_share<1ms",
        "error_share_p99<1%",
        "payloads_per_s>1s",
        "payloads_per_s>1e3",
        "response_p99<-1ms",
        "response_p99<250ms lost==0",  # one at a time
        "RESPONSE_p99<250ms",
        "nan<1",
    ],
)
def test_what_is_no_rule_is_one_line(text: str) -> None:
    """What cannot be read is repeated, with an example and all that can be."""
    with pytest.raises(ProfileError) as caught:
        parse(text)
    said = str(caught.value)
    assert said.startswith(f"--rum-threshold {text}: is no rule; expected one such as ")
    assert all(name in said for name in ("response_pNN", "error_share", "payloads_per_s", "lost"))
    assert caught.value.exit_code == 2


MIXED = figures((990, OK, 10), (8, STATUS, 20), (2, RESET, 30), counts=CLEAN | {"lost": 4}, offered=1001)


@pytest.mark.parametrize(
    ("text", "holds", "found"),
    [
        ("response_p50<10.2ms", True, ""),
        ("response_p50<9.8ms", False, "10.0"),  # the middle of the bucket
        ("response_p99.5<19ms", False, "ms"),
        ("lost==0", False, "4"),
        ("lost<=4", True, ""),
        ("duplicated==0", True, ""),
        ("error_share<1%", False, "1.0000%"),
        ("error_share<=1%", True, ""),
        ("error_share<1.1%", True, ""),
        ("censored_share==0", True, ""),
        ("sent_share>=99.8%", True, ""),
        ("sent_share>=99.95%", False, "99.9001%"),
        ("payloads_per_s>=100", True, ""),
        ("payloads_per_s>100", False, "100.0"),
        ("service_p99<1s", False, "no payload that was measured"),
    ],
)
def test_a_rule_holds_or_is_named_with_its_figure(text: str, holds: bool, found: str) -> None:
    """A rule that does not hold is said as it was typed, with what was found; limits themselves count as the comparison says."""
    said = broken([parse(text)], MIXED)
    if holds:
        assert said == []
    else:
        (line,) = said
        assert line.startswith(f"{text}: found ")
        assert found in line


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("response_p50<20ms", True),  # below what was given up
        ("response_p99<1100ms", False),  # "at least 1 s" proves no upper limit, however high
        ("response_p99<9999s", False),
        ("response_p99<=9999s", False),
        ("response_p99==1000ms", False),
        ("response_p99>900ms", True),  # a lower limit it does prove
        ("response_p99>=1100ms", False),
        ("censored_share<5%", False),
        ("censored_share<=10%", True),
        ("error_share<=10%", True),  # what was given up is an error
        ("error_share<9.9%", False),
    ],
)
def test_a_lower_bound_proves_no_upper_limit(text: str, holds: bool) -> None:
    """Where requests were given up around a quantile, no rule that it is small holds, and the line says "or more"."""
    said = broken([parse(text)], figures((90, OK, 10), (10, TIMEOUT, 1000), counts=CLEAN))
    assert (said == []) == holds
    if "p99" in text:
        assert all("ms or more" in line for line in said)


@pytest.mark.parametrize("name", COUNTED)
def test_what_is_not_audited_is_not_proved(name: str) -> None:
    """Without an audit nobody knows what was lost: the rule fails and says why."""
    assert broken([parse(f"{name}==0")], figures((10, OK, 1))) == [f"{name}==0: found no audit"]


@pytest.mark.parametrize("text", ["error_share<50%", "sent_share<50%", "censored_share<50%"])
@pytest.mark.parametrize("offered", [0, 10])
def test_nothing_proves_nothing(text: str, offered: int) -> None:
    """Where no payload ended, no share holds, whatever the limit."""
    assert broken([parse(text)], figures(offered=offered)) == [f"{text}: found no payload that was sent"]


def test_each_rule_is_judged() -> None:
    """Of several rules those that fail are named in their order."""
    rules = [parse(text) for text in ("lost==0", "duplicated==0", "error_share<0.1%")]
    assert [line.partition(":")[0] for line in broken(rules, MIXED)] == ["lost==0", "error_share<0.1%"]


def test_counts_come_from_the_audit() -> None:
    """The audit's document gives the counts; without one there are none."""
    assert read_counts(None) is None
    assert read_counts({"counts": {"lost": 1, "duplicated": 2, "altered": 3, "unexpected": 4, "other": 5}}) == {
        "lost": 1,
        "duplicated": 2,
        "altered": 3,
        "unexpected": 4,
    }


def test_a_rule_is_plain_data() -> None:
    """Rules can be compared."""
    assert parse("lost==0") == Threshold("lost==0", "lost", None, "==", 0)
