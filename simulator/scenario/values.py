"""The values that the real SDK reads off URLs and entries, and its filters (FACTS 4 to 6)."""

import re
from itertools import pairwise
from typing import Any, Final

from simulator.scenario.js import SPACES, cut, length, number, to_number
from simulator.scenario.script import Answer
from simulator.scenario.trace import matches
from simulator.scenario.urls import Url, parse

Entry = dict[str, Any]
HOUR: Final = 3_600_000
OWN_REQUESTS: Final = re.compile(
    r"^(https?:)?//.*rum|retcode|log-global|log\.aliyuncs\.com|^(https?:)?//.*\.mmstat\.com|^(https?:)?//.*hm\.baidu\.com"
    r"|^(https?:)?//.*google-analytics\.com|data:(.+?)(;base64)?,(.+)$"
)  # FACTS 6
IGNORED_ERRORS: Final = (re.compile(r"^Script error\.?\Z"), re.compile(rf"failed[\w{SPACES}]+fetch", re.IGNORECASE | re.ASCII))  # FACTS 5
LONGEST_URL: Final = 8182  # FACTS 5
STATIC_INITIATORS: Final = ("audio", "video", "track", "script", "css", "img", "image", "link", "other")  # FACTS 5
DURATIONS: Final = ("duration", "connect_duration", "ssl_duration", "dns_duration", "redirect_duration", "first_byte_duration", "download_duration")
TIMINGS: Final = ("dom_interactive", "dom_content_loaded", "dom_complete", "load_event", "first_paint", "first_contentful_paint")
LATEST_PAINT: Final = 600_000  # the SDK's source: paints after 10 min are passed over
IN_ORDER: Final = (
    "startTime",
    "fetchStart",
    "domainLookupStart",
    "domainLookupEnd",
    "connectStart",
    "connectEnd",
    "requestStart",
    "responseStart",
    "responseEnd",
)
SIZES: Final = ("transferSize", "encodedBodySize", "decodedBodySize")
_TYPES: Final = (
    ("css", r"\.css$", ()),
    ("js", r"\.js$", ()),
    ("image", r"\.(gif|jpg|jpeg|tiff|png|svg|ico)$", ("image", "img", "icon")),
    ("font", r"\.(woff|eot|woff2|ttf)$", ()),
    ("media", r"\.(mp3|mp4)$", ("audio", "video")),
)


