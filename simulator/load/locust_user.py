"""The hooks that Locust calls: options, the user that plays a cohort, and the beginning and end of a run."""

import inspect
import logging
import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, ClassVar, Final

import gevent
import msgspec
from flask import Response, jsonify, request
from gevent.lock import RLock
from locust import User, events, task
from locust.env import Environment
from locust.runners import STATE_SPAWNING, MasterRunner, WorkerRunner
from locust.stats import CSV_STATS_INTERVAL_SEC

from simulator.errors import RumsimError
from simulator.load.computing import apart
from simulator.load.options import add_arguments, check, check_form
from simulator.load.pace import Report
from simulator.load.roster import HEAD_START_NS, Members, Roster
from simulator.load.run import Run
from simulator.load.thresholds import parse
from simulator.play.model import read
from simulator.profile.start import profile_text

COHORTS_PER_WORKER: Final = 4  # assumed: more cohorts than cores gain nothing
SPAWN_RATE: Final = 100.0
TELL_S: Final = 5.0  # assumed: who waits this long wants to know why
PATIENCE: Final = 3  # presses of Ctrl-C
INTERRUPTED: Final = 130  # of a shell: 128 and the number of SIGINT


class Cohort(User):
    """Asks for one part of the devices to be played. How many parts there are is Locust's -u; neither it nor a change of it changes the load."""

    members: ClassVar[Members]

    def on_start(self) -> None:
        """Have a cohort played, if one is left."""
        self.members.join()

    @task
    def stay(self) -> None:
        """Wait for Locust to end this user; the cohort ends with the run."""
        gevent.sleep(3600)


