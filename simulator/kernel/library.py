"""How compiled code is put together: a function that is called from Python is optimised, with all that it calls, once.

By itself numba optimises each function with all that it calls, and makes machine code of each; a function deep down goes through that once for each
level above it, and a cache keeps what loading then reads again. Written against numba's `core/codegen.py`, of which this file knows the inside.
"""

from functools import partial
from typing import Any

import numba
from llvmlite import binding
from numba.core.codegen import JITCodeLibrary
from numba.core.registry import cpu_target

KNOWN = "0.68."
"""Of numba: the version whose inside this is."""


class Library(JITCodeLibrary):  # type: ignore[misc]
    """The code of a function. It stays as it is if compiled code calls it, and is made ready for use if Python does."""

    _finalized: bool

    def get_pointer_to_function(self, name: str) -> int:
        """Give the address of what Python calls; 0 where Python calls nothing."""
        if not self._finalized and all(found.name != name for found in self.get_defined_functions()):
            self._finalized = True
            return 0
        address: int = super().get_pointer_to_function(name)
        return address

    def add_linking_library(self, library: Any) -> None:  # noqa: ANN401
        """Take note of what this code calls."""
        library._finalized = True  # noqa: SLF001
        self._linking_libraries.append(library)

    def finalize(self) -> None:
        """Link all that this code calls, from near and far, optimise it, and make machine code.

        Subtle: callers come before what they call, since linking leaves out what nothing calls so far.
        """
        called: dict[Any, None] = {}
        _collect(self, called)
        self._linking_libraries = [*reversed(called)]
        super().finalize()

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        """Give what a cache keeps: machine code, and the names that it defines; the code before, which is three times as long, nobody needs."""
        self._ensure_finalized()
        functions = [f'define void @"{found.name}"() {{ ret void }}' for found in self.get_defined_functions()]
        variables = [f'@"{found.name}" = global i8 0' for found in self._final_module.global_variables if not found.is_declaration]
        names = binding.parse_assembly("\n".join(functions + variables))
        return self.name, "object", (self._get_compiled_object(), names.as_bitcode())


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
