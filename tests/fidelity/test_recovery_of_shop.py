"""`rumsim fit` on a dataset of the starter `shop` finds what the shop's people were made with, each parameter within its interval.

1,000 devices, 21 days, 80 % of the sessions: hours of seven countries, pages with pauses of their own, trips, tabs left open, paces, returns within
minutes and hours. An interval is by how much the fit's mean over ten other seeds is off, plus five standard deviations over them, rounded up.
What is not asked for is what a fit does not tell apart: acts and pauses, trips and idling are one law of pauses (so its quantiles are asked for), and
where acts come between pauses, the part of a mixture that an act has taken is taken on (`keep`). The twin says what deviations are caught.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.fidelity.events import Floats
from simulator.profile.laws import Law, LogNormal, Mixture, quantile
from simulator.profile.loader import load, parse
from simulator.profile.start import profile_text
from simulator.profile.types import Page, Profile

SHARES = (0.25, 0.5, 0.75)
DRAWS = 50_000
STEPS = 1_000


def page(p: Profile, name: str) -> Page:
    """Give the shop's page of this name: its views have the name of its path, with :id for numbers."""
    found = {page.path.replace("{id}", ":id").strip("/").partition("/")[0]: page for page in p.pages.values()}
    return found[name]


def names(p: Profile) -> dict[str, str]:
    """Give the shop's names of a profile's pages."""
    return {name: one.path.strip("/").partition("/")[0] for name, one in p.pages.items()}


@cache
def grid(law: Law) -> Floats:
    """Give values of a law, of equal weight."""
    return np.array([quantile(law, (i + 0.5) / STEPS) for i in range(STEPS)])


def draws(law: Law, rng: np.random.Generator) -> Floats:
    """Draw from a law."""
    return grid(law)[rng.integers(0, STEPS, DRAWS)]


def pauses(p: Profile, name: str) -> Floats:
    """Give the quantiles of how long people of pace 1 are on a page that has loaded: acts, the stay after the last, trips and idling.

    An act is of the first part of its law, so what follows it is so, too, in the share `keep`; after a trip or idling they think once more.
    """
    one, rng = page(p, name), np.random.default_rng(1)
    acts = np.rint(draws(one.acts_per_view, rng)).astype(np.int64) if one.acts else np.zeros(DRAWS, np.int64)
    total = draws(one.stay, rng)
    if isinstance(one.stay, Mixture):
        kept = (acts > 0) & (rng.random(DRAWS) < p.journey.pace.keep)
        total = np.where(kept, draws(one.stay.parts[0].law, rng), total)
    for k in range(int(acts.max())):
        total += np.where(acts > k, draws(one.think, rng), 0.0)
    on = rng.choice(len(p.platforms), DRAWS, p=[platform.share for platform in p.platforms.values()])
    leaves, far = rng.random(DRAWS), rng.random(DRAWS)
    for i, platform in enumerate(p.platforms.values()):
        trips, idle = platform.trips, platform.idle
        away = np.where(far < trips.long_share, draws(trips.long, rng), draws(trips.short, rng)) + 400
        still = draws(idle.gap, rng)
        more = np.select([leaves < trips.share, leaves < trips.share + idle.share], [away, still]) * (on == i)
        total += more + np.where(more > 0, draws(one.think, rng), 0.0)
    return np.quantile(total, SHARES)


def leads(a: str, b: str, before: str = "") -> Callable[[Profile], float]:
    """Give what reads how many of those who go on from page a go to page b, whatever or given the page before."""

    def read(p: Profile) -> float:
        known = names(p)
        table = page(p, a).next if not before else next((w for n, w in page(p, a).next_after.items() if known[n] == before), {})
        ways = {known[name]: weight for name, weight in table.items() if name in known}
        return ways.get(b, 0.0) / max(sum(ways.values()), 1e-9)

    return read


def begins(name: str) -> Callable[[Profile], float]:
    """Give what reads how many visits begin with the page."""
    return lambda p: sum(weight for key, weight in p.entry.items() if names(p)[key] == name)


