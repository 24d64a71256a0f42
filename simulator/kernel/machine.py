"""Machine code of a function: kept in a file, put in its place by LLVM, called from Python without numba.

numba takes 65 MB and half a second to be there, and as much again before it can load what it compiled earlier. Who only calls that needs neither.

    status = function(result*, words*)        0 is success

A call takes a word of 64 bits for each argument: of a number itself, of an array the address of its Python object, of a record that of its first
byte, of None 0; a tuple is its members, one after the other. Which code serves a call follows from the kinds of its arguments.
"""

import ctypes
import os
from collections.abc import Callable
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
MOST: Final = 8
"""Numbers in the longest result."""


class Code(msgspec.Struct, frozen=True):
    """Machine code of one function.

    `name`: of the function; `words`: how many it takes; `members`: how many numbers are in the tuple that it gives, 0 for nothing, -1 for a number or
    a bool, which comes as 0 or 1.
    """

    name: str
    words: int
    members: int
    machine: bytes


@cache
def target() -> Any:  # noqa: ANN401
    """Give what code is made for: this processor, with numba's options."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    let_go()
    found = binding.Target.from_triple(binding.get_process_triple())
    reloc = "static" if found.name.startswith("x86") else "default"
    cpu, features = processor()
    return found.create_target_machine(opt=3, cpu=cpu, features=features, reloc=reloc, codemodel="jitdefault", jit=True)


@cache
def processor() -> tuple[str, str]:
    """Give the name of this processor, and what it can do."""
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


def keep(code: Code, path: Path) -> None:
    """Write code to a file, which others may be doing, too: whole, or not at all."""
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(msgspec.msgpack.encode(code))
    part.replace(path)


def kept(path: Path) -> Code | None:
    """Read code from a file, if it is there."""
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Code)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def take(values: tuple[Any, ...], kinds: list[Any], words: list[int]) -> None:
    """Add kinds and words of arguments. Raises TypeError if compiled code takes no such argument."""
    for value in values:
        if isinstance(value, np.ndarray):
            flags = value.flags.num
            kinds += (value.dtype, value.ndim, flags & (IN_C_ORDER if flags & C_ORDER else IN_OTHER_ORDER))
            words.append(id(value))
        elif isinstance(value, tuple):
            kinds += (type(value), len(value))
            take(value, kinds, words)
        elif value is None or type(value) in {int, bool}:
            kinds.append(type(value))
            words.append(value or 0)
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
    pack, results, members = Struct(f"{code.words}q").pack, ctypes.c_int64 * MOST, code.members

    def call(words: list[int]) -> Any:  # noqa: ANN401
        result = results()
        if status := function(result, pack(*words)):
            raise AssertionError(f"{code.name} failed with status {status}")
        if members < 0:
            return result[0]
        return tuple(result[:members]) if members else None

    call.engine = engine  # type: ignore[attr-defined]  # the code is there as long as it is
    return call
