"""Rules that tie a profile's fields together: names that exist, weights that sum, exits that can be reached."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from simulator.profile.editions import EDITIONS, takes_remote
from simulator.profile.incidents import AnrWave, BlankScreen, CdnOutage, CrashLoop, FailingApi, Incident, Push
from simulator.profile.laws import Law, LogNormal, Mixture, Quantiles, Uniform, largest, quantile
from simulator.profile.strings import NUMBER
from simulator.profile.types import Left, Page, Platform, Population, Profile, RemoteConfig
from simulator.profile.zones import ZONES
from simulator.schema.words import PLATFORMS

EXIT = "exit"
CRASHES = ("exception", "signal")
THROWN = ("error", "rejection")
MOBILE = ("ios", "android")
WEBS = ("web", "miniprogram")
FACTOR = 100
"""No device is so many times slower than others, and nobody so much more patient."""
GLANCE = 60_000  # ms; document: Manual Configuration, a session lives on in the background for so long
PARALLEL = 24
"""Assets and APIs that a page may load at once."""
SUM_TOLERANCE = 1e-6
FAILS = 400
"""The least status of an answer that is a failure (RFC 9110, 15.5)."""
FORMAT = 1
DAY, WEEK = 24, 168
"""Hours."""


def mistakes(profile: Profile) -> Iterator[str]:
    """Yield a line for each mistake, in the order of the file."""
    if profile.format != FORMAT:
        yield f"at `format`: found {profile.format}; expected {FORMAT}"
    yield from _laws(profile)
    population = profile.population
    yield from _sum("population.countries", population.countries)
    if quantile(population.activity, 0.999) <= 0:
        yield "at `population.activity`: found a law of zeros; expected one with values above 0"
    if population.named_share and not population.locales:
        yield "at `population.locales`: found none; expected at least one, as named_share is above 0"
    yield from _hours(population)
    yield from _platforms(profile)
    yield from _factor("reactions.patience", profile.reactions.patience)
    yield from _app(profile)
    yield from _names("entry", profile.entry, profile.pages, "page")
    yield from _sum("entry", profile.entry)
    if EXIT in profile.pages:
        yield f"at `pages.{EXIT}`: found a page of that name; expected another: in `next` it ends the visit"
    for name, page in profile.pages.items():
        yield from _page(profile, f"pages.{name}", page)
    yield from _reach(profile)
    going_on = profile.journey.continuation
    if going_on and going_on[-1] >= 1:
        why = "the last share holds from there on, so no visit that gets there would end"
        yield f"at `journey.continuation[{len(going_on) - 1}]`: found {going_on[-1]:g}; expected less than 1: {why}"
    yield from _numbers(profile)
    yield from _once("fidelity.claims[{}]", profile.fidelity.claims)
    for name, incident in profile.incidents.items():
        yield from _incident(profile, f"incidents.{name}", incident)
    for name, api in profile.apis.items():
        yield from _failure(f"apis.{name}.fail.status", api.fail.status)
    for name, bug in profile.bugs.items():
        yield from _names(f"bugs.{name}.pages", bug.pages, profile.pages, "page")
        yield from _names(f"bugs.{name}.platforms", bug.platforms, profile.platforms, "platform of the profile")
        if bug.kind in CRASHES and bug.pages:
            yield from _sum(f"bugs.{name}.pages", bug.pages)


def _hours(population: Population) -> Iterator[str]:
    """Find weeks of other lengths, countries without a zone, and bursts that overlap."""
    if len(population.hours) not in (DAY, WEEK):
        yield f"at `population.hours`: found {len(population.hours)} numbers; expected {DAY}, of a day, or {WEEK}, of a week"
    if len(population.hours) == WEEK and len(set(population.days)) > 1:
        yield f"at `population.days`: found days of unequal weights beside {WEEK} hours; expected none: these hours have their days"
    if population.hours_in == "local":
        for country in population.countries:
            if country not in population.zones and country not in ZONES:
                yield f"at `population.zones`: found none of {country!r}; expected its hours ahead of UTC, as hours_in is local"
    elif population.zones:
        yield "at `population.zones`: found hours of countries beside hours in UTC; expected none, or hours_in = 'local'"
    yield from _names("population.zones", population.zones, population.countries, "country of the population")
    for i, burst in enumerate(population.bursts):
        at, before = f"population.bursts[{i}]", population.bursts[i - 1].to_hour if i else 0
        if burst.from_hour >= burst.to_hour:
            yield f"at `{at}.to_hour`: found {burst.to_hour:g}; expected more than from_hour = {burst.from_hour:g}"
        if burst.from_hour < before:
            yield f"at `{at}.from_hour`: found {burst.from_hour:g}; expected at least {before:g}, the end of the burst before it"


def _app(profile: Profile) -> Iterator[str]:
    app = profile.app
    for i, release in enumerate(app.releases):
        at, before = f"app.releases[{i}]", app.releases[i - 1].from_hour if i else 0
        yield from _names(f"{at}.platforms", release.platforms, profile.platforms, "platform of the profile")
        if release.from_hour < before:
            yield f"at `{at}.from_hour`: found {release.from_hour:g}; expected at least {before:g}, the hour of the release before it"
        if release.version == app.version:
            yield f"at `{at}.version`: found {release.version!r}, the application's first version; expected another"
    if app.arms:
        yield from _sum("app.arms.*.share", {name: arm.share for name, arm in app.arms.items()})
    for name, arm in app.arms.items():
        yield from _names(f"app.arms.{name}.next", arm.next, profile.pages, "page")
        for page, weights in arm.next.items():
            yield from _names(f"app.arms.{name}.next.{page}", weights, (*profile.pages, EXIT), "page")
            yield from _sum(f"app.arms.{name}.next.{page}", weights)


def _platforms(profile: Profile) -> Iterator[str]:
    yield from _names("platforms", profile.platforms, PLATFORMS, "platform")
    yield from _sum("platforms.*.share", {n: p.share for n, p in profile.platforms.items()})
    for name, platform in profile.platforms.items():
        yield from _platform(profile, f"platforms.{name}", name, platform)


def _platform(profile: Profile, at: str, name: str, platform: Platform) -> Iterator[str]:
    own = [e for e, row in EDITIONS.items() if row.platform == name]
    yield from _names(f"{at}.editions", platform.editions, own, "edition")
    if platform.editions:
        yield from _sum(f"{at}.editions", platform.editions)
    yield from _sum(f"{at}.os.*.share", {str(i): o.share for i, o in enumerate(platform.os)})
    yield from _factor(f"{at}.speed", platform.speed)
    for i, system in enumerate(platform.os):
        yield from _factor(f"{at}.os[{i}].speed", system.speed or platform.speed)
        yield from _sum(f"{at}.os[{i}].models", system.models)
    yield from _names(f"{at}.networks", platform.networks, profile.networks, "network")
    yield from _sum(f"{at}.networks", platform.networks)
    if (longest := largest(platform.trips.short)) > GLANCE:
        why = "a glance keeps the session; longer trips are those of `long`"
        yield f"at `{at}.trips.short`: found a law with values up to {longest:.12g}; expected at most {GLANCE}: {why}"
    mobile = name in MOBILE
    if platform.remote.enable and not mobile and not takes_remote(platform.sdk_version):
        yield f"at `{at}.remote.enable`: found true with SDK {platform.sdk_version}; expected SDK 0.0.37 or later (the product document)"
    if mobile and platform.remote.enable is False:
        yield f"at `{at}.remote.enable`: found false; expected none: the mobile SDKs always fetch"
    yield from _rates(f"{at}.remote.rates", platform.remote, fetches=mobile or bool(platform.remote.enable))
    if platform.crash_share and not mobile:
        yield f"at `{at}.crash_share`: found {platform.crash_share}; expected 0: only the process of a mobile app crashes"
    crashes = [bug for bug in profile.bugs.values() if bug.kind in CRASHES and name in (bug.platforms or PLATFORMS)]
    if platform.crash_share and not any(bug.pages for bug in crashes):
        yield f"at `{at}.crash_share`: found {platform.crash_share}, but no entry of `bugs` on {name} has kind exception or signal and pages"
    if not mobile and (platform.session.overtime == 0 or platform.session.max_duration == 0):
        yield f"at `{at}.session`: found a limit of 0 ms; expected more than 0"
    if mobile and (platform.session.overtime is not None or platform.session.max_duration is not None):
        yield f"at `{at}.session`: found overtime or max_duration; expected none: they are parameters of web and mini programs"
    if platform.close_share >= 1 and platform.left != Left():
        yield f"at `{at}.left`: found what becomes of what is left open, but close_share is 1; expected less than 1, or no `left`"


def _once(at: str, found: Sequence[str]) -> Iterator[str]:
    for i, name in enumerate(found):
        if name in found[:i]:
            yield f"at `{at.format(i)}`: found {name!r} twice; expected it once"


def _factor(at: str, law: Law) -> Iterator[str]:
    if (most := quantile(law, 0.9995)) > FACTOR:
        yield f"at `{at}`: found a law with values such as {most:.6g}; expected factors of at most {FACTOR}, 1 being usual"


def _rates(at: str, remote: RemoteConfig, *, fetches: bool) -> Iterator[str]:
    if remote.rates and not fetches:
        yield f"at `{at}`: found {len(remote.rates)}, but nothing fetches them; expected none, or remote.enable = true"
    for i, (before, rate) in enumerate(pairwise(remote.rates), 1):
        if rate.from_hour <= before.from_hour:
            yield f"at `{at}[{i}].from_hour`: found {rate.from_hour:g}; expected more than {before.from_hour:g}, the hour of the rate before it"


def _page(profile: Profile, at: str, page: Page) -> Iterator[str]:
    yield from _names(f"{at}.next", page.next, (*profile.pages, EXIT), "page")
    yield from _sum(f"{at}.next", page.next)
    yield from _names(f"{at}.next_after", page.next_after, profile.pages, "page")
    for before, weights in page.next_after.items():
        yield from _names(f"{at}.next_after.{before}", weights, (*profile.pages, EXIT), "page")
        yield from _sum(f"{at}.next_after.{before}", weights)
    yield from _names(f"{at}.assets", page.assets, profile.assets, "asset")
    yield from _names(f"{at}.apis", page.apis, profile.apis, "API")
    if len(page.assets) + len(page.apis) > PARALLEL:
        yield f"at `{at}`: found {len(page.assets) + len(page.apis)} assets and APIs; expected at most {PARALLEL}"
    if page.acts:
        yield from _sum(f"{at}.acts.*.weight", {str(i): act.weight for i, act in enumerate(page.acts)})
    for i, act in enumerate(page.acts):
        if act.api:
            yield from _names(f"{at}.acts[{i}].api", [act.api], profile.apis, "API")


def _incident(profile: Profile, at: str, incident: Incident) -> Iterator[str]:
    if incident.from_hour >= incident.to_hour:
        yield f"at `{at}.to_hour`: found {incident.to_hour:g}; expected more than from_hour = {incident.from_hour:g}"
    known: dict[str, tuple[object, str]] = {
        "platforms": (profile.platforms, "platform of the profile"),
        "countries": (profile.population.countries, "country of the population"),
        "networks": (profile.networks, "network"),
        "apis": (profile.apis, "API"),
        "assets": (profile.assets, "asset"),
        "pages": (profile.pages, "page"),
    }
    for field, (names, what) in known.items():
        yield from _names(f"{at}.{field}", getattr(incident, field, []), names, what)
    if isinstance(incident, CrashLoop):
        versions = [profile.app.version, *(release.version for release in profile.app.releases)]
        yield from _names(f"{at}.releases", incident.releases, versions, "version of the application")
    if isinstance(incident, Push):
        yield from _names(f"{at}.page", [incident.page], profile.pages, "page")
    if isinstance(incident, BlankScreen | CrashLoop):
        kinds = CRASHES if isinstance(incident, CrashLoop) else THROWN
        fitting = [name for name, bug in profile.bugs.items() if bug.kind in kinds]
        yield from _names(f"{at}.bug", [incident.bug], fitting, f"bug of kind {' or '.join(kinds)}")
        if incident.bug in fitting:
            yield from _where(profile, at, incident)
    able = platforms_of(incident)
    for name in incident.platforms:
        if name in profile.platforms and name not in able:
            yield f"at `{at}.platforms`: found {name!r}, which cannot have {_kind(incident)}; expected {_one_of(able)}"
    if not set(profile.platforms) & set(able):
        yield f"at `{at}.kind`: found {_kind(incident)}, but no platform of the profile can have it; expected {_one_of(able)}"
    if isinstance(incident, FailingApi | CdnOutage):
        yield from _failure(f"{at}.status", incident.status)


def _where(profile: Profile, at: str, incident: BlankScreen | CrashLoop) -> Iterator[str]:
    """Find platforms that the incident meets and on which its bug does not happen."""
    places = profile.bugs[incident.bug].platforms
    met = [name for name in incident.platforms or profile.platforms if name in platforms_of(incident) and name in profile.platforms]
    if places and (elsewhere := [name for name in met if name not in places]):
        yield f"at `{at}.bug`: found {incident.bug!r}, which does not happen on {', '.join(elsewhere)}; expected a bug of all platforms that it meets"


def platforms_of(incident: Incident) -> tuple[str, ...]:
    """List the platforms that can have an incident of this kind."""
    return MOBILE if isinstance(incident, CrashLoop | AnrWave) else WEBS if isinstance(incident, BlankScreen) else PLATFORMS


def _kind(incident: Incident) -> str:
    return str(incident.__struct_config__.tag)


def _failure(at: str, status: int) -> Iterator[str]:
    if 0 < status < FAILS:
        yield f"at `{at}`: found {status}; expected 0 (no answer) or 400 to 599: other answers are no failure"


def _numbers(profile: Profile) -> Iterator[str]:
    """Find numbers in strings that have no place for them, and places without numbers."""
    texts = {f"pages.{n}.path": (page.path, page.ids) for n, page in profile.pages.items()}
    texts |= {f"apis.{n}.path": (api.path, api.ids) for n, api in profile.apis.items()}
    texts |= {f"bugs.{n}.message": (b.message, b.ids) for n, b in profile.bugs.items()}
    texts |= {f"bugs.{n}.stack": (b.stack, b.ids) for n, b in profile.bugs.items() if NUMBER in b.stack}
    for at, (text, ids) in texts.items():
        if text.count(NUMBER) > 1:
            yield f"at `{at}`: found {NUMBER} {text.count(NUMBER)} times; expected at most once"
        if ids > 1 and NUMBER not in text:
            yield f"at `{at}`: found no {NUMBER}; expected one, as ids is {ids}"
        if ids == 1 and NUMBER in text:
            part, _, field = at.rpartition(".")
            yield f"at `{part}.ids`: found 1; expected at least 2: so many numbers stand for {NUMBER} in {field}"
    for at, found in _parts(profile, ""):
        if isinstance(found, str) and NUMBER in found and at not in texts:
            yield f"at `{at}`: found {NUMBER}; expected none: only paths of pages and APIs, messages and stacks have numbers in them"


def _reach(profile: Profile) -> Iterator[str]:
    """Find pages from which a visit cannot end, in any arm, and ways by which nobody comes."""
    for arm, changed in [("", {}), *((f"app.arms.{name}", arm.next) for name, arm in profile.app.arms.items())]:
        ways = {("", name): (f"pages.{name}.next", page.next) for name, page in profile.pages.items()}
        ways |= {(b, n): (f"pages.{n}.next_after.{b}", w) for n, page in profile.pages.items() for b, w in page.next_after.items()}
        ways |= {(b, n): (f"{arm}.next.{n}", changed[n]) for b, n in ways if n in changed}
        ends: set[tuple[str, str]] = set()
        grew = True
        while grew:
            more = {k for k, (_, w) in ways.items() if k not in ends and any(p == EXIT or _state(ways, k[1], p) in ends for p in w if w[p] > 0)}
            ends |= more
            grew = bool(more)
        for place, (at, _) in ways.items():
            if place not in ends:
                yield f"at `{at}`: found no way that ends the visit; expected a chain of pages that leads to `{EXIT}`"
    for name, page in profile.pages.items():
        for before in page.next_after:
            page_before, arms = profile.pages[before], profile.app.arms.values()
            leads = [page_before.next, *page_before.next_after.values(), *(arm.next.get(before, {}) for arm in arms)]
            if not any(weights.get(name) for weights in leads):
                yield f"at `pages.{name}.next_after.{before}`: found a page from which nobody comes; expected one that leads to {name}"


def _state(ways: Mapping[tuple[str, str], object], before: str, page: str) -> tuple[str, str]:
    """Give what decides where a visit goes on from a page: the page before, if it matters there."""
    return (before, page) if (before, page) in ways else ("", page)


def _names(at: str, found: Mapping[str, object] | list[str], known: object, what: str) -> Iterator[str]:
    names = list(known)  # type: ignore[call-overload]
    for name in found:
        if name not in names:
            yield f"at `{at}`: found {name!r}, which is no known {what}; expected {_one_of(names)}"


def _sum(at: str, weights: Mapping[str, float]) -> Iterator[str]:
    total = math.fsum(weights.values())
    if abs(total - 1) > SUM_TOLERANCE:
        yield f"at `{at}`: found weights that sum to {total:.6g}; expected 1"


def _laws(profile: Profile) -> Iterator[str]:
    """Laws whose bounds contradict each other, wherever they stand."""
    for at, part in _parts(profile, ""):
        if isinstance(part, Uniform) and part.low > part.high:
            yield f"at `{at}.high`: found {part.high:.12g}; expected at least low = {part.low:.12g}"
        elif isinstance(part, LogNormal) and part.min > part.max:
            yield f"at `{at}.max`: found {part.max:.12g}; expected at least min = {part.min:.12g}"
        elif isinstance(part, Mixture):
            yield from _sum(f"{at}.parts.*.weight", {str(i): component.weight for i, component in enumerate(part.parts)})
        elif isinstance(part, Quantiles) and (part.file or not part.values):
            yield f"at `{at}`: found {'values and file' if part.file else 'neither values nor file'}; expected one of the two"
        elif isinstance(part, Quantiles) and list(part.values) != sorted(part.values):
            yield f"at `{at}.values`: found numbers that fall; expected none below the one before it"


def _parts(part: object, at: str) -> Iterator[tuple[str, object]]:
    """Yield everything that stands in a part, itself and names included, with its path."""
    dot = f"{at}." if at else ""
    yield at, part
    if isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from _parts(getattr(part, name), f"{dot}{name}")
    elif isinstance(part, dict):
        for name, value in part.items():
            yield f"{dot}{name}", name
            yield from _parts(value, f"{dot}{name}")
    elif isinstance(part, list | tuple):
        for i, value in enumerate(part):
            yield from _parts(value, f"{at}[{i}]")


def _one_of(names: Sequence[str]) -> str:
    return "one of " + ", ".join(names) if names else "none"
