"""Logs in any of the forms become the same arrays, and a damaged one is one line that says where."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.errors import DataError, ProfileError
from simulator.fidelity.events import UNTOLD, arrange, coarsen, load, matched, names_of, oddities, only

ROWS = [("b", 1_389_703_679, "home"), ("a", 1_389_703_600, "list"), ("b", 1_389_703_600, "home")]


def _csv(rows: Sequence[tuple[object, ...]], head: str = "user,time,page") -> str:
    return "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"


def _iso(second: int) -> str:
    return str(np.datetime64(second, "s")) + "Z"


def _write(path: Path, form: str) -> Path:
    out = path / f"log.{form}"
    if form == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        user, time, page = zip(*ROWS, strict=True)
        pq.write_table(pa.table({"user": user, "time": time, "page": page}), out)
        return out
    lines = "".join(json.dumps({"user": u, "time": t, "page": p}) + "\n" for u, t, p in ROWS)
    text = _csv(ROWS) if "csv" in form else lines
    out.write_bytes(gzip.compress(text.encode()) if form.endswith("gz") else text.encode())
    return out


@pytest.mark.parametrize("form", ["csv", "csv.gz", "ndjson", "ndjson.gz", "jsonl", "parquet"])
def test_every_form_gives_the_same(tmp_path: Path, form: str) -> None:
    """CSV, NDJSON and Parquet, gzipped or not, give users from 0, times in ms and pages, in the order of user and time."""
    events = load(_write(tmp_path, form))
    assert events.user.tolist() == [0, 1, 1]
    assert events.time.tolist() == [1_389_703_600_000, 1_389_703_600_000, 1_389_703_679_000]
    assert events.page is not None
    assert [events.pages[p] for p in events.page] == ["list", "home", "home"]
    assert (events.users, events.resolution, events.span) == (2, 1_000, 79_000)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the same dataset in each format, one of them in partitions."""
    folder = tmp_path_factory.mktemp("datasets")
    profile = str(Path(__file__).with_name("known.toml"))
    common = ["generate", profile, "--devices", "60", "--hours", "60", "--seed", "1"]
    for name, more in FORMS.items():
        made = CliRunner().invoke(main, [*common, "--out", str(folder / name), *more])
        assert made.exit_code == 0, made.stderr
    return folder


FORMS = {
    "ndjson": [],
    "msgpack": ["--format", "msgpack"],
    "arrow": ["--format", "arrow"],
    "parquet": ["--format", "parquet"],
    "days": ["--format", "parquet", "--partition-by", "day"],
    "hours": ["--format", "arrow", "--partition-by", "hour"],
}


def _views(dataset: Path) -> list[tuple[str, int, str]]:
    """Give user, time and page of the page views, as the rows of JSON say them."""
    rows = [json.loads(line) for line in (dataset / "ndjson" / "events" / "block-00000.ndjson").read_text("utf-8").splitlines()]
    return sorted((row["user.id"], row["timestamp"], row["view.name"]) for row in rows if row.get("type") == "pv")


@pytest.mark.parametrize("name", FORMS)
def test_a_dataset_is_a_log_of_its_page_views(dataset: Path, name: str) -> None:
    """A dataset's folder gives its page views and nothing else, in any format and with any partitions."""
    views, events = _views(dataset), load(dataset / name)
    numbers = {user: i for i, user in enumerate(sorted({user for user, _, _ in views}))}
    assert events.page is not None
    found = sorted(zip(events.user.tolist(), events.time.tolist(), [events.pages[p] for p in events.page], strict=True))
    assert found == sorted((numbers[user], time, page) for user, time, page in views)


@pytest.mark.parametrize("name", FORMS)
def test_a_dataset_says_where_people_are_and_how_pages_opened(dataset: Path, name: str) -> None:
    """Of each page view it has how long the page loaded, where that was measured, and whether it was opened anew; of each user the country."""
    rows = [json.loads(line) for line in (dataset / "ndjson" / "events" / "block-00000.ndjson").read_text("utf-8").splitlines()]
    loads = {row["view.id"]: row["load_event"] for row in rows if row.get("type") == "perf"}
    views = [row for row in rows if row.get("type") == "pv"]
    events = load(dataset / name)
    assert events.load is not None
    assert events.fresh is not None
    assert events.country is not None
    found = sorted(zip(events.time.tolist(), events.load.tolist(), events.fresh.tolist(), strict=True))
    assert found == sorted((row["timestamp"], loads.get(row["view.id"], UNTOLD), not row.get("referrer")) for row in views)
    assert {True, False} == set(events.fresh.tolist())
    assert [events.countries[i] for i in events.country] == ["US"] * events.users


