"""URLs as browsers read them. The expectations are what Node prints."""

import pytest

from simulator.scenario.urls import parse

BASE = parse("http://127.0.0.1/page/home?x=1#f")


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("HTTP://SHOP.Example.com:80/x", "http://shop.example.com/x"),  # small letters, no default port
        ("http://h", "http://h/"),
        ("\\x", "http://127.0.0.1/x"),  # a backslash is a slash
        ("..", "http://127.0.0.1/"),
        ("./x", "http://127.0.0.1/page/x"),
        ("../../../x", "http://127.0.0.1/x"),
        ("http://h/%2e%2e/a/.%2E/b/%2e", "http://h/b/"),
        (" /sp ", "http://127.0.0.1/sp"),
        ("/a\tb c", "http://127.0.0.1/ab%20c"),
        ("/日?a=日&'\"<>^`{}|", "http://127.0.0.1/%E6%97%A5?a=%E6%97%A5&%27%22%3C%3E^`{}|"),
        ('#日 `<>"^', "http://127.0.0.1/page/home?x=1#%E6%97%A5%20%60%3C%3E%22^"),
        ("/\ud83d", "http://127.0.0.1/%EF%BF%BD"),  # half a pair
        ("", "http://127.0.0.1/page/home?x=1"),
        ("?", "http://127.0.0.1/page/home?"),
        ("#", "http://127.0.0.1/page/home?x=1#"),
        ("//h/a", "http://h/a"),
        ("http:foo", "http://127.0.0.1/page/foo"),
        ("https:foo", "https://foo/"),
        ("http://u:p@h:81/a", "http://u:p@h:81/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://é.com/ß", "http://xn--9ca.com/%C3%9F"),
        ("data:image/png;base64,xx", "data:image/png;base64,xx"),
        ("http://h:99999/a", None),
        ("http://[bad", None),
        ("http://1.2.3.4.5/", None),
        ("http://a b/", None),
        ("http://", None),
    ],
)
def test_href(text: str, href: str | None) -> None:
    """A URL is completed, its dots resolved, what is not ASCII encoded; what is none gives none."""
    found = parse(text, BASE)
    assert (found and found.href) == href


def test_without_base() -> None:
    """Without a document only a whole URL is one."""
    assert [parse(text) for text in ("x", "/x", "//h/x", "#x", "")] == [None] * 5
