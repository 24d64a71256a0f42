"""One screen of plain text: what a run's audit found.

Rules of the file: at most LINES lines of WIDTH columns, ASCII, the verdict first, and before it that the run is invalid. Where space runs out, claims
that hold give way to claims that do not. The reproduce command is never cut, for it is there to be copied; it alone may need more lines.
"""

import shlex
import textwrap
from collections.abc import Sequence
from typing import Any, Final

from simulator.audit.claims import Claim
from simulator.audit.counts import OTHER, Counts, Tally
from simulator.audit.run import Audit, verdict
from simulator.load.summary import lines_of

WIDTH: Final = 100
LINES: Final = 40

_COLUMNS: Final = ("planned", "sent", "acknowledged", "stored", "lost", "duplicated", "altered", "unexpected")
_PLAIN, _RED, _GREEN = "\033[0m", "\033[31m", "\033[32m"
_SHARE: Final = "sampled share, "


def screen(audit: Audit, run: dict[str, Any], *, colour: bool = False) -> str:
    """Lay out an audit; `run`: the content of run.json, of which `notes`, `load` and `reproduce` are shown; `colour` only if a terminal shows it."""
    head = [*_invalid(audit.invalid), *_verdict(audit), *_notes(run), *_where(audit, run), ""]
    tables = [*_events(audit.counts), "", *_platforms(audit), "", *_payloads(audit, run), ""]
    tail = _reproduce(run)
    room = LINES - len(head) - len(tables) - len(tail)
    lines = [*head, *tables, *_claims(audit.claims, room), *tail]
    text = "\n".join(lines) + "\n"
    if colour:
        text = (
            text.replace("FAILED", f"{_RED}FAILED{_PLAIN}")
            .replace("INVALID RUN", f"{_RED}INVALID RUN{_PLAIN}")
            .replace("ALL CLAIMS HOLD", f"{_GREEN}ALL CLAIMS HOLD{_PLAIN}")
        )
    return text


def _verdict(audit: Audit) -> list[str]:
    n = len(audit.failed)
    if not n:
        return ["all claims hold for what was sent" if audit.invalid else "ALL CLAIMS HOLD"]
    return _fit([f"{n} {'CLAIM' if n == 1 else 'CLAIMS'} FAILED: {', '.join(claim.name for claim in audit.failed)}"])


def _invalid(reasons: Sequence[str]) -> list[str]:
    return [line for reason in reasons for line in textwrap.wrap(f"INVALID RUN: {reason}", WIDTH, subsequent_indent="    ")]


def _notes(run: dict[str, Any]) -> list[str]:
    notes = run.get("notes")
    return [line for note in (notes if isinstance(notes, list) else []) for line in textwrap.wrap(f"note: {note}", WIDTH, subsequent_indent="    ")]


def _where(audit: Audit, run: dict[str, Any]) -> list[str]:
    facts = [f"{key} {run[key]}" for key in ("seed", "start", "speed") if run.get(key) is not None]
    facts.append(f"cohorts {audit.cohorts:,}")
    if audit.torn:
        facts.append(f"torn files {audit.torn:,}")
    return _fit([f"run        {audit.folder}", f"           {', '.join(facts)}"])


def _events(counts: Counts) -> list[str]:
    total = Tally(
        planned=counts.planned,
        sent=counts.sent,
        acknowledged=counts.outcomes["acknowledged"],
        stored=counts.stored,
        lost=counts.lost,
        duplicated=counts.duplicated,
        altered=counts.altered,
        unexpected=counts.unexpected,
    )
    rows = [[name, *(f"{getattr(tally, column):,}" for column in _COLUMNS)] for name, tally in (*counts.types.items(), ("all events", total))]
    return _table(("events", *_COLUMNS), rows)


