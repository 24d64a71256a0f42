"""Editions ios-2.3 and android-2.3, by the hints of FACTS 9, to the ms; and rows and cores that break one of them.

Rules of the file: a test of a rule takes nothing but makers (`ios`, `android`, or `phone`: both), so that it can be run against what is wrong.
"""

from functools import partial
from typing import Any, NamedTuple

import pytest
from devices import HOME, HOUR, LIST, START, Core, Device, Edits, Make, core_with, edit, opened

from simulator.schema.words import (
    ANR,
    ANR_ERROR,
    BACKGROUND,
    BLOCK,
    DROPPED_NO_SESSION,
    EXCEPTION,
    FOREGROUND,
    LAUNCH,
    LEAVE,
    NAVIGATE,
    PRESS,
    PV,
    REQUEST,
    SENT,
    STALL,
    STATE,
    TAP,
    TERMINATE,
    TYPE_OF,
)

NAMES = {"ios": "ios-2.3", "android": "android-2.3"}


@pytest.fixture
def ios(core: Core) -> Make:
    """Make iPhones with the published SDK."""
    return partial(Device, core, NAMES["ios"])


@pytest.fixture
def android(core: Core) -> Make:
    """Make Android phones with the published SDK."""
    return partial(Device, core, NAMES["android"])


@pytest.fixture(params=NAMES)
def phone(request: pytest.FixtureRequest, core: Core) -> Make:
    """Make phones with the published SDK: each test runs on both."""
    return partial(Device, core, NAMES[request.param])


def returned(make: Make, gap: int) -> Device:
    """Make a phone whose app comes back after a time in the background, and is tapped then."""
    device = opened(make)
    device.do(START + 5_000, BACKGROUND)
    device.do(START + 5_000 + gap, FOREGROUND)
    device.do(START + 5_000 + gap, TAP)
    return device


# ------------------------------------------------------------------------------------------------------------------------ away


def test_ios_return(ios: Make) -> None:
    """FACTS 9, iOS: less than 60.0 s keeps the session; 60.0 s and more make another."""
    for gap, session in ((0, 1), (59_999, 1), (60_000, 2), (60_001, 2)):
        assert returned(ios, gap).sessions()[-1] == session, gap


def test_ios_background(ios: Make) -> None:
    """FACTS 9, iOS: what happens in the background belongs to the session for less than 60.0 s."""
    for gap, session, fate in ((59_999, 1, SENT), (60_000, 0, DROPPED_NO_SESSION), (60_001, 0, DROPPED_NO_SESSION)):
        device = opened(ios)
        device.do(START + 5_000, BACKGROUND)
        device.do(START + 5_000 + gap, REQUEST)
        assert [(e.session, e.fate) for e in device.drain()][-1] == (session, fate), gap


def test_android_return(android: Make) -> None:
    """FACTS 9, Android: up to 60,000 ms keep the session; strictly more make another."""
    for gap, session in ((0, 1), (59_999, 1), (60_000, 1), (60_001, 2)):
        assert returned(android, gap).sessions()[-1] == session, gap


def test_android_background(android: Make) -> None:
    """FACTS 9, Android: what happens in the background belongs to the session up to 60,000 ms."""
    for gap, session, fate in ((59_999, 1, SENT), (60_000, 1, SENT), (60_001, 0, DROPPED_NO_SESSION)):
        device = opened(android)
        device.do(START + 5_000, BACKGROUND)
        device.do(START + 5_000 + gap, REQUEST)
        assert [(e.session, e.fate) for e in device.drain()][-1] == (session, fate), gap


def test_process_ends(phone: Make) -> None:
    """FACTS 9: the session is in memory: a new process is a new session, however soon."""
    device = opened(phone)
    device.do(START + 5_000, BACKGROUND)
    device.do(START + 5_001, TERMINATE)
    device.open(START + 5_002)
    assert device.sessions()[-1] == 2


# ------------------------------------------------------------------------------------------------------------------------- ANR


