"""SQL over a folder, a collector's or a dataset's, answered as a table of text."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.collector import sql as collector
from simulator.dataset import sql as dataset
from simulator.errors import ProfileError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def query(directory: Path, sql: str) -> str:
    """Answer SQL over a folder; raise ProfileError if it is none."""
    with dataset.connect(directory) if dataset.is_dataset(directory) else collector.connect(directory) as connection:
        return answer(connection, sql)


def answer(connection: "DuckDBPyConnection", sql: str) -> str:
    """Answer SQL over a connection's tables."""
    import duckdb  # noqa: PLC0415

    try:
        found: Any = connection.sql(sql)  # None for a statement without a result, whatever its stub says
        return "" if found is None else str(found)
    except duckdb.Error as error:
        told = " ".join(str(error).split())
        tables = " and ".join(name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables ORDER BY ALL").fetchall())
        raise ProfileError(f"the query: {told}; expected SQL over the tables {tables}") from None