def _platforms(audit: Audit) -> list[str]:
    counts = audit.counts
    marks = {claim.name.removeprefix(_SHARE): verdict(claim) for claim in audit.claims if claim.name.startswith(_SHARE)}
    rows = []
    for share in audit.shares:
        sessions = counts.session_platforms.get(share.platform, counts.sessions)
        stored = counts.platforms[share.platform].stored if share.platform in counts.platforms else counts.stored
        rows.append(
            [
                share.platform,
                f"{stored:,}",
                f"{sessions.stored:,}",
                f"{share.created:,}",
                f"{share.sampled:,}",
                f"{share.sampled / share.created:.2%}" if share.created else "-",
                f"{share.low:.2%} to {share.high:.2%}" if share.created else "-",
                "changes" if share.rate is None else f"{share.rate:.2%}",
                marks.get(share.platform, "-"),
            ]
        )
    if OTHER in counts.platforms:
        rows.append([OTHER, f"{counts.platforms[OTHER].stored:,}", f"{counts.stored_sessions_unknown:,}", *"------"])
    return _table(("platforms", "events", "sessions", "created", "sampled", "share", "exact interval", "rate", ""), rows)


def _payloads(audit: Audit, run: dict[str, Any]) -> list[str]:
    counts = audit.counts
    named = {"without outcome" if name == "planned" else name: n for name, n in counts.payloads.items()}
    parts = [f"{name} {n:,}" for name, n in named.items() if n] or ["none"]
    lines = [f"payloads   {', '.join(parts)}" + (f"; {counts.retried:,} retries" if counts.retried else "")]
    if audit.faults:
        lines.append(f"faults done: {', '.join(f'{kind} {n:,}' for kind, n in audit.faults.items())} (the collector confesses; no claim uses it)")
    load = run.get("load")
    return _fit([*lines, *(lines_of(load) if isinstance(load, dict) else [])])


def _claims(claims: Sequence[Claim], room: int) -> list[str]:
    """List the claims, failed ones first; shares that hold are in the table of platforms."""
    failed = [line for claim in claims if claim.failed for line in _claim(claim)]
    others = [line for claim in claims if not claim.failed and not claim.name.startswith(_SHARE) for line in _claim(claim)]
    lines = [*failed, *others]
    if len(lines) > room:
        lines = [
            *lines[: room - 1],
            f"{'...':<10} more in audit.json" if len(failed) >= room else f"{'...':<10} the others did not fail: audit.json has them",
        ]
    return _fit(lines)


def _claim(claim: Claim) -> list[str]:
    """Say what became of a claim; what a failed one has to add gets a line of its own where the first is full."""
    expected = f" (expected {claim.expected})" if claim.failed and claim.expected != "0" else ""
    line = f"{verdict(claim):<10} {claim.name:<29} {claim.found}{expected}"
    whole = f"{line}; {claim.note}" if claim.note else line
    if claim.failed and len(whole) > WIDTH:
        return [line, f"{'':<10} {claim.note}"]
    return [whole]


def _reproduce(run: dict[str, Any]) -> list[str]:
    command = run.get("reproduce")
    if not command:
        return []
    words = command if isinstance(command, list) else str(command)
    try:
        quoted = [shlex.quote(str(word)) for word in (words if isinstance(words, list) else shlex.split(words))]
    except ValueError:
        return [f"reproduce: {words}"]
    lines, line = [], "reproduce:"
    for word in quoted:
        if len(line) + len(word) + 3 > WIDTH and line.strip():
            lines.append(f"{line} \\" if line != "reproduce:" else line)
            line = "   "
        line += f" {word}"
    return [*lines, line]


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Align columns: the first to the left, others to the right; a gap of two, or of one where two are too wide."""
    cells = [names, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(names))]
    gap = "  " if sum(widths) + 2 * (len(widths) - 1) <= WIDTH else " "
    return _fit([gap.join(c.ljust(w) if not i else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))).rstrip() for row in cells])


def _fit(lines: Sequence[str]) -> list[str]:
    return [line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}..." for line in lines]
