"""The plan that the options make. None of this imports Locust."""

import argparse
import re
from pathlib import Path
from typing import Any

import pytest

from simulator.cli import main
from simulator.errors import ProfileError
from simulator.journey.arrivals import HOURS, curve_table, relative_rate
from simulator.load.options import DAY_S, HOUR_MS, Plan, add_arguments, check, check_form, expected_visits, make_plan
from simulator.profile import starters
from simulator.profile.laws import Quantiles
from simulator.profile.loader import parse
from simulator.profile.zones import ZONES

NOW_MS = 1_800_000_000_123
SHOP = parse(starters.read("shop"), "shop")


class _Parser(argparse.ArgumentParser):
    """A parser that takes the names of environment variables, as Locust's does, and forgets them."""

    def add_argument(self, *names: str, **more: Any) -> Any:
        more.pop("env_var", None)
        return super().add_argument(*names, **more)


def options(*arguments: str) -> argparse.Namespace:
    """Parse options as they are typed."""
    parser = _Parser()
    add_arguments(parser)
    return parser.parse_args(arguments)


def plan(*arguments: str) -> Plan:
    """Make the plan of options as they are typed."""
    return make_plan(options(*arguments), host="http://127.0.0.1:1/", folder=Path("runs/x"), now_ms=NOW_MS)


