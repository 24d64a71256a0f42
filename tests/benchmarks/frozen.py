"""A constant rate through the pump while the collector stands still for a moment, as a process of its own.

    python tests/benchmarks/frozen.py http://127.0.0.1:8080 SECONDS CONNECTIONS RATE

Says `begun` when it begins, then prints a line of JSON: how many requests were offered and how many answered, and the p99 of response (from when each
was due) and of service (from when it was sent), by the histograms of load.
"""

import json
import sys
import time

import gevent
import locust  # noqa: F401 - patches the standard library, as in a run
import numpy as np

from simulator.load import histogram
from simulator.load.pump import Pump
from simulator.load.request import Done, Head, Request, whole
from simulator.load.target import place
from simulator.play.outcomes import bucket, key_of
from simulator.schema.latency import OK, RESPONSE, SERVICE

BODY = b"{}"
DRAIN_S = 15.0
HEAD_START_NS = 200_000_000


def main() -> None:
    """Read the arguments, send, and print."""
    url, seconds, connections, rate = sys.argv[1], *map(int, sys.argv[2:])
    to = place(url)
    text = f"POST /rum/collect HTTP/1.1\r\nHost: {to.authority}\r\nContent-Type: text/plain\r\nContent-Length: ".encode()
    head = Head(0, "/rum/collect", {}, text)
    pump = Pump(to, None, most=connections, shared=True, answer_s=30)
    data, number = whole(head, BODY), seconds * rate
    begin = time.monotonic_ns() + HEAD_START_NS
    pump.offer([Request(i, i, begin + i * 1_000_000_000 // rate, head, data) for i in range(number)])
    print("begun", flush=True)
    gevent.sleep(seconds + HEAD_START_NS / 1e9)
    unsent = pump.stop()
    pump.drain(DRAIN_S)
    table = np.array([*pump.done], np.int64)
    one = dict(zip(Done._fields, table.T, strict=True))
    buckets = np.vectorize(bucket, otypes=[np.int64])
    figures: dict[str, float] = {"offered": number, "unsent": len(unsent), "answered": int((one["cause"] == OK).sum())}
    for name, measure, since in (("response", RESPONSE, "due"), ("service", SERVICE, "sent")):
        keys = key_of(0, 0, one["cause"], measure, buckets((one["ended"] - one[since]) // 1000))
        p99 = histogram.Latencies(histogram.count(np.sort(keys))).quantile(measure, 0.99)
        assert p99
        figures[f"{name}_p99_ms"] = p99.ms
    print(json.dumps(figures | pump.counts()))


if __name__ == "__main__":
    main()
