"""Values as JavaScript has them: truth, numbers and strings out of anything, rounding, strings counted in UTF-16, JSON, regular expressions."""

import json
import math
import re
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeGuard

from simulator.errors import DataError

SPACES: Final = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""ECMAScript: white space and ends of lines."""
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?|Infinity)", re.IGNORECASE | re.ASCII)
_BASED: Final = re.compile(r"0(x[0-9a-f]+|o[0-7]+|b[01]+)", re.IGNORECASE | re.ASCII)
_PREFIX: Final = re.compile(r"[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)", re.IGNORECASE | re.ASCII)
_INTEGER: Final = re.compile(r"([+-]?)(?:0x([0-9a-f]+)|(\d+))", re.IGNORECASE | re.ASCII)
_LONE: Final = re.compile("[\ud800-\udfff]")
_INDEX: Final = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)
_LINE_ENDS: Final = "\n\r\u2028\u2029"

EXACT: Final = 1 << 53  # IEEE 754: greater integers are numbers like any other
PLAIN: Final = 1e21  # ECMAScript, Number::toString: from here on with an exponent
DEEPEST: Final = 100  # assumed: no script of a page needs more
INFINITE: Final = 1 << 1024  # IEEE 754: greater than all numbers
LAST_INDEX: Final = (1 << 32) - 2  # ECMAScript: keys up to here that are integers come first, in their order


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
    text = to_text(value).strip(SPACES)
    if _BASED.fullmatch(text):
        return exact(int(text, 0))
    return number(float(text)) if _NUMBER.fullmatch(text) else math.nan if text else 0


def to_text(value: object) -> str:
    """Make a string of anything."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return text_of(value)
    if isinstance(value, list):
        return ",".join("" if item is None else to_text(item) for item in value)
    return "[object Object]" if isinstance(value, dict) else str(value)


def leading_integer(text: str) -> float:
    """Read the integer that a string begins with, as parseInt does; 0 if there is none."""
    found = _INTEGER.match(text.strip(SPACES))
    if not found:
        return 0
    size = exact(int(found[2], 16) if found[2] else int(found[3]))
    return -size if found[1] == "-" else size


def exact(value: int) -> float:
    """Give the number that JavaScript has for an integer: the nearest one."""
    return value if abs(value) <= EXACT else number(float(value)) if abs(value) < INFINITE else math.copysign(math.inf, value)


def number(value: float) -> float:
    """Give an integer where JavaScript would print one."""
    return int(value) if abs(value) < PLAIN and float(value).is_integer() else value


def text_of(value: float) -> str:
    """Print a number: plain between 1e-6 and 1e21, its digits as few as tell it from all others."""
    value = number(value)
    if isinstance(value, int) and abs(value) <= EXACT:
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
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


def normal(value: Any, deepest: int = DEEPEST) -> Any:  # noqa: ANN401
    """Make the numbers of JavaScript of all numbers in a value, and put its objects' members into their order; raise DataError for too deep a one."""
    if isinstance(value, dict | list) and not deepest:
        raise DataError(f"found values within more than {DEEPEST} others; expected them less deep")
    if isinstance(value, dict):
        return ordered({k: normal(v, deepest - 1) for k, v in value.items()})
    if isinstance(value, list):
        return [normal(v, deepest - 1) for v in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return number(value) if isinstance(value, float) else exact(value)


def ordered(value: dict[str, Any]) -> dict[str, Any]:
    """Give an object with its members in order: indexes first, by size."""
    indexes = [key for key in value if _INDEX.fullmatch(key) and int(key) <= LAST_INDEX]
    return {key: value[key] for key in (*sorted(indexes, key=int), *(key for key in value if key not in indexes))} if indexes else value


def members(value: object) -> dict[str, Any]:
    """Give the members of an object, which a list is too; what is none has none."""
    return value if isinstance(value, dict) else {str(i): item for i, item in enumerate(value)} if isinstance(value, list) else {}


def parse_json(text: str) -> Any:  # noqa: ANN401
    """Read JSON as JSON.parse does; raise ValueError, or DataError for what is too deep."""
    try:
        return normal(json.loads(text, parse_constant=_refuse))
    except RecursionError:
        raise DataError(f"found values within more than {DEEPEST} others; expected them less deep") from None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


# ---- regular expressions


def pattern(source: str) -> re.Pattern[str]:
    r"""Make a regular expression without flags; raise DataError for one that is none, or that would mean something else here.

    In JavaScript `$` is the very end, `.` no end of a line, `\w` and `\d` are ASCII and `\s` is not.
    """
    made, i, in_class = [], 0, False
    while i < len(source):
        c = source[i : i + 2] if source[i] == "\\" else source[i]
        i += len(c)
        if len(c) == 2:  # noqa: PLR2004 - an escape
            made.append(_escape(c[1], source, in_class=in_class))
        elif in_class:
            in_class = c != "]"
            made.append("\\[" if c == "[" else c)
        elif c == "[":
            in_class = True
            if source[i : i + 1] == "]" or source[i : i + 2] == "^]":
                raise DataError(f"found the regular expression {source!r}; expected one without empty classes")
            made.append(c)
        elif c == "(" and source[i : i + 1] == "?":
            if not re.match(r"\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>)", source[i:], re.ASCII):
                raise DataError(f"found the regular expression {source!r}; expected groups as JavaScript has them")
            made.append("(?P" if re.match(r"\?<[A-Za-z_]", source[i:]) else "(?")
            i += 1
        else:
            made.append({"$": r"\Z", ".": f"[^{_LINE_ENDS}]"}.get(c, c))
    try:
        return re.compile("".join(made), re.ASCII)
    except re.error as error:
        raise DataError(f"found the regular expression {source!r}; expected one that can be read: {error}") from None


def _escape(name: str, source: str, *, in_class: bool) -> str:
    if name == "s":
        return SPACES if in_class else f"[{SPACES}]"
    if name == "S" and not in_class:
        return f"[^{SPACES}]"
    if name in "cSkpPux" or (name.isdigit() and name != "0"):
        raise DataError(f"found the regular expression {source!r}; expected one without \\{name}{' in a class' * in_class}")
    return f"\\{name}" if not (name.isalpha() and name.isascii()) or name in "wWdDbBtnrfv" else name
