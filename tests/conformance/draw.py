"""Draws scripted pages at random: every operation, waits that land beside live deadlines, settings at and beyond their limits.

Left out, because the environment of the real SDK's runs cannot do it faithfully, or the real SDK does nothing that could be compared:
- clicks on links: jsdom follows them, also without an address, and some time later
- replaceState, popstate and hashchange: no operation of the drivers
- a second `init` in one document where one asks for a remote configuration; configurations with which the real `init` throws (`sessionConfig` or
  `collectors` null, a pid without @ and a remote configuration without URL) or that are functions
- a second `init` where each report makes another: their number doubles without end
- configurations without an endpoint, or with one that is no URL
- SkyWalking headers of sampled requests: their ids are random and in base 64, so no comparison can name them
- white-screen detection (it needs pixels), `useRaf` (only where there are no long animation frames)
- steps at fractions of a ms, and long frames that are no eighths of one: the core counts whole ms, and whole us of frames
- payloads that bring their own `view`, `event_id` or `session_id`
- members `__proto__` of configurations
"""

import json
from random import Random
from typing import Any

from draw_entries import Entries
from draw_settings import ENDPOINT, Dice, Settings

Step = dict[str, Any]
EPOCH = 1_900_000_000_000
HOSTS = ("http://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1", "http://shop.example.com", "http://shop.example.com")
NAMED = ("http://shop.example.com", "http://SHOP.example.com", "http://www.example.com", "https://a.shop.example.com:8443", "http://example.com")
BUTTONS = ("#b1", ".c2", "#b3", ".in", "#i1", ".t1", "#s1", "button", "[name=buy]", "input", "#s1 option", "button.wide .in", "[type=checkbox]")
PLAIN = ("#h", "#plain", "body", "*", "body div")
MESSAGES = (
    "same", "other", "Script error.", "Script error", "Failed to fetch", "it failed  to fetch it", "boom: 1", "skip me", "日本 😀",
    "failed\u00a0fetch", "failed é fetch", "Script error.\n", "end\n", "a\u2028b",
)  # fmt: skip
NAMES = ("Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError")
PATHS = ("/page/two", "/page/two?x=1", "/page/home", "/page/home#/a", "#/b?q=1", "?z=2", "/page/home#", "three")
ODD_PATHS = ("..", "./x/%2e%2e/y", "\\z", " /sp c", "/日?é#ü", "?#/a", "/t\tab", "/^`'\"", "")
LOOPED = 20_000
TEXTS = ("x", "é", "日", "😀", '"', "\n")
ANSWERS = {
    "/api/200": {"status": 200, "statusText": "OK", "ms": 30, "body": "{}"},
    "/api/204": {"status": 204, "statusText": "", "ms": 1, "body": ""},
    "/api/404": {"status": 404, "statusText": "Not Found", "ms": 30, "body": "no"},
    "/api/500": {"status": 500, "statusText": "Internal Server Error", "ms": 30, "body": "日本"},
    "/api/slow": {"status": 200, "statusText": "OK", "ms": 2500, "body": "x"},
    "/api/at": {"status": 301, "statusText": "Moved", "ms": 2800, "body": "x"},
    "/api/fail": {"fail": True, "ms": 10},
    "/api/now": {"status": 200, "statusText": "OK", "ms": 0, "body": "{}"},
}


