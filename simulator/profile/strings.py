"""The intern table: every string that a run can report, once, known by its index. Journey and SDK handle indices only; wire prints them."""

from typing import Final

NUMBER: Final = "{id}"
"""Stands in a string for a number that a slot of its own holds."""


class Strings:
    """Strings in the order in which they were first seen; index 0 is the empty string."""

    __slots__ = ("_index", "texts")

    def __init__(self) -> None:
        """Begin with the empty string alone."""
        self.texts: list[str] = [""]
        self._index: dict[str, int] = {"": 0}

    def id(self, text: str) -> int:
        """Give the index of `text`, adding it if it is new."""
        found = self._index.setdefault(text, len(self.texts))
        if found == len(self.texts):
            self.texts.append(text)
        return found
