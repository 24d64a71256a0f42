"""XXH64: the compiled body beside the library."""

import numpy as np
import pytest

from simulator.kernel.digest import xxh64
from simulator.kernel.twin import twin

DATA = np.random.default_rng(7).integers(0, 256, 4096, dtype=np.uint8)


def hashed(data: object, start: int, n: int, seed: int) -> int:
    """Call it as compiled code does."""
    return xxh64(data, start, n, seed)


@pytest.mark.parametrize("seed", [0, 1, -1, 1 << 62, -(1 << 63)])
def test_the_compiled_body_is_the_library_s(seed: int) -> None:
    """For each length up to 200, at odd places, and for long texts."""
    compiled, text = twin(hashed), DATA.tobytes()
    for n in [*range(200), 1000, 4000]:
        assert compiled(DATA, n % 13, n, seed) == xxh64(text, n % 13, n, seed), n


def test_a_known_value() -> None:
    """The value of the specification's own sanity check: nothing, with the seed 0."""
    assert xxh64(b"", 0, 0, 0) & (1 << 64) - 1 == 0xEF46DB3751D8E999
