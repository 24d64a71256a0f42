"""Requests of the page, as the SDK's wrappers of fetch and XMLHttpRequest see them (FACTS 5, API; 7)."""

from collections.abc import Callable
from typing import Any

from simulator.errors import DataError
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.browser import hex_id
from simulator.scenario.entries import observe
from simulator.scenario.js import length, to_json, to_text
from simulator.scenario.page import Document, Page
from simulator.scenario.script import Answer
from simulator.scenario.trace import Tracing, headers
from simulator.scenario.urls import Url, parse
from simulator.schema.words import API, BEGIN, REQUEST

NO_CORS, HEAD = "no-cors", "HEAD"
REPORT_TIME = 5  # as the recorder has it: how long a report is under way
VERSION = "1.0.0"  # the SDK's source: of an application that names none


Begun = list[tuple[Page, int]]
"""Who reports a request, with its ref there, in the order in which they do."""


def request_fetch(document: Document, url: str, options: dict[str, Any]) -> None:
    """Fetch a URL: of several wrappers the last is asked first and told last."""
    method = (options.get("method") or "GET").upper()
    asked = reversed(document.collectors if options.get("mode") != NO_CORS else [])
    begun = [(page, _begin(page, url, {"type": "fetch", "method": method})) for page in asked if _is_collected(page, url, method)]
    _answer(document, url, "fetch", begun[::-1], {"message": "TypeError: Failed to fetch", "success": 0}, lambda _: None)


def request_xhr(document: Document, method: str, url: str, then: Callable[[Answer], None]) -> None:
    """Send an XMLHttpRequest; `then` takes the answer."""
    begun = _begin_xhr(document, method.upper(), url)
    _answer(document, url, "xmlhttprequest", begun, {"status_code": 0, "message": "", "success": 0}, then)


def post_report(page: Page) -> None:
    """Let a report that was sent by XMLHttpRequest be reported as any request, if its URL does not tell the SDK that it is its own (FACTS 6)."""
    document = page.document
    if begun := _begin_xhr(document, "POST", str((page.config or {})["endpoint"])):
        began = page.at()
        page.later(REPORT_TIME, lambda: _end(begun, began, "xmlhttprequest", {"status_code": 200, "message": ""}))


def _begin_xhr(document: Document, method: str, url: str) -> Begun:
    """Note a request.

    Subtle: several wrappers share its notes, so all report those of the one that was asked last, with what all have added to them.
    """
    asked = [page for page in reversed(document.collectors) if page.request_filters is not None and settings.has_probe(page.limits, API)]
    collecting = [page for page in asked if _is_collected(page, url, method)]
    if not collecting:
        return []
    begun = [(page, _begin(page, url, {"method": method})) for page in asked]
    if len(begun) > 1:
        last, ref = next((page, ref) for page, ref in reversed(begun) if page in collecting)
        noted, whole = last.held_as(ref), {key: fact for page, ref in begun for key, fact in page.facts[ref].items()}
        for page, other in begun:
            h = page.held_as(other)
            h.session, h.shown, h.page, h.previous = noted.session, noted.shown, noted.page, noted.previous
            page.facts[other] = whole
    return begun


def _answer(document: Document, url: str, kind: str, begun: Begun, failure: dict[str, Any], then: Callable[[Answer], None]) -> None:
    """Let the network answer, and the request be reported."""
    page = document.collectors[0]
    target = target_of(page, url)
    began, started = page.at(), page.now()
    answer = page.browser.answer(target.path)

    def end() -> None:
        observe(document, [v.network_entry(target.href, kind, started, answer)])
        _end(begun, began, kind, failure if answer.fail else {"status_code": answer.status, "message": answer.statusText})
        then(answer)

    page.later(answer.ms, end)


def _end(begun: Begun, began: int, kind: str, facts: dict[str, Any]) -> None:
    for page, ref in begun:
        known = page.facts[ref]
        fallback = {"name": known["url"], "entryType": kind, "duration": page.at() - began}
        page.feed(REQUEST, ref=ref, since=began, **{**known, **facts, "fallback": fallback})


def target_of(page: Page, url: str) -> Url:
    """Tell where a request goes; raise DataError."""
    target = parse(url, page.place)
    if target is None:
        raise DataError(f"found url = {url!r:.80}; expected a URL")
    return target


def _is_collected(page: Page, url: str, method: str) -> bool:
    if page.request_filters is None or not settings.has_probe(page.limits, API):
        return False
    return not (v.is_own_request(url, page.request_filters.get("resource")) or method == HEAD or length(url) > v.LONGEST_URL)


def _begin(page: Page, url: str, facts: dict[str, Any]) -> int:
    full = v.absolute(url, page.place)
    ref = page.feed(BEGIN, url=full, **facts)
    page.facts[ref] |= _trace(page, full, ref)
    return ref


def _trace(page: Page, url: str, ref: int) -> dict[str, str]:
    """Make the fields of a traced request; one that is not sampled carries its headers all the same."""
    config = page.config or {}
    tracing = Tracing(config.get("tracing"))
    ways = tracing.ways_for(url, page.place.origin) if tracing.enabled else None
    if ways is None:
        return {}
    sampled = page.browser.draws(tracing.sample)
    trace, span = hex_id(3, page.browser.store.events * 1000 + ref), page.browser.digits(16)
    user, session = page.browser.user_id(page.slot), page.read_session()
    pid = to_text(config["pid"]) if "pid" in config else "undefined"
    if not sampled:
        return {}
    state = f"rum=v2&browser&{pid}&{session}&{user}" if tracing.has_state else None
    baggage = f"rum=v2,appType=browser,pid={pid},sid={session},uid={user}" if tracing.has_baggage else None
    service = (pid, to_text(config.get("version", VERSION)), page.view()["name"], page.place.host)
    made = headers(trace, span, "1", ways, state, baggage, service)
    data = {"spanId": span, "sample": tracing.sample, "sampled": True, "headers": made}
    return {"trace_id": trace, "trace_data": to_json(data)}
