"""What a script can do to a page: each operation as the stimuli that the SDK gets of it."""

import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from simulator.errors import DataError
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.browser import CONFIG_KEY, hex_id
from simulator.scenario.page import Page
from simulator.scenario.script import Answer
from simulator.schema.words import ASSET, BEGIN, CLICK, FRAME, HIDE, LAUNCH, NOTE, PAINT, REQUEST, SHOW, STALL, STATIC, THROW, UNTRUSTED
from simulator.sdk.session import current

Step = dict[str, Any]
BUTTONS: Final = {  # of the page in which the runs were recorded: name, target, snapshots
    "#b1": ("click on button: Buy now", '//*[@id="b1"]', '{"id":"b1","name":"buy"}'),
    ".c2": ("click on button: Second", "/html/body/button[2]", '{"className":"c2"}'),
}
LATEST_PAINT: Final = 600_000  # the SDK's source: paints after 10 min are passed over
CONFIG_TYPE: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def init(page: Page, step: Step) -> None:
    """Set the SDK up."""
    given: settings.Config = step["config"]
    config = dict(given)
    if settings.wants_remote(config):
        kept = page.browser.kept_config(config.get("pid"))
        config = settings.combined(config, kept) or config
    page.config = config
    page.browser.in_cookie = (config.get("sessionConfig") or {}).get("storage") == "cookie"
    page.limits = settings.limits_of(config)
    page.rate = settings.sample_rate(config)
    page.filters = config.get("filters") or {}
    page.feed(LAUNCH)
    page.show(v.path_of(page.url, page.url, spa_mode(config)), "", "initial_load")
    page.shown_url = page.url
    page.perf = {"url": page.url, "referrer": ""}
    if resources := [e for e in page.entries if e["entryType"] == "resource"]:
        page.later(0, lambda: observe_static(page, resources))
    if frames := [e for e in page.entries if e["entryType"] == "long-animation-frame"]:
        page.later(0, lambda: observe_frames(page, frames))
    if config.get("pid") and settings.wants_remote(given) and (url := _remote_url(given)):
        _xhr(page, "GET", url, lambda answer: _configure(page, given, answer))


def spa_mode(config: settings.Config) -> Any:  # noqa: ANN401
    """Tell how pages are named."""
    mode = config.get("spaMode")
    return bool(mode) and (mode if mode in ("history", "hash") else "auto")


def _remote_url(config: settings.Config) -> str | None:
    remote = config["remoteConfig"]
    return remote.get("url") if isinstance(remote, dict) else None


def _configure(page: Page, given: settings.Config, answer: Answer) -> None:
    """Take over a remote configuration, if the answer is one (FACTS 3)."""
    try:
        remote = json.loads(answer.body) if not answer.fail and 200 <= answer.status < 300 else None  # noqa: PLR2004
    except ValueError:
        return
    new = settings.combined(given, remote)
    if new is None:
        return
    page.browser.local[CONFIG_KEY] = json.dumps({"timestamp": page.at(), "pid": given.get("pid"), "content": remote})
    if isinstance(given["remoteConfig"], dict) and given["remoteConfig"].get("reSetup") is False:
        return
    page.config = new
    settings.set_reporting(page.limits, new)
    settings.set_probes(page.limits, new)
    page.filters = new.get("filters") or {}
    page.perf = {"url": page.url, "referrer": ""}
    page.limits.settle_delay += 200
    page.screen.timed = 0
    page.screen.born = page.at()
    page.screen.born_session = current(page.browser.store, page.limits, page.at())


def custom(page: Page, step: Step) -> None:
    """Send a custom event; without a name or a type it is none."""
    payload = step["payload"]
    if payload.get("name") and payload.get("type"):
        page.feed(NOTE, **payload)


def exception(page: Page, step: Step) -> None:
    """Send a custom exception."""
    payload = step["payload"]
    if payload.get("name") and payload.get("message"):
        page.feed(THROW, same=_error_id(payload), **{**payload, "type": "custom", "source": "custom"})


