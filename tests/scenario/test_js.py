"""Values as JavaScript has them. The expectations are what Node prints."""

import math

import pytest

from simulator.scenario.js import cut, head, is_number, leading_integer, length, normal, round_half_up, text_of, to_json, to_number, truthy


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
        ({}, math.nan),
    ],
)
def test_numbers_of_anything(value: object, expected: float) -> None:
    """Anything can be a number, or none."""
    assert to_number(value) == expected or (math.isnan(expected) and math.isnan(to_number(value)))


@pytest.mark.parametrize(("text", "expected"), [("12abc", 12), (" 7", 7), ("+7", 7), ("0x1f", 31), ("1e3", 1), ("x", 0), ("", 0), ("٣", 0)])
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
    assert normal({"a": [2.0, 2.5]}) == {"a": [2, 2.5]}
