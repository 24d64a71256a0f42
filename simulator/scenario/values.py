"""The values that the real SDK reads off entries and elements, and its filters (FACTS 4 to 6). Numbers are printed as JavaScript prints them."""

import re
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

Entry = dict[str, Any]
HOUR: Final = 3_600_000
OWN_REQUESTS: Final = re.compile(
    r"^(https?:)?//.*rum|retcode|log-global|log\.aliyuncs\.com|^(https?:)?//.*\.mmstat\.com|^(https?:)?//.*hm\.baidu\.com"
    r"|^(https?:)?//.*google-analytics\.com|data:(.+?)(;base64)?,(.+)$"
)  # FACTS 6
IGNORED_ERRORS: Final = re.compile(r"^Script error\.?$|(?i:failed[\w\s]+fetch)")  # FACTS 5
LONGEST_URL: Final = 8182  # FACTS 5
STATIC_INITIATORS: Final = ("audio", "video", "track", "script", "css", "img", "image", "link", "other")  # FACTS 5
DURATIONS: Final = ("duration", "connect_duration", "ssl_duration", "dns_duration", "redirect_duration", "first_byte_duration", "download_duration")
TIMINGS: Final = ("dom_interactive", "dom_content_loaded", "dom_complete", "load_event", "first_paint", "first_contentful_paint")
_TYPES: Final = (
    ("css", r"\.css$"),
    ("js", r"\.js$"),
    ("image", r"\.(gif|jpg|jpeg|tiff|png|svg|ico)$"),
    ("font", r"\.(woff|eot|woff2|ttf)$"),
    ("media", r"\.(mp3|mp4)$"),
)


def number(value: float) -> float:
    """Give an integer where JavaScript would print one."""
    return int(value) if float(value).is_integer() else value


def cut(value: float) -> float | None:
    """Cut a number to three decimals, as text; None if it is negative."""
    if not value:
        return 0
    text = str(number(value))
    head, point, tail = text.partition(".")
    result = number(float(f"{head}{point}{tail[:3]}"))
    return result if result >= 0 else None


def without_bad(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Leave out measures that are not above 0 and below an hour."""
    return {k: v for k, v in fields.items() if k not in names or v is None or 0 < v < HOUR}


def present(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what JSON.stringify leaves out."""
    return {k: v for k, v in fields.items() if v is not None}


def path_of(url: str, base: str, mode: Any = False) -> str:  # noqa: ANN401
    """Name a page or resource by its URL; `mode` is spaMode."""
    parts = urlsplit(urljoin(base, url))
    hash_path = parts.fragment.partition("?")[0]
    if mode == "hash":
        return hash_path
    if mode in ("auto", True):
        return (parts.path or "/") + ("#" + hash_path if hash_path else "")
    return parts.path or "/"


def absolute(url: str, base: str) -> str:
    """Complete a URL the SDK's way: a path without a slash is put below the origin."""
    if re.match(r"https?://", url, re.IGNORECASE):
        return url
    here = urlsplit(base)
    if url == "":
        return base
    if url.startswith("//"):
        return f"{here.scheme}:{url}"
    return f"{here.scheme}://{here.netloc}{'' if url.startswith('/') else '/'}{url}"


def href(url: str, base: str) -> str:
    """Complete a URL the browser's way."""
    full = urljoin(base, url)
    parts = urlsplit(full)
    return full if parts.path else full.replace(parts.netloc, parts.netloc + "/", 1)


def resource_type(url: str, initiator: str) -> str:
    """Tell the type of a static file."""
    path = urlsplit(url).path
    for name, pattern in _TYPES:
        if re.search(pattern, path, re.IGNORECASE):
            return name
        if name == "image" and initiator in ("image", "img", "icon"):
            return name
    return "media" if initiator in ("audio", "video") else "other"


def succeeded(status: float | None) -> int:
    """Tell success (1), failure (0), or neither (-1) by the status."""
    if not status:
        return -1
    return 1 if 200 <= status < 300 else 0  # noqa: PLR2004


def entry_success(entry: Entry) -> int:
    """Tell whether a static file was loaded."""
    if entry.get("responseStatus"):
        return succeeded(entry["responseStatus"])
    sizes = [entry.get(k, 0) for k in ("transferSize", "encodedBodySize", "decodedBodySize")]
    if not any(sizes):
        return 0
    return 1 if entry["responseEnd"] > entry["startTime"] else -1


def timing_data(e: Entry) -> dict[str, Any] | None:
    """Read durations and sizes off an entry; None for one that a cache or another origin has blurred."""
    order = (
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
    times = [e.get(k) for k in order]
    if any(a is not None and b is not None and a > b for a, b in zip(times, times[1:], strict=False)):
        return None
    started, responded = e.get("startTime", 0), e.get("responseStart")
    if e.get("duration") == 0 or responded == 0 or (responded is not None and started > responded):
        return None
    encoded, decoded = e.get("encodedBodySize", 0), e.get("decodedBodySize", 0)
    if (e.get("transferSize") == 0 and encoded > 0 and decoded > 0) or e.get("deliveryType") == "cache":
        return None
    redirect_start, redirect_end = e.get("redirectStart", 0), e.get("redirectEnd", 0)
    redirect_start = max(redirect_start, started)
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
    if decoded:
        found["size"] = cut(decoded)
    if e.get("transferSize"):
        found["transfer_size"] = cut(e["transferSize"])
    if e.get("secureConnectionStart"):
        found["ssl_duration"] = cut(e["connectEnd"] - e["secureConnectionStart"])
    return without_bad(found, DURATIONS)


def network_entry(url: str, initiator: str, start: float, answer: Any) -> Entry:  # noqa: ANN401
    """Make the resource entry of a request."""
    fails, size = answer.fail, len(answer.body)
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
