"""The elements of a scripted document (tests/conformance/real/page.html), and what the SDK says of a click on one (FACTS 4, action / click)."""

import re
from typing import Any, Final, NamedTuple

from simulator.errors import DataError
from simulator.scenario.js import to_json

CONTROLS: Final = ("button", "a", "input", "select", "option", "textarea")  # FACTS 5, click
LONGEST_TEXT: Final = 20  # FACTS 4
_VALUE: Final = r"\"[^\"]*\"|'[^']*'|[\w-]+"
_PART: Final = re.compile(rf"#(?P<id>[\w-]+)|\.(?P<word>[\w-]+)|\[(?P<key>[\w-]+)(?:=(?P<value>{_VALUE}))?\]")
_SIMPLE: Final = re.compile(rf"(?P<tag>\*|[A-Za-z][A-Za-z0-9]*)?(?P<parts>(?:[#.][\w-]+|\[[\w-]+(?:=(?:{_VALUE}))?\])*)")


class Element(NamedTuple):
    """An element. `text`: of it and of all in it; `parent`: its place in ELEMENTS."""

    tag: str
    parent: int
    attributes: dict[str, str]
    text: str = ""


ELEMENTS: Final = (
    Element("html", -1, {}),
    Element("head", 0, {}),
    Element("title", 1, {}),
    Element("link", 1, {"rel": "icon", "href": "data:,"}),
    Element("body", 0, {}),
    Element("h1", 4, {"id": "h"}),
    Element("button", 4, {"id": "b1", "name": "buy"}, "Buy now"),
    Element("button", 4, {"class": "c2"}, "Second"),
    Element("div", 4, {"id": "plain"}),
    Element("a", 4, {"id": "lnk", "href": "#frag"}, "link"),
    Element("button", 4, {"id": "b3", "class": "wide", "type": "button"}, "A button with a rather long label"),
    Element("span", 10, {"class": "in"}, "A button with a rather long label"),
    Element("input", 4, {"id": "i1", "type": "checkbox", "name": "agree"}),
    Element("textarea", 4, {"class": "t1"}, "words"),
    Element("select", 4, {"id": "s1"}, "one"),
    Element("option", 14, {}, "one"),
)
"""In the order of the document."""


def find(selector: str) -> int:
    """Find the first element that a selector fits, as querySelector does; raise DataError."""
    wanted = [_simple(part, selector) for part in selector.split()]
    found = next((i for i in range(len(ELEMENTS)) if wanted and _fits(i, wanted)), None)
    if found is None:
        raise DataError(f"found selector = {selector!r:.80}; expected that of an element of the document, such as #b1, .c2, button or #s1 option")
    return found


def control(i: int) -> int | None:
    """Find the control that an element is, or is in."""
    while i > 0:
        if ELEMENTS[i].tag in CONTROLS:
            return i
        i = ELEMENTS[i].parent
    return None


def told(i: int, target: int) -> dict[str, Any]:
    """Say what the SDK says of a click on a control, or on a target in it."""
    element = ELEMENTS[i]
    known, text = element.attributes, element.text
    kind = known["type"] + "-" if "type" in known else ""
    label = f": {text[:LONGEST_TEXT] + '...' if len(text) > LONGEST_TEXT else text}" if text else ""
    shown = {name: known[key] for name, key in (("id", "id"), ("name", "name"), ("className", "class")) if key in known}
    snapshots = {"snapshots": to_json(shown)} if shown else {}
    return {"type": "click", "name": f"click on {kind}{element.tag}{label}", "target_name": _path(target), **snapshots}


def _path(i: int) -> str:
    """Write an element's path: its id, or the tags above it, numbered where there are several."""
    element = ELEMENTS[i]
    if "id" in element.attributes:
        return f'//*[@id="{element.attributes["id"]}"]'
    steps = []
    while i >= 0:
        tag, parent = ELEMENTS[i].tag, ELEMENTS[i].parent
        alike = [j for j, other in enumerate(ELEMENTS) if other.tag == tag and other.parent == parent]
        steps.append(f"{tag}[{alike.index(i) + 1}]" if len(alike) > 1 else tag)
        i = parent
    return "/" + "/".join(reversed(steps))


def _simple(text: str, selector: str) -> tuple[str, list[dict[str, str | None]]]:
    """Read a selector without combinators: its tag, and what else it wants."""
    found = _SIMPLE.fullmatch(text)
    if not found:
        raise DataError(f"found selector = {selector!r:.80}; expected tags, ids, classes and attributes, one in the other")
    return (found["tag"] or "*").lower(), [part.groupdict() for part in _PART.finditer(found["parts"])]


def _fits(i: int, wanted: list[tuple[str, list[dict[str, str | None]]]]) -> bool:
    """Tell whether an element is the last of what is wanted, in elements that are the others."""
    *outer, (tag, parts) = wanted
    element = ELEMENTS[i]
    if tag not in ("*", element.tag) or not all(_has(element.attributes, part) for part in parts):
        return False
    while outer:
        i = ELEMENTS[i].parent
        if i < 0:
            return False
        if _fits(i, outer):
            return True
    return True


def _has(known: dict[str, str], part: dict[str, str | None]) -> bool:
    if part["id"] is not None:
        return known.get("id") == part["id"]
    if part["word"] is not None:
        return part["word"] in known.get("class", "").split()
    value = part["value"]
    return part["key"] in known and (value is None or value.strip("\"'") == known[part["key"]])
