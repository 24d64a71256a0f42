"""A question in SQL is answered over a collector's folder and over a dataset's."""

from pathlib import Path

import pytest

from simulator.dataset.generate import Request, generate
from simulator.errors import DataError, ProfileError
from simulator.profile import starters
from simulator.report.query import query


@pytest.fixture
def received(tmp_path: Path) -> Path:
    """Give a collector's folder without an event."""
    return tmp_path


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small dataset of a profile with incidents."""
    out = tmp_path_factory.mktemp("query") / "it's [data]"
    request = Request(profile=starters.read("incident-day"), name="p", devices=30, hours=2.0, offset_hours=12.0, seed=1, visits_per_day=40, out=out)
    assert len(list(generate(request))) == 1
    return out


def test_a_table_of_text(received: Path) -> None:
    """A query gives DuckDB's own rendering."""
    assert "│" in query(received, "SELECT event_type, count(*) FROM events GROUP BY ALL")


@pytest.mark.parametrize("sql", ["SELECT missing FROM events", "SELECT 1 FROM missing"])
def test_a_mistake_is_the_user_s(received: Path, dataset: Path, sql: str) -> None:
    """A mistake in it is told with the tables there are."""
    with pytest.raises(ProfileError, match=r'the query: .*"?missing"?.*expected SQL over the tables events and payloads'):
        query(received, sql)
    with pytest.raises(ProfileError, match=r'the query: .*"?missing"?.*expected SQL over the tables events and incidents'):
        query(dataset, sql)


def test_a_dataset_is_asked_like_a_collector(dataset: Path) -> None:
    """Events and labels of a dataset are tables that can be joined, in a folder of any name; numbers are numbers."""
    sql = """SELECT count(*) > 0 AND bool_and(status_code = 502) FROM events JOIN incidents USING ("session.id")
        WHERE incident = 'cart-fails' AND status_code >= 500 AND name = '/api/cart/items'"""
    assert "│ true" in query(dataset, sql)


def test_a_dataset_that_is_not_whole(dataset: Path, tmp_path: Path) -> None:
    """A dataset without its manifest, with a damaged one, with one of a newer version, or without a block is told, by the file's name."""
    (tmp_path / "events").mkdir()
    with pytest.raises(DataError, match=r"manifest.json: cannot be read: .*; expected that of a finished dataset"):
        query(tmp_path, "SELECT 1")
    manifest = tmp_path / "manifest.json"
    for content, told in ((b"{", "damaged"), (b'{"format": 2}', "found format 2; expected at most 1"), (b'{"format": 1}', "damaged")):
        manifest.write_bytes(content)
        with pytest.raises(DataError, match=told):
            query(tmp_path, "SELECT 1")
    manifest.write_bytes((dataset / "manifest.json").read_bytes())
    with pytest.raises(DataError, match=r"block-00000.ndjson: no such file"):
        query(tmp_path, "SELECT 1")
