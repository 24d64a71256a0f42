"""What the profile's tests share: a small profile with everything in it that a profile can have."""

import pytest

SMALL = """\
format = 1
name = "small"
start = 2026-01-05T00:00:00Z

[app]
id = "small@1"
version = "1.0"
env = "test"
origin = "https://small.example"
endpoint = "/rum"
tenants = { count = 7, exponent = 1.2 }
releases = [
  { version = "1.1", from_hour = 30, share = 0.83, delay = { law = "uniform", low = 100, high = 5000 }, platforms = ["ios", "web"] },
  { version = "1.2", from_hour = 40 },
]
arms.plain = { share = 0.37 }
arms.quick = { share = 0.63, load_factor = 0.7, next.shelf = { home = 0.3, exit = 0.7 } }

[population]
visits_per_day = 2
activity = { law = "uniform", low = 0.5, high = 1.5 }
revisit = { share = 0.1, gap = { law = "quantiles", values = [60000, 3600000, 90000000] }, regulars = 0.2, regular_share = 0.6 }
countries = { CN = 0.75, DE = 0.25 }
named_share = 0.5
locales = ["en_US"]
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]
days = [1, 1, 1, 1, 1, 1, 2]
hours_in = "local"
zones = { DE = 2 }
bursts = [{ from_hour = 20, to_hour = 22, factor = 3 }, { from_hour = 50, to_hour = 51, factor = 0.5 }]
clocks = { wrong_share = 0.05, error = { law = "uniform", low = 60000, high = 7200000 }, ahead_share = 0.3 }

[journey]
continuation = [0.5, 0.75]
pace = { user = 0.3, visit = 0.2, depth = 0.1, keep = 0.25 }

[entry]
home = 0.8
shelf = 0.2

[platforms.web]
share = 0.4
editions = { "web-documented" = 1.0 }
session = { sample_rate = 0.5, max_duration = 86400000, overtime = 3600000 }
remote.enable = true
remote.mode = "remote-first"
remote.cache_timeout = 60000
remote.rates = [{ from_hour = 2, sample_rate = 0.25 }, { from_hour = 5.5, sample_rate = 0.75 }]
remote.latency = { law = "uniform", low = 50, high = 900 }
remote.fail_share = 0.02
sdk_version = "0.0.38"
os = [{ name = "Windows", version = "11", share = 1.0, models = { Desktop = 1.0 } }]
speed = { law = "quantiles", values = [0.5, 1, 2] }
networks = { wifi = 0.7, cable = 0.3 }
trips = { share = 0.1, long_share = 0.5, short = { law = "uniform", low = 1000, high = 60000 }, long = { law = "constant", value = 90000 } }
idle = { share = 0.01, gap = { law = "constant", value = 4000000 } }
close_share = 0.5
left = { resume_share = 0.35, kept = { law = "uniform", low = 3600000, high = 86400000 } }

[platforms.miniprogram]
share = 0.1
editions = { "miniprogram-documented" = 1.0 }
os = [{ name = "Android", version = "15", share = 1.0, models = { P1 = 1.0 } }]
networks = { wifi = 1.0 }
idle = { share = 0.02, gap = { law = "quantiles", file = "gaps.csv" } }

[platforms.ios]
share = 0.25
editions = { "ios-documented" = 1.0 }
os = [
  { name = "iOS", version = "18", share = 0.5, models = { A = 1.0 } },
  { name = "iOS", version = "17", share = 0.5, models = { B = 0.5, C = 0.5 } },
]
networks = { wifi = 1.0 }
crash_share = 0.01
trips = { share = 0.1, killed_share = 0.2 }

[platforms.android]
share = 0.25
editions = { "android-documented" = 1.0 }
os = [{ name = "Android", version = "14", share = 1.0, models = { D = 1.0 }, speed = { law = "constant", value = 1.5 } }]
networks = { wifi = 1.0 }

[networks.wifi]
model = "wifi"
dns = { law = "exponential", mean = 10, max = 500 }
rtt = { law = "constant", value = 20 }
reuse_share = 0.8
kilobytes_per_s = 4000

[networks.cable]
model = "ethernet"
dns = { law = "constant", value = 1 }
rtt = { law = "constant", value = 2 }
tls_round_trips = 2
reuse_share = 0.9
kilobytes_per_s = 9000

[pages.home]
path = "/home"
load = { law = "lognormal", median = 900, sigma = 0.5, min = 10, max = 20000 }
think = { law = "exponential", mean = 3000 }
stay = { law = "constant", value = 2000 }
acts_per_view = { law = "uniform", low = 0, high = 3 }
acts = [{ kind = "scroll", target = "/main", weight = 0.6 }, { name = "Go", target = "/main/go", weight = 0.4, api = "search" }]
assets = ["style", "font"]
apis = ["search", "item"]
next = { shelf = 0.5, exit = 0.5 }
next_after.shelf = { shelf = 0.27, exit = 0.73 }
block_share = 0.1
block = { law = "constant", value = 300 }

[pages.shelf]
path = "/shelf/{id}"
ids = 40
load = { law = "constant", value = 500 }
think = { law = "constant", value = 1000 }
stay = { law = "constant", value = 1000 }
next = { home = 0.5, exit = 0.5 }

[apis.search]
path = "/api/search"
method = "POST"
status = 201
server = { law = "constant", value = 200 }
size = { law = "constant", value = 5000 }
request_size = { law = "constant", value = 50 }
slow = { share = 0.1, factor = 5 }
fail = { share = 0.1, status = 503 }

[apis.item]
path = "/api/item/{id}"
ids = 300
server = { law = "constant", value = 80 }
size = { law = "constant", value = 700 }

[assets.style]
path = "/static/a.css"
type = "css"
server = { law = "constant", value = 20 }
size = { law = "constant", value = 9000 }

[assets.font]
path = "/a.woff2"
origin = "https://fonts.example"
timing = false
type = "font"
server = { law = "constant", value = 30 }
size = { law = "constant", value = 20000 }

[bugs.plain]
kind = "error"
name = "TypeError"
message = "x is undefined"
stack = "at x"
pages = { home = 0.1 }

[bugs.fatal]
kind = "signal"
platforms = ["ios", "android"]
name = "SIGSEGV"
message = "bad address"
stack = ""
pages = { home = 0.5, shelf = 0.5 }

[bugs.numbered]
kind = "rejection"
name = "RangeError"
message = "item {id} is gone"
stack = "at take (item {id})"
ids = 25
pages = { shelf = 0.2 }

[reactions]
rage = { share = 0.4, after = 700, gap = { law = "constant", value = 250 }, presses = 3 }
page = { after = 3000, half = 5000 }
api = { after = 2500, half = 4500 }
interaction = { after = 1500, half = 3500 }
flow = { share = 0.1, pages = 12 }
linger = 1.5
patience = { law = "lognormal", median = 1, sigma = 0.4, max = 9 }

[fidelity]
claims = ["web-content/burstiness_B"]

[incidents.slow]
kind = "slow-server"
from_hour = 1
to_hour = 2.5
platforms = ["web", "ios"]
countries = ["CN"]
networks = ["wifi"]
share = 0.9
apis = ["search"]
factor = 6

[incidents.far]
kind = "slow-network"
from_hour = 2
to_hour = 3
apis = ["item"]
factor = 4

[incidents.failing]
kind = "failing-api"
from_hour = 3
to_hour = 4
share = 0.5
apis = ["search", "item"]
status = 502

[incidents.cdn]
kind = "cdn-outage"
from_hour = 4
to_hour = 5
assets = ["style"]
status = 504

[incidents.offline]
kind = "network-loss"
from_hour = 5
to_hour = 6
share = 0.3
delay = { law = "constant", value = 8000 }

[incidents.blank]
kind = "blank-screen"
from_hour = 6
to_hour = 7
pages = ["shelf"]
bug = "numbered"
delay = { law = "constant", value = 6000 }
again_share = 0.6

[incidents.freeze]
kind = "anr-wave"
from_hour = 7
to_hour = 8
pages = ["home"]
delay = { law = "constant", value = 7000 }

[incidents.loop]
kind = "crash-loop"
from_hour = 8
to_hour = 9
platforms = ["android"]
share = 0.4
releases = ["1.2"]
bug = "fatal"
delay = { law = "constant", value = 1500 }
tries = 2

[incidents.call]
kind = "push"
from_hour = 9
to_hour = 10
share = 0.5
page = "shelf"
delay = { law = "constant", value = 30000 }

[tables."gaps.csv"]
values = [200000, 450000, 7000000]
"""


@pytest.fixture(scope="session")
def small() -> str:
    """Give the text of the small profile."""
    return SMALL
