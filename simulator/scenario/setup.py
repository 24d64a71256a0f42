"""Setting the SDK up, and up again when a remote configuration arrives (FACTS 3).

Rules of the file, all read in the SDK's source:
- `init` sets every collector up; `configure` takes down and sets up again those that can be taken down: all but the web vitals.
- What asks for requests holds the filters' object of its setting up, and reads its members at each request.
- What observes buffered entries gets those of before in a task of its own.
- Page timings that are set up again wait 200 ms longer each time: the pause after the last of them is wrapped once more.
"""

import json
from copy import copy, deepcopy
from functools import partial
from typing import Any, Final

from simulator.errors import DataError
from simulator.play import replay
from simulator.scenario import settings
from simulator.scenario import values as v
from simulator.scenario.browser import CONFIG_KEY, Watch
from simulator.scenario.entries import observe_files, observe_stalls
from simulator.scenario.js import parse_json, truthy
from simulator.scenario.network import post_report, request_xhr
from simulator.scenario.page import Document, Page
from simulator.scenario.script import Answer
from simulator.scenario.vitals import Shared, Vitals
from simulator.schema.words import API, LAUNCH, PERF, STALL, STATIC, VITAL

REGION: Final = "cn-hangzhou"  # FACTS 3


def init(page: Page, given: settings.Config) -> None:
    """Set the SDK up with the configuration that the page gives, and ask for the remote one."""
    given = deepcopy(given)
    page.given = config = given
    if settings.wants_remote(given):
        config = settings.combined(given, page.browser.kept_config(page.place.origin, given.get("pid"))) or given
    _refuse(config)
    page.config = config
    page.post = partial(post_report, page)
    page.slot = settings.slot_of(config, page.place)
    page.percent = settings.sample_percent(config)
    page.limits = settings.limits_of(config)
    if page not in page.document.pipes:
        page.collect_only()
    page.feed(LAUNCH)
    _set_up_views(page)
    _set_up_timings(page)
    if settings.has_probe(page.limits, VITAL):
        _watch_vitals(page)
    _set_up_rest(page)
    if truthy(given.get("pid")) and settings.wants_remote(given):
        url = _remote_url(page, given)
        request_xhr(page.document, "GET", url, lambda answer: _configure(page, given, answer))


def init_again(document: Document, given: settings.Config) -> None:
    """Set the SDK up once more: from now on events go through the pipe of each init (FACTS 6: collectors are doubled, and duplicates sent)."""
    first = document.collectors[0]
    if first is document.pipes[0]:
        document.pipes[0] = _part_from(first)
    collector, pipe = Page(first.browser, document), Page(first.browser, document)
    pipe.screen = collector.screen
    document.pipes.append(pipe)
    document.collectors.append(collector)
    pipe.config = config = deepcopy(given)
    pipe.post = partial(post_report, pipe)
    pipe.slot = settings.slot_of(config, document.place)
    pipe.percent, pipe.limits = settings.sample_percent(config), settings.limits_of(config)
    init(collector, config)


def _part_from(page: Page) -> Page:
    """Make a page's queue and signs of life a pipe of their own; what it holds back stays."""
    pipe = Page(page.browser, page.document)
    pipe.config, pipe.slot, pipe.percent, pipe.limits, pipe.screen = page.config, page.slot, page.percent, copy(page.limits), page.screen
    pipe.post = partial(post_report, pipe)
    pipe.take_queue(page)
    return pipe


def _refuse(config: settings.Config) -> None:
    """Raise DataError for a configuration that the real SDK could not bear once a remote one has been laid over it."""
    if reason := settings.refused(config):
        raise DataError(f"with the remote configuration: {reason}")


def _remote_url(page: Page, config: settings.Config) -> str:
    """Tell where the remote configuration is."""
    remote = settings.part(config, "remoteConfig")
    if truthy(remote.get("url")):
        return str(remote["url"])
    app, token = config["pid"].split("@")[:2]
    return f"//{app}-sdk.rum.aliyuncs.com/config/{remote.get('region') or REGION}/{token}?t={page.at()}"


