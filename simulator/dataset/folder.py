"""Where a dataset is written. Names of files are counted from its folder, with slashes.

Rule of the file: a file is there whole or not at all, whatever happens to the process; an unfinished one is called `NAME.HOST-PID.part`.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from simulator.errors import FULL, DataError

PART: Final = ".part"


class Local:
    """A folder of this machine, or one that machines share."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it need not be there yet."""
        self.root = root

    def __str__(self) -> str:
        """Give what messages call it."""
        return str(self.root)

    def place(self, name: str) -> str:
        """Give what messages call a file."""
        return str(self.root / name)

    def make(self) -> None:
        """Make the folder, if it is not there yet."""
        self.root.mkdir(parents=True, exist_ok=True)

    def files(self) -> dict[str, int]:
        """Give the size of each file below the folder, by name."""
        found = (Path(folder, name) for folder, _, names in os.walk(self.root, onerror=_raise) for name in names)
        return {path.relative_to(self.root).as_posix(): path.lstat().st_size for path in found}

    def read(self, name: str) -> bytes:
        """Give what a file holds."""
        return (self.root / name).read_bytes()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Lend a file that is put into its place at the end, if all goes well."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.uname().nodename}-{os.getpid()}{PART}")
        try:
            with part.open("wb") as file:
                yield file
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and the folders that they leave empty."""
        for name in names:
            path = self.root / name
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.root or any(folder.iterdir()):
                    break
                folder.rmdir()


def write(folder: Local, name: str, data: bytes) -> None:
    """Put a file into place. Raise DataError."""
    try:
        with folder.writing(name) as file:
            file.write(data)
    except OSError as error:
        raise unwritten(folder, name, error) from None


def unwritten(folder: Local, name: str, error: OSError) -> DataError:
    """Say that a file cannot be written. What is there of the dataset stays and can be gone on with."""
    advice = "free space" if error.errno in FULL else "make it writable"
    return DataError(f"{folder.place(name)}: cannot be written: {error.strerror or error}; {advice}, then run the same command with --resume")


def _raise(error: OSError) -> None:
    raise error
