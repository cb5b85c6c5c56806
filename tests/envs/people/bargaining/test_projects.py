"""Projects of a plan: their money is the kernel's, their packages are near the plan, and what is agreed is a plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.scenario import LAND_USES, FixedVillage, Intensity, Scenario
from envs.choices.options import OptionSpace, option_space
from envs.kernel import ResolvedScenario, evaluate, resolve
from envs.kernel.consent import Offer, consent_ratio, consent_share
from envs.kernel.hedonic import met_with_option
from envs.kernel.plans import Plans, choose
from envs.kernel.trace import SEARCH, Trace
from envs.people.bargaining.parties import PARTIES, TENANTS, VILLAGERS, total
from envs.people.bargaining.projects import GIVEN_UP, Projects, projects_of
from envs.rules.check import check
from envs.rules.single_villages import VILLAGE_RULES

VALUED = ("facilities", "jobs", "rental", "displacement", "carbon")


def test_money_of_the_plan_is_the_kernels(resolved: ResolvedScenario, plan: Plans, projects: Projects) -> None:
    """Summed over projects, package 0 gives the land payment, the taxes and what each account earns."""
    outcomes, area = evaluate(resolved, plan), resolved.constants.base.site_area_m2[projects.village_idx]
    government = projects.terms["government"]
    money = total({name: term for name, term in government.items() if name not in VALUED})
    margin_kept = 1.0 - resolved.book.number("bargain.reserve_margin")
    developer = total(projects.terms["developer"])
    assert money[:, 0] @ area == pytest.approx(outcomes["government_npv_cny"][0], rel=1e-12)
    assert government["land"][:, 0] @ area == pytest.approx(outcomes["residual_land_value_cny"][0], rel=1e-12)
    assert government["taxes"][:, 0] @ area == pytest.approx(outcomes["taxes_cny"][0], rel=1e-12)
    assert developer[:, 0] @ area == pytest.approx(margin_kept * outcomes["developer_npv_cny"][0], rel=1e-9)


def test_utilities_are_their_terms(projects: Projects) -> None:
    ratio = np.linspace(1.0, 1.6, len(projects.village_idx))
    utility = projects.stakes.utility_at(ratio)
    for position, party in enumerate(PARTIES):
        assert total(projects.terms_at(party, ratio)) == pytest.approx(utility[:, :, position], rel=1e-12, abs=1e-9)


def test_a_developer_without_sales_neither_gains_nor_loses_by_the_plan(projects: Projects) -> None:
    """The land takes all but the margin, exactly: 0 is no loss."""
    developer = projects.stakes.utility[:, 0, PARTIES.index("developer")]
    sells = projects.terms["developer"]["reserve"][:, 0] != 0.0
    assert (developer[~sells] == 0.0).all()
    assert (developer[sells] > 0.0).all()
    assert sells.any()
    assert not sells.all()


def test_villagers_are_at_zero_where_the_kernel_sees_consent(resolved: ResolvedScenario, projects: Projects) -> None:
    """The household that wants the ratio q gains nothing by the least multiplier, more only where that is 1."""
    q = consent_ratio(resolved.voters, resolved.book.number("consent.threshold"))
    gain = projects.stakes.utility_at(np.full(len(projects.village_idx), q))[:, 0, 0]
    rebuilt, least = projects.stakes.veto[:, 0], projects.multiplier[:, 0] > 1.0
    assert gain[rebuilt & least] == pytest.approx(0.0, abs=1e-8)
    assert (gain[rebuilt & ~least] >= 0.0).all()
    offer = Offer(projects.reservation_cny[:, None], projects.house_cny, projects.cash_cny)
    share = consent_share(projects.multiplier, offer, resolved.voters)[rebuilt, 0]
    assert (share >= resolved.book.number("consent.threshold") - 1e-9).all()


def test_packages_are_the_plans_and_those_one_step_away(plan: Plans, options: OptionSpace, projects: Projects) -> None:
    """At most one of density, facilities and land use differs, densities and ratios by a level of the village."""
    table, legal = projects.packages.plans, projects.stakes.legal
    assert legal[:, 0].all()
    for row, village in enumerate(projects.village_idx.tolist()):
        of_village = [np.asarray(column[:, village])[legal[row]] for column in table.columns]
        own = [column[0, village] for column in plan.columns]
        different = np.stack([~np.isclose(a, b, atol=1e-6) for a, b in zip(of_village, own, strict=True)])
        assert (different.sum(axis=0) <= 1).all()
        assert not different[:2].any()
        assert set(of_village[2].tolist()) <= set(range(len(LAND_USES)))
        levels = set(options.floor_area_ratio[village].tolist()) | {own[3]}
        assert set(of_village[3].tolist()) <= levels
        assert len(set(of_village[3].tolist())) <= 3
        assert len(set(of_village[4].tolist())) <= 3


def test_terms_on_the_table(projects: Projects, resolved: ResolvedScenario) -> None:
    """Every multiplier and on-site share of the book where something is rebuilt, the plan's terms alone elsewhere."""
    for row, village in enumerate(projects.village_idx.tolist()):
        legal = projects.stakes.legal[row]
        if not projects.stakes.veto[row, 0]:
            assert legal[legal].size <= 5
            assert (projects.multiplier[row, legal] == 1.0).all()
            continue
        multipliers = set(np.round(projects.multiplier[row, legal], 9).tolist())
        assert multipliers >= set(resolved.book.series("bargain.multipliers")), village
        assert resolved.onsite_share in projects.onsite_share[row, legal]


