"""What a dataset's manifest.json says: enough to make the dataset again, and to tell whether one has it whole.

The digest of a set of rows is the sum modulo 2**128 of a 128-bit hash of each row's values, its time stamp counted from
the profile's start (kernel/digest.py): it depends neither on order, cuts and file format, nor on --start.
"""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

from simulator.schema import document

FORMAT = 1
MODULUS = 1 << 128
LIBRARIES = ("numpy", "numba", "faker")


class Block(msgspec.Struct, frozen=True):
    """A block's file: `digest` is of its rows, in hex."""

    name: str
    first_device: int
    devices: int
    rows: int
    size_bytes: int
    digest: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The dataset. `start`: emitted time of its beginning; `offset_hours`: simulated time of it, since the profile's start."""

    format: int = FORMAT
    rumsim: str
    seed: int
    profile: str
    profile_digest: str
    versions: dict[str, str]
    start: str
    offset_hours: float
    hours: float
    devices: int
    visits_per_day: float
    file_format: str
    rows: int
    digest: str
    blocks: list[Block]


def versions() -> dict[str, str]:
    """Give the versions of the libraries on which bytes depend; none where one is not installed."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


def digest_of(digests: list[str]) -> str:
    """Add up digests."""
    return f"{sum(int(d, 16) for d in digests) % MODULUS:032x}"


def write(folder: Path, manifest: Manifest) -> None:
    """Put the manifest into place, whole or not at all."""
    document.write(folder / "manifest.json", manifest, indent=1)
