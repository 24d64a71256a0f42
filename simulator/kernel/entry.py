"""Writes the function by which Python calls compiled code (machine.py), in the code that LLVM takes.

It hands over what numba's convention wants, which is `status = function(result*, error**, values...)`. There a number is itself, a record or None a
pointer, and an array two pointers for who counts references, the number of its elements, the size of each in bytes, the address of the first,
its shape, and its strides in bytes. It finds them where numpy has them (<numpy/ndarraytypes.h>, PyArrayObject_fields).
"""

from collections.abc import Iterator
from functools import reduce
from typing import Any, Final

import numpy as np
from llvmlite import ir

WORD, BYTE, STATUS = ir.IntType(64), ir.IntType(8), ir.IntType(32)
WORDS, POINTER = WORD.as_pointer(), BYTE.as_pointer()
DATA: Final = object.__basicsize__ // 8
"""Words of an array's Python object before the address of its first element; the number of its dimensions stands behind that."""
SHAPE, STRIDES = DATA + 2, DATA + 3


def write(name: str, function: str, values: tuple[Any, ...]) -> tuple[ir.Module, int]:
    """Write the function `name`, which calls `function` with arguments like these; tell how many values that is given."""
    module = ir.Module()
    entry = ir.Function(module, ir.FunctionType(STATUS, [POINTER, WORDS]), name)
    build = ir.IRBuilder(entry.append_basic_block())
    result, words = entry.args
    given = [result, build.alloca(POINTER)]
    for i, value in enumerate(members(values)):
        given += _spread(build, _at(build, words, i), value)
    called = ir.Function(module, ir.FunctionType(STATUS, [one.type for one in given]), function)
    build.ret(build.call(called, given))
    return module, len(given)


def members(value: Any) -> Iterator[Any]:  # noqa: ANN401
    """Give what takes a word, in order."""
    if isinstance(value, tuple):
        for member in value:
            yield from members(member)
    else:
        yield value


def _spread(build: ir.IRBuilder, word: ir.Value, value: Any) -> list[ir.Value]:  # noqa: ANN401
    """Give what stands for a value that is like this one."""
    if isinstance(value, np.ndarray):
        array = build.inttoptr(word, WORDS)
        counts, steps = (_several(build, _at(build, array, place), value.ndim) for place in (SHAPE, STRIDES))
        size = reduce(build.mul, counts, WORD(1))
        first = build.inttoptr(_at(build, array, DATA), POINTER)
        return [POINTER(None), POINTER(None), size, WORD(value.itemsize), first, *counts, *steps]
    if isinstance(value, bool):
        return [build.trunc(word, BYTE)]
    return [word if isinstance(value, int | np.int64) else build.inttoptr(word, POINTER)]


def _several(build: ir.IRBuilder, address: ir.Value, n: int) -> list[ir.Value]:
    words = build.inttoptr(address, WORDS)
    return [_at(build, words, i) for i in range(n)]


def _at(build: ir.IRBuilder, words: ir.Value, i: int) -> ir.Value:
    return build.load(build.gep(words, [WORD(i)]))
