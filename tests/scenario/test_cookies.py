"""Cookies by domain, as the SDK sets and reads them."""

import pytest

from simulator.scenario.cookies import Cookies, accepts


@pytest.mark.parametrize(
    ("host", "domain", "accepted"),
    [
        ("shop.example.com", "shop.example.com", True),
        ("shop.example.com", "example.com", True),  # above
        ("example.com", "shop.example.com", False),  # below
        ("shop.example.com", "other.com", False),
        ("shop.example.com", "com", False),  # of all
        ("badexample.com", "example.com", False),  # no label of its own
        ("localhost", "localhost", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", False),  # addresses have no domains
    ],
)
def test_domains(host: str, domain: str, accepted: bool) -> None:
    """A host sets cookies for itself and for domains above it."""
    assert accepts(host, domain) == accepted


def test_shared_below_a_domain() -> None:
    """A cookie is seen by all hosts of its domain, and by no others; the domain's case and leading dot do not matter."""
    cookies = Cookies()
    cookies.set("shop.example.com", ".Example.com", "a", "1%202")
    assert [cookies.get(host, "a") for host in ("www.example.com", "example.com", "example.org")] == ["1 2", "1 2", None]
    assert cookies.string("www.example.com") == "a=1%202"


def test_two_of_one_name() -> None:
    """Where a host and a domain above it have a cookie of one name, the SDK reads neither."""
    cookies = Cookies()
    for domain in ("example.com", "shop.example.com"):
        cookies.set("shop.example.com", domain, "a", domain)
    assert cookies.get("shop.example.com", "a") is None
    assert cookies.get("www.example.com", "a") == "example.com"
    assert cookies.string("shop.example.com") == "a=example.com; a=shop.example.com"


def test_rejected_without_a_word() -> None:
    """A cookie of a foreign domain is not there."""
    cookies = Cookies()
    cookies.set("shop.example.com", "other.com", "a", "1")
    assert cookies.string("other.com") == cookies.string("shop.example.com") == ""
