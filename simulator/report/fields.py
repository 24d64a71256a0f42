"""The reference of all fields, as Markdown: what each column of the stored row means, and who sends it under which name.

Who sends what follows from the wire's orders and the editions' rules; only meanings and sources are written down (wire/meanings.py).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from simulator.profile.editions import EDITIONS, NAMES, Edition
from simulator.schema import columns
from simulator.schema.words import ANR, ANR_ERROR, EVENT_KINDS, EVENT_TYPES, FATAL, NEVER, STALL, TYPE_OF
from simulator.sdk.state import Limits
from simulator.wire.fields import BARE, on_wire, order
from simulator.wire.meanings import ENVELOPE, EVERY, KINDS, MEANINGS, Meaning, meaning

OPTIONAL: Final = {"web-0.0.37": STALL}
"""What an edition sends only where it is switched on: by `collectors.longtask` (FACTS 5)."""
_TYPES: Final = (*EVENT_TYPES, "application")
_OPTIONAL_PARTS: Final = ("device", "os", "geo")
"""Of the envelope: left out in bare editions (FACTS 4)."""
_FEW: Final = 2
_HEAD: Final = """# Fields

Made by `rumsim fields`. A column is one of the stored row (events of a dataset, `rumsim query`), in the order of a row's keys; one without a value is
left out. `in a payload` is its name on the wire, `a.b` being member `b` of object `a`. "Nobody" sends what only scripted pages and the real SDK have;
keys that are not listed, such as those of what an application reports itself, are stored behind the others as they come.

Sources of names: `capture`, a request of the real web SDK or a recorded run has it; `FACTS` is [what is known of the real SDKs](real-sdks.md);
`assumed`, nobody has seen it on a wire. Mini programs have the web's names, assumed. Unit 1: a number without a unit, or a count.
"""


def tables() -> str:
    """Lay out all columns: those of every event, of the payload around it, and of each event type."""
    return _HEAD + "".join(line for where in (EVERY, ENVELOPE, *_TYPES) for line in _section(where))


def sends(edition: Edition, kind: int) -> bool:
    """Tell whether an edition sends events of a kind."""
    limits = Limits(**{name: rule.value for name, rule in edition.rules.items()})
    if kind in (ANR, ANR_ERROR) and (limits.anr_least == NEVER or kind != limits.anr_kind):
        return False
    if kind == FATAL and not limits.keeps_queue:
        return False  # a crash is reported by the next launch
    return bool(limits.probes >> kind & 1) or OPTIONAL.get(edition.name) == kind


def names_of(edition: Edition, kind: int) -> dict[str, str]:
    """Map each column that an edition's events of a kind fill in to its name on the wire; those of the envelope are apart."""
    names = map(on_wire, order(edition.wire, kind))
    return {columns.ALIASES.get(name, name): name for name in names if name != "view"}


def parts_of(edition: Edition) -> list[str]:
    """List the columns that an edition's envelope fills in."""
    return [name for name in columns.ENVELOPE if edition.wire not in BARE or name.partition(".")[0] not in _OPTIONAL_PARTS]


def _section(where: str) -> Iterator[str]:
    if where == ENVELOPE:
        yield f"\n## Of the {where}\n\n"
        yield from _table(_envelope())
        return
    kinds = {kind: _senders(kind) for kind in range(len(EVENT_KINDS)) if where in (EVERY, _TYPES[TYPE_OF[kind]])}
    if where == EVERY:
        yield f"\n## Of {where}\n\n"
    else:
        yield f"\n## Of {where} events\n\n" + "".join(map(_kind, kinds)) + "\n"
    yield from _table(_events(where, kinds))


def _senders(kind: int) -> list[str]:
    return [name for name, edition in EDITIONS.items() if sends(edition, kind)]


def _kind(kind: int) -> str:
    optional = "".join(f"; {name} where it is switched on" for name, which in OPTIONAL.items() if which == kind)
    return f"- `{EVENT_KINDS[kind]}`: {KINDS[EVENT_KINDS[kind]]} ({_which(_senders(kind), NAMES) or 'all editions'}{optional})\n"


def _envelope() -> Iterator[Iterable[str]]:
    for column, path in columns.ENVELOPE.items():
        found = [name for name, edition in EDITIONS.items() if column in parts_of(edition)]
        yield _row(column, f"`{'.'.join(path)}`", meaning(ENVELOPE, column), _which(found, NAMES) or "all editions")


def _events(where: str, kinds: Mapping[int, list[str]]) -> Iterator[Iterable[str]]:
    """Give the rows of a section: the columns that have a meaning there, or that somebody sends there alone."""
    sent = {kind: {name: names_of(EDITIONS[name], kind) for name in editions} for kind, editions in kinds.items()}
    for column in columns.COLUMNS:
        carried = {kind: {name: names[column] for name, names in by.items() if column in names} for kind, by in sent.items()}
        if column in MEANINGS[where] or (where != EVERY and column not in MEANINGS[EVERY] and any(carried.values())):
            names = {EDITIONS[name].platform: shown for found in carried.values() for name, shown in found.items()}
            yield _row(column, _names(names) or f"`{column}`", meaning(where, column), _carriers(carried, kinds, all_kinds=where == EVERY))


def _carriers(carried: Mapping[int, Collection[str]], kinds: Mapping[int, list[str]], *, all_kinds: bool) -> str:
    """Name the kinds of events that have a column; behind them the editions, if not all that send such events."""
    lacking = [EVENT_KINDS[kind] for kind, found in carried.items() if not found]
    if all_kinds:
        return f"all but {', '.join(lacking)}" if lacking else "all"
    groups: dict[str, list[str]] = {}
    for kind, found in carried.items():
        if found:
            groups.setdefault(_which(found, kinds[kind]), []).append(EVENT_KINDS[kind])
    return "; ".join(", ".join(names) + (f" ({editions})" if editions else "") for editions, names in groups.items()) or "nobody"


def _names(by_platform: Mapping[str, str]) -> str:
    """Show a column's names on the wire; the platforms with them, if they differ."""
    names = dict.fromkeys(by_platform.values())
    if len(names) == 1:
        return f"`{next(iter(names))}`"
    return "; ".join(f"`{name}` ({', '.join(p for p, shown in by_platform.items() if shown == name)})" for name in names)


def _row(column: str, names: str, found: Meaning, sent: str) -> Iterable[str]:
    by_platform = [f"{platform} {source}" for platform, source in (("web", found.web), ("mobile", found.mobile)) if source]
    source = found.web if found.web == found.mobile else "; ".join(by_platform)
    return f"`{column}`", names, found.unit, found.text, sent, source


def _table(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield "| column | in a payload | unit | meaning | sent in | source |\n|---|---|---|---|---|---|\n"
    yield from (f"| {' | '.join(row)} |\n" for row in rows)


def _which(found: Collection[str], among: Collection[str]) -> str:
    """Name some editions among others in few words; nothing, if it is all of them."""
    missing = [name for name in among if name not in found]
    return f"not {', '.join(missing)}" if 0 < len(missing) <= _FEW else ", ".join(found) if missing else ""
