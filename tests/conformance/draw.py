"""Draws scripted pages at random: every operation, waits that land beside live deadlines, settings at and beyond their limits.

Left out, because the environment of the real SDK's runs cannot do it faithfully, or the real SDK does nothing that could be compared:
- clicks on links: jsdom follows them, also without an address, and some time later; replaceState, popstate and hashchange: no operation of the drivers
- a second `init` in one document; configurations with which the real `init` throws (`sessionConfig` or `collectors` null, a pid without @ and a
  remote configuration without URL) or that are functions
- an endpoint without "rum" or another one than the scenario's (without sendBeacon it would report its own reports for ever), or none
- SkyWalking headers of sampled requests: their ids are random and in base 64, so no comparison can name them
- white-screen detection (it needs pixels), `useRaf` (only where there are no long animation frames)
- steps at fractions of a ms, and long frames that are no eighths of one: the core counts whole ms, and whole us of frames
- payloads that bring their own `view`, `event_id` or `session_id`; more than 60 requests and static files under way (the core has 64 places)
- percent-encoding and dots in paths, regular expressions that Python and JavaScript read differently
"""

import json
import string
from random import Random
from typing import Any

Step = dict[str, Any]
ENDPOINT = "http://127.0.0.1/rum/collect"
EPOCH = 1_900_000_000_000
HOSTS = ("http://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1", "http://shop.example.com")
BUTTONS = ("#b1", ".c2", "#b3", ".in", "#i1", ".t1", "#s1")
PLAIN = ("#h", "#plain", "body")
MESSAGES = ("same", "other", "Script error.", "Script error", "Failed to fetch", "it failed  to fetch it", "boom: 1", "skip me", "日本 😀")
NAMES = ("Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError")
PATHS = ("/page/two", "/page/two?x=1", "/page/home", "/page/home#/a", "#/b?q=1", "?z=2", "/page/home#", "three")
TEXTS = ("x", "é", "日", "😀", '"', "\n")
WRONG = (None, "x", "", True, False, [], {}, -1)
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


