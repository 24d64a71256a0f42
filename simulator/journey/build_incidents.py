"""Incidents as rows of the world: names become numbers, hours become ms."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import structs

from simulator.journey import world
from simulator.journey.world import Incident
from simulator.kernel.rnd import threshold
from simulator.profile import incidents, types
from simulator.profile.check import platforms_of
from simulator.profile.laws import Law
from simulator.schema.words import PLATFORMS

HOUR_MS = 3_600_000
_KINDS = {
    incidents.SlowServer: world.SLOW_SERVER,
    incidents.SlowNetwork: world.SLOW_NETWORK,
    incidents.FailingApi: world.FAILING,
    incidents.CdnOutage: world.FAILING,
    incidents.NetworkLoss: world.NETWORK_LOSS,
    incidents.BlankScreen: world.BLANK,
    incidents.AnrWave: world.ANR_WAVE,
    incidents.CrashLoop: world.CRASH_LOOP,
    incidents.Push: world.PUSH,
}


def row(
    incident: incidents.Incident,
    profile: types.Profile,
    ids: Mapping[str, Mapping[str, int]],
    *,
    law: Callable[[Law], int],
    table: Callable[[list[int]], int],
    country: Callable[[str], int],
    answer: Callable[[int], int],
) -> Incident:
    """Make an incident's row. `ids`: by name, of the apis, assets, pages, bugs and networks."""
    fields: dict[str, Any] = structs.asdict(incident)
    out = Incident(
        kind=_KINDS[type(incident)],
        of_devices=int(isinstance(incident, incidents.NetworkLoss | incidents.CrashLoop | incidents.Push)),
        begins=round(incident.from_hour * HOUR_MS),
        ends=round(incident.to_hour * HOUR_MS),
        platforms=sum(1 << PLATFORMS.index(name) for name in incident.platforms or profile.platforms if name in platforms_of(incident)),
        networks=sum(1 << ids["networks"][name] for name in incident.networks or profile.networks),
        countries=table([country(name) for name in incident.countries or profile.population.countries]),
        share=threshold(incident.share),
        percent=round(fields.get("factor", 1) * 100),
        status=fields.get("status", 0),
        answer=answer(fields.get("status", 0)),
        bug=ids["bugs"][fields["bug"]] if "bug" in fields else 0,
        page=ids["pages"][fields["page"]] if "page" in fields else 0,
        tries=fields.get("tries", 0),
        again=threshold(fields.get("again_share", 0)),
    )
    if fields.get("releases"):
        versions = [profile.app.version, *(release.version for release in profile.app.releases)]
        out.what = table([i for i, version in enumerate(versions) if version in fields["releases"]])
    for what in ("apis", "assets", "pages"):
        if what in fields:
            out.what = table([ids[what][name] for name in fields[what] or ids[what]])
    if isinstance(incident, incidents.NetworkLoss):
        out.what = table([*ids["apis"].values(), *ids["assets"].values()])
    if "delay" in fields:
        out.delay = law(fields["delay"])
    return out
