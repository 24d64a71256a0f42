"""The truth about incidents: a line for each session of a visit that an incident has met.

Ids are those of the stored rows, so truth and events can be joined by `device.id`, `user.id` and `session.id`.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
import numpy as np

from simulator.kernel.rnd import bits
from simulator.play.cohort import Rows
from simulator.play.ids import device_id, session_id, user_id
from simulator.play.model import Model
from simulator.profile.editions import EDITIONS

COLUMNS: Final = {
    "incident": "VARCHAR",
    "timestamp": "BIGINT",
    "device.id": "VARCHAR",
    "user.id": "VARCHAR",
    "visit": "BIGINT",
    "sampled": "BOOLEAN",
    "session.id": "VARCHAR",
}
"""Types of a label's fields in a database."""


def lines(model: Model, fillings: Sequence[Rows]) -> Iterator[bytes]:
    """Print the labels of a block, device after device, each device's as time goes by, however the block was played.

    `timestamp` is the true time, whatever the device's clock says; `session.id` is missing where no session was open.
    """
    if not fillings:
        return
    editions, names = list(EDITIONS.values()), list(model.profile.incidents)
    labels = np.concatenate(fillings)
    for row in labels[np.argsort(labels["device"], kind="stable")]:
        key = bits(model.seed, int(row["device"]) + 1)
        edition = editions[row["edition"]]
        label = {
            "incident": names[row["incident"] - 1],
            "timestamp": int(row["at"]),
            "device.id": device_id(key),
            "user.id": user_id(key),
            "visit": int(row["visit"]),
            "sampled": bool(row["sampled"]),
        }
        if row["session"]:
            label["session.id"] = session_id(key, int(row["session"]), edition.session_form, sampled=bool(row["sampled"]))
        yield msgspec.json.encode(label) + b"\n"