def hours(first: int, last: int) -> Callable[[Profile], float]:
    """Give what reads the mean weight of local hours, relative to that of all."""
    return lambda p: float(np.mean(p.population.hours[first:last]) / np.mean(p.population.hours)) if p.population.hours_in == "local" else 0.0


def sigma(p: Profile) -> float:
    """Read the spread of people's activity."""
    assert isinstance(p.population.activity, LogNormal)
    return p.population.activity.sigma


# What is read, and how far it may be off: by so much, or, where it is a duration or a rate, by that share of it.
ABSOLUTE: dict[str, tuple[Callable[[Profile], float], float]] = {
    **{
        f"continuation {k}": (lambda p, k=k: p.journey.continuation[k - 1], width)
        for k, width in enumerate((0.03, 0.035, 0.04, 0.05, 0.065, 0.065), 1)
    },
    "pace of users": (lambda p: p.journey.pace.user, 0.175),
    "pace of visits": (lambda p: p.journey.pace.visit, 0.21),
    "depth": (lambda p: p.journey.pace.depth, 0.09),
    "share that returns": (lambda p: p.population.revisit.share, 0.055),
    "regulars": (lambda p: p.population.revisit.regulars, 0.185),
    "share of regulars that returns": (lambda p: p.population.revisit.regular_share, 0.2),
    "spread of activity": (sigma, 0.115),
    **{f"hours {6 * i} to {6 * i + 6}": (hours(6 * i, 6 * i + 6), width) for i, width in enumerate((0.05, 0.09, 0.12, 0.125))},
    "evening": (hours(19, 22), 0.14),
    "Friday and Saturday": (lambda p: float(np.mean(p.population.days[4:6]) / np.mean(p.population.days)), 0.065),
    **{country: (lambda p, country=country: p.population.countries.get(country, 0.0), 0.06) for country in ("CN", "US", "DE")},
    **{f"begins at {name}": (begins(name), 0.025) for name in ("home", "list", "search", "detail")},
    **{f"{a} to detail": (leads(a, "detail"), 0.05) for a in ("list", "search")},
    "home to list": (leads("home", "list"), 0.055),
    "cart to checkout": (leads("cart", "checkout"), 0.09),
    **{f"{a} to detail, back to {a}": (leads("detail", a, a), 0.06) for a in ("list", "search")},
    "sampled": (lambda p: next(iter(p.platforms.values())).session.sample_rate or 0.0, 0.001),
}
PAUSES = {"home": (0.29, 0.2, 0.31), "list": (0.34, 0.23, 0.29), "search": (0.28, 0.23, 0.36), "detail": (0.2, 0.21, 0.23)}
RELATIVE: dict[str, tuple[Callable[[Profile], float], float]] = {
    **{
        f"gap of returns, {share:.0%}": (lambda p, share=share: quantile(p.population.revisit.gap, share), width)
        for share, width in zip(SHARES, (0.27, 0.22, 0.36), strict=True)
    },
    **{
        f"pause on {name}, {share:.0%}": (lambda p, name=name, i=i: float(pauses(p, name)[i]), widths[i])
        for name, widths in PAUSES.items()
        for i, share in enumerate(SHARES)
    },
    "visits per day": (lambda p: p.population.visits_per_day, 0.12),
}
HOURS = "0.30, 0.20, 0.15, 0.12, 0.12, 0.18, 0.35, 0.60, 0.85, 1.00, 1.10, 1.15, 1.20, 1.15, 1.10, 1.10, 1.10, 1.15"
TWIN = {
    "[0.51, 0.77, 0.79, 0.805, 0.82, 0.83,": "[0.6, 0.85, 0.87, 0.9, 0.92, 0.93,",
    "user = 0.5, visit = 0.4, depth = 0.15": "user = 0.8, visit = 0.8, depth = 0.4",
    "share = 0.06, regulars = 0.12, regular_share = 0.35": "share = 0.2, regulars = 0.5, regular_share = 0.8",
    "median = 2700000, sigma = 0.7": "median = 6000000, sigma = 0.7",
    "median = 1, sigma = 0.6": "median = 1, sigma = 0.9",
    "visits_per_day = 1.0": "visits_per_day = 1.3",
    f"[{HOURS}, 1.30, 1.55, 1.75, 1.70, 1.30, 0.75]": f"[1.30, 1.55, 1.75, 1.70, 1.30, 0.75, {HOURS}]",
    "1.00, 1.08, 1.10, 1.00]": "1.05, 0.9, 0.9, 1.00]",
    "CN = 0.55, US = 0.15, DE = 0.08, BR = 0.07, IN = 0.07, ID = 0.05": "CN = 0.42, US = 0.25, DE = 0.18, BR = 0.05, IN = 0.05, ID = 0.02",
    "home = 0.62\nlist = 0.08\nsearch = 0.08\ndetail = 0.22": "home = 0.52\nlist = 0.18\nsearch = 0.18\ndetail = 0.12",
    "{ list = 0.43, search = 0.28, detail = 0.28,": "{ list = 0.33, search = 0.38, detail = 0.28,",
    "{ detail = 0.64, search = 0.14, home = 0.12,": "{ detail = 0.5, search = 0.14, home = 0.26,",
    "{ detail = 0.60, list = 0.17,": "{ detail = 0.45, list = 0.32,",
    "{ checkout = 0.62, detail = 0.18,": "{ checkout = 0.42, detail = 0.38,",
    "{ list = 0.53, detail = 0.22,": "{ list = 0.4, detail = 0.35,",
    "{ search = 0.41, detail = 0.27,": "{ search = 0.28, detail = 0.4,",
    "session.sample_rate = 0.8": "session.sample_rate = 0.7",
    **{f'think = {{ law = "lognormal", median = {old}': f'think = {{ law = "lognormal", median = {2 * old}' for old in (3500, 4000, 4500, 6000)},
}
"""What the twin has in the place of what; all its stays are twice as long."""


