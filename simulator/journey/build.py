"""Builds the world from a profile: names become numbers, laws become tables."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from http import HTTPStatus
from typing import Any

from simulator.errors import ProfileError
from simulator.journey import world
from simulator.journey.build_incidents import row as incident_row
from simulator.journey.build_people import people
from simulator.journey.tabulate import Tables, quantiles
from simulator.journey.world import Act, Bug, Model, Network, Page, Platform, Target, World
from simulator.kernel.rnd import threshold
from simulator.kernel.tables import exponential_table
from simulator.profile import requests, types
from simulator.profile.check import CRASHES, EXIT
from simulator.profile.editions import EDITIONS
from simulator.profile.editions import NAMES as EDITION_NAMES
from simulator.profile.editions import weights as edition_weights
from simulator.profile.laws import Constant, LogNormal
from simulator.profile.reactions import Reactions
from simulator.profile.remote import rates_of
from simulator.profile.strings import NUMBER, Strings
from simulator.schema.words import BACKGROUND, CLICK, CLOSE, FOREGROUND, HIDE, PLATFORMS, SHOW, TAP, TERMINATE

HANDLER = LogNormal(median=8, sigma=0.9, max=4000)  # assumed: ms of an act's handler
LAYOUT_SHIFT = LogNormal(median=30, sigma=1.2, max=2000)  # assumed: CLS in 1/1000
NOTHING = Constant(value=0)
"""The size of an empty body."""
_WEB = {"press": CLICK, "away": HIDE, "back": SHOW, "end": CLOSE, "ends_away": 0, "scripts": 1}
_MOBILE = {"press": TAP, "away": BACKGROUND, "back": FOREGROUND, "end": TERMINATE, "ends_away": 1}
_WORDS: Mapping[str, dict[str, int]] = {
    "web": {**_WEB, "reloads": 1, "dom": 1},
    "miniprogram": {**_WEB, "press": TAP},
    "ios": _MOBILE,
    "android": _MOBILE,
}
_NAMES: Mapping[str, dict[str, str]] = {  # FACTS 4 (web), FACTS 9 (crash subtypes on mobile); `api` on mobile is the document's word
    "web": {"api_type": "fetch", "stall_source": "LoAF"},
    "miniprogram": {"api_type": "api", "stall_source": "main"},
    "ios": {"api_type": "api", "stall_source": "EVENT", "exception_subtype": "nsexception", "signal_subtype": "signal"},
    "android": {"api_type": "api", "stall_source": "EVENT", "exception_subtype": "java", "signal_subtype": "native"},
}
_SDK_WORDS = {"failed": "TypeError: Failed to fetch", "no_response": "Application not responding"}  # FACTS 4; the second is assumed
CLICK_TEXT = 20  # FACTS 4: the text of a click's target is cut after 20 characters
_INITIATORS = {"css": "link", "js": "script", "image": "img", "font": "css", "media": "video"}  # Resource Timing (W3C): the element that loads it
_SOURCES = {"error": "onError", "rejection": "onUnhandledRejection", "custom": "custom"}  # FACTS 4, exception


def build(profile: types.Profile, seed: int, *, visits_per_day: float | None = None) -> tuple[World, Strings]:
    """Make the world of a profile and its intern table. `visits_per_day` replaces the population's."""
    t, strings = Tables(), Strings()
    w = World(seed=seed)
    people(w, t, strings, profile, visits_per_day)
    w.exponential = t.add(exponential_table())
    w.platform = t.choice({PLATFORMS.index(n): p.share for n, p in profile.platforms.items()})
    w.begins = sum(1 << i for i, name in enumerate(EDITION_NAMES) if "begins_tag" in EDITIONS[name].rules)
    w.literal = sum(1 << i for i, edition in enumerate(EDITIONS.values()) if edition.literal_names)
    w.timed = sum(1 << i for i, edition in enumerate(EDITIONS.values()) if edition.timed_files)
    w.handler, w.layout_shift = t.law(HANDLER), t.law(LAYOUT_SHIFT)
    for name in (f.name for f in fields(w.words)):
        setattr(w.words, name, strings.id(_SDK_WORDS.get(name, name)))
    networks = _numbered(profile.networks)
    _fill(w.networks, "networks", [_network(t, strings, n) for n in profile.networks.values()])
    _platforms(w, t, strings, profile, networks)
    _pages(w, t, strings, profile)
    _reactions(w, t, profile.reactions)
    _incidents(w, t, strings, profile, networks)
    if len(t.flat) > world.TABLES:
        raise ProfileError(f"the profile's laws need {len(t.flat)} table entries; expected at most {world.TABLES}: use fewer distinct laws")
    w.tables[: len(t.flat)] = t.flat
    return w, strings