def view_api(page: Page, step: Step) -> None:
    """Send a custom view event."""
    payload = {k: x for k, x in step["payload"].items() if k not in ("t1", "t2", "t3") or settings.is_number(x)}
    payload.setdefault("type", "custom")
    if payload["type"] != "custom" or any(k in payload for k in ("t1", "t2", "t3")):
        page.feed(NOTE, event_type="view", **payload)


def resource_api(page: Page, step: Step) -> None:
    """Send a custom resource event."""
    payload = step["payload"]
    if payload.get("name") and payload.get("type") and settings.is_number(payload.get("duration")):
        page.feed(NOTE, event_type="resource", times=1, **payload)


def click(page: Page, step: Step) -> None:
    """Click, as a person does."""
    _click(page, step["selector"], CLICK)


def click_untrusted(page: Page, step: Step) -> None:
    """Click by script."""
    _click(page, step["selector"], UNTRUSTED)


def _click(page: Page, selector: str, kind: int) -> None:
    button = BUTTONS.get(selector) if page.limits.probes >> 4 & 1 else None
    if button is None:
        page.feed(kind)
        return
    name, target, snapshots = button
    page.feed(kind, key=1, same=f"target {target}", type="click", name=name, target_name=target, duration=0, snapshots=snapshots)


def error(page: Page, step: Step) -> None:
    """Throw an error that nobody catches."""
    name = step.get("name", "Error")
    stack = step.get("stack") or f"{name if 'name' in step else 'undefined'}: {step['message']}\n    at f (http://h/a.js:1:2)"
    where = {"file": step.get("file") or "http://h/a.js", "line": step.get("line") or 1, "column": step.get("column") or 2}
    _throw(page, "onError", name, step["message"], stack, where)


def rejection(page: Page, step: Step) -> None:
    """Reject a promise that nobody handles."""
    name = step.get("name", "Error")
    stack = step.get("stack") or f"{name if 'name' in step else 'undefined'}: {step['message']}"
    _throw(page, "onUnhandledRejection", name, step["message"], stack, {})


def console_error(page: Page, step: Step) -> None:
    """Print an error to the console."""
    _throw(page, "console.error", "Error", step["message"], f"Error: {step['message']}", {})


def _throw(page: Page, source: str, name: str, message: str, stack: str, where: dict[str, Any]) -> None:
    config = page.config or {}
    filters = (config.get("filters") or {}).get("exception") or []
    prefixes = [filters] if isinstance(filters, str) else filters
    ignored = any(v.IGNORED_ERRORS.search(text) or any(text.startswith(p) for p in prefixes) for text in (name, message, stack))
    if message and settings.reports_errors(config, source) and not ignored:
        fields = {"type": "error", "source": source, "name": name, "message": message, "stack": stack, **where}
        page.feed(THROW, same=_error_id(fields), **fields)


def _error_id(fields: dict[str, Any]) -> str:
    return f"error {fields['message']}{fields.get('stack') or ''}"


def fetch(page: Page, step: Step) -> None:
    """Fetch a URL."""
    options = step.get("init") or {}
    url, method = step["url"], (options.get("method") or "GET").upper()
    ref = 0
    if _is_collected(page, url, method) and options.get("mode") != "no-cors":
        ref = _begin(page, url, {"type": "fetch", "method": method})
    began, started = page.at(), page.now
    answer = page.browser.answer(urlsplit(v.href(url, page.url)).path)

    def end() -> None:
        observe(page, [v.network_entry(v.href(url, page.url), "fetch", started, answer)])
        facts = (
            {"message": "TypeError: Failed to fetch", "success": 0} if answer.fail else {"status_code": answer.status, "message": answer.statusText}
        )
        _end(page, ref, began, "fetch", facts)

    page.later(answer.ms, end)


def xhr(page: Page, step: Step) -> None:
    """Send an XMLHttpRequest."""
    _xhr(page, step.get("method") or "GET", step["url"], lambda _: None)


