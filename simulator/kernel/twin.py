"""The compiled twin of plain functions; with bodies.py and library.py the only importer of numba.

`twin(f)` gives a compiled copy of `f` and of all functions of this package that it calls; the plain functions stay as they are, so the same source
runs interpreted. No switch in the environment; the rooms above only mark with `inlined` what compiled code puts in the place of each call.

What was compiled is kept as machine code, for who calls it later without numba (machine.py).

Subtle: edits in callees change compiled code, so the folder where it is kept is named after a digest of all sources that can matter.
"""

import hashlib
import os
import sys
import tempfile
import threading
import types
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

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
        if os.access(folder, os.W_OK) and (base == home or folder.stat().st_uid == os.geteuid()):  # it is code that will run
            return folder
    return Path(tempfile.mkdtemp(prefix="rumsim-"))


_MAKING = threading.RLock()
"""Of one thread at a time: others that need the same code find it made."""
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


class Twin:
    """A function that is compiled, or loaded as an earlier process compiled it, when it meets new kinds of arguments.

    Arguments and results: those of machine.py and library.py. It does not hold the interpreter's lock.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Compile nothing yet. Raises RumsimError if numba is not installed."""
        self._machine = _machine()
        self._function = function
        self._calls: dict[tuple[Any, ...], Callable[[list[int]], Any]] = {}

    def __call__(self, *values: Any) -> Any:  # noqa: ANN401
        """Call it."""
        kinds: list[Any] = []
        words: list[int] = []
        self._machine.take(values, kinds, words)
        key = tuple(kinds)
        call = self._calls.get(key)
        if call is None:
            with _MAKING:
                call = self._calls.get(key)
                if call is None:
                    call = self._calls[key] = self._machine.ready(self._code(key, values))
        return call(words)

    def _code(self, kinds: tuple[Any, ...], values: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Find the machine code for such arguments, or make it and keep it."""
        f = self._function
        source = f.__module__, f.__qualname__, Path(f.__code__.co_filename).read_bytes()
        digest = hashlib.sha256(repr((source, kinds, _makers(), self._machine.processor())).encode()).hexdigest()
        path = code_folder() / f"{f.__name__}-{digest[:16]}.code"
        code = self._machine.kept(path)
        if code is None:
            from simulator.kernel import library  # noqa: PLC0415

            library.install()
            code = library.translate(_compiled(f), values)
            self._machine.keep(code, path)
        return code


@cache
def twin(f: F) -> F:
    """Give the compiled copy of `f` and what it calls, none of which may be a closure."""
    return cast("F", Twin(f))


@cache
def _machine() -> Any:  # noqa: ANN401
    """Import what calls compiled code, if numba, which makes it, is there."""
    if find_spec("numba") is None:
        raise RumsimError("numba is not installed: install rumsim[compiled], or run interpreted (--interpreted)")
    from simulator.kernel import machine  # noqa: PLC0415

    return machine


@cache
def _makers() -> tuple[str, ...]:
    """Give the versions of what makes code."""
    return sys.version, version("numba"), version("llvmlite")


@cache
def code_folder() -> Path:
    """Give the folder of compiled code, and say so if a first compilation lies ahead."""
    folder = cache_folder()
    if not any(folder.glob("*.code")):
        sys.stderr.write("rumsim: compiling the simulation (once for this version; half a minute)\n")
    return folder


def _compiled(f: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Give numba's copy of `f` and of all that it calls; nothing is compiled yet."""
    import numba  # noqa: PLC0415

    from simulator.kernel.bodies import TWO_BODIES  # noqa: PLC0415  importing it registers them

    seen: dict[Any, Any] = {}

    def compiled(g: Any) -> Any:  # noqa: ANN401
        g = _BODIES.get(g, g)
        if g in seen:
            return seen[g]
        names = dict(g.__globals__)
        copy = types.FunctionType(g.__code__, names, g.__name__, g.__defaults__)
        copy.__qualname__, copy.__module__ = g.__qualname__, g.__module__
        # _nrt: nothing compiled makes an array, so nothing needs to count references (atomically, a fifth of the time)
        options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": g in _INLINED}
        seen[g] = numba.njit(error_model="numpy", _nrt=False, **options)(copy)
        for name in g.__code__.co_names:
            h = names.get(name)
            if isinstance(h, types.FunctionType) and h.__module__.startswith(PACKAGE) and h not in TWO_BODIES:
                names[name] = compiled(h)
        return seen[g]

    return compiled(f)
