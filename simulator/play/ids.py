"""Ids as they follow from a device's key: halves for compiled code, text for Python. Forms: FACTS 4 and 9."""

from simulator.kernel.rnd import MASK, bits, rnd
from simulator.schema.streams import DEVICE_ID, SESSION_ID, USER_ID

VERSION_4, NOT_VERSION = 4 << 12, ~(15 << 12)
VARIANT, NOT_VARIANT = -(1 << 63), (1 << 62) - 1
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def high_half(key: int, ordinal: int) -> int:
    """Give the first 64 bits of a version 4 UUID (RFC 9562, 5.4)."""
    return bits(key, 2 * ordinal) & NOT_VERSION | VERSION_4


def low_half(key: int, ordinal: int) -> int:
    """Give the last 64 bits of a version 4 UUID."""
    return bits(key, 2 * ordinal + 1) & NOT_VARIANT | VARIANT


def device_id(key: int) -> str:
    """Give a device's id."""
    return _dashed(_hex(key ^ DEVICE_ID, 0))


def session_id(key: int, ordinal: int, form: str, *, sampled: bool) -> str:
    """Give the id of a device's session, in an edition's form."""
    text = _hex(key ^ SESSION_ID, ordinal)
    return text if form == "hex" else f"{_dashed(text)}-0{int(sampled)}"


def user_id(key: int) -> str:
    """Give the id of a device's user."""
    return "uid_" + "".join(_base36(rnd(key ^ USER_ID, half)) for half in (0, 1))


def _hex(key: int, ordinal: int) -> str:
    return f"{high_half(key, ordinal) & MASK:016x}{low_half(key, ordinal) & MASK:016x}"


def _dashed(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _base36(value: int) -> str:
    return "".join(_DIGITS[value // 36**place % 36] for place in reversed(range(8)))
