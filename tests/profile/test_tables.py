"""A law's table may stand in a file: read with the profile, part of its digest, and carried with its text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.errors import ProfileError
from simulator.profile.laws import MOST, Quantiles, quantile
from simulator.profile.loader import digest, load, parse, read
from simulator.profile.types import Profile

STAY = 'stay = { law = "constant", value = 2000 }'
SHARES = "share,value\n0,100\n0.2,500\n1,4500\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, small: str) -> Write:
    """Give what writes the small profile, with the pauses of its home page in a file, and that file."""

    def both(table: str | bytes, name: str = "pauses.csv") -> Path:
        path = tmp_path / "small.toml"
        path.write_text(small.replace(STAY, f'stay = {{ law = "quantiles", file = "{name}" }}', 1), "utf-8")
        (tmp_path / name).write_bytes(table if isinstance(table, bytes) else table.encode())
        return path

    return both


def stay(profile: Profile) -> Quantiles:
    """Give the law whose table stood in the file."""
    law = profile.pages["home"].stay
    assert isinstance(law, Quantiles)
    return law


@pytest.mark.parametrize(
    "table", ["value\n100\n500\n4500\n", "value\r\n100\r\n500\r\n4500\r\n", "\ufeffvalue\n1e2\n500.0\n\n4500", " value \n 100\n500 \n4500\n"]
)
def test_a_column_of_values(write: Write, table: str) -> None:
    """One column holds the values at equal steps, as they would stand in the profile."""
    assert stay(load(write(table))) == Quantiles(values=(100, 500, 4500))


def test_shares_and_values(write: Write) -> None:
    """Two columns hold values at any shares; between them the law is linear."""
    law = stay(load(write(SHARES)))
    assert len(law.values) == MOST
    assert [quantile(law, u) for u in (0.1, 0.2, 0.6, 0.999999)] == pytest.approx([300, 500, 2500, 4500], abs=0.1)


def test_more_values_than_a_law_has(write: Write) -> None:
    """Of a longer column the law has values at equal steps."""
    law = stay(load(write("value\n" + "\n".join(str(i * 10) for i in range(5_001)))))
    assert law.values == tuple(i * 50 for i in range(MOST))


def test_the_text_that_travels_needs_no_file(write: Write) -> None:
    """What is read has the table in it: it is the same profile without the file, wherever it is read again."""
    path = write(SHARES)
    was, text = load(path), read(path)
    (path.parent / "pauses.csv").unlink()
    assert parse(text, "elsewhere") == was
    assert digest(parse(text, "elsewhere")) == digest(was)
    elsewhere = path.parent / "elsewhere" / "profile.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(text, "utf-8")
    assert read(elsewhere) == text
    assert load(elsewhere) == was


def test_the_digest_depends_on_the_file(write: Write) -> None:
    """The same text with another table is another profile, and with the same table the same."""
    found = [digest(load(write(table))) for table in (SHARES, SHARES.replace("4500", "4501"), SHARES)]
    assert found[0] == found[2] != found[1]


def test_a_table_is_shared_by_its_name(write: Write) -> None:
    """Laws that name one file have one table; a file of another folder is found by its path."""
    path = write(SHARES)
    text = path.read_text("utf-8").replace('think = { law = "exponential", mean = 3000 }', 'think = { law = "quantiles", file = "pauses.csv" }')
    path.write_text(text, "utf-8")
    assert load(path).pages["home"].think == stay(load(path))
    assert read(path).count('[tables."pauses.csv"]') == 1
    (path.parent / "in").mkdir()
    inner = path.parent / "in" / "small.toml"
    inner.write_text(text.replace('"pauses.csv"', '"../pauses.csv"'), "utf-8")
    assert stay(load(inner)) == stay(load(path))


# Files that are no table: what is in them, what the line says.
UNFIT = {
    "nothing": ("", "found the columns ''"),
    "other columns": ("a,b\n1,2\n3,4\n", "found the columns 'a, b' in its first line; expected 'value', or 'share, value'"),
    "no names": ("1\n2\n3\n", "found the columns '1' in its first line; expected 'value'"),
    "columns the other way": ("value,share\n1,0\n2,1\n", "found the columns 'value, share'"),
    "one row": ("value\n1\n", "found 1 rows; expected at least 2"),
    "a word": ("value\n1\nx\n", "row 2: found the value 'x'; expected a number from 0 to 2e+09"),
    "no number": ("value\n1\nnan\n", "row 2: found the value 'nan'"),
    "a negative number": ("value\n-1\n2\n", "row 1: found the value '-1'"),
    "more than any value": ("value\n1\n2000000001\n", "row 2: found the value '2000000001'"),
    "a row too short": ("share,value\n0,1\n1\n", "row 2: found 1 columns; expected 2"),
    "values that fall": ("value\n1\n3\n2\n", "row 3: found the value 2 after 3; expected none below the one before it"),
    "shares that stay": ("share,value\n0,1\n0.5,2\n0.5,3\n1,4\n", "row 3: found the share 0.5 after 0.5; expected shares that rise"),
    "shares in percent": ("share,value\n0,1\n50,2\n100,3\n", "row 2: found the share '50'; expected a number from 0 to 1"),
    "shares that begin late": ("share,value\n0.1,1\n1,2\n", "found shares from 0.1 to 1; expected from 0 to 1"),
    "an image": (b"\x89PNG\r\n", "not a text file: byte 0 is not UTF-8"),
}


@pytest.mark.parametrize("what", UNFIT)
def test_a_file_that_is_no_table(write: Write, what: str) -> None:
    """It is one line that names the profile, the place in it, the file, and what is wrong in there."""
    table, says = UNFIT[what]
    path = write(table)
    with pytest.raises(ProfileError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: at `pages.home.stay.file`: {path.parent / 'pauses.csv'}: {says}")
    assert "\n" not in str(caught.value)


def test_no_file_and_a_folder(write: Write) -> None:
    """A file that is not there and a folder in its place are one line, too."""
    path = write(SHARES)
    (path.parent / "pauses.csv").unlink()
    with pytest.raises(ProfileError, match=r"at `pages.home.stay.file`: .*pauses.csv: no such file; expected a CSV file"):
        load(path)
    (path.parent / "pauses.csv").mkdir()
    with pytest.raises(ProfileError, match=r"at `pages.home.stay.file`: .*pauses.csv: is a folder; expected a CSV file"):
        load(path)
