"""What became of requests, kept (record.py) in the ledger, the histograms and the pace, and told to Locust (statistics.py).

An interpreter of its own may import Locust.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rows import buckets

from simulator.audit.ledger import Ledger, read
from simulator.load import histogram
from simulator.load.histogram import Latencies
from simulator.load.request import Done, outcome
from simulator.schema.latency import (
    CAUSES,
    CONNECT_TIMEOUT,
    DNS,
    FIRST_BYTE,
    LEFT,
    NO_SOCKET,
    OK,
    OPEN,
    OWN,
    RESET,
    RESPONSE,
    SERVICE,
    STATUS,
    TIMEOUT,
    UNSENT,
    WAIT,
    WAITING,
)  # fmt: skip

CODE = """
import json, sys, time
from pathlib import Path
from locust.env import Environment
from simulator.audit.ledger import Writer
from simulator.load import histogram
from simulator.load.record import Recorder
from simulator.load.request import Outcomes
from simulator.load.statistics import Statistics

rows = json.load(sys.stdin)
said = {}
for how in ("each", "bulk", ""):
    environment = Environment()
    environment.create_local_runner()
    heard = []
    environment.events.request.add_listener(lambda exception, **_: heard.append(str(exception or "")))
    folder = Path(sys.argv[1]) / (how or "none")
    ledger, latencies = Writer(folder / "ledger", 0), histogram.Writer(folder / "histograms", 0, ["/a", "/b"])
    recorder, statistics, done = Recorder(ledger, latencies, 2, counts=how == "bulk"), Statistics(environment, ["/a", "/b"], how), Outcomes()
    steps = 0
    for part, is_last in ((rows[:700], False), ([], False), (rows[700:], True)):
        for row in part:
            done.add(row)
        table = done.table(done.take())
        shown = recorder.keep(table, is_last=is_last)
        steps += sum(1 for _ in statistics.tell(table, shown))
    ledger.close()
    latencies.close()
    def of(entry):
        return {
            "requests": entry.num_requests,
            "failures": entry.num_failures,
            "total": entry.total_response_time,
            "least": entry.min_response_time,
            "most": entry.max_response_time,
            "times": sorted(entry.response_times.items()),
            "per second": sum(entry.num_reqs_per_sec.values()),
            "failed per second": sum(entry.num_fail_per_sec.values()),
            "median": entry.median_response_time,
        }
    stats = environment.stats
    said[how] = {
        "entries": {name: of(entry) for (name, _), entry in sorted(stats.entries.items())},
        "total": of(stats.total),
        "errors": sorted([error.name, str(error.error), error.occurrences] for error in stats.errors.values()),
        "heard": heard,
        "steps": steps,
        "pace": [recorder.pace.due, recorder.pace.late, recorder.pace.held, recorder.pace.unsent, recorder.pace.left, recorder.pace.no_socket],
        "wall_ns": recorder.wall_ns,
    }
print(json.dumps(said))
"""
SECOND = 1_000_000_000
COUNT = 1500


def drawn() -> list[Done]:
    """Draw requests with every cause, some of which were never sent, on two endpoints, within 5 s, up to 20 s long."""
    chance = np.random.default_rng(3)
    rows = []
    for number in range(COUNT):
        cause = int(chance.choice([OK] * 30 + list(range(len(CAUSES)))))
        status = {OK: 204, STATUS: int(chance.choice([429, 500, 503]))}.get(cause, 0)
        due = int(chance.integers(0, 5 * SECOND))
        taken = due + int(chance.exponential(SECOND / 2))
        sent = 0 if cause in (DNS, CONNECT_TIMEOUT, *UNSENT) or (cause == RESET and number % 2) else taken + int(chance.exponential(SECOND / 20))
        first = sent + int(chance.exponential(SECOND)) if status else 0
        ended = taken if cause == LEFT else max(taken, sent, first) + int(chance.exponential(0.1 * SECOND if cause == WAITING else 2 * SECOND))
        rows.append(Done(number, cause, status, number % 5 == 0, due, taken, sent, first, ended))
    return rows


DONE = drawn()
TOLD = [one for one in DONE if one.cause not in UNSENT or one.ended - one.due > SECOND / 10]
"""Those of which Locust hears."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a folder for each way of telling Locust."""
    return tmp_path_factory.mktemp("record")


@pytest.fixture(scope="module")
def said(folder: Path) -> Any:
    """Record the same requests in each way."""
    run = subprocess.run([sys.executable, "-c", CODE, str(folder)], input=json.dumps(DONE), check=True, capture_output=True, text=True, timeout=120)
    assert [line for line in run.stderr.splitlines() if not line.startswith("rumsim: compiling")] == []
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def ledger(said: Any, folder: Path) -> Ledger:
    """Give the ledger."""
    return read(folder / "each" / "ledger")


@pytest.fixture(scope="module")
def latencies(said: Any, folder: Path) -> Latencies:
    """Give the histograms."""
    return histogram.read(folder / "each" / "histograms")


# ---------------------------------------------------------------------------------------------------------------------------------- the ledger
def test_each_request_has_its_outcome(ledger: Ledger) -> None:
    """One row for each, with the ledger's word for its cause, and its status."""
    rows = ledger.outcomes
    assert [int(number) & 0xFFFFFFFF for number in rows["payload"]] == list(range(COUNT))
    assert rows["outcome"].tolist() == [outcome(one.cause, one.sent) for one in DONE]
    assert rows["status"].tolist() == [one.status for one in DONE]


