"""The starter profiles that come with rumsim: in the wheel inside the package, in a checkout in the top-level folder `profiles/`."""

from importlib import resources
from importlib.resources.abc import Traversable

from simulator.errors import ProfileError

_SUFFIX = ".toml"


def names() -> list[str]:
    """List the starter profiles, sorted, without `.toml`."""
    return sorted(entry.name.removesuffix(_SUFFIX) for entry in _folder().iterdir() if entry.name.endswith(_SUFFIX))


def read(name: str) -> str:
    """Give the TOML text of a starter profile, or raise ProfileError that names those there are."""
    known = names()
    if name not in known:
        raise ProfileError(f"no starter profile is called {name!r}; there are: {', '.join(known)}")
    return (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _folder() -> Traversable:
    package = resources.files("simulator")
    packaged = package / "profiles"
    return packaged if packaged.is_dir() else package / ".." / "profiles"
