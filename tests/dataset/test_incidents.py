"""The incident day: a simple detector per kind finds its incident and nothing on the same day without; truth is where it says it is.

Detectors are SQL of a general form: slots of time, something of each slot against all of the day's, and thresholds that know none of the profile's
numbers. Each gives findings (what, slot), a slot being a number of `slot_ms` since 1970.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from days import Day, without_incidents
from duckdb import DuckDBPyConnection

from simulator.profile import starters
from simulator.profile.incidents import CrashLoop, Incident
from simulator.profile.laws import quantile
from simulator.profile.loader import parse, start_ms
from simulator.profile.types import Profile

Make = Callable[..., Any]
DAY = starters.read("incident-day")
PROFILE = parse(DAY, "incident-day")
START, HOUR = start_ms(PROFILE), 3_600_000
MARGIN = 500  # a page's requests are planned when it opens, the last of them some 100 ms ahead
APP_TYPES = {"web": "browser", "miniprogram": "miniapp", "ios": "ios", "android": "android"}
OS = {"ios": "iOS", "android": "Android"}
VIEWS = """
    CREATE OR REPLACE VIEW slotted AS SELECT *, timestamp // 1800000 AS slot FROM events;
    CREATE OR REPLACE VIEW requests AS FROM slotted WHERE event_type = 'resource' AND type IN ('fetch', 'api');
    CREATE OR REPLACE VIEW files AS FROM slotted WHERE event_type = 'resource' AND type NOT IN ('fetch', 'api');
    CREATE OR REPLACE VIEW launches AS FROM slotted WHERE type = 'pv' AND loading_type = 'initial_load';
    CREATE OR REPLACE VIEW entries AS SELECT "session.id", "view.name", timestamp // 600000 AS slot FROM events WHERE type = 'pv'
        QUALIFY coalesce(timestamp - lag(timestamp) OVER (PARTITION BY "device.id" ORDER BY timestamp), 1800000) >= 1800000;
