"""The options of `locust -f locustfile.py`, and the plan that they make."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from simulator.errors import ProfileError
from simulator.journey.arrivals import mean_progress, relative_rate
from simulator.load.target import context, place
from simulator.load.thresholds import parse as parse_threshold
from simulator.profile.loader import parse
from simulator.profile.start import parse_start, profile_text
from simulator.schema.latency import FIRST_BYTE, MEASURES

DAY_S: Final = 86_400
HOUR_MS: Final = 3_600_000
LIMITS: Final = (("connections", 0, 1e6), ("timeout", 0.001, 86_400), ("lag_limit", 0.001, 1e6))
DEFAULT_PROFILE: Final = "shop"
VISITS_PER_DAY: Final = (1e-6, 1e9)  # of one device: what the arithmetic of arrivals can hold, as in `rumsim generate`
HIDDEN: Final = ("rum_run_dir", "rum_fault", "rum_threshold")  # from the web UI's form
PUMP, FASTHTTP = "pump", "fasthttp"
JSON, MSGPACK = "json", "msgpack"
IDENTITY, GZIP = "identity", "gzip"
EACH, BULK = "each", "bulk"
CHOICES: Final = {"transport": (PUMP, FASTHTTP), "form": (JSON, MSGPACK), "encoding": (IDENTITY, GZIP), "statistics": (EACH, BULK)}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What all cohorts play. Times in ms: `begin` since the profile's start; `epoch` turns such times into emitted ones."""

    profile: str
    seed: int
    devices: int
    rate_per_s: float
    visits_per_day: float
    speed: float
    begin: int
    epoch: int
    host: str
    folder: str
    transport: str = PUMP
    connections: int = 0
    """Shared by all devices of a cohort; 0: each device has its own, as in life."""
    answer_s: float = 30.0
    """How long an answer is waited for."""
    form: str = JSON
    encoding: str = IDENTITY
    tls_ca: str = ""
    tls_resumes: bool = True
    statistics: str = EACH


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add our options to Locust's."""
    add: Any = parser.add_argument  # on the parser itself: only then Locust shows them in its form
    add(
        "--rum-profile",
        default=DEFAULT_PROFILE,
        metavar="FILE",
        help="What to simulate; a file, or the name of a starter profile",
        env_var="RUM_PROFILE",
    )
    add("--rum-devices", type=int, default=100_000, metavar="N", help="Size of the population", env_var="RUM_DEVICES")
    add("--rum-rate", type=float, default=20.0, metavar="R", help="Visits started per second, all workers together", env_var="RUM_RATE")
    add("--rum-speed", type=float, default=1.0, metavar="X", help="Simulated seconds per second", env_var="RUM_SPEED")
    add("--rum-seed", type=int, default=1, metavar="N", help="Same seed, same users, same events", env_var="RUM_SEED")
    add("--rum-start", default="now", metavar="ISO|now", help="Time stamp of the beginning of the run", env_var="RUM_START")
    add("--rum-offset", type=float, default=0.0, metavar="HOURS", help="Begin this long after the profile's start", env_var="RUM_OFFSET")
    add(
        "--rum-run-dir",
        default="",
        metavar="DIR",
        help="The run's folder; default: a new one in runs/",
        env_var="RUM_RUN_DIR",
    )
    add(
        "--rum-fault",
        action="append",
        default=[],
        metavar="KIND=VALUE",
        help="What the started collector does wrong; see `rumsim collect --help`",
    )
    add(
        "--rum-threshold",
        action="append",
        default=[],
        metavar="RULE",
        help='What must hold, else exit code 1: "response_p99<250ms", "lost==0", "error_share<0.1%%"; may be repeated',
    )
    add(
        "--rum-connections",
        type=int,
        default=0,
        metavar="N",
        help="Connections at most, shared by a cohort's devices; 0: each device opens its own and keeps it, as in life",
        env_var="RUM_CONNECTIONS",
    )
    add("--rum-timeout", type=float, default=30.0, metavar="S", help="How long an answer is waited for", env_var="RUM_TIMEOUT")
    add("--rum-encoding", choices=CHOICES["encoding"], default=IDENTITY, help="How bodies are compressed; SDKs do not", env_var="RUM_ENCODING")
    add("--rum-form", choices=CHOICES["form"], default=JSON, help="What bodies are told in; SDKs speak JSON", env_var="RUM_FORM")
    add("--rum-tls-ca", default="", metavar="FILE|any", help="Certificate authorities to trust; any: whoever it is", env_var="RUM_TLS_CA")
    add("--rum-tls-full", action="store_true", help="Make a full handshake for each connection, none resumed", env_var="RUM_TLS_FULL")
    add(
        "--rum-transport",
        choices=CHOICES["transport"],
        default=PUMP,
        help="What sends: the pump, or Locust's own client as the plain reference",
        env_var="RUM_TRANSPORT",
    )
    add(
        "--rum-statistics",
        choices=CHOICES["statistics"],
        default=EACH,
        help="How Locust hears of requests: of each, as its listeners expect, or of many at once, which costs less",
        env_var="RUM_STATISTICS",
    )
    add(
        "--rum-lag-limit",
        type=float,
        default=100.0,
        metavar="MS",
        help="A run of whose payloads 1 in 100 is later than this by the generator's own doing is invalid",
        env_var="RUM_LAG_LIMIT",
    )
    add("--rum-unchecked", action="store_true", help="Begin whatever the checks before the load find", env_var="RUM_UNCHECKED")
    for action in parser._actions:  # noqa: SLF001 - Locust marks actions so, and knows no other way
        if action.dest in HIDDEN:
            vars(action)["include_in_web_ui"] = False


