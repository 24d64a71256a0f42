"""What a script can do to a page: each operation as the stimuli that the SDK gets of it.

Not modelled, and not drawn by tests/conformance/random_scenarios.py: what leaves the document (a click on a link), a second `init` in one document, a
configuration with which the real SDK's `init` throws (`sessionConfig` or `collectors` null, a remote one asked for by a pid without @).
"""

from collections.abc import Callable
from typing import Any, Final

from simulator.errors import DataError
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.elements import ELEMENTS, find, told
from simulator.scenario.elements import control as control_of
from simulator.scenario.entries import lacking, observe
from simulator.scenario.js import is_number, text_of, to_number, to_text, truthy
from simulator.scenario.network import request_fetch, request_xhr
from simulator.scenario.page import Page
from simulator.scenario.setup import init, take_over
from simulator.scenario.steps import Step
from simulator.scenario.urls import parse
from simulator.schema.words import CLICK, HIDE, NOTE, SHOW, THROW, UNTRUSTED

ROUTE_DELAY: Final = 1  # FACTS 5, pv
TIMES: Final = ("t1", "t2", "t3")


def own(payload: dict[str, Any]) -> dict[str, Any]:
    """Give a copy as Object.assign makes it: a member __proto__ is none any more."""
    return {key: value for key, value in payload.items() if key != "__proto__"}


def custom(page: Page, step: Step) -> None:
    """Send a custom event; without a name or a type it is none."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("type")):
        page.feed(NOTE, **{**payload, "event_type": "custom"})


def exception(page: Page, step: Step) -> None:
    """Send a custom exception."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("message")):
        page.feed(THROW, same=_error_id(payload), **{**payload, "event_type": "exception", "type": "custom", "source": "custom"})


def view_api(page: Page, step: Step) -> None:
    """Send a custom view event; one of type custom needs a time."""
    payload = own(step["payload"])
    if not truthy(payload.get("type")):
        payload["type"] = "custom"
    if payload["type"] == "custom":
        payload = {k: x for k, x in payload.items() if k not in TIMES or is_number(x)}
        if not any(k in payload for k in TIMES):
            return
    page.feed(NOTE, **{**payload, "event_type": "view"})


def resource_api(page: Page, step: Step) -> None:
    """Send a custom resource event."""
    payload = own(step["payload"])
    if truthy(payload.get("name")) and truthy(payload.get("type")) and is_number(payload.get("duration")):
        page.feed(NOTE, **{"times": 1, **payload, "event_type": "resource"})


def click(page: Page, step: Step) -> None:
    """Click, as a person does."""
    _click(page, step["selector"], CLICK)


def click_untrusted(page: Page, step: Step) -> None:
    """Click by script."""
    _click(page, step["selector"], UNTRUSTED)


def _click(page: Page, selector: str, kind: int) -> None:
    target = find(selector)
    control = control_of(target)
    if control is not None and ELEMENTS[control].tag == "a":
        raise DataError(f"found selector = {selector!r}, a link; expected an element that does not lead elsewhere")
    if page.config is None:
        return
    if page.vitals:
        page.vitals.click()
    if control is None:
        page.feed(kind)
        return
    facts = told(control, target)
    page.feed(kind, key=1, same=f"target {facts['target_name']}", duration=0, **facts)


def error(page: Page, step: Step) -> None:
    """Throw an error that nobody catches."""
    where = {"file": step.get("file") or "http://h/a.js", "line": step.get("line") or 1, "column": step.get("column") or 2}
    if page.catches_errors:
        _throw(page, "onError", step, "\n    at f (http://h/a.js:1:2)", where)


def rejection(page: Page, step: Step) -> None:
    """Reject a promise that nobody handles."""
    if page.catches_errors:
        _throw(page, "onUnhandledRejection", step, "", {})


def console_error(page: Page, step: Step) -> None:
    """Print an error to the console."""
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


def push_state(page: Page, step: Step) -> None:
    """Change the URL by script."""
    place = parse(step["url"], page.place)
    if place is None or place.origin != page.place.origin:
        raise DataError(f"found url = {step['url']!r:.80}; expected one of the page's origin")
    page.document.place = place
    if page.routes:
        before = page.shown_url
        page.later(ROUTE_DELAY, lambda: _route(page, before))


def _route(page: Page, before: str | None) -> None:
    mode = settings.spa_mode(page.config)
    name, last = v.path_of(page.url, page.place, mode), page.shown_url
    page.shown_url = page.url
    if last is None or name != v.path_of(last, page.place, mode):
        page.show(name, before or "", "route_change")


def visibility(page: Page, step: Step) -> None:
    """Hide or show the page."""
    page.document.hidden = step["state"] == "hidden"
    if page.document.hidden and page.vitals:
        page.vitals.hide(page.now())
    if page.config is not None:
        page.feed(HIDE if page.document.hidden else SHOW)


def set_config(page: Page, step: Step) -> None:
    """Change one setting; the session and all but the web vitals keep those with which they were set up."""
    page.config = {**(page.config or {}), step["key"]: step["value"]}
    take_over(page)


def scroll(page: Page, step: Step) -> None:
    """Scroll: the SDK does not listen (FACTS 1.6)."""


OPERATIONS: Final[dict[str, Callable[[Page, Step], None]]] = {
    "init": lambda page, step: init(page, step["config"]),
    "visibility": visibility,
    "pushState": push_state,
    "emit": lambda page, step: observe(page, step["entries"]),
    "fetch": lambda page, step: request_fetch(page, step["url"], step.get("init") or {}),
    "xhr": lambda page, step: request_xhr(page, step.get("method") or "GET", step["url"], lambda _: None),
    "scroll": scroll,
    "click": click,
    "click_untrusted": click_untrusted,
}
"""What a document does with or without the SDK."""
COLLECTED: Final[dict[str, Callable[[Page, Step], None]]] = {
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


def operate(page: Page, step: Step) -> None:
    """Do one step to a document; raise DataError for one that cannot be done."""
    name = step["op"]
    if page.config is None and name in COLLECTED:
        return
    if page.config is not None and name == "init":
        raise DataError("found a second init in one document; expected one")
    if name == "emit" and (reason := next(filter(None, map(lacking, step["entries"])), None)):
        raise DataError(reason)
    if name == "init" and (reason := settings.refused(step["config"])):
        raise DataError(reason)
    (OPERATIONS | COLLECTED)[name](page, step)
