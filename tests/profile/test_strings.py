"""The intern table gives each string one number."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.profile.strings import Strings


@given(st.lists(st.text(max_size=3), max_size=20))
def test_equal_strings_have_equal_numbers(texts: list[str]) -> None:
    """Two strings are equal exactly if their numbers are, the empty one is 0, and the table gives each back."""
    strings = Strings()
    numbers = [strings.id(text) for text in texts]
    assert strings.id("") == 0
    assert [strings.texts[number] for number in numbers] == texts
    assert len(strings.texts) == len({*texts, ""})
    assert [strings.id(text) for text in texts] == numbers
