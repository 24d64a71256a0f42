"""What the wheel carries."""

import subprocess
import sys
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent


def test_the_wheel_carries_the_starter_profiles(tmp_path: Path) -> None:
    """A wheel built from the checkout has every profile inside the package, and reads them from there when nothing else is on the path."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(CHECKOUT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("rumsim-*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    code = "import simulator; from simulator.profile import starters; print(simulator.__file__, *map(starters.read, starters.names()), sep=chr(10))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=unpacked)
    where, _, texts = done.stdout.partition("\n")
    assert Path(where).is_relative_to(unpacked)
    assert texts.rstrip("\n") == "\n".join(path.read_text(encoding="utf-8") for path in sorted((CHECKOUT / "profiles").glob("*.toml"))).rstrip("\n")
