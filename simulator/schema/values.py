"""The slots of one event's values: what play fills in and wire prints.

A slot holds an int64: a number, an id of the intern table, or ABSENT (the field is left out). Durations are ms, sizes bytes.
ARRIVED is when the event is sent. URL_NUMBER and its like are the numbers that stand for {id} in the string of that name. ADDED, by how much a
request took longer than usual, is not printed. CONNECTION is TCP and TLS together; the slots behind it are points of a request's entry, in ms since
the document was loaded. The names are ours; wire/ has the names on the wire.
"""

from typing import Final

SLOTS: Final = 82
(
    # of the event
    STAMP, EVENT_ID, TIMES, KIND, NAME, URL, REFERRER, LOADING_TYPE, SPENT, LOADING, DOM_INTERACTIVE, DOM_LOADED,
    DOM_COMPLETE, LOAD_EVENT, FP, FCP, LCP, FID, INPUT_TIME, CLS, INP, TARGET, X, Y, SUCCESS, METHOD, STATUS, SOURCE,
    SUBTYPE, MESSAGE, STACK, DURATION, CONNECT, SSL, DNS, FIRST_BYTE, DOWNLOAD, SIZE, TRANSFER_SIZE, REQUEST_SIZE, FPS,
    STATE, SNAPSHOTS, INITIATOR, CONNECTION, ENTRY_START, DNS_END, SECURE_START, CONNECT_END, RESPONSE_START, RESPONSE_END,
    URL_NUMBER, REFERRER_NUMBER, MESSAGE_NUMBER, ADDED,
    # of its context: 128-bit ids in two slots; SHOWN is the event's view, the OWN view the same where it is not the envelope's
    SESSION, SESSION_LOW, VIEW, VIEW_LOW, VIEW_NAME, VIEW_NUMBER, OWN_VIEW, OWN_VIEW_LOW, OWN_VIEW_NAME, OWN_VIEW_NUMBER, SHOWN, SHOWN_LOW, ARRIVED,
    # of the device
    USER, USER_LOW, USER_NAME, DEVICE, DEVICE_LOW, MODEL, OS_NAME, OS_VERSION, COUNTRY, NETWORK, APP, APP_NUMBER, VERSION, ARM,
) = range(SLOTS)  # fmt: skip
EVENT_SLOTS: Final = SESSION
"""Slots below belong to one event and are cleared for the next; the others hold for a whole batch."""
