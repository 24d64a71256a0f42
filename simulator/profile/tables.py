"""Tables of laws that stand in files of their own, read once, together with the profile.

`{ law = "quantiles", file = "pauses.csv" }` names a CSV file by its path from the profile's folder. `inlined` appends what is in it to the profile's
text, as `[tables."pauses.csv"]`: the text that goes to workers and into folders of runs and datasets needs no other file. `resolved` puts tables into
the place of the files' names, so a profile's digest covers them.

A file has a line with the names of its columns, then rows: `value` alone, at equal steps of the share of draws from 0 to 1; or `share` and `value`,
with shares that rise from 0 to 1. Between rows the law is linear; more than MOST values, and those of other steps, are read off at MOST equal steps.
"""

import csv
import json
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from simulator.errors import ProfileError
from simulator.profile.laws import LARGEST, MOST

COLUMNS: Final = (["value"], ["share", "value"])
_LINES: Final = 1 + 2
"""Of a file, at least: the names, and two rows."""
_A_FILE: Final = "a CSV file with the column `value`, or `share` and `value`, by its path from the profile's folder"


def inlined(text: str, path: Path) -> str:
    """Append to the text of the profile at `path` the tables that it names and does not hold; raise ProfileError."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError):
        return text  # reading it as a profile says what is wrong with it
    held = raw.get("tables", {})
    found: dict[str, Sequence[float]] = {}
    for at, name in _named(raw, ""):
        if isinstance(held, dict) and name not in held and name not in found:
            try:
                found[name] = _read(path.parent / name)
            except _UnfitError as unfit:
                raise ProfileError(f"{path}: at `{at}.file`: {path.parent / name}: {unfit}") from None
    if not found:
        return text
    tables = (f"\n[tables.{_string(name)}]\nvalues = [{', '.join(f'{value:.9g}' for value in values)}]\n" for name, values in found.items())
    return f"{text}\n# Of the files that laws above name; the files are not read again.\n{''.join(tables)}"


def resolved(raw: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Give a profile's tree with tables in the place of the files' names; raise ProfileError where one is missing. Messages call it `name`."""
    held = raw.get("tables", {})
    for at, file in _named(raw, ""):
        if not isinstance(held, dict) or file not in held:
            raise ProfileError(f"{name}: at `{at}.file`: found {file!r}, which is not among `tables`; expected {_A_FILE}")
    return {key: value if key == "tables" else _put(value, held) for key, value in raw.items()}


class _UnfitError(Exception):
    """A file is no table; says why."""


def _is_law(part: Mapping[str, Any]) -> bool:
    return part.get("law") == "quantiles" and isinstance(part.get("file"), str) and "values" not in part


def _named(part: object, at: str) -> Iterator[tuple[str, str]]:
    """Yield the places of laws that name a file, with its name."""
    if isinstance(part, dict):
        if _is_law(part):
            yield at, part["file"]
        for key, value in part.items():
            yield from _named(value, f"{at}.{key}" if at else key)
    elif isinstance(part, list):
        for i, value in enumerate(part):
            yield from _named(value, f"{at}[{i}]")


def _put(part: Any, held: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a tree of TOML
    if isinstance(part, dict):
        if _is_law(part) and not part.keys() - {"law", "file"}:  # with another key it stays as it was written, for the message about that key
            table = held[part["file"]]
            return {"law": part["law"]} | ({"values": table["values"]} if isinstance(table, dict) and "values" in table else {})
        return {key: _put(value, held) for key, value in part.items()}
    return [_put(value, held) for value in part] if isinstance(part, list) else part


def _read(file: Path) -> Sequence[float]:
    try:
        if file.is_dir():
            raise _UnfitError(f"is a folder; expected {_A_FILE}")
        rows = [row for row in csv.reader(file.read_text("utf-8-sig").splitlines(), strict=True) if row]
    except FileNotFoundError:
        raise _UnfitError(f"no such file; expected {_A_FILE}") from None
    except UnicodeDecodeError as error:
        raise _UnfitError(f"not a text file: byte {error.start} is not UTF-8; expected {_A_FILE}") from None
    except OSError as error:
        raise _UnfitError(f"cannot be read: {error.strerror}") from None
    except (ValueError, csv.Error) as error:
        raise _UnfitError(f"cannot be read: {error}") from None
    names = [cell.strip() for cell in rows[0]] if rows else []
    if names not in COLUMNS:
        raise _UnfitError(f"found the columns {', '.join(names)[:60]!r} in its first line; expected 'value', or 'share, value'")
    if len(rows) < _LINES:
        raise _UnfitError(f"found {len(rows) - 1} rows; expected at least 2")
    numbers = [_numbers(i, row, names) for i, row in enumerate(rows[1:], 1)]
    shares = [row[0] for row in numbers] if len(names) > 1 else [i / (len(numbers) - 1) for i in range(len(numbers))]
    values = [row[-1] for row in numbers]
    for i, (before, now) in enumerate(pairwise(values), 2):
        if now < before:
            raise _UnfitError(f"row {i}: found the value {now:.9g} after {before:.9g}; expected none below the one before it")
    for i, (before, now) in enumerate(pairwise(shares), 2):
        if now <= before:
            raise _UnfitError(f"row {i}: found the share {now:.9g} after {before:.9g}; expected shares that rise")
    if (shares[0], shares[-1]) != (0, 1):
        raise _UnfitError(f"found shares from {shares[0]:.9g} to {shares[-1]:.9g}; expected from 0 to 1")
    return values if len(names) == 1 and len(values) <= MOST else [_at(i / (MOST - 1), shares, values) for i in range(MOST)]


def _numbers(i: int, row: list[str], names: list[str]) -> list[float]:
    if len(row) != len(names):
        raise _UnfitError(f"row {i}: found {len(row)} columns; expected {len(names)}")
    numbers = []
    for name, cell in zip(names, row, strict=True):
        try:
            number = float(cell)
        except ValueError:
            number = -1.0
        if not 0 <= number <= (1 if name == "share" else LARGEST):
            raise _UnfitError(f"row {i}: found the {name} {cell[:60]!r}; expected a number from 0 to {1 if name == 'share' else LARGEST:.9g}")
        numbers.append(number)
    return numbers


def _at(share: float, shares: Sequence[float], values: Sequence[float]) -> float:
    i = min(bisect_right(shares, share), len(shares) - 1)
    return values[i - 1] + (values[i] - values[i - 1]) * (share - shares[i - 1]) / (shares[i] - shares[i - 1])


def _string(text: str) -> str:
    """Write a TOML string; JSON's escapes are a part of TOML's."""
    return json.dumps(text).replace("\x7f", "\\u007f")
