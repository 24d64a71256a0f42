"""What a script can do to a document: each operation as the stimuli that the SDK gets of it.

Not modelled, and not drawn by tests/conformance/random_scenarios.py: what leaves the document (a click on a link), a second `init` where one asks for
a remote configuration, a configuration with which the real SDK's `init` throws (`sessionConfig` or `collectors` null, a remote one asked for by a pid
without @).
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from simulator.errors import DataError
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.elements import ELEMENTS, find, told
from simulator.scenario.elements import control as control_of
from simulator.scenario.entries import lacking, observe
from simulator.scenario.js import is_number, text_of, to_number, to_text, truthy
from simulator.scenario.network import request_fetch, request_xhr
from simulator.scenario.page import Document, Page
from simulator.scenario.setup import init, init_again, take_over
from simulator.scenario.steps import Step
from simulator.scenario.urls import parse
from simulator.schema.words import CLICK, HIDE, NOTE, SHOW, THROW, UNTRUSTED

ROUTE_DELAY: Final = 1  # FACTS 5, pv
TIMES: Final = ("t1", "t2", "t3")


def own(payload: dict[str, Any]) -> dict[str, Any]:
    """Give a copy as Object.assign makes it: a member __proto__ is none any more."""
    return {key: value for key, value in payload.items() if key != "__proto__"}


# What a script tells the SDK itself goes through each pipe; what the collectors hear of, each of them hears.


def custom(document: Document, step: Step) -> None:
    """Send a custom event; without a name or a type it is none."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("type")):
        _tell(document, NOTE, {**payload, "event_type": "custom"})


def exception(document: Document, step: Step) -> None:
    """Send a custom exception."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("message")):
        _tell(document, THROW, {**payload, "event_type": "exception", "type": "custom", "source": "custom"}, _error_id(payload))


def view_api(document: Document, step: Step) -> None:
    """Send a custom view event; one of type custom needs a time."""
    payload = own(step["payload"])
    if not truthy(payload.get("type")):
        payload["type"] = "custom"
    if payload["type"] == "custom":
        payload = {k: x for k, x in payload.items() if k not in TIMES or is_number(x)}
        if not any(k in payload for k in TIMES):
            return
    _tell(document, NOTE, {**payload, "event_type": "view"})


def resource_api(document: Document, step: Step) -> None:
    """Send a custom resource event."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("type")) and is_number(payload.get("duration")):
        _tell(document, NOTE, {"times": 1, **payload, "event_type": "resource"})


def _tell(document: Document, kind: int, facts: dict[str, Any], same: str = "") -> None:
    for pipe in document.pipes:
        pipe.feed(kind, same=same, **facts)


def click(document: Document, step: Step) -> None:
    """Click, as a person does."""
    _click(document, step["selector"], CLICK)


def click_untrusted(document: Document, step: Step) -> None:
    """Click by script."""
    _click(document, step["selector"], UNTRUSTED)


def _click(document: Document, selector: str, kind: int) -> None:
    target = find(selector)
    control = control_of(target)
    if control is not None and ELEMENTS[control].tag == "a":
        raise DataError(f"found selector = {selector!r}, a link; expected an element that does not lead elsewhere")
    for page in document.collectors:
        if page.vitals:
            page.vitals.click()
    for page, pipe in zip(document.collectors, document.pipes, strict=True):
        if pipe.config is None:
            return
        if pipe is not page or control is None:
            pipe.feed(kind)
        if control is not None:
            facts = told(control, target)
            page.feed(kind, key=1, same=f"target {facts['target_name']}", duration=0, **facts)


def error(document: Document, step: Step) -> None:
    """Throw an error that nobody catches."""
    where = {"file": step.get("file") or "http://h/a.js", "line": step.get("line") or 1, "column": step.get("column") or 2}
    for page in document.collectors:
        if page.catches_errors:
            _throw(page, "onError", step, "\n    at f (http://h/a.js:1:2)", where)


def rejection(document: Document, step: Step) -> None:
    """Reject a promise that nobody handles."""
    for page in document.collectors:
        if page.catches_errors:
            _throw(page, "onUnhandledRejection", step, "", {})


def console_error(document: Document, step: Step) -> None:
    """Print an error to the console; of several wrappers the last hears of it first."""
    for page in reversed(document.collectors):
        if page.catches_console:
            _throw(page, "console.error", {"message": step["message"], "name": "Error"}, "", {})


