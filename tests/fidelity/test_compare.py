"""Comparisons hold for real against real, fail for naive against real, and what is shown is what was measured."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from process import Process, draw

from simulator.cli import main
from simulator.errors import ProfileError
from simulator.fidelity.compare import Row, judged, result, with_log
from simulator.fidelity.events import Events, arrange, only
from simulator.fidelity.halves import split
from simulator.fidelity.naive import naive
from simulator.fidelity.published import with_published
from simulator.fidelity.references import checked, published
from simulator.fidelity.sessions import Sessions
from simulator.fidelity.simulate import Span, simulate, span_of
from simulator.profile import starters
from simulator.profile.loader import parse
from simulator.report.fidelity import html, text

Rumsim = Callable[..., Result]


@pytest.fixture
def rumsim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rumsim:
    """Give what runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(word) for word in arguments])


def _log(s: Sessions) -> Events:
    """Write sessions as a log again."""
    first = np.concatenate([[0], np.cumsum(s.length)[:-1]])
    time = np.empty(int(s.length.sum()), np.int64)
    time[first] = s.begin
    rest = np.ones(len(time), np.bool_)
    rest[first] = False
    since = np.zeros(len(time), np.int64)
    since[rest] = s.gap
    total = np.cumsum(since)
    return arrange(np.repeat(s.user, s.length), np.repeat(s.begin - total[first], s.length) + total)


def test_real_people_are_as_near_as_real_people(readers: Events) -> None:
    """Halves of the readers against each other: the median of five splits is within the floor of every distance, and no family's score is low."""
    found = []
    for seed in range(5):
        half = split(readers.users, seed)
        found.append(with_log(only(readers, half), only(readers, ~half), "held out", "half", classify=False))
    for rows in zip(*(one.rows for one in found), strict=True):
        if rows[0].floor is not None:
            assert np.median([row.distance for row in rows]) <= np.median([row.floor for row in rows]), rows[0].metric
    for family in found[0].families:
        assert np.median([one.families[family] for one in found]) >= 0.9, family
    assert "page transitions: the reference has no pages" in found[0].unscored


def test_the_naive_model_is_told_apart(readers: Events, read_sessions: Sessions) -> None:
    """Geometric lengths and exponential gaps fail where they are known to be wrong, and their score is near 0 there."""
    found = with_log(_log(naive(read_sessions, 3)), readers, "readers", "naive", classify=False)
    failed = {row.metric for row in found.failed}
    assert {"session length (mean), TV", "gap (median s), KS", "lag-1 correlation of log gaps", "user ICC of log gaps"} <= failed
    assert found.families["pace"] < 0.2
    assert found.families["memory"] < 0.35
    assert text(found).splitlines()[0].startswith(f"{len(failed)} OF ")


def test_pages_are_compared_by_name(readers: Events) -> None:
    """Logs with pages get a row for the ways between them: equal graphs are near 0, whatever the slash before a name."""
    page = np.arange(len(readers.time)) % 2
    a = Events(readers.user, readers.time, page, ("/home", "/my%20list"), readers.users, readers.resolution)
    b = Events(readers.user, readers.time, page, ("home", "my list"), readers.users, readers.resolution)
    row = next(row for row in with_log(a, b, "readers", "x", classify=False).rows if row.family == "pages")
    assert row.distance == pytest.approx(0, abs=1e-9)


PAGES = {"": {"/home": 0.7, "/list": 0.3}, "/home": {"/list": 0.8, "/home": 0.2}, "/list": {"/home": 0.3, "/list": 0.7}}
ANOTHER = PAGES | {"/home": {"/list": 0.2, "/home": 0.8}, "/list": {"/home": 0.7, "/list": 0.3}}
GRAPHS = ("page transitions, JSD in bits", "page transitions, TV of rows")


