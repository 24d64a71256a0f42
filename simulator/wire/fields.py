"""The fields of each event: name, slot, form, and their order by platform.

Web: names and order as the real SDK sends them (FACTS 4 and its captures). Of what the product document has and the real SDK lacks, `time_spent`,
`loading_time`, `x`, `y` and `request_size` are named by CONTRACTS (Wire by edition). Mobile: FACTS 9 names without their prefix; the order, and that
a long task has a duration, are assumed.
"""

from collections.abc import Mapping
from typing import Final

from simulator.schema import values as slot
from simulator.schema.words import EVENT_KINDS

INT, POSITIVE, TEXT, MILLI, HEX, EVENT_ID, KIND, OWN_VIEW, ENTRY, NAVIGATION, NOTHING, EMPTY_LIST = (
    "int", "positive", "text", "milli", "hex", "event_id", "kind", "own_view", "entry", "navigation", "nothing", "empty_list",
)  # fmt: skip

FIELDS: Final[Mapping[str, tuple[int, str]]] = {
    "timestamp": (slot.STAMP, INT),
    "event_id": (slot.EVENT_ID, EVENT_ID),
    "view": (slot.OWN_VIEW_NAME, OWN_VIEW),
    "times": (slot.TIMES, INT),
    "event_type": (0, KIND),
    "type": (slot.KIND, TEXT),
    "name": (slot.NAME, TEXT),
    "url": (slot.URL, TEXT),
    "referrer": (slot.REFERRER, TEXT),
    "loading_type": (slot.LOADING_TYPE, TEXT),
    "time_spent": (slot.SPENT, INT),
    "loading_time": (slot.LOADING, INT),
    "dom_interactive": (slot.DOM_INTERACTIVE, INT),
    "dom_content_loaded": (slot.DOM_LOADED, INT),
    "dom_complete": (slot.DOM_COMPLETE, INT),
    "load_event": (slot.LOAD_EVENT, INT),
    "first_paint": (slot.FP, INT),
    "first_contentful_paint": (slot.FCP, INT),
    "largest_contentful_paint": (slot.LCP, INT),
    "first_input_delay": (slot.FID, INT),
    "first_input_time": (slot.INPUT_TIME, INT),
    "cumulative_layout_shift": (slot.CLS, MILLI),
    "interaction_to_next_paint": (slot.INP, INT),
    "target_name": (slot.TARGET, TEXT),
    "x": (slot.X, INT),
    "y": (slot.Y, INT),
    "position.start_x": (slot.X, INT),
    "position.start_y": (slot.Y, INT),
    "success": (slot.SUCCESS, INT),
    "method": (slot.METHOD, TEXT),
    "status_code": (slot.STATUS, INT),
    "source": (slot.SOURCE, TEXT),
    "subtype": (slot.SUBTYPE, TEXT),
    "message": (slot.MESSAGE, TEXT),
    "stack": (slot.STACK, TEXT),
    "duration": (slot.DURATION, INT),
    "connect_duration": (slot.CONNECT, INT),
    "ssl_duration": (slot.SSL, INT),
    "dns_duration": (slot.DNS, INT),
    "first_byte_duration": (slot.FIRST_BYTE, INT),
    "download_duration": (slot.DOWNLOAD, INT),
    "size": (slot.SIZE, INT),
    "transfer_size": (slot.TRANSFER_SIZE, INT),
    "request_size": (slot.REQUEST_SIZE, INT),
    "fps": (slot.FPS, INT),
    "state": (slot.STATE, TEXT),
    "snapshots": (slot.SNAPSHOTS, TEXT),
    "navigation.snapshots": (slot.LOAD_EVENT, NAVIGATION),
    "frames.snapshots": (0, EMPTY_LIST),
    "timing_data": (slot.ENTRY_START, ENTRY),
    "whole.connect_duration": (slot.CONNECTION, POSITIVE),
    "real.ssl_duration": (slot.SSL, POSITIVE),
    "real.dns_duration": (slot.DNS, POSITIVE),
    "real.first_byte_duration": (slot.FIRST_BYTE, POSITIVE),
    "real.download_duration": (slot.DOWNLOAD, POSITIVE),
    "real.size": (slot.SIZE, POSITIVE),
    "real.transfer_size": (slot.TRANSFER_SIZE, POSITIVE),
    "id": (slot.SHOWN, HEX),
    "view.name": (slot.OWN_VIEW_NAME, TEXT),
    "binary_images": (0, NOTHING),
}
"""Of a name with a dot that is not on the wire, the part behind the dot is. `real`: the real web SDK deletes what is not above 0 (FACTS 5)."""
BARE: Final = ("web-0.0.37",)
"""Sent without device, os and geo, which the real SDK has only where it is configured so (FACTS 4)."""
ON_WIRE: Final = {"position.start_x", "position.start_y"}

