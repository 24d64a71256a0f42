"""The store: append-only segments, and a memory of ids that survives the process."""

import errno
import json
import os
from pathlib import Path

import msgspec
import pytest
from xxhash import xxh3_64_intdigest

from simulator.collector import store as store_module
from simulator.collector.store import Lines, Row, Store, event_key, event_keys, segments, torn_bytes
from simulator.errors import DataError, ProfileError

HEX = "e905d0967e554755a7929f5ce6d82693"


def row(*numbers: int) -> Row:
    """Build a line of events."""
    events = [msgspec.Raw(json.dumps({"timestamp": 1, "event_id": f"00-{HEX}-{number:016x}", "event_type": "view"}).encode()) for number in numbers]
    return Row(5, "/rum", {"session": msgspec.Raw(b'{"id":"s"}')}, events)


@pytest.mark.parametrize(
    ("event_id", "key"),
    [
        (f"00-{HEX}-5f966c304d77f6ca", 0x5F966C304D77F6CA),  # our form
        (f"00-{HEX}-ffffffffffffffff", 0xFFFFFFFFFFFFFFFF),  # its end
        ("x-0000000000000001", 1),  # any id that ends so
        (HEX, None),  # no dash before
        ("f47ac10b-58cc-4372-a567-0e02b2c3d479", None),  # a dash within
        ("00-5f966c304d77f6cz-5f966c304d77f6cz", None),  # not hex
        ("-5f96 6c30 4d77f6", None),  # what bytes.fromhex would take
        ("-0x966c304d77f6ca", None),  # what int() would take
        ("é", None),
        ("1", None),
    ],
)
def test_an_event_s_key(event_id: str, key: int | None) -> None:
    """The key is the last 16 hex digits of an id of our form, else a hash of the id; one by one and many at once."""
    expected = xxh3_64_intdigest(event_id.encode()) if key is None else key
    assert event_key(event_id) == expected
    assert event_keys([event_id, f"00-{HEX}-0000000000000009"]) == [expected, 9]


def test_an_event_is_fresh_once(tmp_path: Path) -> None:
    """Events are fresh until stored, and of equal ones in a payload only the first is."""
    store = Store(tmp_path)
    assert store.fresh([7, 8, 7]) == [0, 1]
    store.append([row(7)], [7])
    assert store.fresh([7, 8, 9]) == [1, 2]
    store.close()


def test_a_new_process_knows_what_an_earlier_one_stored(tmp_path: Path) -> None:
    """A store on the same folder begins a new segment, leaves the old one as it is, and knows its events."""
    first = Store(tmp_path)
    first.append([row(1, 2)], [1, 2])
    first.close()
    before = segments(tmp_path)[0].read_bytes()
    second = Store(tmp_path)
    assert second.known == {1, 2}
    second.append([row(3)], [3])
    second.close()
    assert [path.name for path in segments(tmp_path)] == ["segment-00000.ndjson", "segment-00001.ndjson"]
    assert segments(tmp_path)[0].read_bytes() == before


def test_a_torn_last_line_is_ignored_and_counted(tmp_path: Path) -> None:
    """What a dying machine left of a line is not an event, whether one byte is missing or all but one."""
    first = Store(tmp_path)
    first.append([row(1)], [1])
    first.close()
    whole = segments(tmp_path)[0].read_bytes()
    for cut in (1, len(whole.splitlines()[1])):
        segments(tmp_path)[0].write_bytes(whole + whole.splitlines(keepends=True)[1][:-cut])
        store = Store(tmp_path)
        assert (store.torn, store.known) == (1, {1})
        store.close()
    segments(tmp_path)[0].write_bytes(whole[:10])  # killed while the header was written
    store = Store(tmp_path)
    assert (store.torn, store.known) == (1, set())
    store.close()


def test_torn_bytes_are_counted_across_long_lines(tmp_path: Path) -> None:
    """The length of a torn line is right when it is longer than one look at the end of the file."""
    path = tmp_path / "x"
    for tail in (0, 1, 4096, 10_000):
        path.write_bytes(b"line\n" + b"x" * tail)
        assert torn_bytes(path) == tail
    path.write_bytes(b"")
    assert torn_bytes(path) == 0


def test_segments_rotate_by_size(tmp_path: Path) -> None:
    """A line that would make a segment too large begins the next; no line is split."""
    store = Store(tmp_path, segment_bytes=400)
    for number in range(10):
        store.append([row(number)], [number])
    store.close()
    files = segments(tmp_path)
    assert len(files) > 3
    assert all(path.stat().st_size <= 400 for path in files)
    assert all(line.endswith(b"}") for path in files for line in path.read_bytes().splitlines())
    again = Store(tmp_path)
    assert again.known == set(range(10))
    again.close()


@pytest.mark.parametrize("kept", [0, 1, 20])
def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int) -> None:
    """A disk that takes a part of a line takes none of it: the file is as before, the events are not known, and the next write succeeds."""
    store = Store(tmp_path)
    store.append([row(1)], [1])
    before = segments(tmp_path)[0].read_bytes()
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(store_module.os, "write", lambda fd, data: real(fd, data[:kept]))
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            store.append([row(2)], [2])
    assert segments(tmp_path)[0].read_bytes() == before
    assert store.fresh([2]) == [0]
    store.append([row(2)], [2])
    assert len(segments(tmp_path)[0].read_bytes().splitlines()) == 3
    store.close()


def test_one_process_per_folder(tmp_path: Path) -> None:
    """A second store on a folder is the user's mistake, told in one line."""
    store = Store(tmp_path)
    with pytest.raises(ProfileError, match=r"another collector stores there; stop it, or choose another folder"):
        Store(tmp_path)
    store.close()
    Store(tmp_path).close()


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    """A path that cannot be a folder is the user's mistake."""
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="expected a folder"):
        Store(tmp_path / "file")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"format":2,"rows":"payloads"}\n', r"segment-00000.ndjson: found format 2 of payloads.*a newer rumsim"),
        (b'{"format":1,"rows":"faults"}\n', r"found format 1 of faults, expected format 1 of payloads"),
        (b"hello\n", r"as its first line"),
        (b'{"format":1,"rows":"payloads"}\n{"events":\n', r"segment-00000.ndjson:2: damaged line"),
    ],
)
def test_a_segment_that_is_not_ours(tmp_path: Path, content: bytes, message: str) -> None:
    """A foreign, newer or damaged segment is named, with the line."""
    (tmp_path / "segment-00000.ndjson").write_bytes(content)
    with pytest.raises(DataError, match=message):
        Store(tmp_path)


def test_a_log_goes_on_after_a_torn_line(tmp_path: Path) -> None:
    """A log that an earlier process left with a torn line is cut there and goes on; its header stands once."""
    path = tmp_path / "faults.ndjson"
    log = Lines(path, "faults")
    log.append(b'{"a":1}\n')
    log.close()
    with path.open("ab") as file:
        file.write(b'{"a":')
    log = Lines(path, "faults")
    log.append(b'{"a":2}\n')
    log.close()
    assert path.read_bytes() == b'{"format":1,"rows":"faults"}\n{"a":1}\n{"a":2}\n'
