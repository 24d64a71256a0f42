"""The audit of a run's folder: reads the ledger and the profile, reconciles, judges, writes `audit.json`.

The collector's own confession (`received/faults.ndjson`) is counted and shown; no claim uses it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.audit.claims import Claim, Share, judge, shares
from simulator.audit.counts import Counts
from simulator.audit.ledger import Rows, read
from simulator.audit.reconcile import reconcile
from simulator.errors import DataError, LagError, cannot_write
from simulator.profile.loader import load
from simulator.schema import document
from simulator.schema.ledger import STORED_ROW

AUDIT_FORMAT: Final = 1
RUN_FORMAT: Final = 1  # the newest run.json that this audit reads
FAULTS_FORMAT: Final = 1  # the same of faults.ndjson

_FAILED: Final = 1  # CONTRACTS, exit codes: a claim failed
_ORIGIN: Final = ("seed", "start", "speed", "profile_digest")
_ENDED: Final = "played_s"
"""The key of run.json that a run writes when it has come to its end."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found."""

    folder: Path
    counts: Counts
    shares: Sequence[Share]
    claims: Sequence[Claim]
    cohorts: int
    torn: int
    """Files of the ledger that end in an incomplete row."""
    faults: Mapping[str, int]
    """What the embedded collector says it did, by kind."""
    invalid: Sequence[str] = ()
    """Why the run did not put on the load that was asked for, by run.json; none: it did."""

    @property
    def failed(self) -> list[Claim]:
        """The claims that fail the run."""
        return [claim for claim in self.claims if claim.failed]

    @property
    def exit_code(self) -> int:
        """0: all claims hold; 1: a claim failed; 3: the run is invalid, whatever its claims."""
        return LagError.exit_code if self.invalid else _FAILED if self.failed else 0


def audit(run_folder: Path, stored: Rows) -> Audit:
    """Audit a run against the rows of STORED_ROW that the collector has, and write `audit.json` into its folder.

    Raises DataError if the folder has no run.json, no profile or no ledger, or a damaged or newer one. No stored row is no error but a loss of
    everything that was acknowledged.
    """
    if stored.dtype != STORED_ROW:
        raise TypeError(f"stored rows of {stored.dtype}, expected {STORED_ROW}")
    run = read_run(run_folder)
    ledger = read(run_folder / "ledger")
    if not ledger.sessions.size and not ledger.events.size:
        raise DataError(f"{run_folder / 'ledger'}: the ledger has no session and no event, expected at least one: did the run begin?")
    profile_path = run_folder / "profile.toml"
    if not profile_path.is_file():
        raise DataError(f"{profile_path}: no profile there, expected the run's own copy: name the folder of a run")
    profile = load(profile_path)
    counts = reconcile(ledger, stored[~np.isin(stored["event"], _probe(run))])
    origin = _origin(run)
    measured = shares(counts, profile, ledger, origin)
    result = Audit(
        folder=run_folder,
        counts=counts,
        shares=measured,
        claims=judge(counts, ledger, profile, measured, ended=_ENDED in run, origin=origin),
        cohorts=ledger.cohorts,
        torn=ledger.torn,
        faults=_faults(run_folder / "received" / "faults.ndjson"),
        invalid=_lines(run, "invalid"),
    )
    _write(run_folder / "audit.json", _document(result, run))
    return result


def read_run(run_folder: Path) -> dict[str, Any]:
    """Read a run's run.json; keys that this version does not know are kept."""
    path = run_folder / "run.json"
    try:
        run: Any = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}), expected the description of a run: name the folder of a run") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not JSON ({error}), expected the description of a run: the run must be repeated") from error
    found = run.get("format") if isinstance(run, dict) else None
    if type(found) is not int:
        raise DataError(f'{path}: no format in it, expected {{"format": {RUN_FORMAT}, ...}}: is it the run.json of a run?')
    if found > RUN_FORMAT:
        raise DataError(f"{path}: run of format {found}, this rumsim reads format {RUN_FORMAT}: use the rumsim that wrote it, or a newer one")
    return dict(run)


def _lines(run: Mapping[str, Any], key: str) -> list[str]:
    """Read a list of sentences; what is none says nothing."""
    found = run.get(key)
    return [str(line) for line in found] if isinstance(found, list) else []


def _probe(run: Mapping[str, Any]) -> NDArray[np.uint64]:
    """Give the keys of the events with which the run tried its collector before the load: no plan has them."""
    found = run.get("probe")
    keys = found if isinstance(found, list) else []
    return np.array([key for key in keys if isinstance(key, int) and 0 <= key < 1 << 64], np.uint64)


def _origin(run: dict[str, Any]) -> int | None:
    """Give the emitted time of the profile's start, if the run says when it began."""
    try:
        began = datetime.fromisoformat(run["start"]).timestamp()
        return round(began * 1000 - float(run["offset_hours"]) * 3_600_000)
    except (KeyError, TypeError, ValueError):
        return None


def _faults(path: Path) -> dict[str, int]:
    """Count the faults that the collector confesses, by kind; a line that is none (torn, of another version) counts as `unreadable`."""
    if not path.is_file():
        return {}
    kinds: Counter[str] = Counter()
    for number, line in enumerate(path.read_bytes().splitlines()):
        try:
            said = msgspec.json.decode(line, type=_Fault)
        except (msgspec.DecodeError, UnicodeDecodeError):
            said = _Fault()
        if number > 0 or said.format != FAULTS_FORMAT:
            kinds[said.kind or "unreadable"] += 1
    return dict(sorted(kinds.items()))


class _Fault(msgspec.Struct):
    """A line: the first has the format, each other one a fault."""

    kind: str = ""
    format: int = 0


def _document(result: Audit, run: dict[str, Any]) -> dict[str, Any]:
    counts: dict[str, Any] = msgspec.to_builtins(result.counts)
    types, platforms, sessions = counts.pop("types"), counts.pop("platforms"), counts.pop("session_platforms")
    examples = counts.pop("examples")
    return {
        "format": AUDIT_FORMAT,
        "exit_code": result.exit_code,
        "invalid": list(result.invalid),
        "run": {key: run[key] for key in _ORIGIN if key in run},
        "claims": [{"verdict": verdict(claim), **msgspec.to_builtins(claim)} for claim in result.claims],
        "counts": counts,
        "types": types,
        "platforms": platforms,
        "sessions": sessions,
        "sampled": [msgspec.to_builtins(share) for share in result.shares],
        "examples": examples,
        "ledger": {"cohorts": result.cohorts, "torn": result.torn},
        "faults_confessed": dict(result.faults),
    }


def verdict(claim: Claim) -> str:
    """Say a claim's verdict in one word or two."""
    return "ok" if claim.holds else "FAILED" if claim.failed else "not judged"


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        document.write(path, content, indent=2)
    except OSError as error:
        raise cannot_write(path, error) from error
