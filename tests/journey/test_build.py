"""A profile becomes integers: names are numbers of the intern table, shares 31-bit thresholds, laws tables; too much of anything is refused."""

import pytest
from msgspec.structs import replace

from simulator.errors import ProfileError
from simulator.journey.build import build
from simulator.journey.world import ACTS, BUGS, NETWORKS, PAGES, TARGETS, World
from simulator.kernel.rnd import ONE
from simulator.kernel.tables import draw
from simulator.profile.laws import Constant, Uniform
from simulator.profile.requests import Api
from simulator.profile.types import Act, Bug, Profile
from simulator.schema.words import CLICK, PLATFORMS, TAP


def test_names_become_numbers(shop: Profile, world: World, texts: list[str]) -> None:
    """Every row of the world says in numbers what the profile says in words."""
    for i, (name, page) in enumerate(shop.pages.items(), 1):
        row = world.pages[i]
        assert (texts[row.path], texts[row.url]) == (page.path, shop.app.origin + page.path)
        assert row.block_share == round(page.block_share * ONE)
        assert world.tables[row.assets] == len(page.assets)
        assert [world.targets[t].path for t in world.tables[row.apis + 1 : row.apis + 1 + len(page.apis)]] == [
            texts.index(shop.apis[api].path) for api in page.apis
        ]
        assert (any(row.crashes)) == (name in {"detail", "list", "home", "cart", "checkout"})
    for i, api in enumerate(shop.apis.values(), 1):
        assert (texts[world.targets[i].method], world.targets[i].status) == (api.method, api.status)
    for i, bug in enumerate(shop.bugs.values(), 1):
        row = world.bugs[i]
        assert (texts[row.name], texts[row.message], texts[row.stack]) == (bug.name, bug.message, bug.stack)
    assert [world.platforms[i].press for i in range(len(PLATFORMS))] == [CLICK, TAP, TAP, TAP]
    assert texts[0] == ""


def test_row_zero_means_none(world: World) -> None:
    """The first row of each list is empty: number 0 means none."""
    for rows in (world.pages, world.acts, world.targets, world.bugs, world.networks, world.models):
        assert rows[0] == type(rows[0])()  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Go", "Go"),
        ("x" * 20, "x" * 20),  # exactly as much as is shown
        ("x" * 21, "x" * 20 + "..."),  # one more
    ],
)
def test_a_long_text_of_a_click_is_cut(shop: Profile, name: str, shown: str) -> None:
    """The web SDK names a click after the first 20 characters of its target's text."""
    home = replace(shop.pages["home"], acts=[Act(name=name, target="/a")])
    w, strings = build(replace(shop, pages=shop.pages | {"home": home}), 1)
    assert strings.texts[w.acts[1].click_name] == f"click on button: {shown}"
    assert strings.texts[w.acts[1].name] == name


def test_the_rate_of_visits_can_be_replaced(shop: Profile) -> None:
    """Another number of visits per day replaces the profile's, and nothing else changes."""
    own, _ = build(shop, 1)
    other, _ = build(shop, 1, visits_per_day=shop.population.visits_per_day * 2)
    assert other.gap == pytest.approx(own.gap / 2, abs=1)
    other.gap = own.gap
    assert other == own


def many(shop: Profile, what: str, n: int) -> Profile:
    """Give the shop with n entries of one sort."""
    if what == "pages":
        return replace(shop, pages=shop.pages | {f"p{i}": shop.pages["done"] for i in range(n - len(shop.pages))})
    if what == "apis, assets":
        api = Api(path="/a", server=Constant(value=1), size=Constant(value=1))
        return replace(shop, apis=shop.apis | {f"a{i}": api for i in range(n - len(shop.apis) - len(shop.assets))})
    if what == "bugs":
        bug = Bug(kind="error", name="n", message="m", stack="")
        return replace(shop, bugs=shop.bugs | {f"b{i}": bug for i in range(n - len(shop.bugs))})
    if what == "networks":
        return replace(shop, networks=shop.networks | {f"n{i}": shop.networks["wifi"] for i in range(n - len(shop.networks))})
    acts = sum(len(page.acts) for page in shop.pages.values())
    done = replace(shop.pages["done"], acts=[Act(target="/", weight=1 / (n - acts))] * (n - acts))
    return replace(shop, pages=shop.pages | {"done": done})


@pytest.mark.parametrize(
    ("what", "rows"), [("pages", PAGES), ("apis, assets", TARGETS), ("bugs", BUGS), ("networks", NETWORKS), ("pages.*.acts", ACTS)]
)
def test_too_many_entries_are_refused(shop: Profile, what: str, rows: int) -> None:
    """As many entries as there are rows are taken; one more is the profile's mistake, in one line that says how many there may be."""
    build(many(shop, what, rows - 1), 1)
    with pytest.raises(ProfileError) as caught:
        build(many(shop, what, rows), 1)
    assert str(caught.value) == f"at `{what}`: found {rows} entries; expected at most {rows - 1}"


def test_too_many_laws_are_refused(shop: Profile) -> None:
    """More distinct laws than the tables hold are the profile's mistake, in one line."""
    apis = {
        f"a{i}": Api(path="/a", server=Uniform(low=i, high=i + 1), size=Constant(value=i), request_size=Constant(value=1_000 + i)) for i in range(200)
    }
    with pytest.raises(ProfileError, match="table entries; expected at most"):
        build(replace(shop, apis=shop.apis | apis), 1)


def test_equal_laws_share_a_table(shop: Profile) -> None:
    """Any number of equal laws takes no more room than one."""
    apis = {f"a{i}": Api(path="/a", server=Uniform(low=5, high=6), size=Constant(value=5)) for i in range(200)}
    w, _ = build(replace(shop, apis=shop.apis | apis), 1)
    rows = w.targets[1 + len(shop.apis) : 1 + len(shop.apis) + 200]
    assert len({row.server for row in rows}) == 1
    assert draw(w.tables, rows[0].bytes, 12_345) == 5
