"""Published figures that page views hold are measured; what a profile claims of them decides the exit code."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from simulator.cli import main
from simulator.errors import ProfileError
from simulator.fidelity import published as compared
from simulator.fidelity.compare import Row
from simulator.fidelity.events import FORMS, Events, Seen, arrange
from simulator.fidelity.published import dispersion, with_published
from simulator.fidelity.references import checked, claimed, published
from simulator.fidelity.sessions import HOUR
from simulator.fidelity.simulate import Span, span_of, watch
from simulator.profile import starters
from simulator.profile.loader import parse

LCP = "web-desktop/lcp"


def painted(factor: float) -> tuple[Events, Seen]:
    """Give 200 users of one page view each, on desktops, whose LCP is as published, times a factor."""
    reference = next(reference for reference in published() if reference.name == LCP)
    at = {float(name[1:]) / 100: value for name, value in reference.values.items() if name[0] == "p" and name[1:].isdigit()}
    shares = (np.arange(4_000) + 0.5) / 4_000
    lcp = np.exp(np.interp(shares, [0.001, *at], np.log([100, *at.values()]))) * factor
    user = np.arange(4_000) % 200
    log = arrange(np.repeat(np.arange(200), 2), np.arange(400) * 1_000)
    return log, Seen(np.full(200, FORMS.index("desktop")), lcp.astype(np.int64), user)


def rows(log: Events, seen: Seen, claims: frozenset[str] = frozenset()) -> dict[str, Row]:
    """Give the rows by metric."""
    return {row.metric: row for row in with_published(log, "x", claims, seen).rows}


@pytest.mark.parametrize(("factor", "held"), [(1.0, True), (1.08, True), (1.15, False), (0.87, False)])
def test_paints_are_held_to_their_quantiles_and_shares(factor: float, held: bool) -> None:
    """LCP holds within a tenth (of its logarithm) at all published quantiles; 15 % more or 13 % less does not."""
    found = rows(*painted(factor), frozenset({LCP}))
    assert found[f"{LCP} of page views in ms (median), largest |log ratio| at the published quantiles"].held is held


def test_shares_of_page_views_have_their_row() -> None:
    """So have the shares of page views that are good and poor; other forms of devices have none, and are named."""
    log, seen = painted(1.0)
    found = rows(log, seen, frozenset({LCP}))
    assert found[f"{LCP} of page views in ms, share that is good, %"].held
    assert found[f"{LCP} of page views in ms, share that is poor, %"].held
    assert found["web/landing_page_share, desktop, of page views"].value == pytest.approx(0.5)
    assert "web-mobile/lcp: fewer than 100 page views on devices of this form" in with_published(log, "x", frozenset(), seen).unscored


def test_every_figure_has_a_row() -> None:
    """Measured or not: a figure that is not has its own number, source and grade, nothing beside it, and a reason; those of laboratories say so."""
    log, seen = painted(1.0)
    found = with_published(log, "x", frozenset(), seen)
    for reference in published():
        mine = [row for row in found.rows if row.metric.startswith(reference.name)]
        reasons = [line.partition(": ")[2] for line in found.unscored if line.startswith(f"{reference.name}: ")]
        assert mine, reference.name
        assert all(row.source == f"{reference.source} [{reference.grade}]" for row in mine)
        if reasons:
            assert [(row.value, row.distance, row.held) for row in mine] == [(None, None, None)]
            assert mine[0].reference is not None
            assert reasons != ["too few values"] or reference.platform == "web-content"
        assert (reasons == ["from a laboratory, on emulated devices: reported only"]) == reference.platform.endswith("lab")


ORIGINS = {  # CALIBRATION 1.3: shares of origins whose 75th percentile is good and poor (Web Almanac 2025, July 2025)
    "web-desktop": {"good": 0.74, "poor": 0.07},
    "web-mobile": {"good": 0.62, "poor": 0.13},
}


def test_shares_are_those_of_page_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """LCP is compared with shares of page views: on page views as published they hold, and those of origins, put in their place, fail."""
    log, seen = painted(1.0)
    good = f"{LCP} of page views in ms, share that is good, %"
    assert rows(log, seen, frozenset({LCP}))[good].held
    mixed = [replace(r, values=r.values | ORIGINS[r.platform]) if r.metric == "lcp" and r.platform in ORIGINS else r for r in published()]
    monkeypatch.setattr(compared, "published", lambda: mixed)
    found = rows(log, seen, frozenset({LCP}))
    assert found[f"{LCP} of page views in ms, share that is poor, %"].held is False


def test_figures_from_laboratories_are_never_judged() -> None:
    """They can neither be claimed nor have a verdict."""
    labs = [reference for reference in published() if reference.platform.endswith("lab")]
    assert labs
    for reference in labs:
        with pytest.raises(ProfileError, match="which is reported only: it"):
            checked([reference.name])
    assert not [
        row for row in with_published(painted(1.0)[0], "x", frozenset(), painted(1.0)[1]).rows if "lab/" in row.metric and row.held is not None
    ]


def test_starts_of_a_poisson_process_are_not_dispersed() -> None:
    """Given the hour, the index is 1; where sessions come in threes it is far above."""
    rng = np.random.default_rng(3)
    hours = rng.choice(24, p=np.repeat([0.5, 1.5], 12) / 24, size=20_000)
    begin = (rng.integers(0, 16, 20_000) * 24 + hours) * HOUR + rng.integers(0, HOUR, 20_000)
    assert dispersion(begin) == pytest.approx(1, abs=0.15)
    assert dispersion(np.repeat(begin[::3], 3)) > 2


def test_paints_are_seen_of_simulated_people() -> None:
    """The shop's web pages report LCP, of desktops and phones; apps and mini programs have no form."""
    log, seen = watch(parse(starters.read("shop"), "shop.toml"), Span(users=40, begin=1_389_052_914_000, end=1_389_052_914_000 + 4 * HOUR), 3)
    assert len(seen.form) == log.users
    assert {-1, 0, 1} <= set(seen.form.tolist())
    assert len(seen.lcp) > 20
    assert seen.user.max() < log.users


