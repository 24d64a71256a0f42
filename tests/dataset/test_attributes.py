"""The document's attribute tables (Collected Event Types) against a dataset: each attribute is carried, by events of its type, on every platform."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from simulator.profile.editions import EDITIONS
from simulator.report.fields import names_of, parts_of, sends
from simulator.schema.columns import ARRIVED
from simulator.schema.words import EVENT_KINDS, EVENT_TYPES, TYPE_OF

DEVICES, HOURS, SEED = 800, 24.0, 5
BEGIN = 1_767_571_200_000  # 2026-01-05T00:00:00Z, the shop's start
EDITION_WEIGHTS = {
    "web": '{ "web-documented" = 0.5, "web-0.0.37" = 0.5 }',
    "miniprogram": '{ "miniprogram-documented" = 1.0 }',
    "ios": '{ "ios-documented" = 0.5, "ios-2.3" = 0.5 }',
    "android": '{ "android-documented" = 0.5, "android-2.3" = 0.5 }',
}
PLATFORM_OF = {"browser": "web", "miniapp": "miniprogram", "ios": "ios", "android": "android"}

ATTRIBUTES = {
    "view": {  # Page Load
        "Page Name": "name",
        "Page URL": "url",
        "Previous Page": "referrer",
        "Page Load Time": "loading_time",
        "Time on Page": "time_spent",
        "First Paint (FP)": "first_paint",
        "First Contentful Paint (FCP)": "first_contentful_paint",
        "Largest Contentful Paint (LCP)": "largest_contentful_paint",
        "Cumulative Layout Shift (CLS)": "cumulative_layout_shift",
        "First Input Delay (FID)": "first_input_delay",
    },
    "action": {  # User Action
        "Action Type": "type",
        "Action Name": "name",
        "View Path": "target_name",
        "Action Coordinates": "x y",
        "Response Time": "duration",
    },
    "resource": {  # Resource Request
        "Request URL": "url",
        "HTTP Method": "method",
        "Status Code": "status_code",
        "Resource Type": "type",
        "Success Status": "success",
        "DNS Time": "dns_duration",
        "TCP Connection Time": "connect_duration",
        "TLS Time": "ssl_duration",
        "Time to First Byte (TTFB)": "first_byte_duration",
        "Response Time": "duration",
        "Request Size": "request_size",
        "Response Size": "size",
    },
    "exception": {  # Exception and Crash
        "Exception Type": "type",
        "Exception Reason": "message",
        "Stack Trace": "stack",
        "Page Context": "view.id view.name",
        "Session ID": "session.id",
    },
    "longTask": {  # Long Task and ANR
        "Duration": "duration",
        "Stack Trace": "stack",
        "Page Context": "view.id view.name",
        "Session ID": "session.id",
    },
}
"""The document's attributes by event type, and the columns that carry each. The document has them on all platforms."""
PRESS = {"web": "click", "miniprogram": "tap", "ios": "tap", "android": "tap"}
"""What pressing is called (document: Action Type, tap, click, scroll)."""
LACKING = {
    "view": {"time_spent", "loading_time"},  # FACTS 5
    "action": {"x", "y"},  # FACTS 5
    "resource": {"request_size"},  # FACTS 5
}
"""What the real web SDK does not have, by event type."""


