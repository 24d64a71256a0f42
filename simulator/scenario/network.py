"""Requests of the page, as the SDK's wrappers of fetch and XMLHttpRequest see them (FACTS 5, API; 7)."""

from collections.abc import Callable
from typing import Any

from simulator.errors import DataError
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.browser import hex_id
from simulator.scenario.entries import observe
from simulator.scenario.js import length, to_json
from simulator.scenario.page import Page
from simulator.scenario.script import Answer
from simulator.scenario.trace import Tracing, headers, told
from simulator.scenario.urls import Url, parse
from simulator.schema.words import API, BEGIN, REQUEST

NO_CORS, HEAD = "no-cors", "HEAD"
REPORT_TIME = 5  # as the recorder has it: how long a report is under way
VERSION = "1.0.0"  # the SDK's source: of an application that names none


def request_fetch(page: Page, url: str, options: dict[str, Any]) -> None:
    """Fetch a URL."""
    method = (options.get("method") or "GET").upper()
    ref = 0
    if options.get("mode") != NO_CORS and _is_collected(page, url, method):
        ref = _begin(page, url, {"type": "fetch", "method": method})
    _answer(page, url, "fetch", ref, {"message": "TypeError: Failed to fetch", "success": 0}, lambda _: None)


def request_xhr(page: Page, method: str, url: str, then: Callable[[Answer], None]) -> None:
    """Send an XMLHttpRequest; `then` takes the answer."""
    method = method.upper()
    ref = _begin(page, url, {"method": method}) if _is_collected(page, url, method) else 0
    _answer(page, url, "xmlhttprequest", ref, {"status_code": 0, "message": "", "success": 0}, then)


def post_report(page: Page) -> None:
    """Let a report that was sent by XMLHttpRequest be reported as any request, if its URL does not tell the SDK that it is its own (FACTS 6)."""
    url = str((page.config or {})["endpoint"])
    if ref := _begin(page, url, {"method": "POST"}) if _is_collected(page, url, "POST") else 0:
        began, known = page.at(), page.facts[ref]

        def end() -> None:
            fallback = {"name": known["url"], "entryType": "xmlhttprequest", "duration": page.at() - began}
            page.feed(REQUEST, ref=ref, since=began, **{**known, "status_code": 200, "message": "", "fallback": fallback})

        page.later(REPORT_TIME, end)


def _answer(page: Page, url: str, kind: str, ref: int, failure: dict[str, Any], then: Callable[[Answer], None]) -> None:
    """Let the network answer, and the request be reported if it has a ref."""
    target = target_of(page, url)
    began, started = page.at(), page.now()
    answer = page.browser.answer(target.path)

    def end() -> None:
        observe(page, [v.network_entry(target.href, kind, started, answer)])
        if ref:
            known = page.facts[ref]
            facts = failure if answer.fail else {"status_code": answer.status, "message": answer.statusText}
            fallback = {"name": known["url"], "entryType": kind, "duration": page.at() - began}
            page.feed(REQUEST, ref=ref, since=began, **{**known, **facts, "fallback": fallback})
        then(answer)

    page.later(answer.ms, end)


def target_of(page: Page, url: str) -> Url:
    """Tell where a request goes; raise DataError."""
    target = parse(url, page.place)
    if target is None:
        raise DataError(f"found url = {url!r:.80}; expected a URL")
    return target


def _is_collected(page: Page, url: str, method: str) -> bool:
    if page.config is None or not settings.has_probe(page.limits, API):
        return False
    return not (v.is_own_request(url, page.request_filters) or method == HEAD or length(url) > v.LONGEST_URL)


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
    user, session, pid = page.browser.user_id(page.slot), page.read_session(), told(config.get("pid"))
    if not sampled:
        return {}
    state = f"rum=v2&browser&{pid}&{session}&{user}" if tracing.has_state else None
    baggage = f"rum=v2,appType=browser,pid={pid},sid={session},uid={user}" if tracing.has_baggage else None
    service = (pid, str(config.get("version", VERSION)), page.view()["name"], page.place.host)
    made = headers(trace, span, "1", ways, state, baggage, service)
    data = {"spanId": span, "sample": tracing.sample, "sampled": True, "headers": made}
    return {"trace_id": trace, "trace_data": to_json(data)}
