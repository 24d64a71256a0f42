"""Sessions as rows: the truth about each, sampled or not. Times are true, whatever a device's clock says.

A session is written when the whole span has been played: then its end is known, or that it has none.
"""

from typing import BinaryIO, Final

import msgspec
import numpy as np
import xxhash

from simulator.dataset.sink import Structs, Tally
from simulator.kernel.rnd import bits
from simulator.play.cohort import Chunk, Cohort, Rows
from simulator.play.ids import device_id, session_id, user_id
from simulator.play.model import Model
from simulator.profile.editions import EDITIONS
from simulator.schema.words import END_REASONS, EVENT_TYPES, ONGOING, PLATFORMS, SAMPLED_OUT, SENT

COUNTS: Final = (*EVENT_TYPES, "application")
"""By type, the events that a session has reported, or would have if it had been sampled."""
Key = tuple[int, int]
"""Device and ordinal of a session."""


class Session(msgspec.Struct, kw_only=True, rename={"id": "session.id", "device": "device.id", "user": "user.id"}):
    """A session. `draw`: 31 bits; it is sampled iff they are below rate * 2**31. `end`: None as long as it goes on."""

    id: str
    device: str
    user: str
    platform: str
    edition: str
    ordinal: int
    start: int
    end: int | None = None
    end_reason: str = ""
    sampled: bool
    draw: int
    view: int = 0
    action: int = 0
    resource: int = 0
    exception: int = 0
    longTask: int = 0
    application: int = 0
    incidents: list[str]
    cut_start: bool
    cut_end: bool = False


class Sessions:
    """Collects the sessions of a cohort, and writes them when it ends."""

    def __init__(self, file_format: str, file: BinaryIO, model: Model) -> None:
        """Begin a file."""
        self._model = model
        self._sessions: dict[Key, Session] = {}
        self._counts: dict[int, Rows] = {}
        self._keys: dict[int, Key] = {}
        self._written = Structs(file_format, file, "SESSIONS")

    def add(self, chunk: Chunk) -> Tally:
        """Take note of what begins, ends and happens."""
        for row in chunk.sessions:
            key = int(row["device"]), int(row["ordinal"])
            self._keys[int(row["session"])] = key
            self._sessions[key] = self._begun(row)
            self._end((key[0], key[1] - 1), int(row["prior_end"]), int(row["prior_why"]))
        names = list(self._model.profile.incidents)
        for label in chunk.labels:
            met = self._sessions.get((int(label["device"]), int(label["session"])))
            if met and names[label["incident"] - 1] not in met.incidents:
                met.incidents.append(names[label["incident"] - 1])
        told = chunk.events[((chunk.events["fate"] == SENT) | (chunk.events["fate"] == SAMPLED_OUT)) & (chunk.events["session"] != 0)]
        keys, place = np.unique(told["session"], return_inverse=True)
        counts = np.bincount(place * len(COUNTS) + told["type"], minlength=len(keys) * len(COUNTS)).reshape(-1, len(COUNTS))
        for session, count in zip(keys.tolist(), counts, strict=True):
            self._counts[session] = self._counts.get(session, 0) + count
        return Tally(0, 0)

    def end(self, cohort: Cohort, until: int) -> Tally:
        """Write the cohort's sessions, in the order of devices."""
        for device, ordinal, end, why in cohort.ends(until):
            self._end((device, ordinal), end, why)
        for session, count in self._counts.items():
            if (key := self._keys.get(session)) is not None:
                for name, number in zip(COUNTS, count.tolist(), strict=True):
                    setattr(self._sessions[key], name, number)
        rows = [row for _, row in sorted(self._sessions.items()) if not _over(row, cohort.begin_ms)]
        for row in rows:
            row.cut_end = row.end is None
        self._sessions, self._counts, self._keys = {}, {}, {}
        self._written.write(rows)
        return Tally(len(rows), sum(xxhash.xxh3_128_intdigest(msgspec.json.encode(row)) for row in rows))

    def close(self) -> None:
        """End the table."""
        self._written.close()

    def _begun(self, row: np.void) -> Session:
        key, edition = bits(self._model.seed, int(row["device"]) + 1), list(EDITIONS.values())[row["edition"]]
        sampled = bool(row["sampled"])
        return Session(
            id=session_id(key, int(row["ordinal"]), edition.session_form, sampled=sampled),
            device=device_id(key),
            user=user_id(key),
            platform=PLATFORMS[row["platform"]],
            edition=edition.name,
            ordinal=int(row["ordinal"]),
            start=int(row["start"]),
            sampled=sampled,
            draw=int(row["draw"]),
            incidents=[],
            cut_start=bool(row["cut_start"]),
        )

    def _end(self, key: Key, end: int, why: int) -> None:
        if why != ONGOING and key in self._sessions:
            self._sessions[key].end, self._sessions[key].end_reason = end, END_REASONS[why]


def _over(row: Session, begin_ms: int) -> bool:
    """Tell whether a session has left nothing for the span: the SDK had not noticed yet that it was over."""
    return row.end is not None and row.end < begin_ms and not any(getattr(row, name) for name in COUNTS)