"""


@dataclass(frozen=True, kw_only=True)
class Detector:
    """How a kind is found: `finds` over the day, `sessions` over the slots found (`found`).

    `recall`, `precision`: the least that is expected of the sessions.
    """

    finds: str
    sessions: str
    recall: float
    precision: float
    slot_ms: int = 1_800_000


DETECTORS = {
    "slow-server": Detector(  # the server's part of an API's first byte is three times the day's usual
        finds="""
            WITH slots AS (SELECT name AS what, slot, quantile_cont(first_byte_duration - connect_duration, 0.75) AS ms FROM requests
                GROUP BY ALL HAVING count(first_byte_duration) >= 15)
            SELECT what, slot FROM slots AS s WHERE ms > 300 AND ms > 3 * (SELECT median(ms) FROM slots AS o WHERE o.what = s.what)""",
        sessions="""
            SELECT "session.id" FROM requests AS r JOIN found ON name = what AND r.slot = found.slot
            WHERE first_byte_duration - connect_duration > 4 * (
                SELECT median(first_byte_duration - connect_duration) FROM requests AS o WHERE o.name = r.name)""",
        recall=0.8,  # who leaves before the answer has no request that tells
        precision=0.95,  # some requests are slow on any day
    ),
    "slow-network": Detector(  # in a country, getting a connection takes time in more than half of the requests
        finds="""
            WITH slots AS (SELECT "geo.country" AS what, slot, median(dns_duration + connect_duration + ssl_duration) AS ms FROM requests
                GROUP BY ALL HAVING count(DISTINCT "device.id") >= 8)
            SELECT what, slot FROM slots AS s WHERE ms > 100 AND ms > 3 * (SELECT median(ms) FROM slots AS o WHERE o.what = s.what)""",
        sessions="""
            SELECT "session.id" FROM requests AS r JOIN found ON "geo.country" = what AND r.slot = found.slot WHERE dns_duration > 0""",
        recall=0.9,
        precision=0.95,
    ),
    "failing-api": Detector(  # a fifth of the answers of an API are errors
        finds="""
            SELECT name AS what, slot FROM requests WHERE status_code IS NOT NULL
            GROUP BY ALL HAVING count(*) >= 10 AND avg((status_code >= 400)::INT) > 0.2""",
        sessions="""
            SELECT "session.id" FROM requests AS r JOIN found ON name = what AND r.slot = found.slot WHERE status_code >= 400""",
        recall=0.95,
        precision=0.95,  # some requests fail on any day
    ),
    "cdn-outage": Detector(  # a fifth of the answers for a file are errors
        finds="""
            SELECT name AS what, slot FROM files WHERE status_code IS NOT NULL
            GROUP BY ALL HAVING count(*) >= 10 AND avg((status_code >= 400)::INT) > 0.2""",
        sessions="""
            SELECT "session.id" FROM files AS f JOIN found ON name = what AND f.slot = found.slot WHERE status_code >= 400""",
        recall=0.95,
        precision=0.95,
    ),
    "network-loss": Detector(  # on a kind of network, a seventh of the requests have no answer
        finds="""
            SELECT "net.model" AS what, slot FROM requests
            GROUP BY ALL HAVING count(DISTINCT "device.id") >= 8 AND avg((status_code IS NULL)::INT) > 0.15""",
        sessions="""
            SELECT "session.id" FROM slotted AS r JOIN found ON "net.model" = what AND r.slot = found.slot
            WHERE event_type = 'resource' AND status_code IS NULL""",
        recall=0.6,  # requests are given up after 9 s in the median, and people often leave before
        precision=0.95,
    ),
    "blank-screen": Detector(  # a tenth of the views of a page have an error and no paint
        finds="""
            WITH views AS (SELECT any_value("view.name") AS what, min(slot) AS slot,
                bool_or(event_type = 'exception') AND NOT bool_or(type = 'perf') AS blank FROM slotted GROUP BY "view.id" HAVING bool_or(type = 'pv'))
            SELECT what, slot FROM views GROUP BY ALL HAVING count(*) >= 15 AND avg(blank::INT) > 0.1""",
        sessions="""
            SELECT "session.id" FROM slotted AS s JOIN found ON "view.name" = what AND s.slot = found.slot
            GROUP BY "session.id", "view.id" HAVING bool_or(event_type = 'exception') AND bool_or(type = 'pv') AND NOT bool_or(type = 'perf')""",
        recall=0.95,
        precision=0.95,
    ),
    "crash-loop": Detector(  # a tenth of the launches on a system end in a crash within ten seconds
        finds="""
            SELECT l."os.name" AS what, l.slot FROM launches AS l ASOF LEFT JOIN (FROM events WHERE type = 'crash') AS c
            ON l."device.id" = c."device.id" AND c.timestamp >= l.timestamp
            GROUP BY ALL HAVING count(*) >= 10 AND avg(coalesce(c.timestamp < l.timestamp + 10000, false)::INT) > 0.1""",
        sessions="""
            SELECT c."session.id" FROM slotted AS c JOIN found ON c."os.name" = what AND c.slot = found.slot ASOF JOIN launches AS l
            ON c."device.id" = l."device.id" AND c.timestamp >= l.timestamp WHERE c.type = 'crash' AND c.timestamp < l.timestamp + 10000""",
        recall=0.8,  # the next launch reports a crash, and the last of a loop may have none that day
        precision=0.95,
    ),
    "anr-wave": Detector(  # a thirtieth of the views on a system do not respond
        finds="""
            SELECT "os.name" AS what, slot FROM slotted GROUP BY ALL
            HAVING count(DISTINCT "view.id") FILTER (type = 'anr') >= greatest(4, 0.03 * count(DISTINCT "view.id"))""",
        sessions="""
            SELECT "session.id" FROM slotted AS s JOIN found ON "os.name" = what AND s.slot = found.slot WHERE type = 'anr'""",
        recall=0.9,
        precision=0.9,
    ),
    "push": Detector(  # in ten minutes three times as many visits begin at a page as in others of the two hours around
        finds="""
            WITH slots AS (SELECT "view.name" AS what, slot, count(*) AS visits FROM entries GROUP BY ALL)
            SELECT what, slot FROM slots AS s WHERE visits >= 20 AND visits > 3 * (
                SELECT avg(visits) FROM slots AS o WHERE o.what = s.what AND o.slot != s.slot AND abs(o.slot - s.slot) <= 12)""",
        sessions="""
            SELECT "session.id" FROM entries AS e JOIN found ON "view.name" = what AND e.slot = found.slot""",
        recall=0.8,  # the last come when the spike is over
        precision=0.85,  # others begin there at that time as well
        slot_ms=600_000,
    ),
}


def kind_of(incident: Incident) -> str:
    """Give an incident's kind."""
    return str(incident.__struct_config__.tag)


INCIDENTS = {kind_of(incident): (name, incident) for name, incident in PROFILE.incidents.items()}
"""Name and incident, by kind."""