def test_a_profile_names_what_it_claims(tmp_path: Path) -> None:
    """Its claims decide the exit code of `rumsim fidelity`; a claim that is none is refused by it and by `rumsim check`, with its place."""
    text = starters.read("content")
    assert claimed(parse(text, "content.toml"), "content.toml") >= {"web-content/burstiness_B"}
    deeper = tmp_path / "deeper.toml"
    deeper.write_text(text.replace("continuation = [0.4", "continuation = [0.6"), "utf-8")
    result = CliRunner().invoke(main, ["fidelity", str(deeper), "--users", "1000"])
    assert result.exit_code == 1, result.stderr
    assert "web-content/events_per_session" in result.stdout.splitlines()[0]
    wrong = tmp_path / "wrong.toml"
    for name, said in (("web-content/burst", "which is no published figure"), ("web-mobile-lab/tbt", "which is reported only")):
        wrong.write_text(text.replace("web-content/burstiness_B", name), "utf-8")
        for command in ("check", "fidelity"):
            result = CliRunner().invoke(main, [command, str(wrong)])
            assert result.exit_code == 2
            assert result.stderr.startswith(f"rumsim: {wrong}: at `fidelity.claims[4]`: found {name!r}, {said}")
            assert result.stderr.count("\n") == 1


def test_what_the_reader_site_claims_holds() -> None:
    """Each figure that content.toml claims is reached by 5,000 of its users."""
    profile = parse(starters.read("content"), "content.toml")
    claims = claimed(profile, "content.toml")
    log, seen = watch(profile, span_of(None, None), 1)
    found = with_published(log, "content", claims, seen)
    assert [row.metric for row in found.failed] == []
    assert sum(row.held is True for row in found.rows) >= len(claims) == 6


def test_what_the_shop_claims_and_says_of_itself_holds() -> None:
    """LCP on desktops and phones is reached by 5,000 of its users; 47 to 49 % of sessions have one page view, 28 % of page views are landings."""
    profile = parse(starters.read("shop"), "shop.toml")
    log, seen = watch(profile, span_of(None, None), 1)
    found = with_published(log, "shop", claimed(profile, "shop.toml"), seen)
    assert (found.failed, found.open) == ([], [])
    assert sum(row.held is True for row in found.rows) == 6
    shown = {row.metric: row.value for row in found.rows}
    assert shown["web-content/events_per_session (share of 1), distribution at the published quantiles"] == pytest.approx(0.48, abs=0.015)
    for form in ("desktop", "mobile"):
        assert shown[f"web/landing_page_share, {form}, of page views"] == pytest.approx(0.283, abs=0.012)


def test_a_claim_that_nobody_can_show_fails() -> None:
    """A claimed figure that no simulated user has does not hold; one that too few have is not judged, and says how many it takes."""
    log, seen = painted(1.0)
    none = with_published(log, "x", frozenset({"web-tablet/lcp"}), seen)
    assert [row.metric for row in none.failed] == ["web-tablet/lcp, 0 values"]
    few = with_published(log, "x", frozenset({LCP}), Seen(seen.form, seen.lcp[:40], seen.user[:40]))
    assert (few.failed, [row.needed for row in few.open]) == ([], [500])


def test_claims_are_checked_one_by_one() -> None:
    """The place is that of the first mistake."""
    text = starters.read("content").replace('"web-content/revisit_gap"', '"web-content/x"')
    with pytest.raises(ProfileError, match=r"x.toml: at `fidelity.claims\[5\]`: found 'web-content/x'"):
        claimed(parse(text, "x.toml"), "x.toml")
