"""A flushed queue as the real SDK's request (FACTS 4)."""

from collections.abc import Sequence
from typing import Any

from simulator.scenario.js import head, is_number, length, members, ordered, to_json, truthy
from simulator.scenario.settings import EDITION, Config

PARTS = ("app", "user", "device", "os", "geo", "isp", "net", "properties")
LONGEST_KEY, LONGEST_VALUE, MOST_PROPERTIES = 50, 2_000, 20  # FACTS 4


def body(config: Config, user: str, session: str, view: dict[str, str], events: Sequence[dict[str, Any]]) -> str:
    """Write the request's JSON as JSON.stringify does."""
    env = config.get("env")
    app = {"id": config["pid"]} if "pid" in config else {}
    app |= {"env": env if truthy(env) else "prod"} | ({"version": config["version"]} if "version" in config else {}) | {"type": ""}
    bundle: dict[str, Any] = {"app": app, "user": {"id": user}, "session": {"id": session}, "net": {}, "view": view, "events": list(events)}
    for part in PARTS:
        given = members(config.get(part))
        if part == "properties":
            if kept := _properties(given):
                bundle[part] = kept
            continue
        for key, value in given.items():
            if (isinstance(value, str) or is_number(value)) and not (part == "user" and key == "id"):
                bundle.setdefault(part, {})[key] = value
    bundle["app"]["type"] = "browser"
    bundle["net"]["model"] = "4g"
    bundle["_v"] = EDITION.sdk_version
    return to_json(bundle)


def size_bytes(text: str) -> int:
    """Count the bytes of a request."""
    return len(text.encode())


def _properties(given: dict[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    for name in given:
        key, value = name, kept.get(name)
        if length(name) > LONGEST_KEY:
            key = head(name, LONGEST_KEY)
            kept[key] = value
            kept.pop(name, None)
        if not isinstance(value, str) and not is_number(value):
            kept.pop(key, None)
        elif isinstance(value, str):
            kept[key] = head(value, LONGEST_VALUE)
    return dict(list(ordered(kept).items())[:MOST_PROPERTIES])
