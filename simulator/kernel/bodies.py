"""The compiled bodies of functions that have two: where compiled code wraps integers, or writes many bytes at once, and Python cannot.

Importing this file registers them with numba. Writers store whole words and so write up to text.SLACK - 1 bytes too far; little-endian machines only.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic, overload, register_jitable

from simulator.kernel import digest, text
from simulator.kernel import rnd as chance

U = np.uint64
GOLDEN, MIX_1, MIX_2 = U(chance.GOLDEN), U(chance.MIX_1), U(chance.MIX_2)
WORD = 8
STRIPE = 32
X1, X2, X3, X4, X5 = U(0x9E3779B185EBCA87), U(0xC2B2AE3D27D4EB4F), U(0x165667B19E3779F9), U(0x85EBCA77C2B2AE63), U(0x27D4EB2F165667C5)
"""Of XXH64."""
IN_PLACE = {"forceinline": True}
ZEROS = U(0x3030303030303030)
LAST = U(1) << U(63)
LENGTH = np.uint32(24)
SHORT = np.array([int.from_bytes(b"%d" % i, "little") | len(b"%d" % i) << LENGTH for i in range(1_000)], np.uint32)
"""The digits of numbers, the first in the lowest byte, and in the highest how many they are."""
TWO_BODIES = (chance.bits, chance.rnd, digest.dots, digest.xxh64, text.put, text.put_bytes, text.put_word, text.put_int, text.put_hex)


def _address(context: Any, builder: Any, array: Any, value: Any, i: Any) -> Any:  # noqa: ANN401
    """Give the address of byte i of an array of bytes."""
    return builder.gep(context.make_array(array)(context, builder, value).data, [i])


@intrinsic
def _copy(typing: Any, out: Any, o: Any, pool: Any, i: Any) -> Any:  # noqa: ANN401, ARG001
    """Copy text.SLACK bytes."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        words = ir.VectorType(ir.IntType(8), text.SLACK).as_pointer()
        source = builder.bitcast(_address(context, builder, signature.args[2], args[2], args[3]), words)
        target = builder.bitcast(_address(context, builder, signature.args[0], args[0], args[1]), words)
        loaded = builder.load(source, align=1)
        builder.store(loaded, target, align=1)
        return context.get_dummy_value()

    return types.void(out, types.int64, pool, types.int64), code


