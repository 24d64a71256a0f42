"""Draws configurations: the SDK's settings at and beyond their limits, of wrong types, and remote ones."""

import json
from random import Random
from typing import Any

ENDPOINT = "http://127.0.0.1/rum/collect"
PLAIN_ENDPOINTS = ("http://127.0.0.1/collect", "/rum/collect?a=b#c")
"""Do not tell the SDK that they are its own: a report by XMLHttpRequest is reported in its turn."""
WRONG = (None, "x", "", True, False, [], {}, -1)


class Dice:
    """Chance."""

    def __init__(self, rng: Random) -> None:
        """Take a source of chance."""
        self.rng = rng

    def often(self, share: float) -> bool:
        """Say yes with this probability."""
        return self.rng.random() < share

    def of(self, *choices: Any) -> Any:
        """Choose."""
        return self.rng.choice(choices)


class Settings(Dice):
    """Configurations of one scenario. `flush`, `overtime` and `longest` are the latest limits drawn: deadlines to aim at."""

    def __init__(self, rng: Random, host: str, answers: dict[str, Any]) -> None:
        """Draw for pages of a host; what the network answers a remote configuration with goes into `answers`."""
        super().__init__(rng)
        self.host, self.answers = host, answers
        self.flush, self.overtime, self.longest = 3000, 1_800_000, 86_400_000
        self.endpoint = self.of(*[ENDPOINT] * 7, *PLAIN_ENDPOINTS)

    def config(self) -> dict[str, Any]:
        """Draw a whole configuration."""
        config: dict[str, Any] = {"pid": self.of("app1@deadbeef", "app1@deadbeef", "app2@beef"), "endpoint": self.endpoint}
        parts = (
            (0.6, "sessionConfig", self.session_config), (0.35, "reportConfig", self.report_config), (0.65, "collectors", self.collectors),
            (0.35, "spaMode", lambda: self.of(False, True, "auto", "history", "hash", "x", 0, None)),
            (0.25, "remoteConfig", self.remote), (0.25, "tracing", self.tracing), (0.2, "filters", self.filters),
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
        """Draw an object of values for a part of the reports, or none."""
        if self.often(0.1):
            return self.of(*WRONG)
        if self.often(0.1):
            return [self.value() for _ in range(self.of(0, 1, 3))]
        found = {
            self.of("id", "name", "10", "9", "007", "model", "type", "k" * 49, "k" * 50, "k" * 51, "😀" * 26): self.value()
            for _ in range(self.rng.randint(0, 4))
        }
        if self.often(0.2):
            found |= {f"{self.of('key', 'key', '')}{i}{'x' * self.of(0, 50)}": self.value() for i in range(self.of(19, 20, 21, 25))}
        return found

    def value(self) -> Any:
        """Draw a value of any sort."""
        return self.of(
            "v",
            "",
            0,
            1,
            -2.5,
            1e21,
            123456789012345680000.0,
            9007199254740991,
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
        """Draw how sessions are kept."""
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
        if self.often(0.4):
            found["storage"] = self.of("cookie", "cookie", "localStorage", "auto", "bogus", None, 5)
        if self.often(0.15):
            named = ("shop.example.com", "example.com", ".example.com", "Example.COM", "example.com", "www.example.com")
            found["domain"] = (
                self.of("127.0.0.1", "0.0.1", "com", "other.com", 5, "", *named) if self.host.endswith("1") else self.of(*named, *named, "com")
            )
        return found

    @staticmethod
    def _limit(value: Any, least: int, most: int, otherwise: int) -> int:
        """Give a limit as the SDK will take it, roughly."""
        return int(value) if isinstance(value, int | float) and least <= value <= most else otherwise

    def report_config(self) -> Any:
        """Draw when reports are sent."""
        if self.often(0.08):
            return self.of(None, "x", 5, [], True)
        found: dict[str, Any] = {}
        if self.often(0.7):
            found["flushTime"] = self.of(
                0,
                1,
                0.5,
                100,
                500,
                2500.5,
                2999,
                3000,
                9999,
                10_000,
                10_001,
                -1,
                "5000",
                "abc",
                True,
                None,
                [],
                {},
                [700],
                "0x10",
                [[200]],
                "\ufeff700",
                "\x1c700",
                "Infinity",
                [None],
                [1, 2],
            )
            self.flush = self._limit(found["flushTime"], 1, 10_000, 3000)
        if self.often(0.6):
            found["maxEventCount"] = self.of(0, 1, 2, 2.5, 3, 5, 20, 99, 100, 101, 0.5, "3", "abc", True, None, [4], {}, [[5]], "\ufeff3", [None])
        return found

    def collectors(self) -> Any:
        """Draw which collectors are on."""
        if self.often(0.06):
            return self.of("x", 5, [])
        names = ("perf", "webVitals", "api", "staticResource", "action", "consoleError", "jsError")
        found: dict[str, Any] = {name: self.of(False, False, True, 0, "false") for name in names if self.often(0.12)}
        if self.often(0.9):
            found["longtask"] = self.of(True, True, True, True, True, False, 1)
        return found

    def filters(self) -> Any:
        """Draw what is not to be reported."""
        found: dict[str, Any] = {}
        if self.often(0.6):
            found["exception"] = self.of("skip", ["skip", "bo"], [], "", 5, {"a": 1}, ["/skip/"], "TypeError", ["/^same$/", "/o\\wm|r$/"])
        if self.often(0.6):
            found["resource"] = self.of(
                "http://127.0.0.1/api/2", ["/api", "http://127.0.0.1/static"], [], None, "http", "/static/", ["/api.\\d+$/", "/\\w+:\\/\\/[^\\s.]+$/"]
            )
        return found

    def tracing(self) -> Any:
        """Draw how requests are traced."""
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
        """Draw where the remote configuration is, and what it answers."""
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
        """Draw the text of a remote configuration."""
        if self.often(0.15):
            return self.of("", "no json", "[1]", "5", "null", '{"version":NaN}', '{"version":1e400}', '"x"', '{"errorStatus":1}', "{}")
        return json.dumps(self.remote_content())

    def remote_content(self) -> dict[str, Any]:
        """Draw a remote configuration."""
        found: dict[str, Any] = {}
        draws = (
            ("sessionConfig", self.session_config), ("reportConfig", self.report_config), ("collectors", self.collectors), ("filters", self.filters),
            ("version", lambda: "9"), ("env", lambda: "gray"), ("pid", lambda: "evil@1"), ("spaMode", lambda: self.of(True, False, "hash")),
            ("tracing", self.tracing), ("user", self.members), ("properties", self.members),
            ("remoteConfig", lambda: self.of({"reSetup": False}, {"a": 1})),
        )  # fmt: skip
        for key, draw in draws:
            if self.often(0.25):
                found[key] = draw()
        return found
