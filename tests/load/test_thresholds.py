"""Rules on a run's figures. None of this imports Locust."""

import re

import numpy as np
import pytest
from rows import counted

from simulator.errors import ProfileError
from simulator.load.histogram import Latencies
from simulator.load.thresholds import COUNTED, Figures, Threshold, broken, decided_late, left_out, parse, read_counts
from simulator.schema.latency import LATENCY_ROW, LEFT, OK, OWN, RESET, RESPONSE, SERVICE, STATUS, TIMEOUT, UNREACHABLE, WAIT, WAITING

CLEAN = dict.fromkeys(COUNTED, 0)


def figures(*parts: tuple[int, int, float], counts: dict[str, int] | None = None, played_s: float = 10) -> Figures:
    """Give the figures of requests: so many, of a cause, that took so many ms."""
    return Figures(latencies(*((*part, RESPONSE, 0) for part in parts)), counts, played_s)


def latencies(*parts: tuple[int, int, float, int, int]) -> Latencies:
    """Count requests: so many, of a cause, so many ms by a measure, due in a second."""
    rows = [np.zeros(0, LATENCY_ROW)]
    for n, cause, ms, measure, second in parts:
        rows.append(counted(np.full(n, second), np.zeros(n, np.int64), np.full(n, cause), measure, np.full(n, round(ms * 1000))))
    return Latencies(np.concatenate(rows))


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


MIXED = figures((990, OK, 10), (8, STATUS, 20), (2, RESET, 30), (1, WAITING, 5), counts=CLEAN | {"lost": 4})


