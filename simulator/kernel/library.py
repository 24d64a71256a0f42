"""How compiled code is put together: a function that is called from Python is optimised, with all that it calls, once.

By itself numba optimises each function with all that it calls, and makes machine code of each; a function deep down goes through that once for each
level above it. `Library` is written against numba's `core/codegen.py`, of which it knows the inside; `translate` goes by what numba shows.
"""

from functools import partial
from typing import Any, Final

import numba
import numpy as np
from llvmlite import binding
from numba import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from simulator.kernel.entry import members, write
from simulator.kernel.machine import Code, target

KNOWN: Final = "0.68."
"""Of numba: the version whose inside this is."""
MEMBERS: Final = {types.none: 0, types.int64: -1, types.boolean: -1}
"""Of what a function gives that is no tuple (machine.Code)."""


class Library(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function. It stays as it is until it is completed, which only what Python calls is."""

    def get_pointer_to_function(self, name: str) -> int:  # noqa: ARG002
        """Give no address: here nothing is called."""
        return 0

    def add_linking_library(self, library: Any) -> None:  # noqa: ANN401
        """Take note of what this code calls."""
        library._finalized = True  # noqa: SLF001 - else linking would complete it
        self._linking_libraries.append(library)

    def complete(self) -> None:
        """Link all that this code calls, from near and far, and optimise it.

        Subtle: callers come before what they call, since linking leaves out what nothing calls so far.
        """
        called: dict[Any, None] = {}
        _collect(self, called)
        self._linking_libraries = [*reversed(called)]
        with global_compiler_lock:
            self.finalize()


def _collect(library: Any, called: dict[Any, None]) -> None:  # noqa: ANN401
    """Add all that code calls, what is called last first."""
    if isinstance(library, Library):
        for other in library._linking_libraries:  # noqa: SLF001
            if other not in called:
                _collect(other, called)
                called[other] = None


def _set_env(codegen: Any, name: str, env: Any) -> None:  # noqa: ANN401
    if codegen._engine.is_symbol_defined(name):  # noqa: SLF001
        type(codegen).set_env(codegen, name, env)


def install() -> None:
    """Have numba put code together so, in this process; another numba than KNOWN does it in its own way, which takes longer."""
    if not numba.__version__.startswith(KNOWN):
        return
    codegen = cpu_target.target_context.codegen()
    codegen._library_class = Library  # noqa: SLF001
    codegen.set_env = partial(_set_env, codegen)


def translate(compiled: Any, values: tuple[Any, ...]) -> Code:  # noqa: ANN401
    """Make machine code of a function of numba's, for arguments like these. It gives an int of 64 bits, a tuple of them, a bool, or nothing."""
    kinds = tuple(numba.typeof(value) for value in _small(values))
    compiled.compile(kinds)
    found = compiled.overloads[kinds]
    if isinstance(found.library, Library):
        found.library.complete()
    module = binding.parse_assembly(compiled.inspect_llvm(kinds))
    function = module.get_function(found.fndesc.llvm_func_name)
    gives = found.signature.return_type
    if gives not in MEMBERS and not (isinstance(gives, types.UniTuple) and gives.dtype == types.int64):
        raise AssertionError(f"{function.name} gives {gives}")
    name = f"{compiled.py_func.__name__}_entry"
    entry, given = write(name, function.name, values)
    if given != len(list(function.arguments)):
        raise AssertionError(f"{function.name} takes {len(list(function.arguments))} values, not {given}: numba has another convention than entry.py")
    module.link_in(binding.parse_assembly(str(entry)))
    result = MEMBERS[gives] if gives in MEMBERS else len(gives)
    return Code(name, sum(1 for _ in members(values)), result, target().emit_object(module))


def _small(value: Any) -> Any:  # noqa: ANN401
    """Have 0 for each number, as numba takes large ones for others than small ones."""
    if isinstance(value, tuple):
        members = map(_small, value)
        return value._make(members) if hasattr(value, "_make") else tuple(members)
    return 0 if isinstance(value, int | np.int64) and not isinstance(value, bool) else value
