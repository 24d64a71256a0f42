"""Editions of the SDK as rows of data: which rules apply, with what numbers, and where each number comes from.

Rules of the file: logic never asks for a platform or an edition's name; it reads a number of the row. A number without a source is marked
assumed. Sources: `document` is the product document (User Session Trace), followed by the heading; `FACTS` is what was measured of the real
SDKs.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from simulator.schema.words import (
    ACTION,
    ALL_KINDS,
    ANDROID,
    ANR,
    ANR_ERROR,
    BEACON,
    CLICK,
    EXCEPTION,
    IOS,
    LEAVE,
    MINIPROGRAM,
    NAVIGATE,
    NEVER,
    PLATFORMS,
    POST,
    SCROLL,
    STALL,
    STATE,
    SWEEP,
    TAP,
    WEB,
)

MINUTE, HOUR = 60_000, 3_600_000
LAUNCH_FIRST = 1  # of sdk's Limits.remote
_INTERACTIONS = 1 << CLICK | 1 << TAP | 1 << SCROLL | 1 << NAVIGATE


class Rule(msgspec.Struct, frozen=True):
    """A number of an edition (ms unless its name says otherwise) and its source."""

    value: int
    source: str


class Setting(msgspec.Struct, frozen=True):
    """What an application may set, as its document or the SDK's source says it; logic reads `Edition.accepts` and the rules."""

    default: str
    accepted: str
    otherwise: str
    """What any other value gets."""
    source: str


class Edition(msgspec.Struct, frozen=True):
    """A row. `rules` has the fields of sdk's Limits; `via` is how it sends (words.VIAS); `sdk_version` goes on the wire as `_v`."""

    name: str
    platform: str
    app_type: str
    sdk_version: str
    via: int
    content_type: str
    body_limit_bytes: int
    """A beacon of this size or more goes by XHR; 0: no such limit."""
    rules: dict[str, Rule]
    wire: str
    """Which fields it sends, in which order: a name of wire/fields.py."""
    session_form: str = "hex"
    """Of the session id: 32 hex digits, or a UUID with dashes and the sampling flag behind it (flagged)."""
    literal_names: bool = False
    """It calls a page by its path, numbers included (FACTS 4: the captures' view names); others by its name in the application."""
    timed_files: bool = False
    """Of static files it reports only those with timing (FACTS 5, static)."""
    accepts: dict[str, tuple[int, int]] = {}
    """The settings for which only a range is accepted; any other value gets the default."""
    settings: dict[str, Setting] = {}
    """All that can be set, by its name in the SDK's configuration."""
    sent_source: str = "FACTS 6; assumed for the documented edition"
    """Where `via`, `content_type` and `body_limit_bytes` come from"""
    told_source: str = "document: Remote Configuration (the version); FACTS 4 (app.type), assumed for the documented edition"
    """and `app_type` and `sdk_version`."""


