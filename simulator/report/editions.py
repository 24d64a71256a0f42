"""The table of all editions, as Markdown."""

from collections.abc import Iterator

from simulator.profile.editions import EDITIONS, Edition, Rule
from simulator.schema.words import EVENT_KINDS, EVENT_TYPES, NEVER, STIMULI, VIAS

_BITS = {"probes": (*EVENT_KINDS, "own"), "interactions": STIMULI, "merges": EVENT_TYPES}
_MEANINGS = {
    "overtime": "ms without interaction (or sign of life) after which a session is over",
    "max_duration": "ms after its start at which a session is over",
    "away": "ms in the background; longer, and the return makes a new session",
    "launch_opens": "a launch makes a session even if one is open",
    "close_ends": "closing or terminating ends the session",
    "remote": "a remote configuration is fetched where the settings do not say whether",
    "remote_waits": "with remote-first the SDK waits",
    "remote_always": "a remote configuration is fetched at every launch, whatever is stored",
    "remote_loads": "each page load fetches it and takes what is stored, as a launch does",
    "remote_later": "a rate that comes is in force from the next launch or page load on, not at once",
    "remote_timeout": "ms for which remote-first waits",
    "keeps_queue": "the queue survives the process",
    "reloads": "a navigation loads a new document",
    "reads_renew": "reading an expired session makes a new one",
    "events_touch": "every event is a sign of life",
    "begins_tag": "a request belongs to the session in which it began",
    "drops_stale": "events of another session than that of the moment of sending are dropped",
    "interactions": "what keeps a session alive, or makes one, at once",
    "probes": "what is reported",
    "merges": "event types of which equal queued events are counted",
    "touch_delay": "ms after which a sign of life is written",
    "api_delay": "ms from a request's end to its event",
    "static_delay": "ms from a static file's entry to its event",
    "paint_delay": "ms until page timings are read",
    "settle_delay": "ms more until they are reported",
    "vitals_delay": "ms for which vitals are pooled",
    "frame_delay": "ms after the last long frame until they are reported",
    "frame_gap_us": "us; frames closer than this are joined",
    "frame_least_us": "us; shorter series are not reported",
    "anr_least": "ms for which the main thread is blocked in an ANR",
    "anr_kind": "how an ANR is reported",
    "flush_delay": "ms without a further event after which the queue is sent",
    "flush_count": "events with which the queue is sent at once",
}


def tables() -> str:
    """Lay out all editions: a heading and a table each."""
    head = (
        "# Editions of the SDK\n\nMade by `rumsim editions`. "
        "`FACTS` is [what is known of the real SDKs](real-sdks.md), `document` the product document.\n"
    )
    return head + "".join(line for edition in EDITIONS.values() for line in _table(edition))


def _table(edition: Edition) -> Iterator[str]:
    yield f"\n## {edition.name}\n\n"
    limit = f", by XHR from {edition.body_limit_bytes:,} bytes on" if edition.body_limit_bytes else ""
    yield f"`app.type` {edition.app_type}, `_v` {edition.sdk_version} ({edition.told_source}).\n"
    yield f"Sent by {VIAS[edition.via]} as `{edition.content_type}`{limit} ({edition.sent_source}).\n"
    yield "\n| setting | default | accepted | any other gets | source |\n|---|---|---|---|---|\n"
    for name, setting in edition.settings.items():
        yield f"| {name} | {setting.default} | {setting.accepted} | {setting.otherwise} | {setting.source} |\n"
    yield "\n| rule | value | meaning | source |\n|---|---|---|---|\n"
    for name, rule in edition.rules.items():
        yield f"| {name} | {_shown(name, rule)} | {_MEANINGS[name]} | {rule.source} |\n"


def _shown(name: str, rule: Rule) -> str:
    if name in _BITS:
        return ", ".join(word for i, word in enumerate(_BITS[name]) if rule.value >> i & 1) or "none"
    if name == "anr_kind":
        return EVENT_KINDS[rule.value]
    return "never" if rule.value == NEVER else f"{rule.value:,}"
