"""What the steps of a script have to say, each in its members; a mistake is told in words of the script."""

from typing import Any, Final

from simulator.errors import DataError

Step = dict[str, Any]
NUMBER: Final = (int, float)
MESSAGE: Final = (("message", str), ("name?", str), ("stack?", str), ("file?", str), ("line?", NUMBER), ("column?", NUMBER))
NEEDED: Final[dict[str, tuple[tuple[str, Any], ...]]] = {
    "tab": (("n", int),),
    "open": (("url?", str),),
    "advance": (("ms", NUMBER),),
    "jump": (("ms", NUMBER),),
    "random": (("value", NUMBER),),
    "set_storage": (("key", str), ("value", str)),
    "clear_storage": (),
    "store": (),
    "init": (("config", dict),),
    "emit": (("entries", list),),
    "visibility": (("state", str),),
    "setConfig": (("key", str), ("value", object)),
    "scroll": (),
    **dict.fromkeys(("custom", "exception", "view_api", "resource_api"), (("payload", dict),)),
    **dict.fromkeys(("click", "click_untrusted"), (("selector", str),)),
    **dict.fromkeys(("error", "rejection", "console_error"), MESSAGE),
    "fetch": (("url", str), ("init?", dict)),
    "xhr": (("url", str), ("method?", str)),
    **dict.fromkeys(("pushState", "replaceState", "popstate"), (("url", str),)),
}
"""The members of each operation, with their types; those with a question mark may be missing or null."""
ERRORS: Final = ("Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError")
"""What can be thrown by name (ECMAScript, native error types)."""
FURTHEST: Final = 8_640_000_000_000_000  # ECMAScript: dates are less ms than that away from 1970
OPTIONS: Final = (("method?", str), ("mode?", str))
WORDS: Final = {int: "a whole number", NUMBER: "a number", str: "a string", dict: "an object", list: "a list", object: "any value"}


def check(step: Any) -> None:  # noqa: ANN401
    """Raise DataError for a step that is none."""
    if not isinstance(step, dict) or not isinstance(step.get("op"), str):
        raise DataError(f"found {step!r:.80}; expected an object with op")
    name = step["op"]
    if name not in NEEDED:
        raise DataError(f"found operation {name!r:.80}; expected one of {', '.join(NEEDED)}")
    _members(f"operation {name!r}", step, NEEDED[name])
    if name == "fetch":
        _members("operation 'fetch': init", step.get("init") or {}, OPTIONS)
    if name in ("advance", "jump") and not (abs(step["ms"]) <= FURTHEST and float(step["ms"]).is_integer()):
        raise DataError(f"operation {name!r}: found ms = {step['ms']!r}; expected a whole number, at most {FURTHEST}")
    if name in ("error", "rejection") and (step.get("name") or ERRORS[0]) not in ERRORS:
        raise DataError(f"operation {name!r}: found name = {step['name']!r:.80}; expected one of {', '.join(ERRORS)}")
    for place in ("line", "column"):
        found = step.get(place) or 0
        if name == "error" and not (0 <= found < 1 << 32 and float(found).is_integer()):
            raise DataError(f"operation 'error': found {place} = {found!r}; expected a whole number from 0 on")
    if "payload" in step and "session_id" in step["payload"]:
        raise DataError(f"operation {name!r}: found session_id in the payload; expected none: no page knows it")
    if name == "random":
        check_random("operation 'random': value", step["value"])


def check_random(where: str, value: float) -> None:
    """Raise DataError for what Math.random never gives."""
    if not 0 <= value < 1:
        raise DataError(f"{where}: found {value!r}; expected a number from 0 to below 1")


def _members(where: str, given: dict[str, Any], members: tuple[tuple[str, Any], ...]) -> None:
    for member, kind in members:
        name = member.removesuffix("?")
        found = given.get(name)
        if (name == member and name not in given) or (not (found is None and name != member) and not is_of(found, kind)):
            raise DataError(f"{where}: found {name} = {found!r:.80}; expected {WORDS[kind]}")


def is_of(value: object, kind: Any) -> bool:  # noqa: ANN401
    """Tell whether a value is of a type; true and false are no numbers."""
    return isinstance(value, kind) and (kind is object or not isinstance(value, bool))