class Drawer(Dice):
    """One scenario in the making. It follows roughly what time it is and which deadlines are near; being wrong costs nothing but aim."""

    def __init__(self, rng: Random, name: str) -> None:
        """Begin a scenario."""
        super().__init__(rng)
        self.name = name
        self.steps: list[Step] = []
        self.host = rng.choice(HOSTS)
        self.answers: dict[str, Any] = dict(ANSWERS)
        self.settings, self.entries = Settings(rng, self.host, self.answers), Entries(rng, self.host)
        self.at = self.event_at = self.born = EPOCH
        self.loaded: dict[int, int] = {}
        self.ready: set[int] = set()
        self.remote: dict[int, bool] = {}
        self.tab = self.stores = 0
        self.no_beacon = self.often(0.05)
        self.loops = self.no_beacon and self.settings.endpoint != ENDPOINT
        """Each report makes another one: no long waits."""

    def add(self, op: str, **rest: Any) -> None:
        """Add a step."""
        self.steps.append({"op": op, **rest})

    def event(self) -> None:
        """Note that there was an event."""
        self.event_at = self.at

    def wait(self, ms: float) -> None:
        """Let time pass; seldom as in a suspended page."""
        ms = max(0, int(ms)) if not self.loops else min(max(0, int(ms)), LOOPED)
        self.add("jump" if self.often(0.04) else "advance", ms=ms)
        self.at += ms

    def open(self) -> None:
        """Load a document and, as a rule, set the SDK up."""
        host = self.of(*NAMED) if self.host != HOSTS[0] and self.often(0.3) else self.host
        path = self.of(*ODD_PATHS[4:8], "") if self.often(0.05) else self.of("/page/home", "/page/home", "/page/two?q=1", "/page/home#/a", "/")
        self.add("open", url=host + path)
        self.at += 100
        self.loaded[self.tab] = self.at - 100
        self.ready.discard(self.tab)
        if self.often(0.12):
            for _ in range(self.rng.randint(1, 4)):
                self.of(self.emit, self.request, self.click, self.visibility, self.push, lambda: self.wait(self.of(0, 5, 50)))()
        if self.often(0.97):
            self.init()
            self.born = self.at

    def init(self) -> None:
        """Set the SDK up; once more only if no remote configuration is asked for and reports do not make reports."""
        config = self.settings.config()
        if self.tab in self.ready:
            if self.remote.get(self.tab) or self.loops:
                return
            config.pop("remoteConfig", None)
        self.remote[self.tab] = "remoteConfig" in config
        self.add("init", config=config)
        self.ready.add(self.tab)
        self.event()

    def custom(self) -> None:
        """Send a custom event."""
        payload: dict[str, Any] = {"type": self.of("t", "t", "t", "", "u"), "name": self.of("n", "m", "o", "")}
        for key in ("value", "group", "extra", "properties"):
            if self.often(0.2):
                payload[key] = self.settings.value()
        if self.often(0.05):
            payload |= self.of({"timestamp": 5}, {"times": 7}, {"event_type": "action"})
        self.add("custom", payload=payload)
        self.event()

    def burst(self) -> None:
        """Send many events at once."""
        ops = self.of("custom", "custom", "custom", "fetch", "xhr")
        for i in range(self.of(2, 19, 20, 21, 25, 45, 101)):
            self.add(ops, **({"payload": {"type": "b", "name": f"n{i}"}} if ops == "custom" else {"url": f"/api/{i % 7}"}))
        self.event()

    def big(self) -> None:
        """Send an event that fills a request."""
        text = self.of(*TEXTS)
        size = self.of(59_000, 59_400, 59_500, 59_550, 59_600, 61_000) // len(text.encode())
        self.add("custom", payload={"type": "big", "name": "big", "big": text * size})
        self.event()

    def api(self) -> None:
        """Send an exception, a view or a resource."""
        name, message = self.of("N", "M", ""), self.of("m", "m", "same", "", "日") if self.often(0.9) else self.settings.value()
        stack = {"stack": self.of("s", "")} if self.often(0.4) else {"stack": self.settings.value()} if self.often(0.1) else {}
        times = {"times": self.settings.value()} if self.often(0.1) else {}
        draws = (
            (
                "exception",
                {"name": name, "message": message, **stack, **times, **({"type": "x", "extra": self.settings.value()} if self.often(0.3) else {})},
            ),
            (
                "view_api",
                {"type": self.of("custom", "", "perf", "x"), **{t: self.of(1, 0, "1", None, 2.5) for t in ("t1", "t2", "t3") if self.often(0.5)}},
            ),
            (
                "resource_api",
                {"name": name, "type": self.of("t", ""), "duration": self.of(5, 0, "5", None, 1.25), **({"times": 3} if self.often(0.2) else {})},
            ),
        )
        op, payload = self.of(*draws)
        self.add(op, payload=payload)
        self.event()

    def click(self) -> None:
        """Click on something."""
        self.add(self.of("click", "click", "click_untrusted"), selector=self.of(*BUTTONS, *PLAIN))
        self.event()

    def error(self) -> None:
        """Throw, reject or print an error."""
        op = self.of("error", "error", "rejection", "console_error")
        rest: dict[str, Any] = {"message": self.of(*MESSAGES, "", "same", "same", "same", "same")}
        if op != "console_error" and self.often(0.7):
            rest["name"] = self.of("Error", "Error", *NAMES)
        if op != "console_error" and self.often(0.2):
            rest["stack"] = self.of("s: x", "TypeError: skip", "at http://h/b.js:1:1")
        if op == "error" and self.often(0.3):
            rest |= {"file": "http://h/b.js", "line": 7, "column": 9}
        self.add(op, **rest)
        self.event()

    def url(self) -> str:
        """Draw the URL of a request."""
        path = self.of(*ANSWERS, "/api/200", "/other", "/api/200?a=1")
        if self.often(0.05):
            path = self.of("/x/../api/200", "/api\\404", "/日?é", "/a b", "/%2e/api/500", "/" + "😀" * self.of(4081, 4082, 4083))
        own = (
            "http://h/rum/x",
            "/rum/x",
            "http://www.google-analytics.com/x",
            "http://h/retcode",
            "//127.0.0.1/forum",
            "http://h.mmstat.com/a",
            "data:text/plain,hi",
        )
        if self.often(0.12):
            return self.of(*own)
        if self.often(0.02):
            return "http://127.0.0.1/" + "l" * self.of(8164, 8165, 8166)
        return (
            self.of("http://127.0.0.1", "http://127.0.0.1", self.host, "", "http://other", "//127.0.0.1", "HTTP://127.0.0.1") + path
            if self.often(0.92)
            else self.of("api/200", "?q", "http://other", "")
        )

    def request(self) -> None:
        """Send a request."""
        if self.often(0.5):
            init: dict[str, Any] = {}
            if self.often(0.4):
                init["method"] = self.of("GET", "post", "HEAD", "head", "PUT")
            if self.often(0.15):
                init["mode"] = self.of("no-cors", "cors")
            self.add("fetch", url=self.url(), **({"init": init} if init or self.often(0.2) else {}))
        else:
            self.add("xhr", url=self.url(), **({"method": self.of("GET", "post", "HEAD", "PUT")} if self.often(0.5) else {}))

    def push(self) -> None:
        """Change the URL."""
        way = self.of("pushState", "pushState", "pushState", "replaceState", "popstate")
        self.add(way, url=self.of(*ODD_PATHS) if self.often(0.15) else self.of(*PATHS))

    def visibility(self) -> None:
        """Hide or show the page."""
        self.add("visibility", state=self.of("hidden", "hidden", "visible"))

    def emit(self) -> None:
        """Let the browser record entries."""
        self.entries.at = self.at - self.loaded[self.tab]
        e = self.entries
        kinds = (e.timing, e.timing, e.resource, e.resource, e.frame, e.frame, e.vital, e.vital, e.vital, e.vital)
        kind = self.of(*kinds)
        entries = [entry for _ in range(self.of(1, 1, 1, 2, 3)) for entry in (self.of(*kinds) if self.often(0.1) else kind)()]
        if entries:
            self.add("emit", entries=entries)
        if kind == e.vital and self.often(0.4):
            self.of(self.visibility, self.click)()
        if self.often(0.5):
            self.wait(self.of(0, 16, 199, 200, 201, 400, 999, 1000, 1001))

    def set_config(self) -> None:
        """Change a setting."""
        t = self.settings
        draws = (
            ("reportConfig", t.report_config), ("collectors", lambda: {"webVitals": self.of(True, False)}), ("version", lambda: self.of("3", None)),
            ("env", lambda: self.of("pre", "")), ("user", t.members), ("properties", t.members), ("app", t.members), ("filters", t.filters),
            ("spaMode", lambda: self.of(True, False, "hash")), ("sessionConfig", t.session_config), ("tracing", t.tracing),
        )  # fmt: skip
        key, draw = self.of(*draws)
        self.add("setConfig", key=key, value=draw())

    def storage(self) -> None:
        """Write to the storage from outside, or clear it."""
        if self.often(0.2):
            self.add("clear_storage")
            return
        id_ = self.of("", "abc", "0123456789abcdef" * 2, "a" * 32)
        start, last = (
            self.of("{now}", str(self.at - self.settings.longest + self.of(-1, 0, 1)), "0", ""),
            self.of("{now}", str(self.at - self.settings.overtime + self.of(-1, 0, 1)), "x"),
        )
        sessions = (
            f"{id_}-1-{start}-{last}",
            f"{id_}-1-{{now}}-{last}",
            f"{id_}-0-{{now}}-{{now}}",
            f"{id_}--{{now}}-{{now}}",
            f"{id_}-2-{start}-{{now}}-extra",
        )
        odd = (
            "",
            "abc",
            "-",
            "----",
            f"{id_}-1-{{now}}",
            f"{id_}-1-{{now}}abc-{{now}}",
            f"{id_}-1- {{now}}-+{{now}}",
            "x-1-0x10-{now}",
            f"{id_}-1-99{{now}}-{{now}}",
            f"{id_}-1-\ufeff{{now}}-\x1c{{now}}",
            f"{id_}-1-9007199254740993-{{now}}",
        )
        key = "_arms_session" + self.of("", "", "", "", ":127.0.0.1", ":example.com")
        content = json.dumps(
            {
                "timestamp": 1,
                **self.of({}, {"pid": "app1@deadbeef"}, {"pid": "app9@x"}, {"pid": ""}),
                "content": self.of(self.settings.remote_content(), self.settings.remote_content(), [], None, "x"),
            }
        )
        self.add(
            "set_storage",
            **self.of(
                {"key": key, "value": self.of(*sessions)}, {"key": key, "value": self.of(*sessions)}, {"key": key, "value": self.of(*odd)},
                {"key": "_arms_uid", "value": self.of("user_1", "me", "uid_0123456789abcdef", "")},
                {"key": "arms_rum2_local_config", "value": self.of(content, content, content, "{", "5", "null", "[]", '{"content":5}')},
            ),
        )  # fmt: skip

    def store(self) -> None:
        """Look at the storage."""
        self.stores += 1
        self.add("store", label=f"s{self.stores}")

    def aim(self) -> None:
        """Wait until a deadline, or a ms beside it."""
        event, t = self.event_at, self.settings
        due = [
            event + t.flush, event + 1000, event + 200, event + 400, self.at + 200, self.at + 230, self.at + 1000, self.at + t.flush, self.at + 2700,
            event + t.overtime, event + 1000 + t.overtime, event + 1000 + t.overtime, event + 2000 + t.overtime, self.born + t.longest,
        ]  # fmt: skip
        self.wait(self.of(*due) + self.of(-1, 0, 0, 1) - self.at)

    def switch(self) -> None:
        """Go to the other tab."""
        self.tab = self.of(0, 1)
        self.add("tab", n=self.tab)
        if self.tab not in self.loaded:
            self.open()

    def draw(self) -> dict[str, Any]:
        """Draw a scenario."""
        random = self.of(0.3, 0.3, 0, 0.5, 0.999999, self.rng.random())
        self.open()
        draws = [
            (8, self.aim), (5, lambda: self.wait(self.of(0, 1, 5, 16, 50, 100, 199, 500, 999, 2000, 3100, 5000))), (7, self.custom), (1, self.burst),
            (0.7, self.big), (3, self.api), (5, self.click), (4, self.error), (5, self.request), (3, self.push), (5, self.emit), (2, self.visibility),
            (2, self.set_config), (1.5, self.storage), (3, self.store), (0.5, lambda: self.add("scroll")), (1, self.open),
            (0.4, self.init), (1, lambda: self.add("random", value=self.of(0, 0.2, 0.3, 0.5, 0.9, self.rng.random()))),
        ]  # fmt: skip
        if self.often(0.2):
            draws.append((3, self.switch))
        spread = self.of((0, 0.3, 1, 1, 3), (0, 0, 1, 10))  # some scenarios do a few things only, but often
        focus = [(weight * self.of(*spread), do) for weight, do in draws]
        for do in self.rng.choices([do for _, do in focus], [weight + 0.01 for weight, _ in focus], k=self.rng.randint(3, 45)):
            if do == self.set_config and self.tab not in self.ready:
                continue
            do()
        self.wait(self.of(4000, 12_000))
        self.store()
        used = {"random": random} | ({"noBeacon": True} if self.no_beacon else {})
        return {"name": self.name, "endpoint": self.settings.endpoint, "epoch": EPOCH, **used, "steps": self.steps, "http": self.answers}