def _fill(rows: list[Any], at: str, parts: list[Any]) -> None:
    """Put the parts into a list of the world, from row 1."""
    if len(parts) >= len(rows):
        raise ProfileError(f"at `{at}`: found {len(parts)} entries; expected at most {len(rows) - 1}")
    rows[1 : 1 + len(parts)] = parts


def _network(t: Tables, strings: Strings, n: requests.Network) -> Network:
    return Network(
        model=strings.id(n.model),
        dns=t.law(n.dns),
        rtt=t.law(n.rtt),
        tls_round_trips=n.tls_round_trips,
        reuse=threshold(n.reuse_share),
        bytes_per_s=max(1, round(n.kilobytes_per_s * 1000)),
    )


def _platforms(w: World, t: Tables, strings: Strings, profile: types.Profile, networks: dict[str, int]) -> None:
    models: list[Model] = []
    for name, p in profile.platforms.items():
        weights: dict[int, float] = {}
        for system in p.os:
            for model, share in system.models.items():
                speed = t.quantiles(quantiles(system.speed or p.speed, 1_000))
                models.append(Model(strings.id(model), strings.id(system.name), strings.id(system.version), speed))
                weights[len(models)] = share * system.share
        row: Platform = w.platforms[PLATFORMS.index(name)]
        for slot, word in _WORDS[name].items():
            setattr(row, slot, word)
        for slot, text in _NAMES[name].items():
            setattr(row, slot, strings.id(text))
        row.networks = t.choice({networks[n]: share for n, share in p.networks.items()})
        row.models = t.choice(weights)
        row.editions = t.choice({EDITION_NAMES.index(n): share for n, share in edition_weights(name, p.editions).items()})
        row.close, row.crash = threshold(p.close_share), threshold(p.crash_share)
        row.trip, row.long_trip, row.killed = threshold(p.trips.share), threshold(p.trips.long_share), threshold(p.trips.killed_share)
        row.short, row.long = t.law(p.trips.short), t.law(p.trips.long)
        row.resume, row.kept = threshold(p.left.resume_share), t.law(p.left.kept) if p.left.kept else 0
        row.idle, row.idle_gap = threshold(p.idle.share), t.law(p.idle.gap)
        row.fetch, row.fetch_fails = t.law(p.remote.latency), threshold(p.remote.fail_share)
        row.rates = t.list([n for since, rate in rates_of(p.remote) for n in (since, rate)], 2)
    _fill(w.models, "platforms.*.os.*.models", models)


def _reactions(w: World, t: Tables, r: Reactions) -> None:
    w.patience = t.quantiles(quantiles(r.patience, 1_000))
    for row, patience in ((w.page_patience, r.page), (w.api_patience, r.api), (w.block_patience, r.interaction)):
        row.after, row.average = patience.after, round(patience.half / math.log(2))
    w.rage, w.rage_after, w.rage_presses, w.rage_gap = threshold(r.rage.share), r.rage.after, r.rage.presses, t.law(r.rage.gap)
    w.flow, w.flow_pages, w.linger = threshold(r.flow.share), r.flow.pages, round(r.linger * 100)


