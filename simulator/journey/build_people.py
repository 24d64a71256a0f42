"""The population as numbers of the world: who there is, when they come, how quick they are, and which variant of the application they have."""

from simulator.journey.arrivals import WEIGHT_ONE, burst_list, curve_table
from simulator.journey.population import invent_names
from simulator.journey.tabulate import Tables, quantiles
from simulator.journey.world import World
from simulator.kernel.rnd import threshold
from simulator.profile import types
from simulator.profile.laws import LogNormal, mean
from simulator.profile.strings import NUMBER, Strings
from simulator.profile.zones import zone_ms
from simulator.schema.words import PLATFORMS

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
DEEPEST = 100  # assumed: from this page view on people get no quicker


def people(w: World, t: Tables, strings: Strings, profile: types.Profile, visits_per_day: float | None) -> None:
    """Fill in what concerns the population. `visits_per_day` replaces the population's."""
    population = profile.population
    again = population.revisit
    chain = (1 - again.regulars) / (1 - again.share) + again.regulars / (1 - again.regular_share)  # visits, for each that comes on its own
    w.gap = max(1, round(DAY_MS / ((visits_per_day or population.visits_per_day) / chain) * WEIGHT_ONE))
    w.activity = t.quantiles(quantiles(population.activity, 1_000 / mean(population.activity)))
    w.returns, w.regulars, w.regulars_return = threshold(again.share), threshold(again.regulars), threshold(again.regular_share)
    w.revisit_gap = t.law(again.gap)
    pace = profile.journey.pace
    w.user_pace, w.visit_pace = (t.quantiles(quantiles(LogNormal(median=1, sigma=sigma), 1_000)) for sigma in (pace.user, pace.visit))
    w.depth_pace = t.list([round(1_000 * k**-pace.depth) for k in range(1, DEEPEST + 1)])
    w.keep = threshold(pace.keep)
    w.continuation = t.list([threshold(share) for share in profile.journey.continuation]) if profile.journey.continuation else 0
    w.arrivals = t.add(curve_table(population.days, population.hours))
    w.bursts = t.add(burst_list(population))
    w.country = t.choice({strings.id(n): share for n, share in population.countries.items()})
    w.zones = t.list([number for n in population.countries for number in (strings.id(n), zone_ms(population, n))], 2)
    names = invent_names(population.locales, w.seed) if population.named_share else [""]
    w.names = t.choice({strings.id(n): 1.0 for n in names})
    w.named = threshold(population.named_share)
    clocks = population.clocks
    w.wrong_clocks, w.clocks_ahead, w.clock_error = threshold(clocks.wrong_share), threshold(clocks.ahead_share), t.law(clocks.error)
    _variants(w, t, strings, profile.app)


def _variants(w: World, t: Tables, strings: Strings, app: types.App) -> None:
    tenants = app.tenants
    w.app = strings.id(app.id if tenants.count == 1 else f"{app.id}-{NUMBER}")
    w.tenant = t.choice({k: k**-tenants.exponent for k in range(1, tenants.count + 1)})
    w.versions = t.list([strings.id(version) for version in (app.version, *(release.version for release in app.releases))])
    w.releases = t.list(
        [
            number
            for r in app.releases
            for number in (
                round(r.from_hour * HOUR_MS),
                threshold(r.share),
                t.law(r.delay),
                sum(1 << PLATFORMS.index(name) for name in r.platforms or PLATFORMS),
            )
        ],
        4,
    )
    w.arm = t.choice({i: arm.share for i, arm in enumerate(app.arms.values())} or {0: 1.0})
    w.arm_names = t.list([strings.id(name) for name in app.arms])
    w.arm_loads = t.list([round(arm.load_factor * 1_000) for arm in app.arms.values()] or [1_000])
