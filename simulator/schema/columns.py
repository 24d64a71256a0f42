"""The stored row: one schema for the embedded collector, NDJSON and every later format.

Envelope fields are flattened with a dot (`session.id`), the vendor's own flat names; an event's fields keep their wire names. Order is the
canonical order of a row's keys; a field without a value is left out; keys that are not listed follow in the order in which they came.
"""

from typing import Final

IDENTITY: Final = ("timestamp", "event_id", "event_type", "type")
ENVELOPE: Final = {
    "session.id": ("session", "id"),
    "view.id": ("view", "id"),
    "view.name": ("view", "name"),
    "user.id": ("user", "id"),
    "user.name": ("user", "name"),
    "device.id": ("device", "id"),
    "device.model": ("device", "model"),
    "os.name": ("os", "name"),
    "os.version": ("os", "version"),
    "geo.country": ("geo", "country"),
    "net.model": ("net", "model"),
    "app.id": ("app", "id"),
    "app.env": ("app", "env"),
    "app.version": ("app", "version"),
    "app.type": ("app", "type"),
    "properties.arm": ("properties", "arm"),
    "_v": ("_v",),
}
"""Column -> path in the envelope. An event's own `view` wins over the envelope's."""
ALIASES: Final = {"position.start_x": "x", "position.start_y": "y"}
"""Wire name -> column, where platforms name one thing differently (FACTS 9, action)."""
EVENT_FIELDS: Final = (
    "times", "name", "url", "referrer", "loading_type", "time_spent", "loading_time", "dom_interactive", "dom_content_loaded", "dom_complete",
    "load_event", "first_paint", "first_contentful_paint", "largest_contentful_paint", "first_input_delay", "first_input_time",
    "cumulative_layout_shift", "interaction_to_next_paint", "target_name", "x", "y", "success", "method", "status_code", "source", "subtype",
    "message", "stack", "file", "line", "column", "duration", "connect_duration", "ssl_duration", "dns_duration", "redirect_duration",
    "first_byte_duration", "download_duration", "size", "transfer_size", "request_size", "fps", "snapshots", "timing_data", "id",
    "binary_images", "state",
)  # fmt: skip
COLUMNS: Final = (*IDENTITY, *ENVELOPE, *EVENT_FIELDS)
ARRIVED: Final = "arrived_at"
"""A column of datasets: when the payload is sent that carries the event, in true time. A collector has its own, when it received it."""
DATASET_COLUMNS: Final = (IDENTITY[0], ARRIVED, *COLUMNS[1:])
INTEGER_COLUMNS: Final = frozenset(
    {"timestamp", "times", "success", "status_code", "line", "column", "size", "transfer_size", "request_size", "fps", "x", "y", "time_spent"}
)
NUMBER_COLUMNS: Final = (
    INTEGER_COLUMNS
    | {c for c in EVENT_FIELDS if c.endswith(("_duration", "_paint", "_delay", "_shift"))}
    | {"duration", "loading_time", "dom_interactive", "dom_content_loaded", "dom_complete", "load_event", "first_input_time"}
    | {"interaction_to_next_paint"}
)


def sql_type(column: str) -> str:
    """Give the type of a column in a database."""
    return "BIGINT" if column in INTEGER_COLUMNS or column == ARRIVED else "DOUBLE" if column in NUMBER_COLUMNS else "VARCHAR"
