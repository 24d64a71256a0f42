"""Every mistake in a profile is one line that says in which file, where, what was found and what is expected."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.errors import ProfileError
from simulator.profile.loader import load, parse

FILE = "small.toml"
MANY = ", ".join(['"style"'] * 24)
# A mistake: what is replaced by what (once), where it is, what the message finds, what it expects.
MISTAKES = {
    "unknown page in a transition": ("next = { shelf = 0.5", "next = { shlef = 0.5", "pages.home.next", "'shlef'", "one of home, shelf, exit"),
    "unknown first page": ("[entry]\nhome", "[entry]\nhoem", "entry", "'hoem'", "one of home, shelf"),
    "negative duration": ("median = 900", "median = -900", "pages.home.load.median", "-900", "> 0"),
    "negative number of ms": ("overtime = 3600000", "overtime = -1", "platforms.web.session.overtime", "-1", ">= 0"),
    "transition weights that do not sum": ("next = { home = 0.5", "next = { home = 0.4", "pages.shelf.next", "0.9", "1"),
    "first pages that do not sum": ("shelf = 0.2", "shelf = 0.3", "entry", "1.1", "1"),
    "platform shares that do not sum": ("share = 0.4", "share = 0.5", "platforms.*.share", "1.1", "1"),
    "shares of systems that do not sum": ('version = "17", share = 0.5', 'version = "17", share = 0.4', "platforms.ios.os.*.share", "0.9", "1"),
    "models that do not sum": ("B = 0.5", "B = 0.6", "platforms.ios.os[1].models", "1.1", "1"),
    "networks that do not sum": ("wifi = 0.7", "wifi = 0.6", "platforms.web.networks", "0.9", "1"),
    "countries that do not sum": ("CN = 0.75", "CN = 0.5", "population.countries", "0.75", "1"),
    "acts that do not sum": ("weight = 0.6", "weight = 0.5", "pages.home.acts.*.weight", "0.9", "1"),
    "crashes that do not sum": ("pages = { home = 0.5", "pages = { home = 0.4", "bugs.fatal.pages", "0.9", "1"),
    "negative weight": ("home = 0.8", "home = -0.8", "entry.home", "-0.8", ">= 0"),
    "no weights at all": ("countries = { CN = 0.75, DE = 0.25 }", "countries = {}", "population.countries", "empty", "length >= 1"),
    "unknown key at the top": ('name = "small"', 'name = "small"\ncolour = 3', "the top", "colour", "unknown key; expected one of format, name"),
    "unknown key of a table": ("named_share = 0.5", "named_share = 0.5\nnicks = 1", "population", "nicks", "key; expected one of visits_per_day"),
    "unknown key of an entry": ("close_share = 0.5", "close_share = 0.5\nclosed = 1", "platforms.web", "closed", "key; expected one of share"),
    "unknown key of a law": ("median = 900", "medium = 900", "pages.home.load", "medium", "expected one of law, median, sigma, min, max"),
    "text for a number": ("visits_per_day = 2", 'visits_per_day = "two"', "population.visits_per_day", "'two'", "expected a number"),
    "number for text": ('env = "test"', "env = 3", "app.env", "3", "expected a text"),
    "truth for a number": ("status = 201", "status = true", "apis.search.status", "true", "expected an integer"),
    "fraction for an integer": ("status = 201", "status = 201.5", "apis.search.status", "201.5", "expected an integer"),
    "text for a table": ("trips = { share = 0.1, killed_share = 0.2 }", 'trips = "x"', "platforms.ios.trips", "'x'", "expected a table"),
    "text for a list": ('assets = ["style"]', 'assets = "style"', "pages.home.assets", "'style'", "expected a list"),
    "number in a list of names": ('apis = ["search"]', "apis = [3]", "pages.home.apis[0]", "3", "expected a text"),
    "unknown law": ('law = "lognormal"', 'law = "normal"', "pages.home.load", "law", "'normal'"),
    "law without a name": ('{ law = "lognormal", median', "{ median", "pages.home.load", "median", "`law` is missing; expected one of constant"),
    "law's value missing": ('{ law = "exponential", mean = 3000 }', '{ law = "exponential" }', "pages.home.think", "law", "`mean` is missing"),
    "uniform law upside down": ("low = 0, high = 3", "low = 4, high = 3", "pages.home.acts_per_view.high", "3", "at least low = 4"),
    "law in a table upside down": ("high = 60000", "high = 60", "platforms.web.trips.short.high", "60", "at least low = 1000"),
    "lognormal law upside down": ("min = 10, max = 20000", "min = 30000, max = 20000", "pages.home.load.max", "20000", "at least min = 30000"),
    "law beyond 23 days": ("mean = 3000", "mean = 1e13", "pages.home.think.mean", "1000", "<= 2000000000"),
    "value that is no number": ("mean = 3000", "mean = nan", "pages.home.think.mean", "nan", "> 0"),
    "missing key of a table": ('version = "1.0"\n', "", "app", "id, env", "`version`"),
    "missing key of a list's entry": ('target = "/main", weight', "weight", "pages.home.acts[0]", "kind, weight", "`target`"),
    "missing table": ("[entry]\nhome = 0.8\nshelf = 0.2\n", "", "the top", "format, name", "`entry`"),
    "missing format": ("format = 1\n", "", "the top", "name, start", "`format`"),
    "newer format": ("format = 1", "format = 2", "format", "2", "at most 1"),
    "impossible format": ("format = 1", "format = 0", "format", "0", "1"),
    "start without a zone": ("00:00:00Z", "00:00:00", "start", "2026-01-05 00:00:00", "2026-01-05T00:00:00Z"),
    "start without a time": ("2026-01-05T00:00:00Z", "2026-01-05", "start", "2026-01-05", "expected a date and time with zone"),
    "start on a Tuesday": ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z", "start", "2026-01-06", "expected a Monday 00:00 UTC"),
    "start in the night": ("2026-01-05T00:00:00Z", "2026-01-05T01:00:00Z", "start", "01:00:00", "expected a Monday 00:00 UTC"),
    "start on another Monday": ("2026-01-05T00:00:00Z", "2026-01-05T00:00:00+10:00", "start", "+10:00", "expected a Monday 00:00 UTC"),
    "start in the year 1": ("2026-01-05T00:00:00Z", "0001-01-01T00:00:00+12:00", "start", "0001-01-01", "1970-01-01T00:00:00Z to 2200"),
    "start in the year 9999": ("2026-01-05T00:00:00Z", "9999-12-27T00:00:00Z", "start", "9999-12-27", "1970-01-01T00:00:00Z to 2200"),
    "start in words": ("2026-01-05T00:00:00Z", '"monday"', "start", "'monday'", "expected a date and time with zone"),
    "unknown edition": ('"web-documented"', '"web-1.0"', "platforms.web.editions", "'web-1.0'", "web-documented"),
    "edition of another platform": ('"ios-documented"', '"android-documented"', "platforms.ios.editions", "'android-documented'", "ios-documented"),
    "unknown platform": ("[platforms.miniprogram]", "[platforms.fridge]", "platforms", "'fridge'", "one of web, miniprogram, ios, android"),
    "crashes on the web": ("close_share = 0.5", "crash_share = 0.1", "platforms.web.crash_share", "0.1", "0"),
    "crashes without a cause": ('kind = "signal"', 'kind = "custom"', "platforms.ios.crash_share", "0.01", "exception or signal"),
    "overtime on mobile": ("crash_share = 0.01", "session.overtime = 5", "platforms.ios.session", "overtime", "none"),
    "longest duration on mobile": ("crash_share = 0.01", "session.max_duration = 5", "platforms.ios.session", "max_duration", "none"),
    "no time at all to be silent": ("overtime = 3600000", "overtime = 0", "platforms.web.session", "0 ms", "more than 0"),
    "visit without an end": ("next = { home = 0.5, exit = 0.5 }\n", "next = { shelf = 1.0 }\n", "pages.shelf.next", "no way", "exit"),
    "exit that is never taken": ("next = { home = 0.5, exit = 0.5 }\n", "next = { shelf = 1.0, exit = 0.0 }\n", "pages.shelf.next", "no way", "exit"),
    "unknown asset": ('assets = ["style"]', 'assets = ["stile"]', "pages.home.assets", "'stile'", "one of style"),
    "unknown API of a page": ('apis = ["search"]', 'apis = ["serach"]', "pages.home.apis", "'serach'", "one of search"),
    "unknown API of an act": ('api = "search"', 'api = "serach"', "pages.home.acts[1].api", "'serach'", "one of search"),
    "unknown network": ("cable = 0.3", "cabel = 0.3", "platforms.web.networks", "'cabel'", "one of wifi, cable"),
    "bug on an unknown page": ("pages = { home = 0.1 }", "pages = { hoem = 0.1 }", "bugs.plain.pages", "'hoem'", "one of home, shelf"),
    "path without a slash": ('path = "/home"', 'path = "home"', "pages.home.path", "'home'", "expected a path that begins with a slash"),
    "origin with a path": ("https://small.example", "https://small.example/a", "app.origin", "'https://small.example/a'", "an ASCII host"),
    "origin without a scheme": ("https://small.example", "small.example", "app.origin", "'small.example'", "expected http:// or https://"),
    "origin in other letters": ("https://small.example", "https://商店.example", "app.origin", "商店", "punycode"),
    "origin with a space": ("https://small.example", "https://small .example", "app.origin", "small .example", "ASCII host"),
    "origin with a line feed": ("https://small.example", "https://small.example\\n", "app.origin", "small.example", "ASCII host"),
    "origin with another header": ("https://small.example", "https://a\\r\\nX-Key: 1", "app.origin", "X-Key", "ASCII host"),
    "origin with a port of six digits": ("https://small.example", "https://small.example:655360", "app.origin", "655360", "port"),
    "endpoint in other letters": ('"/rum"', '"/数据"', "app.endpoint", "数据", "in ASCII"),
    "endpoint with a space": ('"/rum"', '"/rum collect"', "app.endpoint", "/rum collect", "in ASCII"),
    "endpoint with a line feed": ('"/rum"', '"/rum\\n"', "app.endpoint", "/rum", "in ASCII"),
    "endpoint without a slash": ('"/rum"', '"rum"', "app.endpoint", "rum", "begins with a slash"),
    "unknown method": ('method = "POST"', 'method = "FETCH"', "apis.search.method", "'FETCH'", "expected one of GET, POST"),
    "unknown kind of file": ('type = "css"', 'type = "style"', "assets.style.type", "'style'", "expected one of css"),
    "unknown kind of bug": ('kind = "error"', 'kind = "bug"', "bugs.plain.kind", "'bug'", "expected one of error"),
    "status of a success beyond 399": ("status = 201", "status = 600", "apis.search.status", "600", "<= 399"),
    "share above 1": ("reuse_share = 0.8", "reuse_share = 1.8", "networks.wifi.reuse_share", "1.8", "<= 1"),
    "faster than instantly": ("factor = 5", "factor = 0.5", "apis.search.slow.factor", "0.5", ">= 1"),
    "network that stands still": ("kilobytes_per_s = 4000", "kilobytes_per_s = 0", "networks.wifi.kilobytes_per_s", "0", "> 0"),
    "nobody visits": ("visits_per_day = 2", "visits_per_day = 0", "population.visits_per_day", "0", "expected a number >= 0.001"),
    "visits beyond any number": ("visits_per_day = 2", "visits_per_day = 0x" + "f" * 400, "population.visits_per_day", "...", "out of range"),
    "format of any length": ("format = 1", "format = 0x" + "f" * 5000, "format", "thousands of digits", "at most 1"),
    "integer of any length": ("overtime = 3600000", "overtime = 0x" + "f" * 5000, "platforms.web.session.overtime", "of digits", "an integer"),
    "day of 23 hours": ("hours = [1, ", "hours = [", "population.hours", "[1, 1", "length >= 24"),
    "week of 6 days": ("days = [1, ", "days = [", "population.days", "[1, 1", "length >= 7"),
    "named people from nowhere": ('locales = ["en_US"]', "locales = []", "population.locales", "none", "at least one"),
    "too many files at once": ('assets = ["style"]', f"assets = [{MANY}]", "pages.home", "25", "at most 24"),
    "platform without a system": (
        'os = [{ name = "Windows", version = "11", share = 1.0, models = { Desktop = 1.0 } }]', "os = []", "platforms.web.os", "[]", "length >= 1"
    ),
    "name of no characters": ('name = "small"', 'name = ""', "name", "''", "length >= 1"),
}  # fmt: skip
# Files that are no profile: what is in them, what the message says.
FILES = {
    "not TOML": (b"visits = = 3\n", "not TOML"),
    "JSON": (b'{"format": 1}', "not TOML"),
    "cut in the middle of a table": (b"format = 1\n[app", "not TOML"),
    "a key twice": (b"format = 1\nformat = 1\n", "not TOML"),
    "a control character": (b'name = "\x00"\n', "not TOML"),
    "thousands of digits": (b"format = 1\nname = 'x'\nvisits = " + b"1" * 5000, "at line 3: found a number with thousands of digits"),
    "empty": (b"", "empty"),
    "only comments": (b"# nothing yet\n\n", "empty"),
    "not UTF-8": (b'name = "caf\xe9"\n', "byte 11 is not UTF-8"),
    "an image": (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
}


def refused(path: Path) -> str:
    """Give the message with which a file is refused."""
    with pytest.raises(ProfileError) as caught:
        load(path)
    return str(caught.value)


def edited(small: str, mistake: str) -> str:
    """Give the small profile with one mistake of the table."""
    old, new, *_ = MISTAKES[mistake]
    assert old in small
    return small.replace(old, new, 1)


def check(path: Path | str) -> Result:
    """Run `rumsim check` on a file."""
    return CliRunner().invoke(main, ["check", str(path)])


def assert_one_line(result: Result, path: Path | str) -> None:
    """See that a command gave up with one clear line and exit code 2."""
    assert isinstance(result.exception, SystemExit)  # any other would be a traceback
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"rumsim: {path}: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr


def test_the_small_profile_has_no_mistake(small: str) -> None:
    """The profile into which mistakes are made is right."""
    assert parse(small, FILE).name == "small"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(small: str, mistake: str) -> None:
    """The line names the file and the path of the mistake, then what was found, then what is expected."""
    _, _, path, found, expected = MISTAKES[mistake]
    with pytest.raises(ProfileError) as caught:
        parse(edited(small, mistake), FILE)
    message = str(caught.value)
    assert "\n" not in message
    start = f"{FILE}: at `{path}`: found "
    assert message.startswith(start)
    assert found in message
    assert expected in message[len(start) :]


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_profile(tmp_path: Path, what: str) -> None:
    """A file that holds something else is one line that names it and says what it is."""
    content, says = FILES[what]
    path = tmp_path / FILE
    path.write_bytes(content)
    message = refused(path)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert "\n" not in message


def test_a_folder(tmp_path: Path) -> None:
    """A folder in the place of a file is named as what it is."""
    assert refused(tmp_path).startswith(f"{tmp_path}: is a folder; expected")


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named, with the command that writes one."""
    assert refused(tmp_path / FILE) == f"{tmp_path / FILE}: no such file; `rumsim init {FILE}` writes a starter profile"


