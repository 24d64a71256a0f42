"""Values as JavaScript has them: truth, numbers out of anything, rounding, strings counted in UTF-16, numbers and JSON as text."""

import json
import math
import re
from decimal import Decimal
from typing import Any, Final, TypeGuard

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|Infinity)", re.IGNORECASE | re.ASCII)
_BASED: Final = re.compile(r"0(x[0-9a-f]+|o[0-7]+|b[01]+)", re.IGNORECASE | re.ASCII)
_PREFIX: Final = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)", re.IGNORECASE | re.ASCII)
_INTEGER: Final = re.compile(r"([+-]?)(?:0x([0-9a-f]+)|(\d+))", re.IGNORECASE | re.ASCII)
_LONE: Final = re.compile("[\ud800-\udfff]")


EXACT: Final = 1 << 53  # IEEE 754: greater integers are numbers like any other
PLAIN: Final = 1e21  # ECMAScript, Number::toString: from here on with an exponent


def is_number(value: object) -> TypeGuard[int]:
    """Tell what JavaScript calls a number; a NaN is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)  # a float counts as an int to what follows


def truthy(value: object) -> bool:
    """Tell whether a value counts as true: empty lists and objects do."""
    return bool(value) or isinstance(value, list | dict)


def to_number(value: object) -> float:
    """Make a number of anything, as arithmetic does."""
    if value is None:
        return 0
    if isinstance(value, bool | int | float):
        return number(value)
    if isinstance(value, list):
        return 0 if not value else to_number(to_text(value[0])) if len(value) == 1 else math.nan
    if not isinstance(value, str):
        return math.nan
    text = value.strip()
    if _BASED.fullmatch(text):
        return int(text, 0)
    return number(float(text)) if _NUMBER.fullmatch(text) else math.nan if text else 0


def to_text(value: object) -> str:
    """Make a string of a plain value."""
    if value is None:
        return ""
    return text_of(value) if is_number(value) else str(value).lower() if isinstance(value, bool) else str(value)


def leading_integer(text: str) -> int:
    """Read the integer that a string begins with, as parseInt does; 0 if there is none."""
    found = _INTEGER.match(text.strip())
    if not found:
        return 0
    size = int(found[2], 16) if found[2] else int(found[3])
    return -size if found[1] == "-" else size


def number(value: float) -> float:
    """Give an integer where JavaScript would print one."""
    return int(value) if abs(value) < PLAIN and float(value).is_integer() else value


def text_of(value: float) -> str:
    """Print a number: plain between 1e-6 and 1e21, its digits as few as tell it from all others."""
    value = number(value)
    if isinstance(value, int) and abs(value) <= EXACT:
        return str(value)
    text = repr(float(value))
    digits, exponent, power = text.partition("e")
    if exponent and (int(power) < -6 or abs(value) >= PLAIN):  # noqa: PLR2004 - ECMAScript, Number::toString
        return f"{digits}e{int(power):+d}"
    return f"{Decimal(text):f}".removesuffix(".0")


def cut(value: float) -> float | None:
    """Cut a number to three decimals, as text; None if it is negative."""
    if not value:
        return value
    head, point, tail = text_of(value).partition(".")
    found = _PREFIX.match(f"{head}{point}{tail[:3]}")
    result = number(float(found[0].rstrip("eE+-") if found else math.nan))
    return result if result >= 0 else None


def round_half_up(value: float) -> int:
    """Round as Math.round does."""
    return math.floor(value + 0.5)


def length(text: str) -> int:
    """Count UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text: str, units: int) -> str:
    """Give the first UTF-16 units of a string."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "surrogatepass")


def to_json(value: object) -> str:
    """Write JSON as JSON.stringify does: without spaces, in plain Unicode, a half of a pair escaped."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{to_json(key)}:{to_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(to_json, value)) + "]"
    if isinstance(value, float | int) and not isinstance(value, bool):
        return text_of(value) if math.isfinite(value) else "null"
    text = json.dumps(value, ensure_ascii=False)
    return _LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", text) if isinstance(value, str) else text


def normal(value: Any) -> Any:  # noqa: ANN401
    """Make integers of whole floats, all through a value."""
    if isinstance(value, dict):
        return {k: normal(v) for k, v in value.items()}
    if isinstance(value, list):
        return [normal(v) for v in value]
    return number(value) if isinstance(value, float) else value