def without_bad(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Leave out what is negative, and measures that are not above 0 and below an hour."""
    return {k: v for k, v in fields.items() if v is not None and (k not in names or 0 < v < HOUR)}


def is_own_request(url: str, filters: Any) -> bool:  # noqa: ANN401
    """Tell whether a URL is none of the application's, or one that it does not want to hear of."""
    rules = filters if isinstance(filters, list) else [filters]
    return bool(OWN_REQUESTS.search(url)) or any(matches(rule, url) for rule in rules)


def is_ignored_error(texts: tuple[Any, ...], filters: Any) -> bool:  # noqa: ANN401
    """Tell whether an error is one that nobody wants to hear of; a filter that is none switches all of them off."""
    if filters and not isinstance(filters, str | re.Pattern | list):
        return False
    rules = filters if isinstance(filters, list) else [filters] if filters else []
    return any(matches(rule, text) for text in texts for rule in (*rules, *IGNORED_ERRORS) if isinstance(text, str))


def path_of(url: str, here: Url, mode: Any = False) -> str:  # noqa: ANN401
    """Name a page or resource by its URL, or by itself if it is none; `mode` is spaMode."""
    found = parse(absolute(url, here))
    if found is None:
        return url
    hash_path = (found.fragment or "").partition("?")[0]
    if mode == "hash":
        return hash_path
    if mode in ("auto", True):
        return found.path + ("#" + hash_path if hash_path else "")
    return found.path or "/"


def absolute(url: str, here: Url) -> str:
    """Complete a URL the SDK's way: a path without a slash is put below the origin."""
    if url == "":
        return here.href
    if re.match(r"https?://", url, re.IGNORECASE):
        return url
    if url.startswith("//"):
        return f"{here.scheme}:{url}"
    return f"{here.origin}{'' if url.startswith('/') else '/'}{url}"


def resource_type(url: str, initiator: str) -> str:
    """Tell the type of a static file; what is no URL has none."""
    found = parse(url)
    if found is None:
        return "other"
    for name, pattern, initiators in _TYPES:
        if initiator in initiators or re.search(pattern, found.path, re.IGNORECASE):
            return name
    return "other"


def succeeded(status: float | None) -> int:
    """Tell success (1), failure (0), or neither (-1) by the status."""
    if not status:
        return -1
    return 1 if 200 <= status < 300 else 0  # noqa: PLR2004


def entry_success(entry: Entry) -> int:
    """Tell whether a static file was loaded."""
    if entry.get("responseStatus"):
        return succeeded(to_number(entry["responseStatus"]))
    sizes = [entry.get(k) for k in SIZES]
    if all(size == 0 for size in sizes):
        return 0
    return 1 if entry["responseEnd"] > entry["startTime"] and any(size and size > 0 for size in sizes) else -1


def timing_data(e: Entry) -> dict[str, Any] | None:
    """Read durations and sizes off an entry; None for one that a cache or another origin has blurred."""
    times = [e.get(k) for k in IN_ORDER]
    if any(a is not None and b is not None and a > b for a, b in pairwise(times)):
        return None
    started, responded = e.get("startTime", 0), e.get("responseStart")
    if e.get("duration") == 0 or responded == 0 or (responded is not None and started > responded):
        return None
    if _is_cached(e):
        return None
    redirect_start, redirect_end = max(e.get("redirectStart", 0), started), e.get("redirectEnd", 0)
    if redirect_end < started:
        redirect_end = e.get("fetchStart", 0)
    found: dict[str, Any] = {"duration": number(e["duration"])}
    if e.get("connectEnd"):
        found["connect_duration"] = cut(e["connectEnd"] - e["connectStart"])
    if e.get("domainLookupEnd"):
        found["dns_duration"] = cut(e["domainLookupEnd"] - e["domainLookupStart"])
    if redirect_end:
        found["redirect_duration"] = cut(redirect_end - redirect_start)
    if responded:
        found["download_duration"] = cut(e["responseEnd"] - responded)
        found["first_byte_duration"] = cut(responded - e["requestStart"])
    if e.get("decodedBodySize"):
        found["size"] = cut(e["decodedBodySize"])
    if e.get("transferSize"):
        found["transfer_size"] = cut(e["transferSize"])
    if e.get("secureConnectionStart"):
        found["ssl_duration"] = cut(e["connectEnd"] - e["secureConnectionStart"])
    return without_bad(found, DURATIONS)


def _is_cached(e: Entry) -> bool:
    transferred, encoded, decoded = (e.get(k) for k in SIZES)
    if transferred == 0 and (encoded or 0) > 0 and (decoded or 0) > 0:
        return True
    return e.get("deliveryType") == "cache" or ("responseStatus" not in e and transferred == encoded == decoded == 0)


def read_timings(entry: Entry, known: dict[str, Any]) -> None:
    """Read page timings off an entry (FACTS 5, perf: the order in which they come decides which first paint is kept)."""
    if entry["entryType"] == "navigation":
        start = entry["fetchStart"]
        known["dom_interactive"] = cut(entry["domInteractive"] - start)
        known["dom_content_loaded"] = cut(entry["domContentLoadedEventEnd"] - start)
        known["dom_complete"] = cut(entry["domComplete"] - start)
        known["load_event"] = cut(entry["loadEventEnd"] - start)
        known["first_paint"] = cut(entry["responseEnd"] - start)
    elif entry["name"] == "first-paint" and entry["startTime"] < LATEST_PAINT:
        known["first_paint"] = cut(entry["startTime"])
    elif entry["name"] == "first-contentful-paint" and entry["startTime"] < LATEST_PAINT:
        known["first_contentful_paint"] = cut(entry["startTime"])


def network_entry(url: str, initiator: str, start: float, answer: Answer) -> Entry:
    """Make the resource entry of a request."""
    fails, size = answer.fail, length(answer.body)
    return {
        "name": url,
        "entryType": "resource",
        "initiatorType": initiator,
        "startTime": start,
        "duration": answer.ms,
        "fetchStart": start,
        "redirectStart": 0,
        "redirectEnd": 0,
        "domainLookupStart": start,
        "domainLookupEnd": start,
        "connectStart": start,
        "secureConnectionStart": 0,
        "connectEnd": start,
        "requestStart": 0 if fails else start + 1,
        "responseStart": 0 if fails else start + answer.ms - 1,
        "responseEnd": start + answer.ms,
        "transferSize": 0 if fails else 300 + size,
        "encodedBodySize": 0 if fails else size,
        "decodedBodySize": 0 if fails else size,
        "responseStatus": 0 if fails else answer.status,
        "deliveryType": "",
    }
