"""The command line. Thin: parses options, calls a room, prints. Rooms are imported by the command that needs them."""

import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from simulator.errors import DataError, RumsimError

PATH: Any = click.Path(path_type=Path)
KINDS = ("events", "payloads", "sessions")
FORMATS = ("ndjson", "msgpack", "parquet", "arrow")


class _Commands(click.Group):
    """The group of commands; an error of ours is one line and its exit code, never a traceback."""

    group_class = type

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        r"""Add a command; \b in its raw docstring is click's mark of a paragraph that keeps its lines."""
        cmd.help = (cmd.help or "").replace(r"\b", "\b")
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        try:
            return super().invoke(ctx)
        except RumsimError as error:
            click.echo(f"rumsim: {error}", err=True)
            sys.exit(error.exit_code)
        except BrokenPipeError:
            sys.exit(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="rumsim", prog_name="rumsim")
def main() -> None:
    r"""Simulate users behind a faithful model of a RUM SDK.

    \b
    Load on a collector:   locust -f locustfile.py
    Datasets:              rumsim generate profiles/shop.toml --devices 1000 --hours 24 --seed 1 --out data
    What arrived:          rumsim audit runs/...
    """


main.help = (main.help or "").replace(r"\b", "\b")  # the group itself is nobody's command


@main.command()
@click.argument("profile", type=PATH, required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of profiles, for editors.")
@click.option("--fields", "all_fields", is_flag=True, help="Print all fields of profiles, as Markdown (docs/profile.md is this).")
def check(profile: Path | None, *, schema: bool, all_fields: bool) -> None:
    r"""Check PROFILE: what it is, if it can be simulated; else one line that says where the mistake is, and exit code 2.

    \b
    Examples:
      rumsim check profiles/shop.toml
      rumsim check --schema > profile.schema.json
    """
    from simulator.profile import loader

    if schema:
        click.echo(loader.schema())
        return
    if all_fields:
        from simulator.report.profile import tables

        click.echo(tables(), nl=False)
        return
    if profile is None:
        raise click.UsageError("expected a PROFILE, --schema or --fields")
    from simulator.fidelity.references import claimed
    from simulator.play.model import read

    found = read(loader.read(profile), str(profile), 1).profile
    claimed(found, str(profile))
    click.echo(f"{profile}: {found.name}: {len(found.pages)} pages, {len(found.platforms)} platforms, digest {loader.digest(found)}")


@main.command()
@click.argument("out", type=PATH)
@click.option("--starter", default="shop", show_default=True, help="Which starter profile.")
def init(out: Path, starter: str) -> None:
    r"""Write a starter profile to OUT.

    \b
    Examples:
      rumsim init my-shop.toml
      rumsim init my-day.toml --starter incident-day
    """
    from simulator.errors import ProfileError
    from simulator.profile import starters

    text = starters.read(starter)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ProfileError(f"{out}: is there already; expected a new file: name another, or remove it first") from None
    except OSError as error:
        raise ProfileError(f"{out}: cannot be written: {error.strerror}") from None
    click.echo(f"wrote {out}; next: rumsim check {out}", err=True)


@main.command()
def editions() -> None:
    r"""Print the SDK's editions: each rule's number with its source, as a Markdown table (docs/editions.md is this).

    \b
    Example:
      rumsim editions
    """
    from simulator.report.editions import tables

    click.echo(tables(), nl=False)


@main.command()
def fields() -> None:
    r"""Print all fields: each column with its meaning, unit, names on the wire, senders and source, as Markdown (docs/fields.md is this).

    \b
    Example:
      rumsim fields
    """
    from simulator.report.fields import tables

    click.echo(tables(), nl=False)


COLUMNS = "user=NAME,time=NAME,page=NAME"


class _Finite(click.FloatRange):
    """A number in a range; neither infinite nor nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"found {value}; expected a finite number", param, ctx)
        return number


def _range(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    first, colon, last = value.partition(":")
    if not (colon and first.isdecimal() and last.isdecimal()):
        raise click.BadParameter(f"found {value}; expected two numbers, as in 0:4", ctx, param)
    return int(first), int(last)


@main.command()
@click.argument("profile")
@click.option("--devices", type=click.IntRange(1, 100_000_000), required=True, help="Size of the population.")
@click.option("--hours", type=_Finite(0, 1e6, min_open=True), required=True, help="Simulated time.")
@click.option("--seed", type=click.IntRange(0, 1 << 62), required=True, help="Same seed, same bytes.")
@click.option("--out", required=True, help="The dataset's folder or URL (s3://...), new or empty unless --resume; - is stdout.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default=FORMATS[0], show_default=True)
@click.option("--as", "kind", type=click.Choice(KINDS), default=KINDS[0], show_default=True, help="What a row is.")
@click.option("--workers", type=click.IntRange(1, 1024), default=1, show_default=True, help="Processes; they do not change the bytes.")
@click.option("--start", metavar="ISO|now", help="Time stamp of the beginning; default: the profile's.")
@click.option("--offset", type=_Finite(0, 1e6), default=0.0, help="Begin this many hours after the profile's start.")
@click.option("--visits-per-day", type=_Finite(1e-6, 1e9), help="Of one device; replaces the profile's.")
@click.option("--partition-by", type=click.Choice(["hour", "day"]), help="Folders date=.../hour=.../ of what arrives then.")
@click.option("--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="What makes the blocks.")
@click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster; default: one of this machine's own, of --workers.")
@click.option("--blocks", metavar="A:B", callback=_range, help="Make blocks A to B - 1 only; --resume then puts all together.")
@click.option("--resume", is_flag=True, help="Make what is missing of a dataset that was begun with the same arguments.")
@click.option("--force", is_flag=True, help="Make anew what is there, or is damaged. Files that are not a dataset's stay.")
@click.option("--interpreted", is_flag=True, help="Run the same source without numba: slow, for debugging.")
def generate(profile: str, *, start: str | None, offset: float, interpreted: bool, **options: Any) -> None:  # noqa: ANN401
    r"""Write what the users of PROFILE (a file, or a starter's name) cause, as a dataset with a manifest.

    \b
    Examples:
      rumsim generate profiles/shop.toml --devices 1000 --hours 24 --seed 1 --out data
      rumsim generate shop --devices 100000 --hours 1 --seed 7 --workers 2 --start now --format parquet --out data
      rumsim generate shop --devices 200 --hours 24 --seed 1 --as sessions --out data
      rumsim generate shop --devices 100 --hours 1 --seed 7 --out -
    """
    from simulator.dataset.generate import Request, begin, count_blocks
    from simulator.profile.start import parse_start, profile_text

    start_ms = None if start is None else parse_start(start, "--start", time.time_ns() // 1_000_000)
    request = Request(profile=profile_text(profile), name=profile, offset_hours=offset, start_ms=start_ms, compiled=not interpreted, **options)
    if str(request.out) == "-":
        _stream(request)
        return
    blocks = rows = size_bytes = 0
    total = count_blocks(request) if request.blocks is None else request.blocks[1] - request.blocks[0]
    try:
        dataset = begin(request)
        blocks, size_bytes = len(dataset.done), sum(block.size_bytes for block in dataset.done)
        rows = known = sum(block.rows for block in dataset.done)
        with _progress(total, "block", blocks) as show:
            for block in dataset.make():
                blocks, rows, size_bytes = blocks + 1, rows + block.rows, size_bytes + block.size_bytes
                show(f"{rows:,} {request.kind}, {size_bytes / 1e6:,.1f} MB", rows - known)
    except KeyboardInterrupt:
        click.echo(f"rumsim: stopped; {blocks} of {total} blocks are done: the same command with --resume makes the others", err=True)
        sys.exit(130)
    what = "/manifest.json" if request.blocks is None else f": blocks {request.blocks[0]}:{request.blocks[1]}"
    click.echo(f"{str(request.out).rstrip('/')}{what}: {rows:,} {request.kind}, {size_bytes / 1e6:,.1f} MB")


def _stream(request: Any) -> None:  # noqa: ANN401
    """Write a dataset to stdout: rows only, by one worker."""
    from simulator.dataset.generate import count_blocks, stream
    from simulator.dataset.sink import STREAMS

    if request.file_format not in STREAMS:
        raise click.UsageError(f"--out -: found --format {request.file_format}; expected one of {', '.join(STREAMS)}")
    for option, usual in (("resume", False), ("force", False), ("blocks", None), ("partition_by", None), ("engine", "local"), ("scheduler", None)):
        if (getattr(request, option) or usual) != usual:
            raise click.UsageError(f"--out -: found --{option.replace('_', '-')}, which is for folders")
    if sys.stdout is None:
        raise DataError("stdout: is closed; expected a file or a pipe, or a folder as --out")
    if request.workers > 1:
        raise click.UsageError(f"--out -: found --workers {request.workers}; expected 1: rows have one order")
    rows = 0
    try:
        with _progress(count_blocks(request), "block") as show:
            for tally in stream(request, sys.stdout.buffer):
                rows += tally.rows
                show(f"{rows:,} {request.kind}", rows)
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what its buffer still has would fail again at the end
        raise DataError(f"stdout: cannot be written: {error.strerror or error}") from None


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8318, show_default=True, help="0: any free one.")
@click.option("--dir", "directory", type=PATH, required=True, help="Where to store; an earlier collector's folder is continued.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--key", help="What each post must carry, as header x-api-key or as ?key=.")
@click.option("--fault", "faults", multiple=True, metavar="KIND=VALUE[@FROM..TO]", help="Do something wrong, and write it to faults.ndjson.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the faults.")
@click.option("--until-closed", is_flag=True, help="End when standard input closes: with the process that started it.")
def collect(**options: Any) -> None:  # noqa: ANN401
    r"""Receive RUM payloads over HTTP, store them, and answer 204 once they are stored.

    \b
    Examples:
      rumsim collect --port 8318 --dir received
      rumsim collect --port 8318 --dir received --fault drop=0.001 --fault delay=0.1:500
    """
    from simulator.collector.server import serve

    serve(**options)


@main.command()
@click.argument("directory", type=PATH)
@click.argument("sql")
def query(directory: Path, sql: str) -> None:
    r"""Ask what a collector has stored in DIRECTORY, or what a dataset there holds: SQL over the table `events` (DuckDB).

    A dataset whose profile has incidents has the table `incidents` as well. An SQL of - is read from standard input.

    \b
    Examples:
      rumsim query received "select event_type, count(*) from events group by all"
      rumsim query data "select incident, count(*) from incidents group by all"
    """
    from simulator.report.query import query as ask

    click.echo(ask(directory, sys.stdin.read() if sql == "-" else sql))


@main.command()
@click.argument("run_dir", type=PATH)
@click.option("--received", type=PATH, help="The collector's folder; default: RUN_DIR/received.")
def audit(run_dir: Path, received: Path | None) -> None:
    r"""Compare what a run sent with what the collector stored. Exit code 1 if a claim fails.

    \b
    Example:
      rumsim audit runs/2026-01-05T12-00-00
    """
    from simulator.audit.run import audit as reconcile
    from simulator.audit.run import read_run
    from simulator.collector.read_back import stored
    from simulator.report.screen import screen

    run = read_run(run_dir)
    result = reconcile(run_dir, stored(received or run_dir / "received"))
    click.echo(screen(result, run, colour=sys.stdout.isatty()), nl=False)
    sys.exit(result.exit_code)


@main.command()
@click.argument("events", type=PATH)
@click.option("--out", type=PATH, required=True, help="The profile's file; must be new.")
@click.option("--columns", default="", metavar=COLUMNS, help="The log's names, where they are others; country and load (ms) are optional.")
@click.option("--timeout", type=_Finite(0, 10_000, min_open=True), default=30.0, show_default=True, help="Minutes after which a session is over.")
@click.option(
    "--sampled", type=_Finite(0, 1, min_open=True), help="Share of sessions that the log has; default: all, or what a dataset's profile says."
)
def fit(events: Path, out: Path, columns: str, timeout: float, sampled: float | None) -> None:
    r"""Fit a profile to EVENTS: a log of page views (.csv, .csv.gz, .ndjson, .parquet) with the columns user and time, and perhaps page.

    EVENTS may be a dataset's folder, or a file of its rows, too: its page views are taken, with countries, load times and what was opened anew.

    \b
    Examples:
      rumsim fit readers.csv --out readers.toml
      rumsim fit log.parquet --columns user=client,time=ts --out site.toml
      rumsim fit data/shop --out again.toml
    """
    from simulator.errors import ProfileError
    from simulator.fidelity import datasets
    from simulator.fidelity import events as logs
    from simulator.fidelity.doubts import doubts
    from simulator.fidelity.fit import fit as fitted
    from simulator.fidelity.template import profile

    if out.exists():
        raise ProfileError(f"--out {out}: is there already; expected a new file: name another, or remove it first")
    log = logs.load(events, logs.names_of(columns))
    _say_odd(events, log)
    found = fitted(log, round(timeout * 60_000), str(events), datasets.sampled(events) if sampled is None else sampled)
    for line in doubts(log, found):
        click.echo(f"rumsim: {events}: {line}", err=True)
    try:
        out.write_text(profile(found, events.name, out.stem), "utf-8")
    except OSError as error:
        raise ProfileError(f"--out {out}: cannot be written: {error.strerror}") from None
    click.echo(f"{out}: fitted on {found.views:,} page views in {len(found.sessions.length):,} sessions")
    more = "".join(f" --{name} {value}" for name, value in (("columns", columns), ("timeout", f"{timeout:g}")) if value not in {"", "30"})
    click.echo(f"next: rumsim fidelity {out} --reference {events}{more}", err=True)


def _say_odd(path: Path | None, log: Any) -> None:  # noqa: ANN401
    """Say on stderr what is odd in a log."""
    from simulator.fidelity.events import oddities

    for line in oddities(log):
        click.echo(f"rumsim: {path}: {line}", err=True)


@main.command()
@click.argument("profile")
@click.option("--reference", type=PATH, help="A log of real people, or a dataset; default: the published figures.")
@click.option("--columns", default="", metavar=COLUMNS, help="The log's names, where they are others.")
@click.option("--timeout", type=_Finite(0, 10_000, min_open=True), help="Minutes after which a session of the log is over; default: 30.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="NAME",
    help="A published figure to reach, beside those that the profile claims, and beside a log; may be repeated.",
)
@click.option("--users", type=click.IntRange(100, 1_000_000), help="Users to simulate; default: as many as the log has, 5,000 for figures.")
@click.option("--seed", type=click.IntRange(0, 1 << 62), default=1, show_default=True)
@click.option(
    "--classifier/--no-classifier",
    "classify",
    default=True,
    show_default=True,
    help="Whether a classifier tries to tell them apart, too (scikit-learn).",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--html", "page", type=PATH, help="Write a page with plots, too.")
@click.option("--interpreted", is_flag=True, help="Run the same source without numba: slow, for debugging.")
def fidelity(
    profile: str, *, reference: Path | None, columns: str, timeout: float | None, page: Path | None, as_json: bool, interpreted: bool,
    **options: Any,  # noqa: ANN401
) -> None:  # fmt: skip
    r"""Simulate the users of PROFILE (a file, or a starter's name) and compare them with real ones. Exit code 1 if a row does not hold.

    \b
    Examples:
      rumsim fidelity shop
      rumsim fidelity readers.toml --reference held-out.csv --html fidelity.html
      rumsim fidelity readers.toml --claim web-content/within_session_gap --json
    """
    import msgspec

    from simulator.errors import ProfileError
    from simulator.fidelity import datasets, events
    from simulator.fidelity.measure import measure
    from simulator.profile.start import profile_text
    from simulator.report import fidelity as report

    text = profile_text(profile)
    real = None if reference is None else events.load(reference, events.names_of(columns))
    if real is not None:
        _say_odd(reference, real)
    ms = None if timeout is None else round(timeout * 60_000)
    share = 1.0 if reference is None else datasets.sampled(reference)
    found = measure(text, profile, real, str(reference), timeout=ms, sampled=share, compiled=not interpreted, **options)
    if page is not None:
        try:
            page.write_text(report.html(found), "utf-8")
        except OSError as error:
            raise ProfileError(f"--html {page}: cannot be written: {error.strerror}") from None
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2) if as_json else report.text(found), nl=as_json)
    sys.exit(1 if found.failed else 0)


@main.group()
def sdk() -> None:
    r"""Play scripted pages through the model of the SDK.

    \b
    Example:
      rumsim sdk run tests/conformance/recorded/scenarios/*.json --out runs/sdk
    """


@sdk.command("run")
@click.argument("scenarios", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, help="Folder of the run files, one per scenario, with its name.")
def sdk_run(scenarios: tuple[Path, ...], out: Path) -> None:
    r"""Play SCENARIOS (files) through edition web-0.0.37, and write what it sent and stored.

    \b
    Example:
      rumsim sdk run tests/conformance/recorded/scenarios/*.json --out runs/sdk
    """
    from simulator.scenario.run import play, write
    from simulator.scenario.script import load

    scripts = [load(path) for path in scenarios]
    for number, script in enumerate(scripts):
        first = next(i for i, other in enumerate(scripts) if other.name == script.name)
        if first < number:
            raise DataError(f"{scenarios[number]}: found name {script.name!r}, as in {scenarios[first]}; expected one of its own: run files have it")
        if any((out / f"{script.name}.json").resolve() == path.resolve() for path in scenarios):
            raise DataError(f"{out}: found the scenario {script.name}.json, whose run would take its place; expected another --out")
    for script in scripts:
        run = play(script)
        events = sum(report["body"].count('"event_id"') for report in run["reports"])
        click.echo(f"{write(run, out)}: {len(run['reports'])} reports, {events} events")


@contextmanager
def _progress(total: int, what: str, before: int = 0) -> Iterator[Any]:
    """Show how far a command is: a bar on a terminal, a line every few seconds elsewhere; rate and time left on both.

    `before`: how many of all were done when it began. They took no time, so neither they nor their amount count for rate and time left.
    """
    began = time.monotonic()
    done, told = before, began
    terminal = sys.stderr.isatty()

    def show(text: str, amount: int) -> None:
        nonlocal done, told
        done += 1
        now = time.monotonic()
        spent = max(now - began, 1e-9)
        if terminal or now - told > 5 or done == total:  # noqa: PLR2004
            told = now
            left = spent / (done - before) * (total - done)
            line = f"{what} {done}/{total}: {text}, {amount / spent:,.0f}/s, {left:,.0f} s left"
            click.echo(f"\r{line:<100}" if terminal else line, err=True, nl=not terminal)

    try:
        yield show
    finally:
        if terminal:
            click.echo(err=True)
