"""The console's sample rates as numbers, for those who play them and those who audit what was played."""

from simulator.kernel.rnd import threshold
from simulator.profile.types import Platform, RemoteConfig

HOUR_MS = 3_600_000


def local_rate(platform: Platform) -> float:
    """Give the local sample rate; the document's default is 1 (Session Sampling)."""
    return 1.0 if platform.session.sample_rate is None else platform.session.sample_rate


def rates_of(remote: RemoteConfig) -> list[tuple[int, int]]:
    """List the console's rates: from when (ms since the profile's start), and as a 31-bit threshold."""
    return [(round(rate.from_hour * HOUR_MS), threshold(rate.sample_rate)) for rate in remote.rates]
