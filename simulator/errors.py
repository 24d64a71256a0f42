"""Errors, in one tree split by whose fault they are. A message says what is wrong, where, what was found, what is expected, what to do."""

import errno
from pathlib import Path
from typing import Final

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class RumsimError(Exception):
    """Anything that the command line reports as one line instead of a traceback."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        """Keep the message on one line, whatever names of the user's it quotes."""
        super().__init__("".join(c if c.isprintable() else repr(c)[1:-1] for c in message))


class ProfileError(RumsimError):
    """The user wrote it: a profile, an option, a path."""


class DataError(RumsimError):
    """A file is damaged, foreign, or from a newer version."""


class CollectorError(RumsimError):
    """The other side answered badly or not at all."""

    exit_code = 1


class LagError(RumsimError):
    """The generator was too slow: the run is invalid, never reported as a slow collector."""

    exit_code = 3


def cannot_write(path: Path | str, error: OSError) -> DataError:
    """Give the error to raise where a file or folder of a run cannot be written."""
    advice = "free space on the disk and run again" if error.errno in FULL else "make the run's folder writable"
    return DataError(f"{path}: cannot be written ({error.strerror}): {advice}")
