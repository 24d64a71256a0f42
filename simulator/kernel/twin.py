"""The compiled twin of plain functions: the only importer of numba.

`twin(f)` gives a compiled copy of `f` and of all functions of this package that it calls; the plain functions stay as they are, so the same source
runs interpreted. No switch in the environment, no decorators in the rooms above.

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

import numpy as np

from simulator.errors import RumsimError
from simulator.kernel import rnd as chance
from simulator.kernel import text

F = TypeVar("F", bound=Callable[..., Any])
PACKAGE = __name__.split(".", maxsplit=1)[0]
COMPILED_ROOMS = ("kernel", "schema", "profile", "journey", "sdk", "wire", "play")
"""Rooms whose sources can change compiled code."""
_TWO_BODIES = (chance.bits, chance.rnd, text.put)


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


@cache
def _numba() -> Any:  # noqa: ANN401
    """Import numba once, give the two-bodied functions their compiled bodies, and say so if a first compilation lies ahead."""
    try:
        import numba  # noqa: PLC0415
    except ImportError as error:
        message = "numba is not installed: install rumsim[compiled], or run interpreted (--interpreted)"
        raise RumsimError(message) from error
    from numba.extending import overload  # noqa: PLC0415

    folder = cache_folder()
    numba.config.CACHE_DIR = str(folder)
    if not any(folder.rglob("*.nbi")):
        sys.stderr.write("rumsim: compiling the simulation (once for this version; half a minute)\n")

    u = np.uint64
    golden, mix_1, mix_2 = u(chance.GOLDEN), u(chance.MIX_1), u(chance.MIX_2)

    @overload(chance.bits)
    def _bits(key: Any, counter: Any) -> Any:  # noqa: ANN401, ARG001
        def body(key: Any, counter: Any) -> Any:  # noqa: ANN401
            z = u(key) + u(counter) * golden
            z = (z ^ (z >> u(30))) * mix_1
            z = (z ^ (z >> u(27))) * mix_2
            return np.int64(z ^ (z >> u(31)))

        return body

    @overload(chance.rnd)
    def _rnd(key: Any, counter: Any) -> Any:  # noqa: ANN401, ARG001
        def body(key: Any, counter: Any) -> Any:  # noqa: ANN401
            z = u(key) + u(counter) * golden
            z = (z ^ (z >> u(30))) * mix_1
            z = (z ^ (z >> u(27))) * mix_2
            return np.int64((z ^ (z >> u(31))) >> u(2))

        return body

    @overload(text.put)
    def _put(out: Any, o: Any, pool: Any, start: Any, n: Any) -> Any:  # noqa: ANN401, ARG001
        def body(out: Any, o: Any, pool: Any, start: Any, n: Any) -> Any:  # noqa: ANN401
            for i in range(n):
                out[o + i] = pool[start + i]
            return o + n

        return body

    return numba


@cache
def twin(f: F) -> F:
    """Compile `f` and what it calls; the first call of the result compiles, or loads what an earlier process compiled."""
    numba = _numba()
    seen: dict[Any, Any] = {}

    def compiled(g: Any) -> Any:  # noqa: ANN401
        if g in seen:
            return seen[g]
        names = dict(g.__globals__)
        copy = types.FunctionType(g.__code__, names, g.__name__, g.__defaults__, g.__closure__)
        copy.__qualname__, copy.__module__ = g.__qualname__, g.__module__
        seen[g] = numba.njit(cache=True, nogil=True)(copy)
        for name in g.__code__.co_names:
            h = names.get(name)
            if isinstance(h, types.FunctionType) and h.__module__.startswith(PACKAGE) and h not in _TWO_BODIES:
                names[name] = compiled(h)
        return seen[g]

    result: F = compiled(f)
    return result
