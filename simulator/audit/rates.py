"""Which sample rates may have decided on a session: the local one, and those that the console has said up to the session's start.

A device uses what it fetched last, which may be a rate of long ago, or the local one if no fetch has been answered. So a decision is right if it fits
one of these rates; it cannot be said which.
"""

from typing import Final

import numpy as np

from simulator.audit.ledger import Rows
from simulator.kernel.rnd import ONE, threshold
from simulator.profile.remote import local_rate, rates_of
from simulator.profile.types import Profile
from simulator.schema.words import PLATFORMS

Steps = dict[str, list[tuple[int, int]]]
"""By platform: from when (ms since the epoch) a rate may be in force, and its threshold. The local one is the first, and may always be."""
EVER: Final = -(1 << 62)


def steps(profile: Profile, origin: int | None) -> Steps:
    """List the rates of each platform. `origin`: emitted time of the profile's start; None, where a run does not say: any rate may be in force."""
    return {
        name: [
            (EVER, threshold(local_rate(platform))),
            *((EVER if origin is None else origin + since, rate) for since, rate in rates_of(platform.remote)),
        ]
        for name, platform in profile.platforms.items()
    }


def fitting(rates: Steps, sessions: Rows) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each session whether its decision fits its draw and one of its rates (schema, SESSION_ROW); none of another platform's does."""
    lowest, highest = np.full(sessions.size, ONE, np.int64), np.full(sessions.size, -1, np.int64)
    for name, its in rates.items():
        for since, rate in its:
            may = (sessions["platform"] == PLATFORMS.index(name)) & (sessions["start"] >= since)
            lowest[may], highest[may] = np.minimum(lowest[may], rate), np.maximum(highest[may], rate)
    draw, sampled = sessions["draw"].astype(np.int64), sessions["sampled"]
    right: np.ndarray[tuple[int], np.dtype[np.bool_]] = ((sampled == 1) & (draw < highest)) | ((sampled == 0) & (draw >= lowest) & (highest >= 0))
    return right & (draw < ONE)


def single(rates: Steps, sessions: Rows) -> dict[str, bool]:
    """Tell of each platform whether one rate has been in force for all of its sessions."""
    out = {}
    for name, its in rates.items():
        starts = sessions["start"][sessions["platform"] == PLATFORMS.index(name)]
        until = int(starts.max()) if starts.size else EVER
        out[name] = len({rate for since, rate in its if since <= until}) == 1
    return out