def _configure(page: Page, given: settings.Config, answer: Answer) -> None:
    """Take over a remote configuration, if the answer is one."""
    if answer.fail or not 200 <= answer.status < 300:  # noqa: PLR2004
        return
    try:
        remote = parse_json(answer.body)
    except ValueError:
        return
    if not isinstance(remote, dict) or "errorStatus" in remote:
        return
    new = settings.combined(given, remote)
    kept = {"timestamp": page.at(), **({"pid": given["pid"]} if "pid" in given else {}), "content": settings.storable(remote)}
    page.browser.local(page.place.origin)[CONFIG_KEY] = json.dumps(kept)
    take_over(page)
    if new is None or settings.part(given, "remoteConfig").get("reSetup") is False:
        return
    _refuse(new)
    page.config = new
    take_over(page)
    settings.set_probes(page.limits, new)
    _set_up_views(page)
    _set_up_timings(page)
    _set_up_rest(page)


def take_over(page: Page) -> None:
    """Take over what the SDK reads when it needs it: when to report, and whether web vitals are wanted."""
    config = page.config or {}
    settings.set_reporting(page.limits, config)
    settings.set_probe(page.limits, VITAL, settings.wants(config, "webVitals"))


def _set_up_views(page: Page) -> None:
    """Report the page view; when set up again, only if the URL has got another name since."""
    before, page.shown_url = page.shown_url, page.url
    mode = settings.spa_mode(page.config)
    name = v.path_of(page.url, page.place, mode)
    if before is None or name != v.path_of(before, page.place, mode):
        page.show(name, "", "initial_load")
    page.routes = bool(mode)


def _set_up_timings(page: Page) -> None:
    """Begin an event of page timings. What waits to be read goes into it."""
    page.perf = None
    page.call(replay.TIME_NOTHING)
    if not settings.has_probe(page.limits, PERF):
        return
    page.perf = {"url": page.url, "referrer": ""}
    page.call(replay.TIME_AGAIN)
    page.perf_span = page.browser.digits(16)
    if page.perf_depth:
        for i in reversed(range(page.box.waiting)):
            if page.box.held[i].kind == PERF:
                page.later(page.box.held[i].at - page.browser.now, page.paint)
                page.call(replay.DROP, place=i)
    page.perf_depth += 1


def _watch_vitals(page: Page) -> None:
    document, browser = page.document, page.browser
    document.shared = document.shared or Shared(hidden=document.hidden)
    page.vitals = vitals = Vitals(page.measure, lambda do: page.later(0, do), document.shared, (browser.at(), browser.random))
    for kind in vitals.watched():
        if found := [e for e in page.document.entries if e["entryType"] == kind]:
            page.later(0, partial(vitals.observe, kind, found, page.document.entries))


def _set_up_rest(page: Page) -> None:
    """Set up errors, requests, static files and long frames."""
    page.catches_errors, page.catches_console = settings.wants(page.config, "jsError"), settings.wants(page.config, "consoleError")
    page.caches = settings.has_probe(page.limits, API)
    page.request_filters = settings.part(page.config, "filters")
    if not settings.has_probe(page.limits, STATIC):
        page.files.on = False
    elif not page.files.on:
        page.files = Watch()
        _watch(page, page.files, "resource", observe_files)
    page.stalls.on = False
    page.call(replay.FORGET_FRAMES)
    if settings.has_probe(page.limits, STALL):
        page.stalls = Watch()
        _watch(page, page.stalls, "long-animation-frame", observe_stalls)


def _watch(page: Page, watch: Watch, kind: str, observe: Any) -> None:  # noqa: ANN401
    """Hand over the entries of before, if they are still wanted then."""
    if found := [e for e in page.document.entries if e["entryType"] == kind]:
        page.later(0, lambda: observe(page, found) if watch.on else None)