def _incidents(w: World, t: Tables, strings: Strings, profile: types.Profile, networks: Mapping[str, int]) -> None:
    ids = {
        "pages": _numbered(profile.pages),
        "apis": _numbered(profile.apis),
        "assets": _numbered(profile.assets, 1 + len(profile.apis)),
        "bugs": _numbered(profile.bugs),
        "networks": networks,
    }
    rows = [
        incident_row(i, profile, ids, law=t.law, table=t.list, country=strings.id, answer=lambda status: strings.id(_phrase(status)))
        for i in profile.incidents.values()
    ]
    _fill(w.incidents, "incidents", rows)
    w.incident_count = len(rows)


def _numbered(names: Iterable[str], first: int = 1) -> dict[str, int]:
    return {name: i for i, name in enumerate(names, first)}


def _pages(w: World, t: Tables, strings: Strings, profile: types.Profile) -> None:
    origin = profile.app.origin
    page_ids = _numbered(profile.pages) | {EXIT: 0}
    api_ids = _numbered(profile.apis) | {"": 0}
    asset_ids = _numbered(profile.assets, 1 + len(profile.apis))
    _fill(
        w.targets,
        "apis, assets",
        [_api(t, strings, origin, a) for a in profile.apis.values()] + [_asset(t, strings, origin, a) for a in profile.assets.values()],
    )
    _fill(w.bugs, "bugs", [_bug(t, strings, b) for b in profile.bugs.values()])
    acts = [act for page in profile.pages.values() for act in page.acts]
    _fill(w.acts, "pages.*.acts", [_act(strings, a, api_ids) for a in acts])
    w.entry = t.choice({page_ids[n]: share for n, share in profile.entry.items()})
    w.arm_pages = 1 + len(profile.pages)
    rows: list[Page] = []
    seen = 0
    for name, page in profile.pages.items():
        weights = {seen + i: act.weight for i, act in enumerate(page.acts, 1)}
        seen += len(page.acts)
        rows.append(
            Page(
                path=strings.id(page.path),
                name=strings.id(page.path.replace(NUMBER, ":id")),
                ids=t.ids(page.ids),
                url=strings.id(origin + page.path),
                load=t.law(page.load),
                think=t.pauses(page.think),
                acts_per_view=t.law(page.acts_per_view),
                stay=t.pauses(page.stay),
                acts=t.choice(weights) if weights else 0,
                next=t.add(_next(t, profile, name, page_ids)),
                assets=t.list([asset_ids[n] for n in page.assets]),
                apis=t.list([api_ids[n] for n in page.apis]),
                bugs=t.list(_thrown(profile, name), 2),
                crashes=_crashes(t, profile, name),
                block=t.law(page.block),
                block_share=threshold(page.block_share),
                stacks=[strings.id(frame) for frame in _frames(origin, name, page.path, len(rows))],
            )
        )
    _fill(w.pages, "pages", rows)


def _next(t: Tables, profile: types.Profile, name: str, page_ids: dict[str, int]) -> Iterator[int]:
    """Give the choices of the page after a page: for each arm, by the page before (none first)."""
    page = profile.pages[name]
    decided = bool(profile.journey.continuation)  # elsewhere, whether a visit goes on
    for arm in profile.app.arms.values() or [None]:
        for before in ("", *profile.pages):
            weights = arm.next[name] if arm and name in arm.next else page.next_after.get(before, page.next)
            yield t.choice({page_ids[n]: share for n, share in weights.items() if share and not (decided and n == EXIT)} or {0: 1.0})