def test_anr_is_an_exception(phone: Make) -> None:
    """FACTS 9: a main thread that is blocked for 5 s, 5,000 ms included, is reported as an exception, not as a long task; shorter blocks as one."""
    device = opened(phone)
    for i, lasted in enumerate((4_999, 5_000, 5_001)):
        device.do(START + (i + 1) * 10_000, BLOCK, since=START + (i + 1) * 10_000 - lasted)
    assert [e.kind for e in device.drain()][-3:] == [STALL, ANR_ERROR, ANR_ERROR]
    assert TYPE_OF[ANR_ERROR] == EXCEPTION != TYPE_OF[ANR]


def test_anr_of_its_page(phone: Make) -> None:
    """FACTS 9: that exception is of the session and page that did not respond, and stamped with the block's beginning."""
    device = opened(phone)
    device.do(START + 1_000, NAVIGATE, LIST)
    device.do(START + 9_000, BLOCK, since=START + 2_000)
    assert device.drain()[-1][1:7] == (ANR_ERROR, SENT, 1, device.left[-1].number, START + 2_000, LIST)


# ---------------------------------------------------------------------------------------------------------- application states


def states(device: Device) -> list[tuple[int, int, int]]:
    """List which state, in which session and when, of each event of the application's state."""
    return [(e.key, e.session, e.stamp) for e in device.drain() if e.kind == STATE]


def test_state_of_a_launch(phone: Make) -> None:
    """FACTS 9: a launch is reported, as the first event of the session that it makes, before any page."""
    device = opened(phone)
    device.do(START + 5_000, TERMINATE)
    device.open(START + 6_000)
    assert [(e.kind, e.key, e.session, e.page, e.stamp) for e in device.drain()] == [
        (STATE, LAUNCH, 1, 0, START),
        (PV, HOME, 1, HOME, START),
        (STATE, LAUNCH, 2, 0, START + 6_000),
        (PV, HOME, 2, HOME, START + 6_000),
    ]


def test_state_of_a_late_return(phone: Make) -> None:
    """FACTS 9: `foreground` is reported after the decision, so it carries the new session's id, and is its first event."""
    device = returned(phone, HOUR)
    back = START + 5_000 + HOUR
    assert states(device) == [(LAUNCH, 1, START), (BACKGROUND, 1, START + 5_000), (FOREGROUND, 2, back)]
    assert [(e.kind, e.session) for e in device.left if e.session == 2] == [(STATE, 2), (PRESS, 2)]


def test_state_of_a_return(phone: Make) -> None:
    """FACTS 9: back in time, `foreground` carries the id of the session that goes on."""
    assert states(returned(phone, 59_999))[1:] == [(BACKGROUND, 1, START + 5_000), (FOREGROUND, 1, START + 64_999)]


def test_state_of_each_return(phone: Make) -> None:
    """FACTS 9: of several trips, each return carries the session of its own decision."""
    device = opened(phone)
    for i in range(1, 4):
        device.do(START + i * HOUR, BACKGROUND)
        device.do(START + i * HOUR + 90_000, FOREGROUND)
    assert [session for key, session, _ in states(device) if key == FOREGROUND] == [2, 3, 4]


def test_state_of_leaving(phone: Make) -> None:
    """FACTS 9: `background` is reported when the app goes there, before its page is left, and is sent with all that is queued."""
    device = opened(phone)
    device.do(START + 5_000, BACKGROUND)
    assert [(e.at, e.kind) for e in device.left] == [(START + 5_000, kind) for kind in (STATE, PV, STATE, LEAVE)]
    assert device.box.count == 0


def test_state_of_leaving_waits_for_nothing(phone: Make) -> None:
    """FACTS 9: an app that is killed in the background has sent that it went there."""
    device = opened(phone)
    device.do(START + 5_000, BACKGROUND)
    device.do(START + 5_000, TERMINATE)
    assert [(e.key, e.at) for e in device.left if e.kind == STATE] == [(LAUNCH, START + 5_000), (BACKGROUND, START + 5_000)]


