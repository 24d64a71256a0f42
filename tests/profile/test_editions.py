"""Editions are rows of data: every number has a source, and what the product document states stands in them."""

from dataclasses import fields

import pytest

from simulator.profile.editions import EDITIONS, Edition
from simulator.schema.words import BEACON, CLICK, NAVIGATE, NEVER, PLATFORMS, POST, SCROLL, STIMULI, TAP
from simulator.sdk.state import QUEUE, Limits

ROWS = list(EDITIONS.values())
HOUR = 3_600_000
OF_PROFILES = {"rate"}
"""Limits that come from a profile alone."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_number_has_a_source(row: Edition) -> None:
    """Each rule states where its number comes from, or that it is assumed."""
    for rule in row.rules.values():
        assert rule.source.startswith(("document: ", "FACTS ", "assumed: "))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_rule_is_a_limit(row: Edition) -> None:
    """An edition's rules are limits of the SDK core; those that it does not name are off, and none comes from a profile alone."""
    assert set(row.rules) <= {f.name for f in fields(Limits)} - OF_PROFILES
    assert {"overtime", "max_duration", "away", "close_ends", "flush_delay", "flush_count"} <= set(row.rules)


def test_every_platform_has_its_edition() -> None:
    """Each platform has a documented edition, filed under its own name."""
    assert {row.platform for row in ROWS if row.name.endswith("-documented")} == set(PLATFORMS)
    assert all(name == row.name and name.startswith(row.platform) for name, row in EDITIONS.items())


@pytest.mark.parametrize(
    ("edition", "rule", "value"),
    [
        ("web-documented", "overtime", HOUR),  # Manual Configuration: 1 hour of silence
        ("web-documented", "max_duration", 24 * HOUR),  # Manual Configuration: 24 hours
        ("miniprogram-documented", "overtime", HOUR),
        ("miniprogram-documented", "max_duration", 24 * HOUR),
        ("ios-documented", "away", 60_000),  # within 60 seconds, equality included
        ("android-documented", "away", 60_000),
        ("ios-documented", "overtime", NEVER),  # mobile sessions depend on the foreground only
        ("android-documented", "max_duration", NEVER),
        ("ios-documented", "launch_opens", 1),  # a launch makes a session
        ("web-documented", "launch_opens", 0),  # a page load continues one
        ("android-documented", "keeps_queue", 1),  # a crash is reported by the next launch
    ],
)
def test_the_documents_numbers(edition: str, rule: str, value: int) -> None:
    """What the product document states is what the edition's row says."""
    assert EDITIONS[edition].rules[rule].value == value


def test_what_keeps_a_web_session_alive() -> None:
    """On the web clicks, scrolls and navigation are interactions, and nothing else is; on mobile nothing is."""
    bits = EDITIONS["web-documented"].rules["interactions"].value
    assert {i for i in range(len(STIMULI)) if bits >> i & 1} == {CLICK, TAP, SCROLL, NAVIGATE}
    assert EDITIONS["ios-documented"].rules["interactions"].value == 0


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_queue_holds_what_an_edition_collects(row: Edition) -> None:
    """A full queue and what one step adds after it fit into the outbox."""
    assert 1 <= row.rules["flush_count"].value <= QUEUE - 6


def test_how_they_send() -> None:
    """Browsers send beacons of text below 60,000 bytes; the others post JSON of any size."""
    web = EDITIONS["web-documented"]
    assert (web.via, web.content_type, web.body_limit_bytes) == (BEACON, "text/plain;charset=UTF-8", 60_000)
    others = [row for row in ROWS if row.platform != "web"]
    assert {(row.via, row.content_type, row.body_limit_bytes) for row in others} == {(POST, "application/json", 0)}
