"""Waiting for another process: the one place where tests sleep, a moment at a time and never longer than a deadline."""

import time
from collections.abc import Callable
from typing import Any

import pytest

DEADLINE_S = 120  # compiling anew, beside two others that do, takes a minute and more


def until(ready: Callable[[], Any], what: str | Callable[[], str], process: Any = None, *, deadline_s: float = DEADLINE_S) -> Any:
    """Give what `ready` gives once that is true; fail at the deadline, or when `process` (a Popen) has ended before.

    `what` is named by the failure; a function is asked then.
    """

    def fail(why: str) -> Any:
        return pytest.fail(f"waited in vain for {what if isinstance(what, str) else what()}: {why}")

    ends = time.monotonic() + deadline_s
    while time.monotonic() < ends:
        if found := ready():
            return found
        if process and process.poll() is not None:
            return fail(f"the process has ended with {process.returncode}")
        time.sleep(0.02)
    return fail(f"not there after {deadline_s:g} s")