def test_a_path_through_a_file(tmp_path: Path) -> None:
    """A path that leads through a file is one line."""
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file" / FILE).startswith(f"{tmp_path / 'file' / FILE}: cannot be read")


@pytest.fixture
def nobody() -> Iterator[None]:
    """Be a user who may not read everything: root may."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    yield
    os.seteuid(was)


@pytest.fixture
def unreadable() -> Iterator[Path]:
    """Give a file without permission to read, in a folder that is open to everybody."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / FILE
        path.write_text("format = 1")
        path.chmod(0)
        yield path


@pytest.mark.usefixtures("nobody")
def test_a_file_that_may_not_be_read(unreadable: Path) -> None:
    """A file without permission to read is one line."""
    assert refused(unreadable).startswith(f"{unreadable}: cannot be read")


def test_a_name_that_no_file_can_have(tmp_path: Path) -> None:
    """A name longer than file systems allow is one line as well."""
    assert_one_line(check(tmp_path / ("a" * 300)), tmp_path / ("a" * 300))


# Unknown words of a fixed list: the message has to offer those there are.
@pytest.mark.parametrize(
    ("mistake", "known"),
    [("unknown law", "lognormal"), ("unknown method", "GET"), ("unknown kind of file", "image"), ("unknown kind of bug", "rejection")],
)
def test_an_unknown_word_is_answered_with_those_there_are(small: str, mistake: str, known: str) -> None:
    """Where only some words are possible the line lists them."""
    with pytest.raises(ProfileError) as caught:
        parse(edited(small, mistake), FILE)
    assert known in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[app]\n", '[app]\n"i\\nd" = 1\n'),  # an unknown key
        ("[pages.shelf]", '[pages."she\\nlf"]'),  # a name that others look for
        ("[bugs.plain]\n", '[bugs."pl\\nain"]\nkind = "none"\n'),  # a part of a path
        ("hours = [1, ", 'hours = ["a\\nb", '),  # a value
    ],
)
def test_a_line_break_inside_does_not_break_the_line(small: str, old: str, new: str) -> None:
    """Names and values with a line break in them are shown on one line."""
    assert old in small
    text = small.replace(old, new, 1).replace('kind = "none"\nkind = "error"', 'kind = "none"')
    with pytest.raises(ProfileError) as caught:
        parse(text, FILE)
    assert "\n" not in str(caught.value)