def make_plan(options: argparse.Namespace, *, host: str, folder: Path, now_ms: int) -> Plan:
    """Turn options into a plan. Raise ProfileError for a wrong one."""
    for name, lowest, highest in (("devices", 1, 1e8), ("rate", 1e-6, 1e6), ("speed", 1e-6, 1e6), ("seed", 0, 1 << 62), ("offset", 0, 1e6), *LIMITS):
        value = getattr(options, f"rum_{name}")
        if not lowest <= value <= highest:
            raise ProfileError(f"--rum-{name.replace('_', '-')}: found {value:g}; expected a number from {lowest:g} to {highest:g}")
    for name, words in CHOICES.items():
        if getattr(options, f"rum_{name}") not in words:
            raise ProfileError(f"--rum-{name}: found {getattr(options, f'rum_{name}')!r}; expected {' or '.join(words)}")
    if options.rum_transport == FASTHTTP and (options.rum_form, options.rum_encoding) != (JSON, IDENTITY):
        raise ProfileError("--rum-transport fasthttp: sends JSON as it is; expected neither --rum-form nor --rum-encoding")
    text = profile_text(options.rum_profile)
    profile = parse(text, options.rum_profile)
    begin = round(options.rum_offset * HOUR_MS)
    relative = relative_rate(profile.population, begin // HOUR_MS)
    visits_per_day = options.rum_rate / options.rum_speed / options.rum_devices / relative * DAY_S
    if not VISITS_PER_DAY[0] <= visits_per_day <= VISITS_PER_DAY[1]:
        raise ProfileError(
            f"--rum-rate, --rum-speed, --rum-devices: found {visits_per_day:.3g} visits a day of each device; "
            f"expected {VISITS_PER_DAY[0]:g} to {VISITS_PER_DAY[1]:g}: give it another number of devices"
        )
    return Plan(
        profile=text,
        seed=options.rum_seed,
        devices=options.rum_devices,
        rate_per_s=options.rum_rate,
        visits_per_day=visits_per_day,
        speed=options.rum_speed,
        begin=begin,
        epoch=parse_start(options.rum_start, "--rum-start", now_ms) - begin,
        host=host.rstrip("/"),
        folder=str(folder),
        transport=options.rum_transport,
        connections=options.rum_connections,
        answer_s=options.rum_timeout,
        form=options.rum_form,
        encoding=options.rum_encoding,
        tls_ca=options.rum_tls_ca,
        tls_resumes=not options.rum_tls_full,
        statistics=options.rum_statistics,
    )


def check(options: argparse.Namespace, host: str | None) -> None:
    """Raise ProfileError if no run can be made of these options."""
    if host and options.rum_fault:
        raise ProfileError(f"--rum-fault: is for the collector that is started without --host; found --host {host}")
    if host and not _is_url(host):
        raise ProfileError(f"--host {host}: is no place to post to; expected a URL such as http://127.0.0.1:8318")
    if host and place(host).secure:
        context(options.rum_tls_ca)
    for rule in options.rum_threshold:
        if parse_threshold(rule).name == MEASURES[FIRST_BYTE] and options.rum_transport == FASTHTTP:
            raise ProfileError(
                f"--rum-threshold {rule}: --rum-transport {FASTHTTP} does not tell the first byte of an answer; expected --rum-transport {PUMP}, "
                "or a rule on service or response"
            )
    make_plan(options, host="", folder=Path(), now_ms=0)


def check_form(options: argparse.Namespace, form: Mapping[str, str], host: str | None) -> None:
    """Raise ProfileError if a form of the web UI, on top of the options, has a value that cannot be."""
    typed = argparse.Namespace(**vars(options))
    for name, text in form.items():
        if name in HIDDEN:
            raise ProfileError(f"--{name.replace('_', '-')}: is for the command line only")
        if name.startswith("rum_") and hasattr(options, name):
            before = getattr(options, name)
            try:
                setattr(typed, name, text == "true" if isinstance(before, bool) else type(before)(text))
            except ValueError:
                raise ProfileError(f"--{name.replace('_', '-')}: found {text!r}; expected a number") from None
    check(typed, host)


def expected_visits(plan: Plan, played_s: float) -> float:
    """Give how many visits the rate asked for makes in so many seconds: it follows the profile's weekly curve from the run's first hour on."""
    population = parse(plan.profile, "the profile").population
    end = plan.begin + round(played_s * plan.speed * 1000)
    return plan.rate_per_s / plan.speed * mean_progress(population, plan.begin, end) / 1000 / relative_rate(population, plan.begin // HOUR_MS)


def _is_url(text: str) -> bool:
    try:
        found = urlsplit(text)
        port = found.port  # raises if it is none
        (found.hostname or "").encode("idna")  # the same: a part of it may be too long
    except ValueError:
        return False
    plain = text.isprintable() and " " not in text and not found.query and not found.fragment
    return plain and found.scheme in {"http", "https"} and bool(found.hostname) and port != 0
