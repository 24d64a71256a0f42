"""Entries of the browser's, and what the SDK's observers do with them."""

import math
from typing import Any, Final

from simulator.scenario import values as v
from simulator.scenario.js import to_json, to_number
from simulator.scenario.page import Document, Page
from simulator.scenario.steps import FURTHEST, NUMBER, WORDS, is_of
from simulator.schema.words import ASSET, FRAME

READ: Final[dict[str, tuple[str, ...]]] = {
    "navigation": ("fetchStart", "responseEnd", "domInteractive", "domContentLoadedEventEnd", "domComplete", "loadEventEnd"),
    "paint": ("name", "startTime"),
    "resource": ("name", "initiatorType", "startTime", "duration", "connectStart", "domainLookupStart", "requestStart", "responseEnd"),
    "long-animation-frame": ("startTime", "duration"),
    "largest-contentful-paint": ("startTime",),
    "first-input": ("startTime", "processingStart"),
    "layout-shift": ("startTime", "value"),
    "event": ("duration",),
}
"""What is read off entries, by their type."""
TEXTS: Final = ("name", "initiatorType", "deliveryType")
TIMES: Final = (*v.IN_ORDER, "duration", "redirectStart", "redirectEnd", "secureConnectionStart")
"""What may be missing, but is a number if it is there; so are all others that are read and no texts."""


def lacking(entry: object) -> str | None:
    """Say what an entry lacks that is read off it, or has of another type."""
    kind = entry.get("entryType") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(kind, str) or kind not in READ:
        return f"found {entry!r:.80}; expected an entry with an entryType of {', '.join(READ)}"
    if missing := [name for name in READ[kind] if name not in entry]:
        return f"found an entry {kind} without {', '.join(missing)}"
    optional = TIMES if kind == "resource" else ()
    for name in (*READ[kind], *(name for name in optional if name in entry)):
        wanted: Any = str if name in TEXTS else NUMBER
        if not is_of(entry[name], wanted):
            return f"entry {kind}: found {name} = {entry[name]!r:.80}; expected {WORDS[wanted]}"
        if kind == "long-animation-frame" and abs(entry[name]) > FURTHEST:
            return f"entry {kind}: found {name} = {entry[name]!r}; expected at most {FURTHEST}"
    for name in v.SIZES if kind == "resource" else ():
        if entry.get(name) is not None and not is_of(entry[name], NUMBER):
            return f"entry resource: found {name} = {entry[name]!r:.80}; expected a number"
    for name in ("interactionId", "responseStatus"):
        if entry.get(name) is not None and (isinstance(entry[name], bool | list | dict) or math.isnan(to_number(entry[name]))):
            return f"entry {kind}: found {name} = {entry[name]!r:.80}; expected a number"
    scripts = entry.get("scripts", [])
    if kind == "long-animation-frame" and not (isinstance(scripts, list) and all(isinstance(script, dict) for script in scripts)):
        return f"entry {kind}: found scripts = {scripts!r:.80}; expected a list of objects"
    return None


def observe(document: Document, entries: list[v.Entry]) -> None:
    """Hand entries to the observers."""
    document.entries += entries
    for page in document.collectors:
        if page.config is not None:
            _observe(page, entries)


def _observe(page: Page, entries: list[v.Entry]) -> None:
    observe_timings(page, [e for e in entries if e["entryType"] in ("navigation", "paint")])
    for e in entries:
        if page.caches and e["entryType"] == "resource" and e["initiatorType"] in ("fetch", "xmlhttprequest"):
            page.cached.setdefault(e["name"], []).append(e)
    if page.files.on:
        observe_files(page, [e for e in entries if e["entryType"] == "resource"])
    if page.stalls.on:
        observe_stalls(page, [e for e in entries if e["entryType"] == "long-animation-frame"])
    if page.vitals:  # they take their entries in a task of their own, after all others
        watched = page.vitals.watched()
        for kind in dict.fromkeys(e["entryType"] for e in entries if e["entryType"] in watched):
            page.vitals.observe(kind, [e for e in entries if e["entryType"] == kind], page.document.entries)


def observe_timings(page: Page, entries: list[v.Entry]) -> None:
    """Let page timings be read after a delay, and reported after a pause."""
    if page.perf is None or not entries:
        return
    page.later(page.limits.paint_delay, lambda: _read(page, entries))
    if any(e["entryType"] == "navigation" for e in entries):
        extra = (page.perf_depth - 1) * page.limits.settle_delay
        if extra:
            page.later(extra, page.paint)
        else:
            page.paint()


def _read(page: Page, entries: list[v.Entry]) -> None:
    for e in entries:
        if page.perf is not None:
            v.read_timings(e, page.perf)
            if e["entryType"] == "navigation":
                page.perf["snapshots"] = to_json(e)


def observe_files(page: Page, entries: list[v.Entry]) -> None:
    """Let static files be reported a second later, unless a cache or another origin has blurred their timing."""
    for e in entries:
        if e["initiatorType"] not in v.STATIC_INITIATORS or (data := v.timing_data(e)) is None:
            continue
        status = {"status_code": e["responseStatus"]} if "responseStatus" in e else {}
        what = {"url": e["name"], "type": v.resource_type(e["name"], e["initiatorType"]), "method": "GET", **status}
        page.feed(ASSET, **what, success=v.entry_success(e), **data, timing_data=to_json(e))


def observe_stalls(page: Page, entries: list[v.Entry]) -> None:
    """Hand long frames over, in us."""
    for e in entries:
        start, length = round((page.document.epoch + e["startTime"]) * 1000), round(e["duration"] * 1000)
        page.frames[page.next_ref()] = [e["startTime"], e["duration"], e.get("scripts", [])]
        page.feed(FRAME, since=start, aux=length)