@intrinsic
def _store(typing: Any, out: Any, o: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """Write eight bytes, the lowest first."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        target = builder.bitcast(_address(context, builder, signature.args[0], args[0], args[1]), ir.IntType(64).as_pointer())
        builder.store(args[2], target, align=1)
        return context.get_dummy_value()

    return types.void(out, types.int64, types.uint64), code


@intrinsic
def _load(typing: Any, pool: Any, i: Any) -> Any:  # noqa: ANN401, ARG001
    """Read eight bytes, the lowest first."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        source = builder.bitcast(_address(context, builder, signature.args[0], args[0], args[1]), ir.IntType(64).as_pointer())
        return builder.load(source, align=1)

    return types.uint64(pool, types.int64), code


@intrinsic
def _reversed(typing: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """Give the eight bytes in the opposite order."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401, ARG001
        return builder.bswap(args[0])

    return types.uint64(types.uint64), code


@intrinsic
def _zeros(typing: Any, word: Any) -> Any:  # noqa: ANN401, ARG001
    """Count the zero bits below the lowest one."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401, ARG001
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), code


@register_jitable
def _eight_hex(value: Any) -> Any:  # noqa: ANN401
    """Give the eight hex digits of a number below 2**32, the first in the lowest byte."""
    x = (value | value << U(16)) & U(0x0000FFFF0000FFFF)
    x = (x | x << U(8)) & U(0x00FF00FF00FF00FF)
    x = (x | x << U(4)) & U(0x0F0F0F0F0F0F0F0F)
    letters = (x + U(0x0606060606060606)) >> U(4) & U(0x0101010101010101)
    return _reversed(x + ZEROS + letters * U(39))


@register_jitable
def _eight_digits(value: Any) -> Any:  # noqa: ANN401
    """Give the eight decimal digits of a number below 10**8 as 0 to 9, the first in the lowest byte. Three divisions of all parts at once."""
    x = value // U(10_000) | value % U(10_000) << U(32)
    q = x * U(10_486) >> U(20) & U(0x0000007F0000007F)
    x = q | x - q * U(100) << U(16)
    q = x * U(103) >> U(10) & U(0x000F000F000F000F)
    return q | x - q * U(10) << U(8)


@register_jitable
def _put_front(out: Any, o: Any, value: Any) -> Any:  # noqa: ANN401
    """Write a number below 10**8."""
    x = _eight_digits(value)
    leading = _zeros(x | LAST) & U(0xF8)
    _store(out, o, (x + ZEROS) >> leading)
    return o + 8 - np.int64(leading >> U(3))


@overload(chance.bits)
def _bits(key: Any, counter: Any) -> Any:  # noqa: ANN401, ARG001
    def body(key: Any, counter: Any) -> Any:  # noqa: ANN401
        z = U(key) + U(counter) * GOLDEN
        z = (z ^ (z >> U(30))) * MIX_1
        z = (z ^ (z >> U(27))) * MIX_2
        return np.int64(z ^ (z >> U(31)))

    return body


@overload(chance.rnd)
def _rnd(key: Any, counter: Any) -> Any:  # noqa: ANN401, ARG001
    def body(key: Any, counter: Any) -> Any:  # noqa: ANN401
        z = U(key) + U(counter) * GOLDEN
        z = (z ^ (z >> U(30))) * MIX_1
        z = (z ^ (z >> U(27))) * MIX_2
        return np.int64((z ^ (z >> U(31))) >> U(2))

    return body


@overload(text.put, jit_options=IN_PLACE)
def _put(out: Any, o: Any, pool: Any, start: Any, n: Any) -> Any:  # noqa: ANN401, ARG001
    def body(out: Any, o: Any, pool: Any, start: Any, n: Any) -> Any:  # noqa: ANN401
        _copy(out, o, pool, start)
        i = text.SLACK
        while i < n:
            _copy(out, o + i, pool, start + i)
            i += text.SLACK
        return o + n

    return body


@overload(text.put_bytes, jit_options=IN_PLACE)
def _put_bytes(out: Any, o: Any, value: Any, n: Any) -> Any:  # noqa: ANN401, ARG001
    def body(out: Any, o: Any, value: Any, n: Any) -> Any:  # noqa: ANN401
        _store(out, o, _reversed(U(value) << U(64 - 8 * n)))
        return o + n

    return body


@overload(text.put_word, jit_options=IN_PLACE)
def _put_word(out: Any, o: Any, value: Any) -> Any:  # noqa: ANN401, ARG001
    def body(out: Any, o: Any, value: Any) -> Any:  # noqa: ANN401
        _store(out, o, U(value))
        return o + 4

    return body


@overload(text.put_hex, jit_options=IN_PLACE)
def _put_hex(out: Any, o: Any, value: Any, digits: Any) -> Any:  # noqa: ANN401, ARG001
    def body(out: Any, o: Any, value: Any, digits: Any) -> Any:  # noqa: ANN401
        shifted = U(value) << U(64 - 4 * digits)
        _store(out, o, _eight_hex(shifted >> U(32)))
        if digits > WORD:
            _store(out, o + 8, _eight_hex(shifted & U(0xFFFFFFFF)))
        return o + digits

    return body


@overload(text.put_int, jit_options=IN_PLACE)
def _put_int(out: Any, o: Any, value: Any) -> Any:  # noqa: ANN401, ARG001
    def body(out: Any, o: Any, value: Any) -> Any:  # noqa: ANN401
        if U(value) < U(len(SHORT)):
            word = SHORT[U(value)]
            _store(out, o, U(word))
            return o + np.int64(word >> LENGTH)
        if value < 0:
            out[o] = text.MINUS
            o += 1
        rest = U(abs(value))
        if rest < U(100_000_000):
            return _put_front(out, o, rest)
        high = rest // U(100_000_000)
        if high < U(100_000_000):
            o = _put_front(out, o, high)
        else:
            o = _put_front(out, o, high // U(100_000_000))
            _store(out, o, _eight_digits(high % U(100_000_000)) + ZEROS)
            o += 8
        _store(out, o, _eight_digits(rest % U(100_000_000)) + ZEROS)
        return o + 8

    return body


@intrinsic(prefer_literal=True)
def _products(typing: Any, values: Any, i: Any, by: Any, k: Any, n: Any) -> Any:  # noqa: ANN401, ARG001
    """Sum up n products, eight at a time; n is a multiple of that."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        eight = ir.VectorType(ir.IntType(64), 8)
        sums = ir.Constant(eight, [0] * 8)
        for begins in range(0, n.literal_value, 8):
            some = []
            for array, value, first in zip(signature.args[:4:2], args[:4:2], args[1:4:2], strict=True):
                place = builder.add(first, ir.Constant(ir.IntType(64), begins))
                place = builder.gep(context.make_array(array)(context, builder, value).data, [place])
                some.append(builder.load(builder.bitcast(place, eight.as_pointer()), align=8))
            sums = builder.add(sums, builder.mul(*some))
        add = get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(64), [eight]), "llvm.vector.reduce.add.v8i64")
        return builder.call(add, [sums])

    return types.int64(values, types.int64, by, types.int64, n), code


@overload(digest.dots, jit_options=IN_PLACE, prefer_literal=True)
def _dots(values: Any, by: Any, begins: Any, ends: Any) -> Any:  # noqa: ANN401, ARG001
    eights = (ends.literal_value - begins.literal_value) & ~7

    def body(values: Any, by: Any, begins: Any, ends: Any) -> Any:  # noqa: ANN401
        n = len(by) >> 1
        lower = _products(values, begins, by, begins, eights)
        higher = _products(values, begins, by, n + begins, eights)
        for i in range(U(begins + eights), U(ends)):
            lower += values[i] * by[i]
            higher += values[i] * by[U(n) + i]
        return lower, higher

    return body


@register_jitable
def _turned(word: Any, by: Any) -> Any:  # noqa: ANN401
    """Rotate to the left."""
    return word << U(by) | word >> U(64 - by)


@register_jitable
def _lane(lane: Any, word: Any) -> Any:  # noqa: ANN401
    return _turned(lane + word * X2, 31) * X1


@register_jitable
def _merged(total: Any, lane: Any) -> Any:  # noqa: ANN401
    return (total ^ _lane(U(0), lane)) * X1 + X4


@overload(digest.xxh64)
def _xxh64(data: Any, start: Any, n: Any, seed: Any) -> Any:  # noqa: ANN401, ARG001
    def body(data: Any, start: Any, n: Any, seed: Any) -> Any:  # noqa: ANN401
        i, ends = start, start + n
        if n >= STRIPE:
            a, b, c, d = U(seed) + X1 + X2, U(seed) + X2, U(seed), U(seed) - X1
            while i + STRIPE <= ends:
                a, b = _lane(a, _load(data, i)), _lane(b, _load(data, i + 8))
                c, d = _lane(c, _load(data, i + 16)), _lane(d, _load(data, i + 24))
                i += STRIPE
            total = _turned(a, 1) + _turned(b, 7) + _turned(c, 12) + _turned(d, 18)
            total = _merged(_merged(_merged(_merged(total, a), b), c), d)
        else:
            total = U(seed) + X5
        total += U(n)
        while i + WORD <= ends:
            total = _turned(total ^ _lane(U(0), _load(data, i)), 27) * X1 + X4
            i += WORD
        if i + 4 <= ends:
            low = U(data[i]) | U(data[i + 1]) << U(8) | U(data[i + 2]) << U(16) | U(data[i + 3]) << U(24)
            total = _turned(total ^ low * X1, 23) * X2 + X3
            i += 4
        while i < ends:
            total = _turned(total ^ U(data[i]) * X5, 11) * X1
            i += 1
        total = (total ^ total >> U(33)) * X2
        total = (total ^ total >> U(29)) * X3
        return np.int64(total ^ total >> U(32))

    return body