class Drawer:
    """One scenario in the making. It follows roughly what time it is and which deadlines are near; being wrong costs nothing but aim."""

    def __init__(self, rng: Random, name: str) -> None:
        self.rng, self.name = rng, name
        self.steps: list[Step] = []
        self.host = rng.choice(HOSTS)
        self.at = EPOCH
        self.loaded: dict[int, int] = {}
        self.ready: set[int] = set()
        self.tab = 0
        self.event_at = self.born = EPOCH
        self.flush, self.overtime, self.longest = 3000, 1_800_000, 86_400_000
        self.answers: dict[str, Any] = dict(ANSWERS)
        self.stores = 0
        self.waiting = 0

    # ---- helpers

    def often(self, share: float) -> bool:
        return self.rng.random() < share

    def of(self, *choices: Any) -> Any:
        return self.rng.choice(choices)

    def add(self, op: str, **rest: Any) -> None:
        self.steps.append({"op": op, **rest})

    def event(self) -> None:
        self.event_at = self.at

    def wait(self, ms: float) -> None:
        ms = max(0, int(ms))
        self.add("jump" if self.often(0.04) else "advance", ms=ms)
        self.at += ms
        if ms > 1300:
            self.waiting = 0

    # ---- configuration

    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"pid": self.of("app1@deadbeef", "app1@deadbeef", "app2@beef"), "endpoint": ENDPOINT}
        parts = (
            (0.5, "sessionConfig", self.session_config), (0.35, "reportConfig", self.report_config), (0.3, "collectors", self.collectors),
            (0.35, "spaMode", lambda: self.of(False, True, "auto", "history", "hash", "x", 0, None)),
            (0.2, "remoteConfig", self.remote), (0.25, "tracing", self.tracing), (0.2, "filters", self.filters),
            (0.2, "env", lambda: self.of("prod", "daily", "", 5, None)), (0.2, "version", lambda: self.of("1", "2.0", 3, None)),
        )  # fmt: skip
        for share, key, draw in parts:
            if self.often(share):
                config[key] = draw()
        for key in ("app", "user", "device", "os", "geo", "isp", "net", "properties"):
            if self.often(0.08):
                config[key] = self.members()
        return config

    def members(self) -> Any:
        if self.often(0.1):
            return self.of(*WRONG)
        found = {self.of("id", "name", "model", "type", "k" * 49, "k" * 50, "k" * 51, "😀" * 26): self.value() for _ in range(self.rng.randint(0, 4))}
        if self.often(0.2):
            found |= {f"key{i}{'x' * self.of(0, 50)}": self.value() for i in range(self.of(19, 20, 21, 25))}
        return found

    def value(self) -> Any:
        return self.of(
            "v",
            "",
            0,
            1,
            -2.5,
            1e21,
            1e-7,
            None,
            True,
            [1, "a"],
            {"a": 1},
            "日本",
            "😀" * self.of(3, 999, 1000, 1001),
            "y" * self.of(1999, 2000, 2001),
            12345.6789,
        )

    def session_config(self) -> Any:
        if self.often(0.05):
            return self.of("x", 5, [], True)
        found: dict[str, Any] = {}
        if self.often(0.5):
            found["sampleRate"] = self.of(0, 1, 0.5, 0.3, 0.2999999, 0.3000001, 0.001, 1.0001, -0.1, "0", None, True)
        if self.often(0.6):
            found["overtime"] = self.of(600_000, 600_000, 600_000, 599_999, 600_001, 3_600_000, 3_600_001, 1_800_000, "600000", None, 2000, 600_000.5)
            self.overtime = self._limit(found["overtime"], 600_000, 3_600_000, 1_800_000)
        if self.often(0.4):
            found["maxDuration"] = self.of(14_400_000, 14_400_000, 14_399_999, 14_400_001, 86_400_000, 86_400_001, "14400000", None, 5000)
            self.longest = self._limit(found["maxDuration"], 14_400_000, 86_400_000, 86_400_000)
        if self.often(0.3):
            found["storage"] = self.of("cookie", "cookie", "localStorage", "auto", "bogus", None, 5)
        if self.often(0.1):
            found["domain"] = self.of("shop.example.com", "example.com") if "shop" in self.host else "127.0.0.1"
        return found

    @staticmethod
    def _limit(value: Any, least: int, most: int, otherwise: int) -> int:
        return int(value) if isinstance(value, int | float) and least <= value <= most else otherwise

    def report_config(self) -> Any:
        if self.often(0.08):
            return self.of(None, "x", 5, [], True)
        found: dict[str, Any] = {}
        if self.often(0.7):
            found["flushTime"] = self.of(
                0, 1, 0.5, 100, 500, 2500.5, 2999, 3000, 9999, 10_000, 10_001, -1, "5000", "abc", True, None, [], {}, [700], "0x10"
            )
            self.flush = self._limit(found["flushTime"], 1, 10_000, 3000)
        if self.often(0.6):
            found["maxEventCount"] = self.of(0, 1, 2, 2.5, 3, 5, 20, 99, 100, 101, 0.5, "3", "abc", True, None, [4], {})
        return found

    def collectors(self) -> Any:
        if self.often(0.06):
            return self.of("x", 5, [])
        names = ("perf", "webVitals", "api", "staticResource", "action", "consoleError", "jsError")
        found: dict[str, Any] = {name: self.of(False, False, True, 0, "false") for name in names if self.often(0.2)}
        if self.often(0.7):
            found["longtask"] = self.of(True, True, True, False, 1)
        return found

    def filters(self) -> Any:
        found: dict[str, Any] = {}
        if self.often(0.6):
            found["exception"] = self.of("skip", ["skip", "bo"], [], "", 5, {"a": 1}, ["/skip/"], "TypeError")
        if self.often(0.6):
            found["resource"] = self.of("http://127.0.0.1/api/2", ["/api", "http://127.0.0.1/static"], [], None, "http", "/static/")
        return found

    def tracing(self) -> Any:
        if self.often(0.5):
            return self.of(True, True, False, None, "x", 0)
        found: dict[str, Any] = {}
        if self.often(0.6):
            found["propagatorTypes"] = self.of(
                ["b3"], ["tracecontext"], ["b3multi", "jaeger"], ["b3", "tracecontext", "b3multi"], ["unknown"], "b3", []
            )
        if self.often(0.5):
            found["sample"] = self.of(0, 100, 30, 29.999, 50, "100", None)
        if self.often(0.5):
            rules = (
                "http://other",
                "http://127.0.0.1/api/4",
                {"match": "http://other", "propagatorTypes": ["jaeger"]},
                {"match": "http://", "propagatorTypes": []},
            )
            found["allowedUrls"] = [self.of(*rules, 5, {"match": 1}) for _ in range(self.rng.randint(0, 3))]
        for key in ("baggage", "tracestate", "enable"):
            if self.often(0.3):
                found[key] = self.of(True, False, 1, "", None)
        return found

    def remote(self) -> Any:
        url = f"http://127.0.0.1/{self.of('cfg', 'conf')}"
        path = url.removeprefix("http://127.0.0.1")
        if self.often(0.2):
            url, path = self.of(None, ""), self.of("/config/cn-hangzhou/deadbeef", "/config/cn-hangzhou/beef")
        self.answers[path] = {"status": self.of(200, 200, 200, 200, 299, 300, 404, 500), "ms": self.of(0, 50, 200, 1500), "body": self.remote_body()}
        if self.often(0.1):
            self.answers[path] = {"fail": True, "ms": 50}
        if self.often(0.1):
            return self.of(True, False, None, 0, 1)
        found: dict[str, Any] = {} if url is None else {"url": url}
        if self.often(0.4):
            found["enable"] = self.of(True, True, False, None, 0)
        if self.often(0.3):
            found["reSetup"] = self.of(False, True, None)
        if self.often(0.2):
            found["mode"] = "remote-first"
        return found

    def remote_body(self) -> str:
        if self.often(0.15):
            return self.of("", "no json", "[1]", "5", "null", '"x"', '{"errorStatus":1}', "{}")
        return json.dumps(self.remote_content())

    def remote_content(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        draws = (
            ("sessionConfig", self.session_config), ("reportConfig", self.report_config), ("collectors", self.collectors), ("filters", self.filters),
            ("version", lambda: "9"), ("env", lambda: "gray"), ("pid", lambda: "evil@1"), ("spaMode", lambda: self.of(True, False, "hash")),
            ("tracing", self.tracing), ("user", self.members), ("properties", self.members), ("remoteConfig", lambda: self.of({"reSetup": False}, {"a": 1})),
        )  # fmt: skip
        for key, draw in draws:
            if self.often(0.25):
                found[key] = draw()
        return found

    # ---- operations

    def open(self) -> None:
        self.add("open", url=self.host + self.of("/page/home", "/page/home", "/page/two?q=1", "/page/home#/a", "/"))
        self.at += 100
        self.loaded[self.tab] = self.at - 100
        self.ready.discard(self.tab)
        self.waiting = 0
        if self.often(0.12):
            for _ in range(self.rng.randint(1, 4)):
                self.of(self.emit, self.request, self.click, self.visibility, self.push, lambda: self.wait(self.of(0, 5, 50)))()
        if self.often(0.97):
            self.add("init", config=self.config())
            self.ready.add(self.tab)
            self.event()
            self.born = self.at

    def custom(self) -> None:
        payload: dict[str, Any] = {"type": self.of("t", "t", "t", "", "u"), "name": self.of("n", "m", "o", "")}
        for key in ("value", "group", "extra", "properties"):
            if self.often(0.2):
                payload[key] = self.value()
        if self.often(0.05):
            payload |= self.of({"timestamp": 5}, {"times": 7}, {"event_type": "action"})
        self.add("custom", payload=payload)
        self.event()

    def burst(self) -> None:
        for i in range(self.of(2, 19, 20, 21, 25, 45, 101)):
            self.add("custom", payload={"type": "b", "name": f"n{i}"})
        self.event()

    def big(self) -> None:
        text = self.of(*TEXTS)
        size = self.of(59_000, 59_400, 59_500, 59_550, 59_600, 61_000) // len(text.encode())
        self.add("custom", payload={"type": "big", "name": "big", "big": text * size})
        self.event()

    def api(self) -> None:
        name, message = self.of("N", "M", ""), self.of("m", "same", "", "日")
        stack = {"stack": self.of("s", "")} if self.often(0.4) else {}
        draws = (
            ("exception", {"name": name, "message": message, **stack, **({"type": "x", "extra": self.value()} if self.often(0.3) else {})}),
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
        self.add(self.of("click", "click", "click_untrusted"), selector=self.of(*BUTTONS, *PLAIN))
        self.event()

    def error(self) -> None:
        op = self.of("error", "error", "rejection", "console_error")
        rest: dict[str, Any] = {"message": self.of(*MESSAGES, "", "same", "same")}
        if op != "console_error" and self.often(0.8):
            rest["name"] = self.of(*NAMES)
        if op != "console_error" and self.often(0.2):
            rest["stack"] = self.of("s: x", "TypeError: skip", "at http://h/b.js:1:1")
        if op == "error" and self.often(0.3):
            rest |= {"file": "http://h/b.js", "line": 7, "column": 9}
        self.add(op, **rest)
        self.event()

    def url(self) -> str:
        path = self.of(*ANSWERS, "/api/200", "/other", "/api/200?a=1")
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
        if self.waiting > 40:
            return
        self.waiting += 1
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
        self.add("pushState", url=self.of(*PATHS))

    def visibility(self) -> None:
        self.add("visibility", state=self.of("hidden", "hidden", "visible"))

    def emit(self) -> None:
        kinds = (self.timing, self.timing, self.resource, self.resource, self.frame, self.vital, self.vital, self.vital)
        kind = self.of(*kinds)
        entries = [entry for _ in range(self.of(1, 1, 1, 2, 3)) for entry in (self.of(*kinds) if self.often(0.1) else kind)()]
        if self.waiting > 30:
            entries = [e for e in entries if e["entryType"] != "resource"]
        self.waiting += sum(e["entryType"] == "resource" for e in entries)
        if entries:
            self.add("emit", entries=entries)

    def now(self) -> int:
        return self.at - self.loaded[self.tab]

    def timing(self) -> list[Step]:
        paint = self.of("first-paint", "first-contentful-paint", "first-contentful-paint")
        start = self.of(self.rng.randint(1, 3000), round(self.rng.uniform(0, 3000), 4), 599_999, 600_000, 0, self.now())
        if self.often(0.5):
            return [{"entryType": "paint", "name": paint, "startTime": start, "duration": 0}]
        f = self.of(0, 5, 5.5)
        times = [f + round(self.rng.uniform(0, 400), self.of(0, 1, 4)) for _ in range(5)]
        if self.often(0.7):
            times.sort()
        names = ("responseEnd", "domInteractive", "domContentLoadedEventEnd", "domComplete", "loadEventEnd")
        entry = {"entryType": "navigation", "name": f"{self.host}/page/home", "startTime": 0, "fetchStart": f, **dict(zip(names, times, strict=True))}
        return [
            entry | {"duration": times[-1]} | self.of({}, {}, {"loadEventEnd": 0}, {"domComplete": 3_600_000 + f}, {"domComplete": 3_599_999.5 + f})
        ]

    def resource(self) -> list[Step]:
        initiator = self.of(
            "img", "css", "script", "link", "audio", "video", "track", "image", "other", "fetch", "xmlhttprequest", "beacon", "navigation"
        )
        name = self.of("a.png", "b.woff2", "c.mp4", "d.JS", "e.css", "f", "g.svg?x=.css", "h.mp3")
        start = self.rng.choice((10, 10.125, self.now(), 0))
        steps = [0, 0, 1, 2, 0.5, 4, 1, 22, 10]
        keys = (
            "startTime",
            "fetchStart",
            "domainLookupStart",
            "domainLookupEnd",
            "connectStart",
            "connectEnd",
            "requestStart",
            "responseStart",
            "responseEnd",
        )
        entry: dict[str, Any] = {
            "entryType": "resource",
            "initiatorType": initiator,
            "name": self.of("http://127.0.0.1/static/", "http://cdn/", "http://h/rum/") + name,
        }
        t = start
        for key, step in zip(keys, steps, strict=True):
            t += step * self.of(1, 1, 1, 0, 1.3)
            entry[key] = round(t, 4)
        if name == "f" and initiator in ("fetch", "xmlhttprequest"):
            entry["name"] = "http://127.0.0.1/api/200"
        entry |= {"duration": round(t - start, 4), "redirectStart": 0, "redirectEnd": 0, "secureConnectionStart": self.of(0, round(start + 3.5, 4))}
        entry |= {
            "transferSize": 500,
            "encodedBodySize": 200,
            "decodedBodySize": self.of(200, 350),
            "responseStatus": self.of(200, 200, 304, 404, 0, 500),
            "deliveryType": "",
        }
        blurs: tuple[dict[str, Any], ...] = (
            {"transferSize": 0}, {"deliveryType": "cache"}, {"responseStart": 0}, {"duration": 0}, {"requestStart": start - 1}, {"fetchStart": t + 1},
            {"transferSize": 0, "encodedBodySize": 0, "decodedBodySize": 0}, {"redirectStart": start + 0.25, "redirectEnd": start + 0.5},
            {"domainLookupStart": 0, "domainLookupEnd": 0, "connectStart": 0, "connectEnd": 0}, {"duration": 3_600_000},
        )  # fmt: skip
        if self.often(0.35):
            entry |= self.of(*blurs)
        if self.often(0.15):
            entry.pop(self.of("responseStatus", "transferSize", "deliveryType", "secureConnectionStart", "redirectEnd", "decodedBodySize"))
        return [entry]

    def frame(self) -> list[Step]:
        start: float = self.of(self.now() - 200, self.now(), self.now() + 50, 0, 1000)
        found = []
        for _ in range(self.of(1, 1, 2, 3)):
            length = self.of(50, 80, 149, 149.875, 150, 200, 75.125)
            scripts = [
                {"name": "script", "duration": self.of(5, 9, length), "invoker": self.of(*string.ascii_lowercase)} for _ in range(self.of(0, 1, 2, 4))
            ]
            entry = {"entryType": "long-animation-frame", "name": "long-animation-frame", "startTime": start, "duration": length}
            found.append(entry | ({"scripts": scripts} if self.often(0.9) else {}))
            start += length + self.of(0, 16, 16.875, 17, 17.125, 300)
        return found

    def vital(self) -> list[Step]:
        start = self.of(self.now(), self.rng.randint(1, max(1, self.now())), round(self.rng.uniform(0, 2000), 3), self.now() + 100)
        kind = self.of("largest-contentful-paint", "first-input", "layout-shift", "layout-shift", "event", "event", "paint")
        entry: dict[str, Any] = {"entryType": kind, "name": "", "startTime": start, "duration": 0}
        if kind == "paint":
            return [entry | {"name": "first-contentful-paint"}]
        if kind == "first-input":
            entry |= {"processingStart": round(start + self.of(0, 1.5, 20, -1), 4), "duration": 24, "interactionId": self.of(0, 1000)}
        elif kind == "layout-shift":
            entry |= {"value": self.of(0, 0.1, 0.05, 1e-7, 1.5e-7, round(self.rng.random(), 5)), "hadRecentInput": self.often(0.2)}
        elif kind == "event":
            entry |= {
                "duration": self.of(16, 40, 48, 200, 8),
                "processingStart": start,
                "interactionId": 1000 + 7 * self.rng.randint(-2, 12) if self.often(0.85) else 0,
            }
            if self.often(0.05):
                return [entry | {"interactionId": 1000 + 7 * i, "duration": 16 + i % 5 * 8} for i in range(self.of(12, 60))]
        return [entry]

    def set_config(self) -> None:
        draws = (
            ("reportConfig", self.report_config), ("collectors", lambda: {"webVitals": self.of(True, False)}), ("version", lambda: self.of("3", None)),
            ("env", lambda: self.of("pre", "")), ("user", self.members), ("properties", self.members), ("filters", self.filters), ("spaMode", lambda: self.of(True, False, "hash")),
            ("sessionConfig", self.session_config), ("tracing", self.tracing), ("app", self.members),
        )  # fmt: skip
        key, draw = self.of(*draws)
        self.add("setConfig", key=key, value=draw())

    def storage(self) -> None:
        if self.often(0.2):
            self.add("clear_storage")
            return
        id_ = self.of("", "abc", "0123456789abcdef" * 2, "a" * 32)
        start, last = (
            self.of("{now}", str(self.at - self.longest + self.of(-1, 0, 1)), "0", ""),
            self.of("{now}", str(self.at - self.overtime + self.of(-1, 0, 1)), "x"),
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
        )
        key = "_arms_session" + self.of("", "", "", "", ":127.0.0.1", ":example.com")
        content = json.dumps(
            {
                "timestamp": 1,
                **self.of({}, {"pid": "app1@deadbeef"}, {"pid": "app9@x"}, {"pid": ""}),
                "content": self.of(self.remote_content(), self.remote_content(), [], None, "x"),
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
        self.stores += 1
        self.add("store", label=f"s{self.stores}")

    def aim(self) -> None:
        """Wait until a deadline, or a ms beside it."""
        due = [
            self.event_at + self.flush, self.event_at + 1000, self.event_at + 200, self.event_at + 400, self.at + 200, self.at + 230, self.at + 1000,
            self.event_at + 1000 + self.overtime, self.event_at + 1000 + self.overtime, self.event_at + 2000 + self.overtime, self.event_at + self.overtime,
            self.born + self.longest, self.at + self.flush, self.at + 2700,
        ]  # fmt: skip
        self.wait(self.of(*due) + self.of(-1, 0, 0, 1) - self.at)

    def switch(self) -> None:
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
            (1, lambda: self.add("random", value=self.of(0, 0.2, 0.3, 0.5, 0.9, self.rng.random()))),
        ]  # fmt: skip
        if self.often(0.2):
            draws.append((3, self.switch))
        focus = [(weight * self.of(0, 0.3, 1, 1, 3), do) for weight, do in draws]
        for do in self.rng.choices([do for _, do in focus], [weight + 0.01 for weight, _ in focus], k=self.rng.randint(3, 45)):
            if do in (self.set_config,) and self.tab not in self.ready:
                continue
            do()
        self.wait(self.of(4000, 12_000))
        self.store()
        used = {"random": random} | ({"noBeacon": True} if self.often(0.05) else {})
        return {"name": self.name, "endpoint": ENDPOINT, "epoch": EPOCH, **used, "steps": self.steps, "http": self.answers}