def _throw(page: Page, source: str, step: Step, place: str, where: dict[str, Any]) -> None:
    name, message = step.get("name") or "Error", step["message"]
    stack = step.get("stack") or f"{step.get('name', 'undefined')}: {message}{place}"
    if message and not v.is_ignored_error((name, message, stack), settings.part(page.config, "filters").get("exception")):
        fields = {"type": "error", "source": source, "name": name, "message": message, "stack": stack, **where, "binary_images": {}}
        page.feed(THROW, same=_error_id(fields), **fields)


def _error_id(fields: dict[str, Any]) -> str:
    """Name an exception by the sum of its message and stack: numbers are added, all else is joined as text."""
    message, stack = fields["message"], fields.get("stack", "")
    if any(isinstance(part, str | list | dict) for part in (message, stack)):
        return f"error {to_text(message)}{to_text(stack)}"
    return f"sum {text_of(to_number(message) + to_number(stack))}"


def push_state(document: Document, step: Step) -> None:
    """Change the URL by script; of several wrappers the last hears of it first."""
    _move(document, step)
    for page in reversed(document.collectors):
        if page.routes:
            page.later(ROUTE_DELAY, partial(_route, page, page.shown_url))


def pop_state(document: Document, step: Step) -> None:
    """Go to an entry of the history that has this URL; listeners hear of it at once, the first of them first."""
    _move(document, step)
    for page in document.collectors:
        if page.routes:
            _route(page, page.shown_url)


def _move(document: Document, step: Step) -> None:
    """Change the document's URL, or nothing of it if it is empty."""
    place = parse(step["url"], document.place) if step["url"] else document.place
    if place is None or place.origin != document.place.origin:
        raise DataError(f"found url = {step['url']!r:.80}; expected one of the page's origin")
    document.place = place


def _route(page: Page, before: str | None) -> None:
    mode = settings.spa_mode(page.config)
    name, last = v.path_of(page.url, page.place, mode), page.shown_url
    page.shown_url = page.url
    if last is None or name != v.path_of(last, page.place, mode):
        page.show(name, before or "", "route_change")


def visibility(document: Document, step: Step) -> None:
    """Hide or show the page."""
    document.hidden = step["state"] == "hidden"
    for page in document.collectors:
        if document.hidden and page.vitals:
            page.vitals.hide(page.now())
    for pipe in document.pipes:
        if pipe.config is not None:
            pipe.feed(HIDE if document.hidden else SHOW)


def set_config(document: Document, step: Step) -> None:
    """Change one setting of the last init; the session and all but the web vitals keep those with which they were set up."""
    collector, pipe = document.collectors[-1], document.pipes[-1]
    collector.config = pipe.config = {**(pipe.config or {}), step["key"]: step["value"]}
    take_over(pipe)
    if collector is not pipe:
        take_over(collector)


def set_up(document: Document, step: Step) -> None:
    """Set the SDK up, for the first time or once more."""
    page = document.collectors[0]
    if reason := settings.refused(step["config"]):
        raise DataError(reason)
    if page.config is None:
        init(page, step["config"])
    elif any(settings.wants_remote(config) for config in (page.given, step["config"])):
        raise DataError("found another init where one asks for a remote configuration; expected none, as it would be taken over by the other")
    else:
        init_again(document, step["config"])


def emit(document: Document, step: Step) -> None:
    """Let the browser record entries."""
    if reason := next(filter(None, map(lacking, step["entries"])), None):
        raise DataError(reason)
    observe(document, step["entries"])


def scroll(document: Document, step: Step) -> None:
    """Scroll: the SDK does not listen (FACTS 1.6)."""


OPERATIONS: Final[dict[str, Callable[[Document, Step], None]]] = {
    "init": set_up,
    "visibility": visibility,
    "pushState": push_state,
    "replaceState": push_state,
    "popstate": pop_state,
    "emit": emit,
    "fetch": lambda document, step: request_fetch(document, step["url"], step.get("init") or {}),
    "xhr": lambda document, step: request_xhr(document, step.get("method") or "GET", step["url"], lambda _: None),
    "scroll": scroll,
    "click": click,
    "click_untrusted": click_untrusted,
}
"""What a document does with or without the SDK."""
COLLECTED: Final[dict[str, Callable[[Document, Step], None]]] = {
    "custom": custom,
    "exception": exception,
    "view_api": view_api,
    "resource_api": resource_api,
    "error": error,
    "rejection": rejection,
    "console_error": console_error,
    "setConfig": set_config,
}
"""What only the SDK hears of."""


def operate(document: Document, step: Step) -> None:
    """Do one step to a document; raise DataError for one that cannot be done."""
    name = step["op"]
    if document.pipes[0].config is not None or name not in COLLECTED:
        (OPERATIONS | COLLECTED)[name](document, step)
