"""What tests share that change a profile in one place and look whether the figure moves that the change is about.

A figure is a number of each device. It moves where the mean of its differences between the two runs, device by device, is more than SIGMAS of its
standard errors from 0 (devices are independent of each other). Five sigmas are a false alarm in 3.5 million; the twin, the same profile played with
another seed, moves no figure.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from simulator.play.cohort import Cohort
from simulator.play.model import make
from simulator.play.seat import ROWS
from simulator.profile import types
from simulator.profile.loader import parse
from simulator.schema.words import PLATFORMS

HOUR = 3_600_000
DEVICES, HOURS = 240, 4
SEED, OTHER_SEED = 8, 9
SIGMAS = 5.0
LEAST = 20
"""Devices that have the figure: fewer say nothing."""
START = 1_767_571_200_000  # 2026-01-05T00:00:00Z

BASE = """
format = 1
name = "moves"
start = 2026-01-05T00:00:00Z
app = { id = "a", version = "1", origin = "https://a.example" }
entry = { front = 1.0 }

[population]
visits_per_day = 24
countries = { CN = 0.8, DE = 0.2 }
hours = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
clocks = { wrong_share = 0.3, error = { law = "constant", value = 400000000 }, ahead_share = 0.5 }

[networks.wifi]
model = "wifi"
dns = { law = "uniform", low = 10, high = 30 }
rtt = { law = "uniform", low = 20, high = 40 }
tls_round_trips = 1
reuse_share = 0.5
kilobytes_per_s = 1000

[networks.cell]
model = "5g"
dns = { law = "uniform", low = 10, high = 30 }
rtt = { law = "uniform", low = 20, high = 40 }
reuse_share = 0.5
kilobytes_per_s = 1000

[pages.front]
path = "/front/{id}"
ids = 10
load = { law = "uniform", low = 500, high = 1000 }
think = { law = "uniform", low = 500, high = 3000 }
stay = { law = "uniform", low = 500, high = 3000 }
acts_per_view = { law = "constant", value = 2 }
acts = [{ name = "Go", target = "/go", api = "get" }]
assets = ["icon", "font"]
apis = ["list"]
next = { front = 0.4, back = 0.4, exit = 0.2 }
block_share = 0.3
block = { law = "uniform", low = 300, high = 900 }

[pages.back]
path = "/back"
load = { law = "uniform", low = 500, high = 1000 }
think = { law = "uniform", low = 500, high = 3000 }
stay = { law = "uniform", low = 500, high = 3000 }
apis = ["list"]
next = { front = 0.8, exit = 0.2 }

[pages.pushed]
path = "/pushed"
load = { law = "uniform", low = 500, high = 1000 }
think = { law = "uniform", low = 500, high = 3000 }
stay = { law = "uniform", low = 500, high = 3000 }
next = { exit = 1.0 }

[apis.get]
path = "/api/get/{id}"
ids = 10
method = "GET"
status = 200
server = { law = "uniform", low = 100, high = 900 }
size = { law = "uniform", low = 5000, high = 9000 }
request_size = { law = "uniform", low = 50, high = 90 }
slow = { share = 0.3, factor = 4 }
fail = { share = 0.2, status = 500 }

[apis.list]
path = "/api/list"
server = { law = "uniform", low = 100, high = 300 }
size = { law = "uniform", low = 5000, high = 9000 }

[assets.icon]
path = "/icon.png"
timing = false
type = "image"
server = { law = "uniform", low = 10, high = 40 }
size = { law = "uniform", low = 5000, high = 9000 }

[assets.font]
path = "/font.woff2"
origin = "https://fonts.example"
type = "font"
server = { law = "uniform", low = 10, high = 40 }
size = { law = "uniform", low = 5000, high = 9000 }

[bugs.plain]
kind = "error"
name = "PlainError"
message = "no {id}"
stack = "at plain"
ids = 2
pages = { front = 0.5 }

[bugs.other]
kind = "error"
name = "OtherError"
message = "other"
stack = "at other"

[bugs.fatal]
kind = "signal"
name = "SIGSEGV"
message = "bad address"
stack = "at fatal"

[bugs.deadly]
kind = "exception"
name = "DeadlyException"
message = "deadly"
stack = "at deadly"
""" + "".join(
    f"""
[platforms.{name}]
share = {share}
networks = {{ wifi = 0.8, cell = 0.2 }}
os = [{{ name = "o", version = "1", share = 1, models = {{ m = 1.0 }} }}]
"""
    for name, share in zip(PLATFORMS, (0.3, 0.2, 0.1, 0.4), strict=True)
)


class Row(msgspec.Struct, kw_only=True, gc=False):
    """What these tests look at of a row."""

    timestamp: int
    event_type: str
    session: str = msgspec.field(name="session.id")
    page: str = msgspec.field(name="view.name")
    network: str = msgspec.field(name="net.model")
    country: str = msgspec.field(name="geo.country", default="")
    app_type: str = msgspec.field(name="app.type")
    app_id: str = msgspec.field(name="app.id")
    app_version: str = msgspec.field(name="app.version")
    app_env: str = msgspec.field(name="app.env")
    sdk: str = msgspec.field(name="_v")
    system: str = msgspec.field(name="os.name", default="")
    system_version: str = msgspec.field(name="os.version", default="")
    model: str = msgspec.field(name="device.model", default="")
    arm: str = msgspec.field(name="properties.arm", default="")
    user_name: str = msgspec.field(name="user.name", default="")
    type: str = ""
    name: str = ""
    target_name: str = ""
    url: str = ""
    message: str = ""
    method: str = ""
    status_code: int | None = None
    success: int | None = None
    size: int | None = None
    request_size: int | None = None
    duration: int | None = None
    dns_duration: int | None = None
    connect_duration: int | None = None
    ssl_duration: int | None = None
    first_byte_duration: int | None = None
    download_duration: int | None = None
    load_event: int | None = None
    time_spent: int | None = None


Rows = list[Row]
Is = Callable[[Row], Any]
Figure = Callable[[Rows], float]
"""A number of one device's rows; not a number where it has none to say it of."""


