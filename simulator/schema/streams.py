"""Purposes of draws: each is a stream of its own, `rnd(device key ^ purpose, counter)`, so that one more draw here changes nothing there."""

from typing import Final

_STEP: Final = 0x1F83D9ABFB41BD6B
"""Assumed: any odd number does; streams must only differ."""
(
    WHO, ARRIVAL, WALK, DETAIL, SAMPLING, SESSION_ID, VIEW_ID, EVENT_KEY, USER_ID, DEVICE_ID, PAGE_NUMBER, INCIDENT, REACTION, PACE, RETURN, FETCH,
    VARIANT, RELEASE, LEFT, SPEED, PATIENCE,
) = ((i * _STEP) & 0x3FFFFFFFFFFFFFFF for i in range(1, 22))  # fmt: skip
