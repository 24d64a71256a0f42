"""The profile that a fit becomes: a whole TOML file with a head that says what is calibrated on what, and what is assumed."""

import json
from collections.abc import Iterable, Mapping
from string import Template
from textwrap import wrap
from urllib.parse import quote

import numpy as np

from simulator.errors import ProfileError
from simulator.fidelity.events import Floats
from simulator.fidelity.fit import Fit
from simulator.fidelity.stays import LOAD
from simulator.profile.check import EXIT
from simulator.profile.start import iso
from simulator.profile.zones import ZONES

_SECOND = 1_000
_DAY = 86_400_000
_LONGEST = 40_000_000
"""No pause is longer (ms): 11 hours."""
_DECIMALS = 6
_WIDTH, _INDENT = 146, 14
"""Of a line of the head, and what stands in its first one before."""

_TEXT = Template("""# $title
#
# Written by `rumsim fit`. Calibrated on $source: $views page views of $users users, $days_long days from $begin to $end,
# times to $resolution ms, sessions cut at $timeout min.
#
# Calibrated: $calibrated.
# Such a population has $devices devices where the log shows $users users: the others did not come in its $days_long days.
#
# Assumed, as the log does not say: $assumed.

format = 1
name = $name
start = 2026-01-05T00:00:00Z # a Monday

[app]
id = $app
version = "1.0.0"
origin = "https://example.com"

[population]
visits_per_day = $per_day
activity = { law = "lognormal", median = 1, sigma = $sigma }
revisit = { share = $share, regulars = $regulars, regular_share = $regular_share, gap = { law = "quantiles", values = [$gaps] } }
$countries
$week

[journey]
continuation = [$continuation]
pace = { user = $pace_user, visit = $pace_visit, keep = $keep, depth = $depth }

[entry]
$entry

[platforms.web] # assumed
share = 1.0$open
networks = { wifi = 1.0 }
os = [{ name = "Windows", version = "11", share = 1.0, models = { "Desktop" = 1.0 } }]

[networks.wifi] # assumed
model = "wifi"
dns = { law = "lognormal", median = 8, sigma = 0.8, max = 2000 }
rtt = { law = "lognormal", median = 14, sigma = 0.6, max = 3000 }
reuse_share = 0.8
kilobytes_per_s = 4000

$pages""")

_PAGE = Template("""[pages.$key]
path = $path
load = $load
think = { law = "constant", value = 0 }
stay = { law = "mixture", parts = [
$parts
] }
next = { $next }$after
""")


def profile(fit: Fit, source: str, name: str) -> str:
    """Write the profile; `source` is what the head calls the log."""
    ways, back = fit.graph, fit.returning
    keys = [f"{page} page" if page == EXIT else page for page in ways.pages]
    users = len(np.unique(fit.sessions.user))
    known = ways.pages != ["page"]
    return _TEXT.substitute(
        title=_plain(f"{name}: behaviour as in {source}"),
        source=_plain(source),
        views=f"{fit.views:,}",
        users=f"{users:,}",
        days_long=f"{(fit.span[1] - fit.span[0]) / _DAY:.1f}",
        begin=iso(fit.span[0]),
        end=iso(fit.span[1]),
        resolution=fit.resolution,
        timeout=f"{fit.timeout / 60_000:g}",
        calibrated=_wrapped(_calibrated(fit, known)),
        assumed=_wrapped(_assumed(fit, known)),
        devices=f"{round(users / back.seen):,}",
        name=_string(name),
        app=_string(name),
        per_day=f"{max(back.per_day * back.chain, 0.001):.5g}",
        sigma=f"{back.sigma:.3f}",
        regulars=f"{back.regulars:.4f}",
        regular_share=f"{back.regular_share:.4f}",
        share=f"{back.share:.4f}",
        gaps=_rounded(back.quantiles),
        countries=_countries(fit),
        week="\n".join(f"{name} = [{_numbers(values)}]" for name, values in (("hours", fit.hours), ("days", fit.days)) if len(values)),
        continuation=_numbers(fit.continuation),
        pace_user=f"{fit.pace.user:.3f}",
        pace_visit=f"{fit.pace.visit:.3f}",
        depth=f"{fit.pace.depth:.3f}",
        keep=f"{fit.pace.keep:.2f}",
        open=_open(fit),
        entry="\n".join(f"{_string(key)} = {weight}" for key, weight in _weights(keys, ways.entry).items()),
        pages="\n".join(_page(fit, keys, i) for i in range(len(keys))),
    )