def test_who_has_a_veto(resolved: ResolvedScenario, plan: Plans, options: OptionSpace, projects: Projects) -> None:
    rebuilt = plan.intensity[0][projects.village_idx] > 0
    always, never = np.ones(5, dtype=bool), np.zeros(5, dtype=bool)
    assert np.array_equal(projects.stakes.veto, np.stack([rebuilt, rebuilt, always, never], axis=1))
    voting = resolve(Scenario(plan_years=5, parameters={"bargain.tenants_vote": 1}), resolved.city)
    assert projects_of(voting, plan, options).stakes.veto[:, PARTIES.index(TENANTS)].all()


def test_a_fixed_village_bargains_over_its_terms_alone(resolved: ResolvedScenario, plan: Plans) -> None:
    village = resolved.city.villages.village_id[0]
    decision = FixedVillage(
        start_year=1,
        intensity=Intensity.REBUILD,
        land_use=LAND_USES[plan.land_use[0, 0]],
        floor_area_ratio=float(plan.floor_area_ratio[0, 0]),
        facility_ratio=float(plan.facility_ratio[0, 0]),
        compensation_multiplier=1.25,
    )
    fixed = resolve(Scenario(plan_years=5, fixed={str(village): decision}), resolved.city)
    options = option_space(fixed)
    projects = projects_of(fixed, choose(options.fixed_mask, options.fixed, plan), options)
    chosen = projects.packages.plans.floor_area_ratio[projects.stakes.legal[0], 0]
    assert np.unique(chosen).tolist() == [decision.floor_area_ratio]
    assert np.unique(projects.packages.plans.land_use[projects.stakes.legal[0], 0]).size == 1
    assert np.unique(projects.multiplier[0, projects.stakes.legal[0]]).tolist() == [1.25]
    assert np.unique(projects.onsite_share[0, projects.stakes.legal[0]]).size > 1


def test_more_money_helps_villagers_and_costs_the_government_alone(projects: Projects) -> None:
    """Packages that differ by the multiplier alone: villagers gain, the developer is untouched, the government pays."""
    shares = len(projects.resolved.book.series("bargain.onsite_shares")) + 1
    low, high = shares, 6 * shares  # the plan's option and on-site share at the multipliers 1 and 1.5
    row = int(np.flatnonzero(projects.stakes.veto[:, 0])[0])
    assert projects.multiplier[row, [low, high]].tolist() == [1.0, 1.5]
    change = projects.stakes.utility[row, high] - projects.stakes.utility[row, low]
    assert change[0] > 0.0
    assert change[1] == 0.0
    assert change[2] < 0.0
    assert change[2] == pytest.approx(0.5 * projects.terms["government"]["compensation"][row, low])
    assert change[3] == 0.0


def test_what_is_agreed_on_is_a_plan(resolved: ResolvedScenario, plan: Plans, projects: Projects) -> None:
    """It has the agreed terms, the bargaining's delay on top of its own, and keeps the village that does not agree."""
    result = projects.stakes.bargain_at(projects.pivotal_ratios(1, 1)[:, 0])
    assert result.agreed.any()
    assert not result.agreed.all()
    agreed = projects.agreed_plan(result.package, result.agreed, result.delay_yr)
    renewed = agreed.start_year[0] > 0
    assert np.flatnonzero(renewed).tolist() == projects.village_idx[result.agreed].tolist()
    assert np.array_equal(agreed.start_year[0, renewed], plan.start_year[0, renewed])
    assert agreed.delay_yr is not None
    own = np.nan_to_num(plan.delay_yr)[0, renewed]
    assert agreed.delay_yr[0, renewed] == pytest.approx(own + result.delay_yr[result.agreed])
    broken = {item.rule for item in check(resolved, agreed) if not item.holds}
    assert not broken & {rule.name for rule in VILLAGE_RULES}
    again = projects_of(resolved, agreed, option_space(resolved))
    rebuilt = projects.stakes.veto[result.agreed, 0]
    terms = projects.multiplier[result.agreed, result.package[result.agreed]]
    assert np.array_equal(again.multiplier[rebuilt, 0], terms[rebuilt])


