"""`rumsim fit` on people whom a profile has made finds that profile: each parameter within its interval, from a log or a dataset in any format.

6,000 users of known.toml, 21 days, 82,000 page views. An interval is by how much the fit's mean over ten other seeds is off, plus five standard
deviations over them, rounded up: each parameter leaves it with probability 1e-6, any of them with 4e-5. Those of the third part of the law of
pauses are wide because the timeout hides its longest, and all parts' because they overlap. What deviations are caught the twin says: a fit to people
of another profile is refused by every interval but one, which is so wide that only broader parts would be.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.fidelity.events import Events, load
from simulator.fidelity.fit import fit
from simulator.fidelity.sessions import HOUR, MONDAY
from simulator.fidelity.simulate import Span, simulate
from simulator.fidelity.template import profile
from simulator.profile.laws import LogNormal, Mixture, quantile
from simulator.profile.loader import parse
from simulator.profile.types import Page, Profile

KNOWN = Path(__file__).with_name("known.toml").read_text("utf-8")
BEGIN = MONDAY * HOUR + 2_500 * 7 * 24 * HOUR
SPAN = Span(users=6_000, begin=BEGIN, end=BEGIN + 21 * 24 * HOUR)


def page(p: Profile, path: str) -> Page:
    """Give the page with this path."""
    return next(page for page in p.pages.values() if page.path == path)


def part(j: int, name: str) -> Callable[[Profile], float]:
    """Give what reads a parameter of the j-th part of the law of pauses."""

    def read(p: Profile) -> float:
        law = page(p, "/list").stay
        assert isinstance(law, Mixture)
        parts = sorted(law.parts, key=lambda part: part.law.median)
        return parts[j].weight if name == "weight" else getattr(parts[j].law, name)

    return read


def leads(a: str, b: str) -> Callable[[Profile], float]:
    """Give what reads how many of those who go on from page a go to page b."""

    def read(p: Profile) -> float:
        ways = {p.pages[name].path: weight for name, weight in page(p, a).next.items() if name in p.pages}
        return ways.get(b, 0.0) / sum(ways.values())

    return read


def begins(path: str) -> Callable[[Profile], float]:
    """Give what reads how many visits begin with the page."""
    return lambda p: sum(weight for name, weight in p.entry.items() if p.pages[name].path == path)


def sigma(p: Profile) -> float:
    """Read the spread of people's activity."""
    assert isinstance(p.population.activity, LogNormal)
    return p.population.activity.sigma


# What is read, and how far it may be off: by so much, or, where it is a duration or a rate, by that share of it.
ABSOLUTE: dict[str, tuple[Callable[[Profile], float], float]] = {
    **{f"continuation {k}": (lambda p, k=k: p.journey.continuation[k - 1], 0.03) for k in (1, 2, 3, 4, 5)},
    **{f"weight of part {j}": (part(j, "weight"), 0.13) for j in range(3)},
    **{f"sigma of part {j}": (part(j, "sigma"), width) for j, width in enumerate((0.21, 0.3, 0.45))},
    "pace of users": (lambda p: p.journey.pace.user, 0.1),
    "pace of visits": (lambda p: p.journey.pace.visit, 0.23),
    "keep": (lambda p: p.journey.pace.keep, 0.08),
    "depth": (lambda p: p.journey.pace.depth, 0.11),
    "share that returns": (lambda p: p.population.revisit.share, 0.05),
    "regulars": (lambda p: p.population.revisit.regulars, 0.06),
    "share of regulars that returns": (lambda p: p.population.revisit.regular_share, 0.11),
    "spread of activity": (sigma, 0.13),
    **{f"hours {6 * i} to {6 * i + 6}": (lambda p, i=i: float(np.mean(p.population.hours[6 * i : 6 * i + 6])), 0.14) for i in range(4)},
    "weekend": (lambda p: float(np.mean(p.population.days[5:])), 0.08),
    "begins at home": (begins("/home"), 0.02),
    "home to list": (leads("/home", "/list"), 0.025),
    "list to item": (leads("/list", "/item"), 0.025),
    "item to home": (leads("/item", "/home"), 0.025),
}
RELATIVE: dict[str, tuple[Callable[[Profile], float], float]] = {
    **{f"median of part {j}": (part(j, "median"), width) for j, width in enumerate((0.19, 0.155, 0.33))},
    **{f"gap of returns, {share:.0%}": (lambda p, share=share: quantile(p.population.revisit.gap, share), 0.17) for share in (0.25, 0.5, 0.75)},
    "visits per day": (lambda p: p.population.visits_per_day, 0.12),
}


def six(*hours: float) -> str:
    """Write each hour's weight six times."""
    return ", ".join(str(hour) for hour in hours for _ in range(6))


