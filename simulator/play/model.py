"""What a profile becomes before play: the world, the SDK's limits per platform, and the formats. Built once, shared by all cohorts of a process."""

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Any

from msgspec import structs

from simulator.errors import ProfileError
from simulator.journey.build import build
from simulator.journey.world import World
from simulator.kernel.rnd import threshold
from simulator.kernel.text import SLACK
from simulator.play.payloads import posts
from simulator.play.seat import COLUMNS, PACKED, PAYLOADS, POSTED, ROWS
from simulator.profile import loader
from simulator.profile.editions import EDITIONS, Edition, setting, weights
from simulator.profile.laws import largest
from simulator.profile.types import Profile, RemoteConfig, SessionConfig
from simulator.sdk.state import LAUNCH_FIRST, NO_REMOTE, REMOTE_FIRST, Limits
from simulator.wire import arms, columns, ndjson, pack
from simulator.wire.columns import Grid, Names
from simulator.wire.layout import Formats, Sheet
from simulator.wire.posts import Posts, longest_row, rows_of

LONGEST_SLOTS = 10
"""Slots of one event that hold a string."""
NUMBER_BYTES = 36
"""No slot without a string takes more: a UUID."""
BLANK = Sheet(("",)).formats()
"""What a run that prints something else is given."""


@dataclass(frozen=True, repr=False, eq=False)
class Model:
    """A profile ready to be played, the same only as itself. `lead` is how long before its beginning a run must be simulated, in ms.

    Each format is laid out when it is first asked for: a run prints one of them, and all of them take longer than the rest.
    """

    profile: Profile
    seed: int
    visits_per_day: float
    start_ms: int
    world: World
    limits: list[Limits]
    """By edition; those of editions that the profile does not use are never read."""
    editions: list[Edition]
    """With the profile's versions of the SDK."""
    lead: int
    texts: tuple[str, ...]
    """The intern table: strings by their ids."""

    @cached_property
    def formats(self) -> Formats:
        """Payloads, and rows as JSON."""
        sheet = Sheet(self.texts)
        arms.lay_out(sheet, self.profile.app, self.editions)
        ndjson.lay_out(sheet, self.profile.app, self.editions)
        return sheet.formats()

    @cached_property
    def posted(self) -> Formats:
        """Payloads inside of rows of JSON."""
        sheet = Sheet(self.texts, inside=True)
        arms.lay_out(sheet, self.profile.app, self.editions)
        return sheet.formats()

    @cached_property
    def posts(self) -> Posts:
        """What stands around them in these rows."""
        return rows_of(posts(self.profile.app))

    @cached_property
    def _columns(self) -> tuple[Grid, Names]:
        sheet = Sheet(self.texts, as_json=False)
        pack.lay_out(sheet, self.profile.app, self.editions)
        cells, plans, names = columns.lay_out(sheet, self.profile.app, self.editions)
        return Grid(cells, plans, sheet.formats()), names

    @property
    def grid(self) -> Grid:
        """Rows as columns, and as msgpack."""
        return self._columns[0]

    @property
    def names(self) -> Names:
        """Of the columns."""
        return self._columns[1]

    def tables(self, prints: int) -> tuple[Formats, Formats, Grid]:
        """Give the formats, those of payloads inside of rows, and the grid: what printing one of seat.ROWS and the like reads, and blank others."""
        return (
            self.formats if prints in (ROWS, PAYLOADS) else BLANK,
            self.posted if prints == POSTED else BLANK,
            self.grid if prints in (COLUMNS, PACKED) else Grid([], [], BLANK),
        )


def read(text: str, name: str, seed: int, *, visits_per_day: float | None = None) -> Model:
    """Build all that play needs of a profile's text; a ProfileError begins with `name`, which is what messages call the file."""
    profile = loader.parse(text, name)
    try:
        return make(profile, seed, visits_per_day=visits_per_day)
    except ProfileError as error:
        raise ProfileError(f"{name}: {error}") from None


def make(profile: Profile, seed: int, *, visits_per_day: float | None = None) -> Model:
    """Build all that play needs. `visits_per_day` replaces the profile's."""
    world, strings = build(profile, seed, visits_per_day=visits_per_day)
    editions = [_versioned(edition, profile) for edition in EDITIONS.values()]
    return Model(
        profile=profile,
        seed=seed,
        visits_per_day=visits_per_day or profile.population.visits_per_day,
        start_ms=loader.start_ms(profile),
        world=world,
        limits=[
            limits_of(e, profile.platforms[e.platform].session, profile.platforms[e.platform].remote) if e.platform in profile.platforms else Limits()
            for e in EDITIONS.values()
        ],
        editions=editions,
        lead=_lead(profile),
        texts=tuple(strings.texts),
    )


@lru_cache(maxsize=1)
def event_bytes(model: Model, prints: int) -> int:
    """Give a size that no event exceeds as it is printed, nor what stands around it."""
    formats, posted, grid = model.tables(prints)
    return max(_event_bytes(formats), _event_bytes(posted) + longest_row(model.posts), _event_bytes(grid.formats))


def _event_bytes(formats: Formats) -> int:
    """Give a size that no event, nor what stands around the events of a payload, exceeds."""
    longest: int = max(text.length + max(text.rest, 0) for text in formats.quoted)
    programs = (formats.ops[p.start : p.start + p.length] for p in formats.programs)
    largest: int = max((sum(op.length for op in program) + NUMBER_BYTES * len(program) for program in programs), default=0)
    return 2 * largest + LONGEST_SLOTS * longest + SLACK


def _versioned(edition: Edition, profile: Profile) -> Edition:
    """Put the profile's SDK version, if it has one, on the wire."""
    platform = profile.platforms.get(edition.platform)
    return structs.replace(edition, sdk_version=platform.sdk_version) if platform and platform.sdk_version else edition


def limits_of(edition: Edition, config: SessionConfig, remote: RemoteConfig) -> Limits:
    """Make an edition's row with a platform's settings."""
    numbers: dict[str, Any] = {name: rule.value for name, rule in edition.rules.items()}
    for name in ("overtime", "max_duration"):
        numbers[name] = setting(edition, name, getattr(config, name))
    numbers["rate"] = threshold(1.0 if config.sample_rate is None else config.sample_rate)
    enabled = numbers.get("remote", NO_REMOTE) != NO_REMOTE if remote.enable is None else remote.enable
    numbers["remote"] = NO_REMOTE if not enabled else REMOTE_FIRST if remote.mode == "remote-first" else LAUNCH_FIRST
    numbers["remote_cache"] = remote.cache_timeout
    unknown = numbers.keys() - {f.name for f in fields(Limits)}
    if unknown:
        raise AssertionError(f"edition {edition.name} has rules that no limit takes: {unknown}")
    return Limits(**numbers)


def _lead(profile: Profile) -> int:
    """Give a span after which the population is in mid-life: the longest time that the past can reach into a visit, rounded up to hours."""
    hour = 3_600_000
    longest = hour
    for name, platform in profile.platforms.items():
        laws = [platform.idle.gap] if platform.idle.share else []
        laws += [platform.trips.long] if platform.trips.share else []
        laws += [profile.population.revisit.gap] if profile.population.revisit.share or profile.population.revisit.regulars else []
        laws += [platform.left.kept] if platform.left.kept else []
        reach = [setting(EDITIONS[edition], "overtime", platform.session.overtime) for edition in weights(name, platform.editions)]
        reach += [round(largest(law)) for law in laws]
        longest = max([longest, *(x for x in reach if x < 7 * 24 * hour)])
    return -(-(longest + hour) // hour) * hour