class Lead:
    """The process that leads: begins and ends runs."""

    def __init__(self, environment: Environment, options: Namespace) -> None:
        """Follow Locust's events."""
        self._environment, self._options = environment, options
        runner: Any = environment.runner
        self._runner = runner
        self._host = options.host
        self._run: Run | None = None
        self._roster: Roster | None = None
        self._failed = 0
        self._results = ""
        self._finishing = RLock()
        self.has_begun = False
        self._is_over = False
        """The end was wanted: by the user, or by --run-time."""
        self._sigterm: Any = None
        self._run_time: float | None = None
        if options.headless and options.run_time:  # Locust would count from here
            self._run_time, options.run_time = options.run_time, None
            logging.getLogger("locust.main").addFilter(lambda record: not record.getMessage().startswith("No run time limit"))
        for kind, listener in (("rum_claim", self._claim), ("rum_ready", self._ready), ("rum_done", self._done), ("rum_failed", self._fail)):
            runner.register_message(kind, listener)
        hooks: Any = environment.events
        hooks.test_start.add_listener(self.begin)
        hooks.test_stopping.add_listener(self.stop)
        hooks.test_stop.add_listener(self.finish)
        hooks.quitting.add_listener(self.finish)
        hooks.quit.add_listener(self.show)

    def begin(self, **_: Any) -> None:  # noqa: ANN401
        """Begin a run."""
        self.has_begun = True
        self._roster, self._failed, self._is_over = None, 0, False
        before = self._runner.state
        self._runner.update_state(STATE_SPAWNING)  # else Locust has nothing to stop until the collector is there
        try:
            run = self._run = Run(self._options, self._host or self._environment.host, self._run_time or 0.0)
            count = cohorts(self._runner.target_user_count, self._runner.worker_count, self._options.rum_devices)
            plan = run.start(count, ceil(count / max(1, self._runner.worker_count)))
        except RumsimError as error:
            self._run = None
            if self._runner.state == STATE_SPAWNING:
                self._runner.update_state(before)
            say(str(error))
            if not self._environment.web_ui:  # there the next start may be right
                self._environment.process_exit_code = error.exit_code
                gevent.spawn(self._runner.quit)
            raise gevent.GreenletExit from None  # else Locust goes on and spawns users for a run that is none
        self._roster = Roster(self._environment, plan, count)
        if plan.speed != 1:
            say(f"at speed {plan.speed:g} latencies hold, but the SDK's own time-outs are compressed")
        own = "" if self._host or self._environment.host else " (the embedded collector, started for this run)"
        say(f"{plan.devices:,} devices, {plan.rate_per_s:g} visits/s at speed {plan.speed:g}, seed {plan.seed}, to {plan.host}{own}")
        say(f"run folder {run.folder}")
        gevent.spawn(self._watch, self._roster)

    def stop(self, **_: Any) -> None:  # noqa: ANN401
        """Let all cohorts come to their end before Locust stops its users."""
        self.be_over()
        if self._run and self._roster:
            self._roster.stop()

    def finish(self, **_: Any) -> None:  # noqa: ANN401
        """End the run that is on, if one is, and keep the worst exit code. Who comes while another does so waits."""
        with self._finishing:
            run, self._run = self._run, None
            if run:
                if self._roster:
                    self._roster.stop()
                try:
                    code, self._results = run.finish(self._roster, failed=self._failed, cut_short=not self._is_over)
                except RumsimError as error:
                    say(str(error))
                    code, self._results = error.exit_code, f"run {run.folder}\n"
                if code is not None:  # else Locust's own rule holds: 1 if a request failed
                    self._environment.process_exit_code = max(code, self._environment.process_exit_code or 0)
                if self._environment.web_ui:
                    self.show()
                if self._options.csv_prefix:
                    _wait_for_files(Path(f"{self._options.csv_prefix}_stats.csv"))

    def show(self, **_: Any) -> None:  # noqa: ANN401
        """Print the results; without a UI last of all, below Locust's own tables."""
        sys.stdout.write(self._results)
        sys.stdout.flush()
        self._results = ""

    def be_over(self) -> None:
        """Note that the end is wanted. Subtle: Locust ends a headless run, too, when the last of its own greenlets has failed: unasked."""
        self._is_over = True

    def is_on(self) -> bool:
        """Tell whether a run is on, or ends just now."""
        return self._run is not None or self._finishing.locked()

    def _watch(self, roster: Roster) -> None:
        """Say how far the getting ready is; end a run that cannot begin any more."""
        began = told = time.monotonic()
        while self._roster is roster and not roster.t0_ns and not roster.stopped_ns:
            gevent.sleep(0.5)
            now = time.monotonic()
            if roster.lost() and not roster.stopped_ns:
                self._end(f"the worker of cohort {roster.lost()[0]} left before the run began", 1)
                return
            if now - told > TELL_S and not roster.t0_ns:
                told = now
                say(f"the devices' past is lived: {roster.count_ready()} of {roster.cohorts} cohorts are ready after {now - began:.0f} s")

    def _end(self, why: str, exit_code: int) -> None:
        """End the run for a fault that no retry mends, such as a full disk: say it once."""
        if not self._run or self._failed:
            return
        self._failed = exit_code
        say(why)
        gevent.spawn(self._runner.stop if self._environment.web_ui else self._runner.quit)

    def _time_is_up(self) -> None:
        if self._run and not self._failed:
            say("--run-time limit reached, shutting down")
            self._runner.quit()

    def _claim(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster:
            self._roster.claim(msg.node_id, msg.data["token"])

    def _ready(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster and self._roster.ready(msg.data["token"]):
            self._sigterm = self._sigterm or gevent.signal_handler(signal.SIGTERM, self.be_over)  # beside Locust's own, which is there by now
            say("the load begins" + (f" and lasts {self._run_time:g} s" if self._run_time else ""))
            if self._run_time:
                gevent.spawn_later(HEAD_START_NS / 1e9 + self._run_time, self._time_is_up)

    def _done(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster:
            self._roster.done(msg.data["token"], msgspec.convert(msg.data["report"], Report))

    def _fail(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster and self._roster.failed(msg.data["token"]):
            self._end(msg.data["error"], msg.data["exit_code"])


class Interrupts:
    """What Ctrl-C does: the first ends the run in good order, and so does the second, for many are impatient; the third ends the process."""

    def __init__(self, lead: Lead | None, *, headless: bool) -> None:
        """Take over the signal. Subtle: Python raises KeyboardInterrupt in whatever greenlet runs, be it a request; here in Locust's main one."""
        self._lead, self._headless = lead, headless
        self._main = gevent.getcurrent()
        self._count = 0
        gevent.signal_handler(signal.SIGINT, self._pressed)

    def _pressed(self) -> None:
        self._count += 1
        if self._lead:
            self._lead.be_over()
        if self._count == 1 and self._headless and self._lead and not self._lead.has_begun:
            say("stopped before the run began")
            gevent.kill(self._main, SystemExit(1))  # Locust, which may still wait for workers, knows no order for it
        elif self._count == PATIENCE:
            gevent.kill(self._main, SystemExit(INTERRUPTED))
        elif self._count < PATIENCE:
            if self._lead and self._lead.is_on():
                say("the run ends: what is under way gets its answer" if self._count == 1 else "still waiting for answers; once more ends it at once")
            if self._count == 1:
                gevent.kill(self._main, KeyboardInterrupt)


def cohorts(users: int, workers: int, devices: int) -> int:
    """Give the number of cohorts for a number of users; say so if it is less."""
    most = min(COHORTS_PER_WORKER * max(workers, 1), devices)
    if users > most:
        say(f"-u {users} cohorts would gain nothing: {most} play. The load is set by --rum-rate (visits/s) and --rum-devices (population).")
    return max(1, min(users, most))


def _wait_for_files(path: Path) -> None:
    """Wait until Locust has written its CSV files, which it does once per interval and not at the end; just after that it can end in peace."""
    since, until = time.time_ns(), time.monotonic() + 2 * CSV_STATS_INTERVAL_SEC
    while path.exists() and path.stat().st_mtime_ns < since and time.monotonic() < until:
        gevent.sleep(CSV_STATS_INTERVAL_SEC / 20)


def say(text: str) -> None:
    """Talk to the user: stdout is for results."""
    sys.stderr.write(f"rumsim: {text}\n")


def refuse_wrong_rules(words: Sequence[str]) -> None:
    """End the process if one of these words of a command line is a rule that is none: now, as Locust looks at options when all has been compiled."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--rum-threshold", action="append", default=[], nargs="?", const="")
    try:
        for rule in parser.parse_known_args(words)[0].rum_threshold:
            parse(rule)
    except RumsimError as error:
        say(str(error))
        sys.exit(error.exit_code)


def _refuse_wrong_forms(environment: Environment) -> None:
    """Answer a Start whose options cannot be as Locust answers a wrong number of users; it would take no notice, or fail with status 500."""
    web_ui: Any = environment.web_ui

    def look() -> Response | None:
        if request.method != "POST" or not request.path.endswith("/swarm"):
            return None
        options: Any = environment.parsed_options
        try:
            check_form(options, request.form, request.form.get("host") or options.host)
        except RumsimError as error:
            say(str(error))
            return jsonify({"success": False, "message": str(error), "host": environment.host})
        return None

    web_ui.app.before_request(look)


def _refuse(look: Callable[[], object]) -> None:
    """Say what is wrong, if something is found, and exit."""
    try:
        look()
    except RumsimError as error:
        say(str(error))
        sys.exit(error.exit_code)


def _read(profile: str) -> None:
    read(profile_text(profile), profile, 1)


def _options(parser: ArgumentParser, **_: Any) -> None:  # noqa: ANN401
    add_arguments(parser)


def _init(environment: Environment, runner: Any, **_: Any) -> None:  # noqa: ANN401
    options = environment.parsed_options
    if options is None:
        raise AssertionError("Locust has not parsed its options")
    lead = None
    if not isinstance(runner, WorkerRunner):
        _refuse(partial(check, options, options.host))
        apart(partial(_refuse, partial(_read, options.rum_profile)))  # the model, of 24 MB, is needed where devices are
        options.num_users = options.num_users or max(1, options.expect_workers if isinstance(runner, MasterRunner) else 1)
        options.spawn_rate = options.spawn_rate or SPAWN_RATE
        lead = Lead(environment, options)
        if environment.web_ui:
            _refuse_wrong_forms(environment)
    if not isinstance(runner, MasterRunner):
        members = Cohort.members = Members(environment)
        if isinstance(runner, WorkerRunner):
            _events.quitting.add_listener(members.stop_all)
    Interrupts(lead, headless=options.headless)
    inspect.stack()  # as Locust does to stop a run: the first look goes through every module's source, 0.1 s in which nothing could be sent
    gevent.get_hub().loop.update_now()  # the loop's clock stood still while all was imported and compiled


_events: Any = events
_events.init_command_line_parser.add_listener(_options)
_events.init.add_listener(_init)
