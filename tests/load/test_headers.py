"""What a device's requests say in their headers. None of this imports Locust."""

import pytest

from simulator.load.headers import BROWSER, IOS, MINIAPP, Who, headers

ORIGIN = "https://shop.example"
ANDROID = "android"
DESKTOP = Who(BROWSER, "Desktop", "Windows", "11", "CN")
WHOS = {
    "Windows": DESKTOP,
    "macOS": Who(BROWSER, "Mac", "macOS", "15", "DE"),
    "Linux": Who(BROWSER, "Desktop", "Linux", "6.8", "US"),
    "a phone's Chromium": Who(BROWSER, "Pixel 8", "Android", "14", "BR"),
    "a phone's Safari": Who(BROWSER, "iPhone15,4", "iOS", "18.5", "JP"),
    "a mini program on iOS": Who(MINIAPP, "iPhone15,4", "iOS", "18.5", "CN"),
    "a mini program on Android": Who(MINIAPP, "22041211AC", "Android", "14", "CN"),
    "an app on iOS": Who(IOS, "iPhone16,1", "iOS", "17.7", "SG"),
    "an app on Android": Who(ANDROID, "SM-S9210", "Android", "14", "IN"),
}
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    # Chromium names a frozen platform, and no device
    "Windows": f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/138.0.0.0 Safari/537.36",
    "macOS": f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Chrome/138.0.0.0 Safari/537.36",
    "Linux": f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/138.0.0.0 Safari/537.36",
    "a phone's Chromium": f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/138.0.0.0 Mobile Safari/537.36",
    "a phone's Safari": (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
    ),
}
NAMED = {
    # what else tells the device
    "a mini program on iOS": ["CPU iPhone OS 18_5 like Mac OS X", "MicroMessenger/", "Language/zh_CN", "MiniProgramEnv/iOS"],
    "a mini program on Android": ["Android 14; 22041211AC", "MicroMessenger/", "Language/zh_CN", "MiniProgramEnv/Android"],
    "an app on iOS": ["CFNetwork/", "Darwin/", "iPhone16,1"],
    "an app on Android": ["Dalvik/", "Android 14; SM-S9210"],
}
LANGUAGES = [("CN", "zh-CN,zh;q=0.9"), ("DE", "de-DE,de;q=0.9"), ("BR", "pt-BR,pt;q=0.9"), ("IN", "hi-IN,hi;q=0.9"), ("JP", "ja-JP,ja;q=0.9")]
UNKNOWN = ["", "ZZ", "Atlantis"]


@pytest.mark.parametrize("name", AGENTS)
def test_a_browser_s_user_agent(name: str) -> None:
    """A browser's User-Agent is that of its kind on its system."""
    assert headers(WHOS[name], ORIGIN, "text/plain")["User-Agent"] == AGENTS[name]


@pytest.mark.parametrize("name", NAMED)
def test_an_application_s_user_agent(name: str) -> None:
    """An application's names what it is built on, the system and the model."""
    agent = headers(WHOS[name], ORIGIN, "application/json")["User-Agent"]
    assert all(part in agent for part in NAMED[name]), agent


@pytest.mark.parametrize("name", WHOS)
def test_only_pages_have_an_origin(name: str) -> None:
    """A browser tells the origin of the page and no more of its address (strict-origin-when-cross-origin); applications have none."""
    named = headers(WHOS[name], ORIGIN, "text/plain")
    is_browser = WHOS[name].app_type == BROWSER
    assert named.get("Origin") == (ORIGIN if is_browser else None)
    assert (named.get("Referer") == f"{ORIGIN}/") == is_browser
    assert ("Sec-Fetch-Mode" in named) == is_browser


@pytest.mark.parametrize("name", WHOS)
def test_only_chromium_gives_hints(name: str) -> None:
    """Client hints come from Chromium alone, and agree with its User-Agent."""
    named = headers(WHOS[name], ORIGIN, "text/plain")
    if "Chrome/" in named["User-Agent"] and WHOS[name].app_type == BROWSER:
        assert named["Sec-CH-UA-Platform"] == f'"{WHOS[name].os_name}"'
        assert (named["Sec-CH-UA-Mobile"] == "?1") == ("Mobile" in named["User-Agent"])
        assert 'v="138"' in named["Sec-CH-UA"]
    else:
        assert not any(header.startswith("Sec-CH") for header in named)


@pytest.mark.parametrize(("country", "expected"), LANGUAGES)
def test_the_language_is_the_country_s(country: str, expected: str) -> None:
    """A device asks in the language that most people of its country speak, as the CLDR's likely subtags say."""
    assert headers(DESKTOP._replace(country=country), ORIGIN, "text/plain")["Accept-Language"] == expected


@pytest.mark.parametrize("country", UNKNOWN)
def test_where_no_country_is_known_it_is_english(country: str) -> None:
    """Devices from nowhere ask in English."""
    assert headers(DESKTOP._replace(country=country), ORIGIN, "text/plain")["Accept-Language"] == "en-US,en;q=0.9"


@pytest.mark.parametrize("name", WHOS)
def test_headers_are_sound(name: str) -> None:
    """The content type is the one that was asked for, Host and Content-Length are left to who sends, and no value breaks a line."""
    named = headers(WHOS[name], ORIGIN, "text/plain;charset=UTF-8")
    assert named["Content-Type"] == "text/plain;charset=UTF-8"
    assert not {"host", "content-length", "content-encoding"} & {header.lower() for header in named}
    assert all(value and value.isprintable() and value.isascii() for value in named.values())