_HEAD = "timestamp event_id view times"
_WEB: Final[dict[str, str]] = {
    "pv": f"{_HEAD} event_type type name url referrer loading_type",
    "perf": f"{_HEAD} event_type type url referrer dom_interactive dom_content_loaded dom_complete load_event first_paint first_contentful_paint",
    "webvitals": f"{_HEAD} event_type type referrer largest_contentful_paint first_input_delay first_input_time interaction_to_next_paint "
    "cumulative_layout_shift url",
    "leave": f"{_HEAD} event_type type url referrer time_spent loading_time",
    "press": f"{_HEAD} event_type type name target_name duration x y",
    "sweep": f"{_HEAD} event_type type name target_name duration x y",
    "api": "timestamp event_id view event_type url name type success times method status_code message duration connect_duration dns_duration "
    "download_duration first_byte_duration size transfer_size ssl_duration request_size",
    "static": f"{_HEAD} event_type url name type method status_code success duration connect_duration dns_duration download_duration "
    "first_byte_duration size transfer_size ssl_duration request_size",
    "error": f"{_HEAD} event_type type source name message stack",
    "reported": f"{_HEAD} name message stack event_type type source",
    "fatal": f"{_HEAD} event_type type source name message stack",
    "stall": f"{_HEAD} event_type type source duration fps stack",
    "anr": f"{_HEAD} event_type type source duration stack",
    "anr_error": f"{_HEAD} event_type type name message duration stack",
    "state": "timestamp event_id view event_type state",
}
_REAL_WEB: Final = _WEB | {
    "perf": f"{_HEAD} event_type type url referrer dom_interactive dom_content_loaded dom_complete load_event first_paint navigation.snapshots "
    "first_contentful_paint",
    "webvitals": f"{_HEAD} event_type type referrer largest_contentful_paint first_input_delay first_input_time url",
    "press": f"{_HEAD} event_type type name target_name duration snapshots",
    "api": "timestamp event_id view event_type url name type success times method status_code message timing_data duration whole.connect_duration "
    "real.dns_duration real.download_duration real.first_byte_duration real.size real.transfer_size real.ssl_duration",
    "static": f"{_HEAD} event_type url name type method status_code success duration whole.connect_duration "
    "real.dns_duration real.download_duration real.first_byte_duration real.size real.transfer_size real.ssl_duration timing_data",
    "error": f"{_HEAD} event_type type source name message stack binary_images",
    "stall": f"{_HEAD} id view.name event_type type source duration fps frames.snapshots",
}
_MINI: Final = _WEB | {
    "perf": f"{_HEAD} event_type type url referrer load_event first_paint first_contentful_paint",
}
_MOBILE: Final[dict[str, str]] = {
    **_WEB,
    "perf": f"{_HEAD} event_type type url referrer load_event first_paint first_contentful_paint",
    "press": f"{_HEAD} event_type type name target_name duration position.start_x position.start_y",
    "sweep": f"{_HEAD} event_type type name target_name duration position.start_x position.start_y",
    "api": f"{_HEAD} event_type type url name method status_code message success duration size dns_duration connect_duration ssl_duration "
    "first_byte_duration download_duration request_size",
    "static": f"{_HEAD} event_type type url name method status_code success duration size dns_duration connect_duration ssl_duration "
    "first_byte_duration download_duration request_size",
    "error": f"{_HEAD} event_type type source name message stack",
    "reported": f"{_HEAD} event_type type source name message stack",
    "fatal": f"{_HEAD} event_type type subtype source name message stack",
}
ORDERS: Final[Mapping[str, Mapping[str, str]]] = {
    "web": _WEB,
    "web-0.0.37": _REAL_WEB,
    "miniprogram": _MINI,
    "mobile": _MOBILE,
    "mobile-2.3": _MOBILE,
}
"""By edition's `wire`, then event kind."""


def order(wire: str, kind: int) -> list[str]:
    """List the fields of an event as they stand on the wire."""
    return ORDERS[wire][EVENT_KINDS[kind]].split()


def on_wire(name: str) -> str:
    """Give a field's name on the wire."""
    return name if name in ON_WIRE else name.rpartition(".")[2]
