"""Every mistake in a profile is one line that says in which file, where, what was found and what is expected."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from simulator.cli import main
from simulator.errors import ProfileError
from simulator.profile.incidents import Incident
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
    "text for a list": ('assets = ["style", "font"]', 'assets = "style"', "pages.home.assets", "'style'", "expected a list"),
    "number in a list of names": ('apis = ["search", "item"]', "apis = [3]", "pages.home.apis[0]", "3", "expected a text"),
    "unknown law": ('law = "lognormal"', 'law = "normal"', "pages.home.load.law", "'normal'", "one of constant, uniform, exponential, lognormal"),
    "law without a name": ('{ law = "lognormal", median', "{ median", "pages.home.load", "median", "`law` is missing; expected one of constant"),
    "law's value missing": ('{ law = "exponential", mean = 3000 }', '{ law = "exponential" }', "pages.home.think", "law", "`mean` is missing"),
    "uniform law upside down": ("low = 0, high = 3", "low = 4, high = 3", "pages.home.acts_per_view.high", "3", "at least low = 4"),
    "law in a table upside down": ("high = 60000", "high = 60", "platforms.web.trips.short.high", "60", "at least low = 1000"),
    "zones beside hours in UTC": ('hours_in = "local"', 'hours_in = "utc"', "population.zones", "beside hours in UTC", "none"),
    "a claim made twice": (
        'claims = ["web-content/burstiness_B"]',
        'claims = ["web-content/burstiness_B", "web-content/burstiness_B"]',
        "fidelity.claims[1]",
        "twice",
        "expected it once",
    ),
    "what is left open where all is closed": ("close_share = 0.5", "close_share = 1", "platforms.web.left", "but close_share is 1", "less than 1"),
    "patience without bounds": (
        "sigma = 0.4, max = 9", "sigma = 9, max = 101", "reactions.patience", "such as 101", "at most 100"
    ),
    "glances of more than a minute": (
        'short = { law = "uniform", low = 1000, high = 60000 }',
        'short = { law = "constant", value = 90000 }',
        "platforms.web.trips.short",
        "up to 90000",
        "at most 60000",
    ),
    "law of a file with a key of another law": (
        'short = { law = "uniform", low = 1000, high = 60000 }',
        'short = { law = "quantiles", file = "gaps.csv", min = 3 }',
        "platforms.web.trips.short",
        "a table with law, file, min",
        "`min` is an unknown key",
    ),
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
    "rates that do not rise": ("from_hour = 5.5", "from_hour = 2", "platforms.web.remote.rates[1].from_hour", "2", "more than 2"),
    "rates that fall": ("from_hour = 5.5", "from_hour = 1.5", "platforms.web.remote.rates[1].from_hour", "1.5", "more than 2"),
    "rate beyond all": ("sample_rate = 0.75", "sample_rate = 1.75", "platforms.web.remote.rates[1].sample_rate", "1.75", "<= 1"),
    "claim that is no name": ("web-content/burstiness_B", "burstiness", "fidelity.claims[0]", "'burstiness'", "a published figure's name"),
    "rate of before": ("from_hour = 2,", "from_hour = -2,", "platforms.web.remote.rates[0].from_hour", "-2", ">= 0"),
    "rate without an hour": ("{ from_hour = 2, sample", "{ sample", "platforms.web.remote.rates[0]", "sample_rate", "`from_hour`"),
    "rates that nobody fetches": ("remote.enable = true", "remote.enable = false", "platforms.web.remote.rates", "2", "remote.enable = true"),
    "rates that nobody was told to fetch": ("remote.enable = true\n", "", "platforms.web.remote.rates", "2", "remote.enable = true"),
    "more fetches fail than there are": ("remote.fail_share = 0.02", "remote.fail_share = 2", "platforms.web.remote.fail_share", "2", "<= 1"),
    "fetches of no time": ("low = 50, high = 900", "low = 950, high = 900", "platforms.web.remote.latency.high", "900", "at least low = 950"),
    "visit without an end": ("next = { home = 0.5, exit = 0.5 }\n", "next = { shelf = 1.0 }\n", "pages.shelf.next", "no way", "exit"),
    "exit that is never taken": ("next = { home = 0.5, exit = 0.5 }\n", "next = { shelf = 1.0, exit = 0.0 }\n", "pages.shelf.next", "no way", "exit"),
    "unknown asset": ('assets = ["style", "font"]', 'assets = ["stile", "font"]', "pages.home.assets", "'stile'", "one of style"),
    "unknown API of a page": ('apis = ["search", "item"]', 'apis = ["serach"]', "pages.home.apis", "'serach'", "one of search"),
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
    "day of 25 hours": ("hours = [1, ", "hours = [1, 1, ", "population.hours", "25 numbers", "24, of a day, or 168, of a week"),
    "week of 169 hours": ("hours = [1, ", f"hours = [{'1, ' * 146}", "population.hours", "[1, 1", "length <= 168"),
    "days beside a week's hours": ("hours = [1, ", f"hours = [{'1, ' * 145}", "population.days", "unequal weights", "these hours have their days"),
    "week of 6 days": ("days = [1, ", "days = [", "population.days", "[1, 1", "length >= 7"),
    "named people from nowhere": ('locales = ["en_US"]', "locales = []", "population.locales", "none", "at least one"),
    "too many files at once": ('assets = ["style", "font"]', f"assets = [{MANY}]", "pages.home", "26", "at most 24"),
    "platform without a system": (
        'os = [{ name = "Windows", version = "11", share = 1.0, models = { Desktop = 1.0 } }]', "os = []", "platforms.web.os", "[]", "length >= 1"
    ),
    "name of no characters": ('name = "small"', 'name = ""', "name", "''", "length >= 1"),
    "unknown kind of incident": (
        'kind = "slow-server"', 'kind = "slow"', "incidents.slow.kind", "'slow'", "one of slow-server, slow-network, failing",
    ),
    "number for a kind of incident": ('kind = "slow-server"', "kind = 3", "incidents.slow.kind", "3", "one of slow-server, slow-network, failing"),
    "incident without a kind": ('kind = "slow-server"\n', "", "incidents.slow", "from_hour", "`kind` is missing; expected one of slow-server"),
    "word for an incident": (
        "[incidents.call]", '[incidents]\ncall = "push"\n[incidents.x]', "incidents.call", "'push'", "a table with `kind`, one of",
    ),
    "incidents under another name": ("[incidents.slow]", "[incident.slow]", "the top", "`incident`", "reactions, incidents"),
    "unknown key of a kind": (
        "factor = 6", "factr = 6", "incidents.slow", "`factr`", "one of kind, from_hour, to_hour, platforms, countries, networks",
    ),
    "key of another kind": ("factor = 6", 'factor = 6\nassets = ["style"]', "incidents.slow", "`assets`", "share, apis, factor"),
    "strength missing": ("factor = 6\n", "", "incidents.slow", "kind, from_hour", "`factor`"),
    "incident that quickens": ("factor = 6", "factor = 0.5", "incidents.slow.factor", "0.5", ">= 1"),
    "words for a strength": ("factor = 4", 'factor = "four"', "incidents.far.factor", "'four'", "expected a number"),
    "incident that ends when it begins": ("to_hour = 2.5", "to_hour = 1", "incidents.slow.to_hour", "1", "more than from_hour = 1"),
    "incident that ends before it begins": ("to_hour = 2.5", "to_hour = 0.5", "incidents.slow.to_hour", "0.5", "more than from_hour = 1"),
    "incident without an end": ("to_hour = 2.5\n", "", "incidents.slow", "kind, from_hour", "`to_hour`"),
    "incident before the start": ("from_hour = 1\n", "from_hour = -1\n", "incidents.slow.from_hour", "-1", ">= 0"),
    "incident at a time of day": ("from_hour = 1\n", "from_hour = 01:00:00\n", "incidents.slow.from_hour", "01:00:00", "expected a number"),
    "incident after eleven years": ("to_hour = 2.5", "to_hour = 1e6", "incidents.slow.to_hour", "1000000", "<= 100000"),
    "share of an incident above 1": ("share = 0.9\napis", "share = 90\napis", "incidents.slow.share", "90", "<= 1"),
    "incident on an unknown platform": ('"web", "ios"', '"web", "iso"', "incidents.slow.platforms", "'iso'", "one of web, miniprogram, ios, android"),
    "word for a list of platforms": ('["web", "ios"]', '"web"', "incidents.slow.platforms", "'web'", "expected a list"),
    "incident in an unknown country": ('["CN"]', '["US"]', "incidents.slow.countries", "'US'", "one of CN, DE"),
    "incident on an unknown network": ('networks = ["wifi"]', 'networks = ["5g"]', "incidents.slow.networks", "'5g'", "one of wifi, cable"),
    "incident of an unknown API": (
        'apis = ["search"]\nfactor', 'apis = ["serach"]\nfactor', "incidents.slow.apis", "'serach'", "one of search, item",
    ),
    "incident of an unknown file": (
        'assets = ["style"]\nstatus', 'assets = ["stile"]\nstatus', "incidents.cdn.assets", "'stile'", "one of style, font",
    ),
    "incident of an unknown page": ('pages = ["shelf"]', 'pages = ["shlef"]', "incidents.blank.pages", "'shlef'", "one of home, shelf"),
    "failure with a success": ("status = 502", "status = 204", "incidents.failing.status", "204", "0 (no answer) or 400 to 599"),
    "outage with a redirect": ("status = 504", "status = 302", "incidents.cdn.status", "302", "0 (no answer) or 400 to 599"),
    "status of an outage beyond 599": ("status = 504", "status = 600", "incidents.cdn.status", "600", "<= 599"),
    "failing share with a success": ("status = 503", "status = 201", "apis.search.fail.status", "201", "0 (no answer) or 400 to 599"),
    "number for a law": (
        '{ law = "constant", value = 8000 }', "8000", "incidents.offline.delay", "8000", "a table with `law`, one of constant, uniform",
    ),
    "unknown law of an incident": (
        '"constant", value = 8000', '"fixed", value = 8000', "incidents.offline.delay.law", "'fixed'", "one of constant, uniform",
    ),
    "blank screen without an error": ('bug = "numbered"\n', "", "incidents.blank", "kind, from_hour", "`bug`"),
    "blank screen of a crash": ('bug = "numbered"', 'bug = "fatal"', "incidents.blank.bug", "'fatal'", "one of plain, numbered"),
    "crash loop of an error": (
        'bug = "fatal"', 'bug = "plain"', "incidents.loop.bug", "'plain'", "bug of kind exception or signal; expected one of fatal",
    ),
    "crash loop of a bug of another system": (
        '["ios", "android"]\nname', '["ios"]\nname', "incidents.loop.bug", "'fatal', which does not happen on android", "of all platforms",
    ),
    "blank screen in an app": (
        'kind = "blank-screen"', 'kind = "blank-screen"\nplatforms = ["web", "ios"]', "incidents.blank.platforms", "'ios', which", "one of web, mini",
    ),
    "frozen browser": (
        'kind = "anr-wave"', 'kind = "anr-wave"\nplatforms = ["web"]', "incidents.freeze.platforms", "'web', which", "one of ios, android",
    ),
    "crash loop of a browser": ('platforms = ["android"]', 'platforms = ["web"]', "incidents.loop.platforms", "'web', which", "one of ios, android"),
    "more than everybody tries again": ("again_share = 0.6", "again_share = 2", "incidents.blank.again_share", "2", "<= 1"),
    "too many tries": ("tries = 2", "tries = 51", "incidents.loop.tries", "51", "<= 50"),
    "half a try": ("tries = 2", "tries = 1.5", "incidents.loop.tries", "1.5", "int"),
    "push to the end of a visit": ('page = "shelf"', 'page = "exit"', "incidents.call.page", "'exit'", "one of home, shelf"),
    "push to nowhere": ('page = "shelf"\n', "", "incidents.call", "kind, from_hour", "`page`"),
    "number twice in a path": ("/shelf/{id}", "/{id}/{id}", "pages.shelf.path", "{id} 2 times", "at most once"),
    "number twice in a message": ("item {id} is gone", "{id}{id}", "bugs.numbered.message", "{id} 2 times", "at most once"),
    "number twice in a stack": ("take (item {id})", "{id} {id}", "bugs.numbered.stack", "{id} 2 times", "at most once"),
    "numbers without a place in a path": ("/api/item/{id}", "/api/item", "apis.item.path", "no {id}", "one, as ids is 300"),
    "numbers without a place in a message": ("item {id} is gone", "item is gone", "bugs.numbered.message", "no {id}", "one, as ids is 25"),
    "place without numbers in a path": ("ids = 40\n", "", "pages.shelf.ids", "1", "at least 2: so many numbers stand for {id} in path"),
    "place without numbers in a message": ('"x is undefined"', '"x{id} is undefined"', "bugs.plain.ids", "1", "at least 2: so many numbers"),
    "place without numbers in a stack": ('stack = "at x"', 'stack = "at {id}"', "bugs.plain.ids", "1", "at least 2: so many numbers"),
    "number in the path of a file": ("/a.woff2", "/{id}.woff2", "assets.font.path", "{id}", "none: only paths of pages and APIs"),
    "number in the name of an error": ('"TypeError"', '"TypeError {id}"', "bugs.plain.name", "{id}", "none: only paths of pages and APIs"),
    "number in an act": ("/main/go", "/main/{id}", "pages.home.acts[1].target", "{id}", "none: only paths of pages and APIs"),
    "no numbers at all": ("ids = 40", "ids = 0", "pages.shelf.ids", "0", ">= 1"),
    "more numbers than there are": ("ids = 40", "ids = 10000000000", "pages.shelf.ids", "10000000000", "<= 1000000000"),
    "words for how many numbers": ("ids = 40", 'ids = "many"', "pages.shelf.ids", "'many'", "int"),
    "more clocks than devices": ("wrong_share = 0.05", "wrong_share = 5", "population.clocks.wrong_share", "5", "<= 1"),
    "unknown key of clocks": ("ahead_share = 0.3", "ahead = 0.3", "population.clocks", "`ahead`", "one of wrong_share, error, ahead_share"),
    "error of clocks upside down": (
        "low = 60000, high = 7200000", "low = 60000, high = 72", "population.clocks.error.high", "72", "at least low = 60000",
    ),
    "rage above 1": ("rage = { share = 0.4", "rage = { share = 4", "reactions.rage.share", "4", "<= 1"),
    "rage without presses": ("presses = 3", "presses = 0", "reactions.rage.presses", "0", ">= 1"),
    "rage without end": ("presses = 3", "presses = 21", "reactions.rage.presses", "21", "<= 20"),
    "number for the gap of a rage": (
        'gap = { law = "constant", value = 250 }', "gap = 250", "reactions.rage.gap", "250", "a table with `law`, one of constant",
    ),
    "patience in fractions": ("half = 5000", "half = 5.5", "reactions.page.half", "5.5", "int"),
    "negative patience": ("after = 2500", "after = -1", "reactions.api.after", "-1", ">= 0"),
    "number for patience": ("interaction = { after = 1500, half = 3500 }", "interaction = 3500", "reactions.interaction", "3500", "expected a table"),
    "activity of nobody": ('{ law = "uniform", low = 0.5, high = 1.5 }', '{ law = "constant", value = 0 }', "population.activity", "zeros", "above"),
    "quantiles that fall": ("values = [60000, 3600000", "values = [4000000, 3600000", "population.revisit.gap.values", "fall", "none below"),
    "one quantile": ("values = [60000, 3600000, 90000000]", "values = [60000]", "population.revisit.gap.values", "[60000]", "length >= 2"),
    "law without a table": (
        '"quantiles", file = "gaps.csv"', '"quantiles"', "platforms.miniprogram.idle.gap", "neither values nor file", "one of the two",
    ),
    "law with two tables": (
        'file = "gaps.csv"', 'file = "gaps.csv", values = [1, 2]', "platforms.miniprogram.idle.gap", "values and file", "one of the two",
    ),
    "law of a file that is nowhere": (
        'file = "gaps.csv"', 'file = "gasp.csv"', "platforms.miniprogram.idle.gap.file", "'gasp.csv', which is not among", "CSV file",
    ),
    "number for a file": ('file = "gaps.csv"', "file = 5", "platforms.miniprogram.idle.gap.file", "5", "expected a text"),
    "table of a file that falls": ("450000, 7000000", "4500000, 70", "platforms.miniprogram.idle.gap.values", "fall", "none below"),
    "table of a file with one value": ("[200000, 450000, 7000000]", "[200000]", "platforms.miniprogram.idle.gap.values", "[200000]", "length >= 2"),
    "table of no file": ("[tables.", "[table.", "platforms.miniprogram.idle.gap.file", "'gaps.csv', which is not among", "CSV file"),
    "visits that never end": ("regular_share = 0.6", "regular_share = 1", "population.revisit.regular_share", "1", "<= 0.95"),
    "share of going on above 1": ("continuation = [0.5,", "continuation = [1.5,", "journey.continuation[0]", "1.5", "<= 1"),
    "visits that go on for ever": ("continuation = [0.5, 0.75]", "continuation = [0.5, 1]", "journey.continuation[1]", "1", "less than 1"),
    "everybody goes on, always": ("continuation = [0.5, 0.75]", "continuation = [1.0]", "journey.continuation[0]", "1", "less than 1"),
    "pace beyond belief": ("pace = { user = 0.3", "pace = { user = 3", "journey.pace.user", "3", "<= 1.5"),
    "next page after an unknown one": ("next_after.shelf", "next_after.shlef", "pages.home.next_after", "'shlef'", "one of home, shelf"),
    "unknown page after another": ("{ shelf = 0.27", "{ shlef = 0.27", "pages.home.next_after.shelf", "'shlef'", "one of home, shelf, exit"),
    "pages after another that do not sum": ("{ shelf = 0.27", "{ shelf = 0.2", "pages.home.next_after.shelf", "0.93", "expected 1"),
    "next page after one from which nobody comes": (
        "next_after.shelf", "next_after.home", "pages.home.next_after.home", "nobody comes", "leads to home",
    ),
    "visit without an end after a page": (
        "next = { home = 0.5, exit = 0.5 }\n", "next = { home = 0.5, exit = 0.5 }\nnext_after = { home = { shelf = 1 }, shelf = { shelf = 1 } }\n",
        "pages.shelf.next_after.home", "no way", "exit",
    ),
    "people who resume more than always": ("resume_share = 0.35", "resume_share = 1.35", "platforms.web.left.resume_share", "1.35", "<= 1"),
    "tab that is kept upside down": ("low = 3600000, high", "low = 96400000, high", "platforms.web.left.kept.high", "86400000", "at least low"),
    "number for how long a tab is kept": (
        'kept = { law = "uniform", low = 3600000, high = 86400000 }', "kept = 5", "platforms.web.left.kept", "5", "a table with `law`, one of",
    ),
    "no tenants": ("count = 7", "count = 0", "app.tenants.count", "0", ">= 1"),
    "more tenants than there is room for": ("count = 7", "count = 1001", "app.tenants.count", "1001", "<= 1000"),
    "largest tenant last": ("exponent = 1.2", "exponent = -1", "app.tenants.exponent", "-1", ">= 0"),
    "release without an hour": (", from_hour = 40 }", " }", "app.releases[1]", "version", "`from_hour`"),
    "releases that go back": ("from_hour = 40 }", "from_hour = 29 }", "app.releases[1].from_hour", "29", "at least 30"),
    "release of the version that was": ('version = "1.2"', 'version = "1.0"', "app.releases[1].version", "'1.0'", "expected another"),
    "release to more than all": ("share = 0.83", "share = 83", "app.releases[0].share", "83", "<= 1"),
    "release on an unknown platform": ('platforms = ["ios", "web"] },', 'platforms = ["tv"] },', "app.releases[0].platforms", "'tv'", "one of web"),
    "crash loop of an unknown release": ('releases = ["1.2"]', 'releases = ["2.0"]', "incidents.loop.releases", "'2.0'", "one of 1.0, 1.1, 1.2"),
    "arms that do not sum": ("share = 0.37", "share = 0.3", "app.arms.*.share", "0.93", "expected 1"),
    "arm without a name": ("arms.plain =", 'arms."" =', "app.arms", "''", "length >= 1"),
    "arm with a name of any length": ("arms.plain =", f"arms.{'a' * 201} =", "app.arms", "'aaa", "length <= 200"),
    "arm that loads instantly": ("load_factor = 0.7", "load_factor = 0", "app.arms.quick.load_factor", "0", ">= 0.01"),
    "arm of an unknown page": ("next.shelf", "next.shlef", "app.arms.quick.next", "'shlef'", "one of home, shelf"),
    "arm that leads to an unknown page": ("{ home = 0.3", "{ hoem = 0.3", "app.arms.quick.next.shelf", "'hoem'", "one of home, shelf, exit"),
    "arm whose pages do not sum": ("{ home = 0.3", "{ home = 0.2", "app.arms.quick.next.shelf", "0.9", "expected 1"),
    "arm without an end": ("{ home = 0.3, exit = 0.7 }", "{ shelf = 1 }", "app.arms.quick.next.shelf", "no way", "exit"),
    "more arms than there is room for": (
        "arms.plain = { share = 0.37 }", "\n".join(f"arms.a{i} = {{ share = 0.04625 }}" for i in range(8)), "app.arms", "a7", "length <= 8",
    ),
    "hours of nowhere": ('hours_in = "local"', 'hours_in = "mars"', "population.hours_in", "'mars'", "expected one of utc, local"),
    "country without a zone": ("CN = 0.75, DE", "XX = 0.75, DE", "population.zones", "none of 'XX'", "hours ahead of UTC"),
    "zone of another country": ("zones = { DE", "zones = { FR", "population.zones", "'FR'", "one of CN, DE"),
    "zone beyond the date line": ("zones = { DE = 2", "zones = { DE = 20", "population.zones.DE", "20", "<= 14"),
    "burst that ends before it begins": ("to_hour = 22", "to_hour = 2", "population.bursts[0].to_hour", "2", "more than from_hour = 20"),
    "bursts one in another": ("from_hour = 50", "from_hour = 21", "population.bursts[1].from_hour", "21", "at least 22"),
    "burst of nobody": ("factor = 3 }", "factor = 0 }", "population.bursts[0].factor", "0", ">= 0.01"),
    "mixture that does not sum": (
        'stay = { law = "constant", value = 2000 }',
        'stay = { law = "mixture", parts = [{ weight = 0.4, law = { law = "constant", value = 1 } }] }',
        "pages.home.stay.parts.*.weight",
        "0.4",
        "expected 1",
    ),
    "mixture of mixtures": (
        'stay = { law = "constant", value = 2000 }',
        'stay = { law = "mixture", parts = [{ weight = 1, law = { law = "mixture", parts = [] } }] }',
        "pages.home.stay.parts[0].law.law",
        "'mixture'",
        "one of constant, uniform, exponential, lognormal",
    ),
    "visit of no pages": ("pages = 12", "pages = 0", "reactions.flow.pages", "0", ">= 1"),
    "negative lingering": ("linger = 1.5", "linger = -1", "reactions.linger", "-1", ">= 0"),
    "unknown reaction": ("linger = 1.5", "lingers = 1.5", "reactions", "`lingers`", "one of rage, page, api, interaction, flow, linger"),
    "handshake without a round trip": ("tls_round_trips = 2", "tls_round_trips = 0", "networks.cable.tls_round_trips", "0", ">= 1"),
    "handshake of many round trips": ("tls_round_trips = 2", "tls_round_trips = 5", "networks.cable.tls_round_trips", "5", "<= 4"),
    "times of a connection as they were": (
        "tls_round_trips = 2", 'ssl = { law = "constant", value = 2 }', "networks.cable", "`ssl`", "rtt, tls_round_trips",
    ),
    "network without round trips": ('rtt = { law = "constant", value = 2 }\n', "", "networks.cable", "model, dns", "`rtt`"),
    "word for a truth": ("timing = false", 'timing = "no"', "assets.font.timing", "'no'", "true or false"),
    "origin of a file with a path": ("https://fonts.example", "https://fonts.example/", "assets.font.origin", "'https://fonts.example/'", "regex"),
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
    [
        ("unknown law", ["constant", "uniform", "exponential", "lognormal", "mixture", "quantiles"]),
        ("unknown method", ["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ("unknown kind of file", ["css", "js", "image", "font", "media"]),
        ("unknown kind of bug", ["error", "rejection", "custom", "exception", "signal"]),
        ("unknown kind of incident", [str(kind.__struct_config__.tag) for kind in get_args(Incident)]),
        ("incident without a kind", [str(kind.__struct_config__.tag) for kind in get_args(Incident)]),
    ],
)
def test_an_unknown_word_is_answered_with_those_there_are(small: str, mistake: str, known: list[str]) -> None:
    """Where only some words are possible the line lists them all."""
    with pytest.raises(ProfileError) as caught:
        parse(edited(small, mistake), FILE)
    assert str(caught.value).endswith(f"expected one of {', '.join(known)}")


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


@pytest.mark.parametrize("mistake", MISTAKES)
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
            f'request_size = {{ law = "uniform", low = {i}, high = {i + 2}}}\n'
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
