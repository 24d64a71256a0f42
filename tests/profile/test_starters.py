"""The starter profiles are found by name."""

import tomllib

import pytest

from simulator.errors import ProfileError
from simulator.profile import starters


def test_shop_is_a_starter() -> None:
    """The shop is among the starters, which are listed in order and by name alone."""
    assert "shop" in starters.names()
    assert starters.names() == sorted(starters.names())
    assert not any(name.endswith(".toml") for name in starters.names())


@pytest.mark.parametrize("name", starters.names())
def test_every_starter_reads_as_toml(name: str) -> None:
    """Each starter is TOML and opens with what it is for."""
    text = starters.read(name)
    assert text.startswith("# ")
    assert tomllib.loads(text)["name"] == name


@pytest.mark.parametrize("name", ["", "shoes", "../profiles/shop", "shop.toml"])
def test_an_unknown_starter_is_the_users_mistake(name: str) -> None:
    """A name that is not a starter's, a path among them, is answered with the names there are."""
    with pytest.raises(ProfileError, match="shop"):
        starters.read(name)
