"""What command lines share: a profile by file or by a starter's name, and a start as a time or `now`."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.errors import ProfileError
from simulator.profile import starters
from simulator.profile.loader import EARLIEST_MS, LATEST_MS, SPAN
from simulator.profile.start import iso, parse_start, profile_text


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("now", 42),  # the clock's time
        ("2026-01-05T00:00:00Z", 1_767_571_200_000),
        ("2026-01-05", 1_767_571_200_000),  # a date is its midnight, UTC
        ("2026-01-05T00:00:00", 1_767_571_200_000),  # without a zone: UTC
        ("2026-01-05T08:00:00+08:00", 1_767_571_200_000),  # another zone
        ("2026-01-05T00:00:00.123Z", 1_767_571_200_123),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_a_start(text: str, ms: int) -> None:
    """A start is `now` or an ISO time, UTC unless it says otherwise."""
    assert parse_start(text, "--start", 42) == ms


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "25:00", "NOW", "1767571200000"])
def test_no_start(text: str) -> None:
    """Anything else is one line that names the option, what was found and what is expected."""
    with pytest.raises(ProfileError) as caught:
        parse_start(text, "--rum-start", 0)
    message = str(caught.value)
    assert message.startswith(f"--rum-start: found {text!r}; expected now, or a time")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+10:00", "1969-12-31T23:59:59.999Z", "2200-01-01T00:00:00.001Z", "9999-12-31T23:59:59-12:00"])
def test_a_start_that_no_time_stamp_can_have(text: str) -> None:
    """A time before 1970 or after 2200 is one line that says what is possible."""
    with pytest.raises(ProfileError) as caught:
        parse_start(text, "--start", 0)
    assert str(caught.value) == f"--start: found {text!r}; expected a time from 1970-01-01T00:00:00Z to 2200-01-01T00:00:00Z"


def test_the_first_and_the_last_start() -> None:
    """The bounds themselves are times, and can be written."""
    assert [parse_start(text, "--start", 1) for text in SPAN.split(" to ")] == [EARLIEST_MS, LATEST_MS]
    assert [iso(ms) for ms in (EARLIEST_MS, LATEST_MS)] == [text.replace("Z", ".000Z") for text in SPAN.split(" to ")]


@given(st.integers(0, 4_102_444_800_000))
def test_a_time_is_written_and_read(ms: int) -> None:
    """A time in ms is written as ISO 8601 in UTC and read back as the same."""
    assert iso(ms).endswith("Z")
    assert parse_start(iso(ms), "--start", 0) == ms


def test_a_starter_by_name_and_a_file_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A starter's name gives its text, unless a file of that name lies there."""
    monkeypatch.chdir(tmp_path)
    assert profile_text("shop") == starters.read("shop")
    Path("shop").write_text("mine = 1", "utf-8")
    assert profile_text("shop") == "mine = 1"
    with pytest.raises(ProfileError, match="no such file"):
        profile_text("shoes")
