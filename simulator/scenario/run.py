"""Plays a scenario through the core of edition web-0.0.37 and writes its run file."""

import heapq
from pathlib import Path
from typing import Any

import msgspec

from simulator.errors import DataError
from simulator.scenario.browser import SESSION_KEY, Browser
from simulator.scenario.operations import operate
from simulator.scenario.page import Document
from simulator.scenario.script import Script
from simulator.scenario.steps import check
from simulator.scenario.urls import parse

HOME = "http://127.0.0.1/page/home"
Run = dict[str, Any]


class Tabs:
    """The tabs of a browser: one document each, one clock for all."""

    def __init__(self, script: Script) -> None:
        """Begin without a document."""
        self.name = script.name
        self.browser = Browser(script)
        self.pages: dict[int, Document] = {}
        self.documents: list[Document] = []
        """All that were ever open."""
        self.tab = 0
        self.origin = ""
        """Of the page that was looked at last."""
        self.stored: list[dict[str, Any]] = []

    def do(self, step: dict[str, Any]) -> None:
        """Do one step of a script; raise DataError for one that is none."""
        browser = self.browser
        check(step)
        match step["op"]:
            case "tab":
                self.tab = step["n"]
                self.origin = self.pages[self.tab].place.origin if self.tab in self.pages else self.origin
            case "open":
                self.open(step.get("url") or HOME)
            case "advance":
                self.advance(step["ms"])
            case "jump":
                browser.now += step["ms"]
            case "random":
                browser.random = step["value"]
            case "set_storage":
                browser.local(self.origin)[step["key"]] = step["value"].replace("{now}", str(browser.at()), 2)
            case "clear_storage":
                browser.local(self.origin).clear()
            case "store":
                session, cookie = browser.local(self.origin).get(SESSION_KEY), browser.cookies.string(self.page().place.name)
                self.stored.append({"label": step.get("label"), "t": browser.at(), "session": session, "cookie": cookie})
            case _:
                operate(self.page(), step)

    def page(self) -> Document:
        """Give the document of the current tab."""
        if self.tab not in self.pages:
            raise DataError("no page is open; expected open first")
        return self.pages[self.tab]

    def open(self, url: str) -> None:
        """Load a document into the current tab; what the one before had not sent is lost."""
        place = parse(url)
        if place is None or place.scheme not in ("http", "https"):
            raise DataError(f"found url = {url!r:.80}; expected that of a page, with http or https")
        if before := self.pages.get(self.tab):
            before.open.on = False
        self.pages[self.tab] = Document(self.browser, place)
        self.documents.append(self.pages[self.tab])
        self.origin = place.origin
        self.browser.local(self.origin)

    def advance(self, ms: float) -> None:
        """Let time pass, and all timers fire that are due, in their order."""
        browser = self.browser
        end = browser.now + ms
        while True:
            while browser.timers and not browser.timers[0][2].on:
                heapq.heappop(browser.timers)
            due, armed, page = min(
                ((*page.next_timer(), page) for document in self.pages.values() for page in document.parts()),
                key=lambda t: t[:2],
                default=(end + 1, 0, None),
            )
            own = bool(browser.timers) and browser.timers[0][:2] < (due, armed)
            due = browser.timers[0][0] if own else due
            if due > end:
                break
            browser.now = max(browser.now, due)
            if own:
                heapq.heappop(browser.timers)[3]()
            elif page:
                page.fire()
        browser.now = end


def play(script: Script) -> Run:
    """Play a scenario; give its run: what was sent, and what stood in the storage."""
    tabs = Tabs(script)
    for number, step in enumerate(script.steps):
        try:
            tabs.do(step)
        except DataError as error:
            raise DataError(f"{script.name}: step {number}: {error}") from None
    return {"name": script.name, "reports": [msgspec.to_builtins(r) for r in tabs.browser.reports], "storage": tabs.stored}


def write(run: Run, folder: Path) -> Path:
    """Write a run file; give its path."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{run['name']}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1))
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
    return path
