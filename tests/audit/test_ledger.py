"""The ledger's files keep every row, and refuse what they do not understand."""

import json
from pathlib import Path

import numpy as np
import pytest

from simulator.audit.ledger import Rows, Writer, read
from simulator.errors import DataError
from simulator.schema.ledger import EVENT_ROW, NO_PAYLOAD, ROWS
from simulator.schema.words import EVENT_TYPES, FATES, OUTCOMES, PLATFORMS, SENT

FOREIGN_HEAD = {"format": 1, "rows": "spans", "row_bytes": 8, "fields": [["span", "<u8"]]}


def rows(kind: str, n: int, payload: int = 0) -> Rows:
    """Give n rows with different values in every field that is no word."""
    made = np.zeros(n, ROWS[kind])
    for column, name in enumerate(made.dtype.names or ()):
        if made.dtype[name].itemsize > 1:
            made[name] = np.arange(n) + column
    if "payload" in (made.dtype.names or ()):
        made["payload"] = np.arange(n) + payload
    return made


def write(folder: Path, cohort: int, n: int = 3) -> None:
    """Write n rows of each kind."""
    with Writer(folder, cohort) as writer:
        for kind in ROWS:
            getattr(writer, kind)(rows(kind, n))


@pytest.mark.parametrize("kind", ROWS)
def test_rows_come_back_as_they_were_written(tmp_path: Path, kind: str) -> None:
    """Rows written in several pieces, some of them empty, come back in order and unchanged."""
    written = rows(kind, 100)
    with Writer(tmp_path / "a" / "ledger", 0) as writer:
        for piece in (written[:1], written[1:1], written[1:70], written[70:]):
            getattr(writer, kind)(piece)
    back = getattr(read(tmp_path / "a" / "ledger"), kind)
    assert back.size == 100
    for name in written.dtype.names or ():
        assert (back[name] == written[name]).all()


def test_rows_are_on_disk_before_the_call_returns(tmp_path: Path) -> None:
    """A reader sees rows that were written while the writer is still open, with nothing flushed or closed."""
    writer = Writer(tmp_path, 0)
    writer.events(rows("events", 5))
    assert read(tmp_path).events.size == 5
    writer.events(rows("events", 2))
    assert read(tmp_path).events.size == 7
    writer.close()
    writer.close()


def test_the_first_line_says_what_the_rows_are(tmp_path: Path) -> None:
    """The first line is JSON with format, kind, size and fields, enough to read the file without this program."""
    write(tmp_path, 42, n=4)
    with (tmp_path / "events-00042.bin").open("rb") as file:
        head = json.loads(file.readline())
        packed = file.read()
    assert head["format"] == 1
    assert head["rows"] == "events"
    assert head["row_bytes"] == EVENT_ROW.itemsize
    assert len(packed) == 4 * head["row_bytes"]
    again = np.frombuffer(packed, np.dtype([tuple(field) for field in head["fields"]]))
    assert (again == rows("events", 4)).all()


def test_payload_numbers_of_cohorts_do_not_collide(tmp_path: Path) -> None:
    """Both cohorts have payloads 0, 1, 2; merged they are six, and an event without a payload stays without."""
    for cohort in (0, 3):
        with Writer(tmp_path, cohort) as writer:
            events = rows("events", 4)
            events["payload"][3] = NO_PAYLOAD
            writer.events(events)
            writer.payloads(rows("payloads", 3))
            writer.outcomes(rows("outcomes", 3))
    ledger = read(tmp_path)
    keys = [0, 1, 2, 3 << 32, 3 << 32 | 1, 3 << 32 | 2]
    assert ledger.payloads["payload"].tolist() == keys
    assert ledger.outcomes["payload"].tolist() == keys
    assert ledger.events["payload"].tolist() == [*keys[:3], NO_PAYLOAD, *keys[3:], NO_PAYLOAD]
    assert ledger.cohorts == 2
    assert ledger.torn == 0


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize("cut", [1, -1], ids=["one byte of it there", "one byte missing"])
def test_a_torn_last_row_is_left_out_and_counted(tmp_path: Path, kind: str, cut: int) -> None:
    """A process killed while it wrote a row leaves the rows before it readable."""
    write(tmp_path, 0, n=3)
    path = tmp_path / f"{kind}-00000.bin"
    data, size = path.read_bytes(), ROWS[kind].itemsize
    path.write_bytes(data[: len(data) - size + (cut % size)])
    ledger = read(tmp_path)
    assert getattr(ledger, kind).size == 2
    assert ledger.torn == 1


@pytest.mark.parametrize("length", [0, 1, 30], ids=["nothing", "one byte", "half a line"])
def test_a_torn_first_line_is_a_file_without_rows(tmp_path: Path, length: int) -> None:
    """A process killed while it made its files leaves the other cohorts readable."""
    write(tmp_path, 0)
    Writer(tmp_path, 1).close()
    path = tmp_path / "outcomes-00001.bin"
    path.write_bytes(path.read_bytes()[:length])
    ledger = read(tmp_path)
    assert ledger.outcomes.size == 3
    assert ledger.torn == 1