@pytest.fixture(scope="module")
def rows(shop: str, make: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of a dataset that all editions have sent, by edition: the shop, with more errors and crashes."""
    text = shop
    for platform, weights in EDITION_WEIGHTS.items():
        text = text.replace(f"[platforms.{platform}]\n", f"[platforms.{platform}]\neditions = {weights}\n")
    text = re.sub(r"(?m)^crash_share = .*", "crash_share = 0.05", text)
    out = tmp_path_factory.mktemp("attributes") / "data"
    make(text, out, devices=DEVICES, hours=HOURS, seed=SEED, offset_hours=0.0)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in EDITIONS}
    for path in sorted((out / "events").iterdir()):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            found[edition_of(row)].append(row)
    return found


def edition_of(row: dict[str, Any]) -> str:
    """Tell which edition has sent a row: by its version, and on mobile by the form of the session's id."""
    platform = PLATFORM_OF[row["app.type"]]
    real = row["_v"].startswith("cdn-") or row["session.id"].endswith("-01")
    return f"{platform}-{('0.0.37' if platform == 'web' else '2.3') if real else 'documented'}"


def documented(rows: dict[str, list[dict[str, Any]]], platform: str, event_type: str) -> list[dict[str, Any]]:
    """List the events of a type that a platform's documented edition has sent."""
    return [row for row in rows[f"{platform}-documented"] if row["event_type"] == event_type]


# ------------------------------------------------------------------------------------------------------------ the document's tables


@pytest.mark.parametrize("platform", EDITION_WEIGHTS)
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_document_s_attributes_are_carried(rows: dict[str, list[dict[str, Any]]], platform: str, event_type: str) -> None:
    """Each attribute of the document's table stands in an event of that type, on every platform."""
    found = documented(rows, platform, event_type)
    carried = {
        name for name, columns in ATTRIBUTES[event_type].items() if any(all(row.get(c) not in (None, "") for c in columns.split()) for row in found)
    }
    missing = ATTRIBUTES[event_type].keys() - carried
    assert not missing, f"no {event_type} event on {platform} carries {', '.join(sorted(missing))}"


@pytest.mark.parametrize("platform", EDITION_WEIGHTS)
def test_the_document_s_action_types(rows: dict[str, list[dict[str, Any]]], platform: str) -> None:
    """People click on the web and tap elsewhere, and scroll everywhere."""
    assert {row["type"] for row in documented(rows, platform, "action")} == {PRESS[platform], "scroll"}


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_event_knows_session_and_page(rows: dict[str, list[dict[str, Any]]], event_type: str) -> None:
    """Every event of every edition says in which session, on which page, of which user and when it happened; and of which device, but web-0.0.37."""
    for name, edition in EDITIONS.items():
        columns = {"session.id", "view.id", "view.name", "user.id", "device.id"} & set(parts_of(edition))
        assert ("device.id" in columns) == (name != "web-0.0.37")
        for row in rows[name]:
            if row["event_type"] == event_type:
                assert all(row[column] for column in columns), row
                assert isinstance(row["timestamp"], int)
                assert BEGIN - 25 * 3_600_000 < row["timestamp"] < BEGIN + HOURS * 3_600_000  # of the lived past: what is reported late


# ------------------------------------------------------------------------------------------------------------------- by edition


@pytest.mark.parametrize("name", EDITIONS)
def test_rows_have_the_columns_of_the_reference(rows: dict[str, list[dict[str, Any]]], name: str) -> None:
    """What an edition has sent has only columns, and is only of event types, that the reference of fields says it sends."""
    edition = EDITIONS[name]
    allowed: dict[str, set[str]] = {}
    for kind in range(len(EVENT_KINDS)):
        if sends(edition, kind):
            allowed.setdefault((*EVENT_TYPES, "application")[TYPE_OF[kind]], set()).update(names_of(edition, kind), parts_of(edition))
    assert len(rows[name]) > 500
    for row in rows[name]:
        assert row["event_type"] in allowed
        assert row.keys() <= allowed[row["event_type"]] | {ARRIVED}, row.keys() - allowed[row["event_type"]]


def test_the_real_web_sdk_lacks_what_it_lacks(rows: dict[str, list[dict[str, Any]]]) -> None:
    """web-0.0.37 knows no device, no coordinates, no time on page, no request size; it reports clicks, never a scroll, and no long task by itself."""
    found = rows["web-0.0.37"]
    for row in found:
        assert not {column for column in row if column.startswith(("device.", "os.", "geo."))}  # FACTS 4
        assert not row.keys() & LACKING.get(row["event_type"], set())
    assert {row["event_type"] for row in found} == {"view", "action", "resource", "exception"}  # FACTS 5: long tasks are off
    assert {row["type"] for row in found if row["event_type"] == "view"} == {"pv", "perf", "webvitals"}
    assert {row["type"] for row in found if row["event_type"] == "action"} == {"click"}
