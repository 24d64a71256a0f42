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
from simulator.dataset.folder import PART, Folder, unwritten, writer
from simulator.dataset.manifest import Block, Manifest
from simulator.dataset.sink import EXTENSIONS
from simulator.errors import DataError, ProfileError

UNFINISHED: Final = f"unfinished/{manifest.NAME}"
MANIFESTS: Final = {manifest.NAME, UNFINISHED}
PROFILE: Final = "profile.toml"
INCIDENTS: Final = "incidents.ndjson"
_FILES: Final = (
    rf"{re.escape(manifest.NAME)}|{re.escape(PROFILE)}|{re.escape(INCIDENTS)}"
    r"|unfinished/(manifest\.json|block-\d{5,}\.json|incidents-\d{5,}\.ndjson)"
    rf"|(events|payloads|sessions)/(date=[-\d]+/(hour=\d+/)?)?block-\d{{5,}}\.({'|'.join(EXTENSIONS.values())})"
)
_FILE: Final = re.compile(_FILES)
_PART: Final = re.compile(rf"({_FILES}){PART}")
_IN_THE_WAY: Final = re.compile(rf"({_FILES})(/.*)?|unfinished|(events|payloads|sessions)(/date=[-\d]+(/hour=\d+)?)?")
"""Of a file or folder that is to be written."""
_OPTIONS: Final = {
    "profile_digest": "PROFILE",
    "seed": "--seed",
    "devices": "--devices",
    "offset_hours": "--offset",
    "start": "--start",  # which may follow from the offset
    "hours": "--hours",
    "visits_per_day": "--visits-per-day",
    "kind": "--as",
    "file_format": "--format",
    "partition_by": "--partition-by",
}
"""What users call the fields of a manifest that follow from what they have asked for; the others follow from what is installed."""


def row_name(number: int) -> str:
    """Name the file of a block's row."""
    return f"unfinished/block-{number:05}.json"


def labels_name(number: int) -> str:
    """Name the file of a block's labels, until all are joined."""
    return f"unfinished/incidents-{number:05}.ndjson"


