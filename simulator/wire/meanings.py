"""What each column of the stored row means, its unit, and who has seen its name on a wire. `rumsim fields` prints it.

Rules of the file: a fact that code can derive (who sends a column, under which name) is not written here. A source is `capture` (a request of the
real web SDK, or a recorded run, has the name in such an event), `FACTS n`, or `assumed` (nobody has seen it); it is empty where a platform does not
send the column. Mini programs have the web's names.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

EVERY, ENVELOPE = "every event", "payload"
"""Where a column stands if not in events of one type only."""
UNITS: Final = ("ms", "ms since 1970", "bytes", "px", "1", "1/s", "text", "id", "JSON")
"""1: a number without a unit, or a count."""
CAPTURE, FACTS_9, ASSUMED, NOT_SENT = "capture", "FACTS 9", "assumed", ""
"""Sources of names."""


class Meaning(NamedTuple):
    """A column: what it is, its unit, and the source of its name on the web and on mobile."""

    text: str
    unit: str
    web: str
    mobile: str


def _seen(text: str, unit: str) -> Meaning:
    return Meaning(text, unit, CAPTURE, FACTS_9)


def _seen_on_web(text: str, unit: str) -> Meaning:
    return Meaning(text, unit, CAPTURE, ASSUMED)


def _of_web(text: str, unit: str) -> Meaning:
    return Meaning(text, unit, CAPTURE, NOT_SENT)


def _assumed(text: str, unit: str) -> Meaning:
    return Meaning(text, unit, ASSUMED, ASSUMED)


MEANINGS: Final[Mapping[str, Mapping[str, Meaning]]] = {
    EVERY: {
        "timestamp": _seen("when it happened", "ms since 1970"),
        "event_id": _seen("the event's own id; its last 16 hex digits are its key", "id"),
        "event_type": _seen("view, action, resource, exception, longTask or application", "text"),
        "times": Meaning("how many equal events were counted into this one", "1", CAPTURE, "FACTS 9 (resource, exception), else assumed"),
    },
    ENVELOPE: {
        "session.id": _seen("the session to which the event belongs", "id"),
        "view.id": _seen("the page view in which it happened", "id"),
        "view.name": _seen("that page's name", "text"),
        "user.id": _seen("the user, kept by the SDK", "id"),
        "user.name": _seen("the user's name, where the application has told it", "text"),
        "device.id": _assumed("the installation of the app, or the browser", "id"),
        "device.model": _assumed("the device's model", "text"),
        "os.name": _assumed("operating system", "text"),
        "os.version": _assumed("its version", "text"),
        "geo.country": _assumed("country, two letters", "text"),
        "net.model": _seen("kind of network", "text"),
        "app.id": _seen("the application, as the service names it", "id"),
        "app.env": _seen("its environment", "text"),
        "app.version": _seen("its version", "text"),
        "app.type": _seen("browser, miniapp, ios or android", "text"),
        "properties.arm": Meaning("the arm of the experiment in which the device is, where there is one", "text", ASSUMED, ASSUMED),
        "_v": _seen_on_web("the SDK's version", "text"),
    },
    "view": {
        "type": _seen("what is told of the page: shown, loaded, measured, left", "text"),
        "name": _seen("the page's name", "text"),
        "url": _seen("the page's URL", "text"),
        "referrer": _seen("the page before it", "text"),
        "loading_type": _seen("initial_load or route_change", "text"),
        "time_spent": Meaning("how long the page was shown", "ms", ASSUMED, FACTS_9),
        "loading_time": _assumed("from the start of loading to its end", "ms"),
        "dom_interactive": _of_web("until the document was parsed", "ms"),
        "dom_content_loaded": _of_web("until its deferred scripts had run", "ms"),
        "dom_complete": _of_web("until all of it was there", "ms"),
        "load_event": _seen("until the page was loaded", "ms"),
        "first_paint": _seen("until something was painted", "ms"),
        "first_contentful_paint": _seen_on_web("until content was painted", "ms"),
        "largest_contentful_paint": _seen_on_web("until the largest content was painted", "ms"),
        "first_input_delay": _seen_on_web("from the first input to its handling", "ms"),
        "first_input_time": _seen_on_web("until the first input", "ms"),
        "cumulative_layout_shift": _seen_on_web("how much the layout moved", "1"),
        "interaction_to_next_paint": _seen("from an interaction to the paint after it", "ms"),
        "snapshots": _of_web("the document's performance entry", "JSON"),
    },
    "action": {
        "type": _seen("click, tap or scroll", "text"),
        "name": _seen("what was acted on, as people call it", "text"),
        "target_name": _seen("its path in the page", "text"),
        "x": Meaning("where, from the left", "px", ASSUMED, FACTS_9),
        "y": Meaning("where, from the top", "px", ASSUMED, FACTS_9),
        "duration": _seen("until it was handled", "ms"),
        "snapshots": _of_web("attributes of what was acted on", "JSON"),
    },
    "resource": {
        "type": _seen("kind of the call or of the file", "text"),
        "name": _seen("the URL's path", "text"),
        "url": _seen("the URL", "text"),
        "success": _seen("1 answered with 2xx, 0 failed, -1 unknown", "1"),
        "method": _seen("HTTP method", "text"),
        "status_code": _seen("HTTP status", "1"),
        "message": _seen("the status in words, or the error", "text"),
        "duration": _seen("from the request's start to its end", "ms"),
        "connect_duration": _seen("TCP connection; on web-0.0.37 TLS is part of it", "ms"),
        "ssl_duration": _seen("TLS handshake", "ms"),
        "dns_duration": _seen("resolution of the host's name", "ms"),
        "redirect_duration": Meaning("redirections", "ms", ASSUMED, FACTS_9),
        "first_byte_duration": _seen("from sending the request to the answer's first byte", "ms"),
        "download_duration": _seen("from the answer's first byte to its last", "ms"),
        "size": _seen("the answer's body", "bytes"),
        "transfer_size": _of_web("the answer on the network, with its header", "bytes"),
        "request_size": _assumed("the request's body", "bytes"),
        "timing_data": Meaning("the request's performance entry", "JSON", CAPTURE, FACTS_9),
    },
    "exception": {
        "type": _seen("error, custom, crash or anr", "text"),
        "subtype": Meaning("kind of a crash", "text", NOT_SENT, FACTS_9),
        "source": _seen("what caught it", "text"),
        "name": _seen("the error's class", "text"),
        "message": _seen("its reason", "text"),
        "stack": _seen("call stack", "text"),
        "file": _seen("file in which it was thrown", "text"),
        "line": _seen("line of that file", "1"),
        "column": _seen("column of that line", "1"),
        "duration": Meaning("how long the app did not respond", "ms", NOT_SENT, ASSUMED),
        "binary_images": _of_web("loaded libraries; empty on the web", "JSON"),
    },
    "longTask": {
        "type": _seen("fps: frames were dropped; main: the main thread was blocked; anr: the app did not respond", "text"),
        "source": _seen("what measured it", "text"),
        "stack": Meaning("call stack", "text", ASSUMED, FACTS_9),
        "duration": _seen_on_web("how long the main thread was blocked, or frames were slow", "ms"),
        "fps": _seen_on_web("frames per second meanwhile", "1/s"),
        "id": _of_web("the page view's id", "id"),
        "name": _of_web("the page's name", "text"),
        "snapshots": _of_web("the scripts that ran meanwhile", "JSON"),
    },
    "application": {
        "state": Meaning("cold_launch, foreground or background", "text", NOT_SENT, FACTS_9),
    },
}
"""By event type (or EVERY, or ENVELOPE), then column."""

KINDS: Final[Mapping[str, str]] = {
    "pv": "a page is shown",
    "perf": "a page has been loaded and measured",
    "webvitals": "what is known with the first input",
    "leave": "a page is left",
    "press": "a click or a tap",
    "sweep": "a scroll",
    "api": "an API call has ended",
    "static": "a file has been loaded",
    "error": "an error that nobody caught",
    "reported": "an error that the application caught and reports",
    "fatal": "the app's process died of an error; reported by its next launch",
    "stall": "the main thread was blocked, or frames were dropped",
    "anr": "the app did not respond",
    "anr_error": "the app did not respond",
    "state": "the app was launched, came to the foreground, went to the background",
}
"""What each kind of event tells."""


def meaning(where: str, column: str) -> Meaning:
    """Give what a column means there; KeyError that says what to add."""
    if column not in MEANINGS[where]:
        raise KeyError(f"column {column} of {where}: no meaning; add a row to simulator/wire/meanings.py")
    return MEANINGS[where][column]
