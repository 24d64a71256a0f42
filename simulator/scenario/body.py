"""A flushed queue as the real SDK's request (FACTS 4)."""

import json
from collections.abc import Sequence
from typing import Any

from simulator.scenario.settings import Config, is_number

PARTS = ("app", "user", "device", "os", "geo", "isp", "net", "properties")
LONGEST_KEY, LONGEST_VALUE, MOST_PROPERTIES = 50, 2_000, 20  # FACTS 4
VERSION = "cdn-0.0.37"


def body(config: Config, user: str, session: str, view: dict[str, str], events: Sequence[dict[str, Any]]) -> str:
    """Write the request's JSON as JSON.stringify does."""
    app = {"id": config.get("pid"), "env": config.get("env") or "prod", "version": config.get("version"), "type": ""}
    bundle: dict[str, Any] = {"app": app, "user": {"id": user}, "session": {"id": session}, "net": {}, "view": view, "events": list(events)}
    for part in PARTS:
        given = config.get(part)
        if not isinstance(given, dict):
            continue
        if part == "properties":
            if given and (kept := _properties(given)):
                bundle[part] = kept
            continue
        for key, value in given.items():
            if (isinstance(value, str) or is_number(value)) and not (part == "user" and key == "id"):
                bundle.setdefault(part, {})[key] = value
    app["type"] = "browser"
    app_present = {key: value for key, value in bundle["app"].items() if value is not None}
    bundle["app"] = app_present
    bundle["net"]["model"] = "4g"
    bundle["_v"] = VERSION
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":"))


def _properties(given: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, str):
            kept[key[:LONGEST_KEY]] = value[:LONGEST_VALUE]
        elif is_number(value):
            kept[key[:LONGEST_KEY]] = value
    return dict(list(kept.items())[:MOST_PROPERTIES])
