"""Nothing of the user's is replaced or removed, whatever it is called."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from folders import SMALL, bodies, refused

Make = Callable[..., Any]


def test_foreign_files(day: str, half: Path, make: Make) -> None:
    """A file that is not a dataset's is refused when resuming; nobody overwrites or removes it."""
    (half / "events/mine.ndjson").write_text("precious")
    assert refused(make, day, half, resume=True) == (
        f"{half}/events/mine.ndjson: is no file of a dataset that was begun here; move it away, or name another --out"
    )
    names = ["events/mine.ndjson", "events/block-1.csv", "events/block-1.ndjson", "events/block-00001.csv", "unfinished/mine.json", "README"]
    for name in names:
        (half / name).write_text("precious")
    make(day, half, resume=True, force=True, **SMALL)
    make(day, half, force=True, **SMALL)
    assert [(half / name).read_text() for name in names] == ["precious"] * len(names)
    assert (half / "manifest.json").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",  # of another program
        "profile.toml",  # the user's own, with no manifest beside it
        "incidents.ndjson",
        "unfinished/manifest.json",
        "events/block-00000.ndjson",
        "profile.toml/mine.txt",  # a folder where a file is to be
        "events",  # a file where a folder is to be
    ],
)
@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "x"}', '{"name": "app", "icons": []}'])
def test_foreign_files_with_our_names(day: str, make: Make, tmp_path: Path, name: str, text: str) -> None:
    """What is called as a file of a dataset is taken for one only beside a manifest that begins as ours do; `--force` replaces nothing else."""
    path = tmp_path / "data" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert "is not an empty folder; name a new one" in refused(make, day, tmp_path / "data")
    for options in ({"force": True}, {"resume": True}, {"resume": True, "force": True}, {"force": True, "blocks": (0, 1)}):
        message = refused(make, day, tmp_path / "data", **options)
        assert message == f"{path}: is no file of a dataset that was begun here; move it away, or name another --out"


@pytest.mark.parametrize("name", ["events", "unfinished", "events/date=2026-01-05"])
def test_a_link_to_a_folder(day: str, make: Make, tmp_path: Path, name: str) -> None:
    """Nothing is written through a link in the folder, to whatever is elsewhere; the folder itself may be one."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").mkdir()
    path = tmp_path / "data" / name
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "elsewhere")
    assert "is not an empty folder; name a new one" in refused(make, day, tmp_path / "data", partition_by="day")
    for options in ({"force": True}, {"resume": True}, {"resume": True, "force": True}):
        message = refused(make, day, tmp_path / "data", partition_by="day", **options)
        assert message == f"{path}: is no file of a dataset that was begun here; move it away, or name another --out"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    make(day, tmp_path / "link", **SMALL)
    assert (tmp_path / "folder/manifest.json").is_file()


def test_a_foreign_manifest_in_a_dataset(day: str, half: Path, make: Make) -> None:
    """A manifest of another program is not replaced by that of a dataset which is gone on with or made anew beside it."""
    (half / "manifest.json").write_text('{"name": "app"}')
    for options in ({"resume": True}, {"force": True}, {"resume": True, "force": True}):
        assert refused(make, day, half, **options).startswith(f"{half}/manifest.json: is no file of a dataset")


def test_killed_while_it_clears(day: str, half: Path, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped before any of the files is removed that are to be made anew, the rest is still known as a dataset's."""
    make(day, half, resume=True, **SMALL)
    make(day, tmp_path / "whole", **SMALL | {"seed": 9})
    unlink, steps = Path.unlink, len(bodies(half))
    assert steps == 7
    for step in range(steps):
        left = itertools.count()
        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", lambda *a, left=left, step=step, **b: unlink(*a, **b) if next(left) < step else pytest.fail("killed"))
            with pytest.raises(pytest.fail.Exception, match="killed"):
                make(day, half, force=True, **SMALL | {"seed": 9})
        assert len(bodies(half)) == steps - step
        make(day, half, force=True, **SMALL | {"seed": 9})
        assert bodies(half) == bodies(tmp_path / "whole")