_WEB_RULES: Final = {
    "overtime": Rule(3_600_000, "document: Manual Configuration, overtime"),
    "max_duration": Rule(86_400_000, "document: Manual Configuration, maxDuration"),
    "away": Rule(NEVER, "document: only mobile sessions end in the background"),
    "launch_opens": Rule(0, "document: Web, Session Continuation"),
    "reloads": Rule(1, "FACTS 6: a navigation hides the document, which flushes"),
    "close_ends": Rule(1, "document: Web, Session Termination"),
    "keeps_queue": Rule(0, "FACTS 6: a page keeps nothing when it closes"),
    "interactions": Rule(_INTERACTIONS, "document: Web, Session Continuation (clicks, scrolls, navigation)"),
    "remote_timeout": Rule(3_000, "assumed: the document names none"),
    "flush_delay": Rule(3_000, "FACTS 6, flushTime of the web SDK; assumed for the documented edition"),
    "flush_count": Rule(20, "FACTS 6, maxEventCount of the web SDK; assumed for the documented edition"),
}
_MOBILE_RULES: Final = {
    "overtime": Rule(NEVER, "document: FAQ, the timeout in the background is the only one"),
    "max_duration": Rule(NEVER, "document: maxDuration is a parameter of Web and Mini Programs"),
    "away": Rule(60_000, "document: Mobile, Session Continuation (within 60 seconds, equality included)"),
    "launch_opens": Rule(1, "document: Mobile, Session Creation"),
    "reloads": Rule(0, "document: Mobile, pages are views of one process"),
    "close_ends": Rule(1, "document: Mobile, Session Termination"),
    "remote": Rule(LAUNCH_FIRST, "document: `enable` is a field of Web and Mini Programs"),
    "remote_always": Rule(1, "document: `cacheTimeout` is a field of Web and Mini Programs"),
    "keeps_queue": Rule(1, "document: Exception Types, reported automatically on next launch"),
    "interactions": Rule(0, "document: Mobile, sessions depend on the foreground only"),
    "anr_least": Rule(5_000, "FACTS 9, the watchdog's constant; assumed for the documented edition"),
    "anr_kind": Rule(ANR, "document: Performance Issue Types"),
    "remote_timeout": Rule(3_000, "assumed: the document names none"),
    "flush_delay": Rule(5_000, "FACTS 9, flush_interval of the mobile SDKs; assumed for the documented edition"),
    "flush_count": Rule(50, "FACTS 9, max_batch_count of the mobile SDKs; assumed for the documented edition"),
}
_REFUSED: Final = "refused with the profile: the document does not say"
_DOCUMENTED_SETTINGS: Final = {
    "sessionConfig.sampleRate": Setting("1", "0 to 1", _REFUSED, "document: Manual Configuration, sampleRate"),
    "sessionConfig.maxDuration": Setting("86,400,000", "ms", _REFUSED, "document: Manual Configuration, maxDuration"),
    "sessionConfig.overtime": Setting("3,600,000", "ms", _REFUSED, "document: Manual Configuration, overtime"),
    "sessionConfig.storage": Setting(
        "localStorage", "cookie, localStorage", "no field of a profile: either outlives pages", "document: Manual Configuration, storage"
    ),
    "remoteConfig.enable": Setting("false", "false, true", _REFUSED, "document: Remote Configuration, enable"),
    "remoteConfig.mode": Setting("launch-first", "launch-first, remote-first", _REFUSED, "document: Remote Configuration, mode"),
    "remoteConfig.cacheTimeout": Setting("3,600,000", "ms", _REFUSED, "document: Remote Configuration, cacheTimeout"),
}
_REAL_SETTINGS: Final = {
    "sessionConfig.sampleRate": Setting("1", "0 to 1", "1", "FACTS 1.1"),
    "sessionConfig.maxDuration": Setting("86,400,000", "14,400,000 to 86,400,000", "86,400,000", "FACTS 1.1"),
    "sessionConfig.overtime": Setting("1,800,000", "600,000 to 3,600,000", "1,800,000", "FACTS 1.1"),
    "sessionConfig.storage": Setting("localStorage", "cookie, localStorage", "localStorage", "FACTS 1.2"),
    "reportConfig.flushTime": Setting("3,000", "above 0, to 10,000", "3,000", "FACTS 6"),
    "reportConfig.maxEventCount": Setting("20", "1 to 100", "20", "FACTS 6"),
    "remoteConfig.enable": Setting("true, where there is a remoteConfig", "false", "true", "FACTS 3"),
}
_MOBILE_SETTINGS: Final = {
    "sample rate (console)": Setting("1", "0 to 1", _REFUSED, "document: Session Sampling; Remote Configuration (All Platforms)"),
}
_JSON: Final = "application/json"


def _row(
    name: str,
    platform: int,
    app_type: str,
    wire: str,
    rules: dict[str, Rule],
    *,
    beacon: bool = False,
    version: str = "",
    **more: Any,  # noqa: ANN401
) -> Edition:
    return Edition(
        name=name,
        platform=PLATFORMS[platform],
        app_type=app_type,
        sdk_version=version or ("0.0.37" if platform <= MINIPROGRAM else "2.3"),  # document: Remote Configuration; FACTS 9 for mobile
        via=BEACON if beacon else POST,
        content_type="text/plain;charset=UTF-8" if beacon else _JSON,  # FACTS 6
        body_limit_bytes=60_000 if beacon else 0,  # FACTS 6
        rules=rules,
        wire=wire,
        **more,
    )