TWIN = {
    "[0.5, 0.62, 0.7, 0.75, 0.8]": "[0.6, 0.7, 0.78, 0.83, 0.88]",
    "weight = 0.35": "weight = 0.2",
    "weight = 0.45": "weight = 0.3",
    "weight = 0.20": "weight = 0.5",
    "median = 6000, sigma = 0.5": "median = 3000, sigma = 0.1",
    "median = 45000, sigma = 0.5": "median = 20000, sigma = 0.1",
    "median = 330000, sigma = 0.4": "median = 165000, sigma = 0.1",
    "user = 0.45, visit = 0.35, keep = 0.4, depth = 0.2": "user = 0.25, visit = 0, keep = 0.2, depth = 0.0",
    "share = 0.15\n": "share = 0.3\n",
    "regulars = 0.2\n": "regulars = 0.4\n",
    "regular_share = 0.7": "regular_share = 0.9",
    "median = 21600000": "median = 50000000",
    "sigma = 0.8": "sigma = 1.4",
    "visits_per_day = 0.2": "visits_per_day = 0.5",
    six(0.4, 0.8, 1.2, 1.6): six(0.8, 1.3, 0.7, 1.1),
    "0.5, 0.5]": "1.5, 1.5]",
    "home = 0.7\nlist = 0.3": "home = 0.6\nlist = 0.4",
    "{ list = 0.6, item = 0.2,": "{ list = 0.5, item = 0.3,",
    "{ list = 0.3, item = 0.5,": "{ list = 0.4, item = 0.4,",
    "{ home = 0.1, list = 0.4,": "{ home = 0.2, list = 0.3,",
}
"""What the twin has in the place of what."""
WIDE = {"sigma of part 2"}


@pytest.fixture(scope="module")
def known() -> Profile:
    """Give the profile that is to be found."""
    return parse(KNOWN, "known.toml")


@pytest.fixture(scope="module")
def people(known: Profile) -> Events:
    """Give the page views of its users."""
    return simulate(known, SPAN, 1)


def write(people: Events, path: Path) -> Path:
    """Write page views as a log of the form that the name says."""
    assert people.page is not None
    table = pa.table({"user": people.user, "time": people.time, "page": np.array(people.pages)[people.page]})
    if path.suffix == ".parquet":
        pa.parquet.write_table(table, path)
    elif path.suffix == ".csv":
        pa.csv.write_csv(table, path)
    else:
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        path.write_text("".join(f'{{"user": {user}, "time": {time}, "page": "{page}"}}\n' for user, time, page in rows), "utf-8")
    return path


def off(found: Profile, known: Profile) -> set[str]:
    """Give the parameters that are outside their intervals."""
    far = {name for name, (read, width) in ABSOLUTE.items() if not abs(read(found) - read(known)) <= width}
    return far | {name for name, (read, width) in RELATIVE.items() if not abs(read(found) / read(known) - 1) <= width}


def test_a_fit_finds_the_profile_that_made_the_people(known: Profile, people: Events, tmp_path: Path) -> None:
    """The command reads the log and writes a profile; each of its parameters is within its interval of the one that the people were made with."""
    log, out = write(people, tmp_path / "people.parquet"), tmp_path / "found.toml"
    made = CliRunner().invoke(main, ["fit", str(log), "--out", str(out)])
    assert made.exit_code == 0, made.stderr
    assert off(parse(out.read_text("utf-8"), "found.toml"), known) == set()


def test_a_fit_finds_the_profile_that_made_a_dataset(known: Profile, tmp_path: Path) -> None:
    """The same of a dataset that `rumsim generate` has made with that profile, as it lies in its folder: three weeks of 6,200 devices."""
    profile_file, data, out = tmp_path / "known.toml", tmp_path / "data", tmp_path / "found.toml"
    profile_file.write_text(KNOWN, "utf-8")
    more = ["--devices", "6200", "--hours", "504", "--seed", "2", "--format", "parquet"]
    for command in (["generate", str(profile_file), *more, "--out", str(data)], ["fit", str(data), "--out", str(out)]):
        made = CliRunner().invoke(main, command)
        assert made.exit_code == 0, made.stderr
    assert off(parse(out.read_text("utf-8"), "found.toml"), known) == set()


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_every_form_has_the_same_people(people: Events, tmp_path: Path, form: str) -> None:
    """A fit sees the same page views in CSV, NDJSON and Parquet, so it finds the same."""
    read = load(write(people, tmp_path / f"people.{form}"))
    assert people.page is not None
    assert read.page is not None
    # names of users sort as text: where they stand differs, what they did does not
    order, ours = np.lexsort((read.page, read.time)), np.lexsort((people.page, people.time))
    assert np.array_equal(read.time[order], people.time[ours])
    assert np.array_equal(np.bincount(np.bincount(read.user)), np.bincount(np.bincount(people.user)))
    assert [read.pages[i] for i in read.page[order]] == [people.pages[i] for i in people.page[ours]]


def test_people_of_another_profile_are_told_apart(known: Profile) -> None:
    """Half as many users of the twin: every parameter that was changed is found to be another."""
    text = KNOWN
    for old, new in TWIN.items():
        assert old in text
        text = text.replace(old, new)
    log = simulate(parse(text, "twin.toml"), replace(SPAN, users=SPAN.users // 2), 7)
    assert off(parse(profile(fit(log), "log", "twin"), "twin.toml"), known) == {*ABSOLUTE, *RELATIVE} - WIDE