def test_no_package_breaks_a_bound_of_its_village(resolved: ResolvedScenario, projects: Projects) -> None:
    trace = Trace(resolved, projects.packages.plans, SEARCH)
    for rule in VILLAGE_RULES:
        assert rule.offenders is not None
        broken = np.asarray(rule.offenders(trace, 0.0))[:, projects.village_idx]
        assert not np.any(broken.T & projects.stakes.legal), rule.name


def test_tenants_terms_by_hand(projects: Projects, resolved: ResolvedScenario, plan: Plans) -> None:
    """Those who leave pay the zones' rents and move once; who comes back pays the market's rent and moves twice."""
    village, trace, book = int(projects.village_idx[0]), Trace(resolved, plan, SEARCH), resolved.book
    back = trace.moves.tenants_back[0, village]
    gone = trace.moves.tenants_left[0, village] - back
    zones, site_m2 = resolved.city.zones, resolved.constants.base.site_area_m2[village]
    share = resolved.constants.settlement.leaver_share[:, village]
    room_m2, years = book.number("uv.floor_per_migrant"), 1.0 / book.number("finance.discount_rate")
    before = resolved.city.villages.rent_cny_per_m2_month[village]
    market = zones.rent_cny_per_m2_month[resolved.city.villages.zone_idx[village]]
    dearer = gone * (zones.rent_cny_per_m2_month @ share - before) + back * (market - before)
    terms = projects.terms[TENANTS]
    assert back > 0.0
    assert terms["rent"][0, 0] == pytest.approx(-12.0 * room_m2 * dearer * years / site_m2)
    move = book.number("moving.cost") / book.number("built.household_size")
    assert terms["moving"][0, 0] == pytest.approx(-(gone + 2.0 * back) * move / site_m2)
    lives, n_zones = resolved.constants.lives, resolved.city.n_zones
    minutes = lives.minutes[:n_zones] @ share - lives.minutes[n_zones + village]
    hour = 0.5 * book.number("income.worker_tenant") * book.number("employment.tenant") / 174.0
    commuting = -gone * minutes / 60.0 * 2.0 * book.number("commute.days") * hour
    assert terms["commuting"][0, 0] == pytest.approx(commuting * years / site_m2)
    services, form = trace.constants.services, trace.form
    met = met_with_option(services, form.rebuilt_share, form.facility_new + form.facility_converted, form.green_land)
    stay = resolved.constants.base.tenants[village] - gone
    before, elsewhere = lives.met[n_zones + village], lives.met[:n_zones] @ share
    more = stay * (met[0, village] - before) + gone * (elsewhere - before)
    assert terms["services"][0, 0] == pytest.approx(book.number("wtp.services") * more * years / site_m2)


def test_what_the_government_values_moves_it_alone(resolved: ResolvedScenario, plan: Plans, projects: Projects) -> None:
    prices = {"parameters": {**resolved.scenario.parameters, "shadow.carbon": 1000}}
    dearer = resolve(resolved.scenario.model_copy(update=prices), resolved.city)
    other = projects_of(dearer, plan, option_space(dearer))
    assert np.array_equal(other.stakes.utility[:, :, :2], projects.stakes.utility[:, :, :2])
    carbon = projects.terms["government"]["carbon"]
    assert other.terms["government"]["carbon"] == pytest.approx(10.0 * carbon, rel=1e-12)
    assert dearer.book.digest == resolved.book.digest


def test_terms_that_hang_on_the_household_that_decides(projects: Projects) -> None:
    given_up = projects.terms_at(VILLAGERS, np.full(5, 1.2))[GIVEN_UP]
    assert given_up == pytest.approx(-1.2 * projects.stakes.given_up[:, None] + np.zeros_like(given_up))
    nothing = replace(projects.stakes, given_up=np.zeros(5))
    assert np.array_equal(nothing.utility_at(np.ones(5)), projects.stakes.utility)
