"""What a comparison of simulated with real people found: a table of text, and a page of HTML with plots of quantiles as inline SVG."""

from html import escape
from math import log10
from typing import Final

from simulator.fidelity.compare import Curve, Fidelity, Row

_SIZE: Final = 320
_EDGE: Final = 44
_STYLE: Final = (
    "body{font:14px/1.4 system-ui,sans-serif;margin:2em;max-width:110em}table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:right}"
    "td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}tr.failed td{color:#b00020;font-weight:600}"
    "tr.family th{padding-top:1em;text-align:left;border-bottom:1px solid #ccc}td:nth-child(6){color:#1a7f37}"
    "td{white-space:nowrap}td:last-child{max-width:22em;overflow:hidden;text-overflow:ellipsis;color:#666}meter{width:5em;margin-right:.5em}"
    "svg{margin:1em 1em 0 0}svg text{font:11px system-ui,sans-serif}.verdict{font-size:1.2em}"
)
_LEGEND: Final = (
    "floor: the distance that 95 % of the pairs of real halves do not exceed; naive: that of a model without memory; score: 1 at the floor, "
    "0 at the naive model, a family's is the geometric mean. Of a published figure the floor is what chance does with so many users. Too few: it "
    "is above the tolerance. Rows that are not claimed, or have no tolerance, are reported only."
)
_HEAD: Final = ("metric", "value", "reference", "distance", "tolerance", "", "floor", "naive", "score")


def text(found: Fidelity) -> str:
    """Lay the rows out as a table; the verdict first, what is not scored last."""
    cells = [_HEAD, *(_cells(row) for row in found.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(_HEAD))]
    lines = [_verdict(found), f"{found.profile} against {found.reference}, {_basis(found)}", ""]
    lines += [
        "  ".join(c.ljust(w) if i in (0, 5) else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))).rstrip() for row in cells
    ]
    lines += ["", f"scores     {_families(found)}"]
    lines += [f"source     {source}" for source in dict.fromkeys(row.source for row in found.rows)]
    if found.unscored:
        lines.append(f"not scored {'; '.join(found.unscored)}")
    return "\n".join(lines) + "\n"


def html(found: Fidelity) -> str:
    """Lay the rows out as a page that needs nothing else."""
    rows = "".join(_family(found, family) for family in dict.fromkeys(row.family for row in found.rows))
    head = "".join(f"<th>{escape(name)}</th>" for name in (*_HEAD, "source"))
    title = escape(f"{found.profile} against {found.reference}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>'
        f"<p class=verdict>{escape(_verdict(found))}</p><p>{escape(_basis(found))}. Scores: {escape(_families(found))}.</p><p>{_LEGEND}</p>"
        f"<table><tr>{head}</tr>{rows}</table>"
        f"<h2>Quantiles, simulated against reference</h2>{''.join(map(_plot, found.curves)) or '<p>None: the reference is a table of figures.</p>'}"
        f"<h2>Not scored</h2><ul>{''.join(f'<li>{escape(name)}</li>' for name in found.unscored)}</ul></html>\n"
    )


def _family(found: Fidelity, family: str) -> str:
    """Lay out a family's rows below its name and score."""
    scored = found.families.get(family)
    head = escape(family) + ("" if scored is None else f": {scored:.2f}")
    rows = [f'<tr class="family"><th colspan="{len(_HEAD) + 1}">{head}</th></tr>']
    for row in found.rows:
        if row.family == family:
            cells = [*(f"<td>{escape(cell)}</td>" for cell in _cells(row)), f'<td title="{escape(row.source)}">{escape(row.source)}</td>']
            if row.score is not None:
                cells[-2] = f'<td><meter min="0" max="1" value="{row.score:.2f}"></meter>{row.score:.2f}</td>'
            rows.append(f"<tr{' class=failed' if row.held is False else ''}>{''.join(cells)}</tr>")
    return "".join(rows)


def _basis(found: Fidelity) -> str:
    """Say what was compared: how many users, and in which steps both logs keep time."""
    matched = f", times of both cut down to {found.resolution:,} ms" if found.resolution > 1 else ""
    sampled = "sampled as a dataset's folder says, else all, and clocks are right, whatever the profile says"
    return f"{found.users:,} users{matched}; simulated sessions are {sampled}"


def _verdict(found: Fidelity) -> str:
    bound, failed = sum(row.held is not None for row in found.rows), found.failed
    few = f"TOO FEW USERS TO JUDGE {len(found.open)}: about {max(row.needed or 0 for row in found.open):,} needed" if found.open else ""
    if failed:
        said = f"{len(failed)} OF {bound} DO NOT HOLD: {', '.join(row.metric for row in failed)}"
    else:
        said = f"ALL {bound} HOLD" if bound and not few else f"{bound} HOLD" if bound else "" if few else "NOTHING CLAIMED"
    return "; ".join(filter(None, (said, few)))


def _families(found: Fidelity) -> str:
    shown = [f"{family} {value:.2f}" for family, value in found.families.items()]
    return ", ".join([*shown, f"lowest {found.lowest:.2f}"]) if found.lowest is not None else "none"


def _cells(row: Row) -> tuple[str, ...]:
    mark = {True: "holds", False: "FAILS", None: "too few" if row.needed else ""}[row.held]
    numbers = (row.value, row.reference, row.distance, row.tolerance)
    return (row.metric, *map(_number, numbers), mark, *map(_number, (row.floor, row.naive)), "" if row.score is None else f"{row.score:.2f}")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3f}"  # noqa: PLR2004


def _plot(curve: Curve) -> str:
    """Draw simulated against reference quantiles on logarithmic axes; on the line they are equal."""
    floor = 0.1
    values = [max(v, floor) for v in (*curve.simulated, *curve.reference)]
    low, high = log10(min(values)), log10(max(values)) + 1e-9

    def place(value: float) -> float:
        return (log10(max(value, floor)) - low) / (high - low) * (_SIZE - 2 * _EDGE)

    dots = "".join(
        f'<circle cx="{_EDGE + place(y):.1f}" cy="{_SIZE - _EDGE - place(x):.1f}" r="2.2" fill="#1f6feb">'
        f"<title>{share:.0%}: {x:,.1f} / {y:,.1f}</title></circle>"
        for share, x, y in zip(curve.shares, curve.simulated, curve.reference, strict=True)
    )
    ticks = "".join(_tick(place(10.0**n), 10.0**n) for n in range(int(low) - 1, int(high) + 1) if low <= n <= high)
    edge, end = _EDGE, _SIZE - _EDGE
    return (
        f'<svg width="{_SIZE}" height="{_SIZE}" role="img" aria-label="{escape(curve.name)}"><rect x="{edge}" y="{edge}" width="{end - edge}" '
        f'height="{end - edge}" fill="none" stroke="#999"/><line x1="{edge}" y1="{end}" x2="{end}" y2="{edge}" stroke="#ccc"/>{ticks}{dots}'
        f'<text x="{edge}" y="{edge - 22}" style="font-weight:600">{escape(curve.name)}, {escape(curve.unit)}</text>'
        f'<text x="{end}" y="{_SIZE - 8}" text-anchor="end">reference →</text><text x="{edge}" y="{edge - 4}" dx="-34">↑ simulated</text></svg>'
    )


def _tick(at: float, value: float) -> str:
    shown = f"{value:g}"
    return (
        f'<text x="{_EDGE + at:.1f}" y="{_SIZE - _EDGE + 14}" text-anchor="middle">{shown}</text>'
        f'<text x="{_EDGE - 4}" y="{_SIZE - _EDGE - at + 4:.1f}" text-anchor="end">{shown}</text>'
    )