def _calibrated(fit: Fit, known: bool) -> list[str]:
    return [
        "how deep visits go (journey.continuation)",
        f"pauses (pages.*.stay{', of each page its own' if len({tuple(stay.means) for stay in fit.stays}) > 1 else ''})",
        "their persistence (journey.pace)",
        "returns (population.revisit)",
        "rate and spread of visits among users (population.visits_per_day, activity)",
        f"the week in {'local time' if fit.zones.local else 'UTC'} (population.hours{', days' if len(fit.days) else ''})",
        *(["where visits begin and where pages lead"] if known else []),
        *(["load times"] if any(fit.loads) else []),
        *(["countries"] if fit.zones.countries else []),
        *(["which visits find what was left open (close_share, left.resume_share)"] if fit.left is not None else []),
        *([f"that {fit.sampled:g} of all sessions are sampled, as was said"] if fit.sampled < 1 else []),
    ]


def _assumed(fit: Fit, known: bool) -> list[str]:
    return [
        "platform",
        "systems",
        "networks",
        *([] if fit.zones.countries else ["countries"]),
        *([] if any(fit.loads) else ["load times"]),
        "that nothing fails",
        *([] if fit.left is not None else ["that every visit ends by closing the page"]),
        *([] if known else ["that there is one page"]),
        "that people do nothing on pages and do not leave them in between: acts, trips and idling are in the pauses",
    ]


def _wrapped(parts: list[str]) -> str:
    return "\n# ".join(wrap(", ".join(parts), _WIDTH, initial_indent=" " * _INDENT, break_on_hyphens=False)).lstrip()


def _countries(fit: Fit) -> str:
    if not fit.zones.countries:
        return "countries = { US = 1.0 } # assumed"
    weights = _weights(fit.zones.countries, np.array(list(fit.zones.countries.values())))
    lines = [f"countries = {{ {', '.join(f'{_string(key)} = {weight}' for key, weight in weights.items())} }}"]
    if fit.zones.local:
        lines.append('hours_in = "local"')
        unknown = [key for key in weights if key not in ZONES]
        if unknown:
            lines.append(f"zones = {{ {', '.join(f'{_string(key)} = 0' for key in unknown)} }} # assumed")
    return "\n".join(lines)


def _open(fit: Fit) -> str:
    lines = [f"session.sample_rate = {fit.sampled:g}"] if fit.sampled < 1 else []
    if fit.left is not None:
        lines += [f"close_share = {1 - fit.left.open:.4f}", f"left = {{ resume_share = {fit.left.resume:.4f} }}"]
    return "".join(f"\n{line}" for line in lines)


def _page(fit: Fit, keys: list[str], i: int) -> str:
    stay = fit.stays[i]
    shares = _weights([str(j) for j in range(len(stay.weights))], stay.weights)
    parts = [
        f'  {{ weight = {share}, law = {{ law = "lognormal", median = {np.exp(mean):.0f}, sigma = {sigma:.3f}, max = {_LONGEST} }} }},'
        for share, mean, sigma in zip(shares.values(), stay.means, stay.sigmas, strict=True)
    ]
    loads = fit.loads[i]
    load = f'{{ law = "constant", value = {LOAD} }} # assumed' if loads is None else f'{{ law = "quantiles", values = [{_rounded(loads)}] }}'
    following = {b: _weights(keys, shares) for (a, b), shares in fit.graph.after.items() if a == i}
    return _PAGE.substitute(
        key=_string(keys[i]),
        path=_string(path_of(fit.graph.pages[i])),
        load=load,
        parts="\n".join(parts),
        next=_ways(_weights([*keys, EXIT], fit.graph.next[i])),
        after="".join(f"\nnext_after.{_string(keys[b])} = {{ {_ways(weights)} }}" for b, weights in following.items()),
    )


def _ways(weights: Mapping[str, str]) -> str:
    return ", ".join(f"{_string(key)} = {weight}" for key, weight in weights.items())


def _rounded(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in values)


def path_of(page: str) -> str:
    """Give the path of a page of the log: its name, if that is a path, without what has a meaning in profiles."""
    return "/" + quote(page.removeprefix("/"), safe="/-._~:@!$&'()*+,;=")[:400]


def _weights(keys: Iterable[str], values: Floats) -> Mapping[str, str]:
    """Round weights above 0 so that their sum stays 1."""
    found = {key: round(float(value) * 10**_DECIMALS) for key, value in zip(keys, values, strict=True)}
    largest = max(found, key=lambda key: found[key])
    found[largest] += 10**_DECIMALS - sum(found.values())
    return {key: f"{value / 10**_DECIMALS:.{_DECIMALS}f}" for key, value in found.items() if value}


def _numbers(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4f}" for value in values)


def _string(text: str) -> str:
    """Write a TOML string; JSON's escapes are a part of TOML's."""
    shown = json.dumps(text[:200]).replace("\x7f", "\\u007f")
    if "{id}" in shown:
        raise ProfileError(f"the log: found the page {text!r}; expected no {{id}} in names of pages: it has a meaning in profiles")
    return shown


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
