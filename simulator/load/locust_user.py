"""The hooks that Locust calls: options, the user that plays a cohort, and the beginning and end of a run."""

import signal
import sys
from argparse import ArgumentParser, Namespace
from typing import Any, ClassVar, Final

import gevent
import msgspec
from gevent.lock import RLock
from locust import User, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from simulator.errors import RumsimError
from simulator.load.options import Plan, add_arguments
from simulator.load.player import Player
from simulator.load.roster import Members, Roster
from simulator.load.run import Run
from simulator.play.model import read
from simulator.profile.start import profile_text

COHORTS_PER_WORKER: Final = 4  # assumed: more cohorts than cores gain nothing
SPAWN_RATE: Final = 100.0


class Cohort(User):
    """Plays one part of the devices. How many parts there are is Locust's -u; it does not change the load."""

    members: ClassVar[Members]
    _token = ""
    _player: Player | None = None

    def on_start(self) -> None:
        """Get a cohort and live its past."""
        seat = self.members.claim()
        if seat["index"] >= 0:
            self._player = Player(msgspec.convert(seat["plan"], Plan), seat["index"], seat["cohorts"], self)
            self._token = seat["token"]

    @task
    def play(self) -> None:
        """Play until the run stops, then wait for Locust to say so."""
        player, self._player = self._player, None
        if player:
            try:
                player.play(self.members.ready(self._token, player))
            except RumsimError as error:
                give_up(self.environment, error)
        gevent.sleep(3600)

    def on_stop(self) -> None:
        """Stop this cohort alone: the number of users was lowered, or the worker ends."""
        self.members.stop(self._token)


class Lead:
    """The process that leads: begins and ends runs."""

    def __init__(self, environment: Environment, options: Namespace) -> None:
        """Follow Locust's events."""
        self._environment, self._options = environment, options
        self._host = options.host
        self._run: Run | None = None
        self._roster: Roster | None = None
        self._results = ""
        self._finishing = RLock()
        runner: Any = environment.runner
        for kind, listener in (("rum_claim", self._claim), ("rum_ready", self._ready), ("rum_done", self._done)):
            runner.register_message(kind, listener)
        hooks: Any = environment.events
        hooks.test_start.add_listener(self.begin)
        hooks.test_stopping.add_listener(self.stop)
        hooks.test_stop.add_listener(self.finish)
        hooks.quitting.add_listener(self.finish)
        hooks.quit.add_listener(self.show)

    def begin(self, **_: Any) -> None:  # noqa: ANN401
        """Begin a run."""
        runner: Any = self._environment.runner
        self._roster = None
        try:
            run = self._run = Run(self._options, self._host or self._environment.host)
            plan = run.start()
        except RumsimError as error:
            self._run = None
            say(str(error))
            if not self._environment.web_ui:  # there the next start may be right
                self._environment.process_exit_code = error.exit_code
                gevent.spawn(runner.quit)
            raise gevent.GreenletExit from None  # else Locust goes on and spawns users for a run that is none
        self._roster = Roster(self._environment, plan, cohorts(runner.target_user_count, runner.worker_count, plan.devices))
        if plan.speed != 1:
            say(f"at speed {plan.speed:g} latencies hold, but the SDK's own time-outs are compressed")
        own = "" if self._host or self._environment.host else " (the embedded collector, started for this run)"
        say(f"{plan.devices:,} devices, {plan.rate_per_s:g} visits/s at speed {plan.speed:g}, seed {plan.seed}, to {plan.host}{own}")
        say(f"run folder {run.folder}")

    def stop(self, **_: Any) -> None:  # noqa: ANN401
        """Let all cohorts come to their end before Locust stops its users."""
        if self._run and self._roster:
            self._roster.stop()

    def finish(self, **_: Any) -> None:  # noqa: ANN401
        """End the run that is on, if one is, and keep the worst exit code. Who comes while another does so waits."""
        with self._finishing:
            run, self._run = self._run, None
            if run:
                if self._roster:
                    self._roster.stop()
                code, self._results = run.finish(self._roster)
                if code is not None:  # else Locust's own rule holds: 1 if a request failed
                    self._environment.process_exit_code = max(code, self._environment.process_exit_code or 0)
                if self._environment.web_ui:
                    self.show()

    def show(self, **_: Any) -> None:  # noqa: ANN401
        """Print the results; without a UI last of all, below Locust's own tables."""
        sys.stdout.write(self._results)
        sys.stdout.flush()
        self._results = ""

    def _claim(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster:
            self._roster.claim(msg.node_id, msg.data["token"])

    def _ready(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster:
            self._roster.ready(msg.data["token"])

    def _done(self, msg: Any, **_: Any) -> None:  # noqa: ANN401
        if self._roster:
            self._roster.done(msg.data["token"], msg.data["visits"], msg.data["late_s"])


def give_up(environment: Environment, error: RumsimError) -> None:
    """End the run for a fault that no retry mends, such as a full disk: say it once."""
    say(str(error))
    runner: Any = environment.runner
    environment.process_exit_code = error.exit_code
    gevent.spawn(runner.quit)


def cohorts(users: int, workers: int, devices: int) -> int:
    """Give the number of cohorts for a number of users; say so if it is less."""
    most = min(COHORTS_PER_WORKER * max(workers, 1), devices)
    if users > most:
        say(f"-u {users} cohorts would gain nothing: {most} play. The load is set by --rum-rate (visits/s) and --rum-devices (population).")
    return max(1, min(users, most))


def say(text: str) -> None:
    """Talk to the user: stdout is for results."""
    sys.stderr.write(f"rumsim: {text}\n")


def _options(parser: ArgumentParser, **_: Any) -> None:  # noqa: ANN401
    add_arguments(parser)


def _init(environment: Environment, runner: Any, **_: Any) -> None:  # noqa: ANN401
    options = environment.parsed_options
    if options is None:
        raise AssertionError("Locust has not parsed its options")
    if not isinstance(runner, WorkerRunner):
        try:
            read(profile_text(options.rum_profile), options.rum_profile, 1)
        except RumsimError as error:
            say(str(error))
            sys.exit(error.exit_code)
        options.num_users = options.num_users or max(1, options.expect_workers if isinstance(runner, MasterRunner) else 1)
        options.spawn_rate = options.spawn_rate or SPAWN_RATE
        Lead(environment, options)
    if not isinstance(runner, MasterRunner):
        members = Cohort.members = Members(runner)
        if isinstance(runner, WorkerRunner):
            _events.quitting.add_listener(lambda **_: members.stop_all())
    # Subtle: Python raises KeyboardInterrupt in whatever greenlet is running, be it a request that is under way; here always in Locust's main one.
    main = gevent.getcurrent()
    gevent.signal_handler(signal.SIGINT, lambda: gevent.kill(main, KeyboardInterrupt))
    gevent.get_hub().loop.update_now()  # the loop's clock stood still while all was imported and compiled; -t counts from here


_events: Any = events
_events.init_command_line_parser.add_listener(_options)
_events.init.add_listener(_init)