def test_state_is_no_event_of_the_documented_editions(core: Core) -> None:
    """Collected Event Types: the document knows no event of the application's state."""
    for name in ("ios-documented", "android-documented"):
        assert states(returned(partial(Device, core, name), HOUR)) == []


# ------------------------------------------------------------------------------------------------------------ tests of the tests


class Mutant(NamedTuple):
    """A wrong row or core, of some platforms, and the rules (without `test_`) that must break; two at least."""

    of: tuple[str, ...]
    rules: tuple[str, ...]
    limits: tuple[tuple[str, int], ...] = ()
    edits: Edits = ()


BOTH = ("ios", "android")
MUTANTS = {
    "iOS keeps the session at 60.0 s": Mutant(("ios",), ("ios_return", "ios_background"), (("away", 60_000),)),
    "iOS renews at 59.999 s": Mutant(("ios",), ("ios_return", "ios_background"), (("away", 59_998),)),
    "Android renews at 60.0 s": Mutant(("android",), ("android_return", "android_background"), (("away", 59_999),)),
    "Android keeps the session at 60.001 s": Mutant(("android",), ("android_return", "android_background"), (("away", 60_001),)),
    "an ANR is a long task": Mutant(BOTH, ("anr_is_an_exception", "anr_of_its_page"), (("anr_kind", ANR),)),
    "states are not reported": Mutant(BOTH, ("state_of_a_launch", "state_of_leaving", "state_of_a_return"), (("probes", (1 << STATE) - 1),)),
    "a return is reported before the decision": Mutant(
        BOTH,
        ("state_of_a_late_return", "state_of_each_return"),
        edits=edit("probes", "        store.left = NEVER\n        change_state(store, screen, box, limits, s)\n", "        store.left = NEVER\n")
        + edit(
            "probes",
            "        if not lives(store, limits, at):\n            open_session(store, limits, at)\n",
            "        change_state(store, screen, box, limits, s)\n"
            "        if not lives(store, limits, at):\n            open_session(store, limits, at)\n",
        ),
    ),
    "leaving is reported after the flush": Mutant(
        BOTH,
        ("state_of_leaving", "state_of_leaving_waits_for_nothing"),
        edits=edit(
            "probes",
            "        change_state(store, screen, box, limits, s)\n        hide(store, screen, box, limits, s)\n",
            "        hide(store, screen, box, limits, s)\n        change_state(store, screen, box, limits, s)\n",
        ),
    ),
    "a launch is not reported": Mutant(
        BOTH,
        ("state_of_a_launch", "state_of_a_late_return", "state_of_leaving"),
        edits=edit("probes", "        if screen.blocked == 0:\n            change_state(store, screen, box, limits, s)\n", ""),
    ),
    "a process goes on with the session": Mutant(
        BOTH,
        ("process_ends", "state_of_a_launch"),
        edits=edit(
            "probes",
            "    if limits.launch_opens:\n        open_session(store, limits, at)\n",
            "    interact(store, limits, at)\n    if 0:\n        pass\n",
        )
        + edit("probes", "    if limits.close_ends:\n        store.open = 0\n", ""),
    ),
}


def check(rule: str, core: Core, name: str, limits: dict[str, Any]) -> None:
    """Hold a rule against phones of a platform with a core and other numbers in their row."""
    globals()[f"test_{rule}"](partial(Device, core, NAMES[name], **limits))


@pytest.mark.parametrize(("mutant", "name"), [(mutant, name) for mutant, row in MUTANTS.items() for name in row.of])
def test_mutants_are_caught(mutant: str, name: str) -> None:
    """A wrong row or core breaks each rule that is named for it, on each platform."""
    row = MUTANTS[mutant]
    assert len(set(row.rules)) >= 2
    for rule in row.rules:
        with pytest.raises(AssertionError):
            check(rule, core_with(*row.edits), name, dict(row.limits))


def test_what_is_not_wrong_is_not_caught() -> None:
    """With its own row and a core without edits each platform keeps each rule that is named."""
    for row in MUTANTS.values():
        for name in row.of:
            for rule in row.rules:
                check(rule, core_with(), name, {})