def _frames(origin: str, name: str, path: str, number: int) -> tuple[str, str, str, str]:
    """Give by platform a frame of the page's code, in the form of the platform's crashes. Assumed: how applications call their code."""
    script = f"at render ({origin}{path.replace(NUMBER, 'item')}.js:{100 + number}:17)"
    host = re.findall(r"\w+", re.sub(r"^https?://|:\d+$", "", origin)) or ["app"]
    page = "".join(word.capitalize() for word in re.findall(r"\w+", name))
    ios = f"0 {host[0].capitalize()} 0x{0x1_0480_0000 + 0x1000 * number:016x} {page}ViewController.render() + 212"
    return script, script, ios, f"at {'.'.join(reversed(host))}.{page}Fragment.render({page}Fragment.kt:{100 + number})"


def _act(strings: Strings, a: types.Act, api_ids: dict[str, int]) -> Act:
    text = a.name if len(a.name) <= CLICK_TEXT else a.name[:CLICK_TEXT] + "..."
    found = re.fullmatch(r'//\*\[@id="([^"]+)"\]', a.target)
    return Act(
        scroll=int(a.kind == "scroll"),
        name=strings.id(a.name),
        click_name=strings.id(f"click on button: {text}"),
        snapshots=strings.id(json.dumps({"id": found[1]}, separators=(",", ":")) if found else ""),
        target=strings.id(a.target),
        api=api_ids[a.api],
    )


def _thrown(profile: types.Profile, page: str) -> list[int]:
    """Pairs of (bug, 31-bit threshold) of a page."""
    pairs = [(i, b.pages[page]) for i, b in enumerate(profile.bugs.values(), 1) if b.kind not in CRASHES and page in b.pages]
    return [number for bug, share in pairs for number in (bug, threshold(share))]


def _crashes(t: Tables, profile: types.Profile, page: str) -> list[int]:
    """By platform, the table of the crashes of a page; 0: there is none."""
    out = []
    for platform in PLATFORMS:
        fitting = {i: b for i, b in enumerate(profile.bugs.values(), 1) if b.kind in CRASHES and platform in (b.platforms or PLATFORMS)}
        weights = {i: b.pages[page] for i, b in fitting.items() if b.pages.get(page)}
        out.append(t.choice(weights) if weights else 0)
    return out


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""


def _api(t: Tables, strings: Strings, origin: str, a: requests.Api) -> Target:
    return Target(
        url=strings.id(origin + a.path),
        path=strings.id(a.path),
        ids=t.ids(a.ids),
        type=strings.id("fetch"),
        initiator=strings.id("fetch"),
        answer=strings.id(_phrase(a.status)),
        fail_answer=strings.id(_phrase(a.fail.status)),
        method=strings.id(a.method),
        status=a.status,
        fail_status=a.fail.status,
        server=t.law(a.server),
        bytes=t.law(a.size),
        sent_bytes=0 if a.request_size == NOTHING else t.law(a.request_size),
        slow=threshold(a.slow.share),
        slow_percent=round(a.slow.factor * 100),
        fail=threshold(a.fail.share),
    )


def _asset(t: Tables, strings: Strings, origin: str, a: requests.Asset) -> Target:
    return Target(
        url=strings.id((a.origin or origin) + a.path),
        path=strings.id(a.path),
        opaque=int(a.origin not in (None, origin) and not a.timing),
        type=strings.id(a.type),
        initiator=strings.id(_INITIATORS[a.type]),
        method=strings.id("GET"),
        status=200,
        server=t.law(a.server),
        bytes=t.law(a.size),
        sent_bytes=0,
    )


def _bug(t: Tables, strings: Strings, b: types.Bug) -> Bug:
    return Bug(
        type=strings.id("custom" if b.kind == "custom" else "error"),
        name=strings.id(b.name),
        message=strings.id(b.message),
        stack=strings.id(b.stack),
        source=strings.id(_SOURCES.get(b.kind, "")),
        ids=t.ids(b.ids),
        same=strings.id(b.message + b.stack),
        platforms=sum(1 << PLATFORMS.index(name) for name in b.platforms or PLATFORMS),
        signal=int(b.kind == "signal"),
        custom=int(b.kind == "custom"),
    )
