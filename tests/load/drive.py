"""Drives the transport as a run does, without users: a process of its own, as `import locust` changes a whole interpreter.

What is to be played comes as JSON on stdin and the result goes to stdout; `drive` does both ends. Several plays run at once.
"""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

DEADLINE_S = 100


@dataclass
class Play:
    """Requests to one host. `requests`: (due in ms since the beginning, device, bytes of the body at least), in order."""

    host: str
    requests: list[tuple[float, int, int]]
    most: int = 1000
    shared: bool = False
    answer_s: float = 10.0
    keep_s: float = 300.0
    connect_s: float = 10.0
    resumes: bool = True
    trusts: str = ""
    until_s: float = 30.0
    """The play ends then, or when all requests have."""
    drain_s: float = 10.0
    addresses: dict[str, list[str]] = field(default_factory=dict)
    """What names stand for, if not what the system says."""
    held_ms: tuple[float, float] = (0.0, 0.0)
    """From when to when the process does something else, so that nothing can be sent."""
    files: int = 0
    """How many more files the process may open, if not as many as the system says; of all plays of a process."""


class Played(NamedTuple):
    """What became of a play.

    `done`: request.Done as dicts, times in ns since the beginning; `causes`, by the histograms, and `outcomes`, by the ledger: numbers of requests;
    `outcome_of`: the ledger's word for each request.
    """

    done: list[dict[str, int]]
    unsent: list[int]
    counts: dict[str, int]
    causes: dict[str, int]
    outcomes: dict[str, int]
    outcome_of: dict[int, str]
    latencies: Any
    """histogram.Latencies."""
    began_ns: int
    """Of time.monotonic_ns(): the beginning."""
    said: str
    """On stderr, by all plays of the process."""


def drive(folder: Path, plays: dict[str, Play]) -> dict[str, Played]:
    """Play all at once in a new process; keep its ledgers and histograms in `folder`."""
    from simulator.audit.ledger import read
    from simulator.load import histogram
    from simulator.play.outcomes import warm_up
    from simulator.schema.latency import CAUSES, RESPONSE
    from simulator.schema.words import OUTCOMES

    warm_up()  # here, where it may take its time and say so
    spec = {name: asdict(play) for name, play in plays.items()}
    ended = subprocess.run(
        [sys.executable, __file__, str(folder)], input=json.dumps(spec), check=False, capture_output=True, text=True, timeout=DEADLINE_S
    )
    assert ended.returncode == 0, ended.stderr
    results = {}
    for name, (began_ns, done, unsent, counts) in json.loads(ended.stdout).items():
        latencies = histogram.read(folder / name / "histograms")
        causes = {cause: latencies.total(RESPONSE, number) for number, cause in enumerate(CAUSES)}
        rows = read(folder / name / "ledger").outcomes
        words = [OUTCOMES[row["outcome"]] for row in rows]
        results[name] = Played(
            done,
            unsent,
            counts,
            {cause: count for cause, count in causes.items() if count},
            {word: words.count(word) for word in set(words)},
            {int(row["payload"]) & 0xFFFFFFFF: word for row, word in zip(rows, words, strict=True)},
            latencies,
            began_ns,
            ended.stderr,
        )
        assert len(rows) == len(results[name].outcome_of) == len(done), "each request has one outcome"
    return results


class _Resolver:
    """Knows more names than the system does."""

    def __init__(self, system: Any, names: dict[str, list[str]]) -> None:
        self._system, self._names = system, names

    def getaddrinfo(self, host: str, port: int, **more: Any) -> list[Any]:
        if host in self._names:
            return [(2, 1, 6, "", (address, port)) for address in self._names[host]]
        found: list[Any] = self._system.getaddrinfo(host, port, **more)
        return found


def _play(folder: Path, play: dict[str, Any]) -> tuple[int, list[Any], list[int], dict[str, int]]:
    import time

    import gevent

    from simulator.audit.ledger import Writer
    from simulator.load import histogram, pump
    from simulator.load.record import Recorder
    from simulator.load.request import Head, Request, whole
    from simulator.load.target import context, place

    to = place(play["host"])
    ledger, latencies = Writer(folder / "ledger", 0), histogram.Writer(folder / "histograms", 0, ["/"])
    recorder = Recorder(ledger, latencies, 1, counts=False)
    keys = {name: play[name] for name in ("most", "shared", "answer_s", "keep_s", "resumes")}
    made = pump.Pump(to, context(play["trusts"]) if to.secure else None, **keys)
    t0 = recorder.t0_ns = time.monotonic_ns() + 100_000_000
    head = Head(0, "/", {}, f"POST / HTTP/1.1\r\nHost: {to.authority}\r\nContent-Length: ".encode())
    requests = [
        Request(number, device, t0 + round(ms * 1e6), head, whole(head, f"{number} ".encode().ljust(size)))
        for number, (ms, device, size) in enumerate(play["requests"])
    ]
    made.offer(requests)
    since, to = (t0 + round(ms * 1e6) for ms in play["held_ms"])
    if to > since:
        gevent.sleep((since - time.monotonic_ns()) / 1e9)
        while time.monotonic_ns() < to:
            pass
    until = time.monotonic() + play["until_s"]
    while len(made.done) < len(requests) and time.monotonic() < until:
        gevent.sleep(0.02)
    unsent = [request.number for request in made.stop()]
    made.drain(play["drain_s"])
    made.stop()
    done = [*made.done]
    recorder.keep(made.done.table(made.done.take()))
    ledger.close()
    latencies.close()
    times = ("due", "taken", "sent", "first", "ended")
    told = [{k: v - t0 if k in times and v else v for k, v in one._asdict().items()} for one in done]
    return t0, told, unsent, made.counts()


def _main(folder: Path) -> None:
    import resource

    import gevent
    import locust.env  # noqa: F401 - it patches the interpreter, before anything else is made

    from simulator.load import pump
    from simulator.play.outcomes import warm_up

    warm_up()
    plays = json.load(sys.stdin)
    pump.CONNECT_S = min(play["connect_s"] for play in plays.values())  # type: ignore[misc]
    if files := max(play["files"] for play in plays.values()):
        taken = len(list(Path("/proc/self/fd").iterdir()))
        resource.setrlimit(resource.RLIMIT_NOFILE, (taken + files, taken + files))
    hub = gevent.get_hub()
    hub.resolver = _Resolver(hub.resolver, {name: found for play in plays.values() for name, found in play["addresses"].items()})
    begun = {name: gevent.spawn(_play, folder / name, play) for name, play in plays.items()}
    json.dump({name: one.get() for name, one in begun.items()}, sys.stdout)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
