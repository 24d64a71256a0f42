"""How late a process that does nothing else is, by timerfd and epoll alone, as a process of its own.

    python tests/benchmarks/bare_timer.py RATE SECONDS

Instants are due at a rate, with exponential gaps between them, as independent visits have. Prints a line of JSON: the quantiles of how late, in us.
"""

import ctypes
import json
import os
import random
import select
import sys
import time

import numpy as np

CLOCK_MONOTONIC, TFD_TIMER_ABSTIME = 1, 1  # <linux/time.h>, <sys/timerfd.h>
HEAD_START_NS = 100_000_000
SECOND_NS = 1_000_000_000


def main() -> None:
    """Wait for each instant, and note how late it is noticed."""
    rate, seconds = map(float, sys.argv[1:])
    gaps = random.Random(1)
    at, dues = time.monotonic_ns() + HEAD_START_NS, []
    for _ in range(round(rate * seconds)):
        at += round(gaps.expovariate(rate) * SECOND_NS)
        dues.append(at)
    libc = ctypes.CDLL(None, use_errno=True)
    file = libc.timerfd_create(CLOCK_MONOTONIC, os.O_NONBLOCK)
    poll = select.epoll()
    poll.register(file, select.EPOLLIN)
    spec = (ctypes.c_long * 4)()
    late, now, i = [], time.monotonic_ns, 0
    while i < len(dues):
        spec[2], spec[3] = divmod(dues[i], SECOND_NS)
        libc.timerfd_settime(file, TFD_TIMER_ABSTIME, spec, None)
        poll.poll()
        while i < len(dues) and dues[i] <= (at := now()):
            late.append(at - dues[i])
            i += 1
    p50, p99 = np.percentile(late, [50, 99]) / 1000
    print(json.dumps({"p50_us": p50, "p99_us": p99}))


if __name__ == "__main__":
    main()
