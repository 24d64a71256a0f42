"""Makes a scenario that differs smaller, as long as it differs: fewer steps, fewer settings, smaller numbers."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

Scenario = dict[str, Any]
KEPT = frozenset(
    {"op", "ms", "n", "selector", "state", "label", "key", "value", "message", "url", "payload", "config", "endpoint"}
    | {"entries", "entryType", "startTime", "initiatorType", "name", "duration"}
)
"""Members without which an operation would be none."""


def shrink(scenario: Scenario, differs: Callable[[Scenario], bool]) -> Scenario:
    """Give a scenario from which nothing more can be taken."""
    again = True
    while again:
        again = False
        for smaller in _smaller(scenario):
            if differs(smaller):
                scenario, again = smaller, True
                break
    return scenario


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    steps = scenario["steps"]
    size = len(steps) // 2
    while size:
        for i in range(0, len(steps), size):
            yield scenario | {"steps": steps[:i] + steps[i + size :]}
        size //= 2
    for key in ("noBeacon", "random"):
        if key in scenario:
            yield {k: x for k, x in scenario.items() if k != key}
    for path in scenario.get("http", {}):
        yield scenario | {"http": {k: x for k, x in scenario["http"].items() if k != path}}
    for i, step in enumerate(steps):
        for smaller in _less(step):
            if smaller.get("op") == step["op"]:
                yield scenario | {"steps": [*steps[:i], smaller, *steps[i + 1 :]]}


def _less(value: Any) -> Iterator[Any]:
    """Give values with a member less, with a smaller member, or a smaller number."""
    if isinstance(value, dict):
        for key in value:
            if key not in KEPT:
                yield {k: deepcopy(x) for k, x in value.items() if k != key}
        for key, member in value.items():
            if key not in ("op", "epoch"):
                for smaller in _less(member):
                    yield value | {key: smaller}
    elif isinstance(value, list):
        for i in range(len(value)):
            yield value[:i] + value[i + 1 :]
        for i, member in enumerate(value):
            for smaller in _less(member):
                yield [*value[:i], smaller, *value[i + 1 :]]
    elif isinstance(value, str) and len(value) > 40:
        yield value[: len(value) // 2]
    elif isinstance(value, int) and not isinstance(value, bool) and value > 1:
        yield value // 2
