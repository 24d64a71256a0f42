"""What tests of a dataset's folder share: what it holds, and that a command is refused without changing it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import RumsimError

Make = Callable[..., Any]
SMALL = {"hours": 0.3, "offset_hours": 14.0, "compiled": False}
"""When blocks 1 and 2 of conftest's dataset have incidents."""


def bodies(folder: Path) -> dict[str, bytes]:
    """Give all files of a folder by name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(make: Make, text: str, out: Path, **more: Any) -> str:
    """Give the one line with which it is refused; nothing has changed."""
    before = bodies(out)
    with pytest.raises(RumsimError) as caught:
        make(text, out, **SMALL | more)
    assert bodies(out) == before
    assert "\n" not in str(caught.value)
    return str(caught.value)
