"""Where a dataset is written: a folder, or one of an object store (fsspec). Names of files are counted from its folder, with slashes.

Rule of the file: a file is there whole or not at all, whatever happens to the process; an unfinished one is called `NAME.HOST-PID.part`.
"""

import errno
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, cast

from simulator.errors import FULL, DataError, ProfileError

PART = r"\.(?P<host>[^/]+)-(?P<pid>\d+)\.part"
"""What an unfinished file's name has behind that of the file."""
ENDED: Final = "Z"
"""State of a process that has ended and after which nobody has looked, as in a container where the first process looks after none (proc(5))."""
TAKEN: Final = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY)
"""Errors that say that a file stands where a folder is to be, or a folder where a file is to be."""


class Folder(Protocol):
    """Files by name."""

    def place(self, name: str) -> str:
        """Give what messages call a file."""
        ...

    def make(self) -> None:
        """Make the folder, if it is not there yet."""
        ...

    def files(self) -> dict[str, int]:
        """Give the size of each file below the folder, by name."""
        ...

    def read(self, name: str) -> bytes:
        """Give what a file holds."""
        ...

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Lend a file that is put into its place at the end, if all goes well."""
        ...

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and the folders that they leave empty."""
        ...


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
        """Give the size of each file below the folder, by name; a link to a folder is one, too, for what is behind it is elsewhere."""
        sizes = {}
        for at, folders, names in os.walk(self.root, onerror=_raise):
            for path in (Path(at, name) for name in (*folders, *names)):
                with suppress(FileNotFoundError):  # another process has put its part into place meanwhile
                    if path.is_symlink() or not path.is_dir():
                        sizes[path.relative_to(self.root).as_posix()] = path.lstat().st_size
        return sizes

    def read(self, name: str) -> bytes:
        """Give what a file holds."""
        return (self.root / name).read_bytes()

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Lend a file that is put into its place at the end, if all goes well."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.uname().nodename}-{os.getpid()}.part")
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


class Store:
    """A folder of an object store, where an object is there when it has been sent whole. Needs fsspec, and its library for the kind of store."""

    def __init__(self, url: str) -> None:
        """Name the folder. Raise ProfileError if nothing here knows such a store."""
        try:
            import fsspec  # noqa: PLC0415

            self._system, self._root = fsspec.core.url_to_fs(url.rstrip("/"))
        except ImportError as error:
            raise ProfileError(f"--out {url}: {error}; install rumsim[dask] for s3://, or name a folder") from None
        except Exception as error:  # noqa: BLE001  what its library raises where credentials or a part of the URL are missing
            raise ProfileError(f"--out {url}: {error}; expected a folder, or a URL such as s3://bucket/path") from None
        self._url = url.rstrip("/")

    def __str__(self) -> str:
        """Give what messages call it."""
        return self._url

    def place(self, name: str) -> str:
        """Give what messages call a file."""
        return f"{self._url}/{name}"

    def make(self) -> None:
        """Nothing: a store has no folders of its own."""

    def files(self) -> dict[str, int]:
        """Give the size of each file below the folder, by name."""
        with _translated():
            self._system.invalidate_cache()
            found = self._system.find(self._root, detail=True)
        return {name.removeprefix(self._root).lstrip("/"): entry["size"] for name, entry in found.items()}

    def read(self, name: str) -> bytes:
        """Give what a file holds."""
        with _translated():
            return bytes(self._system.cat_file(f"{self._root}/{name}"))

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        """Lend a file that is put into its place at the end, if all goes well. Raise ProfileError if stores of this kind can only be read."""
        with _translated():
            try:
                file = self._system.open(f"{self._root}/{name}", "wb", autocommit=False)
            except NotImplementedError:  # so fsspec says it, and has nothing to ask before
                raise ProfileError(f"--out {self._url}: can only be read; expected a folder, or a URL such as s3://bucket/path") from None
        try:
            yield cast("BinaryIO", _Sent(file))
            with _translated():
                file.close()
                file.commit()
        except BaseException:
            with suppress(Exception):
                file.discard()
            raise

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        with _translated():
            for name in names:
                self._system.rm_file(f"{self._root}/{name}")


class _Sent(io.RawIOBase):
    """A store's file as one that raises OSError."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401
        with _translated():
            return int(self._file.write(data))

    def tell(self) -> int:
        return int(self._file.tell())


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the libraries of stores raise, which have errors of their own, into OSError."""
    try:
        yield
    except (OSError, ProfileError):
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def open_folder(out: str) -> Folder:
    """Give the folder at a path or URL. Raise ProfileError if it is neither."""
    if not out:
        raise ProfileError("--out: found nothing; expected a folder, or a URL such as s3://bucket/path")
    if out.startswith("file:"):
        raise ProfileError(f"--out {out}: found the URL of a folder of this machine; expected its path")
    return Store(out) if "://" in out else Local(Path(out))


def absolute(out: str) -> str:
    """Give a path or URL that means the same in any working folder."""
    return out if "://" in out else str(Path(out).absolute())


def writer(host: str, pid: int) -> int | None:
    """Give the process that writes a part of that name, if it is another of this machine that still runs; of other machines' nothing is known."""
    if host != os.uname().nodename or pid == os.getpid():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:  # it is another user's
        pass
    with suppress(OSError):  # where there is /proc
        if Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == ENDED:
            return None
    return pid


def write(folder: Folder, name: str, data: bytes) -> None:
    """Put a file into place. Raise DataError."""
    try:
        with folder.writing(name) as file:
            file.write(data)
    except OSError as error:
        raise unwritten(folder, name, error) from None


def unwritten(folder: Folder, name: str, error: OSError) -> DataError:
    """Say that a file cannot be written. What is there of the dataset stays and can be gone on with."""
    advice = "free space" if error.errno in FULL else "move away what is there" if error.errno in TAKEN else "make it writable"
    return DataError(f"{folder.place(name)}: cannot be written: {error.strerror or error}; {advice}, then run the same command with --resume")


def _raise(error: OSError) -> None:
    raise error
