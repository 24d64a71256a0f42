"""The document of scripted pages: its elements are those of the page that the real SDK runs in; what selectors find."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from simulator.errors import DataError
from simulator.scenario.elements import ELEMENTS, find

PAGE = Path(__file__).parents[1] / "conformance" / "real" / "page.html"
EMPTY = ("link", "input")


class Tags(HTMLParser):
    """The elements of a page, in the form of ELEMENTS without their texts."""

    def __init__(self) -> None:
        """Begin outside."""
        super().__init__()
        self.found: list[tuple[str, int, dict[str, str | None]]] = []
        self.open = [-1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element, and go into it."""
        self.found.append((tag, self.open[-1], dict(attrs)))
        if tag not in EMPTY:
            self.open.append(len(self.found) - 1)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        self.open.pop()


def test_they_are_those_of_the_page() -> None:
    """Tags, nesting and attributes are those of the page, in its order."""
    page = Tags()
    page.feed(PAGE.read_text(encoding="utf-8"))
    assert page.found == [(e.tag, e.parent, e.attributes) for e in ELEMENTS]


@pytest.mark.parametrize(
    ("selector", "tag", "name"),
    [
        ("#b1", "button", "b1"),
        ("button", "button", "b1"),  # the first
        ("BUTTON.wide", "button", "b3"),
        ("#s1 option", "option", None),
        ("body .in", "span", None),
        ('[type="checkbox"]', "input", "i1"),
        ("[name=buy]", "button", "b1"),
        ("*", "html", None),
    ],
)
def test_selectors(selector: str, tag: str, name: str | None) -> None:
    """A selector finds the first element that fits."""
    found = ELEMENTS[find(selector)]
    assert (found.tag, found.attributes.get("id")) == (tag, name)


@pytest.mark.parametrize("selector", ["", "#none", ":::", "body > h1", "h1 button", "[name=", "option #s1"])
def test_no_element(selector: str) -> None:
    """A selector that finds none, or is none, is refused."""
    with pytest.raises(DataError, match="found selector"):
        find(selector)
