"""What the requests of a device say in their headers: who asks, from where, in which language.

Those of browsers are as captured from Chromium (FACTS: captures), with its reduced User-Agent, which names a frozen platform and no device; all
others are assumed. Host and Content-Length belong to who sends.
"""

from typing import Final, NamedTuple

from babel.core import get_global

BROWSER, MINIAPP, IOS = "browser", "miniapp", "ios"
CHROMIUM: Final = "138"  # assumed: one version for all
WEBKIT: Final = "AppleWebKit/537.36 (KHTML, like Gecko)"
SAFARI: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
PLATFORMS: Final = {"Windows": "Windows NT 10.0; Win64; x64", "macOS": "Macintosh; Intel Mac OS X 10_15_7", "Android": "Linux; Android 10; K"}
"""Chromium's, frozen since it reduces the User-Agent."""
LINUX: Final = "X11; Linux x86_64"
ENGLISH: Final = "en-US"


class Who(NamedTuple):
    """A device as far as its headers tell; `country`: ISO 3166, "" where it has none. `app_type`: of its edition."""

    app_type: str
    model: str
    os_name: str
    os_version: str
    country: str


def headers(who: Who, origin: str, content_type: str) -> dict[str, str]:
    """Give the headers of a payload, in their order; `origin`: scheme and host of the application's pages."""
    language = _language(who.country)
    named = {"User-Agent": _user_agent(who, language), "Content-Type": content_type, "Accept": "*/*"}
    if who.app_type == BROWSER:
        named |= _hints(who) | {
            "Origin": origin,
            "Sec-Fetch-Site": "cross-site",
            "Sec-Fetch-Mode": "cors",
            "Sec-Fetch-Dest": "empty",
            "Referer": f"{origin}/",  # strict-origin-when-cross-origin, the default
        }
    if who.app_type == MINIAPP:
        named["Referer"] = "https://servicewechat.com/"
    named["Accept-Encoding"] = "gzip, deflate, br, zstd" if who.app_type == BROWSER else "gzip"
    if who.app_type in (BROWSER, IOS, MINIAPP):
        short = language.partition("-")[0]
        named["Accept-Language"] = f"{language},{short};q=0.9"
    return named


def _user_agent(who: Who, language: str) -> str:
    version = who.os_version.replace(".", "_")
    phone = f"Mozilla/5.0 (iPhone; CPU iPhone OS {version} like Mac OS X) {SAFARI}"
    if who.app_type == BROWSER:
        if who.os_name == "iOS":
            return f"{phone} Version/{who.os_version} Mobile/15E148 Safari/604.1"
        mobile = " Mobile" if who.os_name == "Android" else ""
        return f"Mozilla/5.0 ({PLATFORMS.get(who.os_name, LINUX)}) {WEBKIT} Chrome/{CHROMIUM}.0.0.0{mobile} Safari/537.36"
    if who.app_type == MINIAPP:
        device = phone if who.os_name == "iOS" else f"Mozilla/5.0 (Linux; Android {who.os_version}; {who.model}) {WEBKIT} Chrome/{CHROMIUM}.0.0.0"
        return f"{device} MicroMessenger/8.0.61 Language/{language.replace('-', '_')} MiniProgramEnv/{who.os_name}"
    if who.app_type == IOS:
        return f"App/1 CFNetwork/3826.500.111 Darwin/24.5.0 {who.model}"
    return f"Dalvik/2.1.0 (Linux; U; Android {who.os_version}; {who.model})"


def _hints(who: Who) -> dict[str, str]:
    """Give the client hints, which only Chromium sends."""
    if who.os_name == "iOS":
        return {}
    mobile = "?1" if who.os_name == "Android" else "?0"
    brands = f'"Not:A-Brand";v="8", "Chromium";v="{CHROMIUM}"'
    return {"Sec-CH-UA-Platform": f'"{who.os_name}"', "Sec-CH-UA": brands, "Sec-CH-UA-Mobile": mobile}


def _language(country: str) -> str:
    """Give the language that most people of a country speak, as the Unicode CLDR has it (likely subtags), and its country."""
    likely = get_global("likely_subtags").get(f"und_{country}")
    return f"{likely.partition('_')[0]}-{country}" if likely else ENGLISH