@pytest.mark.parametrize("offset", ["0", "3", "20", "20.5", "100", "167.99", "200"])
@pytest.mark.parametrize("speed", ["0.5", "1", "60"])
def test_the_rate_at_the_beginning_is_the_one_asked_for(offset: str, speed: str) -> None:
    """Whatever the hour of the week, devices, curve, zones and speed start exactly --rum-rate visits per wall second in the run's first hour."""
    made = plan("--rum-rate", "35", "--rum-devices", "7000", "--rum-speed", speed, "--rum-offset", offset)
    weights = curve_table(SHOP.population.days, SHOP.population.hours)[HOURS + 1 :]
    halves = [weights[half // 2 % HOURS] for half in range(2 * HOURS)]
    first = [2 * (made.begin // HOUR_MS) + round(2 * ZONES[country]) for country in SHOP.population.countries]
    shares = SHOP.population.countries.values()
    there = sum(share * (halves[at % len(halves)] + halves[(at + 1) % len(halves)]) / 2 for share, at in zip(shares, first, strict=True))
    per_simulated_second = made.visits_per_day / DAY_S * made.devices * there / (sum(weights) / HOURS)
    assert per_simulated_second * made.speed == pytest.approx(35, rel=1e-12)


@pytest.mark.parametrize(
    ("rule", "transport", "fits"),
    [("first_byte_p99<1s", "pump", True), ("first_byte_p99<1s", "fasthttp", False), ("service_p99<1s", "fasthttp", True)],
)
def test_a_rule_on_what_a_transport_cannot_tell_is_a_mistake(rule: str, transport: str, fits: bool) -> None:
    """It is named before the load instead of failing after it."""
    typed = options("--rum-transport", transport, "--rum-threshold", rule)
    if fits:
        check(typed, None)
        return
    with pytest.raises(ProfileError, match=re.escape(f"--rum-threshold {rule}: --rum-transport fasthttp does not tell the first byte")):
        check(typed, None)


def test_the_curve_s_mean_is_one() -> None:
    """Over a week the relative rates have the mean 1, and the shop's evening in China is busier than its night."""
    rates = [relative_rate(SHOP.population, hour) for hour in range(HOURS)]
    assert sum(rates) / HOURS == pytest.approx(1, rel=1e-12)
    assert rates[12] > 2 * rates[20]


@pytest.mark.parametrize(
    ("start", "emitted"),
    [
        ("now", NOW_MS),
        ("2026-01-05T00:00:00Z", 1_767_571_200_000),
        ("2026-01-05T00:00:00", 1_767_571_200_000),  # UTC unless it says otherwise
        ("2026-01-05", 1_767_571_200_000),
        ("2026-01-05T08:00:00+08:00", 1_767_571_200_000),
        ("2026-01-05T00:00:00.5Z", 1_767_571_200_500),
    ],
)
@pytest.mark.parametrize("offset", ["0", "20"])
def test_the_start_is_the_emitted_time_of_the_beginning(start: str, emitted: int, offset: str) -> None:
    """--rum-start names the time stamp of the run's beginning, wherever in the week --rum-offset puts it."""
    made = plan("--rum-start", start, "--rum-offset", offset)
    assert made.epoch + made.begin == emitted
    assert made.begin == int(offset) * HOUR_MS


def test_the_start_changes_nothing_else() -> None:
    """Two plans that differ in --rum-start differ in their epoch alone."""
    one, other = plan(), plan("--rum-start", "2026-01-05")
    fields = {name: getattr(one, name) for name in Plan.__struct_fields__} | {"epoch": other.epoch}
    assert Plan(**fields) == other


def test_defaults() -> None:
    """Without options it is the shop, 100,000 devices and 20 visits per second, in real time, from now on."""
    made = plan()
    assert (made.profile, made.devices, made.rate_per_s, made.speed, made.seed) == (starters.read("shop"), 100_000, 20, 1, 1)
    assert (made.host, made.folder, made.begin, made.epoch) == ("http://127.0.0.1:1", "runs/x", 0, NOW_MS)


def test_a_profile_is_a_file_before_it_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--rum-profile takes a file, also one that is called like a starter profile, and the plan carries its text."""
    monkeypatch.chdir(tmp_path)
    text = starters.read("shop").replace('name = "shop"', 'name = "mine"')
    Path("shop").write_text(text, "utf-8")
    assert plan("--rum-profile", "shop").profile == text


def test_a_plan_carries_the_tables_of_its_profile(tmp_path: Path) -> None:
    """What goes to the workers holds what stands in the profile's files: it is the same profile where these are not."""
    path = tmp_path / "mine.toml"
    path.write_text(re.sub(r"activity = .*", 'activity = { law = "quantiles", file = "a.csv" }', starters.read("shop")), "utf-8")
    (tmp_path / "a.csv").write_text("value\n1\n3\n", "utf-8")
    text = plan("--rum-profile", str(path)).profile
    assert parse(text, "elsewhere").population.activity == Quantiles(values=(1, 3))


VALUES = [
    ("devices", "0"),
    ("devices", "-5"),
    ("rate", "0"),
    ("rate", "-1"),
    ("rate", "nan"),
    ("rate", "inf"),
    ("speed", "0"),
    ("speed", "-2"),
    ("speed", "inf"),
    ("seed", "-1"),
    ("offset", "-0.5"),
    ("offset", "nan"),
    ("start", "yesterday"),
    ("start", "2026-13-01"),
    ("start", ""),
    ("profile", "missing.toml"),
    ("connections", "-1"),
    ("connections", "1000001"),
    ("timeout", "0"),
    ("timeout", "-1"),
    ("timeout", "nan"),
    ("timeout", "86401"),
    ("lag-limit", "0"),
    ("lag-limit", "nan"),
    ("lag-limit", "inf"),
]
UNREAD = [
    "--rum-connections=many",
    "--rum-timeout=soon",
    "--rum-lag-limit=low",
    "--rum-encoding=br",
    "--rum-form=xml",
    "--rum-transport=udp",
    "--rum-statistics=none",
    "--rum-tls-full=yes",  # takes no value
    "--rum-unchecked=yes",
]
FORMS = [
    # a form's fields -> how what is said begins; "": they are right
    ({"rum_rate": "25", "rum_seed": "3", "user_count": "1", "spawn_rate": "", "host": ""}, ""),
    ({"rum_connections": "8", "rum_timeout": "2.5", "rum_form": "msgpack", "rum_encoding": "gzip", "rum_statistics": "bulk"}, ""),
    ({"rum_tls_ca": "any", "rum_tls_full": "true", "rum_unchecked": "false", "rum_transport": "fasthttp", "rum_lag_limit": "20"}, ""),
    ({"rum_rate": "abc"}, "--rum-rate: found 'abc'; expected a number"),
    ({"rum_rate": ""}, "--rum-rate: found ''; expected a number"),
    ({"rum_devices": "1.5"}, "--rum-devices: found '1.5'; expected a number"),
    ({"rum_seed": "-4"}, "--rum-seed: found -4; "),
    ({"rum_profile": "nope"}, "nope: no such file"),
    ({"rum_connections": "many"}, "--rum-connections: found 'many'; expected a number"),
    ({"rum_timeout": "0"}, "--rum-timeout: found 0; expected a number from 0.001 to 86400"),
    ({"rum_lag_limit": "-1"}, "--rum-lag-limit: found -1; expected a number from 0.001 to 1e+06"),
    ({"rum_encoding": "br"}, "--rum-encoding: found 'br'; expected identity or gzip"),
    ({"rum_form": "xml"}, "--rum-form: found 'xml'; expected json or msgpack"),
    ({"rum_transport": "udp"}, "--rum-transport: found 'udp'; expected pump or fasthttp"),
    ({"rum_statistics": "none"}, "--rum-statistics: found 'none'; expected each or bulk"),
    ({"rum_transport": "fasthttp", "rum_encoding": "gzip"}, "--rum-transport fasthttp: sends JSON as it is; expected neither --rum-form nor"),
    ({"rum_transport": "fasthttp", "rum_form": "msgpack"}, "--rum-transport fasthttp: sends JSON as it is; expected neither --rum-form nor"),
    ({"rum_run_dir": "x"}, "--rum-run-dir: is for the command line only"),
    ({"rum_fault": "drop=1"}, "--rum-fault: is for the command line only"),
    ({"rum_threshold": "lost==0"}, "--rum-threshold: is for the command line only"),
]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_wrong_value_is_one_line(name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value that cannot be is a mistake of the user's, told in one line with the option or the file, and what was found."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProfileError) as caught:
        plan(f"--rum-{name}", value)
    message = str(caught.value)
    assert "\n" not in message
    assert (value if name == "profile" else f"--rum-{name}: found ") in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("http://127.0.0.1:8318", True),
        ("https://rum.example.com", True),
        ("http://[::1]:8318/prefix/", True),
        ("http://127.0.0.1:99999", False),
        ("http://127.0.0.1:0", False),
        ("http://127.0.0.1:port", False),
        ("ftp://x", False),
        ("notaurl", False),
        ("http://", False),
        ("http://a b", False),
        ("http://x?y=1", False),
        (f"http://{'a' * 63}.example", True),
        (f"http://{'a' * 64}.example", False),  # no part of a name is that long
        ("http://a..b", False),
    ],
)
def test_a_host_is_a_place_to_post_to(url: str, good: bool) -> None:
    """A host is a URL of HTTP with a name and a port that can be; anything else is told in one line before anything starts."""
    if good:
        check(options(), url)
        return
    with pytest.raises(ProfileError) as caught:
        check(options(), url)
    assert str(caught.value).startswith(f"--host {url}: is no place to post to")


@pytest.mark.parametrize(("form", "said"), FORMS)
def test_a_form_is_checked_as_options_are(form: dict[str, str], said: str) -> None:
    """What the web UI's form cannot mean is told in one line; fields that are Locust's are Locust's affair, and the options stay as they were."""
    typed = options()
    if said:
        with pytest.raises(ProfileError) as caught:
            check_form(typed, form, None)
        assert str(caught.value).startswith(said)
    else:
        check_form(typed, form, None)
    assert typed == options()


@pytest.mark.parametrize("typed", UNREAD)
def test_what_cannot_be_read_is_named(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A word where a number or one of a few words belongs ends with exit code 2, and the last line names the option."""
    with pytest.raises(SystemExit) as caught:
        options(typed)
    assert caught.value.code == 2
    assert f"error: argument {typed.partition('=')[0]}: " in capsys.readouterr().err.splitlines()[-1]


def test_every_option_has_its_mistake() -> None:
    """No option is without a row in the tables of mistakes."""
    tried = {name for name, _ in VALUES} | {typed[6:].partition("=")[0] for typed in UNREAD}
    tried |= {name.removeprefix("rum_") for form, said in FORMS if said for name in form}
    assert {name.replace("-", "_") for name in tried} | {"tls_ca"} == {name.removeprefix("rum_") for name in vars(options())}


@pytest.mark.parametrize(("host", "wrong"), [("https://rum.example", True), ("http://rum.example", False), (None, False)])
def test_authorities_are_read_where_they_count(host: str | None, wrong: bool) -> None:
    """--rum-tls-ca is a mistake before anything starts, where the host speaks TLS."""
    typed = options("--rum-tls-ca", "no.pem")
    if not wrong:
        check(typed, host)
        return
    with pytest.raises(ProfileError) as caught:
        check(typed, host)
    assert str(caught.value).startswith("--rum-tls-ca no.pem: no certificates can be read (No such file or directory)")


def test_every_plan_can_be_generated() -> None:
    """`rumsim generate` takes what load reaches; a plan beyond is refused, with the options that make it."""
    visits = next(option for option in main.commands["generate"].params if option.name == "visits_per_day").type
    for words in (("--rum-devices", "1", "--rum-rate", "1000"), ("--rum-devices", "100000000", "--rum-rate", "1", "--rum-speed", "100")):
        assert visits.convert(repr(plan(*words).visits_per_day), None, None) > 0
    with pytest.raises(ProfileError) as caught:
        plan("--rum-devices", "1", "--rum-rate", "1000000", "--rum-speed", "0.001")
    assert str(caught.value).startswith("--rum-rate, --rum-speed, --rum-devices: found ")


@pytest.mark.parametrize("speed", ["1", "60", "3600"])
def test_expected_visits_follow_the_curve(speed: str) -> None:
    """In the first hour as many visits are expected as the rate says; later the curve goes up and down, here against a sum over whole hours."""
    made = plan("--rum-rate", "30", "--rum-speed", speed, "--rum-offset", "20")
    hour_s = 3600 / made.speed
    assert expected_visits(made, hour_s) == pytest.approx(30 * hour_s, rel=1e-3)
    curve = [relative_rate(SHOP.population, 20 + n) for n in range(10)]
    assert expected_visits(made, 10 * hour_s) == pytest.approx(30 * hour_s * sum(curve) / curve[0], rel=1e-3)


def test_the_lowest_values_that_can_be() -> None:
    """One device, seed 0 and no offset are no mistakes."""
    made = plan("--rum-devices", "1", "--rum-seed", "0", "--rum-offset", "0", "--rum-rate", "0.001", "--rum-speed", "0.001")
    assert (made.devices, made.seed, made.begin) == (1, 0, 0)