def prepare(folder: Folder, begun: Manifest, profile: str, *, resume: bool, share: bool, force: bool) -> dict[int, Block]:
    """Make the folder ready and give the blocks that are done. Nothing of the user's is removed, nothing of ours without `force`.

    `resume`: go on with what is there; `share`: likewise if it is not whole, and others may be writing here.
    """
    try:
        folder.make()
        files = folder.files()
        ours = _ours(folder, files)
        goes_on = resume or (share and manifest.NAME not in ours)
        if files and not (goes_on or force):
            raise _not_empty(folder, ours)
        _refuse_foreign(folder, files.keys() - ours.keys(), force=force)
        if not share:
            _refuse_writers(folder, ours)
        if not goes_on:
            if share:
                raise ProfileError(
                    f"--out {folder}: has a whole dataset, of which --blocks with --force would leave these blocks alone; "
                    "make all of it anew, without --blocks, or name a new --out"
                )
            _clear(folder, ours)
        done = _done(folder, ours, begun, force=force)
        if not share:
            folder.remove(filter(_PART.fullmatch, ours))
    except FileExistsError:
        raise _not_empty(folder, ()) from None
    except OSError as error:
        raise ProfileError(f"--out {folder}: cannot be used: {error.strerror or error}; name a folder that you may write to") from None
    if UNFINISHED not in ours and len(done) < -(-begun.devices // begun.devices_per_block):
        folders.write(folder, UNFINISHED, manifest.encode(begun))  # first, for what lies beside it is ours
    if PROFILE not in ours:
        folders.write(folder, PROFILE, profile.encode())
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
        left = [other for other in files if other.startswith("unfinished/") and _FILE.fullmatch(other)]
        folder.remove([*left, *filter(_PART.fullmatch, files)])  # parts of workers that were lost
    except OSError as error:
        raise unwritten(folder, name, error) from None


def _ours(folder: Folder, files: dict[str, int]) -> dict[str, int]:
    """Give what is ours of the files: manifests that begin as ours do, and beside one what is called as files of a dataset are."""
    manifests = {name for name in MANIFESTS & files.keys() if manifest.is_ours(folder.read(name))}
    beside = {name for name in files.keys() - MANIFESTS if manifests and _FILE.fullmatch(name)}
    return {name: size for name, size in files.items() if name in manifests | beside or _PART.fullmatch(name)}


def _refuse_foreign(folder: Folder, names: Iterable[str], *, force: bool) -> None:
    """Raise DataError if something is not ours, by `force` only where a dataset's files are to be."""
    if found := [name for name in names if not force or _IN_THE_WAY.fullmatch(name)]:
        first = min(found, key=lambda name: (name not in MANIFESTS, name))
        raise DataError(f"{folder.place(first)}: is no file of a dataset that was begun here; move it away, or name another --out")


def _refuse_writers(folder: Folder, names: Iterable[str]) -> None:
    """Raise DataError if another process is writing: what it has begun would be taken away from it."""
    for name in names:
        if (part := _PART.fullmatch(name)) and (pid := writer(part["host"], int(part["pid"]))):
            advice = "wait until that has ended, or remove the file if it is another program"
            raise DataError(f"{folder.place(name)}: is being written by process {pid}; {advice}")


def _clear(folder: Folder, ours: dict[str, int]) -> None:
    """Remove what is ours, and know of no files any more. The manifests, which tell that it is, go last: the process may be killed."""
    folder.remove(sorted(ours, key=MANIFESTS.__contains__))
    ours.clear()


def _not_empty(folder: Folder, files: Iterable[str]) -> ProfileError:
    if UNFINISHED in files:
        return ProfileError(f"--out {folder}: has an unfinished dataset; --resume goes on with it, --force makes it anew")
    if manifest.NAME in files:
        return ProfileError(f"--out {folder}: is there and is not an empty folder but a dataset; name a new one, or --force makes it anew")
    return ProfileError(f"--out {folder}: is there and is not an empty folder; name a new one, or remove it first")


def _done(folder: Folder, files: dict[str, int], begun: Manifest, *, force: bool) -> dict[int, Block]:
    """Give the blocks that need not be made."""
    name = manifest.NAME if manifest.NAME in files else UNFINISHED
    if name not in files:
        return {}
    try:
        found = manifest.decode(folder.read(name), Manifest, folder.place(name))
        _compare(folder, found, begun)
        manifest.check(found, folder.place(name))
    except DataError as error:
        if not force:
            raise DataError(f"{error}; --force makes it anew") from None
        _clear(folder, files)  # nobody knows what it was made of
        return {}
    rows = {row.number: row for row in found.blocks}
    for other in files:
        if numbered := re.fullmatch(r"unfinished/block-(\d+)\.json", other):
            number, place = int(numbered[1]), folder.place(other)
            try:
                row = manifest.decode(folder.read(other), Block, place)
                manifest.check_block(row, number, begun, place)
                rows[number] = row
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
    was, now = _causes(found), _causes(begun)
    for name in was | now:
        before, after = was.get(name, ""), now.get(name, "")
        if before != after:
            said = _OPTIONS.get(name, name)
            which = f"without {said}" if before == "" else f"with {said} {before}"
            advice = "give the same arguments" if name in _OPTIONS else "install the same versions"
            found_now = "none" if after == "" else after
            raise ProfileError(f"--resume: {folder} was begun {which}, found {found_now}; {advice}, or name another --out")


def _causes(document: Manifest) -> dict[str, object]:
    """Give what a dataset follows from: first what is installed, then what was asked for."""
    fields = msgspec.structs.asdict(document)
    return {"rumsim": fields["rumsim"], **fields["versions"], "devices_per_block": fields["devices_per_block"]} | {
        name: fields[name] for name in _OPTIONS
    }
