"""Who the devices are: platform, model, network, country, and the name of a user who is logged in. All of it follows from (seed, number)."""

from collections.abc import Sequence
from typing import Final

from simulator.errors import ProfileError
from simulator.journey.world import World
from simulator.kernel.record import i4, i8, record, u1, u2, u4
from simulator.kernel.rnd import LOW, bits, rnd
from simulator.kernel.tables import draw, lists, pick
from simulator.schema.streams import INCIDENT, PATIENCE, RELEASE, SPEED, VARIANT, WHO

NAMES_PER_LOCALE: Final = 200


@record
class Device:
    """One installation. `key` is the root of all its draws; `name` and `country` are ids of the intern table (0: none)."""

    key: i8 = 0
    number: u4 = 0
    name: i4 = 0
    country: i4 = 0
    model: u2 = 0
    platform: u1 = 0
    edition: u1 = 0
    """Index in profile's editions."""
    network: u1 = 0
    gap: i8 = 0
    """Mean operational time between its visits."""
    returns: u4 = 0
    """Share of its visits that are followed by another."""
    pace: i4 = 0
    """Factor of the pauses, in 1/1000."""
    speed: i4 = 1_000
    """Factor of load and script times, in 1/1000; below it are quicker devices."""
    patience: i4 = 1_000
    """Factor of how long its user waits, in 1/1000."""
    zone: i4 = 0
    """By how much the hours of its country are ahead of UTC (ms)."""
    tenant: u2 = 0
    arm: u1 = 0
    clock: i8 = 0
    """By how much the device's clock is ahead (ms)."""
    concerned: i8 = 0
    """Bits of the incidents in whose scope it is."""


def settle(w: World, d: Device, number: int) -> None:
    """Make `d` the device with this number."""
    d.number = number
    d.key = bits(w.seed, number + 1)
    key = d.key ^ WHO
    d.platform = pick(w.tables, w.platform, rnd(key, 0))
    d.edition = pick(w.tables, w.platforms[d.platform].editions, rnd(key, 6))
    d.country = pick(w.tables, w.country, rnd(key, 1))
    d.network = pick(w.tables, w.platforms[d.platform].networks, rnd(key, 2))
    d.model = pick(w.tables, w.platforms[d.platform].models, rnd(key, 3))
    d.name = pick(w.tables, w.names, rnd(key, 4)) if (rnd(key, 5) & LOW) < w.named else 0
    d.gap = w.gap * 1_000 // max(draw(w.tables, w.activity, rnd(key, 9) & LOW), 1)
    d.returns = w.regulars_return if (rnd(key, 11) & LOW) < w.regulars else w.returns
    d.pace = draw(w.tables, w.user_pace, rnd(key, 10) & LOW)
    d.speed = draw(w.tables, w.models[d.model].speed, rnd(d.key ^ SPEED, 0) & LOW)
    d.patience = draw(w.tables, w.patience, rnd(d.key ^ PATIENCE, 0) & LOW)
    d.clock = 0
    r = rnd(key, 7)
    if (r & LOW) < w.wrong_clocks:
        error = draw(w.tables, w.clock_error, rnd(key, 8) & LOW)
        d.clock = error if (r >> 31) < w.clocks_ahead else -error
    d.zone = d.concerned = 0
    for i in range(w.tables[w.zones]):
        if w.tables[w.zones + 1 + 2 * i] == d.country:
            d.zone = w.tables[w.zones + 2 + 2 * i]
            break
    d.tenant = pick(w.tables, w.tenant, rnd(d.key ^ VARIANT, 0))
    d.arm = pick(w.tables, w.arm, rnd(d.key ^ VARIANT, 1))
    for i in range(1, w.incident_count + 1):
        if concerns(w, d, i):
            d.concerned |= 1 << i


def copy(a: Device, b: Device) -> None:
    """Copy a onto b."""
    b.key = a.key
    b.number = a.number
    b.name = a.name
    b.country = a.country
    b.model = a.model
    b.platform = a.platform
    b.edition = a.edition
    b.network = a.network
    b.gap = a.gap
    b.returns = a.returns
    b.pace = a.pace
    b.speed = a.speed
    b.patience = a.patience
    b.zone = a.zone
    b.tenant = a.tenant
    b.arm = a.arm
    b.clock = a.clock
    b.concerned = a.concerned


def release_at(w: World, d: Device, at: int) -> int:
    """Give the latest release that a device can have at a time; 0: the application's first version."""
    for i in range(w.tables[w.releases], 0, -1):
        release = w.releases + 4 * i - 3
        r = rnd(d.key ^ RELEASE, i)
        gets = w.tables[release + 3] >> d.platform & 1 and (r & LOW) < w.tables[release + 1]
        if gets and w.tables[release] + draw(w.tables, w.tables[release + 2], r >> 31) <= at:
            return i
    return 0


def concerns(w: World, d: Device, i: int) -> bool:
    """Tell whether a device is in the scope of incident i."""
    n = w.incidents[i]
    if n.platforms >> d.platform & 1 == 0 or n.networks >> d.network & 1 == 0 or not lists(w.tables, n.countries, d.country):
        return False
    return n.of_devices == 0 or (rnd(d.key ^ INCIDENT, i) & LOW) < n.share


def invent_names(locales: Sequence[str], seed: int) -> list[str]:
    """Draw names of people of each locale; the same for the same seed and version of Faker."""
    from faker import Faker  # noqa: PLC0415
    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    names: list[str] = []
    for locale in locales:
        if locale not in AVAILABLE_LOCALES:
            raise ProfileError(f"at `population.locales`: found {locale!r}; expected a locale that Faker knows, such as en_US, zh_CN, ar_AA")
        fake = Faker(locale, providers=["faker.providers.person"])
        fake.seed_instance(seed)
        names += [fake.name() for _ in range(NAMES_PER_LOCALE)]
    return names
