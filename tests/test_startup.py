"""What answers at once must not wait for heavy libraries."""

import subprocess
import sys

import pytest

HEAVY = ("numba", "llvmlite", "pyarrow", "duckdb", "locust", "gevent", "scipy", "sklearn")


def _imported_by(code: str) -> set[str]:
    """Run `code` in a fresh interpreter and give the top-level packages it has imported."""
    probe = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return set(done.stdout.split("\n")[-2].split())


@pytest.mark.parametrize(
    "code",
    [
        "import simulator",
        "import simulator; simulator.__version__",
        "import simulator.cli",
        "from simulator.cli import main; main(['--help'], standalone_mode=False)",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    """Importing the package or the command line, asking for the version or for help import no heavy library."""
    assert _imported_by(code).isdisjoint(HEAVY)


def test_the_package_alone_imports_no_other_room() -> None:
    """`import simulator` imports none of its own rooms, nor numpy."""
    loaded = _imported_by("import simulator")
    assert "numpy" not in loaded
    code = "import simulator, sys; print(sum(name.startswith('simulator.') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "0"


def test_a_name_that_the_package_lacks_is_an_attribute_error() -> None:
    """Reading the version lazily does not make other names exist."""
    import simulator

    assert simulator.__version__
    with pytest.raises(AttributeError, match="nonsense"):
        _ = simulator.nonsense
