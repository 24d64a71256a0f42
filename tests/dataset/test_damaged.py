"""What is damaged of a dataset is told in one line, and `--force` makes it anew."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import SMALL, bodies, refused

Make = Callable[..., Any]


@pytest.mark.parametrize("damage", ['{"format": 1, "rumsim": "0', '{"format": 1, "rumsim": 1}'])
def test_a_damaged_manifest(day: str, half: Path, make: Make, tmp_path: Path, damage: str) -> None:
    """A damaged manifest is one line; `--force` makes all of it anew."""
    (half / "unfinished/manifest.json").write_text(damage)
    message = refused(make, day, half, resume=True)
    assert message.startswith(f"{half / 'unfinished/manifest.json'}: damaged (")
    assert message.endswith("--force makes it anew")
    make(day, half, resume=True, force=True, **SMALL)
    make(day, tmp_path / "whole", **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")


def test_a_newer_manifest(day: str, half: Path, make: Make) -> None:
    """What a newer version has made is refused by name."""
    document = json.loads((half / "unfinished/manifest.json").read_text()) | {"format": 99}
    (half / "unfinished/manifest.json").write_text(json.dumps(document))
    assert "found format 99; expected at most" in refused(make, day, half, resume=True)


@pytest.mark.parametrize("damage", ["", "{", '{"format": 1}', '{"format": "x"}', "[]"])
def test_a_damaged_row(day: str, half: Path, make: Make, tmp_path: Path, damage: str) -> None:
    """A damaged row is one line; `--force` makes its block anew."""
    (half / "unfinished/block-00001.json").write_text(damage)
    message = refused(make, day, half, resume=True)
    assert message.startswith(f"{half / 'unfinished/block-00001.json'}: damaged (")
    assert message.endswith("--force makes this block anew")
    make(day, half, resume=True, force=True, **SMALL)
    make(day, tmp_path / "whole", **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")


@pytest.mark.parametrize(
    ("name", "figure"),
    [
        *(("manifest.json", figure) for figure in ("rows", "digest")),
        *(("manifest.json", ("blocks", 1, figure)) for figure in ("number", "first_device", "devices", "rows", "size_bytes")),
        *(("manifest.json", ("blocks", 1, figure)) for figure in ("digest", "labels_bytes")),
        ("manifest.json", ("blocks", 1, "files", 0, "rows")),
        *(("unfinished/block-00001.json", figure) for figure in ("number", "first_device", "devices", "rows", "size_bytes")),
        ("unfinished/block-00001.json", ("files", 0, "rows")),
    ],
)
def test_a_figure_that_was_changed(day: str, half: Path, make: Make, tmp_path: Path, name: str, figure: Any) -> None:
    """A figure of a manifest that disagrees with the others, or with the files, is not believed."""
    make(day, tmp_path / "whole", **SMALL)
    if not (half / name).exists():
        make(day, half, resume=True, **SMALL)
    document = found = json.loads((half / name).read_bytes())
    *steps, last = (figure,) if isinstance(figure, str) else figure
    for step in steps:
        found = found[step]
    found[last] = f"{7:032x}" if last == "digest" else found[last] + 7
    (half / name).write_text(json.dumps(document))
    assert ": damaged" in refused(make, day, half, resume=True)
    make(day, half, resume=True, force=True, **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("name", ["events/block-00001.ndjson", "unfinished/incidents-00001.ndjson", "incidents.ndjson"])
def test_a_damaged_file(day: str, half: Path, make: Make, tmp_path: Path, name: str, force: bool) -> None:
    """A file of rows or labels of another size than was written down is one line; once removed, or with `--force`, it is made anew."""
    make(day, tmp_path / "whole", **SMALL)
    if not (half / name).exists():
        make(day, half, resume=True, **SMALL)
    path = half / name
    path.write_bytes(path.read_bytes()[:-1])
    message = refused(make, day, half, resume=True)
    assert message.startswith(f"{path}: damaged: found ")
    assert message.endswith("; remove it, or --force makes it anew")
    if not force:
        path.unlink()
    make(day, half, resume=True, force=force, **SMALL)
    assert bodies(half) == bodies(tmp_path / "whole")


@pytest.mark.parametrize("whole", [True, False])
def test_what_nobody_knows_the_origin_of_is_made_anew(whole: bool, day: str, make: Make, small_blocks: None, half: Path, tmp_path: Path) -> None:
    """Where a manifest is damaged, --force takes no block and no label of what was there."""
    if whole:
        make(day, half, **SMALL, resume=True)
    (half / ("manifest.json" if whole else "unfinished/manifest.json")).write_text('{"format": 1, "rumsim": "0')
    make(day, half, **SMALL | {"seed": 8}, resume=True, force=True)
    make(day, tmp_path / "fresh", **SMALL | {"seed": 8})
    assert bodies(half) == bodies(tmp_path / "fresh")
