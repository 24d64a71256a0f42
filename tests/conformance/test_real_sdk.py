"""The real browser SDK in a real browser posts to the embedded collector, and its rows have the shape of ours."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from waiting import until

from simulator.collector.read_back import rows, stored
from simulator.collector.sql import connect
from simulator.schema.columns import COLUMNS, INTEGER_COLUMNS, NUMBER_COLUMNS

pytestmark = pytest.mark.browser

SDK = "@arms/rum-browser@0.0.37"
APP = "app1@deadbeef"
EXTRAS = {"group", "value"}
"""What the SDK adds to the columns: to every exception, and what the page puts into its own event."""
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
DEADLINE_S = 25
HOME = """<!doctype html><title>Home</title><link rel="icon" href="data:,">
<button id="buy">Buy now</button>
<script src="/sdk.js"></script>
<script>
RumSDK.default.init({
    pid: "%(app)s",
    endpoint: "%(collector)s/rum",
    reportConfig: {flushTime: 500},
    remoteConfig: {url: "%(collector)s/config/%(app)s"},
});
setTimeout(() => {
    document.getElementById("buy").click();
    fetch("/api/cart").then(() => setTimeout(() => { location.href = "/page/cart"; }, 1500));
    throw new TypeError("boom");
}, 300);
</script>"""
CART = """<!doctype html><title>Cart</title><link rel="icon" href="data:,">
<script>navigator.sendBeacon = undefined;</script>
<script src="/sdk.js"></script>
<script>
RumSDK.default.init({pid: "%(app)s", endpoint: "%(collector)s/rum", reportConfig: {flushTime: 500}});
RumSDK.default.sendCustom({type: "shop", name: "basket", group: "g", value: 2.5});
</script>"""
"""The first page sends by beacon and asks for its configuration; the second has no beacon and sends by XMLHttpRequest."""


@pytest.fixture(scope="module")
def sdk(pytestconfig: pytest.Config) -> bytes:
    """Fetch the SDK's distributed file once, by npm."""
    if not shutil.which("node") or not (npm := shutil.which("npm")):
        pytest.skip("node and npm are not there")
    cache = pytestconfig.cache
    assert cache is not None
    folder = Path(cache.mkdir("rum-browser"))
    archive = folder / "arms-rum-browser-0.0.37.tgz"
    if not archive.exists():
        packed = subprocess.run([npm, "pack", SDK], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        if packed.returncode:
            pytest.skip(f"npm pack {SDK} failed: {packed.stderr.strip()[-200:]}")
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/dist/browser-sdk.js")
        assert member is not None
        return member.read()


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Start the embedded collector as its own process."""
    directory = tmp_path_factory.mktemp("received")
    code = "import sys; from pathlib import Path; from simulator.collector.server import serve; serve(directory=Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", code, str(directory)], stderr=subprocess.DEVNULL)
    until((directory / "collector.json").exists, "the collector", process, deadline_s=DEADLINE_S)
    yield json.loads((directory / "collector.json").read_text())["url"], directory
    process.terminate()
    assert process.wait(20) == 0


@pytest.fixture(scope="module")
def shop(sdk: bytes, collector: tuple[str, Path]) -> Iterator[str]:
    """Serve the pages on an origin of their own."""
    names = {"app": APP, "collector": collector[0]}
    answers = {
        "/sdk.js": (sdk, "text/javascript"),
        "/page/home": ((HOME % names).encode(), "text/html"),
        "/page/cart": ((CART % names).encode(), "text/html"),
        "/api/cart": (b'{"items":[]}', "application/json"),
    }

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, kind = answers.get(self.path.partition("?")[0], (b"", "text/plain"))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def received(shop: str, collector: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Visit both pages with Chromium, and wait until all that they do has arrived."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not chromium:
        pytest.skip("no Chromium is there: " + ", ".join(CHROMIUMS))
    url, directory = collector
    remote = urllib.request.Request(f"{url}/config/{APP}", b'{"version":"9.9.9"}', method="PUT")
    assert urllib.request.urlopen(remote, timeout=10).status == 204
    home = tmp_path_factory.mktemp("browser")
    command = [chromium, *FLAGS, f"--user-data-dir={home}", f"{shop}/page/home"]
    browser = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(home)}, start_new_session=True
    )
    wanted = {
        *(("view", "pv", "/page/home"), ("view", "pv", "/page/cart"), ("action", "click", "/page/home")),
        *(("resource", "fetch", "/page/home"), ("exception", "error", "/page/home"), ("custom", "shop", "/page/cart")),
    }

    def missing() -> set[tuple[str, str, str]]:
        return wanted - {(row["event_type"], row["type"], row["view.name"]) for row in rows(directory)}

    try:
        until(lambda: not missing(), lambda: f"{missing()}; {urllib.request.urlopen(url + '/stats').read()!r}", deadline_s=DEADLINE_S)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait(20)
    return directory


def only(directory: Path, **fields: str) -> dict[str, Any]:
    """Find the row with these fields."""
    return next(row for row in rows(directory) if fields.items() <= row.items())


def test_all_its_columns_are_ours(received: Path) -> None:
    """Every row has the canonical order of keys, nothing beyond the columns and the known extras, and the columns' types."""
    for row in rows(received):
        assert [name for name in row if name not in EXTRAS] == [name for name in COLUMNS if name in row]
        for name, value in row.items():
            kind = int if name in INTEGER_COLUMNS else (int, float) if name in NUMBER_COLUMNS else str
            assert isinstance(value, dict if name == "binary_images" else kind) or name in EXTRAS, (name, value)


def test_its_ids_are_of_our_form(received: Path) -> None:
    """One session of 32 hex digits over both pages, events of 00-<session>-<16 hex digits>, a view for each page; no event twice."""
    table = list(rows(received))
    (session,) = {row["session.id"] for row in table}
    assert re.fullmatch(r"[0-9a-f]{32}", session)
    assert all(re.fullmatch(rf"00-{session}-[0-9a-f]{{16}}", row["event_id"]) for row in table)
    assert all(re.fullmatch(r"[0-9a-f]{32}", row["view.id"]) for row in table)
    assert all(re.fullmatch(r"uid_[0-9a-z]{16}", row["user.id"]) for row in table)
    assert len({row["view.id"] for row in table}) == 2
    keys = stored(received)
    assert keys["event"].tolist() == [int(row["event_id"][-16:], 16) for row in table]
    assert set(keys["session"].tolist()) == {int(session[:16], 16)}
    assert len(set(keys["event"].tolist())) == len(table)


def test_its_events_say_what_happened(received: Path, shop: str) -> None:
    """The page view, click, request, error and the page's own event have what the SDK is known to report."""
    view = only(received, type="pv", name="/page/home")
    assert (view["url"], view["loading_type"], view["app.id"], view["app.type"]) == (f"{shop}/page/home", "initial_load", APP, "browser")
    assert view["_v"] == "cdn-0.0.37"
    assert abs(view["timestamp"] - time.time() * 1000) < 120_000
    assert only(received, event_type="action")["target_name"] == '//*[@id="buy"]'
    request = only(received, type="fetch", url=f"{shop}/api/cart")
    assert (request["method"], request["status_code"], request["success"]) == ("GET", 200, 1)
    error = only(received, event_type="exception")
    assert (error["name"], error["message"]) == ("TypeError", "boom")
    assert only(received, event_type="custom")["value"] == 2.5


def test_it_takes_its_configuration_from_the_collector(received: Path) -> None:
    """The remote configuration is readable across origins: its version stands on what the first page reports."""
    assert only(received, type="pv", name="/page/home")["app.version"] == "9.9.9"


def test_nothing_was_refused(received: Path, collector: tuple[str, Path]) -> None:
    """The collector refused none of the browser's requests and counted what the files and tables hold."""
    stats = json.loads(urllib.request.urlopen(collector[0] + "/stats", timeout=10).read())
    assert (stats["refused"], stats["duplicates"], stats["events"]) == ({}, 0, len(stored(received)))
    with connect(received) as connection:
        assert connection.execute('SELECT count(*) FROM events WHERE "view.name" IS NOT NULL').fetchall() == [(stats["events"],)]
