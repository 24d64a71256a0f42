"""Performance entries as the web SDK quotes them: JSON inside a JSON string, with the keys of Chromium's entries in their order (FACTS 4, captures).

What a model of users does not know (protocol, workers, navigation id) is a constant of a plain HTTP/1.1 page.
"""

from simulator.schema import values as slot
from simulator.wire.layout import Sheet

_WORKERS = (
    ("workerStart", 0), ("workerRouterEvaluationStart", 0), ("workerCacheLookupStart", 0), ("workerMatchedSourceType", ""),
    ("workerFinalSourceType", ""), ("redirectStart", 0), ("redirectEnd", 0),
)  # fmt: skip


def resource(sheet: Sheet) -> None:
    """Print a request's entry."""
    _text(sheet, "{", "name", slot.URL)
    _constants(sheet, ("entryType", "resource"))
    _numbers(sheet, ("startTime", slot.ENTRY_START), ("duration", slot.DURATION))
    _constants(sheet, ("navigationId", 1))
    _text(sheet, ",", "initiatorType", slot.INITIATOR)
    _constants(sheet, ("deliveryType", ""), ("nextHopProtocol", "http/1.1"), ("renderBlockingStatus", "non-blocking"))
    _constants(sheet, ("contentType", ""), ("contentEncoding", ""), *_WORKERS)
    _numbers(sheet, ("fetchStart", slot.ENTRY_START), ("domainLookupStart", slot.ENTRY_START), ("domainLookupEnd", slot.DNS_END))
    _numbers(sheet, ("connectStart", slot.DNS_END), ("secureConnectionStart", slot.SECURE_START), ("connectEnd", slot.CONNECT_END))
    _numbers(sheet, ("requestStart", slot.CONNECT_END), ("responseStart", slot.RESPONSE_START))
    _constants(sheet, ("firstInterimResponseStart", 0))
    _numbers(sheet, ("finalResponseHeadersStart", slot.RESPONSE_START), ("responseEnd", slot.RESPONSE_END))
    _numbers(sheet, ("transferSize", slot.TRANSFER_SIZE), ("encodedBodySize", slot.SIZE), ("decodedBodySize", slot.SIZE))
    _numbers(sheet, ("responseStatus", slot.STATUS))
    sheet.say_inside(',"serverTiming":[]}')


def navigation(sheet: Sheet) -> None:
    """Print a document's entry. Times that the model does not tell apart are equal."""
    _text(sheet, "{", "name", slot.URL)
    _constants(sheet, ("entryType", "navigation"), ("startTime", 0))
    _numbers(sheet, ("duration", slot.LOAD_EVENT))
    _constants(sheet, ("navigationId", 1), ("initiatorType", "navigation"), ("deliveryType", ""), ("nextHopProtocol", "http/1.1"))
    _constants(sheet, ("renderBlockingStatus", "non-blocking"), ("contentType", "text/html"), ("contentEncoding", ""), *_WORKERS)
    _constants(sheet, ("fetchStart", 0), ("domainLookupStart", 0), ("domainLookupEnd", 0), ("connectStart", 0), ("secureConnectionStart", 0))
    _constants(sheet, ("connectEnd", 0), ("requestStart", 0), ("responseStart", 1), ("firstInterimResponseStart", 0))
    _constants(sheet, ("finalResponseHeadersStart", 1), ("responseEnd", 1), ("transferSize", 1167), ("encodedBodySize", 867))
    _constants(sheet, ("decodedBodySize", 867), ("responseStatus", 200))
    sheet.say_inside(',"serverTiming":[]')
    _constants(sheet, ("unloadEventStart", 0), ("unloadEventEnd", 0))
    _numbers(sheet, ("domInteractive", slot.DOM_INTERACTIVE), ("domContentLoadedEventStart", slot.DOM_LOADED))
    _numbers(sheet, ("domContentLoadedEventEnd", slot.DOM_LOADED), ("domComplete", slot.DOM_COMPLETE))
    _numbers(sheet, ("loadEventStart", slot.LOAD_EVENT), ("loadEventEnd", slot.LOAD_EVENT))
    _constants(sheet, ("type", "navigate"), ("redirectCount", 0), ("activationStart", 0), ("criticalCHRestart", 0))
    sheet.say_inside(',"notRestoredReasons":null}')


def _text(sheet: Sheet, before: str, name: str, number: int) -> None:
    sheet.say_inside(f'{before}"{name}":')
    sheet.show_quoted(number)


def _numbers(sheet: Sheet, *members: tuple[str, int]) -> None:
    for name, number in members:
        sheet.say_inside(f',"{name}":')
        sheet.show_number(number)


def _constants(sheet: Sheet, *members: tuple[str, str | int]) -> None:
    for name, value in members:
        sheet.say_inside(f',"{name}":' + (str(value) if isinstance(value, int) else f'"{value}"'))
