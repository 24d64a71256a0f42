"""What cohorts fill, kept for the next.

Memory that goes back to the system comes anew, page by page and cleared, which took a quarter of the time of journey and SDK.
"""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Serves one cohort after the other, never two at once. What it gives holds whatever the one before has left there."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._kept: dict[str, tuple[Any, Any]] = {}

    def get(self, name: str, like: Any, make: Callable[[], T]) -> T:  # noqa: ANN401
        """Give what is kept under a name, or make it, if none is or it was made like something else."""
        if self._kept.get(name, (None,))[0] != like:
            self._kept.pop(name, None)  # so that memory never has both
            self._kept[name] = like, make()
        kept: T = self._kept[name][1]
        return kept