_REAL_WEB_RULES: Final = {
    "overtime": Rule(1_800_000, "FACTS 1.1: 30 min where the setting is missing or not within 10 to 60 min"),
    "max_duration": Rule(86_400_000, "FACTS 1.1: 24 h where the setting is missing or not within 4 to 24 h"),
    "away": Rule(NEVER, "FACTS 1.10: hiding does nothing to a session"),
    "launch_opens": Rule(0, "FACTS 1.10: the next page load continues it"),
    "close_ends": Rule(0, "FACTS 1.10: closing does not end it"),
    "keeps_queue": Rule(0, "FACTS 6: no persistence"),
    "reloads": Rule(1, "FACTS 6: a navigation hides the document, which flushes"),
    "reads_renew": Rule(1, "FACTS 1.5: every read of an expired session renews it"),
    "events_touch": Rule(1, "FACTS 1.6: every event of any kind is a sign of life"),
    "begins_tag": Rule(1, "FACTS 5, API: the event is built when the request begins"),
    "remote_waits": Rule(0, "FACTS 3: there is no `mode`; remote-first does not wait"),
    "remote_always": Rule(1, "FACTS 3: there is no `cacheTimeout`; what is stored never saves a fetch"),
    "remote_loads": Rule(1, "FACTS 3: fetched once per init, which is each page load; what is stored is merged before the session is made"),
    "remote_later": Rule(1, "FACTS 3: a sample rate does not apply until the next page load, and there to the next new session"),
    "drops_stale": Rule(1, "FACTS 6: at flush, an event of another session is dropped"),
    "interactions": Rule(0, "FACTS 1.6: signs of life are written after a pause only"),
    "probes": Rule(ALL_KINDS & ~(1 << STATE | 1 << LEAVE | 1 << SWEEP | 1 << STALL), "FACTS 5: no leave, no scroll; long tasks are off by default"),
    "merges": Rule(1 << ACTION | 1 << EXCEPTION, "FACTS 6: in-queue merging"),
    "touch_delay": Rule(1_000, "FACTS 1.6"),
    "api_delay": Rule(200, "FACTS 5, API"),
    "static_delay": Rule(1_000, "FACTS 5, static"),
    "paint_delay": Rule(200, "FACTS 5, perf"),
    "settle_delay": Rule(200, "FACTS 5, perf"),
    "vitals_delay": Rule(200, "FACTS 5, webvitals"),
    "frame_delay": Rule(200, "FACTS 5, longTask"),
    "frame_gap_us": Rule(17_000, "FACTS 5, longTask: a gap below 17 ms joins"),
    "frame_least_us": Rule(150_000, "FACTS 5, longTask: 150 ms and more are reported"),
    "flush_delay": Rule(3_000, "FACTS 6, flushTime"),
    "flush_count": Rule(20, "FACTS 6, maxEventCount"),
}

_HINT: Final = "FACTS 9 (hint)"
_IOS_RULES: Final = _MOBILE_RULES | {
    "away": Rule(59_999, "FACTS 9: iOS renews at 60.0 s and more (hint: read from the published binary)"),
    "probes": Rule(ALL_KINDS, "FACTS 9: application state events (hint)"),
    "anr_kind": Rule(ANR_ERROR, "FACTS 9: an ANR is an exception of type anr (hint)"),
}
_ANDROID_RULES: Final = _IOS_RULES | {
    "away": Rule(60_000, "FACTS 9: Android renews at strictly more than 60 s (hint: read from the published binary)")
}
_MINI_RULES: Final = _WEB_RULES | {"reloads": Rule(0, "assumed: a mini program shows its pages in one process")}

EDITIONS: Final[dict[str, Edition]] = {
    row.name: row
    for row in (
        _row("web-documented", WEB, "browser", "web", _WEB_RULES, beacon=True, settings=_DOCUMENTED_SETTINGS),
        _row(
            "web-0.0.37",
            WEB,
            "browser",
            "web-0.0.37",
            _REAL_WEB_RULES,
            beacon=True,
            version="cdn-0.0.37",
            literal_names=True,
            timed_files=True,
            accepts={"overtime": (10 * MINUTE, HOUR), "max_duration": (4 * HOUR, 24 * HOUR), "flush_delay": (0, 10_000), "flush_count": (1, 100)},
            settings=_REAL_SETTINGS,
            sent_source="FACTS 6",
            told_source="FACTS 4: what the published build reports",
        ),
        _row("miniprogram-documented", MINIPROGRAM, "miniapp", "miniprogram", _MINI_RULES, settings=_DOCUMENTED_SETTINGS),
        _row("ios-documented", IOS, "ios", "mobile", _MOBILE_RULES, settings=_MOBILE_SETTINGS),
        _row(
            "ios-2.3", IOS, "ios", "mobile-2.3", _IOS_RULES, session_form="flagged", settings=_MOBILE_SETTINGS, sent_source=_HINT, told_source=_HINT
        ),
        _row("android-documented", ANDROID, "android", "mobile", _MOBILE_RULES, settings=_MOBILE_SETTINGS),
        _row(
            "android-2.3",
            ANDROID,
            "android",
            "mobile-2.3",
            _ANDROID_RULES,
            session_form="flagged",
            settings=_MOBILE_SETTINGS,
            sent_source=_HINT,
            told_source=_HINT,
        ),
    )
}
NAMES: Final = tuple(EDITIONS)
"""In the order of the tables that are indexed by edition."""


def weights(platform: str, given: Mapping[str, float]) -> Mapping[str, float]:
    """Give the weights of a platform's editions: those of the profile, or the documented one alone."""
    return given or {f"{platform}-documented": 1.0}


def takes_remote(sdk_version: str) -> bool:
    """Tell whether an SDK of this version takes a remote configuration (document: 0.0.37 or later); empty is the edition's own version."""
    numbers = [int(part) for part in re.findall(r"\d+", sdk_version)]
    return not numbers or numbers >= [0, 0, 37]


def setting(edition: Edition, name: str, value: int | None) -> int:
    """Give what a setting of a session gets in an edition: its default where it is missing or not accepted."""
    default = edition.rules[name].value
    if value is None:
        return default
    low, high = edition.accepts.get(name, (1, NEVER))
    return value if low <= value <= high else default