def test_a_process_killed_between_two_files_leaves_a_readable_ledger(tmp_path: Path) -> None:
    """A cohort of which some files were never made, and that has no row, is empty."""
    write(tmp_path, 0)
    Writer(tmp_path, 1).close()
    (tmp_path / "outcomes-00001.bin").unlink()
    assert read(tmp_path).cohorts == 2


def head(**changed: object) -> bytes:
    """Give the first line of an events file with some keys changed."""
    fields = [[name, EVENT_ROW[name].str] for name in EVENT_ROW.names or ()]
    return json.dumps({"format": 1, "rows": "events", "row_bytes": EVENT_ROW.itemsize, "fields": fields} | changed).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (head(format=2), "format 2, this rumsim reads format 1"),  # newer
        (head(format=2, rows="spans", more=1), "format 2, this rumsim reads format 1"),  # newer, and quite different
        (head(rows="outcomes"), "another kind"),  # under another one's name
        (head(row_bytes=40), "another kind"),  # rows of another size
        (head(fields=[["event", "<u8"]]), "another kind"),  # other fields
        (head(format="1"), "not a ledger"),  # format is no number
        (json.dumps(FOREIGN_HEAD).encode() + b"\n", "another kind"),  # somebody else's file in this style
        (b"PAR1" + bytes(100), "not a ledger"),  # some other file
        (b"\n" + bytes(100), "not a ledger"),  # nothing on the first line
        (b"[]\n", "not a ledger"),  # JSON, but no object
        (bytes(100_000), "not a ledger"),  # no line at all
        (b'{"format": 1, "ro', "not a ledger"),  # torn like one of ours, but not ours
    ],
)
def test_foreign_and_newer_files_are_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    """A file that is not ours, or is of a newer version, is named in one line with what was found."""
    write(tmp_path, 0)
    path = tmp_path / "events-00000.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read(tmp_path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "column", "number"),
    [
        ("sessions", "platform", len(PLATFORMS)),
        ("events", "type", len(EVENT_TYPES)),
        ("events", "fate", len(FATES)),
        ("outcomes", "outcome", len(OUTCOMES)),
        ("outcomes", "outcome", 255),
    ],
)
def test_a_number_that_is_no_word_is_damage(tmp_path: Path, kind: str, column: str, number: int) -> None:
    """A platform, type, fate or outcome that does not exist is refused, not counted under some other name."""
    bad = rows(kind, 2)
    bad[column][1] = number
    with Writer(tmp_path, 0) as writer:
        getattr(writer, kind)(bad)
    with pytest.raises(DataError, match=f"damaged: {column} {number}"):
        read(tmp_path)


def test_no_ledger_is_said_in_one_line(tmp_path: Path) -> None:
    """A folder that is not there, and one without files, are told apart."""
    with pytest.raises(DataError, match="no ledger there"):
        read(tmp_path / "ledger")
    with pytest.raises(DataError, match="the ledger is empty"):
        read(tmp_path)


def test_unknown_kinds_of_rows_are_refused(tmp_path: Path) -> None:
    """A binary file with another name may hold what the audit ought to know: it is not passed over."""
    write(tmp_path, 0)
    (tmp_path / "spans-00000.bin").touch()
    with pytest.raises(DataError, match=r"spans-00000\.bin: not a file of this ledger"):
        read(tmp_path)


def test_a_missing_file_is_not_taken_for_an_empty_one(tmp_path: Path) -> None:
    """Without its outcomes a cohort would have sent nothing and lost nothing."""
    write(tmp_path, 5)
    (tmp_path / "outcomes-00005.bin").unlink()
    with pytest.raises(DataError, match=r"no outcomes-00005\.bin"):
        read(tmp_path)


def test_an_earlier_runs_ledger_is_not_continued(tmp_path: Path) -> None:
    """Two runs in one folder would mix their payload numbers; the second is refused and the first stays as it is."""
    write(tmp_path, 0)
    with pytest.raises(DataError, match="an earlier run"):
        Writer(tmp_path, 0)
    assert read(tmp_path).events.size == 3


def test_rows_of_another_kind_are_a_bug_of_the_caller(tmp_path: Path) -> None:
    """Rows of another dtype never reach the file."""
    with Writer(tmp_path, 0) as writer, pytest.raises(TypeError, match="ledger events"):
        writer.events(rows("payloads", 1))
    assert read(tmp_path).events.size == 0


def test_a_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    """When the system takes no more bytes the run stops with the path and the reason, instead of going on without a ledger."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    writer = Writer(tmp_path, 0)
    with full.open("wb", buffering=0) as device:
        writer._files["events"] = (device.fileno(), tmp_path / "events-00000.bin")
        with pytest.raises(DataError, match=r"events-00000\.bin: cannot be written \(No space left"):
            writer.events(rows("events", 1))
        del writer._files["events"]
    writer.close()


def test_words_survive(tmp_path: Path) -> None:
    """One-byte fields come back too."""
    some = rows("events", 3)
    some["fate"] = SENT
    some["type"] = [0, 4, 2]
    with Writer(tmp_path, 0) as writer:
        writer.events(some)
    back = read(tmp_path).events
    assert back["fate"].tolist() == [SENT] * 3
    assert back["type"].tolist() == [0, 4, 2]
