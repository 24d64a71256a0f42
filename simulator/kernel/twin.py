"""The compiled twin of plain functions; with bodies.py and library.py the only importer of numba.

`twin(f)` gives a compiled copy of `f` and of all functions of this package that it calls; the plain functions stay as they are, so the same source
runs interpreted. No switch in the environment; the rooms above only mark with `inlined` what compiled code puts in the place of each call.

Subtle: numba's own cache does not see edits in callees of other files, so the cache folder is named after a digest of
all sources that can matter.
"""

import hashlib
import os
import sys
import tempfile
import types
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from simulator.errors import RumsimError

F = TypeVar("F", bound=Callable[..., Any])
PACKAGE = __name__.split(".", maxsplit=1)[0]
COMPILED_ROOMS = ("kernel", "schema", "profile", "journey", "sdk", "wire", "play")
"""Rooms whose sources can change compiled code."""


def cache_folder() -> Path:
    """Give the folder of compiled code: one per version of the sources, in the user's cache or, if that is not writable, a temporary folder."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for source in sorted(p for room in COMPILED_ROOMS for p in (root / room).rglob("*.py")):
        digest.update(source.relative_to(root).as_posix().encode())
        digest.update(source.read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for base in (home, Path(tempfile.gettempdir())):
        folder = base / "rumsim" / digest.hexdigest()[:16]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="rumsim-"))


_INLINED: set[Callable[..., Any]] = set()
_BODIES: dict[Callable[..., Any], Callable[..., Any]] = {}


def inlined(f: F) -> F:
    """Mark a function that is called often with arrays, and is small or called at one place: passing an array takes seven words."""
    _INLINED.add(f)
    return f


def compiled_as(body: F) -> Callable[[F], F]:
    """Mark a function in whose place compiled code has `body`, which does the same: where what is fast compiled is slow in Python."""

    def mark(f: F) -> F:
        _BODIES[f] = body
        return f

    return mark


@cache
def _numba() -> Any:  # noqa: ANN401
    """Import numba once, give the two-bodied functions their compiled bodies, and say so if a first compilation lies ahead."""
    try:
        import numba  # noqa: PLC0415
    except ImportError as error:
        message = "numba is not installed: install rumsim[compiled], or run interpreted (--interpreted)"
        raise RumsimError(message) from error
    from simulator.kernel import bodies, library  # noqa: F401, PLC0415  registers them

    library.install()

    folder = cache_folder()
    numba.config.CACHE_DIR = str(folder)
    if not any(folder.rglob("*.nbi")):
        sys.stderr.write("rumsim: compiling the simulation (once for this version; half a minute)\n")
    return numba


@cache
def twin(f: F) -> F:
    """Compile `f` and what it calls; the first call of the result compiles, or loads what an earlier process compiled."""
    numba = _numba()
    from simulator.kernel.bodies import TWO_BODIES  # noqa: PLC0415

    seen: dict[Any, Any] = {}

    def compiled(g: Any) -> Any:  # noqa: ANN401
        g = _BODIES.get(g, g)
        if g in seen:
            return seen[g]
        names = dict(g.__globals__)
        copy = types.FunctionType(g.__code__, names, g.__name__, g.__defaults__, g.__closure__)
        copy.__qualname__, copy.__module__ = g.__qualname__, g.__module__
        # _nrt: nothing compiled makes an array, so nothing needs to count references (atomically, a fifth of the time)
        inner = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True} if seen else {"cache": True}
        seen[g] = numba.njit(nogil=True, error_model="numpy", _nrt=False, forceinline=g in _INLINED, **inner)(copy)
        for name in g.__code__.co_names:
            h = names.get(name)
            if isinstance(h, types.FunctionType) and h.__module__.startswith(PACKAGE) and h not in TWO_BODIES:
                names[name] = compiled(h)
        return seen[g]

    result: F = compiled(f)
    return result
