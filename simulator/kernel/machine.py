"""Machine code of a function: kept in a file, put in its place by LLVM, called from Python without numba.

numba takes 65 MB and half a second to be there, and as much again before it can load what it compiled earlier. Who only calls that needs neither.

    status = function(result*, words*)        0 is success

A call takes a word of 64 bits for each argument: of a number itself, of an array the address of its Python object, of a record that of its first
byte, of None 0; a tuple is its members, one after the other. Which code serves a call follows from the kinds of its arguments.
"""

import ctypes
import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any, Final

import msgspec
import numpy as np
from llvmlite import binding

from simulator.kernel.mapped import let_go

C_ORDER, FORTRAN_ORDER, ALIGNED, WRITEABLE = 0x1, 0x2, 0x100, 0x400  # <numpy/ndarraytypes.h>, flags of an array
IN_C_ORDER: Final = C_ORDER | ALIGNED | WRITEABLE
IN_OTHER_ORDER: Final = IN_C_ORDER | FORTRAN_ORDER
"""Flags that matter. An array of one row has both orders: it is taken for one in C order."""
DIGEST_BYTES: Final = 32
"""SHA-256 of what stands behind it in a file."""
TOO_MUCH: Final = 1 << 63
"""Whole numbers are below it, and at least -TOO_MUCH."""


class Code(msgspec.Struct, frozen=True):
    """Machine code of one function.

    `name`: of the function; `words`: how many it takes; `members`: how many numbers are in the tuple that it gives, 0 for nothing, -1 for a number or
    a bool, which comes as 0 or 1.
    """

    name: str
    words: int
    members: int
    machine: bytes


def target() -> Any:  # noqa: ANN401
    """Give what code is made for: this processor, with numba's options. Whoever puts code in its place takes it over, and needs one of its own."""
    found = _platform()
    reloc = "static" if found.name.startswith("x86") else "default"
    cpu, features = processor()
    return found.create_target_machine(opt=3, cpu=cpu, features=features, reloc=reloc, codemodel="jitdefault", jit=True)


@cache
def _platform() -> Any:  # noqa: ANN401
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    let_go()
    return binding.Target.from_triple(binding.get_process_triple())


@cache
def processor() -> tuple[str, str]:
    """Give the name of this processor, and what it can do."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def keep(code: Code, path: Path) -> None:
    """Write code to a file, which others may be doing, too: whole, or not at all. Where it cannot be written it is made again another time."""
    data = msgspec.msgpack.encode(code)
    with suppress(OSError):
        number, part = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            Path(part).replace(path)
        except BaseException:
            Path(part).unlink()
            raise


def kept(path: Path) -> Code | None:
    """Read code from a file, if it is there as it was written."""
    try:
        found = path.read_bytes()
    except OSError:
        return None
    data = found[DIGEST_BYTES:]
    return msgspec.msgpack.decode(data, type=Code) if hashlib.sha256(data).digest() == found[:DIGEST_BYTES] else None


def take(values: tuple[Any, ...], kinds: list[Any], words: list[int]) -> None:
    """Add kinds and words of arguments. Raises TypeError if compiled code takes no such argument, OverflowError if a number has more than 64 bits."""
    for value in values:
        if isinstance(value, np.ndarray):
            flags = value.flags.num
            kinds += (value.dtype, value.ndim, flags & (IN_C_ORDER if flags & C_ORDER else IN_OTHER_ORDER))
            words.append(id(value))
        elif isinstance(value, tuple):
            kinds += (type(value), len(value))
            take(value, kinds, words)
        elif value is None or type(value) in {int, bool}:
            number = value or 0
            if not -TOO_MUCH <= number < TOO_MUCH:
                raise OverflowError(f"{number} has more than 64 bits")
            kinds.append(type(value))
            words.append(number)
        elif isinstance(value, np.int64):
            kinds.append(int)
            words.append(int(value))
        elif isinstance(value, np.void):
            kinds += (np.void, value.dtype)
            words.append(np.frombuffer(value, np.uint8).ctypes.data)
        else:
            raise TypeError(f"compiled code takes no {type(value).__name__}")


def ready(code: Code) -> Callable[[list[int]], Any]:
    """Put code in its place, and give what calls it with words, without the interpreter's lock."""
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), target())
    engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code.machine))
    engine.finalize_object()
    function = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_char_p)(engine.get_function_address(code.name))
    pack, results, members = Struct(f"{code.words}q").pack, ctypes.c_int64 * max(1, code.members), code.members

    def call(words: list[int]) -> Any:  # noqa: ANN401
        result = results()
        if status := function(result, pack(*words)):
            raise AssertionError(f"{code.name} failed with status {status}")
        if members < 0:
            return result[0]
        return tuple(result[:members]) if members else None

    call.engine = engine  # type: ignore[attr-defined]  # the code is there as long as it is
    return call
