"""Published figures (references.json), each with its source, its grade and, if it is to be reached, its tolerance.

Grades: A primary data, read or computed; B primary text; C secondary text that quotes it. A figure whose platform ends in `lab` was measured in a
laboratory, on emulated devices: it is shown, never claimed. So is one without a tolerance, or of grade C. A page view's share is no origin's share.
"""

from collections.abc import Iterable
from importlib import resources
from typing import Any, Final

import msgspec

from simulator.errors import ProfileError
from simulator.profile.types import Profile

CLAIMABLE: Final = ("A", "B")


class Reference(msgspec.Struct, frozen=True):
    """A published figure. `values` is a number, or numbers by quantile (p50), depth or group; `tolerance` by kind of distance."""

    metric: str
    platform: str
    unit: str
    kind: str
    values: Any
    source: str
    grade: str
    tolerance: dict[str, float] | None = None

    @property
    def name(self) -> str:
        """What a claim calls it."""
        return f"{self.platform}/{self.metric}"

    @property
    def claimable(self) -> bool:
        """Whether a profile may claim to reach it."""
        return self.tolerance is not None and self.grade in CLAIMABLE and not self.platform.endswith("lab")


def published() -> list[Reference]:
    """Read the published figures."""
    return msgspec.json.decode((resources.files(__package__) / "references.json").read_bytes(), type=list[Reference])


def checked(claims: Iterable[str], where: str = "--claim") -> frozenset[str]:
    """Give the claims as a set; raise ProfileError for one that is none, or that cannot be claimed. `where` says where they stand."""
    known = {reference.name: reference for reference in published()}
    open_to = ", ".join(name for name, reference in known.items() if reference.claimable)
    found = tuple(claims)
    for claim in found:
        if claim not in known:
            raise ProfileError(f"{where}: found {claim!r}, which is no published figure; expected one of {open_to}")
        if not known[claim].claimable:
            why = "it has no tolerance" if known[claim].tolerance is None else "it is from a laboratory or quoted at second hand"
            raise ProfileError(f"{where}: found {claim!r}, which is reported only: {why}; expected one of {open_to}")
    return frozenset(found)


def claimed(profile: Profile, name: str) -> frozenset[str]:
    """Give the claims of a profile, which is called `name`; raise ProfileError as `checked` does."""
    return frozenset().union(*(checked((claim,), f"{name}: at `fidelity.claims[{i}]`") for i, claim in enumerate(profile.fidelity.claims)))