def met_by(incident: Incident, profile: Profile) -> set[str]:
    """Name what an incident meets in the words of the events."""
    for field, table in (("apis", profile.apis), ("assets", profile.assets), ("networks", profile.networks)):
        if names := getattr(incident, field, []):
            return {str(getattr(table[name], "model" if field == "networks" else "path")) for name in names}
    if page := getattr(incident, "page", None) or (incident.platforms == ["web"] and incident.pages[0]):  # type: ignore[union-attr]
        return {profile.pages[page].path.replace("{id}", ":id")}
    return {*incident.countries, *(OS[name] for name in incident.platforms)}


def findings(database: DuckDBPyConnection, detector: Detector) -> dict[tuple[str, int], tuple[float, float]]:
    """Find; give the hours between which each finding's slot lies."""
    database.execute(VIEWS)
    found = database.execute(detector.finds).fetchall()
    hours = detector.slot_ms / HOUR
    return {(what, slot): ((slot * detector.slot_ms - START) / HOUR, (slot * detector.slot_ms - START) / HOUR + hours) for what, slot in found}


def ids(database: DuckDBPyConnection, sql: str, *values: object) -> set[Any]:
    """Give the first column of an answer."""
    return {row[0] for row in database.execute(sql, values).fetchall()}


# ------------------------------------------------------------------------------------------------------------------------- detectors


def test_the_day_has_one_of_each_kind() -> None:
    """Each kind of incident happens once, and no two at a time."""
    assert sorted(kind_of(i) for i in PROFILE.incidents.values()) == sorted(DETECTORS)
    hours = sorted((i.from_hour, i.to_hour) for i in PROFILE.incidents.values())
    assert all(ended < begins for (_, ended), (begins, _) in pairwise(hours))


@pytest.mark.parametrize("kind", DETECTORS)
def test_its_detector_finds_it_and_nothing_else(incident_day: Day, kind: str) -> None:
    """The detector names what the incident meets, all of it and nothing else, at times at which it lasts, and at no other time of the day."""
    _, incident = INCIDENTS[kind]
    found = findings(incident_day.database, DETECTORS[kind])
    assert {what for what, _ in found} == met_by(incident, PROFILE)
    for begins, ends in found.values():
        assert begins < incident.to_hour
        assert incident.from_hour < ends


@pytest.mark.parametrize("kind", DETECTORS)
def test_its_detector_is_silent_without_it(quiet_day: Day, kind: str) -> None:
    """On the same day without incidents it finds nothing."""
    assert findings(quiet_day.database, DETECTORS[kind]) == {}


@pytest.mark.parametrize("kind", DETECTORS)
def test_sessions_are_scored(incident_day: Day, kind: str) -> None:
    """Among the sessions of the slots that were found, a query tells those that truth labels from the others."""
    name, detector, database = INCIDENTS[kind][0], DETECTORS[kind], incident_day.database
    database.execute(VIEWS)
    database.execute(f"CREATE OR REPLACE TEMP TABLE found AS {detector.finds}")
    found = ids(database, detector.sessions)
    labelled = ids(database, 'SELECT "session.id" FROM incidents WHERE incident = ?', name)
    right = len(found & labelled)
    print(f"{kind}: labelled {len(labelled)}, found {len(found)}, recall {right / len(labelled):.3f}, precision {right / len(found):.3f}")
    assert right >= detector.recall * len(labelled)
    assert right >= detector.precision * len(found)


# ----------------------------------------------------------------------------------------------------------------------------- truth


def latest(incident: Incident) -> float:
    """Give the last moment at which it may be seen: a launch in time may crash a little later."""
    return START + incident.to_hour * HOUR + (quantile(incident.delay, 1 - 2**-31) if isinstance(incident, CrashLoop) else 0)


@pytest.mark.parametrize("name", PROFILE.incidents)
def test_labels_are_within_the_incident(incident_day: Day, name: str) -> None:
    """A label's time is between the incident's beginning and end; its device is of the platforms, countries and networks that it meets."""
    incident = PROFILE.incidents[name]
    labels = incident_day.database.execute(
        """SELECT DISTINCT l.timestamp, "app.type", "geo.country", "net.model"
            FROM incidents AS l JOIN events USING ("device.id") WHERE incident = ?""",
        [name],
    ).fetchall()
    assert len({row[0] for row in labels}) >= 30
    for at, app_type, country, network in labels:
        assert START + incident.from_hour * HOUR - MARGIN <= at < latest(incident)
        assert app_type in {APP_TYPES[p] for p in incident.platforms or PROFILE.platforms}
        assert country in (incident.countries or PROFILE.population.countries)
        assert network in {PROFILE.networks[n].model for n in incident.networks or PROFILE.networks}


