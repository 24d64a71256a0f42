"""Draws entries as a browser records them: paints, navigations, files, long frames, what web vitals are taken of."""

import string
from random import Random
from typing import Any

from draw_settings import Dice

Step = dict[str, Any]


class Entries(Dice):
    """Entries of one scenario's documents."""

    def __init__(self, rng: Random, host: str) -> None:
        """Draw for pages of a host."""
        super().__init__(rng)
        self.host = host
        self.at = 0
        """performance.now() of the document that records them."""

    def timing(self) -> list[Step]:
        """Draw a paint or a navigation."""
        paint = self.of("first-paint", "first-contentful-paint", "first-contentful-paint")
        start = self.of(self.rng.randint(1, 3000), round(self.rng.uniform(0, 3000), 4), 599_999, 600_000, 0, self.at)
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
        """Draw the entry of a file or a request."""
        initiator = self.of(
            "img", "css", "script", "link", "audio", "video", "track", "image", "other", "fetch", "xmlhttprequest", "beacon", "navigation"
        )
        name = self.of("a.png", "b.woff2", "c.mp4", "d.JS", "e.css", "f", "g.svg?x=.css", "h.mp3")
        start = self.rng.choice((10, 10.125, self.at, 0))
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
        if self.often(0.05):
            entry["name"] = self.of(
                "rel.js", "/abs.mp3", "//h/a.woff2", "", "http://h/%2e%2e/a.js", "http://h/日 b.css", "http://h:99999/a.js", "http://H\\a.js"
            )
        if name == "f" and initiator in ("fetch", "xmlhttprequest"):
            entry["name"] = "http://127.0.0.1/api/200"
        entry |= {"duration": round(t - start, 4), "redirectStart": 0, "redirectEnd": 0, "secureConnectionStart": self.of(0, round(start + 3.5, 4))}
        entry |= {
            "transferSize": 500,
            "encodedBodySize": 200,
            "decodedBodySize": self.of(200, 350),
            "responseStatus": self.of(200, 200, 304, 404, 0, 500, "200", 200.5),
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
        """Draw long frames, adjacent or nearly so."""
        start: float = self.of(self.at - 200, self.at, self.at + 50, 0, 1000)
        found = []
        for _ in range(self.of(1, 2, 2, 3)):
            length = self.of(50, 80, 80, 149, 149.875, 150, 150.125, 200, 75.125)
            scripts = [
                {"name": "script", "duration": self.of(5, 9, length), "invoker": self.of(*string.ascii_lowercase)} for _ in range(self.of(0, 1, 2, 4))
            ]
            entry = {"entryType": "long-animation-frame", "name": "long-animation-frame", "startTime": start, "duration": length}
            found.append(entry | ({"scripts": scripts} if self.often(0.9) else {}))
            start += length + self.of(0, 16, 16.875, 17, 17.125, 300)
        return found

    def vital(self) -> list[Step]:
        """Draw an entry that a web vital is taken of."""
        start = self.of(self.at, self.rng.randint(1, max(1, self.at)), round(self.rng.uniform(0, 2000), 3), self.at + 100)
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
