"""Compares two runs of one scenario.

Rules:
- Ids are named by their first appearance in time: each 32 hex digits S1, S2, ..., each user id UID, each span of an event id SPAN.
- Everything else must be equal: the time, the way, the URL and each field of every report, and the storage strings at every `store` step.
- Snapshots and timing data are JSON in a string: compared as JSON. `binary_images` is what a browser knows of its own code: left out.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

Run = dict[str, Any]
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_SPAN = re.compile(r"(00-S\d+)-[0-9a-f]{16}")
_USER = re.compile(r"uid_[0-9a-z]{16}")
JSON_FIELDS = ("snapshots", "timing_data")


def normalised(run: Run) -> list[dict[str, Any]]:
    """Give what a run did, in order of time, with its ids named by first appearance."""
    names: dict[str, str] = {}

    def plain(text: str | None) -> str:
        named = _ID.sub(lambda found: names.setdefault(found.group(), f"S{len(names) + 1}"), text or "")
        return _USER.sub("UID", _SPAN.sub(r"\1-SPAN", named))

    steps = [(r["t"], 0, i, r) for i, r in enumerate(run["storage"])] + [(r["t"], 1, i, r) for i, r in enumerate(run["reports"])]
    result: list[dict[str, Any]] = []
    for t, is_report, _, step in sorted(steps, key=lambda s: s[:3]):
        if is_report:
            result.append({"t": t, "via": step["via"], "url": step["url"], "body": _body(plain(step["body"]))})
        else:
            session, cookie = plain(step["session"]), sorted(plain(step.get("cookie")).split("; "))
            result.append({"t": t, "label": step["label"], "session": session, "cookie": cookie})
    return result


def _body(text: str) -> Any:
    body = json.loads(text)
    for event in body["events"]:
        event.pop("binary_images", None)
        for key in JSON_FIELDS:
            if isinstance(event.get(key), str):
                try:
                    event[key] = json.loads(event[key])
                except ValueError:
                    continue
    return body


def differences(expected: Run, found: Run) -> list[str]:
    """Say where two runs differ; empty if they are equal."""
    return list(_differences(normalised(expected), normalised(found), ""))


def _differences(a: Any, b: Any, path: str) -> Iterator[str]:
    if type(a) is not type(b):
        yield f"{path}: expected {_short(a)}; found {_short(b)}"
    elif isinstance(a, dict):
        for key in [*a, *(k for k in b if k not in a)]:
            if key not in b:
                yield f"{path}.{key}: expected {_short(a[key])}; found nothing"
            elif key not in a:
                yield f"{path}.{key}: expected nothing; found {_short(b[key])}"
            else:
                yield from _differences(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list):
        if len(a) != len(b):
            yield f"{path}: expected {len(a)}; found {len(b)}"
        for i, (x, y) in enumerate(zip(a, b, strict=False)):
            yield from _differences(x, y, f"{path}[{i}]")
    elif a != b:
        yield f"{path}: expected {_short(a)}; found {_short(b)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:100]} ... {text[-90:]}"