def test_labelled_sessions_are_in_the_events(incident_day: Day) -> None:
    """A labelled session is there with the label's user and device, but for apps that crashed and were not started again; once per incident."""
    database = incident_day.database
    assert database.execute('SELECT count(*) FROM incidents WHERE NOT sampled OR "session.id" IS NULL OR visit < 1').fetchone() == (0,)
    assert database.execute('SELECT count(*) - count(DISTINCT (incident, "session.id", visit)) FROM incidents').fetchone() == (0,)
    sessions = 'SELECT DISTINCT "session.id", "device.id", "user.id" FROM events'
    absent = database.execute(
        f'SELECT incident, count(*) FROM incidents ANTI JOIN ({sessions}) USING ("session.id", "device.id", "user.id") GROUP BY ALL'
    ).fetchall()
    crashing, labelled = database.execute("SELECT count(*) FILTER (incident = 'android-crashes'), count(*) FROM incidents").fetchone()
    assert dict(absent).pop("android-crashes", 0) <= 0.15 * crashing
    assert sum(count for name, count in absent if name != "android-crashes") <= 0.005 * labelled


def test_who_is_not_labelled_has_the_same_day(incident_day: Day, quiet_day: Day) -> None:
    """Devices that no incident met have the same rows as on the day without; most others have not."""
    sql = 'SELECT "device.id", count(*), bit_xor(hash(e)), sum(hash(e)) FROM events AS e GROUP BY "device.id"'
    days = [{row[0]: row[1:] for row in day.database.execute(sql).fetchall()} for day in (incident_day, quiet_day)]
    labelled = ids(incident_day.database, 'SELECT "device.id" FROM incidents')
    devices = days[0].keys() | days[1].keys()
    assert len(devices - labelled) > 1000
    assert {device for device in devices - labelled if days[0].get(device) != days[1].get(device)} == set()
    assert len([device for device in labelled if days[0].get(device) != days[1].get(device)]) > 0.9 * len(labelled)


def rows_by_device(folder: Path) -> dict[str, list[bytes]]:
    """Give a dataset's rows by device, in order."""
    found: dict[str, list[bytes]] = {}
    for path in sorted((folder / "events").iterdir()):
        for row in path.read_bytes().splitlines():
            found.setdefault(re.search(rb'"device.id":"(.+?)"', row)[1].decode(), []).append(row)  # type: ignore[index]
    return found


def test_who_leaves_before_the_crash_has_the_same_day(make: Make, tmp_path: Path) -> None:
    """A release that crashes late changes nothing for those who close the app before; those who leave it in the background are labelled, too."""
    quiet = without_incidents(DAY)
    loop = """[incidents.late]\nkind = "crash-loop"\nfrom_hour = 0\nto_hour = 24\nbug = "decoder"\ndelay = { law = "constant", value = 5000 }\n"""
    for name, text in (("quiet", quiet), ("late", quiet + loop)):
        make(text, tmp_path / name, devices=1200, hours=24.0, visits_per_day=1.0, offset_hours=0.0)
    truth = [json.loads(line) for line in (tmp_path / "late" / "incidents.ndjson").read_bytes().splitlines()]
    late, same = rows_by_device(tmp_path / "late"), rows_by_device(tmp_path / "quiet")
    unlabelled = (late.keys() | same.keys()) - {label["device.id"] for label in truth}
    launched = [device for device in unlabelled if any(b'"app.type":"android"' in row or b'"app.type":"ios"' in row for row in same.get(device, []))]
    assert launched
    assert [device for device in unlabelled if late.get(device) != same.get(device)] == []


@pytest.mark.parametrize("how", [{"workers": 2}, {"compiled": False}], ids=["two workers", "interpreted"])
def test_the_same_labels_whatever_makes_them(make: Make, small_blocks: None, tmp_path: Path, how: dict[str, Any]) -> None:
    """Labels do not depend on the number of workers, nor on compilation."""
    options = {"devices": 30, "hours": 14.5, "offset_hours": 8.0, "visits_per_day": 6.0, "seed": 7}
    make(DAY, tmp_path / "one", **options)
    make(DAY, tmp_path / "other", **options | how)
    truth = (tmp_path / "one" / "incidents.ndjson").read_bytes()
    assert len({json.loads(line)["incident"] for line in truth.splitlines()}) >= 6
    assert (tmp_path / "other" / "incidents.ndjson").read_bytes() == truth
    assert [path.name for path in tmp_path.glob("*/*.part")] == []


def test_no_labels_without_incidents(quiet_day: Day, made: Path) -> None:
    """A dataset of a profile without incidents has no file of labels."""
    for folder in (quiet_day.request.out, made):
        assert sorted(path.name for path in folder.iterdir()) == ["events", "manifest.json", "profile.toml"]
