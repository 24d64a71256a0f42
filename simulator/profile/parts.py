"""What the parts of a profile are made of: numbers and names with their bounds. Durations are ms, sizes bytes, shares and weights 0..1."""

from typing import Annotated

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]
Ms = Annotated[int, Meta(ge=0, le=10**13)]
Weights = Annotated[dict[str, Annotated[float, Meta(ge=0)]], Meta(min_length=1)]
"""Of choices, by name; they sum to 1."""
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Status = Annotated[int, Meta(ge=0, le=599)]
Path = Annotated[str, Meta(pattern="^/", max_length=500)]
Text = Annotated[str, Meta(max_length=4000)]
Origin = Annotated[str, Meta(pattern="^https?://[^/]+$", max_length=200)]
Ids = Annotated[int, Meta(ge=1, le=10**9)]
"""How many different numbers stand for `{id}` in the text beside it; small ones are the commonest (log-uniform, as by Zipf's law)."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every part of a profile: immutable, unknown keys refused."""