def _xhr(page: Page, method: str, url: str, then: Callable[[Answer], None]) -> None:
    method = method.upper()
    ref = _begin(page, url, {"method": method}) if _is_collected(page, url, method) else 0
    began, started = page.at(), page.now
    answer = page.browser.answer(urlsplit(v.href(url, page.url)).path)

    def end() -> None:
        observe(page, [v.network_entry(v.href(url, page.url), "xmlhttprequest", started, answer)])
        facts = {"status_code": 0, "message": "", "success": 0} if answer.fail else {"status_code": answer.status, "message": answer.statusText}
        _end(page, ref, began, "xmlhttprequest", facts)
        then(answer)

    page.later(answer.ms, end)


def _is_collected(page: Page, url: str, method: str) -> bool:
    if page.config is None or page.limits.probes >> 6 & 1 == 0:
        return False
    return not (_is_filtered(page, url) or method == "HEAD" or len(url) > v.LONGEST_URL)


def _is_filtered(page: Page, url: str) -> bool:
    filters = page.filters.get("resource") or []
    return bool(v.OWN_REQUESTS.search(url)) or any(url.startswith(p) for p in ([filters] if isinstance(filters, str) else filters))


def _begin(page: Page, url: str, facts: dict[str, Any]) -> int:
    full = v.absolute(url, page.url)
    ref = page.feed(BEGIN, url=full, **facts)
    tracing = (page.config or {}).get("tracing")
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
    if tracing is True and full.startswith(origin):
        page.facts[ref] |= _trace(page, ref)
    return ref


def _trace(page: Page, ref: int) -> dict[str, str]:
    """Make the fields of a traced request (FACTS 7)."""
    trace, span = hex_id(3, page.browser.store.events * 1000 + ref), page.browser.span_id()
    session = page.browser.session_id(current(page.browser.store, page.limits, page.at()))
    state = f"rum=v2&browser&{(page.config or {}).get('pid')}&{session}&{page.browser.user_id()}"
    headers = {"traceparent": f"00-{trace}-{span}-01", "tracestate": state}
    data = {"spanId": span, "sample": 100, "sampled": True, "headers": headers}
    return {"trace_id": trace, "trace_data": json.dumps(data, separators=(",", ":"))}


def _end(page: Page, ref: int, began: int, kind: str, facts: dict[str, Any]) -> None:
    if ref:
        known = page.facts[ref]
        fallback = {"name": known["url"], "entryType": kind, "duration": page.at() - began}
        page.feed(REQUEST, ref=ref, since=began, **{**known, **facts, "fallback": fallback})


def push_state(page: Page, step: Step) -> None:
    """Change the URL by script."""
    page.url = v.href(step["url"], page.url)
    mode = spa_mode(page.config or {})
    if mode:
        before = page.shown_url
        page.later(1, lambda: _route(page, before))


def _route(page: Page, before: str | None) -> None:
    config = page.config or {}
    name, last = v.path_of(page.url, page.url, spa_mode(config)), page.shown_url
    page.shown_url = page.url
    if last is None or name != v.path_of(last, page.url, spa_mode(config)):
        page.show(name, before or "", "route_change")


def emit(page: Page, step: Step) -> None:
    """Let the browser record entries."""
    observe(page, step["entries"])


def observe(page: Page, entries: list[v.Entry]) -> None:
    """Hand entries to the SDK's observers."""
    page.entries += entries
    if page.config is None:
        return
    timings = [e for e in entries if e["entryType"] in ("navigation", "paint")]
    if timings and page.screen.timed == 0:
        page.later(200, lambda: _read_timings(page, timings))
        if any(e["entryType"] == "navigation" for e in timings):
            page.feed(PAINT)
    for e in entries:
        if e["entryType"] == "resource" and e["initiatorType"] in ("fetch", "xmlhttprequest"):
            page.cached.setdefault(e["name"], []).append(e)
    observe_static(page, [e for e in entries if e["entryType"] == "resource"])
    observe_frames(page, [e for e in entries if e["entryType"] == "long-animation-frame"])