def test_a_log_may_tell_countries_and_loads(tmp_path: Path) -> None:
    """Where --columns names them; a value that is missing is untold, a user's country that of the first row that tells one."""
    path = tmp_path / "log.csv"
    path.write_text(_csv([("a", 5, "", 300), ("a", 6, "DE", ""), ("b", 5, "", 0.4), ("a", 7, "US", "x")], "user,time,land,ms"))
    events = load(path, names_of("country=land,load=ms"))
    assert events.load is not None
    assert events.country is not None
    assert events.load.tolist() == [300, UNTOLD, UNTOLD, 0]
    assert [events.countries[i] if i != UNTOLD else "" for i in events.country] == ["DE", ""]
    assert load(path).country is None
    some = only(events, np.array([False, True]))
    assert some.load is not None
    assert some.country is not None
    assert (some.load.tolist(), some.country.tolist()) == ([0], [UNTOLD])


@pytest.mark.parametrize("name", ["ndjson", "msgpack", "arrow", "parquet"])
def test_a_file_of_rows_is_one_as_well(dataset: Path, name: str) -> None:
    """A file of a dataset's rows is known by its columns; --columns may name others of them, or the same."""
    file = next((dataset / name / "events").iterdir())
    views = _views(dataset)
    assert len(load(file).time) == len(load(file, names_of("user=user.id,time=timestamp,page=view.name")).time) == len(views)
    assert len(load(file, names_of("user=session.id")).pages) == len({page for _, _, page in views})
    with pytest.raises(DataError, match="found a dataset without the column 'client'; expected one of"):
        load(file, names_of("user=client"))


def test_a_folder_that_is_no_dataset_of_events_is_one_line(dataset: Path, tmp_path: Path) -> None:
    """One without rows, one of sessions, one of two formats, and one whose rows are no page views."""
    with pytest.raises(DataError, match="found no rows in this folder"):
        load(tmp_path)
    (tmp_path / "log.ndjson").write_text('{"event_type": "action"}\n')
    with pytest.raises(DataError, match="found no page views among its rows"):
        load(tmp_path)
    with pytest.raises(DataError, match="found files of several formats"):
        load(dataset)
    (tmp_path / "sessions").mkdir()
    with pytest.raises(ProfileError, match="holds sessions; expected a dataset of events"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["a.msgpack", "a.arrows"])
