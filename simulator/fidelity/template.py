"""The profile that a fit becomes: a whole TOML file with a head that says what is calibrated on what, and what is assumed."""

import json
from collections.abc import Iterable, Mapping
from string import Template
from urllib.parse import quote

import numpy as np

from simulator.errors import ProfileError
from simulator.fidelity.events import Floats
from simulator.fidelity.fit import LOAD, Fit
from simulator.profile.check import EXIT
from simulator.profile.start import iso

_SECOND = 1_000
_DAY = 86_400_000
_LONGEST = 40_000_000
"""No pause is longer (ms): 11 hours."""
_DECIMALS = 6

_TEXT = Template("""# $title
#
# Written by `rumsim fit`. Calibrated on $source: $views page views of $users users, $days_long days from $begin to $end,
# times to $resolution ms, sessions cut at $timeout min.
#
# Calibrated: how deep visits go (journey.continuation), pauses (pages.*.stay) and their persistence (journey.pace), returns (population.revisit),
# rate and spread of visits among users (population.visits_per_day, activity), the week in UTC (population.hours$by_day)$graph.
# Such a population has $devices devices where the log shows $users users: the others did not come in its $days_long days.
#
# Assumed, as the log does not say: platform, systems, networks, countries, load times, that nothing fails, that every visit ends by closing the
# page$flat.

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
countries = { US = 1.0 } # assumed
$week

[journey]
continuation = [$continuation]
pace = { user = $pace_user, visit = $pace_visit, keep = $keep, depth = $depth }

[entry]
$entry

[platforms.web] # assumed
share = 1.0
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
load = { law = "constant", value = $load } # assumed
think = { law = "constant", value = 0 }
stay = { law = "mixture", parts = [
$parts
] }
next = { $next }
""")


def profile(fit: Fit, source: str, name: str) -> str:
    """Write the profile; `source` is what the head calls the log."""
    pages = fit.pages
    keys = [f"{page} page" if page == EXIT else page for page in pages]
    back = fit.returning
    users = len(np.unique(fit.sessions.user))
    known = pages != ["page"]
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
        graph=", where visits begin and where pages lead" if known else "",
        by_day=", days" if len(fit.days) else "",
        flat="" if known else ", that there is one page",
        devices=f"{round(users / back.seen):,}",
        name=_string(name),
        app=_string(name),
        per_day=f"{max(back.per_day * back.chain, 0.001):.5g}",
        sigma=f"{back.sigma:.3f}",
        regulars=f"{back.regulars:.4f}",
        regular_share=f"{back.regular_share:.4f}",
        share=f"{back.share:.4f}",
        gaps=", ".join(f"{value:.0f}" for value in back.quantiles),
        week="\n".join(f"{name} = [{_numbers(values)}]" for name, values in (("hours", fit.hours), ("days", fit.days)) if len(values)),
        continuation=_numbers(fit.continuation),
        pace_user=f"{fit.pace.user:.3f}",
        pace_visit=f"{fit.pace.visit:.3f}",
        depth=f"{fit.pace.depth:.3f}",
        keep=f"{fit.pace.keep:.2f}",
        entry="\n".join(f"{_string(key)} = {weight}" for key, weight in _weights(keys, fit.entry).items()),
        pages="\n".join(_page(fit, keys, i) for i in range(len(pages))),
    )


def _page(fit: Fit, keys: list[str], i: int) -> str:
    stay = fit.stay
    shares = _weights([str(j) for j in range(len(stay.weights))], stay.weights)
    parts = [
        f'  {{ weight = {share}, law = {{ law = "lognormal", median = {np.exp(mean):.0f}, sigma = {sigma:.3f}, max = {_LONGEST} }} }},'
        for share, mean, sigma in zip(shares.values(), stay.means, stay.sigmas, strict=True)
    ]
    following = _weights([*keys, EXIT], fit.next[i])
    return _PAGE.substitute(
        key=_string(keys[i]),
        path=_string(path_of(fit.pages[i])),
        load=LOAD,
        parts="\n".join(parts),
        next=", ".join(f"{_string(key)} = {weight}" for key, weight in following.items()),
    )


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