def _read_timings(page: Page, entries: list[v.Entry]) -> None:
    """Read page timings off entries (FACTS 5, perf: the order in which they come decides which first paint is kept)."""
    perf = page.perf
    if perf is None:
        return
    for e in entries:
        if e["entryType"] == "navigation":
            start = e["fetchStart"]
            perf["dom_interactive"] = v.cut(e["domInteractive"] - start)
            perf["dom_content_loaded"] = v.cut(e["domContentLoadedEventEnd"] - start)
            perf["dom_complete"] = v.cut(e["domComplete"] - start)
            perf["load_event"] = v.cut(e["loadEventEnd"] - start)
            perf["first_paint"] = v.cut(e["responseEnd"] - start)
            perf["snapshots"] = _json(e)
        elif e["name"] == "first-paint" and e["startTime"] < LATEST_PAINT:
            perf["first_paint"] = v.cut(e["startTime"])
        elif e["name"] == "first-contentful-paint" and e["startTime"] < LATEST_PAINT:
            perf["first_contentful_paint"] = v.cut(e["startTime"])


def observe_static(page: Page, entries: list[v.Entry]) -> None:
    """Let static files be reported a second later, unless a cache or another origin has blurred their timing."""
    if page.limits.probes >> STATIC & 1 == 0 or page.config is None:
        return
    for e in entries:
        if e["initiatorType"] not in v.STATIC_INITIATORS or (data := v.timing_data(e)) is None:
            continue
        url = e["name"]
        if _is_filtered(page, url):
            page.later(1000, lambda: current(page.browser.store, page.limits, page.at()) and None)
            continue
        fields = {
            "url": url,
            "name": v.path_of(url, page.url),
            "type": v.resource_type(url, e["initiatorType"]),
            "method": "GET",
            "status_code": e.get("responseStatus"),
            "success": v.entry_success(e),
            **data,
            "timing_data": _json(e),
        }
        page.feed(ASSET, **fields)


def observe_frames(page: Page, entries: list[v.Entry]) -> None:
    """Hand long frames over, in us."""
    if page.config is None or page.limits.probes >> STALL & 1 == 0:
        return
    for e in entries:
        start, length = round((page.epoch + e["startTime"]) * 1000), round(e["duration"] * 1000)
        page.frames[page.next_ref()] = [e["startTime"], e["duration"], e.get("scripts", [])]
        page.feed(FRAME, since=start, aux=length)


def visibility(page: Page, step: Step) -> None:
    """Hide or show the page."""
    page.hidden = step["state"] == "hidden"
    page.feed(HIDE if page.hidden else SHOW)


def set_config(page: Page, step: Step) -> None:
    """Change one setting; the session keeps those with which it was set up."""
    page.config = {**(page.config or {}), step["key"]: step["value"]}
    settings.set_reporting(page.limits, page.config)
    if (page.config.get("collectors") or {}).get("webVitals") is False:
        page.limits.probes &= ~(1 << 2)


def _json(entry: v.Entry) -> str:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def _jump(page: Page, step: Step) -> None:
    page.now += step["ms"]


OPERATIONS: Final[dict[str, Callable[[Page, Step], None]]] = {
    "advance": lambda page, step: page.advance(step["ms"]),
    "jump": _jump,
    "init": init,
    "custom": custom,
    "exception": exception,
    "view_api": view_api,
    "resource_api": resource_api,
    "click": click,
    "click_untrusted": click_untrusted,
    "error": error,
    "rejection": rejection,
    "console_error": console_error,
    "fetch": fetch,
    "xhr": xhr,
    "pushState": push_state,
    "emit": emit,
    "visibility": visibility,
    "setConfig": set_config,
    "scroll": lambda _page, _step: None,
}


def operate(page: Page, step: Step, where: str) -> None:
    """Do one step; raise DataError for one that is none."""
    name = step.get("op")
    if name not in OPERATIONS:
        raise DataError(f"{where}: found operation {name!r}; expected one of {', '.join(OPERATIONS)}")
    try:
        OPERATIONS[name](page, step)
    except KeyError as error:
        raise DataError(f"{where}: operation {name!r} lacks {error}") from None
