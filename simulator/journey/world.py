"""The world: a profile as one integer record. Table fields are offsets into `World.tables`; string fields are ids of the intern table.

Row 0 of each list is empty, so that 0 means none.
"""

from typing import Final

from simulator.kernel.record import i4, i8, many, one, record, u1, u2

PAGES: Final = 65
ACTS: Final = 513
TARGETS: Final = 257
BUGS: Final = 129
NETWORKS: Final = 17
INCIDENTS: Final = 33
MODELS: Final = 257
PLATFORM_COUNT: Final = 4
SLOW_SERVER, SLOW_NETWORK, FAILING, NETWORK_LOSS, BLANK, ANR_WAVE, CRASH_LOOP, PUSH = range(1, 9)
"""Kinds of incidents; the first four meet requests."""
PAGE_BITS: Final = 7
"""What stands for a page outside journey: below, its row; above, the ordinal of its opening, from which the number in its path follows."""
PAGE: Final = (1 << PAGE_BITS) - 1
TABLES: Final = 1 << 18
"""Integers in all tables together: about 500 distinct laws whose values have 31 bits."""


@record
class Platform:
    """How people use one platform, and in which words its SDK hears of it."""

    press: u1 = 0
    """CLICK or TAP."""
    away: u1 = 0
    """HIDE or BACKGROUND."""
    back: u1 = 0
    end: u1 = 0
    """CLOSE or TERMINATE."""
    ends_away: u1 = 0
    """The end comes to an app in the background."""
    reloads: u1 = 0
    """A navigation is a new document: what the old one was loading is lost."""
    scripts: u1 = 0
    """Errors that nobody caught do not end the process."""
    dom: u1 = 0
    """Page timings of a document are measured."""
    networks: i4 = 0
    models: i4 = 0
    editions: i4 = 0
    close: i8 = 0
    crash: i8 = 0
    trip: i8 = 0
    long_trip: i8 = 0
    killed: i8 = 0
    idle: i8 = 0
    resume: i8 = 0
    kept: i4 = 0
    """Time until what is left open ends by itself; 0: never."""
    short: i4 = 0
    long: i4 = 0
    idle_gap: i4 = 0
    api_type: i4 = 0
    exception_subtype: i4 = 0
    signal_subtype: i4 = 0
    stall_source: i4 = 0
    fetch: i4 = 0
    """Time of a fetch of the remote configuration."""
    fetch_fails: i8 = 0
    rates: i4 = 0
    """What it brings: a list of pairs (from, sample rate), the earliest first."""


@record
class Page:
    """A page.

    `think`, `stay`: laws of pauses (visitor.py); `next`: choice tables, by arm and by the page before (World.arm_pages for each arm); by platform
    `crashes`: choice tables, 0 = none; `assets`, `apis`, `bugs`: lists that begin with their length.
    """

    path: i4 = 0
    name: i4 = 0
    """The path without its number."""
    url: i4 = 0
    ids: i4 = 0
    load: i4 = 0
    think: i4 = 0
    acts_per_view: i4 = 0
    stay: i4 = 0
    acts: i4 = 0
    next: i4 = 0
    assets: i4 = 0
    apis: i4 = 0
    bugs: i4 = 0
    crashes: list[int] = many(PLATFORM_COUNT, of="i4")
    block: i4 = 0
    block_share: i8 = 0
    stacks: list[int] = many(PLATFORM_COUNT, of="i4")
    """By platform, where the main thread blocks."""


@record
class Act:
    """Something a person does on a page."""

    scroll: u1 = 0
    name: i4 = 0
    click_name: i4 = 0
    """What the web SDK calls it."""
    snapshots: i4 = 0
    """What the web SDK says of the element."""
    target: i4 = 0
    api: i4 = 0


@record
class Target:
    """What a request goes to: an API or an asset."""

    url: i4 = 0
    path: i4 = 0
    ids: i4 = 0
    opaque: u1 = 0
    """A browser tells nothing but its duration."""
    type: i4 = 0
    initiator: i4 = 0
    """What loads it, in a browser's words."""
    answer: i4 = 0
    fail_answer: i4 = 0
    """The status in words."""
    method: i4 = 0
    status: u2 = 0
    fail_status: u2 = 0
    server: i4 = 0
    bytes: i4 = 0
    sent_bytes: i4 = 0
    """0: its body is empty."""
    slow: i8 = 0
    slow_percent: i8 = 100
    fail: i8 = 0


@record
class Bug:
    """An error in the application's code."""

    type: i4 = 0
    name: i4 = 0
    message: i4 = 0
    stack: i4 = 0
    source: i4 = 0
    ids: i4 = 0
    same: i4 = 0
    """Of message and stack."""
    platforms: u1 = 0
    """Bits."""
    signal: u1 = 0
    custom: u1 = 0
    """Reported by the application, on any platform."""


@record
class Network:
    """What a network adds to a request."""

    model: i4 = 0
    dns: i4 = 0
    rtt: i4 = 0
    tls_round_trips: u1 = 1
    reuse: i8 = 0
    bytes_per_s: i8 = 0