@pytest.mark.parametrize(
    ("text", "holds", "found"),
    [
        ("response_p50<10.2ms", True, ""),
        ("response_p50<9.8ms", False, "10.0"),  # the middle of the bucket
        ("response_p99.5<10.2ms", True, ""),  # failures are neither fast nor slow
        ("response_p99.99<9s", False, "10.0"),  # among what was still waiting: 10 ms at least, and nobody knows how much more
        ("lost==0", False, "4"),
        ("lost<=4", True, ""),
        ("duplicated==0", True, ""),
        ("error_share<1%", False, "1.0000%"),
        ("error_share<=1%", True, ""),
        ("error_share<1.1%", True, ""),
        ("censored_share<=0.1%", True, ""),
        ("censored_share<0.09%", False, "0.0999%"),
        ("sent_share>=99.8%", True, ""),
        ("sent_share>=99.95%", False, "99.9001%"),
        ("payloads_per_s>=100", True, ""),
        ("payloads_per_s>100", False, "100.0"),
        ("service_p99<1s", False, "no answer to measure"),
        ("wait_p99<1s", False, "no payload that was measured"),
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
def test_nothing_proves_nothing(text: str) -> None:
    """Where no payload fell due, no share holds, whatever the limit."""
    assert broken([parse(text)], figures()) == [f"{text}: found no payload that fell due"]


# -------------------------------------------------------------------------------------------------------- what waited, and what failed at once
@pytest.mark.parametrize("cause", [WAITING, LEFT])
def test_what_was_still_waiting_counts(cause: int) -> None:
    """One connection, half a second for an answer, ten seconds: of 809 payloads that fell due 793 still waited at the end. No rule overlooks them."""
    crowded = figures((16, OK, 500), *[(1, cause, 12.6 * n) for n in range(793)])
    rules = ["response_p99<8s", "response_p50<9999s", "censored_share<0.1%", "sent_share>=95%", "payloads_per_s>2", "error_share<0.1%"]
    assert broken([parse(rule) for rule in rules], crowded) == [
        "response_p99<8s: found 9895.935 ms or more",
        "response_p50<9999s: found 4882.431 ms or more",
        "censored_share<0.1%: found 98.0222%",
        "sent_share>=95%: found 1.9778%",
        "payloads_per_s>2: found 1.6",
    ]  # and none of what was sent has failed


@pytest.mark.parametrize("cause", [UNREACHABLE, RESET, STATUS])
@pytest.mark.parametrize("text", ["response_p99<250ms", "response_p50>0us", "service_p99<250ms", "first_byte_p100<=1s"])
def test_a_collector_that_is_down_is_not_fast(cause: int, text: str) -> None:
    """Where nothing was answered as wanted, a rule on the times of answers fails, in whichever direction, however soon the failures came."""
    down = Figures(latencies(*((1000, cause, 0.5, measure, 0) for measure in (RESPONSE, SERVICE))), CLEAN, 10)
    assert broken([parse(text)], down) == [f"{text}: found no answer to measure"]


def test_what_never_left_was_not_sent() -> None:
    """Where no connection came about, nothing was sent, and all has failed."""
    down = figures((1000, UNREACHABLE, 0.5))
    rules = [parse(text) for text in ("sent_share>=1%", "payloads_per_s>1", "error_share<100%", "error_share<=100%")]
    assert broken(rules, down) == [
        "sent_share>=1%: found 0.0000%",
        "payloads_per_s>1: found 0.0",
        "error_share<100%: found 100.0000%",
    ]


def test_lateness_cannot_make_a_share_nothing() -> None:
    """A rule that wants none and holds is not decided by the generator, be it ever so late."""
    assert decided_late([parse(text) for text in ("error_share==0", "censored_share==0")], paused(), 100.0) == []


def test_fast_errors_do_not_make_a_slow_collector_pass() -> None:
    """Nine instant answers of 503 in ten leave the tenth as slow as it is; the share of errors is a rule of its own."""
    slow = figures((900, STATUS, 0.5), (100, OK, 400))
    assert [line.partition(":")[0] for line in broken([parse("response_p50<250ms"), parse("error_share<1%")], slow)] == [
        "response_p50<250ms",
        "error_share<1%",
    ]


def test_what_a_rule_leaves_out_is_said() -> None:
    """Where payloads failed, whoever has rules on times of answers is told how many are not in them; else nothing is."""
    rules = [parse(text) for text in ("response_p99<250ms", "service_p50<1s", "wait_p99<1s", "lost==0")]
    (line,) = left_out(rules, MIXED.latencies)
    assert line.startswith("response_p99<250ms, service_p50<1s: judged without 10 of 1,001 payloads, which failed")
    assert left_out(rules[2:], MIXED.latencies) == left_out(rules, figures((10, OK, 1), (5, WAITING, 1), (5, TIMEOUT, 1)).latencies) == []


# --------------------------------------------------------------------------------------------------------------------- the generator's lateness
def paused(*, pause_ms: float = 800, answers_ms: float = 10, seconds: int = 300, also_slow: int = 0) -> Latencies:
    """Give five minutes of 1,000 payloads a second, in the middle of which the generator stood still for a while.

    What fell due meanwhile was sent at the end of the pause. `also_slow`: so many more in each second take 0.7 s by the collector's doing.
    """
    parts = []
    for second in range(seconds):
        late = [pause_ms * (n + 0.5) / 20 for n in range(20)] if second == seconds // 2 else []
        each = round(pause_ms / 20)  # payloads
        for ms, n in [*((ms, each) for ms in late), (0.1, 1000 - len(late) * each)]:
            parts += [(n, OK, ms, OWN, second), (n, OK, ms + answers_ms, RESPONSE, second), (n, OK, answers_ms, SERVICE, second)]
        if also_slow:
            parts.append((also_slow, OK, 700, RESPONSE, second))
    return latencies(*parts)


def test_a_pause_of_the_generator_decides_no_rule() -> None:
    """A pause of 0.8 s in five minutes leaves the own lag's p99 as it was, but is what p99.9 of the response is made of: that cannot be judged."""
    run = paused()
    assert run.quantile(OWN, 0.99).ms < 1  # type: ignore[union-attr]
    rules = [parse(text) for text in ("response_p99.9<250ms", "response_p99<250ms", "response_p99.9<2s", "service_p99.9<250ms", "error_share<1%")]
    assert [line.partition(":")[0] for line in broken(rules, Figures(run, None, 300))] == ["response_p99.9<250ms"]
    (line,) = decided_late(rules, run, 100)
    assert line.startswith("response_p99.9<250ms was decided by the generator itself: found ")
    assert decided_late(rules[1:], run, 100) == []


@pytest.mark.parametrize(
    ("text", "pause_ms", "answers_ms", "limit_ms", "said"),
    [
        ("response_p99.99<700ms", 800, 10, 100, "found 7.* ms, but its own lag alone is 7.* ms"),
        ("response_p99.9<250ms", 800, 10, 100, "found 5.* ms, but its own lag alone is 5.* ms"),
        ("response_p99.9<560ms", 800, 100, 100, "found 6.* ms, but (99|100).* ms without the 1 s, and .* in which its own lag was above 100 ms"),
        ("response_p99.99<35ms", 60, 10, 100, "found 3.* ms, but 10.* ms without the 1 s, and .* above 35 ms"),  # where the rule is tighter
        ("response_p99.9<35ms", 60, 10, 100, ""),  # 60 payloads of 300,000 do not reach so far
        ("response_p100>60ms", 80, 10, 20, "found 8.* ms, but 10.* ms without the 1 s"),  # nor does it help a rule that wants more
    ],
)
def test_what_the_generator_decides_is_said_with_figures(text: str, pause_ms: float, answers_ms: float, limit_ms: float, said: str) -> None:
    """The line has the rule, what was found, and what would have been found without the generator's pause, or that its lag alone is as long."""
    found = decided_late([parse(text)], paused(pause_ms=pause_ms, answers_ms=answers_ms), limit_ms)
    assert len(found) == bool(said)
    assert all(re.search(said, line) for line in found), found


@pytest.mark.parametrize(("beside", "is_decided"), [(-1, True), (0, True), (1, True), (2, False)])
def test_answers_that_came_during_a_pause_are_beside_it(beside: int, is_decided: bool) -> None:
    """What was sent before a pause and read after it fell due in a second without lag, next to one with it."""
    around = latencies((20, OK, 700, SERVICE, 150 + beside))
    assert bool(decided_late([parse("service_p99.995<250ms")], Latencies(np.concatenate([paused().rows, around.rows])), 100)) == is_decided


def test_a_collector_that_is_slow_as_well_is_blamed() -> None:
    """Where a rule fails without the generator's pause, too, it has failed; so it has where the generator was never late."""
    rules = [parse("response_p99.9<530ms"), parse("response_p99.9<650ms")]
    for run in (paused(also_slow=5), paused(pause_ms=0.02, also_slow=5)):
        assert decided_late(rules, run, 100) == []
        assert len(broken(rules, Figures(run, None, 300))) == 2


def test_nothing_left_decides_nothing() -> None:
    """A run in which the generator was late all the time shows nothing of the collector; one with a rule tighter than its timer is not that."""
    late = latencies(*((100, OK, ms, measure, second) for second in range(5) for ms, measure in ((150, OWN), (400, SERVICE), (150, WAIT))))
    (line,) = decided_late([parse("service_p50<250ms")], late, 100)
    assert "but no answer to measure without the 5 s" in line
    assert decided_late([parse("service_p50<450ms"), parse("lost==0")], late, 100) == []  # it holds all the same
    prompt = latencies(*((100, OK, ms, measure, second) for second in range(5) for ms, measure in ((2, OWN), (400, SERVICE), (402, RESPONSE))))
    assert decided_late([parse("service_p50<1ms"), parse("own_lag_p50<1ms"), parse("response_p50<3ms")], prompt, 100) == []


def test_what_the_generator_left_behind_decides_no_rule() -> None:
    """Payloads that it had not taken up when the run ended say nothing of the collector: what only they break is not judged."""
    run = latencies(*((n, cause, ms, m, 9) for n, cause, ms in ((999, OK, 5), (1, LEFT, 3)) for m in (OWN, RESPONSE)))
    rules = [parse(text) for text in ("censored_share==0", "response_p100<250ms", "response_p99<250ms", "censored_share<1%")]
    assert [line.partition(":")[0] for line in broken(rules, Figures(run, None, 10))] == ["censored_share==0", "response_p100<250ms"]
    lines = decided_late(rules, run, 100)
    assert [line.split()[0] for line in lines] == ["censored_share==0", "response_p100<250ms"]
    assert all("without the 1 payloads that it had not taken up when the run ended" in line for line in lines)


def test_answers_that_were_given_up_while_the_generator_stood_still_are_its_doing() -> None:
    """Patience that ran out during a pause is in the share of errors, too: it cannot be judged, unless there are more elsewhere."""
    pause = latencies(
        (3, TIMEOUT, 900, RESPONSE, 2), (3, OK, 900, OWN, 2), *((100, OK, 1, m, second) for second in range(9) for m in (OWN, RESPONSE))
    )
    rules = [parse(text) for text in ("error_share<0.1%", "censored_share==0", "error_share<5%")]
    assert [line.split()[0] for line in decided_late(rules, pause, 100)] == ["error_share<0.1%", "censored_share==0"]
    elsewhere = Latencies(np.concatenate([pause.rows, latencies((3, TIMEOUT, 900, RESPONSE, 7)).rows]))
    assert decided_late(rules, elsewhere, 100) == []


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
