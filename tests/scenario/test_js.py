"""Values as JavaScript has them. The expectations are what Node prints."""

import math

import pytest

from simulator.errors import DataError
from simulator.scenario.js import (
    cut,
    head,
    is_number,
    leading_integer,
    length,
    members,
    normal,
    parse_json,
    pattern,
    round_half_up,
    text_of,
    to_json,
    to_number,
    to_text,
    truthy,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e21, "1e+21"),  # from here on with an exponent
        (123456789012345680000.0, "123456789012345680000"),  # below: plain, filled with zeros
        (9007199254740993, "9007199254740992"),  # no such number
        (1e-6, "0.000001"),  # plain down to here
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (0.00001234, "0.00001234"),
        (2.0, "2"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers_as_text(value: float, text: str) -> None:
    """Numbers are printed as Number::toString does."""
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [(16.98765, 16.987), (0.0004, 0), (-1.5, None), (0, 0), (1.5e-7, 1.5), (160.9999, 160.999), (5, 5)],
)
def test_cut(value: float, expected: float | None) -> None:
    """Decimals are cut off the text, an exponent's too; what is negative is none."""
    assert cut(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0),
        (True, 1),
        ("", 0),
        (" 5 ", 5),
        ("0x10", 16),
        ("1e3", 1000),
        ("5 ms", math.nan),
        ([], 0),
        ([700], 700),
        ([1, 2], math.nan),
        ([[5]], 5),
        ([None], 0),
        ("\ufeff700", 700),  # white space
        ("\x1c700", math.nan),  # none
        ({}, math.nan),
    ],
)
def test_numbers_of_anything(value: object, expected: float) -> None:
    """Anything can be a number, or none."""
    assert to_number(value) == expected or (math.isnan(expected) and math.isnan(to_number(value)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12abc", 12), (" 7", 7), ("+7", 7), ("0x1f", 31), ("1e3", 1), ("x", 0), ("", 0), ("٣", 0), ("\ufeff7", 7), ("9007199254740993", 1 << 53)],
)
def test_leading_integers(text: str, expected: int) -> None:
    """An integer is read as far as it goes, in ASCII digits."""
    assert leading_integer(text) == expected


def test_strings_are_counted_in_halves() -> None:
    """A character beyond the basic plane counts twice, and can be cut in two; a half is escaped."""
    assert length("a😀") == 3
    assert to_json(head("a😀", 2)) == '"a\\ud83d"'
    assert to_json("é日\n") == '"é日\\n"'


def test_truth_and_numbers() -> None:
    """Empty objects are true, and neither truth nor a NaN is a number."""
    assert [truthy(value) for value in ({}, [], "", 0, None, "0")] == [True, True, False, False, False, True]
    assert [is_number(value) for value in (True, math.nan, "1", 1, 1.5)] == [False, False, False, True, True]
    assert [round_half_up(value) for value in (0.5, 1.5, -0.5, 2.4)] == [1, 2, 0, 2]
    assert normal({"a": [2.0, 2.5], "b": 9007199254740993}) == {"a": [2, 2.5], "b": 1 << 53}


def test_members_have_an_order() -> None:
    """Indexes come first, by size; a list has members too."""
    assert list(normal({"b": 1, "10": 2, "9": 3, "01": 4, "4294967295": 5})) == ["9", "10", "b", "01", "4294967295"]
    assert members(["a", 5]) == {"0": "a", "1": 5}
    assert members("ab") == {}


def test_anything_as_text() -> None:
    """Lists are joined, null is empty in them, objects say that they are some."""
    assert [to_text(value) for value in ([1, [2, None]], {}, None, True, 1e21)] == ["1,2,", "[object Object]", "null", "true", "1e+21"]


@pytest.mark.parametrize("text", ["NaN", '{"a": Infinity}', "[-Infinity]", "\ufeff1", "{", "01"])
def test_no_json(text: str) -> None:
    """What JSON.parse refuses is refused."""
    with pytest.raises(ValueError):
        parse_json(text)


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("a$", "a\n", False),  # the very end
        ("a.b", "a\u2028b", False),  # no end of a line
        ("a.b", "a\rb", False),
        (r"^\d$", "٣", False),
        (r"\w", "é", False),
        (r"^\s$", "\ufeff", True),
        (r"^\s$", "\x1c", False),
        (r"^[\s.$]+$", "\u00a0.$", True),
        (r"^\S$", "\x1c", True),
        (r"^https?:\/\/", "http://h", True),
        ("(?<name>b)c", "abc", True),
        (r"\Z", "Z", True),  # no meaning of its own
    ],
)
def test_patterns(source: str, text: str, found: bool) -> None:
    """A regular expression means what it does in JavaScript."""
    assert bool(pattern(source).search(text)) == found


@pytest.mark.parametrize("source", ["(", "[a", "(?i)x", "[]", r"\u0041", r"(a)\1", "a**"])
def test_no_patterns(source: str) -> None:
    """What is none, or would mean something else, is refused."""
    with pytest.raises(DataError, match="found the regular expression"):
        pattern(source)
