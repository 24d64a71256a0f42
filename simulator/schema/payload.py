"""A payload: the bytes that one flush of an SDK sends, and when."""

from typing import NamedTuple


class Payload(NamedTuple):
    """One request of an SDK.

    `due_ms`: emitted time (ms since the epoch) at which the SDK flushes. `session_key`: first 64 bits of the session id.
    `number`: in its cohort. `via`: words.VIAS. `path`: of the endpoint. `origin`: of the pages. `events`: how many events the body carries.
    """

    number: int
    due_ms: int
    device: int
    session_key: int
    via: int
    path: str
    origin: str
    content_type: str
    events: int
    body: bytes
