"""What others do, per second of process CPU on one core: a dict per event with Python's encoders, Faker, Mimesis, and tpchgen-cli in Rust.

Rule of the file: where there is a choice, the peer gets what is fastest. The dicts' values are only drawn, not worked out; the fields of Faker and
Mimesis belong to nobody in particular and are encoded by orjson.
"""

import importlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import ours
from commands import run
from gates import WrongError
from ours import nowhere

FOLDER = Path(__file__).parents[2] / "build" / "peers"
"""Where `make bench-datasets` and `make bench-load` put those that the project does not need."""
PLANS = 10_000
"""Rows of ours that the dicts are like."""
MISSING = "is not in build/peers; make bench-datasets puts it there"
SCALE = "1"
"""TPC-H's scale factor: 6 million rows of lineitem; at a tenth of it half of the time is the program's start."""
Plan = list[tuple[str, list[Any], int]]


def dicts(number: int) -> dict[str, float]:
    """Build a dict for each event, with fresh values of our rows' columns, and encode it."""
    found, plans = {}, _plans()
    encoders: dict[str, Callable[[Any], bytes]] = {
        "json.dumps": lambda event: json.dumps(event).encode(),
        "orjson": _import("orjson").dumps,
        "msgspec": msgspec.json.Encoder().encode,
        "msgpack": msgpack.Packer().pack,
    }
    for name, encode in encoders.items():
        found[f"dicts + {name}"], size = _measure(_like(plans, number), encode)
        if name == "orjson":  # which writes no spaces, like ours
            found["dicts size"] = size
    return found


@cache
def _plans() -> list[Plan]:
    """Give, for each of some rows of ours, its keys, each with the values that rows of the same keys have, and how many."""
    pools: dict[tuple[str, ...], dict[str, list[Any]]] = {}
    shapes = []
    for line in ours.sample()[:PLANS]:
        row = json.loads(line)
        shapes.append(tuple(row))
        columns = pools.setdefault(shapes[-1], {key: [] for key in row})
        for key, value in row.items():
            columns[key].append(value)
    return [[(key, pool, len(pool)) for key, pool in pools[shape].items()] for shape in shapes]


def _like(plans: list[Plan], number: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(1).random
    for plan in islice(cycle(plans), number):
        yield {key: pool[int(draw() * size)] for key, pool, size in plan}


def faker(number: int) -> dict[str, float]:
    """Fill 15 fields with Faker."""
    from faker import Faker

    fake = Faker()
    fake.seed_instance(1)
    fields = (
        "uuid4", "name", "email", "ipv4", "user_agent", "url", "uri_path", "unix_time", "country_code", "city", "phone_number", "company", "word",
        "pyint", "http_method",
    )  # fmt: skip
    return {"Faker 15 fields": _fields({name: getattr(fake, name) for name in fields}, number)}


def mimesis(number: int) -> dict[str, float]:
    """Fill 15 fields with Mimesis."""
    package = _import("mimesis")
    fake = package.Generic(package.Locale.EN, seed=1)
    fields = {
        "uuid": fake.cryptographic.uuid, "name": fake.person.full_name, "email": fake.person.email, "ip": fake.internet.ip_v4,
        "user_agent": fake.internet.user_agent, "url": fake.internet.url, "path": fake.internet.path, "time": fake.datetime.timestamp,
        "country": fake.address.country_code, "city": fake.address.city, "phone": fake.person.telephone, "company": fake.finance.company,
        "word": fake.text.word, "number": fake.numeric.integer_number, "status": fake.internet.http_status_code,
    }  # fmt: skip
    return {"Mimesis 15 fields": _fields(fields, number)}


def _fields(makers: dict[str, Callable[[], Any]], number: int) -> float:
    rows = ({name: make() for name, make in makers.items()} for _ in range(number))
    return _measure(rows, _import("orjson").dumps)[0]


def tpchgen() -> dict[str, float]:
    """Make TPC-H's lineitem by tpchgen-cli, in one thread, to nowhere: as CSV, and as Parquet with zstd-1."""
    program = FOLDER / "bin" / "tpchgen-cli"
    if not program.exists():
        raise WrongError(f"tpchgen-cli {MISSING}")
    common = ["--scale-factor", SCALE, "--tables", "lineitem", "--num-threads", "1", "--stdout"]
    rows = _lineitems(str(program), *common)
    forms = {"csv": ["csv"], "parquet": ["parquet", "--compression", "ZSTD(1)"]}
    return {f"tpchgen {name}": rows / run([str(program), *form, *common]).cpu_s for name, form in forms.items()}


@cache
def _lineitems(program: str, *common: str) -> int:
    """Count the rows; the first line of CSV is the header."""
    with subprocess.Popen([program, "csv", *common], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        return sum(part.count(b"\n") for part in iter(lambda: process.stdout.read(1 << 20), b"")) - 1


def _measure(rows: Iterator[dict[str, Any]], encode: Callable[[Any], bytes]) -> tuple[float, float]:
    """Write rows as lines; give rows per CPU second, and bytes per row."""
    with nowhere() as file:
        began = time.process_time()
        number = 0
        for row in rows:
            file.write(encode(row) + b"\n")
            number += 1
        file.flush()
        return number / (time.process_time() - began), file.tell() / number


def _import(name: str) -> Any:
    """Import a package of the folder."""
    if (folder := str(FOLDER)) not in sys.path:
        sys.path.append(folder)  # behind the project's own
    try:
        return importlib.import_module(name)
    except ImportError:
        raise WrongError(f"{name} {MISSING}") from None
