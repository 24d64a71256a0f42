"""What is there of a dataset, and what may be done about it.

While a dataset is made, its folder has `unfinished/`: manifest.json (what it follows from), and for each block that is done block-NNNNN.json and the
labels of its incidents, if it has any. A block's row is put into place after its files, so a block that has a row is whole. When all are, the labels
become incidents.ndjson, the rows manifest.json, and `unfinished/` goes. A process may be killed between any two of these steps. What a row has
written down, rows and labels, is there if it has the size that the row says.
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from simulator.dataset import folder as folders
from simulator.dataset import manifest
from simulator.dataset.folder import PART, Folder, unwritten
from simulator.dataset.manifest import Block, Manifest
from simulator.errors import DataError, ProfileError

UNFINISHED: Final = f"unfinished/{manifest.NAME}"
PROFILE: Final = "profile.toml"
INCIDENTS: Final = "incidents.ndjson"
_OURS: Final = re.compile(
    rf"({re.escape(manifest.NAME)}|{re.escape(PROFILE)}|{re.escape(INCIDENTS)}|unfinished/(manifest\.json|block-\d+\.json|incidents-\d+\.ndjson)"
    rf"|(events|payloads|sessions)/(date=[-\d]+/)?(hour=\d+/)?block-\d+\.\w+)(\.[^/]+{re.escape(PART)})?"
)
_SAID: Final = {"profile_digest": "PROFILE", "kind": "--as", "file_format": "--format", "offset_hours": "--offset", "devices_per_block": "blocks"}
"""What users call the fields of a manifest; of others it is the option of the same name."""


def row_name(number: int) -> str:
    """Name the file of a block's row."""
    return f"unfinished/block-{number:05}.json"


def labels_name(number: int) -> str:
    """Name the file of a block's labels, until all are joined."""
    return f"unfinished/incidents-{number:05}.ndjson"


def prepare(folder: Folder, begun: Manifest, profile: str, *, resume: bool, share: bool, force: bool) -> dict[int, Block]:
    """Make the folder ready and give the blocks that are done. Nothing of the user's is removed, nothing of ours without `force`.

    `resume`: go on with what is there; `share`: likewise if something is, and others may be writing here.
    """
    try:
        folder.make()
        files = folder.files()
        if files and not (resume or (share and UNFINISHED in files)):
            if not force:
                raise _not_empty(folder, files)
            if share and manifest.NAME in files:
                raise ProfileError(
                    f"--out {folder}: has a whole dataset, of which --blocks with --force would leave these blocks alone; "
                    "make all of it anew, without --blocks, or name a new --out"
                )
            _clear(folder, files)
        done = {} if not files else _done(folder, files, begun, force=force)
        if not share:
            folder.remove(filter(_is_part, files))
    except FileExistsError:
        raise _not_empty(folder, ()) from None
    except OSError as error:
        raise ProfileError(f"--out {folder}: cannot be used: {error.strerror or error}; name a folder that you may write to") from None
    if UNFINISHED not in files and len(done) < -(-begun.devices // begun.devices_per_block):
        folders.write(folder, PROFILE, profile.encode())
        folders.write(folder, UNFINISHED, manifest.encode(begun))
    return done


def finish(folder: Folder, begun: Manifest, blocks: list[Block], *, incidents: bool) -> None:
    """Put the labels into one file and the manifest into place, when all blocks are done."""
    name = INCIDENTS
    try:
        files = folder.files()
        if incidents and files.get(INCIDENTS) != _labels_bytes(blocks):
            with folder.writing(INCIDENTS) as file:
                for block in sorted(blocks, key=lambda b: b.number):
                    if block.labels_bytes:
                        file.write(folder.read(labels_name(block.number)))
        name = manifest.NAME
        folders.write(folder, name, manifest.encode(manifest.whole(begun, blocks)))
        folder.remove(other for other in files if other.startswith("unfinished/") or _is_part(other))  # of workers that were lost
    except OSError as error:
        raise unwritten(folder, name, error) from None


def _clear(folder: Folder, files: dict[str, int]) -> None:
    """Remove what is ours, and know of no files any more."""
    folder.remove(name for name in files if _OURS.fullmatch(name))
    files.clear()


def _is_part(name: str) -> bool:
    """Tell whether somebody has not finished a file of a dataset."""
    return name.endswith(PART) and _OURS.fullmatch(name) is not None


def _not_empty(folder: Folder, files: Iterable[str]) -> ProfileError:
    if UNFINISHED in files:
        return ProfileError(f"--out {folder}: has an unfinished dataset; --resume goes on with it, --force makes it anew")
    if manifest.NAME in files:
        return ProfileError(f"--out {folder}: is there and is not an empty folder but a dataset; name a new one, or --force makes it anew")
    return ProfileError(f"--out {folder}: is there and is not an empty folder; name a new one, or remove it first")


def _done(folder: Folder, files: dict[str, int], begun: Manifest, *, force: bool) -> dict[int, Block]:
    """Give the blocks that need not be made."""
    foreign = sorted(name for name in files if not _OURS.fullmatch(name))
    if foreign and not force:
        raise DataError(f"{folder.place(foreign[0])}: is no file of a dataset; move it away, or name another --out")
    name = manifest.NAME if manifest.NAME in files else UNFINISHED
    if name not in files:
        raise ProfileError(f"--resume: {folder} has no dataset that was begun; leave --resume out, and name a new --out")
    try:
        found = manifest.decode(folder.read(name), Manifest, folder.place(name))
    except DataError as error:
        if not force:
            raise DataError(f"{error}; --force makes it anew") from None
        _clear(folder, files)  # nobody knows what it was made of
        return {}
    _compare(folder, msgspec.structs.replace(found, rows=0, digest=begun.digest, blocks=[]), begun)
    rows = {row.number: row for row in found.blocks}
    for other in files:
        if numbered := re.fullmatch(r"unfinished/block-(\d+)\.json", other):
            try:
                rows[int(numbered[1])] = manifest.decode(folder.read(other), Block, folder.place(other))
            except DataError as error:
                if not force:
                    raise DataError(f"{error}; --force makes this block anew") from None
    labels_bytes = _labels_bytes(rows.values())
    if name == manifest.NAME and not force:
        _check(folder, files, INCIDENTS, labels_bytes)
    joined = files.get(INCIDENTS) == labels_bytes
    done = {}
    for number, row in rows.items():
        needed = {file.name: file.size_bytes for file in row.files}
        if row.labels_bytes and not joined:
            needed[labels_name(number)] = row.labels_bytes
        if not force:
            for other, size_bytes in needed.items():
                _check(folder, files, other, size_bytes)
        if all(files.get(other) == size_bytes for other, size_bytes in needed.items()):
            done[number] = row
    return done


def _labels_bytes(rows: Iterable[Block]) -> int:
    return sum(row.labels_bytes for row in rows)


def _check(folder: Folder, files: dict[str, int], name: str, expected: int) -> None:
    """Raise DataError if a file is there and has another size than its row says: it is damaged."""
    if (found := files.get(name, expected)) != expected:
        raise DataError(f"{folder.place(name)}: damaged: found {found:,} bytes, expected {expected:,}; remove it, or --force makes it anew")


def _compare(folder: Folder, found: Manifest, begun: Manifest) -> None:
    for field in msgspec.structs.fields(Manifest):
        was, now = getattr(found, field.name), getattr(begun, field.name)
        if was != now:
            said = _SAID.get(field.name, "--" + field.name.replace("_", "-"))
            raise ProfileError(f"--resume: {folder} was begun with {said} {was}, found {now}; give the same arguments, or name another --out")