def test_another_graph_fails() -> None:
    """People of one page graph hold against each other; those of a graph with its ways upside down fail, with a score near 0."""
    real = draw(Process(pages=PAGES), 1_500, 16, 5)
    same, other = (with_log(draw(Process(pages=p), 1_500, 16, 7), real, "log", "x", classify=False) for p in (PAGES, ANOTHER))
    pages = [row for row in same.rows if row.family == "pages"]
    assert [row.held for row in pages] == [True, True, True]
    assert all(row.score is not None and row.score > 0.9 for row in pages if row.metric in GRAPHS)
    assert set(GRAPHS) <= {row.metric for row in other.failed}
    assert other.families["pages"] < 0.1


def test_another_week_and_other_users_fail(readers: Events) -> None:
    """Readers against themselves with the day turned round, or with the sessions of two users as one's: the rows of hours or of users fail."""
    day = 24 * 3_600_000
    turned = arrange(readers.user, readers.time // day * day + (day - 1 - readers.time % day))
    assert "hour of session starts, TV" in {row.metric for row in with_log(turned, readers, "log", "x", classify=False).failed}
    assert "hour of the week of session starts, TV" in {row.metric for row in with_log(turned, readers, "log", "x", classify=False).failed}
    double = arrange(readers.user // 2, readers.time)
    row = next(row for row in with_log(double, readers, "log", "x", classify=False).rows if row.metric.startswith("sessions per user"))
    assert (row.held, row.score) == (False, 0)


def test_the_page_is_whole(readers: Events) -> None:
    """The HTML has every row and family with its score, a plot per quantity, the steps of time, and nothing from elsewhere."""
    found = with_log(readers, readers, "a <b>", "x", classify=False)
    page = html(found)
    assert page.count("<tr") == len(found.rows) + len({row.family for row in found.rows}) + 1
    assert page.count("<meter") == sum(row.score is not None for row in found.rows)
    assert all(f">{family}: {value:.2f}<" in page for family, value in found.families.items())
    assert "cut down to 1,000 ms" in page
    assert page.count("<svg") == len(found.curves) == 4
    assert "http" not in page
    assert "a &lt;b&gt;" in page
    assert "<b>" not in page


def test_published_figures_hold_for_those_whom_they_describe(readers: Events) -> None:
    """The readers reach what was published of them, if it is claimed; what is not claimed is only shown."""
    names = frozenset(reference.name for reference in published() if reference.platform == "web-content" and reference.claimable)
    claimed = with_published(readers, "readers", checked(tuple(names)))
    assert [row.metric for row in claimed.failed] == []
    assert sum(row.held is True for row in claimed.rows) >= 12
    shown = with_published(readers, "readers", frozenset())
    assert all(row.held is None for row in shown.rows)
    assert text(shown).startswith("NOTHING CLAIMED")
    assert any(name.startswith("web-desktop/lcp") for name in shown.unscored)


def test_what_may_be_claimed() -> None:
    """Figures without tolerance, from a laboratory or at second hand cannot be claimed; every figure has its source and grade."""
    for reference in published():
        assert reference.source
        assert reference.grade in "ABC"
        if reference.claimable:
            assert checked((reference.name,)) == {reference.name}
        else:
            with pytest.raises(ProfileError, match="reported only"):
                checked((reference.name,))
    with pytest.raises(ProfileError, match="--claim: found 'x', which is no published figure; expected one of "):
        checked(("x",))


def test_simulated_people_are_a_log() -> None:
    """As many users as asked for, inside the span, sampled as a whole; the same seed gives the same people."""
    shop = parse(starters.read("shop"), "shop.toml")
    span = Span(users=40, begin=1_389_052_914_000, end=1_389_052_914_000 + 4 * 3_600_000)
    log = simulate(shop, span, 3)
    assert log.users == 40
    assert log.time.min() >= span.begin
    assert log.time.max() <= span.end
    assert {"/home", "/list"} <= set(log.pages)
    assert np.array_equal(simulate(shop, span, 3).time, log.time)
    assert span_of(log, None).users == 40


def test_the_classifier_guesses_on_real_people(readers: Events, read_sessions: Sessions) -> None:
    """Between two halves it does no better than guessing; the naive model it tells apart (CALIBRATION section 4: .739 and .837)."""
    pytest.importorskip("sklearn")
    from simulator.fidelity.classifier import auc
    from simulator.fidelity.events import coarsen
    from simulator.fidelity.sessions import cut, of

    half = split(read_sessions.users, 2)
    near = auc(of(read_sessions, half), of(read_sessions, ~half))
    assert near.all == pytest.approx(0.5, abs=0.04)
    assert near.multiple == pytest.approx(0.5, abs=0.05)
    far = auc(read_sessions, cut(coarsen(_log(naive(read_sessions, 3)), readers.resolution)))
    assert far.all > 0.65
    assert far.multiple > 0.75


def test_features_are_those_of_the_gaps() -> None:
    """Page views, duration and the mean, spread, least, middle, largest, first and last logarithm of the gaps."""
    from simulator.fidelity.classifier import features
    from simulator.fidelity.sessions import cut

    rows = features(cut(arrange([0, 0, 0, 1], [0, 3_000, 4_000, 0])))
    four, two = np.log(4), np.log(2)
    assert rows[0] == pytest.approx([3, np.log(5), (four + two) / 2, (four - two) / 2, two, (four + two) / 2, four, four, two])
    assert rows[1].tolist() == [1, 0] + [-1] * 7


def test_too_few_users_are_not_judged() -> None:
    """Where chance alone is beyond the tolerance, a row is neither held nor failed, unless it is beyond both; it says how many users it takes."""
    row = Row(metric="x", family="x", value=None, reference=None, source="x", distance=0.06)
    assert judged(row, 0.06, 0.05, 0.02, 200).held is False
    assert judged(row, 0.06, 0.07, 0.02, 200).held is True
    few = judged(row, 0.06, 0.05, 0.125, 200)
    assert (few.held, few.needed) == (None, 800)
    assert judged(row, 0.18, 0.05, 0.125, 200).held is False
    assert judged(row, 0.06, 0.05, 0.05, 200).held is False
    assert judged(row, 0.06, 0.05, 0.05, 200, firm=0.5).needed == 800
    shown = result("p", "log", 200, [few], [], [])
    assert text(shown).splitlines()[0] == "TOO FEW USERS TO JUDGE 1: about 800 needed"
    assert shown.failed == []


def test_a_few_readers_are_too_few_and_enough_are_enough(readers: Events) -> None:
    """Of 200 readers some published figures of theirs cannot be judged, and none fails; of all readers each is."""
    claims = checked(("web-content/user_icc_log_gap", "web-content/burstiness_B", "web-content/within_session_gap"))
    few = with_published(only(readers, np.arange(readers.users) % 25 == 0), "readers", claims)
    assert few.failed == []
    assert len(few.open) == 4
    assert all((row.needed or 0) > few.users for row in few.open)
    enough = with_published(readers, "readers", claims)
    assert (enough.failed, enough.open) == ([], [])


# ------------------------------------------------------------------------------------------------------------------------------ commands
def test_fit_writes_a_profile(rumsim: Rumsim, reader_log: Path, tmp_path: Path) -> None:
    """`rumsim fit` says what it was fitted on, and overwrites nothing."""
    made = rumsim("fit", reader_log, "--columns", "user=u,time=t", "--out", "readers.toml")
    assert made.exit_code == 0, made.stderr
    assert made.stdout == "readers.toml: fitted on 31,334 page views in 11,095 sessions\n"
    assert (tmp_path / "readers.toml").read_text("utf-8").startswith("# readers: ")
    again = rumsim("fit", reader_log, "--columns", "user=u,time=t", "--out", "readers.toml")
    assert again.exit_code == 2
    assert again.stderr.startswith("rumsim: --out readers.toml: is there already")


def test_fidelity_reports_and_judges(rumsim: Rumsim, tmp_path: Path) -> None:
    """Without a claim the figures are shown and the exit code is 0; a claim that does not hold is 1; JSON and HTML say the same."""
    shown = rumsim("fidelity", "miniprogram", "--users", "100", "--html", "page.html")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("NOTHING CLAIMED")
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")
    claimed = rumsim("fidelity", "shop", "--users", "500", "--claim", "web-content/events_per_session", "--json")
    assert claimed.exit_code == 1
    rows = json.loads(claimed.stdout)["rows"]
    assert [row["metric"].partition(" ")[0] for row in rows if row["held"] is False] == ["web-content/events_per_session"]


def test_claims_are_judged_beside_a_log(rumsim: Rumsim, reader_log: Path) -> None:
    """With a log, the profile's claims and those of the command line are judged as they are without it."""
    more = ("--claim", "web-content/continue_probability_by_depth", "--users", "1000", "--json")
    alone = rumsim("fidelity", "content", *more)
    beside = rumsim("fidelity", "content", *more, "--reference", reader_log, "--columns", "user=u,time=t", "--no-classifier")
    bound = [row for row in json.loads(alone.stdout)["rows"] if row["held"] is not None or row["needed"]]
    assert len(bound) == 13
    assert json.loads(beside.stdout)["rows"][-len(bound) :] == bound
    assert "rows have the user and time of another" in beside.stderr


def test_a_timeout_cuts_the_sessions_of_a_log(rumsim: Rumsim, reader_log: Path) -> None:
    """With a longer timeout sessions are longer, in both; `rumsim fit` says how to compare with what it has fitted."""
    words = ("--columns", "user=u,time=t")
    made = rumsim("fit", reader_log, *words, "--timeout", "120", "--out", "readers.toml")
    assert made.stderr.splitlines()[-1] == f"next: rumsim fidelity readers.toml --reference {reader_log} --columns user=u,time=t --timeout 120"
    means = []
    for timeout in ("30", "120"):
        shown = rumsim("fidelity", "readers.toml", "--reference", reader_log, *words, "--timeout", timeout, "--no-classifier", "--json")
        means.append(next(row for row in json.loads(shown.stdout)["rows"] if row["metric"] == "session length (mean), KS"))
    assert means[1]["reference"] > means[0]["reference"] + 0.3
    assert means[1]["value"] > means[0]["value"] + 0.3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fit", "no.csv", "--out", "x.toml"), "no.csv: no such file"),
        (("fit", "no.csv", "--out", "x.toml", "--columns", "x"), "--columns: found 'x'"),
        (("fidelity", "no.toml"), "no.toml: no such file"),
        (("fidelity", "shop", "--claim", "x"), "--claim: found 'x'"),
        (("fidelity", "shop", "--reference", "no.csv"), "no.csv: no such file"),
        (("fidelity", "shop", "--timeout", "60"), "--timeout 60: is for a log (--reference)"),
        (("fidelity", "shop", "--reference", "short.csv"), "short.csv: found 20 min from the first page view to the last; expected more than 30"),
        (("fidelity", "shop", "--reference", "few.csv"), "few.csv: found 20 users; expected at least 100"),
        (("fidelity", "shop", "--reference", "empty.csv"), "empty.csv: empty; expected page views"),
    ],
)
def test_mistakes_are_one_line(rumsim: Rumsim, words: tuple[str, ...], said: str) -> None:
    """A mistake is one line that names the file or option; exit code 2."""
    for name, step in (("short.csv", 60), ("few.csv", 6_000)):
        Path(name).write_text("user,time\n" + "".join(f"u{i % 20},{1_700_000_000 + i * step}\n" for i in range(21)), "utf-8")
    Path("empty.csv").touch()
    result = rumsim(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"rumsim: {said}")
    assert result.stderr.count("\n") == 1