# --------------------------------------------------------------------------------------------------------------------------- figures


def number_of(where: Is) -> Figure:
    """Count rows."""
    return lambda rows: float(sum(1 for row in rows if where(row)))


def up_to_five(where: Is) -> Figure:
    """Count rows, up to five, so that single devices do not matter much."""
    return lambda rows: float(min(5, sum(1 for row in rows if where(row))))


def mean_of(column: str, where: Is = lambda row: True) -> Figure:
    """Give the mean of a column."""

    def mean(rows: Rows) -> float:
        values = [value for row in rows if (value := getattr(row, column)) is not None and where(row)]
        return sum(values) / len(values) if values else np.nan

    return mean


def different(column: str, where: Is) -> Figure:
    """Count different values, in 20 rows of each device."""
    return lambda rows: float(len({getattr(row, column) for row in [row for row in rows if where(row)][:20]}))


def has(column: str, value: str | int) -> Is:
    """Tell whether a row has this value; a text may be a part of the column's."""
    if isinstance(value, str):
        return lambda row: value in getattr(row, column)
    return lambda row: getattr(row, column) == value


def both(one: Is, two: Is) -> Is:
    """Tell whether both are true of a row."""
    return lambda row: one(row) and two(row)


PV = has("type", "pv")
PAGE_VIEWS = number_of(PV)


class Move(NamedTuple):
    """What is added to the profile, what is changed in it then, the figure, and whether it goes up (1) or down (-1)."""

    more: str | Callable[[str], str]
    """Keys of the top, or what makes another of the profile."""
    change: Callable[[str], str]
    figure: Figure
    goes: int


UP, DOWN = 1, -1


def swap(old: str, new: str) -> Callable[[str], str]:
    """Put one text in the place of another, once."""
    return lambda text: text.replace(old, new, 1)


def of_table(head: str, old: str, new: str, figure: Figure, goes: int) -> Move:
    """Change what stands first behind a table's head."""
    table = BASE[BASE.index(f"[{head}]") :]
    before = table[: table.index(old)]
    return Move("", swap(before + old, before + new), figure, goes)


_DECODER = msgspec.json.Decoder(Rows)


@lru_cache(maxsize=4)  # a profile stands between those that are changed in the same way; a run is 70 MB
def play(text: str, seed: int) -> tuple[Rows, ...]:
    """Play a profile and give the rows of each device."""
    model = make(parse(text, "moves.toml"), seed)
    out: list[list[bytes]] = [[] for _ in range(DEVICES)]
    for chunk in Cohort(model, 0, DEVICES, begin=0, epoch=model.start_ms, prints=ROWS).advance(HOURS * HOUR):
        sent = chunk.events[chunk.events["length"] > 0]
        for device, line in zip(sent["device"].tolist(), bytes(chunk.text).splitlines(), strict=True):
            out[device].append(line)
    return tuple(_DECODER.decode(b"[" + b",".join(lines) + b"]") for lines in out)


def profile(more: str | Callable[[str], str]) -> str:
    """Give the whole text of a profile; keys of the top stand before the first table."""
    if callable(more):
        return more(BASE)
    return BASE.replace("\n[population]", more + "\n[population]", 1)


@cache
def values(text: str, seed: int, figure: Figure) -> NDArray[np.float64]:
    """Give a figure of each device of a profile's run."""
    return np.array([float(figure(rows)) for rows in play(text, seed)])


def sigmas(one: str, two: str, figure: Figure, seed: int = SEED) -> float:
    """Give by how many standard errors the mean of a figure is larger in a profile's run than in that of another, of which the seed is `seed`."""
    pairs = np.column_stack([values(one, SEED, figure), values(two, seed, figure)])
    differences = (pairs[:, 1] - pairs[:, 0])[~np.isnan(pairs).any(axis=1)]
    if len(differences) < LEAST or not differences.any():
        return 0.0
    spread = float(differences.std())
    return float(differences.mean()) / spread * np.sqrt(len(differences)) if spread else float(np.sign(differences[0])) * np.inf


def moved(move: Move) -> float:
    """Give by how many standard errors a move's figure goes where it is said to go."""
    text = profile(move.more)
    changed = move.change(text)
    assert changed != text
    return move.goes * sigmas(text, changed, move.figure)


def moved_by_chance(moves: Mapping[str, Move]) -> dict[str, float]:
    """Give the figures that move if the same profile is played with another seed."""
    ordered = sorted(moves.items(), key=lambda named: profile(named[1].more))  # so that each profile is played once
    found = {name: sigmas(profile(m.more), profile(m.more), m.figure, OTHER_SEED) for name, m in ordered}
    return {name: far for name, far in found.items() if abs(far) > SIGMAS}


def fields_of(part: type[msgspec.Struct], at: str) -> Iterator[str]:
    """Yield the paths of a part's fields; those of the parts in it in their stead."""
    for field in msgspec.structs.fields(part):
        inner = field.type
        if isinstance(inner, type) and issubclass(inner, types.Part):
            yield from fields_of(inner, f"{at}.{field.name}")
        else:
            yield f"{at}.{field.name}"
