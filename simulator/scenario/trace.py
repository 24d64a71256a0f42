"""What a traced request carries, and what its event says of it (FACTS 7)."""

import re
from base64 import b64encode
from typing import Any, Final

from simulator.scenario.js import is_number, truthy

DEFAULT: Final = ["tracecontext"]
SKYWALKING: Final = "sw8"  # exclusive


class Tracing:
    """The option `tracing` as the SDK reads it: what is missing or of a wrong type gets its default."""

    def __init__(self, option: Any) -> None:  # noqa: ANN401
        """Read the option."""
        plain = isinstance(option, bool) or not truthy(option)
        given = option if isinstance(option, dict) else {}
        enable, sample, allowed = given.get("enable", True), given.get("sample", 100), given.get("allowedUrls", [])
        self.enabled = truthy(option) if plain else enable if isinstance(enable, bool) else True
        self.sample = sample if is_number(sample) else 100
        self.ways = given.get("propagatorTypes", DEFAULT)
        self.has_state = truthy(given.get("tracestate", True))
        self.has_baggage = truthy(given.get("baggage", False))
        self.rules: list[tuple[Any, Any]] = []
        for item in allowed if isinstance(allowed, list) else []:
            if isinstance(item, str | re.Pattern):
                self.rules.append((item, self.ways))
            elif isinstance(item, dict) and isinstance(item.get("match"), str | re.Pattern) and isinstance(item.get("propagatorTypes"), list):
                self.rules.append((item["match"], item["propagatorTypes"]))

    def ways_for(self, url: str, origin: str) -> Any:  # noqa: ANN401
        """Give the ways in which a request to `url` says where it belongs; None if it does not."""
        for rule, ways in self.rules:
            if matches(rule, url):
                return ways or self.ways
        return self.ways if re.match(r"https?://*", url) and url.startswith(origin) else None


def matches(rule: Any, text: str) -> bool:  # noqa: ANN401
    """Tell whether a text begins with a rule, or contains it where it is a pattern."""
    return bool(rule.search(text)) if isinstance(rule, re.Pattern) else isinstance(rule, str) and text.startswith(rule)


def headers(trace: str, span: str, flag: str, ways: Any, state: str | None, baggage: str | None, service: tuple[str, ...]) -> dict[str, str]:  # noqa: ANN401
    """Write the headers. `service`: application, version, page and host, for SkyWalking."""
    made: dict[str, str] = {}
    ways = ways if isinstance(ways, list) else [ways]
    for way in [SKYWALKING] if SKYWALKING in ways else ways:
        if way == "jaeger":
            made["uber-trace-id"] = f"{trace}:{span}:0:{flag}"
        elif way == "b3":
            made["b3"] = f"{trace}-{span}-{flag}"
        elif way == "b3multi":
            made |= {"X-B3-TraceId": trace, "X-B3-SpanId": span, "X-B3-Sampled": flag}
        elif way == SKYWALKING:
            app, version, page, host = (b64encode(text.encode()).decode() for text in service)
            made["sw8"] = f"{flag}-{b64encode(trace.encode()).decode()}-{b64encode(span.encode()).decode()}-0-{app}-{version}-{page}-{host}"
        else:
            made["traceparent"] = f"00-{trace}-{span}-0{flag}"
            if state:
                made["tracestate"] = state
    if baggage:
        made["baggage"] = baggage
    return made