def test_a_damaged_dataset_is_one_line(tmp_path: Path, name: str) -> None:
    """The message names the file that cannot be read."""
    (tmp_path / name).write_bytes(b"\x01\xffno rows")
    with pytest.raises(DataError, match=f"{name}: cannot be read"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("times", "resolution"),
    [
        ([1_389_703_679.25, 1_389_703_600.0], 10),  # seconds with fractions
        ([1_389_703_679_250, 1_389_703_600_000], 10),  # milliseconds
        (["2014-01-14T12:47:59.250Z", "2014-01-14T12:46:40Z"], 10),  # ISO
        (["2014-01-14 13:47:59.25+01:00", "2014-01-14 12:46:40"], 10),  # with an offset, or UTC
    ],
)
def test_times_have_several_forms(tmp_path: Path, times: list[object], resolution: int) -> None:
    """Seconds, milliseconds and ISO 8601 are the same moments."""
    path = tmp_path / "log.csv"
    path.write_text(_csv([("a", t) for t in times], "user,time"))
    events = load(path)
    assert events.time.tolist() == [1_389_703_600_000, 1_389_703_679_250]
    assert events.resolution == resolution
    assert events.page is None


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    """--columns names them; a column `page` is used without being named, if there is one."""
    path = tmp_path / "log.csv"
    path.write_text(_csv([("a", 5, "x")], 'u,"t ""s""",page'))
    events = load(path, names_of('user=u,time=t "s"'))
    assert (events.time.tolist(), events.pages) == ([5_000], ("x",))
    with pytest.raises(ProfileError, match="--columns: found 'who=u'; expected user=NAME"):
        names_of("who=u")
    with pytest.raises(ProfileError, match="--columns: found user twice"):
        names_of("user=u,user=v")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.txt", b"", "found a file of type .txt; expected .csv"),
        ("log.csv", None, "no such file; expected a log"),
        ("log.csv", b"u,t\na,1\n", "found the columns u, t; expected 'user' for user: name it with --columns user=..."),
        ("log.csv", b"user,time\n", "found no rows"),
        ("log.csv", b"user,time\na,1\nb,soon\n", "row 2: found the time 'soon'; expected seconds or ms"),
        ("log.csv", b"user,time\na,1\nb,2014-01-14T12:47:59Z\n", "row 2: found the time '2014-01-14T12:47:59Z'"),  # two forms in one file
        ("log.csv", b"user,time\na,1389703679000\nb,1389703679\n", "row 2: found the time 1389703679 in a file of ms"),
        ("log.csv", b"user,time\na,-5\n", "row 1: found the time '-5'"),
        ("log.csv", b"user,time\na,nan\n", "row 1: found the time 'nan'"),
        ("log.csv", b"user,time\n,5\n", "row 1: found no user"),
        ("log.csv.gz", b"user,time\na,5\n", "cannot be read"),  # not gzipped
        ("log.parquet", b"PAR1", "cannot be read"),
        ("log.ndjson", b'{"user": 1,\n', "cannot be read"),
    ],
)
def test_a_log_that_is_none_is_one_line(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """The message has the file, the row, what was found and what is expected."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert said in str(caught.value)


FAR = "1970-01-01T00:00:00.000Z", "the others, of 2001-09-09T01:46:40.000Z to 2001-09-09T01:49:58.000Z; the log's span is up to them"
LATE = "2001-09-09T01:46:40.000Z", "the others, of 1970-01-01T00:00:00.000Z to 1970-01-01T00:03:18.000Z; the log's span is up to them"
"""A clock that was never set, and one that is years ahead."""


@pytest.mark.parametrize(
    ("user", "time", "page", "said"),
    [
        (range(200), range(0, 200_000, 1_000), None, []),
        ([0, 0, 0, 1], [0, 1_000, 1_000, 1_000], None, ["1 of 4 rows have the user and time of another; they count (the log's step is 1 s)"]),
        ([0, 0, 0], [0, 1_000, 1_000], ["a", "b", "c"], []),  # two pages in one second
        ([0, 0, 0], [0, 1_000, 1_000], ["a", "b", "b"], ["1 of 3 rows have the user, time and page of another; they count (the log's step is 1 s)"]),
        (range(200), [0, *range(10**12, 10**12 + 199_000, 1_000)], None, [f"1 of 200 rows, such as one of {FAR[0]}, are far from {FAR[1]}"]),
        (range(200), [*range(0, 199_000, 1_000), 10**12], None, [f"1 of 200 rows, such as one of {LATE[0]}, are far from {LATE[1]}"]),
        (range(200), [*range(0, 100_000, 1_000), *range(10**9, 10**9 + 100_000, 1_000)], None, []),  # two days of measurement
    ],
)  # fmt: skip
def test_what_is_odd_is_one_line(user: Sequence[int], time: Sequence[int], page: Sequence[str] | None, said: list[str]) -> None:
    """Rows that are there twice, and a few that are far from all others, are each said in one line; nothing else is."""
    assert list(oddities(arrange(list(user), list(time), page))) == said


def test_resolutions_are_matched_to_the_coarser() -> None:
    """A log in ms is cut down to the seconds of the other; the other stays as it is."""
    fine, coarse = arrange([0, 0], [1_234, 5_999]), arrange([0, 0], [1_000, 3_000])
    assert (fine.resolution, coarse.resolution) == (1, 1_000)
    a, b = matched(fine, coarse)
    assert (a.time.tolist(), a.resolution) == ([1_000, 5_000], 1_000)
    assert b is coarse
    assert coarsen(coarse, 10) is coarse


def test_users_can_be_chosen() -> None:
    """Those that are kept are numbered anew, without holes."""
    events = only(arrange(["a", "b", "c", "c"], [1, 2, 3, 4], ["x", "y", "z", "x"]), np.array([True, False, True]))
    assert (events.user.tolist(), events.time.tolist(), events.users) == ([0, 1, 1], [1, 3, 4], 2)
    assert events.page is not None
    assert events.page.tolist() == [0, 2, 0]
