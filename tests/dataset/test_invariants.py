"""What is true of every event is true of a hundred thousand, of all platforms and editions, with everything on that a profile can have.

The same of a million: `make invariants`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from invariants import breaks, broken, count, everything, invariants, read

from simulator.journey.population import Device, settle
from simulator.play.ids import device_id
from simulator.play.model import Model
from simulator.play.model import read as read_model
from simulator.profile.check import platforms_of
from simulator.profile.editions import EDITIONS
from simulator.profile.incidents import CrashLoop
from simulator.profile.laws import Constant
from simulator.schema.words import EVENT_TYPES, PLATFORMS

HOUR = 3_600_000
DEVICES, HOURS, SEED, VISITS = 700, 24, 5, 4.0


@pytest.fixture(scope="module")
def model() -> Model:
    """Give the model of a profile with everything in it."""
    return read_model(everything(), "everything.toml", SEED, visits_per_day=VISITS)


@pytest.fixture(scope="module")
def folder(make: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the dataset."""
    out = tmp_path_factory.mktemp("invariants") / "data"
    make(everything(), out, devices=DEVICES, hours=float(HOURS), seed=SEED, offset_hours=0.0, visits_per_day=VISITS)
    return out


@pytest.fixture(scope="module")
def rows(folder: Path, model: Model) -> duckdb.DuckDBPyConnection:
    """Give the dataset's rows."""
    return read(sorted((folder / "events").iterdir()), model, DEVICES)


def test_there_is_something_to_look_at(rows: duckdb.DuckDBPyConnection) -> None:
    """All editions have sent events of all types; only web-0.0.37 has no long tasks, and only the real mobile SDKs report states."""
    found = count(rows)
    assert sum(sum(types.values()) for types in found.values()) > 100_000
    for name in EDITIONS:
        expected = set(EVENT_TYPES) - ({"longTask"} if name == "web-0.0.37" else set()) | ({"application"} if name.endswith("-2.3") else set())
        assert set(found[name]) == expected
        assert min(found[name].values()) > 20


def test_what_is_true_of_every_event(rows: duckdb.DuckDBPyConnection, model: Model) -> None:
    """No row breaks an invariant."""
    listed = invariants(model, model.start_ms, model.start_ms + HOURS * HOUR)
    wrong = {name: broken(rows, invariant) for name, invariant in listed.items()}
    assert {name: number for name, number in wrong.items() if number} == {}


def test_an_invariant_is_no_empty_word(rows: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Each invariant finds one row of a hundred thousand that breaks it."""
    listed = invariants(model, model.start_ms, model.start_ms + HOURS * HOUR)
    assert [name for name, invariant in listed.items() if not breaks(rows, invariant)] == []


def test_more_numbers_are_more_addresses(rows: duckdb.DuckDBPyConnection) -> None:
    """Fifty products have no more than fifty addresses; of twenty thousand reviews, asked for as often, there are many more."""
    query = "SELECT count(*), count(DISTINCT url) FROM r WHERE event_type = 'resource' AND contains(url, '/api/{}/')"
    (few, products), (many, reviews) = (rows.execute(query.format(name)).fetchall()[0] for name in ("product", "reviews"))
    assert few > 1_000
    assert many > 1_000
    assert 40 <= products <= 50  # each of the fifty has a chance above 0.5 % (log-uniform), of a thousand requests none in exp(-5) of them
    assert reviews > 10 * products


# --------------------------------------------------------------------------------------------------------------------------- labels


def test_labels_are_of_devices_in_scope_and_in_time(folder: Path, rows: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Every incident has labels; each is of a device in its scope, between its beginning and its end, whatever the device's clock says."""
    devices = {}
    for number in range(DEVICES):
        settle(model.world, d := Device(), number)
        devices[device_id(d.key)] = d
    texts = rows.execute('SELECT DISTINCT "user.id", "session.id" FROM r').fetchall()
    owners = {session: user for user, session in texts}
    labelled = [msgspec.json.decode(line) for line in (folder / "incidents.ndjson").read_bytes().splitlines()]
    names = list(model.profile.incidents)
    assert {label["incident"] for label in labelled} == set(names)
    for label in labelled:
        incident = model.profile.incidents[label["incident"]]
        d = devices[label["device.id"]]
        late = 0
        if isinstance(incident, CrashLoop):  # met when it crashes
            assert isinstance(incident.delay, Constant)
            late = int(incident.delay.value)
        since = label["timestamp"] - model.start_ms
        assert incident.from_hour * HOUR <= since < incident.to_hour * HOUR + late
        assert PLATFORMS[d.platform] in platforms_of(incident)
        assert d.concerned >> (1 + names.index(label["incident"])) & 1
        if label.get("session.id") in owners:
            assert label["sampled"]
            assert owners[label["session.id"]] == label["user.id"]
    once = [(label["incident"], label["device.id"], label["visit"], label.get("session.id")) for label in labelled]
    assert len(set(once)) == len(once)
