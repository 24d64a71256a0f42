"""Where requests go. None of this imports Locust."""

from pathlib import Path

import pytest

from simulator.errors import ProfileError
from simulator.load.target import Place, Resolver, context, place

PLACES = [
    # URL -> secure, host, port, prefix, Host header
    ("http://rum.example", (False, "rum.example", 80, "", "rum.example")),
    ("https://rum.example/", (True, "rum.example", 443, "", "rum.example")),
    ("http://rum.example:443", (False, "rum.example", 443, "", "rum.example:443")),
    ("https://rum.example:443/a/b/", (True, "rum.example", 443, "/a/b", "rum.example")),
    ("http://127.0.0.1:8318", (False, "127.0.0.1", 8318, "", "127.0.0.1:8318")),
    ("http://[::1]:8318/x", (False, "::1", 8318, "/x", "[::1]:8318")),
    ("https://[::1]", (True, "::1", 443, "", "[::1]")),
]


@pytest.mark.parametrize(("url", "expected"), PLACES)
def test_a_url_is_taken_apart(url: str, expected: tuple[bool, str, int, str, str]) -> None:
    """Port 80 or 443 unless it says otherwise; the Host header has the port only where it is another (RFC 9110, 7.2)."""
    found = place(url)
    assert found == Place(*expected[:4])
    assert found.authority == expected[4]


@pytest.mark.parametrize(("name", "text"), [("missing.pem", None), ("empty.pem", ""), ("odd.pem", "no certificate")])
def test_certificates_that_cannot_be_read_are_one_line(tmp_path: Path, name: str, text: str | None) -> None:
    """A file of authorities that is not there, or has none in it, is named with its option."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(ProfileError) as caught:
        context(str(path))
    assert str(caught.value).startswith(f"--rum-tls-ca {path}: no certificates can be read")
    assert "\n" not in str(caught.value)


def test_trust() -> None:
    """Names and certificates are checked unless the user says any."""
    assert (context("").check_hostname, context("any").check_hostname) == (True, False)


@pytest.mark.parametrize("found", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_addresses_take_turns(found: list[str]) -> None:
    """New connections go to a host's addresses in turn."""
    resolver = known(found)
    given = [resolver.address() for _ in range(3 * len(found))]
    assert {given.count(one) for one in given} == {3}
    assert len(set(given[: len(found)])) == len(found)


def test_an_address_that_fails_is_left_out_but_for_the_last() -> None:
    """Each that takes no connection is left out, so that a request tries all of them once; the last stays for the next request."""
    resolver = known(["a", "b", "c"])
    assert [resolver.avoid(one) for one in "abc"] == [True, True, False]
    assert resolver.address() == (2, "c")


def known(found: list[str]) -> Resolver:
    """Give a resolver that has found addresses."""
    resolver = Resolver("rum.example", 80)
    resolver._found, resolver._until = [(2, one) for one in found], float("inf")
    return resolver
