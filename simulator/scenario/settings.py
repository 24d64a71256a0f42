"""The configuration as the real web SDK reads it: what a wrong value gets, and how a remote one is laid over it (FACTS 1.1, 3, 6)."""

import math
import re
from typing import Any, Final

from simulator.profile.editions import EDITIONS, setting
from simulator.scenario.browser import Slot
from simulator.scenario.js import is_number, pattern, to_number, to_text, truthy
from simulator.scenario.urls import Url
from simulator.schema.words import API, PERF, PRESS, STALL, STATIC, VITAL
from simulator.sdk.state import Limits

Config = dict[str, Any]
EDITION: Final = EDITIONS["web-0.0.37"]
LONGEST_FLUSH_DELAY, GREATEST_FLUSH_COUNT = (EDITION.accepts[name][1] for name in ("flush_delay", "flush_count"))
UNLIMITED = 1 << 30
PROTECTED: Final = ("pid", "endpoint")
_PROBES: Final = {"perf": PERF, "webVitals": VITAL, "api": API, "staticResource": STATIC, "action": PRESS}


def part(config: Config | None, key: str) -> Config:
    """Give an object of the configuration; what is none has no members."""
    found = (config or {}).get(key)
    return found if isinstance(found, dict) else {}


def refused(config: Config) -> str | None:
    """Say why the real SDK's `init` would throw, or fail later for want of an address; None if it would not."""
    for key in ("sessionConfig", "collectors"):
        if config.get(key, config) is None:
            return f"config.{key}: found null; the real SDK's init throws: expected an object, or nothing"
    pid, url = config.get("pid"), part(config, "remoteConfig").get("url")
    if truthy(pid) and wants_remote(config) and not truthy(url) and not (isinstance(pid, str) and "@" in pid):
        return f"config.pid: found {pid!r}; expected APP@TOKEN, which says where the remote configuration is, or remoteConfig.url"
    if not isinstance(config.get("endpoint"), str):
        return f"config.endpoint: found {config.get('endpoint')!r}; expected a URL"
    return None


def limits_of(config: Config) -> Limits:
    """Make the row of edition web-0.0.37 with a page's settings."""
    limits = Limits(**{name: rule.value for name, rule in EDITION.rules.items()})
    session = part(config, "sessionConfig")
    longest, idle = session.get("maxDuration"), session.get("overtime")
    limits.max_duration = setting(EDITION, "max_duration", longest if is_number(longest) else None)
    limits.overtime = setting(EDITION, "overtime", idle if is_number(idle) else None)
    set_reporting(limits, config)
    set_probes(limits, config)
    return limits


def slot_of(config: Config, place: Url) -> Slot:
    """Tell where the session is kept."""
    session = part(config, "sessionConfig")
    domain = to_text(session["domain"]) if truthy(session.get("domain")) else ""
    host = place.name
    return Slot(place.origin, host if session.get("storage") == "cookie" else None, domain or host, f":{domain}" if domain else "")


def sample_percent(config: Config) -> float:
    """Give the rate in percent; a wrong one gets 100."""
    rate = part(config, "sessionConfig").get("sampleRate")
    return 100 * rate if is_number(rate) and 0 <= rate <= 1 else 100


def set_reporting(limits: Limits, config: Config) -> None:
    """Take over when a queue is flushed. Subtle: what is no number but true passes the SDK's checks, and counts as 0 or as no limit at all."""
    report = part(config, "reportConfig")
    delay, count = report.get("flushTime"), report.get("maxEventCount")
    ms, events = to_number(delay), to_number(count)
    if not truthy(delay) or ms < 0 or ms > LONGEST_FLUSH_DELAY:
        limits.flush_delay = EDITION.rules["flush_delay"].value
    else:
        limits.flush_delay = 0 if math.isnan(ms) else ms  # type: ignore[assignment]  # the interpreted core takes fractions of a ms
    if not truthy(count) or events < 1 or events > GREATEST_FLUSH_COUNT:
        limits.flush_count = EDITION.rules["flush_count"].value
    else:
        limits.flush_count = UNLIMITED if math.isnan(events) else math.ceil(events)


def set_probe(limits: Limits, kind: int, on: bool) -> None:
    """Switch a probe."""
    limits.probes = limits.probes | 1 << kind if on else limits.probes & ~(1 << kind)


def has_probe(limits: Limits, kind: int) -> bool:
    """Tell whether a probe is on."""
    return bool(limits.probes >> kind & 1)


def set_probes(limits: Limits, config: Config) -> None:
    """Take over which probes are on."""
    for name, kind in _PROBES.items():
        set_probe(limits, kind, wants(config, name))
    set_probe(limits, STALL, part(config, "collectors").get("longtask") is True)


def wants(config: Config | None, name: str) -> bool:
    """Tell whether a collector is not switched off."""
    return part(config, "collectors").get(name) is not False


def spa_mode(config: Config | None) -> Any:  # noqa: ANN401
    """Tell how pages are named."""
    mode = (config or {}).get("spaMode")
    return truthy(mode) and (mode if mode in ("history", "hash") else "auto")


def wants_remote(config: Config) -> bool:
    """Tell whether a remote configuration is fetched: what is true and has no `enable` counts as enabled."""
    remote = config.get("remoteConfig")
    return truthy(remote) and part(config, "remoteConfig").get("enable") is not False


def combined(local: Config, remote: Any) -> Config | None:  # noqa: ANN401
    """Lay a remote configuration over the local one, and add what only it has; None if it is no object.

    Subtle: objects inside the local one are changed where they are, whoever holds them.
    """
    if not isinstance(remote, dict):
        return None
    result = dict(local)
    _make_patterns(remote)
    _cover(result, remote)
    _supplement(result, remote)
    return result


def _cover(old: Config, new: Config) -> None:
    for key in old:
        if key in PROTECTED or key not in new:
            continue
        if isinstance(old[key], dict) and isinstance(new[key], dict):
            _cover(old[key], new[key])
        else:
            old[key] = new[key]


def _supplement(old: Config, new: Config) -> None:
    for key, value in new.items():
        if key not in old:
            old[key] = value
        elif isinstance(old[key], dict) and isinstance(value, dict):
            _supplement(old[key], value)


def _make_patterns(remote: Config) -> None:
    """Make patterns of /.../ where filters and traced URLs may have them."""
    filters = part(remote, "filters")
    for key in ("exception", "resource"):
        if key in filters:
            found = filters[key]
            filters[key] = [_pattern(item) for item in found] if isinstance(found, list) else _pattern(found)
    rules = part(remote, "tracing").get("allowedUrls")
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict) and "match" in rule:
            rule["match"] = _pattern(rule["match"])


def _pattern(text: Any) -> Any:  # noqa: ANN401
    is_one = isinstance(text, str) and len(text) > 2 and text[0] == text[-1] == "/"  # noqa: PLR2004
    return pattern(text[1:-1]) if is_one else text


def storable(value: Any) -> Any:  # noqa: ANN401
    """Give what JSON.stringify makes of a configuration: of a pattern, an empty object."""
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return {} if isinstance(value, re.Pattern) else value
