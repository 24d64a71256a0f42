"""The configuration as the real web SDK reads it: what a wrong value gets, and how a remote one is laid over it (FACTS 1.1, 3, 6)."""

import math
from copy import deepcopy
from typing import Any

from simulator.profile.editions import EDITIONS
from simulator.schema.words import API, ERROR, PERF, PRESS, STALL, STATIC, VITAL
from simulator.sdk.state import Limits

Config = dict[str, Any]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
_PROBES = {"perf": PERF, "webVitals": VITAL, "api": API, "staticResource": STATIC, "action": PRESS}
PROTECTED = ("pid", "endpoint")


def is_number(value: object) -> bool:
    """Tell what JavaScript calls a number; a NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def limits_of(config: Config) -> Limits:
    """Make the row of edition web-0.0.37 with a page's settings."""
    limits = Limits(**{name: rule.value for name, rule in EDITIONS["web-0.0.37"].rules.items()})
    session = config.get("sessionConfig") or {}
    longest, idle = session.get("maxDuration"), session.get("overtime")
    if is_number(longest) and 4 * HOUR <= longest <= DAY:
        limits.max_duration = longest
    if is_number(idle) and 10 * MINUTE <= idle <= HOUR:
        limits.overtime = idle
    set_reporting(limits, config)
    set_probes(limits, config)
    return limits


def sample_rate(config: Config) -> float:
    """Give the rate; a wrong one gets 1."""
    rate = (config.get("sessionConfig") or {}).get("sampleRate")
    return float(rate) if is_number(rate) and 0 <= rate <= 1 else 1.0


def set_reporting(limits: Limits, config: Config) -> None:
    """Take over when a queue is flushed."""
    report = config.get("reportConfig")
    report = report if isinstance(report, dict) else {}
    delay, count = report.get("flushTime"), report.get("maxEventCount")
    limits.flush_delay = delay if is_number(delay) and 0 < delay <= 10_000 else 3_000
    limits.flush_count = math.ceil(count) if is_number(count) and 1 <= count <= 100 else 20


def set_probes(limits: Limits, config: Config) -> None:
    """Take over which probes are on."""
    collectors = config.get("collectors") or {}
    for name, kind in _PROBES.items():
        if collectors.get(name) is False:
            limits.probes &= ~(1 << kind)
        else:
            limits.probes |= 1 << kind
    if collectors.get("longtask") is True:
        limits.probes |= 1 << STALL
    else:
        limits.probes &= ~(1 << STALL)


def reports_errors(config: Config, source: str) -> bool:
    """Tell whether errors of a source are reported."""
    name = "consoleError" if source == "console.error" else "jsError"
    return (config.get("collectors") or {}).get(name) is not False and ERROR >= 0


def wants_remote(config: Config) -> bool:
    """Tell whether a remote configuration is fetched: an object without `enable` counts as enabled."""
    remote = config.get("remoteConfig")
    return remote is True or (isinstance(remote, dict) and remote.get("enable") is not False)


def combined(local: Config, remote: object) -> Config | None:
    """Lay a remote configuration over the local one, and add what only it has; None if it is no object."""
    if not isinstance(remote, dict):
        return None
    result = dict(local)
    _cover(result, remote)
    _supplement(result, remote)
    return result


def _cover(old: Config, new: Config) -> None:
    for key in old:
        if key in PROTECTED or new.get(key) is None and key not in new:
            continue
        if isinstance(old[key], dict) and isinstance(new[key], dict):
            old[key] = deepcopy(old[key])
            _cover(old[key], new[key])
        else:
            old[key] = new[key]


def _supplement(old: Config, new: Config) -> None:
    for key, value in new.items():
        if key not in old:
            old[key] = value
        elif isinstance(old[key], dict) and isinstance(value, dict):
            _supplement(old[key], value)
