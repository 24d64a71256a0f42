"""What a dataset's manifest.json says: enough to make the dataset again, and to tell whether one has it whole.

The digest of a set of rows is the sum modulo 2**128 of a 128-bit hash of each row's values, its time stamp counted from
the profile's start (kernel/digest.py): it depends neither on order, cuts and file format, nor on --start.
"""

import re
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Final, TypeVar

import msgspec

from simulator.errors import DataError

FORMAT: Final = 1
MODULUS: Final = 1 << 128
LIBRARIES: Final = ("numpy", "numba", "faker")
NAME: Final = "manifest.json"
_BEGINS: Final = re.compile(rb'\s*\{\s*"format":\s*\d+,\s*"rumsim":')
T = TypeVar("T")


Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]


class File(msgspec.Struct, frozen=True):
    """A file of rows; its name is counted from the dataset's folder."""

    name: str
    rows: int
    size_bytes: int


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A block: `digest` is of its rows, in hex; `labels_bytes` is the size of its part of incidents.ndjson."""

    format: int = FORMAT
    number: int
    first_device: int
    devices: int
    rows: int
    size_bytes: int
    digest: Digest
    labels_bytes: int = 0
    files: list[File]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The dataset. `start`: emitted time of its beginning; `offset_hours`: simulated time of it, since the profile's start.

    Of an unfinished one `blocks` is empty: its blocks have files of their own.
    """

    format: int = FORMAT
    rumsim: str
    seed: int
    profile: str
    profile_digest: str
    versions: dict[str, str]
    offset_hours: float
    start: str
    hours: float
    devices: int
    devices_per_block: int
    visits_per_day: float
    kind: str = "events"
    file_format: str
    partition_by: str = ""
    rows: int = 0
    digest: Digest = f"{0:032x}"
    blocks: list[Block] = []


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


def whole(begun: Manifest, blocks: list[Block]) -> Manifest:
    """Give the manifest of a dataset with all its blocks."""
    digest = digest_of([b.digest for b in blocks])
    return msgspec.structs.replace(begun, rows=sum(b.rows for b in blocks), digest=digest, blocks=sorted(blocks, key=lambda b: b.number))


def check(found: Manifest, place: str) -> None:
    """Raise DataError if the figures of the manifest at `place` disagree with each other: they have been changed."""
    for number, block in enumerate(found.blocks):
        check_block(block, number, found, place)
    count = -(-found.devices // found.devices_per_block)
    if len(found.blocks) not in {0, count} or whole(found, found.blocks) != found:
        raise _changed(place)


def check_block(block: Block, number: int, begun: Manifest, place: str) -> None:
    """Raise DataError if the row of a block at `place` is another's, or is not the sum of its files."""
    first, files = number * begun.devices_per_block, block.files
    expected = number, first, min(begun.devices_per_block, begun.devices - first), sum(f.rows for f in files), sum(f.size_bytes for f in files)
    if (block.number, block.first_device, block.devices, block.rows, block.size_bytes) != expected:
        raise _changed(place)


def _changed(place: str) -> DataError:
    return DataError(f"{place}: damaged (its figures do not add up); expected them as they were written")


def encode(document: Manifest | Block) -> bytes:
    """Print a document for people and readers."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def is_ours(data: bytes) -> bool:
    """Tell whether a manifest is one of ours, damaged perhaps, by how it begins: others have a manifest.json, too."""
    return _BEGINS.match(data) is not None


def decode(data: bytes, kind: type[T], place: str) -> T:
    """Read a Manifest or a Block that stands at `place`. Raise DataError if it is damaged, or from a newer version."""
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("format", msgspec.Raw(b"0"))
        if msgspec.json.decode(found, type=int) > FORMAT:
            raise DataError(f"{place}: found format {bytes(found).decode()}; expected at most {FORMAT}: it was made by a newer version of rumsim")
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{place}: damaged ({error}); expected a dataset's {kind.__name__.lower()}") from None