def test_nesting_without_end() -> None:
    """Brackets nested thousands deep are the file's mistake, too."""
    with pytest.raises(ProfileError):
        parse("x = " + "[" * 20_000, FILE)


# ------------------------------------------------------------------------------------------------------------------- rumsim check


@pytest.mark.parametrize(
    "mistake",
    ["unknown page in a transition", "negative duration", "transition weights that do not sum", "unknown key at the top", "text for a number"],
)
def test_check_refuses_a_wrong_profile(tmp_path: Path, small: str, mistake: str) -> None:
    """The command says in one line what is wrong, and its exit code is 2."""
    path = tmp_path / FILE
    path.write_text(edited(small, mistake), "utf-8")
    assert_one_line(check(path), path)


@pytest.mark.parametrize("what", FILES)
def test_check_refuses_what_is_no_profile(tmp_path: Path, what: str) -> None:
    """The command says in one line that this is no profile, and its exit code is 2."""
    path = tmp_path / FILE
    path.write_bytes(FILES[what][0])
    assert_one_line(check(path), path)


def test_check_refuses_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    """A folder and a missing file are one line and exit code 2."""
    assert_one_line(check(tmp_path), tmp_path)
    assert_one_line(check(tmp_path / "none.toml"), tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        # a locale of which Faker does not know any names
        ('locales = ["en_US"]', 'locales = ["xx_XX"]', "at `population.locales`: found 'xx_XX'; expected a locale that Faker knows"),
        # more distinct laws than there is room for
        ("[assets.style]", "".join(
            f'[apis.a{i}]\npath = "/"\nserver = {{ law = "constant", value = {i} }}\nsize = {{ law = "uniform", low = {i}, high = {i + 1}}}\n'
            for i in range(200)
        ) + "[assets.style]", "laws"),
        # more pages than there is room for
        ("[pages.shelf]", "".join(
            f'[pages.p{i}]\npath = "/{i}"\nload = {{ law = "constant", value = 1 }}\nthink = {{ law = "constant", value = 1 }}\n'
            f'stay = {{ law = "constant", value = 1 }}\nnext = {{ exit = 1.0 }}\n'
            for i in range(70)
        ) + "[pages.shelf]", "at `pages`: found 72 entries; expected at most 64"),
    ],
    ids=["locale", "laws", "pages"],
)  # fmt: skip
def test_check_finds_what_shows_only_in_the_world(tmp_path: Path, small: str, old: str, new: str, says: str) -> None:
    """What is found out only when the world is built is one line of the same form."""
    path = tmp_path / FILE
    path.write_text(small.replace(old, new, 1), "utf-8")
    result = check(path)
    assert says in result.stderr
    assert_one_line(result, path)


def test_check_accepts_a_right_profile(tmp_path: Path, small: str) -> None:
    """A right profile is exit code 0 and nothing on stderr."""
    path = tmp_path / FILE
    path.write_text(small, "utf-8")
    result = check(path)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert "Traceback" not in result.stdout


def test_check_wants_something_to_check() -> None:
    """Without a profile the command says what it expects."""
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 2
    assert "expected a PROFILE" in result.stderr