@record
class Incident:
    """A disturbance.

    `begins`, `ends`: ms since the profile's start; `platforms`, `networks`: bits; `countries`, `what` (targets or pages that it meets): lists that
    begin with their length; `of_devices`: its share is that of devices, else of what it meets; `delay`: a law, whose meaning is the kind's.
    """

    kind: u1 = 0
    of_devices: u1 = 0
    begins: i8 = 0
    ends: i8 = 0
    platforms: i8 = 0
    networks: i8 = 0
    countries: i4 = 0
    what: i4 = 0
    share: i8 = 0
    percent: i8 = 100
    status: u2 = 0
    answer: i4 = 0
    bug: i4 = 0
    page: i4 = 0
    tries: u1 = 0
    delay: i4 = 0
    again: i8 = 0


@record
class Patience:
    """Nobody leaves before `after` ms, then at a constant rate, after `average` ms more in the mean; 0: nobody does."""

    after: i8 = 0
    average: i8 = 0


@record
class Model:
    """A kind of device."""

    name: i4 = 0
    os_name: i4 = 0
    os_version: i4 = 0
    speed: i4 = 0
    """Of load and script times of such a device, in 1/1000."""


@record
class Words:
    """Ids of the strings that are the SDK's, not the profile's."""

    pv: i4 = 0
    perf: i4 = 0
    webvitals: i4 = 0
    leave: i4 = 0
    click: i4 = 0
    tap: i4 = 0
    scroll: i4 = 0
    crash: i4 = 0
    custom: i4 = 0
    error: i4 = 0
    cold_launch: i4 = 0
    foreground: i4 = 0
    background: i4 = 0
    no_response: i4 = 0
    fps: i4 = 0
    anr: i4 = 0
    main: i4 = 0
    initial_load: i4 = 0
    route_change: i4 = 0
    failed: i4 = 0


@record
class World:
    """All of it. Laws are quantile tables; `arrivals`: 168 cumulated hours and their weights; `gap`: between a device's visits."""

    seed: i8 = 0
    gap: i8 = 0
    activity: i4 = 0
    """Of a device's rate of visits, in 1/1000 of the mean."""
    returns: i8 = 0
    """Share of visits that are followed by another"""
    regulars: i8 = 0
    """and the share of people for whom it is"""
    regulars_return: i8 = 0
    revisit_gap: i4 = 0
    continuation: i4 = 0
    """A list of 31-bit thresholds by page views so far; 0: the pages' own exits decide."""
    user_pace: i4 = 0
    visit_pace: i4 = 0
    """Factors of pauses, in 1/1000."""
    depth_pace: i4 = 0
    """A list of such factors by page views so far."""
    keep: i8 = 0
    arrivals: i4 = 0
    bursts: i4 = 0
    """A list of (begin, end, factor in percent)."""
    exponential: i4 = 0
    platform: i4 = 0
    country: i4 = 0
    zones: i4 = 0
    """A list of (country, ms ahead of UTC)."""
    app: i4 = 0
    tenant: i4 = 0
    versions: i4 = 0
    """A list: the first version, then that of each release"""
    releases: i4 = 0
    """and a list of (begin, share, delay, bits of platforms) of the releases."""
    arm: i4 = 0
    arm_names: i4 = 0
    """A list by arm, empty without any; so are"""
    arm_loads: i4 = 0
    """the factors of load times, in 1/1000."""
    arm_pages: i4 = 0
    entry: i4 = 0
    names: i4 = 0
    named: i8 = 0
    begins: i8 = 0
    """Bits of the editions whose SDK must hear of a request when it begins."""
    literal: i8 = 0
    """Bits of the editions that call a page by its path, numbers included."""
    timed: i8 = 0
    """Bits of the editions that report only files with timing."""
    wrong_clocks: i8 = 0
    clocks_ahead: i8 = 0
    clock_error: i4 = 0
    handler: i4 = 0
    """Delay of an act's handler."""
    layout_shift: i4 = 0
    """In 1/1000."""
    patience: i4 = 0
    """Of a person's waits, in 1/1000."""
    page_patience: Patience = one(Patience)
    api_patience: Patience = one(Patience)
    block_patience: Patience = one(Patience)
    rage: i8 = 0
    rage_after: i8 = 0
    rage_gap: i4 = 0
    rage_presses: i4 = 0
    flow: i8 = 0
    flow_pages: i4 = 0
    linger: i8 = 0
    """In percent."""
    words: Words = one(Words)
    platforms: list[Platform] = many(PLATFORM_COUNT, of=Platform)
    pages: list[Page] = many(PAGES, of=Page)
    acts: list[Act] = many(ACTS, of=Act)
    targets: list[Target] = many(TARGETS, of=Target)
    bugs: list[Bug] = many(BUGS, of=Bug)
    networks: list[Network] = many(NETWORKS, of=Network)
    incident_count: i4 = 0
    incidents: list[Incident] = many(INCIDENTS, of=Incident)
    models: list[Model] = many(MODELS, of=Model)
    tables: list[int] = many(TABLES, of="i8")