def made(folder: Path, profile: str, seed: int) -> Profile:
    """Generate a dataset of the profile, fit to it, and give the profile that was found."""
    data, out = folder / f"data-{seed}", folder / f"found-{seed}.toml"
    more = ["--devices", "1000", "--hours", "504", "--seed", str(seed), "--format", "parquet"]
    for command in (["generate", profile, *more, "--out", str(data)], ["fit", str(data), "--out", str(out)]):
        run = CliRunner().invoke(main, command)
        assert run.exit_code == 0, run.stderr
    return load(out)


def off(found: Profile, known: Profile) -> set[str]:
    """Give the parameters that are outside their intervals."""
    far = {name for name, (read, width) in ABSOLUTE.items() if not abs(read(found) - read(known)) <= width}
    return far | {name for name, (read, width) in RELATIVE.items() if not abs(read(found) / read(known) - 1) <= width}


@pytest.fixture(scope="module")
def shop() -> Profile:
    """Give the starter."""
    return parse(profile_text("shop"), "shop")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """Give what a fit finds in a dataset of it."""
    return made(tmp_path_factory.mktemp("shop"), "shop", 1)


def test_a_fit_finds_the_shop(shop: Profile, found: Profile) -> None:
    """The two commands that the README shows give a profile of which each parameter is within its interval of the shop's."""
    assert off(found, shop) == set()


def test_another_shop_is_told_apart(found: Profile) -> None:
    """What was found is outside the interval of every parameter of a shop that has others."""
    text = profile_text("shop")
    for old, new in TWIN.items():
        assert old in text, old
        text = text.replace(old, new)
    text = re.sub(r"(  \{ weight = .*median = )(\d+)", lambda line: f"{line[1]}{2 * int(line[2])}", text)
    assert off(found, parse(text, "twin")) == {*ABSOLUTE, *RELATIVE}