def test_times_are_those_of_the_wall_clock(ledger: Ledger, said: Any) -> None:
    """What was sent has the wall-clock time of its first byte and its lag, what was answered that of its end; all else has 0."""
    shift = said["each"]["wall_ns"]
    for row, one in zip(ledger.outcomes, DONE, strict=True):
        assert int(row["lag_ns"]) == (one.sent - one.due if one.sent else 0)
        assert int(row["sent_ns"]) == (one.sent + shift if one.sent else 0)
        assert int(row["ended_ns"]) == (one.ended + shift if one.status else 0)


# ------------------------------------------------------------------------------------------------------------------------------ the histograms
@pytest.mark.parametrize(
    ("measure", "since", "until", "needs"),
    [
        (OWN, "due", "taken", ""),
        (WAIT, "taken", "sent", "sent"),  # or until it was given up without a connection
        (SERVICE, "sent", "ended", "sent"),
        (FIRST_BYTE, "sent", "first", "first"),  # or until it was given up without a byte
        (RESPONSE, "due", "ended", ""),
    ],
)
def test_each_measure_counts_those_that_have_it(latencies: Latencies, measure: int, since: str, until: str, needs: str) -> None:
    """A row for each second in which requests were due, endpoint, cause and bucket; requests without a measure are not in it, all others are."""
    expected: dict[tuple[int, int, int, int], int] = {}
    given_up = {WAIT: (CONNECT_TIMEOUT, WAITING), FIRST_BYTE: (TIMEOUT, OPEN)}.get(measure, ())
    for one in DONE:
        if not needs or getattr(one, needs) or one.cause in given_up:
            end = getattr(one, until) if not needs or getattr(one, needs) else one.ended
            bucket = int(buckets(np.array([(end - getattr(one, since)) // 1000]))[0])
            key = one.due // SECOND, int(one.endpoint), one.cause, bucket
            expected[key] = expected.get(key, 0) + 1
    found: dict[tuple[int, int, int, int], int] = {}
    for row in latencies.of(measure):
        key = int(row["second"]), int(row["endpoint"]), int(row["cause"]), int(row["bucket"])
        found[key] = found.get(key, 0) + int(row["count"])
    assert found == expected


def test_no_request_is_left_out(latencies: Latencies) -> None:
    """Requests that were given up or failed are in the response times as well."""
    assert latencies.total(RESPONSE) == COUNT
    assert all(latencies.total(RESPONSE, cause) == sum(one.cause == cause for one in DONE) for cause in (TIMEOUT, OPEN, DNS, WAITING, LEFT))


# -------------------------------------------------------------------------------------------------------------------------- pace and statistics
def test_the_pace_counts_all(said: Any) -> None:
    """Each request is judged once, by its own lag and its wait."""
    late = sum(one.taken - one.due > SECOND for one in DONE)
    held = sum((one.sent or one.ended) - one.taken > SECOND / 10 for one in DONE)
    unsent = sum(one.cause in UNSENT for one in DONE)
    left = sum(one.cause == LEFT and one.ended - one.due > SECOND / 10 for one in DONE)
    without = sum(one.cause == NO_SOCKET for one in DONE)
    assert 0 < left < unsent
    assert without > 0
    assert said["each"]["pace"] == said["bulk"]["pace"] == said[""]["pace"] == [COUNT, late, held, unsent, left, without]


def test_listeners_hear_of_each(said: Any) -> None:
    """Whoever listens to Locust's requests hears of every one, with the cause or the status of what failed; in bulk of none.

    What fell due within the last tenth of a second and had not left is no failure, and no request either.
    """
    assert {one.cause for one in TOLD} == set(range(len(CAUSES)))
    assert len(TOLD) < len(DONE)
    texts = ["" if one.cause == OK else f"status {one.status}" if one.status else CAUSES[one.cause] for one in TOLD]
    assert said["each"]["heard"] == texts
    assert said["bulk"]["heard"] == said[""]["heard"] == []


def test_bulk_is_equal_to_each(said: Any) -> None:
    """Locust's table is the same, be it told of each request or of many at once: numbers, times, quantiles and errors."""
    each, bulk = said["each"], said["bulk"]
    assert each["errors"] == bulk["errors"] != []
    assert each["entries"].keys() == bulk["entries"].keys() == {"/a", "/b"}
    for one, other in ((each["total"], bulk["total"]), *((each["entries"][name], bulk["entries"][name]) for name in each["entries"])):
        assert one.pop("total") == pytest.approx(other.pop("total"), rel=1e-9)
        assert one == other


def test_who_tells_locust_itself_is_not_told_twice(said: Any) -> None:
    """A transport that tells Locust itself leaves nothing to be told here."""
    assert said[""]["total"]["requests"] == 0
    assert said[""]["errors"] == []


def test_it_goes_in_slices(said: Any) -> None:
    """To tell of so many requests takes many steps, between which others can run; in bulk three for each endpoint."""
    assert said["each"]["steps"] > COUNT / 16
    assert said["bulk"]["steps"] == 6
    assert said[""]["steps"] == 0
