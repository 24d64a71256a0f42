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
Path = Annotated[str, Meta(pattern="^/", max_length=500, description="a path that begins with a slash")]
Text = Annotated[str, Meta(max_length=4000)]
# what HTTP can carry (RFC 9110, 9112); `$` alone would let a line feed follow
ORIGIN = r"^https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$(?!\n)"
ORIGIN_IS = "http:// or https:// and an ASCII host, such as https://shop.example.com (other letters as punycode, xn--...), perhaps with a port"
Origin = Annotated[str, Meta(pattern=ORIGIN, max_length=200, description=ORIGIN_IS)]
TARGET = r"^/[!$-~]*$(?!\n)"
TARGET_IS = "a path that begins with a slash, in ASCII without spaces, quotes and # (those as %XX)"
Target = Annotated[str, Meta(pattern=TARGET, max_length=500, description=TARGET_IS)]
CLAIM = r"^[a-z-]+/[A-Za-z0-9_]+$(?!\n)"
CLAIM_IS = "a published figure's name, such as web-content/within_session_gap"
Claim = Annotated[str, Meta(pattern=CLAIM, max_length=200, description=CLAIM_IS)]
Ids = Annotated[int, Meta(ge=1, le=10**9)]
"""How many different numbers stand for `{id}` in the text beside it; small ones are the commonest (log-uniform, as by Zipf's law)."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of every part of a profile: immutable, unknown keys refused."""
