"""Plays a scenario through the core of edition web-0.0.37 and writes its run file."""

from pathlib import Path
from typing import Any

import msgspec

from simulator.errors import DataError
from simulator.scenario.browser import Browser
from simulator.scenario.operations import operate
from simulator.scenario.page import Page
from simulator.scenario.script import Script

HOME = "http://127.0.0.1/page/home"


def play(script: Script) -> dict[str, Any]:
    """Play a scenario; give its run: what was sent, and what stood in the storage."""
    browser = Browser(script)
    page: Page | None = None
    kept: list[dict[str, Any]] = []
    for number, step in enumerate(script.steps):
        where = f"{script.name}: step {number}"
        if step.get("op") == "open":
            if page:
                browser.clock = page.at()
            page = Page(browser, step.get("url") or HOME)
            continue
        if page is None:
            raise DataError(f"{where}: found {step.get('op')!r}; expected open first")
        match step.get("op"):
            case "store":
                session = None if browser.in_cookie else browser.session_string()
                kept.append({"label": step.get("label"), "t": page.at(), "session": session, "cookie": browser.cookie_string()})
            case "random":
                browser.random = step["value"]
            case "set_storage":
                browser.put(step["key"], str(step["value"]).replace("{now}", str(page.at()), 2))
            case "clear_storage":
                browser.clear()
            case _:
                operate(page, step, where)
    return {"name": script.name, "reports": [msgspec.to_builtins(r) for r in browser.reports], "storage": kept}


def write(run: dict[str, Any], folder: Path) -> Path:
    """Write a run file; give its path."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{run['name']}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1))
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
    return path
